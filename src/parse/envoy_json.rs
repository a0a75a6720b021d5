//! `envoy-json`: the access log of Envoy, Istio and gateways made of them, in JSON.

use super::keyed::Product;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "envoy-json",
    summary: "JSON of Envoy and Istio: response_flags tell who ended the exchange",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Json(Product::Envoy),
};

const EXPLAIN: &str = "\
What Envoy writes with json_format, with the names that Istio and Envoy Gateway use. The time is
start_time, durations are in milliseconds. Status 0 says that no response began, nearly always
with the flag DC: the client closed its connection (Envoy, access log usage, %RESPONSE_FLAGS%).";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"{":authority":"shop.example","bytes_received":0,"bytes_sent":19,"downstream_remote_address":"198.51.100.7:59292","duration":11,"method":"GET","protocol":"HTTP/2","response_code":404,"response_code_details":"via_upstream","response_flags":"-","start_time":"2026-11-21T14:05:09.310Z","upstream_host":"10.0.0.7:8080","user-agent":"curl/8.5.0","x-envoy-origin-path":"/old?x=1","x-forwarded-for":"198.51.100.7","x-request-id":"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 19,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old?x=1"),
            agent: Some("curl/8.5.0"),
            forwarded: Some("198.51.100.7"),
            latency_millis: Some(11),
            start_millis: Some(1_795_269_909_310),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"start_time":"2026-11-21T14:05:09.000Z","method":"GET","path":"/slow","protocol":"HTTP/1.1","response_code":0,"response_flags":"DC","bytes_sent":0,"duration":30001,"authority":"shop.example:80","downstream_remote_address":"[2001:db8::1]:4711","user_agent":null}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "0",
            bytes: 0,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/slow"),
            latency_millis: Some(30_001),
            start_millis: Some(1_795_269_909_000),
            abort: Some("envoy-dc"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
