//! The program reads real logs, where there are any: nothing is lost, and nothing else is found.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bumpalo::Bump;
use logscan::parse::{self, FORMATS, State, Tools};
use logscan::record::Said;
use regex::bytes::Regex;
use serde_json::Value;

/// What was found in a file, or in all.
#[derive(Debug, Default)]
struct Found {
    files: usize,
    /// Files of which no line is in a format of this program.
    strange: usize,
    lines: u64,
    parsed: u64,
    /// Lines with an address, a time in brackets and a quoted request.
    whole: u64,
    /// Lines of which both this test and the program read the status.
    compared: u64,
    failures: Vec<String>,
}

/// A crude look at a line: an address as its first or second word, a time in brackets, and behind it
/// a quote, a request and its closing quote. What has an envelope before it (syslog, CRI) is no line
/// of these formats.
struct Look {
    whole: Regex,
    status: Regex,
    /// A whole request whose last field is not closed, and an address with another right behind it.
    glued: Regex,
}

impl Look {
    fn new() -> Look {
        let address = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,7})";
        let head = format!(r"^(?:[\w.-]+(?::\d+)? )?{address} [^\[]*");
        let time = r"\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\]";
        let request = r#""(?:[^"\\]|\\.)*""#;
        let regex = |pattern: String| Regex::new(&pattern).unwrap();
        Look {
            whole: regex(format!("(?-u){head}{time} {request} ")),
            glued: regex(format!(
                r#"(?-u)^[^\[]*{time} {request} \d{{3}} \S+ "[^"]*" "[^"]*[^\s"]{address} - - {time} ""#
            )),
            status: regex(format!(r"(?-u)^[^\[]*{time} {request} (\d{{3}}) ")),
        }
    }

    /// How many lines there are: one more where a line was cut and the next stands behind it.
    fn lines(&self, text: &[u8]) -> u64 {
        let glued = common::lines(text).filter(|line| self.glued.is_match(line));
        (common::lines(text).count() + glued.count()) as u64
    }

    /// Compares each line with what the program's parser makes of it.
    fn compare(&self, text: &[u8], path: &str, found: &mut Found) {
        let (mut state, arena) = (State::default(), Bump::new());
        let mut tools = Tools { arena: &arena, state: &mut state };
        let (mut whole, mut missed) = (0, BTreeMap::<String, Vec<String>>::new());
        for line in common::lines(text).map(logscan::input::lines::trim) {
            let record = parse::text(line, FORMATS, &mut tools);
            if self.whole.is_match(line) {
                whole += 1;
                if let Err(skip) = record {
                    let shown = line[..line.len().min(200)].escape_ascii().to_string();
                    missed.entry(format!("{skip:?}")).or_default().push(shown);
                }
            }
            let (Ok(Said::Request(record)), Some(status)) = (record, self.status.captures(line))
            else {
                continue;
            };
            found.compared += 1;
            if record.status.to_string().as_bytes() != &status[1] {
                let shown = line.escape_ascii();
                found.failures.push(format!("{path}: status {}: {shown}", record.status));
            }
        }
        found.whole += whole;
        let lost: usize = missed.values().map(Vec::len).sum();
        if lost as u64 * 1_000 > whole {
            found.failures.push(format!("{path}: {lost} of {whole} lines are lost: {missed:#?}"));
        }
    }
}

/// Runs the program over a file and checks that its sums are right.
fn check(path: &Path, look: &Look, found: &mut Found) {
    let name = path.display().to_string();
    found.files += 1;
    let output = Command::new(env!("CARGO_BIN_EXE_logscan"))
        .args(["--json", "--quiet", "--threads", "1"])
        .arg(path)
        .output()
        .unwrap();
    let bytes = std::fs::read(path).unwrap();
    let text = match bytes.starts_with(&[0x1f, 0x8b]) {
        true => common::unpacked(&bytes),
        false => bytes,
    };
    look.compare(&text, &name, found);
    match output.status.code() {
        Some(0 | 3) => {}
        // No line of it is in a format that this program reads.
        Some(2) => {
            found.strange += 1;
            return;
        }
        code => {
            let said = String::from_utf8_lossy(&output.stderr);
            return found.failures.push(format!("{name}: exit status {code:?}: {said}"));
        }
    }
    let json: Value = match serde_json::from_slice(&output.stdout) {
        Ok(json) => json,
        Err(error) => return found.failures.push(format!("{name}: no JSON: {error}")),
    };
    let number = |at: &str| json.pointer(at).and_then(Value::as_u64).unwrap_or(u64::MAX);
    let sum = |at: &str| -> u64 {
        let rows = json.pointer(at).and_then(Value::as_object);
        rows.map_or(u64::MAX, |rows| rows.values().filter_map(Value::as_u64).sum())
    };
    let (lines, parsed) = (number("/input/lines"), number("/input/parsed"));
    found.lines += lines;
    found.parsed += parsed;
    let skipped = number("/input/skipped/total");
    let kept = parsed - number("/input/filtered");
    for (what, one, other) in [
        ("lines, counted here", lines, look.lines(&text)),
        ("lines = parsed + skipped", lines, parsed + skipped),
        ("skipped, by reason", skipped, sum("/input/skipped/by_reason")),
        ("lines of the source", lines, number("/input/sources/0/lines")),
        ("parsed of the source", parsed, number("/input/sources/0/parsed")),
        ("requests = parsed - filtered", number("/totals/requests"), kept),
        ("requests, by status", number("/totals/requests"), sum("/totals/by_status")),
        ("requests, by class", number("/totals/requests"), sum("/totals/by_class")),
    ] {
        if one != other {
            found.failures.push(format!("{name}: {what}: {one} and {other}"));
        }
    }
}

#[test]
fn real_logs_are_read_to_the_last_line() {
    let files = common::real_logs();
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Found::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let look = Look::new();
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut found = Found::default();
                    check(path, &look, &mut found);
                    all.lock().unwrap().take_in(found);
                }
            });
        }
    });
    let found = all.into_inner().unwrap();
    eprintln!(
        "{} files ({} of other formats): {} lines, {} parsed; {} lines with address, time and request; \
         {} statuses compared",
        found.files, found.strange, found.lines, found.parsed, found.whole, found.compared,
    );
    assert_eq!(found.files, files.len());
    assert!(found.failures.is_empty(), "{}", found.failures.join("\n"));
}

impl Found {
    fn take_in(&mut self, mut other: Found) {
        self.files += other.files;
        self.strange += other.strange;
        self.lines += other.lines;
        self.parsed += other.parsed;
        self.whole += other.whole;
        self.compared += other.compared;
        self.failures.append(&mut other.failures);
    }
}
