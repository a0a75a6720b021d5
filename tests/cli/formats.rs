//! `logscan formats` and `logscan list formats`: what a log is, and what could be read.

use serde_json::Value;

use crate::stage::{Stage, lines};

/// What is told of a source, as JSON.
fn told(stage: &Stage, source: &str) -> Value {
    let ran = stage.run(&["formats", "--json", source]);
    assert_eq!(ran.status, 0, "{ran:?}");
    serde_json::from_str::<Value>(&ran.stdout).unwrap()[0].clone()
}

#[test]
fn a_source_is_told_with_each_kind_of_line_it_has() {
    let error = "2026/11/21 08:00:00 [notice] 1#1: signal process started\n";
    let log = format!("{}{error}\nDear diary,\n{}", lines(5), lines(3));
    let stage = Stage::with(&log);
    let told = told(&stage, "access.log");
    assert_eq!(told["format"], "combined");
    assert_eq!((&told["lines"], &told["in_format"]), (&11.into(), &8.into()));
    let classes: Vec<_> = told["classes"].as_array().unwrap().iter().collect();
    let class = |at: usize| (classes[at]["class"].as_str().unwrap(), classes[at]["lines"].as_u64());
    assert_eq!(class(0), ("combined", Some(8)));
    assert_eq!(classes[0]["first_line"], 1);
    let rest: Vec<_> = (1..classes.len()).map(class).collect();
    assert_eq!(rest, [("nginx-error", Some(1)), ("blank", Some(1)), ("no-format", Some(1))]);
    assert_eq!(classes[3]["text"], "Dear diary,");
    assert_eq!(classes[3]["first_line"], 8);
    let shown = stage.run(&["formats", "access.log"]).stdout;
    assert!(shown.starts_with("access.log: combined, 8 of 11 lines (72.7 %)\n"), "{shown}");
    assert!(shown.contains("skipped: no-format  line 8:  Dear diary,"), "{shown}");
}

