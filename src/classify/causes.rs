//! Why a request failed, as far as its own line tells.

use super::agents::Kind;
use super::referers::Referer;
use crate::record::{Cause, Status};

/// What the line of a failed request says.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    /// Its status.
    pub status: Status,
    /// Whether its request line is one.
    pub is_whole: bool,
    /// See [`super::probes::weight`].
    pub probe: u8,
    /// Who asked.
    pub agent: Kind,
    /// Where it came from.
    pub referer: Referer,
    /// Whether it asked for a part of a page.
    pub is_asset: bool,
}

/// From this weight on a probe is one by itself.
const PROBE_MIN: u8 = 2;

impl Failed {
    /// Why. What is beyond doubt comes first: each request has one cause.
    pub fn cause(self) -> Cause {
        match self.status.code() {
            _ if !self.is_whole => Cause::Malformed,
            _ if self.agent == Kind::Scanner || self.probe >= PROBE_MIN => Cause::Scanner,
            Some(401 | 403 | 407 | 451) => Cause::Auth,
            Some(429 | 444) => Cause::RateLimit,
            Some(408 | 460 | 499) => Cause::ClientAbort,
            Some(404 | 410) => match self.referer {
                Referer::Own if !self.is_asset => Cause::InternalLink,
                Referer::Search => Cause::SearchResult,
                Referer::Other => Cause::ExternalLink,
                _ if self.is_asset => Cause::MissingAsset,
                _ if matches!(self.agent, Kind::Crawler | Kind::FakeCrawler) => Cause::Crawler,
                _ => Cause::Direct,
            },
            _ => Cause::BadRequest,
        }
    }
}

/// A cause, explained.
pub struct Row {
    /// Which.
    pub cause: Cause,
    /// One line.
    pub summary: &'static str,
    /// What it means and what to do about it.
    pub explain: &'static str,
}

