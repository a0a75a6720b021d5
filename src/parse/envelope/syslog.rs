//! `syslog`: time, host and tag, as syslog daemons, journalctl and nginx itself write them.

use memchr::memchr;

use super::{Content, Envelope, EnvelopeSample, Inside, Trust, stamp};
use crate::parse::Tools;

/// See [`Envelope`]. The form is that of RFC 3164 §4.1; nginx leaves the host out with `nohostname`
/// (`ngx_syslog.c`), rsyslog writes an ISO time (`RSYSLOG_FileFormat`), journalctl the same as
/// `short` and `short-iso`.
pub const ENVELOPE: Envelope = Envelope {
    id: "syslog",
    summary: "syslog files, RFC 3164 messages, journalctl: Nov 21 14:05:09 host nginx[123]: ",
    trust: Trust::Sure,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], tools: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let text = without_priority(text).unwrap_or(text);
    let state = &mut *tools.state;
    let (time, rest) = match text.first()? {
        b'0'..=b'9' => stamp::iso(text, &mut state.clock)?,
        _ => state.yearless.read(text, state.reference, &mut state.clock)?,
    };
    let (first, behind) = word(rest);
    if rest.starts_with(REPEATED) || behind.trim_ascii_start().starts_with(REPEATED) {
        // It has no tag.
        return Some(Content { tag: Some(b"syslogd"), ..Content::of(Inside::Slice(rest)) });
    }
    let (tag, inside) = match tag(first) {
        Some(tag) => (tag, behind),
        None => {
            let (second, behind) = word(behind.trim_ascii_start());
            (tag(second)?, behind)
        }
    };
    Some(Content { time, tag: Some(tag), ..Content::of(Inside::Slice(inside)) })
}

/// `last message repeated 2 times`, in place of the same line again.
const REPEATED: &[u8] = b"last message repeated ";

/// What stands behind `<190>`, the facility and severity.
pub(super) fn without_priority(text: &[u8]) -> Option<&[u8]> {
    let behind = text.strip_prefix(b"<")?;
    let digits = behind.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=3).contains(&digits) {
        return None;
    }
    behind[digits..].strip_prefix(b">")
}

/// A word, and what stands behind the space behind it.
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    match memchr(b' ', text) {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (text, b""),
    }
}

/// The program of `nginx:` or `nginx[123]:`.
pub(super) fn tag(word: &[u8]) -> Option<&[u8]> {
    let word = word.strip_suffix(b":")?;
    let name = match word.strip_suffix(b"]") {
        Some(word) => &word[..memchr(b'[', word)?],
        None => word,
    };
    let is_of_name = |byte: &u8| byte.is_ascii_graphic() && !b"[]:\"{".contains(byte);
    (!name.is_empty() && name.iter().all(is_of_name)).then_some(name)
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"Nov  1 14:05:09 web.example nginx[2869]: 192.0.2.7 - - [01/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [01/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: Some("2026-11-01T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"<190>Nov 21 14:05:09 nginx: 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"2026-11-21T15:05:09.123456+01:00 web nginx: 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /#012 HTTP/1.1" 404 153"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /#012 HTTP/1.1" 404 153"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: b"Dec 31 23:59:59 web nginx: 2025/12/31 23:59:59 [notice] 7#7: signal process started",
        inside: b"2025/12/31 23:59:59 [notice] 7#7: signal process started",
        time: Some("2025-12-31T23:59:59Z"),
    },
];
