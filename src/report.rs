//! What a run says: sorted, limited and ready to be shown. A renderer adds looks, nothing else.

mod findings;
pub mod replay;

pub use findings::{Evidence, Example, Finding, Fix, Group, Severity, Subject};

use crate::record::{Abort, Cause, ErrorKind, LimitKind, Skip, Status};
use crate::untrusted::Untrusted;

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// How the run went: the only part that may differ between two runs over the same lines.
    pub run: Run,
    /// What was read.
    pub input: Input,
    /// First and last request kept, in seconds since the epoch; `None` without requests.
    pub period: Option<(u32, u32)>,
    /// The width of a window in seconds.
    pub window_seconds: u32,
    /// What was bounded, and whether a bound was met.
    pub limits: Limits,
    /// Own hosts, as given or learnt.
    pub sites: Vec<Untrusted>,
    /// All requests kept.
    pub totals: Totals,
    /// The requests that failed with 4xx.
    pub client_errors: ClientErrors,
    /// The requests whose client left before the end, by the way in which the log tells it.
    pub client_aborts: Vec<(Abort, u64)>,
    /// What the error log says; `None` where none was read.
    pub error_log: Option<ErrorLog>,
    /// What is wrong, the worst first: of each detector no more than some thousands.
    pub findings: Vec<Finding>,
    /// How many findings there are of each severity, by [`Severity::ALL`], kept or not.
    pub findings_by_severity: [u64; 5],
}

/// What the error log says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorLog {
    /// Its lines.
    pub lines: u64,
    /// By what they are about, most first.
    pub by_kind: Vec<(ErrorKind, u64)>,
    /// What limits did, most first.
    pub limits: Vec<LimitRow>,
}

/// What a limit did, as the error log tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRow {
    /// Its zone.
    pub zone: Untrusted,
    /// What it did.
    pub kind: LimitKind,
    /// To how many requests.
    pub lines: u64,
    /// To how many clients.
    pub clients: u64,
    /// The most by which a client was over the rate, in thousandths of a request; `None` for limits of
    /// connections.
    pub max_excess: Option<u64>,
    /// With which status it seems to have answered, where it turned requests away.
    pub answered_with: Option<Status>,
    /// To whom it did it most.
    pub worst: Vec<LimitedClient>,
}

/// To whom a limit did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitedClient {
    /// Who.
    pub client: Untrusted,
    /// How often.
    pub lines: u64,
    /// The most by which it was over the rate, in thousandths of a request.
    pub max_excess: Option<u64>,
    /// All its requests in the access logs beside; 0 where it has none there.
    pub requests: u64,
}

/// How the run went.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// When the run began, in seconds since the epoch.
    pub generated_at: i64,
    /// How long it took.
    pub elapsed_seconds: f64,
    /// How many workers counted.
    pub threads: usize,
    /// Decompressed bytes per second.
    pub throughput_bytes_per_second: f64,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// All lines: parsed and skipped.
    pub lines: u64,
    /// Lines that are records.
    pub parsed: u64,
    /// Parsed lines that a filter removed.
    pub filtered: u64,
    /// Lines that are no records, by reason; none with 0.
    pub skipped: Vec<(Skip, u64)>,
    /// The first lines that no format fitted.
    pub samples: Vec<Sample>,
    /// The sources, in the order in which they were read.
    pub sources: Vec<SourceSummary>,
    /// What is missing: unreadable sources, truncated streams.
    pub gaps: Vec<Gap>,
    /// What was left out or done in a way worth telling, but is no gap.
    pub notes: Vec<Note>,
}

impl Input {
    /// Lines that are no records.
    pub fn skipped_total(&self) -> u64 {
        self.skipped.iter().map(|(_, lines)| lines).sum()
    }

    /// Lines that are no records, without those of an error log, which are read too.
    pub fn not_read_total(&self) -> u64 {
        let not_read = self.skipped.iter().filter(|(reason, _)| *reason != Skip::ErrorLog);
        not_read.map(|(_, lines)| lines).sum()
    }
}

/// A line that no format fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The source's path.
    pub source: Untrusted,
    /// Its number, from 1.
    pub line: u64,
    /// Why it was skipped.
    pub reason: Skip,
    /// Its first bytes.
    pub text: Untrusted,
}

