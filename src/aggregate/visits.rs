//! What a client did in all, in a handful of words: how much of it was pages, how long that took, and whether
//! it was one page after the other.

use bytemuck::{Pod, Zeroable};

use super::counts::Period;
use super::hash::sketch_hash;
use crate::record::{Hit, Method};

/// See the head of the file. All zeros is nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Visits {
    /// The hash of its user agent ([`crate::classify::agents::hash`]): 0 is none yet, [`SEVERAL`] is more than one.
    agent: u32,
    /// Requests for what is no part of a page; no more than fit.
    pages: u32,
    /// How long all its requests took together, in hundredths of a second; no more than fit.
    busy_centis: u32,
    /// Pages that it got with GET and without a referer.
    unreferred: u32,
    /// First and last of these, in seconds since the epoch.
    first: u32,
    last: u32,
    /// How many of these were different, see [`Visits::unreferred_paths`]: 16 registers of four bits.
    registers: [u32; 2],
}

/// Stands for the user agent of who has more than one.
pub const SEVERAL: u32 = 1;

const REGISTERS: u32 = 16;

impl Visits {
    /// Counts a request.
    #[inline(always)]
    pub fn add(&mut self, hit: &Hit<'_>) {
        if self.agent != hit.agent_hash {
            self.agent = if self.agent == 0 { hit.agent_hash } else { SEVERAL };
        }
        let centis = u32::try_from(hit.busy_centis()).unwrap_or(u32::MAX);
        self.busy_centis = self.busy_centis.saturating_add(centis);
        if hit.is_page {
            self.pages = self.pages.saturating_add(1);
            if !hit.has_referer {
                self.add_unreferred(hit);
            }
        }
    }

    #[inline(never)]
    fn add_unreferred(&mut self, hit: &Hit<'_>) {
        let is_get = hit.aside.is_none_or(|aside| aside.method == Method::Get);
        if !hit.status.is_success() || !is_get {
            return;
        }
        if self.unreferred == 0 || hit.time < self.first {
            self.first = hit.time;
        }
        self.last = self.last.max(hit.time);
        self.unreferred = self.unreferred.saturating_add(1);
        let hash = sketch_hash(hit.host, hit.path);
        let register = (hash >> 60) as u32;
        // Of what is left the place of the first bit that is set, from 1 on.
        let rank = ((hash << 4).leading_zeros() + 1).min(15);
        self.raise(register, rank);
    }

    fn rank(&self, register: u32) -> u32 {
        self.registers[(register / 8) as usize] >> (register % 8 * 4) & 15
    }

    fn raise(&mut self, register: u32, rank: u32) {
        if rank > self.rank(register) {
            let (word, shift) = ((register / 8) as usize, register % 8 * 4);
            self.registers[word] = self.registers[word] & !(15 << shift) | rank << shift;
        }
    }

    /// Takes in what `other` did.
    pub fn merge(&mut self, other: &Visits) {
        if self.agent != other.agent && other.agent != 0 {
            self.agent = if self.agent == 0 { other.agent } else { SEVERAL };
        }
        self.pages = self.pages.saturating_add(other.pages);
        self.busy_centis = self.busy_centis.saturating_add(other.busy_centis);
        if other.unreferred > 0 {
            let first = if self.unreferred == 0 { u32::MAX } else { self.first };
            self.first = first.min(other.first);
            self.last = self.last.max(other.last);
        }
        self.unreferred = self.unreferred.saturating_add(other.unreferred);
        (0..REGISTERS).for_each(|register| self.raise(register, other.rank(register)));
    }

    /// The hash of its user agent; `None` where there were several, or none was logged.
    pub fn agent(&self) -> Option<u32> {
        (self.agent > SEVERAL).then_some(self.agent)
    }

    /// Whether it had more than one user agent.
    pub fn has_several_agents(&self) -> bool {
        self.agent == SEVERAL
    }

    /// Requests for what is no part of a page.
    pub fn pages(&self) -> u64 {
        self.pages.into()
    }

    /// How long all its requests took together, in hundredths of a second; 0 where the log does not say.
    pub fn busy_centis(&self) -> u64 {
        self.busy_centis.into()
    }

