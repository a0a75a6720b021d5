//! `aws-s3`: the server access log of Amazon S3.

use super::marks::Line;
use super::words::{Words, host_alone, optional, whole_number};
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Extra, Record, Request, Said, Skip, Stamp, Status};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "aws-s3",
    summary: "Amazon S3 server access log, old and new",
    explain: EXPLAIN,
    stamp: Stamp::Start,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    owner bucket [time] remote_ip requester request_id operation key \"request\" status error_code
    bytes_sent object_size total_time turn_around_time \"referer\" \"user_agent\" version_id host_id
    signature cipher authentication host_header tls_version ...

Fields that AWS puts behind these are passed over, and old logs have fewer. The time tells when the
request came in, total_time counts milliseconds, and the user is the requester. What S3 did of itself
(S3.EXPIRE.OBJECT) and the objects of one deletion of many (BATCH.DELETE.OBJECT) are no requests.";

/// An owner is named by so many digits (Amazon S3 user guide, "canonical user ID").
const OWNER_BYTES: usize = 64;

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    let owner = line.text.split(|&byte| byte == b' ').next().unwrap_or_default();
    let is_owner = owner.len() == OWNER_BYTES && owner.iter().all(u8::is_ascii_hexdigit);
    if !is_owner && owner != b"-" {
        return Err(Skip::NoFormat);
    }
    let mut words = Words::new(line.text);
    let (_owner, _bucket) = (words.next(), words.next());
    let stamp = words.bracketed().ok_or(if is_owner { Skip::Cut } else { Skip::NoFormat })?;
    let mut next = || words.next();
    let client = next();
    let (requester, request_id, operation, _key) = (next(), next(), next(), next());
    let is_operation = |word: &&[u8]| {
        word.contains(&b'.')
            && word.iter().all(|byte| byte.is_ascii_uppercase() || b"._0123456789".contains(byte))
    };
    let cut = if is_owner { Skip::Cut } else { Skip::NoFormat };
    let operation = operation.ok_or(cut)?;
    if !is_operation(&operation) {
        return Err(Skip::NoFormat);
    }
    let time = tools.state.clock.read(stamp).ok_or(Skip::BadTime)?;
    let request = next().ok_or(cut)?;
    if request == b"-" && (operation.starts_with(b"S3.") || operation.starts_with(b"BATCH.")) {
        return Err(Skip::NoRequest);
    }
    let status = Status::parse(next().ok_or(cut)?).ok_or(Skip::NoFormat)?;
    let [_error, sent, _size, total, _turn, referer, agent] = std::array::from_fn(|_| next());
    let [_version, _id, _signature, _cipher, _authentication, host] =
        std::array::from_fn(|_| next());
    let given = |word: Option<&'a [u8]>| word.and_then(optional);
    Ok(Said::Request(Record {
        time,
        status,
        bytes: sent.and_then(whole_number).unwrap_or(0),
        client: client.unwrap_or(b"-"),
        host: given(host).map(host_alone),
        user: given(requester),
        request: Request::new(request),
        referer: given(referer),
        agent: given(agent),
        forwarded: None,
        latency_millis: total.and_then(whole_number),
        extra: Extra { stamp: Stamp::Start, request_id: given(request_id), ..Extra::NONE },
    }))
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop-assets [21/Nov/2026:14:05:09 +0000] 198.51.100.7 arn:aws:iam::123456789012:user/jane 3E57427F3EXAMPLE REST.GET.OBJECT a/b.png "GET /a/b.png?x=1 HTTP/1.1" 200 - 113 2662992 7 5 "https://shop.example/" "S3Console/0.4, aws-sdk" - s9lzHYrFp76Z= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader shop-assets.s3.example TLSv1.2 - -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            bytes: 113,
            client: "198.51.100.7",
            host: Some("shop-assets.s3.example"),
            user: Some("arn:aws:iam::123456789012:user/jane"),
            method: Some("GET"),
            target: Some("/a/b.png?x=1"),
            referer: Some("https://shop.example/"),
            agent: Some("S3Console/0.4, aws-sdk"),
            latency_millis: Some(7),
            start_millis: Some(1_795_269_909_000),
            ..BLANK
        },
    },
    Sample {
        line: br#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop-assets [21/Nov/2026:14:05:09 +0000] 2001:db8::7 - A1206F460EXAMPLE REST.GET.BUCKETPOLICY - "GET /shop-assets?policy HTTP/1.1" 404 NoSuchBucketPolicy 297 - 38 - "-" "S3Console/0.4" -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 297,
            client: "2001:db8::7",
            method: Some("GET"),
            target: Some("/shop-assets?policy"),
            agent: Some("S3Console/0.4"),
            latency_millis: Some(38),
            start_millis: Some(1_795_269_909_000),
            ..BLANK
        },
    },
    Sample {
        line: br#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop-assets [21/Nov/2026:14:05:09 +0000] 198.51.100.7 - 7B4A0FABBEXAMPLE REST.PUT.OBJECT a.zip "PUT /a.zip HTTP/1.1" 400 RequestTimeout 282 -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 282,
            client: "198.51.100.7",
            method: Some("PUT"),
            target: Some("/a.zip"),
            start_millis: Some(1_795_269_909_000),
            ..BLANK
        },
    },
    Sample {
        line: br#"- shop-assets [21/Nov/2026:14:05:09 +0000] 198.51.100.7 - 7B4A0FABBEXAMPLE REST.UNKNOWN.OBJECT - "-" 400 BadRequest 282 - 3 - "-" "-" -"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 282,
            client: "198.51.100.7",
            latency_millis: Some(3),
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
    fn what_s3_does_of_itself_and_cut_lines_are_no_requests() {
        let (mut state, arena) = (State::default(), Bump::new());
        let mut tools = Tools { arena: &arena, state: &mut state };
        let mut read = |line: &'static [u8]| text(line, &[&FORMAT], &mut tools).map(|_| ());
        let line = br#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop [21/Nov/2026:14:05:09 +0000] - AmazonS3 7B4A0FABBEXAMPLE S3.EXPIRE.OBJECT old.log "-" - - - 1024 - - "-" "-" -"#;
        assert_eq!(read(line), Err(Skip::NoRequest));
        for length in [64, 80, 100, 117] {
            assert_eq!(read(&line[..length]), Err(Skip::Cut), "{length}");
        }
    }
}
