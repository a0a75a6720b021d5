//! Joins the stages: sources → lines → records → counts → report.

pub mod arrivals;
mod build;
mod chosen;
pub mod formats;
mod plan;
mod proxies;
mod stream;
mod tally;
mod worker;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use arrivals::{Arrivals, Wanted};

use crate::aggregate::{Aggregate, Cost, Share};
use crate::error::{Error, Result};
use crate::input::{self, Compression, Discovery, Source};
use crate::options::Options;
use crate::parse::Formats;
use crate::report::{Note, Report};
use crate::untrusted::Untrusted;
use build::Timing;
use plan::{Division, Job, Plan};
use tally::SourceTally;
use worker::{Part, Room, Worker};

/// Somebody who is told how far a scan has come.
pub trait Watch: Sync {
    /// The scan begins; so many bytes are to be read from disk, where that is known.
    fn begin(&self, disk_bytes: Option<u64>) {
        let _ = disk_bytes;
    }

    /// The scan begins again: it turned out to be too large for one way.
    fn restart(&self) {}

    /// So many more were read.
    fn advance(&self, disk_bytes: u64) {
        let _ = disk_bytes;
    }
}

/// Nobody.
impl Watch for () {}

/// Reads all sources and reports.
///
/// # Errors
///
/// A format that does not exist; no source that could be read; sources with lines, of which none
/// could be parsed. A source that could not be read beside others that could is a gap in the report.
pub fn scan(options: &Options, watch: &dyn Watch) -> Result<Report> {
    let (report, part) = scan_and(options, watch, None)?;
    // Nobody need wait until the tables are taken apart.
    std::thread::spawn(|| drop(part));
    Ok(report)
}

/// Whether nearly all requests came from addresses that are no clients': of proxies, or of a private network.
pub fn is_behind_proxy(aggregate: &Aggregate) -> bool {
    proxies::are_private(aggregate)
}

/// All that a scan counted, and the requests one by one.
pub struct Counted {
    /// The report.
    pub report: Report,
    /// What it was made of.
    pub aggregate: Aggregate,
    /// The requests that were wanted.
    pub arrivals: Arrivals,
}

/// Reads all sources, reports, and collects requests one by one.
///
/// # Errors
///
/// Those of [`scan`].
pub fn collect(options: &Options, watch: &dyn Watch, wanted: &Wanted) -> Result<Counted> {
    let (report, mut part) = scan_and(options, watch, Some(wanted))?;
    part.arrivals.check(wanted.words_max);
    Ok(Counted { report, aggregate: part.aggregate, arrivals: part.arrivals })
}

fn scan_and(
    options: &Options,
    watch: &dyn Watch,
    wanted: Option<&Wanted>,
) -> Result<(Report, Part)> {
    let begun = Instant::now();
    let generated_at = SystemTime::now();
    let chosen::Chosen { formats, paths, notes: format_notes } = chosen::chosen(options)?;
    let Discovery { sources, mut gaps, notes } = input::discover(&paths);
    let threads = threads(options, &sources);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|cause| Error::Usage(format!("--threads {threads}: {cause}")))?;
    watch.begin(sources.iter().map(|source| source.disk_bytes).sum());
    let mut plans = pool.install(|| plan(&sources, &formats, options, threads));
    plan::share_sites(&mut plans);
    let work = Work { options, watch, threads, wanted };
    let Part { mut aggregate, tallies, arrivals } = pool.install(|| run(&mut plans, work));
    let sources = tally::by_source(plans, tallies);
    gaps.extend(sources.iter().filter_map(SourceTally::gap));
    if !gaps.is_empty() && sources.iter().all(|source| source.lines == 0 && source.has_fault()) {
        return Err(Error::NothingRead { gaps });
    }
    let (left_out, sources): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(SourceTally::is_left_out);
    if let Some(message) = nothing_parsed(&sources, &left_out, &formats) {
        return Err(Error::NothingParsed { message, gaps });
    }
    let timing = Timing {
        generated_at: generated_at.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64),
        elapsed: begun.elapsed(),
        threads,
    };
    let notes = format_notes
        .into_iter()
        .chain(notes)
        .chain(left_out.iter().map(no_access_log))
        .chain(sources.iter().flat_map(|source| source.notes(&formats)))
        .chain(options.real_ip.is_none().then(|| proxies::note(&aggregate, &sources)).flatten())
        .collect();
    let report = pool.install(|| {
        build::report(&mut aggregate, &sources, gaps, notes, &formats, options, &timing)
    });
    Ok((report, Part { aggregate, tallies: Vec::new(), arrivals }))
}

