//! The client behind proxies: nginx's realip rules, applied to what was logged.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use memchr::memrchr;

use crate::classify::ranges::is_local;

/// The client of a request that came from `peer`, where `forwarded` names those on the way, the
/// nearest last: the first from the right that is no trusted proxy, or the leftmost where all are.
///
/// As in nginx (`ngx_http_realip_module.c`, `ngx_http_get_forwarded_addr`, with `real_ip_recursive
/// on`): only a trusted peer is believed at all, and what is no address ends the walk, so that what
/// stands to the left of it counts for nothing. `unix:` is a proxy on the same machine.
pub fn client<'a>(peer: &'a [u8], forwarded: Option<&'a [u8]>, trusted: &[IpNet]) -> &'a [u8] {
    let is_trusted = |address: IpAddr| {
        let plain = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address) || network.contains(&plain))
    };
    let is_proxy = match address(peer) {
        Some((address, _)) => is_trusted(address),
        None => peer == b"unix:",
    };
    let mut found = peer;
    if !is_proxy {
        return found;
    }
    let forwarded = forwarded.unwrap_or(b"");
    let is_of_pairs = forwarded.windows(4).any(|text| text.eq_ignore_ascii_case(b"for="));
    let hops =
        forwarded.rsplit(|&byte| byte == b',' || (matches!(byte, b' ' | b'+') && !is_of_pairs));
    for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
        let Some((address, text)) = address(node(hop)) else { break };
        found = text;
        if !is_trusted(address) {
            break;
        }
    }
    found
}

/// The node of an element of `Forwarded` (RFC 7239 §4), `for="[2001:db8::17]:4711";proto=http`; any
/// other element is itself.
fn node(hop: &[u8]) -> &[u8] {
    let mut pairs = hop.split(|&byte| byte == b';');
    let value = pairs.find_map(|pair| {
        let (name, value) = pair.trim_ascii().split_at_checked(4)?;
        name.eq_ignore_ascii_case(b"for=").then_some(value)
    });
    let value = value.unwrap_or(hop);
    value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value)
}

/// An address, and how it is spelled without brackets and port: `192.0.2.1`, `192.0.2.1:80`,
/// `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
pub fn address(text: &[u8]) -> Option<(IpAddr, &[u8])> {
    let parse = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<IpAddr>().ok();
    if let Some(rest) = text.strip_prefix(b"[") {
        let end = rest.iter().position(|&byte| byte == b']')?;
        let (inside, behind) = (&rest[..end], &rest[end + 1..]);
        let is_port = behind.is_empty() || behind.strip_prefix(b":").is_some_and(is_digits);
        let address = std::str::from_utf8(inside).ok()?.parse::<Ipv6Addr>().ok()?;
        return is_port.then_some((IpAddr::V6(address), inside));
    }
    if let Some(address) = parse(text) {
        return Some((address, text));
    }
    let colon = memrchr(b':', text)?;
    let (before, port) = (&text[..colon], &text[colon + 1..]);
    // With several colons it is no IPv4 address, and those of IPv6 need brackets before a port.
    let address = parse(before).filter(IpAddr::is_ipv4)?;
    is_digits(port).then_some((address, before))
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether an address is one that proxies have among themselves: private (RFC 1918, RFC 4193), shared
/// (RFC 6598), of the link or of the machine itself.
pub fn is_private(client: &[u8]) -> bool {
    if client == b"unix:" {
        return true;
    }
    address(client).is_some_and(|(address, _)| is_local(&address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(peer: &str, forwarded: &str) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "127.0.0.1/32", "2001:db8:1::/48"]
            .map(|text| text.parse().unwrap())
            .into();
        let forwarded = (!forwarded.is_empty()).then_some(forwarded.as_bytes());
        String::from_utf8(client(peer.as_bytes(), forwarded, &trusted).to_vec()).unwrap()
    }

    #[test]
    fn the_client_is_the_first_from_the_right_that_is_not_trusted() {
        for (peer, forwarded, wanted) in [
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"),
            ("10.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
            ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "-", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9, _obf, 10.1.1.1", "10.1.1.1"),
            ("10.0.0.1", " ,203.0.113.9 , ,", "203.0.113.9"),
            // W3C logs have a plus sign for a space.
            ("10.0.0.1", "198.51.100.1,+203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9:5555", "203.0.113.9"),
            ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
            ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("10.0.0.1", "::ffff:203.0.113.9", "::ffff:203.0.113.9"),
            ("::ffff:10.0.0.1", "203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"),
            ("2001:db8:1::7", "203.0.113.9", "203.0.113.9"),
            ("unix:", "203.0.113.9, 127.0.0.1", "203.0.113.9"),
            ("host.example", "203.0.113.9", "host.example"),
        ] {
            assert_eq!(behind(peer, forwarded), wanted, "{peer} {forwarded}");
        }
    }

    #[test]
    fn the_header_of_rfc_7239_is_read_too() {
        for (forwarded, wanted) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("for=192.0.2.60; proto=http", "192.0.2.60"),
            ("for=192.0.2.43, For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=192.0.2.43,for=\"_gazonk\"", "10.0.0.1"),
            ("proto=https;for=192.0.2.43:8080, for=10.1.1.1", "192.0.2.43"),
        ] {
            assert_eq!(behind("10.0.0.1", forwarded), wanted, "{forwarded}");
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in
            ["", "[", "[]", "[::1", "[192.0.2.1]", "192.0.2.1:", "192.0.2.1:x", "a:1", "1.2.3"]
        {
            assert_eq!(address(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn private_addresses_are_told() {
        for text in [
            "10.1.2.3",
            "172.31.0.1",
            "100.64.0.1",
            "::ffff:192.168.1.1",
            "::1",
            "fd00::1",
            "127.0.0.1",
        ] {
            assert!(is_private(text.as_bytes()), "{text}");
        }
        for text in ["172.32.0.1", "100.128.0.1", "203.0.113.9", "2001:db8::1", "-", "host.example"]
        {
            assert!(!is_private(text.as_bytes()), "{text}");
        }
    }
}
