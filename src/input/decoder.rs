//! Decoders: one frame of compressed bytes at a time, each call from a slice into a slice.
//!
//! A frame is what each format calls by another name: a member (gzip), a frame (zstd, lz4), a
//! stream (bzip2, xz). Decoding from slice to slice, rather than by `Read`, tells how many bytes
//! came out before the ones that could not be decoded.

use std::io::{self, BufRead, Read};

use lz4_flex::frame::FrameDecoder;
use lzma_rust2::{Action, XzStream};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

use super::compression::Compression;
use super::inflate::{self, Gzip};
use super::reader::FaultKind;

/// The largest window of a zstd frame, as a power of two: 128 MiB, what `zstd -d` takes too unless
/// told otherwise.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// The most memory that an xz stream may ask for, in KiB: `xz -9` asks for 65 MiB.
const XZ_MEMORY_MAX_KIB: u32 = 128 << 10;

/// The largest lz4 block, by the format.
const LZ4_BLOCK_BYTES_MAX: usize = 4 << 20;

/// What one call did.
pub(super) struct Step {
    /// Bytes taken from the input.
    pub(super) consumed: usize,
    /// Bytes put into the output.
    pub(super) produced: usize,
    /// What comes next.
    pub(super) outcome: Outcome,
}

/// What comes next.
pub(super) enum Outcome {
    /// More output, or more input.
    More,
    /// Nothing: the frame is over, and whole.
    FrameEnd,
    /// Nothing: the bytes cannot be decoded, for this reason.
    Broken(FaultKind, String),
}

/// The decoder of one compression.
pub(super) enum Decoder {
    /// gzip, checksum and length included.
    Gzip(Box<Gzip>),
    /// zstd, with how many bytes it wants next.
    Zstd(ZstdDecoder<'static>, usize),
    /// bzip2.
    Bzip2(bzip2::Decompress),
    /// xz.
    Xz(Box<XzStream>),
    /// lz4.
    Lz4(Box<Lz4>),
}

impl Decoder {
    /// A decoder for one frame; `None` for what is not compressed.
    pub(super) fn new(compression: Compression) -> io::Result<Option<Decoder>> {
        Ok(Some(match compression {
            Compression::None => return Ok(None),
            Compression::Gzip => Decoder::Gzip(Box::default()),
            Compression::Zstd => {
                let mut decoder = ZstdDecoder::new()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX))?;
                Decoder::Zstd(decoder, ZSTD_HEADER_BYTES_MIN)
            }
            Compression::Bzip2 => Decoder::Bzip2(bzip2::Decompress::new(false)),
            Compression::Xz => {
                Decoder::Xz(Box::new(XzStream::new_mem_limit(false, XZ_MEMORY_MAX_KIB)))
            }
            Compression::Lz4 => Decoder::Lz4(Box::default()),
        }))
    }

    /// Decodes some of `input` into `output`, which is not empty. An empty `input` says that there
    /// is no more.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Decoder::Gzip(decoder) => gzip(decoder, input, output),
            Decoder::Zstd(decoder, wanted) => zstd(decoder, wanted, input, output),
            Decoder::Bzip2(decoder) => bzip2(decoder, input, output),
            Decoder::Xz(decoder) => xz(decoder, input, output),
            Decoder::Lz4(decoder) => decoder.step(input, output),
        }
    }
}

fn broken(reason: &str) -> Outcome {
    Outcome::Broken(FaultKind::Corrupt, reason.to_string())
}

/// The length of a counter's step; the counters of the decoders only grow.
fn grown(before: u64, after: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(0)
}

fn gzip(decoder: &mut Gzip, input: &[u8], output: &mut [u8]) -> Step {
    let inflate::Step { consumed, produced, outcome } = decoder.step(input, output);
    let outcome = match outcome {
        inflate::Outcome::More => Outcome::More,
        inflate::Outcome::End => Outcome::FrameEnd,
        inflate::Outcome::Broken(defect) => broken(&defect.to_string()),
    };
    Step { consumed, produced, outcome }
}

