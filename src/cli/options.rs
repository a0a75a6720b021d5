//! The options of a report as they are typed, and what they ask the library for.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use logscan::classify::agents::Agent;
use logscan::clock::{self, Zone};
use logscan::detect;
use logscan::error::{Error, Result};
use logscan::options::{
    Choice, Filters, FormatChoice, MemoryLimit, Options, Pattern, Query, RealIp, StatusList,
    Threshold, Window,
};
use logscan::parse::FORMATS;
use logscan::render::{OUTPUTS, Style};

use super::fail_on::{self, Condition};
use super::output::{self, Request};
use super::ranges;
use super::status_list;

/// How wide a report is where there is no terminal to measure.
const COLUMNS_UNKNOWN: usize = 100;

/// Narrower than this, no line of a report says anything.
const COLUMNS_MIN: usize = 40;

/// Wider than this, no terminal is.
const COLUMNS_MAX: usize = 1000;

/// What is left of a query string, by its name after `--query`.
const QUERIES: [(&str, Query); 3] =
    [("drop", Query::Drop), ("keys", Query::Keys), ("keep", Query::Keep)];

/// Whether to do what only a person at a terminal wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// The options of a report.
#[derive(Args)]
pub struct ReportArgs {
    /// Access logs: files, folders, and - for standard input
    ///
    /// Compressed ones (gzip, zstd, bzip2, xz, lz4) are read as they are. With nothing named,
    /// standard input is read, unless it is a terminal.
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<PathBuf>,

