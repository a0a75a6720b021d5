//! How fast a log becomes a report: whole scans of generated logs, each held against the truth.
//!
//! `cargo bench --bench scan`; with `-- --test` everything runs once, as a test.
//! `LOGSCAN_BENCH_LINES=5000000` makes the logs as long as those that the figures speak of.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput};
use logscan::options::Options;
use logscan::record::Status;
use logscan::report::Report;
use logscan::scan::scan;

#[path = "corpus/mod.rs"]
mod corpus;

use corpus::{Corpus, Kind, Truth};

/// Lines of each log, unless `LOGSCAN_BENCH_LINES` says otherwise.
const LINES: u64 = 200_000;

fn main() -> io::Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let folder = tempfile::tempdir()?;
    for (name, kind) in
        [("ordinary", Kind::Ordinary), ("unique", Kind::Unique), ("timed", Kind::Timed)]
    {
        let plain = folder.path().join(format!("{name}.log"));
        let truth = write(kind, &plain)?;
        let packed = pack(&plain)?;
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Bytes(truth.bytes));
        for (compression, path) in [("plain", &plain), ("gzip", &packed)] {
            for threads in [1, 2] {
                let options = Options {
                    sources: vec![path.clone()],
                    rows: Some(100),
                    threads: Some(threads),
                    ..Options::default()
                };
                group.bench_function(format!("{compression}/{threads}"), |bencher| {
                    bencher.iter(|| {
                        let report = scan(&options, &()).expect("the log can be read");
                        hold(&report, &truth, kind);
                    });
                });
            }
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

fn write(kind: Kind, path: &Path) -> io::Result<Truth> {
    let asked = std::env::var("LOGSCAN_BENCH_LINES").ok();
    let lines = asked.map_or(LINES, |lines| {
        lines.parse().unwrap_or_else(|_| panic!("LOGSCAN_BENCH_LINES: {lines} is no number"))
    });
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let truth = Corpus { lines, ..Corpus::new(kind) }.write(&mut out)?;
    out.flush()?;
    Ok(truth)
}

/// A gzip of the log in another folder, so that neither is taken for a copy of the other.
fn pack(plain: &Path) -> io::Result<PathBuf> {
    let path = plain.with_extension("packed").join("access.log.gz");
    fs::create_dir(plain.with_extension("packed"))?;
    let mut encoder =
        flate2::write::GzEncoder::new(File::create(&path)?, flate2::Compression::new(6));
    io::copy(&mut File::open(plain)?, &mut encoder)?;
    encoder.finish()?;
    Ok(path)
}

/// Every count that the generator kept while it wrote.
fn hold(report: &Report, truth: &Truth, kind: Kind) {
    let by_status: Vec<(Status, u64)> =
        truth.by_status.iter().map(|(code, lines)| (Status::from_code(*code), *lines)).collect();
    let mut counted = report.totals.by_status.clone();
    counted.sort();
    assert_eq!(counted, by_status);
    assert_eq!((report.input.lines, report.input.parsed), (truth.lines, truth.lines));
    assert_eq!(report.input.sources[0].bytes, truth.bytes);
    assert_eq!(report.totals.requests, truth.lines);
    assert_eq!(report.totals.bytes, truth.body_bytes);
    assert_eq!(report.totals.clients, truth.clients);
    assert_eq!(report.totals.paths, truth.paths);
    assert_eq!(report.client_errors.requests, truth.client_errors);
    let period = report.period.map(|(first, last)| (i64::from(first), i64::from(last)));
    assert_eq!(period, Some((truth.first, truth.last)));
    let client = report.client_errors.by_client.first();
    let client = client.map(|row| (row.client.bytes(), row.requests));
    assert_eq!(client, truth.top_client.as_ref().map(|(key, n)| (key.as_bytes(), *n)));
    // The paths that `Unique` makes up do not compete in its truth.
    if kind != Kind::Unique {
        let path = report.client_errors.by_path.first();
        let path = path.map(|row| (row.key.path.bytes(), row.requests));
        assert_eq!(path, truth.top_path.as_ref().map(|(key, n)| (key.as_bytes(), *n)));
    }
}
