//! A worker: reads spans and streams, and counts their lines into an aggregate of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bumpalo::Bump;

use super::Watch;
use super::plan::{Job, Plan, sniff, unreadable};
use super::tally::{Ending, Tally};
use crate::aggregate::peaks::SpanKey;
use crate::aggregate::{Aggregate, BATCH};
use crate::clock::Clock;
use crate::input::lines::{Cut, Cutter, Lines, Piece, trim, trim_nuls};
use crate::input::{Fault, FaultKind, Reader};
use crate::options::{LINE_BYTES_MAX, Layout, Options};
use crate::parse::{Formats, Line, Marks, SNIFF_BYTES};
use crate::record::{Hit, Record, Skip};
use crate::select::Selection;

/// So much text is marked and then parsed at a time: it and its marks stay in the nearest cache.
const WINDOW_BYTES: usize = 16 << 10;

/// The memory that tables may take while workers count side by side.
pub struct Room {
    table_bytes: u64,
    taken: AtomicU64,
}

impl Room {
    /// As the options have it.
    pub fn new(options: &Options) -> Room {
        Room { table_bytes: table_bytes(options), taken: AtomicU64::new(0) }
    }

    /// Whether the tables of all workers together became too large.
    pub fn is_over(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > self.table_bytes
    }
}

fn table_bytes(options: &Options) -> u64 {
    options.layout.table_bytes.unwrap_or(options.memory_limit.table_bytes())
}

fn shrank() -> Fault {
    let reason = "it became shorter while it was read; what was left is counted, run again on the \
                  rotated file";
    Fault { kind: FaultKind::Truncated, reason: reason.to_string() }
}

/// See the head of the file.
pub struct Worker<'a> {
    aggregate: Aggregate,
    tallies: Vec<Tally>,
    selection: Selection,
    clock: Clock,
    marks: Marks,
    layout: Layout,
    watch: &'a dyn Watch,
    /// What all workers share who count side by side; `None` is one who counts in order.
    room: Option<&'a Room>,
    /// What its own tables took when that was last looked at.
    taken: u64,
    table_bytes: u64,
    epoch_bytes: u64,
}

/// Where a worker stands in a span.
struct Place<'a> {
    formats: &'a Formats,
    tally: Tally,
    block: u64,
    /// Where in the source the lines begin that belong to somebody else.
    end: u64,
}

