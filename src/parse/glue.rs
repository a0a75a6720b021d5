//! Lines glued together: one that was cut has no newline, and the next stands right behind it.
//!
//! That is what a full disk, a crash, or a limit of a log driver leaves. A client must not be able to
//! make a line look so: what it sends stands between quotes, in which a server that escapes them
//! writes none.

use std::net::{Ipv4Addr, Ipv6Addr};

use memchr::memmem;

use super::envelope::Members;
use super::marks::Line;
use crate::record::Status;

/// Divides a line that was cut from what is glued to it; `None` for a line that is one.
#[inline]
pub fn split<'a, 'm>(line: Line<'a, 'm>) -> Option<(Line<'a, 'm>, Line<'a, 'm>)> {
    let at = match line.text.first()? {
        b'{' => second_object(line.text)?,
        _ => second_record(line)?,
    };
    let part = |range: std::ops::Range<usize>| line.trimmed(|text| &text[range.clone()]);
    Some((part(0..at), part(at..line.text.len())))
}

/// `[21/Nov/2026:14:05:09 +0000] `, before the quote that opens a request.
const STAMP_BYTES: usize = 29;

/// Where the second of two records of the common log family begins.
///
/// It is one only with all of it: an address, a hyphen, a user without spaces, a time, and a request
/// whose next quote has a status behind it. A field that a client chose ends with its own quote, which
/// has none, or has a quote before it. And the first record must be cut, or whole and without the
/// space that stands before every further field.
#[inline]
fn second_record(line: Line<'_, '_>) -> Option<usize> {
    let text = line.text;
    let is_opening = |quote: usize| text.get(..quote).is_some_and(|text| text.ends_with(b"] "));
    let mut quotes = line.quotes();
    quotes.find(|&quote| is_opening(quote))?;
    // Nearly every line has no second.
    if !quotes.clone().any(is_opening) {
        return None;
    }
    let mut bare = 1;
    // Whether a status stands behind the second quote.
    let mut is_whole = false;
    while let Some(quote) = quotes.next() {
        if is_opening(quote)
            && let Some(close) = quotes.clone().next()
            && has_status(&text[close + 1..])
            && let Some(start) = head_start(&text[..quote])
        {
            let is_open = bare % 2 == 1;
            let is_behind_space = text[..start].ends_with(b" ");
            if start > 0 && (is_open || !is_whole || !is_behind_space) {
                return Some(start);
            }
        }
        if !is_escaped(&text[..quote]) {
            bare += 1;
            is_whole |= bare == 2 && has_status(&text[quote + 1..]);
        }
    }
    None
}

/// ` 404 `
fn has_status(behind: &[u8]) -> bool {
    match behind {
        [b' ', a, b, c, b' ', ..] => Status::parse(&[*a, *b, *c]).is_some(),
        _ => false,
    }
}

/// Where `192.0.2.7 - ann [21/Nov/2026:14:05:09 +0000] ` begins that `text` ends with.
fn head_start(text: &[u8]) -> Option<usize> {
    let (text, stamp) = text.split_last_chunk::<STAMP_BYTES>()?;
    let [b'[', d1, d2, b'/', _, _, _, b'/', _, _, _, _, b':', .., b']', b' '] = stamp else {
        return None;
    };
    if !d1.is_ascii_digit() || !d2.is_ascii_digit() {
        return None;
    }
    let text = text.strip_suffix(b" ")?;
    let user = memchr::memrchr(b' ', text)?;
    let text = text[..user].strip_suffix(b" -")?;
    address_start(text)
}

/// Where the address begins that `text` ends with: the longest that is one.
fn address_start(text: &[u8]) -> Option<usize> {
    /// `2001:0db8:0000:0000:0000:0000:255.255.255.255`
    const ADDRESS_BYTES_MAX: usize = 45;
    let is_of_address = |byte: &&u8| byte.is_ascii_hexdigit() || b".:".contains(byte);
    let length = text.iter().rev().take(ADDRESS_BYTES_MAX).take_while(is_of_address).count();
    let from = text.len() - length;
    let is_address = |start: &usize| {
        let Ok(text) = std::str::from_utf8(&text[*start..]) else { return false };
        text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
    };
    (from..text.len()).find(is_address)
}

