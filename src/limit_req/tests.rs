//! What nginx does with these requests: its source and its tests say so, and some were sent to it.

use super::*;

/// A time at which a clock is that counts from 1970.
const BEGUN: u64 = 1_795_000_000_000;

/// nginx takes a time that is at most so many milliseconds back for the same time.
const STEP_BACK: u64 = 60_000;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn limit(text: &str, burst: u32, delay: Delay) -> Limit {
    Limit::new(rate(text), burst, delay)
}

fn short(outcome: Outcome) -> String {
    match outcome {
        Outcome::Passed => "P".to_string(),
        Outcome::Delayed { millis } => format!("D{millis}"),
        Outcome::Rejected { excess_millis } => format!("R{excess_millis}"),
    }
}

/// What becomes of requests of one key at these times, on clocks that began at different times.
fn offered(limit: &Limit, times: &[u64]) -> String {
    let at_each = |begun: u64| {
        let mut bucket = Bucket::default();
        let short = |time: &u64| short(limit.offer(&mut bucket, begun + time));
        times.iter().map(short).collect::<Vec<_>>().join(" ")
    };
    let outcomes = at_each(BEGUN);
    for begun in [0, 1, 999, u64::MAX - times.iter().max().unwrap()] {
        assert_eq!(at_each(begun), outcomes, "a clock that began at {begun}");
    }
    outcomes
}

#[test]
fn rates_are_read_as_nginx_reads_them() {
    for (text, millis_per_second) in [
        ("10r/s", 10_000),
        ("10", 10_000),
        ("1r/m", 16),
        ("7r/m", 116),
        ("30r/m", 500),
        ("60r/m", 1_000),
        ("100r/m", 1_666),
        ("4294967r/s", 4_294_967_000),
        ("257698037r/m", 4_294_967_283),
    ] {
        assert_eq!(rate(text).millis_per_second(), millis_per_second, "{text}");
        assert_eq!(rate(text).to_string(), text);
    }
    assert_eq!(rate("010r/s").to_string(), "10r/s");
    assert_eq!(Rate::per_second(5), Ok(rate("5r/s")));
    assert_eq!(Rate::per_minute(5), Ok(rate("5r/m")));
    for text in
        ["", "0", "0r/s", "0r/m", "r/s", "-1r/s", "+1r/s", "1.5r/s", "1 r/s", "1R/S", "1r/h", "1r"]
    {
        assert_eq!(text.parse::<Rate>(), Err(RateError::NoRate), "{text}");
    }
    for text in ["4294968r/s", "4294968", "257698038r/m", "4294967296r/m", "99999999999999999999"] {
        assert_eq!(text.parse::<Rate>(), Err(RateError::TooHigh), "{text}");
    }
    for error in [RateError::NoRate, RateError::TooHigh] {
        assert!(error.to_string().contains("r/s"));
    }
}

#[test]
fn one_limit_does_what_the_rules_of_the_source_say() {
    let never = Delay::Never;
    let two = limit("2r/s", 1, never);
    assert_eq!(offered(&two, &[0, 1, 2, 3, 502, 503, 1_600]), "P P R1996 R1994 P R1994 P");
    let slow = limit("30r/m", 2, Delay::After(1));
    assert_eq!(offered(&slow, &[0, 1, 2, 3]), "P P D2000 R3000");
    let ten = limit("10r/s", 0, never);
    assert_eq!(offered(&ten, &[0, 50, 99, 100, 199, 200, 300]), "P R500 R10 P R10 P P");
    let rare = limit("1r/m", 0, Delay::After(0));
    assert_eq!(offered(&rare, &[0, 60_000, 62_499, 62_500]), "P R40 R1 P");
    let queued = offered(&limit("10r/s", 20, Delay::After(0)), &[0; 23]);
    assert!(queued.starts_with("P D100 D200 ") && queued.ends_with(" D2000 R21000 R21000"));
    let half = offered(&limit("10r/s", 20, Delay::After(8)), &[0; 22]);
    assert!(half.starts_with("P P P P P P P P P D100 D200 D300 "));
    let back = offered(&limit("10r/s", 5, never), &[71_000, 70_500, 70_400, 0]);
    assert_eq!(back, "P P P P");
}

