//! When something was there, in a handful of bytes: the first and the last time, and in which of at most 64
//! equal parts of the time between.

use bytemuck::{Pod, Zeroable};

/// Times, in seconds since the epoch, to within a part of all the time between the first and the last. All
/// zeros is no time at all: no log has a line of the first second of 1970.
///
/// A part is 64 seconds long, or as many times twice that as it takes for 64 of them to reach from the first
/// to the last, each aligned to its length. So what is known depends on the times alone: in any order, and
/// in parts that are merged, it is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Spread {
    first: u32,
    last: u32,
    /// Of the parts from that of `first` on, the lowest bit first: in two halves, for rows are of words of
    /// 32 bits.
    bits: [u32; 2],
}

const PARTS: u32 = 64;

/// The number of the shortest part that a time lies in.
#[inline(always)]
fn part(time: u32) -> u32 {
    time >> 6
}

/// How many times the shortest part is doubled for the parts of this time.
#[inline(always)]
fn doublings(first: u32, last: u32) -> u32 {
    let (first, last) = (part(first), part(last));
    let least = (u32::BITS - ((last - first) / PARTS).leading_zeros()).min(u32::BITS - 7);
    // What is 64 parts long may touch 65 of them.
    least + u32::from((last >> least) - (first >> least) >= PARTS)
}

impl Spread {
    fn bits(self) -> u64 {
        u64::from(self.bits[1]) << 32 | u64::from(self.bits[0])
    }

    fn with_bits(first: u32, last: u32, bits: u64) -> Spread {
        Spread { first, last, bits: [bits as u32, (bits >> 32) as u32] }
    }

    fn is_empty(self) -> bool {
        self.bits == [0; 2]
    }

    #[inline(always)]
    fn doublings(self) -> u32 {
        doublings(self.first, self.last)
    }

    /// Takes a time in.
    #[inline(always)]
    pub fn add(&mut self, time: u32) {
        if !self.is_empty() && time >= self.first {
            let last = self.last.max(time);
            // What is asked for often is so in the same part again.
            if part(time) == part(self.last) {
                self.last = last;
                return;
            }
            let by = doublings(self.first, last);
            if by == self.doublings() {
                let bit = (part(time) >> by) - (part(self.first) >> by);
                self.bits[(bit >> 5) as usize] |= 1 << (bit & 31);
                self.last = last;
                return;
            }
        }
        self.add_unusual(time);
    }

    #[inline(never)]
    fn add_unusual(&mut self, time: u32) {
        self.merge(Spread { first: time, last: time, bits: [1, 0] });
    }

    /// Takes all times of `other` in.
    pub fn merge(&mut self, other: Spread) {
        if self.is_empty() || other.is_empty() {
            if self.is_empty() {
                *self = other;
            }
            return;
        }
        let (first, last) = (self.first.min(other.first), self.last.max(other.last));
        let by = doublings(first, last);
        let bits = self.on(first, by) | other.on(first, by);
        *self = Spread::with_bits(first, last, bits);
    }

    /// The bits as they are where parts are `by` doublings long and the first is that of `first`.
    fn on(self, first: u32, by: u32) -> u64 {
        let own = self.doublings();
        let (own_first, start) = (part(self.first) >> own, part(first) >> by);
        let mut bits = 0;
        let mut left = self.bits();
        while left != 0 {
            let at = (own_first + left.trailing_zeros()) >> (by - own);
            bits |= 1_u64 << (at - start);
            left &= left - 1;
        }
        bits
    }

    /// First and last, where there was any.
    pub fn get(self) -> Option<(u32, u32)> {
        (!self.is_empty()).then_some((self.first, self.last))
    }

    /// How many parts there were with any.
    pub fn parts(self) -> u32 {
        self.bits().count_ones()
    }

