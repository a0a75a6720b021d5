//! The catalogue of the 4xx status codes: what each means, who defines it, what to look at first.
//!
//! Sources: the IANA HTTP Status Code Registry; RFC 9110 §15.5, RFC 4918, RFC 6585, RFC 7725 and
//! RFC 8470; the source of nginx; Google's pages on status codes and robots.txt; for the rest the
//! documentation each row names in `reference`. Where older lists differ from an RFC, it holds.

mod registered_400_412;
mod registered_413_451;
mod unregistered;

/// What is known about one 4xx code. Every text but `name`, `origin` and `reference` is whole
/// sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusCode {
    /// The number in the status line.
    pub code: u16,
    /// The present name: from RFC 9110 or a later RFC when registered, else the one its maker uses,
    /// or a description where the maker gives none (460, 463, 464).
    pub name: &'static str,
    /// Names that older RFCs, drafts and other software use for the same number, newest first.
    pub former_names: &'static [&'static str],
    /// Who defines it, short enough for a table: `RFC 9110`, `nginx`, `AWS ALB`.
    pub origin: &'static str,
    /// Where it is defined: RFC and section, source file, or title of the vendor's page.
    pub reference: &'static str,
    /// Whether the IANA HTTP Status Code Registry holds it (418 is there as reserved).
    pub registered: bool,
    /// What it means, in plain words (RFC 9110 §15.5, or `reference`).
    pub meaning: &'static str,
    /// When nginx writes it to its access log (nginx source: `ngx_http_request.c`,
    /// `ngx_http_special_response.c` and the module concerned).
    pub nginx_logs: &'static str,
    /// What arrives at the client (same sources).
    pub client_sees: &'static str,
    /// Whether a cache may keep the response (RFC 9110 §15.1, RFC 6585, RFC 7725).
    pub caching: Caching,
    /// What a server MUST, SHOULD or MAY send with it, in the words of RFC 2119.
    pub server_obligations: &'static str,
    /// Whether the client may ask again, and how (same RFCs).
    pub client_retry: &'static str,
    /// What it does to a page in search (Google: "HTTP status codes" and "robots.txt" pages).
    pub search: &'static str,
    /// What to look at first: a log, a directive, a command.
    pub look_first: &'static str,
    /// How programs spell it.
    pub constants: Constants,
}

/// Whether a cache may keep a response with a given code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caching {
    /// A cache may keep it by its own estimate, without explicit freshness: 404, 405, 410 and 414
    /// (RFC 9110 §15.1) and 451 (RFC 7725 §3).
    Heuristic,
    /// A cache may reuse it only as Cache-Control or Expires say (RFC 9110 §15.1). 421 is here: it
    /// was cacheable by default in RFC 7540, and is no longer.
    ExplicitOnly,
    /// A cache must not store it, whatever its headers say: 428, 429 and 431 (RFC 6585 §3 to §5).
    NeverStore,
    /// No response reaches the client: 444, 460 and 499.
    NoResponse,
}

impl Caching {
    /// A short name for tables and JSON; it does not change.
    pub const fn id(self) -> &'static str {
        match self {
            Caching::Heuristic => "heuristic",
            Caching::ExplicitOnly => "explicit-only",
            Caching::NeverStore => "never-store",
            Caching::NoResponse => "no-response",
        }
    }

    /// What it means for whoever runs the server, as one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Caching::Heuristic => {
                "A cache may keep it by its own estimate even without Cache-Control or Expires, so \
                 a CDN can go on answering with the error after the cause is gone."
            }
            Caching::ExplicitOnly => {
                "A cache may reuse it only when Cache-Control or Expires allows that."
            }
            Caching::NeverStore => "A cache must not store it, whatever its headers say.",
            Caching::NoResponse => "No response reaches the client, so there is nothing to cache.",
        }
    }
}

/// What languages and frameworks call a code; `None` where they have no name for it.
///
/// Sources: CPython `Lib/http/__init__.py` and (2.7) `Lib/httplib.py`, Go `net/http/status.go`,
/// Rack `lib/rack/utils.rb`, Symfony `Response.php`, the Rust crate `http`, Node.js
/// `_http_server.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constants {
    /// Python 3, with the version where a name is younger than 3.5.
    pub python3: Option<&'static str>,
    /// Python 2.
    pub python2: Option<&'static str>,
    /// Go.
    pub go: Option<&'static str>,
    /// Ruby on Rails; the symbols are Rack's, so the versions are too.
    pub rails: Option<&'static str>,
    /// Symfony, and Laravel through it.
    pub symfony: Option<&'static str>,
    /// The Rust crate `http`.
    pub rust: Option<&'static str>,
    /// Node.js, which has texts and no constants.
    pub node: Option<&'static str>,
}

