//! `csv2mysql`: comma-separated values as WillTheFarmer's importers for MySQL want them, of Apache and
//! of nginx.

use memchr::memchr;

use super::marks::Line;
use super::words::{host_alone, joined, optional, request, whole_number};
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools, field};
use crate::record::{Extra, Record, Said, Skip, Stamp, Status, Upstream};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "csv2mysql",
    summary: "comma-separated: host, port, client ... [time] ... status, method, path, query, referer, agent",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

// README of WillTheFarmer/apache-logs-to-mysql, and its configuration for nginx.
const EXPLAIN: &str = "\
    LogFormat \"%v,%p,%h,%l,%u,%t,%I,%O,%S,%B,%{ms}T,%D,%^FB,%>s,\\\"%H\\\",\\\"%m\\\",\\\"%U\\\",\\\"%q\\\",
               \\\"%{Referer}i\\\",\\\"%{User-Agent}i\\\",\\\"%{VARNAME}C\\\",%L\" csv2mysql

    log_format csv2mysql '$host,$server_port,$remote_addr,$remote_user,$remote_user,'
                         '[$time_local],$request_length,$bytes_sent,$upstream_addr,'
                         '$body_bytes_sent,$request_time,$request_time,$upstream_response_time,'
                         '$status,\"$server_protocol\",\"$request_method\",\"$uri\",\"$args\",'
                         '\"$http_referer\",\"$http_user_agent\",\"$cookie_VARNAME\",$request_id';

As log-files-to-mysql reads it, of Apache or nginx. Apache stamps the start, nginx the end: the line does
not say which of them wrote it. Paths are those that the server found ($uri), not those that were asked
for. A request that was no HTTP has '-' in the place of its method.";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let (front, rest) = split_at(line.text, b",[").ok_or(Skip::NoFormat)?;
    let mut front = front.splitn(4, |&byte| byte == b',');
    let mut next = || front.next().filter(|word| !word.contains(&b' '));
    let host = next().ok_or(Skip::NoFormat)?;
    let _port = next().and_then(whole_number).ok_or(Skip::NoFormat)?;
    let client = next().ok_or(Skip::NoFormat)?;
    let names = front.next().ok_or(Skip::NoFormat)?;
    // nginx has the user in both places, and it may hold commas.
    let (first, second) = names.split_at(names.len() / 2);
    let user = match second.strip_prefix(b",") {
        Some(second) if second == first => second,
        _ => split_at(names, b",").ok_or(Skip::NoFormat)?.1,
    };
    let (stamp, rest) = split_at(rest, b"],").ok_or(Skip::NoFormat)?;
    let quotes = memchr(b'"', rest).ok_or(Skip::NoFormat)?;
    let (numbers, mut quoted) = rest.split_at(quotes);
    // An upstream that was tried twice has two addresses and two times: commas are in both.
    let numbers: smallvec::SmallVec<[&[u8]; 16]> = numbers.split(|&byte| byte == b',').collect();
    let [_received, _sent, middle @ .., status, b""] = &numbers[..] else {
        return Err(Skip::NoFormat);
    };
    let upstreams = middle.len().checked_sub(3).ok_or(Skip::NoFormat)? / 2;
    let (addresses, middle) = middle.split_at(upstreams);
    let [bytes, taken, _taken, upstream_times @ ..] = middle else { return Err(Skip::NoFormat) };
    let status = Status::parse(status).ok_or(Skip::NoFormat)?;
    let time = tools.state.clock.read(stamp).ok_or(Skip::BadTime)?;
    let mut next = || {
        let (text, behind) = next_quoted(quoted)?;
        quoted = behind;
        Some(text)
    };
    let (_protocol, method, path, query) = (next(), next(), next(), next());
    let (referer, agent, _cookie) = (next(), next(), next());
    let (method, path) = (method.ok_or(Skip::Cut)?, path.ok_or(Skip::Cut)?);
    let request_id = quoted.strip_prefix(b",").filter(|id| !id.is_empty());
    // nginx writes seconds with their fraction, Apache milliseconds.
    let millis = |text: &[u8]| whole_number(text).or_else(|| field::seconds(text));
    let addresses = addresses.first().zip(addresses.last()).map(|(first, last)| {
        let start = first.as_ptr() as usize - rest.as_ptr() as usize;
        let end = last.as_ptr() as usize - rest.as_ptr() as usize + last.len();
        &rest[start..end]
    });
    Ok(Said::Request(Record {
        time,
        status,
        bytes: whole_number(bytes).unwrap_or(0),
        client,
        host: optional(host).map(host_alone),
        user: optional(user),
        request: request(method, joined(path, query.unwrap_or(b"-"), tools.arena)),
        referer: referer.and_then(optional),
        agent: agent.and_then(optional),
        forwarded: None,
        latency_millis: millis(taken),
        extra: Extra {
            request_id: request_id.and_then(optional),
            upstream: Upstream {
                // Apache has a number of bytes in their place.
                addresses: addresses.filter(|text| text.contains(&b':')),
                statuses: None,
                response_millis: upstream_times.iter().try_fold(0_u64, |sum, text| {
                    sum.checked_add(field::seconds(text.trim_ascii())?)
                }),
            },
            ..Extra::NONE
        },
    }))
}