/// A source, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSummary {
    /// Its path, `-` for standard input.
    pub path: Untrusted,
    /// The id of the format that most of its first lines have; `None` where none fitted.
    pub format: Option<String>,
    /// Whether its first lines carry request times.
    pub has_latency: bool,
    /// `none`, `gzip`, `zstd`, `bzip2`, `xz` or `lz4`.
    pub compression: &'static str,
    /// Decompressed bytes.
    pub bytes: u64,
    /// Its lines.
    pub lines: u64,
    /// Those that are records.
    pub parsed: u64,
    /// First and last time in it, in seconds since the epoch.
    pub period: Option<(u32, u32)>,
}

/// Something that should have been read and was not.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// The source's path.
    pub source: Untrusted,
    /// One word: `unreadable`, `truncated`, `corrupt`.
    pub kind: &'static str,
    /// What happened, for a person.
    pub reason: Untrusted,
}

/// Something about a source worth telling.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The source's path.
    pub source: Untrusted,
    /// One word: `duplicate`, `trailing-garbage`, `no-access-log`, `error-log`, `behind-proxy`,
    /// `crawler-ranges`, `findings`, `poor-fit`, `folder`, `empty-folder`, `utf-16`, `nginx-conf` or `log-format`.
    pub kind: &'static str,
    /// What happened, for a person.
    pub text: Untrusted,
}

/// What was bounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Whether every count is exact.
    pub exact: bool,
    /// Whether every peak is.
    pub peaks_exact: bool,
    /// The memory that was allowed, in bytes.
    pub memory_limit_bytes: u64,
    /// The table of paths.
    pub paths: TableLimits,
    /// The table of clients.
    pub clients: TableLimits,
}

/// How full a table was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableLimits {
    /// Distinct keys held.
    pub kept: u64,
    /// Requests whose key was dropped.
    pub dropped_requests: u64,
    /// No count is too small by more than this, and none is too large.
    pub max_error: u64,
}

/// All requests kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// How many.
    pub requests: u64,
    /// Response bytes.
    pub bytes: u64,
    /// Distinct clients.
    pub clients: u64,
    /// Distinct path keys.
    pub paths: u64,
    /// Requests outside the windows that are held.
    pub out_of_period: u64,
    /// Requests by status, by spelling.
    pub by_status: Vec<(Status, u64)>,
}

impl Totals {
    /// Requests by class: `1xx` to `5xx`, then `other`.
    pub fn by_class(&self) -> [(&'static str, u64); 6] {
        let mut classes =
            [("1xx", 0), ("2xx", 0), ("3xx", 0), ("4xx", 0), ("5xx", 0), ("other", 0)];
        for (status, requests) in &self.by_status {
            let class = status.code().map_or(5, |code| usize::from(code / 100 - 1));
            classes[class].1 += requests;
        }
        classes
    }
}

/// The requests that failed with 4xx, and only they.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientErrors {
    /// How many.
    pub requests: u64,
    /// Their share of all requests; 0 without requests.
    pub ratio: f64,
    /// By status, most first.
    pub by_status: Vec<StatusRow>,
    /// By path, most first.
    pub by_path: Vec<PathRow>,
    /// How many paths there are in all, shown or not.
    pub paths_total: u64,
    /// By client, most first.
    pub by_client: Vec<ClientRow>,
    /// How many clients there are in all, shown or not.
    pub clients_total: u64,
    /// By what the clients are, most first.
    pub by_kind: Vec<KindRow>,
    /// By cause, most first.
    pub by_cause: Vec<(Cause, u64)>,
    /// By time: contiguous, empty windows present.
    pub by_window: Vec<WindowRow>,
}

/// One 4xx status.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusRow {
    /// Which.
    pub status: Status,
    /// Requests.
    pub requests: u64,
    /// Their share of all 4xx.
    pub ratio: f64,
    /// Response bytes.
    pub bytes: u64,
    /// Distinct clients.
    pub clients: u64,
    /// Distinct paths.
    pub paths: u64,
    /// First and last time.
    pub period: (u32, u32),
    /// Request times, where the log has them.
    pub latency: Option<Latency>,
    /// Who answered, as far as the length of the answer tells, and how often (`crate::classify::answers`).
    pub answers: Vec<(&'static str, u64)>,
    /// The paths with most of it.
    pub top_paths: Vec<(PathKey, u64)>,
    /// The clients with most of it.
    pub top_clients: Vec<(Untrusted, u64)>,
}

