//! JSON as far as an envelope needs it: the members of an object, and text without its escapes.

use bumpalo::Bump;
use memchr::{memchr, memchr2};

/// The value of a member, as it is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string, between its quotes.
    Text(&'a [u8]),
    /// A string that the line ends in.
    Cut(&'a [u8]),
    /// Anything else.
    Other(&'a [u8]),
}

/// The members of an object, each a key as it is spelled and a value.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    rest: &'a [u8],
    /// What stands behind the object, once its end was seen.
    behind: Option<&'a [u8]>,
}

impl<'a> Members<'a> {
    /// Those of the object that `text` begins with; `None` where it begins with something else.
    pub fn new(text: &'a [u8]) -> Option<Members<'a>> {
        let rest = text.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
        let behind = rest.strip_prefix(b"}");
        Some(Members { rest: if behind.is_some() { b"" } else { rest }, behind })
    }

    /// What stands behind the object; `None` where that does not end as an object does.
    pub fn behind(mut self) -> Option<&'a [u8]> {
        self.by_ref().for_each(drop);
        self.behind
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        // Where something is wrong, nothing more comes.
        let (key, rest) = string(std::mem::take(&mut self.rest).strip_prefix(b"\"")?)?;
        let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let Some((value, rest)) = value(rest) else {
            let cut = rest.strip_prefix(b"\"")?;
            return Some((key, Value::Cut(cut)));
        };
        match rest.trim_ascii_start() {
            [b',', rest @ ..] => self.rest = rest.trim_ascii_start(),
            [b'}', behind @ ..] => self.behind = Some(behind),
            _ => {}
        }
        Some((key, value))
    }
}

/// What stands before the quote that ends a string, and behind it.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some((&text[..at], &text[at + 1..]));
        }
        at += 2;
    }
}

fn value(text: &[u8]) -> Option<(Value<'_>, &[u8])> {
    if let Some(text) = text.strip_prefix(b"\"") {
        let (text, rest) = string(text)?;
        return Some((Value::Text(text), rest));
    }
    let end = match text.first()? {
        b'{' | b'[' => nested(text)?,
        _ => text.iter().take_while(|byte| is_of_scalar(**byte)).count(),
    };
    (end > 0).then(|| (Value::Other(&text[..end]), &text[end..]))
}

fn is_of_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
}

