//! `zoraxy`: the requests in the log of Zoraxy.

use memchr::{memchr, memmem};

use super::field::{last_word, stamp_millis, unless_hyphen, without_port};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "zoraxy",
    summary: "[time] [router:…] [origin:host] [client: address] [useragent: agent] method path status, by Zoraxy",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
The log of the reverse proxy Zoraxy, in which requests and messages stand side by side: messages
tell of no request. The time is in the zone of the server; the log does not say which, so that
--timezone does.

    [2026-11-21 14:05:09.250000] [router:host-http] [origin:shop.example] [client: 192.0.2.1] GET / 404";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    // `2026/11/21 14:05:09 `, from the logger, stands before it in some versions.
    let text = match line.text {
        [b'0'..=b'9', ..] => line.text.get(20..).unwrap_or_default(),
        text => text,
    };
    let text = text.strip_prefix(b"[").ok_or(Skip::NoFormat)?;
    let bracket = memchr(b']', text.get(..40).unwrap_or(text)).ok_or(Skip::NoFormat)?;
    let (stamp, rest) = (&text[..bracket], &text[bracket + 1..]);
    let is_iso = stamp.get(4) == Some(&b'-') && stamp.get(10) == Some(&b' ');
    let Some(rest) = rest.strip_prefix(b" [router:").filter(|_| is_iso) else {
        let is_message = is_iso && rest.starts_with(b" [") && has_level(rest);
        return Err(if is_message { Skip::NoRequest } else { Skip::NoFormat });
    };
    let (_router, rest) = up_to_bracket(rest).ok_or(Skip::Cut)?;
    let rest = rest.strip_prefix(b" [origin:").ok_or(Skip::Cut)?;
    let (host, rest) = up_to_bracket(rest).ok_or(Skip::Cut)?;
    let rest = rest.strip_prefix(b" [client").ok_or(Skip::Cut)?;
    let (client, rest) = up_to_bracket(rest).ok_or(Skip::Cut)?;
    // The agent may hold brackets, what follows it may not hold spaces.
    let (before, status) = last_word(rest).ok_or(Skip::Cut)?;
    let status = Status::parse(status).ok_or(Skip::Cut)?;
    let (before, target) = last_word(before).ok_or(Skip::Cut)?;
    let (agent, method) = last_word(before).ok_or(Skip::Cut)?;
    let agent = agent.strip_prefix(b" [useragent:").and_then(|agent| agent.strip_suffix(b"]"));
    let time = tools.state.clock.read(stamp).ok_or(Skip::BadTime)?;
    Ok(Said::Request(Record {
        time,
        status,
        bytes: 0,
        client: client.strip_prefix(b":").unwrap_or(client).trim_ascii(),
        host: (!host.is_empty()).then(|| without_port(host)),
        user: None,
        request: Request {
            line: target,
            parts: (!method.is_empty() && !target.is_empty()).then_some((method, target)),
        },
        referer: None,
        agent: agent.map(<[u8]>::trim_ascii_start).and_then(unless_hyphen),
        forwarded: None,
        latency_millis: None,
        extra: Extra { stamp: Stamp::End, stamp_millis: stamp_millis(stamp), ..Extra::NONE },
    }))
}

/// Text up to the next bracket, and what follows that.
fn up_to_bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let close = memchr(b']', text)?;
    Some((&text[..close], &text[close + 1..]))
}

/// Whether it is a message, `[subsystem] [system:info] text`.
fn has_level(rest: &[u8]) -> bool {
    memmem::find(rest.get(..80).unwrap_or(rest), b"] [system:").is_some()
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"2026/11/21 14:05:09 [2026-11-21 14:05:09.150624] [router:host-http] [origin:shop.example] [client: 192.0.2.1] [useragent: Mozilla/5.0 [X11] (KHTML)] POST /xmlrpc.php 404"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 0,
            client: "192.0.2.1",
            host: Some("shop.example"),
            method: Some("POST"),
            target: Some("/xmlrpc.php"),
            agent: Some("Mozilla/5.0 [X11] (KHTML)"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[2026-11-21 14:05:09.150624] [router:root-no_resp] [origin:198.51.100.10] [client: 2001:db8::1] [useragent: zgrab/0.x] GET /.git/config 444"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "444",
            bytes: 0,
            client: "2001:db8::1",
            host: Some("198.51.100.10"),
            method: Some("GET"),
            target: Some("/.git/config"),
            agent: Some("zgrab/0.x"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[2026-11-21 14:05:09.150624] [router:host-http] [origin:shop.example] [client 192.0.2.1] GET / 200"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 0,
            client: "192.0.2.1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[2026-11-21 14:05:09.150624] [router:host-http] [origin:] [client: 192.0.2.1] [useragent: ] GET / 521"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "521",
            bytes: 0,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/"),
            agent: Some(""),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
