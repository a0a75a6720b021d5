//! What a run was asked for: formats, filters, window, limits. Nothing here knows the command line.

use std::path::PathBuf;

use ipnet::IpNet;
use regex::bytes::Regex;

use crate::clock::Zone;
use crate::record::Status;

/// The longest line that is read, in bytes without its ending; a longer one is skipped.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// The longest key of a table in bytes; a longer one is cut and ends in a hash of the whole.
pub const KEY_BYTES_MAX: usize = 2 << 10;

/// The most windows that a report holds.
pub const WINDOWS_MAX: u64 = 10_000;

/// The most windows that the window chosen by itself gives.
pub const WINDOWS_WANTED: u64 = 200;

/// What a run was asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files, folders, and `-` for standard input.
    pub sources: Vec<PathBuf>,
    /// Which formats lines are read in.
    pub formats: FormatChoice,
    /// Which requests are kept.
    pub filters: Filters,
    /// How the client behind proxies is found; `None` takes who is logged.
    pub real_ip: Option<RealIp>,
    /// Which statuses `client_errors` is about.
    pub statuses: StatusList,
    /// What stays of a query string in a path key.
    pub query: Query,
    /// The width of a window in the breakdown by time; `None` chooses.
    pub window: Option<Window>,
    /// Own hosts, as given.
    pub sites: Vec<String>,
    /// Lists of the addresses of crawlers, in place of those that the program was built with.
    pub crawler_ranges: Vec<CrawlerRanges>,
    /// Thresholds of detectors, in place of those that they have.
    pub thresholds: Vec<Threshold>,
    /// Rows in each table of the report; `None` is all.
    pub rows: Option<usize>,
    /// How many workers; `None` is one a core, and fewer for a small log.
    pub threads: Option<usize>,
    /// Where times without an offset are, in logs.
    pub zone: Zone,
    /// How much memory the run may take, about.
    pub memory_limit: MemoryLimit,
    /// How the work is cut. Reports do not depend on it.
    pub layout: Layout,
}

/// A threshold of a detector.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The id of the detector.
    pub detector: String,
    /// Its name there.
    pub name: String,
    /// In the unit that it has there.
    pub value: f64,
}

/// Which formats lines are read in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FormatChoice {
    /// Each source in what its first lines are in.
    #[default]
    Detected,
    /// The one of the table with this id.
    Named(String),
    /// What a `log_format` string of nginx spells.
    Nginx(String),
    /// What a `LogFormat` string of Apache spells.
    Apache(String),
    /// What this configuration of nginx spells, before all others. Without sources the logs that it
    /// names are read.
    NginxConf(PathBuf),
}

/// How much memory a run may take, in bytes. Tables are given what remains of it when all else has
/// its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit(pub u64);

impl Default for MemoryLimit {
    fn default() -> MemoryLimit {
        MemoryLimit(512 << 20)
    }
}

impl MemoryLimit {
    /// The least: what the program takes with tables of no account.
    pub const MIN: MemoryLimit = MemoryLimit(32 << 20);

    /// What the table of paths, and that of clients, may take each before the least of its rows are
    /// dropped. The rest is for buffers and decoders, for what is by time and status, and for what
    /// comes in until it is looked at again, see [`MemoryLimit::epoch_bytes`].
    pub fn table_bytes(self) -> u64 {
        self.0.saturating_sub(20 << 20) / 8 * 3
    }

    /// After so many bytes of a source, decompressed, it is looked whether tables are too large. A
    /// line that is made for it can bring some eight times its length into them.
    pub fn epoch_bytes(self) -> u64 {
        (self.0 / 64).next_power_of_two() / 2
    }
}

/// How the work is cut into pieces: for tests, and for measuring. No piece size changes a report,
/// but for `block_bytes` where lines are more than a minute out of order.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Bytes read at a time.
    pub chunk_bytes: usize,
    /// The canonical block: a source's decompressed bytes are cut at multiples of it, whoever
    /// reads them and however. See [`crate::aggregate::peaks`].
    pub block_bytes: u64,
    /// The most blocks that one worker takes at a time from a file it can seek in; 0 chooses.
    pub span_blocks: u64,
    /// What each table may take, in place of what the memory limit gives it.
    pub table_bytes: Option<u64>,
    /// How bytes are looked at; `None` is the widest way that the machine has.
    pub simd: Option<Simd>,
}

/// Instructions that look at several bytes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// None but those that the compiler chooses.
    Portable,
    /// 16 bytes: every x86-64 has it.
    Sse2,
    /// 32 bytes.
    Avx2,
    /// 64 bytes.
    Avx512,
}

