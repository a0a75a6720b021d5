//! `docker-compose`: what `docker compose logs` and `up` print.

use super::{Content, Envelope, EnvelopeSample, Inside, Trust};
use crate::parse::{Tools, field};

/// See [`Envelope`]. The name is padded to the longest (compose's `cmd/formatter/logs.go`).
pub const ENVELOPE: Envelope = Envelope {
    id: "docker-compose",
    summary: "docker compose: the container's name and a bar, web-1  | ",
    trust: Trust::Unsure,
    strip,
    samples: SAMPLES,
};

/// A name, or the spaces behind it, are no longer than that.
const NAME_BYTES_MAX: usize = 128;

fn strip<'a>(text: &'a [u8], _: &mut Tools<'a, '_>) -> Option<Content<'a>> {
    let text = without_color(text);
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let name = text.iter().take(NAME_BYTES_MAX).take_while(|byte| is_of_name(byte)).count();
    let behind = without_color(&text[name..]);
    let spaces = behind.iter().take(NAME_BYTES_MAX).take_while(|byte| **byte == b' ').count();
    let [b'|', inside @ ..] = without_color(&behind[spaces..]) else { return None };
    let is_end = matches!(without_color(inside), [] | [b' ', ..]);
    // `192.0.2.7 | …` is a format with bars between its fields.
    let is_name = name > 0 && !field::is_address(&text[..name]);
    (is_name && spaces > 0 && is_end).then(|| {
        Content::of(Inside::Slice(without_color(without_color(inside).trim_ascii_start())))
    })
}

/// Without a color of the terminal at its start: `ESC [ 36 m`.
fn without_color(text: &[u8]) -> &[u8] {
    let [0x1b, b'[', behind @ ..] = text else { return text };
    let digits = behind.iter().take_while(|&&byte| byte.is_ascii_digit() || byte == b';').count();
    behind[digits..].strip_prefix(b"m").unwrap_or(text)
}

const SAMPLES: &[EnvelopeSample] = &[
    EnvelopeSample {
        line: br#"web-1     | 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#,
        time: None,
    },
    EnvelopeSample {
        line: b"\x1b[36mshop_web_1  |\x1b[0m 192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 153",
        inside: br#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153"#,
        time: None,
    },
];
