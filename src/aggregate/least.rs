//! Rows of which there may be too many, though nearly no log has so many: then those with the least hashes
//! stay.

use std::collections::BTreeMap;

use super::arena::Key;
use super::hash::sketch_hash;

/// At most `MAX` rows by key. Where there were more, those are kept whose keys have the least hashes: which
/// they are depends on no order, and what is counted of each is exact, for no row that was given up comes
/// back.
#[derive(Clone, Debug)]
pub struct Least<V, const MAX: usize> {
    rows: BTreeMap<u64, Kept<V>>,
    is_over: bool,
}

#[derive(Clone, Debug)]
struct Kept<V> {
    head: Box<[u8]>,
    tail: Box<[u8]>,
    counts: V,
}

impl<V, const MAX: usize> Default for Least<V, MAX> {
    fn default() -> Self {
        Least { rows: BTreeMap::new(), is_over: false }
    }
}

impl<V: Default, const MAX: usize> Least<V, MAX> {
    /// The counts of a key, to change them; `None` where it is none of those that are kept.
    pub fn row(&mut self, key: Key<'_>) -> Option<&mut V> {
        let Key { head, tail } = key;
        let hash = sketch_hash(head, tail);
        let is_new = !self.rows.contains_key(&hash);
        if is_new && !self.makes_room(hash) {
            return None;
        }
        let kept = || Kept { head: head.into(), tail: tail.into(), counts: V::default() };
        Some(&mut self.rows.entry(hash).or_insert_with(kept).counts)
    }

    /// Whether a new row with this hash is to be kept; the one with the greatest goes for it.
    fn makes_room(&mut self, hash: u64) -> bool {
        if self.rows.len() < MAX {
            return true;
        }
        self.is_over = true;
        let is_less = self.rows.last_key_value().is_some_and(|(greatest, _)| hash < *greatest);
        if is_less {
            self.rows.pop_last();
        }
        is_less
    }

    /// Takes in all rows of `other`.
    pub fn merge(&mut self, other: Least<V, MAX>, merge: impl Fn(&mut V, V)) {
        self.is_over |= other.is_over;
        for (hash, kept) in other.rows {
            if let Some(mine) = self.rows.get_mut(&hash) {
                merge(&mut mine.counts, kept.counts);
            } else if self.makes_room(hash) {
                self.rows.insert(hash, kept);
            }
        }
    }
}

impl<V, const MAX: usize> Least<V, MAX> {
    /// The rows by key.
    pub fn sorted(&self) -> Vec<(Key<'_>, &V)> {
        let rows = self.rows.values();
        let mut rows: Vec<(Key<'_>, &V)> =
            rows.map(|kept| (Key { head: &kept.head, tail: &kept.tail }, &kept.counts)).collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows
    }

    /// Whether none is missing.
    pub fn is_whole(&self) -> bool {
        !self.is_over
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn in_any_order_and_in_parts_the_same_rows_stay(
            keys in prop::collection::vec(0_u8..20, 0..80),
            cut in any::<prop::sample::Index>(),
        ) {
            let count = |keys: &[u8]| {
                let mut rows = Least::<u64, 8>::default();
                for key in keys {
                    if let Some(requests) = rows.row(Key { head: b"h", tail: &[*key] }) {
                        *requests += 1;
                    }
                }
                rows
            };
            let whole = count(&keys);
            let (first, second) = keys.split_at(cut.index(keys.len() + 1));
            let mut merged = count(second);
            merged.merge(count(first), |mine, other| *mine += other);
            prop_assert_eq!(merged.sorted(), whole.sorted());
            prop_assert_eq!(merged.is_whole(), whole.is_whole());
            for (key, requests) in whole.sorted() {
                let counted = keys.iter().filter(|other| [**other] == key.tail).count();
                prop_assert_eq!(*requests, counted as u64);
            }
        }
    }
}
