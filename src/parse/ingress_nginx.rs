//! `ingress-nginx`: what the ingress controller of Kubernetes writes.

use super::clf;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "ingress-nginx",
    summary: "combined, then the log of Kubernetes' ingress-nginx: 80 0.004 [upstream] [] address …",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(clf::Shapes::new(&[clf::INGRESS_NGINX])),
};

const EXPLAIN: &str = "\
The default of the ingress controller of the Kubernetes project (that of F5 writes main). The
request time, the servers that were tried, their statuses and the id of the request are read.

    $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent
    \"$http_referer\" \"$http_user_agent\" $request_length $request_time [$proxy_upstream_name]
    [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length
    $upstream_response_time $upstream_status $req_id";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 13 "-" "curl/8.5.0" 80 0.004 [default-web-5678] [] 10.0.0.9:5678 13 0.003 200 c99400a4db42e32187a3cbda00920e41"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 13,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(4),
            start_millis: Some(1795269908996),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - ann [21/Nov/2026:14:05:09 +0000] "GET /none HTTP/2.0" 404 150 "https://shop.example/" "Mozilla/5.0" 512 2.010 [shop-web-80] [] 10.0.0.9:80, 10.0.0.10:80 0, 150 2.000, 0.010 504, 404 0f3bb2a4db42e32187a3cbda00920e41"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 150,
            client: "198.51.100.7",
            user: Some("ann"),
            method: Some("GET"),
            target: Some("/none"),
            referer: Some("https://shop.example/"),
            agent: Some("Mozilla/5.0"),
            latency_millis: Some(2010),
            start_millis: Some(1795269906990),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "\x16\x03\x01" 400 150 "-" "-" 0 0.081 [] [] - - - - 4cd7b2a4db42e32187a3cbda00920e41"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 150,
            client: "198.51.100.7",
            latency_millis: Some(81),
            start_millis: Some(1795269908919),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /report HTTP/1.1" 499 0 "-" "app/1.0" 123 5.001 [shop-web-80] [] 10.0.0.7:8080 0 5.000 - 77d7b2a4db42e32187a3cbda00920e41"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/report"),
            agent: Some("app/1.0"),
            latency_millis: Some(5001),
            start_millis: Some(1795269903999),
            abort: Some("499"),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - [198.51.100.7] - - [21/Nov/2026:14:05:09 +0000] "GET /old HTTP/1.1" 404 19 "-" "curl/8.5.0" 80 0.001 [upstream-default-backend] 10.0.0.9:8080 19 0.001 404"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 19,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/old"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(1),
            start_millis: Some(1795269908999),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
