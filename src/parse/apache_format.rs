//! Apache's `LogFormat` strings, taken apart as `mod_log_config.c` does.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till, take_while1};
use nom::character::complete::char;
use nom::combinator::map;
use nom::multi::many0;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::compiled::{
    Calendar, Escape, Field, FormatError, Holds, Parts, Piece, PieceKind, Role, Shape,
};
use crate::record::Stamp;

/// `%400,501{User-Agent}i`, taken apart.
struct Directive<'a> {
    /// Whether a list of statuses says when it is written.
    is_conditional: bool,
    /// Whether `<` or `>` stands in it: which of two requests it is about.
    is_final: bool,
    /// What stands in its braces.
    parameter: Option<&'a [u8]>,
    /// What it writes.
    letter: &'a [u8],
}

/// A directive, or a text.
enum Token<'a> {
    Directive(Directive<'a>),
    Text(Vec<u8>),
}

/// Takes a format string as a person gives it: the text of the format, or as it stands in a
/// configuration, in quotes, with `LogFormat` before and a nickname behind.
///
/// # Errors
///
/// A directive that `mod_log_config` does not know; no end of braces; a time in a spelling that
/// cannot be read.
pub fn given(text: &str) -> Result<Parts, FormatError> {
    let text = text.trim();
    let (text, is_directive) = match text.strip_prefix("LogFormat") {
        Some(rest) => (rest.trim_start(), true),
        None => (text, false),
    };
    let text = match quoted(text) {
        Some((inner, rest)) if is_directive || rest.trim().is_empty() => inner,
        _ => text.replace("\\\"", "\""),
    };
    let mut parts = parts(text.as_bytes())?;
    // `%s` is the status before redirections within the server, where `%>s` is there too.
    let is_final = |field: &Field| field.role == Role::Status && field.name.contains('>');
    let mut statuses: Vec<&mut Field> = Vec::new();
    for piece in &mut parts.pieces {
        if let PieceKind::Field(field) = &mut piece.kind
            && field.role == Role::Status
        {
            statuses.push(field);
        }
    }
    if statuses.iter().any(|field| is_final(field)) {
        statuses.into_iter().filter(|field| !is_final(field)).for_each(|f| f.role = Role::Ignored);
    }
    Ok(parts)
}

/// What stands in the quotes that `text` begins with, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('"')?;
    let mut plain = String::new();
    let mut characters = rest.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((plain, &rest[at + 1..])),
            // Only the quote loses its backslash here (`ap_getword_conf`).
            '\\' if rest[at + 1..].starts_with('"') => {
                plain.push('"');
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    None
}

fn parts(text: &[u8]) -> Result<Parts, FormatError> {
    let fault = |reason: String, at: usize| FormatError { reason, format: text.to_vec(), at };
    let mut rest = text;
    let mut reading = Reading::default();
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        let Ok((after, token)) = token(rest) else {
            return Err(fault("a % that begins no directive".to_string(), at));
        };
        match token {
            Token::Text(text) => reading.literal(text, at),
            Token::Directive(directive) => {
                reading
                    .directive(&directive, &rest[..rest.len() - after.len()], at)
                    .map_err(|reason| fault(reason, at))?;
            }
        }
        rest = after;
    }
    let Reading { pieces, calendar, stamp } = reading;
    let stamp = stamp.unwrap_or(Stamp::Start);
    Ok(Parts {
        text: text.to_vec(),
        pieces: joined(pieces),
        escape: Escape::Apache,
        stamp,
        calendar,
    })
}

fn token(input: &[u8]) -> IResult<&[u8], Token<'_>> {
    let escaped = map(preceded(char('\\'), take(1_usize)), |byte: &[u8]| match byte {
        b"n" => b"\n".to_vec(),
        b"r" => b"\r".to_vec(),
        b"t" => b"\t".to_vec(),
        b"\\" | b"\"" => byte.to_vec(),
        _ => [b"\\", byte].concat(),
    });
    let percent = map(tag("%%"), |_| b"%".to_vec());
    let plain = map(take_while1(|byte| byte != b'%' && byte != b'\\'), <[u8]>::to_vec);
    let last = map(tag("\\"), <[u8]>::to_vec);
    let text = map(alt((plain, escaped, percent, last)), Token::Text);
    alt((text, map(directive, Token::Directive))).parse(input)
}

