//! What limits would have done to the requests of a log.
//!
//! A replay is open: those who are turned away would have come again, or not at all, and a page that is refused
//! asks for none of its parts. It tells what the limit would have done to the requests that there were.

mod bounds;
mod people;
mod suggest;
mod timeline;

use std::cmp::Reverse;
use std::collections::HashMap;

use hdrhistogram::Histogram;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::limit_req::{self, Bucket, Delay, Limit, Outcome, Rate};
use crate::options::{FormatChoice, MemoryLimit, Options};
use crate::report::replay::{Asked, GridRow, Hit, KindOutcomes, Outcomes, Replay, Span, Waits};
use crate::report::{ClientKind, Report};
use crate::scan::arrivals::{Arrivals, Moment, Part, Scope, Wanted};
use crate::scan::{self, Counted, Watch};
use crate::select;
use crate::untrusted::Untrusted;
use people::People;
use timeline::{Rule, Timeline};

/// A limit that is replayed.
#[derive(Clone, Debug)]
pub struct LimitAsked {
    /// Its rate.
    pub rate: Rate,
    /// Its burst.
    pub burst: u32,
    /// Its delay.
    pub delay: Delay,
    /// Which requests it is for, and by which key.
    pub scope: Scope,
    /// The same in words.
    pub asked: Asked,
}

impl LimitAsked {
    fn rule(&self) -> Rule {
        Rule::new(Limit::new(self.rate, self.burst, self.delay), self.delay)
    }
}

/// What a replay was asked for.
#[derive(Clone, Debug, Default)]
pub struct ReplayAsked {
    /// The limits, in the order of the configuration.
    pub limits: Vec<LimitAsked>,
    /// Points of a grid: the first limit with another rate and burst.
    pub grid: Vec<(Rate, u32)>,
    /// Whether limits are to be suggested.
    pub suggest: bool,
    /// So many of the clients that were turned away most; `None` is all.
    pub rows: Option<usize>,
}

/// A request with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Keyed {
    key: u64,
    moment: Moment,
    client: u64,
}

/// What happened to a client.
#[derive(Clone, Copy, Debug, Default)]
struct ClientOutcomes {
    outcomes: Outcomes,
    rejected: u64,
    delayed: u64,
    first_rejected: Option<u32>,
    last_rejected: Option<u32>,
}

impl ClientOutcomes {
    fn tell(&mut self, time_millis: u64, outcome: Outcome) {
        if let Outcome::Rejected { .. } = outcome {
            let second = u32::try_from(time_millis / 1_000).unwrap_or(u32::MAX);
            self.rejected += 1;
            self.first_rejected =
                Some(self.first_rejected.map_or(second, |first| first.min(second)));
            self.last_rejected = self.last_rejected.max(Some(second));
        } else {
            self.delayed += 1;
        }
    }

    fn merge(&mut self, other: ClientOutcomes) {
        self.outcomes.add(other.outcomes);
        self.rejected += other.rejected;
        self.delayed += other.delayed;
        self.first_rejected = match (self.first_rejected, other.first_rejected) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.last_rejected = self.last_rejected.max(other.last_rejected);
    }
}

/// What happened to some keys.
#[derive(Clone, Debug, Default)]
struct Told {
    outcomes: Outcomes,
    keys: u64,
    keys_rejected: u64,
    clients: HashMap<u64, ClientOutcomes>,
    waits: Option<Box<Histogram<u64>>>,
    /// By point of the grid.
    grid: Vec<GridTold>,
}

#[derive(Clone, Copy, Debug, Default)]
struct GridTold {
    outcomes: Outcomes,
    people_rejected: u64,
    crawlers_rejected: u64,
}

/// The longest wait that is told: a day.
const WAIT_MILLIS_MAX: u64 = 86_400_000;

impl Told {
    fn wait(&mut self, millis: u64) {
        let empty = || {
            Box::new(Histogram::new_with_max(WAIT_MILLIS_MAX, 3).expect("these bounds are legal"))
        };
        self.waits.get_or_insert_with(empty).saturating_record(millis);
    }

