//! `ltsv`: labelled tab-separated values, <http://ltsv.org>.

use super::field;
use super::keyed::{Fact, Facts, Meaning, Product, Value, lookup};
use super::marks::Line;
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Said, Skip, Stamp};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "ltsv",
    summary: "label:value, separated by tabs, by the names of the labels",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
Labelled tab-separated values (ltsv.org), with the labels recommended there (time, host, req, status,
size, reqtime, apptime, ua, vhost, forwardedfor) and all others that JSON logs are known by. host is the
client there, where no other label is.

    log_format ltsv 'time:$time_iso8601\\thost:$remote_addr\\treq:$request\\tstatus:$status'
                    '\\tsize:$body_bytes_sent\\treqtime:$request_time\\tua:$http_user_agent';";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let mut facts = Facts::default();
    let (mut fields, mut labelled) = (0, 0);
    for pair in line.text.split(|&byte| byte == b'\t') {
        fields += 1;
        let Some(colon) = memchr::memchr(b':', pair) else { continue };
        let label = &pair[..colon];
        if label.is_empty() || !label.iter().all(is_label_byte) {
            continue;
        }
        labelled += 1;
        let value = &pair[colon + 1..];
        if label == b"host" && field::is_address(field::plain_host(value)) {
            facts.put(CLIENT, Value::Plain(value));
        } else if let Some(meaning) = lookup(label, tools.state.forwarded()) {
            facts.put(meaning, Value::Plain(value));
        }
    }
    if labelled < 3 || labelled != fields {
        return Err(Skip::NoFormat);
    }
    facts.record(tools).map(Said::Request)
}

/// What `host` is here, unlike elsewhere.
const CLIENT: Meaning = Meaning { fact: Fact::Client, rank: 9, product: Product::Other };

fn is_label_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: b"time:[21/Nov/2026:14:05:09 +0000]\thost:198.51.100.7\treq:GET /old HTTP/1.1\tstatus:404\tsize:153\treqtime:0.004\tua:curl/8.5.0\treferer:-\tvhost:shop.example",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(4),
            ..BLANK
        },
    },
    Sample {
        line: b"time:2026-11-21T14:05:09+00:00\tmethod:POST\turi:/foo?token=x\tstatus:200\tsize:12\tapptime:0.057\tua:UA1",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 12,
            client: "-",
            method: Some("POST"),
            target: Some("/foo?token=x"),
            agent: Some("UA1"),
            latency_millis: Some(57),
            ..BLANK
        },
    },
    Sample {
        line: b"remote_host:198.51.100.7\tremote_logname:-\tremote_user:ann\tdatetime:[21/Nov/2026:14:05:09 +0000]\trequest:\\x16\\x03\tstatus:400\tsize:0\treferer:-\tuser_agent:-",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 0,
            client: "198.51.100.7",
            user: Some("ann"),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
