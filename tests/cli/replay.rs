//! `logscan replay` as a user meets it.

use std::fmt::Write;

use serde_json::Value;

use crate::stage::Stage;

const FORMAT: &str = r#"$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $msec $request_time"#;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A line with milliseconds, `at` milliseconds after 1,795,269,900 s, of a request that took 10.
fn line(client: &str, at: u64, path: &str, agent: &str) -> String {
    let (second, millis) = (1_795_269_900 + at / 1_000, at % 1_000);
    let of_day = second % 86_400;
    let clock = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!(
        "{client} - - [21/Nov/2026:{clock} +0000] \"GET {path} HTTP/1.1\" 200 5 \"-\" \"{agent}\" {second}.{millis:03} 0.010\n"
    )
}

/// One client with 30 requests at once, one with one a second, and thirty people with a page and its parts.
fn log() -> String {
    let mut log = String::new();
    for number in 0..30 {
        log += &line("203.0.113.9", 1_000 + number, "/search", "python-requests/2.32");
    }
    for number in 0..30 {
        log += &line("203.0.113.10", 1_000 * number, "/", "curl/8.5.0");
    }
    for person in 0..30 {
        for part in 0..4 {
            let path = if part == 0 { "/guide".to_string() } else { format!("/css/{part}.css") };
            log += &line(&format!("198.18.{person}.7"), 2_000 * person + part, &path, FIREFOX);
        }
    }
    log
}

