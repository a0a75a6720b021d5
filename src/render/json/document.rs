//! The JSON document: types that exist only to be written, in the order of the contract.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::clock::rfc3339;
use crate::escape;
use crate::record::Abort;
use crate::render::json::findings::Finding;
use crate::render::json::tables::{ByStatus, ClientErrors, by_status};
use crate::report::{self, Report, Severity};
use crate::untrusted::Untrusted;

/// What is wrong with the requests in an access log: 4xx by status, path, client and time.
#[derive(Serialize, JsonSchema)]
#[schemars(
    title = "logscan report",
    extend("$id" = "urn:logscan:schema:report:1"),
)]
pub struct Document<'a> {
    /// Name and version of this shape. Fields may be added to it, never changed or removed.
    #[schemars(extend("const" = "logscan.report/1"))]
    schema: &'static str,
    /// What wrote it.
    generator: Generator,
    /// How the run went: with `input.sources`, the only part that may differ between two runs over
    /// the same lines.
    run: Run,
    /// What was read. `lines` is `parsed` and `skipped.total` together.
    input: Input<'a>,
    /// First and last request kept.
    period: Period,
    /// The width of a window of `client_errors.by_window`.
    window_seconds: u32,
    /// What was bounded, and whether a bound was met.
    limits: Limits,
    /// Own hosts.
    sites: Vec<Text<'a>>,
    /// All requests kept, whatever their status.
    totals: Totals,
    /// The requests that failed with 400 to 499.
    client_errors: ClientErrors<'a>,
    /// Requests whose client went away before the answer.
    client_aborts: ClientAborts,
    /// What the error log says; null where none was read.
    error_log: Option<ErrorLog<'a>>,
    /// What is wrong and what to do about it, the worst first.
    findings: Vec<Finding<'a>>,
    /// How many findings there are of each severity, above or not.
    findings_by_severity: BTreeMap<&'static str, u64>,
}

impl<'a> Document<'a> {
    /// The document of a report, with at most `top` rows in each table but that of windows.
    pub fn new(report: &'a Report, top: Option<usize>) -> Document<'a> {
        let findings = report.findings.iter().take(top.unwrap_or(usize::MAX));
        Document {
            schema: "logscan.report/1",
            generator: Generator {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            run: Run::new(&report.run),
            input: Input::new(&report.input),
            period: Period::new(report.period),
            window_seconds: report.window_seconds,
            limits: Limits::new(&report.limits),
            sites: report.sites.iter().map(Text).collect(),
            totals: Totals::new(&report.totals),
            client_errors: ClientErrors::new(&report.client_errors, top),
            client_aborts: ClientAborts::new(&report.client_aborts),
            error_log: report.error_log.as_ref().map(|log| ErrorLog::new(log, top)),
            findings: findings.map(Finding::new).collect(),
            findings_by_severity: Severity::ALL
                .iter()
                .map(|severity| severity.id())
                .zip(report.findings_by_severity)
                .collect(),
        }
    }
}

/// Text of a log or of a file's name: the door of [`escape::json`].
pub struct Text<'a>(pub &'a Untrusted);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape::json(self.0))
    }
}

impl JsonSchema for Text<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Text of a log in its own spelling. A byte that is not UTF-8 is \\xhh.",
        })
    }
}

/// A moment.
pub struct Moment(pub i64);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339, in UTC, to the second.",
        })
    }
}

/// The program.
#[derive(Serialize, JsonSchema)]
struct Generator {
    /// `logscan`.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// How the run went.
#[derive(Serialize, JsonSchema)]
struct Run {
    /// When it began.
    generated_at: Moment,
    /// How long it took.
    elapsed_seconds: f64,
    /// How many workers counted.
    threads: usize,
    /// Decompressed bytes per second.
    throughput_bytes_per_second: u64,
}

impl Run {
    fn new(run: &report::Run) -> Run {
        Run {
            generated_at: Moment(run.generated_at),
            elapsed_seconds: (run.elapsed_seconds * 1e3).round() / 1e3,
            threads: run.threads,
            // A cast takes what is no number for 0 and stops at the ends.
            throughput_bytes_per_second: run.throughput_bytes_per_second.round() as u64,
        }
    }
}

/// What was read.
#[derive(Serialize, JsonSchema)]
struct Input<'a> {
    /// All lines.
    lines: u64,
    /// Lines that are records.
    parsed: u64,
    /// Parsed lines that a filter other than `--status` removed.
    filtered: u64,
    /// Lines that are no records.
    skipped: Skipped<'a>,
    /// Each source, in the order in which they were read.
    sources: Vec<Source<'a>>,
    /// What should have been read and was not.
    gaps: Vec<Gap<'a>>,
    /// What else is worth telling about a source.
    notes: Vec<Note<'a>>,
}