fn directive(input: &[u8]) -> IResult<&[u8], Directive<'_>> {
    // Modifiers and braces come in any order.
    enum Part<'a> {
        Condition,
        Which(bool),
        Parameter(&'a [u8]),
    }
    let statuses = take_while1(|byte: u8| byte.is_ascii_digit() || byte == b',' || byte == b'!');
    let parts = many0(alt((
        map(statuses, |_| Part::Condition),
        map(alt((char('<'), char('>'))), |which| Part::Which(which == '>')),
        map(delimited(char('{'), take_till(|byte| byte == b'}'), char('}')), Part::Parameter),
    )));
    let caret = preceded(tag("^"), take(2_usize));
    let (rest, (_, parts, letter)) =
        (char('%'), parts, alt((caret, take(1_usize)))).parse(input)?;
    let mut directive =
        Directive { is_conditional: false, is_final: false, parameter: None, letter };
    for part in parts {
        match part {
            Part::Condition => directive.is_conditional = true,
            Part::Which(is_final) => directive.is_final = is_final,
            Part::Parameter(parameter) => directive.parameter = Some(parameter),
        }
    }
    Ok((rest, directive))
}

/// What was read of a format string.
#[derive(Default)]
struct Reading {
    pieces: Vec<Piece>,
    calendar: Calendar,
    stamp: Option<Stamp>,
}

impl Reading {
    fn literal(&mut self, text: Vec<u8>, at: usize) {
        match self.pieces.last_mut().map(|piece| &mut piece.kind) {
            Some(PieceKind::Literal(before)) => before.extend(text),
            _ => self.pieces.push(Piece { kind: PieceKind::Literal(text), at }),
        }
    }

    fn field(&mut self, shape: Shape, role: Role, spelled: &[u8], at: usize) {
        let name = String::from_utf8_lossy(spelled).into_owned();
        self.pieces.push(Piece { kind: PieceKind::Field(Field { name, shape, role }), at });
    }

    fn directive(
        &mut self,
        directive: &Directive<'_>,
        spelled: &[u8],
        at: usize,
    ) -> Result<(), String> {
        if directive.letter == b"t" {
            return self.time(directive, spelled, at);
        }
        let (shape, role) = meaning(directive).ok_or_else(|| {
            format!("mod_log_config knows no {}", String::from_utf8_lossy(spelled))
        })?;
        // One that is written for some statuses only is `-` for all others.
        let shape = match shape {
            Shape::Text(Holds::Address) if directive.is_conditional => Shape::Text(Holds::Word),
            shape => shape,
        };
        self.field(shape, role, spelled, at);
        Ok(())
    }

    /// `%t`, `%{begin:%F}t`, `%{msec}t`.
    fn time(&mut self, directive: &Directive<'_>, spelled: &[u8], at: usize) -> Result<(), String> {
        let Some(parameter) = directive.parameter.filter(|parameter| !parameter.is_empty()) else {
            self.literal(b"[".to_vec(), at);
            self.field(Shape::ClfTime, Role::Time, spelled, at);
            self.literal(b"]".to_vec(), at);
            self.stamp.get_or_insert(Stamp::Start);
            return Ok(());
        };
        let parameter = String::from_utf8_lossy(parameter);
        let (stamp, spelling) = match parameter.split_once(':') {
            Some(("begin", spelling)) => (Stamp::Start, spelling),
            Some(("end", spelling)) => (Stamp::End, spelling),
            _ => (Stamp::Start, &*parameter),
        };
        if *self.stamp.get_or_insert(stamp) != stamp {
            return Err("the time is that of the end here and that of the begin elsewhere: leave one of them out".to_string());
        }
        let role = match spelling {
            "sec" => Role::TimeSeconds,
            "msec" => Role::TimeMillis,
            "usec" => Role::TimeMicros,
            "msec_frac" => Role::FractionMillis,
            "usec_frac" => Role::FractionMicros,
            _ => {
                self.calendar
                    .add(spelling)
                    .ok_or_else(|| format!("a time in the spelling '{spelling}' cannot be read"))?;
                self.field(Shape::Calendar, Role::TimePart, spelled, at);
                return Ok(());
            }
        };
        self.field(Shape::Digits, role, spelled, at);
        Ok(())
    }
}