impl Simd {
    /// All of them, wide to narrow.
    pub const ALL: [Simd; 4] = [Simd::Avx512, Simd::Avx2, Simd::Sse2, Simd::Portable];
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            chunk_bytes: 256 << 10,
            block_bytes: 256 << 10,
            span_blocks: 0,
            table_bytes: None,
            simd: None,
        }
    }
}

/// What stays of a query string in a path key. A fragment never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Query {
    /// Nothing.
    #[default]
    Drop,
    /// The names: `/a?x=1&y=2` is counted as `/a?x&y`.
    Keys,
    /// All of it.
    Keep,
}

/// The width of a window of the breakdown by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    seconds: u32,
}

impl Window {
    /// The widths there are, narrow to wide, with their names.
    pub const ALL: [(&'static str, Window); 7] = [
        ("1m", Window { seconds: 60 }),
        ("5m", Window { seconds: 300 }),
        ("15m", Window { seconds: 900 }),
        ("1h", Window { seconds: 3_600 }),
        ("6h", Window { seconds: 21_600 }),
        ("1d", Window { seconds: 86_400 }),
        ("7d", Window { seconds: 604_800 }),
    ];

    /// The width with this name.
    pub fn named(name: &str) -> Option<Window> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, window)| *window)
    }

    /// Its width in seconds.
    pub fn seconds(self) -> u32 {
        self.seconds
    }
}

/// Which requests are kept. Empty filters keep all.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Seconds since the epoch: requests before it are out.
    pub since: Option<i64>,
    /// Seconds since the epoch: requests at or after it are out.
    pub until: Option<i64>,
    /// Path keys.
    pub paths: Vec<Choice<Pattern>>,
    /// Clients.
    pub clients: Vec<Choice<IpNet>>,
    /// Methods, compared as they are.
    pub methods: Vec<Choice<String>>,
    /// Virtual hosts, compared without case.
    pub vhosts: Vec<Choice<String>>,
    /// Referers.
    pub referers: Vec<Choice<Pattern>>,
    /// Names of crawlers and other programs, compared without case.
    pub crawlers: Vec<Choice<String>>,
}

/// A publisher's list of the addresses that its crawlers come from.
#[derive(Clone, Debug)]
pub struct CrawlerRanges {
    /// What the publisher calls the file: it tells whose list it is.
    pub file: String,
    /// The addresses.
    pub networks: Vec<IpNet>,
    /// When it was fetched, in seconds since the epoch.
    pub fetched: i64,
}

/// How the client behind proxies is found.
#[derive(Clone, Debug)]
pub struct RealIp {
    /// The field that names those on the way, as [`RealIp::field_name`] has it.
    pub field: String,
    /// The proxies that are believed.
    pub trusted: Vec<IpNet>,
}

impl RealIp {
    /// The field that is read unless another is asked for.
    pub const FIELD: &str = "x_forwarded_for";

    /// A header's name as nginx spells its variable, without `$http_`: `X-Real-IP` is `x_real_ip`.
    pub fn field_name(name: &str) -> String {
        let name = name.trim().trim_start_matches('$').to_ascii_lowercase().replace('-', "_");
        name.strip_prefix("http_").map(str::to_string).unwrap_or(name)
    }
}

/// Something to keep, or with `!` something to leave out.
#[derive(Clone, Debug)]
pub struct Choice<T> {
    /// Whether `!` stood before it.
    pub negated: bool,
    /// What is matched.
    pub value: T,
}

/// A prefix, or after `~` a regular expression.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Matches what begins so.
    Prefix(Vec<u8>),
    /// Matches where it is found.
    Regex(Regex),
}

impl Pattern {
    /// Whether `text` is matched.
    pub fn matches(&self, text: &[u8]) -> bool {
        match self {
            Pattern::Prefix(prefix) => text.starts_with(prefix),
            Pattern::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Which statuses `client_errors` is about.
#[derive(Clone, Debug)]
pub struct StatusList {
    kept: Box<[bool; Status::SPELLINGS]>,
}

impl Default for StatusList {
    fn default() -> StatusList {
        StatusList { kept: Box::new([true; Status::SPELLINGS]) }
    }
}

impl StatusList {
    /// The statuses with these indices.
    pub fn only(indices: impl IntoIterator<Item = Status>) -> StatusList {
        let mut kept = Box::new([false; Status::SPELLINGS]);
        for status in indices {
            kept[status.index()] = true;
        }
        StatusList { kept }
    }

    /// Whether `status` is a client error that was asked for.
    pub fn has_error(&self, status: Status) -> bool {
        status.is_client_error() && self.kept[status.index()]
    }

    /// Whether it keeps every client error.
    pub fn is_complete(&self) -> bool {
        (400..500).all(|code| self.kept[Status::from_code(code).index()])
    }
}
