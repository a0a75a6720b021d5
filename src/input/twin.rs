//! Whether a compressed file and a plain one hold the same lines: rotation leaves both for a while.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crc32fast::Hasher;

use super::reader::Reader;
use super::{Compression, FaultKind, Source};

const BUFFER_BYTES: usize = 64 << 10;

/// How many bytes of the beginning are compared before a checksum of all is worth its time.
const HEAD_BYTES: usize = 4 << 10;

/// What the two have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same bytes.
    Same,
    /// The compressed one holds the beginning of the plain one: it is still being written, or was
    /// made before the last lines came.
    CompressedIsPart,
    /// The plain one holds the beginning of the compressed one: it is being unpacked.
    PlainIsPart,
    /// Neither holds all of the other.
    Different,
}

/// Compares the decompressed bytes of `compressed` with those of `plain`. What cannot be read
/// counts as different: reading it will tell why.
pub(super) fn compare(plain: &Path, compressed: &Source) -> Likeness {
    let quick = compressed.compression == Some(Compression::Gzip)
        && gzip_trailer_fits(plain, compressed).unwrap_or(false);
    if quick { Likeness::Same } else { compare_streams(plain, compressed) }
}

/// Whether gzip's own length and checksum, which end the file (RFC 1952 §2.3.1), are those of the
/// plain file, and both begin alike. That holds for a file of one member; any other is left to
/// [`compare_streams`].
fn gzip_trailer_fits(plain: &Path, compressed: &Source) -> io::Result<bool> {
    let mut trailer = [0; 8];
    let mut packed = File::open(&compressed.path)?;
    packed.seek(SeekFrom::End(-8))?;
    packed.read_exact(&mut trailer)?;
    let [c0, c1, c2, c3, l0, l1, l2, l3] = trailer;
    let (checksum, length) =
        (u32::from_le_bytes([c0, c1, c2, c3]), u32::from_le_bytes([l0, l1, l2, l3]));

    let mut file = File::open(plain)?;
    // The field has the length modulo 2^32.
    if file.metadata()?.len() & u64::from(u32::MAX) != u64::from(length) {
        return Ok(false);
    }
    let mut reader = open(compressed)?;
    let (mut decoded, mut head) = ([0; HEAD_BYTES], [0; HEAD_BYTES]);
    let count = fill(&mut decoded, |free| reader.read(free).unwrap_or(0));
    let plain_count = fill(&mut head, |free| file.read(free).unwrap_or(0));
    if decoded[..count] != head[..plain_count] {
        return Ok(false);
    }

    file.seek(SeekFrom::Start(0))?;
    let (mut crc, mut amount) = (Hasher::new(), 0_u32);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(crc.finalize() == checksum && amount == length);
        }
        crc.update(&buffer[..count]);
        amount = amount.wrapping_add(count as u32);
    }
}

/// Compares byte by byte, up to the first difference.
fn compare_streams(plain: &Path, compressed: &Source) -> Likeness {
    let (Ok(mut file), Ok(mut reader)) = (File::open(plain), open(compressed)) else {
        return Likeness::Different;
    };
    let (mut decoded, mut buffer) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]);
    let mut same_bytes = 0_u64;
    loop {
        let (count, fault) = match reader.read(&mut decoded) {
            Ok(count) => (count, None),
            Err(fault) => (0, Some(fault.kind)),
        };
        if count == 0 {
            let plain_ended = file.read(&mut buffer[..1]).is_ok_and(|more| more == 0);
            return match (plain_ended, fault) {
                (true, None) => Likeness::Same,
                // One that only just begins, and holds nothing yet.
                (_, Some(FaultKind::Truncated)) => Likeness::CompressedIsPart,
                // Nothing beside something says nothing about it.
                _ if same_bytes == 0 => Likeness::Different,
                _ => Likeness::CompressedIsPart,
            };
        }
        let got = fill(&mut buffer[..count], |free| file.read(free).unwrap_or(0));
        if decoded[..got] != buffer[..got] {
            return Likeness::Different;
        }
        same_bytes += got as u64;
        if got < count {
            return if same_bytes == 0 { Likeness::Different } else { Likeness::PlainIsPart };
        }
    }
}

fn open(source: &Source) -> io::Result<Reader> {
    Reader::new(Box::new(File::open(&source.path)?), Arc::new(AtomicU64::new(0)))
}

/// Reads until `out` is full or `read` gives nothing more; says how many bytes there were.
fn fill(out: &mut [u8], mut read: impl FnMut(&mut [u8]) -> usize) -> usize {
    let mut filled = 0;
    while filled < out.len() {
        match read(&mut out[filled..]) {
            0 => break,
            count => filled += count,
        }
    }
    filled
}
