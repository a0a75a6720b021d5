//! Counts to report: sorted, limited, in the order in which it is shown.

use std::cmp::Reverse;
use std::time::Duration;

use super::proxies;
use super::tally::{SAMPLES_MAX, SourceTally};
use rayon::prelude::*;

use crate::aggregate::arena::Key;
use crate::aggregate::counts::{Causes, ErrorCounts, StatusCounts};
use crate::aggregate::error_log::LimitCounts;
use crate::aggregate::referers::Referers;
use crate::aggregate::shards::{Counts, RowCounts, Shard, Shards};
use crate::aggregate::{Aggregate, ClientCounts, PathCounts};
use crate::classify::answers::Answer;
use crate::detect;
use crate::detect::clients::Judge;
use crate::detect::facts::Facts;
use crate::detect::kinds::Kinds;
use crate::options::Options;
use crate::parse::Formats;
use crate::record::{Abort, LimitKind, Skip, Status};
use crate::report::{
    ClientErrors, ClientRow, ErrorLog, Gap, Input, LimitRow, LimitedClient, Limits, Note, PathKey,
    PathRow, Report, Run, StatusRow, TableLimits, Totals,
};
use crate::select;
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
    formats: &Formats,
    options: &Options,
    timing: &Timing,
) -> Report {
    let finished = aggregate.finish();
    let log_end = aggregate.period().map_or(0, |(_, last)| i64::from(last));
    let is_behind_proxy = notes.iter().any(proxies::is_it) || proxies::are_private(aggregate);
    let has_addresses = options.real_ip.is_some() || !is_behind_proxy;
    let lists = select::crawler_lists(options);
    let judge = Judge::new(&lists, log_end, has_addresses);
    let kinds = Kinds::of_clients(aggregate.clients(), &judge);
    let client_errors = client_errors(aggregate, &judge, &kinds, options.rows);
    let notes = notes.into_iter().chain(kinds.note()).chain(bounds_note(aggregate)).collect();
    let own = own_hosts(sources, options);
    let facts = Facts::new(aggregate, &kinds, &lists, has_addresses, &own, &options.thresholds);
    let found = detect::findings(&facts, &options.statuses);
    let breakdown = aggregate.windows().breakdown(options.window);
    let input = input(sources, gaps, notes, formats);
    let bytes: u64 = input.sources.iter().map(|source| source.bytes).sum();
    let elapsed_seconds = timing.elapsed.as_secs_f64();
    let (paths, clients) = (limits(aggregate.paths()), limits(aggregate.clients()));
    let totals = Totals {
        requests: aggregate.requests(),
        bytes: aggregate.bytes(),
        clients: aggregate.clients().distinct(),
        paths: aggregate.paths().distinct(),
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
            exact: paths.max_error == 0 && clients.max_error == 0,
            peaks_exact: finished.peaks_exact,
            memory_limit_bytes: options.memory_limit.0,
            paths,
            clients,
        },
        sites: own_hosts(sources, options).into_iter().map(Untrusted::new).collect(),
        client_errors: ClientErrors { by_window: breakdown.rows, ..client_errors },
        client_aborts: client_aborts(aggregate),
        error_log: error_log(aggregate),
        findings: found.worst,
        findings_by_severity: found.by_severity,
        totals,
        input,
    }
}

/// What to say where more was there than findings could be told from.
fn bounds_note(aggregate: &Aggregate) -> Option<Note> {
    let is_whole = aggregate.roots().is_whole() && aggregate.redirects().is_whole();
    let is_dropped = aggregate.paths().dropped().requests > 0;
    let what = match (is_dropped, is_whole) {
        (true, _) => {
            "paths were dropped for want of memory: what is said never to have been there, or to be \
             lost, may only have been dropped; give a larger --memory-limit"
        }
        (false, false) => {
            "there were more redirects, sitemaps or hosts than are kept apart: findings about \
             them are told from a part of them"
        }
        (false, true) => return None,
    };
    let (source, text) = (Untrusted::new("findings"), Untrusted::new(what));
    Some(Note { source, kind: "findings", text })
}