impl<'a> Input<'a> {
    fn new(input: &'a report::Input) -> Input<'a> {
        let gaps = input.gaps.iter();
        let notes = input.notes.iter();
        Input {
            lines: input.lines,
            parsed: input.parsed,
            filtered: input.filtered,
            skipped: Skipped::new(input),
            sources: input.sources.iter().map(Source::new).collect(),
            gaps: gaps
                .map(|gap| Gap {
                    source: Text(&gap.source),
                    kind: gap.kind,
                    reason: Text(&gap.reason),
                })
                .collect(),
            notes: notes
                .map(|note| Note {
                    source: Text(&note.source),
                    kind: note.kind,
                    text: Text(&note.text),
                })
                .collect(),
        }
    }
}

/// Lines that are no records.
#[derive(Serialize, JsonSchema)]
struct Skipped<'a> {
    /// How many.
    total: u64,
    /// By reason: `blank`, `nul`, `too-long`, `cut`, `bad-time`, `binary`, `header`, `no-request`,
    /// `error-log`, `part`, `no-format`.
    by_reason: BTreeMap<&'static str, u64>,
    /// The first of them.
    samples: Vec<Sample<'a>>,
}

impl<'a> Skipped<'a> {
    fn new(input: &'a report::Input) -> Skipped<'a> {
        let sample = |sample: &'a report::Sample| Sample {
            source: Text(&sample.source),
            line: sample.line,
            reason: sample.reason.id(),
            text: Text(&sample.text),
        };
        Skipped {
            total: input.skipped_total(),
            by_reason: input.skipped.iter().map(|(reason, lines)| (reason.id(), *lines)).collect(),
            samples: input.samples.iter().map(sample).collect(),
        }
    }
}

/// A line that no format fitted.
#[derive(Serialize, JsonSchema)]
struct Sample<'a> {
    /// The source's path.
    source: Text<'a>,
    /// Its number, from 1.
    line: u64,
    /// Why it was skipped.
    reason: &'static str,
    /// Its beginning.
    text: Text<'a>,
}

/// A source as it was read.
#[derive(Serialize, JsonSchema)]
struct Source<'a> {
    /// Its path, `-` for standard input.
    path: Text<'a>,
    /// The format that most of its first lines have; null where none fits.
    format: Option<&'a str>,
    /// `none`, `gzip`, `zstd`, `bzip2`, `xz` or `lz4`.
    compression: &'static str,
    /// Decompressed bytes.
    bytes: u64,
    /// Its lines.
    lines: u64,
    /// Those that are records.
    parsed: u64,
    /// First time in it; null without requests.
    first: Option<Moment>,
    /// Last time in it; null without requests.
    last: Option<Moment>,
}

impl<'a> Source<'a> {
    fn new(source: &'a report::SourceSummary) -> Source<'a> {
        let Period { start, end } = Period::new(source.period);
        Source {
            path: Text(&source.path),
            format: source.format.as_deref(),
            compression: source.compression,
            bytes: source.bytes,
            lines: source.lines,
            parsed: source.parsed,
            first: start,
            last: end,
        }
    }
}

/// Something that should have been read and was not.
#[derive(Serialize, JsonSchema)]
struct Gap<'a> {
    /// The source's path.
    source: Text<'a>,
    /// One word: `unreadable`, `truncated`, `corrupt`.
    kind: &'static str,
    /// What happened.
    reason: Text<'a>,
}

/// Something about a source worth telling.
#[derive(Serialize, JsonSchema)]
struct Note<'a> {
    /// The source's path.
    source: Text<'a>,
    /// One word: `duplicate`, `trailing-garbage`, `no-access-log`, `error-log`, `behind-proxy`,
    /// `poor-fit`, `folder`, `empty-folder`, `utf-16`, `nginx-conf`, `log-format`.
    kind: &'static str,
    /// What happened.
    text: Text<'a>,
}

/// First and last request.
#[derive(Serialize, JsonSchema)]
struct Period {
    /// The first; null without requests.
    start: Option<Moment>,
    /// The last; null without requests.
    end: Option<Moment>,
}

impl Period {
    fn new(period: Option<(u32, u32)>) -> Period {
        let moment = |seconds: u32| Moment(seconds.into());
        Period {
            start: period.map(|(start, _)| moment(start)),
            end: period.map(|(_, end)| moment(end)),
        }
    }
}

/// What was bounded.
#[derive(Serialize, JsonSchema)]
struct Limits {
    /// Whether every count is exact.
    exact: bool,
    /// Whether every `peak` is.
    peaks_exact: bool,
    /// The memory that was allowed.
    memory_limit_bytes: u64,
    /// The tables that a limit can meet.
    tables: Tables,
}

/// The tables that a limit can meet.
#[derive(Serialize, JsonSchema)]
struct Tables {
    /// Of paths.
    paths: TableLimits,
    /// Of clients.
    clients: TableLimits,
}

/// How full a table was.
#[derive(Serialize, JsonSchema)]
struct TableLimits {
    /// Distinct keys held.
    kept: u64,
    /// Requests whose key was dropped.
    dropped_requests: u64,
    /// No count is too small by more than this, and none is too large.
    max_error: u64,
}

