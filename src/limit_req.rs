//! nginx's `limit_req`, exactly: whether a request of a key passes at a time, is delayed, or is rejected.
//!
//! All is counted as nginx counts it (`ngx_http_limit_req_module.c`), in whole thousandths of a request.
//! A zone keeps a [`Bucket`] for each key, which leaks at the zone's [`Rate`]; a [`Limit`] says how full it
//! may get. Whose key is which, and what a zone forgets when its memory is full, is the caller's.
//!
//! `limit_req_dry_run on` counts in the same way and lets all pass: there an [`Outcome`] is what would have
//! been, as `$limit_req_status` says it.

#[cfg(test)]
mod tests;

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// What a request adds to its bucket, in thousandths of a request.
const REQUEST_MILLIS: u64 = 1_000;

/// A clock that steps back by more than this has been set, nginx believes, and counts one millisecond.
const STEP_BACK_MILLIS_MAX: u64 = 60_000;

/// A burst beyond this, in thousandths of a request, counts as this: no log has so many requests.
const BURST_MILLIS_MAX: i64 = 10_000_000_000_000_000;

// Nothing overflows, at any time and rate. What a bucket holds is at most the largest burst and one request.
// So a leak that saturates has emptied it before, and an excess can be multiplied to get a delay.
const _: () = {
    let most = BURST_MILLIS_MAX.unsigned_abs() + REQUEST_MILLIS;
    assert!(most <= u64::MAX / 1_000);
};

/// How fast the buckets of a zone leak: `rate=` of `limit_req_zone`.
///
/// Two are equal when they are spelled in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    per: Per,
    millis_per_second: NonZeroU32,
}

/// What stands behind the number of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    /// `r/s`.
    Second,
    /// `r/m`.
    Minute,
    /// Nothing, which is a second.
    Unsaid,
}

impl Rate {
    /// So many requests a second.
    pub fn per_second(requests: u32) -> Result<Rate, RateError> {
        Rate::new(requests, Per::Second)
    }

    /// So many requests a minute.
    pub fn per_minute(requests: u32) -> Result<Rate, RateError> {
        Rate::new(requests, Per::Minute)
    }

    fn new(requests: u32, per: Per) -> Result<Rate, RateError> {
        let seconds = if per == Per::Minute { 60 } else { 1 };
        let millis_per_second = u64::from(requests) * REQUEST_MILLIS / seconds;
        let in_range = u32::try_from(millis_per_second).map_err(|_| RateError::TooHigh)?;
        let millis_per_second = NonZeroU32::new(in_range).ok_or(RateError::NoRate)?;
        Ok(Rate { requests, per, millis_per_second })
    }

    /// So many times this, of so many parts; `None` where that is none.
    pub fn scaled(self, times: u32, of: u32) -> Option<Rate> {
        let requests = u64::from(self.requests) * u64::from(times);
        let fits = |requests: u64| u32::try_from(requests).ok();
        if requests.is_multiple_of(of.max(1).into()) {
            return Rate::new(fits(requests / u64::from(of.max(1)))?, self.per).ok();
        }
        // A half of one a second is thirty a minute.
        let per_minute = if self.per == Per::Minute { requests } else { requests * 60 };
        Rate::per_minute(fits(per_minute / u64::from(of))?).ok()
    }

    /// Thousandths of a request a second, without a remainder as in nginx: `1r/m` is 16, which lets a request
    /// pass every 62.5 seconds.
    pub fn millis_per_second(self) -> u32 {
        self.millis_per_second.get()
    }

    /// What leaks in so many milliseconds, in thousandths of a request, without a remainder.
    #[inline]
    fn leak_millis(self, elapsed_millis: u64) -> u64 {
        u64::from(self.millis_per_second.get()).saturating_mul(elapsed_millis) / 1_000
    }
}

impl FromStr for Rate {
    type Err = RateError;

    /// Reads what nginx does behind `rate=`: `10r/s`, `30r/m`, or `10`, which is as `10r/s`.
    fn from_str(text: &str) -> Result<Rate, RateError> {
        let (digits, per) = match (text.strip_suffix("r/s"), text.strip_suffix("r/m")) {
            (Some(digits), _) => (digits, Per::Second),
            (_, Some(digits)) => (digits, Per::Minute),
            (None, None) => (text, Per::Unsaid),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError::NoRate);
        }
        Rate::new(digits.parse().map_err(|_| RateError::TooHigh)?, per)
    }
}

impl fmt::Display for Rate {
    /// As it was spelled, but for zeros in front.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per {
            Per::Second => "r/s",
            Per::Minute => "r/m",
            Per::Unsaid => "",
        };
        write!(out, "{}{unit}", self.requests)
    }
}

