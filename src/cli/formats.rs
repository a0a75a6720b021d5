//! `logscan formats`: which format a source has, how sure that is, and what each of its lines was.

use std::path::PathBuf;

use clap::Args;
use logscan::clock::Zone;
use logscan::error::Result;
use logscan::escape;
use logscan::options::Options;
use logscan::scan::formats::{Alone, Findings, SourceFormat, formats};
use serde_json::{Value, json};

use super::{Outcome, options, output, report, shown, tell, text};

/// What `logscan formats` was asked for.
#[derive(Args)]
pub struct FormatsArgs {
    /// Logs: files, folders, and - for standard input
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks at all lines of the sources and tells.
///
/// # Errors
///
/// When no source could be read, or standard output cannot be written.
pub fn run(args: &FormatsArgs) -> Result<Outcome> {
    let asked =
        Options { sources: args.sources.clone(), zone: Zone::default(), ..Options::default() };
    let found = formats(&asked);
    if let Err(logscan::error::Error::NothingRead { gaps }) = &found {
        gaps.iter().for_each(|gap| tell(&report::gap_line(gap)));
    }
    let Findings { sources, gaps, notes } = found?;
    for note in &notes {
        tell(&format!("{}: {}", shown(note.source.bytes()), shown(note.text.bytes())));
    }
    gaps.iter().for_each(|gap| tell(&report::gap_line(gap)));
    if args.json {
        output::print_json(&sources.iter().map(source_json).collect())?;
    } else {
        let width = options::columns();
        let pages: Vec<String> = sources.iter().map(|source| page(source, width)).collect();
        output::print(&pages.join("\n"))?;
    }
    Ok(if gaps.is_empty() { Outcome::Fine } else { Outcome::Incomplete })
}

/// A source on the terminal.
fn page(source: &SourceFormat, width: usize) -> String {
    let path = escape::terminal(&source.path, width / 2);
    let head = match &source.format {
        None if source.lines == 0 => format!("{path}: empty"),
        None => format!("{path}: no line is in a format that is known"),
        Some(format) => format!(
            "{path}: {format}, {} of {} lines ({})",
            source.in_format,
            source.lines,
            percent(source.in_format, source.lines)
        ),
    };
    let mut page = head + "\n";
    let rows: Vec<[String; 4]> = source
        .classes
        .iter()
        .map(|class| {
            let kind = if class.is_format { "" } else { "skipped: " };
            let first = format!("line {}:", class.first);
            let used = 34 + class.id.len();
            let text = escape::terminal(&class.text, width.saturating_sub(used).max(20));
            [format!("  {:>9}", class.lines), format!("{kind}{}", class.id), first, text]
        })
        .collect();
    page += &text::table(&rows);
    let winner = |alone: &&Alone| source.format.as_ref() == Some(&alone.id);
    let others: Vec<String> = source
        .alone
        .iter()
        .filter(|alone| !winner(alone))
        .map(|alone| verdict(alone, source.tried))
        .collect();
    if !others.is_empty() {
        let lines = format!(
            "Of the first {} lines others read alone: {}.",
            source.tried,
            others.join("; ")
        );
        for line in text::wrap(&lines, width, 2) {
            page += &(line + "\n");
        }
    }
    if source.format.is_some() {
        page += "  All other formats: no line of it.\n";
    }
    page
}

/// `main 3 (997 no-format)`
fn verdict(alone: &Alone, tried: u64) -> String {
    match alone.reason {
        Some((skip, lines)) if alone.read < tried => {
            format!("{} {} ({lines} {})", alone.id, alone.read, skip.id())
        }
        _ => format!("{} {}", alone.id, alone.read),
    }
}

/// As people round it, but 100 % only where it is all.
fn percent(part: u64, whole: u64) -> String {
    if part == whole {
        return "100 %".to_string();
    }
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn source_json(source: &SourceFormat) -> Value {
    let text = escape::json;
    let classes: Vec<Value> = source
        .classes
        .iter()
        .map(|class| {
            json!({
                "class": class.id,
                "kind": if class.is_format { "format" } else { "skipped" },
                "lines": class.lines,
                "first_line": class.first,
                "text": text(&class.text),
            })
        })
        .collect();
    let others: Vec<Value> = source
        .alone
        .iter()
        .filter(|alone| source.format.as_ref() != Some(&alone.id))
        .map(|alone| {
            json!({
                "format": alone.id,
                "lines": alone.read,
                "reason": alone.reason.map(|(skip, _)| skip.id()),
            })
        })
        .collect();
    let ratio = source.in_format as f64 / source.lines.max(1) as f64;
    json!({
        "path": text(&source.path),
        "format": source.format,
        "lines": source.lines,
        "in_format": source.in_format,
        "ratio": (ratio * 1e6).round() / 1e6,
        "classes": classes,
        "tried_lines": source.tried,
        "others": others,
    })
}
