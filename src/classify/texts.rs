//! Many texts looked for at once.
//!
//! An automaton is faster by the byte, and takes longer to be made than a small log takes to be read. What
//! is looked for here is looked for in short texts, most of which are met again and again.

/// Texts of three bytes and more.
#[derive(Clone, Debug)]
pub struct Texts {
    /// Each with its number, in the order of their first bytes.
    sorted: Vec<(&'static str, usize)>,
    /// The first bytes of each, as a number.
    keys: Vec<u32>,
    /// Which first three bytes there are, hashed.
    starts: Vec<u64>,
}

/// So many bits tell of first bytes.
const BITS: usize = 1 << 16;

/// So many bytes are the first ones.
const START: usize = 3;

impl Texts {
    /// Of these, numbered from 0.
    ///
    /// # Panics
    ///
    /// If one is shorter than three bytes.
    pub fn new(texts: impl Iterator<Item = &'static str>) -> Texts {
        let mut sorted: Vec<(&str, usize)> =
            texts.enumerate().map(|(at, text)| (text, at)).collect();
        let start = |text: &str| *text.as_bytes().first_chunk().expect("three bytes at least");
        sorted.sort_unstable_by_key(|(text, at)| (key(&start(text)), *at));
        let keys = sorted.iter().map(|(text, _)| key(&start(text))).collect();
        let mut starts = vec![0; BITS / 64];
        for (text, _) in &sorted {
            let bit = bit(&start(text));
            starts[bit / 64] |= 1 << (bit % 64);
        }
        Texts { sorted, keys, starts }
    }

    /// Tells each place where one of them stands: where it begins and ends, and its number.
    pub fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        for at in 0..text.len().saturating_sub(START - 1) {
            let rest = &text[at..];
            let Some(start) = rest.first_chunk::<START>() else { return };
            let bit = bit(start);
            if self.starts[bit / 64] & 1 << (bit % 64) == 0 {
                continue;
            }
            let key = key(start);
            let first = self.keys.partition_point(|known| *known < key);
            let rows = self.keys[first..].iter().zip(&self.sorted[first..]);
            for (_, (known, number)) in rows.take_while(|(known, _)| **known == key) {
                // Nearly all differ in the byte behind.
                let is_next =
                    known.as_bytes().get(START).is_none_or(|next| rest.get(START) == Some(next));
                if is_next && rest.starts_with(known.as_bytes()) {
                    found(at, at + known.len(), *number);
                }
            }
        }
    }
}

#[inline(always)]
fn key(&[a, b, c]: &[u8; START]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

#[inline(always)]
fn bit(&[a, b, c]: &[u8; START]) -> usize {
    usize::from(a) ^ usize::from(b) << 4 ^ usize::from(c) << 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: &[&str] = &["abc", "abcd", "bca", "ccc", "cab/", "abca", "aaa", "zzz"];

    proptest! {
        #[test]
        fn every_place_is_told(text in "[abc/]{0,40}") {
            let mut found = Vec::new();
            Texts::new(KNOWN.iter().copied()).find(text.as_bytes(), |start, end, at| {
                found.push((start, end, at));
            });
            found.sort_unstable();
            let mut wanted = Vec::new();
            for start in 0..text.len() {
                for (at, known) in KNOWN.iter().enumerate() {
                    if text[start..].starts_with(known) {
                        wanted.push((start, start + known.len(), at));
                    }
                }
            }
            wanted.sort_unstable();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn short_texts_hold_nothing() {
        for text in ["", "a", "ab"] {
            Texts::new(KNOWN.iter().copied()).find(text.as_bytes(), |_, _, _| panic!("{text}"));
        }
    }
}
