//! Between which numbers the outcome of a limit lies, where clocks tell when requests came to within some time.
//!
//! A limit lets a set of requests pass where, of any that follow each other, no more came than the burst, one
//! more, and what leaks between the first and the last. It takes the most it can: whoever comes is let through
//! where that may be. Were all times off by less than some `spread`, any two are that much nearer or farther,
//! and what leaks between is that much less or more. So the true limit lets at least as many pass as one with a
//! burst that is smaller by what leaks in a spread does at the times of the log, and at most as many as one with
//! a burst that is larger by it.
//!
//! Of each request by itself it is known whether the bucket may have been too full, and where that is sure for most
//! of them the two numbers are nearer to each other than these. What both leave is told.

use crate::limit_req::Limit;

/// How many at least and at most.
pub type Bound = (u64, u64);

/// What a limit does to the requests of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Those that are let through, at once or later.
    pub accepted: Bound,
    /// Those that pass at once.
    pub passed: Bound,
    /// Those that pass later.
    pub delayed: Bound,
}

/// The bounds for the requests of a key at these times, in milliseconds, in order. Each time is off by the same
/// as all others, and by less than `spread_millis` more. `delay_millis` is how many thousandths of a request
/// beyond the first pass at once; `None` is all.
pub fn bounds(
    limit: &Limit,
    delay_millis: Option<u64>,
    times: &[u64],
    spread_millis: u64,
) -> Bounds {
    let rate = u64::from(limit.rate().millis_per_second());
    let micros = |millis: i64| millis.saturating_mul(1_000);
    let slack = i64::try_from(rate.saturating_mul(spread_millis)).unwrap_or(i64::MAX / 4);
    let burst = micros(limit.burst_millis());
    // Where a millisecond leaks no whole thousandths, nginx loses up to one between any two that it lets through,
    // and which of them it loses is up to its clock.
    let dearest = if rate.is_multiple_of(1_000) { REQUEST_MICROS } else { REQUEST_MICROS + 1_000 };
    // Whoever need not wait for all that are let through waits never.
    let delay = delay_millis
        .map(|delay| micros(i64::try_from(delay).unwrap_or(i64::MAX)))
        .filter(|delay| *delay < burst);
    let one_by_one = one_by_one((burst, delay), dearest, rate, times, slack);
    let most = accepted(burst.saturating_add(slack), REQUEST_MICROS, rate, times);
    let narrow = accepted(burst.saturating_sub(slack), dearest, rate, times);
    let least = narrow.max(in_groups(burst, dearest, rate, times, spread_millis));
    let accepted_all = both((least, most), one_by_one.accepted);
    let Some(delay) = delay else {
        return Bounds { accepted: accepted_all, passed: accepted_all, delayed: (0, 0) };
    };
    let at_once = accepted(delay.saturating_add(slack), REQUEST_MICROS, rate, times);
    let passed = both((0, at_once.min(accepted_all.1)), one_by_one.passed);
    let rest = (accepted_all.0.saturating_sub(passed.1), accepted_all.1.saturating_sub(passed.0));
    Bounds { accepted: accepted_all, passed, delayed: both(rest, one_by_one.delayed) }
}

/// What both bounds leave.
fn both(one: Bound, other: Bound) -> Bound {
    (one.0.max(other.0), one.1.min(other.1))
}

/// What a request adds, in millionths of a request: in these nothing that leaks has a remainder.
const REQUEST_MICROS: u64 = 1_000_000;

/// How many are let through at these times, where each adds so much.
fn accepted(burst_micros: i64, cost_micros: u64, rate: u64, times: &[u64]) -> u64 {
    let (mut next, mut last, mut accepted) = (0_u64, 0, 0);
    for time in times {
        let excess = next.saturating_sub(rate.saturating_mul(time - last));
        if i64::try_from(excess).unwrap_or(i64::MAX) <= burst_micros {
            (next, last) = (excess.saturating_add(cost_micros), *time);
            accepted += 1;
        }
    }
    accepted
}

