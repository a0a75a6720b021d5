//! The decompressed bytes of a source: frame after frame, to the last byte that can be read.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::compression::{Beginning, Compression, HEAD_BYTES};
use super::decoder::{Decoder, Outcome};
use super::raw::Raw;
use super::utf16::{self, Utf16};
use crate::error;

/// How often in a row a decoder may neither take nor give before it counts as stuck, or at the end
/// of the input as cut: once is usual where the output was full.
const STALLS_MAX: u32 = 3;

/// Why a source could not be read to its end. What could be read was handed out before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Of which kind.
    pub kind: FaultKind,
    /// What happened and what to do about it, for a person. It holds nothing that a stranger
    /// chose.
    pub reason: String,
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The compressed stream ends too early.
    Truncated,
    /// The compressed stream is damaged.
    Corrupt,
    /// The disk failed, or a limit of ours was met.
    Unreadable,
}

impl FaultKind {
    /// Its name in reports.
    pub fn id(self) -> &'static str {
        match self {
            FaultKind::Truncated => "truncated",
            FaultKind::Corrupt => "corrupt",
            FaultKind::Unreadable => "unreadable",
        }
    }
}

/// Reads a source, decompressed: every gzip member, zstd or lz4 frame, bzip2 or xz stream of it.
pub struct Reader {
    raw: Raw,
    compression: Compression,
    state: State,
    /// How many frames were whole.
    frames: u64,
    frame_start: u64,
    trailing_garbage: Option<u64>,
    spelling: Spelling,
}

/// How decompressed bytes are given out.
enum Spelling {
    /// The first were not looked at yet.
    Unknown,
    /// As they are; those first that were looked at.
    AsIs { head: Vec<u8>, given: usize },
    /// As UTF-8.
    Utf16(Box<Recoder>),
}

/// What is spelled anew.
struct Recoder {
    utf16: Utf16,
    /// `input[start..]` was read and not spelled anew yet.
    input: Vec<u8>,
    start: usize,
    /// `output[given..]` was not given out yet.
    output: Vec<u8>,
    given: usize,
    /// How reading ended, once it has.
    end: Option<Result<(), Fault>>,
}

enum State {
    /// Nothing to decode.
    Plain,
    /// Within a frame.
    Frame(Decoder),
    /// After a whole frame.
    Between,
    /// After everything.
    End,
    /// After what could be read.
    Failed(Fault),
}

impl Reader {
    /// Looks at the first bytes of `bytes` to see how they are compressed.
    pub(super) fn new(bytes: Box<dyn Read + Send>, progress: Arc<AtomicU64>) -> io::Result<Reader> {
        let mut raw = Raw::new(bytes, progress);
        let head = raw.peek(HEAD_BYTES)?;
        let compression = Compression::of(&head[..head.len().min(HEAD_BYTES)]);
        Reader::begin(raw, compression)
    }

    /// Reads from where a frame begins, which need not be the first of its source.
    pub(super) fn at_frame(
        bytes: Box<dyn Read + Send>,
        compression: Compression,
        progress: Arc<AtomicU64>,
    ) -> io::Result<Reader> {
        let mut reader = Reader::begin(Raw::new(bytes, progress), compression)?;
        // Where a source was divided, it is none that is spelled anew.
        reader.spelling = Spelling::AsIs { head: Vec::new(), given: 0 };
        Ok(reader)
    }

    fn begin(raw: Raw, compression: Compression) -> io::Result<Reader> {
        let state = Decoder::new(compression)?.map_or(State::Plain, State::Frame);
        Ok(Reader {
            raw,
            compression,
            state,
            frames: 0,
            frame_start: 0,
            trailing_garbage: None,
            spelling: Spelling::Unknown,
        })
    }

    /// Where the frame begins that was begun last, in bytes on disk from where reading began. What
    /// a call of [`Reader::read`] gives out is of that frame; those before it in the same call, if
    /// any, were empty.
    pub(super) fn frame_start(&self) -> u64 {
        self.frame_start
    }

    /// How the source is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// How many bytes followed the end of the compressed stream without being part of it; known
    /// once [`Reader::read`] has said that the end is reached. Padding with zeros is none.
    pub fn trailing_garbage(&self) -> Option<u64> {
        self.trailing_garbage
    }

