//! Finds the members of a gzip file (RFC 1952) by how each begins and how the one before it ends.

use std::io::{self, Read};

use memchr::memmem::Finder;

use super::{FIRST_LOOK_BYTES, Index, Start};
use crate::input::inflate::{Gzip, Outcome};

/// Magic and method.
const MAGIC: [u8; 3] = [0x1F, 0x8B, 0x08];

/// The flags that have to be zero.
const RESERVED: u8 = 0xE0;

/// The header without what the flags add.
const HEADER_BYTES: usize = 10;

/// So much is read at a time: it is still in the cache when it is searched.
const PIECE_BYTES: usize = 256 << 10;

/// So much is kept of what lies before a beginning: the length that ends the member before it, and
/// padding with zeros up to the end of a block on disk.
const BEHIND_BYTES: usize = 1 << 10;

/// So much is decoded, of as many bytes, where a beginning is not like the one before.
const TRIAL_BYTES: usize = 4 << 10;

/// The most that deflate shrinks anything: 258 bytes in two bits.
const RATIO_MAX: u64 = 1032;

/// The most that a log shrinks, to tell the length from the zeros behind it.
const LOG_RATIO_MAX: u64 = 256;

/// Up to so many bytes more than its content a member may take on disk: a header with a name.
const WRAPPING_BYTES_MAX: u64 = 512;

/// Adds every beginning to the index; gives the length of the decompressed stream. `None` where
/// there is one member only, or the last has no length that makes sense.
pub(super) fn find(file: impl Read, index: &mut Index) -> io::Result<Option<u64>> {
    find_by(file, index, PIECE_BYTES)
}

/// [`find`], with so many bytes read at a time.
pub(super) fn find_by(
    mut file: impl Read,
    index: &mut Index,
    piece_bytes: usize,
) -> io::Result<Option<u64>> {
    let magic = Finder::new(&MAGIC);
    let mut buffer = vec![0; BEHIND_BYTES + TRIAL_BYTES + piece_bytes];
    // Where on disk the buffer begins, how much is in it, and up to where it was searched.
    let (mut buffer_start, mut filled, mut searched) = (0, 0, 1);
    let mut last = Start { disk: 0, text: 0 };
    let mut last_header = [0; HEADER_BYTES];
    loop {
        let is_end = fill(&mut file, &mut buffer, &mut filled)?;
        let bytes = &buffer[..filled];
        if last.disk == 0
            && let Some(header) = bytes.first_chunk()
        {
            last_header = *header;
        }
        // What begins at the very end is looked at when what follows it is there.
        let end = if is_end { bytes.len() } else { bytes.len().saturating_sub(TRIAL_BYTES) };
        while let Some(offset) = bytes.get(searched..).and_then(|rest| magic.find(rest))
            && searched + offset < end
        {
            let at = searched + offset;
            searched = at + 1;
            let disk = buffer_start + at as u64;
            let Some(header) = bytes[at..].first_chunk::<HEADER_BYTES>() else { break };
            if header[3] & RESERVED == 0
                && let Some(length) = length_before(&bytes[..at], disk - last.disk)
                && (is_alike(header, &last_header) || decodes(&bytes[at..]))
            {
                last = Start { disk, text: last.text + length };
                last_header = *header;
                index.push(last);
            }
        }
        searched = searched.max(end);
        let disk = buffer_start + bytes.len() as u64;
        if is_end {
            let length = length_before(bytes, disk - last.disk);
            return Ok(length.filter(|_| last.disk > 0).map(|length| last.text + length));
        }
        if last.disk == 0 && disk > FIRST_LOOK_BYTES {
            return Ok(None);
        }
        let passed = searched.saturating_sub(BEHIND_BYTES);
        buffer.copy_within(passed..filled, 0);
        buffer_start += passed as u64;
        filled -= passed;
        searched -= passed;
    }
}

/// Reads on until the buffer is full; says whether the end came before.
fn fill(file: &mut impl Read, buffer: &mut [u8], filled: &mut usize) -> io::Result<bool> {
    while *filled < buffer.len() {
        match file.read(&mut buffer[*filled..]) {
            Ok(0) => return Ok(true),
            Ok(count) => *filled += count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(false)
}

/// Whether two members seem to be of one writer: the same flags, level and system. Together with the
/// magic these are 48 bits; where they agree by chance the [`Doubt`](super::Doubt) of a reader costs
/// time.
fn is_alike(header: &[u8; HEADER_BYTES], other: &[u8; HEADER_BYTES]) -> bool {
    header[3] == other[3] && header[8..] == other[8..]
}

/// Whether a member can be decoded from here, at least its first few bytes.
fn decodes(bytes: &[u8]) -> bool {
    let mut input = &bytes[..bytes.len().min(TRIAL_BYTES)];
    let (mut decoder, mut output) = (Gzip::default(), vec![0; TRIAL_BYTES]);
    let mut filled = 0;
    while filled < output.len() {
        let step = decoder.step(input, &mut output[filled..]);
        input = &input[step.consumed..];
        filled += step.produced;
        match step.outcome {
            Outcome::End => break,
            Outcome::Broken(_) => return false,
            Outcome::More if step.consumed == 0 && step.produced == 0 => break,
            Outcome::More => {}
        }
    }
    true
}

/// How long the member is, decompressed, that takes so many bytes on disk and ends where `before`
/// does, or before the zeros at its end.
fn length_before(before: &[u8], disk_bytes: u64) -> Option<u64> {
    let fits = |length: &u64| {
        disk_bytes >= (HEADER_BYTES + 10) as u64
            && *length <= disk_bytes * RATIO_MAX
            && disk_bytes <= 2 * length + WRAPPING_BYTES_MAX
    };
    let told =
        |bytes: &[u8]| bytes.last_chunk().map(|length| u64::from(u32::from_le_bytes(*length)));
    told(before).filter(fits).or_else(|| {
        // The length's own upper bytes may be zero: each that is taken for padding makes it 256
        // times as great.
        let end = before.iter().rposition(|&byte| byte != 0)?;
        let is_padded = end + 1 < before.len();
        let greatest = told(&before[..=end]).filter(|_| is_padded)?;
        let lengths = std::iter::successors(Some(greatest), |length| Some(length >> 8));
        lengths.take(4).find(|length| *length <= disk_bytes * LOG_RATIO_MAX).filter(fits)
    })
}
