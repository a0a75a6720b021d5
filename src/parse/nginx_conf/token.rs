//! The words of an nginx configuration, as `ngx_conf_read_token` reads them (`ngx_conf_file.c`).

use std::cell::Cell;

use nom::branch::alt;
use nom::bytes::complete::{take_till, take_while1};
use nom::character::complete::char;
use nom::combinator::value;
use nom::multi::many0_count;
use nom::sequence::pair;
use nom::{IResult, Parser};

/// No word is longer: `NGX_CONF_BUFFER`.
const WORD_BYTES_MAX: usize = 4096;

/// What the words of a directive are followed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `;`
    Simple(Vec<Vec<u8>>),
    /// `{`
    Open(Vec<Vec<u8>>),
    /// `}` without words.
    Close,
    /// The end of the file.
    End,
}

/// A file being read.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a [u8],
    rest: &'a [u8],
    /// How far newlines were counted, and how many there were.
    counted: Cell<(usize, usize)>,
}

impl<'a> Tokens<'a> {
    /// Of a file with this text.
    pub fn new(text: &'a [u8]) -> Tokens<'a> {
        Tokens { text, rest: text, counted: Cell::new((0, 0)) }
    }

    /// The line in which the rest begins, from 1.
    pub fn line(&self) -> usize {
        let (from, before) = self.counted.get();
        let to = self.text.len() - self.rest.len();
        let newlines = before + memchr::memchr_iter(b'\n', &self.text[from..to]).count();
        self.counted.set((to, newlines));
        1 + newlines
    }

    /// Reads up to the end of the next directive, or of a block.
    ///
    /// # Errors
    ///
    /// What nginx says, without file and line: these are those of the rest.
    pub fn next(&mut self) -> Result<Statement, String> {
        let mut words = Vec::new();
        loop {
            let Ok((rest, _)) = blank(self.rest) else { return Ok(Statement::End) };
            self.rest = rest;
            let Some((&first, after)) = rest.split_first() else {
                return if words.is_empty() { Ok(Statement::End) } else { Err(ended()) };
            };
            match first {
                b';' | b'{' if words.is_empty() => return Err(unexpected(first)),
                b';' | b'{' => {
                    self.rest = after;
                    return Ok(statement(first, words));
                }
                b'}' if words.is_empty() => {
                    self.rest = after;
                    return Ok(Statement::Close);
                }
                b'}' => return Err(unexpected(first)),
                b'"' | b'\'' => words.push(self.quoted(first)?),
                _ => words.push(self.bare()?),
            }
        }
    }

    /// A word in quotes. Behind it stands a space or the end of the directive.
    fn quoted(&mut self, quote: u8) -> Result<Vec<u8>, String> {
        let Some((_, inner)) = self.rest.split_first() else { return Err(ended()) };
        let length = length(inner, |byte, _| byte == quote);
        if length.unwrap_or(inner.len()) >= WORD_BYTES_MAX {
            let quote = char::from(quote);
            return Err(format!(
                "too long parameter, probably missing terminating \"{quote}\" character"
            ));
        }
        let Some(length) = length else {
            self.rest = &[];
            return Err(ended());
        };
        self.rest = &inner[length + 1..];
        match self.rest.first() {
            None => Err(ended()),
            Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => {
                Ok(unescaped(&inner[..length]))
            }
            Some(other) => Err(unexpected(*other)),
        }
    }

    /// A word without quotes: `${` opens no block.
    fn bare(&mut self) -> Result<Vec<u8>, String> {
        let is_end = |byte: u8, before: Option<u8>| {
            is_space(byte) || byte == b';' || (byte == b'{' && before != Some(b'$'))
        };
        let length = length(self.rest, is_end);
        if length.unwrap_or(self.rest.len()) >= WORD_BYTES_MAX {
            let start = String::from_utf8_lossy(&self.rest[..10]);
            return Err(format!("too long parameter \"{start}...\" started"));
        }
        let Some(length) = length else {
            self.rest = &[];
            return Err(ended());
        };
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(unescaped(word))
    }

    /// Passes over a block that is not in this grammar, such as Lua: up to the brace that closes it.
    pub fn pass_foreign_block(&mut self) {
        let (mut depth, mut at) = (1_usize, 0);
        while let Some(&byte) = self.rest.get(at) {
            at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'"' | b'\'' => {
                    at += length(&self.rest[at..], |other, _| other == byte || other == b'\n')
                        .map_or(0, |length| length + 1);
                }
                b'-' if self.rest[at..].starts_with(b"-") => {
                    at += self.rest[at..].iter().take_while(|byte| **byte != b'\n').count();
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.rest = &self.rest[at..];
    }
}

/// How many bytes stand before the first that ends a word; a backslash protects the byte behind it.
fn length(text: &[u8], is_end: impl Fn(u8, Option<u8>) -> bool) -> Option<usize> {
    let mut before = None;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => {
                at += 2;
                before = None;
                continue;
            }
            // What a variable's brace opens goes on being a part of the variable.
            b'{' if before == Some(b'$') => {}
            _ if is_end(byte, before) => return Some(at),
            _ => before = Some(byte),
        }
        at += 1;
    }
    None
}

/// Spaces and comments. A comment begins where a word could, and nowhere else.
fn blank(input: &[u8]) -> IResult<&[u8], usize> {
    let comment = pair(char('#'), take_till(|byte| byte == b'\n'));
    let spaces = value((), take_while1(is_space));
    many0_count(alt((spaces, value((), comment)))).parse(input)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `\"`, `\'`, `\\`, `\t`, `\r` and `\n` are undone; any other backslash stays.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match (byte, after.first()) {
            (b'\\', Some(quote @ (b'"' | b'\'' | b'\\'))) => Some(*quote),
            (b'\\', Some(b't')) => Some(b'\t'),
            (b'\\', Some(b'r')) => Some(b'\r'),
            (b'\\', Some(b'n')) => Some(b'\n'),
            _ => None,
        };
        plain.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[1..] } else { after };
    }
    plain
}

