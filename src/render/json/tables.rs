//! The tables of the JSON document, written row by row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::record::{Cause, Status};
use crate::render::json::document::{Moment, Text};
use crate::report::{self, PathKey};
use crate::status;
use crate::untrusted::Untrusted;

/// Requests by status, in the log's own spelling of it. Ascending.
pub type ByStatus = BTreeMap<String, u64>;

/// Counts of a report as a JSON object.
pub fn by_status<'a>(counts: impl IntoIterator<Item = &'a (Status, u64)>) -> ByStatus {
    counts.into_iter().map(|(status, requests)| (status.to_string(), *requests)).collect()
}

/// Counts by cause as a JSON object.
fn by_cause(causes: &[(Cause, u64)]) -> BTreeMap<&'static str, u64> {
    causes.iter().map(|(cause, requests)| (cause.id(), *requests)).collect()
}

/// What is written of a row of the report.
trait Written<'a, Row>: Serialize {
    /// With at most `top` rows in the tables within it.
    fn new(row: &'a Row, top: Option<usize>) -> Self;
}

/// The first rows of a table, each turned into what is written only when its turn comes.
struct Rows<'a, Row, W> {
    rows: &'a [Row],
    top: Option<usize>,
    written: PhantomData<W>,
}

impl<'a, Row, W> Rows<'a, Row, W> {
    fn new(rows: &'a [Row], top: Option<usize>) -> Rows<'a, Row, W> {
        Rows { rows, top, written: PhantomData }
    }
}

impl<'a, Row, W: Written<'a, Row>> Serialize for Rows<'a, Row, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.rows.iter().take(self.top.unwrap_or(usize::MAX));
        serializer.collect_seq(rows.map(|row| W::new(row, self.top)))
    }
}

impl<Row, W: JsonSchema> JsonSchema for Rows<'_, Row, W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Vec::<W>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<W>::json_schema(generator)
    }
}

/// The requests that failed with 400 to 499, and that `--status` asks for.
#[derive(Serialize, JsonSchema)]
pub struct ClientErrors<'a> {
    /// How many.
    requests: u64,
    /// Their share of all requests, 0 to 1.
    ratio: f64,
    /// By status, most requests first.
    by_status: Rows<'a, report::StatusRow, StatusRow<'a>>,
    /// By path, most requests first.
    by_path: Rows<'a, report::PathRow, PathRow<'a>>,
    /// By cause; see `causes` of a path. Absent ones are 0.
    by_cause: BTreeMap<&'static str, u64>,
    /// By what the clients are, most requests first: all of them, shown or not.
    by_kind: Rows<'a, report::KindRow, KindRow>,
    /// By client, most requests first.
    by_client: Rows<'a, report::ClientRow, ClientRow<'a>>,
    /// By time, contiguous, with empty windows present.
    by_window: Rows<'a, report::WindowRow, WindowRow>,
}

impl<'a> ClientErrors<'a> {
    /// At most `top` rows in each table but that of windows.
    pub fn new(errors: &'a report::ClientErrors, top: Option<usize>) -> ClientErrors<'a> {
        ClientErrors {
            requests: errors.requests,
            ratio: errors.ratio,
            by_status: Rows::new(&errors.by_status, top),
            by_path: Rows::new(&errors.by_path, top),
            by_cause: by_cause(&errors.by_cause),
            by_kind: Rows::new(&errors.by_kind, None),
            by_client: Rows::new(&errors.by_client, top),
            by_window: Rows::new(&errors.by_window, None),
        }
    }
}

/// A status.
#[derive(Serialize, JsonSchema)]
struct StatusRow<'a> {
    /// Its code.
    #[schemars(range(min = 400, max = 499))]
    status: usize,
    /// Its name; null where nobody defines it.
    name: Option<&'static str>,
    /// Who defines it; null where nobody does.
    origin: Option<&'static str>,
    /// Requests.
    requests: u64,
    /// Their share of all 4xx, 0 to 1.
    ratio: f64,
    /// Response bytes.
    bytes: u64,
    /// Distinct clients.
    clients: u64,
    /// Distinct paths.
    paths: u64,
    /// First time.
    first: Moment,
    /// Last time.
    last: Moment,
    /// Request times; null where the log has none.
    latency_seconds: Option<Latency>,
    /// Who answered, as far as the length of the answer tells: `nobody` (no body was sent), `nginx` (by a page of
    /// its own), `nginx-494` to `nginx-497` (the same, of what it logs as 400), `other`. Absent ones are 0.
    answered_by: BTreeMap<&'static str, u64>,
    /// The paths with most of it.
    top_paths: Rows<'a, (PathKey, u64), TopPath<'a>>,
    /// The clients with most of it.
    top_clients: Rows<'a, (Untrusted, u64), TopClient<'a>>,
}

