//! What is guessed of lines in invented formats, of lines in known ones, and of lines that are none.

use bumpalo::Bump;

use super::*;
use crate::clock::rfc3339;
use crate::parse::{FORMATS, Formats, Marks, Samples, State};

/// The pieces that every invented line has, in the spelling that a format gives them.
fn fill(format: &str) -> String {
    format
        .replace("$clf", "21/Nov/2026:14:05:09 +0000")
        .replace("$isoz", "2026-11-21T14:05:09Z")
        .replace("$iso", "2026-11-21T14:05:09.127+00:00")
        .replace("$date", "2026-11-21 14:05:09")
        .replace("$slashed", "2026/11/21 14:05:09")
        .replace("$msec", "1795269909.127")
        .replace("$client", "198.51.100.7")
        .replace("$client6", "2001:db8::7")
        .replace("$request", "GET /a/b.html?c=404&d=1 HTTP/1.1")
        .replace("$method", "GET")
        .replace("$target", "/a/b.html?c=404&d=1")
        .replace("$status", "403")
        .replace("$bytes", "1532")
        .replace("$rt", "0.250")
        .replace("$ref", "https://shop.example/x")
        .replace("$agent", "Mozilla/5.0 (X11; Linux x86_64)")
}

const FORMS: &[&str] = &[
    r#"[$clf] $client "$request" $status $bytes "$ref" "$agent""#,
    r#"$client [$clf] "$request" $status $bytes"#,
    r#"$client - [$clf] $status "$request" $bytes "$ref" "$agent" "-""#,
    r#"$iso $client "$request" $status $bytes $rt"#,
    r#"$isoz $client $method $target $status $bytes"#,
    r#"$date $client $method $target $status $rt"#,
    r#"$date,127 $client "$request" $status"#,
    r#"$slashed $client:4711 "$request" $status $bytes "$agent""#,
    r#"$msec $client "$request" $status $bytes"#,
    r#"$msec $client $method $target HTTP/1.1 $status $bytes"#,
    r#""$clf" "$client" "$request" "$status" "$bytes" "$ref" "$agent""#,
    r#"'$clf' '$client' '$request' '$status' '$bytes'"#,
    r#"$client|$clf|$request|$status|$bytes|$ref|$agent"#,
    r#"$client | [$clf] | "$request" | $status | $bytes | "$ref" | "$agent""#,
    "$iso\t$client\t$method\t$target\tHTTP/1.1\t$status\t$bytes\t$ref\t$agent",
    "$client\t-\t[$clf]\t\"$request\"\t$status\t$bytes\t\"$ref\"\t\"$agent\"",
    "$clf\tshop.example\t$client\t$request\t$status\t$rt",
    r#"$iso,$client,$method,$target,$status,$bytes"#,
    r#""$iso","$client","$method","$target","HTTP/1.1","$status","$bytes","$ref","$agent""#,
    r#"$client;$clf;"$request";$status;$bytes;"$ref";"$agent""#,
    r#"time="$iso" client=$client request="$request" status=$status bytes=$bytes"#,
    r#"time=$isoz remote_addr=$client method=$method uri=$target status=$status size=$bytes rt=$rt"#,
    r#"ts=$msec ip=$client status=$status method=$method host=shop.example path=$target"#,
    r#"[$clf] client: $client, status: $status, request: "$request", host: "shop.example""#,
    r#"[$date] [client $client] "$request" $status $bytes"#,
    r#"[$date] [client: $client] [status: $status] [request: $request]"#,
    r#"[$iso] [$client] [$request] [$status] [$bytes]"#,
    r#"$client - jane [$clf] shop.example "$request" $status $bytes $rt"#,
    r#"shop.example:443 $client - - [$clf] "$request" upstream 127.0.0.1:3000 $status $bytes"#,
    r#"$status $client [$clf] "$request" $bytes"#,
    r#"$clf $client $status $method $target"#,
    r#"$client $clf $method $target HTTP/1.1 $status $bytes"#,
    r#"10245 $client - - [$clf] "$request" $status $bytes"#,
    r#"[$clf] $rt $client - "$request" $status"#,
    r#"INFO $date $client - "$request" $status"#,
    r#"$date.127 | INFO | $client:50112 - "$request" $status"#,
    r#"web-1 nginx $isoz $client "$request" $status $bytes"#,
    r#"$client ($ref) [$clf] "$method $target" $status $bytes"#,
    r#"$client [$clf] https shop.example "$request" $status $bytes "$ref" "$agent" MISS"#,
    r#"$iso - $client - "$agent" - $method $target $status $bytes"#,
    r#"$date $client HTTP/1.1 $status $method $target"#,
    r#"$client $date $rt "$request" 53 $status"#,
    r#"$msec $status $client $method "$target" $bytes 82 - "$agent" e3356b5bc5cd269e"#,
];