/// What workers do.
#[derive(Clone, Copy)]
struct Work<'a> {
    options: &'a Options,
    watch: &'a dyn Watch,
    threads: usize,
    /// What they collect one by one, too.
    wanted: Option<&'a Wanted>,
}

/// How many workers there are: one a core, unless there is less to do than it takes to call them.
fn threads(options: &Options, sources: &[Source]) -> usize {
    /// Text that one of them counts in a few milliseconds.
    const WORKER_BYTES: u64 = 1 << 20;
    /// What a compressed log makes of each byte, about.
    const PACKED: u64 = 8;
    let text_bytes = |source: &Source| {
        let packed = if source.compression == Some(Compression::None) { 1 } else { PACKED };
        source.disk_bytes.map_or(u64::MAX, |bytes| bytes.saturating_mul(packed))
    };
    let worth = || sources.iter().map(text_bytes).fold(0, u64::saturating_add) / WORKER_BYTES;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let fitting = || cores().min(usize::try_from(worth()).unwrap_or(usize::MAX));
    options.threads.unwrap_or_else(fitting).max(1)
}

/// Says for each source how it is to be read.
fn plan<'a>(
    sources: &'a [Source],
    formats: &'a Formats,
    options: &Options,
    threads: usize,
) -> Vec<Plan<'a>> {
    let is_plain =
        |source: &Source| source.seekable && source.compression == Some(Compression::None);
    let indexes = plan::indexes(sources, threads, &options.layout);
    let lengths: Vec<Option<u64>> = sources
        .iter()
        .zip(&indexes)
        .map(|(source, index)| match index {
            Some(index) => Some(index.text_bytes()),
            None => is_plain(source).then(|| source.disk_bytes.unwrap_or(0)),
        })
        .collect();
    let mut behind_bytes = lengths.iter().flatten().copied().fold(0, u64::saturating_add);
    let divisions: Vec<_> = lengths
        .into_iter()
        .map(|length| {
            behind_bytes = behind_bytes.saturating_sub(length.unwrap_or(0));
            length.map(|_| Division {
                block_bytes: options.layout.block_bytes,
                span_blocks: options.layout.span_blocks,
                workers: threads as u64,
                behind_bytes,
            })
        })
        .collect();
    let plans = sources.par_iter().zip(divisions).zip(indexes).enumerate();
    plans
        .map(|(number, ((source, division), index))| {
            Plan::new(number, source, formats, division, index)
        })
        .collect()
}

