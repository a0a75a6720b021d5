//! How fast lines become records: each format on its own samples, then an ordinary log.
//!
//! `cargo bench --bench parse`; with `-- --test` everything runs once, as a test.

use std::hint::black_box;
use std::time::Duration;

use bumpalo::Bump;
use criterion::{Criterion, Throughput};
use logscan::input::lines::Lines;
use logscan::options::Simd;
use logscan::parse::{FORMATS, Formats, Marks, State, Tools};
use logscan::record::Said;

#[path = "corpus/mod.rs"]
mod corpus;

use corpus::{Corpus, Kind, Truth};

/// Enough lines that no cache but the last holds them.
const LINES: u64 = 100_000;

/// As much as a scan looks at in one pass.
const WINDOW_BYTES: usize = 16 << 10;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    samples(&mut criterion);
    log(&mut criterion, "ordinary", Kind::Ordinary);
    log(&mut criterion, "timed", Kind::Timed);
    criterion.final_summary();
}

/// Each sample of each format, over and over.
fn samples(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("samples");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    for format in FORMATS {
        for (number, line) in format.samples.lines().into_iter().enumerate() {
            let (mut state, mut marks) = (State::default(), Marks::default());
            let mut arena = Bump::new();
            let formats = Formats::new(&[format]);
            group.throughput(Throughput::Bytes(line.len() as u64));
            group.bench_function(format!("{}/{number}", format.id), |bencher| {
                bencher.iter(|| {
                    let text = black_box(line);
                    let mut tools = Tools { arena: &arena, state: &mut state };
                    assert!(formats.read(marks.line(text), Some(0), &mut tools).is_ok());
                    arena.reset();
                });
            });
        }
    }
    group.finish();
}

/// All lines of a generated log, by each way of looking at bytes that the machine has.
fn log(criterion: &mut Criterion, name: &str, kind: Kind) {
    let mut text = Vec::new();
    let corpus = Corpus { lines: LINES, ..Corpus::new(kind) };
    let truth = corpus.write(&mut text).expect("memory takes all that is written");
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Bytes(truth.bytes));
    for simd in Simd::ALL {
        assert_eq!(count(&text, simd), wanted(&truth));
        group.bench_function(format!("{simd:?}"), |bencher| {
            bencher.iter(|| {
                let counted = count(black_box(&text), simd);
                assert_eq!(counted, wanted(&truth));
            });
        });
    }
    group.finish();
}

/// What can be counted without a table.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    records: u64,
    client_errors: u64,
    body_bytes: u64,
}

fn count(text: &[u8], simd: Simd) -> Counted {
    let (mut state, mut marks) = (State::default(), Marks::new(Some(simd)));
    let arena = Bump::new();
    let formats = Formats::new(FORMATS);
    let mut counted = Counted::default();
    for window in Lines::new(text).windows(WINDOW_BYTES) {
        let mut unread = marks.find(window);
        loop {
            let record = match formats.read_usual(&mut unread, &mut state.clock) {
                Some(record) => Some(record),
                None => match unread.take() {
                    Some(line) => {
                        let mut tools = Tools { arena: &arena, state: &mut state };
                        match formats.read(line, None, &mut tools) {
                            Ok((Said::Request(record), _)) => Some(record),
                            _ => None,
                        }
                    }
                    None => break,
                },
            };
            if let Some(record) = record {
                counted.records += 1;
                counted.client_errors += u64::from(record.status.is_client_error());
                counted.body_bytes += record.bytes;
            }
        }
    }
    counted
}

fn wanted(truth: &Truth) -> Counted {
    Counted {
        records: truth.lines,
        client_errors: truth.client_errors,
        body_bytes: truth.body_bytes,
    }
}
