//! `apache-error`: Apache's error log, of 2.4 and of 2.2.

use memchr::memmem;
use nom::bytes::complete::{take, take_until};
use nom::character::complete::char;
use nom::combinator::{map_opt, opt};
use nom::multi::many0;
use nom::sequence::{delimited, terminated};
use nom::{IResult, Parser};

use super::marks::Line;
use super::{ErrorSample, Format, Reader, Samples, Tools};
use crate::record::{ErrorKind, ErrorLine, Said, Skip, Stamp};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "apache-error",
    summary: "Apache's error log; counted by kind, not as requests",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Errors(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    [Sat Nov 21 14:05:09.934327 2026] [core:error] [pid 25480:tid 25487] [client 198.51.100.7:42238]
    AH10244: invalid URI path (/cgi-bin/.%2e/bin/sh)

A line of it is no request: it is counted by kind in error_log. The time has no offset and is taken to
be in --timezone. What it is about is told by the number of the message (AH…), which Apache has had since
2.4, else by its beginning.";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    // `[Sat Nov 21 14:05:09`
    let [b'[', _, _, _, b' ', _, _, _, b' ', _, _, b' ', _, _, b':', ..] = line.text else {
        return Err(Skip::NoFormat);
    };
    let (message, (stamp, module, client)) = head(line.text).map_err(|_| Skip::NoFormat)?;
    let time = tools.state.clock.read(&stamp).ok_or(Skip::BadTime)?;
    let kind = kind(module, message);
    Ok(Said::Error(ErrorLine { time, kind, client, limit: None }))
}

type Head<'a> = ([u8; 20], &'a [u8], Option<&'a [u8]>);

/// The stamp as [`crate::clock::Clock`] reads it, the module with the level, and the client.
fn head(input: &[u8]) -> IResult<&[u8], Head<'_>> {
    let bracketed = |input| delimited(char('['), take_until("]"), char(']')).parse(input);
    let stamp = map_opt(bracketed, |text: &[u8]| {
        let parts: IResult<&[u8], _> =
            (take(4_usize), take(6_usize), char(' '), take(8_usize)).parse(text);
        let (rest, (_, month_and_day, _, time)) = parts.ok()?;
        let year = rest.last_chunk::<4>()?;
        let mut spelled = *b"DD/Mon/YYYY:hh:mm:ss";
        spelled[..2].copy_from_slice(&month_and_day[4..]);
        spelled[3..6].copy_from_slice(&month_and_day[..3]);
        spelled[7..11].copy_from_slice(year);
        spelled[12..].copy_from_slice(time);
        Some(spelled)
    });
    let (rest, (stamp, _, module, _)) = (stamp, char(' '), bracketed, char(' ')).parse(input)?;
    // `(20014)Internal error (…): ` may stand before the client.
    let (mut rest, more) = many0(terminated(bracketed, char(' '))).parse(rest)?;
    let mut client = more.into_iter().find_map(|field| field.strip_prefix(b"client "));
    if client.is_none() && rest.first() == Some(&b'(') {
        let (behind, found) =
            opt((take_until("): ["), take(3_usize), bracketed, char(' '))).parse(rest)?;
        if let Some((_, _, field, _)) = found {
            client = field.strip_prefix(b"client ");
            rest = behind;
        }
    }
    // Since 2.4 the client comes with its port, and the level with its module.
    let has_port = module.contains(&b':');
    let client = client.map(|client| if has_port { without_port(client) } else { client });
    Ok((rest, (stamp, module, client)))
}

fn without_port(client: &[u8]) -> &[u8] {
    match memchr::memrchr(b':', client) {
        Some(colon) if client[colon + 1..].iter().all(u8::is_ascii_digit) => &client[..colon],
        _ => client,
    }
}