/// What a directive writes, and what that says (`mod_log_config.c`, `mod_logio.c`, `mod_ssl.c`).
fn meaning(directive: &Directive<'_>) -> Option<(Shape, Role)> {
    use Holds::{Anything, Chain, Target, Word};
    use Shape::{Digits, Number, Protocol, Status, Text};
    let parameter = directive.parameter.map(|name| name.to_ascii_lowercase());
    let parameter = parameter.as_deref();
    Some(match directive.letter {
        b"a" if parameter == Some(b"c") => (Text(Word), Role::Peer),
        b"a" => (Text(Word), Role::Client(0)),
        b"h" if parameter == Some(b"c") => (Text(Word), Role::Peer),
        b"h" => (Text(Word), Role::Client(1)),
        b"H" => (Protocol, Role::Ignored),
        b"R" => (Text(Target), Role::Ignored),
        b"A" | b"l" | b"L" => (Text(Word), Role::Ignored),
        b"u" => (Text(Anything), Role::User),
        b"r" => (Text(Anything), Role::Request),
        b"m" => (Text(Word), Role::Method),
        // Decoded.
        b"U" => (Text(Anything), Role::Target(2)),
        b"q" => (Text(Target), Role::Query),
        b"f" => (Text(Anything), Role::Ignored),
        b"s" => (Status, Role::Status),
        b"b" => (Digits, Role::Bytes(0)),
        b"B" => (Digits, Role::Bytes(1)),
        b"O" => (Digits, Role::Bytes(2)),
        b"I" | b"S" | b"k" | b"p" | b"P" => (Digits, Role::Ignored),
        b"D" => (Digits, Role::Micros),
        b"T" => match parameter {
            Some(b"us") => (Digits, Role::Micros),
            Some(b"ms") => (Digits, Role::Millis),
            Some(b"s") | None => (Number, Role::Seconds),
            Some(_) => return None,
        },
        b"X" => (Text(Word), Role::Connection),
        b"v" => (Text(Word), Role::Host(0)),
        b"V" => (Text(Word), Role::Host(1)),
        b"i" => match parameter? {
            b"referer" => (Text(Anything), Role::Referer),
            b"user-agent" => (Text(Anything), Role::Agent),
            b"x-forwarded-for" => (Text(Chain), Role::Forwarded),
            b"host" => (Text(Word), Role::Host(2)),
            b"x-request-id" => (Text(Word), Role::RequestId(2)),
            b"x-real-ip" | b"cf-connecting-ip" | b"true-client-ip" => (Text(Word), Role::Client(5)),
            _ => (Text(Anything), Role::Ignored),
        },
        b"o" => match parameter? {
            b"location" => (Text(Anything), Role::Location),
            _ => (Text(Anything), Role::Ignored),
        },
        b"e" | b"n" => match parameter? {
            b"unique_id" => (Text(Word), Role::RequestId(0)),
            _ => (Text(Anything), Role::Ignored),
        },
        b"C" | b"ti" | b"to" | b"x" | b"c" => {
            parameter?;
            (Text(Anything), Role::Ignored)
        }
        _ => return None,
    })
}

/// Joins `%U%q`, which is a target with its query.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        if let PieceKind::Field(Field { role: Role::Query, name: query, .. }) = &piece.kind
            && let Some(PieceKind::Field(field)) = joined.last_mut().map(|last| &mut last.kind)
            && field.role == Role::Target(2)
        {
            field.name.push_str(query);
            continue;
        }
        joined.push(piece);
    }
    joined
}
