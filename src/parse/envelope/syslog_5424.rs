//! `syslog-5424`: messages of RFC 5424, with structured data.

use super::syslog::{without_priority, word};
use super::{Content, Envelope, EnvelopeSample, Inside, Trust, stamp};
use crate::parse::Tools;

/// See [`Envelope`]. The grammar is that of RFC 5424 §6.
pub const ENVELOPE: Envelope = Envelope {
    id: "syslog-5424",
    summary: "RFC 5424 messages: <190>1 2026-11-21T14:05:09Z host nginx 123 - - ",
    trust: Trust::Sure,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], tools: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let text = without_priority(text)?.strip_prefix(b"1 ")?;
    let (time, rest) = match text.strip_prefix(b"- ") {
        Some(rest) => (None, rest),
        None => stamp::iso(text, &mut tools.state.clock)?,
    };
    let (_host, rest) = word(rest);
    let (tag, rest) = word(rest);
    let (_process_id, rest) = word(rest);
    let (_message_id, rest) = word(rest);
    let rest = match rest.strip_prefix(b"-") {
        Some(rest) => rest,
        None => without_elements(rest)?,
    };
    let inside = if rest.is_empty() { rest } else { rest.strip_prefix(b" ")? };
    let inside = inside.strip_prefix(b"\xef\xbb\xbf").unwrap_or(inside);
    Some(Content { time, tag: Some(tag), ..Content::of(Inside::Slice(inside)) })
}

/// What stands behind `[id name="value"][id name="value"]`. In values a backslash stands before
/// quotes, backslashes and brackets.
fn without_elements(mut text: &[u8]) -> Option<&[u8]> {
    let begun = text.len();
    while let Some(element) = text.strip_prefix(b"[") {
        let (mut at, mut is_quoted) = (0, false);
        loop {
            match element.get(at)? {
                b'\\' if is_quoted => at += 1,
                b'"' => is_quoted = !is_quoted,
                b']' if !is_quoted => break,
                _ => {}
            }
            at += 1;
        }
        text = &element[at + 1..];
    }
    (text.len() < begun).then_some(text)
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"<190>1 2026-11-21T14:05:09.123456Z web.example nginx 2869 - - 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: b"<13>1 - - nginx - id [a@1 b=\"x] \\\" y\"][c d=\"\"] \xef\xbb\xbf192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153",
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: None,
    },
];
