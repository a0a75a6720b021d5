//! A text of a format, compared some bytes at a time: most are too short to be worth a call.

use memchr::memchr;

/// What stands in every line.
#[derive(Clone, Debug)]
pub struct Literal {
    bytes: Box<[u8]>,
    /// Its first bytes, and which of them count.
    head: [u64; WORDS],
    mask: [u64; WORDS],
}

/// So many words of eight bytes are compared at once; nearly no text is longer.
const WORDS: usize = 4;

impl Literal {
    /// Of these bytes.
    pub fn new(bytes: &[u8]) -> Literal {
        let (mut head, mut mask) = ([0; WORDS], [0; WORDS]);
        for (at, byte) in bytes.iter().enumerate().take(WORDS * 8) {
            head[at / 8] |= u64::from(*byte) << (at % 8 * 8);
            mask[at / 8] |= 0xFF << (at % 8 * 8);
        }
        Literal { bytes: bytes.into(), head, mask }
    }

    /// Its bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it ends, if it stands at `at`.
    #[inline(always)]
    pub fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let length = self.bytes.len();
        let is_there = match rest.first_chunk::<8>() {
            Some(chunk) if length <= 8 => u64::from_le_bytes(*chunk) & self.mask[0] == self.head[0],
            Some(_) if length <= WORDS * 8 && rest.len() >= WORDS * 8 => self.is_head_of(rest),
            // The last quote of a line.
            None if length == 1 => rest.first() == self.bytes.first(),
            _ => rest.starts_with(&self.bytes),
        };
        is_there.then_some(at + length)
    }

    /// Whether `text`, which is not shorter than what is compared at once, begins with its first bytes.
    #[inline(always)]
    fn is_head_of(&self, text: &[u8]) -> bool {
        let words = text.as_chunks::<8>().0.iter().zip(self.head.iter().zip(&self.mask));
        let differ = |(word, (head, mask)): (&[u8; 8], (&u64, &u64))| {
            (u64::from_le_bytes(*word) & mask) ^ head
        };
        words.map(differ).fold(0, |all, differing| all | differing) == 0
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