#[test]
fn one_limit_does_what_nginx_1_22_did() {
    let one = limit("1r/s", 2, Delay::Never);
    assert_eq!(offered(&one, &[0, 151, 302, 453, 604]), "P P P R2547 R2396");
    let queue = limit("1r/s", 1, Delay::After(0));
    assert_eq!(offered(&queue, &[0, 21, 41, 62]), "P D979 R1959 R1938");
    let dry = limit("2r/s", 0, Delay::After(0));
    assert_eq!(offered(&dry, &[0, 151, 302, 453]), "P R698 R396 R94");
    let five = limit("1r/s", 5, Delay::After(0));
    assert_eq!(offered(&five, &[0; 8]), "P D1000 D2000 D3000 D4000 D5000 R6000 R6000");
    let later = limit("10r/s", 5, Delay::After(2));
    assert_eq!(offered(&later, &[0; 8]), "P P P D100 D200 D300 R6000 R6000");
    let strict = limit("1r/s", 0, Delay::After(0));
    assert_eq!(offered(&strict, &[0, 999, 1_000]), "P R1 P");
    let rare = limit("1r/m", 0, Delay::After(0));
    assert_eq!(offered(&rare, &[0, 60_000, 60_240, 62_499, 62_500]), "P R40 R37 R1 P");
}

#[test]
fn so_many_pass_at_once_and_then_the_rate() {
    for burst in [0, 1, 20, 60] {
        let outcomes = offered(&limit("10r/s", burst, Delay::Never), &[0; 100]);
        assert_eq!(outcomes.matches('P').count(), 1 + burst as usize);
    }
    let times: Vec<u64> = (0..1_800).map(|request| request * 1_000 / 30).collect();
    let outcomes = offered(&limit("10r/s", 20, Delay::Never), &times);
    assert_eq!(outcomes.matches('P').count(), 620);
}

#[test]
fn a_delay_too_short_for_the_timer_is_none() {
    // One request waits for half a millisecond, the other for a whole one.
    let fast = limit("2001r/s", 1, Delay::After(0));
    assert_eq!(offered(&fast, &[0, 0]), "P P");
    assert_eq!(offered(&limit("1000r/s", 1, Delay::After(0)), &[0, 0]), "P D1");
}

#[test]
fn a_clock_that_steps_back_stands_still_for_a_minute() {
    let ten = limit("10r/s", 5, Delay::Never);
    let mut known = Bucket::default();
    ten.offer(&mut known, BEGUN);
    for (back, excess, last) in [
        (0, 1_000, BEGUN),
        (1, 1_000, BEGUN),
        (STEP_BACK - 1, 1_000, BEGUN),
        (STEP_BACK, 1_000, BEGUN),
        (STEP_BACK + 1, 990, BEGUN - STEP_BACK - 1),
        (BEGUN, 990, 0),
    ] {
        let mut bucket = known;
        assert_eq!(ten.offer(&mut bucket, BEGUN - back), Outcome::Passed, "{back}");
        assert_eq!((bucket.excess_millis(), bucket.last_millis()), (excess, last), "{back}");
        assert!(!bucket.is_drained(BEGUN - back, ten.rate()));
    }
}

#[test]
fn nothing_overflows() {
    let bursts = [i64::MIN, -1, 0, 1, BURST_MILLIS_MAX, i64::MAX];
    let times = [0, 1, 60_000, 60_001, BEGUN, u64::MAX - 60_001, u64::MAX - 1, u64::MAX];
    for text in ["1r/m", "1r/s", "4294967r/s"] {
        for (burst, delay) in
            bursts.iter().flat_map(|burst| [(burst, Delay::After(0)), (burst, Delay::Never)])
        {
            let limit = limit(text, u32::MAX, delay).with_burst_millis(*burst);
            for (from, to) in times.iter().flat_map(|from| times.map(|to| (*from, to))) {
                let (mut bucket, mut alone) = (Bucket::default(), Bucket::default());
                bucket.next_excess_millis = limit.burst_millis.max(0).unsigned_abs() + 1_000;
                bucket.last_millis = from;
                let was = bucket;
                match limit.offer(&mut bucket, to) {
                    Outcome::Rejected { .. } => assert_eq!(bucket, was),
                    _ => assert!(!bucket.is_new()),
                }
                limit.offer(&mut alone, from);
                let mut asked = [(&limit, Some(&mut bucket)), (&limit, Some(&mut alone))];
                offer_all(&mut asked, to);
            }
        }
    }
    // A thousand times 2^61 is 0 where it wraps.
    assert_eq!(offered(&limit("1r/s", 0, Delay::Never), &[0, 1 << 61]), "P P");
    // A bucket of the largest burst, after all the time there is: as full as it was, less what leaked.
    let limit = limit("4294967r/s", 0, Delay::Never).with_burst_millis(i64::MAX);
    let full = BURST_MILLIS_MAX.unsigned_abs();
    let mut bucket = Bucket { next_excess_millis: full + 1_000, last_millis: 0 };
    assert_eq!(limit.offer(&mut bucket, 1), Outcome::Passed);
    assert_eq!(bucket.excess_millis(), full + 1_000 - 4_294_967);
    assert_eq!(limit.offer(&mut bucket, u64::MAX), Outcome::Passed);
    assert_eq!(bucket, Bucket { next_excess_millis: 1_000, last_millis: u64::MAX });
}

