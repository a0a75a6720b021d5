//! `gcp`: Google Cloud load balancers, as Cloud Logging exports them.

use super::keyed::Product;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "gcp",
    summary: "JSON of Google Cloud load balancers: an object httpRequest",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Json(Product::Gcp),
};

const EXPLAIN: &str = "\
Entries of Cloud Logging with an object httpRequest. The target is absolute, so its host is the virtual
host. The latency is text with its unit (\"0.123s\"). Where the client left before a response the status is
missing or 0, and statusDetails says client_disconnected_before_any_response.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"{"httpRequest":{"requestMethod":"GET","requestUrl":"https://shop.example/old?x=1","requestSize":"123","status":404,"responseSize":"153","userAgent":"curl/8.5.0","remoteIp":"198.51.100.7","serverIp":"10.0.0.1","referer":"https://example.org/","latency":"0.123456s"},"insertId":"1a2b","jsonPayload":{"statusDetails":"response_sent_by_backend"},"severity":"WARNING","timestamp":"2026-11-21T14:05:09.250Z"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("https://shop.example/old?x=1"),
            referer: Some("https://example.org/"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(123),
            start_millis: Some(1_795_269_909_250),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"httpRequest":{"requestMethod":"GET","requestUrl":"https://shop.example/slow","remoteIp":"2001:db8::1","latency":"30.001s"},"jsonPayload":{"statusDetails":"client_disconnected_before_any_response"},"timestamp":"2026-11-21T14:05:09Z"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "-",
            bytes: 0,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("https://shop.example/slow"),
            latency_millis: Some(30_001),
            start_millis: Some(1_795_269_909_000),
            abort: Some("gcp-disconnected"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
