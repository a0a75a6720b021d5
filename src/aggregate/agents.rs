//! The user agents that there were, by a hash of each.

use std::collections::BTreeMap;

/// So many are kept: those with the least hashes, which are the same in any order.
const TEXTS_MAX: usize = 1 << 14;

/// Longer ones are cut.
const BYTES_MAX: usize = 512;

/// Texts by their hashes ([`crate::classify::agents::hash`]).
#[derive(Clone, Debug, Default)]
pub struct AgentTexts {
    texts: BTreeMap<u32, Box<[u8]>>,
    /// Hashes that were seen last, by their lowest bits: nearly all are looked up again and again.
    recent: Vec<u32>,
}

const RECENT: usize = 1_024;

impl AgentTexts {
    /// Takes in a text with its hash; that of none is 0.
    #[inline(always)]
    pub fn add(&mut self, hash: u32, text: &[u8]) {
        let place = hash as usize % RECENT;
        if self.recent.get(place) != Some(&hash) {
            self.add_unusual(hash, text);
        }
    }

    #[inline(never)]
    fn add_unusual(&mut self, hash: u32, text: &[u8]) {
        if hash == 0 {
            return;
        }
        self.recent.resize(RECENT, 0);
        self.recent[hash as usize % RECENT] = hash;
        self.take_in(hash, &text[..text.len().min(BYTES_MAX)]);
    }

    fn take_in(&mut self, hash: u32, text: &[u8]) {
        match self.texts.get_mut(&hash) {
            // Of two with one hash the lesser.
            Some(known) => {
                if text < &**known {
                    *known = text.into();
                }
            }
            None => {
                self.texts.insert(hash, text.into());
                if self.texts.len() > TEXTS_MAX {
                    self.texts.pop_last();
                }
            }
        }
    }

    /// Takes in all that `other` has.
    pub fn merge(&mut self, other: AgentTexts) {
        other.texts.iter().for_each(|(hash, text)| self.take_in(*hash, text));
    }

    /// The text with this hash, if it is kept.
    pub fn get(&self, hash: u32) -> Option<&[u8]> {
        self.texts.get(&hash).map(|text| &**text)
    }

    /// All that are kept, by their hashes.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.texts.iter().map(|(hash, text)| (*hash, &**text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::agents::hash;

    #[test]
    fn the_same_are_kept_in_any_order_and_in_parts() {
        let texts: Vec<String> = (0..20_000).map(|number| format!("agent/{number}")).collect();
        let of = |texts: &mut dyn Iterator<Item = &String>| {
            let mut kept = AgentTexts::default();
            texts.for_each(|text| kept.add(hash(text.as_bytes()), text.as_bytes()));
            kept
        };
        let (up, down) = (of(&mut texts.iter()), of(&mut texts.iter().rev()));
        assert!(up.iter().eq(down.iter()));
        assert_eq!(up.iter().count(), TEXTS_MAX);
        let mut merged = of(&mut texts[..7_000].iter());
        merged.merge(of(&mut texts[7_000..].iter()));
        assert!(merged.iter().eq(up.iter()));
    }

    #[test]
    fn a_text_is_found_by_its_hash() {
        let mut kept = AgentTexts::default();
        kept.add(hash(b"curl/8"), b"curl/8");
        kept.add(0, b"");
        assert_eq!(kept.get(hash(b"curl/8")), Some(&b"curl/8"[..]));
        assert_eq!(kept.iter().count(), 1);
    }
}
