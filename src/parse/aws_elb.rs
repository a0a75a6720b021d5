//! `aws-elb`: the access log of an AWS Classic Load Balancer.

use super::aws_alb::sum_millis;
use super::marks::Line;
use super::words::{Words, instant, optional, url_host, whole_number, without_port};
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools, field};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status, Upstream};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "aws-elb",
    summary: "AWS Classic Load Balancer",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    timestamp elb client:port backend:port request_processing_time backend_processing_time
    response_processing_time elb_status_code backend_status_code received_bytes sent_bytes \"request\"
    \"user_agent\" ssl_cipher ssl_protocol

The time is UTC and tells when the request came in. The host is that of the URL. Connections to TCP
listeners are no requests.";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', ..] = line.text else {
        return Err(Skip::NoFormat);
    };
    let mut words = Words::new(line.text);
    let mut next = || words.next();
    let stamp = next().filter(|word| word.ends_with(b"Z")).ok_or(Skip::NoFormat)?;
    let (time, stamp_millis) = instant(stamp, &mut tools.state.clock).ok_or(Skip::NoFormat)?;
    let _balancer = next();
    let has_port = |word: &&[u8]| {
        word.rsplit(|&byte| byte == b':')
            .next()
            .is_some_and(|port| port.len() < word.len() && whole_number(port).is_some())
    };
    let client = next().filter(has_port).ok_or(Skip::NoFormat)?;
    let backend = next().filter(|word| *word == b"-" || has_port(word)).ok_or(Skip::NoFormat)?;
    let is_time = |word: &&[u8]| *word == b"-" || *word == b"-1" || field::seconds(word).is_some();
    let taken = [next(), next(), next()];
    if !taken.iter().flatten().all(is_time) {
        return Err(Skip::NoFormat);
    }
    let status = Status::parse(next().ok_or(Skip::Cut)?).ok_or(Skip::NoFormat)?;
    let (backend_status, _received, sent) = (next(), next(), next());
    let request = next().ok_or(Skip::Cut)?;
    if request.trim_ascii() == b"- - -" {
        return Err(Skip::NoRequest);
    }
    let request = match Request::new(request) {
        Request { line, parts: Some((b"-", _)) } => Request { line, parts: None },
        request => request,
    };
    Ok(Said::Request(Record {
        time,
        status,
        bytes: sent.and_then(whole_number).unwrap_or(0),
        client: without_port(client),
        host: request.target().and_then(url_host),
        user: None,
        request,
        referer: None,
        agent: next().and_then(optional),
        forwarded: None,
        latency_millis: sum_millis(taken),
        extra: Extra {
            stamp: Stamp::Start,
            stamp_millis,
            upstream: Upstream {
                addresses: optional(backend),
                statuses: backend_status.and_then(optional),
                response_millis: taken[1].and_then(field::seconds),
            },
            ..Extra::NONE
        },
    }))
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"2026-11-21T14:05:09.945958Z shop-balancer 198.51.100.7:2817 192.0.2.1:80 0.000073 0.001048 0.000957 200 200 0 29 "GET http://www.shop.example:80/a HTTP/1.1" "curl/8.5.0" - -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 29,
            client: "198.51.100.7",
            host: Some("www.shop.example"),
            method: Some("GET"),
            target: Some("http://www.shop.example:80/a"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(2),
            start_millis: Some(1_795_269_909_945),
            ..BLANK
        },
    },
    Sample {
        line: br#"2026-11-21T14:05:09.945958Z shop-balancer [2001:db8::7]:2817 - -1 -1 -1 503 0 0 0 "GET https://shop.example:443/ HTTP/1.1" "Mozilla/5.0 (X11)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "503",
            client: "2001:db8::7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("https://shop.example:443/"),
            agent: Some("Mozilla/5.0 (X11)"),
            start_millis: Some(1_795_269_909_945),
            ..BLANK
        },
    },
    Sample {
        line: br#"2026-11-21T14:05:09.945958Z shop-balancer 198.51.100.7:2817 192.0.2.1:80 0.000086 0.001048 0.001337 404 404 0 57 "HEAD http://shop.example:80/old?x=\"y HTTP/1.0""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 57,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("HEAD"),
            target: Some("http://shop.example:80/old?x=\\\"y"),
            latency_millis: Some(2),
            start_millis: Some(1_795_269_909_945),
            ..BLANK
        },
    },
    Sample {
        line: br#"2026-11-21T14:05:09Z shop-balancer 198.51.100.7:2817 - -1 -1 -1 400 0 0 0 "- http://shop-1234.elb.example:80- -" "-" - -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            client: "198.51.100.7",
            start_millis: Some(1_795_269_909_000),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::super::{State, text};
    use super::*;

    #[test]
    fn connections_are_no_requests() {
        let (mut state, arena) = (State::default(), Bump::new());
        let mut tools = Tools { arena: &arena, state: &mut state };
        let mut read = |line: &'static [u8]| text(line, &[&FORMAT], &mut tools).map(|_| ());
        let line = br#"2026-11-21T14:05:09.945958Z mail 198.51.100.7:2817 192.0.2.1:80 0.001069 0.000028 0.000041 - - 82 305 "- - - " "-" - -"#;
        assert_eq!(read(line), Err(Skip::NoRequest));
        assert_eq!(read(&line[..80]), Err(Skip::Cut));
        assert_eq!(read(&line[..40]), Err(Skip::NoFormat));
    }
}
