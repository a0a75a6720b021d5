//! The family of the common log format: what its members share, and what tells them apart.
//!
//! A line of it is `client ident user [time] "request" status bytes`, with a virtual host before
//! it in some, and more fields after it in most. Nothing is found by counting spaces: the user name
//! is the client's to choose and may hold spaces and brackets, and the request line may hold
//! anything. The anchors are the bracket and quote `] "` between time and request, which no escaped
//! field can hold, and `" 404 153` behind the request.

use memchr::{memchr, memrchr};
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::field;
use super::marks::{Line, Unread};
use crate::clock::{CLF_BYTES, Clock};
use crate::options::LINE_BYTES_MAX;
use crate::record::{Extra, Record, Request, Skip, Status};

/// What a line has before and after the fields that all members share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whether a virtual host stands before the client.
    pub vhost: bool,
    /// What stands after the bytes.
    pub tail: Tail,
}

impl Shape {
    const fn bit(self) -> u32 {
        1 << (self.tail as u32 * 2 + self.vhost as u32)
    }
}

/// Some shapes.
#[derive(Clone, Copy, Debug)]
pub struct Shapes(u32);

impl Shapes {
    /// Those in `shapes`.
    pub const fn new(shapes: &[Shape]) -> Shapes {
        let (mut bits, mut at) = (0, 0);
        while at < shapes.len() {
            bits |= shapes[at].bit();
            at += 1;
        }
        Shapes(bits)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and `others`.
    pub fn or(self, others: Shapes) -> Shapes {
        Shapes(self.0 | others.0)
    }

    /// Whether `shape` is among them.
    #[inline]
    pub fn has(self, shape: Shape) -> bool {
        self.0 & shape.bit() != 0
    }
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

/// Reads a line, whatever its shape.
///
/// # Errors
///
/// What is wrong with it.
pub fn parse<'a>(line: Line<'a, '_>, clock: &mut Clock) -> Result<(Record<'a>, Shape), Skip> {
    let text = line.text;
    let mut quotes = line.quotes();
    let stamp = find_stamp(text, &mut quotes, clock)?;
    // One space stands before the bracket; another is the end of a user name.
    let head = &text[..stamp.bracket];
    let Some(head) = read_head(head.strip_suffix(b" ").unwrap_or(head)) else {
        return Err(Skip::NoFormat);
    };
    let open = stamp.quote + 1;
    let Some(close) = find_status(text, open, quotes) else {
        return Err(without_status(&text[open..]));
    };
    let mut record = Record {
        time: stamp.time,
        status: close.status,
        bytes: close.bytes,
        client: head.client,
        host: head.host,
        user: head.user,
        request: Request::new(&text[open..close.quote]),
        referer: None,
        agent: None,
        forwarded: None,
        latency_millis: None,
        extra: Extra::NONE,
    };
    let mut quotes = line.quotes();
    quotes.find(|&quote| quote == close.quote);
    let tail = read_tail(text, close.rest, quotes, &mut record);
    Ok((record, Shape { vhost: head.host.is_some(), tail }))
}

/// Takes the first of some lines and reads it, if it is as servers write nearly all of them:
/// `address - - [time] "request" 404 153`, and then nothing, or two or three fields in quotes
/// without a quote in them, or two such fields and more without quotes. What it reads it reads as
/// [`parse`] does; `None` says nothing about the line, and leaves it there.
///
/// Each mark may be a quote or a newline. That it is the right one shows where its neighbours are
/// looked at.
#[inline(always)]
pub fn parse_usual<'a>(
    lines: &mut Unread<'a, '_>,
    clock: &mut Clock,
    shapes: Shapes,
) -> Option<Record<'a>> {
    let (window, start) = (lines.window(), lines.start());
    let is_newline = |at: usize| window.get(at) == Some(&b'\n');
    if let Some(marks) = lines.first()
        && let [open, close, a, b, c, d, newline] = marks
        && is_newline(newline)
    {
        let mut fields = two_fields(window, a, b, c, d)?;
        let tail = match window[d + 1..newline] {
            [] => Tail::Agent,
            // What is around a line is trimmed elsewhere.
            [b' ', .., b'\r' | 0] => return None,
            [b' ', ..] => {
                fields.latency_millis = latency(&window[d + 1..newline]);
                Tail::AgentAndMore
            }
            _ => return None,
        };
        let record =
            usual(window, [start, open, close, a - 1, newline], tail, fields, clock, shapes)?;
        lines.pass(marks);
        return Some(record);
    }
    if let Some(marks) = lines.first()
        && let [open, close, a, b, c, d, e, f, newline] = marks
        && is_newline(newline)
        && newline == f + 1
    {
        let mut fields = two_fields(window, a, b, c, d)?;
        fields.forwarded = unless_hyphen(field_between(window, d, e, f)?);
        let places = [start, open, close, a - 1, newline];
        let record = usual(window, places, Tail::AgentAndQuoted, fields, clock, shapes)?;
        lines.pass(marks);
        return Some(record);
    }
    let marks = lines.first()?;
    let [open, close, newline] = marks;
    if !is_newline(newline) {
        return None;
    }
    let places = [start, open, close, newline, newline];
    let record = usual(window, places, Tail::Nothing, Fields::default(), clock, shapes)?;
    lines.pass(marks);
    Some(record)
}

