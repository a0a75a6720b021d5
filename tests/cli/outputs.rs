//! Outputs: where they go, how wide and how coloured they are, and readers that go away.

use std::fs::{self, File};
use std::io::Read;
use std::process::Stdio;

use crate::schema;
use crate::stage::{Stage, lines, requests};

/// The first byte of every sequence that acts on a terminal.
const ESC: char = '\u{1b}';

#[test]
fn one_run_writes_several_outputs() {
    let stage = Stage::with(lines(3));
    let ran = stage.run(&["access.log", "-o", "terminal", "-o", "json=report.json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("3 of 3 requests"));
    let written = fs::read(stage.path("report.json")).unwrap();
    assert_eq!(requests(&schema::read(&written)), 3);
}

#[test]
fn each_output_has_its_own_number_of_rows() {
    let stage = Stage::with(lines(120));
    stage.run(&["access.log", "-o", "terminal=screen.txt", "-o", "json=report.json"]);
    let report = schema::read(&fs::read(stage.path("report.json")).unwrap());
    assert_eq!(report["client_errors"]["by_path"].as_array().unwrap().len(), 100);
    let screen = fs::read_to_string(stage.path("screen.txt")).unwrap();
    assert_eq!(screen.lines().filter(|line| line.starts_with(" /")).count(), 10);
}

#[test]
fn json_is_what_output_json_is() {
    let stage = Stage::with(lines(3));
    let short = stage.report(&["access.log"]);
    let ran = stage.run(&["access.log", "-o", "json"]);
    let mut long = schema::read(ran.stdout.as_bytes());
    long["run"] = short["run"].clone();
    assert_eq!(long, short);
}

#[test]
fn outputs_that_cannot_come_out_well_are_refused_before_anything_is_read() {
    let stage = Stage::with(lines(3));
    for (words, part) in [
        (&["-o", "json", "-o", "terminal"][..], "only one output"),
        (&["-o", "json=a", "-o", "terminal=a"], "two outputs cannot go to one file"),
        (&["-o", "json=access.log"], "cannot replace a source"),
        (&["-o", "json=none/report.json"], "none/report.json: cannot be written"),
        (&["-o", "pdf"], "known are terminal, json"),
        (&["-o", "json="], "name a file after 'json='"),
    ] {
        let ran = stage.run(&[words, &["access.log"]].concat());
        assert_eq!(ran.status, 2, "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(part), "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(fs::read_to_string(stage.path("access.log")).unwrap(), lines(3));
}

#[test]
fn a_log_found_in_a_folder_is_not_written_over() {
    let stage = Stage::with(lines(3));
    let ran = stage.run(&[".", "-o", "json=access.log"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("cannot replace a source"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(stage.path("access.log")).unwrap(), lines(3));
    for _ in 0..2 {
        let ran = stage.run(&[".", "-q", "-o", "json=report.json"]);
        assert_eq!(ran.status, 0, "yesterday's report is no log: {ran:?}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let stage = Stage::with(lines(20_000));
    for words in [&["access.log", "--json", "--top", "0"][..], &["access.log", "--top", "0"]] {
        let mut command = stage.command(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Its first byte, as `head` would, and then no more.
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_gives_2_and_is_named() {
    let stage = Stage::with(lines(3));
    for words in [&["access.log"][..], &["access.log", "--json"], &["man"], &["list", "statuses"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = stage.command(words).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {stderr}");
        assert!(stderr.contains("standard output: cannot be written: No space"), "{stderr}");
    }
    let ran = stage.run(&["access.log", "-o", "json=/dev/full"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("/dev/full: cannot be written: No space"), "{}", ran.stderr);
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let stage = Stage::with(lines(3));
    let has_color = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = stage.command(&[&["access.log"], words].concat());
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains(ESC)
    };
    assert!(!has_color(&[], &[]));
    assert!(has_color(&["--color", "always"], &[]));
    assert!(has_color(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(has_color(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_color(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!has_color(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_color(&["--color", "always", "--json"], &[]));
}

#[test]
fn colours_say_nothing_that_the_words_do_not() {
    let stage = Stage::with(lines(300));
    let plain = stage.run(&["access.log"]).stdout;
    let colored = stage.run(&["access.log", "--color", "always"]).stdout;
    let mut bare = String::new();
    let mut parts = colored.split(ESC);
    bare.push_str(parts.next().unwrap());
    for part in parts {
        bare.push_str(part.split_once('m').expect("only colours are sent").1);
    }
    assert_eq!(bare, plain);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/logs/golden-awkward.log");
    let vhosts = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/logs/golden-vhost.log");
    let stage = Stage::new();
    for columns in [40, 60, 72, 80, 100, 132, 160, 200, 250] {
        let mut command = stage.command(&[log, vhosts, "--top", "0"]);
        let output = command.env("COLUMNS", columns.to_string()).output().unwrap();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            assert!(logscan::escape::columns(line) <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn progress_is_shown_where_it_is_asked_for() {
    let stage = Stage::new().file("a.log.gz", crate::stage::gzip(lines(20_000)));
    let ran = stage.run(&["a.log.gz", "--progress", "always"]);
    assert!(ran.stderr.contains('%'), "{:?}", ran.stderr);
    assert_eq!(ran.status, 0);
    for when in ["auto", "never"] {
        assert_eq!(stage.run(&["a.log.gz", "--progress", when]).stderr, "");
    }
}

#[test]
fn verbose_tells_how_each_source_was_read() {
    let ran = Stage::with(lines(3)).run(&["access.log", "-v"]);
    assert!(ran.stderr.contains("access.log: format combined, compression none"), "{}", ran.stderr);
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let request = format!("GET /{hostile} HTTP/1.1");
    let log = crate::stage::line("192.0.2.1", "08:00:00", &request, 404)
        + &crate::stage::line(&format!("x{hostile}"), "08:00:01", "GET / HTTP/1.1", 404)
        + &format!("{hostile} is no line of a log\n");
    let name = format!("{hostile}.log");
    let stage = Stage::new().file(&name, &log).file("bad.log", format!("{hostile}\n"));
    for words in [
        &[name.as_str()][..],
        &[name.as_str(), "--json"],
        &[name.as_str(), "-v", "--top", "0"],
        &["."],
        &["bad.log"],
        &[hostile],
        &[name.as_str(), "--status", hostile],
        &[name.as_str(), "--since", hostile],
        &[name.as_str(), "-o", hostile],
        &[name.as_str(), "--path", "~(\u{1b}"],
        &["explain", hostile],
        &["list", hostile],
    ] {
        let ran = stage.run(words);
        for text in [&ran.stdout, &ran.stderr] {
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(acts), "{words:?}: {text:?}");
        }
    }
}
