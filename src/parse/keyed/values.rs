//! Values of keys: text with or without escapes, numbers, moments and durations.

use bumpalo::Bump;

use crate::parse::{Tools, field};

/// A value as it stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// null, true, false, or nothing where a value should be.
    Nothing,
    /// Text without escapes, or what is no text: a number, as it is spelled.
    Plain(&'a [u8]),
    /// What stands between the quotes of a JSON string that has escapes.
    Escaped(&'a [u8]),
}

/// What a duration is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
    /// Nobody says: seconds where there is a fraction, else milliseconds.
    Unknown,
}

impl<'a> Value<'a> {
    /// Whether there is no value.
    pub fn is_nothing(self) -> bool {
        matches!(self, Value::Nothing | Value::Plain(b"" | b"-"))
    }

    /// Whether it can be a status; `"ok"` is none.
    #[inline]
    pub fn is_status(self) -> bool {
        match self {
            Value::Plain(text) => {
                text.first().is_none_or(|byte| byte.is_ascii_digit() || *byte == b'-')
            }
            Value::Nothing => true,
            Value::Escaped(_) => false,
        }
    }

    /// Its text, escapes undone; `None` for nothing.
    #[inline]
    pub fn text(self, arena: &'a Bump) -> Option<&'a [u8]> {
        match self {
            Value::Nothing => None,
            Value::Plain(text) => Some(text),
            Value::Escaped(text) => Some(unescape(text, arena)),
        }
    }

    /// A whole number, without what follows it.
    pub fn whole(self) -> Option<u64> {
        let Value::Plain(text) = self else { return None };
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(None, |number: Option<u64>, digit| {
            let number = number.unwrap_or(0).saturating_mul(10);
            Some(number.saturating_add(u64::from(digit - b'0')))
        })
    }

    /// A duration. A unit behind the number counts before `unit`.
    pub fn millis(self, unit: Unit, arena: &'a Bump) -> Option<u64> {
        // As nginx writes them.
        if let (Value::Plain(text @ [_, b'.', _, _, _]), Unit::Seconds | Unit::Unknown) =
            (self, unit)
            && let Some(millis) = field::seconds(text)
        {
            return Some(millis);
        }
        let text = self.text(arena)?;
        let (nanos_of_one, unit) = decimal(text).map(|(number, rest)| {
            let named = match rest.trim_ascii() {
                b"" => None,
                b"s" | b"sec" | b"seconds" => Some(Unit::Seconds),
                b"ms" => Some(Unit::Millis),
                b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => Some(Unit::Micros),
                b"ns" => Some(Unit::Nanos),
                _ => return (long_duration(text), Unit::Seconds),
            };
            (Some(number), named.unwrap_or(unit))
        })?;
        let Decimal { whole, billionths, has_fraction } = nanos_of_one?;
        let millis = |per_whole: u64| {
            let of_fraction = u64::from(billionths) * per_whole / 1_000_000_000;
            whole.checked_mul(per_whole)?.checked_add(of_fraction)
        };
        match unit {
            Unit::Seconds => millis(1_000),
            Unit::Unknown if has_fraction => millis(1_000),
            Unit::Millis | Unit::Unknown => Some(whole),
            Unit::Micros => Some(whole / 1_000),
            Unit::Nanos => Some(whole / 1_000_000),
        }
    }

    /// The sum of a list of seconds, as nginx writes `$upstream_response_time`: `0.001, 0.002 : 0.003`.
    pub fn list_millis(self) -> Option<u64> {
        match self {
            Value::Plain(text) => field::seconds_of_list(text),
            Value::Nothing | Value::Escaped(_) => None,
        }
    }

    /// A moment, in seconds since the epoch, with milliseconds where it has them: in the common log
    /// format, ISO 8601, or a number of seconds, milli-, micro- or nanoseconds, told apart by size.
    #[inline]
    pub fn time(self, tools: &mut Tools<'a, '_>) -> Option<(u32, Option<u16>)> {
        /// In ISO 8601, with an offset and without a fraction.
        const ISO_BYTES: usize = b"2026-11-21T14:05:09+00:00".len();
        if let Value::Plain(text) = self
            && text.len() == ISO_BYTES
            && let [b'0'..=b'9', _, _, _, b'-', .., b'0'..=b'9'] = text
            && matches!(text[19], b'+' | b'-')
        {
            return Some((tools.state.clock.read_iso(text)?, None));
        }
        self.any_time(tools)
    }

    fn any_time(self, tools: &mut Tools<'a, '_>) -> Option<(u32, Option<u16>)> {
        let text = self.text(tools.arena)?.trim_ascii();
        let text = text.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(text);
        // A date is no number.
        let is_date = matches!(text.get(4), Some(b'-'));
        if !is_date && let Some((number, b"")) = decimal(text) {
            return epoch(number);
        }
        let time = tools.state.clock.read_iso(text)?;
        // Behind the seconds of ISO 8601, if anywhere.
        let has_no_fraction = is_date && matches!(text.get(19), None | Some(b'Z' | b'+' | b'-'));
        Some((time, if has_no_fraction { None } else { fraction_millis(text) }))
    }
}

/// The milliseconds of a moment that is spelled with a fraction: `…:09.123+00:00`.
pub fn fraction_millis(text: &[u8]) -> Option<u16> {
    let dot = memchr::memchr2(b'.', b',', text.get(..text.len().min(40))?)?;
    let digits = text[dot + 1..].iter().take_while(|byte| byte.is_ascii_digit());
    let mut millis = 0;
    let mut count = 0;
    for digit in digits.take(3) {
        millis = millis * 10 + u16::from(digit - b'0');
        count += 1;
    }
    (count > 0).then(|| millis * [100, 10, 1][count - 1])
}

/// A number with up to nine places behind its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    whole: u64,
    billionths: u32,
    has_fraction: bool,
}

