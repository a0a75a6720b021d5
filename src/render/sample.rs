//! A report for tests: an attack in the afternoon, and text that means harm.

use crate::record::{Abort, Cause, ErrorKind, LimitKind, Skip, Status};
use crate::report::{
    ClientErrors, ClientKind, ClientRow, ErrorLog, Evidence, Example, Finding, Fix, Gap, Group,
    Input, KindRow, Latency, LimitRow, LimitedClient, Limits, Note, PathKey, PathRow, Report, Run,
    Sample, Severity, SourceSummary, StatusRow, Subject, TableLimits, Totals, WindowRow,
};
use crate::untrusted::Untrusted;

/// 2026-10-15T00:00:00Z, when the sample begins.
pub const START: u32 = 1_792_022_400;

const HOURS: u64 = 24;
/// When the rate limit was met.
const BURST_HOUR: u64 = 14;

/// What a terminal would act on, a reader could not see, and JSON must quote.
pub const HOSTILE: &[u8] =
    b"/\x1b]0;owned\x07\x1b[2J\xc2\x9b31m/\xe2\x80\xaegpj.exe\xe2\x80\x8b/\"quoted\\\"\xff\r\n<script>";

/// A report with something of everything.
pub fn sample_report() -> Report {
    let by_window = windows();
    let requests = by_window.iter().map(|window| window.requests).sum();
    let total_requests = 500_000;
    let by_status = statuses(&by_window, requests);
    let mut all: Vec<(Status, u64)> =
        by_status.iter().map(|row| (row.status, row.requests)).collect();
    let ok = total_requests - requests - 4;
    all.extend([(code(200), ok), (code(502), 2), (spelled("000"), 1), (spelled("-"), 1)]);
    all.sort_unstable_by_key(|(status, _)| status.to_string());
    let totals = Totals {
        requests: total_requests,
        bytes: 12_345_678_901,
        clients: 9_876,
        paths: 5_432,
        out_of_period: 0,
        by_status: all,
    };
    Report {
        run: Run {
            generated_at: i64::from(START) + 90_000,
            elapsed_seconds: 0.812_345,
            threads: 2,
            throughput_bytes_per_second: 1.5e8,
        },
        input: input(total_requests),
        period: Some((START + 3, START + 86_399)),
        window_seconds: 3_600,
        limits: Limits {
            exact: true,
            peaks_exact: true,
            memory_limit_bytes: 512 << 20,
            paths: TableLimits { kept: 5_432, ..TableLimits::default() },
            clients: TableLimits { kept: 9_876, ..TableLimits::default() },
        },
        sites: vec![Untrusted::new("example.com")],
        totals,
        client_errors: ClientErrors {
            requests,
            ratio: requests as f64 / total_requests as f64,
            by_status,
            by_path: paths(),
            paths_total: 1_234,
            by_kind: kinds(),
            by_cause: vec![
                (Cause::RateLimit, 14_100),
                (Cause::InternalLink, 9_000),
                (Cause::Scanner, 1_780),
                (Cause::ExternalLink, 30),
            ],
            by_client: clients(),
            clients_total: 345,
            by_window,
        },
        client_aborts: vec![(Abort::Status499, 40), (Abort::Haproxy, 1_250)],
        error_log: Some(ErrorLog {
            lines: 57,
            by_kind: vec![(ErrorKind::UpstreamFailed, 41), (ErrorKind::LimitReq, 16)],
            limits: vec![
                LimitRow {
                    zone: Untrusted::new(b"per\x1b[31mip"),
                    kind: LimitKind::Limiting,
                    lines: 12,
                    clients: 3,
                    max_excess: Some(5_428),
                    answered_with: Some(Status::from_code(503)),
                    worst: vec![LimitedClient {
                        client: Untrusted::new(b"203.0.113.77"),
                        lines: 9,
                        max_excess: Some(5_428),
                        requests: 1_204,
                    }],
                },
                LimitRow {
                    zone: Untrusted::new("addr"),
                    kind: LimitKind::ConnectionsDryRun,
                    lines: 4,
                    clients: 1,
                    max_excess: None,
                    answered_with: None,
                    worst: Vec::new(),
                },
            ],
        }),
        findings: findings(),
        findings_by_severity: [3, 0, 0, 1, 1],
    }
}

