//! `vhost-extra`: a line behind a virtual host, with further fields behind it.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "vhost-extra",
    summary: "host[:port], then combined or common, then anything; request times as in combined-extra",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[
    Shape { host: Host::First, tail: Tail::AgentAndQuoted },
    Shape { host: Host::First, tail: Tail::AgentAndMore },
    Shape { host: Host::First, tail: Tail::Other },
]);

const EXPLAIN: &str = "\
A log_format that puts $host or $server_name first and adds fields at the end. Request times
are read as in combined-extra.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"shop.example 198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 196 "-" "curl/8.5.0" 0.005"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 196,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/a"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(5),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example 198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 196 "-" "curl/8.5.0" "203.0.113.9""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 196,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/a"),
            agent: Some("curl/8.5.0"),
            forwarded: Some("203.0.113.9"),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example:80 198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 196 "-" "cur"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 196,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/a"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