    /// In how many parts there were any after that of this time, and when the first of them begins.
    pub fn after(self, time: u32) -> (u32, Option<u32>) {
        if self.is_empty() || part(time) >= part(self.last) {
            return (0, None);
        }
        let (by, start) = (self.doublings(), part(self.first) >> self.doublings());
        let at = (part(time) >> by).checked_sub(start).map_or(0, |at| at + 1);
        let later = if at < PARTS { self.bits() >> at << at } else { 0 };
        let first = (start + later.trailing_zeros()) << by << 6;
        (later.count_ones(), (later != 0).then_some(first.max(self.first)))
    }

    /// How often it must have changed, at least, from one of two states to the other: each is known by the
    /// times at which it was there. What happened within a part is not known beyond that.
    pub fn changes(self, other: Spread) -> u32 {
        if self.is_empty() || other.is_empty() {
            return 0;
        }
        let (first, last) = (self.first.min(other.first), self.last.max(other.last));
        let by = doublings(first, last);
        let (mine, other) = (self.on(first, by), other.on(first, by));
        // The fewest changes with which it can have come to either state.
        let (mut here, mut there) = (0_u32, 0_u32);
        for bit in 0..PARTS {
            match (mine >> bit & 1, other >> bit & 1) {
                (0, 0) => {}
                (1, 0) => (here, there) = (here.min(there + 1), u32::MAX / 2),
                (0, _) => (here, there) = (u32::MAX / 2, there.min(here + 1)),
                // Whichever was first, it changed once at least, and ended in either.
                _ => (here, there) = ((there + 1).min(here + 2), (here + 1).min(there + 2)),
            }
        }
        here.min(there)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(times: &[u32]) -> Spread {
        let mut spread = Spread::default();
        times.iter().for_each(|time| spread.add(*time));
        spread
    }

    proptest! {
        #[test]
        fn in_any_order_and_in_parts_it_is_the_same(
            times in prop::collection::vec(prop_oneof![1..u32::MAX, 1_790_000_000..1_790_900_000_u32], 1..60),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = of(&times);
            let mut sorted = times.clone();
            sorted.sort_unstable();
            prop_assert_eq!(of(&sorted), whole);
            let (first, second) = times.split_at(cut.index(times.len() + 1));
            let mut merged = of(second);
            merged.merge(of(first));
            prop_assert_eq!(merged, whole);
            prop_assert_eq!(whole.get(), Some((sorted[0], sorted[sorted.len() - 1])));
            prop_assert!((1..=64).contains(&whole.parts()));
        }
    }

    #[test]
    fn changes_are_those_that_must_have_been() {
        const HOUR: u32 = 3_600;
        let start = 1_792_022_400;
        let hours =
            |hours: &[u32]| of(&hours.iter().map(|hour| start + hour * HOUR).collect::<Vec<_>>());
        // It was there, then no more.
        assert_eq!(hours(&[0, 1, 2, 3]).changes(hours(&[5, 6, 7])), 1);
        // It was away for some hours once.
        assert_eq!(hours(&[0, 1, 2, 8, 9]).changes(hours(&[4, 5, 6])), 2);
        // It came and went.
        assert_eq!(hours(&[0, 4, 8, 12]).changes(hours(&[2, 6, 10, 14])), 7);
        // Both in the same minute, many times over.
        let both = hours(&[0, 2, 4, 6, 8]);
        assert_eq!(both.changes(both), 5);
        assert_eq!(both.changes(Spread::default()), 0);
    }

    #[test]
    fn what_was_later_is_told_from_what_was_before() {
        let hours = [0, 1, 5, 6, 30].map(|hour| 1_792_022_400 + hour * 3_600);
        let spread = of(&hours);
        assert_eq!(spread.after(hours[1]).0, 3);
        let first = spread.after(hours[1]).1.unwrap();
        assert!(hours[1] < first && first <= hours[2]);
        assert_eq!(spread.after(hours[4]), (0, None));
        assert_eq!(spread.after(0), (5, Some(hours[0])));
        assert_eq!(Spread::default().after(0), (0, None));
    }

    #[test]
    fn no_time_is_no_time() {
        assert_eq!(Spread::default().get(), None);
        assert_eq!(Spread::default().parts(), 0);
        let mut spread = of(&[70]);
        spread.merge(Spread::default());
        assert_eq!(spread, of(&[70]));
    }
}
