//! Log timestamps to seconds since the epoch, and back to dates for people and JSON.

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use nom::branch::alt;
use nom::bytes::complete::{tag, take};
use nom::character::complete::{alpha1, char, one_of};
use nom::combinator::{eof, map_opt, opt};
use nom::sequence::{pair, preceded, terminated};
use nom::{IResult, Parser};

/// The time of a log in the common log format, `21/Nov/2026:14:05:09 +0000`: 26 bytes, the month
/// in English whatever the locale (nginx: `ngx_times.c`; Apache: `mod_log_config.c`).
pub const CLF_BYTES: usize = 26;

/// nginx's `$time_iso8601`, `2026-11-21T14:05:09+00:00`: 25 bytes.
const ISO_BYTES: usize = 25;

/// `2026-11-21T`.
const ISO_DAY_BYTES: usize = 11;

/// Reads timestamps, each with its own offset, and parses nothing twice: the same second gives the
/// same answer, and within a day only the time of day is read.
#[derive(Clone, Debug)]
pub struct Clock {
    last: [u8; CLF_BYTES],
    last_time: Option<u32>,
    /// Midnight of the last date, UTC, for the last offset; `None` when that date was none.
    midnight: Option<i64>,
    /// Where times without an offset are.
    zone: Zone,
    last_iso: [u8; ISO_BYTES],
    last_iso_time: Option<u32>,
    /// The date of the last time in ISO 8601 with what stands behind it, and its midnight, UTC.
    iso_day: [u8; ISO_DAY_BYTES],
    iso_midnight: i64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::new(Zone::default())
    }
}

impl Clock {
    /// A clock that takes times without an offset for those of `zone`.
    pub fn new(zone: Zone) -> Clock {
        Clock {
            last: [0; CLF_BYTES],
            last_time: None,
            midnight: None,
            zone,
            last_iso: [0; ISO_BYTES],
            last_iso_time: None,
            iso_day: [0; ISO_DAY_BYTES],
            iso_midnight: 0,
        }
    }

    /// Reads what stands between the brackets. Dates from 1970 to 2105 are dates; a leap second
    /// counts as the second after it.
    ///
    /// Besides the common log format: the same with a fraction of a second or without an offset
    /// (then it is in the clock's zone), ISO 8601 (nginx `$time_iso8601`), the spelling of C (`Sat Nov 21 14:05:09
    /// 2026`), and that of people (`November 21, 2026T14:05:09 +0000`).
    pub fn read(&mut self, text: &[u8]) -> Option<u32> {
        match text.try_into() {
            Ok(stamp) => self.read_clf(stamp),
            Err(_) => self.read_odd(text),
        }
    }

    /// Reads a rarer spelling; one in ISO 8601 that says UTC is read as fast as the usual one.
    fn read_odd(&mut self, text: &[u8]) -> Option<u32> {
        if let Some((day, rest)) = text.split_first_chunk()
            && day[4] == b'-'
            && *day == self.iso_day
            && let Some((time, rest)) = rest.split_first_chunk::<8>()
            && is_utc(rest)
        {
            let [h1, h2, _, m1, m2, _, s1, s2] = *time;
            let second = second_of_day(&[b':', h1, h2, time[2], m1, m2, time[5], s1, s2])?;
            return u32::try_from(self.iso_midnight + second).ok();
        }
        let time = odd(text, self.zone);
        if let (Some(time), Some((day, rest))) = (time, text.split_first_chunk())
            && let [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b' '] = *day
            && let Some((spelled, rest)) = rest.split_first_chunk::<8>()
            && is_utc(rest)
            && let Ok((b"", second)) = time_of_day(spelled)
        {
            (self.iso_day, self.iso_midnight) = (*day, i64::from(time) - second);
        }
        time
    }

    /// Where times without an offset are.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// Reads `21/Nov/2026:14:05:09`, which has no offset.
    pub fn read_local(&mut self, second: &[u8]) -> Option<u32> {
        if self.zone != Zone::default() {
            return self.read(second);
        }
        let mut stamp = *b"21/Nov/2026:14:05:09 +0000";
        stamp.get_mut(..second.len())?.copy_from_slice(second);
        self.read_clf(&stamp)
    }

