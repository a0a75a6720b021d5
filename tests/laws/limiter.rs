//! The limiter says what its slow twin says, and may forget what has drained.

use std::cell::Cell;
use std::collections::HashMap;

use logscan::limit_req::{Bucket, Delay, Limit, Outcome, Rate, Ruling, offer_all};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A limit as it is configured, each of a zone of its own.
#[derive(Clone, Copy, Debug)]
struct Configured {
    requests: u32,
    is_per_minute: bool,
    burst: u32,
    delay: Option<u32>,
}

impl Configured {
    fn limit(self) -> Limit {
        let rate = if self.is_per_minute { Rate::per_minute } else { Rate::per_second };
        let delay = self.delay.map_or(Delay::Never, Delay::After);
        Limit::new(rate(self.requests).unwrap(), self.burst, delay)
    }

    /// As the twin counts: thousandths of a request a second.
    fn rate(self) -> i128 {
        i128::from(self.requests) * 1_000 / if self.is_per_minute { 60 } else { 1 }
    }

    fn wait(self, excess: i128) -> i128 {
        let Some(delay) = self.delay.map(|requests| i128::from(requests) * 1_000) else { return 0 };
        if excess <= delay { 0 } else { (excess - delay) * 1_000 / self.rate() }
    }
}

/// What nginx keeps of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    excess: i128,
    last: i128,
}

impl Node {
    /// The milliseconds that have passed, and the excess of a request now.
    fn look(self, rate: i128, now: i128) -> (i128, i128) {
        let elapsed = now - self.last;
        let elapsed = if elapsed < -60_000 { 1 } else { elapsed.max(0) };
        (elapsed, (self.excess - rate * elapsed / 1_000 + 1_000).max(0))
    }

    fn count(&mut self, (elapsed, excess): (i128, i128), now: i128) {
        self.excess = excess;
        if elapsed != 0 {
            self.last = now;
        }
    }
}

type Zone = HashMap<u8, Node>;

/// The twin: each step as `ngx_http_limit_req_module.c` takes it, with numbers that have room for anything.
/// The key 0 is empty.
fn twin(limits: &[Configured], zones: &mut [Zone], keys: &[u8], now: i128) -> Ruling {
    let last_place = limits.len() - 1;
    let mut pinned = Vec::new();
    let mut decided = None;
    for (place, limit) in limits.iter().enumerate() {
        let (key, is_last) = (keys[place], place == last_place);
        if key == 0 {
            continue;
        }
        let Some(node) = zones[place].get_mut(&key) else {
            let last = if is_last { now } else { 0 };
            zones[place].insert(key, Node { excess: 0, last });
            if is_last {
                decided = Some(0);
            } else {
                pinned.push(place);
            }
            continue;
        };
        let looked = node.look(limit.rate(), now);
        if looked.1 > i128::from(limit.burst) * 1_000 {
            let outcome = Outcome::Rejected { excess_millis: looked.1.try_into().unwrap() };
            return Ruling { outcome, limit: Some(place) };
        }
        if is_last {
            node.count(looked, now);
            decided = Some(looked.1);
        } else {
            pinned.push(place);
        }
    }
    let mut longest = (decided.map_or(0, |excess| limits[last_place].wait(excess)), last_place);
    for place in pinned.into_iter().rev() {
        let (limit, node) = (limits[place], zones[place].get_mut(&keys[place]).unwrap());
        let looked = node.look(limit.rate(), now);
        node.count(looked, now);
        if limit.wait(looked.1) > longest.0 {
            longest = (limit.wait(looked.1), place);
        }
    }
    match u64::try_from(longest.0).unwrap() {
        0 => Ruling { outcome: Outcome::Passed, limit: None },
        millis => Ruling { outcome: Outcome::Delayed { millis }, limit: Some(longest.1) },
    }
}

fn configured() -> impl Strategy<Value = Configured> {
    let rates = prop_oneof![
        4 => (1_u32..=20, any::<bool>()),
        2 => (1_u32..=3_000, any::<bool>()),
        1 => (1_u32..=4_294_967, any::<bool>()),
    ];
    let bursts = prop_oneof![2 => 0_u32..=3, 1 => 0_u32..=60];
    let delays = prop_oneof![1 => Just(None), 1 => Just(Some(0)), 1 => (0_u32..=60).prop_map(Some)];
    (rates, bursts, delays).prop_map(|((requests, is_per_minute), burst, delay)| Configured {
        requests,
        is_per_minute,
        burst,
        delay,
    })
}

/// Limits, when the clock begins, and requests, each of them a number that [`Made`] spells out.
fn traffic() -> impl Strategy<Value = (Vec<Configured>, u64, Vec<u64>)> {
    let begun = prop_oneof![
        4 => Just(1_795_000_000_000),
        1 => Just(0),
        1 => 0_u64..200_000,
        1 => Just(u64::MAX - 10_000_000),
    ];
    let limits = prop::collection::vec(configured(), 1..=4);
    (limits, begun, prop::collection::vec(any::<u64>(), REQUESTS..REQUESTS + 50))
}

const CASES: u32 = 1_100;
const REQUESTS: usize = 1_000;

/// A request that was made up from a number.
struct Made {
    keys: [u8; 4],
    now: u64,
}

