//! `squid`: Squid's native log.

use memchr::memchr;

use super::field::{number_or_none, target_host, unless_hyphen, whole_number, word};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Abort, Extra, Record, Request, Said, Skip, Stamp, Status, Upstream};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "squid",
    summary: "Squid's native log: epoch.millis duration client TCP_MISS/404 bytes method URL user HIER/peer type",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
The default of Squid. The time is that of the end, with milliseconds; the duration stands behind it.
The host is that of the URL. A code that ends in _ABORTED and the status 000 say that the client
left. Squid leaves out what follows the question mark unless strip_query_terms is off.

    access_log daemon:/var/log/squid/access.log squid";

fn read<'a>(line: Line<'a, '_>, _: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let (stamp, rest) = word(line.text);
    let (time, stamp_millis) = read_stamp(stamp).ok_or(Skip::NoFormat)?;
    let mut rest = rest;
    let mut next = || {
        // The duration is padded to six places.
        let (field, after) = word(rest.trim_ascii_start());
        rest = after;
        field
    };
    let (elapsed, client, result) = (next(), next(), next());
    if elapsed.is_empty() || result.is_empty() {
        return Err(Skip::NoFormat);
    }
    let elapsed_millis = whole_number(elapsed.strip_prefix(b"-").unwrap_or(elapsed));
    let slash = memchr(b'/', result).ok_or(Skip::NoFormat)?;
    let (code, status) = (&result[..slash], &result[slash + 1..]);
    let is_code = code.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    let (Some(elapsed_millis), true) = (elapsed_millis, is_code && !code.is_empty()) else {
        return Err(Skip::NoFormat);
    };
    let status = Status::parse(status).ok_or(Skip::Cut)?;
    let (bytes, method) = (next(), next());
    if method.is_empty() {
        return Err(Skip::Cut);
    }
    let bytes = number_or_none(bytes).ok_or(Skip::NoFormat)?;
    let Behind { url, user, peer } = split_behind(rest);
    let is_request = method != b"NONE" && method != b"-" && !url.is_empty() && url != b"-";
    let parts = (is_request && !url.starts_with(b"error:")).then_some((method, url));
    Ok(Said::Request(Record {
        time,
        status,
        bytes,
        client,
        host: parts.and_then(|(_, target)| target_host(target)),
        user,
        request: Request { line: url, parts },
        referer: None,
        agent: None,
        forwarded: None,
        latency_millis: Some(elapsed_millis),
        extra: Extra {
            stamp: Stamp::End,
            stamp_millis: Some(stamp_millis),
            abort: Abort::squid(code, status),
            upstream: Upstream { addresses: peer, ..Extra::NONE.upstream },
            ..Extra::NONE
        },
    }))
}

/// `1286536308.779`: seconds since the epoch, and milliseconds.
fn read_stamp(text: &[u8]) -> Option<(u32, u16)> {
    let dot = text.len().checked_sub(b".779".len())?;
    let (second, [b'.', millis @ ..]) = text.split_at_checked(dot)? else { return None };
    let time = u32::try_from(whole_number(second)?).ok()?;
    Some((time, u16::try_from(whole_number(millis)?).ok()?))
}

/// What stands behind the method.
struct Behind<'a> {
    url: &'a [u8],
    user: Option<&'a [u8]>,
    peer: Option<&'a [u8]>,
}

/// `http://shop.example/ - HIER_DIRECT/192.0.2.80 text/html`. The URL ends before the user, who stands
/// before the first word that names a way to a peer: a URL with spaces is possible
/// (`uri_whitespace allow`). Where there is no such word the line was cut in the URL or behind it.
fn split_behind(rest: &[u8]) -> Behind<'_> {
    let (mut at, mut user_at, mut words) = (0, 0, 0);
    while at < rest.len() {
        let (field, _) = word(&rest[at..]);
        if words >= 2
            && let Some(peer) = peer(field)
        {
            let user = &rest[user_at..at - 1];
            let url = &rest[..user_at - 1];
            return Behind { url, user: unless_hyphen(user), peer: unless_hyphen(peer) };
        }
        user_at = at;
        at += field.len() + 1;
        words += 1;
    }
    Behind { url: word(rest).0, user: None, peer: None }
}

/// What stands behind the way in `HIER_DIRECT/192.0.2.80`.
fn peer(text: &[u8]) -> Option<&[u8]> {
    let slash = memchr(b'/', text).filter(|&slash| slash > 0)?;
    let is_name = text[..slash].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    is_name.then(|| &text[slash + 1..])
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"1795269909.779    180 192.0.2.8 TCP_MISS/200 411 GET http://shop.example/ - HIER_DIRECT/198.51.100.80 text/html"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 411,
            client: "192.0.2.8",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("http://shop.example/"),
            latency_millis: Some(180),
            start_millis: Some(1795269909599),
            ..BLANK
        },
    },
    Sample {
        line: br#"1795269909.001 41762 192.0.2.8 TCP_MISS/404 5340 GET http://shop.example:8080/none? ann DIRECT/198.51.100.80"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 5340,
            client: "192.0.2.8",
            host: Some("shop.example"),
            user: Some("ann"),
            method: Some("GET"),
            target: Some("http://shop.example:8080/none?"),
            latency_millis: Some(41762),
            start_millis: Some(1795269867239),
            ..BLANK
        },
    },
    Sample {
        line: br#"1795269909.120      3 192.0.2.8 TCP_DENIED/403 3895 CONNECT shop.example:443 - HIER_NONE/- text/html"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "403",
            bytes: 3895,
            client: "192.0.2.8",
            method: Some("CONNECT"),
            target: Some("shop.example:443"),
            latency_millis: Some(3),
            start_millis: Some(1795269909117),
            ..BLANK
        },
    },
    Sample {
        line: br#"1795269909.120      0 192.0.2.8 NONE_NONE/400 3817 NONE error:invalid-request - HIER_NONE/- text/html"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 3817,
            client: "192.0.2.8",
            latency_millis: Some(0),
            start_millis: Some(1795269909120),
            ..BLANK
        },
    },
    Sample {
        line: br#"1795269909.120   5000 2001:db8::8 TCP_MISS_ABORTED/000 0 GET http://shop.example/slow - HIER_DIRECT/198.51.100.80 -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "000",
            bytes: 0,
            client: "2001:db8::8",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("http://shop.example/slow"),
            latency_millis: Some(5000),
            start_millis: Some(1795269904120),
            abort: Some("squid-aborted"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