/// One with all that a finding can have, in text that means harm, and one with nothing but words.
fn findings() -> Vec<Finding> {
    let hostile = || Untrusted::new(HOSTILE);
    let full = Finding {
        id: "broken-internal-link",
        group: Group::Seo,
        severity: Severity::Critical,
        score: 78,
        title: Untrusted::new(
            [HOSTILE, b" is not there, and 12 pages of the site link to it"].concat(),
        ),
        subject: Subject { kind: "path", value: hostile(), host: Some(hostile()) },
        requests: 9_000,
        clients: 321,
        period: (START + 60, START + 86_000),
        evidence: vec![
            ("pages", Evidence::Count(12)),
            ("share", Evidence::Ratio(0.123_456)),
            ("last_succeeded", Evidence::Moment(START)),
            ("answer", Evidence::Words("404")),
            ("target", Evidence::Text(hostile())),
            ("outcomes", Evidence::Names(vec![("page", 3), ("missing", 4)])),
        ],
        examples: vec![Example { kind: "page", value: hostile(), requests: 4 }],
        action: Untrusted::new([b"mend the link on ", HOSTILE].concat()),
        fix: Some(Fix {
            kind: "redirect",
            text: hostile(),
            confidence_percent: 95,
            why: "trailing-slash",
        }),
    };
    let plain = Finding {
        id: "crawler-rate-limited",
        severity: Severity::High,
        score: 50,
        title: Untrusted::new("Googlebot was turned away by a rate limit in 14 requests (3.1 %)"),
        subject: Subject { kind: "crawler", value: Untrusted::new("Googlebot"), host: None },
        evidence: Vec::new(),
        examples: Vec::new(),
        action: Untrusted::new("exempt the published addresses of Googlebot from the limit"),
        fix: None,
        ..full.clone()
    };
    vec![full, plain]
}

/// A report of an empty file.
pub fn empty_report() -> Report {
    let mut report = sample_report();
    report.period = None;
    report.input = Input { sources: report.input.sources, ..Input::default() };
    for source in &mut report.input.sources {
        *source = SourceSummary {
            bytes: 0,
            lines: 0,
            parsed: 0,
            format: None,
            period: None,
            has_latency: false,
            ..source.clone()
        };
    }
    report.totals =
        Totals { requests: 0, bytes: 0, clients: 0, paths: 0, out_of_period: 0, by_status: vec![] };
    report.client_errors = ClientErrors::default();
    report.client_aborts = Vec::new();
    report.error_log = None;
    report.findings = Vec::new();
    report.findings_by_severity = [0; 5];
    report
}

fn code(code: u16) -> Status {
    Status::from_code(code)
}

fn spelled(text: &str) -> Status {
    Status::parse(text.as_bytes()).unwrap()
}

fn path(path: impl AsRef<[u8]>) -> PathKey {
    PathKey { path: Untrusted::new(path), host: None }
}

fn input(parsed: u64) -> Input {
    let source = Untrusted::new("/var/log/nginx/access.log.gz");
    Input {
        lines: parsed + 37,
        parsed,
        filtered: 0,
        skipped: vec![(Skip::Cut, 6), (Skip::Binary, 31)],
        samples: vec![Sample {
            source: source.clone(),
            line: 17,
            reason: Skip::Binary,
            text: Untrusted::new(b"\x16\x03\x01\x1b[31m\xff"),
        }],
        sources: vec![SourceSummary {
            path: source.clone(),
            format: Some("combined".to_string()),
            has_latency: true,
            compression: "gzip",
            bytes: 123_456_789,
            lines: parsed + 37,
            parsed,
            period: Some((START + 3, START + 86_399)),
        }],
        gaps: vec![Gap {
            source,
            kind: "truncated",
            reason: Untrusted::new("unexpected end of file after 123,456,789 bytes"),
        }],
        notes: vec![Note {
            source: Untrusted::new(b"access.log.\x1b[5m1".as_slice()),
            kind: "duplicate",
            text: Untrusted::new("the same lines as access.log.1.gz: counted once"),
        }],
    }
}

/// 404s over the day, 429s in one hour, a few 499s all the time.
fn windows() -> Vec<WindowRow> {
    (0..HOURS)
        .map(|hour| {
            let wave = 12 - hour.abs_diff(12);
            let mut by_status = vec![(code(404), 100 + 90 * wave)];
            match hour {
                BURST_HOUR => by_status.push((code(429), 14_275)),
                9 => by_status.push((code(429), 40)),
                _ => {}
            }
            by_status.push((code(499), 20 + wave * wave));
            if hour == 3 {
                by_status.insert(0, (code(400), 7));
                by_status.insert(2, (code(432), 3));
            }
            WindowRow {
                start: i64::from(START) + i64::try_from(hour).unwrap() * 3_600,
                requests: by_status.iter().map(|(_, requests)| requests).sum(),
                total_requests: 15_000 + 1_000 * wave,
                by_status,
            }
        })
        .collect()
}

