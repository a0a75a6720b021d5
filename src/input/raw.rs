//! The bytes of a source as they lie on disk, buffered, with a look ahead.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Large enough that a read costs little beside the decompression of what it brought.
const BUFFER_BYTES: usize = 256 << 10;

/// A buffered reader that can look ahead across the end of its buffer.
pub(super) struct Raw {
    inner: Box<dyn Read + Send>,
    buffer: Box<[u8]>,
    /// What of the buffer is not consumed yet.
    start: usize,
    end: usize,
    /// Set once `inner` has said that it ended; it is not asked again.
    ended: bool,
    /// How many bytes were consumed.
    position: u64,
    progress: Arc<AtomicU64>,
}

impl Raw {
    /// Reads nothing yet.
    pub(super) fn new(inner: Box<dyn Read + Send>, progress: Arc<AtomicU64>) -> Raw {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        Raw { inner, buffer, start: 0, end: 0, ended: false, position: 0, progress }
    }

    /// The next bytes; none only at the end.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    /// The next bytes, at least `bytes` of them unless the end comes first.
    pub(super) fn peek(&mut self, bytes: usize) -> io::Result<&[u8]> {
        while self.end - self.start < bytes && !self.ended {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            let free = &mut self.buffer[self.end..];
            if free.is_empty() {
                break;
            }
            let count = read(&mut self.inner, free, &self.progress)?;
            self.ended = count == 0;
            self.end += count;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Takes the next `bytes`, which were seen before.
    pub(super) fn consume(&mut self, bytes: usize) {
        let taken = bytes.min(self.end - self.start);
        self.start += taken;
        self.position += taken as u64;
    }

    /// How many bytes were taken; what was only looked at is not among them.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Takes bytes into `out`: what was looked at first, then without a detour. 0 is the end.
    pub(super) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let seen = &self.buffer[self.start..self.end];
        if !seen.is_empty() {
            let count = seen.len().min(out.len());
            out[..count].copy_from_slice(&seen[..count]);
            self.consume(count);
            return Ok(count);
        }
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let count = read(&mut self.inner, out, &self.progress)?;
        self.ended = count == 0;
        self.position += count as u64;
        Ok(count)
    }
}

/// One read, begun again when a signal interrupts it.
fn read(inner: &mut dyn Read, out: &mut [u8], progress: &AtomicU64) -> io::Result<usize> {
    loop {
        match inner.read(out) {
            Ok(count) => {
                progress.fetch_add(count as u64, Ordering::Relaxed);
                return Ok(count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, and is interrupted before each.
    struct Slow(Vec<u8>, bool);

    impl Read for Slow {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if self.0.is_empty() || out.is_empty() {
                return Ok(0);
            }
            out[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn looks_ahead_over_short_and_interrupted_reads() {
        let progress = Arc::new(AtomicU64::new(0));
        let mut raw = Raw::new(Box::new(Slow(b"abcdef".to_vec(), false)), progress.clone());
        assert_eq!(raw.peek(3).unwrap(), b"abc");
        raw.consume(2);
        assert_eq!(raw.peek(3).unwrap(), b"cde");
        assert_eq!(raw.position(), 2);
        let mut out = [0; 8];
        assert_eq!(raw.read(&mut out).unwrap(), 3);
        assert_eq!(&out[..3], b"cde");
        assert_eq!(raw.read(&mut out).unwrap(), 1);
        assert_eq!(raw.peek(9).unwrap(), b"");
        assert_eq!(raw.read(&mut out).unwrap(), 0);
        assert_eq!((raw.position(), progress.load(Ordering::Relaxed)), (6, 6));
    }
}
