//! `cri`: the log files of containers under Kubernetes.

use super::parts::Stream;
use super::{Content, Envelope, EnvelopeSample, Inside, Trust, stamp};
use crate::parse::Tools;

/// See [`Envelope`]. The form is that of Kubernetes' CRI logging design
/// (`kuberuntime/logs/logs.go`, `parseCRILog`).
pub const ENVELOPE: Envelope = Envelope {
    id: "cri",
    summary: "Kubernetes: time, stdout or stderr, F or P for a part of a line",
    trust: Trust::Sure,
    strip,
    samples: SAMPLES,
};

fn strip<'a>(text: &'a [u8], tools: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let (time, rest) = stamp::iso(text, &mut tools.state.clock)?;
    let (name, rest) = rest.split_first_chunk::<7>()?;
    let [name @ .., b' '] = name else { return None };
    let stream = Stream::named(name)?;
    let (tag, rest) = rest.split_first()?;
    // Tags stand behind one another with colons between them; only the first is in use.
    let rest = match rest {
        [b':', ..] => &rest[rest.iter().position(|&byte| byte == b' ')?..],
        _ => rest,
    };
    let is_part = match tag {
        b'P' => true,
        b'F' => false,
        _ => return None,
    };
    // What is cut behind the tag is a line without text.
    let inside = if rest.is_empty() { rest } else { rest.strip_prefix(b" ")? };
    Some(Content { time, stream: Some(stream), is_part, ..Content::of(Inside::Slice(inside)) })
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"2026-11-21T14:05:09.123456789Z stdout F 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: Some("2026-11-21T14:05:09Z"),
    },
    EnvelopeSample {
        line: br#"2026-11-21T15:05:09.1+01:00 stderr P:x 2026/11/21 14:05:09 [error] 7#7: *1 open() "/a" failed"#,
        inside: br#"2026/11/21 14:05:09 [error] 7#7: *1 open() "/a" failed"#,
        time: Some("2026-11-21T14:05:09Z"),
    },
];
