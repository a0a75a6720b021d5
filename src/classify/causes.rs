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

#[cfg(test)]
mod tests {
    use super::*;

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
