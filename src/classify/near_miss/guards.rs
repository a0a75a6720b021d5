//! What keeps a near miss from being another thing altogether.

use super::writing::{self, Ways};

/// What a path is of: nothing is ever sent to something of another class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A page, or nothing that its name would tell.
    Page,
    /// One of a kind of files, by its place in [`KINDS`].
    File(u8),
}

/// Extensions of files, kind by kind.
const KINDS: &[&[&[u8]]] = &[
    &[b"css"],
    &[b"js", b"mjs"],
    &[b"map"],
    &[b"png", b"jpg", b"jpeg", b"gif", b"webp", b"avif", b"svg", b"ico", b"bmp", b"tiff"],
    &[b"woff", b"woff2", b"ttf", b"otf", b"eot"],
    &[b"mp4", b"webm", b"mov", b"avi", b"m4v"],
    &[b"mp3", b"ogg", b"wav", b"m4a", b"flac"],
    &[b"wasm"],
    &[b"pdf", b"doc", b"docx", b"odt", b"rtf", b"epub"],
    &[b"xls", b"xlsx", b"ods", b"csv"],
    &[b"ppt", b"pptx", b"odp"],
    &[b"zip", b"gz", b"tgz", b"tar", b"rar", b"7z", b"bz2", b"xz"],
    &[b"exe", b"msi", b"dmg", b"apk", b"deb", b"rpm"],
    &[b"xml", b"rss", b"atom", b"rdf"],
    &[b"json", b"webmanifest"],
    &[b"txt", b"md"],
];

impl Class {
    /// Of a path, whatever it is written like.
    pub fn of(path: &[u8]) -> Class {
        let is_tidy = path
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.'))
            && path.last().is_none_or(u8::is_ascii_alphanumeric);
        if is_tidy {
            return Class::of_name(writing::name(path));
        }
        Class::of_name(writing::name(&writing::plain(path, Ways::TIDY)))
    }

    fn of_name(name: &[u8]) -> Class {
        let Some(point) = memchr::memrchr(b'.', name) else { return Class::Page };
        let extension = &name[point + 1..];
        let is_of =
            |kind: &&[&[u8]]| kind.iter().any(|known| extension.eq_ignore_ascii_case(known));
        KINDS.iter().position(is_of).map_or(Class::Page, |kind| Class::File(kind as u8))
    }
}

/// Whether two paths differ only in a number, a UUID or a hash in hexadecimal.
pub fn is_another_id(one: &[u8], other: &[u8]) -> bool {
    !one.eq_ignore_ascii_case(other) && shape(one).eq(shape(other))
}

/// The bytes of a path, without those of numbers and hashes.
fn shape(path: &[u8]) -> impl Iterator<Item = u8> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
    let words = path.chunk_by(move |one, next| is_word(one) == is_word(next));
    words.flat_map(|word| {
        let is_hash = is_hash(word);
        let kept = word.iter().filter(move |byte| !is_hash && !byte.is_ascii_digit());
        // Where a hash stood is seen, as the hyphens of a UUID are.
        kept.map(u8::to_ascii_lowercase).chain(is_hash.then_some(b'#'))
    })
}

/// So many digits of hexadecimal are a hash, if one of them is a number: the middle parts of a UUID have
/// four, and `face` is a word.
const HASH_DIGITS_MIN: usize = 4;

fn is_hash(word: &[u8]) -> bool {
    word.len() >= HASH_DIGITS_MIN
        && word.iter().all(u8::is_ascii_hexdigit)
        && word.iter().any(u8::is_ascii_digit)
}