/// Time, client, method, target and status.
fn guessed(line: &str) -> Option<[String; 5]> {
    let (mut state, arena) = (State::default(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    let Ok(Said::Request(record)) = read(Marks::default().line(line.as_bytes()), &mut tools) else {
        return None;
    };
    let (method, target) = record.request.parts.unwrap_or((b"-", b"-"));
    let [client, method, target] =
        [record.client, method, target].map(|text| String::from_utf8_lossy(text).into_owned());
    Some([rfc3339(i64::from(record.time)), client, method, target, record.status.to_string()])
}

#[test]
fn invented_formats_are_read() {
    for form in FORMS {
        let line = fill(form);
        let wanted = ["2026-11-21T14:05:09Z", "198.51.100.7", "GET", "/a/b.html?c=404&d=1", "403"];
        assert_eq!(guessed(&line), Some(wanted.map(String::from)), "{form}\n{line}");
    }
}

#[test]
fn what_stands_beside_is_told_where_it_can_be() {
    let (mut state, arena) = (State::default(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    for form in FORMS {
        let line = fill(form);
        let Ok((Said::Request(record), _)) =
            Formats::new(&[&FORMAT]).identify(arena.alloc_str(&line).as_bytes(), &mut tools)
        else {
            panic!("{line}");
        };
        let is_beside = form.contains("$status $bytes")
            || form.contains("$status,$bytes")
            || form.contains("bytes=");
        assert!(!is_beside || record.bytes == 1_532, "{line}: {record:?}");
        if form.contains(r#""$ref" "$agent""#) || form.contains("$ref|$agent") {
            assert_eq!(record.referer, Some(&b"https://shop.example/x"[..]), "{line}");
            assert_eq!(record.agent, Some(&b"Mozilla/5.0 (X11; Linux x86_64)"[..]), "{line}");
        }
        let has_seconds = form.ends_with("$rt") || form.contains("rt=$rt");
        assert_eq!(record.latency_millis, has_seconds.then_some(250), "{line}");
    }
}

#[test]
fn lines_that_are_none_stay_none() {
    for line in [
        "",
        "GET",
        "2026-11-21 14:05:09 INFO  Completed GET /orders/17 200 OK in 12ms",
        "2026-11-21 14:05:09.123 INFO [http-nio-8080-exec-1] c.e.Controller : GET /api/users returned 200 in 35 ms from 192.0.2.1",
        "2026-11-21 14:05:09.123 DEBUG 1 --- [nio-8080-exec-1] o.s.web.servlet.DispatcherServlet : GET \"/api/x\", parameters={}",
        "2026-11-21 14:05:09.124 DEBUG 1 --- [nio-8080-exec-1] o.s.web.servlet.DispatcherServlet : Completed 404 NOT_FOUND",
        "2026-11-21T14:05:09Z ERROR worker: request to https://api.example/v1/x failed with status 503 after 3 retries",
        "Nov 21 14:05:09 web sshd[404]: Accepted publickey for jane from 192.0.2.1 port 500 ssh2",
        "2026/11/21 14:05:09 [error] 404#404: *17 open() \"/srv/a\" failed (2: No such file or directory), client: 192.0.2.1, server: x, request: \"GET /a HTTP/1.1\", host: \"x\"",
        "[Sat Nov 21 14:05:09.123 2026] [core:error] [pid 404] [client 192.0.2.1:500] AH00126: Invalid URI in request GET /../ HTTP/1.1",
        "\tat com.example.Shop.get(Shop.java:404)",
        "Exception in thread \"main\" java.io.IOException: GET /a 404 2026-11-21 14:05:09",
        "2026-11-21 14:05:09 Please GET /index.html from 192.0.2.1 before 200 others do",
        "2026-11-21 14:05:09 we tried to POST /orders twice and saw 500 each time on 192.0.2.1",
        "Started GET \"/orders\" for 192.0.2.1 at 2026-11-21 14:05:09 +0000",
        "I, [2026-11-21T14:05:09.123456 #404]  INFO -- : Processing by OrdersController#show as HTML",
        "2026-11-21 14:05:09 UTC [404] LOG:  duration: 200.5 ms  statement: SELECT '/a'",
        "2026-11-21 14:05:09 192.0.2.1 200 OK",
        "2026-11-21T14:05:09Z 192.0.2.1 connected, DELETE follows",
        "{\"time\":\"2026-11-21T14:05:09Z\",\"request\":\"GET /a HTTP/1.1\",\"status\":200}",
        "2026-11-21 14:05:09 WARN  proxy: upstream answered \"GET /a HTTP/1.1\" 502 192.0.2.1",
        "1795269909.123    921 192.0.2.1 TCP_MISS/200 507 POST http://shop.example/a - DIRECT/192.0.2.9 text/html",
        "Nov 21 14:05:09 web nginx[404]: 192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"-\"",
        "# 192.0.2.1 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 200 5",
        "192.0.2.1 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 0 5 404",
        "192.0.2.1 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 200 5 \"GET /b HTTP/1.1\" 404",
        "192.0.2.1 [21/Nov/2026:14:05:09 +0000] \"hello\" 200 5",
        "1795791923.820 200 192.0.2.1 GET \"/a\" 303 82 - \"x/1\"",
        "200 192.0.2.1 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 5",
        "npm http fetch GET 200 https://registry.example/x 404ms (cache miss) 2026-11-21",
    ] {
        assert_eq!(guessed(line), None, "{line}");
    }
}

/// What `guess` makes of a line in a known format is what that format says, or nothing.
#[test]
fn known_formats_are_not_contradicted() {
    let mut lines = 0;
    let mut read = 0;
    for format in FORMATS.iter().filter(|format| format.id != FORMAT.id) {
        let Samples::Requests(samples) = format.samples else { continue };
        for sample in samples {
            lines += 1;
            let Some(guessed) = guessed(std::str::from_utf8(sample.line).unwrap()) else {
                continue;
            };
            read += 1;
            let [time, _, _, target, status] = guessed;
            let path = |target: &str| target.split('?').next().unwrap_or_default().to_string();
            let wanted = path(sample.record.target.unwrap_or("-"));
            let told = [time.as_str(), status.as_str(), &path(&target)];
            let shown = sample.line.escape_ascii();
            assert_eq!(told, [sample.record.time, sample.record.status, &wanted], "{shown}");
        }
    }
    assert!(read * 3 > lines, "{read} of {lines}");
}

#[test]
fn beginnings_of_lines_are_read_or_not_but_break_nothing() {
    let (mut state, arena) = (State::default(), Bump::new());
    state.begin_source(true);
    let formats = Formats::new(FORMATS);
    for line in FORMATS.iter().flat_map(|format| format.samples.lines()) {
        for part in (0..line.len()).flat_map(|at| [&line[..at], &line[at..]]) {
            let mut tools = Tools { arena: &arena, state: &mut state };
            if let Ok((Said::Request(record), _)) = formats.identify(part, &mut tools) {
                assert!(record.status.index() < Status::SPELLINGS);
            }
        }
    }
}

#[test]
fn hostile_lines_take_no_longer_than_they_are_long() {
    for piece in [
        "\"a ",
        "[a ",
        "'a ",
        "GET /",
        "GET / ",
        "\\",
        "\"\\",
        "a=\"",
        "client: ",
        "| ",
        "2026-11-21 ",
        "\" 4 ",
    ] {
        let line = format!("GET /a {}", piece.repeat(200_000 / piece.len()));
        let start = std::time::Instant::now();
        assert_eq!(guessed(&line), None, "{piece}");
        // In a build without optimization it takes some ten milliseconds; squared it would be minutes.
        assert!(start.elapsed().as_secs() < 10, "{piece}: {:?}", start.elapsed());
    }
}