/// Where the object or array ends that `text` begins with. Brackets are counted, however deep they
/// are; behind a string must stand what can stand there, so that a cut one is seen.
fn nested(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match text.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            b'"' => {
                let (_, rest) = string(&text[at + 1..])?;
                let next = rest.trim_ascii_start();
                if !matches!(next, [b':' | b',' | b'}' | b']', ..]) {
                    return None;
                }
                at = text.len() - next.len();
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// A string without its escapes (RFC 8259 §7). Half a surrogate pair becomes U+FFFD; an escape that
/// JSON does not have stays as it is spelled.
pub fn unescaped<'a>(spelled: &'a [u8], arena: &'a Bump) -> &'a [u8] {
    let Some(mut escape) = memchr(b'\\', spelled) else { return spelled };
    // No escape is shorter than what it stands for.
    let out = arena.alloc_slice_fill_copy(spelled.len(), 0);
    let mut filled = 0;
    let mut rest = spelled;
    let mut write = |bytes: &[u8]| {
        out[filled..filled + bytes.len()].copy_from_slice(bytes);
        filled += bytes.len();
    };
    loop {
        let (plain, from) = rest.split_at(escape);
        write(plain);
        let (character, bytes) = escaped(from);
        match character {
            Some(character) => write(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => write(&from[..bytes]),
        }
        rest = &from[bytes..];
        match memchr(b'\\', rest) {
            Some(at) => escape = at,
            None => break,
        }
    }
    write(rest);
    &out[..filled]
}

/// The character of the escape that `text` begins with, and how many bytes spell it.
fn escaped(text: &[u8]) -> (Option<char>, usize) {
    let simple = |character| (Some(character), 2);
    match text.get(1) {
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'/') => simple('/'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => match unit(text) {
            None => (None, 2),
            Some(high @ 0xD800..0xDC00) => match text.get(6..).and_then(unit) {
                Some(low @ 0xDC00..0xE000) => {
                    let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    (char::from_u32(code), 12)
                }
                _ => (Some(char::REPLACEMENT_CHARACTER), 6),
            },
            Some(code) => (Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)), 6),
        },
        Some(_) => (None, 2),
        None => (None, 1),
    }
}

/// `\u00e9`
fn unit(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = text else { return None };
    digits
        .first_chunk::<4>()?
        .iter()
        .try_fold(0, |unit, &digit| char::from(digit).to_digit(16).map(|digit| unit * 16 + digit))
}

/// The bytes of `[49,57,50]`: journald writes so what is no UTF-8, or has control characters
/// (`journalctl(1)`, systemd's "Journal JSON Format").
pub fn bytes<'a>(array: &[u8], arena: &'a Bump) -> Option<&'a [u8]> {
    let numbers = array.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let byte = |number: &[u8]| std::str::from_utf8(number.trim_ascii()).ok()?.parse::<u8>().ok();
    let bytes: Option<Vec<u8>> = numbers.split(|&byte| byte == b',').map(byte).collect();
    bytes.map(|bytes| &*arena.alloc_slice_copy(&bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_come_one_by_one() {
        let object = br#" { "a" : "x\"y", "b":{"c":["}",1]} ,"d":-1.5e3,"e":null}tail"#;
        let members = Members::new(object).unwrap();
        let found: Vec<_> = members.clone().collect();
        let wanted: [(&[u8], Value<'_>); 4] = [
            (b"a", Value::Text(br#"x\"y"#)),
            (b"b", Value::Other(br#"{"c":["}",1]}"#)),
            (b"d", Value::Other(b"-1.5e3")),
            (b"e", Value::Other(b"null")),
        ];
        assert_eq!(found, wanted);
        assert_eq!(members.behind(), Some(&b"tail"[..]));
        assert_eq!(Members::new(b"{}").unwrap().behind(), Some(&b""[..]));
    }

    #[test]
    fn what_is_cut_does_not_end() {
        for object in [
            &br#"{"#[..],
            br#"{"a"#,
            br#"{"a":"#,
            br#"{"a":1"#,
            br#"{"a":1,"#,
            br#"{"a":"x"#,
            br#"{"a":"x\"#,
            br#"{"a":{"b":1}"#,
            br#"{"a":{"b":"19{"a":1}}"#,
            br#"{"a":1{"a":1}"#,
        ] {
            let members = Members::new(object).unwrap();
            assert_eq!(members.behind(), None, "{}", object.escape_ascii());
        }
        let cut = Members::new(br#"{"a":"x\"y"#).unwrap().next();
        assert_eq!(cut, Some((&b"a"[..], Value::Cut(br#"x\"y"#))));
    }

    #[test]
    fn escapes_are_undone() {
        let arena = Bump::new();
        let read =
            |text: &str| String::from_utf8_lossy(unescaped(text.as_bytes(), &arena)).into_owned();
        assert_eq!(read("plain"), "plain");
        assert_eq!(read(r#"\"a\\b\/\n\t\u00e9\ud83d\ude00"#), "\"a\\b/\n\t\u{e9}\u{1f600}");
        assert_eq!(read(r"\ud83dx\udc00"), "\u{fffd}x\u{fffd}");
        assert_eq!(read(r"\ud83d\u0041"), "\u{fffd}A");
        assert_eq!(read(r"\x16\u12\"), r"\x16\u12\");
        assert_eq!(bytes(b"[49, 57,255]", &arena), Some(&b"19\xff"[..]));
        assert_eq!(bytes(b"[256]", &arena), None);
    }

    proptest! {
        #[test]
        fn undoing_gives_what_was_escaped(text in "[\\x00-\\x7f\u{e9}\u{1f600}]{0,40}") {
            let spelled = serde_json::to_string(&text).unwrap();
            let arena = Bump::new();
            let inner = &spelled.as_bytes()[1..spelled.len() - 1];
            prop_assert_eq!(unescaped(inner, &arena), text.as_bytes());
        }

        #[test]
        fn nothing_is_too_odd(text in prop::collection::vec(
            prop::sample::select(&b"{}[]\",:\\u0d8 a1"[..]), 0..60,
        )) {
            let arena = Bump::new();
            unescaped(&text, &arena);
            if let Some(members) = Members::new(&text) {
                for (_, value) in members {
                    if let Value::Other(array) = value {
                        bytes(array, &arena);
                    }
                }
            }
        }
    }
}
