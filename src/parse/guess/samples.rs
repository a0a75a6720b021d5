//! Lines that show what can be told of a line in no format.

use crate::parse::{Sample, SampleRecord};

pub const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"[2026-11-21 14:05:09.150624] [origin:shop.example] [client: 198.51.100.7] [useragent: Mozilla/5.0 (X11)] POST /xmlrpc.php 404"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("POST"),
            target: Some("/xmlrpc.php"),
            agent: Some("Mozilla/5.0 (X11)"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] 198.51.100.7 "GET /t/a.jpeg HTTP/1.1" 499 0 7013 "https://shop.example/" "curl/8.5.0" 0.138"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/t/a.jpeg"),
            referer: Some("https://shop.example/"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(138),
            abort: Some("499"),
            ..BLANK
        },
    },
    Sample {
        line: br#"[21/Nov/2026:14:05:09 +0000] 0.811 198.51.100.7 "\x16\x03\x02\x01o\x01" 400 122 282 - -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 122,
            client: "198.51.100.7",
            ..BLANK
        },
    },
    Sample {
        line: b"2026-11-21T14:05:09.123+00:00|2001:db8::7|GET /a?b=1 HTTP/2.0|200|512|-|Mozilla/5.0 (X11; Linux)",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 512,
            client: "2001:db8::7",
            method: Some("GET"),
            target: Some("/a?b=1"),
            agent: Some("Mozilla/5.0 (X11; Linux)"),
            ..BLANK
        },
    },
    Sample {
        line: br#"1795269909.123,198.51.100.7,"HEAD","/","-",301,0"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "301",
            client: "198.51.100.7",
            method: Some("HEAD"),
            target: Some("/"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