/// Why something is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    /// nginx does not take it.
    NoRate,
    /// It is more than can be counted here, though nginx takes it.
    TooHigh,
}

impl fmt::Display for RateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            RateError::NoRate => {
                "nginx takes a whole number from 1, with r/s or r/m behind it: 10r/s, 30r/m"
            }
            RateError::TooHigh => "a rate is at most 4294967r/s or 257698037r/m",
        })
    }
}

impl std::error::Error for RateError {}

/// From which request on those that pass have to wait: `delay=` and `nodelay` of `limit_req`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// Those beyond so many: `delay=`, and 0 where nothing is said.
    After(u32),
    /// None: `nodelay`.
    Never,
}

/// A limit on the keys of a zone: a `limit_req`, with the rate of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    rate: Rate,
    burst_millis: i64,
    delay_millis: u64,
}

impl Limit {
    /// A limit as it is configured; the burst is 0 where nothing is said.
    pub fn new(rate: Rate, burst: u32, delay: Delay) -> Limit {
        let delay_millis = match delay {
            Delay::After(requests) => u64::from(requests) * REQUEST_MILLIS,
            // No excess is more than this.
            Delay::Never => u64::MAX,
        };
        Limit { rate, burst_millis: i64::from(burst) * 1_000, delay_millis }
    }

    /// The same with another burst, in thousandths of a request, for a clock that is not known as exactly as
    /// nginx's own.
    ///
    /// A request is rejected when its excess is more than the burst, and no excess is below 0: a negative
    /// burst rejects them all, the first of a key too, which nginx never does.
    pub fn with_burst_millis(self, burst_millis: i64) -> Limit {
        Limit { burst_millis: burst_millis.clamp(-BURST_MILLIS_MAX, BURST_MILLIS_MAX), ..self }
    }

    /// The rate of its zone.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// The burst, in thousandths of a request.
    pub fn burst_millis(&self) -> i64 {
        self.burst_millis
    }

    /// What becomes of a request that no other limit looks at, at a time in milliseconds. If it passes it is
    /// counted, now or after its delay; one that is rejected changes nothing.
    #[inline]
    pub fn offer(&self, bucket: &mut Bucket, now_millis: u64) -> Outcome {
        let elapsed_millis = bucket.elapsed_millis(now_millis);
        let excess_millis = bucket.excess_after(self.rate, elapsed_millis);
        if self.rejects(excess_millis) {
            return Outcome::Rejected { excess_millis };
        }
        bucket.charge(excess_millis, elapsed_millis, now_millis);
        match self.wait_millis(excess_millis) {
            0 => Outcome::Passed,
            millis => Outcome::Delayed { millis },
        }
    }

    /// How long a request waits at most, in milliseconds.
    pub fn longest_wait_millis(&self) -> u64 {
        self.wait_millis(u64::try_from(self.burst_millis).unwrap_or(0))
    }

    #[inline]
    fn rejects(&self, excess_millis: u64) -> bool {
        excess_millis.cast_signed() > self.burst_millis
    }

    /// How long a request with this excess has to wait, in milliseconds.
    #[inline]
    fn wait_millis(&self, excess_millis: u64) -> u64 {
        match excess_millis.saturating_sub(self.delay_millis) {
            0 => 0,
            over_millis => over_millis * 1_000 / u64::from(self.rate.millis_per_second.get()),
        }
    }
}

/// What a zone keeps of a key.
///
/// The default is a key that the zone does not know. nginx lets the first request of a key pass at no cost;
/// so does the rule for all others, where the request before it has added nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The excess of a next request that came at once: 0 for a key that is not known, else a request more
    /// than `excess` of nginx.
    next_excess_millis: u64,
    /// `last` of nginx: when a request was counted, in milliseconds.
    last_millis: u64,
}

impl Bucket {
    /// Whether the zone does not know the key.
    pub fn is_new(&self) -> bool {
        self.next_excess_millis == 0
    }

    /// The excess of the last request that was counted, in thousandths of a request.
    pub fn excess_millis(&self) -> u64 {
        self.next_excess_millis.saturating_sub(REQUEST_MILLIS)
    }

    /// When that was, in milliseconds.
    pub fn last_millis(&self) -> u64 {
        self.last_millis
    }

