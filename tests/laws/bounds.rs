//! Where memory does not do, every count is right to within what the report says, and the report is
//! the same for every way of reading.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use logscan::options::{Layout, MemoryLimit, Options};
use logscan::report::{Report, TableLimits};
use logscan::scan::{Watch, scan};

use crate::common::{self, Fixture};
use crate::corpus::{Corpus, Kind};
use crate::ways::{Place, Way};

/// A limit under which a log is looked at every few kilobytes.
const LIMIT: MemoryLimit = MemoryLimit(1 << 20);

fn options(table_bytes: u64, threads: usize, chunk_bytes: usize) -> Options {
    let layout = Layout {
        chunk_bytes,
        block_bytes: 8 << 10,
        table_bytes: Some(table_bytes),
        ..Layout::default()
    };
    Options { threads: Some(threads), memory_limit: LIMIT, layout, ..Options::default() }
}

fn logs() -> Vec<(&'static str, Vec<u8>)> {
    let generated = |kind, lines| {
        let mut log = Vec::new();
        Corpus { lines, ..Corpus::new(kind) }.write(&mut log).unwrap();
        log
    };
    vec![
        ("unique", generated(Kind::Unique, 12_000)),
        ("ordinary", generated(Kind::Ordinary, 12_000)),
        ("readme", Fixture::read("logs", common::README_LOG).text),
    ]
}

/// A row's key, and all its counts.
type Counts = HashMap<(Vec<u8>, Vec<u8>), Vec<u64>>;

fn paths(report: &Report) -> Counts {
    let rows = report.client_errors.by_path.iter().map(|row| {
        let host = row.key.host.as_ref().map_or(Vec::new(), |host| host.bytes().to_vec());
        ((row.key.path.bytes().to_vec(), host), vec![row.requests, row.total_requests, row.clients])
    });
    rows.collect()
}

fn clients(report: &Report) -> Counts {
    let rows = report.client_errors.by_client.iter().map(|row| {
        let peaks = row.peak.map(u64::from);
        let counts = [row.requests, row.total_requests, row.paths].into_iter().chain(peaks);
        ((row.client.bytes().to_vec(), Vec::new()), counts.collect())
    });
    rows.collect()
}

/// Each count is at most as large as the exact one and at most `max_error` smaller; a row that is not
/// there had no more.
fn hold(name: &str, bounded: &Counts, exact: &Counts, limits: TableLimits) {
    for (key, counts) in bounded {
        let exact = &exact[key];
        for (&count, &exact) in counts.iter().zip(exact) {
            assert!(count <= exact && exact <= count + limits.max_error, "{name}: {key:?}");
        }
    }
    for (key, counts) in exact.iter().filter(|(key, _)| !bounded.contains_key(*key)) {
        assert!(counts[0] <= limits.max_error, "{name}: {key:?} is missing");
    }
}

#[test]
fn every_count_is_right_to_within_its_bound() {
    for (name, log) in logs() {
        let place = Place::new();
        place.put(Way::Plain, &log);
        let read = |options: Options| {
            scan(&Options { sources: vec![place.path()], ..options }, &()).unwrap()
        };
        let exact = read(options(1 << 30, 1, 1 << 16));
        assert!(exact.limits.exact);
        let mut was_bounded = false;
        for table_bytes in [2_000_000, 300_000, 60_000, 0] {
            let bounded = read(options(table_bytes, 2, 1 << 16));
            let limits = &bounded.limits;
            was_bounded |= !limits.exact;
            assert_eq!(limits.exact, limits.paths.max_error + limits.clients.max_error == 0);
            hold(name, &paths(&bounded), &paths(&exact), limits.paths);
            hold(name, &clients(&bounded), &clients(&exact), limits.clients);
            assert_eq!(bounded.totals.by_status, exact.totals.by_status, "{name}");
            assert_eq!(bounded.client_errors.requests, exact.client_errors.requests, "{name}");
            assert_eq!(bounded.client_errors.by_window, exact.client_errors.by_window, "{name}");
            for (estimate, exact) in [
                (bounded.totals.paths, exact.totals.paths),
                (bounded.totals.clients, exact.totals.clients),
            ] {
                // Three standard errors of the sketch.
                assert!(estimate.abs_diff(exact) as f64 <= 0.0172 * exact as f64, "{name}");
            }
        }
        assert!(was_bounded, "{name}");
    }
}

