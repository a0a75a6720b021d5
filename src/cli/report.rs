//! `logscan` and `logscan report`: the report.

use std::io::{self, IsTerminal};
use std::time::{SystemTime, UNIX_EPOCH};

use logscan::error::{Error, Result};
use logscan::report::{Gap, Report, SourceSummary};
use logscan::scan::scan;

use super::options::ReportArgs;
use super::output::{self, Request};
use super::progress::Progress;
use super::{Outcome, remedy, shown, tell};

/// Makes the report and writes it.
///
/// # Errors
///
/// When nothing could be read or parsed, the options make no sense, or an output cannot be
/// written.
pub fn run(args: &ReportArgs) -> Result<Outcome> {
    let has_no_source = args.sources.is_empty() && args.nginx_conf.is_none();
    if has_no_source && io::stdin().is_terminal() {
        let message = "nothing to read: name a log or a folder, or pipe a log into it\n\
            Usage: logscan [OPTIONS] [SOURCE]...\n\
            For example: logscan access.log.gz; more in logscan --help";
        return Err(Error::Usage(message.to_string()));
    }
    let outputs = args.outputs()?;
    output::check(&outputs, &args.sources)?;
    let options = args.options(&outputs, now())?;
    let report = {
        let progress = Progress::new(args.progress);
        scan(&options, &progress)
    };
    if let Err(Error::NothingRead { gaps } | Error::NothingParsed { gaps, .. }) = &report {
        gaps.iter().for_each(|gap| tell(&gap_line(gap)));
    }
    let report = report?;
    output::check_read(&outputs, &report)?;
    tell_of_input(args, &report);
    let met: Vec<String> =
        args.fail_on.iter().filter_map(|condition| condition.met(&report)).collect();
    if let Some(folder) = &args.remedy {
        remedy::write(folder, &report, &options, args.quiet)?;
    }
    write(args, &outputs, &report)?;
    for message in &met {
        tell(message);
    }
    Ok(Outcome::of(&report, !met.is_empty()))
}

/// Files first: whoever reads standard output may go away early.
fn write(args: &ReportArgs, outputs: &[Request], report: &Report) -> Result<()> {
    let (files, stdout): (Vec<&Request>, Vec<&Request>) =
        outputs.iter().partition(|request| request.file.is_some());
    for request in files.into_iter().chain(stdout) {
        let style = args.style(request);
        let render = request.output.render;
        match &request.file {
            Some(file) => output::to_file(file, &mut |out| render(report, &style, out))?,
            None => output::to_stdout(&mut |out| render(report, &style, out))?,
        }
    }
    Ok(())
}

pub fn tell_of_input(args: &ReportArgs, report: &Report) {
    if args.verbose {
        for source in &report.input.sources {
            tell(&source_line(source));
        }
    }
    if !args.quiet {
        for note in &report.input.notes {
            tell(&format!("{}: {}", shown(note.source.bytes()), shown(note.text.bytes())));
        }
    }
    for gap in &report.input.gaps {
        tell(&gap_line(gap));
    }
}

fn source_line(source: &SourceSummary) -> String {
    format!(
        "{}: format {}, compression {}, {} bytes, {} lines, {} parsed",
        shown(source.path.bytes()),
        source.format.as_deref().unwrap_or("unknown"),
        source.compression,
        source.bytes,
        source.lines,
        source.parsed
    )
}

/// What to tell of something that is missing.
pub fn gap_line(gap: &Gap) -> String {
    let reason = shown(gap.reason.bytes());
    let next_step = match gap.kind {
        // The reason comes with its own advice.
        _ if reason.contains("; ") => "",
        "truncated" => "; the part before was counted: copy the file again, or wait for its end",
        "corrupt" => "; the part before was counted: restore the file, or copy it again",
        "unreadable" => "; check its name and who may read it",
        _ => "",
    };
    format!("{}: {reason}{next_step}", shown(gap.source.bytes()))
}

/// Seconds since the epoch. A clock before it is taken to stand at it.
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use logscan::untrusted::Untrusted;

    fn gap(kind: &'static str, reason: &str) -> String {
        let (source, reason) = (Untrusted::new("a\x1b[2J.gz"), Untrusted::new(reason));
        gap_line(&Gap { source, kind, reason })
    }

    #[test]
    fn a_gap_is_told_with_the_next_step_and_without_control_characters() {
        let line = gap("truncated", "the gzip stream ends early");
        assert!(line.starts_with(r"a\x1b[2J.gz: the gzip stream ends early; the part"), "{line}");
        assert!(gap("unreadable", "denied").ends_with("; check its name and who may read it"));
        assert!(gap("unreadable", "denied; ask root").ends_with("; ask root"));
    }
}