impl<'a> Worker<'a> {
    /// A worker that has counted nothing. With `room` it counts some lines beside others who count
    /// the rest, else it counts all, in their order.
    pub fn new(options: &Options, watch: &'a dyn Watch, room: Option<&'a Room>) -> Worker<'a> {
        let (filters, statuses) = (options.filters.clone(), options.statuses.clone());
        Worker {
            aggregate: Aggregate::default(),
            tallies: Vec::new(),
            selection: Selection::new(filters, statuses, options.query),
            clock: Clock::default(),
            marks: Marks::new(options.layout.simd),
            layout: options.layout,
            watch,
            room,
            taken: 0,
            table_bytes: table_bytes(options),
            epoch_bytes: options.memory_limit.epoch_bytes().max(options.layout.block_bytes),
        }
    }

    /// What it counted.
    pub fn finish(mut self) -> (Aggregate, Vec<Tally>) {
        self.check_room(false);
        self.aggregate.seal();
        (self.aggregate, self.tallies)
    }

    /// Does a job. With `has_idle` a stream is decoded by a thread of its own.
    pub fn run(&mut self, plan: &Plan<'_>, job: &Job, has_idle: bool) {
        match job.span {
            Some((from, to)) => self.read_span(plan, from, to),
            None => self.read_stream(plan, has_idle),
        }
    }

    fn begin<'p>(&mut self, plan: &Plan<'p>, block: u64) -> Place<'p> {
        self.check_room(true);
        self.aggregate.begin_span(SpanKey {
            series: plan.source.series as u32,
            file: plan.number as u32,
            block,
        });
        let tally = Tally { source: plan.number, block, ..Tally::default() };
        Place { formats: plan.formats, tally, block, end: u64::MAX }
    }

    /// Counts the lines that begin in `from..to` of a plain file.
    fn read_span(&mut self, plan: &Plan<'_>, from: u64, to: u64) {
        let mut place = self.begin(plan, from / self.layout.block_bytes);
        place.end = to;
        // The byte before a span says whether a line begins at its first.
        let start = from.saturating_sub(1);
        let mut cutter = Cutter::new(self.layout.chunk_bytes, start, from > 0);
        let opened = File::open(&plan.source.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(start))?;
            Ok(file)
        });
        let fault = match opened {
            Ok(mut file) => self.read_pieces(&mut file, &mut cutter, &mut place, to),
            Err(cause) => Some(unreadable(&cause)),
        };
        if fault.is_some() {
            let ending = Ending { fault, ..plan.ending.clone() };
            place.tally.ending = Some(ending);
        }
        self.tallies.push(place.tally);
    }

    fn read_pieces(
        &mut self,
        file: &mut File,
        cutter: &mut Cutter,
        place: &mut Place<'_>,
        to: u64,
    ) -> Option<Fault> {
        /// How much is read at a time to find the end of the last line.
        const BEYOND_BYTES: u64 = 16 << 10;
        while cutter.line_start() < to && !self.is_stopped() {
            let position = cutter.position();
            let left = if position < to { to - position } else { BEYOND_BYTES };
            let cut = cutter.next(|buffer| {
                let room =
                    usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
                read_retrying(file, &mut buffer[..room])
            });
            self.watch.advance(cutter.position() - position);
            match cut {
                Ok(Some(cut)) => self.count_piece(place, cut.piece(cutter.buffer())),
                Ok(None) if cutter.position() < to => return Some(shrank()),
                Ok(None) => return None,
                Err(cause) => {
                    if let Some(rest) = cutter.rest() {
                        self.count_piece(place, rest.piece(cutter.buffer()));
                    }
                    return Some(unreadable(&cause));
                }
            }
        }
        None
    }

    /// Counts the lines of a stream.
    fn read_stream(&mut self, plan: &Plan<'_>, has_idle: bool) {
        let mut place = self.begin(plan, 0);
        let disk_bytes = Arc::new(AtomicU64::new(0));
        let stream = match Stream::open(plan, disk_bytes.clone(), self.layout) {
            Ok(stream) => stream,
            Err(fault) => {
                place.tally.ending = Some(Ending { fault: Some(fault), ..Ending::default() });
                self.tallies.push(place.tally);
                return;
            }
        };
        let sniff = sniff(&stream.head, plan.formats);
        let mut told = 0;
        let mut tell = |watch: &dyn Watch| {
            let now = disk_bytes.load(Ordering::Relaxed);
            watch.advance(now - std::mem::replace(&mut told, now));
        };
        let mut count = |buffer: &[u8], cut: &Cut| {
            self.count_piece(&mut place, cut.piece(buffer));
            tell(self.watch);
            !self.is_stopped()
        };
        let stream = if has_idle { beside(stream, &mut count) } else { inline(stream, &mut count) };
        place.tally.ending = Some(Ending {
            compression: Some(stream.reader.compression()),
            trailing_garbage: stream.reader.trailing_garbage(),
            fault: stream.fault,
            sniff: Some(sniff.clone()),
        });
        self.tallies.push(place.tally);
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
            self.check_room(is_new_epoch);
        }
        !self.is_stopped()
    }

    /// Whether the tables of all became too large, so that the work is to be begun again in order.
    fn is_stopped(&self) -> bool {
        self.room.is_some_and(Room::is_over)
    }

    /// Looks what the tables take: at the end of a block, which may be the end of an epoch.
    fn check_room(&mut self, is_new_epoch: bool) {
        match self.room {
            Some(room) => {
                let taken = self.aggregate.cost();
                // No table shrinks here.
                room.taken.fetch_add(taken - self.taken, Ordering::Relaxed);
                self.taken = taken;
            }
            None if is_new_epoch && self.aggregate.cost() > self.table_bytes => {
                self.aggregate.prune(self.table_bytes);
            }
            None => {}
        }
    }

    fn count_lines(&mut self, place: &mut Place<'_>, lines: Lines<'_>) {
        let keys = Bump::new();
        let mut hits = Vec::with_capacity(BATCH);
        let tally = &mut place.tally;
        tally.bytes += lines.bytes().len() as u64;
        for window in lines.windows(WINDOW_BYTES) {
            self.marks.find(window);
            for line in self.marks.lines(window) {
                tally.lines += 1;
                // Each way takes its record from where it made it: to bring them together would
                // copy every one.
                let is_of_length = line.text.len() <= LINE_BYTES_MAX;
                if is_of_length
                    && let Some(record) = place.formats.read_usual(line, &mut self.clock)
                {
                    take(&record, &self.selection, tally, &keys, &mut hits);
                } else {
                    match read_unusual(line, place.formats, &mut self.clock) {
                        Ok(record) => take(&record, &self.selection, tally, &keys, &mut hits),
                        Err(skip) => tally.skip(skip, trim(line.text)),
                    }
                }
                if hits.len() == BATCH {
                    self.aggregate.count(&hits);
                    hits.clear();
                }
            }
        }
        self.aggregate.count(&hits);
    }
}

