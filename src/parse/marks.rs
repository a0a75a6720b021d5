//! Where the quotes and newlines of a window of text are: one pass over its bytes, before any of
//! them is understood.
//!
//! A line of a log is some 250 bytes with six quotes. Looking for each quote when it is wanted
//! costs a call and a ramp-up each; finding them all at once costs a few instructions per 16 bytes.

/// The quotes and newlines of a window.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Ascending.
    positions: Vec<u32>,
}

/// A line without its newline, and where its quotes are.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a, 'm> {
    /// The line.
    pub text: &'a [u8],
    /// Where its quotes stand, counted from `start`.
    quotes: &'m [u32],
    start: u32,
}

impl<'a, 'm> Line<'a, 'm> {
    /// Where its quotes stand in its text, ascending.
    pub fn quotes(&self) -> impl Iterator<Item = usize> + Clone + use<'m> {
        let start = self.start;
        self.quotes.iter().map(move |position| (position - start) as usize)
    }

    /// The line as `trim` leaves it: a part of its text without quotes before it.
    pub fn trimmed(self, trim: impl Fn(&'a [u8]) -> &'a [u8]) -> Line<'a, 'm> {
        let text = trim(self.text);
        if text.len() == self.text.len() {
            return self;
        }
        let before = text.as_ptr() as usize - self.text.as_ptr() as usize;
        let (start, end) = (self.start + before as u32, self.start + (before + text.len()) as u32);
        let from = self.quotes.partition_point(|&position| position < start);
        let to = self.quotes.partition_point(|&position| position < end);
        Line { text, quotes: &self.quotes[from..to], start }
    }
}

impl Marks {
    /// Finds the marks of a window of at most 4 GiB.
    pub fn find(&mut self, window: &[u8]) {
        self.positions.clear();
        find(window, &mut self.positions);
    }

    /// The line `text`, which was the whole window.
    pub fn line<'a>(&self, text: &'a [u8]) -> Line<'a, '_> {
        Line { text, quotes: &self.positions, start: 0 }
    }

    /// The lines of the window, without their newlines.
    pub fn lines<'a, 'm>(&'m self, window: &'a [u8]) -> impl Iterator<Item = Line<'a, 'm>> {
        let (mut start, mut next) = (0, 0);
        std::iter::from_fn(move || {
            if start >= window.len() {
                return None;
            }
            let marks = &self.positions[next..];
            let is_newline = |position: &u32| window[*position as usize] == b'\n';
            let count = marks.iter().position(is_newline).unwrap_or(marks.len());
            let end = marks.get(count).map_or(window.len(), |position| *position as usize);
            let line =
                Line { text: &window[start..end], quotes: &marks[..count], start: start as u32 };
            (start, next) = (end + 1, next + count + 1);
            next = next.min(self.positions.len());
            Some(line)
        })
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn find(window: &[u8], positions: &mut Vec<u32>) {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { find_avx2(window, positions) }
    } else {
        // SAFETY: SSE2 is part of every x86-64.
        unsafe { find_sse2(window, positions) }
    }
}

/// Sixteen bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
#[target_feature(enable = "sse2")]
fn find_sse2(window: &[u8], positions: &mut Vec<u32>) {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    let (quotes, newlines) = (_mm_set1_epi8(b'"' as i8), _mm_set1_epi8(b'\n' as i8));
    find_blocks(window, positions, |block| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: sixteen bytes are read, and `part` has them.
            let bytes = unsafe { _mm_loadu_si128(part.as_ptr().cast()) };
            let quote = _mm_cmpeq_epi8(bytes, quotes);
            let mark = _mm_or_si128(quote, _mm_cmpeq_epi8(bytes, newlines));
            mask |= u64::from(_mm_movemask_epi8(mark) as u32) << (number * 16);
        }
        mask
    });
}

/// Thirty-two bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
#[target_feature(enable = "avx2")]
fn find_avx2(window: &[u8], positions: &mut Vec<u32>) {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8,
    };
    let (quotes, newlines) = (_mm256_set1_epi8(b'"' as i8), _mm256_set1_epi8(b'\n' as i8));
    find_blocks(window, positions, |block| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<32>().0.iter().enumerate() {
            // SAFETY: thirty-two bytes are read, and `part` has them.
            let bytes = unsafe { _mm256_loadu_si256(part.as_ptr().cast()) };
            let quote = _mm256_cmpeq_epi8(bytes, quotes);
            let mark = _mm256_or_si256(quote, _mm256_cmpeq_epi8(bytes, newlines));
            mask |= u64::from(_mm256_movemask_epi8(mark) as u32) << (number * 32);
        }
        mask
    });
}

/// `marks` gives a bit for each byte of a block that is a mark.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn find_blocks(window: &[u8], positions: &mut Vec<u32>, marks: impl Fn(&[u8; 64]) -> u64) {
    let (blocks, rest) = window.as_chunks::<64>();
    let mut at = 0;
    for block in blocks {
        let mut mask = marks(block);
        while mask != 0 {
            positions.push(at + mask.trailing_zeros());
            mask &= mask - 1;
        }
        at += 64;
    }
    let is_mark = |byte: &u8| matches!(byte, b'"' | b'\n');
    positions.extend((at..).zip(rest).filter(|(_, byte)| is_mark(byte)).map(|(at, _)| at));
}

#[cfg(not(target_arch = "x86_64"))]
fn find(window: &[u8], positions: &mut Vec<u32>) {
    positions.extend(memchr::memchr2_iter(b'"', b'\n', window).map(|at| at as u32));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_and_quotes_are_those_of_the_text(
            window in prop::collection::vec(prop::sample::select(&b"\"\n\0ab\x80"[..]), 0..300),
        ) {
            let mut marks = Marks::default();
            marks.find(&window);
            let mut lines: Vec<&[u8]> = window.split(|&byte| byte == b'\n').collect();
            if lines.last() == Some(&&b""[..]) {
                lines.pop();
            }
            let found: Vec<_> = marks.lines(&window).collect();
            prop_assert_eq!(found.iter().map(|line| line.text).collect::<Vec<_>>(), lines);
            for line in found {
                let trimmed = line.trimmed(|text| {
                    let text = text.strip_prefix(b"\0").unwrap_or(text);
                    text.strip_suffix(b"\0").unwrap_or(text)
                });
                for line in [line, trimmed] {
                    let text = line.text.iter().enumerate();
                    let quotes: Vec<_> = text.filter(|(_, b)| **b == b'"').map(|(at, _)| at).collect();
                    prop_assert_eq!(line.quotes().collect::<Vec<_>>(), quotes);
                }
            }
        }

        #[cfg(target_arch = "x86_64")]
        #[test]
        #[allow(unsafe_code)]
        fn every_way_finds_the_same(window in prop::collection::vec(any::<u8>(), 0..300)) {
            let (mut plain, mut narrow) = (Marks::default(), Vec::new());
            plain.find(&window);
            // SAFETY: SSE2 is part of every x86-64.
            unsafe { find_sse2(&window, &mut narrow) };
            prop_assert_eq!(&plain.positions, &narrow);
            let twin = memchr::memchr2_iter(b'"', b'\n', &window).map(|at| at as u32);
            prop_assert_eq!(narrow, twin.collect::<Vec<_>>());
        }
    }
}