    /// Whether the key may be forgotten: nothing that comes now or later can tell, neither by outcomes nor
    /// by what is kept, once it is counted.
    ///
    /// That is so exactly when a request now would have no excess, as the first of a key has none: both leave
    /// nothing but the time. A time before the last one drains nothing.
    ///
    /// nginx itself forgets sooner. When a new key comes, it drops up to two keys that were idle for a minute
    /// and whose excess has leaked, though the next request would still be counted up to one request higher.
    /// Which keys these are depends on the requests of all others, and is not told here.
    #[inline]
    pub fn is_drained(&self, now_millis: u64, rate: Rate) -> bool {
        let elapsed_millis = now_millis.saturating_sub(self.last_millis);
        self.excess_after(rate, elapsed_millis) == 0
    }

    /// Milliseconds since the last request that was counted. A clock that steps back stands still.
    #[inline]
    fn elapsed_millis(&self, now_millis: u64) -> u64 {
        let back_millis = self.last_millis.saturating_sub(now_millis);
        if back_millis > STEP_BACK_MILLIS_MAX {
            1
        } else {
            now_millis.saturating_sub(self.last_millis)
        }
    }

    /// The excess of a request after so many milliseconds.
    #[inline]
    fn excess_after(&self, rate: Rate, elapsed_millis: u64) -> u64 {
        self.next_excess_millis.saturating_sub(rate.leak_millis(elapsed_millis))
    }

    /// Counts a request.
    #[inline]
    fn charge(&mut self, excess_millis: u64, elapsed_millis: u64, now_millis: u64) {
        self.next_excess_millis = excess_millis + REQUEST_MILLIS;
        if elapsed_millis != 0 {
            self.last_millis = now_millis;
        }
    }

    /// Makes the key known before a request of it is counted: with no excess, and last seen when the clock
    /// began.
    fn make_known(&mut self) {
        self.next_excess_millis = self.next_excess_millis.max(REQUEST_MILLIS);
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on at once: `PASSED`.
    Passed,
    /// It waits: `DELAYED`.
    Delayed {
        /// For so many milliseconds.
        millis: u64,
    },
    /// It is answered with `limit_req_status`: `REJECTED`.
    Rejected {
        /// Its excess in thousandths of a request, as the error log writes it: 1,996 is `excess: 1.996`.
        excess_millis: u64,
    },
}

/// What several limits make of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What becomes of it.
    pub outcome: Outcome,
    /// Which limit rejects it, or delays it the longest, by place: the error log names the zone of that one.
    pub limit: Option<usize>,
}

/// What becomes of a request that several limits look at, each of another zone, in the order of the
/// configuration. A limit without a bucket does not count it: its key is empty.
///
/// The first that rejects it decides, and then it is counted nowhere; else it is counted everywhere and
/// waits for the longest delay. Two things are as odd here as they are in nginx. A key that is new to a limit
/// before the last one stays known though a later limit rejects the request. And such a key was last seen
/// when the clock began, at 0, so that in its first moments the clock gives the key's first request a cost.
pub fn offer_all(asked: &mut [(&Limit, Option<&mut Bucket>)], now_millis: u64) -> Ruling {
    let mut ruling = Ruling { outcome: Outcome::Passed, limit: None };
    let Some(((last, last_bucket), earlier)) = asked.split_last_mut() else { return ruling };
    for (place, (limit, bucket)) in earlier.iter_mut().enumerate() {
        let Some(bucket) = bucket else { continue };
        let excess_millis = bucket.excess_after(limit.rate, bucket.elapsed_millis(now_millis));
        if limit.rejects(excess_millis) {
            let outcome = Outcome::Rejected { excess_millis };
            return Ruling { outcome, limit: Some(place) };
        }
        bucket.make_known();
    }
    let mut longest_millis = 0;
    if let Some(bucket) = last_bucket {
        let outcome = last.offer(bucket, now_millis);
        if let Outcome::Delayed { millis } = outcome {
            longest_millis = millis;
        }
        if outcome != Outcome::Passed {
            ruling = Ruling { outcome, limit: Some(earlier.len()) };
        }
        if let Outcome::Rejected { .. } = outcome {
            return ruling;
        }
    }
    // From the last to the first: of two that delay it for as long, the later one is named.
    for (place, (limit, bucket)) in earlier.iter_mut().enumerate().rev() {
        let Some(bucket) = bucket else { continue };
        let elapsed_millis = bucket.elapsed_millis(now_millis);
        let excess_millis = bucket.excess_after(limit.rate, elapsed_millis);
        bucket.charge(excess_millis, elapsed_millis, now_millis);
        let millis = limit.wait_millis(excess_millis);
        if millis > longest_millis {
            longest_millis = millis;
            ruling = Ruling { outcome: Outcome::Delayed { millis }, limit: Some(place) };
        }
    }
    ruling
}