    /// Whether the source is UTF-16, which is given out as UTF-8; known once something was read.
    pub fn is_utf16(&self) -> bool {
        matches!(self.spelling, Spelling::Utf16(_))
    }

    /// Reads decompressed bytes into `buffer`, at least one unless it is empty; 0 is the end.
    ///
    /// # Errors
    ///
    /// A [`Fault`] once every byte that can be read was handed out; from then on always the same.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if matches!(self.spelling, Spelling::Unknown) {
            self.look_at_head();
        }
        match &mut self.spelling {
            Spelling::AsIs { head, given } if *given < head.len() => {
                let count = buffer.len().min(head.len() - *given);
                buffer[..count].copy_from_slice(&head[*given..*given + count]);
                *given += count;
                Ok(count)
            }
            Spelling::Utf16(_) => self.read_anew(buffer),
            Spelling::AsIs { .. } | Spelling::Unknown => self.read_as_is(buffer),
        }
    }

    /// Looks at the first bytes: whether they are UTF-16.
    fn look_at_head(&mut self) {
        let mut head = vec![0; utf16::HEAD_BYTES];
        let mut filled = 0;
        // A fault comes again once these are given out.
        while let Ok(count) = self.read_as_is(&mut head[filled..])
            && count > 0
        {
            filled += count;
        }
        head.truncate(filled);
        self.spelling = match Utf16::of(&head) {
            None => Spelling::AsIs { head, given: 0 },
            Some(utf16) => Spelling::Utf16(Box::new(Recoder {
                utf16,
                input: head,
                start: 0,
                output: Vec::new(),
                given: 0,
                end: None,
            })),
        };
    }

    fn read_anew(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        const PIECE_BYTES: usize = 64 << 10;
        loop {
            let Spelling::Utf16(recoder) = &mut self.spelling else { return Ok(0) };
            let ready = &recoder.output[recoder.given..];
            if !ready.is_empty() {
                let count = buffer.len().min(ready.len());
                buffer[..count].copy_from_slice(&ready[..count]);
                recoder.given += count;
                return Ok(count);
            }
            if recoder.start < recoder.input.len() {
                recoder.spell_anew();
                continue;
            }
            if let Some(end) = recoder.end.clone() {
                return end.map(|()| 0);
            }
            let mut input = std::mem::take(&mut recoder.input);
            input.resize(PIECE_BYTES, 0);
            let read = self.read_as_is(&mut input);
            let Spelling::Utf16(recoder) = &mut self.spelling else { return Ok(0) };
            input.truncate(*read.as_ref().unwrap_or(&0));
            (recoder.input, recoder.start) = (input, 0);
            match read {
                Ok(0) => recoder.finish(Ok(())),
                Ok(_) => {}
                Err(fault) => recoder.finish(Err(fault)),
            }
        }
    }

    fn read_as_is(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.state {
                State::Plain => return self.raw.read(buffer).map_err(|cause| disk_fault(&cause)),
                State::End => return Ok(0),
                State::Failed(fault) => return Err(fault.clone()),
                State::Between => self.next_frame(),
                State::Frame(_) => self.decode(buffer),
            };
            match read {
                Ok(0) => {}
                Ok(count) => return Ok(count),
                Err(fault) => self.state = State::Failed(fault),
            }
        }
    }

    /// Decodes within a frame until something comes out or the frame ends.
    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut stalls = 0;
        while let State::Frame(decoder) = &mut self.state {
            let input = self.raw.fill().map_err(|cause| disk_fault(&cause))?;
            let ended = input.is_empty();
            let step = decoder.step(input, buffer);
            self.raw.consume(step.consumed);
            match step.outcome {
                Outcome::FrameEnd => {
                    self.frames += 1;
                    self.state = State::Between;
                }
                Outcome::Broken(kind, reason) => {
                    self.state = State::Failed(self.broken(kind, &reason));
                }
                Outcome::More if step.consumed == 0 && step.produced == 0 => {
                    stalls += 1;
                    if stalls > STALLS_MAX {
                        return Err(if ended {
                            self.truncated()
                        } else {
                            self.broken(FaultKind::Corrupt, "the decoder is stuck")
                        });
                    }
                }
                Outcome::More => stalls = 0,
            }
            if step.produced > 0 {
                return Ok(step.produced);
            }
        }
        Ok(0)
    }

    /// After a frame: another one, padding, garbage or the end.
    fn next_frame(&mut self) -> Result<usize, Fault> {
        let disk = |cause: io::Error| disk_fault(&cause);
        loop {
            let seen = self.raw.fill().map_err(disk)?;
            let zeros = seen.iter().take_while(|byte| **byte == 0).count();
            if zeros == 0 {
                break;
            }
            self.raw.consume(zeros);
        }
        let seen = self.raw.peek(HEAD_BYTES).map_err(disk)?;
        let head = &seen[..seen.len().min(HEAD_BYTES)];
        if head.is_empty() {
            self.state = State::End;
            return Ok(0);
        }
        match self.compression.beginning(head) {
            Beginning::Whole => {
                self.frame_start = self.raw.position();
                let decoder = Decoder::new(self.compression).map_err(disk)?;
                self.state = decoder.map_or(State::Plain, State::Frame);
            }
            Beginning::Cut => return Err(self.truncated()),
            Beginning::Other => self.pass_garbage()?,
        }
        Ok(0)
    }

    /// Reads to the end. Where a frame begins within the rest, that rest is no garbage: the stream
    /// is damaged and what follows the damage is missing.
    fn pass_garbage(&mut self) -> Result<(), Fault> {
        let mut bytes = 0;
        // A frame's first bytes may lie across two reads: the end of each is kept for the next.
        loop {
            let seen = self.raw.peek(2 * HEAD_BYTES).map_err(|cause| disk_fault(&cause))?;
            if self.compression.begins_within(seen) {
                return Err(self.broken(FaultKind::Corrupt, "its beginning is overwritten"));
            }
            let passed = if seen.len() > HEAD_BYTES { seen.len() - HEAD_BYTES } else { seen.len() };
            if passed == 0 {
                break;
            }
            bytes += passed as u64;
            self.raw.consume(passed);
        }
        self.trailing_garbage = Some(bytes);
        self.state = State::End;
        Ok(())
    }

    fn truncated(&self) -> Fault {
        let Words { frame, .. } = words(self.compression);
        let reason = format!(
            "it ends within {frame} {}; what can be read before that was counted. If it is still \
             being written, run again later; else fetch it anew",
            self.frames + 1
        );
        Fault { kind: FaultKind::Truncated, reason }
    }

    fn broken(&self, kind: FaultKind, reason: &str) -> Fault {
        match kind {
            FaultKind::Truncated => return self.truncated(),
            FaultKind::Unreadable => return Fault { kind, reason: reason.to_string() },
            FaultKind::Corrupt => {}
        }
        let Words { frame, test } = words(self.compression);
        let reason = format!(
            "{frame} {} is damaged ({reason}); what can be read before that was counted. Check it \
             with `{test}`, or fetch it anew",
            self.frames + 1
        );
        Fault { kind, reason }
    }
}

