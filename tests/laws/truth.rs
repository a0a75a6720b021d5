//! A scan finds what the generator of logs knows that it wrote.

use std::collections::BTreeMap;

use logscan::options::{Layout, Options};
use logscan::report::Report;
use logscan::scan::scan;

use crate::common::{self, Fixture};
use crate::corpus::{Corpus, Kind, Truth};

fn written(corpus: &Corpus) -> (Vec<u8>, Truth) {
    let mut log = Vec::new();
    let truth = corpus.write(&mut log).unwrap();
    (log, truth)
}

fn scanned(log: &[u8]) -> Report {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), log).unwrap();
    let layout = Layout { block_bytes: 1 << 16, ..Layout::default() };
    let sources = vec![file.path().to_path_buf()];
    scan(&Options { sources, layout, ..Options::default() }, &()).unwrap()
}

fn compare(kind: Kind, report: &Report, truth: &Truth) {
    let totals = &report.totals;
    assert_eq!((report.input.lines, report.input.parsed), (truth.lines, truth.lines), "{kind:?}");
    assert_eq!((totals.requests, totals.bytes), (truth.lines, truth.body_bytes), "{kind:?}");
    assert_eq!((totals.clients, totals.paths), (truth.clients, truth.paths), "{kind:?}");
    let by_status: BTreeMap<u16, u64> = totals
        .by_status
        .iter()
        .map(|(status, requests)| (status.to_string().parse().unwrap(), *requests))
        .collect();
    assert_eq!(by_status, truth.by_status, "{kind:?}");
    assert_eq!(report.client_errors.requests, truth.client_errors, "{kind:?}");
    let period = report.period.map(|(first, last)| (i64::from(first), i64::from(last)));
    assert_eq!(period, Some((truth.first, truth.last)), "{kind:?}");
    // The generator does not let the addresses compete that it makes up for one request each.
    let top_path = report
        .client_errors
        .by_path
        .first()
        .map(|row| (String::from_utf8_lossy(row.key.path.bytes()).into_owned(), row.requests));
    assert_eq!(top_path, truth.top_path, "{kind:?}");
    let top_client = report
        .client_errors
        .by_client
        .first()
        .map(|row| (String::from_utf8_lossy(row.client.bytes()).into_owned(), row.requests));
    assert_eq!(top_client, truth.top_client, "{kind:?}");
}

#[test]
fn every_kind_of_log_is_counted_as_it_was_written() {
    for kind in [Kind::Day, Kind::Ordinary, Kind::Unique, Kind::Timed] {
        for (seed, lines) in [(2026, 8_000), (7, 501)] {
            let corpus = Corpus { seed, lines, ..Corpus::new(kind) };
            let (log, truth) = written(&corpus);
            compare(kind, &scanned(&log), &truth);
        }
    }
}

#[test]
fn the_log_of_the_readme_is_what_the_generator_writes() {
    let (log, truth) = written(&Corpus::new(Kind::Day));
    assert!(Fixture::read("logs", common::README_LOG).text == log, "see testdata/README.md");
    compare(Kind::Day, &scanned(&log), &truth);
}