    fn merge(mut self, mut other: Told) -> Told {
        if self.clients.len() < other.clients.len() {
            std::mem::swap(&mut self.clients, &mut other.clients);
        }
        for (client, outcomes) in other.clients {
            self.clients.entry(client).or_default().merge(outcomes);
        }
        self.outcomes.add(other.outcomes);
        self.keys += other.keys;
        self.keys_rejected += other.keys_rejected;
        match (&mut self.waits, other.waits) {
            (Some(mine), Some(other)) => mine.add(&*other).expect("bounds are the same"),
            (mine @ None, other) => *mine = other,
            (Some(_), None) => {}
        }
        if self.grid.is_empty() {
            self.grid = other.grid;
        } else {
            for (mine, other) in self.grid.iter_mut().zip(other.grid) {
                mine.outcomes.add(other.outcomes);
                mine.people_rejected += other.people_rejected;
                mine.crawlers_rejected += other.crawlers_rejected;
            }
        }
        self
    }
}

/// What part of the memory limit requests may take: as much again is needed to sort them, and as much for tables.
const MEMORY_PART: u64 = 4;

/// Reads all sources and replays them against limits.
///
/// # Errors
///
/// Those of [`scan::scan`]; more requests than there is memory for, where they cannot be read in parts.
pub fn replay(
    options: &Options,
    asked: &ReplayAsked,
    watch: &dyn Watch,
) -> Result<(Replay, Report)> {
    if asked.suggest && !is_rereadable(options) {
        return Err(Error::Usage(
            "--suggest needs logs that can be read twice: save what comes through the pipe to a file".to_string(),
        ));
    }
    let limit_bytes = options.memory_limit.0.max(MemoryLimit::MIN.0);
    let words_max = usize::try_from(limit_bytes / MEMORY_PART / 8).unwrap_or(usize::MAX);
    let own = Options {
        memory_limit: MemoryLimit((limit_bytes / 2).max(MemoryLimit::MIN.0)),
        ..options.clone()
    };
    let scopes = match &asked.limits[..] {
        // What is suggested is by client.
        [] => vec![Scope { parts: vec![Part::Client], paths: Vec::new(), methods: Vec::new() }],
        limits => limits.iter().map(|limit| limit.scope.clone()).collect(),
    };
    let mut wanted = Wanted { scopes, words_max, share: (0, 1) };
    let mut counted = scan::collect(&own, watch, &wanted)?;
    let shares = counted.arrivals.words().div_ceil(words_max as u64).max(1);
    let can_share = asked.limits.len() == 1 && !asked.suggest && is_rereadable(options);
    if shares > 1 && !can_share {
        return Err(Error::Usage(format!(
            "{} requests are too many to replay in {} MiB; give a larger --memory-limit, or keep fewer with --since, \
             --until, --path or --client",
            counted.report.totals.requests,
            limit_bytes >> 20
        )));
    }
    let lists = select::crawler_lists(options);
    let has_addresses = options.real_ip.is_some() || !scan::is_behind_proxy(&counted.aggregate);
    let mut told = Told::default();
    let mut flags = Flags::default();
    // A number of shares that keys are dealt to evenly, and some room.
    let shares = if shares > 1 { shares * 5 / 4 + 1 } else { 1 };
    let people = People::new(&counted.aggregate, &lists, has_addresses);
    let late_millis = late_millis(asked, &counted.arrivals);
    for share in 0..shares {
        if shares > 1 {
            watch.restart();
            wanted.share = (share, shares);
            counted.arrivals = scan::collect(&own, watch, &wanted)?.arrivals;
            if counted.arrivals.is_over() {
                return Err(Error::Usage(
                    "one key has more requests than there is memory for; give a larger --memory-limit".to_string(),
                ));
            }
        }
        flags.add(&counted.arrivals);
        told = told.merge(run(&counted.arrivals, asked, &people, late_millis));
    }
    let mut replay = tell(&counted, asked, told, flags, &people);
    replay.late_seconds = if flags.untimed > 0 { late_millis as f64 / 1e3 } else { 0.0 };
    drop(people);
    Ok((replay, counted.report))
}

fn is_rereadable(options: &Options) -> bool {
    let is_file = |path: &std::path::PathBuf| {
        path.as_os_str() != "-"
            && std::fs::metadata(path).is_ok_and(|meta| meta.is_file() || meta.is_dir())
    };
    // With a configuration alone, the logs that it names are read.
    let has_conf = matches!(options.formats, FormatChoice::NginxConf(_));
    (!options.sources.is_empty() || has_conf) && options.sources.iter().all(is_file)
}

/// What is known of the times of requests.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    coarse: u64,
    untimed: u64,
    turned_away: u64,
}

