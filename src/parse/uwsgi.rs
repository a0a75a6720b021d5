//! `uwsgi`: the log of requests that uWSGI writes where no other is set.

use memchr::{memchr, memmem, memrchr};

use super::field::{whole_number, word};
use super::{Format, Line, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "uwsgi",
    summary: "[pid: 1|app: 0|req: 1/1] client (user) {vars} [time] GET /path => generated 47 bytes in 9 msecs …",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
The default log of uWSGI. The time is that at which the request began, in the zone of the server;
the log does not say which, so that --timezone does. Lines about workers tell of no request.

    [pid: 88|app: 0|req: 1/1] 192.0.2.1 () {38 vars in 696 bytes} [Sat Nov 21 14:05:09 2026]
    GET /path => generated 47 bytes in 129 msecs (HTTP/1.1 200) 9 headers in 378 bytes (…)";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let text = line.text;
    let Some(rest) = text.strip_prefix(b"[pid: ") else {
        let is_message = text.starts_with(b"spawned uWSGI ")
            || (text.starts_with(b"*** ") && memmem::find(text, b"uWSGI").is_some());
        return Err(if is_message { Skip::NoRequest } else { Skip::NoFormat });
    };
    // What the client sent stands between the time and the arrow.
    let arrow = memmem::rfind(rest, b" => generated ").ok_or(Skip::Cut)?;
    let (before, after) = (&rest[..arrow], &rest[arrow + b" => generated ".len()..]);
    let head = memmem::find(before, b"] ").ok_or(Skip::NoFormat)?;
    let before = &before[head + 2..];
    // With `log-x-forwarded-for` the client is a list: `192.0.2.1, 198.51.100.2 ()`.
    let paren = memmem::find(before, b" (").ok_or(Skip::NoFormat)?;
    let (client, before) = (&before[..paren], &before[paren + 2..]);
    let vars = memmem::find(before, b") {").ok_or(Skip::NoFormat)?;
    let (user, before) = (&before[..vars], &before[vars + 3..]);
    let bracket = memmem::find(before, b"} [").ok_or(Skip::NoFormat)?;
    let before = &before[bracket + 3..];
    let close = memchr(b']', before).ok_or(Skip::NoFormat)?;
    let time = tools.state.clock.read(&before[..close]).ok_or(Skip::BadTime)?;
    let request = before[close + 1..].trim_ascii_start();
    let (bytes, after) = word(after);
    let bytes = whole_number(bytes).ok_or(Skip::Cut)?;
    let after = after.strip_prefix(b"bytes in ").ok_or(Skip::Cut)?;
    let (duration, after) = word(after);
    let latency_millis = whole_number(duration).map(|number| match word(after).0 {
        b"micros" => number / 1_000,
        b"secs" => number.saturating_mul(1_000),
        _ => number,
    });
    // ` via sendfile()` may stand before it.
    let open = memmem::find(after, b" (").ok_or(Skip::Cut)?;
    let status = memchr(b')', &after[open..]).map_or(after, |close| &after[..open + close]);
    let space = memrchr(b' ', status).ok_or(Skip::Cut)?;
    let status = Status::parse(&status[space + 1..]).ok_or(Skip::Cut)?;
    let (first, _) = word(client);
    Ok(Said::Request(Record {
        time,
        status,
        bytes,
        client: first.strip_suffix(b",").unwrap_or(first),
        host: None,
        user: (!user.is_empty()).then_some(user),
        request: Request::new(request),
        referer: None,
        agent: None,
        forwarded: None,
        latency_millis,
        extra: Extra { stamp: Stamp::Start, ..Extra::NONE },
    }))
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"[pid: 88185|app: 0|req: 1/1] 192.0.2.1 () {38 vars in 696 bytes} [Sat Nov 21 14:05:09 2026] POST /update => generated 47 bytes in 129 msecs (HTTP/1.1 200) 9 headers in 378 bytes (1 switches on core 3)"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 47,
            client: "192.0.2.1",
            method: Some("POST"),
            target: Some("/update"),
            latency_millis: Some(129),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"[pid: 88185|app: 0|req: 3/3] 2001:db8::1 (ann) {34 vars in 617 bytes} [Sat Nov 21 14:05:09 2026] GET /none?a=b => generated 215 bytes in 1868 micros (HTTP/1.0 404) 9 headers in 373 bytes (1 switches on core 8)"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 215,
            client: "2001:db8::1",
            user: Some("ann"),
            method: Some("GET"),
            target: Some("/none?a=b"),
            latency_millis: Some(1),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"[pid: 7|app: -1|req: -1/4] 192.0.2.1, 198.51.100.2 () {30 vars in 350 bytes} [Sat Nov 21 14:05:09 2026] GET /file => generated 0 bytes in 16 msecs via sendfile() (HTTP/1.1 304) 2 headers in 83 bytes (0 switches on core 0)"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "304",
            bytes: 0,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/file"),
            latency_millis: Some(16),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"[pid: 7|app: 0|req: 5/9] 192.0.2.1 () {30 vars in 350 bytes} [Sat Nov 21 14:05:09 2026]   => generated 0 bytes in 1 msecs (HTTP/1.1 400) 0 headers in 0 bytes (0 switches on core 0)"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 0,
            client: "192.0.2.1",
            latency_millis: Some(1),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
