//! The times that envelopes have: RFC 3339, and that of RFC 3164, which has no year.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::clock::Clock;

/// `2026-11-21T14:05:09.123456789+01:00 rest`: the stamp, the time and the rest. Without an offset the
/// time is in the clock's zone.
pub fn iso<'a>(text: &'a [u8], clock: &mut Clock) -> Option<(Option<u32>, &'a [u8])> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _, behind @ ..] =
        text
    else {
        return None;
    };
    let number = |range: std::ops::Range<usize>| {
        text[range].iter().try_fold(0_u32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let behind = match behind {
        [b'.' | b',', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            fraction.get(digits..)?
        }
        _ => behind,
    };
    let offset = behind.split(|&byte| byte == b' ').next()?;
    let rest = &behind[offset.len()..];
    let is_of_offset = |byte: &u8| byte.is_ascii_digit() || b"Z+-:".contains(byte);
    if rest.is_empty() || offset.len() > b"+00:00".len() || !offset.iter().all(is_of_offset) {
        return None;
    }
    let stamp = &text[..text.len() - rest.len()];
    let time = match offset {
        b"Z" | b"+00:00" | b"+0000" => NaiveDate::from_ymd_opt(year as i32, month, day)
            .and_then(|date| date.and_hms_opt(hour, minute, second))
            .and_then(|time| u32::try_from(time.and_utc().timestamp()).ok()),
        _ => clock.read(stamp),
    };
    Some((time, &rest[1..]))
}

/// Reads times without a year, and parses none twice in a row.
#[derive(Clone, Debug, Default)]
pub struct Yearless {
    last: Vec<u8>,
    last_reference: Option<u32>,
    last_time: Option<u32>,
}

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

impl Yearless {
    /// `Nov  1 14:05:09.123 rest`: the time, in the clock's zone, and the rest. The year is the latest
    /// in which the time is no more than a day after `reference`; without one, the latest that there
    /// is (RFC 3164 §4.1.2 has no year).
    pub fn read<'a>(
        &mut self,
        text: &'a [u8],
        reference: Option<u32>,
        clock: &mut Clock,
    ) -> Option<(Option<u32>, &'a [u8])> {
        let (month, behind) = text.split_first_chunk::<3>()?;
        let month = MONTHS.iter().position(|known| *known == month)? + 1;
        let behind = behind.strip_prefix(b" ")?;
        let behind = behind.strip_prefix(b" ").unwrap_or(behind);
        let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (day, behind) = behind.split_at(digits);
        let [b' ', time @ ..] = behind else { return None };
        let (time, behind) = time.split_first_chunk::<8>()?;
        let [_, _, b':', _, _, b':', _, _] = time else { return None };
        let behind = match behind {
            [b'.', fraction @ ..] => {
                let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
                &fraction[digits..]
            }
            _ => behind,
        };
        let rest = behind.strip_prefix(b" ")?;
        let day = match *day {
            [ones] => [b'0', ones],
            [tens, ones] => [tens, ones],
            _ => return None,
        };
        let stamp = &text[..text.len() - rest.len()];
        if self.last != stamp || self.last_reference != reference {
            self.last.clear();
            self.last.extend_from_slice(stamp);
            self.last_reference = reference;
            self.last_time = inferred(month as u32, day, *time, reference, clock);
        }
        Some((self.last_time, rest))
    }
}

/// The time in the year that fits.
fn inferred(
    month: u32,
    day: [u8; 2],
    time: [u8; 8],
    reference: Option<u32>,
    clock: &mut Clock,
) -> Option<u32> {
    const DAY_SECONDS: i64 = 86_400;
    /// A leap day comes back after eight years at most.
    const YEARS: i32 = 9;
    let latest = reference.map_or(i64::from(u32::MAX), |time| i64::from(time) + DAY_SECONDS);
    // Wherever on earth it was logged.
    let year = DateTime::from_timestamp(latest + DAY_SECONDS, 0)?.year();
    let mut stamp = *b"0000-00-00T00:00:00";
    stamp[8..10].copy_from_slice(&day);
    stamp[11..].copy_from_slice(&time);
    stamp[5..7].copy_from_slice(format!("{month:02}").as_bytes());
    (year - YEARS..=year).rev().find_map(|year| {
        stamp[..4].copy_from_slice(format!("{year:04}").as_bytes());
        clock.read(&stamp).filter(|time| i64::from(*time) <= latest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Zone, rfc3339};

    fn shown(time: Option<u32>) -> Option<String> {
        time.map(|time| rfc3339(i64::from(time)))
    }

    #[test]
    fn a_stamp_of_rfc_3339_ends_at_a_space() {
        let read = |text: &'static str| {
            let (time, rest) = iso(text.as_bytes(), &mut Clock::default())?;
            Some((shown(time).unwrap_or_default(), std::str::from_utf8(rest).unwrap()))
        };
        let wanted = Some(("2026-11-21T14:05:09Z".to_string(), "rest"));
        for text in [
            "2026-11-21T14:05:09Z rest",
            "2026-11-21T14:05:09.123456789Z rest",
            "2026-11-21T15:05:09.123456789+01:00 rest",
            "2026-11-21T14:05:09+0000 rest",
            "2026-11-21T14:05:09 rest",
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
        let odd = read("2026-02-31T14:05:09Z rest");
        assert_eq!(odd, Some((String::new(), "rest")), "an envelope, whatever its time");
        for text in ["2026-11-21T14:05:09Z", "2026-11-21 14:05:09 x", "2026-11-21T14:05:09x y", ""]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_year_is_the_latest_that_is_not_after_the_reference() {
        let reference = iso(b"2026-11-21T14:05:09Z ", &mut Clock::default()).unwrap().0;
        let mut yearless = Yearless::default();
        let mut read = |text: &str, zone| {
            let mut clock = Clock::new(zone);
            let (time, rest) = yearless.read(text.as_bytes(), reference, &mut clock)?;
            assert_eq!(rest, b"rest");
            shown(time)
        };
        let utc = Zone::default();
        let is = |text: &str| Some(text.to_string());
        assert_eq!(read("Nov 21 14:05:09 rest", utc), is("2026-11-21T14:05:09Z"));
        assert_eq!(read("Nov 22 14:05:09 rest", utc), is("2026-11-22T14:05:09Z"));
        assert_eq!(read("Nov 22 14:05:10 rest", utc), is("2025-11-22T14:05:10Z"));
        assert_eq!(read("Dec 31 23:59:59.5 rest", utc), is("2025-12-31T23:59:59Z"));
        assert_eq!(read("Jan  1 00:00:00 rest", utc), is("2026-01-01T00:00:00Z"));
        assert_eq!(read("Feb 29 00:00:00 rest", utc), is("2024-02-29T00:00:00Z"));
        assert_eq!(read("Feb 30 00:00:00 rest", utc), None);
        let zone = Zone::parse("+02:00").unwrap();
        assert_eq!(read("Jan 1 01:00:00 rest", zone), is("2025-12-31T23:00:00Z"));
        for text in
            ["nov 21 14:05:09 rest", "Nov 21 14:05 rest", "Nov 121 14:05:09 rest", "Nov", ""]
        {
            assert_eq!(read(text, utc), None, "{text}");
        }
    }
}