/// The own hosts, as given or as the first lines of the sources told.
fn own_hosts(sources: &[SourceTally<'_>], options: &Options) -> Vec<Vec<u8>> {
    if !options.sites.is_empty() {
        return options.sites.iter().map(|site| site.clone().into_bytes()).collect();
    }
    let mut hosts: Vec<Vec<u8>> =
        sources.iter().flat_map(|source| source.sites()).cloned().collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// A 499 is told by its status, all else by itself.
fn client_aborts(aggregate: &Aggregate) -> Vec<(Abort, u64)> {
    let by_status = aggregate.by_status().filter(|(status, _)| status.code() == Some(499));
    by_status.map(|(_, requests)| (Abort::Status499, requests)).chain(aggregate.aborts()).collect()
}

fn error_log(aggregate: &Aggregate) -> Option<ErrorLog> {
    let log = aggregate.error_log();
    let mut by_kind: Vec<_> = log.by_kind().collect();
    by_kind.sort_by_key(|(kind, lines)| (Reverse(*lines), *kind));
    let answered_with = answered_with(aggregate);
    let row = |(zone, kind, counts): (&[u8], LimitKind, &LimitCounts)| LimitRow {
        zone: Untrusted::new(zone),
        kind,
        lines: counts.lines,
        clients: counts.clients.count(),
        max_excess: counts.max_excess,
        answered_with: answered_with.filter(|_| is_turning_away(kind)),
        worst: worst_of_limit(aggregate, zone, kind),
    };
    // They come by zone and kind, and those with as many lines stay so.
    let mut limits: Vec<LimitRow> = log.limits().map(row).collect();
    limits.sort_by_key(|row| Reverse(row.lines));
    let lines = by_kind.iter().map(|(_, lines)| lines).sum();
    (lines > 0).then_some(ErrorLog { lines, by_kind, limits })
}

fn is_turning_away(kind: LimitKind) -> bool {
    matches!(kind, LimitKind::Limiting | LimitKind::Connections)
}

/// With which status limits answer: one that as many requests have, about, as were turned away. nginx answers 503
/// unless it is told otherwise (`limit_req_status`).
fn answered_with(aggregate: &Aggregate) -> Option<Status> {
    let rows = aggregate.error_log().limits();
    let lines: u64 =
        rows.filter(|(_, kind, _)| is_turning_away(*kind)).map(|(.., row)| row.lines).sum();
    let requests = |wanted: Status| {
        aggregate
            .by_status()
            .find(|(status, _)| *status == wanted)
            .map_or(0, |(_, requests)| requests)
    };
    let may_be = [429, 503, 444].map(Status::from_code).into_iter();
    // An error log may be of a day more or less than the access log.
    let mut fitting = may_be.filter(|status| {
        let requests = requests(*status);
        lines > 0 && requests.saturating_mul(2) >= lines
    });
    fitting.next()
}

/// To whom a limit did most.
fn worst_of_limit(aggregate: &Aggregate, zone: &[u8], kind: LimitKind) -> Vec<LimitedClient> {
    const ROWS: usize = 5;
    let rows = aggregate.error_log().clients_of(zone, kind).into_iter().take(ROWS);
    rows.map(|(client, row)| {
        let known = aggregate.clients().get(Key::new(client));
        LimitedClient {
            client: Untrusted::new(client),
            lines: row.lines,
            max_excess: row.max_excess,
            requests: known.map_or(0, |known| known.counts.head().requests()),
        }
    })
    .collect()
}

fn limits<V: Counts>(table: &Shards<V>) -> TableLimits {
    TableLimits {
        kept: table.len() as u64,
        dropped_requests: table.dropped().requests,
        max_error: table.dropped().max_error,
    }
}

fn input(
    sources: &[SourceTally<'_>],
    gaps: Vec<Gap>,
    notes: Vec<Note>,
    formats: &Formats,
) -> Input {
    let sum = |of: fn(&SourceTally<'_>) -> u64| sources.iter().map(of).sum();
    let skipped = |reason: Skip| sources.iter().map(|s| s.skipped[reason as usize]).sum::<u64>();
    let skipped = Skip::ALL.iter().map(|&reason| (reason, skipped(reason)));
    Input {
        lines: sum(|source| source.lines),
        parsed: sum(|source| source.parsed),
        filtered: sum(|source| source.filtered),
        skipped: skipped.filter(|(_, lines)| *lines > 0).collect(),
        samples: sources.iter().flat_map(|s| s.samples.iter().cloned()).take(SAMPLES_MAX).collect(),
        sources: sources.iter().map(|source| source.summary(formats)).collect(),
        gaps,
        notes,
    }
}

/// A row with 4xx, before it is known whether it is shown.
struct Candidate<'a, V> {
    /// Its 4xx, or those of one status.
    requests: u64,
    key: Key<'a>,
    counts: &'a V,
    errors: &'a ErrorCounts,
}

impl<V> Clone for Candidate<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Candidate<'_, V> {}

/// Most requests first, then by key: a path before its host.
fn order<'a, V>(candidate: &Candidate<'a, V>) -> (Reverse<u64>, &'a [u8], &'a [u8]) {
    (Reverse(candidate.requests), candidate.key.tail, candidate.key.head)
}

/// The `rows` first of `all` in the order of [`order`], or all.
fn top<V>(mut all: Vec<Candidate<'_, V>>, rows: Option<usize>) -> Vec<Candidate<'_, V>> {
    let rows = rows.unwrap_or(all.len());
    if 0 < rows && rows < all.len() {
        // Nearly all fall by their number alone, without a look at their keys.
        let mut requests: Vec<u64> = all.iter().map(|candidate| candidate.requests).collect();
        let (_, least, _) = requests.select_nth_unstable_by(rows - 1, |a, b| b.cmp(a));
        all.retain(|candidate| candidate.requests >= *least);
    }
    all.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    all.truncate(rows);
    all
}

/// The rows of a table that come first.
struct Tops<'a, V> {
    /// How many have 4xx.
    with_errors: u64,
    /// Of all 4xx.
    all: Vec<Candidate<'a, V>>,
    /// Of each 4xx status, by its code less 400.
    by_status: Vec<Vec<Candidate<'a, V>>>,
}

impl<'a, V> Tops<'a, V> {
    fn join(mut self, other: Tops<'a, V>) -> Tops<'a, V> {
        self.with_errors += other.with_errors;
        self.all.extend(other.all);
        self.by_status.iter_mut().zip(other.by_status).for_each(|(mine, other)| mine.extend(other));
        self
    }
}

fn tops<V: Counts>(table: &Shards<V>, rows: Option<usize>) -> Tops<'_, V> {
    let none = || Tops { with_errors: 0, all: Vec::new(), by_status: vec![Vec::new(); 100] };
    let shards = table.shards().par_iter();
    let joined = shards.map(|shard| tops_of_shard(shard, rows)).reduce(none, Tops::join);
    Tops {
        with_errors: joined.with_errors,
        all: top(joined.all, rows),
        by_status: joined.by_status.into_iter().map(|all| top(all, rows)).collect(),
    }
}

fn tops_of_shard<V: Counts>(shard: &Shard<V>, rows: Option<usize>) -> Tops<'_, V> {
    let mut all = Vec::new();
    let mut by_status = vec![Vec::new(); 100];
    for RowCounts { key, counts, errors } in shard.rows() {
        let Some(errors) = errors else { continue };
        let mut total = 0;
        for (status, requests) in errors.by_status.iter() {
            by_status[status.index() - 400].push(Candidate { requests, key, counts, errors });
            total += requests;
        }
        all.push(Candidate { requests: total, key, counts, errors });
    }
    Tops {
        with_errors: all.len() as u64,
        all: top(all, rows),
        by_status: by_status.into_iter().map(|all| top(all, rows)).collect(),
    }
}

/// What failed, and what is to be told of it.
fn client_errors(
    aggregate: &Aggregate,
    judge: &Judge,
    kinds: &Kinds,
    rows: Option<usize>,
) -> ClientErrors {
    let mut causes = Causes::default();
    aggregate.client_errors().for_each(|(_, counts)| causes.merge(&counts.causes));
    let (paths, clients) =
        rayon::join(|| tops(aggregate.paths(), rows), || tops(aggregate.clients(), rows));
    let requests: u64 = aggregate.client_errors().map(|(_, counts)| counts.requests).sum();
    let by_status = aggregate.client_errors().map(|(status, counts)| {
        let at = status.index() - 400;
        let (paths, clients) = (&paths.by_status[at], &clients.by_status[at]);
        StatusRow {
            ratio: ratio(counts.requests, requests),
            top_paths: paths.iter().map(|row| (path_key(row.key), row.requests)).collect(),
            top_clients: clients
                .iter()
                .map(|row| (Untrusted::new(row.key.tail), row.requests))
                .collect(),
            ..status_row(status, counts)
        }
    });
    let mut by_status: Vec<StatusRow> = by_status.collect();
    by_status.sort_unstable_by_key(|row| (Reverse(row.requests), row.status));
    ClientErrors {
        requests,
        ratio: ratio(requests, aggregate.requests()),
        by_status,
        by_kind: kinds.rows(),
        by_cause: kinds.causes(&causes).sorted(),
        paths_total: paths.with_errors,
        clients_total: clients.with_errors,
        by_path: paths.all.iter().map(|row| path_row(row, kinds)).collect(),
        by_client: clients.all.iter().map(|row| client_row(row, judge)).collect(),
        by_window: Vec::new(),
    }
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
        answers: Answer::ALL
            .iter()
            .zip(counts.answers)
            .filter(|(_, requests)| *requests > 0)
            .map(|(answer, requests)| (answer.id(), requests))
            .collect(),
        top_paths: Vec::new(),
        top_clients: Vec::new(),
    }
}

