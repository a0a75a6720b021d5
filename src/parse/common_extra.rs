//! `common-extra`: `common` with fields behind it that are not referer and agent.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "common-extra",
    summary: "common, then anything but referer and agent; a combined line cut in its last fields",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::Nowhere, tail: Tail::Other }]);

const EXPLAIN: &str = "\
A common line with a request time, a port or an id behind it, and also a combined line that
was cut in its referer or agent: the request and its status are whole, so it counts.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 0.120"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/a"),
            latency_millis: Some(120),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "Mozilla/5.0 (X11; Li"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/a"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