#[test]
fn a_burst_may_be_any_part_of_a_request_and_less_than_none() {
    let ten = limit("10r/s", 1, Delay::Never);
    assert_eq!(ten.burst_millis(), 1_000);
    assert_eq!(offered(&ten.with_burst_millis(500), &[0, 49, 50]), "P R510 P");
    assert_eq!(offered(&ten.with_burst_millis(-1), &[0, 50, 100_000]), "R0 R0 R0");
    let (mut bucket, refusing) = (Bucket::default(), ten.with_burst_millis(-1));
    refusing.offer(&mut bucket, BEGUN);
    assert!(bucket.is_new());
    let mut other = Bucket::default();
    let mut asked = [(&refusing, Some(&mut bucket)), (&ten, Some(&mut other))];
    assert_eq!(offer_all(&mut asked, BEGUN).limit, Some(0));
    assert!(bucket.is_new() && other.is_new());
}

#[test]
fn a_drained_bucket_is_as_good_as_new_and_no_other_is() {
    for text in ["1r/m", "7r/m", "2r/s", "10r/s", "999r/s", "1500r/s"] {
        let (one, rate) = (limit(text, 9, Delay::After(2)), rate(text));
        for requests in 1..=9_u64 {
            let mut bucket = Bucket::default();
            for _ in 0..requests {
                one.offer(&mut bucket, BEGUN);
            }
            // The first millisecond in which all has leaked, and one request more.
            let millis = requests * 1_000_000;
            let drained = BEGUN + millis.div_ceil(u64::from(rate.millis_per_second()));
            for now in [0, BEGUN - STEP_BACK - 1, BEGUN - 1, BEGUN, drained - 1] {
                assert!(!bucket.is_drained(now, rate), "{text}, {requests} at {now}");
            }
            for now in [drained, drained + 1, u64::MAX] {
                assert!(bucket.is_drained(now, rate), "{text}, {requests} at {now}");
            }
            let counted = |mut bucket: Bucket, now| (one.offer(&mut bucket, now), bucket);
            let new = Bucket::default();
            assert_ne!(counted(bucket, drained - 1), counted(new, drained - 1));
            for now in [drained, drained + 1, u64::MAX] {
                assert_eq!(counted(bucket, now), counted(new, now));
                // So it is before the last of several limits.
                let counted = |mut bucket: Bucket| {
                    let mut last = new;
                    let mut asked = [(&one, Some(&mut bucket)), (&one, Some(&mut last))];
                    (offer_all(&mut asked, now), bucket, last)
                };
                assert_eq!(counted(bucket), counted(new));
            }
        }
    }
    assert!(Bucket::default().is_drained(0, rate("1r/m")));
    assert_eq!(size_of::<Bucket>(), 16);
}