/// All causes, in the order in which they are tried. What is said of search is what the engines document:
/// see "HTTP status codes, network and DNS errors" and "Crawl budget" of Google Search Central, 2026.
pub const CAUSES: &[Row] = &[
    Row {
        cause: Cause::Malformed,
        summary: "the request line is none: TLS to a port without it, or rubbish",
        explain: "What was sent is no request of HTTP: an empty line, one word, the first bytes of TLS \
            (\\x16\\x03) on a port that speaks plain HTTP. Nearly always somebody scans addresses. It costs \
            nothing and hurts nobody. Look at it only where one client of yours is behind it: then a proxy or \
            a monitor speaks TLS to the wrong port.",
    },
    Row {
        cause: Cause::Scanner,
        summary: "a search for weaknesses: no page links to such a path",
        explain: "The target is one that nobody but a scanner asks for (/.env, /.git/config, /wp-login.php \
            of a site without WordPress), the user agent is that of a scanner, or the client asked for several \
            such things. As long as it gets 4xx nothing is wrong, and these are no broken links: leave them out \
            of any list of those. Look for the same client's requests that were answered with 200. Where the \
            load hurts, limit or deny the clients (logscan --json names them: kind scanner), never a path that \
            your pages have.",
    },
    Row {
        cause: Cause::Auth,
        summary: "refused: 401, 403, 407 or 451",
        explain: "The server knows what was asked for and does not give it. Many of one client on one path: \
            somebody tries passwords. Of many clients at once: a rule, a firewall or a change of rights went too \
            far. A crawler that is verified and gets 401 or 403 drops the page from its index, as it would for \
            404: do not use these to slow crawlers down; 429 or 503 are for that.",
    },
    Row {
        cause: Cause::RateLimit,
        summary: "turned away by a limit: 429, or nginx's 444",
        explain: "A limit or a rule of your own did this. See who was hit: a script that runs too fast is \
            what the limit is for; browsers and verified crawlers are not. To a crawler 429 is as a server \
            error: it slows down on the whole host, and a robots.txt that answers 429 can stop it for hours. \
            After some two days of it pages are dropped. 444 closes the connection without an answer, and \
            counts as one that broke.",
    },
    Row {
        cause: Cause::ClientAbort,
        summary: "the client left before the answer, or was too slow: 408, 460, 499",
        explain: "The client, or a balancer between, did not wait. Where the request times stand at one \
            value (a wall at 30 s) it is a time limit of the client's: the server is too slow for it. Short \
            times are people who went on, or a search that is typed letter by letter. For a crawler it is a \
            site that is too slow, which it then asks less often.",
    },
    Row {
        cause: Cause::InternalLink,
        summary: "a page of the site itself links to what is not there",
        explain: "The referer is a page of your own, and the target answers 404 or 410: a broken link that \
            people follow and that you can mend. The column 'linked from', and referers in the JSON, name the \
            pages. Mend the link there; where the page has moved, answer 301 to its new place as well. Pages \
            that are linked from a template show up with many referers: mend the template.",
    },
    Row {
        cause: Cause::SearchResult,
        summary: "a search engine sent somebody to what is not there",
        explain: "The referer is a search engine: it still shows a page of yours that answers 404 or 410. \
            That page had visitors to lose. Where there is a page that takes its place, answer 301 to that; \
            else 404 is right, and the engine forgets it by and by. Do not redirect to the home page: that is \
            a soft 404 to the engine. Do not forbid it in robots.txt: it could then not see the 404.",
    },
    Row {
        cause: Cause::ExternalLink,
        summary: "somebody else's page links to what is not there",
        explain: "The referer is another site, and the target answers 404 or 410. Visitors and what the link \
            is worth are lost. Where there is a page that takes the place of the old one, answer 301 to that. \
            Browsers tell other sites their own host alone, so that the page that links may not be known. \
            Referers are easily made up: believe one that several clients came from. Where your own hosts are \
            among these, name them with --site.",
    },
    Row {
        cause: Cause::MissingAsset,
        summary: "a picture, style, script or font is not there",
        explain: "A part of a page is missing, so that pages look broken, to people and to crawlers that \
            draw them. A path that worked before and fails now, with a hash in its name, was taken away by a \
            deploy while pages that ask for it are still kept somewhere: keep the files of the last builds as \
            long as pages are cached. favicon.ico and apple-touch-icon are asked for by themselves: add them, \
            or let them be.",
    },
    Row {
        cause: Cause::Crawler,
        summary: "a crawler asks for what is not there, from a list of its own",
        explain: "Crawlers send no referer: where they have the address from is not known. They come back for \
            pages that are gone, for years, and more so after they met a link. That wastes nothing: 404 and 410 \
            do not use up what a crawler spends on a site, and both are equally right; 410 is forgotten a little \
            sooner. Act where a page that should be there is among them, where it is in your sitemap, or where \
            a page that takes its place exists: 301.",
    },
    Row {
        cause: Cause::Direct,
        summary: "asked for directly, and nothing tells why",
        explain: "There is no referer: it was typed, bookmarked, followed from a mail, or the page that links \
            keeps it back (Referrer-Policy). Paths that many clients ask for are old addresses or printed ones: \
            where a page takes their place, 301. Paths that one client asks for once are guesses.",
    },
    Row {
        cause: Cause::BadRequest,
        summary: "not understood: any other 4xx",
        explain: "400, 405, 411 to 431 and those of your own application: the client asks in a way that the \
            server does not take. logscan explain with the status tells what that one means. Many from browsers \
            after a deploy are a fault of your own pages.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_explained_in_its_order() {
        let explained: Vec<Cause> = CAUSES.iter().map(|row| row.cause).collect();
        assert_eq!(explained, Cause::ALL);
        assert!(CAUSES.iter().all(|row| row.explain.len() > 100 && row.summary.len() < 90));
    }

    #[test]
    fn each_request_has_the_cause_that_is_beyond_doubt() {
        let page = Failed {
            status: Status::NOT_FOUND,
            is_whole: true,
            probe: 0,
            agent: Kind::Browser,
            referer: Referer::Nowhere,
            is_asset: false,
        };
        let status = |code| Failed { status: Status::from_code(code), ..page };
        let from = |referer| Failed { referer, ..page };
        for (failed, wanted) in [
            (page, Cause::Direct),
            (Failed { is_whole: false, ..status(400) }, Cause::Malformed),
            (Failed { probe: 3, ..status(403) }, Cause::Scanner),
            (Failed { probe: 1, ..page }, Cause::Direct),
            (Failed { agent: Kind::Scanner, ..from(Referer::Own) }, Cause::Scanner),
            (status(401), Cause::Auth),
            (status(429), Cause::RateLimit),
            (status(499), Cause::ClientAbort),
            (status(405), Cause::BadRequest),
            (from(Referer::Own), Cause::InternalLink),
            (Failed { is_asset: true, ..from(Referer::Own) }, Cause::MissingAsset),
            (Failed { is_asset: true, ..page }, Cause::MissingAsset),
            (Failed { is_asset: true, ..from(Referer::Other) }, Cause::ExternalLink),
            (from(Referer::Search), Cause::SearchResult),
            (Failed { agent: Kind::Crawler, ..status(410) }, Cause::Crawler),
            (Failed { agent: Kind::Crawler, ..from(Referer::Own) }, Cause::InternalLink),
        ] {
            assert_eq!(failed.cause(), wanted, "{failed:?}");
        }
    }
}