    /// Read every line in this format; by default it is detected
    ///
    /// A name, or what a server's configuration has: a log_format string of nginx in quotes
    /// ('$remote_addr [$time_local] "$request" $status'; escape=json may stand before it), or a
    /// LogFormat string of Apache ('%h %t "%r" %>s').
    #[arg(short = 'f', long, value_name = "FORMAT", value_parser = FormatParser,
        conflicts_with = "nginx_conf", help_heading = "Input")]
    pub log_format: Option<FormatChoice>,

    /// Take the formats from a configuration of nginx; with no SOURCE, read the logs that it names
    ///
    /// Its includes are followed. Lines in none of its formats are read in those that are known.
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub nginx_conf: Option<PathBuf>,

    /// Keep requests from this time on: 2026-11-21, '2026-11-21 14:00', yesterday, 24h
    ///
    /// Also RFC 3339 and today. 24h and 7d count back from now; what has no offset is in the zone
    /// of --timezone.
    #[arg(long, value_name = "TIME", help_heading = "Filters")]
    pub since: Option<String>,

    /// Keep requests before this time
    #[arg(long, value_name = "TIME", help_heading = "Filters")]
    pub until: Option<String>,

    /// Count the client that this header names, behind proxies: X-Forwarded-For, CF-Connecting-IP
    ///
    /// Needs --trusted-proxy. As in nginx's realip module with real_ip_recursive on: the addresses are
    /// gone through from the right, and the first that is no trusted proxy is the client. Only
    /// requests that came from a trusted proxy are looked at. The log has to have the header: nginx's
    /// main format does, as do JSON logs and those read with -f.
    #[arg(long, value_name = "FIELD", requires = "trusted_proxy", help_heading = "Input")]
    pub real_ip: Option<String>,

    /// An address or network whose word on its client counts; may be given several times
    #[arg(long, value_name = "CIDR", value_parser = proxy, requires = "real_ip",
        help_heading = "Input")]
    pub trusted_proxy: Vec<IpNet>,

    /// Tell only of these statuses: 404,410 or 4xx or 400-418 or !404
    ///
    /// It narrows the part about client errors; the totals keep every status.
    #[arg(long, value_name = "LIST", value_parser = status_list::parse, help_heading = "Filters")]
    pub status: Option<StatusList>,

    /// Keep requests whose path begins so; ~ begins a regular expression, ! negates
    ///
    /// May be given several times, as may the other filters: one of them has to match, and none of
    /// the negated ones.
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub path: Vec<Choice<Pattern>>,

    /// Keep requests of this address or network; ! negates
    #[arg(long, value_name = "CIDR", value_parser = network, help_heading = "Filters")]
    pub client: Vec<Choice<IpNet>>,

    /// Keep requests with this method; ! negates
    #[arg(long, value_name = "METHOD", value_parser = word, help_heading = "Filters")]
    pub method: Vec<Choice<String>>,

    /// Keep requests to this virtual host; ! negates
    #[arg(long, value_name = "HOST", value_parser = word, help_heading = "Filters")]
    pub vhost: Vec<Choice<String>>,

    /// Keep requests whose referer begins so; ~ and ! as for --path
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub referer: Vec<Choice<Pattern>>,

    /// Keep requests of this crawler or program: Googlebot, GPTBot, AhrefsBot, curl; ! negates
    ///
    /// It is known by its user agent. Who only says that it is Googlebot, and comes from an address that
    /// is not in Google's list, is not kept.
    #[arg(long, value_name = "NAME", value_parser = crawler, help_heading = "Filters")]
    pub crawler: Vec<Choice<String>>,

    /// The addresses of crawlers: a list as its publisher has it (googlebot.json), or a folder of such
    ///
    /// In place of those that logscan was built with, which grow old. The name of the file tells whose
    /// list it is, and its time when it was fetched.
    #[arg(long, value_name = "PATH", help_heading = "Report")]
    pub crawler_ranges: Vec<PathBuf>,

    /// The zone in which times are read and shown: Europe/Berlin or +05:30. JSON is always UTC
    ///
    /// What has no offset is read in it: moments of --since and --until, and times of logs that have
    /// none, such as those of HAProxy and of nginx's error log.
    #[arg(long, value_name = "ZONE", value_parser = zone, allow_hyphen_values = true,
        default_value = "UTC", help_heading = "Report")]
    pub timezone: Zone,

    /// The width of a window in the breakdown by time; by default it follows the length of the log
    #[arg(long, value_name = "WIDTH", value_parser = windows(), help_heading = "Report")]
    pub window: Option<Window>,

    /// Rows in each table, 0 for all [default: 10 on the terminal, 100 elsewhere]
    #[arg(long, value_name = "N", help_heading = "Report")]
    pub top: Option<usize>,

    /// A host of your own; may be given several times. By default they are learnt from the log
    ///
    /// With or without www. or m. before it. What its pages link to and is not there is an internal-link.
    #[arg(long, value_name = "HOST", value_parser = host, help_heading = "Report")]
    pub site: Vec<String>,

    /// Another threshold for a detector: lost-page.missing=10; may be given several times
    ///
    /// logscan list detectors shows them all, with what they are.
    #[arg(long, value_name = "ID.NAME=VALUE", value_parser = threshold, help_heading = "Report")]
    pub threshold: Vec<Threshold>,

    /// What of the query string stays in a path: nothing, the names, or all
    #[arg(long, value_name = "PART", value_parser = queries(), default_value = "drop",
        help_heading = "Report")]
    pub query: Query,

    /// What to write; the help comes from the table.
    #[arg(short, long, value_name = "KIND[=FILE]", value_parser = output::parse,
        help = output_help(), long_help = output_long_help(), help_heading = "Output")]
    pub output: Vec<Request>,

    /// Write what findings tell to do into this folder: redirects, dead links, crawlers' addresses
    ///
    /// Redirects for nginx and Apache, paths for 410, links to mend, and where search engines come from, to
    /// be exempt from limits. Each file says how it is used and how to check it.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub remedy: Option<PathBuf>,

    /// The same as -o json
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// Use colours: auto, always or never
    ///
    /// With auto they are for a terminal; NO_COLOR turns them off and CLICOLOR_FORCE turns them on.
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        help_heading = "Output"
    )]
    pub color: When,

    /// The conditions that make the run fail; the help names what is known.
    #[arg(long, value_name = "EXPR", value_parser = fail_on::parse, help_heading = "Running",
        help = "Exit with 1 when this is met: 404>1000, 4xx_ratio>0.05; may be given several times",
        long_help = fail_on_long_help())]
    pub fail_on: Vec<Condition>,

    /// How many threads count; by default one a core, and fewer for a small log
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024),
        help_heading = "Running")]
    pub threads: Option<u16>,

    /// How much memory to take, about: 512M unless given, at least 32M
    ///
    /// When there are too many paths or clients for it, those with the fewest requests are dropped:
    /// counts may then be too small by up to limits.tables.*.max_error, numbers of distinct paths and
    /// clients are estimates, and the report says so. What a decoder needs comes on top: up to 128 MiB
    /// for a zstd or xz file that was packed with so large a window.
    #[arg(long, value_name = "SIZE", value_parser = memory_limit, help_heading = "Running")]
    pub memory_limit: Option<MemoryLimit>,

    /// Show how far the scan is, on standard error: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        help_heading = "Running"
    )]
    pub progress: When,

    /// Print no notes on standard error, only what is missing from the report and errors
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Running")]
    pub quiet: bool,

    /// Tell on standard error how each source was read
    #[arg(short, long, help_heading = "Running")]
    pub verbose: bool,
}