    /// Pages that it got with GET and without a referer.
    pub fn unreferred(&self) -> u64 {
        self.unreferred.into()
    }

    /// When it got these.
    pub fn unreferred_period(&self) -> Option<(u32, u32)> {
        let period = Period { first: self.first, last: self.last };
        period.get().filter(|_| self.unreferred > 0)
    }

    /// How many different paths these had, about: no more than they were. The standard error is a quarter, by
    /// HyperLogLog (Flajolet and others, 2007) with 16 registers.
    pub fn unreferred_paths(&self) -> u64 {
        let ranks = || (0..REGISTERS).map(|register| self.rank(register));
        let count = f64::from(REGISTERS);
        let estimate =
            0.673 * count * count / ranks().map(|rank| 0.5_f64.powi(rank as i32)).sum::<f64>();
        let empty = ranks().filter(|rank| *rank == 0).count();
        let estimate = match empty {
            0 => estimate,
            _ if estimate > 2.5 * count => estimate,
            empty => count * (count / empty as f64).ln(),
        };
        (estimate.round() as u64).min(self.unreferred())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Status;

    fn hit(time: u32, path: &str, agent: u32) -> Hit<'_> {
        Hit {
            time,
            agent_hash: agent,
            is_page: !path.ends_with(".css"),
            latency_millis: Some(14),
            client: b"192.0.2.1",
            path: path.as_bytes(),
            ..Hit::NONE
        }
    }

    proptest! {
        #[test]
        fn in_any_order_and_in_parts_it_is_the_same(
            rows in prop::collection::vec((1_u32..50, 0_u8..60, 2_u32..4), 1..60),
            cut in any::<prop::sample::Index>(),
        ) {
            let paths: Vec<String> =
                rows.iter().map(|(_, path, _)| format!("/{path}{}", if path % 5 == 0 { ".css" } else { "" })).collect();
            let hits: Vec<Hit<'_>> =
                rows.iter().zip(&paths).map(|((time, _, agent), path)| hit(*time, path, *agent)).collect();
            let of = |hits: &[Hit<'_>]| {
                let mut visits = Visits::default();
                hits.iter().for_each(|hit| visits.add(hit));
                visits
            };
            let (first, second) = hits.split_at(cut.index(hits.len() + 1));
            let mut merged = of(second);
            merged.merge(&of(first));
            prop_assert_eq!(merged, of(&hits));
            prop_assert!(merged.unreferred_paths() <= merged.unreferred());
        }
    }

    #[test]
    fn one_page_after_the_other_is_told_from_the_same_again() {
        let (mut scraper, mut poller) = (Visits::default(), Visits::default());
        let paths: Vec<String> = (0..1_000).map(|number| format!("/product/{number}")).collect();
        for (time, path) in (1_000..).zip(&paths) {
            scraper.add(&hit(time, path, 7));
            poller.add(&hit(time, &paths[time as usize % 20], 7));
        }
        assert_eq!((scraper.unreferred(), poller.unreferred()), (1_000, 1_000));
        assert!(
            (500..=1_000).contains(&scraper.unreferred_paths()),
            "{}",
            scraper.unreferred_paths()
        );
        assert!((8..60).contains(&poller.unreferred_paths()), "{}", poller.unreferred_paths());
        assert_eq!(scraper.unreferred_period(), Some((1_000, 1_999)));
        assert_eq!((scraper.agent(), scraper.busy_centis()), (Some(7), 1_000));
    }

    #[test]
    fn who_has_two_agents_has_several() {
        let mut visits = Visits::default();
        assert_eq!(visits.agent(), None);
        visits.add(&hit(1, "/", 7));
        visits.add(&hit(1, "/", 7));
        assert_eq!(visits.agent(), Some(7));
        visits.add(&hit(1, "/", 8));
        assert!(visits.has_several_agents() && visits.agent().is_none());
        let mut failed = hit(1, "/x", 8);
        failed.status = Status::NOT_FOUND;
        visits.add(&failed);
        assert_eq!((visits.unreferred(), visits.pages()), (3, 4));
    }
}
