//! A worker: reads spans and streams, and counts their lines into an aggregate of its own.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bumpalo::Bump;

use super::Watch;
use super::arrivals::{Arrivals, Collector, Wanted};
use super::plan::{Job, Plan};
use super::stream::Stream;
use super::tally::{Ending, Tally};
use crate::aggregate::peaks::SpanKey;
use crate::aggregate::{Aggregate, Cost, Queue, Share};
use crate::input::lines::{Lines, Piece, trim, trim_nuls};
use crate::input::members::Doubt;
use crate::options::{LINE_BYTES_MAX, Layout, Options};
use crate::parse::{self, Formats, Line, Marks, State, Tools};
use crate::record::{Hit, Record, Said, Skip};
use crate::select::Selection;

/// So much text is marked and then parsed at a time: it and its marks stay in the nearest cache.
const WINDOW_BYTES: usize = 16 << 10;

/// What workers share who count side by side: the memory that tables may take, and a doubt.
pub struct Room {
    growth: Mutex<Growth>,
    is_over: AtomicBool,
    is_doubted: AtomicBool,
}

/// How the tables of all workers grow.
struct Growth {
    /// What they may take together.
    room: u64,
    /// What they take.
    taken: u64,
    /// How much there is to count and how much was counted, in blocks; 0 where nobody knows.
    blocks: u64,
    counted: u64,
    /// How much was counted and taken when that was last looked at.
    before: (u64, u64),
}

impl Growth {
    /// Says by how much the tables of a worker grew in its last `counted` blocks. Tells whether they
    /// are too large, or are sure to be.
    fn add(&mut self, grown: u64, counted: u64) -> bool {
        self.taken += grown;
        self.counted += counted;
        self.taken > self.room || self.is_hopeless()
    }

    /// Whether tables that go on as they did since the last look would be too large at the end: then
    /// it is lost labour to go on. It is looked whenever twice as much was counted. Tables grow ever
    /// more slowly, and so the more must be missing the earlier that is.
    fn is_hopeless(&mut self) -> bool {
        /// So many blocks are counted soon enough.
        const BLOCKS_MIN: u64 = 64;
        /// Before this part of all it is too early to tell.
        const PART: u64 = 32;
        let (counted_before, taken_before) = self.before;
        let is_time = self.counted >= (self.blocks / PART).max(2 * counted_before);
        if self.blocks < BLOCKS_MIN || self.counted == 0 || !is_time {
            return false;
        }
        self.before = (self.counted, self.taken);
        if counted_before == 0 {
            // All is new at the start of a log.
            return false;
        }
        let left = self.blocks.saturating_sub(self.counted);
        let doublings = (self.blocks / self.counted).checked_ilog2().unwrap_or(0);
        let pace = (self.taken - taken_before) as f64 / (self.counted - counted_before) as f64;
        let at_the_end = self.taken as f64 + pace * left as f64;
        at_the_end > self.room as f64 * (1.0 + f64::from(doublings) / 8.0)
    }
}

impl Room {
    /// As the options have it, for so many bytes of text; 0 where that is not known.
    pub fn new(options: &Options, text_bytes: u64) -> Room {
        let growth = Growth {
            room: table_bytes(options).saturating_mul(2),
            taken: 0,
            blocks: text_bytes / options.layout.block_bytes,
            counted: 0,
            before: (0, 0),
        };
        Room { growth: Mutex::new(growth), is_over: false.into(), is_doubted: false.into() }
    }

    /// Whether the tables of all workers together became too large, or are sure to.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// See [`Growth::add`].
    fn add(&self, before: Cost, now: Cost, counted: u64) {
        // No table shrinks while workers count side by side.
        let grown = now.paths + now.clients - before.paths - before.clients;
        let mut growth = self.growth.lock().unwrap_or_else(PoisonError::into_inner);
        if growth.add(grown, counted) {
            self.is_over.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a source is not as its index has it.
    pub fn is_doubted(&self) -> bool {
        self.is_doubted.load(Ordering::Relaxed)
    }

    /// Whether what is counted is of no use any more.
    pub fn is_stopped(&self) -> bool {
        self.is_over() || self.is_doubted()
    }
}

/// What each table may take.
pub fn table_bytes(options: &Options) -> u64 {
    options.layout.table_bytes.unwrap_or(options.memory_limit.table_bytes())
}

/// See the head of the file.
pub struct Worker<'a> {
    aggregate: Aggregate,
    tallies: Vec<Tally>,
    /// Where requests are collected one by one, too.
    collector: Option<Collector<'a>>,
    selection: Selection,
    state: State,
    marks: Marks,
    layout: Layout,
    watch: &'a dyn Watch,
    /// What all workers share who count side by side; `None` is one who counts in order.
    room: Option<&'a Room>,
    /// What its own tables took when that was last looked at.
    taken: Cost,
    table_bytes: u64,
    epoch_bytes: u64,
}

/// What a worker counted.
#[derive(Default)]
pub struct Part {
    pub aggregate: Aggregate,
    pub tallies: Vec<Tally>,
    pub arrivals: Arrivals,
}

/// Where a worker stands in a span.
struct Place<'a> {
    formats: &'a Formats,
    /// The number of the one that its first lines voted for.
    first: Option<usize>,
    tally: Tally,
    block: u64,
    /// Where in the source the lines begin that belong to somebody else.
    end: u64,
}

