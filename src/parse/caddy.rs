//! `caddy`: the JSON access log of Caddy 2.

use super::keyed::Product;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "caddy",
    summary: "JSON of Caddy 2, with or without client_ip; its other messages are told apart",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Json(Product::Caddy),
};

const EXPLAIN: &str = "\
What Caddy writes with the directive log, from loggers named http.log.access… (its modules
caddyhttp/server.go and marshalers.go). The client is client_ip, which honours trusted_proxies, else
remote_ip. Status 0 says that the handler wrote nothing: the client had left (newer releases write 499).
The time is when the line was written; the duration is in seconds. Messages without a request are
skipped as no-request.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"{"level":"info","ts":1795269909.250,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"192.0.2.1","remote_port":"55392","client_ip":"198.51.100.7","proto":"HTTP/2.0","method":"GET","host":"shop.example:8443","uri":"/x?q","headers":{"User-Agent":["curl/8.5.0"],"X-Forwarded-For":["198.51.100.7"],"Referer":["https://example.org/"]},"tls":{"resumed":false,"version":772}},"bytes_read":0,"user_id":"","duration":0.0015,"size":99,"status":404,"resp_headers":{"Server":["Caddy"]}}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 99,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/x?q"),
            referer: Some("https://example.org/"),
            agent: Some("curl/8.5.0"),
            forwarded: Some("198.51.100.7"),
            latency_millis: Some(1),
            start_millis: Some(1_795_269_909_249),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"level":"info","ts":1795269909,"logger":"http.log.access","msg":"handled request","request":{"remote_addr":"198.51.100.7:42238","proto":"HTTP/1.1","method":"GET","host":"shop.example","uri":"/slow","headers":{}},"common_log":"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /slow HTTP/1.1\" 0 0","duration":30.001,"size":0,"status":0,"resp_headers":{}}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "0",
            bytes: 0,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/slow"),
            latency_millis: Some(30_001),
            start_millis: Some(1_795_269_878_999),
            abort: Some("caddy-0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"{"level":"info","ts":1795269909.25,"logger":"http.log.access.log0","msg":"handled request","request":{"headers":{"Client-Ip":["203.0.113.66"],"Status":["200"],"Request":["PUT /decoy HTTP/1.1"],"Downstreamstatus":["499"],"Remote-User":["root"],"Body-Bytes-Sent":["9"],"Request-Time":["9"],"User-Agent":["curl/8.5.0"]},"remote_ip":"10.0.0.7","client_ip":"198.51.100.7","proto":"HTTP/1.1","method":"GET","host":"shop.example","uri":"/gone"},"bytes_read":0,"user_id":"","duration":0.02,"size":7,"status":404,"resp_headers":{"Server":["Caddy"]}}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 7,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/gone"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(20),
            start_millis: Some(1_795_269_909_230),
            ..SampleRecord::BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
