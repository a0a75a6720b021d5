//! `envoy`: Envoy's default text, and Istio's.

use memchr::{memchr, memchr_iter, memrchr};

use super::field::{number_or_none, plain_host, stamp_millis, unless_hyphen, whole_number, word};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Abort, Extra, Record, Request, Said, Skip, Stamp, Status, Upstream};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "envoy",
    summary: "Envoy and Istio: [time] \"request\" status flags received sent millis upstream-millis \"xff\" \"agent\" …",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
The default format of Envoy, and that of Istio with details, cluster and addresses. The time is that
at which the request began. Status 0 says that no response began: the flag DC that the client left
first, DR that it reset its stream. The client is the last address of X-Forwarded-For, which Envoy
itself put there (use_remote_address), or where Istio's line ends in addresses, the one downstream.
Envoy does not escape what the client sent: the fields behind the agent are read from their end.

    [%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE%
    %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% …";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let text = line.text.strip_prefix(b"[").ok_or(Skip::NoFormat)?;
    let bracket = memchr(b']', text.get(..40).unwrap_or(text)).ok_or(Skip::NoFormat)?;
    let stamp = &text[..bracket];
    let body = text[bracket..].strip_prefix(b"] \"").ok_or(Skip::NoFormat)?;
    // `2016-04-15T20:17:00.310Z`
    let is_iso = stamp.get(4) == Some(&b'-') && stamp.get(10) == Some(&b'T');
    if !is_iso {
        return Err(Skip::NoFormat);
    }
    let Some(Answer { request, status, flags, rest }) = find_status(body) else {
        let is_cut = memchr(b'"', body).is_none_or(|quote| body.len() - quote <= b"\" 404 -".len());
        return Err(if is_cut { Skip::Cut } else { Skip::NoFormat });
    };
    let time = tools.state.clock.read(stamp).ok_or(Skip::BadTime)?;
    let [_received, sent, duration, upstream_time, rest] =
        find_numbers(rest).ok_or(Skip::NoFormat)?;
    let quoted = read_quoted(rest);
    let forwarded = quoted.forwarded.and_then(unless_hyphen);
    let last = |list: &'a [u8]| list.rsplit(|&byte| byte == b',').next().map(<[u8]>::trim_ascii);
    let client = downstream(quoted.behind).or_else(|| forwarded.and_then(last)).unwrap_or(b"-");
    let has_flag = |flag: &[u8]| flags.split(|&byte| byte == b',').any(|known| known == flag);
    let abort = match () {
        () if has_flag(b"DC") => Some(Abort::EnvoyDownstream),
        () if has_flag(b"DR") => Some(Abort::EnvoyReset),
        () => None,
    };
    Ok(Said::Request(Record {
        time,
        status,
        bytes: number_or_none(sent).unwrap_or(0),
        client,
        host: quoted.authority.and_then(unless_hyphen).map(plain_host),
        user: None,
        request: read_request(request),
        referer: None,
        agent: quoted.agent.and_then(unless_hyphen),
        forwarded,
        latency_millis: whole_number(duration),
        extra: Extra {
            stamp: Stamp::Start,
            stamp_millis: stamp_millis(stamp),
            abort,
            request_id: quoted.request_id.and_then(unless_hyphen),
            upstream: Upstream {
                addresses: quoted.upstream.and_then(unless_hyphen),
                statuses: None,
                response_millis: whole_number(upstream_time),
            },
            ..Extra::NONE
        },
    }))
}

/// `GET /path HTTP/2`: a method or target that is not there is a hyphen.
fn read_request(line: &[u8]) -> Request<'_> {
    let request = Request::new(line);
    let is_there = |(method, target): &(&[u8], &[u8])| {
        *method != b"-" && *target != b"-" && !target.starts_with(b"- ")
    };
    Request { line, parts: request.parts.filter(is_there) }
}

/// A request, its status and flags, and what follows them.
struct Answer<'a> {
    request: &'a [u8],
    status: Status,
    flags: &'a [u8],
    rest: &'a [u8],
}

/// The first quote behind which a status and flags stand closes the request, which may hold quotes.
fn find_status(body: &[u8]) -> Option<Answer<'_>> {
    memchr_iter(b'"', body).find_map(|quote| {
        let (status, rest) = word(body[quote + 1..].strip_prefix(b" ")?);
        let status = Status::parse(status)?;
        let (flags, rest) = word(rest);
        let is_flag = |byte: &u8| byte.is_ascii_alphanumeric() || b",_-".contains(byte);
        let are_flags = !flags.is_empty() && flags.iter().all(is_flag);
        are_flags.then_some(Answer { request: &body[..quote], status, flags, rest })
    })
}

