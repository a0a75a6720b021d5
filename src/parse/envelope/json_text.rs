//! `json-text`: JSON of log shippers and journald, with the line in one of its members.

use super::object::{Members, Value, bytes, unescaped};
use super::{Content, Envelope, EnvelopeSample, Inside, Trust};
use crate::parse::Tools;

/// See [`Envelope`]. An object that is a request by itself is read as one: this is tried behind the
/// formats.
pub const ENVELOPE: Envelope = Envelope {
    id: "json-text",
    summary: "JSON with the line in message, log, line, msg, event.original, MESSAGE or @message: Filebeat, Loki, Fluent Bit, journalctl -o json, CloudWatch",
    trust: Trust::Unsure,
    strip,
    samples: SAMPLES,
};

/// The members that a line may be in, the likeliest first.
const KEYS: [&[u8]; 7] =
    [b"event.original", b"message", b"log", b"line", b"MESSAGE", b"@message", b"msg"];

/// The members that its time may be in.
const TIME_KEYS: [&[u8]; 7] = [
    b"@timestamp",
    b"timestamp",
    b"time",
    b"__REALTIME_TIMESTAMP",
    b"_SOURCE_REALTIME_TIMESTAMP",
    b"ts",
    b"date",
];

fn strip<'a>(text: &'a [u8], tools: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    if !text.starts_with(b"{") {
        return None;
    }
    let mut found: Option<(usize, Value<'a>)> = None;
    let mut note = |key: &[u8], value| {
        if let Some(rank) = KEYS.iter().position(|known| *known == key)
            && found.is_none_or(|(best, _)| rank < best)
        {
            found = Some((rank, value));
        }
    };
    let (mut time, mut tag) = (None, None);
    for (key, value) in Members::new(text)? {
        match (key, value) {
            (b"event", Value::Other(object)) => {
                let mut members = Members::new(object).into_iter().flatten();
                if let Some((_, value)) = members.find(|(key, _)| *key == b"original") {
                    note(KEYS[0], value);
                }
            }
            (b"SYSLOG_IDENTIFIER", Value::Text(name)) => tag = Some(name),
            (b"MESSAGE", value) => note(key, value),
            (key, Value::Text(_)) if KEYS.contains(&key) => note(key, value),
            (key, value) if TIME_KEYS.contains(&key) => time = time.or(read_time(value, tools)),
            _ => {}
        }
    }
    let inside = match found?.1 {
        Value::Text(text) => unescaped(text, tools.arena),
        Value::Other(array) => bytes(array, tools.arena)?,
        Value::Cut(_) => return None,
    };
    Some(Content { time, tag, ..Content::of(Inside::Own(inside)) })
}

/// RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds.
fn read_time<'a>(value: Value<'a>, tools: &mut Tools<'a, '_>) -> Option<u32> {
    let (Value::Text(text) | Value::Other(text)) = value else { return None };
    if text.get(10) == Some(&b'T') {
        return tools.state.clock.read(text);
    }
    let whole = text.split(|&byte| byte == b'.').next()?;
    let number = std::str::from_utf8(whole).ok()?.parse::<u64>().ok()?;
    let seconds = match whole.len() {
        0..=11 => number,
        12..=14 => number / 1_000,
        15..=17 => number / 1_000_000,
        _ => number / 1_000_000_000,
    };
    u32::try_from(seconds).ok()
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"{"@timestamp":"2026-11-21T14:05:09.123Z","log":{"file":{"path":"/var/log/nginx/access.log"}},"message":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153 \"-\" \"curl/8.5.0\"","input":{"type":"log"}}"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"{"event":{"dataset":"nginx.access","original":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153"},"message":"GET /a"}"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: None,
    },
    EnvelopeSample {
        line: br#"{"__REALTIME_TIMESTAMP":"1795269909123456","SYSLOG_IDENTIFIER":"nginx","MESSAGE":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153"}"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: b"{\"MESSAGE\":[50,48,50,54,47,49,49,47,50,49,32,49,52,58,48,53,58,48,57,32,91,110,111,116,105,99,101,93,32,55,35,55,58,32,120],\"date\":1795269909.5}",
        inside: b"2026/11/21 14:05:09 [notice] 7#7: x",
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"{"labels":{"app":"web"},"line":"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153","timestamp":"2026-11-21T14:05:09.1Z"}"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
];