/// The shortest frame header: magic, descriptor, and one byte of window or size.
const ZSTD_HEADER_BYTES_MIN: usize = 6;

/// Gives the library no more than it asked for: one block a call, so that a broken block takes no
/// output of the ones before it away.
fn zstd(
    decoder: &mut ZstdDecoder<'static>,
    wanted: &mut usize,
    input: &[u8],
    output: &mut [u8],
) -> Step {
    let mut from = InBuffer::around(&input[..input.len().min(*wanted)]);
    let mut to = OutBuffer::around(output);
    let result = decoder.run(&mut from, &mut to);
    let (consumed, produced) = (from.pos(), to.pos());
    let room_left = produced < output.len();
    let outcome = match result {
        Ok(0) => Outcome::FrameEnd,
        Ok(hint) => {
            // Where the output was too small, the rest of the block comes out first, alone.
            *wanted = if room_left { hint } else { 0 };
            Outcome::More
        }
        Err(error) if error.to_string().contains("too much memory") => Outcome::Broken(
            FaultKind::Unreadable,
            format!(
                "its zstd window is over 2^{ZSTD_WINDOW_LOG_MAX} bytes (128 MiB), the limit; \
                 decompress it with `zstd -d --long=31` and read the result"
            ),
        ),
        Err(error) => broken(&error.to_string()),
    };
    Step { consumed, produced, outcome }
}

fn bzip2(decoder: &mut bzip2::Decompress, input: &[u8], output: &mut [u8]) -> Step {
    let (total_in, total_out) = (decoder.total_in(), decoder.total_out());
    let outcome = match decoder.decompress(input, output) {
        Ok(bzip2::Status::StreamEnd) => Outcome::FrameEnd,
        Ok(bzip2::Status::MemNeeded) => {
            Outcome::Broken(FaultKind::Unreadable, "not enough memory for bzip2".to_string())
        }
        Ok(_) => Outcome::More,
        Err(bzip2::Error::Data) => broken("a block's checksum or content is wrong"),
        Err(error) => broken(error.to_string().trim_start_matches("bzip2: ")),
    };
    Step {
        consumed: grown(total_in, decoder.total_in()),
        produced: grown(total_out, decoder.total_out()),
        outcome,
    }
}

fn xz(decoder: &mut XzStream, input: &[u8], output: &mut [u8]) -> Step {
    let (total_in, total_out) = (decoder.total_in(), decoder.total_out());
    let action = if input.is_empty() { Action::Finish } else { Action::Run };
    let outcome = match decoder.process(input, output, action) {
        Ok(result) if result.status == lzma_rust2::Status::StreamEnd => Outcome::FrameEnd,
        Ok(_) => Outcome::More,
        Err(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof if input.is_empty() => {
                Outcome::Broken(FaultKind::Truncated, error.to_string())
            }
            io::ErrorKind::OutOfMemory => Outcome::Broken(
                FaultKind::Unreadable,
                "its xz dictionary needs over 128 MiB, the limit; decompress it with `xz -d` and \
                 read the result"
                    .to_string(),
            ),
            _ => broken(&error.to_string()),
        },
    };
    Step {
        consumed: grown(total_in, decoder.total_in()),
        produced: grown(total_out, decoder.total_out()),
        outcome,
    }
}

/// lz4: cuts the frame into header, blocks and end, and decodes each once it is there whole.
///
/// The library takes a file that ends between two blocks for a whole one, so the cutting is done
/// here (<https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>).
pub(super) struct Lz4 {
    frame: FrameDecoder<Piece>,
    part: Lz4Part,
    /// Decoded bytes that wait for room in the output.
    pending: usize,
    /// How many bytes of checksum follow each block, and the end.
    block_checksum_bytes: usize,
    end_checksum_bytes: usize,
}

/// Which part of the frame is being gathered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lz4Part {
    Header,
    BlockOrEnd,
}

