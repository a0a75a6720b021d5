//! The requests of one key, one after the other, and what a limit would have done to them.

use super::bounds::{Bounds, bounds};
use crate::limit_req::{Bucket, Delay, Limit, Outcome};
use crate::report::replay::{Outcomes, Span};
use crate::scan::arrivals::Moment;

/// How far off a time to the millisecond may be: it is cut off, and a request is judged when its head has come.
const FINE_SPREAD_MILLIS: u64 = 2;

/// How far off a time to the second may be.
const COARSE_SPREAD_MILLIS: u64 = 1_000;

/// A limit with what its parts are, for those who count in whole requests.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// As nginx has it.
    pub limit: Limit,
    /// Thousandths of a request that pass at once; `None` is all, `nodelay`.
    pub delay_millis: Option<u64>,
}

impl Rule {
    /// Of a limit with this delay.
    pub fn new(limit: Limit, delay: Delay) -> Rule {
        let delay_millis = match delay {
            Delay::After(requests) => Some(u64::from(requests) * 1_000),
            Delay::Never => None,
        };
        Rule { limit, delay_millis }
    }
}

/// When the requests of a key came.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// As the log has it, in milliseconds, in order.
    measured: Vec<u64>,
    /// The same, but what came in one second is spread over it.
    likely: Vec<u64>,
    /// The requests by their places in what was given, in the order of `likely`.
    order: Vec<u32>,
    has_coarse: bool,
    has_untimed: bool,
    /// By how much a request may have come before its end, where the log has that alone.
    late_millis: u64,
}

impl Timeline {
    /// For a log whose requests came by so much before their ends, at most, where it does not say by how much.
    pub fn late(late_millis: u64) -> Timeline {
        Timeline { late_millis, ..Timeline::default() }
    }

    /// Takes the place of what was there before: these requests, which are in the order of their moments.
    pub fn fill(&mut self, moments: impl Iterator<Item = Moment>) {
        self.measured.clear();
        self.order.clear();
        self.likely.clear();
        (self.has_coarse, self.has_untimed) = (false, false);
        for moment in moments {
            self.has_coarse |= moment.is_coarse();
            self.has_untimed |= moment.is_untimed();
            self.measured.push(moment.millis());
        }
        self.order.extend(0..self.measured.len() as u32);
        if !self.has_coarse {
            self.likely.clone_from(&self.measured);
            return;
        }
        for group in self.measured.chunk_by(|one, other| one == other) {
            let count = group.len() as u64;
            self.likely.extend((0..count).map(|at| group[0] + at * COARSE_SPREAD_MILLIS / count));
        }
        let likely = &mut self.likely;
        if !likely.is_sorted() {
            self.order.sort_by_key(|at| likely[*at as usize]);
            likely.sort_unstable();
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.measured.len()
    }

    /// Whether all pass at once, whenever exactly they came: there are no more than pass out of the blue.
    fn all_pass(&self, rule: &Rule) -> bool {
        let burst = u64::try_from(rule.limit.burst_millis()).unwrap_or(0);
        let at_once = rule.delay_millis.map_or(burst, |delay| delay.min(burst));
        self.len() as u64 <= at_once / 1_000 + 1
    }

    /// What a limit would have done, and what to each request, by its place: `tell` is not called for those
    /// that pass at once.
    pub fn offer(&self, rule: &Rule, mut tell: impl FnMut(usize, u64, Outcome)) -> Outcomes {
        let requests = self.len() as u64;
        if self.all_pass(rule) {
            let all = Span { least: requests, likely: requests, most: requests };
            return Outcomes { requests, passed: all, ..Outcomes::default() };
        }
        let (mut bucket, mut delayed, mut rejected) = (Bucket::default(), 0, 0);
        for (time, at) in self.likely.iter().zip(&self.order) {
            let outcome = rule.limit.offer(&mut bucket, *time);
            match outcome {
                Outcome::Passed => continue,
                Outcome::Delayed { .. } => delayed += 1,
                Outcome::Rejected { .. } => rejected += 1,
            }
            tell(*at as usize, *time, outcome);
        }
        self.around(rule, delayed, rejected)
    }

    /// The numbers with how sure they are.
    pub fn around(&self, rule: &Rule, delayed: u64, rejected: u64) -> Outcomes {
        let spread = if self.has_coarse { COARSE_SPREAD_MILLIS } else { FINE_SPREAD_MILLIS };
        let spread = if self.has_untimed { spread + self.late_millis } else { spread };
        let Bounds { accepted, passed, delayed: waited } =
            bounds(&rule.limit, rule.delay_millis, &self.measured, spread);
        let requests = self.len() as u64;
        let span = |least: u64, likely: u64, most: u64| Span {
            least: least.min(likely),
            likely,
            most: most.max(likely),
        };
        Outcomes {
            requests,
            passed: span(passed.0, requests - delayed - rejected, passed.1),
            delayed: span(waited.0, delayed, waited.1),
            rejected: span(requests - accepted.1, rejected, requests - accepted.0),
        }
    }

    /// The largest excess there would have been had nothing been turned away, in thousandths of a request, for
    /// each of these rates: the burst that it would have taken. Where only seconds are known all of a second
    /// are taken to have come at once.
    pub fn needs(&self, limits: &[Limit], needs: &mut Vec<u64>) {
        needs.clear();
        needs.extend(limits.iter().map(|limit| {
            let (limit, mut bucket, mut most) =
                (limit.with_burst_millis(i64::MAX), Bucket::default(), 0);
            for time in &self.measured {
                limit.offer(&mut bucket, *time);
                most = bucket.excess_millis().max(most);
            }
            most
        }));
    }

    /// The most in a minute, aligned.
    pub fn most_in_minute(&self) -> u64 {
        let minutes = self.measured.chunk_by(|one, other| one / 60_000 == other / 60_000);
        minutes.map(|minute| minute.len() as u64).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit_req::Rate;

    #[test]
    fn a_whole_timeline_is_told_request_by_request() {
        // Nothing but `Collector` makes moments, so that bounds are proven there; here times alone count.
        let mut timeline =
            Timeline { measured: vec![0, 1, 2, 3, 502, 503, 1_600], ..Timeline::default() };
        timeline.order = (0..7).collect();
        timeline.likely = timeline.measured.clone();
        let limit = Limit::new(Rate::per_second(2).unwrap(), 1, Delay::Never);
        let rule = Rule::new(limit, Delay::Never);
        let mut told = Vec::new();
        let outcomes = timeline.offer(&rule, |at, _, outcome| told.push((at, outcome)));
        let rejected = |excess_millis| Outcome::Rejected { excess_millis };
        assert_eq!(told, [(2, rejected(1_996)), (3, rejected(1_994)), (5, rejected(1_994))]);
        assert_eq!(
            (outcomes.requests, outcomes.passed.likely, outcomes.rejected.likely),
            (7, 4, 3)
        );
        assert!(outcomes.rejected.least <= 3 && outcomes.rejected.most >= 3);
        let mut needs = Vec::new();
        timeline.needs(&[limit], &mut needs);
        assert_eq!((needs[0], timeline.most_in_minute()), (3_994, 7));
    }
}
