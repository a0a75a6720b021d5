//! The family of the common log format: what its members share, and what tells them apart.
//!
//! A line of it is `client ident user [time] "request" status bytes`, with a virtual host before
//! it in some, and more fields after it in most. Nothing is found by counting spaces: the user name
//! is the client's to choose and may hold spaces and brackets, and the request line may hold
//! anything. The anchors are the bracket and quote `] "` between time and request, which no escaped
//! field can hold, and `" 404 153` behind the request.

use memchr::{memchr, memchr_iter, memrchr};
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::field;
use crate::clock::Clock;
use crate::record::{Record, Request, Skip, Status};

/// What a line has before and after the fields that all members share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whether a virtual host stands before the client.
    pub vhost: bool,
    /// What stands after the bytes.
    pub tail: Tail,
}

/// What stands after the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    Nothing,
    /// Referer and user agent.
    Agent,
    /// Referer, user agent and one more field in quotes.
    AgentAndQuoted,
    /// Referer, user agent and anything else.
    AgentAndMore,
    /// Anything else, a cut referer or user agent among it.
    Other,
}

/// Reads a line that has one of these shapes.
///
/// # Errors
///
/// [`Skip::NoFormat`] where it has another, and what is wrong with it where it is of no shape.
pub fn parse<'a>(line: &'a [u8], clock: &mut Clock, shapes: &[Shape]) -> Result<Record<'a>, Skip> {
    match parse_any(line, clock)? {
        (record, shape) if shapes.contains(&shape) => Ok(record),
        _ => Err(Skip::NoFormat),
    }
}

/// Reads a line of any shape.
pub fn parse_any<'a>(line: &'a [u8], clock: &mut Clock) -> Result<(Record<'a>, Shape), Skip> {
    let stamp = find_stamp(line, clock)?;
    let Some(head) = read_head(line[..stamp.bracket].trim_ascii_end()) else {
        return Err(Skip::NoFormat);
    };
    let body = &line[stamp.quote + 1..];
    let Some((close, status, bytes, rest)) = find_status(body) else {
        return Err(without_status(body));
    };
    let mut record = Record {
        time: stamp.time,
        status,
        bytes,
        client: head.client,
        host: head.host,
        user: head.user,
        request: Request::new(&body[..close]),
        referer: None,
        agent: None,
        forwarded: None,
        latency_millis: None,
    };
    let tail = read_tail(rest, &mut record);
    Ok((record, Shape { vhost: head.host.is_some(), tail }))
}

struct Stamp {
    time: u32,
    /// Where the bracket before it stands.
    bracket: usize,
    /// Where the quote that opens the request stands.
    quote: usize,
}

/// The time is what stands in the brackets right before the quote that opens the request. The
/// first place of that kind counts: no user name can hold a bare quote.
fn find_stamp(line: &[u8], clock: &mut Clock) -> Result<Stamp, Skip> {
    /// `[2026-11-21T14:05:09.123456789+00:00` and some room.
    const BRACKET_BYTES_MAX: usize = 48;
    let mut had_brackets = false;
    for quote in memchr_iter(b'"', line) {
        let Some(text) = line[..quote].strip_suffix(b"] ") else { continue };
        let from = text.len().saturating_sub(BRACKET_BYTES_MAX);
        let Some(bracket) = memrchr(b'[', &text[from..]).map(|at| from + at) else { continue };
        if let Some(time) = clock.read(&text[bracket + 1..]) {
            return Ok(Stamp { time, bracket, quote });
        }
        had_brackets = true;
    }
    Err(if had_brackets { Skip::BadTime } else { without_stamp(line) })
}

/// A line without time and request: one that was cut before them, or none of ours.
fn without_stamp(line: &[u8]) -> Skip {
    let begins_so = memchr(b' ', line).is_some_and(|space| is_address(&line[..space]));
    let is_short = match memrchr(b'[', line) {
        Some(bracket) => line.len() - bracket <= b"[21/Nov/2026:14:05:09 +0000] ".len(),
        None => line.iter().filter(|&&byte| byte == b' ').count() <= 3,
    };
    if begins_so && is_short { Skip::Cut } else { binary_or_no_format(line) }
}

/// A line with a time and an open request, but without a status.
fn without_status(body: &[u8]) -> Skip {
    match memrchr(b'"', body) {
        None => Skip::Cut,
        Some(quote) if body.len() - quote <= b"\" 40".len() => Skip::Cut,
        Some(_) => binary_or_no_format(body),
    }
}

fn binary_or_no_format(line: &[u8]) -> Skip {
    let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
    let is_text = !line.iter().any(is_control) && std::str::from_utf8(line).is_ok();
    if is_text { Skip::NoFormat } else { Skip::Binary }
}

struct Head<'a> {
    host: Option<&'a [u8]>,
    client: &'a [u8],
    user: Option<&'a [u8]>,
}