impl Default for Lz4 {
    fn default() -> Lz4 {
        Lz4 {
            frame: FrameDecoder::new(Piece::default()),
            part: Lz4Part::Header,
            pending: 0,
            block_checksum_bytes: 0,
            end_checksum_bytes: 0,
        }
    }
}

impl Lz4 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut consumed = 0;
        while self.pending == 0 {
            let wanted = match self.part_bytes() {
                Ok(bytes) => bytes,
                Err(reason) => return Step { consumed, produced: 0, outcome: broken(reason) },
            };
            let piece = self.frame.get_mut();
            let missing = wanted.saturating_sub(piece.bytes.len());
            let taken = missing.min(input.len() - consumed);
            piece.bytes.extend_from_slice(&input[consumed..consumed + taken]);
            consumed += taken;
            if taken < missing {
                return Step { consumed, produced: 0, outcome: Outcome::More };
            }
            // The length of a part may be known only now that its first bytes are there.
            if self.part_bytes() != Ok(wanted) {
                continue;
            }
            match self.decode() {
                Ok(false) => {}
                Ok(true) => return Step { consumed, produced: 0, outcome: Outcome::FrameEnd },
                Err(error) => {
                    let outcome = broken(&error.to_string());
                    return Step { consumed, produced: 0, outcome };
                }
            }
        }
        let wanted = self.pending.min(output.len());
        let produced = self.frame.read(&mut output[..wanted]).unwrap_or(0);
        self.pending -= produced;
        Step { consumed, produced, outcome: Outcome::More }
    }

    /// How long the part that is being gathered is, as far as its bytes tell by now.
    fn part_bytes(&self) -> Result<usize, &'static str> {
        let bytes = &self.frame.get_ref().bytes;
        if self.part == Lz4Part::Header {
            // Magic, flags, block size; the content's length; the dictionary's id; a checksum.
            let flags = bytes.get(4).copied().unwrap_or(0);
            let length_bytes = if flags & 0x08 != 0 { 8 } else { 0 };
            let dictionary_bytes = if flags & 0x01 != 0 { 4 } else { 0 };
            return Ok(7 + length_bytes + dictionary_bytes);
        }
        let Some(size) = bytes.first_chunk() else { return Ok(4) };
        match u32::from_le_bytes(*size) & 0x7FFF_FFFF {
            0 if u32::from_le_bytes(*size) == 0 => Ok(4 + self.end_checksum_bytes),
            size if size as usize > LZ4_BLOCK_BYTES_MAX => Err("a block is over 4 MiB"),
            size => Ok(4 + size as usize + self.block_checksum_bytes),
        }
    }

    /// Decodes the part that is there whole; says whether it was the last.
    fn decode(&mut self) -> io::Result<bool> {
        let piece = self.frame.get_mut();
        match self.part {
            Lz4Part::Header => {
                // The library reads the header together with the first block.
                let flags = piece.bytes.get(4).copied().unwrap_or(0);
                self.block_checksum_bytes = if flags & 0x10 != 0 { 4 } else { 0 };
                self.end_checksum_bytes = if flags & 0x04 != 0 { 4 } else { 0 };
                piece.kept = std::mem::take(&mut piece.bytes);
                self.part = Lz4Part::BlockOrEnd;
                Ok(false)
            }
            Lz4Part::BlockOrEnd => {
                let is_end = piece.bytes.starts_with(&[0; 4]);
                piece.ready();
                self.pending = self.frame.fill_buf()?.len();
                self.frame.get_mut().clear();
                Ok(is_end)
            }
        }
    }
}

/// What of a frame the library may read now.
#[derive(Default)]
struct Piece {
    /// The part that is being gathered, then read.
    bytes: Vec<u8>,
    /// The header, until the first block joins it.
    kept: Vec<u8>,
    at: usize,
}

impl Piece {
    fn ready(&mut self) {
        if !self.kept.is_empty() {
            self.kept.append(&mut self.bytes);
            std::mem::swap(&mut self.kept, &mut self.bytes);
        }
        self.at = 0;
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.at = 0;
    }
}

impl Read for Piece {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = &self.bytes[self.at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}
