//! A folder with logs in it, and runs of the program there.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::schema;

/// A folder of its own for each test, gone at its end.
pub struct Stage {
    folder: TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Ran {
            status: output.status.code().expect("no signal ends the program"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Stage {
    /// An empty folder.
    pub fn new() -> Stage {
        Stage { folder: tempfile::tempdir().unwrap() }
    }

    /// With `access.log` in it.
    pub fn with(log: impl AsRef<[u8]>) -> Stage {
        Stage::new().file("access.log", log)
    }

    /// Puts a file into it; folders in its name are made.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Stage {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Where a file of it is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, with these words after its name, in the folder, with nothing on standard input
    /// and nothing of our own environment that counts.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_logscan"));
        command.args(words).current_dir(&self.folder).stdin(Stdio::null());
        for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "TERM"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs it.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.command(words).output().unwrap().into()
    }

    /// Runs it with something on standard input, which is a pipe.
    pub fn run_with(&self, words: &[&str], stdin: &[u8]) -> Ran {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // A reader that goes away early is for the test to judge, by the exit status.
            scope.spawn(move || pipe.write_all(stdin));
            child.wait_with_output()
        });
        output.unwrap().into()
    }

    /// Runs it with `--json` and returns the report, which keeps to its schema.
    pub fn report(&self, words: &[&str]) -> Value {
        self.report_with_status(words, 0)
    }

    /// As [`Stage::report`], where the run ends with this exit status.
    pub fn report_with_status(&self, words: &[&str], status: i32) -> Value {
        let ran = self.run(&[words, &["--json"]].concat());
        assert_eq!(ran.status, status, "logscan {words:?}: {}", ran.stderr);
        schema::read(ran.stdout.as_bytes())
    }
}

/// A line in the combined format, of 21 November 2026, with its line end.
pub fn line(client: &str, time: &str, request: &str, status: u16) -> String {
    format!(
        "{client} - - [21/Nov/2026:{time} +0000] \"{request}\" {status} 100 \"-\" \"curl/8.5.0\"\n"
    )
}

/// As many 404s, a second apart, from 08:00 on, each on a path of its own.
pub fn lines(count: usize) -> String {
    let clock = |n: usize| format!("{:02}:{:02}:{:02}", 8 + n / 3600, n / 60 % 60, n % 60);
    (0..count).map(|n| line("192.0.2.1", &clock(n), &format!("GET /{n} HTTP/1.1"), 404)).collect()
}

/// One gzip member.
pub fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// How many requests a report has.
pub fn requests(report: &Value) -> u64 {
    report["totals"]["requests"].as_u64().unwrap()
}

/// The paths of a report, most 4xx first.
pub fn paths(report: &Value) -> Vec<&str> {
    let rows = report["client_errors"]["by_path"].as_array().unwrap();
    rows.iter().map(|row| row["path"].as_str().unwrap()).collect()
}

/// The sources of a report, in the order in which they were read.
pub fn sources(report: &Value) -> Vec<&str> {
    let rows = report["input"]["sources"].as_array().unwrap();
    rows.iter().map(|row| row["path"].as_str().unwrap()).collect()
}

/// Of each note or gap of a report, its kind and its source.
pub fn remarks<'a>(report: &'a Value, list: &str) -> Vec<(&'a str, &'a str)> {
    let rows = report["input"][list].as_array().unwrap();
    let pair = |row: &'a Value| (row["kind"].as_str().unwrap(), row["source"].as_str().unwrap());
    rows.iter().map(pair).collect()
}

/// A FIFO.
pub fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success(), "mkfifo");
}
