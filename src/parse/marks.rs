//! Where the quotes and newlines of a window of text are: one pass over its bytes, before any of
//! them is understood.
//!
//! A line of a log is some 250 bytes with six quotes. Looking for each quote when it is wanted
//! costs a call and a ramp-up each; finding them all at once costs a few instructions per 16 bytes.
//! The pass hardly branches on what it finds: a branch that is foreseen wrongly costs as much as
//! looking at 64 bytes does.

use crate::options::Simd;

const QUOTE: u8 = b'"';
const NEWLINE: u8 = b'\n';

/// A way of finding the marks of a window.
type Find = fn(&[u8], &mut Vec<u32>);

/// The same way, once for windows with few marks and once for those with many.
#[derive(Clone, Copy, Debug)]
struct Way {
    few: Find,
    many: Find,
}

/// The quotes and newlines of a window.
#[derive(Clone, Debug)]
pub struct Marks {
    /// Where they stand, ascending; which of both stands there, the window says.
    positions: Vec<u32>,
    way: Way,
    /// Whether the last window had many: then the next one has too, as a rule.
    has_many: bool,
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

/// The lines of a window that are still to be read.
#[derive(Clone, Debug)]
pub struct Unread<'a, 'm> {
    window: &'a [u8],
    /// Where the first of them begins.
    start: usize,
    /// The marks from there on.
    marks: &'m [u32],
}

impl<'a, 'm> Unread<'a, 'm> {
    /// The window that they are in.
    #[inline(always)]
    pub fn window(&self) -> &'a [u8] {
        self.window
    }

    /// Where in the window the first of them begins.
    #[inline(always)]
    pub fn start(&self) -> usize {
        self.start
    }

    /// The first `N` marks from there on, be they of one line or of several.
    #[inline(always)]
    pub fn first<const N: usize>(&self) -> Option<[usize; N]> {
        self.marks.first_chunk::<N>().map(|marks| marks.map(|position| position as usize))
    }

    /// The marks from there on, be they of one line or of several.
    #[inline(always)]
    pub fn marks(&self) -> &'m [u32] {
        self.marks
    }

    /// Passes over a line whose newline is the last of `count` marks.
    #[inline(always)]
    pub fn pass_marks(&mut self, count: usize) {
        let (line, rest) = self.marks.split_at(count);
        self.start = line.last().map_or(self.start, |newline| *newline as usize + 1);
        self.marks = rest;
    }

    /// Passes over a line whose newline is the last of `N` marks.
    #[inline(always)]
    pub fn pass<const N: usize>(&mut self, marks: [usize; N]) {
        self.start = marks[N - 1] + 1;
        self.marks = &self.marks[N..];
    }

    /// Takes the first of them.
    pub fn take(&mut self) -> Option<Line<'a, 'm>> {
        if self.start >= self.window.len() {
            return None;
        }
        let newline = self.marks.iter().position(|&mark| self.window[mark as usize] == b'\n');
        let quotes = &self.marks[..newline.unwrap_or(self.marks.len())];
        let (end, after) = match newline {
            Some(at) => (self.marks[at] as usize, &self.marks[at + 1..]),
            None => (self.window.len(), &[][..]),
        };
        let line = Line { text: &self.window[self.start..end], quotes, start: self.start as u32 };
        (self.start, self.marks) = (end + 1, after);
        Some(line)
    }
}

impl Marks {
    /// Room for marks, and the way of finding them: `wanted` where the machine has it, else the
    /// widest that it has. All ways find the same.
    pub fn new(wanted: Option<Simd>) -> Marks {
        let found = wanted.and_then(way).or_else(|| Simd::ALL.into_iter().find_map(way));
        Marks { positions: Vec::new(), way: found.unwrap_or(PORTABLE), has_many: false }
    }

    /// Finds the marks of a window, and gives its lines.
    ///
    /// # Panics
    ///
    /// If the window has 4 GiB.
    pub fn find<'a>(&mut self, window: &'a [u8]) -> Unread<'a, '_> {
        assert!(u32::try_from(window.len()).is_ok(), "a window of {} bytes", window.len());
        self.positions.clear();
        let find = if self.has_many { self.way.many } else { self.way.few };
        find(window, &mut self.positions);
        self.has_many = self.positions.len() > window.len() / BYTES_OF_FEW;
        Unread { window, start: 0, marks: &self.positions }
    }

    /// Finds the quotes of a line that stands alone.
    pub fn line<'a>(&mut self, text: &'a [u8]) -> Line<'a, '_> {
        self.find(text);
        // A newline is no more than another byte there.
        self.positions.retain(|&mark| text[mark as usize] == b'"');
        Line { text, quotes: &self.positions, start: 0 }
    }
}

/// What every machine has.
const PORTABLE: Way = Way { few: find_portable::<FEW>, many: find_portable::<MANY> };

