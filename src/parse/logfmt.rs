//! `logfmt`: `key=value` pairs, as the router of Heroku and many programs in Go write them.

use super::keyed::{Facts, Value, lookup};
use super::marks::Line;
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Said, Skip, Stamp};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "logfmt",
    summary: "key=value or key=\"value\", by the names of the keys: Heroku's router, programs in Go",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
Pairs of key=value, values with spaces in quotes, by the names that JSON logs are known by. Heroku's
router has no time of its own: it is in the envelope before it.

    time=2026-11-21T14:05:09Z method=GET path=\"/old\" host=shop.example fwd=\"198.51.100.7\"
    status=404 service=5ms bytes=153";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let mut facts = Facts::default();
    let mut rest = line.text.trim_ascii();
    let mut pairs = 0;
    while !rest.is_empty() {
        let equals = memchr::memchr(b'=', rest).ok_or(Skip::NoFormat)?;
        let key = &rest[..equals];
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if key.is_empty() || key.len() > 64 || !key.iter().all(is_key) {
            return Err(Skip::NoFormat);
        }
        let (value, behind) = value(&rest[equals + 1..]).ok_or(Skip::Cut)?;
        if let Some(meaning) = lookup(key, tools.state.forwarded()) {
            facts.put(meaning, value);
        }
        rest = behind.trim_ascii_start();
        pairs += 1;
    }
    if pairs < 3 {
        return Err(Skip::NoFormat);
    }
    facts.record(tools).map(Said::Request)
}

/// A value, and what follows it; `None` where its quote is not closed.
fn value(text: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = memchr::memchr(b' ', text).unwrap_or(text.len());
        return Some((Value::Plain(&text[..end]), &text[end..]));
    };
    let (mut at, mut has_escape) = (0, false);
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', quoted.get(at..)?)?;
        if quoted[found] == b'"' {
            let (inside, behind) = (&quoted[..found], &quoted[found + 1..]);
            let value = if has_escape { Value::Escaped(inside) } else { Value::Plain(inside) };
            return Some((value, behind));
        }
        has_escape = true;
        at = found + 2;
    }
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"time=2026-11-21T14:05:09Z at=info method=GET path="/old?x=1" host=shop.example request_id=8601b555 fwd="198.51.100.7" dyno=web.1 connect=1ms service=5ms status=404 bytes=153 protocol=https"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old?x=1"),
            forwarded: Some("198.51.100.7"),
            latency_millis: Some(5),
            ..BLANK
        },
    },
    Sample {
        line: br#"ts=1795269909.5 level=info msg="request done" client_ip=2001:db8::1 method=POST uri=/login status=401 duration=12.5ms user_agent="say \"hi\"""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "401",
            bytes: 0,
            client: "2001:db8::1",
            method: Some("POST"),
            target: Some("/login"),
            agent: Some(r#"say "hi""#),
            latency_millis: Some(12),
            ..BLANK
        },
    },
    Sample {
        line: br#"logger=context userId=7 t=2026-11-21T14:05:09.479Z level=info msg="Request Completed" method=GET path=/gone status=404 remote_addr=198.51.100.7 time_ms=0 duration=300.5ms size=29"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 29,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/gone"),
            latency_millis: Some(300),
            ..SampleRecord::BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
