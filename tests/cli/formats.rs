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
        let stage = Stage::new().file("one.log", format!("{sample}\n"));
        assert_eq!(told(&stage, "one.log")["format"], row["id"], "{sample}");
    }
    assert!(rows.iter().any(|row| row["kind"] == "error-log"));
}
