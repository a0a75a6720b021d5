//! `docker-json`: the log files of Docker's default driver.

use super::object::{Members, Value, unescaped};
use super::parts::Stream;
use super::{Content, Envelope, EnvelopeSample, Inside, Trust, stamp};
use crate::parse::Tools;

/// See [`Envelope`]. The members are those of `JSONLog` in moby's `jsonfilelog/jsonlog`.
pub const ENVELOPE: Envelope = Envelope {
    id: "docker-json",
    summary: "Docker json-file: {\"log\":\"…\\n\",\"stream\":\"stdout\",\"time\":\"…\"}",
    trust: Trust::Sure,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], tools: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    if !text.starts_with(br#"{"log":""#) {
        return None;
    }
    let mut members = Members::new(text)?;
    let (spelled, is_cut) = match members.next()? {
        (_, Value::Text(text)) => (text, false),
        (_, Value::Cut(text)) => (text, true),
        (_, Value::Other(_)) => return None,
    };
    // Docker writes the newline that ends a line, and none behind a part of one. Others who write
    // such objects, with members of their own, leave it out.
    let line = spelled.strip_suffix(br"\n");
    let mut content = Content::of(Inside::Own(unescaped(line.unwrap_or(spelled), tools.arena)));
    content.is_cut = is_cut;
    let mut is_dockers = !is_cut;
    for (key, value) in members {
        match (key, value) {
            (b"stream", Value::Text(name)) => content.stream = Stream::named(name),
            (b"time", Value::Text(time)) => {
                let stamp = tools.arena.alloc_slice_fill_copy(time.len() + 1, b' ');
                stamp[..time.len()].copy_from_slice(time);
                let read = stamp::iso(stamp, &mut tools.state.clock);
                content.time = read.and_then(|(time, _)| time);
            }
            (b"attrs", Value::Other(_)) => {}
            _ => is_dockers = false,
        }
    }
    content.is_part = is_dockers && line.is_none() && content.stream.is_some();
    Some(content)
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"{"log":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153 \"-\" \"curl/8.5.0\"\n","stream":"stdout","time":"2026-11-21T14:05:09.123456789Z"}"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"{"log":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /\u003cb\u003e HTTP/1.1\" 400 153\r\n","stream":"stderr","attrs":{"tag":"web"},"time":"2026-11-21T14:05:09Z"}"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /<b> HTTP/1.1" 400 153"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
];