/// Bytes received and sent, duration and upstream time, the first four fields that are numbers before
/// a quote, and what follows them. Istio has details before them.
fn find_numbers(rest: &[u8]) -> Option<[&[u8]; 5]> {
    /// Details are a few words: `via_upstream - "-"`.
    const WORDS_MAX: usize = 64;
    let is_number = |text: &[u8]| number_or_none(text).is_some();
    let mut from = rest;
    for _ in 0..WORDS_MAX {
        let (a, after) = word(from);
        let (b, rest) = word(after);
        let (c, rest) = word(rest);
        let (d, rest) = word(rest);
        let is_millis = d == b"-" || is_number(d);
        if is_number(a) && is_number(b) && is_number(c) && is_millis && rest.starts_with(b"\"") {
            return Some([a, b, c, d, rest]);
        }
        if after.is_empty() {
            break;
        }
        from = after;
    }
    None
}

/// The fields in quotes, each `None` where the line was cut before its end.
#[derive(Default)]
struct Quoted<'a> {
    forwarded: Option<&'a [u8]>,
    agent: Option<&'a [u8]>,
    request_id: Option<&'a [u8]>,
    authority: Option<&'a [u8]>,
    upstream: Option<&'a [u8]>,
    /// What follows them.
    behind: &'a [u8],
}

/// `"xff" "agent" "id" "authority" "upstream"`, and more in Istio. Only the agent may hold quotes: it
/// is what is left between its neighbours.
fn read_quoted(text: &[u8]) -> Quoted<'_> {
    let mut quoted = Quoted::default();
    let Some(text) = text.strip_prefix(b"\"") else { return quoted };
    let Some(close) = memchr(b'"', text) else { return quoted };
    quoted.forwarded = Some(&text[..close]);
    let Some(text) = text[close + 1..].strip_prefix(b" \"") else { return quoted };
    let Some(last) = memrchr(b'"', text) else { return quoted };
    quoted.behind = text[last + 1..].trim_ascii();
    let (mut rest, mut fields) = (&text[..last], [None; 3]);
    for field in fields.iter_mut().rev() {
        let before = memrchr(b'"', rest).and_then(|open| {
            let before = rest[..open].strip_suffix(b"\" ")?;
            *field = Some(&rest[open + 1..]);
            Some(before)
        });
        let Some(before) = before else { return quoted };
        rest = before;
    }
    quoted.agent = Some(rest);
    [quoted.request_id, quoted.authority, quoted.upstream] = fields;
    quoted
}

/// The client of Istio's line, `cluster upstream-local downstream-local downstream-remote sni route`.
fn downstream(behind: &[u8]) -> Option<&[u8]> {
    let mut fields = behind.split(|&byte| byte == b' ');
    let remote = fields.nth(3)?;
    let address = plain_host(remote);
    (address.len() < remote.len()).then_some(address)
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"[2026-11-21T14:05:09.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "192.0.2.35" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "shop.example:8443" "198.51.100.1:80""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "204",
            bytes: 0,
            client: "192.0.2.35",
            host: Some("shop.example"),
            method: Some("POST"),
            target: Some("/api/v1/locations"),
            agent: Some("nsq2http"),
            forwarded: Some("192.0.2.35"),
            latency_millis: Some(226),
            start_millis: Some(1795269909310),
            ..BLANK
        },
    },
    Sample {
        line: br#"[2026-11-21T14:05:09.310Z] "GET /none HTTP/1.1" 404 NR route_not_found - "-" 0 0 2 - "203.0.113.9,192.0.2.35" "say "hi" there" "3b1fd9b0-cf5c-432b-8c7e-98aeb7988cd2" "shop.example" "-" - - 10.0.0.7:8080 192.0.2.36:51234 - -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 0,
            client: "192.0.2.36",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/none"),
            agent: Some(r#"say "hi" there"#),
            forwarded: Some("203.0.113.9,192.0.2.35"),
            latency_millis: Some(2),
            start_millis: Some(1795269909310),
            ..BLANK
        },
    },
    Sample {
        line: br#"[2026-11-21T14:05:09.310Z] "- - HTTP/1.1" 400 DPE 0 11 0 - "-" "-" "-" "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 11,
            client: "-",
            latency_millis: Some(0),
            start_millis: Some(1795269909310),
            ..BLANK
        },
    },
    Sample {
        line: br#"[2026-11-21T14:05:09.001Z] "GET /slow HTTP/3" 0 DC 0 0 5001 - "2001:db8::9" "app/1.0" "77d7d9b0-cf5c-432b-8c7e-98aeb7988cd2" "shop.example" "198.51.100.1:80""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "0",
            bytes: 0,
            client: "2001:db8::9",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/slow"),
            agent: Some("app/1.0"),
            forwarded: Some("2001:db8::9"),
            latency_millis: Some(5001),
            start_millis: Some(1795269909001),
            abort: Some("envoy-dc"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
