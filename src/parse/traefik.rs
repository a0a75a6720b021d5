//! `traefik`: Traefik's access log, its format `common`.

use super::clf;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "traefik",
    summary: "combined, then 42 \"router\" \"http://server\" 7ms: request number, router, server and duration",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(clf::Shapes::new(&[clf::TRAEFIK])),
};

const EXPLAIN: &str = "\
What Traefik writes where accessLog.format is not json. The time is that at which the request
began. What is behind the user agent tells how long it took and which server had it. Versions
before 2026 do not escape quotes that the client sent; the fields behind are read from the end.

    accessLog: {}";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET /api HTTP/2.0" 200 352 "https://shop.example/" "curl/8.5.0" 244 "api@docker" "http://10.0.0.5:80" 42ms"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 352,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/api"),
            referer: Some("https://shop.example/"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(42),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - ann [21/Nov/2026:14:05:09 +0000] "GET /x HTTP/1.1" 404 19 "-" "-" 42 "-" "-" 0ms"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 19,
            client: "192.0.2.1",
            user: Some("ann"),
            method: Some("GET"),
            target: Some("/x"),
            latency_millis: Some(0),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::7 - - [21/Nov/2026:14:05:09 +0000] "GET /q"uote HTTP/1.1" 404 19 "http://a.example/"x" y" "say "hi" there" 43 "web@file" "http://10.0.0.5:80" 1ms"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 19,
            client: "2001:db8::7",
            method: Some("GET"),
            target: Some(r#"/q"uote"#),
            referer: Some(r#"http://a.example/"x" y"#),
            agent: Some(r#"say "hi" there"#),
            latency_millis: Some(1),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "POST /slow HTTP/1.1" 499 21 "-" "app/1.0" 45 "web@docker -> leaf@docker" "http://10.0.0.5:80" 5001ms"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 21,
            client: "192.0.2.1",
            method: Some("POST"),
            target: Some("/slow"),
            agent: Some("app/1.0"),
            latency_millis: Some(5001),
            start_millis: Some(1795269909000),
            abort: Some("499"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET /gone HTTP/1.1" - - "-" "curl/8.5.0" 46 "-" "-" 0ms"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "-",
            bytes: 0,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/gone"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(0),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
