//! Between which numbers the outcome of a limit lies, where clocks tell when requests came to within some time.
//!
//! A limit lets a set of requests pass where, of any that follow each other, no more came than the burst, one
//! more, and what leaks between the first and the last. It takes the most it can: whoever comes is let through
//! where that may be. Were all times off by less than some `spread`, any two are that much nearer or farther,
//! and what leaks between is that much less or more. So the true limit lets at least as many pass as one with a
//! burst that is smaller by what leaks in a spread does at the times of the log, and at most as many as one with
//! a burst that is larger by it.

use crate::limit_req::{Bucket, Limit, Outcome};

/// How many at least and at most.
pub type Bound = (u64, u64);

/// What a limit does to the requests of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Those that are let through, at once or later.
    pub accepted: Bound,
    /// Those that pass at once.
    pub passed: Bound,
}

/// The bounds for the requests of a key at these times, in milliseconds, in order, each of which lies at most
/// `spread_millis` before the moment at which the request came. `delay_millis` is how many thousandths of a
/// request beyond the first pass at once; `None` is all.
pub fn bounds(
    limit: &Limit,
    delay_millis: Option<u64>,
    times: &[u64],
    spread_millis: u64,
) -> Bounds {
    let rate = u64::from(limit.rate().millis_per_second());
    // What does not come out even is rounded to the wider side.
    let slack =
        i64::try_from((rate.saturating_mul(spread_millis)).div_ceil(1_000)).unwrap_or(i64::MAX / 4);
    let burst = limit.burst_millis();
    let count = times.len() as u64;
    let most = accepted(&limit.with_burst_millis(burst.saturating_add(slack)), times);
    let narrow = accepted(&limit.with_burst_millis(burst.saturating_sub(slack)), times);
    let least = narrow.max(in_groups(burst, rate, times, spread_millis)).min(most);
    let passed = match delay_millis {
        None => (least, most),
        Some(delay) => {
            let delay = i64::try_from(delay).unwrap_or(i64::MAX / 4);
            let no_more = delay.min(burst).saturating_add(slack);
            let at_once = accepted(&limit.with_burst_millis(no_more), times).min(most);
            (surely_at_once(burst, delay.saturating_sub(slack), rate, times).min(at_once), at_once)
        }
    };
    Bounds { accepted: (least, most.min(count)), passed }
}

/// How many a limit lets through at these times.
fn accepted(limit: &Limit, times: &[u64]) -> u64 {
    let mut bucket = Bucket::default();
    let is_let_through =
        |time: &&u64| !matches!(limit.offer(&mut bucket, **time), Outcome::Rejected { .. });
    times.iter().filter(is_let_through).count() as u64
}

/// How many are let through whatever the order within a spread: as many at a time as the burst allows, and the
/// next only when all of these have surely leaked.
fn in_groups(burst_millis: i64, rate: u64, times: &[u64], spread_millis: u64) -> u64 {
    let room = u64::try_from(burst_millis).unwrap_or(0) / 1_000 + 1;
    let (mut all, mut free_from) = (0, 0);
    for group in times.chunk_by(|one, other| one == other) {
        if group[0] < free_from {
            continue;
        }
        let taken = room.min(group.len() as u64);
        all += taken;
        let leak_millis = taken.saturating_mul(1_000_000).div_ceil(rate.max(1));
        free_from = group[0].saturating_add(leak_millis).saturating_add(spread_millis);
    }
    all
}

/// How many pass at once though all before them were let through.
fn surely_at_once(burst_millis: i64, delay_millis: i64, rate: u64, times: &[u64]) -> u64 {
    let (mut excess, mut last, mut passed) = (None::<i64>, 0, 0);
    for time in times {
        let leaked = rate.saturating_mul(time - last) / 1_000;
        let leaked = i64::try_from(leaked).unwrap_or(i64::MAX / 4);
        let now = excess.map_or(0, |excess| (excess - leaked + 1_000).max(0));
        passed += u64::from(now <= delay_millis);
        // No more is ever let in.
        (excess, last) = (Some(now.min(burst_millis.max(0))), *time);
    }
    passed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limit_req::{Delay, Rate};

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
        }
    }

    #[test]
    fn exact_times_give_one_number() {
        let limit = Limit::new(Rate::per_second(2).unwrap(), 1, Delay::Never);
        let times = [1_000, 1_001, 1_002, 1_502, 2_600];
        assert_eq!(bounds(&limit, None, &times, 0).accepted, (4, 4));
        // Five a second, evenly, at five a second: of the second alone nobody knows.
        let even = Limit::new(Rate::per_second(5).unwrap(), 0, Delay::Never);
        let times: Vec<u64> = (0..50).map(|number| number / 5 * 1_000).collect();
        let Bounds { accepted: (least, most), .. } = bounds(&even, None, &times, 1_000);
        assert!((5..10).contains(&least) && most == 50, "{least} {most}");
    }
}