/// Request times in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// Half of the requests took at most this.
    pub p50_seconds: f64,
    /// Nine in ten.
    pub p90_seconds: f64,
    /// Ninety-nine in a hundred.
    pub p99_seconds: f64,
    /// The longest.
    pub max_seconds: f64,
}

/// What a path row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathKey {
    /// The path, or the rest of what stands for one.
    pub path: Untrusted,
    /// The virtual host, where the log has it.
    pub host: Option<Untrusted>,
}

/// A path with 4xx.
#[derive(Clone, Debug, PartialEq)]
pub struct PathRow {
    /// Which.
    pub key: PathKey,
    /// 4xx requests.
    pub requests: u64,
    /// All requests.
    pub total_requests: u64,
    /// 4xx requests by status, by code.
    pub by_status: Vec<(Status, u64)>,
    /// Distinct clients among the 4xx.
    pub clients: u64,
    /// First and last 4xx.
    pub period: (u32, u32),
    /// 4xx requests by cause, most first.
    pub causes: Vec<(Cause, u64)>,
    /// The pages that link to it, most requests first.
    pub referers: Vec<(Untrusted, u64)>,
    /// Whether these are all there are.
    pub referers_whole: bool,
}

/// A client with 4xx.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientRow {
    /// Which.
    pub client: Untrusted,
    /// 4xx requests.
    pub requests: u64,
    /// All requests.
    pub total_requests: u64,
    /// 4xx requests by status, by code.
    pub by_status: Vec<(Status, u64)>,
    /// Distinct paths among the 4xx.
    pub paths: u64,
    /// First and last 4xx.
    pub period: (u32, u32),
    /// Most requests of any status in an aligned window of 1, 10, 60 and 300 s.
    pub peak: [u32; 4],
    /// What it is, as far as its requests that failed tell.
    pub kind: ClientKind,
    /// The crawler or program that it says it is.
    pub crawler: Option<&'static str>,
}

/// The clients with 4xx that are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindRow {
    /// Which.
    pub kind: ClientKind,
    /// 4xx requests.
    pub requests: u64,
    /// 4xx requests by status, by code.
    pub by_status: Vec<(Status, u64)>,
    /// How many clients.
    pub clients: u64,
}

macro_rules! client_kinds {
    ($($name:ident $id:literal $doc:literal,)*) => {
        /// What a client is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ClientKind {
            $(#[doc = $doc] $name,)*
        }

        impl ClientKind {
            /// All of them.
            pub const ALL: &[ClientKind] = &[$(ClientKind::$name,)*];

            /// The word in reports.
            pub fn id(self) -> &'static str {
                match self {
                    $(ClientKind::$name => $id,)*
                }
            }
        }
    };
}

client_kinds! {
    VerifiedCrawler "crawler-verified" "A crawler whose address is in its publisher's list.",
    SpoofedCrawler "crawler-spoofed" "One that says it is a crawler whose publisher's list has no such address.",
    Crawler "crawler-unverifiable" "A crawler of which nobody can tell whether it is the real one.",
    Scanner "scanner" "It looks for weaknesses: it says so, or asks for several things that no page links to.",
    Monitoring "monitoring" "It looks whether the site is up, or checks its domain or certificate.",
    Feed "feed" "A reader of feeds.",
    Library "library" "A library or a command: curl, python-requests.",
    Browser "browser" "What says it is a browser.",
    Several "several" "More than eight programs that are known by name: several behind an address, or one that hides.",
    Unknown "unknown" "Nothing tells.",
}

/// A window of time.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowRow {
    /// Its first second, a multiple of its width.
    pub start: i64,
    /// 4xx requests.
    pub requests: u64,
    /// All requests.
    pub total_requests: u64,
    /// 4xx requests by status, by code.
    pub by_status: Vec<(Status, u64)>,
}
