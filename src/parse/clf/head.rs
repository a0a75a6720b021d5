//! What stands before the time: a virtual host, the client, ident and user.

use memchr::memchr;
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::parse::field::{self, without_port};

/// See the head of the file.
pub struct Head<'a> {
    pub host: Option<&'a [u8]>,
    pub client: &'a [u8],
    pub ident: Option<&'a [u8]>,
    pub user: Option<&'a [u8]>,
}

/// `client ident user`, or `host client ident user`. Ident and user may be missing.
pub fn read_head(text: &[u8]) -> Option<Head<'_>> {
    let (rest, first) = field::token(text).ok()?;
    let (after_second, second) = opt(next_token).parse(rest).ok()?;
    let (host, client, rest) = match second {
        Some(second) if is_vhost(first, second) => {
            (Some(without_port(first)), second, after_second)
        }
        _ => (None, first.strip_suffix(b",").unwrap_or(first), rest),
    };
    let (rest, ident) = opt(next_token).parse(rest).ok()?;
    let is_bare = ident == Some(b"-") || (ident.is_none() && rest.trim_ascii().is_empty());
    let is_client = is_address(client) || (is_bare && is_client_name(client));
    if !is_client {
        return None;
    }
    let user = match rest.strip_prefix(b" ").unwrap_or(rest) {
        b"" | b"-" => None,
        b"\"\"" => Some(&b""[..]),
        user => Some(user),
    };
    Some(Head { host, client, ident, user })
}

fn next_token(input: &[u8]) -> IResult<&[u8], &[u8]> {
    preceded(char(' '), field::token).parse(input)
}

/// Whether the first word is a virtual host and the second the client: the first is no address and
/// the second is one, or the first ends in a port (Debian writes `%v:%p`) and the second is not
/// the hyphen that stands where nobody runs identd.
fn is_vhost(first: &[u8], second: &[u8]) -> bool {
    if second == b"-" || is_address(first) || first.ends_with(b",") {
        return false;
    }
    let host = without_port(first);
    // A colon that is not before a port is that of a time or of a file's name (syslog, grep).
    let is_name = host.starts_with(b"[") || !host.contains(&b':');
    is_name && (is_address(second) || (host.len() < first.len() && is_client_name(second)))
}

/// Whether `text` can be a client that is no address: a name from reverse DNS, with or without a
/// port, a hyphen, or nginx's `unix:`. Anything else before a time is an envelope (syslog, CRI,
/// docker compose), whose first word is not the client.
fn is_client_name(text: &[u8]) -> bool {
    let name = without_port(text);
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    text == b"unix:" || (!name.is_empty() && name.iter().all(is_of_name))
}

/// Whether `text` reads like an IPv4 or IPv6 address. Cheap, and good enough to tell a host from
/// a client; it does not count groups.
pub fn is_address(text: &[u8]) -> bool {
    if is_plain_address(text) {
        return true;
    }
    // `fe80::1%eth0`: what follows the percent sign names an interface (RFC 4007 §11).
    let percent = memchr(b'%', text).filter(|&at| text[..at].contains(&b':'));
    percent.is_some_and(|at| is_plain_address(&text[..at]))
}

/// Whether it is an address without an interface: of digits, letters, dots and colons.
#[inline]
fn is_plain_address(text: &[u8]) -> bool {
    is_ipv4(text) || is_other_address(text)
}

/// Four groups of digits, that is digits and three dots. Eight bytes are looked at at once.
#[inline]
fn is_ipv4(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        let is_fit = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        return is_fit && text.iter().filter(|&&byte| byte == b'.').count() == 3;
    };
    let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    let (first_dots, last_dots) = (bytes_equal(first, b'.'), bytes_equal(last, b'.'));
    // The last eight bytes overlap the first ones, whose dots are not to be counted twice.
    let fresh = (text.len() - 8).min(8) as u32 * 8;
    let last_dots_fresh = last_dots.checked_shr(64 - fresh).unwrap_or(0);
    text.len() <= b"255.255.255.255".len()
        && bytes_no_digit(first) == first_dots
        && bytes_no_digit(last) == last_dots
        && first_dots.count_ones() + last_dots_fresh.count_ones() == 3
}

const LOW_BITS: u64 = u64::from_ne_bytes([0x7f; 8]);

/// The upmost bit of each byte that is `wanted`.
pub fn bytes_equal(bytes: u64, wanted: u8) -> u64 {
    let differing = bytes ^ u64::from_ne_bytes([wanted; 8]);
    !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS)
}

/// The upmost bit of each byte that is no digit.
pub fn bytes_no_digit(bytes: u64) -> u64 {
    // Digits become 0 to 9, and all others more: 127 - 9 more lifts these alone to the upmost bit.
    let values = bytes ^ u64::from_ne_bytes([b'0'; 8]);
    (((values & LOW_BITS) + u64::from_ne_bytes([127 - 9; 8])) | values) & !LOW_BITS
}

pub fn is_other_address(text: &[u8]) -> bool {
    const DOT: u32 = 1;
    const COLON: u32 = 1 << 8;
    const LETTER: u32 = 1 << 16;
    const OTHER: u32 = 1 << 24;
    /// What each byte adds: no address is so long that a sum runs over.
    const WEIGHTS: [u32; 256] = {
        let mut weights = [OTHER; 256];
        let mut byte = 0;
        while byte < 256 {
            weights[byte] = match byte as u8 {
                b'0'..=b'9' => 0,
                b'.' => DOT,
                b':' => COLON,
                b'a'..=b'f' | b'A'..=b'F' => LETTER,
                _ => OTHER,
            };
            byte += 1;
        }
        weights
    };
    let sum = text.iter().take(45).fold(0, |sum, &byte| sum + WEIGHTS[usize::from(byte)]);
    if sum >= OTHER || text.len() > 45 {
        return false;
    }
    let (dots, colons) = (sum & 255, sum >> 8 & 255);
    if colons == 0 { dots == 3 && sum < LETTER } else { colons > 1 }
}
