//! Who asked: crawlers by user agent and address, scanners by what they ask for.

use serde_json::Value;

use crate::stage::Stage;

const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn line(client: &str, path: &str, agent: &str, day: &str) -> String {
    format!(
        "{client} - - [{day}:14:05:09 +0000] \"GET {path} HTTP/1.1\" 404 153 \"-\" \"{agent}\"\n"
    )
}

/// A log of a day on which the lists that logscan was built with were new.
fn log(day: &str) -> String {
    [
        // From one of the networks that Google publishes.
        line("66.249.66.1", "/old", GOOGLEBOT, day),
        line("192.0.2.9", "/old", GOOGLEBOT, day),
        line("192.0.2.7", "/.env", FIREFOX, day),
        line("192.0.2.7", "/.git/config", FIREFOX, day),
        line("192.0.2.8", "/gone", FIREFOX, day),
        line("192.0.2.6", "/gone", "curl/8.5.0", day),
        line("192.0.2.5", "/gone", "-", day),
    ]
    .concat()
}

const NEW: &str = "01/Sep/2026";

fn report(stage: &Stage, words: &[&str]) -> Value {
    let ran = stage.run(&[words, &["--json", "access.log"]].concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

fn who(report: &Value) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let rows = report["client_errors"]["by_client"].as_array().unwrap().iter();
    let row = |row: &Value| {
        (text(&row["client"]).unwrap(), text(&row["kind"]).unwrap(), text(&row["crawler"]))
    };
    let mut rows: Vec<_> = rows.map(row).collect();
    rows.sort();
    rows
}

#[test]
fn clients_are_told_by_address_by_deed_and_by_name() {
    let stage = Stage::with(log(NEW));
    let report = report(&stage, &[]);
    let is = |client: &str, kind: &str, name: Option<&str>| {
        (client.to_string(), kind.to_string(), name.map(str::to_string))
    };
    let wanted = [
        is("192.0.2.5", "unknown", None),
        is("192.0.2.6", "library", Some("curl")),
        is("192.0.2.7", "scanner", None),
        is("192.0.2.8", "browser", None),
        is("192.0.2.9", "crawler-spoofed", Some("Googlebot")),
        is("66.249.66.1", "crawler-verified", Some("Googlebot")),
    ];
    assert_eq!(who(&report), wanted);
    let kinds = report["client_errors"]["by_kind"].as_array().unwrap();
    let sum: u64 = kinds.iter().map(|row| row["requests"].as_u64().unwrap()).sum();
    assert_eq!((sum, kinds.len()), (7, 6));
    assert_eq!((&kinds[0]["kind"], &kinds[0]["by_status"]["404"]), (&"scanner".into(), &2.into()));
    let shown = stage.run(&["access.log"]).stdout;
    assert!(shown.contains("Googlebot, verified"), "{shown}");
    assert!(shown.contains("not Googlebot"), "{shown}");
    assert!(shown.contains("28.6 % of the 404s are vulnerability scanners"), "{shown}");
}

#[test]
fn a_list_of_another_time_calls_nobody_a_fake_and_that_is_said() {
    for (day, is_said) in [(NEW, false), ("01/Sep/2027", true), ("01/Sep/2012", true)] {
        let stage = Stage::with(log(day));
        let report = report(&stage, &[]);
        let kind = if is_said { "crawler-unverifiable" } else { "crawler-spoofed" };
        assert_eq!(who(&report)[4].1, kind, "{day}");
        let notes = report["input"]["notes"].as_array().unwrap();
        let has_note = notes.iter().any(|note| note["kind"] == "crawler-ranges");
        assert_eq!(has_note, is_said, "{day}: {notes:?}");
    }
}

#[test]
fn a_publishers_newer_list_is_taken() {
    let list = r#"{"creationTime": "x", "prefixes": [{"ipv4Prefix": "192.0.2.9/32"}]}"#;
    let stage = Stage::with(log("01/Sep/2027"))
        .file("lists/googlebot.json", list)
        .file("lists/notes.txt", "mine");
    for path in ["lists", "lists/googlebot.json"] {
        let report = report(&stage, &["--crawler-ranges", path]);
        assert_eq!(who(&report)[4].1, "crawler-verified");
    }
}

#[test]
fn a_list_that_is_none_is_refused_by_name() {
    let stage = Stage::with(log(NEW))
        .file("googlebot.json", "{}")
        .file("bingbot.json", "no")
        .file("mine.json", "{}")
        .file("empty/notes.txt", "");
    for (path, reason) in [
        ("googlebot.json", "it has no prefixes"),
        ("bingbot.json", "it is no JSON"),
        ("mine.json", "its name must tell"),
        ("missing.json", "No such file"),
        ("empty", "no list is in it"),
    ] {
        let ran = stage.run(&["--crawler-ranges", path, "access.log"]);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains(path) && ran.stderr.contains(reason), "{ran:?}");
    }
}

#[test]
fn requests_of_a_crawler_are_kept_and_those_of_its_fakes_are_not() {
    let stage = Stage::with(log(NEW));
    for (words, kept) in [
        (&["--crawler", "googlebot"][..], 1),
        (&["--crawler", "!Googlebot"], 6),
        (&["--crawler", "curl"], 1),
        (&["--crawler", "curl", "--crawler", "Googlebot"], 2),
        (&["--crawler", "bingbot"], 0),
    ] {
        assert_eq!(report(&stage, words)["totals"]["requests"], kept, "{words:?}");
    }
    let ran = stage.run(&["--crawler", "nobody", "access.log"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("no crawler is called so"), "{ran:?}");
}