impl Limits {
    fn new(limits: &report::Limits) -> Limits {
        let table = |limits: report::TableLimits| TableLimits {
            kept: limits.kept,
            dropped_requests: limits.dropped_requests,
            max_error: limits.max_error,
        };
        Limits {
            exact: limits.exact,
            peaks_exact: limits.peaks_exact,
            memory_limit_bytes: limits.memory_limit_bytes,
            tables: Tables { paths: table(limits.paths), clients: table(limits.clients) },
        }
    }
}

/// All requests kept.
#[derive(Serialize, JsonSchema)]
struct Totals {
    /// How many: `input.parsed` without `input.filtered`.
    requests: u64,
    /// Response bytes.
    bytes: u64,
    /// Distinct clients.
    clients: u64,
    /// Distinct paths.
    paths: u64,
    /// Requests by class, `1xx` to `5xx` and `other`.
    by_class: BTreeMap<&'static str, u64>,
    /// Requests outside the windows that are held.
    out_of_period: u64,
    /// Requests by status, in the log's own spelling.
    by_status: ByStatus,
}

impl Totals {
    fn new(totals: &report::Totals) -> Totals {
        Totals {
            requests: totals.requests,
            bytes: totals.bytes,
            clients: totals.clients,
            paths: totals.paths,
            by_class: totals.by_class().into_iter().collect(),
            out_of_period: totals.out_of_period,
            by_status: by_status(&totals.by_status),
        }
    }
}

/// Requests whose client went away before the end of the answer.
#[derive(Serialize, JsonSchema)]
struct ClientAborts {
    /// How many.
    requests: u64,
    /// By the way in which the log tells it: `499` is the status, `haproxy-c` a termination state.
    /// Absent kinds are 0.
    by_kind: BTreeMap<&'static str, u64>,
}

impl ClientAborts {
    fn new(aborts: &[(Abort, u64)]) -> ClientAborts {
        ClientAborts {
            requests: aborts.iter().map(|(_, requests)| requests).sum(),
            by_kind: aborts.iter().map(|(abort, requests)| (abort.id(), *requests)).collect(),
        }
    }
}

/// What the error log says.
#[derive(Serialize, JsonSchema)]
struct ErrorLog<'a> {
    /// Its lines. They are no requests: `input` counts them as skipped, with reason `error-log`.
    lines: u64,
    /// By what they are about. Absent kinds are 0.
    by_kind: BTreeMap<&'static str, u64>,
    /// What limit_req and limit_conn did, most lines first.
    limits: Vec<Limit<'a>>,
}

impl<'a> ErrorLog<'a> {
    fn new(log: &'a report::ErrorLog, top: Option<usize>) -> ErrorLog<'a> {
        let limits = log.limits.iter().take(top.unwrap_or(usize::MAX));
        ErrorLog {
            lines: log.lines,
            by_kind: log.by_kind.iter().map(|(kind, lines)| (kind.id(), *lines)).collect(),
            limits: limits
                .map(|row| Limit {
                    zone: Text(&row.zone),
                    kind: row.kind.id(),
                    lines: row.lines,
                    clients: row.clients,
                    max_excess: row.max_excess.map(|excess| excess as f64 / 1_000.0),
                    answered_with: row.answered_with.map(|status| status.index()),
                    worst: row.worst.iter().map(LimitedClient::new).collect(),
                })
                .collect(),
        }
    }
}

/// What a limit did.
#[derive(Serialize, JsonSchema)]
struct Limit<'a> {
    /// Its zone.
    zone: Text<'a>,
    /// `limiting`, `delaying` or `connections`; with `-dry-run` what it would have done.
    kind: &'static str,
    /// To how many requests.
    lines: u64,
    /// To how many clients.
    clients: u64,
    /// The most by which a client was over the rate, in requests; null for limits of connections.
    max_excess: Option<f64>,
    /// The status with which it seems to have answered those that it turned away: about as many requests of the
    /// access logs have it. Null where that cannot be told.
    answered_with: Option<usize>,
    /// To whom it did it most, five at most.
    worst: Vec<LimitedClient<'a>>,
}

/// To whom a limit did something.
#[derive(Serialize, JsonSchema)]
struct LimitedClient<'a> {
    /// Who.
    client: Text<'a>,
    /// How often.
    lines: u64,
    /// The most by which it was over the rate, in requests; null for limits of connections.
    max_excess: Option<f64>,
    /// All its requests in the access logs that were read too; 0 where it has none there.
    requests: u64,
}

impl<'a> LimitedClient<'a> {
    fn new(row: &'a report::LimitedClient) -> LimitedClient<'a> {
        LimitedClient {
            client: Text(&row.client),
            lines: row.lines,
            max_excess: row.max_excess.map(|excess| excess as f64 / 1_000.0),
            requests: row.requests,
        }
    }
}
