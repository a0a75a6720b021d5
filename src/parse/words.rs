//! Words of a line, and what several formats do with them.

use bumpalo::Bump;
use memchr::{memchr, memrchr};

use crate::clock::Clock;
use crate::record::Request;

/// The words of a line, in order: what stands between spaces, or between quotes that have a space or
/// the end behind them. A quote behind a backslash closes nothing.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// Those of `text`.
    pub fn new(text: &'a [u8]) -> Words<'a> {
        Words { rest: text }
    }

    /// `[what stands in brackets]`, which has no bracket inside; `None` where none follows.
    pub fn bracketed(&mut self) -> Option<&'a [u8]> {
        let inside = self.rest.trim_ascii_start().strip_prefix(b"[")?;
        let end = memchr(b']', inside)?;
        self.rest = &inside[end + 1..];
        Some(&inside[..end])
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.trim_ascii_start();
        if text.is_empty() {
            return None;
        }
        let (word, rest) = match text.strip_prefix(b"\"") {
            Some(inside) => {
                let end = closing_quote(inside).unwrap_or(inside.len());
                (&inside[..end], inside.get(end + 1..).unwrap_or_default())
            }
            None => text.split_at(memchr(b' ', text).unwrap_or(text.len())),
        };
        self.rest = rest;
        Some(word)
    }
}

/// Where the quote is that ends a quoted word.
fn closing_quote(inside: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'"', inside).find(|&at| {
        let is_end = matches!(inside.get(at + 1), None | Some(b' '));
        let backslashes = inside[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
        is_end && backslashes % 2 == 0
    })
}

/// `None` for `-`.
pub fn optional(text: &[u8]) -> Option<&[u8]> {
    (text != b"-").then_some(text)
}

/// An address without its port: `192.0.2.1:80`, `[2001:db8::1]:80`; an address of version 6 without
/// brackets has none.
pub fn without_port(text: &[u8]) -> &[u8] {
    if let Some(inside) = text.strip_prefix(b"[")
        && let Some(end) = memchr(b']', inside)
    {
        return &inside[..end];
    }
    match memrchr(b':', text) {
        Some(at) if memchr(b':', &text[..at]).is_none() => &text[..at],
        _ => text,
    }
}

/// A host without its port; brackets around an address stay.
pub fn host_alone(text: &[u8]) -> &[u8] {
    let before = if text.starts_with(b"[") { memchr(b']', text).unwrap_or(0) } else { 0 };
    match memchr(b':', &text[before..]) {
        Some(at) => &text[..before + at],
        None => text,
    }
}

/// The host of an absolute target, `http://host:port/path`, without its port.
pub fn url_host(target: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(target, b"://").filter(|at| *at < 8)?;
    let rest = &target[at + 3..];
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let host = host_alone(&rest[..end.unwrap_or(rest.len())]);
    (!host.is_empty() && host != b"-").then_some(host)
}

/// A request whose method and target are fields of their own. One that is missing or no token makes it
/// malformed.
pub fn request<'a>(method: &'a [u8], target: &'a [u8]) -> Request<'a> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_method = !method.is_empty() && method != b"-" && method.iter().all(is_token);
    let is_whole = is_method && !target.is_empty() && target != b"-";
    Request { line: target, parts: is_whole.then_some((method, target)) }
}

/// `stem?query`; only the stem where the query is `-` or empty.
pub fn joined<'a>(stem: &'a [u8], query: &'a [u8], arena: &'a Bump) -> &'a [u8] {
    let query = query.strip_prefix(b"?").unwrap_or(query);
    if query.is_empty() || query == b"-" {
        return stem;
    }
    let whole = arena.alloc_slice_fill_copy(stem.len() + 1 + query.len(), b'?');
    whole[..stem.len()].copy_from_slice(stem);
    whole[stem.len() + 1..].copy_from_slice(query);
    whole
}

/// `%20` and its likes undone, once.
pub fn percent_decoded<'a>(text: &'a [u8], arena: &'a Bump) -> &'a [u8] {
    if memchr(b'%', text).is_none() {
        return text;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let decoded = arena.alloc_slice_fill_copy(text.len(), 0);
    let (mut rest, mut length) = (text, 0);
    while let Some((&first, behind)) = rest.split_first() {
        let (byte, after) = match rest {
            [b'%', high, low, after @ ..] => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => ((high * 16 + low) as u8, after),
                _ => (first, behind),
            },
            _ => (first, behind),
        };
        decoded[length] = byte;
        (rest, length) = (after, length + 1);
    }
    &decoded[..length]
}

