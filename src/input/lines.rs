//! Lines: cut out of a stream that comes in chunks, whole, each with where it began.

use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::options::LINE_BYTES_MAX;

/// Cuts a stream of bytes into pieces of whole lines, however the bytes come.
///
/// A line that is not whole yet is carried over. What is carried is bounded: a run of NULs at the
/// start of a line (what a log looks like after `copytruncate` under a writer that does not append)
/// shrinks to one, and a line longer than [`LINE_BYTES_MAX`] is given up.
#[derive(Debug)]
pub struct Cutter {
    /// `buffer[start..filled]` was read and not given out: the beginning of a line.
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    chunk_bytes: usize,
    /// Where in the stream `buffer[filled]` will stand.
    position: u64,
    /// Where in the stream the line at `buffer[start]` began.
    line_start: u64,
    /// Whether what comes up to the next newline belongs to nobody here.
    is_skipping: bool,
}

/// A piece in the buffer of a [`Cutter`].
#[derive(Clone, Debug)]
pub struct Cut {
    range: Range<usize>,
    first: u64,
    end: u64,
    is_too_long: bool,
}

impl Cut {
    /// The piece, out of the buffer that the cutter had when it gave this.
    pub fn piece<'a>(&self, buffer: &'a [u8]) -> Piece<'a> {
        let bytes = &buffer[self.range.clone()];
        if self.is_too_long {
            Piece::TooLong { start: trim_nuls(bytes), position: self.first }
        } else {
            Piece::Lines(Lines { bytes, first: self.first, end: self.end })
        }
    }
}

/// What a [`Cutter`] cuts out.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Whole lines. Only the last line of a stream can lack its newline.
    Lines(Lines<'a>),
    /// A line that was given up.
    TooLong {
        /// How it begins.
        start: &'a [u8],
        /// Where in the stream.
        position: u64,
    },
}

impl Cutter {
    /// A cutter for a stream that begins at `position`. With `is_inside_line` that lies inside a
    /// line, or is its newline: the rest of it is skipped.
    pub fn new(chunk_bytes: usize, position: u64, is_inside_line: bool) -> Cutter {
        Cutter {
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            chunk_bytes: chunk_bytes.max(1),
            position,
            line_start: position,
            is_skipping: is_inside_line,
        }
    }

    /// Where in the stream the next line begins.
    pub fn line_start(&self) -> u64 {
        self.line_start
    }

    /// Where in the stream the next byte to be read stands.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The buffer, in which a [`Cut`] lies until the next call.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Gives the buffer away, with the last [`Cut`] in it, and goes on in `spare`.
    pub fn detach(&mut self, mut spare: Vec<u8>) -> Vec<u8> {
        let carried = &self.buffer[self.start..self.filled];
        if spare.len() < carried.len() {
            spare.resize(carried.len(), 0);
        }
        spare[..carried.len()].copy_from_slice(carried);
        (self.start, self.filled) = (0, carried.len());
        std::mem::replace(&mut self.buffer, spare)
    }

    /// Reads on and cuts out the next piece; `None` at the end of the stream. `read` fills a part
    /// of the buffer and says how much; 0 is the end.
    ///
    /// # Errors
    ///
    /// Those of `read`. What was read before them comes out of [`Cutter::rest`].
    pub fn next<E>(
        &mut self,
        mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Option<Cut>, E> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        loop {
            let searched = self.filled;
            self.buffer.resize(self.buffer.len().max(searched + self.chunk_bytes), 0);
            let count = read(&mut self.buffer[searched..searched + self.chunk_bytes])?;
            if count == 0 {
                return Ok(self.rest());
            }
            self.position += count as u64;
            self.filled += count;
            let Some(from) = self.skip(searched) else { continue };
            if let Some(newline) = memrchr(b'\n', &self.buffer[from..self.filled]) {
                return Ok(Some(self.give(from + newline + 1)));
            }
            self.shrink_nuls();
            if trim_nuls(&self.buffer[self.start..self.filled]).len() > LINE_BYTES_MAX {
                return Ok(Some(self.give_up()));
            }
        }
    }

    /// The last line, where it has no newline.
    pub fn rest(&mut self) -> Option<Cut> {
        if self.is_skipping || self.start == self.filled {
            return None;
        }
        Some(self.give(self.filled))
    }

