//! The ways of the formats themselves say what all formats say, and never more.

use bumpalo::Bump;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::parse::{FORMATS, Formats, Marks, Reader, State};
use crate::record::{Said, Skip};

/// Reads lines one after the other as a scan does whose source voted for the format `first`, and says how
/// many were read by the format's own way. What that says must be what the careful way says, which learns
/// nothing from line to line.
fn compare(formats: &Formats, first: usize, text: &[u8]) -> usize {
    let (mut state, arena, mut marks) = (State::default(), Bump::new(), Marks::default());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let mut unread = marks.find(text);
    let mut regular = formats.regular(Some(first)).expect("it has a way of its own");
    let mut count = 0;
    loop {
        let start = unread.start();
        let usual = regular.read(&mut unread, &mut tools).copied();
        let line = text.get(start..).unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if let Some(record) = usual {
            let (mut state, mut marks) = (State::default(), Marks::default());
            let mut tools = Tools { arena: &arena, state: &mut state };
            let careful = formats.read(marks.line(line), Some(first), &mut tools);
            assert_eq!(careful, Ok((Said::Request(record), first)), "{}", line.escape_ascii());
            assert_eq!(unread.start(), start + line.len() + 1);
            count += 1;
        } else {
            let Some(line) = unread.take() else { return count };
            let _ = formats.read(line, Some(first), &mut tools);
        }
    }
}

/// A line as it is, cut after each byte, and with each byte made another.
fn spoilt(line: &[u8]) -> Vec<u8> {
    let mut text = [line, b"\n", line, b"\n"].concat();
    for at in 0..line.len() {
        text.extend_from_slice(&line[..at]);
        text.push(b'\n');
        for byte in *b"\"\\ -{}[],:0e\r\0" {
            let mut odd = line.to_vec();
            odd[at] = byte;
            text.extend_from_slice(&odd);
            text.push(b'\n');
        }
    }
    text
}

#[test]
fn spoilt_lines_in_json_are_read_as_the_careful_way_reads_them() {
    let formats = Formats::new(FORMATS);
    let mut read = 0;
    for (first, format) in FORMATS.iter().enumerate() {
        if formats.regular(Some(first)).is_none() {
            continue;
        }
        for line in format.samples.lines() {
            read += compare(&formats, first, &spoilt(line));
        }
    }
    assert!(read > 1_000, "{read}");
}