impl ReportArgs {
    /// What to write, and where to; at least one.
    ///
    /// # Errors
    ///
    /// When there is no output at all, which no build of this program comes with.
    pub fn outputs(&self) -> Result<Vec<Request>> {
        let mut outputs = self.output.clone();
        if self.json || outputs.is_empty() {
            let id = if self.json { "json" } else { "terminal" };
            outputs.push(Request::named(id).map_err(Error::Usage)?);
        }
        Ok(outputs)
    }

    /// What the library is asked for. `now` is in seconds since the epoch.
    ///
    /// # Errors
    ///
    /// When `--since` or `--until` is no time, or nothing can lie between them.
    pub fn options(&self, outputs: &[Request], now: i64) -> Result<Options> {
        let since = self.moment("--since", self.since.as_deref(), now)?;
        let until = self.moment("--until", self.until.as_deref(), now)?;
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            let (since, until) = (clock::rfc3339(since), clock::rfc3339(until));
            let message = format!("--since {since} is not before --until {until}: nothing is kept");
            return Err(Error::Usage(message));
        }
        let sources = match self.sources.as_slice() {
            // Those that the configuration names.
            [] if self.nginx_conf.is_some() => Vec::new(),
            [] => vec![PathBuf::from("-")],
            sources => sources.to_vec(),
        };
        let rows: Option<Vec<usize>> =
            outputs.iter().map(|request| request.top(self.top)).collect();
        let mut crawler_ranges = Vec::new();
        for path in &self.crawler_ranges {
            crawler_ranges.extend(ranges::read(path)?);
        }
        Ok(Options {
            sources,
            formats: self.formats(),
            filters: Filters {
                since,
                until,
                paths: self.path.clone(),
                clients: self.client.clone(),
                methods: self.method.clone(),
                vhosts: self.vhost.clone(),
                referers: self.referer.clone(),
                crawlers: self.crawler.clone(),
            },
            crawler_ranges,
            thresholds: self.threshold.clone(),
            real_ip: self.real_ip.as_deref().map(|field| RealIp {
                field: RealIp::field_name(field),
                trusted: self.trusted_proxy.clone(),
            }),
            statuses: self.status.clone().unwrap_or_default(),
            query: self.query,
            window: self.window,
            sites: self.site.clone(),
            zone: self.timezone,
            rows: rows.and_then(|rows| rows.into_iter().max()),
            threads: self.threads.map(usize::from),
            memory_limit: self.memory_limit.unwrap_or_default(),
            ..Options::default()
        })
    }

    fn formats(&self) -> FormatChoice {
        match (&self.log_format, &self.nginx_conf) {
            (Some(format), _) => format.clone(),
            (None, Some(conf)) => FormatChoice::NginxConf(conf.clone()),
            (None, None) => FormatChoice::Detected,
        }
    }

    /// How an output is to look.
    pub fn style(&self, request: &Request) -> Style {
        let is_terminal = request.file.is_none() && io::stdout().is_terminal();
        Style {
            columns: columns(),
            color: color(self.color, is_terminal && !is_dumb_terminal(), environment),
            zone: self.timezone,
            top: request.top(self.top),
        }
    }

    fn moment(&self, option: &str, text: Option<&str>, now: i64) -> Result<Option<i64>> {
        let Some(text) = text else { return Ok(None) };
        let moment = clock::moment(text, now, self.timezone);
        moment.map(Some).ok_or_else(|| {
            let text = super::shown(text);
            Error::Usage(format!(
                "{option} '{text}' is no time; give 2026-11-21, '2026-11-21 14:00', \
                 2026-11-21T14:00:00Z, yesterday, today, 24h or 7d"
            ))
        })
    }
}

