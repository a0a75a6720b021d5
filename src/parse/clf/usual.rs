//! The usual way of reading a line of the family: as servers write nearly all of them.

use memchr::memchr;

use super::head::{bytes_equal, bytes_no_digit, is_other_address};
use super::tail::{latency, take_location};
use super::{Host, Shape, Shapes, Tail};
use crate::clock::{CLF_BYTES, Clock};
use crate::options::LINE_BYTES_MAX;
use crate::parse::field::{self, unless_hyphen};
use crate::parse::marks::Unread;
use crate::record::{Extra, Record, Request, Status};

/// Takes the first of some lines and reads it, if it is as servers write nearly all of them:
/// `address - - [time] "request" 404 153`, and then nothing, or two or three fields in quotes
/// without a quote in them, or two such fields and more without quotes. What it reads it reads as
/// [`super::parse`] does; `None` says nothing about the line, and leaves it there.
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
        let more = &window[d + 1..newline];
        let tail = match *more {
            [] => Tail::Agent,
            // What is around a line is trimmed elsewhere.
            [b' ', .., b'\r' | 0] => return None,
            // Squid begins so.
            [b' ', b'A'..=b'Z', ..] => return None,
            // The ingress controller of Kubernetes has brackets there.
            [b' ', ..] if memchr(b'[', more).is_some() => return None,
            [b' ', ..] => {
                fields.latency_millis = latency(more);
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
        let mut record = usual(window, places, Tail::AgentAndQuoted, fields, clock, shapes)?;
        take_location(&mut record);
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
    let (client, time) = usual_head(window, start, open, clock)?;
    let request = Request::usual(window.get(open..=close)?)?;
    let (status, bytes) = usual_status_and_bytes(window, close, bytes_end)?;
    let is_of_length = newline - start <= LINE_BYTES_MAX;
    if !shapes.has(Shape { host: Host::Nowhere, tail }) || !is_of_length {
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

/// What `combined` says, and formats that begin as it does.
pub struct Combined<'a> {
    pub client: &'a [u8],
    pub time: u32,
    pub request: Request<'a>,
    pub status: Status,
    pub bytes: u64,
    pub referer: Option<&'a [u8]>,
    pub agent: Option<&'a [u8]>,
}

/// `address - - [time] "request" 404 153 "referer" "agent"` from `start`, where its quotes are.
#[inline(always)]
pub fn usual_combined<'a>(
    window: &'a [u8],
    start: usize,
    [open, close, a, b, c, d]: [usize; 6],
    clock: &mut Clock,
) -> Option<Combined<'a>> {
    let Fields { referer, agent, .. } = two_fields(window, a, b, c, d)?;
    let (client, time) = usual_head(window, start, open, clock)?;
    let request = Request::usual(window.get(open..=close)?)?;
    let (status, bytes) = usual_status_and_bytes(window, close, a - 1)?;
    Some(Combined { client, time, request, status, bytes, referer, agent })
}

/// `address - - [time] ` from `start` to the quote at `open`: the client and the time.
#[inline(always)]
pub fn usual_head<'a>(
    window: &'a [u8],
    start: usize,
    open: usize,
    clock: &mut Clock,
) -> Option<(&'a [u8], u32)> {
    const STAMP: usize = b" - - [".len() + CLF_BYTES + b"] ".len();
    let (client, stamp) = window.get(start..open)?.split_last_chunk::<STAMP>()?;
    let (before, stamp) = stamp.split_first_chunk::<6>()?;
    let (stamp, after) = stamp.split_first_chunk::<CLF_BYTES>()?;
    if *before != *b" - - [" || *after != *b"] " || !is_usual_client(client) {
        return None;
    }
    Some((client, clock.read_clf(stamp)?))
}

/// `" 404 153` at `close`, where the bytes end at `end`.
#[inline(always)]
pub fn usual_status_and_bytes(window: &[u8], close: usize, end: usize) -> Option<(Status, u64)> {
    let [b'"', b' ', a, b, c, b' ', ..] = *chunk::<8>(window, close)? else { return None };
    let [a, b, c] = [a, b, c].map(|byte| u16::from(byte.wrapping_sub(b'0')));
    if a > 9 || b > 9 || c > 9 {
        return None;
    }
    let status = Status::from_code(a * 100 + b * 10 + c);
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

/// Whether the client of `client - - [time]` is one beyond doubt: without a colon any run of digits
/// and dots is (see [`super::head`]), and with several any of hexadecimal digits too.
#[inline(always)]
fn is_usual_client(text: &[u8]) -> bool {
    is_of_digits_and_dots(text) || is_other_address(text)
}

/// Of 8 to 16 bytes, all of them digits and dots.
#[inline(always)]
pub fn is_of_digits_and_dots(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return false;
    };
    let is_fit = |bytes: &[u8; 8]| {
        let bytes = u64::from_le_bytes(*bytes);
        bytes_no_digit(bytes) & !bytes_equal(bytes, b'.') == 0
    };
    text.len() <= 16 && is_fit(first) && is_fit(last)
}
