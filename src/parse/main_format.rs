//! `main`: nginx's `combined` with `X-Forwarded-For` behind it.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "main",
    summary: "combined, then \"x-forwarded-for\": the format of nginx's own packages",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::Nowhere, tail: Tail::AgentAndQuoted }]);

const EXPLAIN: &str = "\
What nginx.org's packages and the official container image set. The last field is the
X-Forwarded-For header as the client or a proxy sent it: the client column stays the address that
connected. Any one field in quotes behind a combined line is read as this, but for what a redirect
has there and is an address of a page: that is taken for $sent_http_location.

    log_format main '$remote_addr - $remote_user [$time_local] \"$request\" '
                    '$status $body_bytes_sent \"$http_referer\" '
                    '\"$http_user_agent\" \"$http_x_forwarded_for\"';";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET /x HTTP/1.1" 404 153 "-" "curl/8.5.0" "198.51.100.7, 192.0.2.9""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/x"),
            agent: Some("curl/8.5.0"),
            forwarded: Some("198.51.100.7, 192.0.2.9"),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET / HT" 408 0 "-" "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "408",
            bytes: 0,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/ HT"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