/// Every code of the catalogue, sorted.
pub static STATUSES: &[StatusCode] = &SORTED;

/// The row of a code, or `None` when the catalogue does not have it.
pub fn lookup(code: u16) -> Option<&'static StatusCode> {
    let at = STATUSES.binary_search_by_key(&code, |row| row.code).ok()?;
    STATUSES.get(at)
}

/// The present name of a code, or `""` when the catalogue does not have it.
pub fn name(code: u16) -> &'static str {
    lookup(code).map_or("", |row| row.name)
}

/// How many rows the registered files hold together.
const REGISTERED: usize = registered_400_412::TO_412.len() + registered_413_451::FROM_413.len();

/// The rows of all files, in one piece.
static SORTED: [StatusCode; REGISTERED + unregistered::UNREGISTERED.len()] = merged(
    &merged::<REGISTERED>(&registered_400_412::TO_412, &registered_413_451::FROM_413),
    &unregistered::UNREGISTERED,
);

/// Two sorted lists as one, merged when the program is compiled.
const fn merged<const N: usize>(a: &[StatusCode], b: &[StatusCode]) -> [StatusCode; N] {
    assert!(N > 0 && a.len() + b.len() == N);
    let mut rows = [a[0]; N];
    let (mut i, mut j) = (0, 0);
    while i + j < N {
        let from_a = j == b.len() || (i < a.len() && a[i].code < b[j].code);
        rows[i + j] = if from_a { a[i] } else { b[j] };
        if from_a { i += 1 } else { j += 1 }
    }
    rows
}

// Sentences that several rows share.

const APPLICATION_ONLY: &str = "nginx never produces it: it comes from the application, or from a \
    return in the configuration, which sends neither a reason phrase nor a body of its own.";
const APPLICATION_PAGE: &str = "nginx has a page for it but no reason to send it: it comes from \
    the application, or from a return in the configuration.";
const APPLICATION_RESPONSE: &str = "The application's own answer, or the error page where nginx \
    made it.";
const UPSTREAM_RESPONSE: &str = "The application's own answer, which nginx passes on unless \
    proxy_intercept_errors replaces it.";
const AS_400: &str = "A crawler gets 400, and Google treats that as any 4xx but 429: the URL \
    leaves the index, and crawling does not slow down.";
const AS_400_EXPLAIN: &str = "The client gets 400, so what holds for 400: an explanation \
    (RFC 9110 §15.5: SHOULD). No RFC defines the internal code.";
const ALB_ONLY: &str = "nginx does not see the request: the load balancer refuses it first. The \
    code is in the access log of the load balancer.";
const EXPLAIN: &str = "Nothing beyond an explanation (RFC 9110 §15.5: SHOULD send a representation \
    explaining the error, and whether it is permanent).";
const UNREGISTERED_EXPLAIN: &str = "No RFC defines it, so nothing beyond the explanation due with \
    every 4xx (RFC 9110 §15.5: SHOULD). A client that does not know the code MUST treat it as \
    400 (RFC 9110 §15).";
const NOBODY_LEFT: &str = "Nothing: nobody is left to read an answer. No RFC defines the code.";
const LEAVES_INDEX: &str = "Google treats every 4xx but 429 alike: the URL counts as non-existent \
    and leaves the index, and crawling does not slow down.";
const LEAVES_INDEX_UNREGISTERED: &str = "Google has no rule of its own for it. As a 4xx other than \
    429 it makes the URL count as non-existent and leave the index, and crawling does not slow \
    down.";
const NO_ANSWER: &str = "A crawler sees a cut connection, which Google handles like a server \
    error: crawling of the host slows down, and URLs are lost if it lasts. On /robots.txt it can \
    stop crawling of the site for up to 12 hours.";
const CRAWLER_LEFT: &str = "From a crawler it means that the page took longer than the crawler \
    waits: a network error, after which Google crawls the host more slowly.";