impl Flags {
    fn add(&mut self, arrivals: &Arrivals) {
        for (moment, ..) in arrivals.rows() {
            self.coarse += u64::from(moment.is_coarse());
            self.untimed += u64::from(moment.is_untimed());
            self.turned_away += u64::from(moment.is_turned_away());
        }
    }
}

/// By how much requests may have come before their ends, where ends are all that the log has: where some were
/// turned away by a limit others may have waited for it, and that was a limit such as these for all one knows.
fn late_millis(asked: &ReplayAsked, arrivals: &Arrivals) -> u64 {
    let waits = asked.limits.iter().map(|limit| limit.rule().limit.longest_wait_millis());
    waits.max().filter(|_| arrivals.has_turned_away()).unwrap_or(0)
}

/// Replays.
fn run(arrivals: &Arrivals, asked: &ReplayAsked, people: &People<'_>, late_millis: u64) -> Told {
    match &asked.limits[..] {
        [] => Told::default(),
        [limit] => {
            let rows = keyed(arrivals, 0);
            run_alone(&rows, &limit.rule(), asked, people, late_millis)
        }
        limits => run_together(arrivals, limits, late_millis),
    }
}

/// The requests that a limit is for, by key and time.
fn keyed(arrivals: &Arrivals, limit: usize) -> Vec<Keyed> {
    let rows = arrivals.rows().filter(|(.., keys)| keys[limit] != 0);
    let mut rows: Vec<Keyed> =
        rows.map(|(moment, client, keys)| Keyed { key: keys[limit], moment, client }).collect();
    rows.par_sort_unstable();
    rows
}

/// One limit: each key by itself.
fn run_alone(
    rows: &[Keyed],
    rule: &Rule,
    asked: &ReplayAsked,
    people: &People<'_>,
    late_millis: u64,
) -> Told {
    let grid: Vec<Rule> = asked
        .grid
        .iter()
        .map(|(rate, burst)| {
            let delay = asked.limits[0].delay;
            Rule::new(Limit::new(*rate, *burst, delay), delay)
        })
        .collect();
    let is_by_client = asked.limits[0].scope.has_client();
    let of_key = |(mut told, mut timeline): (Told, Timeline), key: &[Keyed]| {
        timeline.fill(key.iter().map(|row| row.moment));
        told.grid.resize(grid.len(), GridTold::default());
        offer_key(&mut told, &timeline, rule, key, is_by_client);
        for (point, rule) in told.grid.iter_mut().zip(&grid) {
            offer_point(point, &timeline, rule, key, is_by_client, people);
        }
        (told, timeline)
    };
    let keys = rows.par_chunk_by(|one, other| one.key == other.key);
    let none = || (Told::default(), Timeline::late(late_millis));
    let told = keys.fold(none, of_key).map(|(told, _)| told);
    told.reduce(Told::default, Told::merge)
}

fn offer_key(told: &mut Told, timeline: &Timeline, rule: &Rule, key: &[Keyed], is_by_client: bool) {
    let mut waits = Vec::new();
    let outcomes = match is_by_client {
        true => {
            let client = told.clients.entry(key[0].client).or_default();
            let outcomes = timeline.offer(rule, |_, time, outcome| {
                client.tell(time, outcome);
                if let Outcome::Delayed { millis } = outcome {
                    waits.push(millis);
                }
            });
            client.outcomes.add(outcomes);
            outcomes
        }
        false => {
            let clients = &mut told.clients;
            for row in key {
                clients.entry(row.client).or_default().outcomes.add(unsure(Outcome::Passed));
            }
            timeline.offer(rule, |at, time, outcome| {
                let client = clients.entry(key[at].client).or_default();
                client.tell(time, outcome);
                client.outcomes.passed.likely -= 1;
                match outcome {
                    Outcome::Rejected { .. } => client.outcomes.rejected.likely += 1,
                    _ => client.outcomes.delayed.likely += 1,
                }
                if let Outcome::Delayed { millis } = outcome {
                    waits.push(millis);
                }
            })
        }
    };
    waits.into_iter().for_each(|millis| told.wait(millis));
    told.keys += 1;
    told.keys_rejected += u64::from(outcomes.rejected.likely > 0);
    told.outcomes.add(outcomes);
}