/// What stands behind the bytes of a usual line.
#[derive(Default)]
struct Fields<'a> {
    referer: Option<&'a [u8]>,
    agent: Option<&'a [u8]>,
    forwarded: Option<&'a [u8]>,
    latency_millis: Option<u64>,
}

/// Referer and user agent, out of the marks around them.
#[inline(always)]
fn two_fields(window: &[u8], a: usize, b: usize, c: usize, d: usize) -> Option<Fields<'_>> {
    let referer = window.get(a + 1..b)?;
    // A quote stands at `a` and a space before it.
    let [b' ', b'"'] = *chunk::<2>(window, a - 1)? else { return None };
    let agent = field_between(window, b, c, d)?;
    let (referer, agent) = (unless_hyphen(referer), unless_hyphen(agent));
    Some(Fields { referer, agent, ..Fields::default() })
}

/// The field between `open` and `close`, where `before` closes the field before it, and neither
/// field ends in a backslash.
#[inline(always)]
fn field_between(window: &[u8], before: usize, open: usize, close: usize) -> Option<&[u8]> {
    let [end, b'"', b' ', b'"'] = *chunk::<4>(window, before.wrapping_sub(1))? else {
        return None;
    };
    let field = window.get(open + 1..close)?;
    let [last, b'"'] = *chunk::<2>(window, close - 1)? else { return None };
    (open == before + 2 && end != b'\\' && last != b'\\').then_some(field)
}

/// The bytes at a place.
#[inline(always)]
fn chunk<const N: usize>(window: &[u8], at: usize) -> Option<&[u8; N]> {
    window.get(at..)?.first_chunk()
}

/// Reads a usual line from `start` to `newline`, with the request between `open` and `close`, and its
/// bytes up to `bytes_end`.
#[inline(always)]
fn usual<'a>(
    window: &'a [u8],
    [start, open, close, bytes_end, newline]: [usize; 5],
    tail: Tail,
    fields: Fields<'a>,
    clock: &mut Clock,
    shapes: Shapes,
) -> Option<Record<'a>> {
    const STAMP: usize = b" - - [".len() + CLF_BYTES + b"] ".len();
    let (client, stamp) = window.get(start..open)?.split_last_chunk::<STAMP>()?;
    let (before, stamp) = stamp.split_first_chunk::<6>()?;
    let (stamp, after) = stamp.split_first_chunk::<CLF_BYTES>()?;
    if *before != *b" - - [" || *after != *b"] " || !is_usual_client(client) {
        return None;
    }
    let time = clock.read_clf(stamp)?;
    let request = Request::usual(window.get(open..=close)?)?;
    let (status, bytes) = usual_status_and_bytes(window, close, bytes_end)?;
    let is_of_length = newline - start <= LINE_BYTES_MAX;
    if !shapes.has(Shape { vhost: false, tail }) || !is_of_length {
        return None;
    }
    let Fields { referer, agent, forwarded, latency_millis } = fields;
    Some(Record {
        time,
        status,
        bytes,
        client,
        host: None,
        user: None,
        request,
        referer,
        agent,
        forwarded,
        latency_millis,
        extra: Extra::NONE,
    })
}

