//! Why requests failed: links of the site itself, of others, of search engines, scanners, limits.

use serde_json::{Value, json};

use crate::stage::Stage;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn line(path: &str, status: u16, referer: &str, agent: &str) -> String {
    format!(
        "192.0.2.7 - - [01/Sep/2026:14:05:09 +0000] \"GET {path} HTTP/1.1\" {status} 153 \
         \"{referer}\" \"{agent}\"\n"
    )
}

/// What tells that `shop.example` is the site: its pages are served their styles.
fn styles() -> String {
    line("/style.css", 200, "https://www.shop.example/", FIREFOX).repeat(3)
}

fn failures() -> String {
    [
        line("/a", 404, "https://shop.example/list", FIREFOX),
        line("/a", 404, "https://partner.example/links", FIREFOX),
        line("/a", 404, "https://www.google.com/", FIREFOX),
        line("/a", 404, "-", FIREFOX),
        line("/a", 410, "-", "Mozilla/5.0 (compatible; bingbot/2.0)"),
        line("/a", 403, "-", FIREFOX),
        line("/a", 429, "-", FIREFOX),
        line("/a", 499, "-", FIREFOX),
        line("/a", 405, "-", FIREFOX),
        line("/old.css", 404, "https://shop.example/list", FIREFOX),
        line("/.git/config", 404, "-", FIREFOX),
        "192.0.2.8 - - [01/Sep/2026:14:05:09 +0000] \"\\x16\\x03\" 400 153 \"-\" \"-\"\n"
            .to_string(),
    ]
    .concat()
}

fn report(stage: &Stage, words: &[&str]) -> Value {
    let ran = stage.run(&[words, &["--json", "access.log"]].concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn each_request_that_failed_has_one_cause() {
    let stage = Stage::with(styles() + &failures());
    let report = report(&stage, &[]);
    assert_eq!(report["sites"], json!(["shop.example"]));
    let errors = &report["client_errors"];
    let wanted = json!({
        "auth": 1, "bad-request": 1, "client-abort": 1, "crawler": 1, "direct": 1, "external-link": 1,
        "internal-link": 1, "malformed": 1, "missing-asset": 1, "rate-limit": 1, "scanner": 1,
        "search-result": 1,
    });
    assert_eq!(errors["by_cause"], wanted);
    for row in errors["by_path"].as_array().unwrap() {
        let causes = row["causes"].as_object().unwrap().values().map(|n| n.as_u64().unwrap());
        assert_eq!(causes.sum::<u64>(), row["requests"].as_u64().unwrap(), "{row}");
    }
    let rows = errors["by_path"].as_array().unwrap();
    let row = rows.iter().find(|row| row["path"] == "/a").unwrap();
    let wanted =
        ["https://partner.example/links", "https://shop.example/list", "https://www.google.com/"];
    let wanted: Vec<Value> =
        wanted.iter().map(|page| json!({"referer": page, "requests": 1})).collect();
    assert_eq!((&row["referers"], &row["referers_whole"]), (&Value::from(wanted), &true.into()));
    let shown = stage.run(&["access.log"]).stdout;
    assert!(shown.contains("own hosts: shop.example"), "{shown}");
    assert!(shown.contains("missing-asset"), "{shown}");
}

#[test]
fn own_hosts_are_given_or_learnt_or_unknown() {
    let stage = Stage::with(styles() + &failures());
    let internal = |words: &[&str]| {
        let report = report(&stage, words);
        (report["sites"].clone(), report["client_errors"]["by_cause"]["internal-link"].clone())
    };
    assert_eq!(internal(&[]), (json!(["shop.example"]), 1.into()));
    assert_eq!(internal(&["--site", "partner.example"]), (json!(["partner.example"]), 1.into()));
    assert_eq!(internal(&["--site", "other.example"]), (json!(["other.example"]), Value::Null));
    let stage = Stage::with(failures());
    let report = report(&stage, &[]);
    assert_eq!(report["sites"], json!([]));
    assert_eq!(report["client_errors"]["by_cause"]["external-link"], 3);
    let shown = stage.run(&["access.log"]).stdout;
    assert!(shown.contains("name your own hosts with --site"), "{shown}");
}

#[test]
fn a_virtual_host_is_an_own_host() {
    let log =
        format!("shop.example:443 {}", line("/a", 404, "https://www.shop.example/b", FIREFOX));
    let stage = Stage::with(log);
    assert_eq!(report(&stage, &[])["client_errors"]["by_cause"], json!({"internal-link": 1}));
}

#[test]
fn what_a_scanner_asks_for_nobody_links_to() {
    let scan = |path: &str| {
        line(path, 404, "https://www.google.com/", FIREFOX).replace("192.0.2.7", "203.0.113.9")
    };
    let log = [
        scan("/.env"),
        scan("/.git/config"),
        scan("/old-backup"),
        scan("/both"),
        line("/both", 404, "https://www.google.com/", FIREFOX),
        line("/one", 404, "https://www.google.com/", FIREFOX),
    ]
    .concat();
    let report = report(&Stage::with(log), &[]);
    let errors = &report["client_errors"];
    assert_eq!(errors["by_cause"], json!({"scanner": 4, "search-result": 2}));
    let causes = |path: &str| {
        let rows = errors["by_path"].as_array().unwrap();
        rows.iter().find(|row| row["path"] == path).unwrap()["causes"].clone()
    };
    assert_eq!(causes("/old-backup"), json!({"scanner": 1}));
    let referers = |path: &str| {
        let rows = errors["by_path"].as_array().unwrap();
        rows.iter().find(|row| row["path"] == path).unwrap()["referers"].as_array().unwrap().len()
    };
    assert_eq!((referers("/old-backup"), referers("/one")), (0, 1));
    assert_eq!(causes("/one"), json!({"search-result": 1}));
    // Who asked how often is not known where others asked too: the lines have the last word.
    assert_eq!(causes("/both"), json!({"search-result": 2}));
}