/// What became of one request among others with its key, which another of them may have met instead.
fn unsure(outcome: Outcome) -> Outcomes {
    let one = |is_it: bool| Span { least: 0, likely: is_it.into(), most: 1 };
    Outcomes {
        requests: 1,
        passed: one(outcome == Outcome::Passed),
        delayed: one(matches!(outcome, Outcome::Delayed { .. })),
        rejected: one(matches!(outcome, Outcome::Rejected { .. })),
    }
}

fn offer_point(
    point: &mut GridTold,
    timeline: &Timeline,
    rule: &Rule,
    key: &[Keyed],
    is_by_client: bool,
    people: &People<'_>,
) {
    let outcomes = timeline.offer(rule, |_, _, _| {});
    point.outcomes.add(outcomes);
    if is_by_client && outcomes.rejected.likely > 0 {
        let who = people.get(key[0].client);
        point.people_rejected += u64::from(who.is_some_and(|who| who.is_person));
        let is_crawler = who.is_some_and(|who| who.kind == ClientKind::VerifiedCrawler);
        point.crawlers_rejected += u64::from(is_crawler);
    }
}

/// Several limits: one request after the other, for they bear on each other.
fn run_together(arrivals: &Arrivals, limits: &[LimitAsked], late_millis: u64) -> Told {
    let rules: Vec<Rule> = limits.iter().map(LimitAsked::rule).collect();
    let mut rows: Vec<(Moment, u64, &[u64])> = arrivals.rows().collect();
    rows.par_sort_unstable();
    let mut told = Told::default();
    let mut buckets: Vec<HashMap<u64, Bucket>> = vec![HashMap::new(); limits.len()];
    let mut likely = Outcomes { requests: rows.len() as u64, ..Outcomes::default() };
    let spread = spread_over_seconds(&rows);
    for (at, time) in spread {
        let (_, client, keys) = rows[at as usize];
        let mut asked: Vec<(&Limit, Option<&mut Bucket>)> = rules
            .iter()
            .zip(&mut buckets)
            .zip(keys)
            .map(|((rule, buckets), key)| {
                (&rule.limit, (*key != 0).then(|| buckets.entry(*key).or_default()))
            })
            .collect();
        let outcome = limit_req::offer_all(&mut asked, time).outcome;
        let row = told.clients.entry(client).or_default();
        row.outcomes.add(unsure(outcome));
        match outcome {
            Outcome::Passed => likely.passed.likely += 1,
            Outcome::Delayed { .. } => likely.delayed.likely += 1,
            Outcome::Rejected { .. } => likely.rejected.likely += 1,
        }
        if outcome != Outcome::Passed {
            row.tell(time, outcome);
        }
        if let Outcome::Delayed { millis } = outcome {
            told.wait(millis);
        }
    }
    // Whoever is turned away by one of them is counted by none: so no more are turned away than by all of them
    // alone, and no fewer than by the strictest.
    let alone: Vec<Outcomes> =
        rules.iter().enumerate().map(|(at, rule)| alone(arrivals, at, rule, late_millis)).collect();
    let requests = likely.requests;
    let most_rejected = alone.iter().map(|one| one.rejected.most).sum::<u64>().min(requests);
    let least_rejected = alone.iter().map(|one| one.rejected.least).max().unwrap_or(0);
    let most_held =
        alone.iter().map(|one| one.rejected.most + one.delayed.most).sum::<u64>().min(requests);
    let most_delayed =
        alone.iter().map(|one| one.delayed.most).sum::<u64>().min(requests - least_rejected);
    let span = |least: u64, likely: u64, most: u64| Span {
        least: least.min(likely),
        likely,
        most: most.max(likely),
    };
    told.outcomes = Outcomes {
        requests,
        passed: span(requests - most_held, likely.passed.likely, requests - least_rejected),
        delayed: span(0, likely.delayed.likely, most_delayed),
        rejected: span(least_rejected, likely.rejected.likely, most_rejected),
    };
    told.keys = buckets.iter().map(|buckets| buckets.len() as u64).sum();
    told
}

/// What a limit alone would have done.
fn alone(arrivals: &Arrivals, limit: usize, rule: &Rule, late_millis: u64) -> Outcomes {
    let rows = keyed(arrivals, limit);
    let of_key = |(mut outcomes, mut timeline): (Outcomes, Timeline), key: &[Keyed]| {
        timeline.fill(key.iter().map(|row| row.moment));
        outcomes.add(timeline.offer(rule, |_, _, _| {}));
        (outcomes, timeline)
    };
    let keys = rows.par_chunk_by(|one, other| one.key == other.key);
    let all = keys
        .fold(|| (Outcomes::default(), Timeline::late(late_millis)), of_key)
        .map(|(outcomes, _)| outcomes);
    all.reduce(Outcomes::default, |mut one, other| {
        one.add(other);
        one
    })
}

