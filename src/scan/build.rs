//! Counts to report: sorted, limited, in the order in which it is shown.

use std::cmp::Reverse;
use std::time::Duration;

use super::tally::{SAMPLES_MAX, SourceTally};
use rayon::prelude::*;

use crate::aggregate::counts::{ErrorCounts, StatusCounts};
use crate::aggregate::shards::{Counts, RowCounts, Shards};
use crate::aggregate::table::Key;
use crate::aggregate::{Aggregate, ClientCounts, PathCounts};
use crate::options::Options;
use crate::record::{Skip, Status};
use crate::report::{
    ClientErrors, ClientRow, Gap, Input, Limits, Note, PathKey, PathRow, Report, Run, StatusRow,
    Totals,
};
use crate::untrusted::Untrusted;

/// When the run was, and how long it took.
pub struct Timing {
    /// Its start, in seconds since the epoch.
    pub generated_at: i64,
    /// How long it took.
    pub elapsed: Duration,
    /// With how many workers.
    pub threads: usize,
}

/// Makes the report.
pub fn report(
    aggregate: &mut Aggregate,
    sources: &[SourceTally<'_>],
    gaps: Vec<Gap>,
    notes: Vec<Note>,
    options: &Options,
    timing: &Timing,
) -> Report {
    let finished = aggregate.finish();
    let breakdown = aggregate.windows().breakdown(options.window);
    let input = input(sources, gaps, notes);
    let bytes: u64 = input.sources.iter().map(|source| source.bytes).sum();
    let elapsed_seconds = timing.elapsed.as_secs_f64();
    let totals = Totals {
        requests: aggregate.requests(),
        bytes: aggregate.bytes(),
        clients: aggregate.clients().len() as u64,
        paths: aggregate.paths().len() as u64,
        out_of_period: breakdown.out_of_period,
        by_status: aggregate.by_status().collect(),
    };
    Report {
        run: Run {
            generated_at: timing.generated_at,
            elapsed_seconds,
            threads: timing.threads,
            throughput_bytes_per_second: bytes as f64 / elapsed_seconds.max(1e-9),
        },
        period: aggregate.period(),
        window_seconds: breakdown.window.seconds(),
        limits: Limits {
            exact: true,
            peaks_exact: finished.peaks_exact,
            paths_kept: totals.paths,
            clients_kept: totals.clients,
        },
        sites: options.sites.iter().map(Untrusted::new).collect(),
        client_errors: ClientErrors {
            by_window: breakdown.rows,
            ..client_errors(aggregate, options.rows)
        },
        totals,
        input,
    }
}

fn input(sources: &[SourceTally<'_>], gaps: Vec<Gap>, notes: Vec<Note>) -> Input {
    let sum = |of: fn(&SourceTally<'_>) -> u64| sources.iter().map(of).sum();
    let skipped = |reason: Skip| sources.iter().map(|s| s.skipped[reason as usize]).sum::<u64>();
    let skipped = Skip::ALL.iter().map(|&reason| (reason, skipped(reason)));
    Input {
        lines: sum(|source| source.lines),
        parsed: sum(|source| source.parsed),
        filtered: sum(|source| source.filtered),
        skipped: skipped.filter(|(_, lines)| *lines > 0).collect(),
        samples: sources.iter().flat_map(|s| s.samples.iter().cloned()).take(SAMPLES_MAX).collect(),
        sources: sources.iter().map(SourceTally::summary).collect(),
        gaps,
        notes,
    }
}

/// The `rows` first of `all` in the order of `key`, or all.
fn top<T, K: Ord>(mut all: Vec<T>, rows: Option<usize>, key: impl Fn(&T) -> K) -> Vec<T> {
    let rows = rows.unwrap_or(all.len());
    if rows < all.len() {
        all.select_nth_unstable_by(rows, |a, b| key(a).cmp(&key(b)));
        all.truncate(rows);
    }
    all.sort_unstable_by_key(key);
    all
}

/// A row with 4xx, before it is known whether it is shown.
struct Candidate<'a, V> {
    key: Key<'a>,
    requests: u64,
    counts: V,
    errors: &'a ErrorCounts,
}

/// Most requests first, then by key: a path before its host.
fn order<'a, V>(candidate: &Candidate<'a, V>) -> (Reverse<u64>, &'a [u8], &'a [u8]) {
    (Reverse(candidate.requests), candidate.key.tail, candidate.key.head)
}

fn client_errors(aggregate: &Aggregate, rows: Option<usize>) -> ClientErrors {
    let ((paths, top_paths), (clients, top_clients)) = rayon::join(
        || {
            let all = candidates(aggregate.paths());
            let tops = tops(&all, rows);
            (all, tops)
        },
        || {
            let all = candidates(aggregate.clients());
            let tops = tops(&all, rows);
            (all, tops)
        },
    );
    let requests: u64 = aggregate.client_errors().map(|(_, counts)| counts.requests).sum();
    let by_status = aggregate.client_errors().map(|(status, counts)| {
        let (paths, clients) =
            (&top_paths[status.index() - 400], &top_clients[status.index() - 400]);
        StatusRow {
            ratio: ratio(counts.requests, requests),
            top_paths: paths.iter().map(|(key, n)| (path_key(*key), *n)).collect(),
            top_clients: clients.iter().map(|(key, n)| (Untrusted::new(key.tail), *n)).collect(),
            ..status_row(status, counts)
        }
    });
    let by_status = by_status.collect();
    ClientErrors {
        requests,
        ratio: ratio(requests, aggregate.requests()),
        by_status: top(by_status, None, |row| (Reverse(row.requests), row.status)),
        paths_total: paths.len() as u64,
        clients_total: clients.len() as u64,
        by_path: top(paths, rows, order).iter().map(path_row).collect(),
        by_client: top(clients, rows, order).iter().map(client_row).collect(),
        by_window: Vec::new(),
    }
}

fn candidates<V: Counts>(table: &Shards<V>) -> Vec<Candidate<'_, V>> {
    let shards = table.shards().par_iter();
    let candidates = shards.map(|shard| {
        shard
            .rows()
            .filter_map(|RowCounts { key, counts, errors }| {
                let errors = errors?;
                Some(Candidate { key, requests: errors.by_status.total(), counts, errors })
            })
            .collect()
    });
    candidates.collect::<Vec<Vec<_>>>().into_iter().flatten().collect()
}

