//! `stern`: what the program of that name prints of the pods of a cluster.

use super::syslog::word;
use super::{Content, Envelope, EnvelopeSample, Inside, Trust};
use crate::parse::Tools;

/// See [`Envelope`]. Two words stand before many a line: these only where the rest is read then. The
/// form is that of stern's default template.
pub const ENVELOPE: Envelope = Envelope {
    id: "stern",
    summary: "stern: pod and container before a line that is read then",
    trust: Trust::WhereItFits,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], _: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let (pod, rest) = word(text);
    let (container, inside) = word(rest);
    let is_of_name =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let is_name = |name: &[u8]| {
        !name.is_empty() && name.iter().all(is_of_name) && name.iter().any(u8::is_ascii_lowercase)
    };
    (is_name(pod) && is_name(container)).then(|| Content::of(Inside::Slice(inside)))
}

const SAMPLES: &[EnvelopeSample] = &[EnvelopeSample {
    line: br#"web-5d9c-x2 nginx 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
    inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
    time: None,
}];
