//! Filters, and the options that say what a report counts by.

use serde_json::Value;

use crate::stage::{Stage, line, lines, paths, requests};

/// Six requests that differ in everything that can be filtered by.
const LOG: &str = r#"shop.example:80 192.0.2.1 - - [20/Nov/2026:23:30:00 +0000] "GET /shop/a HTTP/1.1" 404 1 "https://shop.example/list" "-"
shop.example:80 192.0.2.9 - - [21/Nov/2026:00:30:00 +0000] "POST /shop/b?x=1&y=2 HTTP/1.1" 403 1 "https://other.example/" "-"
api.example:80 198.51.100.7 - - [21/Nov/2026:12:00:00 +0000] "GET /api/v1 HTTP/1.1" 429 1 "-" "-"
api.example:80 2001:db8::7 - - [21/Nov/2026:13:00:00 +0000] "HEAD /api/v2 HTTP/1.1" 410 1 "-" "-"
shop.example:80 203.0.113.4 - - [21/Nov/2026:14:00:00 +0000] "GET /ok HTTP/1.1" 200 1 "-" "-"
shop.example:80 203.0.113.4 - - [22/Nov/2026:00:10:00 +0000] "GET /late HTTP/1.1" 404 1 "-" "-"
"#;

fn kept(words: &[&str]) -> Vec<String> {
    let report = Stage::with(LOG).report(&[&["access.log"], words].concat());
    let mut kept: Vec<String> = paths(&report).iter().map(|path| path.to_string()).collect();
    kept.sort();
    kept
}

#[test]
fn a_filter_keeps_what_it_names_and_leaves_out_what_it_negates() {
    let table: [(&[&str], &[&str]); 18] = [
        (&["--path", "/shop/"], &["/shop/a", "/shop/b"]),
        (&["--path", "!/shop/"], &["/api/v1", "/api/v2", "/late"]),
        (&["--path", "~v[0-9]$"], &["/api/v1", "/api/v2"]),
        (&["--path", "!~^/(shop|api)"], &["/late"]),
        (&["--path", "/shop/", "--path", "/late"], &["/late", "/shop/a", "/shop/b"]),
        (&["--path", "/shop/", "--path", "!/shop/b"], &["/shop/a"]),
        (&["--client", "192.0.2.0/24"], &["/shop/a", "/shop/b"]),
        (&["--client", "!192.0.2.0/24", "--client", "!2001:db8::/32"], &["/api/v1", "/late"]),
        (&["--client", "2001:db8::7"], &["/api/v2"]),
        (&["--method", "POST"], &["/shop/b"]),
        (&["--method", "!GET"], &["/api/v2", "/shop/b"]),
        (&["--vhost", "api.example"], &["/api/v1", "/api/v2"]),
        (&["--vhost", "!API.example"], &["/late", "/shop/a", "/shop/b"]),
        (&["--referer", "https://shop.example/"], &["/shop/a"]),
        (&["--referer", "~other"], &["/shop/b"]),
        (&["--status", "404"], &["/late", "/shop/a"]),
        (&["--status", "400-410,!404"], &["/api/v2", "/shop/b"]),
        (&["--method", "GET", "--status", "!429", "--path", "!/shop"], &["/late"]),
    ];
    for (words, wanted) in table {
        assert_eq!(kept(words), wanted, "{words:?}");
    }
}

#[test]
fn times_are_half_open_and_in_the_zone() {
    let table: [(&[&str], &[&str]); 7] = [
        (&["--since", "2026-11-21", "--until", "2026-11-22"], &["/api/v1", "/api/v2", "/shop/b"]),
        (&["--since", "2026-11-21 12:00", "--until", "2026-11-21 13:00"], &["/api/v1"]),
        (&["--since", "2026-11-21T13:00:00Z"], &["/api/v2", "/late"]),
        (&["--until", "2026-11-20T23:30:01Z"], &["/shop/a"]),
        (&["--until", "2026-11-20T23:30:00+00:00", "--path", "/"], &[]),
        // A day in Berlin begins an hour before one in UTC.
        (&["--until", "2026-11-21", "--timezone", "Europe/Berlin"], &[]),
        (&["--until", "2026-11-21", "--timezone", "-05:00"], &["/shop/a", "/shop/b"]),
    ];
    for (words, wanted) in table {
        assert_eq!(kept(words), wanted, "{words:?}");
    }
}

#[test]
fn spans_count_back_from_now() {
    let stage = Stage::with(lines(3).replace("/2026:", "/2001:"));
    let kept = |words: &[&str]| requests(&stage.report(&[&["access.log"], words].concat()));
    for ago in ["24h", "7d", "yesterday", "today"] {
        assert_eq!((kept(&["--since", ago]), kept(&["--until", ago])), (0, 3), "{ago}");
    }
}