/// `" 404 153` at `close`, where the bytes end at `end`.
#[inline(always)]
fn usual_status_and_bytes(window: &[u8], close: usize, end: usize) -> Option<(Status, u64)> {
    let [b'"', b' ', a, b, c, b' ', ..] = *chunk::<8>(window, close)? else { return None };
    let status = Status::parse(&[a, b, c])?;
    let length = end.wrapping_sub(close + 6);
    let number = match length {
        // Eight bytes are looked at at once, those before the number as if they were zeros.
        1..=8 => field::short_number(*chunk::<8>(window, end - 8)?, length),
        _ => None,
    };
    let number = match number {
        Some(number) => number,
        None => field::usual_bytes(window.get(close + 6..end)?)?,
    };
    Some((status, number))
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
fn find_stamp(
    line: &[u8],
    quotes: &mut impl Iterator<Item = usize>,
    clock: &mut Clock,
) -> Result<Stamp, Skip> {
    /// `[2026-11-21T14:05:09.123456789+00:00` and some room.
    const BRACKET_BYTES_MAX: usize = 48;
    let mut had_time = false;
    for quote in quotes {
        let Some(text) = line[..quote].strip_suffix(b"] ") else { continue };
        let from = text.len().saturating_sub(BRACKET_BYTES_MAX);
        let usual = text.len().wrapping_sub(b"[21/Nov/2026:14:05:09 +0000".len());
        // No time holds a bracket: where one stands in the usual place, its bracket is the last.
        if text.get(usual) == Some(&b'[')
            && let Some(time) = clock.read(&text[usual + 1..])
        {
            return Ok(Stamp { time, bracket: usual, quote });
        }
        let Some(bracket) = memrchr(b'[', &text[from..]).map(|at| from + at) else { continue };
        if let Some(time) = clock.read(&text[bracket + 1..]) {
            return Ok(Stamp { time, bracket, quote });
        }
        had_time |= text[bracket + 1..].first().is_some_and(u8::is_ascii_digit);
    }
    Err(if had_time { Skip::BadTime } else { without_stamp(line) })
}

/// A line without time and request: one that was cut before them, or none of ours.
fn without_stamp(line: &[u8]) -> Skip {
    let begins_so = memchr(b' ', line).is_some_and(|space| is_address(&line[..space]));
    let is_short = match memrchr(b'[', line) {
        Some(bracket) => line.len() - bracket <= b"[21/Nov/2026:14:05:09 +0000] ".len(),
        None => line.iter().filter(|&&byte| byte == b' ').count() <= 3,
    };
    if begins_so && is_short { Skip::Cut } else { Skip::NoFormat }
}

/// A line with a time and an open request, but without a status.
fn without_status(body: &[u8]) -> Skip {
    match memrchr(b'"', body) {
        None => Skip::Cut,
        Some(quote) if body.len() - quote <= b"\" 40".len() => Skip::Cut,
        Some(_) => Skip::NoFormat,
    }
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
    let (rest, ident) = opt(next_token).parse(rest).ok()?;
    let is_bare = ident == Some(b"-") || (ident.is_none() && rest.trim_ascii().is_empty());
    let is_client = is_address(client) || (is_bare && is_client_name(client));
    if !is_client {
        return None;
    }
    let user = match rest.strip_prefix(b" ").unwrap_or(rest) {
        b"" | b"-" => None,
        b"\"\"" => Some(&b""[..]),
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
    if second == b"-" || is_address(first) || first.ends_with(b",") {
        return false;
    }
    let host = without_port(first);
    // A colon that is not before a port is that of a time or of a file's name (syslog, grep).
    let is_name = host.starts_with(b"[") || !host.contains(&b':');
    is_name && (is_address(second) || (host.len() < first.len() && is_client_name(second)))
}

/// Whether `text` can be a client that is no address: a name from reverse DNS, with or without a
/// port, a hyphen, or nginx's `unix:`. Anything else before a time is an envelope (syslog, CRI,
/// docker compose), whose first word is not the client.
fn is_client_name(text: &[u8]) -> bool {
    let name = without_port(text);
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    text == b"unix:" || (!name.is_empty() && name.iter().all(is_of_name))
}

/// Whether `text` reads like an IPv4 or IPv6 address. Cheap, and good enough to tell a host from
/// a client; it does not count groups.
fn is_address(text: &[u8]) -> bool {
    if is_plain_address(text) {
        return true;
    }
    // `fe80::1%eth0`: what follows the percent sign names an interface (RFC 4007 §11).
    let percent = memchr(b'%', text).filter(|&at| text[..at].contains(&b':'));
    percent.is_some_and(|at| is_plain_address(&text[..at]))
}

/// Whether the client of `client - - [time]` is one beyond doubt: without a colon any run of digits
/// and dots is (see [`is_client_name`]), and with several any of hexadecimal digits too.
#[inline(always)]
fn is_usual_client(text: &[u8]) -> bool {
    is_of_digits_and_dots(text) || is_other_address(text)
}

/// Of 8 to 16 bytes, all of them digits and dots.
#[inline(always)]
fn is_of_digits_and_dots(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return false;
    };
    let is_fit = |bytes: &[u8; 8]| {
        let bytes = u64::from_le_bytes(*bytes);
        bytes_no_digit(bytes) & !bytes_equal(bytes, b'.') == 0
    };
    text.len() <= 16 && is_fit(first) && is_fit(last)
}

/// Whether it is an address without an interface: of digits, letters, dots and colons.
#[inline]
fn is_plain_address(text: &[u8]) -> bool {
    is_ipv4(text) || is_other_address(text)
}

/// Four groups of digits, that is digits and three dots. Eight bytes are looked at at once.
#[inline]
fn is_ipv4(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        let is_fit = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        return is_fit && text.iter().filter(|&&byte| byte == b'.').count() == 3;
    };
    let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    let (first_dots, last_dots) = (bytes_equal(first, b'.'), bytes_equal(last, b'.'));
    // The last eight bytes overlap the first ones, whose dots are not to be counted twice.
    let fresh = (text.len() - 8).min(8) as u32 * 8;
    let last_dots_fresh = last_dots.checked_shr(64 - fresh).unwrap_or(0);
    text.len() <= b"255.255.255.255".len()
        && bytes_no_digit(first) == first_dots
        && bytes_no_digit(last) == last_dots
        && first_dots.count_ones() + last_dots_fresh.count_ones() == 3
}

