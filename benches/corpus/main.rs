//! Writes a generated access log to a file; run by `cargo bench`, it checks the generator instead.
//!
//! `corpus [--kind day|ordinary|unique|timed] [--lines N] [--seed N] [--seconds N] OUT`, where
//! `-` as OUT is standard output. What was written is told on standard error.
//! `corpus --plant ID[,ID…]|all|none [--seed N] [--days N] OUT` plants what detectors have to find, and
//! writes `OUT.truth` beside it: `must` or `may`, the detector, the subject, with tabs between.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::process::ExitCode;

#[path = "mod.rs"]
mod corpus;

use corpus::planted::{self, Fact, PLANTS, Planted};
use corpus::{Corpus, Kind, Truth};

const USAGE: &str =
    "usage: corpus [--kind day|ordinary|unique|timed] [--lines N] [--seed N] [--seconds N] OUT
       corpus --plant ID[,ID...]|all|none [--seed N] [--days N] OUT";
const KINDS: &[(&str, Kind)] = &[
    ("day", Kind::Day),
    ("ordinary", Kind::Ordinary),
    ("unique", Kind::Unique),
    ("timed", Kind::Timed),
];

fn main() -> ExitCode {
    let result = match arguments(std::env::args().skip(1)) {
        Ok((Log::Counted(corpus), Some(path))) => write(&corpus, &path),
        Ok((Log::Planted(planted), Some(path))) => write_planted(&planted, &path),
        Ok((_, None)) => check().and_then(|()| check_planted()),
        Err(message) => Err(message),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("corpus: {message}");
            ExitCode::FAILURE
        }
    }
}

/// A log to be written, of one sort or the other.
enum Log {
    Counted(Corpus),
    Planted(Planted),
}

/// The log asked for, and where it goes. Without a place, cargo is running us.
fn arguments(arguments: impl Iterator<Item = String>) -> Result<(Log, Option<String>), String> {
    let mut arguments = arguments;
    let mut kind = Kind::Ordinary;
    let (mut lines, mut seed, mut seconds, mut path) = (None, None, None, None);
    let (mut plants, mut days) = (None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--kind" => {
                let name = value()?;
                let found = KINDS.iter().find(|row| row.0 == name);
                kind = found.ok_or(format!("no kind is called {name}\n{USAGE}"))?.1;
            }
            "--lines" => lines = Some(number(&argument, &value()?)?),
            "--seed" => seed = Some(number(&argument, &value()?)?),
            "--seconds" => seconds = Some(number(&argument, &value()?)?),
            "--plant" => plants = Some(asked_for(&value()?)?),
            "--days" => days = Some(number(&argument, &value()?)?),
            // Cargo's own.
            "--bench" | "--test" => {}
            option if option.starts_with("--") => {
                return Err(format!("no option is called {option}\n{USAGE}"));
            }
            _ => path = Some(argument),
        }
    }
    if let Some(plants) = plants {
        let planted = Planted { seed: seed.unwrap_or(1), plants, days };
        return Ok((Log::Planted(planted), path));
    }
    let usual = Corpus::new(kind);
    let corpus = Corpus {
        seed: seed.unwrap_or(usual.seed),
        lines: lines.unwrap_or(usual.lines),
        seconds: seconds.unwrap_or(usual.seconds),
        ..usual
    };
    Ok((Log::Counted(corpus), path))
}

/// The plants that a list names.
fn asked_for(list: &str) -> Result<Vec<&'static str>, String> {
    match list {
        "all" => Ok(PLANTS.iter().map(|plant| plant.id).collect()),
        "none" => Ok(Vec::new()),
        _ => list
            .split(',')
            .map(|id| planted::plant_of(id).map(|plant| plant.id))
            .collect::<Option<_>>()
            .ok_or(format!("{list}: a detector that nothing is planted for\n{USAGE}")),
    }
}

fn number(option: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{option} takes a number, not {text}"))
}

fn write(corpus: &Corpus, path: &str) -> Result<(), String> {
    let written = if path == "-" {
        corpus.write(&mut io::stdout().lock())
    } else {
        File::create(path).and_then(|mut file| corpus.write(&mut file))
    };
    let truth = written.map_err(|error| format!("{path}: {error}"))?;
    tell(&truth);
    Ok(())
}

/// Writes the log, and the truth beside it.
fn write_planted(planted: &Planted, path: &str) -> Result<(), String> {
    let mut log = Vec::new();
    let facts = planted.write(&mut log).map_err(|error| error.to_string())?;
    let beside = format!("{path}.truth");
    for (path, text) in [(path, &log), (&beside, &planted::told(&facts).into_bytes())] {
        std::fs::write(path, text).map_err(|error| format!("{path}: {error}"))?;
    }
    let lines = log.iter().filter(|byte| **byte == b'\n').count();
    let must = facts.iter().filter(|fact| fact.must).count();
    eprintln!("lines          {lines}");
    eprintln!("bytes          {}", log.len());
    eprintln!("must be found  {must}");
    eprintln!("read it with   --log-format '{}'", planted::FORMAT);
    Ok(())
}

