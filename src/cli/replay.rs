//! `logscan replay`: what limits would have done to the requests of a log.

use std::io::{self, IsTerminal};

use clap::Args;
use logscan::error::{Error, Result};
use logscan::limit_req::{Delay, Rate};
use logscan::options::{Choice, Pattern};
use logscan::remedy::limits;
use logscan::render;
use logscan::replay::{LimitAsked, ReplayAsked, replay};
use logscan::report::replay::{Asked, Replay};
use logscan::scan::arrivals::{Part, Scope};

use super::options::{self, ReportArgs};
use super::output::{self, Request};
use super::progress::Progress;
use super::{Outcome, remedy, report, shown};

/// What `logscan replay` was asked for.
#[derive(Args)]
pub struct ReplayArgs {
    /// The rate of the limit, as nginx has it: 10r/s, 30r/m. With --grid several: 5r/s,10r/s
    #[arg(long, value_name = "RATE", value_delimiter = ',', value_parser = rate, help_heading = "Limits")]
    rate: Vec<Rate>,

    /// How many requests more may come at once [default: 0]. With --grid several: 10,20,50
    #[arg(long, value_name = "N", value_delimiter = ',', help_heading = "Limits")]
    burst: Vec<u32>,

    /// Requests beyond so many of the burst wait; without it and --nodelay all of the burst waits
    #[arg(long, value_name = "N", conflicts_with = "nodelay", help_heading = "Limits")]
    delay: Option<u32>,

    /// None of the burst waits
    #[arg(long, help_heading = "Limits")]
    nodelay: bool,

    /// By what requests are counted: client, prefix, path, host, agent, or several: client+path
    ///
    /// A prefix is the first 24 bits of an IPv4 address, and 64 of one of IPv6.
    #[arg(long, value_name = "KEY", value_parser = key, default_value = "client", help_heading = "Limits")]
    key: Key,

    /// A limit in one: 'rate=10r/s burst=20 nodelay key=client path=/api/ method=POST'
    ///
    /// May be given several times: then they hold together, in this order, as several limit_req do. path is a
    /// prefix, or behind ~ a regular expression, and ! negates.
    #[arg(long, value_name = "LIMIT", value_parser = limit, help_heading = "Limits")]
    limit: Vec<LimitAsked>,

    /// Try several rates and bursts: those of --rate and --burst, or four rates and three bursts around them
    #[arg(long, help_heading = "Limits")]
    grid: bool,

    /// Suggest limits for pages, searches, scripts' requests, logins and parts of pages
    ///
    /// The slowest rate and the smallest burst with which at most one person in a thousand is turned away, for
    /// each class of paths, with what it would have done to all others, and as configuration for nginx. The logs
    /// are read from files.
    #[arg(long, help_heading = "Limits")]
    suggest: bool,

    #[command(flatten)]
    report: ReportArgs,
}

/// What a key is made of, and how it was spelled.
#[derive(Clone, Debug)]
struct Key {
    parts: Vec<Part>,
    words: String,
}

fn rate(text: &str) -> std::result::Result<Rate, String> {
    text.parse().map_err(|error: logscan::limit_req::RateError| error.to_string())
}

fn key(text: &str) -> std::result::Result<Key, String> {
    let part = |word: &str| {
        let known = Part::ALL.iter().find(|(name, _)| *name == word);
        known.map(|(_, part)| *part).ok_or_else(|| {
            format!(
                "no key is called {}: client, prefix, path, host, agent, or several with +",
                shown(word)
            )
        })
    };
    let parts = text.split('+').map(part).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(Key { parts, words: text.to_string() })
}