const LOW_BITS: u64 = u64::from_ne_bytes([0x7f; 8]);

/// The upmost bit of each byte that is `wanted`.
fn bytes_equal(bytes: u64, wanted: u8) -> u64 {
    let differing = bytes ^ u64::from_ne_bytes([wanted; 8]);
    !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS)
}

/// The upmost bit of each byte that is no digit.
fn bytes_no_digit(bytes: u64) -> u64 {
    // Digits become 0 to 9, and all others more: 127 - 9 more lifts these alone to the upmost bit.
    let values = bytes ^ u64::from_ne_bytes([b'0'; 8]);
    (((values & LOW_BITS) + u64::from_ne_bytes([127 - 9; 8])) | values) & !LOW_BITS
}

fn is_other_address(text: &[u8]) -> bool {
    const DOT: u32 = 1;
    const COLON: u32 = 1 << 8;
    const LETTER: u32 = 1 << 16;
    const OTHER: u32 = 1 << 24;
    /// What each byte adds: no address is so long that a sum runs over.
    const WEIGHTS: [u32; 256] = {
        let mut weights = [OTHER; 256];
        let mut byte = 0;
        while byte < 256 {
            weights[byte] = match byte as u8 {
                b'0'..=b'9' => 0,
                b'.' => DOT,
                b':' => COLON,
                b'a'..=b'f' | b'A'..=b'F' => LETTER,
                _ => OTHER,
            };
            byte += 1;
        }
        weights
    };
    let sum = text.iter().take(45).fold(0, |sum, &byte| sum + WEIGHTS[usize::from(byte)]);
    if sum >= OTHER || text.len() > 45 {
        return false;
    }
    let (dots, colons) = (sum & 255, sum >> 8 & 255);
    if colons == 0 { dots == 3 && sum < LETTER } else { colons > 1 }
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

/// What closes a request.
struct Close<'a> {
    quote: usize,
    status: Status,
    bytes: u64,
    rest: &'a [u8],
}

