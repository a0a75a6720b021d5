//! Peaks against the obvious way of counting them, on any cut.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::arena::{Fixed, Key, Lengths};
use super::super::table::Table;
use super::*;

/// Requests of a source: blocks of (client, second).
type Blocks = Vec<Vec<(u32, u32)>>;

const CLIENTS: usize = 3;

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Client {
    peak: Peak,
    lengths: Lengths,
    padding: u8,
}

impl Fixed for Client {
    fn lengths(&self) -> Lengths {
        self.lengths
    }

    fn lengths_mut(&mut self) -> &mut Lengths {
        &mut self.lengths
    }
}

/// Counts blocks in spans that end before the blocks in `cuts`, each worker taking every `workers`th
/// span, and gives each client's peaks.
fn count(sources: &[Blocks], cuts: &[usize], workers: usize) -> (Vec<[u32; 4]>, u32) {
    let mut parts: Vec<(Peaks, Table<Client>)> = (0..workers).map(|_| Default::default()).collect();
    let mut turn = 0;
    for (series, blocks) in (0..).zip(sources) {
        for (number, block) in blocks.iter().enumerate() {
            if number == 0 || cuts.contains(&number) {
                turn += 1;
                let key = SpanKey { series, file: 0, block: number as u64 };
                parts[turn % workers].0.begin_span(key);
            } else {
                parts[turn % workers].0.begin_block();
            }
            let (peaks, clients) = &mut parts[turn % workers];
            for &(client, second) in block {
                let row = find(clients, client);
                peaks.add(0, row, &mut clients.rows_mut().counts_mut(row).peak, second);
            }
        }
    }
    let (mut whole, mut clients) = (Peaks::default(), Table::default());
    for (mut peaks, mut part) in parts {
        peaks.seal(0, part.rows_mut().rows_mut().map(|(row, client)| (row, &mut client.peak)));
        let mut moves = vec![Vec::new(); SHARDS];
        for row in part.rows().rows() {
            let name = part.rows().key(row).tail;
            let to = find(&mut clients, u32::from_le_bytes(name.try_into().unwrap()));
            clients.rows_mut().counts_mut(to).peak.raise(part.rows().counts(row).peak.most());
            moves[0].push(Move { from: row, to: Some(to) });
        }
        whole.merge(peaks, &moves);
    }
    let late = whole.late_seconds();
    let (order, fragments) = whole.resolve();
    for fragments in fragments {
        fragments
            .join(&order, |client, most| clients.rows_mut().counts_mut(client).peak.raise(most));
    }
    let rows = (0..CLIENTS as u32).map(|client| find(&mut clients, client));
    let rows: Vec<Row> = rows.collect();
    (rows.into_iter().map(|row| clients.rows().counts(row).peak.most()).collect(), late)
}

fn find(clients: &mut Table<Client>, client: u32) -> Row {
    clients.find(u64::from(client) << 32, Key::new(&client.to_le_bytes()))
}

/// The contract's words, as plainly as they can be written.
fn plainly(sources: &[Blocks]) -> Vec<[u32; 4]> {
    let mut windows: BTreeMap<(usize, usize, u32, usize), u32> = BTreeMap::new();
    for (source, blocks) in sources.iter().enumerate() {
        for &(client, second) in blocks.iter().flatten() {
            for (at, length) in WINDOW_SECONDS.iter().enumerate() {
                *windows.entry((source, at, second / length, client as usize)).or_default() += 1;
            }
        }
    }
    let mut most = vec![[0; 4]; CLIENTS];
    for ((_, at, _, client), requests) in windows {
        most[client][at] = requests.max(most[client][at]);
    }
    most
}

