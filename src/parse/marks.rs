//! Where the quotes and newlines of a window of text are: one pass over its bytes, before any of
//! them is understood.
//!
//! A line of a log is some 250 bytes with six quotes. Looking for each quote when it is wanted
//! costs a call and a ramp-up each; finding them all at once costs a few instructions per 16 bytes.
//! The pass hardly branches on what it finds: a branch that is foreseen wrongly costs as much as
//! looking at 64 bytes does.

use crate::options::Simd;

/// The quotes and newlines of a window.
#[derive(Clone, Debug)]
pub struct Marks {
    /// Ascending.
    quotes: Vec<u32>,
    /// Ascending.
    newlines: Vec<u32>,
    find: fn(&[u8], &mut Marks),
}

impl Default for Marks {
    fn default() -> Marks {
        Marks::new(None)
    }
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

    /// Where its quotes stand in its text, if there are `N`.
    #[inline]
    pub fn exactly<const N: usize>(&self) -> Option<[usize; N]> {
        let quotes: &[u32; N] = self.quotes.try_into().ok()?;
        Some(quotes.map(|position| (position - self.start) as usize))
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
    /// Room for marks, and the way of finding them: `wanted` where the machine has it, else the
    /// widest that it has. All ways find the same.
    pub fn new(wanted: Option<Simd>) -> Marks {
        let find = wanted.and_then(way).or_else(|| Simd::ALL.into_iter().find_map(way));
        let find = find.unwrap_or(find_portable);
        Marks { quotes: Vec::new(), newlines: Vec::new(), find }
    }

    /// Finds the marks of a window of at most 4 GiB.
    pub fn find(&mut self, window: &[u8]) {
        self.quotes.clear();
        self.newlines.clear();
        (self.find)(window, self);
    }

    /// The line `text`, which was the whole window.
    pub fn line<'a>(&self, text: &'a [u8]) -> Line<'a, '_> {
        Line { text, quotes: &self.quotes, start: 0 }
    }

    /// The lines of the window, without their newlines.
    pub fn lines<'a, 'm>(&'m self, window: &'a [u8]) -> impl Iterator<Item = Line<'a, 'm>> {
        let (mut start, mut quotes, mut newlines) = (0, &self.quotes[..], self.newlines.iter());
        std::iter::from_fn(move || {
            if start >= window.len() {
                return None;
            }
            let end = newlines.next().map_or(window.len(), |&newline| newline as usize);
            let (mine, others) = quotes.split_at(quotes_before(quotes, end));
            let line = Line { text: &window[start..end], quotes: mine, start: start as u32 };
            (start, quotes) = (end + 1, others);
            Some(line)
        })
    }
}

/// How many of `quotes` stand before `end`. Nearly every line has six.
#[inline]
fn quotes_before(quotes: &[u32], end: usize) -> usize {
    if let [_, _, _, _, _, sixth, seventh, ..] = *quotes
        && (sixth as usize) < end
        && end < seventh as usize
    {
        return 6;
    }
    quotes.iter().position(|&quote| quote as usize > end).unwrap_or(quotes.len())
}

/// A way of finding marks, where this machine has it.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn way(simd: Simd) -> Option<fn(&[u8], &mut Marks)> {
    let has_bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
    match simd {
        Simd::Avx512
            if has_bits
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw") =>
        {
            // SAFETY: the processor has what the function is compiled for.
            Some(|window, marks| unsafe { find_avx512(window, marks) })
        }
        Simd::Avx2 if has_bits && is_x86_feature_detected!("avx2") => {
            // SAFETY: the processor has what the function is compiled for.
            Some(|window, marks| unsafe { find_avx2(window, marks) })
        }
        Simd::Avx512 | Simd::Avx2 => None,
        Simd::Sse2 => Some(find_sse2),
        Simd::Portable => Some(find_portable),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn way(simd: Simd) -> Option<fn(&[u8], &mut Marks)> {
    (simd == Simd::Portable).then_some(find_portable)
}

/// Sixteen bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn find_sse2(window: &[u8], marks: &mut Marks) {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8};
    find_blocks(window, marks, |block, wanted| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: SSE2 is part of every x86-64; sixteen bytes are read, and `part` has them.
            let equal = unsafe {
                let bytes = _mm_loadu_si128(part.as_ptr().cast());
                _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted as i8)))
            };
            mask |= u64::from(equal as u32) << (number * 16);
        }
        mask
    });
}