    /// Passes over a line that belongs to nobody. Gives the place from which newlines are to be
    /// looked for; `None` when the line is not over.
    fn skip(&mut self, searched: usize) -> Option<usize> {
        if !self.is_skipping {
            return Some(searched);
        }
        match memchr(b'\n', &self.buffer[searched..self.filled]) {
            Some(newline) => {
                self.start = searched + newline + 1;
                self.line_start = self.position - (self.filled - self.start) as u64;
                self.is_skipping = false;
                Some(self.start)
            }
            None => {
                (self.start, self.filled) = (0, 0);
                None
            }
        }
    }

    fn give(&mut self, end: usize) -> Cut {
        let start = std::mem::replace(&mut self.start, end);
        let stream_end = self.position - (self.filled - end) as u64;
        let first = std::mem::replace(&mut self.line_start, stream_end);
        Cut { range: start..end, first, end: stream_end, is_too_long: false }
    }

    fn shrink_nuls(&mut self) {
        let carried = &self.buffer[self.start..self.filled];
        let nuls = carried.iter().take_while(|&&byte| byte == 0).count();
        if nuls > 1 {
            // One stays, so that a line of nothing but NULs is told from an empty one.
            self.buffer.copy_within(self.start + nuls - 1..self.filled, 0);
            (self.start, self.filled) = (0, self.filled - self.start - nuls + 1);
        }
    }

    fn give_up(&mut self) -> Cut {
        self.is_skipping = true;
        Cut { is_too_long: true, ..self.give(self.filled) }
    }
}

/// Whole lines, and where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    /// Where in the stream the first of them began. NULs at its start may be missing in `bytes`.
    first: u64,
    /// Where in the stream the last of them ends.
    end: u64,
}

impl<'a> Lines<'a> {
    /// Lines that begin at the start of a stream.
    pub fn new(bytes: &'a [u8]) -> Lines<'a> {
        Lines { bytes, first: 0, end: bytes.len() as u64 }
    }

    /// Where in the stream the first of them begins.
    pub fn position(&self) -> u64 {
        self.first
    }

    /// The bytes of all lines.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Takes off the lines that begin before `boundary`, a place in the stream.
    pub fn take_before(&mut self, boundary: u64) -> Lines<'a> {
        let nothing = Lines { bytes: &[], first: self.first, end: self.first };
        if self.bytes.is_empty() || self.first >= boundary {
            return nothing;
        }
        if boundary >= self.end {
            return std::mem::replace(self, Lines { bytes: &[], first: self.end, end: self.end });
        }
        // The last of them is the one that holds the byte before the boundary.
        let behind = (self.end - boundary) as usize;
        let at = self.bytes.len().saturating_sub(behind + 1);
        let newline = memchr(b'\n', &self.bytes[at..]);
        let cut = newline.map_or(self.bytes.len(), |newline| at + newline + 1);
        let (taken, rest) = self.bytes.split_at(cut);
        let middle = self.end - rest.len() as u64;
        let taken = Lines { bytes: taken, first: self.first, end: middle };
        *self = Lines { bytes: rest, first: middle, end: self.end };
        taken
    }

    /// The lines in runs of about so many bytes, each of whole lines.
    pub fn windows(&self, bytes: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let newline = rest.get(bytes..).and_then(|behind| memchr(b'\n', behind));
            let end = newline.map_or(rest.len(), |newline| bytes + newline + 1);
            let (window, after) = rest.split_at(end);
            rest = after;
            Some(window)
        })
    }

    /// Each line without its newline.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (line, after) = match memchr(b'\n', rest) {
                Some(newline) => (&rest[..newline], &rest[newline + 1..]),
                None => (rest, &[][..]),
            };
            rest = after;
            Some(line)
        })
    }
}

/// The line without what is around it: NULs, a byte order mark, and a carriage return.
pub fn trim(line: &[u8]) -> &[u8] {
    // Nearly every line is clean.
    if let ([b'!'..=b'~', ..], [.., b'!'..=b'~']) = (line, line) {
        return line;
    }
    let mut line = trim_nuls(line);
    if let Some(rest) = line.strip_prefix(b"\xef\xbb\xbf") {
        line = trim_nuls(rest);
    }
    while let [rest @ .., b'\r' | 0] = line {
        line = rest;
    }
    line
}

