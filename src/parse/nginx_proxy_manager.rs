//! `nginx-proxy-manager`: the formats proxy and standard of Nginx Proxy Manager.

use memchr::memchr;

use super::field::{number_or_none, unless_hyphen, without_port, word};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status, Upstream};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "nginx-proxy-manager",
    summary: "Nginx Proxy Manager: [time] cache upstream status - method scheme host \"uri\" [Client …] …",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
What Nginx Proxy Manager writes for its proxy hosts (proxy) and for all others (standard, without
cache, upstream status and server). The agent stands before the referer.

    [$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host
    \"$request_uri\" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio]
    [Sent-to $server] \"$http_user_agent\" \"$http_referer\"";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let text = line.text.strip_prefix(b"[").ok_or(Skip::NoFormat)?;
    let bracket = memchr(b']', text.get(..40).unwrap_or(text)).ok_or(Skip::NoFormat)?;
    let rest = text[bracket..].strip_prefix(b"] ").ok_or(Skip::NoFormat)?;
    let Before { cache_and_statuses, method, host, uri } =
        split_before(rest).ok_or(Skip::NoFormat)?;
    let (target, rest) = match memchr(b'"', uri) {
        Some(close) => (&uri[..close], &uri[close + 1..]),
        None => return Err(Skip::Cut),
    };
    let (Some(client), rest) = bracketed(rest, b" [Client ") else {
        return Err(if rest.len() < b" [Client ".len() { Skip::Cut } else { Skip::NoFormat });
    };
    let time = tools.state.clock.read(&text[..bracket]).ok_or(Skip::BadTime)?;
    let (length, rest) = bracketed(rest, b" [Length ");
    let (_gzip, rest) = bracketed(rest, b" [Gzip ");
    let (server, rest) = bracketed(rest, b" [Sent-to ");
    let (agent, rest) = quoted(rest);
    let (referer, _) = quoted(rest);
    // `HIT 200 404`, with a list in the middle where several servers were tried; or `404` alone.
    let (status, upstream) = match cache_and_statuses.iter().rposition(|&byte| byte == b' ') {
        Some(space) => (&cache_and_statuses[space + 1..], word(&cache_and_statuses[..space]).1),
        None => (cache_and_statuses, &b""[..]),
    };
    let status = Status::parse(status).ok_or(Skip::NoFormat)?;
    let is_there = method != b"-" && target != b"-" && !method.is_empty() && !target.is_empty();
    Ok(Said::Request(Record {
        time,
        status,
        bytes: length.and_then(number_or_none).unwrap_or(0),
        client,
        host: unless_hyphen(host).map(without_port),
        user: None,
        request: Request { line: target, parts: is_there.then_some((method, target)) },
        referer: referer.and_then(unless_hyphen),
        agent: agent.and_then(unless_hyphen),
        forwarded: None,
        latency_millis: None,
        extra: Extra {
            stamp: Stamp::End,
            upstream: Upstream {
                addresses: server.and_then(unless_hyphen),
                statuses: unless_hyphen(upstream).filter(|statuses| !statuses.is_empty()),
                response_millis: None,
            },
            ..Extra::NONE
        },
    }))
}

/// What stands up to the quote before the URI.
struct Before<'a> {
    cache_and_statuses: &'a [u8],
    method: &'a [u8],
    host: &'a [u8],
    /// What follows that quote.
    uri: &'a [u8],
}

/// `HIT 200 200 - GET https shop.example "`: the hyphen is the one with four words behind it, of which
/// the second is a scheme and the last a quote.
fn split_before(text: &[u8]) -> Option<Before<'_>> {
    /// Nobody asks more servers than that for one response.
    const WORDS_MAX: usize = 32;
    let mut at = 0;
    for _ in 0..WORDS_MAX {
        let (field, rest) = word(text.get(at..)?);
        let (method, after) = word(rest);
        let (scheme, after) = word(after);
        let (host, after) = word(after);
        if field == b"-"
            && (scheme == b"http" || scheme == b"https")
            && let Some(uri) = after.strip_prefix(b"\"")
        {
            let cache_and_statuses = text.get(..at.checked_sub(1)?)?;
            return Some(Before { cache_and_statuses, method, host, uri });
        }
        at += field.len() + 1;
    }
    None
}

/// What stands behind `name` up to the next bracket, and what follows that.
fn bracketed<'a>(text: &'a [u8], name: &[u8]) -> (Option<&'a [u8]>, &'a [u8]) {
    match text.strip_prefix(name).and_then(|rest| Some((rest, memchr(b']', rest)?))) {
        Some((rest, close)) => (Some(&rest[..close]), &rest[close + 1..]),
        None => (None, text),
    }
}

/// The field in quotes behind a space, and what follows it. nginx escapes quotes.
fn quoted(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match text.strip_prefix(b" \"").and_then(|rest| Some((rest, memchr(b'"', rest)?))) {
        Some((rest, close)) => (Some(&rest[..close]), &rest[close + 1..]),
        None => (None, text),
    }
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] HIT 200 200 - GET https shop.example "/api/users" [Client 192.0.2.100] [Length 1543] [Gzip 2.45] [Sent-to 10.0.0.15:8080] "Mozilla/5.0" "https://shop.example/dashboard""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 1543,
            client: "192.0.2.100",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/api/users"),
            referer: Some("https://shop.example/dashboard"),
            agent: Some("Mozilla/5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] - 502, 404 404 - GET https shop.example "/none" [Client 2001:db8::1] [Length 234] [Gzip -] [Sent-to backend] "curl/8.5.0" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 234,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/none"),
            agent: Some("curl/8.5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] 444 - GET https 198.51.100.3 "/.env" [Client 192.0.2.89] [Length 0] [Gzip -] "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "444",
            bytes: 0,
            client: "192.0.2.89",
            host: Some("198.51.100.3"),
            method: Some("GET"),
            target: Some("/.env"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] - - 400 - - http localhost "-" [Client 192.0.2.89] [Length 150] [Gzip -] [Sent-to ] "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 150,
            client: "192.0.2.89",
            host: Some("localhost"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] - - 499 - POST https shop.example "/slow" [Client 192.0.2.89] [Length 0] [Gzip -] [Sent-to backend] "app/1.0" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "192.0.2.89",
            host: Some("shop.example"),
            method: Some("POST"),
            target: Some("/slow"),
            agent: Some("app/1.0"),
            abort: Some("499"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
