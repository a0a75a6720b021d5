//! Numbers, shares, spans of time and moments, as a person reads them.

use crate::clock::Zone;

/// `4999963` as `4,999,963`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number and what it counts: `1 line`, `2,000 lines`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A share with one decimal, `8.6 %`. `0 %` and `100 %` are said only where they are exact.
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_string();
    }
    if part >= whole {
        return "100 %".to_string();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    match tenths {
        0 => "<0.1 %".to_string(),
        1000.. => "99.9 %".to_string(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A share in whole percents, rounded down: `99 %`.
pub fn whole_percent(part: u64, whole: u64) -> String {
    format!("{} %", u128::from(part) * 100 / u128::from(whole.max(1)))
}

/// A request time: `85 ms`, `1.25 s`, `30.0 s`.
pub fn latency(seconds: f64) -> String {
    if seconds < 0.9995 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else {
        format!("{seconds:.1} s")
    }
}

/// The width of a window: `hour`, `15 min`, `2 days`.
pub fn width(seconds: u64) -> String {
    const UNITS: [(u64, &str, &str); 5] = [
        (604_800, "week", "weeks"),
        (86_400, "day", "days"),
        (3_600, "hour", "hours"),
        (60, "minute", "min"),
        (1, "second", "s"),
    ];
    for (unit, one, many) in UNITS {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            let units = seconds / unit;
            return if units == 1 { one.to_string() } else { format!("{units} {many}") };
        }
    }
    "moment".to_string()
}

/// First and last moment, `2026-10-15 00:00 → 2026-10-22 00:00`: the date once where it is one day,
/// with seconds where minutes would hide the difference.
pub fn period(start: i64, end: i64, zone: Zone) -> String {
    let (start_at, end_at) = (zone.at(start), zone.at(end));
    let time = if end - start < 600 { "%H:%M:%S" } else { "%H:%M" };
    let full = format!("%Y-%m-%d {time}");
    let is_one_day = start_at.date_naive() == end_at.date_naive();
    if start == end {
        return start_at.format(&full).to_string();
    }
    let end_format = if is_one_day { time } else { &full };
    format!("{} → {}", start_at.format(&full), end_at.format(end_format))
}

/// Where a window lies, after `99 % `, in full and in short: `in 14:00–14:59`, and with its day
/// where the report has several: `on 15 Oct, 14:00–14:59` and `15 Oct 14:00`.
pub fn window(start: i64, seconds: u32, zone: Zone, has_days: bool) -> (String, String) {
    let first = zone.at(start);
    let day = first.format("%-d %b").to_string();
    let clock = first.format("%H:%M").to_string();
    if seconds >= 86_400 {
        let is_midnight = clock == "00:00";
        return match (seconds, is_midnight) {
            (86_400, true) => (format!("on {day}"), format!("on {day}")),
            (_, true) => (format!("in the {} from {day}", width(seconds.into())), day),
            _ => (
                format!("in the {} from {day} {clock}", width(seconds.into())),
                format!("{day} {clock}"),
            ),
        };
    }
    let last = zone.at(start + i64::from(seconds) - 1).format("%H:%M").to_string();
    let span = if last == clock { clock.clone() } else { format!("{clock}–{last}") };
    if has_days {
        (format!("on {day}, {span}"), format!("{day} {clock}"))
    } else {
        (format!("in {span}"), span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (4_999_963, "4,999,963"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "line", "lines"), "1 line");
        assert_eq!(counted(0, "line", "lines"), "0 lines");
    }

    #[test]
    fn shares_do_not_round_to_nothing_or_to_all() {
        assert_eq!(percent(429_551, 4_999_963), "8.6 %");
        assert_eq!(percent(0, 5), "0 %");
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(5, 5), "100 %");
        assert_eq!(percent(1, 1_000_000), "<0.1 %");
        assert_eq!(percent(999_999, 1_000_000), "99.9 %");
        assert_eq!(percent(u64::MAX - 1, u64::MAX), "99.9 %");
        assert_eq!(whole_percent(999, 1000), "99 %");
    }

    #[test]
    fn request_times_and_widths_have_units() {
        assert_eq!(latency(0.085), "85 ms");
        assert_eq!(latency(0.9999), "1.00 s");
        assert_eq!(latency(9.999), "10.0 s");
        assert_eq!(latency(30.0), "30.0 s");
        assert_eq!(width(3_600), "hour");
        assert_eq!(width(7_200), "2 hours");
        assert_eq!(width(900), "15 min");
        assert_eq!(width(86_400), "day");
        assert_eq!(width(604_800), "week");
        assert_eq!(width(1_209_600), "2 weeks");
    }

    #[test]
    fn moments_are_in_the_zone() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let utc = Zone::default();
        let start = 1_791_936_000; // 2026-10-14T00:00:00Z
        assert_eq!(period(start, start + 86_399, utc), "2026-10-14 00:00 → 23:59");
        assert_eq!(period(start, start + 86_399, berlin), "2026-10-14 02:00 → 2026-10-15 01:59");
        assert_eq!(period(start, start + 9, utc), "2026-10-14 00:00:00 → 00:00:09");
        assert_eq!(period(start, start, utc), "2026-10-14 00:00:00");
        let window = |seconds, zone, days| window(start, seconds, zone, days).0;
        assert_eq!(window(3_600, utc, false), "in 00:00–00:59");
        assert_eq!(window(60, utc, false), "in 00:00");
        assert_eq!(window(3_600, berlin, true), "on 14 Oct, 02:00–02:59");
        assert_eq!(window(86_400, utc, true), "on 14 Oct");
        assert_eq!(window(86_400, berlin, true), "in the day from 14 Oct 02:00");
        assert_eq!(window(604_800, utc, true), "in the week from 14 Oct");
    }
}