/// The width of the terminal: as `COLUMNS` has it, or the terminal itself.
pub fn columns() -> usize {
    let measured = || {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0)).filter(|columns| *columns > 0)
    };
    let given = environment("COLUMNS").and_then(|text| text.trim().parse().ok());
    let columns = given.filter(|columns| *columns > 0).or_else(measured);
    columns.unwrap_or(COLUMNS_UNKNOWN).clamp(COLUMNS_MIN, COLUMNS_MAX)
}

/// Whether the terminal says of itself that it can do nothing but print.
pub fn is_dumb_terminal() -> bool {
    environment("TERM").is_some_and(|term| term == "dumb")
}

/// Whether to use colours: <https://no-color.org> and <https://bixense.com/clicolors>.
fn color(when: When, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if is_set("NO_COLOR") => false,
        When::Auto if variable("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0") => true,
        When::Auto => is_terminal,
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads a name of a format, or a format string: one of nginx has a `$` in it, one of Apache a `%`.
#[derive(Clone)]
struct FormatParser;

impl TypedValueParser for FormatParser {
    type Value = FormatChoice;

    fn parse_ref(
        &self,
        command: &clap::Command,
        option: Option<&clap::Arg>,
        value: &OsStr,
    ) -> std::result::Result<FormatChoice, clap::Error> {
        match value.to_str() {
            Some(text) if text.contains('$') => Ok(FormatChoice::Nginx(text.to_string())),
            Some(text) if text.contains('%') => Ok(FormatChoice::Apache(text.to_string())),
            _ => format_names().parse_ref(command, option, value).map(FormatChoice::Named),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(format_values()))
    }
}

fn format_values() -> impl Iterator<Item = PossibleValue> {
    FORMATS.iter().map(|format| PossibleValue::new(format.id).help(format.summary))
}

fn format_names() -> PossibleValuesParser {
    PossibleValuesParser::new(format_values())
}

fn windows() -> impl TypedValueParser<Value = Window> {
    PossibleValuesParser::new(Window::ALL.map(|(name, _)| name))
        .try_map(|name| Window::named(&name).ok_or("there is no such window"))
}

fn queries() -> impl TypedValueParser<Value = Query> {
    PossibleValuesParser::new(QUERIES.map(|(name, _)| name)).try_map(|name| {
        let row = QUERIES.iter().find(|(known, _)| *known == name);
        row.map(|(_, query)| *query).ok_or("there is no such part")
    })
}

fn output_help() -> String {
    let known: Vec<&str> = OUTPUTS.iter().map(|output| output.id).collect();
    format!("What to write: {}; may be given several times", known.join(", "))
}

fn output_long_help() -> String {
    let mut help = "What to write, to standard output or to a file. May be given several times: \
        one scan serves them all."
        .to_string();
    for output in OUTPUTS {
        help.push_str(&format!("\n\n{}: {}", output.id, output.summary));
    }
    help
}

fn fail_on_long_help() -> String {
    format!(
        "Exit with 1 when this is met: 404>1000, 4xx_ratio>0.05, skipped_ratio>0.01. May be given \
         several times; one that is met is enough.\n\nCompared with > >= < <= == != are {}.",
        fail_on::KNOWN
    )
}

type Read<T> = std::result::Result<T, String>;

/// Reads what may have `!` before it.
fn choice<T>(text: &str, read: impl Fn(&str) -> Read<T>) -> Read<Choice<T>> {
    let (negated, rest) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest.is_empty() {
        return Err("there is nothing to match".to_string());
    }
    Ok(Choice { negated, value: read(rest)? })
}

/// Logs hold bytes, so a regular expression is about bytes: `.` is any of them.
pub fn pattern(text: &str) -> Read<Choice<Pattern>> {
    choice(text, |text| {
        let Some(regex) = text.strip_prefix('~') else {
            return Ok(Pattern::Prefix(text.as_bytes().to_vec()));
        };
        let regex = regex::bytes::RegexBuilder::new(regex).unicode(false).build();
        regex.map(Pattern::Regex).map_err(|error| regex_reason(&error))
    })
}

/// The sentence in an error of several lines.
fn regex_reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    format!("the regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
}

fn network(text: &str) -> Read<Choice<IpNet>> {
    choice(text, |text| {
        let network = text.parse::<IpNet>().map(|network| network.trunc());
        let network = network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| "give an address or a network: 203.0.113.7 or 2001:db8::/32".into())
    })
}