fn split_at<'a>(text: &'a [u8], between: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(text, between)?;
    Some((&text[..at], &text[at + between.len()..]))
}

/// `"text"` or `,"text"`, up to a quote that has a comma or the end behind it; a quote behind a
/// backslash is part of the text.
fn next_quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b",").unwrap_or(text).strip_prefix(b"\"")?;
    let is_closed = |&at: &usize| {
        let backslashes = inside[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
        matches!(inside.get(at + 1), None | Some(b',')) && backslashes % 2 == 0
    };
    let end = memchr::memchr_iter(b'"', inside).find(is_closed)?;
    Some((&inside[..end], &inside[end + 1..]))
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"shop.example,443,198.51.100.7,-,-,[21/Nov/2026:14:05:09 +0000],631,2421,127.0.0.1:3000,2080,0.011,0.011,0.007,200,"HTTP/1.1","GET","/index.html","a=1","https://shop.example/","Mozilla/5.0 (X11, Linux)","-",be6c8cdbc0ee82eac004ca8ed8ad7569"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 2080,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/index.html?a=1"),
            referer: Some("https://shop.example/"),
            agent: Some("Mozilla/5.0 (X11, Linux)"),
            latency_millis: Some(11),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example,80,2001:db8::7,jane,jane,[21/Nov/2026:14:05:09 +0000],214,324,127.0.0.1:3000, 127.0.0.1:3001,134,1.000,1.000,0.500, 0.498,404,"HTTP/2.0","GET","/old","-","-","curl/8.5.0","-",2d006212077dcdf21449417b730f998f"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 134,
            client: "2001:db8::7",
            host: Some("shop.example"),
            user: Some("jane"),
            method: Some("GET"),
            target: Some("/old"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(1000),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example,443,198.51.100.7,-,-,[21/Nov/2026:14:05:09 +0000],0,295,-,150,0.135,0.135,-,400,"-","-","-","-","-","-","-",162ccf25589dea2ac6928a80affbef50"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 150,
            client: "198.51.100.7",
            host: Some("shop.example"),
            latency_millis: Some(135),
            ..BLANK
        },
    },
    Sample {
        line: br#"shop.example,443,198.51.100.7,-,jane,[21/Nov/2026:14:05:09 +0000],431,5120,5551,4889,2,2107,1980,403,"HTTP/1.1","POST","/admin/","?q=\"x\",y","-","-","-",-"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "403",
            bytes: 4889,
            client: "198.51.100.7",
            host: Some("shop.example"),
            user: Some("jane"),
            method: Some("POST"),
            target: Some("/admin/?q=\\\"x\\\",y"),
            latency_millis: Some(2),
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;
