//! `cloudfront`: the standard and the real-time logs of Amazon CloudFront.

use super::marks::Line;
use super::w3c::{Writer, read_columns, take_directive};
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Said, Skip, Stamp};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "cloudfront",
    summary: "Amazon CloudFront standard logs, by their #Fields or without; real-time logs",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    #Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
             cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type ...

Tabs are between the columns, which are those of the #Fields line, or the documented ones where none
is there (files that were joined and sorted). Times are UTC and tell when the response was finished;
lines are not in the order of time. The host is x-host-header, what the viewer asked for, or cs(Host), the
distribution's. Agents are percent-decoded once: old logs have them encoded twice. Status 000 says that
the viewer left before the response (cloudfront-000). time-taken counts seconds.";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    if line.text.first() == Some(&b'#') {
        take_directive(line.text, tools.state);
        return Err(Skip::Header);
    }
    read_columns(line.text, Writer::Cloudfront, tools)
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: b"2026-11-21\t14:05:09\tFRA56-P2\t703\t198.51.100.7\tGET\td111111abcdef8.cloudfront.example\t/a/b.html\t200\thttps://shop.example/\tMozilla/5.0%20(X11;%20Linux%20x86_64)\tq=1&r=%2520\t-\tHit\tr5bC3wn_x==\twww.shop.example\thttps\t62\t0.113\t203.0.113.9\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-\t51754\t0.113\tHit\ttext/html\t20\t-\t-",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 703,
            client: "198.51.100.7",
            host: Some("www.shop.example"),
            method: Some("GET"),
            target: Some("/a/b.html?q=1&r=%2520"),
            referer: Some("https://shop.example/"),
            agent: Some("Mozilla/5.0 (X11; Linux x86_64)"),
            forwarded: Some("203.0.113.9"),
            latency_millis: Some(113),
            start_millis: Some(1_795_269_908_887),
            ..BLANK
        },
    },
    Sample {
        line: b"2026-11-21\t14:05:09\tDFW3\t553\t2001:db8::7\tGET\td111111abcdef8.cloudfront.example\t/old\t404\t-\tMozilla/5.0%2520(X11)\t-",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 553,
            client: "2001:db8::7",
            host: Some("d111111abcdef8.cloudfront.example"),
            method: Some("GET"),
            target: Some("/old"),
            agent: Some("Mozilla/5.0%20(X11)"),
            ..BLANK
        },
    },
    Sample {
        line: b"2026-11-21\t14:05:09\tSFO5-C1\t0\t198.51.100.7\tGET\td111111abcdef8.cloudfront.example\t/big.zip\t000\t-\tcurl/8.5.0\t-\t-\tError\tr5bC3wn_y==\tshop.example\thttps\t62\t30.001\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\tHTTP/2.0\t-\t-\t51754\t30.001\tClientCommError\t-\t-\t-\t-",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "000",
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/big.zip"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(30_001),
            start_millis: Some(1_795_269_878_999),
            abort: Some("cloudfront-000"),
            ..BLANK
        },
    },
    Sample {
        line: b"1795269909.734\t198.51.100.7\t0.002\t403\t1045\tGET\thttps\tshop.example\t/wp-login.php?a=1\t48\tLAX50-P1\tr5bC3wn_z==\tshop.example\t0.002\tHTTP/1.1\tIPv4\tcurl/8.5.0\t-\t-",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "403",
            bytes: 1045,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/wp-login.php?a=1"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(2),
            start_millis: Some(1_795_269_909_732),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
