//! What each output writes of fixed logs, byte for byte; `UPDATE=1 cargo test --test golden` rewrites.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use logscan::clock::Zone;
use logscan::options::{Options, Window};
use logscan::render::{OUTPUTS, Style};
use logscan::report::{Report, Run};
use logscan::scan::scan;

mod schema;

const LOGS: &str = "testdata/logs";
const GOLDENS: &str = "testdata/golden";

/// Rows in each table: enough to see the order, few enough to read a difference.
const ROWS: usize = 5;

/// The logs, and the window where the one chosen by itself gives too many to read.
const GOLDEN_LOGS: [(&str, Option<&str>); 5] = [
    ("access.log.gz", Some("1h")),
    ("golden-awkward.log", None),
    ("golden-empty.log", None),
    ("golden-timed.log", Some("6h")),
    ("golden-vhost.log", Some("6h")),
];

/// The widths at which the terminal is shown.
const WIDTHS: [usize; 2] = [80, 160];

/// Commands that print a text of their own.
const GOLDEN_COMMANDS: [(&str, &[&str]); 4] = [
    ("explain.txt", &["explain", "404", "429", "499", "444"]),
    ("list-formats.txt", &["list", "formats"]),
    ("list-outputs.txt", &["list", "outputs"]),
    ("list-statuses.txt", &["list", "statuses"]),
];

#[test]
fn outputs_are_as_before() {
    for (log, window) in GOLDEN_LOGS {
        let report = report(log, window);
        for output in OUTPUTS {
            for (golden, columns) in goldens(log, output.id) {
                let style = Style { columns, color: false, zone: Zone::default(), top: Some(ROWS) };
                let mut bytes = Vec::new();
                (output.render)(&report, &style, &mut bytes).unwrap();
                if output.id == "json" {
                    schema::read(&bytes);
                }
                compare(&golden, &bytes);
            }
        }
    }
}

#[test]
fn texts_are_as_before() {
    for (golden, words) in GOLDEN_COMMANDS {
        let mut logscan = Command::new(env!("CARGO_BIN_EXE_logscan"));
        let printed = logscan.args(words).env("COLUMNS", "80").output().unwrap();
        assert!(printed.status.success(), "logscan {words:?}: {}", printed.status);
        compare(golden, &printed.stdout);
    }
}

#[test]
fn no_golden_is_left_over() {
    let mut wanted: BTreeSet<String> =
        GOLDEN_COMMANDS.iter().map(|(golden, _)| golden.to_string()).collect();
    for (log, _) in GOLDEN_LOGS {
        let ids = OUTPUTS.iter().map(|output| output.id);
        wanted.extend(ids.flat_map(|id| goldens(log, id)).map(|(golden, _)| golden));
    }
    for file in fs::read_dir(GOLDENS).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(wanted.contains(&name), "no test reads it: git rm {GOLDENS}/{name}");
    }
}

#[test]
fn every_log_of_ours_has_its_goldens() {
    for file in fs::read_dir(LOGS).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let is_known = GOLDEN_LOGS.iter().any(|(log, _)| *log == name);
        assert!(is_known || !name.starts_with("golden-"), "add {name} to GOLDEN_LOGS");
    }
}

/// The report on a log, without what differs from run to run.
fn report(log: &str, window: Option<&str>) -> Report {
    let options = Options {
        sources: vec![PathBuf::from(LOGS).join(log)],
        rows: Some(ROWS),
        window: window.and_then(Window::named),
        threads: Some(2),
        ..Options::default()
    };
    let run = Run {
        generated_at: 0,
        elapsed_seconds: 1.0,
        threads: 2,
        throughput_bytes_per_second: 1_000_000.0,
    };
    Report { run, ..scan(&options, &()).unwrap() }
}

/// The goldens of an output of a log, each with its width. Only the terminal has one.
fn goldens(log: &str, output: &str) -> Vec<(String, usize)> {
    match output {
        "terminal" => {
            WIDTHS.iter().map(|width| (format!("{log}.terminal.{width}"), *width)).collect()
        }
        _ => vec![(format!("{log}.{output}"), WIDTHS[0])],
    }
}

fn compare(golden: &str, found: &[u8]) {
    let path = Path::new(GOLDENS).join(golden);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(GOLDENS).unwrap();
        return fs::write(&path, found).unwrap();
    }
    let wanted = fs::read(&path).unwrap_or_default();
    if wanted == found {
        return;
    }
    let (wanted, found) = (String::from_utf8_lossy(&wanted), String::from_utf8_lossy(found));
    let line = wanted.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
    panic!(
        "{} differs from line {}:\n- {}\n+ {}\n\
         If that is meant: UPDATE=1 cargo test --test golden, then read git diff",
        path.display(),
        line + 1,
        wanted.lines().nth(line).unwrap_or("(end)"),
        found.lines().nth(line).unwrap_or("(end)"),
    );
}
