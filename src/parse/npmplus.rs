//! `npmplus`: the time in front, then host and client, and nothing quoted but the request.

use memchr::memchr;

use super::field::{number_or_none, seconds, unless_hyphen, without_port, word};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "npmplus",
    summary: "[time] host client seconds \"request\" status bytes sent referer agent, as NPMplus writes",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
A log_format with the time in front, as NPMplus has it. The agent is all that stands behind the
referer, which holds no spaces.

    log_format npmplus '[$time_local] $host $remote_addr $request_time \"$request\" $status '
                       '$body_bytes_sent $bytes_sent $http_referer $http_user_agent';";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let text = line.text.strip_prefix(b"[").ok_or(Skip::NoFormat)?;
    let bracket = memchr(b']', text.get(..40).unwrap_or(text)).ok_or(Skip::NoFormat)?;
    let rest = text[bracket..].strip_prefix(b"] ").ok_or(Skip::NoFormat)?;
    let (host, rest) = word(rest);
    let (client, rest) = word(rest);
    let (duration, rest) = word(rest);
    let latency_millis = seconds(duration);
    let has_duration = latency_millis.is_some() || duration == b"-";
    let Some(body) = rest.strip_prefix(b"\"").filter(|_| has_duration) else {
        return Err(Skip::NoFormat);
    };
    // nginx escapes quotes.
    let close = memchr(b'"', body).ok_or(Skip::Cut)?;
    let (status, rest) = word(body[close + 1..].strip_prefix(b" ").ok_or(Skip::Cut)?);
    let status = Status::parse(status).ok_or(Skip::NoFormat)?;
    let time = tools.state.clock.read(&text[..bracket]).ok_or(Skip::BadTime)?;
    let (bytes, mut rest) = word(rest);
    let bytes = number_or_none(bytes).ok_or(Skip::Cut)?;
    if let (sent, after) = word(rest)
        && sent.first().is_some_and(u8::is_ascii_digit)
        && number_or_none(sent).is_some()
    {
        rest = after;
    }
    let (referer, agent) = word(rest);
    let unless_none = |field| unless_hyphen(field).filter(|field| !field.is_empty());
    Ok(Said::Request(Record {
        time,
        status,
        bytes,
        client,
        host: unless_hyphen(host).map(without_port),
        user: None,
        request: Request::new(&body[..close]),
        referer: unless_none(referer),
        agent: unless_none(agent),
        forwarded: None,
        latency_millis,
        extra: Extra { stamp: Stamp::End, ..Extra::NONE },
    }))
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] shop.example 192.0.2.100 0.227 "REPORT /dav/personal/ HTTP/2.0" 207 125 440 - Mozilla/5.0 (X11; Linux x86_64)"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "207",
            bytes: 125,
            client: "192.0.2.100",
            host: Some("shop.example"),
            method: Some("REPORT"),
            target: Some("/dav/personal/"),
            agent: Some("Mozilla/5.0 (X11; Linux x86_64)"),
            latency_millis: Some(227),
            start_millis: Some(1795269908773),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] shop.example 2001:db8::1 0.002 "GET /none HTTP/1.1" 404 77 935 https://shop.example/?q=a app/1.0"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 77,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/none"),
            referer: Some("https://shop.example/?q=a"),
            agent: Some("app/1.0"),
            latency_millis: Some(2),
            start_millis: Some(1795269908998),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] _ 192.0.2.1 0.811 "\x16\x03\x02\x01" 400 122 282 - -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 122,
            client: "192.0.2.1",
            host: Some("_"),
            latency_millis: Some(811),
            start_millis: Some(1795269908189),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] shop.example 192.0.2.1 30.000 "GET /slow HTTP/2.0" 499 0 0 - app/1.0"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "192.0.2.1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/slow"),
            agent: Some("app/1.0"),
            latency_millis: Some(30000),
            start_millis: Some(1795269879000),
            abort: Some("499"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
