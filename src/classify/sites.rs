//! Hosts of a site: which are the same, and which are the site's own.

use std::collections::HashMap;

/// A host without `www.` or `m.` before it, and without a port: by these one site has several.
pub fn bare(host: &[u8]) -> &[u8] {
    let host = without_port(host);
    let prefix = [&b"www."[..], b"m."].into_iter().find(|prefix| {
        host.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    });
    prefix.map_or(host, |prefix| &host[prefix.len()..])
}

/// A host without its port; that of an address of IPv6 stands behind its bracket.
pub fn without_port(host: &[u8]) -> &[u8] {
    match memchr::memrchr(b':', host) {
        Some(colon) if host[colon + 1..].iter().all(u8::is_ascii_digit) => {
            let name = &host[..colon];
            if name.contains(&b':') && !name.ends_with(b"]") { host } else { name }
        }
        _ => host,
    }
}

/// Whether two hosts are of one site.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// Finds the own hosts of a site: what the pictures and styles that were served say that they stand on.
/// Only own pages ask for many of them.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    hosts: HashMap<Vec<u8>, u64>,
    all: u64,
}

/// So many hosts are kept apart.
const HOSTS_MAX: usize = 1_000;

/// Fewer requests prove nothing.
const REQUESTS_MIN: u64 = 3;

/// Of all of them so many of a hundred, at least.
const PERCENT: u64 = 20;

impl Learner {
    /// Takes in the host of the page that an asset was served to.
    pub fn add(&mut self, host: &[u8]) {
        self.all += 1;
        let host = bare(host).to_ascii_lowercase();
        if self.hosts.len() < HOSTS_MAX || self.hosts.contains_key(&host) {
            *self.hosts.entry(host).or_default() += 1;
        }
    }

    /// The own hosts, in order.
    pub fn own(&self) -> Vec<Vec<u8>> {
        let is_own =
            |requests: u64| requests >= REQUESTS_MIN && requests * 100 >= self.all * PERCENT;
        let own = self.hosts.iter().filter(|(_, requests)| is_own(**requests));
        let mut own: Vec<Vec<u8>> = own.map(|(host, _)| host.clone()).collect();
        own.sort();
        own
    }
}

/// Whether a path is that of something that scripts of pages fetch, and no page: what is missing there may
/// well be an answer.
pub fn is_fetched(path: &[u8]) -> bool {
    const PARTS: &[&[u8]] =
        &[b"/api/", b"/_next/data/", b"/graphql", b"/wp-json/", b"/ajax/", b"/rest/"];
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    path[..end].ends_with(b".json")
        || PARTS.iter().any(|part| memchr::memmem::find(&path[..end], part).is_some())
}

/// Whether a path is one at which people log in, or programs get a token: by the words in it.
pub fn is_login(path: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"login",
        b"log-in",
        b"signin",
        b"sign-in",
        b"/auth",
        b"/session",
        b"/token",
        b"/xmlrpc.php",
        b"password",
        b"/account/recover",
    ];
    let lower = path.to_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
}

/// Whether a path is that of something that pages show: a picture, a style, a script, a font, a sound.
pub fn is_asset(path: &[u8]) -> bool {
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    is_asset_path(&path[..end])
}

/// The same of a path that has no query.
#[inline]
pub fn is_asset_path(path: &[u8]) -> bool {
    let from = path.len().saturating_sub(6);
    let Some(point) = path[from..].iter().rposition(|byte| *byte == b'.') else { return false };
    let extension = &path[from + point + 1..];
    let mut lower = [0; 6];
    lower[..extension.len()].copy_from_slice(extension);
    lower.make_ascii_lowercase();
    matches!(
        &lower[..extension.len()],
        b"css"
            | b"js"
            | b"mjs"
            | b"map"
            | b"png"
            | b"jpg"
            | b"jpeg"
            | b"gif"
            | b"webp"
            | b"avif"
            | b"svg"
            | b"ico"
            | b"woff"
            | b"woff2"
            | b"ttf"
            | b"otf"
            | b"eot"
            | b"mp4"
            | b"webm"
            | b"mp3"
            | b"wasm"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_site_are_the_same() {
        assert!(is_same(b"www.Shop.example:443", b"shop.EXAMPLE"));
        assert!(is_same(b"m.shop.example", b"www.shop.example"));
        assert!(is_same(b"[2001:db8::1]:80", b"[2001:db8::1]"));
        assert!(!is_same(b"2001:db8::1", b"2001:db8:"));
        assert!(!is_same(b"shop.example", b"myshop.example"));
    }

    #[test]
    fn own_hosts_are_those_that_assets_are_served_to() {
        let mut learner = Learner::default();
        assert!(learner.own().is_empty());
        learner.add(b"shop.example");
        learner.add(b"www.shop.example");
        assert!(learner.own().is_empty(), "two prove nothing");
        (0..6).for_each(|_| learner.add(b"Shop.example:8080"));
        (0..2).for_each(|_| learner.add(b"hotlinker.example"));
        assert_eq!(learner.own(), [b"shop.example"]);
    }

    #[test]
    fn what_scripts_fetch_is_no_page() {
        for (path, wanted) in [
            ("/api/cart/7", true),
            ("/v1/api/cart", true),
            ("/_next/data/a1b2/p/1.json", true),
            ("/graphql", true),
            ("/apiary", false),
            ("/guide/json", false),
            ("/", false),
        ] {
            assert_eq!(is_fetched(path.as_bytes()), wanted, "{path}");
        }
    }

    #[test]
    fn assets_have_extensions() {
        for (path, wanted) in [
            ("/a.css", true),
            ("/a/app.3f2a.JS", true),
            ("/a.woff2?v=1", true),
            ("/a.html", false),
            ("/a.css/b", false),
            ("/css", false),
            ("/a?f=x.css", false),
            ("", false),
            (".js", true),
        ] {
            assert_eq!(is_asset(path.as_bytes()), wanted, "{path}");
        }
    }
}