/// A whole number, at most 18 digits.
pub fn whole_number(text: &[u8]) -> Option<u64> {
    let is_short = (1..=18).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    is_short.then(|| text.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// The first three digits behind the point, of a second.
pub fn fraction_millis(text: &[u8]) -> Option<u16> {
    let point = text.iter().position(|byte| matches!(byte, b'.' | b','))?;
    let digits = || text[point + 1..].iter().take_while(|byte| byte.is_ascii_digit());
    let places = [100, 10, 1];
    let millis = digits().zip(places).map(|(digit, place)| u16::from(digit - b'0') * place).sum();
    digits().next().map(|_| millis)
}

/// A second since the epoch, and the milliseconds behind it where they are known.
pub type Moment = (u32, Option<u16>);

/// `2026-11-21T14:05:09.123456Z`: the second, and the milliseconds behind it.
pub fn instant(text: &[u8], clock: &mut Clock) -> Option<Moment> {
    Some((clock.read(text)?, fraction_millis(text)))
}

/// `1795269909.123`, `1795269909` or `1795269909123`: seconds since the epoch between 2001 and 2105.
pub fn epoch(text: &[u8]) -> Option<Moment> {
    let end = memchr(b'.', text).unwrap_or(text.len());
    let (seconds, fraction) = text.split_at(end);
    let number = whole_number(seconds)?;
    let is_fraction = fraction.len() != 1 && fraction.iter().skip(1).all(u8::is_ascii_digit);
    let (number, millis) = match (seconds.len(), fraction) {
        (13, []) => (number / 1_000, u16::try_from(number % 1_000).ok()),
        (10, _) if is_fraction => (number, fraction_millis(fraction)),
        _ => return None,
    };
    Some((u32::try_from(number).ok()?, millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Words::new(text.as_bytes()).map(|word| std::str::from_utf8(word).unwrap()).collect()
    }

    #[test]
    fn words_end_at_spaces_and_quotes() {
        assert_eq!(
            words(r#"a  "b c" - "" d"e "f"g" "h\" i" "open j"#),
            ["a", "b c", "-", "", "d\"e", "f\"g", "h\\\" i", "open j"]
        );
        assert_eq!(words("  "), [""; 0]);
        let mut words = Words::new(b" [21/Nov] x");
        assert_eq!(words.bracketed(), Some(&b"21/Nov"[..]));
        assert_eq!(words.bracketed(), None);
        assert_eq!(words.next(), Some(&b"x"[..]));
    }

    #[test]
    fn ports_are_no_part_of_an_address_or_host() {
        for (text, address, host) in [
            ("192.0.2.1:80", "192.0.2.1", "192.0.2.1"),
            ("[2001:db8::1]:80", "2001:db8::1", "[2001:db8::1]"),
            ("2001:db8::1", "2001:db8::1", "2001"),
            ("shop.example", "shop.example", "shop.example"),
            ("-", "-", "-"),
            ("", "", ""),
            (":80", "", ""),
        ] {
            assert_eq!(without_port(text.as_bytes()), address.as_bytes(), "{text}");
            assert_eq!(host_alone(text.as_bytes()), host.as_bytes(), "{text}");
        }
        assert_eq!(url_host(b"https://shop.example:443/a"), Some(&b"shop.example"[..]));
        assert_eq!(url_host(b"http://[2001:db8::1]:80/"), Some(&b"[2001:db8::1]"[..]));
        assert_eq!(url_host(b"/a?u=http://x"), None);
    }

    #[test]
    fn percents_are_decoded_once() {
        let arena = Bump::new();
        for (text, decoded) in
            [("a%20b", "a b"), ("%2520", "%20"), ("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA")]
        {
            assert_eq!(percent_decoded(text.as_bytes(), &arena), decoded.as_bytes());
        }
    }

    #[test]
    fn seconds_since_the_epoch_have_ten_digits_and_millis_thirteen() {
        assert_eq!(epoch(b"1795269909.123"), Some((1_795_269_909, Some(123))));
        assert_eq!(epoch(b"1795269909"), Some((1_795_269_909, None)));
        assert_eq!(epoch(b"1795269909123"), Some((1_795_269_909, Some(123))));
        for text in ["", "179526990", "1795269909.", "1795269909.x", "9795269909", "-"] {
            assert_eq!(epoch(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_query_is_joined_where_there_is_one() {
        let arena = Bump::new();
        let join = |query: &'static str| joined(b"/a", query.as_bytes(), &arena);
        assert_eq!(
            [join("-"), join(""), join("b=1"), join("?b=1")],
            [&b"/a"[..], b"/a", b"/a?b=1", b"/a?b=1"]
        );
    }
}