fn proxy(text: &str) -> Read<IpNet> {
    match network(text)? {
        Choice { negated: false, value } => Ok(value),
        Choice { negated: true, .. } => Err("a proxy cannot be negated".to_string()),
    }
}

fn word(text: &str) -> Read<Choice<String>> {
    choice(text, |text| Ok(text.to_string()))
}

fn threshold(text: &str) -> std::result::Result<Threshold, String> {
    let parts = text.split_once('=').and_then(|(name, value)| Some((name.split_once('.')?, value)));
    let Some(((id, name), value)) = parts else {
        return Err("give a detector, a threshold and a number: lost-page.missing=10".to_string());
    };
    let Some(detector) = detect::detector(id) else {
        return Err(format!(
            "no detector is called {}; see logscan list detectors",
            super::shown(id)
        ));
    };
    let known = detector.thresholds.iter().map(|threshold| threshold.name);
    if !known.clone().any(|known| known == name) {
        let known = known.collect::<Vec<_>>().join(", ");
        return Err(format!("{id} has no threshold {}; it has {known}", super::shown(name)));
    }
    let number = value.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
    let value =
        number.ok_or_else(|| format!("'{}' is no number from 0 on", super::shown(value)))?;
    let most = detect::threshold_max(detector, name);
    if value > most {
        return Err(format!("{id}.{name} can be {most} at most"));
    }
    Ok(Threshold { detector: id.to_string(), name: name.to_string(), value })
}

fn crawler(text: &str) -> Read<Choice<String>> {
    choice(text, |name| match Agent::is_known_name(name) {
        true => Ok(name.to_string()),
        false => {
            Err("no crawler is called so; some are Googlebot, bingbot, GPTBot, AhrefsBot"
                .to_string())
        }
    })
}

fn zone(text: &str) -> Read<Zone> {
    Zone::parse(text)
        .ok_or_else(|| "give an IANA name or an offset: Europe/Berlin or +05:30".to_string())
}

fn host(text: &str) -> Read<String> {
    if text.is_empty() || text.contains(|c: char| "/@?#".contains(c) || c.is_whitespace()) {
        return Err("give the host alone: www.example.org".to_string());
    }
    Ok(text.to_string())
}

