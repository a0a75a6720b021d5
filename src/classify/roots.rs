//! Files that have one fixed address on a host, where programs look for them.

/// What such a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RootFile {
    /// What crawlers may fetch (RFC 9309).
    Robots,
    /// A list of the pages of a site (sitemaps.org).
    Sitemap,
    /// The picture of a site.
    Favicon,
    /// Who may sell its advertisements: ads.txt, app-ads.txt, sellers.json (IAB Tech Lab).
    Ads,
    /// The answer to a question of an authority for certificates (RFC 8555 §8.3).
    AcmeChallenge,
    /// Which apps belong to a site: Android and iOS.
    AppLinks,
}

/// Questions of authorities for certificates are each asked once: they are counted under this path.
pub const ACME_CHALLENGE: &[u8] = b"/.well-known/acme-challenge/";

impl RootFile {
    /// What is at this path, which has no query.
    #[inline(always)]
    pub fn of(path: &[u8]) -> Option<RootFile> {
        // Nearly no path begins like that.
        let [_, first, second, ..] = path.first_chunk::<8>()?;
        match [*first, *second] {
            [b'r', b'o']
            | [b's', b'i' | b'e']
            | [b'f', b'a']
            | [b'a', b'd' | b'p']
            | [b'w', b'p']
            | [b'.', b'w'] => RootFile::of_unusual(path),
            _ => None,
        }
    }

    #[inline(never)]
    fn of_unusual(path: &[u8]) -> Option<RootFile> {
        match path {
            b"/robots.txt" => Some(RootFile::Robots),
            b"/favicon.ico" => Some(RootFile::Favicon),
            b"/ads.txt" | b"/app-ads.txt" | b"/sellers.json" => Some(RootFile::Ads),
            b"/.well-known/assetlinks.json"
            | b"/.well-known/apple-app-site-association"
            | b"/apple-app-site-association" => Some(RootFile::AppLinks),
            _ if is_acme_token(path.strip_prefix(ACME_CHALLENGE).unwrap_or_default()) => {
                Some(RootFile::AcmeChallenge)
            }
            _ if is_sitemap(path) => Some(RootFile::Sitemap),
            _ => None,
        }
    }

    /// The path under which it is counted.
    pub fn key(self, path: &[u8]) -> &[u8] {
        if self == RootFile::AcmeChallenge { ACME_CHALLENGE } else { path }
    }
}

/// A token has at least 128 bits, in base64url (RFC 8555 §8.3): scanners ask for names of scripts there.
fn is_acme_token(name: &[u8]) -> bool {
    let is_of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    name.len() >= 22 && name.iter().all(is_of_base64)
}

fn is_sitemap(path: &[u8]) -> bool {
    let name = &path[1..];
    let is_named = name.starts_with(b"sitemap") || name.starts_with(b"wp-sitemap");
    is_named && !name.contains(&b'/') && (name.ends_with(b".xml") || name.ends_with(b".xml.gz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_whole_path() {
        for (path, wanted) in [
            ("/robots.txt", Some(RootFile::Robots)),
            ("/a/robots.txt", None),
            ("/robots.txt/", None),
            ("/sitemap.xml", Some(RootFile::Sitemap)),
            ("/sitemap_index.xml", Some(RootFile::Sitemap)),
            ("/sitemap-3.xml.gz", Some(RootFile::Sitemap)),
            ("/wp-sitemap-posts-post-1.xml", Some(RootFile::Sitemap)),
            ("/sitemap", None),
            ("/sitemaps/a.xml", None),
            ("/ads.txt", Some(RootFile::Ads)),
            (
                "/.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0",
                Some(RootFile::AcmeChallenge),
            ),
            ("/.well-known/acme-challenge/cloud.php", None),
            ("/.well-known/assetlinks.json", Some(RootFile::AppLinks)),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(RootFile::of(path.as_bytes()), wanted, "{path}");
        }
    }
}