    /// Reads a time of as many bytes as one in the common log format has: as [`Clock::read`] does.
    #[inline]
    pub fn read_clf(&mut self, stamp: &[u8; CLF_BYTES]) -> Option<u32> {
        if *stamp == self.last { self.last_time } else { self.read_other(stamp) }
    }

    /// Reads a time as [`Clock::read`] does; the last of 25 bytes is remembered.
    pub fn read_iso(&mut self, text: &[u8]) -> Option<u32> {
        if *text != self.last_iso {
            let time = self.read(text);
            match text.try_into() {
                Ok(stamp) => (self.last_iso, self.last_iso_time) = (stamp, time),
                Err(_) => return time,
            }
        }
        self.last_iso_time
    }

    fn read_other(&mut self, stamp: &[u8; CLF_BYTES]) -> Option<u32> {
        let same_day = stamp[..12] == self.last[..12] && stamp[20..] == self.last[20..];
        if !same_day {
            self.midnight = midnight(stamp);
        }
        self.last = *stamp;
        self.last_time = match (self.midnight, second_of_day(&stamp[11..20])) {
            (Some(midnight), Some(second)) => u32::try_from(midnight + second).ok(),
            _ => None,
        };
        if self.last_time.is_none() {
            // ISO 8601 with a fraction can have 26 bytes too.
            self.last_time = self.read_odd(stamp);
        }
        self.last_time
    }
}

/// `:14:05:09` to seconds.
fn second_of_day(text: &[u8]) -> Option<i64> {
    let [b':', h1, h2, b':', m1, m2, b':', s1, s2] = *text else { return None };
    let two = |tens: u8, ones: u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// Midnight of the stamp's date where it was logged, in UTC.
fn midnight(stamp: &[u8; CLF_BYTES]) -> Option<i64> {
    let (_, (date, _, offset, _)) =
        (clf_date, take(9_usize), offset, eof).parse(&stamp[..]).ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp() - offset)
}

fn digits(count: usize) -> impl FnMut(&[u8]) -> IResult<&[u8], u32> {
    move |input| {
        map_opt(take(count), |text: &[u8]| {
            text.iter().try_fold(0_u32, |number, byte| {
                byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
            })
        })
        .parse(input)
    }
}

/// `21/Nov/2026`
fn clf_date(input: &[u8]) -> IResult<&[u8], NaiveDate> {
    let (rest, (day, _, month, _, year)) =
        (digits(2), char('/'), short_month, char('/'), digits(4)).parse(input)?;
    date(rest, year, month, day)
}

/// `Nov`
fn short_month(input: &[u8]) -> IResult<&[u8], u32> {
    map_opt(take(3_usize), |name: &[u8]| {
        const NAMES: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
        let at = NAMES.chunks(3).position(|known| known == name)?;
        u32::try_from(at + 1).ok()
    })
    .parse(input)
}

/// `2026-11-21`
fn iso_date(input: &[u8]) -> IResult<&[u8], NaiveDate> {
    year_month_day(input, '-')
}

/// `2026/11/21`, as nginx's error log has it.
fn slashed_date(input: &[u8]) -> IResult<&[u8], NaiveDate> {
    year_month_day(input, '/')
}

fn year_month_day(input: &[u8], between: char) -> IResult<&[u8], NaiveDate> {
    let (rest, (year, _, month, _, day)) =
        (digits(4), char(between), digits(2), char(between), digits(2)).parse(input)?;
    date(rest, year, month, day)
}

fn date(rest: &[u8], year: u32, month: u32, day: u32) -> IResult<&[u8], NaiveDate> {
    map_opt(nom::combinator::success(()), |()| {
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    })
    .parse(rest)
}

/// ` +0530`, `+05:30` or `Z`, in seconds.
fn offset(input: &[u8]) -> IResult<&[u8], i64> {
    let numeric = (one_of("+-"), digits(2), opt(char(':')), digits(2));
    let numeric = map_opt(numeric, |(sign, hours, _, minutes)| {
        let seconds = i64::from(hours) * 3_600 + i64::from(minutes) * 60;
        (hours < 24 && minutes < 60).then_some(if sign == '-' { -seconds } else { seconds })
    });
    preceded(opt(char(' ')), alt((numeric, nom::combinator::value(0, char('Z'))))).parse(input)
}

