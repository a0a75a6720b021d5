//! The pieces that log formats are made of, as nom parsers over bytes.

use memchr::{memchr, memrchr};
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::{char, digit1};
use nom::combinator::{map, map_opt, opt, value};
use nom::error::{Error, ErrorKind};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::record::Status;

/// What stands up to the next space: at least one byte.
pub fn token(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while1(|byte| byte != b' ').parse(input)
}

/// ` 404 153` or ` 404 -` behind a request: what follows must be a space or the end.
pub fn status_and_bytes(input: &[u8]) -> IResult<&[u8], (Status, u64)> {
    (status, preceded(char(' '), bytes)).parse(input)
}

/// ` 404` behind a request, the bytes missing. Only three digits are a status there: fewer may be
/// what is left of one, or the bytes behind a status in quotes.
pub fn status_alone(input: &[u8]) -> IResult<&[u8], Status> {
    let (rest, status) = status.parse(input)?;
    let length = input.len() - rest.len();
    if length < " 404".len() { fail(input) } else { Ok((rest, status)) }
}

fn status(input: &[u8]) -> IResult<&[u8], Status> {
    // Nearly every status is three digits and a space; what is rarer takes the longer way.
    if let [b' ', a, b, c, b' ', ..] = *input
        && let Some(status) = Status::parse(&[a, b, c])
    {
        return Ok((&input[4..], status));
    }
    preceded(char(' '), map_opt(token, Status::parse)).parse(input)
}

/// A number of bytes; `-` is none. A number too large for 64 bits is the largest.
fn bytes(input: &[u8]) -> IResult<&[u8], u64> {
    // Nearly always a short number and a space; what is rarer takes the longer way.
    let mut number = 0;
    for (at, &byte) in input.iter().take(15).enumerate() {
        match byte {
            b'0'..=b'9' => number = number * 10 + u64::from(byte - b'0'),
            b' ' if at > 0 => return Ok((&input[at..], number)),
            _ => break,
        }
    }
    let digits = preceded(opt(char('+')), map(digit1, self::number));
    let (rest, bytes) = alt((digits, value(0, char('-')))).parse(input)?;
    if matches!(rest.first(), None | Some(b' ')) { Ok((rest, bytes)) } else { fail(input) }
}

/// The number that the last `length` bytes of `text` spell, 1 to 8; `None` where they do not.
///
/// It is read at once: pairs of digits are joined to numbers of two, those to numbers of four, and
/// those to one.
#[inline(always)]
pub fn short_number(text: [u8; 8], length: usize) -> Option<u64> {
    const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);
    // To 128 and beyond, where it is more than 9.
    const OVER_NINE: u64 = u64::from_ne_bytes([128 - 10; 8]);
    const UPMOST: u64 = u64::from_ne_bytes([128; 8]);
    let spelled = u64::MAX << (64 - 8 * length);
    let digits = (u64::from_le_bytes(text) ^ ZEROS) & spelled;
    if (digits | ((digits & !UPMOST) + OVER_NINE)) & UPMOST != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

/// A number of bytes as it nearly always is: up to 15 digits, or `-` for none.
#[inline]
pub fn usual_bytes(text: &[u8]) -> Option<u64> {
    if text == b"-" {
        return Some(0);
    }
    if !(1..=15).contains(&text.len()) {
        return None;
    }
    let mut number = 0;
    for byte in text {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        if digit > 9 {
            return None;
        }
        number = number * 10 + digit;
    }
    Some(number)
}

fn number(digits: &[u8]) -> u64 {
    if digits.len() < 19 {
        return digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    }
    digits.iter().fold(0, |number: u64, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    })
}

/// The sum of a list of seconds, in milliseconds: `0.001, 0.002 : 0.003`, as nginx writes
/// `$upstream_response_time`. `None` where none of its elements is a number.
pub fn seconds_of_list(text: &[u8]) -> Option<u64> {
    if let [b'0'..=b'9', b'.', _, _, _] = text {
        return seconds(text);
    }
    let elements = text.split(|byte| matches!(byte, b',' | b':')).map(<[u8]>::trim_ascii);
    elements.filter_map(seconds).reduce(u64::saturating_add)
}

