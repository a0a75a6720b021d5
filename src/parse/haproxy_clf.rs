//! `haproxy-clf`: HAProxy's log with `option httplog clf`.

use super::clf;
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "haproxy-clf",
    summary: "HAProxy with option httplog clf: common, two empty fields, then port, names, timers, state",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(clf::Shapes::new(&[clf::HAPROXY])),
};

const EXPLAIN: &str = "\
HAProxy's log in the shape of the common log format. The time is that at which the request
began. The fields in the places of referer and user agent are always empty. A state that begins
with C or c says that the client left or did not send its request in time.

    option httplog clf";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET / HTTP/1.1" 200 474 "" "" 48464 100 "http-in" "web" "s1" 0 0 1 2 3 ---- 2 2 0 0 0 0 0 "" "" "#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 474,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/"),
            latency_millis: Some(3),
            start_millis: Some(1795269909100),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "GET /none?b=#22x#22 HTTP/1.1" 404 474 "" "" 48480 7 "http-in" "web" "s1" 0 0 0 0 0 ---- 1 1 0 0 0 0 0 "" "" "Mozilla/5.0 (#22q#22)""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 474,
            client: "192.0.2.1",
            method: Some("GET"),
            target: Some("/none?b=#22x#22"),
            latency_millis: Some(0),
            start_millis: Some(1795269909007),
            ..BLANK
        },
    },
    Sample {
        line: br#"192.0.2.1 - - [21/Nov/2026:14:05:09 +0000] "<BADREQ>" 408 0 "" "" 48586 154 "http-in" "http-in" "<NOSRV>" -1 -1 -1 -1 1001 cR-- 1 1 0 0 0 0 0 "" """#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "408",
            bytes: 0,
            client: "192.0.2.1",
            latency_millis: Some(1001),
            start_millis: Some(1795269909154),
            abort: Some("haproxy-c"),
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::1 - - [21/Nov/2026:14:05:09 +0000] "GET /big HTTP/1.1" 200 178448 "" "" 48590 155 "http-in" "web" "s1" 0 0 0 0 20 CD-- 1 1 0 0 0 0 0 "" """#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 178448,
            client: "2001:db8::1",
            method: Some("GET"),
            target: Some("/big"),
            latency_millis: Some(20),
            start_millis: Some(1795269909155),
            abort: Some("haproxy-c"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