/// Whether what stands behind a time is a fraction, if anything, and says UTC.
fn is_utc(text: &[u8]) -> bool {
    let offset = match text {
        [b'.' | b',', b'0'..=b'9', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            &rest[digits..]
        }
        text => text,
    };
    matches!(offset, b"Z" | b"+00:00")
}

/// The rarer spellings.
fn odd(text: &[u8], zone: Zone) -> Option<u32> {
    let clf = pair(clf_date, map_opt(take(9_usize), second_of_day));
    let iso = pair(alt((iso_date, slashed_date)), preceded(one_of("T "), time_of_day));
    let named = pair(named_date, preceded(one_of("T "), time_of_day));
    let fraction = preceded(one_of(".,"), nom::character::complete::digit1);
    let stamp = (alt((clf, iso, named, c_date_and_time)), opt(fraction), opt(offset));
    let (_, ((date, second), _, offset)) = terminated(stamp, eof).parse(text).ok()?;
    let local = date.and_hms_opt(0, 0, 0)? + chrono::TimeDelta::seconds(second);
    let time = match offset {
        Some(offset) => local.and_utc().timestamp() - offset,
        None if zone == Zone::default() => local.and_utc().timestamp(),
        None => zone.moment(local),
    };
    u32::try_from(time).ok()
}

/// `14:05:09`, in seconds of the day.
fn time_of_day(input: &[u8]) -> IResult<&[u8], i64> {
    map_opt(take(8_usize), |time: &[u8]| {
        let mut spelled = [b':'; 9];
        spelled[1..].copy_from_slice(time);
        second_of_day(&spelled)
    })
    .parse(input)
}

/// `November 21, 2026`
fn named_date(input: &[u8]) -> IResult<&[u8], NaiveDate> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = map_opt(alpha1, |name: &[u8]| {
        let at = NAMES.iter().position(|known| known.as_bytes() == name)?;
        u32::try_from(at + 1).ok()
    });
    let day = alt((digits(2), digits(1)));
    let (rest, (month, _, day, _, year)) =
        (month, char(' '), day, tag(", "), digits(4)).parse(input)?;
    date(rest, year, month, day)
}

/// `Sat Nov 21 14:05:09 2026`, the day padded with a space (`asctime` of C).
fn c_date_and_time(input: &[u8]) -> IResult<&[u8], (NaiveDate, i64)> {
    let day = alt((preceded(char(' '), digits(1)), digits(2)));
    let (rest, (_, _, month, _, day, _, second, _, year)) = (
        take(3_usize),
        char(' '),
        short_month,
        char(' '),
        day,
        char(' '),
        time_of_day,
        char(' '),
        digits(4),
    )
        .parse(input)?;
    let (rest, date) = date(rest, year, month, day)?;
    Ok((rest, (date, second)))
}

