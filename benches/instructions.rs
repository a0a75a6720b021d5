//! How many instructions a line costs, counted by valgrind and held against the committed figures.
//!
//! `cargo bench --bench instructions`; with `UPDATE=1` it writes `benches/instructions.tsv` anew.
//! Times vary with the machine and with who else works on it. Instructions hardly do, so that what
//! makes every line dearer is found in CI. They are no times: a cache miss counts as nothing.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use bumpalo::Bump;
use logscan::aggregate::peaks::SpanKey;
use logscan::aggregate::{Aggregate, Queue};
use logscan::input::lines::Lines;
use logscan::options::{Layout, Simd};
use logscan::parse::{FORMATS, Formats, Marks, State, Tools};
use logscan::record::Said;
use logscan::select::Selection;

#[path = "corpus/mod.rs"]
mod corpus;

use corpus::{Corpus, Kind};

const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.tsv");

/// A log, and the beginning of it: what the one takes more than the other is what the lines between
/// take, without what starting costs.
const LINES: [u64; 2] = [60_000, 20_000];

/// By so much a figure may differ from the committed one, in percent. The seed of the tables, which
/// is another in every run, moves it by far less.
const MARGIN_PERCENT: f64 = 10.0;

/// Figures are medians of so many runs.
const RUNS: usize = 3;

/// As much as a scan looks at in one pass.
const WINDOW_BYTES: usize = 16 << 10;

/// What is done with the lines.
#[derive(Clone, Copy)]
struct Work {
    name: &'static str,
    run: fn(&[u8], Simd) -> u64,
}

const WORKS: [Work; 2] =
    [Work { name: "parse", run: parse }, Work { name: "parse+select+count", run: count }];

