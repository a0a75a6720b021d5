//! `lighttpd`: what lighttpd writes, with the host where others have the ident.

use super::clf::{Host, Shapes};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "lighttpd",
    summary: "client host user [time] \"request\" status bytes \"referer\" \"agent\"",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Voted { shapes: Shapes::with_host(Host::Ident), percent: 50 },
};

const EXPLAIN: &str = "\
The default of lighttpd. It is combined but for the second field, which is the Host header and
not the ident that nobody has. A source is read so where most of its first lines have a host
there; a line without one tells of a request without Host.

    accesslog.format = \"%h %V %u %t \\\"%r\\\" %>s %b \\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"\"";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.1 shop.example - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 3 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 3,
            client: "192.0.2.1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 198.51.100.20 ann [21/Nov/2026:14:05:09 +0000] "GET /none?b=\"x\" HTTP/1.1" 404 341 "http://ref.example/a\"b" "Mozilla/5.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 341,
            client: "192.0.2.1",
            host: Some("198.51.100.20"),
            user: Some("ann"),
            method: Some("GET"),
            target: Some(r#"/none?b=\"x\""#),
            referer: Some(r#"http://ref.example/a\"b"#),
            agent: Some("Mozilla/5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "  " 400 345 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 345,
            client: "192.0.2.1",
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::1 localhost - [21/Nov/2026:14:05:09 +0000] "GET /a b HTTP/1.1" 404 341 "-" "end\\""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 341,
            client: "2001:db8::1",
            host: Some("localhost"),
            method: Some("GET"),
            target: Some("/a b"),
            agent: Some(r#"end\\"#),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "PRI * HTTP/2.0" 100 52 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "100",
            bytes: 52,
            client: "192.0.2.1",
            method: Some("PRI"),
            target: Some("*"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
