//! Tests of compiled formats: what each field says, which formats are refused, and the round trip.

use bumpalo::Bump;
use proptest::prelude::*;

use super::*;
use crate::parse::{Marks, Row, State};
use crate::record::{Abort, Limit, Record};

/// Reads a line by a format, and shows the record to `look`.
fn read<T>(row: &Row, line: &[u8], look: impl FnOnce(Result<Record<'_>, Skip>) -> T) -> T {
    let (mut state, arena, mut marks) = (State::default(), Bump::new(), Marks::default());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let Row::Compiled(format) = row else { panic!("it is compiled") };
    look(match format.read(marks.line(line), &mut tools) {
        Ok(Said::Request(record)) => Ok(record),
        Ok(Said::Error(_)) => panic!("a format of requests"),
        Err(skip) => Err(skip),
    })
}

fn nginx<T>(format: &str, line: &str, look: impl FnOnce(Record<'_>) -> T) -> T {
    let row = Row::nginx(format, RealIp::FIELD).unwrap_or_else(|error| panic!("{error}"));
    read(&row, line.as_bytes(), |said| look(said.unwrap_or_else(|skip| panic!("{skip:?}: {line}"))))
}

fn apache<T>(format: &str, line: &str, look: impl FnOnce(Record<'_>) -> T) -> T {
    let row = Row::apache(format, RealIp::FIELD).unwrap_or_else(|error| panic!("{error}"));
    read(&row, line.as_bytes(), |said| look(said.unwrap_or_else(|skip| panic!("{skip:?}: {line}"))))
}

fn skip(format: &str, line: &str) -> Skip {
    let row = Row::nginx(format, RealIp::FIELD).unwrap_or_else(|error| panic!("{error}"));
    read(&row, line.as_bytes(), |said| said.map(|_| ()).expect_err(line))
}

fn refused(format: &str) -> FormatError {
    match Row::nginx(format, RealIp::FIELD) {
        Ok(_) => panic!("{format} is taken"),
        Err(error) => error,
    }
}

const T: &str = "21/Nov/2026:14:05:09 +0000";

#[test]
fn everything_beyond_the_usual_is_used() {
    let format = r#"$realip_remote_addr $remote_addr $host [$time_local] "$request" $status $bytes_sent $request_time $msec "$upstream_addr" $upstream_status $upstream_response_time $limit_req_status $limit_conn_status $request_id "$sent_http_location" "$request_completion" $pipe"#;
    let line = format!(
        r#"192.0.2.9 198.51.100.7 shop.example [{T}] "GET /a HTTP/1.1" 404 153 0.012 1795269909.250 "192.0.2.1:80, unix:/run/a : backend" 502, - : 404 0.001, - : 0.002 DELAYED REJECTED 0123456789abcdef0123456789abcdef "https://shop.example/b" "" ."#
    );
    nginx(format, &line, |record| {
        assert_eq!(record.client, b"198.51.100.7");
        assert_eq!(record.host, Some(&b"shop.example"[..]));
        assert_eq!(
            (record.time, record.bytes, record.latency_millis),
            (1_795_269_909, 153, Some(12))
        );
        let extra = record.extra;
        assert_eq!((extra.stamp, extra.stamp_millis), (Stamp::End, Some(250)));
        assert_eq!(extra.peer, Some(&b"192.0.2.9"[..]));
        assert_eq!(extra.abort, Some(Abort::NginxIncomplete));
        assert_eq!(extra.request_id, Some(&b"0123456789abcdef0123456789abcdef"[..]));
        assert_eq!(extra.location, Some(&b"https://shop.example/b"[..]));
        let upstream = extra.upstream;
        assert_eq!(upstream.addresses, Some(&b"192.0.2.1:80, unix:/run/a : backend"[..]));
        assert_eq!(upstream.statuses, Some(&b"502, - : 404"[..]));
        assert_eq!(upstream.response_millis, Some(3));
        assert_eq!(
            (extra.limit_req, extra.limit_conn),
            (Some(Limit::Delayed), Some(Limit::Rejected))
        );
    });
}

#[test]
fn what_no_upstream_and_no_limit_did_is_none() {
    let format = r#"$remote_addr [$time_iso8601] "$request" $status $upstream_addr $upstream_status $upstream_response_time $limit_req_status "$request_completion""#;
    let line = r#"192.0.2.9 [2026-11-21T14:05:09+00:00] "-" 000 - - - - "OK""#;
    nginx(format, line, |record| {
        assert_eq!(record.time, 1_795_269_909);
        assert_eq!((record.status.to_string(), record.request.parts), ("000".to_string(), None));
        assert_eq!(record.extra.upstream, crate::record::Upstream::default());
        assert_eq!((record.extra.limit_req, record.extra.abort), (None, None));
    });
}

#[test]
fn a_user_may_hold_spaces_and_brackets() {
    let format = r#"$remote_addr - $remote_user [$time_local] "$request" $status $request_time"#;
    let line = format!(r#"192.0.2.9 - a b] [10/Oct/2000 [{T}] "GET /nope HTTP/1.1" 404 0.000"#);
    nginx(format, &line, |record| {
        assert_eq!(record.user, Some(&b"a b] [10/Oct/2000"[..]));
        assert_eq!(record.request.target(), Some(&b"/nope"[..]));
    });
}

#[test]
fn method_and_target_may_be_fields_of_their_own() {
    let parts = |format: &str, line: &str| {
        nginx(&format!("$status $time_iso8601 {format}"), line, |record| {
            let text = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap();
            let host = record.host.map(text);
            (host, record.request.parts.map(|(method, target)| (text(method), text(target))))
        })
    };
    let request = |method: &str, target: &str| Some((method.to_string(), target.to_string()));
    const HEAD: &str = "404 2026-11-21T14:05:09+00:00";
    let line = |rest: &str| format!("{HEAD} {rest}");
    let format = "$request_method $request_uri $server_protocol";
    assert_eq!(parts(format, &line("GET /a?b HTTP/1.1")).1, request("GET", "/a?b"));
    // nginx before 1.21.1 takes spaces.
    assert_eq!(parts(format, &line("GET /a b HTTP/1.1")).1, request("GET", "/a b"));
    assert_eq!(parts(format, &line("- - -")).1, None);
    let format = r#""$request_method $scheme://$host$request_uri""#;
    let (host, parts_found) = parts(format, &line(r#""GET https://shop.example/a""#));
    assert_eq!((host.as_deref(), parts_found), (Some("shop.example"), request("GET", "/a")));
    let format = "$request_method $uri$is_args$args";
    assert_eq!(parts(format, &line("GET /a?b=c")).1, request("GET", "/a?b=c"));
    let format = r#"$request_method "$uri" "$args""#;
    assert_eq!(parts(format, &line(r#"GET "/a" "b=c""#)).1, request("GET", "/a?b=c"));
    assert_eq!(parts(format, &line(r#"GET "/a" "-""#)).1, request("GET", "/a"));
}

#[test]
fn json_is_unescaped_and_nothing_is_none() {
    let format = r#"escape=json {"t":"$time_iso8601","r":"$request","s":$status,"ua":"$http_user_agent","u":"$remote_user","rt":"$upstream_response_time"}"#;
    let line = r#"{"t":"2026-11-21T14:05:09+00:00","r":"GET /a\"b\u001f\\ HTTP/1.1","s":404,"ua":"\\","u":"","rt":""}"#;
    nginx(format, line, |record| {
        assert_eq!(record.request.target(), Some(&b"/a\"b\x1f\\"[..]));
        assert_eq!((record.agent, record.user), (Some(&b"\\"[..]), None));
    });
}

#[test]
fn apache_directives_say_what_they_say() {
    let line = format!(
        r#"shop.example:443 192.0.2.1 192.0.2.9 - "" [{T}] "GET /a\"b HTTP/1.1" 404 - 1234567 0 X "curl \\""#
    );
    let format = r#"%v:%p %a %{c}a %l %u %t "%r" %>s %b %D %{s}T %X "%{User-agent}i""#;
    apache(format, &line, |record| {
        assert_eq!(record.host, Some(&b"shop.example"[..]));
        assert_eq!(
            (record.client, record.extra.peer),
            (&b"192.0.2.1"[..], Some(&b"192.0.2.9"[..]))
        );
        assert_eq!(record.user, Some(&b""[..]));
        assert_eq!(record.request.target(), Some(&br#"/a\"b"#[..]));
        assert_eq!((record.bytes, record.latency_millis), (0, Some(1_234)));
        assert_eq!(record.agent, Some(&br"curl \\"[..]));
        assert_eq!(
            (record.extra.stamp, record.extra.abort),
            (Stamp::Start, Some(Abort::ApacheAborted))
        );
    });
}

#[test]
fn apache_times_may_be_spelled_otherwise() {
    let time = |format: &str, line: &str| {
        apache(format, line, |record| (record.time, record.extra.stamp_millis, record.extra.stamp))
    };
    const AT: u32 = 1_795_269_909;
    let start = |millis| (AT, millis, Stamp::Start);
    assert_eq!(
        time("%{%F %T %z}t %m %U%q %s", "2026-11-21 15:05:09 +0100 GET /a?b 404"),
        start(None)
    );
    let format = r#"[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] "%r" %>s"#;
    assert_eq!(time(format, r#"[21/Nov/2026:14:05:09.250 +0000] "GET /" 404"#), start(Some(250)));
    assert_eq!(time(r#"%{msec}t "%r" %s"#, r#"1795269909250 "GET /" 404"#), start(Some(250)));
    assert_eq!(
        time(r#"%{end:usec}t "%r" %s"#, r#"1795269909250999 "" 404"#),
        (AT, Some(250), Stamp::End)
    );
    assert_eq!(time(r#"%{sec}t "%r" %s"#, r#"1795269909 "" 404"#), start(None));
    let row = Row::apache(r#"%{%F}t "%r" %s"#, RealIp::FIELD).unwrap();
    read(&row, br#"2026-13-21 "" 404"#, |said| assert_eq!(said, Err(Skip::NoFormat)));
}

#[test]
fn configurations_are_read_as_they_are_written() {
    let line = format!(r#"192.0.2.1 - - [{T}] "GET / HTTP/1.1" 404 5 7"#);
    let spelled = r#"LogFormat "%h %l %u %t \"%r\" %>s %b %{ms}T" timed"#;
    assert_eq!(apache(spelled, &line, |record| record.latency_millis), Some(7));
    let spelled = r#"%h %l %u %t \"%r\" %>s %b %{ms}T"#;
    assert_eq!(apache(spelled, &line, |record| record.latency_millis), Some(7));
}

#[test]
fn quotes_that_another_product_escapes_end_no_field() {
    let format =
        r#"$remote_addr [$time_local] "$request" $status "$http_user_agent" $request_time"#;
    let line = |agent: &str| format!(r#"192.0.2.1 [{T}] "GET /a HTTP/1.1" 404 "{agent}" 0.001"#);
    for agent in [r#"say \"hi\" now"#, r#"\""#, r#"a\\\"b"#, r#" 0.1 \""#] {
        nginx(format, &line(agent), |record| {
            assert_eq!(record.agent, Some(agent.as_bytes()), "{agent}");
            assert_eq!(record.latency_millis, Some(1));
        });
    }
    // As nginx would have it, where that can be.
    nginx(format, &line(r"a\"), |record| assert_eq!(record.agent, Some(&br"a\"[..])));
    for agent in [r#"say "hi" now"#, r#"a\\"b"#] {
        assert_eq!(skip(format, &line(agent)), Skip::NoFormat, "{agent}");
    }
}

#[test]
fn quotes_around_a_format_are_told_of() {
    for quote in ["'", "\""] {
        let error =
            refused(&format!(r#"{quote}escape=json {{"t":"$time_iso8601","s":$status}}{quote}"#));
        assert_eq!(error.at, 0);
        assert!(error.reason.contains("quotes"), "{error}");
    }
}

#[test]
fn what_the_table_has_is_the_tables() {
    let id = |row: Result<Row, FormatError>| row.unwrap().id().to_string();
    let combined = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;
    assert_eq!(id(Row::nginx(combined, RealIp::FIELD)), "combined");
    assert_eq!(
        id(Row::nginx(&combined.replace("$status", "${STATUS}"), RealIp::FIELD)),
        "combined"
    );
    assert_eq!(id(Row::nginx(&format!("escape=json {combined}"), RealIp::FIELD)), "log_format");
    assert_eq!(
        id(Row::apache(
            r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
            RealIp::FIELD
        )),
        "vhost-combined"
    );
}

#[test]
fn lines_that_are_cut_or_of_another_format_are_told_apart() {
    let format = r#"$remote_addr [$time_local] "$request" $status $request_time"#;
    assert_eq!(skip(format, &format!(r#"192.0.2.1 [{T}] "GET / HT"#)), Skip::Cut);
    assert_eq!(skip(format, &format!(r#"192.0.2.1 [{T}] "GET / HTTP/1.1" 40"#)), Skip::Cut);
    let bad = T.replace("21/Nov", "31/Feb");
    assert_eq!(
        skip(format, &format!(r#"192.0.2.1 [{bad}] "GET / HTTP/1.1" 404 0.1"#)),
        Skip::BadTime
    );
    for line in ["", "hello", "192.0.2.1", "192.0.2.1 [", "\u{0}"] {
        assert_eq!(skip(format, line), Skip::NoFormat, "{line}");
    }
}

#[test]
fn ambiguous_formats_are_refused_with_the_place() {
    for (format, word, at) in [
        (r#"$time_local $status $http_user_agent $http_referer "$request""#, "put quotes", 20),
        (r#"$time_local $status $request$remote_user"#, "no text stands between", 28),
        (r#"$time_local $body_bytes_sent$status "$request""#, "no text stands between", 28),
        (r#"$time_local $body_bytes_sent.5 $status "$request""#, "", 0),
        (r#"$time_local $status $upstream_status, $request_time "$request""#, "put quotes", 20),
        (r#"$time_local $status $remote_user $remote_addr "$request""#, "put quotes", 20),
        (r#"$remote_addr $status "$request""#, "the time", 31),
        (r#"$time_local "$request""#, "the status", 22),
        (r#"$time_local $status"#, "asked for", 19),
        ("$time_local $status\n$request", "several lines", 19),
        (r#"$time_local $status $"#, "invalid parameter \"$\"", 20),
        (r#"$time_local $status ${request"#, "the closing bracket in \"request\"", 20),
    ] {
        if word.is_empty() {
            continue;
        }
        let error = refused(format);
        assert!(error.reason.contains(word), "{format}: {error}");
        assert_eq!(error.at, at, "{format}: {error}");
        let shown = error.to_string();
        let caret = shown.lines().last().unwrap().len();
        assert_eq!(shown.lines().nth(1).map(|line| line.chars().count() >= caret - 1), Some(true));
    }
}

#[test]
fn common_formats_are_taken() {
    for format in [
        // ingress-nginx
        r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id"#,
        r#"$http_x_forwarded_for - $remote_user [$time_local] "$request" $status $body_bytes_sent"#,
        r#"[$time_local] - $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server_name] "$http_user_agent" "$http_referer""#,
        r#"time:$time_iso8601	host:$remote_addr	method:$request_method	uri:$request_uri	status:$status	ua:$http_user_agent	ref:$http_referer"#,
        r#"$time_iso8601|$status|$request_uri|$request_time"#,
        r#"$remote_addr,$time_iso8601,$request_method,$status,"$request_uri","$http_user_agent""#,
    ] {
        if let Err(error) = Row::nginx(format, RealIp::FIELD) {
            panic!("{error}");
        }
    }
}

#[test]
fn no_line_takes_long() {
    let format = r#"$http_a$time_local $http_b [$status] $request"#;
    let format = format.replace("$http_a", "$http_a [").replace("] $request", "] \"$request\"");
    // Open texts cannot follow one another; what is left is a text that ends nowhere.
    let error = Row::nginx(&format, RealIp::FIELD).err();
    assert!(error.is_some());
    let format = r#"escape=none $http_a [$time_local] "$http_b" "$http_c" "$request" $status "#;
    let row = Row::nginx(format, RealIp::FIELD).unwrap();
    let line = format!("x [{T}] ").repeat(2_000) + &r#"" ""#.repeat(100_000);
    let begun = std::time::Instant::now();
    read(&row, line.as_bytes(), |said| assert!(said.is_err()));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

/// A field with a value for it, and what has to come back.
fn field() -> impl Strategy<Value = (&'static str, String)> {
    let text = "[ -!#-\\[\\]-~]{0,20}";
    let word = "[a-zA-Z0-9.]{1,12}";
    prop_oneof![
        text.prop_map(|value| ("http_user_agent", value)),
        text.prop_map(|value| ("http_referer", value)),
        text.prop_map(|value| ("remote_user", value)),
        text.prop_map(|value| ("http_anything", value)),
        word.prop_map(|value| ("remote_addr", value)),
        word.prop_map(|value| ("host", value)),
        "/[a-z/?=]{0,12}".prop_map(|value| ("request_uri", value)),
        (0_u32..1_000_000).prop_map(|value| ("body_bytes_sent", value.to_string())),
        (0_u32..100_000).prop_map(|n| ("request_time", format!("{}.{:03}", n / 1_000, n % 1_000))),
        Just(("upstream_response_time", "0.001, - : 0.020".to_string())),
        Just(("upstream_addr", "192.0.2.1:80, unix:/a : b".to_string())),
    ]
}

proptest! {
    /// A line made from a format and values gives these values back, where the format is taken.
    #[test]
    fn values_come_back(
        fields in prop::collection::vec((field(), 0_usize..8), 0..8),
        is_first in any::<bool>(),
    ) {
        const BETWEEN: [&str; 8] = ["\" \"", " ", "|", " [", "] ", " - ", "\t", ","];
        let fixed = [("time_iso8601", "2026-11-21T14:05:09+00:00"), ("status", "404")];
        let (mut format, mut line) = (String::from("\""), String::from("\""));
        let mut add = |name: &str, value: &str, between: &str| {
            format += &format!("${{{name}}}{between}");
            line += &format!("{value}{between}");
        };
        if is_first {
            fixed.iter().for_each(|(name, value)| add(name, value, "\" \""));
        }
        for ((name, value), between) in &fields {
            add(name, value, BETWEEN[*between]);
        }
        if !is_first {
            fixed.iter().for_each(|(name, value)| add(name, value, "\" \""));
        }
        add("request", "GET /x HTTP/1.1", "\"");
        let Ok(row) = Row::nginx(&format, RealIp::FIELD) else { return Ok(()) };
        let first = |wanted: &str| {
            fields.iter().find(|((name, _), _)| *name == wanted).map(|((_, value), _)| value.clone())
        };
        let (format, line) = (&format, &line);
        read(&row, line.as_bytes(), |said| {
            let record = said.unwrap_or_else(|skip| panic!("{skip:?}\n{format}\n{line}"));
            let owned = |text: Option<&[u8]>| text.map(|text| String::from_utf8(text.to_vec()).unwrap());
            let told = |name: &str| first(name).filter(|value| value != "-");
            assert_eq!(owned(record.agent), told("http_user_agent"), "{format}\n{line}");
            assert_eq!(owned(record.referer), told("http_referer"), "{format}\n{line}");
            assert_eq!(owned(record.user), told("remote_user"), "{format}\n{line}");
            assert_eq!(owned(record.host), told("host"), "{format}\n{line}");
            assert_eq!(owned(Some(record.client)), first("remote_addr").or(Some("-".into())), "{format}\n{line}");
            assert_eq!(owned(record.extra.upstream.addresses), first("upstream_addr"));
            assert_eq!(Some(record.bytes), first("body_bytes_sent").map(|n| n.parse().unwrap()).or(Some(0)));
        });
    }
}