/// `client ident user`, or `host client ident user`. Ident and user may be missing.
fn read_head(text: &[u8]) -> Option<Head<'_>> {
    let (rest, first) = field::token(text).ok()?;
    let (after_second, second) = opt(next_token).parse(rest).ok()?;
    let (host, client, rest) = match second {
        Some(second) if is_vhost(first, second) => {
            (Some(without_port(first)), second, after_second)
        }
        _ => (None, first.strip_suffix(b",").unwrap_or(first), rest),
    };
    let (rest, _ident) = opt(next_token).parse(rest).ok()?;
    let user = match rest {
        [] | [b' '] | b" -" => None,
        [b' ', user @ ..] => Some(if user == b"\"\"" { b"" } else { user }),
        user => Some(user),
    };
    Some(Head { host, client, user })
}

fn next_token(input: &[u8]) -> IResult<&[u8], &[u8]> {
    preceded(char(' '), field::token).parse(input)
}

/// Whether the first word is a virtual host and the second the client: the first is no address and
/// the second is one, or the first ends in a port (Debian writes `%v:%p`) and the second is not
/// the hyphen that stands where nobody runs identd.
fn is_vhost(first: &[u8], second: &[u8]) -> bool {
    if is_address(first) || first.ends_with(b",") {
        return false;
    }
    is_address(second) || (second != b"-" && without_port(first).len() < first.len())
}

/// Whether `text` reads like an IPv4 or IPv6 address. Cheap, and good enough to tell a host from
/// a client; it does not count groups.
fn is_address(text: &[u8]) -> bool {
    let dots = text.iter().filter(|&&byte| byte == b'.').count();
    let colons = text.iter().filter(|&&byte| byte == b':').count();
    let of_address = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    match colons {
        0 => dots == 3 && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'),
        1 => false,
        _ => text.iter().all(of_address),
    }
}

fn without_port(host: &[u8]) -> &[u8] {
    match memrchr(b':', host) {
        Some(colon) if colon + 1 < host.len() => {
            let is_port = host[colon + 1..].iter().all(u8::is_ascii_digit);
            if is_port { &host[..colon] } else { host }
        }
        _ => host,
    }
}

/// Where the request's closing quote stands, the status and bytes behind it, and the rest.
///
/// The first bare quote with a status and bytes behind it closes the request. Only where there is
/// none may it be an escaped quote (a server that does not escape backslashes), and only then may
/// the bytes be missing.
fn find_status(body: &[u8]) -> Option<(usize, Status, u64, &[u8])> {
    let whole = |quote: usize| {
        let (rest, (status, bytes)) = field::status_and_bytes(&body[quote + 1..]).ok()?;
        Some((quote, status, bytes, rest))
    };
    let alone = |quote: usize| {
        let (rest, status) = field::status_alone(&body[quote + 1..]).ok()?;
        Some((quote, status, 0, rest))
    };
    let bare = |quote: &usize| !field::is_escaped(body, *quote);
    memchr_iter(b'"', body)
        .filter(bare)
        .find_map(whole)
        .or_else(|| memchr_iter(b'"', body).find_map(whole))
        .or_else(|| memchr_iter(b'"', body).filter(bare).find_map(alone))
}

/// Reads what stands after the bytes. Nothing there can make the line no record.
fn read_tail<'a>(rest: &'a [u8], record: &mut Record<'a>) -> Tail {
    if rest.is_empty() {
        return Tail::Nothing;
    }
    let Ok((rest, (referer, agent))) = (next_quoted, next_quoted).parse(rest) else {
        record.latency_millis = latency(rest);
        return Tail::Other;
    };
    record.referer = unless_hyphen(referer);
    record.agent = unless_hyphen(agent);
    if rest.is_empty() {
        return Tail::Agent;
    }
    if let Ok(([], forwarded)) = next_quoted(rest) {
        record.forwarded = unless_hyphen(forwarded);
        return Tail::AgentAndQuoted;
    }
    record.latency_millis = latency(rest);
    Tail::AgentAndMore
}

fn next_quoted(input: &[u8]) -> IResult<&[u8], &[u8]> {
    preceded(char(' '), field::quoted).parse(input)
}

fn unless_hyphen(text: &[u8]) -> Option<&[u8]> {
    (text != b"-").then_some(text)
}

/// The request time: from a field with a label, else from a last field of the form `s.mmm`, as
/// nginx writes `$request_time`.
fn latency(rest: &[u8]) -> Option<u64> {
    const LABELS: [&[u8]; 2] = [b"rt=", b"request_time="];
    let fields = || rest.split(|&byte| byte == b' ');
    let labelled = fields().find_map(|field| {
        let value = LABELS.iter().find_map(|label| field.strip_prefix(*label))?;
        field::seconds(trim_marks(value))
    });
    labelled.or_else(|| {
        let last = trim_marks(fields().next_back()?);
        let dot = memrchr(b'.', last)?;
        if last.len() - dot == b".123".len() { field::seconds(last) } else { None }
    })
}

/// Without the quotes around it and the comma or semicolon behind it.
fn trim_marks(mut text: &[u8]) -> &[u8] {
    while let [b'"', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b'"' | b',' | b';'] = text {
        text = rest;
    }
    text
}
