//! `logscan list`: what logscan knows, a row each.

use clap::{Args, ValueEnum};
use logscan::detect::{DETECTORS, Detector};
use logscan::error::Result;
use logscan::escape;
use logscan::parse::{FORMATS, Format};
use logscan::render::OUTPUTS;
use logscan::status::{STATUSES, StatusCode};
use logscan::untrusted::Untrusted;
use serde_json::{Value, json};

use super::{Outcome, options, output, text};

/// What `logscan list` was asked for.
#[derive(Args)]
pub struct ListArgs {
    /// What to list
    #[arg(value_name = "TABLE")]
    table: Table,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The tables of the program.
#[derive(Clone, Copy, ValueEnum)]
enum Table {
    /// The status codes 400 to 499 that have a meaning
    Statuses,
    /// The formats of logs that can be read
    Formats,
    /// What is looked for in a log, with the thresholds of each
    Detectors,
    /// What a report can be written as
    Outputs,
}

/// Prints a table.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn run(args: &ListArgs) -> Result<Outcome> {
    match (args.table, args.json) {
        (Table::Statuses, true) => {
            output::print_json(&STATUSES.iter().map(status_json).collect())?;
        }
        (Table::Statuses, false) => output::print(&statuses())?,
        (Table::Formats, true) => {
            output::print_json(&FORMATS.iter().map(|format| format_json(format)).collect())?;
        }
        (Table::Formats, false) => output::print(&formats(options::columns()))?,
        (Table::Detectors, true) => {
            output::print_json(&DETECTORS.iter().map(|row| detector_json(row)).collect())?;
        }
        (Table::Detectors, false) => output::print(&detectors(options::columns()))?,
        (table, true) => output::print_json(&rows(table).into_iter().map(row_json).collect())?,
        (table, false) => {
            let rows: Vec<[String; 2]> =
                rows(table).into_iter().map(|row| row.map(str::to_string)).collect();
            output::print(&text::table(&rows))?;
        }
    }
    Ok(Outcome::Fine)
}

/// The statuses: code, name, who defines it, caching.
pub fn statuses() -> String {
    let rows = STATUSES.iter().map(|status| {
        let code = status.code.to_string();
        let name = status.name.to_string();
        [code, name, status.origin.to_string(), status.caching.id().to_string()]
    });
    text::table(&rows.collect::<Vec<_>>())
}

/// The rows of a table whose rows have ids: id and summary.
fn rows(table: Table) -> Vec<[&'static str; 2]> {
    match table {
        Table::Statuses => Vec::new(),
        Table::Formats => FORMATS.iter().map(|format| [format.id, format.summary]).collect(),
        Table::Detectors => DETECTORS.iter().map(|row| [row.id, row.summary]).collect(),
        Table::Outputs => OUTPUTS.iter().map(|output| [output.id, output.summary]).collect(),
    }
}

fn status_json(status: &StatusCode) -> Value {
    json!({
        "code": status.code,
        "name": status.name,
        "origin": status.origin,
        "registered": status.registered,
        "caching": status.caching.id(),
        "meaning": status.meaning,
    })
}

/// The formats: id and summary, and under them a line of each.
fn formats(width: usize) -> String {
    let rows: Vec<[String; 2]> =
        rows(Table::Formats).into_iter().map(|row| row.map(str::to_string)).collect();
    let mut list = String::new();
    for (row, format) in text::table(&rows).lines().zip(FORMATS) {
        let sample = Untrusted::new(sample(format));
        let sample = escape::terminal(&sample, width.saturating_sub(4).max(20));
        list += &format!("{row}\n    {sample}\n");
    }
    list
}

fn sample(format: &Format) -> &'static [u8] {
    format.samples.lines().first().copied().unwrap_or_default()
}

fn format_json(format: &Format) -> Value {
    json!({
        "id": format.id,
        "summary": format.summary,
        "kind": if format.is_error_log() { "error-log" } else { "access-log" },
        "time": format.stamp.id(),
        "sample": escape::json(&Untrusted::new(sample(format))),
    })
}

/// The detectors: id and summary, and under them their thresholds.
fn detectors(width: usize) -> String {
    let rows: Vec<[String; 2]> =
        rows(Table::Detectors).into_iter().map(|row| row.map(str::to_string)).collect();
    let mut list = String::new();
    for (row, detector) in text::table(&rows).lines().zip(DETECTORS) {
        list += row;
        list.push('\n');
        for threshold in detector.thresholds {
            let label = format!("    {}={}", threshold.name, threshold.value);
            list += &text::labelled(&label, threshold.summary, 26, width).join("\n");
            list.push('\n');
        }
    }
    list
}

fn detector_json(detector: &Detector) -> Value {
    let thresholds = detector.thresholds.iter().map(|threshold| {
        json!({
            "name": threshold.name,
            "default": threshold.value,
            "summary": threshold.summary,
        })
    });
    json!({
        "id": detector.id,
        "group": detector.group.id(),
        "summary": detector.summary,
        "thresholds": thresholds.collect::<Vec<_>>(),
    })
}

fn row_json([id, summary]: [&str; 2]) -> Value {
    json!({"id": id, "summary": summary})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_row_that_fits_a_terminal() {
        let list = statuses();
        assert_eq!(list.lines().count(), STATUSES.len());
        assert!(list.lines().all(|line| logscan::escape::columns(line) <= 80), "{list}");
        assert!(list.lines().any(|line| line.starts_with("499  ")));
    }
}