/// Reads `rate=10r/s burst=20 nodelay key=client path=/api/`.
fn limit(text: &str) -> std::result::Result<LimitAsked, String> {
    let (mut asked_rate, mut burst, mut delay) = (None, 0, None);
    let mut asked_key = key("client")?;
    let (mut paths, mut methods, mut only): (Vec<Choice<Pattern>>, Vec<String>, Vec<&str>) =
        (Vec::new(), Vec::new(), Vec::new());
    for word in text.split_whitespace() {
        let number = |value: &str| {
            value.parse::<u32>().map_err(|_| format!("{} is no whole number", shown(word)))
        };
        match word.split_once('=') {
            None if word == "nodelay" => delay = Some(Delay::Never),
            Some(("rate", value)) => asked_rate = Some(rate(value)?),
            Some(("burst", value)) => burst = number(value)?,
            Some(("delay", value)) => delay = Some(Delay::After(number(value)?)),
            Some(("key", value)) => asked_key = key(value)?,
            Some(("path", value)) => {
                paths.push(options::pattern(value)?);
                only.push(word);
            }
            Some(("method", value)) => {
                methods.push(value.to_string());
                only.push(word);
            }
            _ => {
                return Err(format!(
                    "{} is no part of a limit: rate=, burst=, delay=, nodelay, key=, path=, method=",
                    shown(word)
                ));
            }
        }
    }
    let rate = asked_rate.ok_or("a limit has a rate: rate=10r/s")?;
    let only = (!only.is_empty()).then(|| only.join(" "));
    Ok(made(rate, burst, delay.unwrap_or(Delay::After(0)), asked_key, (paths, methods, only)))
}

fn made(
    rate: Rate,
    burst: u32,
    delay: Delay,
    key: Key,
    (paths, methods, only): (Vec<Choice<Pattern>>, Vec<String>, Option<String>),
) -> LimitAsked {
    let delayed = match delay {
        Delay::After(requests) => Some(requests),
        Delay::Never => None,
    };
    LimitAsked {
        rate,
        burst,
        delay,
        scope: Scope { parts: key.parts, paths, methods },
        asked: Asked { rate: rate.to_string(), burst, delay: delayed, key: key.words, only },
    }
}

impl ReplayArgs {
    /// What the library is asked for.
    fn asked(&self, rows: Option<usize>) -> Result<ReplayAsked> {
        let delay = match (self.nodelay, self.delay) {
            (true, _) => Delay::Never,
            (false, requests) => Delay::After(requests.unwrap_or(0)),
        };
        let burst = self.burst.first().copied().unwrap_or(0);
        let own = self
            .rate
            .first()
            .map(|rate| made(*rate, burst, delay, self.key.clone(), Default::default()));
        let limits: Vec<LimitAsked> = own.into_iter().chain(self.limit.iter().cloned()).collect();
        let has_own = self.nodelay || self.delay.is_some() || self.burst.len() == 1;
        let fault = match (&limits[..], self.grid, self.suggest) {
            ([], true, _) => "--grid needs a limit to begin with: --rate 10r/s --burst 20",
            ([], _, false) => {
                "nothing to replay: give a limit, such as --rate 10r/s --burst 20 --nodelay, or --suggest"
            }
            _ if self.rate.is_empty() && has_own => {
                "--burst, --delay and --nodelay go with --rate; in a --limit they are written so: \
                 'rate=10r/s burst=20 nodelay'"
            }
            ([_, _, ..], true, _) => "--grid is for one limit",
            _ if !self.grid && (self.rate.len() > 1 || self.burst.len() > 1) => {
                "several rates or bursts are for --grid"
            }
            _ => {
                return Ok(ReplayAsked {
                    grid: self.points(&limits),
                    limits,
                    suggest: self.suggest,
                    rows,
                });
            }
        };
        Err(Error::Usage(fault.to_string()))
    }

