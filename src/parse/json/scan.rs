//! Goes through a JSON object once and tells each key and value in it, without making a tree.
//!
//! It takes what is not quite JSON too: what nginx writes where a variable is not in quotes and has no
//! value, or several (`"urt":,` `"urt":-` `"urt":0.001, 0.002`), and bytes that are not UTF-8.

use std::ops::Range;

use memchr::{memchr2, memchr3};

use crate::parse::keyed::Value;

/// Objects and arrays in one another, at most.
const DEPTH_MAX: usize = 16;

/// The longest path of keys that is told.
const PATH_BYTES_MAX: usize = 128;

/// What ended the scan before the end of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The line ended first.
    Cut,
    /// Something that is no JSON.
    Odd,
}

/// A value that was found.
#[derive(Clone, Debug)]
pub struct Found<'p, 'a> {
    /// The keys that lead to it, joined by points.
    pub path: &'p [u8],
    /// What it is.
    pub value: Value<'a>,
    /// Where it stands, with its quotes.
    pub place: Range<usize>,
}

/// Goes through an object, and calls `found` with each value in it.
/// Of an array the first value is told, under the path of the array. Tells what follows the object.
///
/// # Errors
///
/// What ended it early; what was found before that was told.
pub fn scan<'a>(text: &'a [u8], found: &mut impl FnMut(Found<'_, 'a>)) -> Result<&'a [u8], Fault> {
    let mut path = Path { bytes: [0; PATH_BYTES_MAX], length: 0 };
    let mut scanner = Scanner { rest: text, length: text.len(), is_quiet: false };
    scanner.object(&mut path, 0, found)?;
    Ok(scanner.rest)
}

/// Keys of objects in one another; one that is too long to be told is passed over.
struct Path {
    bytes: [u8; PATH_BYTES_MAX],
    length: usize,
}

impl Path {
    /// Adds a key, and tells how long the path was before.
    #[inline]
    fn push(&mut self, key: &[u8]) -> usize {
        let before = self.length;
        if before > 0 && before < PATH_BYTES_MAX {
            self.bytes[before] = b'.';
            self.length += 1;
        }
        match self.bytes.get_mut(self.length..self.length.saturating_add(key.len())) {
            Some(room) => room.copy_from_slice(key),
            None => self.length = PATH_BYTES_MAX + 1,
        }
        self.length = self.length.saturating_add(key.len());
        before
    }

    #[inline]
    fn get(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }
}

struct Scanner<'a> {
    rest: &'a [u8],
    /// How long all of it was.
    length: usize,
    /// Whether what is found is not told.
    is_quiet: bool,
}

impl<'a> Scanner<'a> {
    #[inline]
    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The next byte that is no space.
    #[inline]
    fn peek(&mut self) -> Result<u8, Fault> {
        self.skip_space();
        self.rest.first().copied().ok_or(Fault::Cut)
    }

    /// Where it is.
    #[inline]
    fn at(&self) -> usize {
        self.length - self.rest.len()
    }