/// A number, and what follows it. Numbers of JSON may have exponents: Go writes small ones so.
pub fn decimal(text: &[u8]) -> Option<(Decimal, &[u8])> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = digits(text);
    let (mut whole, mut rest) = (0_u64, &text[end..]);
    if end == 0 || end > 19 {
        return None;
    }
    for digit in &text[..end] {
        whole = whole.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    }
    let (mut billionths, mut has_fraction) = (0, false);
    if let Some(places) = rest.strip_prefix(b".") {
        let end = digits(places);
        has_fraction = true;
        for place in 0..9 {
            let digit = places.get(place).filter(|_| place < end).unwrap_or(&b'0');
            billionths = billionths * 10 + u32::from(digit - b'0');
        }
        rest = &places[end..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let (is_negative, exponent) = match exponent {
            [b'-', exponent @ ..] => (true, exponent),
            [b'+', exponent @ ..] => (false, exponent),
            _ => (false, exponent),
        };
        let end = digits(exponent);
        if end == 0 || end > 2 {
            return None;
        }
        let power = exponent[..end].iter().fold(0, |n, digit| n * 10 + u32::from(digit - b'0'));
        let nanos = u128::from(whole) * 1_000_000_000 + u128::from(billionths);
        let scale = 10_u128.checked_pow(power)?;
        let nanos = if is_negative { nanos / scale } else { nanos.checked_mul(scale)? };
        whole = u64::try_from(nanos / 1_000_000_000).ok()?;
        billionths = (nanos % 1_000_000_000) as u32;
        has_fraction = true;
        rest = &exponent[end..];
    }
    Some((Decimal { whole, billionths, has_fraction }, rest))
}

/// A duration as Go writes those of a minute and more: `1m2.5s`, `1h0m0s`. In seconds.
fn long_duration(text: &[u8]) -> Option<Decimal> {
    let (mut rest, mut nanos) = (text, 0_u128);
    while !rest.is_empty() {
        let (Decimal { whole, billionths, .. }, behind) = decimal(rest)?;
        let (seconds, behind) = match behind {
            [b'h', behind @ ..] => (3_600, behind),
            [b'm', behind @ ..] => (60, behind),
            [b's', behind @ ..] => (1, behind),
            _ => return None,
        };
        let part = u128::from(whole) * 1_000_000_000 + u128::from(billionths);
        nanos = nanos.saturating_add(part * seconds);
        rest = behind;
    }
    let whole = u64::try_from(nanos / 1_000_000_000).ok()?;
    Some(Decimal { whole, billionths: (nanos % 1_000_000_000) as u32, has_fraction: true })
}

/// A moment as a number, by its size: up to 10¹¹ they are seconds, then milli-, micro-, nanoseconds.
pub fn epoch(number: Decimal) -> Option<(u32, Option<u16>)> {
    let Decimal { whole, billionths, has_fraction } = number;
    let (seconds, millis) = match whole {
        0..100_000_000_000 => {
            let millis = (billionths / 1_000_000) as u16;
            (whole, has_fraction.then_some(millis))
        }
        100_000_000_000..100_000_000_000_000 => (whole / 1_000, Some((whole % 1_000) as u16)),
        100_000_000_000_000..100_000_000_000_000_000 => {
            (whole / 1_000_000, Some((whole / 1_000 % 1_000) as u16))
        }
        _ => (whole / 1_000_000_000, Some((whole / 1_000_000 % 1_000) as u16)),
    };
    Some((u32::try_from(seconds).ok()?, millis))
}