fn tell(truth: &Truth) {
    eprintln!("lines          {}", truth.lines);
    eprintln!("bytes          {}", truth.bytes);
    eprintln!("body bytes     {}", truth.body_bytes);
    eprintln!("clients        {}", truth.clients);
    eprintln!("paths          {}", truth.paths);
    eprintln!("client errors  {}", truth.client_errors);
    eprintln!("first, last    {} {}", truth.first, truth.last);
    for (name, top) in [("top 4xx path", &truth.top_path), ("top 4xx client", &truth.top_client)] {
        if let Some((key, requests)) = top {
            eprintln!("{name:<14} {requests} {key}");
        }
    }
    for (status, lines) in &truth.by_status {
        eprintln!("{status}            {lines}");
    }
}

/// Writes each kind twice, compares the bytes, and counts them again the slow and obvious way.
fn check() -> Result<(), String> {
    for &(name, kind) in KINDS {
        let corpus = Corpus { lines: 10_000, ..Corpus::new(kind) };
        let (mut log, mut again) = (Vec::new(), Vec::new());
        let truth = corpus.write(&mut log).map_err(|error| error.to_string())?;
        corpus.write(&mut again).map_err(|error| error.to_string())?;
        if log != again {
            return Err(format!("{name}: one seed made two logs"));
        }
        if truth.by_status.values().sum::<u64>() != corpus.lines {
            return Err(format!("{name}: the statuses do not add up to the lines"));
        }
        let log = String::from_utf8(log).map_err(|error| format!("{name}: {error}"))?;
        let recount = recount(&log).ok_or(format!("{name}: a line is not in the format"))?;
        let counted = Truth { first: 0, last: 0, ..truth };
        if counted != recount {
            return Err(format!("{name}: told {counted:?}\nfound {recount:?}"));
        }
    }
    println!("corpus: {} kinds, 10,000 lines each, as told", KINDS.len());
    Ok(())
}

/// Plants everything twice and compares, and sees that each plant says what has to be found.
fn check_planted() -> Result<(), String> {
    let all = PLANTS.iter().map(|plant| plant.id).collect();
    let planted = Planted { seed: 7, plants: all, days: None };
    let (mut log, mut again) = (Vec::new(), Vec::new());
    let facts = planted.write(&mut log).map_err(|error| error.to_string())?;
    let told_again = planted.write(&mut again).map_err(|error| error.to_string())?;
    if log != again || facts != told_again {
        return Err("planted: one seed made two logs, or two truths".to_owned());
    }
    let has = |facts: &[Fact], id: &str| facts.iter().any(|fact| fact.must && fact.id == id);
    for plant in PLANTS.iter().filter(|plant| !has(&facts, plant.id)) {
        // It may be one that cannot be in a log with all others, or not in a form that has to be found.
        let alone = Planted { plants: vec![plant.id], ..planted.clone() };
        let facts = alone.write(&mut io::sink()).map_err(|error| error.to_string())?;
        if !has(&facts, plant.id) {
            return Err(format!("planted: nothing has to be found by {}", plant.id));
        }
    }
    println!("corpus: {} kinds of problems, planted as told", PLANTS.len());
    Ok(())
}

/// The truth, read back from the text; without the times, which take a calendar.
fn recount(log: &str) -> Option<Truth> {
    let mut truth = Truth { bytes: log.len() as u64, ..Truth::default() };
    let (mut clients, mut paths) = (BTreeMap::new(), BTreeMap::new());
    let mut made_up = BTreeSet::new();
    for line in log.lines() {
        let mut quoted = line.split('"');
        let client = quoted.next()?.split(' ').next()?;
        let path = path_key(quoted.next()?);
        let mut answer = quoted.next()?.split_ascii_whitespace();
        let status: u16 = answer.next()?.parse().ok()?;
        let error = u64::from((400..500).contains(&status));
        truth.lines += 1;
        truth.body_bytes += answer.next()?.parse::<u64>().ok()?;
        truth.client_errors += error;
        *truth.by_status.entry(status).or_default() += 1;
        *clients.entry(client).or_default() += error;
        if path.starts_with("/u/") {
            made_up.insert(path);
        } else {
            *paths.entry(path).or_default() += error;
        }
    }
    truth.clients = clients.len() as u64;
    truth.paths = (paths.len() + made_up.len()) as u64;
    truth.top_client = top(&clients);
    truth.top_path = top(&paths);
    Some(truth)
}

fn top(counts: &BTreeMap<&str, u64>) -> Option<(String, u64)> {
    let most = *counts.values().max()?;
    let first = counts.iter().find(|row| *row.1 == most)?;
    (most > 0).then(|| (first.0.to_string(), most))
}

/// The path key of a request line, by the rule that `Truth` states.
fn path_key(request: &str) -> &str {
    let Some((method, rest)) = request.split_once(' ') else {
        return "(malformed)";
    };
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if method.is_empty() || !method.bytes().all(is_token) {
        return "(malformed)";
    }
    let target = match rest.rsplit_once(' ') {
        Some((target, protocol)) if protocol.starts_with("HTTP/") => target,
        _ => rest,
    };
    let target = target.split('?').next().unwrap_or(target);
    match target.split_once("://") {
        Some((_, authority)) => authority.find('/').map_or("/", |slash| &authority[slash..]),
        None => target,
    }
}