/// An address or a host without brackets and port: `192.0.2.1:80`, `[2001:db8::1]:80`,
/// `shop.example:443`. One of IPv6 without brackets has no port.
#[inline]
pub fn plain_host(text: &[u8]) -> &[u8] {
    // Nearly always it is a name of a few letters without a port: no call is made for that.
    const FEW: usize = 32;
    if text.len() <= FEW && text.iter().all(|byte| !matches!(byte, b'[' | b':')) {
        return text;
    }
    plain_host_of(text)
}

fn plain_host_of(text: &[u8]) -> &[u8] {
    if let Some(rest) = text.strip_prefix(b"[") {
        return memchr::memchr(b']', rest).map_or(text, |end| &rest[..end]);
    }
    match memchr::memchr(b':', text) {
        Some(colon) if memchr::memchr(b':', &text[colon + 1..]).is_none() => {
            let is_port = text[colon + 1..].iter().all(u8::is_ascii_digit);
            if is_port { &text[..colon] } else { text }
        }
        _ => text,
    }
}

/// Whether `text` is an IPv4 or IPv6 address, without a port.
pub fn is_address(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<std::net::IpAddr>().is_ok())
}

/// `0.123`, `12` or `12.5` seconds, in milliseconds.
#[inline]
pub fn seconds(text: &[u8]) -> Option<u64> {
    // Nearly always `0.123`; what is rarer takes the longer way.
    if let [seconds, b'.', a, b, c] = *text {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
        return Some(digit(seconds)? * 1_000 + digit(a)? * 100 + digit(b)? * 10 + digit(c)?);
    }
    rare_seconds(text)
}

fn rare_seconds(text: &[u8]) -> Option<u64> {
    let mut whole = (digit1::<&[u8], Error<&[u8]>>, opt(preceded(char('.'), digit1)));
    let (rest, (seconds, fraction)) = whole.parse(text).ok()?;
    let mut millis = 0;
    for place in 0..3 {
        let digit = fraction.and_then(|digits| digits.get(place)).unwrap_or(&b'0');
        millis = millis * 10 + u64::from(digit - b'0');
    }
    rest.is_empty().then(|| number(seconds).saturating_mul(1_000).saturating_add(millis))
}

/// The number that all of `text` spells; one too large for 64 bits is the largest.
pub fn whole_number(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| number(text))
}

/// A number with or without a plus sign before it (HAProxy writes one where the end was not seen); a
/// hyphen is zero.
pub fn number_or_none(text: &[u8]) -> Option<u64> {
    if text == b"-" { Some(0) } else { whole_number(text.strip_prefix(b"+").unwrap_or(text)) }
}

/// The milliseconds of a stamp that has a fraction: `14:05:09.25` has 250.
pub fn stamp_millis(stamp: &[u8]) -> Option<u16> {
    let dot = memrchr(b'.', stamp)?;
    let mut digits = stamp[dot + 1..].iter().take_while(|byte| byte.is_ascii_digit());
    Some((0..3).fold(0, |millis, _| {
        millis * 10 + digits.next().map_or(0, |digit| u16::from(digit - b'0'))
    }))
}

/// `text` up to the first space, and what follows that; all of it where there is none.
pub fn word(text: &[u8]) -> (&[u8], &[u8]) {
    match memchr(b' ', text) {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (text, &[]),
    }
}

/// `text` behind its last space, and what is before that.
pub fn last_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memrchr(b' ', text)?;
    Some((&text[..space], &text[space + 1..]))
}

/// A field, `None` for a hyphen.
pub fn unless_hyphen(text: &[u8]) -> Option<&[u8]> {
    (text != b"-").then_some(text)
}