    /// The points of the grid.
    fn points(&self, limits: &[LimitAsked]) -> Vec<(Rate, u32)> {
        let Some(limit) = limits.first().filter(|_| self.grid) else { return Vec::new() };
        let rates = match &self.rate[..] {
            [] | [_] => [(1, 2), (1, 1), (2, 1), (4, 1)]
                .into_iter()
                .filter_map(|(times, of)| limit.rate.scaled(times, of))
                .collect(),
            several => several.to_vec(),
        };
        let bursts = match &self.burst[..] {
            [] | [_] if limit.burst == 0 => vec![0, 5, 20],
            [] | [_] => vec![limit.burst / 2, limit.burst, limit.burst.saturating_mul(2)],
            several => several.to_vec(),
        };
        rates
            .iter()
            .flat_map(|rate: &Rate| bursts.iter().map(move |burst| (*rate, *burst)))
            .collect()
    }
}

/// Replays and tells.
///
/// # Errors
///
/// When nothing could be read or parsed, the options make no sense, or an output cannot be written.
pub fn run(args: &ReplayArgs) -> Result<Outcome> {
    let own = &args.report;
    if own.sources.is_empty() && own.nginx_conf.is_none() && io::stdin().is_terminal() {
        let message = "nothing to replay: name a log or a folder, or pipe a log into it\n\
            For example: logscan replay --rate 10r/s --burst 20 --nodelay access.log.gz";
        return Err(Error::Usage(message.to_string()));
    }
    if !own.fail_on.is_empty() {
        return Err(Error::Usage("--fail-on is for the report".to_string()));
    }
    let outputs = own.outputs()?;
    output::check(&outputs, &own.sources)?;
    let options = own.options(&outputs, report::now())?;
    let asked = args.asked(options.rows)?;
    let told = {
        let progress = Progress::new(own.progress);
        replay(&options, &asked, &progress)
    };
    if let Err(Error::NothingRead { gaps } | Error::NothingParsed { gaps, .. }) = &told {
        gaps.iter().for_each(|gap| super::tell(&report::gap_line(gap)));
    }
    let (mut replay, read) = told?;
    replay.nginx = limits::nginx(&replay.suggestions, &remedy::allowed(&options));
    report::tell_of_input(own, &read);
    if let Some(folder) = &own.remedy {
        let files = replay.nginx.iter().map(|text| ("limits.nginx.conf", text.clone())).collect();
        remedy::write_files(folder, files, own.quiet)?;
    }
    let (files, stdout): (Vec<&Request>, Vec<&Request>) =
        outputs.iter().partition(|request| request.file.is_some());
    for request in files.into_iter().chain(stdout) {
        write(own, request, &replay)?;
    }
    Ok(Outcome::of(&read, false))
}

fn write(own: &ReportArgs, request: &Request, replay: &Replay) -> Result<()> {
    let style = own.style(request);
    let write = |out: &mut dyn io::Write| match request.output.id {
        "json" => render::json::replay(replay, out),
        _ => render::terminal::replay(replay, &style, out),
    };
    match &request.file {
        Some(file) => output::to_file(file, &mut |out| write(out)),
        None => output::to_stdout(&mut |out| write(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_in_one_is_read() {
        let read =
            limit("rate=10r/s burst=20 nodelay key=client+path path=/api/ method=POST").unwrap();
        assert_eq!(
            (read.rate.to_string().as_str(), read.burst, read.delay),
            ("10r/s", 20, Delay::Never)
        );
        assert_eq!(read.scope.parts, [Part::Client, Part::Path]);
        assert_eq!(read.asked.only.as_deref(), Some("path=/api/ method=POST"));
        assert_eq!(limit("rate=30r/m").unwrap().delay, Delay::After(0));
        for (text, wanted) in [
            ("burst=20", "a rate"),
            ("rate=0r/s", "whole number"),
            ("rate=10r/s burst=x", "no whole number"),
            ("rate=10r/s key=ip", "no key"),
            ("rate=10r/s zone=a", "no part of a limit"),
            ("rate=10r/s path=~(", "regular expression"),
        ] {
            let fault = limit(text).unwrap_err();
            assert!(fault.contains(wanted), "{text}: {fault}");
        }
    }
}
