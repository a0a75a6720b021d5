//! Findings as a user meets them: in the report, narrowed, with other thresholds, as a condition, as files.

use logscan::detect::trace;
use serde_json::Value;

use crate::stage::Stage;

/// A link to a missing page by three people, a robots.txt behind a limit, and a file with secrets.
fn stage() -> Stage {
    let rows = [
        "9x 198.18.{n}.7 0d10:00+1h /guide/setup 200",
        "3x 198.18.{n}.7 0d11:00+1m /guide/Setup 404 ref=https://shop.example/guide/setup-all",
        "5x 198.18.{n}.7 0d10:30+1m /guide/setup-all 200",
        "4x google 0d10:00+2h /robots.txt 429",
        "198.18.1.9 0d10:00 /.env 200 bytes=812",
        "9x 198.18.{n}.7 0d10:00+1h / 200",
    ];
    Stage::with(trace::lines(&rows).join("\n") + "\n")
}

fn report(stage: &Stage, words: &[&str]) -> Value {
    stage.report(&[words, &["-f", trace::FORMAT, "access.log"]].concat())
}

fn ids(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

#[test]
fn the_worst_comes_first_with_its_numbers() {
    let report = report(&stage(), &[]);
    assert_eq!(ids(&report)[..2], ["exposed-file", "robots-txt-unavailable"], "{:?}", ids(&report));
    let findings = report["findings"].as_array().unwrap();
    let link = findings.iter().find(|finding| finding["id"] == "broken-internal-link").unwrap();
    assert_eq!(link["subject"]["value"], "/guide/Setup");
    assert_eq!(link["subject"]["host"], "shop.example");
    assert_eq!((&link["requests"], &link["clients"]), (&3.into(), &3.into()));
    assert_eq!(link["examples"][0]["value"], "https://shop.example/guide/setup-all");
    assert_eq!(link["fix"]["text"], "/guide/setup");
    let shown = stage().run(&["-f", trace::FORMAT, "access.log"]).stdout;
    assert!(shown.contains(" Findings  2 critical"), "{shown}");
    assert!(shown.contains("CRITICAL  /.env was answered with 200 in 1 request"), "{shown}");
}

#[test]
fn statuses_that_are_asked_for_narrow_findings_too() {
    let only = report(&stage(), &["--status", "404"]);
    let found = ids(&only);
    assert!(found.contains(&"broken-internal-link"), "{found:?}");
    assert!(
        !found.contains(&"robots-txt-unavailable") && !found.contains(&"exposed-file"),
        "{found:?}"
    );
}

#[test]
fn thresholds_can_be_other_ones() {
    let found = |words: &[&str]| {
        let report = report(&stage(), words);
        ids(&report).contains(&"broken-internal-link")
    };
    assert!(found(&["--threshold", "broken-internal-link.clients=3"]));
    assert!(!found(&["--threshold", "broken-internal-link.clients=4"]));
    // The last one counts.
    assert!(found(&[
        "--threshold",
        "broken-internal-link.clients=4",
        "--threshold",
        "broken-internal-link.clients=1",
    ]));
    for (threshold, said) in [
        ("lost-pages.missing=1", "no detector is called lost-pages"),
        ("lost-page.mising=1", "lost-page has no threshold mising; it has succeeded, missing"),
        ("lost-page.missing=-1", "'-1' is no number from 0 on"),
        ("lost-page.missing=x", "'x' is no number"),
        ("lost-page", "give a detector, a threshold and a number"),
        ("broken-internal-link.clients=9", "can be 8 at most"),
    ] {
        let ran = stage().run(&["--threshold", threshold, "access.log"]);
        assert_eq!(ran.status, 2, "{threshold}");
        assert!(ran.stderr.contains(said), "{threshold}: {}", ran.stderr);
    }
}

#[test]
fn a_finding_can_be_a_condition() {
    let run = |condition: &str| {
        stage().run(&["-q", "-f", trace::FORMAT, "--fail-on", condition, "--json", "access.log"])
    };
    let ran = run("finding>=high");
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("is met: it is 2 critical"), "{}", ran.stderr);
    assert_eq!(run("finding>critical").status, 0);
    assert_eq!(run("finding>=bad").status, 2);
}

#[test]
fn remedies_are_written_and_what_is_there_stays() {
    let stage = stage().file("fixes/mine.txt", "mine");
    let words = ["-f", trace::FORMAT, "--remedy", "fixes", "access.log"];
    let ran = stage.run(&words);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("fixes: wrote redirects.nginx.conf"), "{}", ran.stderr);
    let read = |name: &str| std::fs::read_to_string(stage.path(&format!("fixes/{name}"))).unwrap();
    let redirects = read("redirects.nginx.conf");
    assert!(
        redirects.contains("/guide/Setup$\" \"/guide/setup\"; # 95 % sure: case"),
        "{redirects}"
    );
    assert!(read("dead-links.csv").contains("\"https://shop.example/guide/setup-all\""));
    assert!(read("crawlers.allow.nginx.conf").contains("66.249.64.0/23 1;"));
    assert_eq!(read("mine.txt"), "mine");
    let ran = stage.run(&["-f", trace::FORMAT, "--remedy", "access.log", "access.log"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("access.log"), "{}", ran.stderr);
}

#[test]
fn detectors_are_listed_and_explained() {
    let stage = Stage::new();
    let list = stage.run(&["list", "detectors"]).stdout;
    assert!(list.contains("lost-page") && list.contains("    missing=3"), "{list}");
    let rows: Value =
        serde_json::from_str(&stage.run(&["list", "detectors", "--json"]).stdout).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["id"] == "lost-page").unwrap();
    assert_eq!(row["thresholds"][1]["default"], 3.0);
    for row in rows.as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let page = stage.run(&["explain", id]);
        assert_eq!(page.status, 0);
        assert!(page.stdout.starts_with(&format!("{id} (finding): ")), "{}", page.stdout);
        let words: Vec<&str> = page.stdout.split_whitespace().collect();
        assert!(words.join(" ").contains("What to do"), "{id}");
    }
}
