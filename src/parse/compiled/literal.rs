//! A text of a format, compared some bytes at a time: most are too short to be worth a call.

use memchr::memchr;

/// What stands in every line.
#[derive(Clone, Debug)]
pub struct Literal {
    bytes: Box<[u8]>,
    /// Its first bytes and its last, of which there are as many as are compared at once: of a text that has
    /// fewer than twice as many they overlap.
    first: [u8; WIDE],
    last: [u8; WIDE],
    /// Which of the first eight count where it has fewer.
    mask: u64,
}

/// So many bytes are compared at once, first and last; nearly no text has more than twice as many.
const WIDE: usize = 16;

/// So many where it has fewer.
const NARROW: usize = 8;

impl Literal {
    /// Of these bytes.
    pub fn new(bytes: &[u8]) -> Literal {
        let width = if bytes.len() < WIDE { NARROW } else { WIDE };
        let (mut first, mut last) = ([0; WIDE], [0; WIDE]);
        for (to, byte) in first.iter_mut().zip(bytes).take(width) {
            *to = *byte;
        }
        let tail = bytes.get(bytes.len().saturating_sub(width)..).unwrap_or_default();
        for (to, byte) in last.iter_mut().zip(tail) {
            *to = *byte;
        }
        let counted = bytes.len().min(NARROW);
        let mask = if counted == 0 { 0 } else { u64::MAX >> (64 - 8 * counted) };
        Literal { bytes: bytes.into(), first, last, mask }
    }

    /// Its bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it ends, if it stands at `at`.
    #[inline(always)]
    pub fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let length = self.bytes.len();
        let is_there = match length {
            0..NARROW => {
                let rest = text.get(at..)?;
                match rest.first_chunk::<NARROW>() {
                    Some(chunk) => u64::from_le_bytes(*chunk) & self.mask == self.narrow(),
                    // The last quote of a line.
                    None if length == 1 => rest.first() == self.bytes.first(),
                    None => rest.starts_with(&self.bytes),
                }
            }
            NARROW..WIDE => {
                let there = text.get(at..at.checked_add(length)?)?;
                self.first.first_chunk::<NARROW>() == there.first_chunk()
                    && self.last.first_chunk::<NARROW>() == there.last_chunk()
            }
            _ => {
                let there = text.get(at..at.checked_add(length)?)?;
                there.first_chunk() == Some(&self.first)
                    && there.last_chunk() == Some(&self.last)
                    && (length <= 2 * WIDE || *there == *self.bytes)
            }
        };
        is_there.then_some(at + length)
    }

    /// Its first bytes, fewer than eight, as a number.
    #[inline(always)]
    fn narrow(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.first;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// How many quotes it has.
    pub fn quotes(&self) -> usize {
        self.bytes.iter().filter(|byte| **byte == b'"').count()
    }

    /// Where it first stands from `from` on; it must not be empty.
    #[inline]
    pub fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let first = *self.bytes.first()?;
        let mut at = from;
        loop {
            at += memchr(first, text.get(at..)?)?;
            if self.end(text, at).is_some() {
                return Some(at);
            }
            at += 1;
        }
    }

    /// Whether `text` ends within it.
    pub fn is_cut(&self, text: &[u8], at: usize) -> bool {
        text.get(at..)
            .is_some_and(|rest| rest.len() < self.bytes.len() && self.bytes.starts_with(rest))
    }
}