/// A way of finding marks, where this machine has it.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn way(simd: Simd) -> Option<Way> {
    let has_bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
    match simd {
        Simd::Avx512
            if has_bits
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw") =>
        {
            Some(Way {
                // SAFETY: the processor has what the function is compiled for.
                few: |window, marks| unsafe { find_avx512::<FEW>(window, marks) },
                // SAFETY: as above.
                many: |window, marks| unsafe { find_avx512::<MANY>(window, marks) },
            })
        }
        Simd::Avx2 if has_bits && is_x86_feature_detected!("avx2") => {
            Some(Way {
                // SAFETY: the processor has what the function is compiled for.
                few: |window, marks| unsafe { find_avx2::<FEW>(window, marks) },
                // SAFETY: as above.
                many: |window, marks| unsafe { find_avx2::<MANY>(window, marks) },
            })
        }
        Simd::Avx512 | Simd::Avx2 => None,
        Simd::Sse2 => Some(Way { few: find_sse2::<FEW>, many: find_sse2::<MANY> }),
        Simd::Portable => Some(PORTABLE),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn way(simd: Simd) -> Option<Way> {
    (simd == Simd::Portable).then_some(PORTABLE)
}

/// Sixteen bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn find_sse2<const USUAL: usize>(window: &[u8], marks: &mut Vec<u32>) {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    find_blocks::<USUAL>(window, marks, |block| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: SSE2 is part of every x86-64; sixteen bytes are read, and `part` has them.
            let equal = unsafe {
                let bytes = _mm_loadu_si128(part.as_ptr().cast());
                let quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(QUOTE as i8));
                let newlines = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(NEWLINE as i8));
                _mm_movemask_epi8(_mm_or_si128(quotes, newlines))
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
fn find_avx2<const USUAL: usize>(window: &[u8], marks: &mut Vec<u32>) {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8,
    };
    find_blocks::<USUAL>(window, marks, |block| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<32>().0.iter().enumerate() {
            // SAFETY: thirty-two bytes are read, and `part` has them.
            let bytes = unsafe { _mm256_loadu_si256(part.as_ptr().cast()) };
            let quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(QUOTE as i8));
            let newlines = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(NEWLINE as i8));
            let equal = _mm256_movemask_epi8(_mm256_or_si256(quotes, newlines));
            mask |= u64::from(equal as u32) << (number * 32);
        }
        mask
    });
}

/// Sixty-four bytes at a time.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512bw,bmi1,popcnt")]
fn find_avx512<const USUAL: usize>(window: &[u8], marks: &mut Vec<u32>) {
    use std::arch::x86_64::{_mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_set1_epi8};
    find_blocks::<USUAL>(window, marks, |block| {
        // SAFETY: sixty-four bytes are read, and `block` has them.
        let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(QUOTE as i8))
            | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(NEWLINE as i8))
    });
}

/// Eight bytes at a time, in a word.
fn find_portable<const USUAL: usize>(window: &[u8], marks: &mut Vec<u32>) {
    const LOW_BITS: u64 = u64::from_ne_bytes([0x7f; 8]);
    /// Times the upmost bits of eight bytes, it brings them together in the upmost byte.
    const GATHER: u64 = 0x0002_0408_1020_4081;
    let differs = |word: u64, wanted| {
        let differing = word ^ u64::from_ne_bytes([wanted; 8]);
        ((differing & LOW_BITS) + LOW_BITS) | differing
    };
    find_blocks::<USUAL>(window, marks, |block| {
        let mut mask = 0;
        for (number, part) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*part);
            let equal = !((differs(word, QUOTE) & differs(word, NEWLINE)) | LOW_BITS);
            mask |= (equal >> 7).wrapping_mul(GATHER << 7) >> 56 << (number * 8);
        }
        mask
    });
}

/// So many marks a block nearly always has at most: a line of some 250 bytes has seven.
const FEW: usize = 4;

/// So many it nearly always has at most where keys and texts are in quotes, as in JSON.
const MANY: usize = 12;

/// Marks are few where each has so many bytes of the window.
const BYTES_OF_FEW: usize = 16;

/// `equal` gives a bit for each byte of a block that is one of both; `USUAL` of them it has at most, as a
/// rule.
#[inline(always)]
fn find_blocks<const USUAL: usize>(
    window: &[u8],
    marks: &mut Vec<u32>,
    equal: impl Fn(&[u8; 64]) -> u64,
) {
    let (blocks, rest) = window.as_chunks::<64>();
    // Room for a mark a byte, and for those that are written without being there.
    marks.reserve(window.len() + USUAL);
    let mut at = 0;
    for block in blocks {
        push::<USUAL>(marks, at, equal(block));
        at += 64;
    }
    if !rest.is_empty() {
        let mut block = [0; 64];
        block[..rest.len()].copy_from_slice(rest);
        push::<USUAL>(marks, at, equal(&block));
    }
}

/// Adds the place of each bit. As many as are usual are written whether they are there or not, and
/// then not counted: only a block with more of them branches.
#[inline(always)]
#[allow(unsafe_code)]
fn push<const USUAL: usize>(positions: &mut Vec<u32>, at: u32, mut bits: u64) {
    let (length, count) = (positions.len(), bits.count_ones() as usize);
    debug_assert!(positions.capacity() - length >= count.max(USUAL));
    // SAFETY: `find_blocks` made room for a mark for each byte of the window and for `USUAL` more,
    // and each is written before it is counted.
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
            let mut lines: Vec<&[u8]> = window.split(|&byte| byte == b'\n').collect();
            if lines.last() == Some(&&b""[..]) {
                lines.pop();
            }
            let mut marks = Marks::default();
            let mut unread = marks.find(&window);
            let found: Vec<_> = std::iter::from_fn(|| unread.take()).collect();
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

        #[test]
        fn every_way_finds_the_same(
            window in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..300),
                prop::collection::vec(prop::sample::select(&b"\"\na"[..]), 0..300),
            ],
        ) {
            let marked = (0..).zip(&window).filter(|(_, byte)| b"\"\n".contains(byte));
            let marked: Vec<u32> = marked.map(|(at, _)| at).collect();
            // What the machine lacks cannot be tried. Valgrind lacks AVX-512: it is tried without.
            for simd in Simd::ALL.into_iter().filter(|simd| way(*simd).is_some()) {
                let mut marks = Marks::new(Some(simd));
                for has_many in [false, true] {
                    marks.has_many = has_many;
                    marks.find(&window);
                    prop_assert_eq!(&marks.positions, &marked, "{:?}", simd);
                }
            }
        }
    }
}
