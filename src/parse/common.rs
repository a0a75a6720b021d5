//! `common`: the common log format of NCSA httpd, without referer and agent.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "common",
    summary: "client ident user [time] \"request\" status bytes",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::Nowhere, tail: Tail::Nothing }]);

const EXPLAIN: &str = "\
The oldest format, Apache's common. Without a referer nobody can say who links to a missing
page, and without an agent no crawler can be told from a reader: combined is the better choice.

    LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b\" common";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"host.example.net - frank [21/Nov/2026:14:05:09 +0000] "GET /apache_pb.gif HTTP/1.0" 200 2326"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 2326,
            client: "host.example.net",
            user: Some("frank"),
            method: Some("GET"),
            target: Some("/apache_pb.gif"),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "-" 408 -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "408",
            bytes: 0,
            client: "198.51.100.7",
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /cut HTTP/1.1" 404"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 0,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/cut"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