/// The keys with most requests of each 4xx status, by the status's index less 400.
fn tops<'a, V>(candidates: &[Candidate<'a, V>], rows: Option<usize>) -> Vec<Vec<(Key<'a>, u64)>> {
    let mut by_status: Vec<Vec<(Key<'a>, u64)>> = vec![Vec::new(); 100];
    for candidate in candidates {
        for (status, requests) in candidate.errors.by_status.iter() {
            by_status[status.index() - 400].push((candidate.key, requests));
        }
    }
    let order = |(key, requests): &(Key<'a>, u64)| (Reverse(*requests), key.tail, key.head);
    by_status.into_iter().map(|all| top(all, rows, order)).collect()
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn path_key(key: Key<'_>) -> PathKey {
    let host = (!key.head.is_empty()).then(|| Untrusted::new(key.head));
    PathKey { path: Untrusted::new(key.tail), host }
}

fn status_row(status: Status, counts: &StatusCounts) -> StatusRow {
    StatusRow {
        status,
        requests: counts.requests,
        ratio: 0.0,
        bytes: counts.bytes,
        clients: counts.clients.count(),
        paths: counts.paths.count(),
        period: counts.period.get().unwrap_or_default(),
        latency: counts.latencies.quantiles(),
        top_paths: Vec::new(),
        top_clients: Vec::new(),
    }
}

fn path_row(candidate: &Candidate<'_, PathCounts>) -> PathRow {
    PathRow {
        key: path_key(candidate.key),
        requests: candidate.requests,
        total_requests: candidate.counts.requests,
        by_status: candidate.errors.by_status.sorted(),
        clients: candidate.errors.others.count(),
        period: candidate.errors.period.get().unwrap_or_default(),
    }
}

fn client_row(candidate: &Candidate<'_, ClientCounts>) -> ClientRow {
    ClientRow {
        client: Untrusted::new(candidate.key.tail),
        requests: candidate.requests,
        total_requests: candidate.counts.requests,
        by_status: candidate.errors.by_status.sorted(),
        paths: candidate.errors.others.count(),
        period: candidate.errors.period.get().unwrap_or_default(),
        peak: candidate.counts.peak(),
    }
}