#[test]
fn filtered_requests_are_counted_and_statuses_narrow_only_the_errors() {
    let stage = Stage::with(LOG);
    let report = stage.report(&["access.log", "--method", "GET", "--status", "404"]);
    assert_eq!(report["input"]["parsed"], 6);
    assert_eq!(report["input"]["filtered"], 2);
    assert_eq!(requests(&report), 4);
    assert_eq!(report["totals"]["by_status"]["429"], 1);
    assert_eq!(report["client_errors"]["requests"], 2);
}

#[test]
fn the_log_format_can_be_named() {
    let stage = Stage::with(lines(3));
    assert_eq!(requests(&stage.report(&["access.log", "-f", "combined"])), 3);
    assert_eq!(stage.run(&["access.log", "--log-format", "vhost-common"]).status, 2);
}

#[test]
fn windows_have_the_width_asked_for_and_are_contiguous() {
    let report = Stage::with(LOG).report(&["access.log", "--window", "6h"]);
    assert_eq!(report["window_seconds"], 21_600);
    let windows = report["client_errors"]["by_window"].as_array().unwrap();
    let starts: Vec<&str> = windows.iter().map(|row| row["start"].as_str().unwrap()).collect();
    assert_eq!(
        starts,
        [
            "2026-11-20T18:00:00Z",
            "2026-11-21T00:00:00Z",
            "2026-11-21T06:00:00Z",
            "2026-11-21T12:00:00Z",
            "2026-11-21T18:00:00Z",
            "2026-11-22T00:00:00Z",
        ]
    );
    assert_eq!(windows[2]["total_requests"], 0);
}

#[test]
fn the_screen_has_the_zone_and_json_has_utc() {
    let stage = Stage::with(lines(3));
    let screen = stage.run(&["access.log", "--timezone", "Asia/Kolkata"]).stdout;
    assert!(screen.contains("13:30"), "{screen}");
    let report = stage.report(&["access.log", "--timezone", "Asia/Kolkata"]);
    assert_eq!(report["period"]["start"], "2026-11-21T08:00:00Z");
}

#[test]
fn top_limits_rows_and_0_shows_all() {
    let stage = Stage::with(lines(130));
    let rows = |words: &[&str]| {
        let words = [&["access.log"], words].concat();
        stage.report(&words)["client_errors"]["by_path"].as_array().unwrap().len()
    };
    assert_eq!((rows(&[]), rows(&["--top", "3"]), rows(&["--top", "0"])), (100, 3, 130));
    let shown = |words: &[&str]| {
        let screen = stage.run(&[&["access.log"], words].concat()).stdout;
        screen.lines().filter(|line| line.starts_with(" /")).count()
    };
    assert_eq!((shown(&[]), shown(&["--top", "3"]), shown(&["--top", "0"])), (10, 3, 130));
}

#[test]
fn the_query_string_is_dropped_or_kept_as_asked() {
    let path = |query: &str| {
        let words = ["access.log", "--status", "403", "--query", query];
        paths(&Stage::with(LOG).report(&words)).join(" ")
    };
    assert_eq!(path("drop"), "/shop/b");
    assert_eq!(path("keys"), "/shop/b?x&y");
    assert_eq!(path("keep"), "/shop/b?x=1&y=2");
}

#[test]
fn own_hosts_are_in_the_report() {
    let stage = Stage::with(lines(1));
    assert_eq!(stage.report(&["access.log"])["sites"], Value::Array(Vec::new()));
    let report = stage.report(&["access.log", "--site", "a.example", "--site", "b.example"]);
    assert_eq!(report["sites"], serde_json::json!(["a.example", "b.example"]));
}

#[test]
fn threads_change_nothing_but_the_run() {
    let log: String = (0..40).map(|_| lines(200)).collect();
    let stage = Stage::with(log);
    let report = |threads: &str| {
        let mut report = stage.report(&["access.log", "--threads", threads]);
        assert_eq!(report["run"]["threads"], threads.parse::<u64>().unwrap());
        report["run"].take();
        report
    };
    assert_eq!(report("1"), report("2"));
    assert_eq!(report("1"), report("7"));
}

#[test]
fn nothing_kept_is_a_report_of_zero_requests() {
    let log = line("192.0.2.1", "08:00:00", "GET / HTTP/1.1", 404);
    let stage = Stage::with(log);
    let report = stage.report(&["access.log", "--path", "/none"]);
    assert_eq!((requests(&report), report["input"]["filtered"].as_u64()), (0, Some(1)));
    assert_eq!(stage.run(&["access.log", "--path", "/none"]).status, 0);
}
