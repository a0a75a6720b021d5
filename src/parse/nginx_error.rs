//! `nginx-error`: nginx's `error.log`, which tells why requests failed, and what limits did.

use memchr::memmem;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while1};
use nom::character::complete::{char, digit1};
use nom::combinator::{map, opt, value};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::marks::Line;
use super::{ErrorSample, Format, Reader, Samples, Tools};
use crate::record::{ErrorKind, ErrorLine, LimitKind, LimitLine, Said, Skip, Stamp};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "nginx-error",
    summary: "nginx's error.log: limits, upstreams, files that are missing; counted by kind, not as requests",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Errors(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    2026/11/21 14:05:09 [error] 11003#11003: *93 limiting requests, excess: 2.547 by zone \"one\",
    client: 198.51.100.7, server: shop.example, request: \"GET /a HTTP/1.1\", host: \"shop.example\"

A line of it is no request: the same request has a line in the access log. It is counted by kind in
error_log, and what limit_req and limit_conn did, dry runs too, by zone. The time has no offset and is
taken to be in --timezone. nginx escapes nothing in it and cuts it after 2,048 bytes: only the message
before the client's address is believed. At the level error, which is the default, what a client did
wrong (400, 408, 414, 499) is not in it.";

/// `2026/11/21 14:05:09`
const STAMP_BYTES: usize = 19;

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let [_, _, _, _, b'/', _, _, b'/', _, _, b' ', ..] = line.text else {
        return Err(Skip::NoFormat);
    };
    let (message, (stamp, level)) = head(line.text).map_err(|_| Skip::NoFormat)?;
    let time = tools.state.clock.read(stamp).ok_or(Skip::BadTime)?;
    // What is behind it is the client's to choose.
    let end = memmem::find(message, b", client: ").unwrap_or(message.len());
    let (message, behind) = message.split_at(end);
    let client = preceded(tag(", client: "), take_while1(|byte| byte != b','));
    let client: IResult<&[u8], &[u8]> = { client }.parse(behind);
    let limit = limit(message).ok().map(|(_, limit)| limit);
    let kind = kind(level, message, limit.as_ref());
    Ok(Said::Error(ErrorLine { time, kind, client: client.ok().map(|(_, client)| client), limit }))
}

/// `2026/11/21 14:05:09 [error] 11003#11003: *93 `: the stamp and the level, before the message.
fn head(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let stamp = nom::bytes::complete::take(STAMP_BYTES);
    let level = delimited(tag(" ["), take_while1(|byte: u8| byte.is_ascii_lowercase()), tag("] "));
    let process = (digit1, char('#'), digit1, tag(": "));
    let connection = opt((char('*'), digit1, char(' ')));
    let (message, (stamp, level, _, _)) = (stamp, level, process, connection).parse(input)?;
    Ok((message, (stamp, level)))
}

/// What `ngx_http_limit_req_module.c` and `ngx_http_limit_conn_module.c` write: a comma stands before
/// `by` in all but the first.
fn limit(input: &[u8]) -> IResult<&[u8], LimitLine<'_>> {
    let verb = alt((
        value((LimitKind::Limiting, LimitKind::LimitingDryRun), tag("limiting requests")),
        value((LimitKind::Delaying, LimitKind::DelayingDryRun), tag("delaying request")),
        value((LimitKind::Connections, LimitKind::ConnectionsDryRun), tag("limiting connections")),
    ));
    let dry_run = map(opt(tag(", dry run")), |found| found.is_some());
    let thousandths = map((digit1, char('.'), digit1), |(whole, _, part): (&[u8], _, &[u8])| {
        let digits = whole.iter().chain(part.iter().take(3));
        digits.fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        })
    });
    let excess = opt(preceded(tag(", excess: "), thousandths));
    let zone = delimited(tag("by zone \""), take_until("\""), char('"'));
    let by = (opt(char(',')), char(' '), zone);
    let (rest, ((real, dry), is_dry, excess, (_, _, zone))) =
        (verb, dry_run, excess, by).parse(input)?;
    Ok((rest, LimitLine { zone, kind: if is_dry { dry } else { real }, excess }))
}

