//! `haproxy`: HAProxy's HTTP log.

use memchr::{memchr, memmem};

use super::field::{number_or_none, whole_number, word};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::clock::CLF_BYTES;
use crate::record::{Abort, Extra, Record, Request, Said, Skip, Stamp, Status};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "haproxy",
    summary: "HAProxy's HTTP log, option httplog or httpslog: timers 0/0/1/2/3, status, bytes, ---- …",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
HAProxy's own format. The time is that at which the request began, in the zone of the server; the
log does not say which, so that --timezone does. The duration is the last of the five timers. A
state that begins with C or c says that the client left or did not send its request in time. The
agent is known where it is captured and begins with Mozilla/. Lines of option tcplog and those about
handshakes, servers and proxies tell of no request.

    option httplog
    capture request header User-Agent len 128";

/// `06/Feb/2009:12:14:14`, the stamp up to its fraction.
const SECOND_BYTES: usize = CLF_BYTES - b" +0000".len();

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let text = line.text;
    let (address, rest) = word(text);
    // The last colon stands before the port, even behind an address of IPv6.
    let colon = memchr::memrchr(b':', address).unwrap_or(address.len());
    let is_port = address.get(colon + 1..).is_some_and(|port| port.iter().all(u8::is_ascii_digit));
    let client = if is_port { &address[..colon] } else { address };
    let has_port = client.len() < address.len();
    let Some(rest) = rest.strip_prefix(b"[").filter(|_| has_port) else {
        return Err(if is_message(text) { Skip::NoRequest } else { Skip::NoFormat });
    };
    let Some((stamp, [b'.', a, b, c, b']', rest @ ..])) = rest.split_at_checked(SECOND_BYTES)
    else {
        return Err(Skip::NoFormat);
    };
    let stamp_millis = whole_number(&[*a, *b, *c]).ok_or(Skip::NoFormat)?;
    let time = tools.state.clock.read_local(stamp).ok_or(Skip::BadTime)?;
    let mut rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let mut next = || {
        let (field, after) = word(rest);
        rest = after;
        if field.is_empty() { Err(Skip::Cut) } else { Ok(field) }
    };
    let (frontend, second) = (next()?, next());
    if frontend.ends_with(b":") {
        // `192.0.2.1:50033 [time] frontend/1: SSL handshake failure`
        return Err(Skip::NoRequest);
    }
    second?;
    let timers = next()?;
    match timers.iter().filter(|&&byte| byte == b'/').count() {
        4 => {}
        2 => return Err(Skip::NoRequest),
        _ => return Err(Skip::NoFormat),
    }
    let status = Status::parse(next()?).ok_or(Skip::NoFormat)?;
    let bytes = number_or_none(next()?).ok_or(Skip::NoFormat)?;
    let (_cookie, _cookie_sent, state, _connections, _queues) =
        (next()?, next()?, next()?, next()?, next()?);
    // Neither captures nor requests hold a bare quote. Syslog may have cut the one that closes.
    let open = memchr(b'"', rest).ok_or(Skip::Cut)?;
    let (captures, request) = (&rest[..open], &rest[open + 1..]);
    let request = memchr(b'"', request).map_or(request, |close| &request[..close]);
    let duration = timers.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    Ok(Said::Request(Record {
        time,
        status,
        bytes,
        client,
        host: None,
        user: None,
        request: Request::new(request),
        referer: None,
        agent: captured_agent(captures),
        forwarded: None,
        latency_millis: whole_number(duration.strip_prefix(b"+").unwrap_or(duration)),
        extra: Extra {
            stamp: Stamp::Start,
            stamp_millis: u16::try_from(stamp_millis).ok(),
            abort: Abort::haproxy(state),
            ..Extra::NONE
        },
    }))
}

/// The agent among captured headers, `{shop.example|Mozilla/5.0 (X11)} {nginx}`. Which headers they
/// are the log does not say, but nearly every agent begins in one way, and nothing else does.
fn captured_agent(captures: &[u8]) -> Option<&[u8]> {
    let from = memmem::find_iter(captures, b"Mozilla/").find(|&at| {
        at.checked_sub(1).and_then(|at| captures.get(at)).is_some_and(|byte| b"{|".contains(byte))
    })?;
    let agent = &captures[from..];
    let end = agent.iter().position(|byte| b"|}".contains(byte)).unwrap_or(agent.len());
    Some(&agent[..end])
}

/// Whether it is one of the lines by which HAProxy tells of itself (`src/proxy.c`, `src/server.c`,
/// `src/log.c`).
fn is_message(text: &[u8]) -> bool {
    const MESSAGES: &[(&[u8], &[&[u8]])] = &[
        (b"Proxy ", &[b" started.", b" stopped (", b" paused."]),
        (b"Stopping ", &[b" in "]),
        (b"Server ", &[b" is UP", b" is DOWN", b" is going ", b" is stopping"]),
        (b"Backup Server ", &[b" is UP", b" is DOWN"]),
        (b"Health check for ", &[b"server "]),
        (b"backend ", &[b" has no server available!"]),
        (b"proxy ", &[b" has no server available!"]),
        (b"Connect from ", &[b"/HTTP)", b"/TCP)"]),
    ];
    let fits = |words: &[&[u8]]| words.iter().any(|word| memmem::find(text, word).is_some());
    MESSAGES.iter().any(|(begin, words)| text.starts_with(begin) && fits(words))
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.1:42617 [21/Nov/2026:14:05:09.385] http-in~ web/s1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {shop.example|Mozilla/5.0 (#22q#22)} {} "GET /index.html HTTP/1.1""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 2750,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/index.html"),
            agent: Some("Mozilla/5.0 (#22q#22)"),
            latency_millis: Some(109),
            start_millis: Some(1795269909385),
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::1:33317 [21/Nov/2026:14:05:09.007] http-in http-in/<NOSRV> 0/-1/-1/-1/0 429 225 - - PR-- 1/1/0/0/0 0/0 "GET /slow HTTP/2.0" 0/-/-/-/0 shop.example/TLSv1.3/TLS_AES_128_GCM_SHA256"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "429",
            bytes: 225,
            client: "2001:db8::1",
            method: Some("GET"),
            target: Some("/slow"),
            latency_millis: Some(0),
            start_millis: Some(1795269909007),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1:42617 [21/Nov/2026:14:05:09.385] http-in http-in/<NOSRV> -1/-1/-1/-1/1000 408 0 - - cR-- 1/1/0/0/0 0/0 "<BADREQ>""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "408",
            bytes: 0,
            client: "192.0.2.1",
            latency_millis: Some(1000),
            start_millis: Some(1795269909385),
            abort: Some("haproxy-c"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1:42617 [21/Nov/2026:14:05:09.385] http-in http-in/<NOSRV> -1/-1/-1/-1/0 -1 0 - - PR-- 1/1/0/0/0 0/0 {|} {} "GET /drop HTTP/1.1""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "-1",
            bytes: 0,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/drop"),
            latency_millis: Some(0),
            start_millis: Some(1795269909385),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1:42617 [21/Nov/2026:14:05:09.385] http-in web/s1 0/0/1/7/+8 404 +474 - - ---- 1/1/1/1/0 0/0 "GET /a-target-that-syslog-cut"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 474,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/a-target-that-syslog-cut"),
            latency_millis: Some(8),
            start_millis: Some(1795269909385),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