/// Names that stand for something else on each site, or in each folder of one.
const GENERIC: &[&str] = &[
    "about",
    "account",
    "admin",
    "all",
    "app",
    "apple-touch-icon",
    "archive",
    "article",
    "background",
    "banner",
    "blank",
    "blog",
    "bootstrap",
    "bundle",
    "button",
    "cart",
    "category",
    "checkout",
    "comments",
    "common",
    "config",
    "contact",
    "content",
    "cover",
    "create",
    "custom",
    "dashboard",
    "default",
    "delete",
    "detail",
    "details",
    "download",
    "edit",
    "error",
    "event",
    "events",
    "faq",
    "favicon",
    "feed",
    "fonts",
    "footer",
    "functions",
    "gallery",
    "global",
    "header",
    "help",
    "home",
    "icon",
    "icons",
    "image",
    "images",
    "index",
    "info",
    "init",
    "jquery",
    "large",
    "latest",
    "layout",
    "license",
    "list",
    "loader",
    "login",
    "logo",
    "logout",
    "main",
    "manifest",
    "media",
    "medium",
    "members",
    "menu",
    "message",
    "messages",
    "new",
    "news",
    "overview",
    "page",
    "pages",
    "placeholder",
    "post",
    "posts",
    "preview",
    "print",
    "privacy",
    "product",
    "products",
    "profile",
    "projects",
    "readme",
    "register",
    "reset",
    "reviews",
    "robots",
    "rss",
    "script",
    "scripts",
    "search",
    "settings",
    "share",
    "shop",
    "sitemap",
    "small",
    "sprite",
    "static",
    "status",
    "store",
    "style",
    "styles",
    "stylesheet",
    "summary",
    "test",
    "theme",
    "thumb",
    "thumbnail",
    "upload",
    "users",
    "vendor",
    "version",
    "video",
    "videos",
    "view",
    "welcome",
];

/// Fewer letters say too little.
const LETTERS_MIN: usize = 5;

/// Whether a plain name says too little to look for it elsewhere.
pub fn is_generic(name: &[u8]) -> bool {
    let stem = memchr::memchr(b'.', name).map_or(name, |point| &name[..point]);
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let count = |word: &[u8]| word.iter().filter(|byte| is_letter(byte)).count();
    let letters = if stem.iter().any(u8::is_ascii_digit) {
        let words = stem.split(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii());
        words.filter(|word| !is_hash(word)).map(count).sum()
    } else {
        count(stem)
    };
    letters < LETTERS_MIN || GENERIC.binary_search_by(|known| known.as_bytes().cmp(stem)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_of_the_name() {
        assert_eq!(Class::of(b"/a.html"), Class::of(b"/a"));
        assert_eq!(Class::of(b"/a.PNG%22)"), Class::of(b"/b.svg"));
        assert_ne!(Class::of(b"/a.css"), Class::of(b"/a.js"));
        assert_ne!(Class::of(b"/a.pdf"), Class::Page);
        assert_eq!(Class::of(b"/a.css/b"), Class::Page);
        assert_eq!(Class::of(b"/v1.2-notes"), Class::Page);
    }

    #[test]
    fn another_number_or_hash_is_another_thing() {
        for (one, other, wanted) in [
            ("/p/123", "/p/124", true),
            ("/p/123", "/p/123", false),
            ("/p/1-shoe", "/p/27-shoe", true),
            ("/app.3fa9c1.js", "/app.77b0de.js", true),
            (
                "/x/6f1e0c9a-1b2c-4d3e-8f90-aabbccddee01",
                "/x/0a1b2c3d-9f8e-4c7b-8123-a0b1c2d3e4f5",
                true,
            ),
            ("/x/ABC123F", "/x/abc123f", false),
            ("/p/decade", "/p/facade", false),
            ("/p/123", "/q/123", false),
        ] {
            assert_eq!(is_another_id(one.as_bytes(), other.as_bytes()), wanted, "{one} {other}");
        }
    }

    #[test]
    fn names_of_everywhere_are_generic() {
        assert!(GENERIC.is_sorted());
        for name in ["", "login", "style.css", "logo.png", "12345", "abc", "3fa9c1d2", "main.js"] {
            assert!(is_generic(name.as_bytes()), "{name}");
        }
        for name in ["how-to-tie-a-knot", "winter-shoes.jpg", "impressum"] {
            assert!(!is_generic(name.as_bytes()), "{name}");
        }
    }
}
