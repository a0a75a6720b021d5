//! How many distinct keys there were: exactly while they are few, then by HyperLogLog.

use std::fmt;

use datasketches::hll::{HllSketch, HllType, HllUnion};
use smallvec::SmallVec;

use super::prefetch::{prefetch, prefetch_at};

/// Up to so many are counted exactly. A set of them takes as much room as the sketch after it.
const EXACT_MAX: usize = 512;

/// A set of sketch hashes that only tells how many there are. `LG_K` sets the precision of the
/// sketch: its standard error is 1.04 / √2^`LG_K`, so 1.15 % for 13 and 0.57 % for 15.
///
/// What it tells does not depend on the order of insertion, nor on how it was merged.
#[derive(Clone)]
pub enum Distinct<const LG_K: u8> {
    /// A handful, unordered.
    Few(SmallVec<[u64; 2]>),
    /// A hash set, open addressing; 0 is an empty slot, and a power of two of them.
    Set {
        /// The slots.
        slots: Box<[u64]>,
        /// How many are taken.
        taken: usize,
    },
    /// Too many to hold.
    Sketch(Box<HllSketch>),
}

const FEW_MAX: usize = 8;

impl<const LG_K: u8> Default for Distinct<LG_K> {
    fn default() -> Distinct<LG_K> {
        Distinct::Few(SmallVec::new())
    }
}

impl<const LG_K: u8> fmt::Debug for Distinct<LG_K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Distinct({})", self.count())
    }
}

impl<const LG_K: u8> Distinct<LG_K> {
    /// Takes a key in, by its [`super::hash::sketch_hash`].
    pub fn insert(&mut self, hash: u64) {
        // 0 marks an empty slot; two keys in 2⁶⁴ share a number for it.
        let hash = hash.max(1);
        match self {
            Distinct::Few(few) => {
                if few.contains(&hash) {
                } else if few.len() < FEW_MAX {
                    few.push(hash);
                } else {
                    let few = std::mem::take(few);
                    *self = Self::set(FEW_MAX * 2, few.into_iter().chain([hash]));
                }
            }
            Distinct::Set { slots, taken } => {
                *taken += usize::from(insert(slots, hash));
                if *taken > EXACT_MAX {
                    let slots = std::mem::take(slots);
                    let mut sketch = sketch(LG_K);
                    taken_slots(&slots).for_each(|hash| sketch.update(hash));
                    *self = Distinct::Sketch(Box::new(sketch));
                } else if *taken * 4 > slots.len() * 3 {
                    let slots = std::mem::take(slots);
                    *self = Self::set(slots.len() * 2, taken_slots(&slots));
                }
            }
            Distinct::Sketch(sketch) => sketch.update(hash),
        }
    }

    /// Asks for the memory that taking a key in needs.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        match self {
            Distinct::Few(few) if few.spilled() => prefetch_at(few.as_ptr().cast()),
            Distinct::Few(_) => {}
            Distinct::Set { slots, .. } => {
                let at = hash.max(1) as usize & (slots.len() - 1);
                prefetch_at(slots.as_ptr().wrapping_add(at).cast());
            }
            Distinct::Sketch(sketch) => prefetch(&**sketch),
        }
    }

    fn set(size: usize, hashes: impl Iterator<Item = u64>) -> Self {
        let mut slots = vec![0; size].into_boxed_slice();
        let taken = hashes.filter(|&hash| insert(&mut slots, hash)).count();
        Distinct::Set { slots, taken }
    }

    /// Takes all keys of `other` in.
    pub fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Distinct::Few(few)) => few.into_iter().for_each(|hash| self.insert(hash)),
            (Distinct::Sketch(mine), Distinct::Sketch(other)) => {
                let mut union = union(LG_K);
                union.update(mine);
                union.update(&other);
                **mine = union.to_sketch(HllType::Hll8);
            }
            (_, Distinct::Set { slots, .. }) => {
                taken_slots(&slots).for_each(|hash| self.insert(hash));
            }
            (_, sketch @ Distinct::Sketch(_)) => {
                let mine = std::mem::replace(self, sketch);
                self.merge(mine);
            }
        }
    }

    /// Whether each key is one of these; `false` where there are too many to be kept.
    pub fn is_all(&self, is_one: impl Fn(u64) -> bool) -> bool {
        match self {
            Distinct::Few(few) => few.iter().all(|hash| is_one(*hash)),
            Distinct::Set { slots, .. } => taken_slots(slots).all(is_one),
            Distinct::Sketch(_) => false,
        }
    }

    /// The keys, in no order; none where there are too many to be kept.
    pub fn kept(&self) -> impl Iterator<Item = u64> {
        let (few, slots): (&[u64], &[u64]) = match self {
            Distinct::Few(few) => (few, &[]),
            Distinct::Set { slots, .. } => (&[], slots),
            Distinct::Sketch(_) => (&[], &[]),
        };
        few.iter().copied().chain(taken_slots(slots))
    }

    /// How many of the keys are these; `None` where there are too many to be kept.
    pub fn count_of(&self, is_one: impl Fn(u64) -> bool) -> Option<u64> {
        match self {
            Distinct::Few(few) => Some(few.iter().filter(|hash| is_one(**hash)).count() as u64),
            Distinct::Set { slots, .. } => {
                Some(taken_slots(slots).filter(|hash| is_one(*hash)).count() as u64)
            }
            Distinct::Sketch(_) => None,
        }
    }

    /// The memory that this can take, in bytes, as a number that does not depend on the order of
    /// insertion, and is no larger for a union than for its parts together.
    #[inline]
    pub fn cost(&self) -> u64 {
        // The slots of a set are at most three to a hash, and a sketch is smaller than the last set.
        const SLOT_BYTES: u64 = 8 * 3;
        let hashes = match self {
            Distinct::Few(few) => few.len(),
            Distinct::Set { taken, .. } => *taken,
            Distinct::Sketch(_) => EXACT_MAX + 1,
        };
        hashes as u64 * SLOT_BYTES
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        match self {
            Distinct::Few(few) => few.len() as u64,
            Distinct::Set { taken, .. } => *taken as u64,
            // The composite estimate depends on the registers alone; the sketch's own first choice
            // depends on the order of insertion.
            Distinct::Sketch(sketch) => sketch.composite_estimate().round() as u64,
        }
    }
}