/// The line without the NULs at its start, which do not count to its length.
pub fn trim_nuls(mut line: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = line {
        line = rest;
    }
    line
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// The lines that begin in `from..to`, each with its place, read in chunks.
    fn cut(stream: &[u8], chunk: usize, from: usize, to: u64) -> Vec<(u64, Vec<u8>)> {
        let start = from.saturating_sub(1);
        let mut at = start;
        let mut cutter = Cutter::new(chunk, start as u64, from > 0);
        let mut cut = Vec::new();
        loop {
            let piece = cutter.next(|buffer| {
                let count = buffer.len().min(stream.len() - at);
                buffer[..count].copy_from_slice(&stream[at..at + count]);
                at += count;
                Ok::<_, Infallible>(count)
            });
            let Ok(Some(piece)) = piece else { return cut };
            match piece.piece(cutter.buffer()) {
                Piece::TooLong { position, .. } => cut.push((position, b"too long".to_vec())),
                Piece::Lines(mut lines) => {
                    while !lines.bytes().is_empty() {
                        let position = lines.position();
                        let line = lines.take_before(position + 1);
                        let mut whole = line.iter();
                        let text = trim_nuls(whole.next().unwrap());
                        let is_line = text.len() <= LINE_BYTES_MAX;
                        cut.push((position, if is_line { text } else { b"too long" }.to_vec()));
                        assert_eq!(whole.next(), None);
                    }
                }
            }
            cut.retain(|(position, _)| *position < to);
        }
    }

    fn plainly(stream: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut position = 0;
        let mut lines = Vec::new();
        for line in stream.split_inclusive(|&byte| byte == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            lines.push((position, trim_nuls(text).to_vec()));
            position += line.len() as u64;
        }
        lines
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(&b"\n\n\0\0ab"[..]), 0..60)
    }

    proptest! {
        #[test]
        fn chunks_and_ranges_lose_no_line_and_double_none(
            stream in stream(),
            chunk in 1_usize..20,
            middle in 0_usize..60,
        ) {
            let middle = middle.min(stream.len());
            let mut lines = cut(&stream, chunk, 0, middle as u64);
            lines.extend(cut(&stream, chunk, middle, u64::MAX));
            prop_assert_eq!(lines, plainly(&stream));
        }

        #[test]
        fn taking_before_a_boundary_takes_what_begins_before_it(
            stream in stream(),
            boundary in 0_u64..70,
        ) {
            let mut rest = Lines::new(&stream);
            let taken = rest.take_before(boundary);
            let wanted = plainly(&stream).iter().filter(|(at, _)| *at < boundary).count();
            prop_assert_eq!(taken.iter().count(), wanted);
            prop_assert_eq!([taken.bytes(), rest.bytes()].concat(), stream);
        }
    }

    #[test]
    fn a_line_of_the_greatest_length_is_a_line_and_one_byte_more_is_not() {
        for (length, is_line) in [(LINE_BYTES_MAX, true), (LINE_BYTES_MAX + 1, false)] {
            let stream = [vec![b'x'; length], b"\nnext\n".to_vec()].concat();
            for chunk in [4_096, LINE_BYTES_MAX] {
                let lines = cut(&stream, chunk, 0, u64::MAX);
                assert_eq!(lines.len(), 2);
                assert_eq!(lines[0].1.len() == length, is_line, "{chunk}");
                assert_eq!(lines[1], (length as u64 + 1, b"next".to_vec()));
            }
        }
    }

    #[test]
    fn a_great_run_of_nuls_takes_no_room() {
        let stream = [vec![0; 3 * LINE_BYTES_MAX], b"line\nnext".to_vec()].concat();
        let lines = cut(&stream, 4_096, 0, u64::MAX);
        let mut cutter = Cutter::new(4_096, 0, false);
        let mut left = 3_000;
        let cut = cutter.next(|buffer| {
            left -= 1;
            buffer.fill(0);
            Ok::<_, Infallible>(if left == 0 { 0 } else { buffer.len() })
        });
        assert!(cut.is_ok_and(|cut| cut.is_some()));
        assert!(cutter.buffer().len() < 20_000, "{}", cutter.buffer().len());
        assert_eq!(lines[0], (0, b"line".to_vec()));
        assert_eq!(lines[1], (3 * LINE_BYTES_MAX as u64 + 5, b"next".to_vec()));
    }

    #[test]
    fn what_is_around_a_line_is_trimmed() {
        assert_eq!(trim(b"\0\0a\r"), b"a");
        assert_eq!(trim(b"\xef\xbb\xbfa \r\0"), b"a ");
        assert_eq!(trim(b"\0"), b"");
        assert_eq!(trim(b""), b"");
    }
}