/// Thirty-two bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn find_avx2(window: &[u8], marks: &mut Marks) {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
    };
    find_blocks(window, marks, |block, wanted| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<32>().0.iter().enumerate() {
            // SAFETY: thirty-two bytes are read, and `part` has them.
            let bytes = unsafe { _mm256_loadu_si256(part.as_ptr().cast()) };
            let equal = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(wanted as i8));
            mask |= u64::from(_mm256_movemask_epi8(equal) as u32) << (number * 32);
        }
        mask
    });
}

/// Sixty-four bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn find_avx512(window: &[u8], marks: &mut Marks) {
    use std::arch::x86_64::{_mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_set1_epi8};
    find_blocks(window, marks, |block, wanted| {
        // SAFETY: sixty-four bytes are read, and `block` has them.
        let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(wanted as i8))
    });
}

/// Eight bytes at a time, in a word.
fn find_portable(window: &[u8], marks: &mut Marks) {
    const LOW_BITS: u64 = u64::from_ne_bytes([0x7f; 8]);
    /// Times the upmost bits of eight bytes, it brings them together in the upmost byte.
    const GATHER: u64 = 0x0002_0408_1020_4081;
    find_blocks(window, marks, |block, wanted| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<8>().0.iter().enumerate() {
            let differing = u64::from_le_bytes(*part) ^ u64::from_ne_bytes([wanted; 8]);
            let equal = !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS);
            mask |= (equal >> 7).wrapping_mul(GATHER << 7) >> 56 << (number * 8);
        }
        mask
    });
}

/// `equal` gives a bit for each byte of a block that is the wanted one.
#[inline(always)]
fn find_blocks(window: &[u8], marks: &mut Marks, equal: impl Fn(&[u8; 64], u8) -> u64) {
    let (blocks, rest) = window.as_chunks::<64>();
    let mut at = 0;
    for block in blocks {
        push::<4>(&mut marks.quotes, at, equal(block, b'"'));
        push::<1>(&mut marks.newlines, at, equal(block, b'\n'));
        at += 64;
    }
    if !rest.is_empty() {
        let mut block = [0; 64];
        block[..rest.len()].copy_from_slice(rest);
        push::<4>(&mut marks.quotes, at, equal(&block, b'"'));
        push::<1>(&mut marks.newlines, at, equal(&block, b'\n'));
    }
}

/// Adds the place of each bit. As many as `USUAL` are written whether they are there or not, and
/// then not counted: only a block with more of them branches.
#[inline(always)]
#[allow(unsafe_code)]
fn push<const USUAL: usize>(positions: &mut Vec<u32>, at: u32, mut bits: u64) {
    let (length, count) = (positions.len(), bits.count_ones() as usize);
    positions.reserve(64);
    // SAFETY: there is room for 64 more, and at most 64 are written, each before it is counted.
    unsafe {
        let mut end = positions.as_mut_ptr().add(length);
        for _ in 0..USUAL {
            end.write(at + bits.trailing_zeros());
            end = end.add(1);
            bits &= bits.wrapping_sub(1);
        }
        while bits != 0 {
            end.write(at + bits.trailing_zeros());
            end = end.add(1);
            bits &= bits - 1;
        }
        positions.set_len(length + count);
    }
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
                    prop_assert_eq!(line.exactly::<2>().map(Vec::from),
                        (quotes.len() == 2).then(|| quotes.clone()));
                    prop_assert_eq!(line.quotes().collect::<Vec<_>>(), quotes);
                }
            }
        }

        #[test]
        fn every_way_finds_the_same(
            window in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..300),
                prop::collection::vec(prop::sample::select(&b"\"\na"[..]), 0..300),
            ],
        ) {
            let all = |wanted| {
                let bytes = (0..).zip(&window).filter(|(_, byte)| **byte == wanted);
                bytes.map(|(at, _)| at).collect::<Vec<u32>>()
            };
            // What the machine lacks cannot be tried. Valgrind lacks AVX-512: it is tried without.
            for simd in Simd::ALL.into_iter().filter(|simd| way(*simd).is_some()) {
                let mut marks = Marks::new(Some(simd));
                marks.find(&window);
                prop_assert_eq!(&marks.quotes, &all(b'"'), "{:?}", simd);
                prop_assert_eq!(&marks.newlines, &all(b'\n'), "{:?}", simd);
            }
        }
    }
}
