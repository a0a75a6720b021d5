//! Counts merge: nothing changes them, and neither order nor grouping of the parts shows.

use std::collections::BTreeMap;

use bumpalo::Bump;
use logscan::aggregate::Aggregate;
use logscan::aggregate::counts::ErrorCounts;
use logscan::aggregate::peaks::{SpanKey, WINDOW_SECONDS};
use logscan::aggregate::roots::RootCounts;
use logscan::aggregate::shards::{Counts, RowCounts};
use logscan::options::Window;
use logscan::record::{Address, Aside, Cause, Crawl, Hit, Method, Status};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// A request of a log that was made up.
#[derive(Clone, Debug)]
struct Made {
    time: u32,
    client: u8,
    path: u8,
    status: u16,
    latency_millis: Option<u64>,
    /// Whether it is the first of a block.
    begins_block: bool,
}

impl Made {
    fn hit<'a>(&self, keys: &'a Bump) -> Hit<'a> {
        let own = |text: String| &*keys.alloc_slice_copy(text.as_bytes());
        let status = Status::from_code(self.status);
        let agent = own(format!("agent/{}", self.path % 5));
        Hit {
            time: self.time,
            status,
            is_error: status.is_client_error(),
            bytes: u64::from(self.path) * 100,
            abort: None,
            agent,
            agent_hash: logscan::classify::agents::hash(agent),
            is_page: !self.path.is_multiple_of(4),
            has_referer: self.path.is_multiple_of(2),
            is_limited: matches!(self.status, 429 | 444),
            latency_millis: self.latency_millis,
            client: own(format!("192.0.2.{}", self.client)),
            host: own(if self.path.is_multiple_of(3) {
                "shop.example".to_string()
            } else {
                String::new()
            }),
            path: own(match self.path {
                7 => "/robots.txt".to_string(),
                8 => "/login".to_string(),
                path => format!("/{path}"),
            }),
            aside: Some(keys.alloc(Aside {
                agent: u16::from(self.path),
                probe: self.path % 4,
                cause: Cause::ALL[usize::from(self.path) % Cause::ALL.len()],
                referer: own(format!("https://shop.example/{}", self.client)),
                network: u64::from(self.client),
                method: [Method::Get, Method::Head, Method::Other][usize::from(self.client % 3)],
                has_query: self.path.is_multiple_of(2),
                crawl: self.client.is_multiple_of(2).then(|| Crawl {
                    crawler: self.client,
                    is_search: self.client == 2,
                    address: Address::ALL[usize::from(self.path) % Address::ALL.len()],
                    query: own(format!("page={}", self.time)),
                }),
                location: own("/".repeat(usize::from(self.path / 4))),
            })),
        }
    }
}