/// The first bare quote with a status and bytes behind it closes the request that begins at `open`.
///
/// Only where there is none may it be an escaped quote (a server that does not escape backslashes),
/// and only then may the bytes be missing.
fn find_status<'a>(
    text: &'a [u8],
    open: usize,
    quotes: impl Iterator<Item = usize> + Clone,
) -> Option<Close<'a>> {
    let whole = |quote: usize| {
        let (rest, (status, bytes)) = field::status_and_bytes(&text[quote + 1..]).ok()?;
        Some(Close { quote, status, bytes, rest })
    };
    let alone = |quote: usize| {
        let (rest, status) = field::status_alone(&text[quote + 1..]).ok()?;
        Some(Close { quote, status, bytes: 0, rest })
    };
    let is_bare = |quote: &usize| !is_escaped(&text[open..*quote]);
    let bare = quotes.clone().filter(is_bare);
    let whole = bare.clone().find_map(whole).or_else(|| quotes.clone().find_map(whole));
    whole.or_else(|| bare.clone().find_map(alone))
}

/// Whether what follows `text` stands behind an odd number of backslashes.
fn is_escaped(text: &[u8]) -> bool {
    match text.last() {
        Some(b'\\') => text.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1,
        _ => false,
    }
}

/// Reads `rest`, which ends `text` and stands after the bytes. Nothing there can make the line no
/// record. `quotes` are those behind the request.
fn read_tail<'a>(
    text: &'a [u8],
    rest: &'a [u8],
    mut quotes: impl Iterator<Item = usize>,
    record: &mut Record<'a>,
) -> Tail {
    if rest.is_empty() {
        return Tail::Nothing;
    }
    let mut next = |at: usize| next_quoted(text, at, &mut quotes);
    let at = text.len() - rest.len();
    let fields = next(at).and_then(|(referer, at)| Some((referer, next(at)?)));
    let Some((referer, (agent, at))) = fields else {
        record.latency_millis = latency(rest);
        return Tail::Other;
    };
    record.referer = unless_hyphen(referer);
    record.agent = unless_hyphen(agent);
    if at == text.len() {
        return Tail::Agent;
    }
    if let Some((forwarded, end)) = next(at)
        && end == text.len()
    {
        record.forwarded = unless_hyphen(forwarded);
        return Tail::AgentAndQuoted;
    }
    record.latency_millis = latency(&text[at..]);
    Tail::AgentAndMore
}

/// The field in quotes after the space at `at`, and where it ends. A quote after a backslash is part
/// of it (Apache; nginx writes neither), and so is one that no space and no end follows (servers
/// that do not escape at all).
fn next_quoted<'a>(
    text: &'a [u8],
    at: usize,
    quotes: &mut impl Iterator<Item = usize>,
) -> Option<(&'a [u8], usize)> {
    let open = at + 2;
    if text.get(at..open)? != b" \"" {
        return None;
    }
    let close = quotes.find(|&quote| {
        let ends = matches!(text.get(quote + 1), None | Some(b' '));
        quote >= open && ends && !is_escaped(&text[open..quote])
    })?;
    Some((&text[open..close], close + 1))
}

fn unless_hyphen(text: &[u8]) -> Option<&[u8]> {
    (text != b"-").then_some(text)
}