/// The narrowest way of looking at bytes, and the widest that valgrind knows.
const WAYS: [(&str, Simd); 2] = [("portable", Simd::Portable), ("avx2", Simd::Avx2)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match &arguments[..] {
        [option, work, way, path] if option == "--run" => run(work, way, path),
        _ => compare(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("instructions: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Does the work once. This is what valgrind sees.
fn run(work: &str, way: &str, path: &str) -> Result<(), String> {
    let work = WORKS.iter().find(|row| row.name == work).ok_or("no work is called so")?;
    let way = WAYS.iter().find(|row| row.0 == way).ok_or("no way is called so")?;
    let text = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    println!("{}", black_box((work.run)(black_box(&text), way.1)));
    Ok(())
}

/// Marks and records; how many.
fn parse(text: &[u8], simd: Simd) -> u64 {
    let (formats, mut state, mut marks) =
        (Formats::new(FORMATS), State::default(), Marks::new(Some(simd)));
    let (mut records, arena) = (0, Bump::new());
    for window in Lines::new(text).windows(WINDOW_BYTES) {
        let mut unread = marks.find(window);
        loop {
            if let Some(record) = formats.read_usual(&mut unread, &mut state.clock) {
                records += 1;
                black_box(&record);
                continue;
            }
            let Some(line) = unread.take() else { break };
            let mut tools = Tools { arena: &arena, state: &mut state };
            if let Ok(said) = formats.read(line, None, &mut tools) {
                records += 1;
                black_box(&said);
            }
        }
    }
    records
}

/// All that a worker does with lines, by the loop of `scan::worker`; how many requests.
fn count(text: &[u8], simd: Simd) -> u64 {
    let (formats, mut state, mut marks) =
        (Formats::new(FORMATS), State::default(), Marks::new(Some(simd)));
    let (mut selection, mut aggregate) = (Selection::default(), Aggregate::default());
    aggregate.begin_span(SpanKey { series: 0, file: 0, block: 0 });
    let mut lines = Lines::new(text);
    let block_bytes = Layout::default().block_bytes;
    let mut block_end = block_bytes;
    while !lines.bytes().is_empty() {
        let (keys, mut queue) = (Bump::new(), Queue::new());
        for window in lines.take_before(block_end).windows(WINDOW_BYTES) {
            let mut unread = marks.find(window);
            loop {
                if let Some(record) = formats.read_usual(&mut unread, &mut state.clock) {
                    if let Some(hit) = selection.keep(&record, &keys) {
                        queue.push(&mut aggregate, hit);
                    }
                } else {
                    let Some(line) = unread.take() else { break };
                    let mut tools = Tools { arena: &keys, state: &mut state };
                    if let Ok((Said::Request(record), _)) = formats.read(line, None, &mut tools)
                        && let Some(hit) = selection.keep(&record, &keys)
                    {
                        queue.push(&mut aggregate, hit);
                    }
                }
            }
        }
        queue.drain(&mut aggregate);
        aggregate.begin_block();
        block_end += block_bytes;
    }
    aggregate.seal();
    aggregate.requests()
}

/// Figures by work and way.
type Figures = BTreeMap<(String, String), u64>;

/// Counts all works in all ways, and holds them against the committed figures.
fn compare() -> Result<(), String> {
    if cfg!(debug_assertions) {
        return Err("a build for speed is wanted: cargo bench --bench instructions".to_string());
    }
    let found = measure()?;
    if std::env::var_os("UPDATE").is_some() {
        fs::write(FIGURES, written(&found)).map_err(|error| format!("{FIGURES}: {error}"))?;
    }
    let committed = fs::read_to_string(FIGURES).map_err(|error| format!("{FIGURES}: {error}"))?;
    let committed = read(&committed)?;
    let (mut has_grown, mut has_shrunk) = (false, false);
    println!("{:<21}{:<10}{:>17}{:>11}{:>10}", "", "", "instructions/line", "committed", "change");
    for ((work, way), figure) in found {
        let Some(&wanted) = committed.get(&(work.clone(), way.clone())) else {
            return Err(format!("{FIGURES} has no {work} {way}: UPDATE=1 writes it anew"));
        };
        let percent = (figure as f64 / wanted as f64 - 1.0) * 100.0;
        println!("{work:<21}{way:<10}{figure:>17}{wanted:>11}{percent:>+8.1} %");
        has_grown |= percent > MARGIN_PERCENT;
        has_shrunk |= percent < -MARGIN_PERCENT;
    }
    if has_shrunk {
        println!("a line became cheaper by more than {MARGIN_PERCENT} %: keep it with UPDATE=1");
    }
    if has_grown {
        let margin = format!("a line became dearer by more than {MARGIN_PERCENT} %");
        return Err(format!("{margin}: find out why, or accept it with UPDATE=1"));
    }
    Ok(())
}

fn measure() -> Result<Figures, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let [all, beginning] = write_logs(folder.path()).map_err(|error| error.to_string())?;
    let mut figures = Figures::new();
    for (way, simd) in WAYS {
        if !has(simd) {
            println!("{way}: this machine does not have it");
            continue;
        }
        for work in WORKS {
            let mut runs = [0; RUNS];
            for instructions in &mut runs {
                let all = instructions_of(work.name, way, &all, LINES[0])?;
                let more =
                    all.saturating_sub(instructions_of(work.name, way, &beginning, LINES[1])?);
                *instructions = more / (LINES[0] - LINES[1]);
            }
            runs.sort_unstable();
            figures.insert((work.name.to_string(), way.to_string()), runs[RUNS / 2]);
        }
    }
    Ok(figures)
}

fn written(figures: &Figures) -> String {
    let rows = figures.iter().map(|((work, way), figure)| format!("{work}\t{way}\t{figure}\n"));
    format!("work\tway\tinstructions_per_line\n{}", rows.collect::<String>())
}

fn read(table: &str) -> Result<Figures, String> {
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_string);
        let key = (cells.next()?, cells.next()?);
        Some((key, cells.next()?.parse().ok()?))
    };
    let rows = table.lines().skip(1);
    rows.map(|line| row(line).ok_or(format!("{FIGURES}: not a row: {line}"))).collect()
}

/// Whether this machine can look at bytes in this way.
fn has(simd: Simd) -> bool {
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 => is_x86_feature_detected!("avx2"),
        other => other == Simd::Portable,
    }
}

/// The log and its beginning.
fn write_logs(folder: &Path) -> io::Result<[PathBuf; 2]> {
    let usual = Corpus::new(Kind::Ordinary);
    // As many lines a second as the long log has: most lines bear the second of the one before.
    let seconds = usual.seconds * LINES[0] / usual.lines;
    let mut text = Vec::new();
    Corpus { lines: LINES[0], seconds, ..usual }.write(&mut text)?;
    let mut lines = text.split_inclusive(|&byte| byte == b'\n');
    let beginning: usize = lines.by_ref().take(LINES[1] as usize).map(<[u8]>::len).sum();
    let paths = [folder.join("all.log"), folder.join("beginning.log")];
    fs::write(&paths[0], &text)?;
    fs::write(&paths[1], &text[..beginning])?;
    Ok(paths)
}

/// How many instructions a run of this program over a log takes.
fn instructions_of(work: &str, way: &str, log: &Path, lines: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(["--run", work, way]).arg(log);
    let output = valgrind.output().map_err(|error| {
        format!("valgrind: {error}; it counts the instructions: apt-get install valgrind")
    })?;
    let told = String::from_utf8_lossy(&output.stderr);
    let read = String::from_utf8_lossy(&output.stdout).trim().parse();
    if read != Ok(lines) {
        return Err(format!("{valgrind:?}: {read:?} lines of {lines} were read\n{told}"));
    }
    // `==17== Collected : 123456`
    let total =
        told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    total.ok_or(format!("{valgrind:?}: {}\n{told}", output.status))
}
