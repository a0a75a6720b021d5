//! Rotated logs, told by their names: which belong together, and in which order they were written.

use std::cmp::Reverse;
use std::ffi::OsStr;

use chrono::NaiveDate;

/// What compressors put at the end of a name.
const ENDINGS: [&[u8]; 5] = [b".gz", b".zst", b".bz2", b".xz", b".lz4"];

/// Between a name and its suffix.
const SEPARATORS: &[u8] = b"-._";

/// The name of a log without what rotation and compression put to it, and its place in time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rotated {
    /// What the names of one log have in common: `access.log` of `access.log.2.gz`.
    pub(super) stem: Vec<u8>,
    /// When this part of it was written, in the order of the parts.
    pub(super) position: Position,
}

/// Places in time, the oldest smallest. A set that changed from dates to numbers or back cannot be
/// told; dates are kept longer as a rule, so they come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Position {
    /// A date, in seconds since the epoch, and a number after it: an hour, a count, an epoch.
    Dated(i64, u64),
    /// A number that grows with age: `.1` is younger than `.2`.
    Numbered(Reverse<u32>),
    /// The file that is written to.
    Newest,
}

impl Rotated {
    /// Takes a file's name apart. One without a suffix of rotation is the newest of its log.
    ///
    /// Known are the suffixes of logrotate (numbers; `dateext` with any of its usual formats,
    /// hourly and with `%s`; `extension .log`, where the suffix stands before `.log`), of Apache's
    /// rotatelogs and of cronolog.
    pub(super) fn of(name: &OsStr) -> Rotated {
        let name = name.as_encoded_bytes();
        let bare = ENDINGS
            .iter()
            .find_map(|ending| name.strip_suffix(*ending))
            .filter(|bare| !bare.is_empty())
            .unwrap_or(name);
        if let Some((stem, position)) = split(bare) {
            return Rotated { stem: stem.to_vec(), position };
        }
        if let Some((stem, position)) = bare.strip_suffix(b".log").and_then(split) {
            return Rotated { stem: [stem, b".log"].concat(), position };
        }
        Rotated { stem: bare.to_vec(), position: Position::Newest }
    }
}

/// Cuts a name before the longest suffix that rotation can have put there.
fn split(name: &[u8]) -> Option<(&[u8], Position)> {
    (1..name.len()).filter(|at| SEPARATORS.contains(&name[*at])).find_map(|at| {
        let (stem, suffix) = (&name[..at], &name[at + 1..]);
        let position = match dated(suffix) {
            Some(position) => position,
            // A digit before the dot makes it a version or an address: `php8.1`, `192.0.2.1`.
            None if name[at] == b'.' && !name[at - 1].is_ascii_digit() => numbered(suffix)?,
            None => return None,
        };
        Some((stem, position))
    })
}

fn numbered(suffix: &[u8]) -> Option<Position> {
    (suffix.len() <= 4)
        .then(|| number(suffix))
        .flatten()
        .and_then(|number| u32::try_from(number).ok())
        .map(|number| Position::Numbered(Reverse(number)))
}

/// `20260101`, `2026-01-01`, `2026010113` (with the hour) to `20260101130500`, `1767225600`, and
/// each with a further number after a separator.
fn dated(suffix: &[u8]) -> Option<Position> {
    let (seconds, rest) = date(suffix)?;
    match rest.split_first() {
        None => Some(Position::Dated(seconds, 0)),
        Some((separator, rest)) if SEPARATORS.contains(separator) => {
            (rest.len() <= 10).then(|| number(rest)).flatten().map(|n| Position::Dated(seconds, n))
        }
        Some(_) => None,
    }
}

