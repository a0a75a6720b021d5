//! Where a request says that it comes from.

use super::sites;

/// What a referer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referer {
    /// There is none.
    Nowhere,
    /// A page of the site itself.
    Own,
    /// A search engine.
    Search,
    /// Somebody else's page.
    Other,
}

/// Search engines, by their hosts or, with a point at the end, by what their hosts begin with: they have
/// one in each country.
const SEARCH: &[&str] = &[
    "google.",
    "bing.com",
    "duckduckgo.com",
    "yandex.",
    "ya.ru",
    "baidu.com",
    "search.yahoo.com",
    "ecosia.org",
    "qwant.com",
    "startpage.com",
    "search.brave.com",
    "seznam.cz",
    "naver.com",
    "sogou.com",
    "search.aol.com",
    "kagi.com",
    "swisscows.com",
    "mojeek.com",
];

impl Referer {
    /// What this referer is, to a site whose hosts are told by `is_own`.
    pub fn new(referer: Option<&[u8]>, is_own: impl Fn(&[u8]) -> bool) -> Referer {
        let Some(host) = referer.and_then(host) else { return Referer::Nowhere };
        match () {
            () if is_own(host) => Referer::Own,
            () if is_search(host) => Referer::Search,
            () => Referer::Other,
        }
    }
}

/// The host of an absolute address of the web; `None` where it is none.
pub fn host(address: &[u8]) -> Option<&[u8]> {
    let scheme = [&b"https://"[..], b"http://"].into_iter().find(|scheme| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })?;
    let rest = &address[scheme.len()..];
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = memchr::memrchr(b'@', authority).map_or(authority, |at| &authority[at + 1..]);
    let host = sites::without_port(host);
    (!host.is_empty()).then_some(host)
}

fn is_search(host: &[u8]) -> bool {
    let host = sites::bare(host);
    // `images.google.de` is Google's too, and `google.evil.example` is not.
    let labels = || std::iter::successors(Some(host), |host| behind_point(host));
    SEARCH.iter().any(|name| match name.strip_suffix('.') {
        Some(_) => labels().any(|host| {
            host.get(..name.len()).is_some_and(|s| s.eq_ignore_ascii_case(name.as_bytes()))
                && is_country(&host[name.len()..])
        }),
        None => labels().any(|host| host.eq_ignore_ascii_case(name.as_bytes())),
    })
}

fn behind_point(host: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'.', host).map(|point| &host[point + 1..])
}

/// `com`, `de`, `co.uk`, `com.br`.
fn is_country(domain: &[u8]) -> bool {
    let is_short = |label: &[u8]| (2..=3).contains(&label.len());
    match behind_point(domain) {
        None => is_short(domain),
        Some(last) => last.len() == 2 && is_short(&domain[..domain.len() - 3]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn referers_are_told_apart() {
        let is_own = |host: &[u8]| sites::is_same(host, b"shop.example");
        for (referer, wanted) in [
            ("", Referer::Nowhere),
            ("-", Referer::Nowhere),
            ("android-app://com.google", Referer::Nowhere),
            ("https://shop.example/a", Referer::Own),
            ("https://WWW.Shop.Example:443", Referer::Own),
            ("http://user@shop.example?x", Referer::Own),
            ("https://shop.example.evil.example/", Referer::Other),
            ("https://evil.example/https://shop.example/", Referer::Other),
            ("https://www.google.com/", Referer::Search),
            ("https://images.google.co.uk/x", Referer::Search),
            ("https://google.evil.example/", Referer::Other),
            ("https://notgoogle.com/", Referer::Other),
            ("https://cn.bing.com/search?q=a", Referer::Search),
            ("https://yandex.ru", Referer::Search),
            ("https://duckduckgo.com/", Referer::Search),
            ("https://partner.example/links", Referer::Other),
        ] {
            assert_eq!(Referer::new(Some(referer.as_bytes()), is_own), wanted, "{referer}");
        }
        assert_eq!(Referer::new(None, is_own), Referer::Nowhere);
    }
}
