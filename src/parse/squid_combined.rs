//! `squid-combined`: Squid's log in the shape of the common log format.

use super::clf;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "squid-combined",
    summary: "Squid's logformat combined or common: what it did stands at the end, TCP_MISS:HIER_DIRECT",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(clf::Shapes::new(&[clf::SQUID])),
};

const EXPLAIN: &str = "\
Squid with logformat combined or common. The host is that of the absolute target. A code that
ends in _ABORTED and the status 000 say that the client left.

    access_log daemon:/var/log/squid/access.log logformat=combined";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.8 - - [21/Nov/2026:14:05:09 +0000] "GET http://shop.example/a HTTP/1.1" 200 411 "-" "curl/8.5.0" TCP_MISS:HIER_DIRECT"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 411,
            client: "192.0.2.8",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("http://shop.example/a"),
            agent: Some("curl/8.5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.8 - ann [21/Nov/2026:14:05:09 +0000] "GET http://shop.example:8080/none HTTP/1.1" 404 3900 "http://shop.example:8080/" "Mozilla/5.0" TCP_NEGATIVE_HIT:HIER_NONE"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 3900,
            client: "192.0.2.8",
            user: Some("ann"),
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("http://shop.example:8080/none"),
            referer: Some("http://shop.example:8080/"),
            agent: Some("Mozilla/5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.8 - - [21/Nov/2026:14:05:09 +0000] "NONE error:invalid-request HTTP/0.0" 400 3817 "-" "-" NONE_NONE:HIER_NONE"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 3817,
            client: "192.0.2.8",
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.8 - - [21/Nov/2026:14:05:09 +0000] "GET http://shop.example/big HTTP/1.1" 200 89123 "-" "curl/8.5.0" TCP_MISS_ABORTED:HIER_DIRECT"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 89123,
            client: "192.0.2.8",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("http://shop.example/big"),
            agent: Some("curl/8.5.0"),
            abort: Some("squid-aborted"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.8 - - [21/Nov/2026:14:05:09 +0000] "CONNECT shop.example:443 HTTP/1.1" 403 3895 TCP_DENIED:HIER_NONE"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "403",
            bytes: 3895,
            client: "192.0.2.8",
            method: Some("CONNECT"),
            target: Some("shop.example:443"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
