//! `aws-alb`: the access log of an AWS Application Load Balancer.

use super::marks::Line;
use super::words::{Words, host_alone, instant, optional, url_host, whole_number, without_port};
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools, field};
use crate::record::{Abort, Extra, Record, Request, Said, Skip, Stamp, Status, Upstream};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "aws-alb",
    summary: "AWS Application Load Balancer; 460 says that the client left",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    type time elb client:port target:port request_processing_time target_processing_time
    response_processing_time elb_status_code target_status_code received_bytes sent_bytes \"request\"
    \"user_agent\" ssl_cipher ssl_protocol target_group_arn \"trace_id\" \"domain_name\" ...

Fields that AWS puts behind these are passed over. The time is UTC and tells when the response was made;
the request time is the sum of the three times or, where one is -1, counted from
request_creation_time. The host is domain_name, or that of the URL. Status 460 says that the client left
(alb-460).";

/// The listeners of requests (Elastic Load Balancing guide, "Access log entries").
const TYPES: [&[u8]; 6] = [b"http ", b"https ", b"h2 ", b"grpcs ", b"ws ", b"wss "];

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let kind = TYPES.iter().find(|kind| line.text.starts_with(kind)).ok_or(Skip::NoFormat)?;
    let mut words = Words::new(&line.text[kind.len()..]);
    let stamp = words.next().filter(|word| word.ends_with(b"Z")).ok_or(Skip::NoFormat)?;
    let is_balancer = |word: &&[u8]| word.starts_with(b"app/") || word.contains(&b'/');
    words.next().filter(is_balancer).ok_or(Skip::NoFormat)?;
    let (time, stamp_millis) = instant(stamp, &mut tools.state.clock).ok_or(Skip::BadTime)?;
    let mut next = || words.next();
    let (client, target) = (next().ok_or(Skip::Cut)?, next().ok_or(Skip::Cut)?);
    let taken = [next(), next(), next()];
    let status = next().ok_or(Skip::Cut)?;
    let status = Status::parse(status).ok_or(Skip::NoFormat)?;
    let (target_status, _received, sent) = (next(), next(), next());
    let request = next().ok_or(Skip::Cut)?;
    let agent = next();
    let [
        _cipher,
        _protocol,
        _group,
        trace,
        domain,
        _certificate,
        _rule,
        created,
        _actions,
        redirect,
    ] = std::array::from_fn(|_| next());
    let end_millis = u64::from(time) * 1_000 + u64::from(stamp_millis.unwrap_or(0));
    let since_created = || {
        let (second, millis) = instant(created?, &mut tools.state.clock)?;
        end_millis.checked_sub(u64::from(second) * 1_000 + u64::from(millis.unwrap_or(0)))
    };
    let request = match Request::new(request) {
        // `- http://host:80- -`
        Request { line, parts: Some((b"-", _)) } => Request { line, parts: None },
        request => request,
    };
    let given = |word: Option<&'a [u8]>| word.and_then(optional);
    Ok(Said::Request(Record {
        time,
        status,
        bytes: sent.and_then(whole_number).unwrap_or(0),
        client: without_port(client),
        host: given(domain).map(host_alone).or_else(|| url_host(request.target()?)),
        user: None,
        request,
        referer: None,
        agent: given(agent),
        forwarded: None,
        latency_millis: sum_millis(taken).or_else(since_created),
        extra: Extra {
            stamp: Stamp::End,
            stamp_millis,
            abort: (status == Status::from_code(460)).then_some(Abort::Alb460),
            request_id: given(trace),
            location: given(redirect),
            upstream: Upstream {
                addresses: optional(target),
                statuses: given(target_status),
                response_millis: taken[1].and_then(field::seconds),
            },
            ..Extra::NONE
        },
    }))
}

/// The sum of times in seconds; `None` where one of them is -1, which says that there is none.
pub fn sum_millis(taken: [Option<&[u8]>; 3]) -> Option<u64> {
    let millis = |text: &[u8]| {
        // Each has up to six decimals, and what they are short of a millisecond counts in the sum.
        let whole = field::seconds(text)?;
        let point = text.iter().position(|&byte| byte == b'.').unwrap_or(text.len());
        let micros = text[point..].iter().skip(4).take(3);
        let places = [100, 10, 1];
        let micros = micros.zip(places).map(|(digit, place)| u64::from(digit - b'0') * place);
        whole.checked_mul(1_000)?.checked_add(micros.sum())
    };
    let sum = taken.into_iter().try_fold(0_u64, |sum, text| sum.checked_add(millis(text?)?))?;
    Some(sum / 1_000)
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"https 2026-11-21T14:05:09.186641Z app/shop/50dc6c495c0c9188 198.51.100.7:44740 192.0.2.1:80 0.086 0.048 0.037 200 200 34 366 "GET https://www.shop.example:443/a?b=1 HTTP/2.0" "curl/8.5.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.shop.example" "arn:aws:acm:eu-central-1:123456789012:certificate/12345678" 1 2026-11-21T14:05:09.015000Z "forward" "-" "-" "192.0.2.1:80" "200" "-" "-" TID_1234abcd"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 366,
            client: "198.51.100.7",
            host: Some("www.shop.example"),
            method: Some("GET"),
            target: Some("https://www.shop.example:443/a?b=1"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(171),
            start_millis: Some(1_795_269_909_015),
            ..BLANK
        },
    },
    Sample {
        line: br#"http 2026-11-21T14:05:09.186641Z app/shop/50dc6c495c0c9188 [2001:db8::7]:44740 - -1 -1 -1 460 - 204 0 "POST http://shop.example:80/export HTTP/1.1" "-" - - arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-11-21T14:04:39.186000Z "forward" "-" "-" "-" "-" "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "460",
            client: "2001:db8::7",
            host: Some("shop.example"),
            method: Some("POST"),
            target: Some("http://shop.example:80/export"),
            latency_millis: Some(30_000),
            start_millis: Some(1_795_269_879_186),
            abort: Some("alb-460"),
            ..BLANK
        },
    },
    Sample {
        line: br#"http 2026-11-21T14:05:09.186641Z app/shop/50dc6c495c0c9188 198.51.100.7:44740 - -1 -1 -1 400 - 0 272 "- http://shop-1234.elb.example:80- -" "-" - - - "-" "-" "-" - 2026-11-21T14:05:09.186000Z "-" "-" "-" "-" "-" "-" "-""#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 272,
            client: "198.51.100.7",
            latency_millis: Some(0),
            start_millis: Some(1_795_269_909_186),
            ..BLANK
        },
    },
    Sample {
        line: br#"h2 2026-11-21T14:05:09.186641Z app/shop/50dc6c495c0c9188 198.51.100.7:44740 192.0.2.1:80 0.000 0.001 0.000 404 404 34 366 "GET https://shop.example:443/a%22b HTTP/2.0" "cut \"agent"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 366,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("https://shop.example:443/a%22b"),
            agent: Some("cut \\\"agent"),
            latency_millis: Some(1),
            start_millis: Some(1_795_269_909_185),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_times_are_one_where_all_are_there() {
        let sum = |times: [&'static str; 3]| sum_millis(times.map(|time| Some(time.as_bytes())));
        assert_eq!(sum(["0.086", "0.048", "0.037"]), Some(171));
        assert_eq!(sum(["0.000073", "0.001048", "0.000957"]), Some(2));
        assert_eq!(sum(["0.000", "-1", "0.000"]), None);
        assert_eq!(sum_millis([Some(b"0.1"), None, None]), None);
    }
}
