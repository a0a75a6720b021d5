//! The command line: the only place that knows clap. One file for each command.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Parser, Subcommand};
use logscan::error::{Error, Result};
use logscan::escape;
use logscan::report::Report;
use logscan::untrusted::Untrusted;

mod completions;
mod explain;
mod fail_on;
mod formats;
mod list;
mod man;
mod options;
mod output;
mod progress;
mod ranges;
mod remedy;
mod replay;
mod report;
mod schema;
mod status_list;
mod text;

/// Explain the 4xx in web server access logs
///
/// Reads access logs of nginx, Apache and others, counts every request, and tells which fail with
/// 4xx: by status, path, client and time. Nothing needs to be configured.
#[derive(Parser)]
#[command(
    name = "logscan",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "logscan --help tells more, with examples; logscan man is the manual.",
    after_long_help = after_long_help()
)]
struct Cli {
    #[command(flatten)]
    report: options::ReportArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Make the report, as logscan without a command does
    Report(Box<options::ReportArgs>),
    /// Tell what a limit of requests would have done: logscan replay --rate 10r/s --burst 20 LOG
    ///
    /// Replays the requests of a log against nginx's limit_req, as exactly as the log's times allow, and tells who
    /// would have passed, waited and been turned away. --grid tries several rates and bursts, --suggest looks for
    /// limits that people and search engines do not meet.
    Replay(Box<replay::ReplayArgs>),
    /// Explain statuses, formats of logs, and outputs: logscan explain 499
    ///
    /// Explains statuses, formats of logs, and outputs, several at once. Without an argument, lists
    /// what there is to explain. --json gives the same as JSON.
    Explain(explain::ExplainArgs),
    /// List what logscan knows: statuses, formats of logs, or outputs
    ///
    /// Lists what logscan knows, a row each. --json gives the same as JSON.
    List(list::ListArgs),
    /// Tell which format a log has, how sure that is, and what each line was
    ///
    /// Reads all lines. Beside the format that most of the first lines have stands what the other
    /// lines were, with the first of each kind, and how many lines the other formats would read.
    Formats(formats::FormatsArgs),
    /// Print the JSON Schema of the JSON report
    Schema(schema::SchemaArgs),
    /// Print the completions for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page: logscan man | man -l -
    Man,
}

/// What an exit status says.
const EXIT_STATUSES: &[(&str, &str)] = &[
    ("0", "All is well, or the reader of the output went away."),
    ("1", "A condition of --fail-on was met."),
    ("2", "A wrong option, nothing could be read, or no line of the input could be parsed."),
    ("3", "A report was made, but a part of its input could not be read."),
];

/// The variables of the environment that count.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("COLUMNS", "The width of the report in the terminal, where it is not to be measured."),
    ("NO_COLOR", "With any value: no colours, unless --color always."),
    ("CLICOLOR_FORCE", "With any value but 0: colours, unless NO_COLOR or --color never."),
];

/// What a stranger may want to do first.
const EXAMPLES: &[(&str, &str)] = &[
    ("logscan access.log.gz", "What fails in this log."),
    ("logscan /var/log/nginx --since 24h", "The last day of a folder, rotated files in order."),
    ("logscan access.log --status 404 --top 50", "Fifty paths, clients and hours with most 404s."),
    ("logscan access.log --client '!192.0.2.0/24'", "Without the requests of one network."),
    ("ssh web cat access.log | logscan -o terminal -o json=report.json", "From a pipe, twice."),
    ("logscan access.log -q --fail-on '4xx_ratio>0.05'", "Exit with 1 when more than 5 % fail."),
    ("logscan explain 499 404", "What these statuses mean and what to look at first."),
];

/// How a run ended that made what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With nothing to say.
    Fine,
    /// With a condition of `--fail-on` met.
    ConditionMet,
    /// With a part of the input missing, whatever conditions were met.
    Incomplete,
}

impl Outcome {
    fn of(report: &Report, is_condition_met: bool) -> Outcome {
        if !report.input.gaps.is_empty() {
            Outcome::Incomplete
        } else if is_condition_met {
            Outcome::ConditionMet
        } else {
            Outcome::Fine
        }
    }
}

/// Runs what a command line asks for; the first word is the name of the program.
///
/// # Errors
///
/// What stopped the run, not told yet.
pub fn run(words: impl IntoIterator<Item = OsString>) -> Result<Outcome> {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return Err(Error::Usage(one_line(&error))),
        // Help and version come as errors too.
        Err(answer) => {
            output::print(&answer.render().to_string())?;
            return Ok(Outcome::Fine);
        }
    };
    match cli.command {
        None => report::run(&cli.report),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Replay(args)) => replay::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::List(args)) => list::run(&args),
        Some(Command::Formats(args)) => formats::run(&args),
        Some(Command::Schema(args)) => schema::run(args),
        Some(Command::Completions(args)) => completions::run(args),
        Some(Command::Man) => man::run(),
    }
}

/// The exit status of a run: 2 before 3 before 1.
pub fn exit_status(result: &Result<Outcome>) -> u8 {
    match result {
        Ok(Outcome::Fine) => 0,
        Ok(Outcome::ConditionMet) => 1,
        Ok(Outcome::Incomplete) => 3,
        Err(error) if error.is_closed_pipe() => 0,
        Err(_) => 2,
    }
}

/// Tells a person something, on standard error. Where that is closed, nobody listens.
pub fn tell(message: &str) {
    let _ = writeln!(io::stderr(), "logscan: {message}");
}

/// What a user typed, or a log holds, as it may stand in a message.
fn shown(text: impl AsRef<[u8]>) -> String {
    escape::terminal(&Untrusted::new(text), 4096)
}