impl Recoder {
    /// Spells what was read anew.
    fn spell_anew(&mut self) {
        // A unit of two bytes becomes three at most.
        self.output.resize(self.input.len() * 2 + 4 * utf16::CHARACTER_BYTES_MAX, 0);
        let (taken, given) = self.utf16.step(&self.input[self.start..], &mut self.output);
        self.output.truncate(given);
        self.start += taken;
        self.given = 0;
    }

    fn finish(&mut self, end: Result<(), Fault>) {
        self.output.resize(utf16::CHARACTER_BYTES_MAX, 0);
        let given = self.utf16.finish(&mut self.output);
        self.output.truncate(given);
        (self.given, self.end) = (0, Some(end));
    }
}

/// What a message calls things by.
struct Words {
    frame: &'static str,
    test: &'static str,
}

fn words(compression: Compression) -> Words {
    let (frame, test) = match compression {
        Compression::None => ("the file", "cat"),
        Compression::Gzip => ("gzip member", "gzip -t"),
        Compression::Zstd => ("zstd frame", "zstd -t"),
        Compression::Bzip2 => ("bzip2 stream", "bzip2 -t"),
        Compression::Xz => ("xz stream", "xz -t"),
        Compression::Lz4 => ("lz4 frame", "lz4 -t"),
    };
    Words { frame, test }
}

fn disk_fault(cause: &io::Error) -> Fault {
    let reason = format!(
        "reading stopped: {}; what came before was counted. Check the disk (`dmesg`) or the mount",
        error::reason(cause)
    );
    Fault { kind: FaultKind::Unreadable, reason }
}

#[cfg(test)]
mod tests;