/// Counts everything: side by side while memory lasts, else in order.
///
/// In order is what the report is defined by: one worker, the sources one after the other, and at
/// fixed places of each a look whether tables are too large. Side by side is the same, only faster,
/// as long as no table gets too large, since then nothing is dropped: that shows when those of all
/// workers are merged, since no table shrinks but by dropping. An index of the members of a source
/// is an assumption: what contradicts it stops all, and they begin again with none.
fn run(plans: &mut [Plan<'_>], work: Work<'_>) -> Part {
    let is_rereadable = plans.iter().all(|plan| plan.source.seekable);
    if work.threads > 1 && is_rereadable {
        loop {
            let stop = match run_side_by_side(plans, work) {
                Ok(counted) => return counted,
                Err(stop) => stop,
            };
            work.watch.restart();
            // What has no index is not doubted again.
            plans.iter_mut().for_each(Plan::forget_members);
            if let Stop::Full = stop {
                break;
            }
        }
    }
    run_in_order(plans, work)
}

/// In order, what is by client can be counted apart from all else: with idle cores two workers read
/// the same lines, and each counts its share of them.
fn run_in_order(plans: &[Plan<'_>], work: Work<'_>) -> Part {
    let Work { options, watch, threads, wanted } = work;
    let count = |share, watch: &dyn Watch| {
        let wanted = wanted.filter(|_| share != Share::Clients);
        let mut worker = Worker::new(options, watch, None, share, wanted);
        plans.iter().for_each(|plan| worker.run(plan, &plan.whole(), threads > 1));
        worker.finish()
    };
    if threads > 1 && plans.iter().all(|plan| plan.source.seekable) {
        let (mut part, clients) =
            rayon::join(|| count(Share::AllButClients, watch), || count(Share::Clients, &()));
        let mut both = part.tallies.iter().zip(&clients.tallies);
        if both.all(|(tally, other)| tally.agrees(other)) {
            part.aggregate.merge(clients.aggregate);
            return part;
        }
        // It changed while it was read: what is told of it has to come from one reading.
        watch.restart();
    }
    count(Share::All, watch)
}

/// Why workers who count side by side stop.
enum Stop {
    /// Tables became too large.
    Full,
    /// A source is not as its index has it.
    Doubt,
}

/// Each worker takes the next job until there is none.
fn run_side_by_side(plans: &[Plan<'_>], work: Work<'_>) -> std::result::Result<Part, Stop> {
    let Work { options, watch, threads, wanted } = work;
    // Streams first: they cannot be divided, so that a late one would be waited for.
    let (streams, spans): (Vec<Job>, Vec<Job>) =
        plans.iter().flat_map(Plan::jobs).partition(|job| job.span.is_none());
    let jobs: Vec<Job> = streams.into_iter().chain(spans).collect();
    let text_bytes = plans.iter().map(Plan::text_bytes).sum::<Option<u64>>();
    let room = Room::new(options, text_bytes.unwrap_or(0));
    let next = AtomicUsize::new(0);
    let parts = Mutex::new(Vec::new());
    let work = || {
        let mut worker = Worker::new(options, watch, Some(&room), Share::All, wanted);
        while !room.is_stopped() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { break };
            // A stream has a thread of its own for its decoder while there are idle cores.
            let has_idle = threads > 1 && jobs.len() - at < threads;
            worker.run(&plans[job.source], job, has_idle);
        }
        if !room.is_stopped() {
            // The last look at its tables is taken here.
            let part = worker.finish();
            parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(part);
        }
    };
    rayon::scope(|scope| (0..threads.min(jobs.len())).for_each(|_| scope.spawn(|_| work())));
    if room.is_over() {
        return Err(Stop::Full);
    }
    if room.is_doubted() {
        return Err(Stop::Doubt);
    }
    let parts = parts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let merge = |one: Part, other: Part| {
        // Small into large.
        let (mut mine, small) = match one.aggregate.weight() < other.aggregate.weight() {
            true => (other, one),
            false => (one, other),
        };
        mine.aggregate.merge(small.aggregate);
        mine.tallies.extend(small.tallies);
        mine.arrivals.merge(small.arrivals);
        mine
    };
    let part = parts.into_par_iter().reduce(Part::default, merge);
    let Cost { paths, clients } = part.aggregate.cost();
    if paths.max(clients) > worker::table_bytes(options) {
        return Err(Stop::Full);
    }
    Ok(part)
}

/// The message for sources that have lines, but no record.
fn nothing_parsed(
    sources: &[SourceTally<'_>],
    left_out: &[SourceTally<'_>],
    formats: &Formats,
) -> Option<String> {
    let is_empty = !sources.is_empty() && sources.iter().all(|source| source.lines == 0);
    if is_empty || sources.iter().chain(left_out).any(|source| source.read() > 0) {
        return None;
    }
    let poor = sources.iter().find_map(|source| source.misfit(formats));
    if let (None, Some(first)) = (&poor, left_out.first()) {
        let folder = PathBuf::from(first.path()).parent().map(PathBuf::from).unwrap_or_default();
        let files = left_out.len();
        return Some(format!(
            "{}: no access log among its {files} files; name the log, or its folder",
            crate::error::show(&folder),
        ));
    }
    poor.or_else(|| {
        let blank = sources.iter().find(|source| source.lines > 0)?;
        let (path, lines) = (crate::error::show(blank.path()), blank.lines);
        Some(format!(
            "{path}: nothing but blank lines or NUL bytes ({lines} lines); is it the log?"
        ))
    })
}

fn no_access_log(source: &SourceTally<'_>) -> Note {
    if source.read() > 0 {
        let text = "an error log: what it says is in the report, but its lines are no requests";
        let source = Untrusted::from(source.path());
        return Note { source, kind: "error-log", text: Untrusted::new(text) };
    }
    Note {
        source: Untrusted::from(source.path()),
        kind: "no-access-log",
        text: Untrusted::new(
            "no line of it is in an access log's format: left out; name it to read it",
        ),
    }
}
