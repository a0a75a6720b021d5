//! What limits turned away, minute by minute.

use super::spread::Spread;
use crate::classify::agents::{Agent, Kind};
use crate::record::{Aside, Hit};

/// So many minutes are kept: the latest.
const MINUTES_MAX: usize = 256;

/// How many there were in a minute, for the latest minutes in which there were any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minutes(Vec<(u32, u32)>);

impl Minutes {
    /// Counts one at this second since the epoch.
    pub fn add(&mut self, time: u32) {
        self.add_to(time / 60, 1);
    }

    fn add_to(&mut self, minute: u32, count: u32) {
        let at = self.0.partition_point(|(known, _)| *known < minute);
        if self.0.get(at).is_none_or(|(known, _)| *known != minute) {
            // What was given up never comes back: as many later ones stay.
            if at == 0 && self.0.len() == MINUTES_MAX {
                return;
            }
            self.0.insert(at, (minute, 0));
        }
        self.0[at].1 = self.0[at].1.saturating_add(count);
        if self.0.len() > MINUTES_MAX {
            self.0.remove(0);
        }
    }

    /// Takes in those of `other`.
    pub fn merge(&mut self, other: &Minutes) {
        other.0.iter().for_each(|(minute, count)| self.add_to(*minute, *count));
    }

    /// The most in a minute.
    pub fn most(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).max().unwrap_or(0)
    }

    /// In how many minutes there were at least so many.
    pub fn with_at_least(&self, count: u64) -> u64 {
        self.0.iter().filter(|(_, counted)| u64::from(*counted) >= count).count() as u64
    }

    fn cost(&self) -> u64 {
        self.0.len() as u64 * 2 * size_of::<(u32, u32)>() as u64
    }
}

/// What limits turned away of a path or a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limited {
    /// Requests.
    pub requests: u64,
    /// Those of programs that say they are browsers.
    pub browsers: u64,
    /// Those for parts of pages.
    pub assets: u64,
    /// When.
    pub spread: Spread,
    /// By minute.
    pub minutes: Minutes,
}

impl Limited {
    /// Counts a request.
    pub fn add(&mut self, hit: &Hit<'_>, aside: &Aside<'_>) {
        self.requests += 1;
        self.browsers += u64::from(Agent::from_number(aside.agent).kind() == Kind::Browser);
        self.assets += u64::from(!hit.is_page);
        self.spread.add(hit.time);
        self.minutes.add(hit.time);
    }

    /// Takes in those of `other`.
    pub fn merge(&mut self, other: &Limited) {
        self.requests += other.requests;
        self.browsers += other.browsers;
        self.assets += other.assets;
        self.spread.merge(other.spread);
        self.minutes.merge(&other.minutes);
    }

    /// The memory that this can take, in bytes; see [`super::distinct::Distinct::cost`].
    pub fn cost(&self) -> u64 {
        size_of::<Limited>() as u64 + self.minutes.cost()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_latest_minutes_stay_in_any_order_and_in_parts(
            times in prop::collection::vec(0_u32..30_000, 0..900),
            cut in any::<prop::sample::Index>(),
        ) {
            let of = |times: &[u32]| {
                let mut minutes = Minutes::default();
                times.iter().for_each(|time| minutes.add(*time));
                minutes
            };
            let mut sorted = times.clone();
            sorted.sort_unstable();
            let whole = of(&sorted);
            prop_assert_eq!(&of(&times), &whole);
            let (first, second) = times.split_at(cut.index(times.len() + 1));
            let mut merged = of(second);
            merged.merge(&of(first));
            prop_assert_eq!(merged, whole);
        }
    }

    #[test]
    fn minutes_are_counted() {
        let mut minutes = Minutes::default();
        [60, 61, 119, 120].into_iter().for_each(|time| minutes.add(time));
        assert_eq!((minutes.most(), minutes.with_at_least(1), minutes.with_at_least(3)), (3, 2, 1));
    }
}