/// What a message is about, by how it begins: further on stand names of files, which the client chose.
fn kind(level: &[u8], message: &[u8], limit: Option<&LimitLine<'_>>) -> ErrorKind {
    const BEGINNINGS: &[(&str, ErrorKind)] = &[
        ("could not allocate node", ErrorKind::LimitZone),
        ("ngx_slab_alloc() failed: no memory in limit_", ErrorKind::LimitZone),
        ("ModSecurity:", ErrorKind::Security),
        ("[client ", ErrorKind::Security),
        ("NAXSI_", ErrorKind::Security),
        ("directory index of ", ErrorKind::Forbidden),
        ("access forbidden by rule", ErrorKind::Forbidden),
        ("no handler found", ErrorKind::NotFound),
        ("no user/password was provided", ErrorKind::Auth),
        ("user \"", ErrorKind::Auth),
        ("client intended to send too large", ErrorKind::TooLarge),
        ("client sent too ", ErrorKind::TooLarge),
        ("client sent plain HTTP", ErrorKind::Tls),
        ("client sent no required SSL", ErrorKind::Tls),
        ("client SSL certificate", ErrorKind::Tls),
        ("client attempted to request the server name", ErrorKind::Tls),
        ("client sent ", ErrorKind::Malformed),
        ("client timed out", ErrorKind::ClientTimeout),
        ("client prematurely closed", ErrorKind::ClientClosed),
        ("client closed", ErrorKind::ClientClosed),
        ("epoll_wait() reported that client", ErrorKind::ClientClosed),
        ("kevent() reported that client", ErrorKind::ClientClosed),
        ("upstream timed out", ErrorKind::UpstreamTimeout),
        ("no live upstreams", ErrorKind::UpstreamFailed),
        ("upstream ", ErrorKind::UpstreamFailed),
        ("auth request unexpected status", ErrorKind::UpstreamFailed),
        ("SSL_", ErrorKind::Tls),
        ("peer closed connection in SSL handshake", ErrorKind::Tls),
        ("cannot load certificate", ErrorKind::Server),
    ];
    match limit.map(|limit| limit.kind) {
        Some(LimitKind::Connections | LimitKind::ConnectionsDryRun) => return ErrorKind::LimitConn,
        Some(_) => return ErrorKind::LimitReq,
        None => {}
    }
    let begins = |(text, _): &&(&str, ErrorKind)| message.starts_with(text.as_bytes());
    if let Some((_, kind)) = BEGINNINGS.iter().find(begins) {
        return *kind;
    }
    let has = |text: &str| memmem::find(message, text.as_bytes()).is_some();
    // `open() "/srv/a" failed (2: No such file or directory)`, `"/srv/a/index.html" is not found (…)`
    let is_file = message.starts_with(b"open() \"") || message.starts_with(b"stat() \"");
    if is_file || message.first() == Some(&b'"') {
        let reason = memchr::memrchr(b'(', message).map_or(&b""[..], |at| &message[at + 1..]);
        return match reason {
            [b'1', b'3', b':', ..] | [b'4', b'0', b':', ..] => ErrorKind::Forbidden,
            [b'2', b':', ..] | [b'2', b'0', b':', ..] | [b'3', b'6', b':', ..] => {
                ErrorKind::NotFound
            }
            _ => ErrorKind::Other,
        };
    }
    // `connect() failed (111: Connection refused) while connecting to upstream`
    if has(" upstream") {
        return ErrorKind::UpstreamFailed;
    }
    if has(" while reading client request") || has(" while sending response to client") {
        return ErrorKind::ClientClosed;
    }
    match level {
        b"emerg" | b"alert" | b"notice" => ErrorKind::Server,
        _ => ErrorKind::Other,
    }
}

const SAMPLES: &[ErrorSample] = &[
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [error] 11003#11003: *93 limiting requests, excess: 2.547 by zone "one", client: 198.51.100.7, server: shop.example, request: "GET /a HTTP/1.1", host: "shop.example""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitReq,
        client: Some("198.51.100.7"),
        limit: Some(("one", LimitKind::Limiting, Some(2_547))),
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [warn] 11003#11003: *96 delaying request, excess: 0.979, by zone "two", client: 198.51.100.7, server: , request: "GET /b?1 HTTP/1.1", host: "shop.example""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitReq,
        client: Some("198.51.100.7"),
        limit: Some(("two", LimitKind::Delaying, Some(979))),
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [error] 7#7: *97 limiting requests, dry run, excess: 0.698 by zone "three", client: 2001:db8::1, server: shop.example, request: "GET /c HTTP/2.0""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitReq,
        client: Some("2001:db8::1"),
        limit: Some(("three", LimitKind::LimitingDryRun, Some(698))),
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [warn] 7#7: *98 delaying request, dry run, excess: 1.000, by zone "two", client: 198.51.100.7, server: shop.example"#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitReq,
        client: Some("198.51.100.7"),
        limit: Some(("two", LimitKind::DelayingDryRun, Some(1_000))),
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [error] 7#7: *110 limiting connections by zone "addr", client: 198.51.100.7, server: shop.example, request: "GET /lc HTTP/1.1""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitConn,
        client: Some("198.51.100.7"),
        limit: Some(("addr", LimitKind::Connections, None)),
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [error] 7#7: *111 limiting connections, dry run, by zone "addr", client: 198.51.100.7, server: shop.example, request: "GET /lc HTTP/1.1""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitConn,
        client: Some("198.51.100.7"),
        limit: Some(("addr", LimitKind::ConnectionsDryRun, None)),
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [error] 7#7: *5 open() "/srv/html/limiting requests, excess: 9.999 by zone "x"" failed (2: No such file or directory), client: 198.51.100.7, server: shop.example, request: "GET /x HTTP/1.1", host: "shop.example""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::NotFound,
        client: Some("198.51.100.7"),
        limit: None,
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [error] 7#7: *6 connect() failed (111: Connection refused) while connecting to upstream, client: 198.51.100.7, server: shop.example, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:3000/", host: "shop.example""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::UpstreamFailed,
        client: Some("198.51.100.7"),
        limit: None,
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [alert] 7#7: could not allocate node in limit_req zone "one""#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::LimitZone,
        client: None,
        limit: None,
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [info] 7#7: *8 epoll_wait() reported that client prematurely closed connection, so upstream connection is closed too while sending request to upstream, client: 198.51.100.7, server: shop.example"#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::ClientClosed,
        client: Some("198.51.100.7"),
        limit: None,
    },
    ErrorSample {
        line: br#"2026/11/21 14:05:09 [notice] 1#1: signal process started"#,
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::Server,
        client: None,
        limit: None,
    },
];