impl<'a> Written<'a, report::StatusRow> for StatusRow<'a> {
    fn new(row: &'a report::StatusRow, top: Option<usize>) -> StatusRow<'a> {
        let known = row.status.code().and_then(status::lookup);
        StatusRow {
            status: row.status.index(),
            name: known.map(|known| known.name),
            origin: known.map(|known| known.origin),
            requests: row.requests,
            ratio: row.ratio,
            bytes: row.bytes,
            clients: row.clients,
            paths: row.paths,
            first: Moment(row.period.0.into()),
            last: Moment(row.period.1.into()),
            latency_seconds: row.latency.map(Latency::from),
            answered_by: row.answers.iter().copied().collect(),
            top_paths: Rows::new(&row.top_paths, top),
            top_clients: Rows::new(&row.top_clients, top),
        }
    }
}

/// Request times in seconds.
#[derive(Serialize, JsonSchema)]
struct Latency {
    /// Half of the requests took at most this.
    p50: f64,
    /// Nine in ten.
    p90: f64,
    /// Ninety-nine in a hundred.
    p99: f64,
    /// The longest.
    max: f64,
}

impl From<report::Latency> for Latency {
    fn from(latency: report::Latency) -> Latency {
        Latency {
            p50: latency.p50_seconds,
            p90: latency.p90_seconds,
            p99: latency.p99_seconds,
            max: latency.max_seconds,
        }
    }
}

/// A path with a status.
#[derive(Serialize, JsonSchema)]
struct TopPath<'a> {
    /// The path.
    path: Text<'a>,
    /// The virtual host; null where the log has none.
    host: Option<Text<'a>>,
    /// Requests with the status.
    requests: u64,
}

impl<'a> Written<'a, (PathKey, u64)> for TopPath<'a> {
    fn new((key, requests): &'a (PathKey, u64), _: Option<usize>) -> TopPath<'a> {
        TopPath { path: Text(&key.path), host: key.host.as_ref().map(Text), requests: *requests }
    }
}

/// A client with a status.
#[derive(Serialize, JsonSchema)]
struct TopClient<'a> {
    /// The client.
    client: Text<'a>,
    /// Requests with the status.
    requests: u64,
}

impl<'a> Written<'a, (Untrusted, u64)> for TopClient<'a> {
    fn new((client, requests): &'a (Untrusted, u64), _: Option<usize>) -> TopClient<'a> {
        TopClient { client: Text(client), requests: *requests }
    }
}

/// A path with 4xx.
#[derive(Serialize, JsonSchema)]
struct PathRow<'a> {
    /// The request target without query and fragment; `(malformed)` where a request has none.
    path: Text<'a>,
    /// The virtual host; null where the log has none.
    host: Option<Text<'a>>,
    /// 4xx requests.
    requests: u64,
    /// All requests, whatever their status.
    total_requests: u64,
    /// 4xx requests by status.
    by_status: ByStatus,
    /// Distinct clients among the 4xx requests.
    clients: u64,
    /// First 4xx.
    first: Moment,
    /// Last 4xx.
    last: Moment,
    /// 4xx requests by cause: `malformed`, `scanner`, `auth`, `rate-limit`, `client-abort`,
    /// `internal-link`, `search-result`, `external-link`, `missing-asset`, `crawler`, `direct` or
    /// `bad-request`. Absent ones are 0.
    causes: BTreeMap<&'static str, u64>,
    /// The pages that link to it and have it as a part, without their queries, most requests first: at
    /// most 16.
    referers: Vec<RefererRow<'a>>,
    /// Whether these are all there are; where they are not, they are a sample.
    referers_whole: bool,
}

/// A page that links to a path.
#[derive(Serialize, JsonSchema)]
struct RefererRow<'a> {
    /// As the client sent it.
    referer: Text<'a>,
    /// 4xx requests that came from it.
    requests: u64,
}

