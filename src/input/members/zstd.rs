//! Finds the frames of a zstd file (RFC 8878 §3.1) by walking from block to block.

use std::io::{self, BufReader, Read, Seek};

use super::{FIRST_LOOK_BYTES, Index, Start};

/// How a frame begins.
const MAGIC: u32 = 0xFD2F_B528;

/// How a frame begins that holds no content; the last four bits are free.
const SKIPPABLE_MAGIC: u32 = 0x184D_2A50;

/// The most that a block holds, decompressed.
const BLOCK_BYTES_MAX: u64 = 128 << 10;

/// So much is read at a time: a few bytes are wanted, and the next lie some KiB behind them.
const PIECE_BYTES: usize = 64;

/// Adds every beginning to the index; gives the length of the decompressed stream. `None` where
/// there is one frame only, or one does not tell how much it holds, or is cut. What is no frame
/// ends the walk: what follows it is for a reader to judge.
pub(super) fn find(file: impl Read + Seek, index: &mut Index) -> io::Result<Option<u64>> {
    let mut walk = Walk { file: BufReader::with_capacity(PIECE_BYTES, file), position: 0 };
    match walk.all(index) {
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        found => found,
    }
}

struct Walk<R> {
    file: BufReader<R>,
    position: u64,
}

impl<R: Read + Seek> Walk<R> {
    fn all(&mut self, index: &mut Index) -> io::Result<Option<u64>> {
        let (mut text, mut has_second) = (0_u64, false);
        while !self.is_end()? {
            let start = Start { disk: self.position, text };
            has_second |= start.disk > 0;
            let magic = self.number(4).unwrap_or(0) as u32;
            let content_bytes = if magic == MAGIC {
                self.frame(has_second)?
            } else if magic & !0xF == SKIPPABLE_MAGIC {
                let length = self.number(4)?;
                self.pass(length)?;
                Some(0)
            } else {
                break;
            };
            if start.disk > 0 {
                index.push(start);
            }
            let sum = content_bytes.and_then(|bytes| text.checked_add(bytes));
            match sum {
                Some(sum) => text = sum,
                None => return Ok(None),
            }
        }
        Ok(has_second.then_some(text))
    }

    /// Passes over a frame behind its magic; says how much it holds.
    fn frame(&mut self, has_second: bool) -> io::Result<Option<u64>> {
        let descriptor = self.number(1)?;
        let is_single_segment = descriptor & 0x20 != 0;
        self.pass(u64::from(!is_single_segment))?;
        self.pass([0, 1, 2, 4][descriptor as usize & 3])?;
        let content_bytes = match descriptor >> 6 {
            0 if !is_single_segment => return Ok(None),
            0 => self.number(1)?,
            1 => self.number(2)? + 256,
            2 => self.number(4)?,
            _ => self.number(8)?,
        };
        let mut content_bytes_max = 0;
        loop {
            let header = self.number(3)?;
            let (is_last, is_run, length) = (header & 1 != 0, header >> 1 & 3 == 1, header >> 3);
            self.pass(if is_run { 1 } else { length })?;
            content_bytes_max += BLOCK_BYTES_MAX;
            if is_last {
                break;
            }
            if !has_second && self.position > FIRST_LOOK_BYTES {
                return Ok(None);
            }
        }
        let has_checksum = descriptor & 4 != 0;
        self.pass(if has_checksum { 4 } else { 0 })?;
        Ok(Some(content_bytes).filter(|bytes| *bytes <= content_bytes_max))
    }

    /// A number of so many bytes, the lowest first.
    fn number(&mut self, bytes: usize) -> io::Result<u64> {
        let mut number = [0; 8];
        self.file.read_exact(&mut number[..bytes])?;
        self.position += bytes as u64;
        Ok(u64::from_le_bytes(number))
    }

    fn pass(&mut self, bytes: u64) -> io::Result<()> {
        // The last is read, so that the end of the file is not passed unseen.
        if let Some(before) = bytes.checked_sub(1) {
            self.file.seek_relative(before as i64)?;
            self.position += before;
            self.number(1)?;
        }
        Ok(())
    }

    fn is_end(&mut self) -> io::Result<bool> {
        Ok(io::BufRead::fill_buf(&mut self.file)?.is_empty())
    }
}