/// The request time: from a field with a label, else from a last field of the form `s.mmm`, as
/// nginx writes `$request_time`.
fn latency(rest: &[u8]) -> Option<u64> {
    const LABELS: [&[u8]; 2] = [b"rt=", b"request_time="];
    let mut quotes = 0;
    let mut last = None;
    for field in rest.split(|&byte| byte == b' ') {
        // What stands inside quotes is the client's to choose.
        if quotes % 2 == 0 {
            let value = LABELS.iter().find_map(|label| field.strip_prefix(*label));
            let labelled = value.and_then(|value| field::seconds(trim_marks(value)));
            if labelled.is_some() {
                return labelled;
            }
        }
        last = (quotes % 2 == 0).then_some(field);
        quotes += field.iter().filter(|&&byte| byte == b'"').count();
    }
    let last = trim_marks(last?);
    let dot = memrchr(b'.', last)?;
    if last.len() - dot == b".123".len() { field::seconds(last) } else { None }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Marks;

    fn read(head: &str) -> Option<(Option<String>, String)> {
        let line = format!("{head} [21/Nov/2026:14:05:09 +0000] \"GET / HTTP/1.1\" 404 5");
        let mut marks = Marks::default();
        marks.find(line.as_bytes());
        let (record, _) = parse(marks.line(line.as_bytes()), &mut Clock::default()).ok()?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Some((record.host.map(text), text(record.client)))
    }

    #[test]
    fn the_first_word_of_an_envelope_is_no_client() {
        for head in [
            "Jul  8 11:07:07 web nginx[2869]: 192.0.2.7 - -",
            "Jul 18 11:07:07 web nginx: 192.0.2.7 - -",
            "<190>Nov 22 11:27:02 web nginx: 192.0.2.7 - -",
            "2026-01-24T01:37:00.000000000+00:00 stdout F 192.0.2.7 - -",
            "2026-01-24T01:37:00.000000000+00:00 stdout F",
            "web-1  | 192.0.2.7 - -",
            "access.log:192.0.2.7 - -",
            "12:192.0.2.7 - -",
            "\u{1f}\u{8b}junk - -",
        ] {
            assert_eq!(read(head), None, "{head}");
        }
    }

    #[test]
    fn hosts_and_clients_are_told_apart() {
        let client = |head| read(head).map(|(host, client)| (host.unwrap_or_default(), client));
        let is = |host: &str, client: &str| Some((host.to_string(), client.to_string()));
        assert_eq!(client("192.0.2.7 - -"), is("", "192.0.2.7"));
        assert_eq!(client("192.0.2.7"), is("", "192.0.2.7"));
        assert_eq!(client("192.0.2.7 shop.example -"), is("", "192.0.2.7"));
        assert_eq!(client("host.example - ann"), is("", "host.example"));
        assert_eq!(client("unix: - -"), is("", "unix:"));
        assert_eq!(client("- - -"), is("", "-"));
        assert_eq!(client("192.0.2.7, 198.51.100.2 - -"), is("", "192.0.2.7"));
        assert_eq!(client("shop.example 192.0.2.7 - -"), is("shop.example", "192.0.2.7"));
        assert_eq!(client("_ 2001:db8::1 - -"), is("_", "2001:db8::1"));
        assert_eq!(client("[2001:db8::9]:80 192.0.2.7 - -"), is("[2001:db8::9]", "192.0.2.7"));
        assert_eq!(client("shop.example:80 host.example - -"), is("shop.example", "host.example"));
    }

    #[test]
    fn brackets_without_a_time_are_no_bad_time() {
        let reason = |line: &str| {
            let mut marks = Marks::default();
            marks.find(line.as_bytes());
            parse(marks.line(line.as_bytes()), &mut Clock::default()).err()
        };
        assert_eq!(reason(r#"[1] - GET "/x" [Gzip -] "curl""#), Some(Skip::NoFormat));
        let bad = r#"192.0.2.7 - - [31/Feb/2026:14:05:09 +0000] "GET / HTTP/1.1" 404 5"#;
        assert_eq!(reason(bad), Some(Skip::BadTime));
    }
}
