//! Whether several were there, and which: the least of their hashes.

use smallvec::SmallVec;

/// So many are kept.
pub const FEW_MAX: usize = 8;

/// Distinct keys, by their [`super::hash::sketch_hash`]: all of them while they are few, then those with the
/// least hashes, which are the same whatever the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Few(SmallVec<[u64; 2]>);

impl Few {
    /// Takes a key in.
    pub fn insert(&mut self, hash: u64) {
        if let Err(at) = self.0.binary_search(&hash)
            && at < FEW_MAX
        {
            self.0.truncate(FEW_MAX - 1);
            self.0.insert(at, hash);
        }
    }

    /// Takes all keys of `other` in.
    pub fn merge(&mut self, other: &Few) {
        other.0.iter().for_each(|hash| self.insert(*hash));
    }

    /// The hashes that are kept.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied()
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The memory that this can take beside itself, in bytes: no larger for a whole than for its parts
    /// together.
    pub fn cost(&self) -> u64 {
        self.0.len() as u64 * 2 * size_of::<u64>() as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_least_are_kept_in_any_order(
            hashes in prop::collection::vec(0_u64..40, 0..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let of = |hashes: &[u64]| {
                let mut few = Few::default();
                hashes.iter().for_each(|hash| few.insert(*hash));
                few
            };
            let (first, second) = hashes.split_at(cut.index(hashes.len() + 1));
            let mut merged = of(second);
            merged.merge(&of(first));
            let mut least = hashes.clone();
            least.sort_unstable();
            least.dedup();
            least.truncate(FEW_MAX);
            prop_assert_eq!(merged.iter().collect::<Vec<_>>(), least);
            prop_assert!(merged.cost() <= of(first).cost() + of(second).cost());
        }
    }
}