/// The places of requests with their times: what came in one second is spread over it.
fn spread_over_seconds(rows: &[(Moment, u64, &[u64])]) -> Vec<(u32, u64)> {
    let mut times = Vec::with_capacity(rows.len());
    let is_one = |one: &(Moment, u64, &[u64]), other: &(Moment, u64, &[u64])| {
        one.0.millis() == other.0.millis() && one.0.is_coarse() == other.0.is_coarse()
    };
    let mut at = 0;
    for group in rows.chunk_by(is_one) {
        let count = group.len() as u64;
        let step = if group[0].0.is_coarse() { 1_000 } else { 0 };
        for number in 0..count {
            times.push((at, group[0].0.millis() + number * step / count));
            at += 1;
        }
    }
    times.sort_by_key(|(_, time)| *time);
    times
}

/// All that there is to tell.
fn tell(
    counted: &Counted,
    asked: &ReplayAsked,
    told: Told,
    flags: Flags,
    people: &People<'_>,
) -> Replay {
    let Counted { report, arrivals, .. } = counted;
    let mut by_kind = vec![KindOutcomes::default(); ClientKind::ALL.len()];
    let mut worst = Vec::new();
    for (client, told) in &told.clients {
        let kind = &mut by_kind[people.kind(*client) as usize];
        kind.outcomes.add(told.outcomes);
        kind.clients += 1;
        kind.clients_rejected += u64::from(told.rejected > 0);
        if told.rejected > 0 {
            worst.push((*client, told));
        }
    }
    let worst = worst_of(worst, people, asked.rows);
    let by_kind = ClientKind::ALL.iter().copied().zip(by_kind).filter(|(_, kind)| kind.clients > 0);
    let grid = asked.grid.iter().zip(&told.grid).map(|((rate, burst), point)| GridRow {
        rate: rate.to_string(),
        burst: *burst,
        outcomes: point.outcomes,
        people_rejected: point.people_rejected,
        crawlers_rejected: point.crawlers_rejected,
    });
    let suggestions = match asked.suggest {
        true => suggest::suggest(arrivals, people, asked.rows),
        false => Vec::new(),
    };
    let seconds =
        |histogram: &Histogram<u64>, quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
    Replay {
        limits: asked.limits.iter().map(|limit| limit.asked.clone()).collect(),
        lines: report.input.sources.iter().map(|source| source.lines).sum(),
        requests: report.totals.requests,
        period: report.period,
        coarse: flags.coarse,
        untimed: flags.untimed,
        turned_away: flags.turned_away,
        late_seconds: 0.0,
        outcomes: told.outcomes,
        keys: told.keys,
        keys_rejected: told.keys_rejected,
        by_kind: by_kind.collect(),
        worst,
        waits: told.waits.as_deref().map(|waits| Waits {
            p50_seconds: seconds(waits, 0.5),
            p95_seconds: seconds(waits, 0.95),
            max_seconds: waits.max() as f64 / 1e3,
        }),
        grid: grid.collect(),
        suggestions,
        nginx: None,
    }
}

/// Those who were turned away most.
fn worst_of(
    mut clients: Vec<(u64, &ClientOutcomes)>,
    people: &People<'_>,
    rows: Option<usize>,
) -> Vec<Hit> {
    let name = |hash: &u64| people.get(*hash).map_or(&b""[..], |who| who.client);
    clients.sort_by_key(|(hash, told)| (Reverse(told.rejected), name(hash)));
    clients.truncate(rows.unwrap_or(usize::MAX));
    let hit = |(hash, told): (u64, &ClientOutcomes)| {
        let who = people.get(hash);
        Hit {
            client: Untrusted::new(name(&hash)),
            kind: people.kind(hash),
            agent: who.and_then(|who| who.agent).map(Untrusted::new),
            requests: told.outcomes.requests,
            rejected: told.rejected,
            delayed: told.delayed,
            first_rejected: told.first_rejected,
            last_rejected: told.last_rejected,
        }
    };
    clients.into_iter().map(hit).collect()
}
