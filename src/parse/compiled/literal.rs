//! A text of a format, compared eight bytes at a time.

use memchr::memchr;

/// What stands in every line.
#[derive(Clone, Debug)]
pub struct Literal {
    bytes: Box<[u8]>,
    /// Its first eight bytes, and which of them count.
    head: u64,
    mask: u64,
}

impl Literal {
    /// Of these bytes.
    pub fn new(bytes: &[u8]) -> Literal {
        let mut head = [0; 8];
        let mut mask = [0; 8];
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(bytes) {
            (*head, *mask) = (*byte, 0xFF);
        }
        let (head, mask) = (u64::from_le_bytes(head), u64::from_le_bytes(mask));
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
        let is_there = match rest.first_chunk::<8>() {
            Some(chunk) if self.bytes.len() <= 8 => {
                u64::from_le_bytes(*chunk) & self.mask == self.head
            }
            // The last quote of a line.
            None if self.bytes.len() == 1 => rest.first() == self.bytes.first(),
            _ => rest.starts_with(&self.bytes),
        };
        is_there.then_some(at + self.bytes.len())
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
