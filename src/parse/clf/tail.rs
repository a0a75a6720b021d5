//! What stands behind the bytes: referer, user agent and more.

use memchr::memrchr;

use super::{Tail, is_escaped};
use crate::parse::field::{self, unless_hyphen};
use crate::record::Record;

/// Reads `rest`, which ends `text` and stands after the bytes. Nothing there can make the line no
/// record. `quotes` are those behind the request. Gives what stands behind referer and agent, too.
pub fn read_tail<'a>(
    text: &'a [u8],
    rest: &'a [u8],
    mut quotes: impl Iterator<Item = usize>,
    record: &mut Record<'a>,
) -> (Tail, &'a [u8]) {
    if rest.is_empty() {
        return (Tail::Nothing, rest);
    }
    let mut next = |at: usize| next_quoted(text, at, &mut quotes);
    let at = text.len() - rest.len();
    let fields = next(at).and_then(|(referer, at)| Some((referer, next(at)?)));
    let Some((referer, (agent, after))) = fields else {
        record.latency_millis = latency(rest);
        return (Tail::Other, rest);
    };
    record.referer = unless_hyphen(referer);
    record.agent = unless_hyphen(agent);
    if after == text.len() {
        return (Tail::Agent, &[]);
    }
    if let Some((forwarded, end)) = next(after)
        && end == text.len()
    {
        record.forwarded = unless_hyphen(forwarded);
        take_location(record);
        return (Tail::AgentAndQuoted, &text[after..]);
    }
    let more = &text[after..];
    record.latency_millis = latency(more);
    (Tail::AgentAndMore, more)
}

/// The field behind the agent is `$http_x_forwarded_for` in the `main` of nginx. Where the answer is a redirect
/// and it reads like the address of a page, it is `$sent_http_location`.
#[inline(always)]
pub fn take_location(record: &mut Record<'_>) {
    let is_page = |value: &&[u8]| {
        [&b"/"[..], b"http://", b"https://"].iter().any(|start| value.starts_with(start))
    };
    if record.status.code().is_some_and(|code| (300..400).contains(&code))
        && let Some(location) = record.forwarded.filter(is_page)
    {
        (record.forwarded, record.extra.location) = (None, Some(location));
    }
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

/// The request time: from a field with a label, else from a last field of the form `s.mmm`, as
/// nginx writes `$request_time`.
pub fn latency(rest: &[u8]) -> Option<u64> {
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