#[test]
fn a_bounded_report_is_the_same_however_the_log_is_read() {
    for (name, log) in logs() {
        let place = Place::new();
        for table_bytes in [300_000, 60_000] {
            place.put(Way::Plain, &log);
            let wanted = place.report_of(Way::Plain, &log, options(table_bytes, 1, log.len()));
            for way in [Way::Plain, Way::Gzip, Way::GzipMembers, Way::Zstd, Way::Fifo] {
                place.put(way, &way.pack(&log));
                for threads in [1, 2, 7] {
                    for chunk_bytes in [997, 4_096, 8 << 10, 100_000, log.len()] {
                        let got =
                            place.report_of(way, &log, options(table_bytes, threads, chunk_bytes));
                        assert!(got == wanted, "{name}, {way:?}, {threads}, {chunk_bytes}");
                    }
                }
            }
        }
    }
}

#[test]
fn real_logs_are_bounded_as_made_up_ones_are() {
    const TABLE_BYTES: u64 = 20_000;
    let (mut logs, mut bounded_logs) = (0, 0);
    for path in common::real_logs() {
        let (place, log) = (Place::new(), std::fs::read(&path).unwrap());
        let log = if log.starts_with(&[0x1f, 0x8b]) { common::unpacked(&log) } else { log };
        place.put(Way::Plain, &log);
        let read =
            |options: Options| scan(&Options { sources: vec![place.path()], ..options }, &());
        // What is in no format of this program is read elsewhere.
        let Ok(exact) = read(options(1 << 30, 1, 1 << 16)) else { continue };
        let bounded = read(options(TABLE_BYTES, 2, 1 << 16)).unwrap();
        let name = path.display().to_string();
        hold(&name, &paths(&bounded), &paths(&exact), bounded.limits.paths);
        hold(&name, &clients(&bounded), &clients(&exact), bounded.limits.clients);
        logs += 1;
        if bounded.limits.exact {
            continue;
        }
        bounded_logs += 1;
        let report = |threads, chunk_bytes| {
            place.report_of(Way::Plain, &log, options(TABLE_BYTES, threads, chunk_bytes))
        };
        let wanted = report(1, log.len());
        for threads in [1, 2, 7] {
            for chunk_bytes in [997, 4_096, 8 << 10, 100_000, log.len()] {
                assert!(report(threads, chunk_bytes) == wanted, "{name}, {threads}, {chunk_bytes}");
            }
        }
    }
    eprintln!("{logs} real logs, {bounded_logs} of them with more keys than the limit allows");
}

/// Counts how often a scan begins again.
#[derive(Default)]
struct Restarts(AtomicUsize);

impl Watch for Restarts {
    fn restart(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Lines that ask for `keys` paths, from as many clients.
fn log_of(lines: usize, keys: usize) -> Vec<u8> {
    let line = |number: usize| {
        let key = number * 7_919 % keys;
        let (a, b) = (key / 256, key % 256);
        format!(
            "10.9.{a}.{b} - - [21/Nov/2026:14:05:09 +0000] \"GET /a/{key} HTTP/1.1\" 404 5 \"-\" \"-\"\n"
        )
    };
    (0..lines).map(line).collect::<String>().into_bytes()
}

#[test]
fn what_fits_is_counted_at_once_and_what_cannot_is_given_up_early() {
    let place = Place::new();
    for (keys, table_bytes, restarts) in
        [(300, 1 << 18, 0), (20_000, 1 << 30, 0), (20_000, 1 << 18, 1)]
    {
        let log = log_of(20_000, keys);
        place.put(Way::Plain, &log);
        let watch = Restarts::default();
        let options = Options { sources: vec![place.path()], ..options(table_bytes, 2, 1 << 16) };
        let report = scan(&options, &watch).unwrap();
        assert_eq!(report.limits.exact, restarts == 0, "{keys}");
        assert_eq!(watch.0.load(Ordering::Relaxed), restarts, "{keys}");
    }
}