/// The host of an absolute target, `http://user@host:port/path`, without its port (RFC 9112 §3.2.2).
pub fn target_host(target: &[u8]) -> Option<&[u8]> {
    let rest = target.strip_prefix(b"http://").or_else(|| target.strip_prefix(b"https://"))?;
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = memrchr(b'@', authority).map_or(authority, |at| &authority[at + 1..]);
    (!host.is_empty()).then(|| without_port(host))
}

/// A host without its port.
pub fn without_port(host: &[u8]) -> &[u8] {
    match memrchr(b':', host) {
        // An address of IPv6 has a port only behind its bracket.
        Some(colon) if host[..colon].contains(&b':') && !host[..colon].ends_with(b"]") => host,
        Some(colon) if colon + 1 < host.len() => {
            let is_port = host[colon + 1..].iter().all(u8::is_ascii_digit);
            if is_port { &host[..colon] } else { host }
        }
        _ => host,
    }
}

fn fail<T>(input: &[u8]) -> IResult<&[u8], T> {
    Err(nom::Err::Error(Error::new(input, ErrorKind::Verify)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_milliseconds() {
        assert_eq!(seconds(b"0.123"), Some(123));
        assert_eq!(seconds(b"30.000"), Some(30_000));
        assert_eq!(seconds(b"12"), Some(12_000));
        assert_eq!(seconds(b"0.0015"), Some(1));
        assert_eq!(seconds(b"1.5"), Some(1_500));
        for text in ["", "-", ".5", "1.", "1.5s", "0.1, 0.2"] {
            assert_eq!(seconds(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn lists_of_seconds_are_added_up() {
        assert_eq!(seconds_of_list(b"0.001, 0.002 : 0.003"), Some(6));
        assert_eq!(seconds_of_list(b"-, 0.5"), Some(500));
        assert_eq!(seconds_of_list(b"-"), None);
    }

    #[test]
    fn hosts_lose_their_ports() {
        for (text, wanted) in [
            ("192.0.2.1:80", "192.0.2.1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("shop.example", "shop.example"),
            ("a:b", "a:b"),
            ("[", "["),
        ] {
            assert_eq!(plain_host(text.as_bytes()), wanted.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_short_number_is_read_as_it_is_spelled() {
        let read = |text: &str, length| short_number(text.as_bytes().try_into().unwrap(), length);
        assert_eq!(read("12345678", 8), Some(12_345_678));
        assert_eq!(read("99999999", 8), Some(99_999_999));
        assert_eq!(read("x 404 00", 2), Some(0));
        assert_eq!(read("\" 404 57", 2), Some(57));
        assert_eq!(read("\" 404 -7", 1), Some(7));
        for (text, length) in
            [("1234567-", 1), ("123456:8", 2), ("/2345678", 8), ("123\u{e9}567", 7)]
        {
            assert_eq!(read(text, length), None, "{text}");
        }
        for number in [0, 1, 9, 10, 99, 100, 4_096, 65_535, 1_000_000, 9_999_999, 10_203_040] {
            let digits = number.to_string();
            assert_eq!(read(&format!("{digits:x>8}"), digits.len()), Some(number));
        }
    }

    #[test]
    fn a_status_is_followed_by_bytes_or_stands_whole() {
        let read = |text: &'static str| {
            let (rest, (status, bytes)) = status_and_bytes(text.as_bytes()).ok()?;
            Some((rest.len(), status.to_string(), bytes))
        };
        assert_eq!(read(" 404 153"), Some((0, "404".into(), 153)));
        assert_eq!(read(r#" 000 0 "-""#), Some((4, "000".into(), 0)));
        assert_eq!(read(" - -"), Some((0, "-".into(), 0)));
        assert_eq!(read(" 200 +243 x"), Some((2, "200".into(), 243)));
        assert_eq!(read(" 200 99999999999999999999"), Some((0, "200".into(), u64::MAX)));
        for text in ["", " 404", " 404 x", " 404 1x", "404 1", " 4040 1"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(status_alone(b" 404").is_ok());
        assert!(status_alone(b" 40").is_err());
        assert!(status_alone(b" 404 x").is_ok());
        assert!(status_alone(b" 0 x").is_err());
    }
}
