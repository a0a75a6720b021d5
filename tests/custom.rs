//! Recordings of four real servers in five custom formats each: what is read is what was sent.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

/// What was sent, counted: requests by status, 4xx by path and status where the format tells paths,
/// and the clients.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    by_status: BTreeMap<String, u64>,
    by_path: BTreeMap<(String, String), u64>,
    clients: BTreeMap<String, u64>,
}

/// Adds up the expectations of a recording.
fn sent(rows: &str) -> (Counted, bool) {
    let mut counted = Counted::default();
    let mut has_paths = true;
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let word = |name: &str| row[name].as_str().map(str::to_string);
        // What came back is not known of every request that had no answer.
        let status = word("status").expect("every line has its status");
        *counted.by_status.entry(status.clone()).or_default() += 1;
        if !status.starts_with('4') {
            continue;
        }
        *counted.clients.entry(word("client").unwrap()).or_default() += 1;
        // Longer keys are cut and end in a hash.
        match word("path").filter(|path| path.len() <= logscan::options::KEY_BYTES_MAX) {
            Some(path) => *counted.by_path.entry((path, status)).or_default() += 1,
            None => has_paths = false,
        }
    }
    (counted, has_paths)
}

/// What the program makes of the log, told its format or, where that is empty, left to find it.
fn read(log: &std::path::Path, format: &str) -> (Value, Counted) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logscan"));
    command.args(["--json", "--quiet", "--top", "0"]).arg(log);
    if !format.is_empty() {
        command.args(["--log-format", format]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", log.display());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut counted = Counted::default();
    for (status, requests) in report["totals"]["by_status"].as_object().unwrap() {
        counted.by_status.insert(status.clone(), requests.as_u64().unwrap());
    }
    for row in report["client_errors"]["by_path"].as_array().unwrap() {
        for (status, requests) in row["by_status"].as_object().unwrap() {
            let path = row["path"].as_str().unwrap().to_string();
            *counted.by_path.entry((path, status.clone())).or_default() +=
                requests.as_u64().unwrap();
        }
    }
    for row in report["client_errors"]["by_client"].as_array().unwrap() {
        let client = row["client"].as_str().unwrap().to_string();
        counted.clients.insert(client, row["requests"].as_u64().unwrap());
    }
    (report, counted)
}

#[test]
fn custom_formats_say_what_was_sent() {
    let folder = common::root().join("testdata/recorded-custom");
    let logs = common::names("recorded-custom");
    assert_eq!(logs.len(), 20, "four servers, five formats each: {logs:?}");
    for name in logs {
        let stem = folder.join(name.trim_end_matches(".log"));
        let format = fs::read_to_string(stem.with_extension("format")).unwrap();
        let rows = fs::read_to_string(stem.with_extension("expected.jsonl")).unwrap();
        let (wanted, has_paths) = sent(&rows);
        let (report, mut found) = read(&stem.with_extension("log"), &format);
        let lines = rows.lines().count();
        assert_eq!(report["input"]["parsed"], lines, "{name}: {}", report["input"]["skipped"]);
        if !has_paths {
            // Some of the lines are compared by their status alone.
            found.by_path.retain(|key, _| wanted.by_path.contains_key(key));
            for (key, requests) in &wanted.by_path {
                assert!(found.by_path.get(key).is_some_and(|n| n >= requests), "{name}: {key:?}");
            }
            found.by_path.clone_from(&wanted.by_path);
        }
        assert_eq!(found, wanted, "{name}");
        eprintln!("{name}: {lines} lines, read as {}", report["input"]["sources"][0]["format"]);
    }
}
