//! `traefik-json`: Traefik's access log with `format: json`.

use super::keyed::Product;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "traefik-json",
    summary: "JSON of Traefik: DownstreamStatus, durations in nanoseconds",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Json(Product::Traefik),
};

const EXPLAIN: &str = "\
Traefik's access log in JSON (pkg/middlewares/accesslog). StartUTC, when the request came, counts before
time, when the line was written. Duration is in nanoseconds. The status is that which the client
received, DownstreamStatus; 499 is a client that left.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"{"ClientAddr":"198.51.100.7:39490","ClientHost":"198.51.100.7","ClientPort":"39490","ClientUsername":"-","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":1215563,"OriginContentSize":19,"OriginDuration":204708,"OriginStatus":404,"Overhead":10855,"RequestAddr":"shop.example","RequestContentSize":0,"RequestCount":113,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/old?x=1","RequestPort":"-","RequestProtocol":"HTTP/1.1","StartUTC":"2026-11-21T14:05:09.123456789Z","level":"info","msg":"","request_User-Agent":"curl/8.5.0","time":"2026-11-21T14:05:10Z"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 19,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old?x=1"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(1),
            start_millis: Some(1_795_269_909_123),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"ClientHost":"2001:db8::1","DownstreamContentSize":0,"DownstreamStatus":499,"Duration":30001000000,"OriginStatus":0,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/slow","StartUTC":"2026-11-21T14:05:09Z","level":"info","msg":"","time":"2026-11-21T14:05:39Z"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/slow"),
            latency_millis: Some(30_001),
            start_millis: Some(1_795_269_909_000),
            abort: Some("499"),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"ClientAddr":"198.51.100.7:1","ClientHost":"198.51.100.7","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":2000000,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/gone","StartUTC":"2026-11-21T14:05:09.396057908Z","level":"info","msg":"","request_Client-Ip":"203.0.113.66","request_Request":"PUT /decoy HTTP/1.1","request_Request-Time":"9","request_Remote-User":"root","request_User-Agent":"curl/8.5.0","request_X-Envoy-Original-Path":"/decoy","time":"2026-11-21T14:05:11Z"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 19,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/gone"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(2),
            start_millis: Some(1_795_269_909_396),
            ..SampleRecord::BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