impl Made {
    /// At the same time as the one before it, a bit or much later, or earlier.
    fn new(number: u64, before: u64, limits: &[Configured]) -> Made {
        let key = |place: u32| match number >> (3 * place) & 7 {
            0 => 0,
            1..=4 => 1,
            5 | 6 => 2,
            _ => 3,
        };
        let (kind, amount) = (number >> 12 & 15, number >> 20 & 0xFFFF_FFFF);
        let back = |millis| before.saturating_sub(millis);
        let now = match kind {
            0..=4 => before,
            5..=8 => before.saturating_add(amount % 20),
            9 | 10 => before.saturating_add(amount % 2_000),
            // To within a millisecond of when whole requests have leaked from one of the zones.
            11..=13 => {
                let rate = u64::try_from(limits[amount as usize % limits.len()].rate()).unwrap();
                let leaked = (1 + (amount >> 8) % 8) * 1_000_000 / rate;
                before.saturating_add((leaked + (amount >> 16) % 3).saturating_sub(1))
            }
            14 => back(1 + amount % 3),
            _ => match amount >> 16 & 3 {
                0 => before.saturating_add(amount % 10_000_000),
                1 => back(59_999 + amount % 4),
                2 => back(amount % 200_000),
                _ => before.saturating_add(62_499 + amount % 3),
            },
        };
        Made { keys: [key(0), key(1), key(2), key(3)], now }
    }
}

type Buckets = [[Bucket; 4]; 4];

fn offer(limits: &[Limit], zones: &mut Buckets, keys: &[u8], now: u64) -> Ruling {
    let buckets = zones.iter_mut().zip(keys).map(|(zone, key)| match key {
        0 => None,
        key => zone.get_mut(usize::from(*key)),
    });
    offer_all(&mut limits.iter().zip(buckets).collect::<Vec<_>>(), now)
}

fn run<S: Strategy>(strategy: S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(&strategy, law) {
        panic!("{error}");
    }
}

#[test]
fn it_says_what_its_twin_says() {
    let outcomes = [const { Cell::new(0) }; 3];
    run(traffic(), |(configured, begun, numbers)| {
        let limits: Vec<Limit> = configured.iter().map(|limit| limit.limit()).collect();
        let (mut zones, mut twins) = (Buckets::default(), vec![Zone::new(); limits.len()]);
        let mut now = begun;
        for number in numbers {
            let made = Made::new(number, now, &configured);
            now = made.now;
            let alone = (limits.len() == 1 && made.keys[0] != 0).then(|| {
                let mut bucket = zones[0][usize::from(made.keys[0])];
                (limits[0].offer(&mut bucket, now), bucket)
            });
            let ruling = offer(&limits, &mut zones, &made.keys, now);
            let wanted = twin(&configured, &mut twins, &made.keys, i128::from(now));
            prop_assert_eq!(ruling, wanted);
            if let Some(alone) = alone {
                prop_assert_eq!(alone, (ruling.outcome, zones[0][usize::from(made.keys[0])]));
            }
            let kind = match ruling.outcome {
                Outcome::Passed => 0,
                Outcome::Delayed { .. } => 1,
                Outcome::Rejected { .. } => 2,
            };
            outcomes[kind].set(outcomes[kind].get() + 1);
            for (zone, twin) in zones.iter().zip(&twins) {
                for key in 1..4 {
                    let bucket = zone[usize::from(key)];
                    let node = (!bucket.is_new()).then(|| Node {
                        excess: i128::from(bucket.excess_millis()),
                        last: i128::from(bucket.last_millis()),
                    });
                    prop_assert_eq!(node, twin.get(&key).copied());
                }
            }
        }
        Ok(())
    });
    let outcomes = outcomes.map(Cell::into_inner);
    assert!(outcomes.iter().sum::<u64>() >= 1_000_000);
    assert!(outcomes.iter().all(|requests| *requests > 50_000), "{outcomes:?}");
    eprintln!("{outcomes:?} requests passed, were delayed, were rejected");
}

#[test]
fn what_has_drained_may_be_forgotten() {
    let forgotten = Cell::new(0);
    run(traffic(), |(configured, begun, numbers)| {
        let limits: Vec<Limit> = configured.iter().map(|limit| limit.limit()).collect();
        let (mut zones, mut forgetful) = (Buckets::default(), Buckets::default());
        let mut now = begun;
        for number in numbers {
            let made = Made::new(number, now, &configured);
            // Only a clock that runs on may forget.
            now = now.max(made.now);
            for (zone, limit) in forgetful.iter_mut().zip(&limits) {
                for bucket in zone.iter_mut().filter(|bucket| bucket.is_drained(now, limit.rate()))
                {
                    forgotten.set(forgotten.get() + u64::from(!bucket.is_new()));
                    *bucket = Bucket::default();
                }
            }
            let wanted = offer(&limits, &mut zones, &made.keys, now);
            prop_assert_eq!(offer(&limits, &mut forgetful, &made.keys, now), wanted);
            // Whatever differs has drained, in both.
            for ((zone, forgetful), limit) in zones.iter().zip(&forgetful).zip(&limits) {
                for (bucket, forgetful) in zone.iter().zip(forgetful) {
                    let have_drained = bucket.is_drained(now, limit.rate())
                        && forgetful.is_drained(now, limit.rate());
                    prop_assert!(bucket == forgetful || have_drained);
                }
            }
        }
        Ok(())
    });
    assert!(forgotten.get() > 50_000, "{forgotten:?}");
}