/// By the number of the message (`docs/log-message-tags` of the source), else by its module.
fn kind(module: &[u8], message: &[u8]) -> ErrorKind {
    const NUMBERS: &[(&str, ErrorKind)] = &[
        ("AH00128", ErrorKind::NotFound),
        ("AH00130", ErrorKind::NotFound),
        ("AH01071", ErrorKind::NotFound),
        ("AH00035", ErrorKind::Forbidden),
        ("AH00124", ErrorKind::Malformed),
        ("AH00126", ErrorKind::Malformed),
        ("AH00127", ErrorKind::Malformed),
        ("AH00135", ErrorKind::Malformed),
        ("AH00566", ErrorKind::Malformed),
        ("AH10244", ErrorKind::Malformed),
        ("AH02429", ErrorKind::Malformed),
        ("AH02032", ErrorKind::Tls),
        ("AH01276", ErrorKind::Forbidden),
        ("AH01630", ErrorKind::Forbidden),
        ("AH01797", ErrorKind::Forbidden),
        ("AH00529", ErrorKind::Forbidden),
        ("AH01614", ErrorKind::Auth),
        ("AH01617", ErrorKind::Auth),
        ("AH01618", ErrorKind::Auth),
        ("AH01620", ErrorKind::Auth),
        ("AH00565", ErrorKind::TooLarge),
        ("AH00561", ErrorKind::TooLarge),
        ("AH01382", ErrorKind::ClientTimeout),
    ];
    const TEXTS: &[(&str, ErrorKind)] = &[
        ("File does not exist", ErrorKind::NotFound),
        ("script not found", ErrorKind::NotFound),
        ("client denied by server configuration", ErrorKind::Forbidden),
        ("Directory index forbidden", ErrorKind::Forbidden),
        ("ModSecurity:", ErrorKind::Security),
    ];
    let begins = |(text, _): &&(&str, ErrorKind)| message.starts_with(text.as_bytes());
    let known = NUMBERS.iter().chain(TEXTS).find(begins);
    let has = |text: &str| memmem::find(message, text.as_bytes()).is_some();
    match (known, module) {
        (Some((_, kind)), _) => *kind,
        (None, [b'p', b'r', b'o', b'x', b'y', ..]) if has("70007") => ErrorKind::UpstreamTimeout,
        (None, [b'p', b'r', b'o', b'x', b'y', ..]) => ErrorKind::UpstreamFailed,
        (None, [b's', b's', b'l', b':', ..]) => ErrorKind::Tls,
        (None, [b's', b'e', b'c', b'u', b'r', b'i', b't', b'y', ..]) => ErrorKind::Security,
        (None, [b'm', b'p', b'm', b'_', ..]) => ErrorKind::Server,
        (None, _) if module.ends_with(b"notice") => ErrorKind::Server,
        (None, _) => ErrorKind::Other,
    }
}

const SAMPLES: &[ErrorSample] = &[
    ErrorSample {
        line: b"[Sat Nov 21 14:05:09.934327 2026] [core:error] [pid 25480:tid 25487] [client 198.51.100.7:42238] AH10244: invalid URI path (/cgi-bin/.%2e/bin/sh)",
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::Malformed,
        client: Some("198.51.100.7"),
        limit: None,
    },
    ErrorSample {
        line: b"[Sat Nov 21 14:05:09 2026] [error] [client 198.51.100.7] File does not exist: /srv/html/favicon.ico, referer: http://shop.example/",
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::NotFound,
        client: Some("198.51.100.7"),
        limit: None,
    },
    ErrorSample {
        line: b"[Sat Nov 21 14:05:09.288843 2026] [proxy_http:error] [pid 22583:tid 123857130227392] (20014)Internal error (specific information not available): [client 2001:db8::1:60250] AH01102: error reading status line from remote server localhost:3000",
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::UpstreamFailed,
        client: Some("2001:db8::1"),
        limit: None,
    },
    ErrorSample {
        line: b"[Sat Nov 21 14:05:09.722380 2026] [mpm_event:notice] [pid 35280:tid 35280] AH00489: Apache/2.4.62 (Debian) configured -- resuming normal operations",
        time: "2026-11-21T14:05:09Z",
        kind: ErrorKind::Server,
        client: None,
        limit: None,
    },
];