/// How many are let through whatever the order within a spread: as many at a time as the burst allows, and the
/// next only when all of these have surely leaked.
fn in_groups(
    burst_micros: i64,
    cost_micros: u64,
    rate: u64,
    times: &[u64],
    spread_millis: u64,
) -> u64 {
    let room = u64::try_from(burst_micros).unwrap_or(0) / REQUEST_MICROS + 1;
    let (mut all, mut free_from) = (0, 0);
    for group in times.chunk_by(|one, other| one == other) {
        if group[0] < free_from {
            continue;
        }
        let taken = room.min(group.len() as u64);
        all += taken;
        let leak_millis = taken.saturating_mul(cost_micros).div_ceil(rate.max(1));
        free_from = group[0].saturating_add(leak_millis).saturating_add(spread_millis);
    }
    all
}

/// The bounds as far as they are known request by request: how full the bucket is at least and at most, whatever
/// became of those that may have been let through or not. Wherever the bucket runs dry all is known again.
fn one_by_one(
    (burst, delay): (i64, Option<i64>),
    cost_micros: u64,
    rate: u64,
    times: &[u64],
    slack: i64,
) -> Bounds {
    let cheapest = REQUEST_MICROS.cast_signed();
    let dearest = cost_micros.cast_signed();
    let mut bounds = Bounds::default();
    let mut count = |of: fn(&mut Bounds) -> &mut Bound, surely: bool, maybe: bool| {
        let bound = of(&mut bounds);
        *bound = (bound.0 + u64::from(surely), bound.1 + u64::from(maybe));
    };
    // Below nothing: the first request finds nothing, whatever the slack.
    let (mut low, mut high, mut last) = (i64::MIN / 4, i64::MIN / 4, 0);
    for time in times {
        let leak = i64::try_from(rate.saturating_mul(time - last)).unwrap_or(i64::MAX);
        last = *time;
        // What leaks more than all there is leads nowhere below that.
        (low, high) = (
            low.saturating_sub(leak).max(i64::MIN / 4),
            high.saturating_sub(leak).max(i64::MIN / 4),
        );
        let (least, most) = (low.saturating_sub(slack).max(0), high.saturating_add(slack).max(0));
        let (surely, maybe) = (most <= burst, least <= burst);
        count(|bounds| &mut bounds.accepted, surely, maybe);
        if let Some(delay) = delay {
            count(|bounds| &mut bounds.passed, most <= delay, least <= delay);
            count(|bounds| &mut bounds.delayed, surely && least > delay, maybe && most > delay);
        }
        if surely {
            (low, high) = (low.max(0) + cheapest, high.max(0) + dearest);
        } else if maybe {
            // Had it been turned away there would have been more than the burst, else no more.
            (low, high) = (burst.min(low.max(0) + cheapest), high.max(burst + dearest));
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limit_req::{Bucket, Delay, Outcome, Rate};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

        #[test]
        fn whenever_requests_came_within_their_second_the_outcome_is_in_bounds(
            seconds in prop::collection::vec((0_u64..40, 0_u64..1_000), 1..120),
            rate in 1_u32..30,
            per_minute in any::<bool>(),
            burst in 0_u32..30,
            delay in prop::option::of(0_u32..30),
        ) {
            let rate = if per_minute { Rate::per_minute(rate) } else { Rate::per_second(rate) }.unwrap();
            let after = delay.map_or(Delay::Never, Delay::After);
            let limit = Limit::new(rate, burst, after);
            let mut true_times: Vec<u64> =
                seconds.iter().map(|(second, millis)| 1_000_000 + second * 1_000 + millis).collect();
            true_times.sort_unstable();
            let measured: Vec<u64> = true_times.iter().map(|time| time / 1_000 * 1_000).collect();
            let (mut bucket, mut accepted, mut passed) = (Bucket::default(), 0, 0);
            for time in &true_times {
                match limit.offer(&mut bucket, *time) {
                    Outcome::Passed => (accepted, passed) = (accepted + 1, passed + 1),
                    Outcome::Delayed { .. } => accepted += 1,
                    Outcome::Rejected { .. } => {}
                }
            }
            let delay = delay.map(|delay| u64::from(delay) * 1_000);
            let bounds = bounds(&limit, delay, &measured, 1_000);
            prop_assert!((bounds.accepted.0..=bounds.accepted.1).contains(&accepted), "{accepted} {bounds:?}");
            prop_assert!((bounds.passed.0..=bounds.passed.1).contains(&passed), "{passed} {bounds:?}");
            let delayed = accepted - passed;
            prop_assert!((bounds.delayed.0..=bounds.delayed.1).contains(&delayed), "{delayed} {bounds:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn where_two_clocks_are_cut_to_the_millisecond_the_outcome_is_in_bounds(
            gaps_micros in prop::collection::vec(prop_oneof![0_u64..3_000, 0_u64..60_000, 0_u64..900_000], 1..300),
            phase_micros in 0_u64..1_000,
            rate in 1_u32..200,
            per_minute in any::<bool>(),
            burst in 0_u32..30,
            delay in prop::option::of(0_u32..30),
        ) {
            let rate = if per_minute { Rate::per_minute(rate) } else { Rate::per_second(rate) }.unwrap();
            let after = delay.map_or(Delay::Never, Delay::After);
            let limit = Limit::new(rate, burst, after);
            let (mut now, mut measured) = (1_000_000_000_u64, Vec::new());
            let (mut bucket, mut accepted, mut passed) = (Bucket::default(), 0, 0);
            for gap in gaps_micros {
                now += gap;
                measured.push((now + phase_micros) / 1_000);
                match limit.offer(&mut bucket, now / 1_000) {
                    Outcome::Passed => (accepted, passed) = (accepted + 1, passed + 1),
                    Outcome::Delayed { .. } => accepted += 1,
                    Outcome::Rejected { .. } => {}
                }
            }
            let delay = delay.map(|delay| u64::from(delay) * 1_000);
            let bounds = bounds(&limit, delay, &measured, 2);
            prop_assert!((bounds.accepted.0..=bounds.accepted.1).contains(&accepted), "{accepted} {bounds:?}");
            prop_assert!((bounds.passed.0..=bounds.passed.1).contains(&passed), "{passed} {bounds:?}");
            let delayed = accepted - passed;
            prop_assert!((bounds.delayed.0..=bounds.delayed.1).contains(&delayed), "{delayed} {bounds:?}");
        }
    }

    #[test]
    fn exact_times_give_one_number() {
        let limit = Limit::new(Rate::per_second(2).unwrap(), 1, Delay::Never);
        let times = [1_000, 1_001, 1_002, 1_502, 2_600];
        assert_eq!(bounds(&limit, None, &times, 0).accepted, (4, 4));
        // Five a second, evenly, at five a second: of the second alone nobody knows.
        let delayed = Limit::new(Rate::per_second(2).unwrap(), 2, Delay::After(0));
        let bounds_of = bounds(&delayed, Some(0), &[1_000, 1_001, 1_002, 1_003, 9_000], 2);
        assert_eq!(
            (bounds_of.accepted, bounds_of.passed, bounds_of.delayed),
            ((4, 4), (2, 2), (2, 2))
        );
        let even = Limit::new(Rate::per_second(5).unwrap(), 0, Delay::Never);
        let times: Vec<u64> = (0..50).map(|number| number / 5 * 1_000).collect();
        let Bounds { accepted: (least, most), .. } = bounds(&even, None, &times, 1_000);
        assert!((5..10).contains(&least) && most == 50, "{least} {most}");
    }
}