impl<'a> Worker<'a> {
    /// A worker that has counted nothing. With `room` it counts some lines beside others who count
    /// the rest, else it counts its share of all, in their order.
    pub fn new(
        options: &Options,
        watch: &'a dyn Watch,
        room: Option<&'a Room>,
        share: Share,
        wanted: Option<&'a Wanted>,
    ) -> Worker<'a> {
        Worker {
            aggregate: Aggregate::new(share),
            tallies: Vec::new(),
            collector: wanted.map(Collector::new),
            selection: Selection::new(options),
            state: State::of(options),
            marks: Marks::new(options.layout.simd),
            layout: options.layout,
            watch,
            room,
            taken: Cost::default(),
            table_bytes: table_bytes(options),
            epoch_bytes: options.memory_limit.epoch_bytes().max(options.layout.block_bytes),
        }
    }

    /// What it counted.
    pub fn finish(mut self) -> Part {
        self.check_room(0, false);
        self.aggregate.seal();
        let arrivals = self.collector.map(Collector::finish).unwrap_or_default();
        Part { aggregate: self.aggregate, tallies: self.tallies, arrivals }
    }

    /// Does a job: counts the lines that begin in its span. With `has_idle` what has to be decoded
    /// is decoded by a thread of its own.
    pub fn run(&mut self, plan: &Plan<'_>, job: &Job, has_idle: bool) {
        let (from, to) = job.span.unwrap_or((0, u64::MAX));
        let mut place = self.begin(plan, from / self.layout.block_bytes);
        place.end = to;
        let disk_bytes = Arc::new(AtomicU64::new(0));
        let stream = match Stream::open(plan, job, disk_bytes.clone(), self.layout) {
            Ok(stream) => stream,
            Err(fault) => {
                place.tally.ending = Some(Ending { fault: Some(fault), ..plan.ending.clone() });
                self.tallies.push(place.tally);
                if plan.members.is_some() {
                    self.doubt();
                }
                return;
            }
        };
        let sniff = stream.sniff(plan);
        place.first = sniff.and_then(|sniff| sniff.format);
        self.state.begin_source(sniff.is_some_and(|sniff| sniff.wants_order));
        self.state.reference = Some(plan.written_at);
        self.selection.begin_source(sniff.map_or(&[], |sniff| &sniff.sites));
        // What spans read twice is told once.
        let disk_bytes_max = plan.disk_bytes(job);
        let mut told = 0;
        let mut tell = |watch: &dyn Watch| {
            let now = disk_bytes.load(Ordering::Relaxed).min(disk_bytes_max);
            watch.advance(now - std::mem::replace(&mut told, now));
        };
        let stream = stream.run(has_idle, |buffer, cut| {
            self.count_piece(&mut place, cut.piece(buffer));
            tell(self.watch);
            !self.is_stopped()
        });
        tell(self.watch);
        match stream.ending(plan) {
            Ok(ending) => place.tally.ending = ending,
            Err(Doubt) => self.doubt(),
        }
        self.tallies.push(place.tally);
    }

    fn begin<'p>(&mut self, plan: &Plan<'p>, block: u64) -> Place<'p> {
        self.check_room(0, true);
        self.aggregate.begin_span(SpanKey {
            series: plan.source.series as u32,
            file: plan.number as u32,
            block,
        });
        let tally = Tally { source: plan.number, block, ..Tally::default() };
        Place { formats: plan.formats, first: None, tally, block, end: u64::MAX }
    }

    fn count_piece(&mut self, place: &mut Place<'_>, piece: Piece<'_>) {
        match piece {
            Piece::Lines(mut lines) => {
                while !lines.bytes().is_empty() {
                    if !self.enter(place, lines.position()) {
                        return;
                    }
                    let boundary = (place.block + 1).saturating_mul(self.layout.block_bytes);
                    self.count_lines(place, lines.take_before(boundary.min(place.end)));
                }
            }
            Piece::TooLong { start, position } => {
                if self.enter(place, position) {
                    place.tally.lines += 1;
                    place.tally.skip(Skip::TooLong, start);
                }
            }
        }
    }

    /// Moves to the block in which a line begins; `false` where that is somebody else's.
    fn enter(&mut self, place: &mut Place<'_>, position: u64) -> bool {
        if position >= place.end {
            return false;
        }
        let block = position / self.layout.block_bytes;
        if block != place.block {
            let epoch = |block: u64| block * self.layout.block_bytes / self.epoch_bytes;
            let is_new_epoch = epoch(place.block) != epoch(block);
            place.block = block;
            self.aggregate.begin_block();
            self.check_room(1, is_new_epoch);
        }
        !self.is_stopped()
    }

    /// Whether the work is to be begun again in another way.
    fn is_stopped(&self) -> bool {
        self.room.is_some_and(Room::is_stopped)
    }

    /// Lets all stop: no index is to be believed.
    fn doubt(&self) {
        if let Some(room) = self.room {
            room.is_doubted.store(true, Ordering::Relaxed);
        }
    }

    /// Looks what the tables take: at the end of a block, which may be the end of an epoch.
    fn check_room(&mut self, blocks: u64, is_new_epoch: bool) {
        match self.room {
            Some(room) => {
                let before = std::mem::replace(&mut self.taken, self.aggregate.cost());
                room.add(before, self.taken, blocks);
            }
            None if is_new_epoch => self.aggregate.prune(self.table_bytes),
            None => {}
        }
    }

    fn count_lines(&mut self, place: &mut Place<'_>, lines: Lines<'_>) {
        let keys = Bump::new();
        let mut queue = Queue::new();
        let aggregate = &mut self.aggregate;
        let collector = &mut self.collector;
        let tally = &mut place.tally;
        let mut tools = Tools { arena: &keys, state: &mut self.state };
        let is_usual = place.formats.is_usual(place.first);
        let mut regular = place.formats.regular(place.first);
        tally.bytes += lines.bytes().len() as u64;
        for window in lines.windows(WINDOW_BYTES) {
            let mut unread = self.marks.find(window);
            loop {
                // Each way takes its record from where it made it: to bring them together would
                // copy every one.
                let clock = &mut tools.state.clock;
                if is_usual && let Some(record) = place.formats.read_usual(&mut unread, clock) {
                    tally.lines += 1;
                    take(&record, &mut self.selection, tally, &keys, |hit| {
                        collect(collector, &record, &hit);
                        queue.push(aggregate, hit)
                    });
                } else if let Some(regular) = &mut regular
                    && let Some(record) = regular.read(&mut unread, &mut tools)
                {
                    tally.lines += 1;
                    take(record, &mut self.selection, tally, &keys, |hit| {
                        collect(collector, record, &hit);
                        queue.push(aggregate, hit)
                    });
                } else {
                    let Some(line) = unread.take() else { break };
                    // Each of the lines that are glued together is one.
                    let mut rest = Some(line);
                    while let Some(line) = rest {
                        let (line, behind) = unglued(line);
                        rest = behind;
                        tally.lines += 1;
                        match read_unusual(line, place.formats, place.first, &mut tools) {
                            Ok((Said::Request(record), _)) => {
                                take(&record, &mut self.selection, tally, &keys, |hit| {
                                    collect(collector, &record, &hit);
                                    queue.push(aggregate, hit)
                                });
                            }
                            Ok((Said::Error(said), _)) => {
                                tally.skip(Skip::ErrorLog, trim(line.text));
                                if self.selection.keeps_error(&said) {
                                    aggregate.count_error_line(&said);
                                }
                            }
                            Err(skip) => tally.skip(skip, trim(line.text)),
                        }
                    }
                }
            }
        }
        queue.drain(aggregate);
    }
}

