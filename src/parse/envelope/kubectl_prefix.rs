//! `kubectl-prefix`: what `kubectl logs --prefix` prints.

use memchr::memchr;

use super::{Content, Envelope, EnvelopeSample, Inside, Trust};
use crate::parse::Tools;

/// See [`Envelope`]. The form is that of kubectl's `pkg/cmd/logs/logs.go` (`addPrefixIfNeeded`).
pub const ENVELOPE: Envelope = Envelope {
    id: "kubectl-prefix",
    summary: "kubectl logs --prefix: [pod/name/container] ",
    trust: Trust::Sure,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], _: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let behind = text.strip_prefix(b"[pod/")?;
    // No name holds a space.
    let space = memchr(b' ', behind)?;
    let names = behind[..space].strip_suffix(b"]")?;
    memchr(b'/', names)?;
    Some(Content::of(Inside::Slice(&behind[space + 1..])))
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"[pod/web-5d9c-x2/nginx] 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: None,
    },
    EnvelopeSample {
        line: br#"[pod/web-5d9c-x2/nginx] 2026-11-21T14:05:09.123456789Z 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        inside: br#"2026-11-21T14:05:09.123456789Z 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: None,
    },
];
