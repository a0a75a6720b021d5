//! `combined-extra`: `combined` with further fields behind it.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "combined-extra",
    summary: "combined, then anything: request times with a label (rt=) or at the end (0.123) are read",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::Nowhere, tail: Tail::AgentAndMore }]);

const EXPLAIN: &str = "\
A log_format that begins as combined does and goes on. Of what follows, the request time is
used where it can be told: a field rt=0.123 or request_time=0.123, or a last field with three
decimals, as nginx writes $request_time. Everything else is passed over.

    log_format timed '$remote_addr - $remote_user [$time_local] \"$request\" '
                     '$status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" '
                     'rt=$request_time uct=$upstream_connect_time urt=$upstream_response_time';";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /export HTTP/1.1" 499 0 "-" "curl/8.5.0" rt=30.001 uct="0.000" urt="30.000""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/export"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(30001),
            abort: Some("499"),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/2.0" 200 5 "-" "-" "203.0.113.9" 0.004"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 5,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/a"),
            latency_millis: Some(4),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/2.0" 200 5 "-" "-" 512 [web-80] -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 5,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/a"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