#[inline(always)]
fn collect(collector: &mut Option<Collector<'_>>, record: &Record<'_>, hit: &Hit<'_>) {
    if let Some(collector) = collector {
        collector.add(record, hit);
    }
}

/// Keeps a record or not.
#[inline(always)]
fn take<'a>(
    record: &Record<'a>,
    selection: &mut Selection,
    tally: &mut Tally,
    keys: &'a Bump,
    count: impl FnOnce(Hit<'a>),
) {
    tally.parsed += 1;
    tally.period.add(record.time);
    match selection.keep(record, keys) {
        Some(hit) => count(hit),
        None => tally.filtered += 1,
    }
}

/// The first of the lines that are glued together to one, and what stands behind it.
#[inline]
pub fn unglued<'a, 'm>(line: Line<'a, 'm>) -> (Line<'a, 'm>, Option<Line<'a, 'm>>) {
    match parse::split_glued(line) {
        Some((line, behind)) => (line, Some(behind)),
        None => (line, None),
    }
}

/// Reads a line without its newline, and says which format it is in.
///
/// # Errors
///
/// Why it is no record.
#[inline(never)]
pub fn read_unusual<'a>(
    line: Line<'a, '_>,
    formats: &Formats,
    first: Option<usize>,
    tools: &mut Tools<'a, '_>,
) -> Result<(Said<'a>, usize), Skip> {
    if line.text.len() > LINE_BYTES_MAX && trim_nuls(line.text).len() > LINE_BYTES_MAX {
        return Err(Skip::TooLong);
    }
    let trimmed = line.trimmed(trim);
    match trimmed.text {
        [] | [b' ' | b'\t', ..] if trimmed.text.trim_ascii().is_empty() => {
            Err(if line.text.contains(&0) { Skip::Nul } else { Skip::Blank })
        }
        _ => formats.read(trimmed, first, tools),
    }
}