#[test]
fn spoilt_lines_of_compiled_formats_are_read_as_the_careful_way_reads_them() {
    const COMBINED: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;
    let line = r#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#;
    let with = |format: &str, more: &str| (format!("{COMBINED}{format}"), format!("{line}{more}"));
    let own = |format: &str, line: &str| (format.to_string(), line.to_string());
    let formats = [
        with("", ""),
        with(" $request_time", " 0.012"),
        with(r#" rt=$request_time ua="$upstream_addr" $upstream_status"#, r#" rt=0.1 ua="a, b" -"#),
        with(r#" "$http_x_forwarded_for" $msec"#, r#" "203.0.113.9" 1795269909.123"#),
        own(
            r#"$remote_addr - $remote_user [$time_local] "$host" "$request" $status $bytes_sent"#,
            r#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "a.example" "GET /a HTTP/1.1" 404 153"#,
        ),
        own(
            r#"$time_iso8601|$remote_addr|$status|"$request_uri"|$request_method|$request_time"#,
            r#"2026-11-21T14:05:09+00:00|198.51.100.7|404|"/a?b"|GET|0.003"#,
        ),
        own(
            r#"escape=json {"t":"$time_iso8601","a":"$remote_addr","r":"$request","s":$status}"#,
            r#"{"t":"2026-11-21T14:05:09+00:00","a":"2001:db8::1","r":"GET / HTTP/1.1","s":404}"#,
        ),
        // As combined, but with escapes and with nothing for what is missing.
        own(
            &format!("escape=json {COMBINED} $request_time"),
            r#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /caf\\e9 HTTP/1.1" 404 153 "" "x" 0.001"#,
        ),
        own(
            r#"escape=none $remote_addr [$time_local] "$request" $status "$http_user_agent""#,
            r#"198.51.100.7 [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 404 "a b""#,
        ),
    ];
    for (format, line) in formats {
        let format = Compiled::nginx(&format).unwrap_or_else(|error| panic!("{error}"));
        let formats = Formats::of(vec![Row::Compiled(std::sync::Arc::new(format))]);
        let read = compare(&formats, 0, &spoilt(line.as_bytes()));
        assert!(read >= 2, "{line}");
    }
}

#[test]
fn what_a_template_learnt_changes_no_line_after_it() {
    let formats = Formats::new(FORMATS);
    let first = |id: &str| FORMATS.iter().position(|format| format.id == id).unwrap();
    let start = r#"{"time":"2026-11-21T14:05:09Z","remote_addr":"192.0.2.1","request":"GET / HTTP/1.1","status":404"#;
    let lines = |ends: &[&str]| {
        ends.iter().map(|end| format!("{start},{end}}}\n")).collect::<String>().into_bytes()
    };
    // A number goes on to what ends one.
    let numbers = [r#""bytes":"12""x":"y""#, r#""bytes":"12""x":"y""#, r#""bytes":12"x":"y""#];
    compare(&formats, first("json"), &lines(&numbers));
    let lists = [r#""urt":["-",1]"#, r#""urt":["-",1]"#, r#""urt":[0.25,1]"#];
    compare(&formats, first("json"), &lines(&lists));
    let [none, list] = ["null,1", "0.25,1"].map(|list| format!(r#""upstream_time":[{list}]"#));
    compare(&formats, first("json"), &lines(&[&none, &none, &list]));
    // What the lines before said is not said of lines that have no key for it.
    let (long, short) = (r#""agent":"a","bytes":1,"request_time":0.012"#, r#""referer":"b""#);
    let read = compare(&formats, first("json"), &lines(&[long, long, long, short, short, short]));
    assert_eq!(read, 4);
    let words =
        [r#""bytes":1,"tls":true"#, r#""bytes":null,"tls":false"#, r#""bytes":-1,"tls":null"#];
    assert!(compare(&formats, first("json"), &lines(&words)) > 0);
    // Whose line it is, the first key tells that only one product has.
    let line = r#"{"response_flags":"DC","time":"2026-11-21T14:05:09Z","ClientHost":"192.0.2.1","RequestMethod":"GET","RequestPath":"/","DownstreamStatus":404,"Duration":1200}"#;
    let text = format!("{line}\n").repeat(4);
    compare(&formats, first("traefik-json"), text.as_bytes());
    compare(&formats, first("envoy-json"), text.as_bytes());
}

#[test]
fn values_that_go_straight_into_a_record_say_what_facts_would() {
    let formats = Formats::new(FORMATS);
    let first = FORMATS.iter().position(|format| format.id == "json").unwrap();
    let line = |values: [&str; 9]| {
        let [time, client, line, status, bytes, seconds, completion, urt, agent] = values;
        format!(
            r#"{{"t":1,"time_local":"21/Nov/2026:14:05:09 +0000","time":{time},"remote_addr":{client},"http":{{"host":"a.example","request":{line}}},"status":{status},"bytes":{bytes},"request_time":{seconds},"request_completion":{completion},"upstream_response_time":{urt},"agent":{agent},"http_user_agent":"b"}}"#
        ) + "\n"
    };
    let usual = [
        r#""2026-11-21T14:05:09+00:00""#,
        r#""192.0.2.1""#,
        r#""GET /a HTTP/1.1""#,
        "404",
        "153",
        "0.012",
        r#""OK""#,
        "0.011",
        r#""a""#,
    ];
    let odd = [
        "null",
        "-",
        "true",
        "0",
        "12.5",
        "-1",
        "\"\"",
        "\"-\"",
        "\"null\"",
        "\"/a\"",
        "\"GET\"",
        "\"[2001:db8::1]:80\"",
        "\"192.0.2.1, 192.0.2.2\"",
        "\"2001:db8::1\"",
        "\"0.1, 0.2\"",
        "\"404\"",
        "\" 2026-11-21T14:05:09Z\"",
        "\"2026-11-21T14:05:09.5Z\"",
        "18446744073709551616",
    ];
    let mut text = line(usual).repeat(2);
    for at in 0..usual.len() {
        for value in odd {
            let mut values = usual;
            values[at] = value;
            // Behind an odd line nothing of it is left.
            text += &(line(values) + &line(usual));
            // And where such lines are what is learnt from.
            let read = compare(&formats, first, (line(values).repeat(3) + &line(usual)).as_bytes());
            assert!(read <= 4);
        }
    }
    assert!(compare(&formats, first, text.as_bytes()) > usual.len() * odd.len());
    // Method, target and query of their own.
    let line = |method: &str, target: &str, args: &str| {
        format!(
            r#"{{"time_iso8601":"2026-11-21T14:05:09+00:00","remote_addr":"192.0.2.1","method":{method},"uri":{target},"args":{args},"status":"404"}}"#
        ) + "\n"
    };
    let mut text = line(r#""GET""#, r#""/a""#, r#""""#).repeat(2);
    for value in odd.into_iter().chain([r#""?x=1""#, r#""x=1""#, r#""http://b.example/c?d""#]) {
        text += &line(value, r#""/a""#, r#""b""#);
        text += &line(r#""GET""#, value, r#""b=c""#);
        text += &line(r#""GET""#, r#""/a""#, value);
    }
    assert!(compare(&formats, first, text.as_bytes()) > odd.len());
}

#[test]
fn members_of_an_array_one_a_line_are_read() {
    let formats = Formats::new(FORMATS);
    let first = FORMATS.iter().position(|format| format.id == "json").unwrap();
    let line = r#"{"time":"2026-11-21T14:05:09Z","remote_addr":"192.0.2.1","request":"GET / HTTP/1.1","status":404}"#;
    let (mut state, arena) = (State::default(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let mut read = |line: &str| {
        let line = arena.alloc_str(line);
        formats.identify(line.as_bytes(), &mut tools)
    };
    let alone = read(line);
    assert!(alone.is_ok());
    for end in [",", ", ", " ,"] {
        assert_eq!(read(&format!("{line}{end}")), alone);
    }
    for end in [",,", ",{}", "]"] {
        assert_eq!(read(&format!("{line}{end}")), Err(Skip::NoFormat));
    }
    let array = format!("[\n{line},\n{line},\n{line},\n{line}\n]\n");
    assert!(compare(&formats, first, array.as_bytes()) >= 2);
}

#[test]
fn what_docker_wraps_is_not_learnt_as_it_is_wrapped() {
    let formats = Formats::new(FORMATS);
    let first = FORMATS.iter().position(|format| format.id == "json").unwrap();
    let line = r#"{"log":"x","time":"2026-11-21T14:05:09Z","remote_addr":"192.0.2.1","status":404,"request":"GET / HTTP/1.1"}"#;
    assert_eq!(compare(&formats, first, format!("{line}\n{line}\n{line}\n").as_bytes()), 0);
}

/// A value that a key may have, whatever that means.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[ -~]{0,12}".prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        2 => (0_u32..100_000).prop_map(Value::from),
        1 => (0.0..100.0).prop_map(|number: f64| json!(number)),
        1 => Just(json!("-")),
        1 => Just(json!(null)),
        1 => Just(json!(true)),
        1 => prop::collection::vec("[a-z]{0,3}", 0..3).prop_map(|list| json!(list)),
    ]
}

proptest! {
    /// Lines with the same keys, some of which mean the same, and any values.
    #[test]
    fn what_is_learnt_from_a_line_changes_none_of_those_after_it(
        keys in prop::sample::subsequence(&[
            "msg", "level", "host", "bytes", "bytes_sent", "uri", "args", "request", "user_agent",
            "request_time", "duration_ms", "upstream_response_time", "x_forwarded_for", "referer", "x",
            "request_completion", "response_flags", "logger",
        ][..], 0..8),
        lines in prop::collection::vec(
            (prop::collection::vec(value(), 8), prop::sample::select(&["404", "200", "\"499\"", "null"][..])),
            1..6,
        ),
    ) {
        let mut text = Vec::new();
        for (values, status) in &lines {
            let mut line = format!(
                r#"{{"time":"2026-11-21T14:05:09Z","remote_addr":"192.0.2.1","status":{status}"#,
            );
            for (key, value) in keys.iter().zip(values) {
                line += &format!(",\"{key}\":{value}");
            }
            text.extend_from_slice(line.as_bytes());
            text.extend_from_slice(b",\"method\":\"GET\",\"path\":\"/a\"}\n");
        }
        let formats = Formats::new(FORMATS);
        let first = FORMATS.iter().position(|format| format.id == "json").unwrap();
        compare(&formats, first, &text);
    }

    /// What another library spells comes back.
    #[test]
    fn values_of_json_come_back(
        [host, agent, referer, user] in prop::array::uniform4(any::<String>()),
        path in "/[ -~]{0,20}",
        status in 100_u16..600,
        bytes in any::<u64>(),
        millis in 0_u32..10_000_000,
    ) {
        let line = json!({
            "@timestamp": "2026-11-21T14:05:09.250Z",
            "client": {"ip": "2001:db8::1"},
            "http": {"request": {"method": "GET", "referrer": referer},
                     "response": {"status_code": status, "body": {"bytes": bytes}}},
            "url": {"path": path, "domain": format!("h{}", host.trim())},
            "user_agent": {"original": agent},
            "user": {"name": user},
            "event": {"duration": u64::from(millis) * 1_000_000},
        })
        .to_string();
        let (mut state, arena) = (State::default(), Bump::new());
        let mut tools = Tools { arena: &arena, state: &mut state };
        let said = Formats::new(FORMATS).identify(line.as_bytes(), &mut tools);
        let Ok((Said::Request(record), at)) = said else { panic!("{said:?}: {line}") };
        prop_assert_eq!(FORMATS[at].id, "json");
        let told = |text: &str| (text != "-").then(|| text.as_bytes().to_vec());
        let own = |text: Option<&[u8]>| text.map(<[u8]>::to_vec);
        prop_assert_eq!(record.client, b"2001:db8::1");
        prop_assert_eq!(record.status.to_string(), status.to_string());
        prop_assert_eq!(record.bytes, bytes);
        prop_assert_eq!(own(record.referer), told(&referer));
        prop_assert_eq!(own(record.agent), told(&agent));
        prop_assert_eq!(own(record.user), told(&user).filter(|user| !user.is_empty()));
        prop_assert_eq!(record.request.target(), Some(path.as_bytes()));
        prop_assert_eq!(record.latency_millis, Some(u64::from(millis)));
        prop_assert_eq!(record.extra.stamp_millis, Some(250));
    }
}

#[test]
fn a_line_in_json_that_was_cut_is_cut() {
    let formats = Formats::new(FORMATS);
    let arena = Bump::new();
    let reason = |line: &[u8]| {
        let mut state = State::default();
        let mut tools = Tools { arena: &arena, state: &mut state };
        formats.identify(line, &mut tools).map(|_| ()).expect_err("it has no end")
    };
    for format in FORMATS.iter().filter(|format| matches!(format.reader, Reader::Json(_))) {
        for line in format.samples.lines() {
            for end in 1..line.len() {
                let reason = reason(&line[..end]);
                assert!(
                    [Skip::Cut, Skip::NoFormat, Skip::NoRequest].contains(&reason),
                    "{reason:?}: {}",
                    line[..end].escape_ascii()
                );
            }
        }
    }
    let line = r#"{"time":"2026-11-21T14:05:09Z","remote_addr":"192.0.2.1","request":"GET / HTTP/1.1","status":404}"#;
    let request_end = line.find(",\"status").unwrap();
    for end in request_end..line.len() {
        assert_eq!(reason(&line.as_bytes()[..end]), Skip::Cut, "{}", &line[..end]);
    }
    assert_eq!(
        reason(br#"{"time":"2026-11-21T14:05:09Z","level":"info","msg":"sta"#),
        Skip::NoFormat
    );
}