/// A date at the beginning of `text` in seconds since the epoch, and what follows it.
fn date(text: &[u8]) -> Option<(i64, &[u8])> {
    if let [_, _, _, _, first, _, _, second, _, _, rest @ ..] = text
        && first == second
        && SEPARATORS.contains(first)
    {
        return Some((seconds(&text[..4], &text[5..7], &text[8..10], &[])?, rest));
    }
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let found = match length {
        8 | 10 | 12 | 14 => seconds(&digits[..4], &digits[4..6], &digits[6..8], &digits[8..]),
        _ => None,
    };
    // Ten digits can be an epoch too: those from the year 2000 on begin like no year of a log.
    let epoch = || number(digits).filter(|n| (946_684_800..4_102_444_800).contains(n));
    match found {
        Some(seconds) => Some((seconds, rest)),
        None if length == 9 || length == 10 => Some((i64::try_from(epoch()?).ok()?, rest)),
        None => None,
    }
}

/// The epoch seconds of a date, and of the hours, minutes and seconds that `time` has.
fn seconds(year: &[u8], month: &[u8], day: &[u8], time: &[u8]) -> Option<i64> {
    let part = |digits: &[u8]| u32::try_from(number(digits)?).ok();
    let year = part(year).filter(|year| (1990..2100).contains(year))?;
    let clock = |at: usize| time.get(at..at + 2).map_or(Some(0), part);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, part(month)?, part(day)?)?
        .and_hms_opt(clock(0)?, clock(2)?, clock(4)?)
        .map(|time| time.and_utc().timestamp())
}

/// Digits, and at least one.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(name: &str) -> String {
        String::from_utf8(Rotated::of(OsStr::new(name)).stem).unwrap()
    }

    #[test]
    fn names_of_one_log_in_the_order_of_writing() {
        let sets: [&[&str]; 9] = [
            &["access.log.14.gz", "access.log.2.gz", "access.log.1", "access.log.0", "access.log"],
            &["access.log-20251231.xz", "access.log-20260101.gz", "access.log-20260102"],
            &["access.log-20260101-1767225600", "access.log-20260101-1767225601", "access.log"],
            &["access.log-2026010101", "access.log-2026010113.zst", "access.log-2026010200"],
            &["access.log.2025-12-31", "access.log.2026-01-01.lz4", "access.log"],
            &["access-20260101.log.gz", "access-20260102.log", "access.2.log", "access.1.log"],
            &["access.2026-01-01.0.log", "access.2026-01-01.1.log", "access.2026-01-02.log"],
            &["access_log.1767225600", "access_log.1767312000.bz2", "access_log"],
            &["x_2026_01_01-00.log", "x_2026_01_01-23.log", "x.log"],
        ];
        for set in sets {
            let rotated: Vec<Rotated> = set.iter().map(|n| Rotated::of(OsStr::new(n))).collect();
            for pair in rotated.windows(2) {
                assert_eq!(pair[0].stem, pair[1].stem, "{set:?}");
                assert!(pair[0].position < pair[1].position, "{set:?}: {pair:?}");
            }
        }
    }

    #[test]
    fn the_suffix_is_no_part_of_the_stem() {
        let table = [
            ("access.log", "access.log"),
            ("access.log.gz", "access.log"),
            ("access.log.1", "access.log"),
            ("access.log.1.gz", "access.log"),
            ("access.1.log.gz", "access.log"),
            ("access.log-20260101.gz", "access.log"),
            ("access-20260101.log", "access.log"),
            ("access_log-20260101", "access_log"),
            ("access_log.20260101130500", "access_log"),
            ("example.com.access.log.3", "example.com.access.log"),
            ("site1.access.log.3.bz2", "site1.access.log"),
        ];
        for (name, expected) in table {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn a_number_that_is_part_of_the_name_stays() {
        let names = [
            "site1.log",
            "site2.log",
            "site-1.log",
            "site_2.log",
            "192.0.2.1",
            "192.0.2.1.log",
            "php8.1.log",
            "app-1.2.3",
            "access.log-20261301",
            "access.log-2026010",
            "access.log-1",
            "access.log.12345",
            "20260101",
            ".1",
            "log",
            "",
        ];
        for name in names {
            let rotated = Rotated::of(OsStr::new(name));
            assert_eq!(rotated.position, Position::Newest, "{name}");
            assert_eq!(rotated.stem, name.as_bytes(), "{name}");
        }
    }
}
