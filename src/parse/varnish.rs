//! `varnish`: what varnishncsa writes, with absolute targets.

use super::clf::{Host, Shapes};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "varnish",
    summary: "combined with absolute targets, \"GET http://host/path HTTP/1.1\": the host is read from them",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Voted { shapes: Shapes::with_host(Host::Target), percent: 90 },
};

const EXPLAIN: &str = "\
The default of varnishncsa, which puts the host into the target whatever the client sent. A
source is read so where nearly all of its first lines have such a target: a few of them in the
log of another server are strangers looking for an open proxy. The time is that of the start.

    varnishncsa -a -w /var/log/varnish/varnishncsa.log";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET http://shop.example/a?b=1 HTTP/1.1" 200 411 "-" "curl/8.5.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 411,
            client: "192.0.2.1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("http://shop.example/a?b=1"),
            agent: Some("curl/8.5.0"),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - ann [21/Nov/2026:14:05:09 +0000] "GET https://shop.example:8443/none HTTP/2.0" 404 280 "https://shop.example:8443/" "Mozilla/5.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 280,
            client: "192.0.2.1",
            host: Some("shop.example"),
            user: Some("ann"),
            method: Some("GET"),
            target: Some("https://shop.example:8443/none"),
            referer: Some("https://shop.example:8443/"),
            agent: Some("Mozilla/5.0"),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "HEAD http://localhost/ HTTP/1.0" 503 - "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "503",
            bytes: 0,
            client: "192.0.2.1",
            host: Some("localhost"),
            method: Some("HEAD"),
            target: Some("http://localhost/"),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::1 - - [21/Nov/2026:14:05:09 +0000] "GET http://[2001:db8::80]:80/x HTTP/1.1" 404 280 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 280,
            client: "2001:db8::1",
            host: Some("[2001:db8::80]"),
            method: Some("GET"),
            target: Some("http://[2001:db8::80]:80/x"),
            start_millis: Some(1795269909000),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