/// Undoes the escapes of a JSON string, and the `\xHH` that nginx writes into one with
/// `escape=default`. What is no escape stays as it is.
pub fn unescape<'a>(text: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..at]);
        let escape = &rest[at..];
        let length = match escape {
            [_, simple @ (b'"' | b'\\' | b'/'), ..] => {
                plain.push(*simple);
                2
            }
            [_, letter @ (b'b' | b'f' | b'n' | b'r' | b't'), ..] => {
                let byte = match letter {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    _ => b'\t',
                };
                plain.push(byte);
                2
            }
            [_, b'x', digits @ ..] if hex(digits, 2).is_some() => {
                plain.push(hex(digits, 2).unwrap_or(0) as u8);
                4
            }
            [_, b'u', digits @ ..] if hex(digits, 4).is_some() => {
                let first = hex(digits, 4).unwrap_or(0);
                let second = match digits.get(4..6) {
                    Some(b"\\u") if (0xD800..0xDC00).contains(&first) => hex(&digits[6..], 4),
                    _ => None,
                };
                let second = second.filter(|second| (0xDC00..0xE000).contains(second));
                let code = match second {
                    Some(second) => 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                    None => first,
                };
                let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                if second.is_some() { 12 } else { 6 }
            }
            _ => {
                plain.push(b'\\');
                1
            }
        };
        rest = &escape[length..];
    }
    plain.extend_from_slice(rest);
    arena.alloc_slice_copy(&plain)
}

fn hex(digits: &[u8], count: usize) -> Option<u32> {
    let digits = digits.get(..count)?;
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        String::from_utf8_lossy(unescape(text.as_bytes(), &Bump::new())).into_owned()
    }

    #[test]
    fn escapes_are_undone_and_others_stay() {
        assert_eq!(plain(r#"\/a\"b\\c"#), r#"/a"b\c"#);
        assert_eq!(plain(r"\x22\xC3\xA9"), "\"\u{e9}");
        assert_eq!(plain(r"\u00e9\ud83d\ude00\ud83d!"), "\u{e9}\u{1f600}\u{fffd}!");
        assert_eq!(plain(r"\q\x2\u12\"), r"\q\x2\u12\");
    }

    #[test]
    fn moments_are_told_by_their_size() {
        let read = |text: &str| epoch(decimal(text.as_bytes()).unwrap().0);
        let wanted = 1_795_791_949;
        assert_eq!(read("1795791949"), Some((wanted, None)));
        assert_eq!(read("1795791949.25"), Some((wanted, Some(250))));
        assert_eq!(read("1795791949250"), Some((wanted, Some(250))));
        assert_eq!(read("1795791949250999"), Some((wanted, Some(250))));
        assert_eq!(read("1795791949250999888"), Some((wanted, Some(250))));
        assert_eq!(read("1.795791949e9"), Some((wanted, Some(0))));
        assert_eq!(read("99999999999"), None);
    }

    #[test]
    fn durations_have_units() {
        let arena = Bump::new();
        let millis = |text: &'static str, unit| Value::Plain(text.as_bytes()).millis(unit, &arena);
        assert_eq!(millis("0.057", Unit::Unknown), Some(57));
        assert_eq!(millis("57", Unit::Unknown), Some(57));
        assert_eq!(millis("30.001", Unit::Seconds), Some(30_001));
        assert_eq!(millis("215563", Unit::Nanos), Some(0));
        assert_eq!(millis("0.12s", Unit::Millis), Some(120));
        assert_eq!(millis("5ms", Unit::Seconds), Some(5));
        assert_eq!(millis("1500\u{b5}s", Unit::Seconds), Some(1));
        assert_eq!(millis("3.3987e-05", Unit::Seconds), Some(0));
        assert_eq!(millis("1.5e3", Unit::Seconds), Some(1_500_000));
        assert_eq!(millis("1m2.5s", Unit::Millis), Some(62_500));
        assert_eq!(millis("1h0m0.25s", Unit::Nanos), Some(3_600_250));
        for text in ["", "-", "x", "1m2", "1m2ms", "m2s", "1 year", "99999999999999999999"] {
            assert_eq!(millis(text, Unit::Seconds), None, "{text}");
        }
    }

    #[test]
    fn fractions_become_milliseconds() {
        assert_eq!(fraction_millis(b"2026-11-21T14:05:09.5Z"), Some(500));
        assert_eq!(fraction_millis(b"2026-11-21T14:05:09.123456789Z"), Some(123));
        assert_eq!(fraction_millis(b"2026-11-21T14:05:09Z"), None);
    }
}