/// Whether an odd number of backslashes ends `text`.
fn is_escaped(text: &[u8]) -> bool {
    text.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// Where the second of two objects begins: the key that the first begins with stands again, and the
/// first is whole before it, or is not whole and the second is.
fn second_object(text: &[u8]) -> Option<usize> {
    /// So many places are looked at, so that no text takes long.
    const PLACES_MAX: usize = 3;
    /// A longer text may have so many seconds that to look for each takes long.
    const TEXT_BYTES_MAX: usize = 32 << 10;
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let key_end = 2 + memchr::memchr(b'"', text.strip_prefix(b"{\"")?)?;
    let (head, behind) = text.split_at(key_end + 1);
    let mut again = memmem::find_iter(behind, head).map(|at| key_end + 1 + at).peekable();
    // Nearly every line has no second.
    again.peek()?;
    if let Some(behind) = Members::new(text)?.behind() {
        let behind = behind.trim_ascii_start();
        return behind.starts_with(head).then_some(text.len() - behind.len());
    }
    // What stands there is within the first.
    let is_within = |at: &usize| matches!(text[..*at].last(), Some(b':' | b',' | b'['));
    again.take(PLACES_MAX).filter(|at| !is_within(at)).find(|&at| {
        let behind = Members::new(&text[at..]).and_then(Members::behind);
        behind.is_some_and(|behind| behind.trim_ascii().is_empty() || behind.starts_with(head))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Marks;

    /// The lines that one is made of.
    fn pieces(text: &str) -> Vec<String> {
        let mut marks = Marks::default();
        let mut rest = Some(marks.line(text.as_bytes()));
        let mut pieces = Vec::new();
        while let Some(line) = rest {
            let (piece, behind) = match split(line) {
                Some((piece, behind)) => (piece, Some(behind)),
                None => (line, None),
            };
            let quotes = piece.text.iter().enumerate().filter(|(_, byte)| **byte == b'"');
            assert!(piece.quotes().eq(quotes.map(|(at, _)| at)));
            pieces.push(String::from_utf8_lossy(piece.text).into_owned());
            rest = behind;
        }
        pieces
    }

    const FIRST: &str = r#"192.0.2.7 - ann [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "http://shop.example/" "curl/8.5.0""#;
    const SECOND: &str =
        r#"198.51.100.7 - - [21/Nov/2026:14:05:10 +0000] "GET /b HTTP/1.1" 200 5 "-" "x""#;

    #[test]
    fn a_line_is_divided_wherever_it_was_cut() {
        for second in [SECOND, &SECOND.replace("198.51.100.7", "2001:db8::7")] {
            for end in FIRST.find("] \"").unwrap() + 3..=FIRST.len() {
                let glued = [&FIRST[..end], second].concat();
                let found = pieces(&glued);
                let is_digit = FIRST[..end].ends_with(|c: char| c.is_ascii_hexdigit() || c == ':');
                // A hexadecimal digit before an IPv6 address may be one of it.
                if is_digit && second.contains("::") {
                    assert_eq!(found.len(), 2, "{glued}");
                    continue;
                }
                if FIRST[..end].ends_with("404 ") || FIRST[..end].ends_with("153 ") {
                    // It looks as if it went on.
                    continue;
                }
                if FIRST[..end].ends_with("http://shop.example/\" ") {
                    continue;
                }
                assert_eq!(found, [&FIRST[..end], second], "{glued}");
            }
        }
        let three = [&FIRST[..90], SECOND, FIRST].concat();
        assert_eq!(pieces(&three), [&FIRST[..90], SECOND, FIRST]);
    }

    #[test]
    fn what_a_client_sends_divides_no_line() {
        let head = "192.0.2.7 - - [21/Nov/2026:14:05:09 +0000]";
        let fake = "x198.51.100.7 - - [21/Nov/2026:14:05:10 +0000] ";
        for line in [
            format!(r#"{head} "GET /{fake}" 404 153 "-" "curl/8.5.0""#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "{fake}" "curl/8.5.0""#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "{fake}" "GET / HTTP/1.1\" 200 5""#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "-" "{fake}""#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "-" "{fake}\"GET / HTTP/1.1\" 200 5""#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "-" "{fake}" "203.0.113.9" 0.100"#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "{fake}" "{fake}" 200 5"#),
            format!(r#"{head} "GET / HTTP/1.1" 404 153 "-" "-" {SECOND}"#),
            format!(r#"192.0.2.7 - {fake}- {}"#, &head[16..]),
        ] {
            assert_eq!(pieces(&line).len(), 1, "{line}");
        }
    }

    #[test]
    fn objects_are_divided() {
        let whole =
            r#"{"level":"info","request":{"uri":"/a","headers":{"level":["x"]}},"status":404}"#;
        for end in 1..=whole.len() {
            let glued = [&whole[..end], whole].concat();
            let is_told = !whole[..end].ends_with([':', ',', '[']);
            if !whole[..end].starts_with(r#"{"level""#) || !is_told {
                continue;
            }
            assert_eq!(pieces(&glued), [&whole[..end], whole], "{glued}");
        }
        for line in [
            whole,
            r#"{"a":{"a":1},"b":[{"a":2}]}"#,
            r#"{"a":"{\"a\":1}","b":2}"#,
            r#"{"a":{"a":{"a""#,
            r#"{"a"#,
            "{",
        ] {
            assert_eq!(pieces(line), [line]);
        }
    }
}
