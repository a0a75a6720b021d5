//! The lines of a job, piece by piece: of a span or of a whole source, read in the worker's thread
//! or beside it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::plan::{Job, Plan, first_bytes, sniff, unreadable};
use super::tally::Ending;
use crate::input::lines::{Cut, Cutter};
use crate::input::members::{Doubt, Members};
use crate::input::{Fault, FaultKind, Reader};
use crate::options::Layout;
use crate::parse::Sniff;

/// The lines of a job.
pub struct Stream<'a> {
    bytes: Bytes<'a>,
    cutter: Cutter,
    /// Where in the source the lines begin that belong to somebody else; `u64::MAX` where none do.
    to: u64,
    stop: Option<Stop>,
    is_over: bool,
}

/// Where the bytes come from.
enum Bytes<'a> {
    /// A plain file, from any place on.
    Plain(File, Arc<AtomicU64>),
    /// A source that is read from its first byte to its last, whose first bytes were looked at.
    Whole {
        reader: Box<Reader>,
        head: Vec<u8>,
        /// How much of it was given out.
        given: usize,
        /// What stopped reading within it.
        fault: Option<Fault>,
        sniff: Box<Sniff>,
    },
    /// A source of several members, from any place on.
    Members(Box<Members<'a>>),
}

/// Why reading stopped before the end.
enum Stop {
    /// What came before it counts.
    Fault(Fault),
    /// Nothing counts.
    Doubt,
}

impl<'a> Stream<'a> {
    /// Opens the source of a job. `progress` grows by every byte that is read from disk.
    pub fn open(
        plan: &'a Plan<'_>,
        job: &Job,
        progress: Arc<AtomicU64>,
        layout: Layout,
    ) -> Result<Stream<'a>, Fault> {
        let (from, to) = job.span.unwrap_or((0, u64::MAX));
        // The byte before a span says whether a line begins at its first.
        let start = from.saturating_sub(1);
        let failed = |cause: io::Error| unreadable(&cause);
        let bytes = match (job.span, &plan.members) {
            (None, _) => Bytes::whole(plan, progress)?,
            (Some(_), None) => {
                let mut file = File::open(&plan.source.path).map_err(failed)?;
                file.seek(SeekFrom::Start(start)).map_err(failed)?;
                Bytes::Plain(file, progress)
            }
            (Some(_), Some(index)) => {
                let members = Members::open(plan.source, index, start, progress);
                Bytes::Members(Box::new(members.map_err(failed)?))
            }
        };
        let cutter = Cutter::new(layout.chunk_bytes, start, from > 0);
        Ok(Stream { bytes, cutter, to, stop: None, is_over: false })
    }

    /// What the first lines of the source said, whose plan is given.
    pub fn sniff<'s>(&'s self, plan: &'s Plan<'_>) -> Option<&'s Sniff> {
        match &self.bytes {
            Bytes::Whole { sniff, .. } => Some(sniff),
            Bytes::Plain(..) | Bytes::Members(_) => plan.ending.sniff.as_ref(),
        }
    }

    /// The first bytes of a source that is read from its first byte to its last.
    pub fn head(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Whole { head, .. } => head,
            Bytes::Plain(..) | Bytes::Members(_) => &[],
        }
    }

    /// Reads all and gives it to `count`, until that says that it is enough. With `has_idle` what
    /// has to be decoded is decoded by a thread of its own.
    pub fn run(self, has_idle: bool, mut count: impl FnMut(&[u8], &Cut) -> bool) -> Stream<'a> {
        let has_decoder = !matches!(self.bytes, Bytes::Plain(..));
        if has_idle && has_decoder { beside(self, &mut count) } else { inline(self, &mut count) }
    }

    /// What its end tells of the source, whose plan is given; `None` where that is nothing new.
    ///
    /// # Errors
    ///
    /// A [`Doubt`]: nothing that was read counts.
    pub fn ending(self, plan: &Plan<'_>) -> Result<Option<Ending>, Doubt> {
        let fault = match self.stop {
            None => None,
            Some(Stop::Fault(fault)) => Some(fault),
            Some(Stop::Doubt) => return Err(Doubt),
        };
        Ok(match self.bytes {
            Bytes::Plain(..) => {
                let ending = Ending { fault, ..plan.ending.clone() };
                ending.fault.is_some().then_some(ending)
            }
            Bytes::Whole { reader, sniff, .. } => Some(Ending {
                compression: Some(reader.compression()),
                trailing_garbage: reader.trailing_garbage(),
                is_utf16: reader.is_utf16(),
                fault,
                sniff: Some(*sniff),
            }),
            Bytes::Members(members) => members
                .trailing_garbage()
                .map(|bytes| Ending { trailing_garbage: Some(bytes), ..plan.ending.clone() }),
        })
    }

    /// The next piece, in the cutter's buffer.
    fn next(&mut self) -> Option<Cut> {
        /// How much is read at a time to find the end of the last line.
        const BEYOND_BYTES: u64 = 16 << 10;
        let Stream { bytes, cutter, to, stop, is_over } = self;
        if *is_over || cutter.line_start() >= *to {
            return None;
        }
        let position = cutter.position();
        let left = if position < *to { *to - position } else { BEYOND_BYTES };
        let cut = cutter.next(|buffer| {
            let room = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            bytes.read(&mut buffer[..room])
        });
        match cut {
            Ok(Some(cut)) => return Some(cut),
            Ok(None) if *to != u64::MAX && cutter.position() < *to => *stop = Some(bytes.short()),
            Ok(None) => {}
            Err(found) => *stop = Some(found),
        }
        *is_over = true;
        self.cutter.rest()
    }
}