/// RFC 3339 in UTC: `2026-11-21T14:05:09Z`.
pub fn rfc3339(seconds: i64) -> String {
    utc(seconds).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn utc(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// A zone in which times are read and shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Zone {
    /// An IANA zone, with its rules for summer.
    Named(Tz),
    /// A fixed offset.
    Fixed(FixedOffset),
}

impl Default for Zone {
    fn default() -> Zone {
        Zone::Named(Tz::UTC)
    }
}

impl Zone {
    /// Reads an IANA name (`Europe/Berlin`, without regard to case) or an offset (`+05:30`,
    /// `-0330`, `Z`).
    pub fn parse(text: &str) -> Option<Zone> {
        if let Ok((b"", seconds)) = offset(text.as_bytes()) {
            return FixedOffset::east_opt(i32::try_from(seconds).ok()?).map(Zone::Fixed);
        }
        Tz::from_str_insensitive(text).ok().map(Zone::Named)
    }

    /// A moment in this zone.
    pub fn at(self, seconds: i64) -> DateTime<FixedOffset> {
        let moment = utc(seconds);
        match self {
            Zone::Named(zone) => {
                let offset = zone.offset_from_utc_datetime(&moment.naive_utc()).fix();
                moment.with_timezone(&offset)
            }
            Zone::Fixed(offset) => moment.with_timezone(&offset),
        }
    }

    /// What a person calls it: `UTC`, `Europe/Berlin`, `+05:30`.
    pub fn name(self) -> String {
        match self {
            Zone::Named(zone) => zone.name().to_string(),
            Zone::Fixed(offset) => offset.to_string(),
        }
    }

    /// The moment of a local time; of the two that a change of clocks can give, the earlier; where
    /// the clocks skip it, the first moment after.
    pub fn moment(self, local: chrono::NaiveDateTime) -> i64 {
        match self {
            Zone::Fixed(offset) => {
                local.and_utc().timestamp() - i64::from(offset.local_minus_utc())
            }
            Zone::Named(zone) => {
                // No zone has ever skipped more than a day.
                let minutes =
                    (0..=26 * 60).map(|minute| local + chrono::TimeDelta::minutes(minute));
                let mut moments = minutes.map(|local| zone.from_local_datetime(&local).earliest());
                let moment = moments.find_map(|moment| moment);
                moment.map_or(local.and_utc().timestamp(), |moment| moment.timestamp())
            }
        }
    }
}

/// Reads a moment as a person gives it: RFC 3339, `2026-11-21`, `2026-11-21 14:00[:05]`,
/// `yesterday`, `today`, or `24h`, `7d`, `30m`, counted back from `now`. What has no offset is in
/// `zone`.
pub fn moment(text: &str, now: i64, zone: Zone) -> Option<i64> {
    let today = zone.at(now).date_naive();
    let midnight = |date: NaiveDate| Some(zone.moment(date.and_hms_opt(0, 0, 0)?));
    match text {
        "now" => return Some(now),
        "today" => return midnight(today),
        "yesterday" => return midnight(today.pred_opt()?),
        _ => {}
    }
    if let Some(seconds) = duration(text) {
        return now.checked_sub(seconds);
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp());
    }
    let whole = |input| terminated((iso_date, opt(local_time)), eof).parse(input);
    let result: IResult<&[u8], (NaiveDate, Option<i64>)> = whole(text.as_bytes());
    let (_, (date, second)) = result.ok()?;
    let local = date.and_hms_opt(0, 0, 0)? + chrono::TimeDelta::seconds(second.unwrap_or(0));
    Some(zone.moment(local))
}

/// ` 14:00` or `T14:00:05`, in seconds of the day.
fn local_time(input: &[u8]) -> IResult<&[u8], i64> {
    let time = (one_of("T "), digits(2), char(':'), digits(2), opt(preceded(tag(":"), digits(2))));
    map_opt(time, |(_, hour, _, minute, second)| {
        let second = second.unwrap_or(0);
        (hour < 24 && minute < 60 && second < 60)
            .then(|| i64::from(hour * 3_600 + minute * 60 + second))
    })
    .parse(input)
}