fn path_row(candidate: &Candidate<'_, PathCounts>, kinds: &Kinds) -> PathRow {
    let ErrorCounts { causes, others, .. } = candidate.errors;
    let is_of_scanners = others.is_all(|client| kinds.is_scanner(client));
    let causes = if is_of_scanners { causes.of_scanners() } else { causes.clone() };
    // Scanners make their referers up.
    let of_path = candidate.errors.of_path.as_deref().filter(|_| !is_of_scanners);
    let pages = of_path.map(|of_path| &of_path.referers);
    let rows = pages.map_or(Vec::new(), Referers::sorted).into_iter();
    PathRow {
        referers: rows.map(|(page, requests)| (Untrusted::new(page), requests)).collect(),
        referers_whole: pages.is_none_or(Referers::is_whole),
        causes: causes.sorted(),
        key: path_key(candidate.key),
        requests: candidate.requests,
        total_requests: candidate.counts.head().requests(),
        by_status: candidate.errors.by_status.sorted(),
        clients: candidate.errors.others.count(),
        period: candidate.errors.period.get().unwrap_or_default(),
    }
}

fn client_row(candidate: &Candidate<'_, ClientCounts>, judge: &Judge) -> ClientRow {
    let judgement = judge.judge(candidate.key.tail, candidate.errors);
    ClientRow {
        kind: judgement.kind,
        crawler: judgement.name,
        client: Untrusted::new(candidate.key.tail),
        requests: candidate.requests,
        total_requests: candidate.counts.head().requests(),
        by_status: candidate.errors.by_status.sorted(),
        paths: candidate.errors.others.count(),
        period: candidate.errors.period.get().unwrap_or_default(),
        peak: candidate.counts.peak(),
    }
}