fn insert(slots: &mut [u64], hash: u64) -> bool {
    let mask = slots.len() - 1;
    let mut at = hash as usize & mask;
    while slots[at] != 0 {
        if slots[at] == hash {
            return false;
        }
        at = (at + 1) & mask;
    }
    slots[at] = hash;
    true
}

fn taken_slots(slots: &[u64]) -> impl Iterator<Item = u64> {
    slots.iter().copied().filter(|&hash| hash != 0)
}

fn sketch(lg_k: u8) -> HllSketch {
    HllSketch::new(lg_k, HllType::Hll8).expect("a precision from 4 to 21 is legal")
}

fn union(lg_k: u8) -> HllUnion {
    HllUnion::new(lg_k).expect("a precision from 4 to 21 is legal")
}

#[cfg(test)]
mod tests {
    use super::super::hash::sketch_hash;
    use super::*;

    fn of(range: std::ops::Range<u32>) -> Distinct<13> {
        let mut distinct = Distinct::default();
        range.for_each(|n| distinct.insert(sketch_hash(b"", &n.to_le_bytes())));
        distinct
    }

    #[test]
    fn few_are_counted_exactly() {
        for count in [0, 1, 2, 8, 9, 16, 17, 100, 511, 512] {
            let mut distinct = of(0..count);
            assert_eq!(distinct.count(), u64::from(count));
            distinct.merge(of(0..count));
            assert_eq!(distinct.count(), u64::from(count), "seen twice, counted once");
        }
    }

    #[test]
    fn many_are_estimated_within_three_standard_errors() {
        let (mut worst_13, mut worst_15) = (0.0_f64, 0.0_f64);
        for count in [600_u32, 1_000, 3_000, 10_000, 50_000, 300_000] {
            let mut finer = Distinct::<15>::default();
            (0..count).for_each(|n| finer.insert(sketch_hash(b"", &n.to_le_bytes())));
            let off = |estimate: u64| (estimate as f64 / f64::from(count) - 1.0).abs();
            worst_13 = worst_13.max(off(of(0..count).count()));
            worst_15 = worst_15.max(off(finer.count()));
        }
        assert!(worst_13 < 3.0 * 0.0115, "{worst_13}");
        assert!(worst_15 < 3.0 * 0.0058, "{worst_15}");
    }

    #[test]
    fn order_and_merging_do_not_show() {
        let whole = of(0..20_000).count();
        let mut backwards = Distinct::<13>::default();
        (0..20_000_u32).rev().for_each(|n| backwards.insert(sketch_hash(b"", &n.to_le_bytes())));
        assert_eq!(backwards.count(), whole);
        for cut in [0, 1, 5, 300, 513, 10_000, 19_999, 20_000] {
            for (first, second) in [(0..cut, cut..20_000), (cut..20_000, 0..cut)] {
                let mut merged = of(first);
                merged.merge(of(second));
                assert_eq!(merged.count(), whole, "cut at {cut}");
            }
        }
    }
}