impl<'a> Written<'a, report::PathRow> for PathRow<'a> {
    fn new(row: &'a report::PathRow, _: Option<usize>) -> PathRow<'a> {
        PathRow {
            path: Text(&row.key.path),
            host: row.key.host.as_ref().map(Text),
            requests: row.requests,
            total_requests: row.total_requests,
            by_status: by_status(&row.by_status),
            clients: row.clients,
            first: Moment(row.period.0.into()),
            last: Moment(row.period.1.into()),
            causes: by_cause(&row.causes),
            referers: row
                .referers
                .iter()
                .map(|(page, requests)| RefererRow { referer: Text(page), requests: *requests })
                .collect(),
            referers_whole: row.referers_whole,
        }
    }
}

/// A client with 4xx.
#[derive(Serialize, JsonSchema)]
struct ClientRow<'a> {
    /// Its address as logged, or what stands for it.
    client: Text<'a>,
    /// 4xx requests.
    requests: u64,
    /// All requests, whatever their status.
    total_requests: u64,
    /// 4xx requests by status.
    by_status: ByStatus,
    /// Distinct paths among the 4xx requests.
    paths: u64,
    /// First 4xx.
    first: Moment,
    /// Last 4xx.
    last: Moment,
    /// What it is, as far as its 4xx tell: `crawler-verified`, `crawler-spoofed`, `crawler-unverifiable`,
    /// `scanner`, `monitoring`, `feed`, `library`, `browser`, `several` or `unknown`.
    kind: &'static str,
    /// The crawler or program that most of its 4xx say it is; null where none does.
    crawler: Option<&'static str>,
    /// Its most requests of any status in one window, aligned since the epoch.
    peak: Peak,
}

impl<'a> Written<'a, report::ClientRow> for ClientRow<'a> {
    fn new(row: &'a report::ClientRow, _: Option<usize>) -> ClientRow<'a> {
        ClientRow {
            client: Text(&row.client),
            requests: row.requests,
            total_requests: row.total_requests,
            by_status: by_status(&row.by_status),
            paths: row.paths,
            first: Moment(row.period.0.into()),
            last: Moment(row.period.1.into()),
            kind: row.kind.id(),
            crawler: row.crawler,
            peak: Peak::from(row.peak),
        }
    }
}

/// The clients of a kind.
#[derive(Serialize, JsonSchema)]
struct KindRow {
    /// Which.
    kind: &'static str,
    /// 4xx requests.
    requests: u64,
    /// 4xx requests by status.
    by_status: ByStatus,
    /// How many clients.
    clients: u64,
}

impl Written<'_, report::KindRow> for KindRow {
    fn new(row: &report::KindRow, _: Option<usize>) -> KindRow {
        KindRow {
            kind: row.kind.id(),
            requests: row.requests,
            by_status: by_status(&row.by_status),
            clients: row.clients,
        }
    }
}

/// Most requests in a window of each width.
#[derive(Serialize, JsonSchema)]
struct Peak {
    /// In one second.
    #[serde(rename = "1s")]
    in_1_second: u32,
    /// In ten seconds.
    #[serde(rename = "10s")]
    in_10_seconds: u32,
    /// In a minute.
    #[serde(rename = "60s")]
    in_60_seconds: u32,
    /// In five minutes.
    #[serde(rename = "300s")]
    in_300_seconds: u32,
}

impl From<[u32; 4]> for Peak {
    fn from(peak: [u32; 4]) -> Peak {
        let [in_1_second, in_10_seconds, in_60_seconds, in_300_seconds] = peak;
        Peak { in_1_second, in_10_seconds, in_60_seconds, in_300_seconds }
    }
}

/// A window of time.
#[derive(Serialize, JsonSchema)]
struct WindowRow {
    /// Its first second, a multiple of `window_seconds` since the epoch.
    start: Moment,
    /// 4xx requests.
    requests: u64,
    /// All requests, whatever their status.
    total_requests: u64,
    /// 4xx requests by status.
    by_status: ByStatus,
}

impl Written<'_, report::WindowRow> for WindowRow {
    fn new(row: &report::WindowRow, _: Option<usize>) -> WindowRow {
        WindowRow {
            start: Moment(row.start),
            requests: row.requests,
            total_requests: row.total_requests,
            by_status: by_status(&row.by_status),
        }
    }
}