/// `90s`, `30m`, `24h`, `7d`, `2w`, in seconds.
fn duration(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| number.parse::<i64>().ok())??
        .checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u32> {
        Clock::default().read(text.as_bytes())
    }

    fn at(text: &str) -> u32 {
        u32::try_from(DateTime::parse_from_rfc3339(text).unwrap().timestamp()).unwrap()
    }

    #[test]
    fn a_clock_that_has_seen_nothing_knows_no_day() {
        let text = [&[0; 11][..], b"00:00:10Z"].concat();
        assert_eq!(Clock::default().read(&text), None);
    }

    #[test]
    fn each_stamp_has_its_own_offset() {
        let wanted = at("2026-11-21T14:05:09Z");
        for text in [
            "21/Nov/2026:14:05:09 +0000",
            "21/Nov/2026:19:35:09 +0530",
            "21/Nov/2026:10:35:09 -0330",
            "22/Nov/2026:04:05:09 +1400",
            "21/Nov/2026:14:05:09.123 +0000",
            "21/Nov/2026:14:05:09",
            "2026-11-21T14:05:09+00:00",
            "2026-11-21T19:50:09+05:45",
            "2026-11-21T14:05:09.999999Z",
            "2026-11-21 14:05:09",
            "2026/11/21 14:05:09",
            "November 21, 2026T14:05:09 +0000",
            "November 21, 2026 19:35:09 +0530",
            "Sat Nov 21 14:05:09 2026",
        ] {
            assert_eq!(read(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_by_its_offset() {
        let mut clock = Clock::default();
        let summer = clock.read(b"25/Oct/2026:02:30:00 +0200").unwrap();
        let winter = clock.read(b"25/Oct/2026:02:30:00 +0100").unwrap();
        assert_eq!(winter - summer, 3_600);
    }

    #[test]
    fn a_stamp_without_offset_is_in_the_zone_of_the_clock() {
        let mut clock = Clock::new(Zone::parse("Europe/Berlin").unwrap());
        let mut read = |text: &str| clock.read(text.as_bytes());
        assert_eq!(read("2026/11/21 15:05:09"), Some(at("2026-11-21T14:05:09Z")));
        assert_eq!(read("21/Jul/2026:16:05:09.127"), Some(at("2026-07-21T14:05:09Z")));
        assert_eq!(read("2026-11-21T14:05:09Z"), Some(at("2026-11-21T14:05:09Z")));
        assert_eq!(read("21/Nov/2026:14:05:09 +0000"), Some(at("2026-11-21T14:05:09Z")));
    }

    #[test]
    fn a_leap_second_is_the_second_after_it() {
        assert_eq!(read("31/Dec/2016:23:59:60 +0000"), Some(at("2017-01-01T00:00:00Z")));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "31/Feb/2026:14:05:09 +0000",
            "21/nov/2026:14:05:09 +0000",
            "21/Nov/2026:24:05:09 +0000",
            "21/Nov/2026:14:60:09 +0000",
            "21/Nov/2026:14:05:61 +0000",
            "21/Nov/1969:14:05:09 +0000",
            "21/Nov/2199:14:05:09 +0000",
            "21/Nov/2026:14:05:09 +9900",
            "1/Nov/2026:14:05:09 +00000",
            "21/Nov/2026:14:05:09x+0000",
            "Nov 21, 2026T14:05:09 +0000",
            "November 31, 2026T14:05:09 +0000",
            "Sat Nov 1 14:05:09 2026",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn remembering_changes_no_answer() {
        let stamps = [
            "21/Nov/2026:14:05:09 +0000",
            "21/Nov/2026:14:05:xx +0000",
            "21/Nov/2026:14:05:09 +0000",
            "31/Feb/2026:14:05:09 +0000",
            "31/Feb/2026:14:05:10 +0000",
            "21/Nov/2026:14:05:10 +0000",
            "21/Nov/2026:14:05:10 -0100",
            "22/Nov/2026:00:00:00 -0100",
            "21/Nov/2026:14:05:09.123 Z",
            "21/Nov/2026:14:05:09.123 Z",
            "2026-11-21T14:05:09.123456",
            "2026-11-21T14:05:09.123456",
        ];
        let mut clock = Clock::default();
        for text in stamps.iter().chain(&stamps) {
            assert_eq!(clock.read(text.as_bytes()), read(text), "{text}");
        }
    }

    #[test]
    fn a_person_gives_moments_in_many_ways() {
        let now = i64::from(at("2026-11-22T10:00:00Z"));
        let berlin = Zone::parse("europe/berlin").unwrap();
        let moment = |text: &str| moment(text, now, berlin).map(rfc3339);
        let is = |text: &str| Some(text.to_string());
        assert_eq!(moment("2026-11-21"), is("2026-11-20T23:00:00Z"));
        assert_eq!(moment("2026-11-21 14:00"), is("2026-11-21T13:00:00Z"));
        assert_eq!(moment("2026-11-21T14:00:05Z"), is("2026-11-21T14:00:05Z"));
        assert_eq!(moment("today"), is("2026-11-21T23:00:00Z"));
        assert_eq!(moment("yesterday"), is("2026-11-20T23:00:00Z"));
        assert_eq!(moment("24h"), is("2026-11-21T10:00:00Z"));
        assert_eq!(moment("7d"), is("2026-11-15T10:00:00Z"));
        for text in [
            "",
            "h",
            "-1h",
            "2026-13-01",
            "tomorrow",
            "2026-11-21 25:00",
            "9999999999999999999d",
            "5é",
        ] {
            assert_eq!(moment(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_skipped_local_hour_is_the_first_moment_after() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let moment = moment("2026-03-29 02:30", 0, berlin).map(rfc3339);
        assert_eq!(moment, Some("2026-03-29T01:00:00Z".to_string()));
    }

    #[test]
    fn offsets_are_zones_too() {
        let zone = Zone::parse("-03:30").unwrap();
        assert_eq!(zone.at(0).to_rfc3339(), "1969-12-31T20:30:00-03:30");
        assert_eq!(zone.name(), "-03:30");
        assert_eq!(Zone::parse("Mars/Olympus"), None);
    }
}