fn replay(stage: &Stage, words: &[&str]) -> Value {
    let ran = stage.run(&[&["replay", "--json", "-f", FORMAT], words, &["access.log"]].concat());
    assert_eq!(ran.status, 0, "{words:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_burst_is_let_through_and_the_rest_is_turned_away() {
    let told = replay(&Stage::with(log()), &["--rate", "10r/s", "--burst", "5", "--nodelay"]);
    assert_eq!(told["schema"], "logscan.replay/1");
    let all = &told["outcomes"];
    assert_eq!((&all["requests"], &all["keys"]), (&180.into(), &32.into()));
    // Six at once, and in 29 ms nothing leaks that lets a seventh in.
    assert_eq!(all["rejected"]["likely"], 24);
    assert_eq!((&all["delayed"]["least"], &all["delayed"]["most"]), (&0.into(), &0.into()));
    assert_eq!(told["worst"][0]["client"], "203.0.113.9");
    assert_eq!(
        (&told["worst"][0]["rejected"], &told["worst"][0]["requests"]),
        (&24.into(), &30.into())
    );
    assert_eq!(told["times"]["to_the_millisecond"], true);
    let kinds = told["by_kind"].as_array().unwrap();
    let browser = kinds.iter().find(|row| row["kind"] == "browser").unwrap();
    assert_eq!((&browser["clients"], &browser["clients_rejected"]), (&30.into(), &0.into()));
}

#[test]
fn without_nodelay_the_burst_waits() {
    let stage = Stage::with(log());
    let told = replay(&stage, &["--rate", "10r/s", "--burst", "5"]);
    assert_eq!(told["outcomes"]["delayed"]["likely"], 5 + 30 * 3);
    assert_eq!(told["outcomes"]["delay_seconds"]["max"], 0.495);
    let told =
        replay(&stage, &["--rate", "10r/s", "--burst", "5", "--delay", "2", "--path", "/search"]);
    assert_eq!(told["outcomes"]["requests"], 30);
    assert_eq!(told["outcomes"]["delayed"]["likely"], 3);
}

#[test]
fn several_limits_hold_together() {
    let words = [
        "--limit",
        "rate=100r/s burst=50 nodelay key=client",
        "--limit",
        "rate=1r/s burst=2 nodelay key=path path=/search",
    ];
    let told = replay(&Stage::with(log()), &words);
    assert_eq!(told["limits"][1]["only"], "path=/search");
    assert_eq!(told["outcomes"]["rejected"]["likely"], 27);
    assert_eq!(told["outcomes"]["requests"], 180);
}

#[test]
fn seconds_alone_give_a_range() {
    let combined: String = log()
        .lines()
        .map(|line| line[..line.rfind("\" ").unwrap() + 1].to_string() + "\n")
        .collect();
    let stage = Stage::with(combined);
    let ran = stage.run(&[
        "replay",
        "--json",
        "--rate",
        "10r/s",
        "--burst",
        "5",
        "--nodelay",
        "access.log",
    ]);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    let rejected = &told["outcomes"]["rejected"];
    let number = |name: &str| rejected[name].as_u64().unwrap();
    assert!(number("least") <= 24 && 24 <= number("most"), "{rejected}");
    assert!(number("least") < number("most"), "{rejected}");
    assert_eq!(told["times"]["requests_to_the_second"], 180);
    let shown =
        stage.run(&["replay", "--rate", "10r/s", "--burst", "5", "--nodelay", "access.log"]).stdout;
    assert!(shown.contains("The log tells seconds"), "{shown}");
}

#[test]
fn a_grid_has_a_row_for_each_rate_and_burst() {
    let told = replay(
        &Stage::with(log()),
        &["--rate", "1r/s,10r/s", "--burst", "5,20,40", "--nodelay", "--grid"],
    );
    let grid = told["grid"].as_array().unwrap();
    let of = |rate: &str, burst: u64| {
        let row = grid.iter().find(|row| row["rate"] == rate && row["burst"] == burst).unwrap();
        row["outcomes"].get("rejected").unwrap_or(&row["rejected"])["likely"].as_u64().unwrap()
    };
    assert_eq!(grid.len(), 6);
    assert_eq!((of("10r/s", 5), of("10r/s", 20), of("10r/s", 40)), (24, 9, 0));
    assert_eq!(of("1r/s", 5), 24);
}

#[test]
fn limits_that_spare_people_are_suggested() {
    let stage = Stage::with(log());
    let told = replay(&stage, &["--suggest", "--remedy", "fixes"]);
    let rows = told["suggestions"].as_array().unwrap();
    let of = |route: &str| rows.iter().find(|row| row["route"] == route).unwrap();
    assert_eq!((&of("page")["people"], &of("page")["people_rejected"]), (&30.into(), &0.into()));
    assert_eq!(of("search")["rate"], Value::Null, "no person searched");
    let nginx = told["nginx"].as_str().unwrap();
    assert!(
        nginx.contains("limit_req_zone $logscan_key_page zone=logscan_page:10m rate="),
        "{nginx}"
    );
    let written = std::fs::read_to_string(stage.path("fixes/limits.nginx.conf")).unwrap();
    assert_eq!(written, nginx);
}

#[test]
fn what_cannot_be_replayed_is_told() {
    let stage = Stage::with(log());
    for (words, wanted) in [
        (&["access.log"][..], "give a limit"),
        (&["--rate", "0r/s", "access.log"], "whole number"),
        (&["--rate", "1r/s,2r/s", "access.log"], "for --grid"),
        (&["--grid", "access.log"], "--rate 10r/s"),
        (&["--rate", "1r/s", "--key", "ip", "access.log"], "no key is called ip"),
        (&["--rate", "1r/s", "--fail-on", "404>1", "access.log"], "--fail-on is for the report"),
        (&["--limit", "burst=5", "access.log"], "rate=10r/s"),
        (&["--limit", "rate=1r/s", "--burst", "5", "access.log"], "--nodelay go with --rate"),
        (&["--suggest", "--nodelay", "access.log"], "--nodelay go with --rate"),
        (&["--rate", "1r/s", "none.log"], "none.log"),
    ] {
        let ran = stage.run(&[&["replay"], words].concat());
        assert_eq!(ran.status, 2, "{words:?}");
        assert!(ran.stderr.contains(wanted), "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let ran = stage.run_with(&["replay", "--suggest", "-"], log().as_bytes());
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("save what comes through the pipe"), "{}", ran.stderr);
    let ran = stage.run_with(&["replay", "--rate", "1r/s", "-f", FORMAT, "-"], log().as_bytes());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}

#[test]
fn the_same_lines_give_the_same_replay_whatever_the_threads_and_the_memory() {
    let mut large = String::new();
    for number in 0..40_000_u64 {
        let client = format!("198.18.{}.{}", number * 7 % 8, number * 13 % 5);
        let path = format!("/{}", number % 17);
        write!(large, "{}", line(&client, number * 3, &path, "curl/8.5.0")).unwrap();
    }
    let stage = Stage::with(large);
    let limit = ["--limit", "rate=1r/s burst=3 delay=1"];
    let two = [&limit[..], &["--limit", "rate=20r/s burst=5 nodelay key=path"]].concat();
    for words in [&limit[..], &two] {
        let one = replay(&stage, &[words, &["--threads", "1"]].concat());
        assert!(one["outcomes"]["rejected"]["likely"].as_u64().unwrap() > 100);
        for threads in ["2", "3"] {
            assert_eq!(
                replay(&stage, &[words, &["--threads", threads]].concat()),
                one,
                "{words:?} {threads}"
            );
        }
    }
}

#[test]
fn hostile_agents_and_clients_reach_the_terminal_escaped() {
    let log: String =
        (0..40).map(|n| line("203.0.113.9", n, "/\x1b[2J", "\x1b]0;x\x07evil")).collect();
    let stage = Stage::with(log.replace("203.0.113.9", "a\x1b[31mb"));
    let ran = stage.run(&["replay", "--rate", "1r/s", "-f", FORMAT, "access.log"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains('\u{1b}') && ran.stdout.contains("\\x1b"), "{:?}", ran.stdout);
}