/// What clap has to say in one line: the error, then its advice; without the usage.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if part.starts_with("Usage:") || part.starts_with("For more information") {
            break;
        }
        let part = part.strip_prefix("error: ").unwrap_or(part);
        match part.strip_prefix("tip: ") {
            Some(tip) => line.push_str(&format!("; {tip}")),
            None if line.is_empty() => line.push_str(part),
            None => line.push_str(&format!(" {part}")),
        }
    }
    line.push_str("; see logscan --help");
    shown(line)
}

fn after_long_help() -> String {
    let examples: String =
        EXAMPLES.iter().map(|(command, what)| format!("  {command}\n      {what}\n")).collect();
    let table = |rows: &[(&str, &str)]| {
        let rows: Vec<[String; 2]> =
            rows.iter().map(|(term, meaning)| [format!("  {term}"), meaning.to_string()]).collect();
        text::table(&rows)
    };
    format!(
        "Examples:\n{examples}\nExit status:\n{}\nEnvironment:\n{}\n\
         A file whose name is also a command's is reached as ./explain.",
        table(EXIT_STATUSES),
        table(ENVIRONMENT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use logscan::record::{Skip, Status};
    use logscan::report::{ClientErrors, Gap, Input, Limits, Run, TableLimits, Totals};

    /// The options of a report on a line of words, or what is wrong with them.
    pub fn args(line: &str) -> std::result::Result<options::ReportArgs, String> {
        let words = ["logscan"].into_iter().chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).map_err(|error| one_line(&error))?;
        Ok(match cli.command {
            Some(Command::Report(args)) => *args,
            _ => cli.report,
        })
    }

    /// A report with these requests by status, and skipped lines.
    pub fn report_of(skipped: u64, by_status: &[(u16, u64)]) -> Report {
        let requests = by_status.iter().map(|(_, requests)| requests).sum();
        let by_status = by_status.iter().map(|(code, n)| (Status::from_code(*code), *n));
        Report {
            run: Run {
                generated_at: 0,
                elapsed_seconds: 0.0,
                threads: 1,
                throughput_bytes_per_second: 0.0,
            },
            input: Input {
                lines: requests + skipped,
                parsed: requests,
                skipped: vec![(Skip::Cut, skipped)],
                ..Input::default()
            },
            period: None,
            window_seconds: 60,
            limits: Limits {
                exact: true,
                peaks_exact: true,
                memory_limit_bytes: 0,
                paths: TableLimits::default(),
                clients: TableLimits::default(),
            },
            sites: Vec::new(),
            totals: Totals {
                requests,
                bytes: 0,
                clients: 0,
                paths: 0,
                out_of_period: 0,
                by_status: by_status.collect(),
            },
            client_errors: ClientErrors::default(),
            client_aborts: Vec::new(),
            error_log: None,
            findings: Vec::new(),
            findings_by_severity: [0; 5],
        }
    }

    #[test]
    fn clap_finds_no_fault() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_stand_anywhere_and_with_or_without_the_name() {
        for line in ["a.log --json", "--json a.log", "report --json a.log", "report a.log --json"] {
            let args = args(line).unwrap();
            assert!(args.json, "{line}");
            assert_eq!(args.sources, ["a.log"].map(std::path::PathBuf::from), "{line}");
        }
        assert_eq!(args("-- --json -").unwrap().sources.len(), 2);
        assert_eq!(args("./explain").unwrap().sources.len(), 1);
        assert_eq!(args("a.log explain list").unwrap().sources.len(), 3);
    }

    #[test]
    fn a_worse_end_hides_a_better_one() {
        let whole = report_of(0, &[(404, 1)]);
        let mut cut = whole.clone();
        let source = Untrusted::new("a");
        cut.input.gaps.push(Gap { reason: source.clone(), source, kind: "truncated" });
        assert_eq!(Outcome::of(&whole, false), Outcome::Fine);
        assert_eq!(Outcome::of(&whole, true), Outcome::ConditionMet);
        assert_eq!(Outcome::of(&cut, false), Outcome::Incomplete);
        assert_eq!(Outcome::of(&cut, true), Outcome::Incomplete);
    }

    #[test]
    fn each_end_has_its_exit_status() {
        let closed = |kind: io::ErrorKind| Error::write("x".as_ref(), io::Error::from(kind));
        assert_eq!(exit_status(&Ok(Outcome::Fine)), 0);
        assert_eq!(exit_status(&Ok(Outcome::ConditionMet)), 1);
        assert_eq!(exit_status(&Ok(Outcome::Incomplete)), 3);
        assert_eq!(exit_status(&Err(Error::NothingRead { gaps: Vec::new() })), 2);
        assert_eq!(exit_status(&Err(closed(io::ErrorKind::StorageFull))), 2);
        assert_eq!(exit_status(&Err(closed(io::ErrorKind::BrokenPipe))), 0);
    }

    #[test]
    fn a_wrong_word_is_told_in_one_line_without_its_control_characters() {
        let message = args("--\u{1b}[2Jx").err().unwrap();
        assert!(message.starts_with("unexpected argument"), "{message}");
        assert!(!message.contains('\u{1b}') && !message.contains('\n'), "{message}");
        assert!(args("--statsu 404").err().unwrap().contains("'--status'"));
        assert!(args("completions").err().unwrap().contains("<SHELL>"));
    }

    #[test]
    fn help_has_no_line_wider_than_a_hundred_columns() {
        for help in [Cli::command().render_help(), Cli::command().render_long_help()] {
            for line in help.to_string().lines() {
                assert!(escape::columns(line) <= 100, "{line}");
            }
        }
    }
}