impl Bytes<'_> {
    fn whole(plan: &Plan<'_>, progress: Arc<AtomicU64>) -> Result<Bytes<'static>, Fault> {
        let opened = plan.source.open(progress);
        let mut reader = opened.map_err(|error| match error {
            crate::error::Error::Read { cause, .. } => unreadable(&cause),
            other => Fault { kind: FaultKind::Unreadable, reason: other.to_string() },
        })?;
        let (head, fault) = first_bytes(&mut reader);
        let sniff = Box::new(sniff(&head, plan.formats));
        Ok(Bytes::Whole { reader: Box::new(reader), head, given: 0, fault, sniff })
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        match self {
            Bytes::Plain(file, progress) => {
                let count = read_retrying(file, buffer);
                let count = count.map_err(|cause| Stop::Fault(unreadable(&cause)))?;
                progress.fetch_add(count as u64, Ordering::Relaxed);
                Ok(count)
            }
            Bytes::Whole { reader, head, given, fault, .. } => {
                if *given < head.len() {
                    let count = buffer.len().min(head.len() - *given);
                    buffer[..count].copy_from_slice(&head[*given..*given + count]);
                    *given += count;
                    return Ok(count);
                }
                match fault.take() {
                    Some(fault) => Err(Stop::Fault(fault)),
                    None => reader.read(buffer).map_err(Stop::Fault),
                }
            }
            Bytes::Members(members) => members.read(buffer).map_err(|Doubt| Stop::Doubt),
        }
    }

    /// Why the end came too early.
    fn short(&self) -> Stop {
        if let Bytes::Members(_) = self {
            return Stop::Doubt;
        }
        let reason = "it became shorter while it was read; what was left is counted, run again on \
                      the rotated file";
        Stop::Fault(Fault { kind: FaultKind::Truncated, reason: reason.to_string() })
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

/// Decodes and counts in turn, until `count` says that it is enough.
fn inline<'a>(mut stream: Stream<'a>, count: &mut impl FnMut(&[u8], &Cut) -> bool) -> Stream<'a> {
    while let Some(cut) = stream.next()
        && count(stream.cutter.buffer(), &cut)
    {}
    stream
}

/// Decodes in a thread of its own, a few pieces ahead. Buffers go round.
fn beside<'a>(stream: Stream<'a>, count: &mut impl FnMut(&[u8], &Cut) -> bool) -> Stream<'a> {
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
