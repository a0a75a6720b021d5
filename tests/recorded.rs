//! What a real nginx and a real Apache wrote parses to what was sent to them.

mod common;

use std::fs;

use bumpalo::Bump;
use logscan::options::Query;
use logscan::parse::{self, FORMATS, Formats, Sniff, State, Tools};
use logscan::record::Record;
use logscan::select::{MALFORMED, path_key};
use serde_json::{Map, Value, json};

/// Each recorded log, the format that its lines vote for, and how many lines it has.
const LOGS: [(&str, &str); 5] = [
    ("apache-combined", "combined"),
    ("apache-common", "common"),
    ("apache-vhost-combined", "vhost-combined"),
    ("nginx-combined", "combined"),
    ("nginx-main", "main"),
];

/// The record, in the words of the expectations; see `testdata/record/record.py`.
fn spelled(record: &Record<'_>) -> Map<String, Value> {
    let text = |bytes: &[u8]| Value::from(std::str::from_utf8(bytes).unwrap());
    let field = |field: Option<&[u8]>| field.map_or(Value::Null, text);
    let path = record.request.target().map(|target| path_key(target, Query::Drop));
    let fields = json!({
        "client": text(record.client),
        "user": field(record.user),
        "host": field(record.host),
        "request": text(record.request.line),
        "method": field(record.request.method()),
        "path": text(path.as_deref().unwrap_or(MALFORMED)),
        "status": record.status.to_string(),
        "bytes": record.bytes,
        "referer": field(record.referer),
        "agent": field(record.agent),
        "forwarded": field(record.forwarded),
    });
    let Value::Object(fields) = fields else { unreachable!("it was made as an object") };
    fields
}

/// The expectation in our words: no bytes are 0 bytes, and Apache's `""` is an empty user name.
fn wanted(mut row: Map<String, Value>) -> (String, Map<String, Value>) {
    let case = row.remove("case").unwrap().as_str().unwrap().to_string();
    row.remove("sent").unwrap();
    let or = |row: &mut Map<String, Value>, name: &str, value: Value| {
        let field = row.entry(name).or_insert(Value::Null);
        if field.is_null() {
            *field = value;
        }
    };
    or(&mut row, "bytes", json!(0));
    or(&mut row, "forwarded", Value::Null);
    if row["user"] == "\"\"" {
        row["user"] = json!("");
    }
    (case, row)
}

#[test]
fn every_recorded_line_says_what_was_sent() {
    let recorded = common::names("recorded");
    let known: Vec<String> = LOGS.iter().map(|(name, _)| format!("{name}.log")).collect();
    assert_eq!(recorded, known, "a log without its row above");
    for (name, format) in LOGS {
        let folder = common::root().join("testdata/recorded");
        let log = fs::read(folder.join(format!("{name}.log"))).unwrap();
        let rows = fs::read_to_string(folder.join(format!("{name}.expected.jsonl"))).unwrap();
        let lines: Vec<&[u8]> = common::lines(&log).collect();
        assert_eq!(lines.len(), rows.lines().count(), "{name}: lines and expectations");
        assert!(lines.len() >= 50, "{name}: too short to be all of it");
        let (mut state, arena) = (State::default(), Bump::new());
        let mut tools = Tools { arena: &arena, state: &mut state };
        for (line, row) in lines.iter().zip(rows.lines()) {
            let (case, wanted) = wanted(serde_json::from_str(row).unwrap());
            let shown = line.escape_ascii();
            let record = parse::request(line, FORMATS, &mut tools)
                .unwrap_or_else(|| panic!("{name}: {case}: {shown}"));
            let got = spelled(&record);
            for (field, value) in &wanted {
                assert_eq!(&got[field], value, "{name}: {case}: {field}: {shown}");
            }
            assert_eq!(got.len(), wanted.len(), "{name}: {case}: fields");
        }
        let sniff = Sniff::new(lines.iter().copied(), &Formats::new(FORMATS));
        assert_eq!(sniff.format.map(|at| FORMATS[at].id), Some(format), "{name}");
        assert_eq!((sniff.lines, sniff.parsed), (lines.len(), lines.len()), "{name}");
        eprintln!("{name}: {} lines, each as it was sent, format {format}", lines.len());
    }
}