/// Keeps a record or not.
#[inline(always)]
fn take<'a>(
    record: &Record<'a>,
    selection: &Selection,
    tally: &mut Tally,
    keys: &'a Bump,
    hits: &mut Vec<Hit<'a>>,
) {
    tally.parsed += 1;
    tally.period.add(record.time);
    match selection.keep(record, keys) {
        Some(hit) => hits.push(hit),
        None => tally.filtered += 1,
    }
}

/// Reads a line without its newline.
#[inline(never)]
fn read_unusual<'a>(
    line: Line<'a, '_>,
    formats: &Formats,
    clock: &mut Clock,
) -> Result<Record<'a>, Skip> {
    if line.text.len() > LINE_BYTES_MAX && trim_nuls(line.text).len() > LINE_BYTES_MAX {
        return Err(Skip::TooLong);
    }
    let trimmed = line.trimmed(trim);
    match trimmed.text {
        [] | [b' ' | b'\t', ..] if trimmed.text.trim_ascii().is_empty() => {
            Err(if line.text.contains(&0) { Skip::Nul } else { Skip::Blank })
        }
        _ => formats.read(trimmed, clock),
    }
}

fn read_retrying(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A stream that was opened, and its first bytes.
struct Stream {
    reader: Reader,
    cutter: Cutter,
    head: Vec<u8>,
    head_given: usize,
    fault: Option<Fault>,
    is_over: bool,
}

impl Stream {
    fn open(plan: &Plan<'_>, progress: Arc<AtomicU64>, layout: Layout) -> Result<Stream, Fault> {
        let opened = plan.source.open(progress);
        let mut reader = opened.map_err(|error| match error {
            crate::error::Error::Read { cause, .. } => unreadable(&cause),
            other => Fault { kind: FaultKind::Unreadable, reason: other.to_string() },
        })?;
        let mut head = vec![0; SNIFF_BYTES];
        let (mut filled, mut fault) = (0, None);
        while filled < head.len() {
            match reader.read(&mut head[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(found) => {
                    fault = Some(found);
                    break;
                }
            }
        }
        head.truncate(filled);
        let is_over = filled < SNIFF_BYTES;
        let cutter = Cutter::new(layout.chunk_bytes, 0, false);
        Ok(Stream { reader, cutter, head, head_given: 0, fault, is_over })
    }

    /// The next piece, in the cutter's buffer.
    fn next(&mut self) -> Option<Cut> {
        let Stream { reader, cutter, head, head_given, fault, is_over } = self;
        let cut = cutter.next(|buffer| {
            if *head_given < head.len() {
                let count = buffer.len().min(head.len() - *head_given);
                buffer[..count].copy_from_slice(&head[*head_given..*head_given + count]);
                *head_given += count;
                return Ok(count);
            }
            if *is_over {
                return Ok(0);
            }
            reader.read(buffer)
        });
        match cut {
            Ok(cut) => cut,
            Err(found) => {
                *fault = Some(found);
                *is_over = true;
                self.cutter.rest()
            }
        }
    }
}

/// Decodes and counts in turn, until `count` says that it is enough.
fn inline(mut stream: Stream, count: &mut impl FnMut(&[u8], &Cut) -> bool) -> Stream {
    while let Some(cut) = stream.next()
        && count(stream.cutter.buffer(), &cut)
    {}
    stream
}

/// Decodes in a thread of its own, a few pieces ahead. Buffers go round.
fn beside(stream: Stream, count: &mut impl FnMut(&[u8], &Cut) -> bool) -> Stream {
    /// Pieces that may wait: enough to bridge a hesitation of either side.
    const AHEAD: usize = 4;
    type Loaded = (Vec<u8>, Cut);
    let (full, ready): (SyncSender<Loaded>, Receiver<Loaded>) = sync_channel(AHEAD);
    let (empty, spares): (SyncSender<Vec<u8>>, Receiver<Vec<u8>>) = sync_channel(AHEAD + 2);
    std::thread::scope(|scope| {
        let decoder = scope.spawn(move || {
            let mut stream = stream;
            while let Some(cut) = stream.next() {
                let spare = spares.try_recv().unwrap_or_default();
                if full.send((stream.cutter.detach(spare), cut)).is_err() {
                    break;
                }
            }
            stream
        });
        for (buffer, cut) in ready {
            if !count(&buffer, &cut) {
                break;
            }
            // A full return channel means that there are buffers enough.
            drop(empty.try_send(buffer));
        }
        decoder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
