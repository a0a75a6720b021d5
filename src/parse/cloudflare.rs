//! `cloudflare`: Cloudflare Logpush, data set HTTP requests.

use super::keyed::Product;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "cloudflare",
    summary: "JSON of Cloudflare Logpush, HTTP requests",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Json(Product::Cloudflare),
};

const EXPLAIN: &str = "\
Logpush of HTTP requests, with any choice of fields that has EdgeResponseStatus and who asked for what.
Timestamps are RFC 3339, or seconds or nanoseconds since 1970, as the job has them. The status is the
edge's, which the client received; 499 is a client that left.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"{"ClientIP":"198.51.100.7","ClientRequestHost":"shop.example","ClientRequestMethod":"GET","ClientRequestURI":"/old?x=1","EdgeEndTimestamp":"2026-11-21T14:05:10Z","EdgeResponseBytes":153,"EdgeResponseStatus":404,"EdgeStartTimestamp":"2026-11-21T14:05:09Z","RayID":"3a6050bcbe121a87","ClientRequestUserAgent":"curl/8.5.0","ClientRequestReferer":""}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old?x=1"),
            referer: Some(""),
            agent: Some("curl/8.5.0"),
            start_millis: Some(1_795_269_909_000),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"ClientIP":"2001:db8::1","ClientRequestHost":"shop.example","ClientRequestMethod":"GET","ClientRequestURI":"/slow","EdgeResponseBytes":0,"EdgeResponseStatus":499,"EdgeStartTimestamp":1795269909250000000}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/slow"),
            start_millis: Some(1_795_269_909_250),
            abort: Some("499"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
