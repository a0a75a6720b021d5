//! What was found of texts, remembered: nearly all of a log are met again and again.

/// Some texts, each with what was found of it. One that comes later takes the place of another.
#[derive(Clone, Debug)]
pub struct Known<T> {
    /// Empty until the first text comes.
    slots: Vec<Option<(Box<[u8]>, T)>>,
}

/// So many are remembered.
const SLOTS: usize = 2_048;

/// Longer ones are looked at each time.
const BYTES_MAX: usize = 512;

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known { slots: Vec::new() }
    }
}

/// A hash of a text that takes next to no time. It is the same in every run, and whoever likes can make texts
/// with the same.
#[inline]
pub fn text_hash(text: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, part: &[u8; 8]| {
        (hash ^ u64::from_le_bytes(*part)).wrapping_mul(FACTOR).rotate_left(29)
    };
    let mut end = [0; 8];
    let last = &text[text.len().saturating_sub(8)..];
    end[..last.len()].copy_from_slice(last);
    let hash = text.as_chunks::<8>().0.iter().chain([&end]).fold(text.len() as u64, mix);
    // The upmost bits of a product are those that all bits before it have a say in.
    hash.wrapping_mul(FACTOR)
}

impl<T: Copy> Known<T> {
    /// What `find` finds of a text, or found of it before.
    pub fn get(&mut self, text: &[u8], find: impl FnOnce(&[u8]) -> T) -> T {
        if text.len() > BYTES_MAX {
            return find(text);
        }
        let hash = text_hash(text);
        if self.slots.is_empty() {
            self.slots = std::iter::repeat_with(|| None).take(SLOTS).collect();
        }
        let at = (hash >> 32) as usize * SLOTS;
        let slot = &mut self.slots[at >> 32];
        match slot {
            Some((known, found)) if **known == *text => *found,
            slot => {
                let found = find(text);
                *slot = Some((text.into(), found));
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_do_not_take_the_places_of_each_other() {
        let (mut known, mut found) = (Known::default(), 0);
        for _ in 0..2 {
            for number in 0..100 {
                known.get(format!("192.0.2.{number}\x04").as_bytes(), |_| found += 1);
            }
        }
        assert!(found < 120, "{found} of 200 were looked for");
    }

    #[test]
    fn what_is_remembered_is_what_would_be_found() {
        let mut known = Known::default();
        let texts: Vec<String> = (0..9_000).map(|n| "x".repeat(n % 9) + &n.to_string()).collect();
        for text in texts.iter().chain(&texts) {
            let found = known.get(text.as_bytes(), |text| text.len() * 1_000 + text[0] as usize);
            assert_eq!(found, text.len() * 1_000 + text.as_bytes()[0] as usize);
        }
        let again = known.get(b"x", |_| 7);
        assert_eq!(known.get(b"x", |_| panic!("it is known")), again);
        let long = [b'x'; 600];
        assert_eq!((known.get(&long, |_| 1), known.get(&long, |_| 2)), (1, 2));
    }
}