fn statuses(windows: &[WindowRow], all: u64) -> Vec<StatusRow> {
    let count = |wanted: u16| -> u64 {
        let counts = windows.iter().flat_map(|window| &window.by_status);
        counts.filter(|(status, _)| *status == code(wanted)).map(|(_, requests)| requests).sum()
    };
    let row = |status: u16, top_paths, top_clients| StatusRow {
        status: code(status),
        requests: count(status),
        ratio: count(status) as f64 / all as f64,
        bytes: count(status) * 153,
        clients: 120,
        paths: 45,
        period: (START + 60, START + 86_000),
        answers: Vec::new(),
        latency: None,
        top_paths,
        top_clients,
    };
    let limited = Untrusted::new("2001:db8:85a3:1234:5678:8a2e:370:7334");
    let wall =
        Latency { p50_seconds: 30.0, p90_seconds: 30.016, p99_seconds: 31.2, max_seconds: 60.0 };
    vec![
        row(
            404,
            vec![(path("/old/shop/index.html"), 2_345)],
            vec![(Untrusted::new("203.0.113.7"), 900)],
        ),
        row(429, vec![(path("/api/v1/search"), 14_000)], vec![(limited, 14_100)]),
        StatusRow {
            latency: Some(wall),
            ..row(
                499,
                vec![(path("/api/v1/report/export"), 800)],
                vec![(Untrusted::new("198.51.100.4"), 90)],
            )
        },
        row(400, vec![(path("(malformed)"), 7)], vec![(Untrusted::new("192.0.2.66"), 7)]),
        row(432, vec![(path(HOSTILE), 3)], vec![(Untrusted::new("192.0.2.66"), 3)]),
    ]
}

fn paths() -> Vec<PathRow> {
    let row = |key, requests, total_requests, by_status: &[(u16, u64)]| PathRow {
        key,
        requests,
        total_requests,
        by_status: by_status.iter().map(|&(status, n)| (code(status), n)).collect(),
        clients: requests / 3,
        period: (START + 100, START + 80_000),
        causes: vec![(Cause::InternalLink, requests)],
        referers: vec![(Untrusted::new(b"https://shop.example/\x1b[31mred"), requests / 2)],
        referers_whole: true,
    };
    let long = format!("/long/{}/end.html", "abcdefghi/".repeat(500));
    let host = Some(Untrusted::new("shop.example.com"));
    vec![
        row(path("/api/v1/search"), 14_100, 20_400, &[(429, 14_000), (499, 100)]),
        row(path("/old/shop/index.html"), 2_345, 2_345, &[(404, 2_300), (410, 45)]),
        row(path("/api/v1/report/export"), 800, 1_600, &[(499, 800)]),
        row(path(long), 400, 400, &[(404, 400)]),
        row(
            PathKey {
                path: Untrusted::new("/warenkorb/日本語/日本語/日本語/日本語/日本語"), host
            },
            120,
            4_000,
            &[(400, 3), (404, 110), (408, 1), (414, 6)],
        ),
        row(path("(malformed)"), 7, 7, &[(400, 7)]),
        row(path(HOSTILE), 3, 3, &[(432, 3)]),
    ]
}

fn kinds() -> Vec<KindRow> {
    let row = |kind, clients, by_status: &[(u16, u64)]| KindRow {
        kind,
        requests: by_status.iter().map(|(_, requests)| requests).sum(),
        by_status: by_status.iter().map(|&(status, n)| (code(status), n)).collect(),
        clients,
    };
    vec![
        row(ClientKind::Browser, 300, &[(404, 9_000), (429, 14_100), (499, 2_000)]),
        row(ClientKind::SpoofedCrawler, 1, &[(404, 900)]),
        row(ClientKind::Scanner, 44, &[(400, 7), (404, 870), (432, 3)]),
    ]
}

fn clients() -> Vec<ClientRow> {
    let row = |client: &[u8], requests, total_requests, by_status: &[(u16, u64)]| ClientRow {
        client: Untrusted::new(client),
        requests,
        total_requests,
        by_status: by_status.iter().map(|&(status, n)| (code(status), n)).collect(),
        paths: 12,
        period: (START + 100, START + 80_000),
        peak: [12, 80, 340, 1_600],
        kind: ClientKind::Browser,
        crawler: None,
    };
    let is = |row: ClientRow, kind, crawler| ClientRow { kind, crawler, ..row };
    vec![
        row(b"2001:db8:85a3:1234:5678:8a2e:370:7334", 14_130, 20_500, &[(404, 30), (429, 14_100)]),
        is(
            row(b"203.0.113.7", 900, 1_000, &[(404, 900)]),
            ClientKind::SpoofedCrawler,
            Some("Googlebot"),
        ),
        row(b"198.51.100.4", 90, 400, &[(499, 90)]),
        is(row(b"192.0.2.66", 10, 10, &[(400, 7), (432, 3)]), ClientKind::Scanner, Some("zgrab")),
        row(b"evil\x1b[1m\xff", 1, 1, &[(404, 1)]),
    ]
}