/// A source whose clock goes on by up to `pace` seconds a line and whose lines are up to `late`
/// seconds late.
fn source(pace: u32, late: u32) -> impl Strategy<Value = Blocks> {
    let line = (0..CLIENTS as u32, 0..=pace, 0..=late);
    let block = prop::collection::vec(line, 0..12);
    prop::collection::vec(block, 0..10).prop_map(|blocks| {
        let mut now = 1_000_000;
        let mut stamp = |(client, pace, late): (u32, u32, u32)| {
            now += pace;
            (client, now - late)
        };
        blocks.into_iter().map(|block| block.into_iter().map(&mut stamp).collect()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn peaks_are_exact_up_to_a_minute_late(
        sources in (0_u32..200).prop_flat_map(|pace| {
            prop::collection::vec(source(pace, 60), 1..3)
        }),
        cuts in prop::collection::vec(0_usize..10, 0..5),
        workers in 1_usize..4,
    ) {
        let (most, late) = count(&sources, &cuts, workers);
        prop_assert!(late <= 60);
        prop_assert_eq!(most, plainly(&sources));
    }

    #[test]
    fn peaks_do_not_depend_on_the_cutting_however_late(
        sources in (0_u32..200).prop_flat_map(|pace| {
            prop::collection::vec(source(pace, 5_000), 1..3)
        }),
        cuts in prop::collection::vec(0_usize..10, 0..5),
        workers in 1_usize..4,
    ) {
        let (most, late) = count(&sources, &cuts, workers);
        prop_assert_eq!((most, late), count(&sources, &[], 1));
    }
}

#[test]
fn a_minute_across_two_spans_is_one_minute() {
    let source = vec![vec![(0, 600), (0, 601)], vec![(0, 602), (0, 1_200)]];
    assert_eq!(count(std::slice::from_ref(&source), &[1], 2).0[0], [1, 3, 3, 3]);
    assert_eq!(
        count(&[vec![source[0].clone()], vec![source[1].clone()]], &[], 1).0[0],
        [1, 2, 2, 2]
    );
}

#[test]
fn a_rogue_clock_spoils_its_own_block_only() {
    let steady = |from: u32| (from..from + 100).map(|second| (0, second)).collect::<Vec<_>>();
    let mut rogue = steady(1_000_100);
    rogue.insert(50, (1, 4_000_000_000));
    let source = vec![steady(1_000_000), rogue, steady(1_000_200), steady(1_000_300)];
    let (most, late) = count(&[source], &[], 1);
    assert!(late > 60);
    assert_eq!(most[0][..3], [1, 10, 60]);
}

/// The rule as the head of the file states it, without laziness.
fn carefully(sources: &[Blocks]) -> Vec<[u32; 4]> {
    let mut most = vec![[0; 4]; CLIENTS];
    for source in sources {
        let mut open: BTreeMap<(u32, u32), Vec<Second>> = BTreeMap::new();
        let take = |client: u32, mut seconds: Vec<Second>, most: &mut Vec<[u32; 4]>| {
            seconds.sort_unstable();
            peaks_of(&seconds, &mut most[client as usize]);
        };
        for block in source.iter().filter(|block| !block.is_empty()) {
            for &(client, second) in block {
                open.entry((client, slot_of(second))).or_default().push((second, 1));
            }
            let end = block.iter().map(|line| line.1).max().unwrap();
            let (stay, go): (BTreeMap<_, _>, BTreeMap<_, _>) =
                std::mem::take(&mut open).into_iter().partition(|((_, s), _)| survives(*s, end));
            open = stay;
            for ((client, _), seconds) in go {
                take(client, seconds, &mut most);
            }
        }
        for ((client, _), seconds) in open {
            take(client, seconds, &mut most);
        }
    }
    most
}

/// A source whose times lie at the edges of slots and of what a second can be, some far off.
fn odd_source() -> impl Strategy<Value = Blocks> {
    const EDGES: [u32; 15] =
        [0, 1, 299, 300, 359, 360, 361, 599, 600, 660, 661, 900, 901, 959, 960];
    let base = prop::sample::select(vec![0, 1_000_200, u32::MAX - 1_200, u32::MAX - 195]);
    (base, 1_u32..2_000, 1_usize..20).prop_flat_map(|(base, width, lines)| {
        let near = (0..width).prop_map(move |offset| base.saturating_add(offset));
        let edge = prop::sample::select(&EDGES[..]);
        let edge = edge.prop_map(move |offset| base.saturating_add(offset));
        let rogue = prop_oneof![Just(0), Just(u32::MAX), Just(3_000_000_000), any::<u32>()];
        let time = prop_oneof![8 => near, 8 => edge, 1 => rogue];
        let line = (0..CLIENTS as u32, time);
        prop::collection::vec(prop::collection::vec(line, 0..lines), 0..24)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn the_rule_holds_however_late_and_however_cut(
        sources in prop_oneof![
            prop::collection::vec(odd_source(), 1..3),
            (0_u32..200, 0_u32..400).prop_flat_map(|(pace, late)| {
                prop::collection::vec(source(pace, late), 1..3)
            }),
        ],
        cuts in prop::collection::vec(0_usize..24, 0..7),
        workers in 1_usize..4,
    ) {
        let (most, late) = count(&sources, &cuts, workers);
        prop_assert_eq!(&most, &carefully(&sources));
        if late <= LATE_SECONDS_MAX {
            prop_assert_eq!(&most, &plainly(&sources));
        }
    }
}

#[test]
fn a_sum_stops_at_the_largest_number() {
    let mut most = [0; 4];
    peaks_of(&[(0, u32::MAX), (1, 1)], &mut most);
    assert_eq!(most, [u32::MAX; 4]);
}

#[test]
fn seconds_that_come_in_turns_take_no_more_room() {
    let mut older = Older::default();
    let mut number = 0;
    (0..100_000).for_each(|turn| older.push(&mut number, (600 + turn % 2, 1)));
    assert!(older.lists[0].capacity() < 100);
    let mut seconds = older.get(number).to_vec();
    join_equal(&mut seconds);
    assert_eq!(seconds, [(600, 50_000), (601, 50_000)]);
}