    #[inline]
    fn pass(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn object(
        &mut self,
        path: &mut Path,
        depth: usize,
        found: &mut impl FnMut(Found<'_, 'a>),
    ) -> Result<(), Fault> {
        if depth >= DEPTH_MAX || self.peek()? != b'{' {
            return Err(Fault::Odd);
        }
        self.pass();
        loop {
            match self.peek()? {
                b'}' => {
                    self.pass();
                    return Ok(());
                }
                b',' => self.pass(),
                b'"' => {
                    let (key, _) = self.string()?;
                    if self.peek()? != b':' {
                        return Err(Fault::Odd);
                    }
                    self.pass();
                    let before = path.push(key);
                    self.value(path, depth, found)?;
                    path.length = before;
                }
                _ => return Err(Fault::Odd),
            }
        }
    }

    fn value(
        &mut self,
        path: &mut Path,
        depth: usize,
        found: &mut impl FnMut(Found<'_, 'a>),
    ) -> Result<(), Fault> {
        let first = self.peek()?;
        let start = self.at();
        let value = match first {
            b'"' => {
                let (text, has_escape) = self.string()?;
                if has_escape { Value::Escaped(text) } else { Value::Plain(text) }
            }
            b'{' => return self.object(path, depth + 1, found),
            b'[' => return self.array(path, depth + 1, found),
            _ => self.bare()?,
        };
        if !self.is_quiet
            && let Some(path) = path.get()
        {
            // What is bare is told without the spaces behind it.
            let end = match (first, value) {
                (b'"', _) => self.at(),
                (_, Value::Plain(text)) => start + text.len(),
                _ => self.at(),
            };
            found(Found { path, value, place: start..end });
        }
        Ok(())
    }

    fn array(
        &mut self,
        path: &mut Path,
        depth: usize,
        found: &mut impl FnMut(Found<'_, 'a>),
    ) -> Result<(), Fault> {
        if depth >= DEPTH_MAX {
            return Err(Fault::Odd);
        }
        self.pass();
        let mut is_first = true;
        loop {
            match self.peek()? {
                b']' => {
                    self.pass();
                    return Ok(());
                }
                b',' => self.pass(),
                // Nothing would be taken in.
                b'}' => return Err(Fault::Odd),
                _ if is_first => {
                    is_first = false;
                    self.value(path, depth, found)?;
                }
                _ => {
                    let was_quiet = std::mem::replace(&mut self.is_quiet, true);
                    self.value(path, depth, found)?;
                    self.is_quiet = was_quiet;
                }
            }
        }
    }

    /// What stands between quotes, and whether there is a backslash in it.
    #[inline]
    fn string(&mut self) -> Result<(&'a [u8], bool), Fault> {
        let text = &self.rest[1..];
        let (mut at, mut has_escape) = (0, false);
        loop {
            let found = memchr2(b'"', b'\\', text.get(at..).unwrap_or_default());
            let found = at + found.ok_or(Fault::Cut)?;
            if text[found] == b'"' {
                self.rest = &text[found + 1..];
                return Ok((&text[..found], has_escape));
            }
            has_escape = true;
            at = found + 2;
        }
    }

    /// A number, a word, or what stands in its place: up to the comma or bracket that ends it. A comma
    /// with no key behind it is one of a list of nginx's.
    fn bare(&mut self) -> Result<Value<'a>, Fault> {
        let text = self.rest;
        let mut at = 0;
        let end = loop {
            let rest = text.get(at..).unwrap_or_default();
            let found = at + memchr3(b',', b'}', b']', rest).ok_or(Fault::Cut)?;
            let behind = text[found + 1..].trim_ascii_start();
            let is_list = text[found] == b','
                && matches!(behind, [b'0'..=b'9' | b'-', ..])
                && matches!(text, [b'0'..=b'9' | b'-', ..]);
            if !is_list {
                break found;
            }
            at = found + 1;
        };
        self.rest = &text[end..];
        let value = text[..end].trim_ascii();
        if value.contains(&b'"') || value.contains(&b'{') {
            return Err(Fault::Odd);
        }
        Ok(match value {
            b"" | b"-" | b"null" | b"true" | b"false" => Value::Nothing,
            value => Value::Plain(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = (Vec<(String, Option<String>)>, Result<String, Fault>);

    fn told(line: &str) -> Told {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut all = Vec::new();
        let end = scan(line.as_bytes(), &mut |Found { path, value, place }| {
            assert!(place.end <= line.len());
            let value = match value {
                Value::Nothing => None,
                Value::Plain(plain) => Some(text(plain)),
                Value::Escaped(escaped) => Some(format!("\\{}", text(escaped))),
            };
            all.push((text(path), value));
        });
        (all, end.map(text))
    }

    fn pairs(line: &str) -> Vec<(String, Option<String>)> {
        let (pairs, end) = told(line);
        assert_eq!(end, Ok(String::new()), "{line}");
        pairs
    }

    fn pair(path: &str, value: &str) -> (String, Option<String>) {
        (path.to_string(), Some(value.to_string()))
    }

    #[test]
    fn keys_of_objects_in_objects_are_joined_and_arrays_give_their_first() {
        let found = pairs(r#"{"a":{"b":["x","y",{"c":1}],"d":[]}, "e" : 2.5e-3 ,"f":"\"q"}"#);
        let wanted = [pair("a.b", "x"), pair("e", "2.5e-3"), pair("f", r#"\\"q"#)];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_nginx_writes_without_quotes_is_taken() {
        let found = pairs(
            r#"{"a":,"b":-,"c": - ,"d":0.001, 0.002,"e":0.000 : 0.001,"f":-, 0.5,"g":404,"h":null}"#,
        );
        let nothing = |path: &str| (path.to_string(), None);
        let wanted = [
            nothing("a"),
            nothing("b"),
            nothing("c"),
            pair("d", "0.001, 0.002"),
            pair("e", "0.000 : 0.001"),
            pair("f", "-, 0.5"),
            pair("g", "404"),
            nothing("h"),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_cut_line_and_what_is_no_json_are_told_apart() {
        for line in
            ["{", "{\"a", "{\"a\":", "{\"a\":1", "{\"a\":\"b", "{\"a\":{\"b\":1}", "{\"a\":[\"b\""]
        {
            assert_eq!(told(line).1, Err(Fault::Cut), "{line}");
        }
        for line in ["[1]", "{a:1}", "{\"a\" 1}", "{\"a\":x\"y\"}", &"{\"a\":".repeat(17)] {
            assert_eq!(told(line).1, Err(Fault::Odd), "{line}");
        }
        assert_eq!(told("{\"a\":1} rest").1, Ok(" rest".to_string()));
    }

    #[test]
    fn a_path_that_is_too_long_is_passed_over() {
        let key = "k".repeat(200);
        let found = pairs(&format!(r#"{{"{key}":1,"a":{{"{key}":{{"b":2}},"c":3}}}}"#));
        assert_eq!(found, [pair("a.c", "3")]);
    }

    #[test]
    fn whatever_is_given_it_ends() {
        let line = br#"{"a":{"b":["x",-, 1]},"c":"\u00e9","d":0.1, 0.2}"#;
        for at in 0..line.len() {
            for byte in [b'"', b'\\', b'{', b'[', b']', b'}', b',', b':', 0, 0xff] {
                let mut odd = line.to_vec();
                odd[at] = byte;
                let _ = scan(&odd, &mut |_| {});
                let _ = scan(&odd[at..], &mut |_| {});
            }
        }
    }
}
