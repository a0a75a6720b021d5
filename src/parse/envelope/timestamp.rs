//! `timestamp`: a time and a space before each line, and a word or labels behind it in some logs.

use memchr::memmem;

use super::syslog::word;
use super::{Content, Envelope, EnvelopeSample, Inside, Trust, stamp};
use crate::parse::Tools;

/// See [`Envelope`].
pub const ENVELOPE: Envelope = Envelope {
    id: "timestamp",
    summary: "an RFC 3339 time before the line: kubectl and docker logs --timestamps, CloudWatch, logcli, Fastly",
    trust: Trust::Unsure,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], tools: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let (time, rest) = stamp::iso(text, &mut tools.state.clock)?;
    let rest = rest.trim_ascii_start();
    let inside = match rest {
        [b'{', b'"' | b' ' | b'}', ..] => rest,
        // logcli: the labels of the stream, `{app="web"}`.
        [b'{', ..] => match memmem::find(rest, b"} ") {
            Some(end) => &rest[end + 2..],
            None => rest,
        },
        // Fastly's syslog to a file: the address of the server, before JSON.
        _ => match word(rest) {
            (_, behind) if behind.trim_ascii_start().starts_with(b"{") => behind,
            _ => rest,
        },
    };
    Some(Content { time, ..Content::of(Inside::Slice(inside)) })
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"2026-11-21T14:05:09.123456789Z 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"2026-11-21T14:05:09Z {app="web", pod="a"} 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"2026-11-21T14:05:09.613304+00:00 192.0.2.1  {"log":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153\n"}"#,
        inside: br#"{"log":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153\n"}"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
];