/// A log whose lines are at most `late` seconds out of order.
fn log(late: u32) -> impl Strategy<Value = Vec<Made>> {
    let made = (
        prop_oneof![4 => 0_u32..3, 1 => 3_u32..500],
        0..=late,
        0_u8..5,
        0_u8..9,
        prop::sample::select(vec![200_u16, 301, 404, 404, 410, 429, 499, 500]),
        prop::option::of(0_u64..40_000),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(made, 1..160).prop_map(|rows| {
        let mut now = 1_795_000_000;
        let row = |(step, late, client, path, status, latency_millis, begins_block)| {
            now += step;
            Made { time: now - late, client, path, status, latency_millis, begins_block }
        };
        rows.into_iter().map(row).collect()
    })
}

/// The blocks of a log, which are the same however it is read.
fn blocks(log: &[Made]) -> Vec<&[Made]> {
    let mut blocks = Vec::new();
    let mut rest = log;
    while !rest.is_empty() {
        let length = rest[1..].iter().position(|made| made.begins_block);
        let (block, after) = rest.split_at(length.map_or(rest.len(), |at| at + 1));
        blocks.push(block);
        rest = after;
    }
    blocks
}

/// A worker that counted these spans, each a run of blocks with the number of its first.
fn counted(spans: &[(u64, &[&[Made]])]) -> Aggregate {
    let mut aggregate = Aggregate::default();
    for (first, blocks) in spans {
        aggregate.begin_span(SpanKey { series: 0, file: 0, block: *first });
        for (number, block) in blocks.iter().enumerate() {
            if number > 0 {
                aggregate.begin_block();
            }
            let keys = Bump::new();
            let hits: Vec<Hit<'_>> = block.iter().map(|made| made.hit(&keys)).collect();
            hits.chunks(7).for_each(|hits| aggregate.count(hits));
        }
    }
    aggregate.seal();
    aggregate
}

/// The parts of a log: spans that end where `ends` says, dealt out to workers as `owners` says.
fn parts(log: &[Made], ends: &[bool], owners: &[usize], workers: usize) -> Vec<Aggregate> {
    let blocks = blocks(log);
    let mut dealt = vec![Vec::new(); workers];
    let (mut first, mut span) = (0, 0);
    for number in 0..blocks.len() {
        if number + 1 == blocks.len() || ends[number % ends.len()] {
            let owner = owners[span % owners.len()] % workers;
            dealt[owner].push((first as u64, &blocks[first..=number]));
            (first, span) = (number + 1, span + 1);
        }
    }
    dealt.iter().map(|spans| counted(spans)).collect()
}

/// All that can be asked of counts, in an order of its own.
fn told(mut aggregate: Aggregate) -> Vec<String> {
    let finished = aggregate.finish();
    let mut told = vec![
        format!("{} {} {:?}", aggregate.requests(), aggregate.bytes(), aggregate.period()),
        format!("{finished:?} {:?}", aggregate.by_status().collect::<Vec<_>>()),
    ];
    for (status, counts) in aggregate.client_errors() {
        let (clients, paths) = (counts.clients.count(), counts.paths.count());
        let (period, times) = (counts.period.get(), counts.latencies.quantiles());
        let (requests, bytes) = (counts.requests, counts.bytes);
        told.push(format!("{status} {requests} {bytes} {clients} {paths} {period:?} {times:?}"));
    }
    let errors = |errors: Option<&ErrorCounts>| {
        errors.map(|e| (e.by_status.sorted(), e.others.count(), e.period.get(), e.limited.clone()))
    };
    let (mut rows, mut facts): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for RowCounts { key, counts, errors: with } in aggregate.paths().rows() {
        let (requests, busy) = (counts.head().requests(), counts.busy_centis());
        rows.push(format!("{key:?} {requests} {busy} {:?}", errors(with)));
    }
    for RowCounts { key, counts, errors: with } in aggregate.clients().rows() {
        let (requests, peak) = (counts.head().requests(), counts.peak());
        rows.push(format!("{key:?} {requests} {:?} {peak:?} {:?}", errors(with), counts.visits()));
    }
    rows.sort();
    told.extend(rows);
    for RowCounts { key, counts, errors: with } in aggregate.paths().rows() {
        let success = counts.success();
        let (spread, sizes) = (success.spread(), success.sizes().iter().collect::<Vec<_>>());
        let of_path = with.and_then(|errors| errors.of_path.as_deref()).map(|errors| {
            let crawlers = errors.crawlers.as_ref().map(|crawlers| {
                let mut counts: Vec<String> =
                    crawlers.iter().map(|row| format!("{row:?}")).collect();
                counts.sort();
                format!("{counts:?} {:?} {:?}", crawlers.missing, crawlers.days)
            });
            let pages = errors.referers.sorted();
            let (missing, sizes) = (errors.missing, errors.sizes.iter().collect::<Vec<_>>());
            let heads = [
                errors.queried_missing,
                errors.heads_missing,
                errors.heads_refused,
                errors.others_missing,
                errors.browsers,
            ];
            let (links, aborts) = (&errors.links, &errors.aborts);
            format!("{pages:?} {missing:?} {sizes:?} {heads:?} {links:?} {crawlers:?} {aborts:?}")
        });
        facts.push(format!("{key:?} {} {spread:?} {sizes:?} {of_path:?}", success.requests()));
    }
    for ((number, address), counts) in aggregate.crawls().crawlers() {
        facts.push(format!("{number} {address:?} {counts:?}"));
    }
    for (key, counts) in aggregate.redirects().sorted() {
        facts.push(format!("{key:?} {counts:?}"));
    }
    facts.push(format!("{:?}", aggregate.crawls().queried()));
    facts.push(format!("{} {}", aggregate.pages(), aggregate.busy_centis()));
    facts.push(format!("{:?}", aggregate.agents().iter().collect::<Vec<_>>()));
    for (key, path) in aggregate.logins().paths() {
        let windows: Vec<_> =
            path.windows().map(|(start, window)| format!("{start} {window:?}")).collect();
        let clients: Vec<_> =
            aggregate.logins().clients_of(key).iter().map(|row| format!("{row:?}")).collect();
        facts.push(format!("{key:?} {:?} {windows:?} {clients:?}", path.attempts));
    }
    for (key, counts) in aggregate.roots().sorted() {
        let RootCounts { by_status, all, verified, succeeded, missing, .. } = counts;
        let RootCounts { crawled_missing, crawled_unavailable, crawled, clients, .. } = counts;
        let periods = [succeeded, missing, crawled_missing, crawled_unavailable, crawled];
        let by_status = by_status.sorted();
        facts.push(format!("{key:?} {by_status:?} {all:?} {verified:?} {periods:?} {clients:?}"));
    }
    facts.sort();
    told.extend(facts);
    for window in [None, Window::named("1m"), Window::named("1h")] {
        told.push(format!("{:?}", aggregate.windows().breakdown(window)));
    }
    told
}

fn merged(mut one: Aggregate, other: Aggregate) -> Aggregate {
    one.merge(other);
    one
}

/// The peaks of all clients, the slow way: each window's requests are counted in a map.
fn peaks(log: &[Made]) -> BTreeMap<Vec<u8>, [u32; 4]> {
    let mut windows: BTreeMap<(u8, usize, u32), u32> = BTreeMap::new();
    for made in log {
        for (at, seconds) in WINDOW_SECONDS.iter().enumerate() {
            *windows.entry((made.client, at, made.time / seconds)).or_default() += 1;
        }
    }
    let mut peaks: BTreeMap<Vec<u8>, [u32; 4]> = BTreeMap::new();
    for ((client, at, _), requests) in windows {
        let most = peaks.entry(format!("192.0.2.{client}").into_bytes()).or_default();
        most[at] = most[at].max(requests);
    }
    peaks
}

fn check_laws(log: &[Made], ends: &[bool], owners: &[usize], order: &[usize]) {
    let whole = told(counted(&[(0, &blocks(log)[..])]));
    let parts = || parts(log, ends, owners, 4);
    let mut in_order = parts().into_iter();
    let (a, b, c, d) = (
        in_order.next().unwrap(),
        in_order.next().unwrap(),
        in_order.next().unwrap(),
        in_order.next().unwrap(),
    );
    let one = || [&a, &b, &c, &d].map(Clone::clone);
    let [w, x, y, z] = one();
    assert_eq!(told(merged(merged(merged(w, x), y), z)), whole, "from the left");
    let [w, x, y, z] = one();
    assert_eq!(told(merged(w, merged(x, merged(y, z)))), whole, "from the right");
    let [w, x, y, z] = one();
    assert_eq!(told(merged(merged(w, x), merged(y, z))), whole, "in pairs");
    let shuffled = order.iter().map(|&at| one()[at].clone());
    let shuffled = shuffled.reduce(merged).unwrap();
    assert_eq!(told(shuffled), whole, "in the order {order:?}");
    let [w, x, ..] = one();
    assert_eq!(told(merged(w.clone(), x.clone())), told(merged(x, w.clone())), "either way round");
    assert_eq!(told(merged(w.clone(), Aggregate::default())), told(w.clone()), "nothing added");
    assert_eq!(told(merged(Aggregate::default(), w.clone())), told(w), "added to nothing");
}

proptest! {
    #![proptest_config(Config { cases: 150, failure_persistence: None, ..Config::default() })]

    #[test]
    fn parts_of_a_log_merge_in_any_order(
        log in prop_oneof![log(0), log(60), log(2_000)],
        ends in prop::collection::vec(any::<bool>(), 1..20),
        owners in prop::collection::vec(0_usize..4, 1..8),
        order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
    ) {
        check_laws(&log, &ends, &owners, &order);
    }

    #[test]
    fn peaks_are_exact_where_no_line_is_over_a_minute_late(
        log in log(60),
        ends in prop::collection::vec(any::<bool>(), 1..20),
        owners in prop::collection::vec(0_usize..4, 1..8),
    ) {
        let mut all = parts(&log, &ends, &owners, 4).into_iter().reduce(merged).unwrap();
        prop_assert!(all.finish().peaks_exact);
        let found: BTreeMap<Vec<u8>, [u32; 4]> =
            all.clients().rows().map(|row| (row.key.tail.to_vec(), row.counts.peak())).collect();
        prop_assert_eq!(found, peaks(&log));
    }
}

#[test]
fn nothing_merged_with_nothing_is_nothing() {
    let nothing = merged(Aggregate::default(), Aggregate::default());
    assert_eq!(told(nothing), told(Aggregate::default()));
    assert_eq!(Aggregate::default().requests(), 0);
}
