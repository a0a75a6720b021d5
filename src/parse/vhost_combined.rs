//! `vhost-combined`: `combined` behind a virtual host.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "vhost-combined",
    summary: "host[:port], then combined: Debian's other_vhosts_access.log",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::First, tail: Tail::Agent }]);

const EXPLAIN: &str = "\
One log for many sites. Paths are counted by host and path; the port is dropped from the host.
The first word is a host where the second is an address and the first is none, or where the first
ends in a port.

    LogFormat \"%v:%p %h %l %u %t \\\"%r\\\" %>s %O \\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"\" vhost_combined";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"shop.example:443 198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /old HTTP/1.1" 410 450 "-" "Mozilla/5.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "410",
            bytes: 450,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old"),
            agent: Some("Mozilla/5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example 2001:db8::1 - ann [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 5,
            client: "2001:db8::1",
            host: Some("shop.example"),
            user: Some("ann"),
            method: Some("GET"),
            target: Some("/"),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example:80 host.example.net - - [21/Nov/2026:14:05:09 +0000] "-" 408 0 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "408",
            bytes: 0,
            client: "host.example.net",
            host: Some("shop.example"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