/// A request of two keys, each of which may be empty; what becomes of it, and the place of the limit.
type Case = (u64, [Option<usize>; 2], &'static str, Option<usize>);

/// Requests of the keys 0 to 2 for two limits, at milliseconds after `begun`.
fn check_two(limits: [Limit; 2], begun: u64, cases: &[Case]) -> [[Bucket; 3]; 2] {
    let mut zones = [[Bucket::default(); 3]; 2];
    for (time, keys, outcome, place) in cases {
        let [first, second] = &mut zones;
        let mut asked = [
            (&limits[0], keys[0].map(|key| &mut first[key])),
            (&limits[1], keys[1].map(|key| &mut second[key])),
        ];
        let ruling = offer_all(&mut asked, begun + time);
        assert_eq!((&*short(ruling.outcome), ruling.limit), (*outcome, *place), "at {time}");
    }
    zones
}

#[test]
fn a_request_without_keys_is_counted_nowhere() {
    let two = [limit("1000r/s", 0, Delay::After(0)), limit("1r/m", 0, Delay::After(0))];
    let zones = check_two(
        two,
        BEGUN,
        &[
            (0, [Some(1), None], "P", None),
            (100, [Some(1), None], "P", None),
            (200, [None, Some(1)], "P", None),
            (300, [None, Some(1)], "R999", Some(1)),
            (400, [Some(2), Some(2)], "P", None),
            (500, [Some(2), Some(2)], "R999", Some(1)),
            (600, [None, None], "P", None),
        ],
    );
    assert!(zones[0][0].is_new() && zones[1][0].is_new());
    assert_eq!(offer_all(&mut [], BEGUN), Ruling { outcome: Outcome::Passed, limit: None });
}

#[test]
fn who_is_rejected_is_charged_nowhere() {
    let two = [limit("1r/s", 5, Delay::Never), limit("1r/s", 0, Delay::Never)];
    let both = [Some(0), Some(0)];
    let zones = check_two(
        two,
        BEGUN,
        &[(0, both, "P", None), (0, both, "R1000", Some(1)), (0, both, "R1000", Some(1))],
    );
    assert_eq!(zones[0][0], Bucket { next_excess_millis: 1_000, last_millis: BEGUN });
    // The first to reject decides.
    let two = [limit("1r/s", 0, Delay::Never), limit("1r/m", 0, Delay::Never)];
    check_two(two, BEGUN, &[(0, both, "P", None), (0, both, "R1000", Some(0))]);
}

#[test]
fn a_key_stays_known_though_a_later_limit_rejects() {
    let two = [limit("1r/s", 0, Delay::Never), limit("1r/s", 0, Delay::Never)];
    let cases: [Case; 3] = [
        (0, [None, Some(0)], "P", None),
        (1, [Some(0), Some(0)], "R999", Some(1)),
        (2, [Some(0), None], "P", None),
    ];
    let zones = check_two(two, BEGUN, &cases[..2]);
    assert_eq!(zones[0][0], Bucket { next_excess_millis: 1_000, last_millis: 0 });
    check_two(two, BEGUN, &cases);
    // Such a key was last seen at 0. If that was just now, the next request has an excess, and the first
    // one of a key costs what has not leaked yet.
    check_two(two, 0, &[cases[0], cases[1], (2, [Some(0), None], "R998", Some(0))]);
    let two = [limit("1r/s", 1, Delay::After(0)), limit("1r/s", 1, Delay::After(0))];
    let zones = check_two(two, 0, &[(100, [Some(0), Some(0)], "D900", Some(0))]);
    assert_eq!(zones[0][0].excess_millis(), 900);
    let zones = check_two(two, BEGUN, &[(100, [Some(0), Some(0)], "P", None)]);
    assert_eq!(zones[0][0].excess_millis(), 0);
}

#[test]
fn the_longest_delay_is_waited_for() {
    let (fast, slow) = (limit("10r/s", 9, Delay::After(0)), limit("2r/s", 9, Delay::After(0)));
    let both = [Some(0), Some(0)];
    for (limits, place) in [([fast, slow], 1), ([slow, fast], 0), ([slow, slow], 1)] {
        check_two(limits, BEGUN, &[(0, both, "P", None), (0, both, "D500", Some(place))]);
    }
    // A limit whose key is empty delays nothing, though it is the last.
    let first = [Some(0), None];
    check_two([slow, fast], BEGUN, &[(0, first, "P", None), (0, first, "D500", Some(0))]);
    let mut buckets = [Bucket::default(); 2];
    let mut both_and_none = |now| {
        let [first, second] = &mut buckets;
        offer_all(&mut [(&slow, Some(first)), (&slow, Some(second)), (&slow, None)], now)
    };
    both_and_none(BEGUN);
    let wanted = Ruling { outcome: Outcome::Delayed { millis: 500 }, limit: Some(1) };
    assert_eq!(both_and_none(BEGUN), wanted);
}
