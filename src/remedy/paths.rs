//! Which paths and hosts a server can be told of.

use super::Rules;
use crate::classify::sites;
use crate::escape;
use crate::untrusted::Untrusted;

/// Longer paths are left out.
const PATH_BYTES_MAX: usize = 1_000;

/// A word of nginx's configuration may have no more than 4,095 bytes, some of which are the host's.
const PATTERN_BYTES_MAX: usize = 3_500;

/// A name of the domain name system has no more (RFC 1035).
const HOST_BYTES_MAX: usize = 253;

/// A path as a server receives it; `None` where none could, or where it is too long.
pub fn received_path(path: &Untrusted) -> Option<Untrusted> {
    let raw = received(path.bytes());
    let is_text = raw.iter().all(|byte| *byte > b' ' && *byte != 0x7F);
    let is_path = raw.first() == Some(&b'/') && !raw.contains(&b'?') && !raw.contains(&b'#');
    let raw = Untrusted::new(&raw);
    let is_short = raw.bytes().len() <= PATH_BYTES_MAX
        && escape::nginx_pattern(&raw).len() <= PATTERN_BYTES_MAX;
    (is_text && is_path && is_short && std::str::from_utf8(raw.bytes()).is_ok()).then_some(raw)
}

/// A path that a browser may be sent to: of this site, not its home page, and without the end of a line.
pub fn target(path: &Untrusted) -> Option<Untrusted> {
    let path = received_path(path)?;
    let bytes = path.bytes();
    // To a browser, `//evil.example` is another site.
    let is_other_site = matches!(bytes, [b'/', b'/' | b'\\', ..]);
    let control =
        |escape: &[u8]| matches!(escape, [b'%', b'0' | b'1', digit] if digit.is_ascii_hexdigit());
    let is_fit = bytes.len() > 1 && !is_other_site && !bytes.windows(3).any(control);
    is_fit.then_some(path)
}

/// A host in lower case and without its port; `None` where it is no host.
pub fn host(host: Option<&Untrusted>) -> Option<Option<Untrusted>> {
    let Some(host) = host else { return Some(None) };
    let host = sites::without_port(host.bytes()).to_ascii_lowercase();
    let is_named = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
    let is_fit = (1..=HOST_BYTES_MAX).contains(&host.len()) && host.iter().all(is_named);
    is_fit.then(|| Some(Untrusted::new(host)))
}

/// Comment lines that tell what is missing from a configuration.
pub fn left_out(rules: &Rules) -> String {
    let mut text = String::new();
    if rules.unfit > 0 {
        let (unfit, most) = (rules.unfit, PATH_BYTES_MAX);
        text.push_str(&format!(
            "#\n# Left out: {unfit}, for control characters, bytes that are no text, more than {most} bytes,\n\
             # or a target that is another site, the home page or itself missing.\n"
        ));
    }
    if rules.beyond > 0 {
        let beyond = rules.beyond;
        text.push_str(&format!(
            "#\n# Left out: {beyond} more, with fewer requests; the CSV file has them.\n"
        ));
    }
    text
}

/// A path as it was received: servers write a quote and bytes that are no text as `\x22` into their logs, and
/// Apache a quote and a backslash behind a backslash.
fn received(path: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, behind)) = rest.split_first() {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (byte, behind) = match rest {
            [b'\\', b'x', high, low, behind @ ..] => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => ((high << 4 | low) as u8, behind),
                _ => (byte, &rest[1..]),
            },
            [b'\\', byte @ (b'\\' | b'"'), behind @ ..] => (*byte, behind),
            _ => (byte, behind),
        };
        raw.push(byte);
        rest = behind;
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_receives_is_fit_and_nothing_else() {
        let path = |path: &[u8]| received_path(&Untrusted::new(path));
        assert_eq!(path(br#"/a\x22\xC3\xA9\\b\"\c"#), Some(Untrusted::new("/a\"é\\b\"\\c")));
        for unfit in [&b""[..], b"a", b"*", b"/a b", b"/a\n", b"/a\0", b"/\xff", br"/\x0a", b"/a?b"]
        {
            assert_eq!(path(unfit), None, "{}", unfit.escape_ascii());
        }
        assert!(path(&[b"/", &[b'a'; 999][..]].concat()).is_some());
        assert!(path(&[b"/", &[b'a'; 1_000][..]].concat()).is_none());
        assert!(path(&[b"/", &[b'$'; 900][..]].concat()).is_none());
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        let target = |path: &str| super::target(&Untrusted::new(path));
        assert!(target("/a%20b").is_some());
        for unfit in
            ["/", "//evil.example/", r"/\evil.example", r"/\x5cevil.example", "/a%0d%0aX: y"]
        {
            assert_eq!(target(unfit), None, "{unfit}");
        }
        assert_eq!(target("/a%0Ab"), None);
    }

    #[test]
    fn hosts_are_names() {
        let host = |host: &str| super::host(Some(&Untrusted::new(host)));
        assert_eq!(host("Shop.Example:8080"), Some(Some(Untrusted::new("shop.example"))));
        assert_eq!(host("a\";}"), None);
        assert_eq!(host(""), None);
        assert_eq!(super::host(None), Some(None));
    }
}
