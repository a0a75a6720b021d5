//! `tag`: a host and a tag without a time, as what syslog passed on stands in a field of JSON.

use super::syslog::{tag, word};
use super::{Content, Envelope, EnvelopeSample, Inside, Trust};
use crate::parse::Tools;

/// See [`Envelope`].
pub const ENVELOPE: Envelope = Envelope {
    id: "tag",
    summary: "a host and a tag without a time: web nginx[123]: ",
    trust: Trust::WhereItFits,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], _: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let (host, behind) = word(text);
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    if host.is_empty() || !host.iter().all(is_of_name) {
        return None;
    }
    let (second, inside) = word(behind);
    // No program is called by a number: `2001:` is a piece of an address.
    let tag = tag(second).filter(|name| name.iter().any(u8::is_ascii_alphabetic))?;
    Some(Content { tag: Some(tag), ..Content::of(Inside::Slice(inside)) })
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"web.0 nginx: 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: None,
    },
    EnvelopeSample {
        line: br#"web nginx[12]: 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: None,
    },
];