fn statement(end: u8, words: Vec<Vec<u8>>) -> Statement {
    if end == b';' { Statement::Simple(words) } else { Statement::Open(words) }
}

fn unexpected(byte: u8) -> String {
    format!("unexpected \"{}\"", char::from(byte).escape_debug())
        .replace("\\\"", "\"")
        .replace("\\'", "'")
}

fn ended() -> String {
    "unexpected end of file, expecting \";\" or \"}\"".to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, String> {
        match Tokens::new(text.as_bytes()).next()? {
            Statement::Simple(words) | Statement::Open(words) => {
                Ok(words.into_iter().map(|word| String::from_utf8(word).unwrap()).collect())
            }
            Statement::Close => Ok(vec!["}".to_string()]),
            Statement::End => Ok(Vec::new()),
        }
    }

    #[test]
    fn words_are_read_as_nginx_reads_them() {
        for (text, wanted) in [
            ("a b;", vec!["a", "b"]),
            ("a#b c#;", vec!["a#b", "c#"]),
            ("# x\n a #y;\n b;", vec!["a", "b"]),
            (r#"a "b;{}#'c" 'd"e';"#, vec!["a", "b;{}#'c", "d\"e"]),
            (r#"a \"b 'it\'s' "\d\t\\";"#, vec!["a", "\"b", "it's", "\\d\t\\"]),
            ("a ${b}c d$ {", vec!["a", "${b}c", "d$"]),
            ("a b\\;c;", vec!["a", "b\\;c"]),
            ("a\n'b\nc';", vec!["a", "b\nc"]),
            ("if ($a = 'b') {", vec!["if", "($a", "=", "b", ")"]),
            ("} x", vec!["}"]),
            (" # nothing", vec![]),
        ] {
            let wanted = wanted.into_iter().map(str::to_string).collect::<Vec<_>>();
            assert_eq!(words(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn faults_are_those_of_nginx() {
        let end = "unexpected end of file, expecting \";\" or \"}\"";
        for (text, wanted) in [
            ("a 'b''c';", "unexpected \"'\""),
            ("a 'b'\"c\";", "unexpected \"\"\""),
            (";", "unexpected \";\""),
            ("{", "unexpected \"{\""),
            ("a }", "unexpected \"}\""),
            ("a b", end),
            ("a 'b", end),
            ("a", end),
        ] {
            assert_eq!(words(text), Err(wanted.to_string()), "{text}");
        }
        let long = format!("a '{};", "x".repeat(5_000));
        assert!(words(&long).unwrap_err().starts_with("too long parameter, probably missing"));
    }

    #[test]
    fn a_block_in_another_language_is_passed_over() {
        let text = b"x { if a then b = '}' end -- }\n local t = {1} } y;";
        let mut tokens = Tokens::new(text);
        assert!(matches!(tokens.next(), Ok(Statement::Open(_))));
        tokens.pass_foreign_block();
        assert_eq!(tokens.next(), Ok(Statement::Simple(vec![b"y".to_vec()])));
    }
}