#[test]
fn what_is_no_log_is_told_as_such() {
    let stage = Stage::new().file("notes.txt", "Dear diary,\n").file("empty", "");
    assert_eq!(told(&stage, "notes.txt")["format"], Value::Null);
    let shown = stage.run(&["formats", "notes.txt", "empty"]).stdout;
    assert!(shown.contains("notes.txt: no line is in a format that is known"), "{shown}");
    assert!(shown.contains("empty: empty"), "{shown}");
    let ran = stage.run(&["formats", "missing.log"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("missing.log"), "{ran:?}");
    assert_eq!(stage.run(&["formats", "empty", "missing.log"]).status, 3);
    assert_eq!(stage.run(&["formats"]).status, 2);
}

#[test]
fn hostile_text_is_shown_escaped() {
    let stage = Stage::new().file("a.log", "\x1b[31mred\u{202e}\n");
    let shown = stage.run(&["formats", "a.log"]).stdout;
    assert!(!shown.contains('\x1b') && !shown.contains('\u{202e}'), "{shown:?}");
}

#[test]
fn formats_are_listed_with_a_line_of_each() {
    let stage = Stage::new();
    let ran = stage.run(&["list", "formats", "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(rows.len(), logscan::parse::FORMATS.len());
    for row in &rows {
        let sample = row["sample"].as_str().unwrap();
        // Some are told from others by most of their lines only.
        let stage = Stage::new().file("one.log", format!("{sample}\n").repeat(3));
        assert_eq!(told(&stage, "one.log")["format"], row["id"], "{sample}");
    }
    assert!(rows.iter().any(|row| row["kind"] == "error-log"));
}

/// Requests by client, of lines that are read as they come.
fn clients(log: &str, args: &[&str]) -> Vec<String> {
    let report = Stage::with(log).report(&[&["access.log"], args].concat());
    let rows = report["client_errors"]["by_client"].as_array().unwrap().clone();
    rows.iter().map(|row| row["client"].as_str().unwrap().to_string()).collect()
}

#[test]
fn what_a_client_sends_does_not_hide_its_request() {
    let syslog = "Nov 21 14:05:09 web nginx: 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \
                  \"GET /a HTTP/1.1\" 404 153 \"-\" \"last message repeated 2 times\"\n";
    assert_eq!(clients(syslog, &[]), ["192.0.2.7"]);
}

#[test]
fn a_line_in_a_message_of_a_program_is_read() {
    let line = "192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \\\"GET /a HTTP/1.1\\\" 404 153";
    let json = format!("{{\"level\":\"info\",\"message\":\"{line}\"}}\n");
    assert_eq!(clients(&json, &[]), ["192.0.2.7"]);
}

#[test]
fn a_format_with_bars_keeps_its_first_field_whatever_ends_the_line() {
    let format = "$remote_addr | $remote_user | $time_iso8601 | \"$request\" | $status";
    for end in ["\n", "\r\n"] {
        let line =
            "192.0.2.7 | 203.0.113.9 | 2026-11-21T14:05:09+00:00 | \"GET /a HTTP/1.1\" | 404";
        assert_eq!(clients(&format!("{line}{end}"), &["-f", format]), ["192.0.2.7"], "{end:?}");
    }
}

#[test]
fn of_those_on_the_way_the_nearest_is_the_client_where_there_is_no_other() {
    let time = "2026-11-21T14:05:09+00:00";
    let json = format!(
        "{{\"time\":\"{time}\",\"host\":\"192.0.2.1\",\"x_forwarded_for\":\"198.51.100.66, \
         203.0.113.9\",\"request\":\"GET / HTTP/1.1\",\"status\":404}}\n"
    );
    assert_eq!(clients(&json, &[]), ["203.0.113.9"]);
    let text = format!("{time} \"GET / HTTP/1.1\" 404 \"198.51.100.66, 203.0.113.9\"\n");
    let format = "$time_iso8601 \"$request\" $status \"$http_x_forwarded_for\"";
    assert_eq!(clients(&text, &["-f", format]), ["203.0.113.9"]);
}

#[test]
fn a_format_of_a_configuration_is_told_alike_wherever_a_line_stands() {
    let conf = "events {} http { log_format timed '$remote_addr - $remote_user [$time_local] \
                \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" \
                $request_time x'; access_log /var/log/x.log timed; }";
    let line = "192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153 \"-\" \"a\"";
    let log = format!("{line}\n").repeat(5) + &format!("{line} 1.250 x\n");
    let stage = Stage::new()
        .file("nginx.conf", conf)
        .file("whole.log", &log)
        .file("open.log", log.trim_end());
    let told = |file: &str| {
        let report = stage.report(&["--nginx-conf", "nginx.conf", file]);
        report["client_errors"]["by_status"][0]["latency_seconds"].clone()
    };
    assert_eq!(told("whole.log"), told("open.log"));
}

#[test]
fn hostile_lines_take_no_time_and_no_memory() {
    let glued = "{\"a\":[1 {\"a\":2}".repeat(60_000);
    let zones: String = (0..100)
        .map(|number| {
            format!(
                "2026/11/21 08:00:00 [error] 7#7: *1 limiting requests, excess: 1.000 by zone \
                 \"{number}{}\", client: 192.0.2.1\n",
                "z".repeat(500_000)
            )
        })
        .collect();
    let escapes = format!(
        "{{\"u\":\"{}\",\"t\":\"2026-11-21T14:05:09+00:00\",\"s\":404,\"r\":\"GET / HTTP/1.1\"}} x\n",
        "\\\\\",\\\"t".repeat(20_000)
    );
    let format = "escape=json {\"u\":\"$remote_user\",\"t\":\"$time_iso8601\",\"s\":$status,\
                  \"r\":\"$request\"}";
    let stage =
        Stage::new().file("glued.log", glued).file("zones.log", zones).file("escapes.log", escapes);
    let begun = std::time::Instant::now();
    stage.run(&["glued.log"]);
    let report = stage.report(&["zones.log"]);
    let zone = report["error_log"]["limits"][0]["zone"].as_str().unwrap();
    assert!(zone.len() <= 256, "{}", zone.len());
    stage.run(&["escapes.log", "-f", format]);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn a_directive_of_a_configuration_can_be_pasted() {
    let format = "log_format my '$remote_addr [$time_local] '\n    '\"$request\" $status';";
    let line = "192.0.2.7 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404\n";
    assert_eq!(clients(line, &["-f", format]), ["192.0.2.7"]);
}

#[test]
fn a_status_after_redirections_counts_before_the_one_before_them() {
    let line = "192.0.2.7 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 200 404\n";
    assert_eq!(clients(line, &["-f", "%h %t \"%r\" %s %>s"]), ["192.0.2.7"]);
}

#[test]
fn a_field_of_one_word_takes_no_more() {
    let line = "192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 1\n";
    let ran = Stage::with(line).run(&[
        "access.log",
        "-f",
        "$remote_addr [$time_local] \"$request\" $status $host",
    ]);
    assert_eq!(ran.status, 2, "{ran:?}");
}

#[test]
fn what_a_program_says_of_its_own_requests_is_no_request() {
    let said = "{\"time\":\"2026-11-21T14:05:09Z\",\"level\":\"warn\",\"msg\":\"retry\",\
                \"status\":404,\"url\":\"http://api.example/x\",\"method\":\"GET\"}\n";
    let caddy = |logger: &str| {
        format!(
            "{{\"level\":\"error\",\"ts\":1795269909,\"logger\":\"{logger}\",\"msg\":\"x\",\
             \"request\":{{\"remote_ip\":\"192.0.2.7\",\"method\":\"GET\",\"uri\":\"/a\"}},\
             \"status\":404}}\n"
        )
    };
    let log = [said, &caddy("http.log.error.log0"), &caddy("http.log.access.log0")].concat();
    let report = Stage::with(log).report(&["access.log"]);
    assert_eq!(report["totals"]["requests"], 1);
    assert_eq!(report["input"]["skipped"]["by_reason"]["no-request"], 2);
}

#[test]
fn a_terminal_that_a_configuration_logs_to_is_left_out() {
    let stage = Stage::with(lines(2));
    let log = stage.path("access.log").display().to_string();
    let conf = format!("events {{}} http {{ access_log /dev/stdout; access_log {log}; }}");
    let stage = stage.file("nginx.conf", conf);
    let report = stage.report(&["--nginx-conf", "nginx.conf"]);
    assert_eq!(report["totals"]["requests"], 2);
    assert_eq!(report["input"]["notes"][0]["kind"], "nginx-conf");
}