/// Reads a size: `512M`, `1.5G`, `64MiB`; units are those of 1,024.
fn memory_limit(text: &str) -> std::result::Result<MemoryLimit, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err("a size is a number and K, M, G or T: 512M, 1.5G".to_string()),
    };
    let number: f64 = number.parse().map_err(|_| "a size is such as 512M or 1.5G".to_string())?;
    let bytes = number * (1_u64 << shift) as f64;
    let limit = MemoryLimit(bytes as u64);
    if limit.0 < MemoryLimit::MIN.0 {
        return Err(format!("at least {} MiB are needed", MemoryLimit::MIN.0 >> 20));
    }
    Ok(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::args;

    fn options(line: &str) -> Result<Options> {
        let args = args(line).map_err(Error::Usage)?;
        args.options(&args.outputs()?, 1_763_800_000)
    }

    fn refused(line: &str) -> String {
        options(line).unwrap_err().to_string()
    }

    #[test]
    fn nothing_asked_for_is_the_default() {
        let options = options("").unwrap();
        assert_eq!(options.sources, [PathBuf::from("-")]);
        assert!(options.statuses.is_complete());
        assert_eq!(options.query, Query::Drop);
        assert_eq!(options.rows, Some(10));
        assert_eq!((options.threads, options.window), (None, None));
        assert_eq!(options.formats, FormatChoice::Detected);
    }

    #[test]
    fn the_widest_output_decides_how_many_rows_are_made() {
        assert_eq!(options("--json").unwrap().rows, Some(100));
        assert_eq!(options("-o terminal -o json=/tmp/x").unwrap().rows, Some(100));
        assert_eq!(options("--top 7 -o terminal -o json=/tmp/x").unwrap().rows, Some(7));
        assert_eq!(options("--top 0").unwrap().rows, None);
    }

    #[test]
    fn filters_are_read() {
        let options = options(
            "--path /a --path !~^/b.*c$ --client 203.0.113.9/24 --client !2001:db8::1 \
             --method !GET --vhost example.org --referer ~(?i)google",
        )
        .unwrap();
        let filters = options.filters;
        assert_eq!(filters.paths.len(), 2);
        assert!(filters.paths[0].value.matches(b"/ab"));
        assert!(filters.paths[1].negated && filters.paths[1].value.matches(b"/b\xffc"));
        assert_eq!(filters.clients[0].value.to_string(), "203.0.113.0/24");
        assert_eq!(filters.clients[1].value.to_string(), "2001:db8::1/128");
        assert!(filters.methods[0].negated);
        assert_eq!(filters.vhosts[0].value, "example.org");
        assert!(filters.referers[0].value.matches(b"https://www.GOOGLE.com/"));
    }

    #[test]
    fn times_are_read_in_the_zone() {
        let filters = options("--since 2025-11-21 --until 2025-11-22 --timezone -03:30").unwrap();
        assert_eq!(filters.filters.since.map(clock::rfc3339).unwrap(), "2025-11-21T03:30:00Z");
        assert_eq!(filters.filters.until.map(clock::rfc3339).unwrap(), "2025-11-22T03:30:00Z");
        assert!(refused("--since tomorrow").contains("--since 'tomorrow' is no time"));
        assert!(refused("--since today --until today").contains("nothing is kept"));
    }

    #[test]
    fn names_are_those_of_the_tables() {
        assert_eq!(options("--window 6h").unwrap().window.unwrap().seconds(), 21_600);
        assert_eq!(options("--query keys").unwrap().query, Query::Keys);
        let formats = |line: &str| options(line).unwrap().formats;
        assert_eq!(formats("-f combined"), FormatChoice::Named("combined".to_string()));
        assert_eq!(formats("-f $status"), FormatChoice::Nginx("$status".to_string()));
        assert_eq!(formats("-f %>s"), FormatChoice::Apache("%>s".to_string()));
        assert_eq!(formats("--nginx-conf n"), FormatChoice::NginxConf("n".into()));
        assert!(refused("-f combined --nginx-conf n").contains("cannot be used with"));
        for (line, known) in [("--window 2h", "15m"), ("--query all", "keys"), ("-f w3", "common")]
        {
            assert!(refused(line).contains(known), "{}", refused(line));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_one_line() {
        for line in [
            "--path ~a(",
            "--path !",
            "--client example.org",
            "--client 1.2.3.4/33",
            "--top -1",
            "--timezone Mars/Olympus",
            "--threads 0",
            "--site https://example.org/",
            "-q -v",
            "--output pdf",
            "--fail-on finding>=bad",
            "--threshold lost-page=1",
            "--color sometimes",
            "--nonsense",
        ] {
            let message = refused(line);
            assert!(!message.contains('\n') && !message.is_empty(), "{message}");
        }
        assert!(refused("--path ~a(").contains("unclosed group"), "{}", refused("--path ~a("));
        assert!(refused("--path ~(a{999}){999}").contains("regular expression"));
    }

    #[test]
    fn colours_follow_the_terminal_unless_told() {
        let none = |_: &str| None;
        let no_color = |name: &str| (name == "NO_COLOR").then(|| "1".to_string());
        let force = |name: &str| (name == "CLICOLOR_FORCE").then(|| "1".to_string());
        let empty = |_: &str| Some(String::new());
        assert!(color(When::Auto, true, none) && !color(When::Auto, false, none));
        assert!(!color(When::Auto, true, no_color) && color(When::Always, false, no_color));
        assert!(color(When::Auto, false, force) && !color(When::Never, true, force));
        assert!(color(When::Auto, true, empty) && !color(When::Auto, false, empty));
    }

    #[test]
    fn json_is_short_for_its_output() {
        let ids = |line: &str| -> Vec<&str> {
            let outputs = args(line).unwrap().outputs().unwrap();
            outputs.iter().map(|request| request.output.id).collect()
        };
        assert_eq!(ids(""), ["terminal"]);
        assert_eq!(ids("--json"), ["json"]);
        assert_eq!(ids("-o json=a"), ["json"]);
        assert_eq!(ids("-o terminal=a --json"), ["terminal", "json"]);
    }
}
