//! `vhost-common`: `common` behind a virtual host.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "vhost-common",
    summary: "host[:port], then common",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::First, tail: Tail::Nothing }]);

const EXPLAIN: &str = "\
As vhost-combined, without referer and agent. In Apache's documentation as vhost_common.

    LogFormat \"%v %h %l %u %t \\\"%r\\\" %>s %b\" vhost_common";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"shop.example 198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 196"#,
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
    Sample {
        line: br#"- 198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 400 -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 0,
            client: "198.51.100.7",
            host: Some("-"),
            method: Some("GET"),
            target: Some("/a"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
