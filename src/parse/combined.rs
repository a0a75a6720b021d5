//! `combined`: what nginx and Apache write unless told otherwise.

use super::clf::{Host, Shape, Shapes, Tail};
use super::{Format, Reader, Sample, SampleRecord, Samples};
use crate::record::Stamp;

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "combined",
    summary: "client ident user [time] \"request\" status bytes \"referer\" \"agent\"",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Clf(SHAPES),
};

const SHAPES: Shapes = Shapes::new(&[Shape { host: Host::Nowhere, tail: Tail::Agent }]);

const EXPLAIN: &str = "\
The format of nginx where no other is set, of Apache on most distributions, and of
many servers after them (lighttpd, gunicorn, Caddy's transform-encoder).

    log_format combined '$remote_addr - $remote_user [$time_local] '
                        '\"$request\" $status $body_bytes_sent '
                        '\"$http_referer\" \"$http_user_agent\"';
    LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b \\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"\" combined

nginx writes a quote as \\x22 and any byte that is not printable ASCII as \\xHH, uppercase; Apache
writes \\\" and \\xhh, lowercase. Both are read. nginx stamps the end of a request, Apache its start.
A field that is empty and one that is - are told apart: \"\" was sent, - was not.";

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /old?x=1 HTTP/1.1" 404 153 "https://example.org/blog" "Mozilla/5.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/old?x=1"),
            referer: Some("https://example.org/blog"),
            agent: Some("Mozilla/5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - a b] [10/Oct/2000 [21/Nov/2026:14:05:09 +0000] "GET /nope HTTP/1.1" 404 555 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 555,
            client: "198.51.100.7",
            user: Some("a b] [10/Oct/2000"),
            method: Some("GET"),
            target: Some("/nope"),
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::1 - - [21/Nov/2026:14:05:09 +0000] "" 400 0 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 0,
            client: "2001:db8::1",
            ..BLANK
        },
    },
    Sample {
        line: br#"2001:db8::1 - - [21/Nov/2026:14:05:09 +0000] "-" 000 0 "-" "curl/8.5.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "000",
            bytes: 0,
            client: "2001:db8::1",
            agent: Some("curl/8.5.0"),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "\x16\x03\x01\x02\x00\x01" 400 157 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 157,
            client: "198.51.100.7",
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a b HTTP/1.1" 200 5 "" "\x22odd\x5C""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 5,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/a b"),
            referer: Some(""),
            agent: Some(r#"\x22odd\x5C"#),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - "" [21/Nov/2026:14:05:09 +0000] "GET /\" 200 1 \"x HTTP/1.1" 401 - "-" "say \"hi\" \\""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "401",
            bytes: 0,
            client: "198.51.100.7",
            user: Some(""),
            method: Some("GET"),
            target: Some(r#"/\" 200 1 \"x"#),
            agent: Some(r#"say \"hi\" \\"#),
            ..BLANK
        },
    },
    Sample {
        line: br#"198.51.100.7 - - [21/Nov/2026:19:35:09 +0530] "GET /up HTTP/1.1" 009 13 "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "009",
            bytes: 13,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/up"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