/// No library has a name for it.
const NO_CONSTANTS: Constants = Constants {
    python3: None,
    python2: None,
    go: None,
    rails: None,
    symfony: None,
    rust: None,
    node: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The 4xx part of the IANA HTTP Status Code Registry.
    const IANA: &[u16] = &[
        400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417,
        418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451,
    ];
    const OTHERS: &[u16] = &[
        // Frameworks, vendors and load balancers, and the 444 of nginx.
        419, 420, 430, 440, 444, 449, 450, 460, 463, 464,
        // The other numbers nginx has taken.
        494, 495, 496, 497, 498, 499,
    ];

    /// What Python 2 never got a name for.
    const PYTHON2_GAPS: &[u16] = &[418, 421, 425, 428, 429, 431, 451];

    fn codes(wanted: impl Fn(&StatusCode) -> bool) -> Vec<u16> {
        let rows = STATUSES.iter().filter(|row| wanted(row));
        rows.map(|row| row.code).collect()
    }

    fn cached(caching: Caching) -> Vec<u16> {
        codes(|row| row.caching == caching)
    }

    fn sentences(row: &StatusCode) -> [(&'static str, &'static str); 8] {
        [
            ("meaning", row.meaning),
            ("nginx_logs", row.nginx_logs),
            ("client_sees", row.client_sees),
            ("caching", row.caching.sentence()),
            ("server_obligations", row.server_obligations),
            ("client_retry", row.client_retry),
            ("search", row.search),
            ("look_first", row.look_first),
        ]
    }

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(STATUSES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn every_known_code_is_here_and_no_other() {
        assert_eq!(codes(|row| row.registered), IANA);
        assert_eq!(codes(|row| !row.registered), OTHERS);
    }

    #[test]
    fn lookup_finds_every_row_and_nothing_else() {
        for row in STATUSES {
            assert_eq!(lookup(row.code), Some(row));
            assert_eq!(name(row.code), row.name);
        }
        for absent in [0, 200, 399, 427, 432, 500, u16::MAX] {
            assert_eq!(lookup(absent), None);
            assert_eq!(name(absent), "");
        }
    }

    #[test]
    fn caching_follows_the_rfcs() {
        assert_eq!(cached(Caching::Heuristic), [404, 405, 410, 414, 451]);
        assert_eq!(cached(Caching::NeverStore), [428, 429, 431]);
        assert_eq!(cached(Caching::NoResponse), [444, 460, 499]);
        assert_eq!(lookup(421).unwrap().caching, Caching::ExplicitOnly);
    }

    #[test]
    fn names_are_those_of_rfc_9110() {
        for (code, expected, former) in [
            (413, "Content Too Large", "Payload Too Large"),
            (414, "URI Too Long", "Request-URI Too Long"),
            (416, "Range Not Satisfiable", "Requested Range"),
            (418, "(Unused)", "I'm a teapot"),
            (422, "Unprocessable Content", "Unprocessable Entity"),
        ] {
            let row = lookup(code).unwrap();
            assert_eq!(row.name, expected);
            let mut names = row.former_names.iter();
            assert!(names.any(|name| name.starts_with(former)), "{code}");
        }
    }

    #[test]
    fn obligations_of_the_rfcs_are_named() {
        for (code, words) in [
            (401, "MUST send WWW-Authenticate"),
            (405, "MUST send Allow"),
            (407, "MUST send Proxy-Authenticate"),
            (413, "SHOULD send Retry-After"),
            (416, "SHOULD send Content-Range"),
            (426, "MUST send Upgrade"),
            (428, "MUST NOT store"),
            (429, "MAY send Retry-After"),
            (431, "SHOULD name the field"),
            (451, "rel=\"blocked-by\""),
        ] {
            let row = lookup(code).unwrap();
            assert!(row.server_obligations.contains(words), "{code}");
        }
    }

    #[test]
    fn every_text_is_there_and_ends_with_a_period() {
        for row in STATUSES {
            let code = row.code;
            for text in [row.name, row.origin, row.reference] {
                assert!(!text.is_empty(), "{code}");
                assert_eq!(text, text.trim(), "{code}");
            }
            for (field, text) in sentences(row) {
                assert!(text.len() > 10, "{code} {field}: {text}");
                assert!(text.ends_with('.'), "{code} {field}: {text}");
                assert!(!text.contains("  "), "{code} {field}: {text}");
                assert_eq!(text, text.trim(), "{code} {field}");
            }
            assert!(!row.former_names.contains(&row.name), "{code}");
        }
    }

    #[test]
    fn constants_have_only_the_known_gaps() {
        for row in STATUSES {
            let names = row.constants;
            for (library, constant, gaps) in [
                ("python3", names.python3, &[][..]),
                ("python2", names.python2, PYTHON2_GAPS),
                ("go", names.go, &[][..]),
                ("rails", names.rails, &[418][..]),
                ("symfony", names.symfony, &[][..]),
                ("rust", names.rust, &[][..]),
                ("node", names.node, &[][..]),
            ] {
                let expected = row.registered && !gaps.contains(&row.code);
                assert_eq!(constant.is_some(), expected, "{} {library}", row.code);
            }
            if let Some(node) = names.node {
                let start = format!("http.STATUS_CODES[{}] = ", row.code);
                assert!(node.starts_with(&start), "{node}");
            }
        }
    }

    #[test]
    fn caching_ids_are_stable() {
        assert_eq!(Caching::Heuristic.id(), "heuristic");
        assert_eq!(Caching::ExplicitOnly.id(), "explicit-only");
        assert_eq!(Caching::NeverStore.id(), "never-store");
        assert_eq!(Caching::NoResponse.id(), "no-response");
    }
}
