//! Where the members of a gzip file and the frames of a zstd file begin, so that they can be read
//! side by side.
//!
//! An [`Index`] is made without decompression, from lengths that the file itself tells, and may be
//! wrong: bytes that look like the beginning of a member can lie anywhere, and a damaged file tells
//! anything. So it is believed only as far as it is confirmed. [`Members`] decodes from one of its
//! places on, and at each beginning that it comes to compares where it stands, on disk and in the
//! decompressed stream. Who reads up to a place confirms every beginning before that; so when all
//! spans were read to their ends without a [`Doubt`], each began where one stream would have come
//! by, and what they read is what that stream is.

mod gzip;
mod zstd;

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::{Compression, Reader, Source};

/// A second member or frame has to begin within so many bytes on disk, else the file is taken for
/// one of a single member and looked at no further. What was looked at lies in the page cache when
/// reading begins, so that no disk is asked twice; 16 MiB are some milliseconds of looking.
const FIRST_LOOK_BYTES: u64 = 16 << 20;

/// Where a member or frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// On disk.
    pub disk: u64,
    /// In the decompressed stream.
    pub text: u64,
}

/// Where the members or frames of a source begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    starts: Vec<Start>,
    text_bytes: u64,
    spacing: u64,
}

/// Looks for where members or frames begin in a seekable gzip or zstd file. Of those that begin
/// between the same two multiples of `spacing` in the decompressed stream one is kept, which bounds
/// the memory. `None` for every other source, for one of a single member, and where a length is not
/// told or makes no sense.
pub fn index(source: &Source, spacing: u64) -> Option<Index> {
    if !source.seekable {
        return None;
    }
    let find = match source.compression? {
        Compression::Gzip => gzip::find,
        Compression::Zstd => zstd::find,
        _ => return None,
    };
    let mut index = Index::new(spacing);
    // What cannot be read here is told by who reads it.
    let text_bytes = File::open(&source.path).and_then(|file| find(file, &mut index)).ok()??;
    index.text_bytes = text_bytes;
    (index.starts.len() > 1).then_some(index)
}

impl Index {
    fn new(spacing: u64) -> Index {
        let starts = vec![Start { disk: 0, text: 0 }];
        Index { starts, text_bytes: 0, spacing: spacing.max(1) }
    }

    /// Adds a beginning behind all others.
    fn push(&mut self, start: Start) {
        let count = self.starts.len();
        let Some(last) = self.starts.last_mut() else { return };
        if start.text / self.spacing > last.text / self.spacing {
            self.starts.push(start);
        } else if start.text == last.text && count > 1 {
            // The one before it is empty: a reader comes to both at once.
            *last = start;
        }
    }

    /// The beginnings, in order; the first is that of the file.
    pub fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// How long the decompressed stream is.
    pub fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    /// The beginnings from the last one on that is not behind this place in the decompressed
    /// stream.
    pub fn starts_from(&self, text: u64) -> &[Start] {
        let behind = self.starts.partition_point(|start| start.text <= text);
        &self.starts[behind.saturating_sub(1)..]
    }
}

/// The stream is not as its index has it, or cannot be read: one reader has to read all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt;

/// Reads a source from a place in its decompressed stream on, and holds what comes against the
/// index.
pub struct Members<'a> {
    reader: Reader,
    /// Where on disk the reader began.
    disk: u64,
    /// The place from which bytes are given out.
    from: u64,
    /// Where in the decompressed stream the reader stands.
    position: u64,
    frame_start: u64,
    /// The beginnings that are still to come.
    ahead: &'a [Start],
}

impl<'a> Members<'a> {
    /// Opens the source for reading from `from` on. `progress` grows as with [`Source::open`].
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(
        source: &Source,
        index: &'a Index,
        from: u64,
        progress: Arc<AtomicU64>,
    ) -> io::Result<Members<'a>> {
        let (first, ahead) = match index.starts_from(from) {
            [first, ahead @ ..] => (*first, ahead),
            [] => (Start { disk: 0, text: 0 }, &[][..]),
        };
        let mut file = File::open(&source.path)?;
        file.seek(SeekFrom::Start(first.disk))?;
        let compression = source.compression.unwrap_or(Compression::None);
        let reader = Reader::at_frame(Box::new(file), compression, progress)?;
        Ok(Members { reader, disk: first.disk, from, position: first.text, frame_start: 0, ahead })
    }

    /// Reads decompressed bytes into `buffer`, at least one unless it is empty; 0 is the end.
    ///
    /// # Errors
    ///
    /// A [`Doubt`]; then nothing that was read counts.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Doubt> {
        while self.position < self.from {
            let before = self.from - self.position;
            let room = usize::try_from(before).map_or(buffer.len(), |room| room.min(buffer.len()));
            if self.read_on(&mut buffer[..room])? == 0 {
                return Err(Doubt);
            }
        }
        self.read_on(buffer)
    }

    fn read_on(&mut self, buffer: &mut [u8]) -> Result<usize, Doubt> {
        let count = self.reader.read(buffer).map_err(|_| Doubt)?;
        let frame_start = self.reader.frame_start();
        if frame_start != self.frame_start {
            self.frame_start = frame_start;
            let came_to = Start { disk: self.disk + frame_start, text: self.position };
            if let [next, ahead @ ..] = self.ahead
                && came_to.disk >= next.disk
            {
                if came_to != *next {
                    return Err(Doubt);
                }
                self.ahead = ahead;
            }
        }
        self.position += count as u64;
        let is_passed = |next: &Start| count == 0 || next.text < self.position;
        if self.ahead.first().is_some_and(is_passed) { Err(Doubt) } else { Ok(count) }
    }

    /// See [`Reader::trailing_garbage`].
    pub fn trailing_garbage(&self) -> Option<u64> {
        self.reader.trailing_garbage()
    }
}

#[cfg(test)]
mod tests;
