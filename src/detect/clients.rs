//! Who a client is: decided once, from what was counted of its requests that failed.

use std::cmp::Reverse;

use crate::aggregate::counts::ErrorCounts;
use crate::classify::agents::{Agent, Kind};
use crate::classify::ranges::{Ranges, Verdict};
use crate::record::Cause;
use crate::report::ClientKind;

/// Who asked for things of this weight together looks for weaknesses: two that are beyond doubt, or six
/// that are weak.
const PROBES_MIN: u32 = 6;

/// And one in so many of its requests that failed, at least, are such.
const PROBING_PART: u64 = 20;

/// Judges clients.
#[derive(Debug)]
pub struct Judge<'a> {
    ranges: &'a Ranges,
    /// The last second of the log.
    log_end: i64,
    /// Whether addresses are those of the clients, and not of proxies before them.
    has_addresses: bool,
}

/// Who a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What it is.
    pub kind: ClientKind,
    /// The crawler or program that it says it is.
    pub name: Option<&'static str>,
    /// Whether it may be a fake, had its crawler's list been of the time of the log.
    pub is_doubted_crawler: bool,
}

impl<'a> Judge<'a> {
    /// For a log that ends at this second.
    pub fn new(ranges: &'a Ranges, log_end: i64, has_addresses: bool) -> Judge<'a> {
        Judge { ranges, log_end, has_addresses }
    }

    /// Who it is that has these 4xx. What is proven by its address counts before what it does, and that
    /// before what it says.
    pub fn judge(&self, client: &[u8], errors: &ErrorCounts) -> Judgement {
        let mut agents: Vec<(Agent, u64)> = errors.agents.iter().collect();
        agents.sort_unstable_by_key(|(agent, requests)| (Reverse(*requests), *agent));
        let main = agents.first().map(|(agent, _)| *agent);
        let verdicts = agents.iter().filter_map(|(agent, _)| {
            let crawler = agent.crawler()?;
            let verdict = match self.has_addresses {
                true => self.ranges.verdict(crawler, client, self.log_end),
                false => Verdict::Unverifiable,
            };
            Some((verdict, crawler))
        });
        let verdicts: Vec<_> = verdicts.collect();
        let of = |wanted: Verdict| verdicts.iter().find(|(verdict, _)| *verdict == wanted);
        // Whom a list of its time would give the lie.
        let is_doubted = |crawler| {
            self.ranges.is_out_of_date(crawler, self.log_end)
                && self.ranges.verdict_in_time(crawler, client) == Verdict::Spoofed
        };
        let is_doubted_crawler = self.has_addresses
            && of(Verdict::Verified).is_none()
            && verdicts.iter().any(|(_, crawler)| is_doubted(crawler));
        let is = |kind, name| Judgement { kind, name, is_doubted_crawler };
        // One odd request among many is somebody else behind the same address, or a jest.
        let named = agents.iter().filter(|(agent, _)| agent.kind() != Kind::Nameless);
        let all: u64 = named.map(|(_, requests)| requests).sum();
        let is_mostly = |is_it: &dyn Fn(Agent) -> bool| {
            let part = agents.iter().filter(|(agent, _)| is_it(*agent));
            let part: u64 = part.map(|(_, requests)| requests).sum();
            part > 0 && part * 2 >= all
        };
        let has_kind = |wanted: Kind| is_mostly(&|agent| agent.kind() == wanted);
        let spoofed: Vec<_> =
            verdicts.iter().filter(|(verdict, _)| *verdict == Verdict::Spoofed).collect();
        // Who is the crawler of several publishers is a proxy before them all.
        let is_one = spoofed.windows(2).all(|pair| pair[0].1.list == pair[1].1.list);
        let is_spoofed = |agent: Agent| {
            let crawler = agent.crawler();
            crawler
                .is_some_and(|crawler| spoofed.iter().any(|(_, other)| other.name == crawler.name))
        };
        let name = main.and_then(Agent::name);
        if let Some((_, crawler)) = of(Verdict::Verified) {
            return is(ClientKind::VerifiedCrawler, Some(crawler.name));
        }
        if let Some((_, crawler)) = spoofed.first()
            && is_one
            && is_mostly(&is_spoofed)
        {
            return is(ClientKind::SpoofedCrawler, Some(crawler.name));
        }
        if has_kind(Kind::FakeCrawler) {
            return is(ClientKind::SpoofedCrawler, name);
        }
        // Behind an address that many share somebody is always curious: they are not all scanners.
        let of_scanner = errors.causes.iter().filter(|(cause, _)| *cause == Cause::Scanner);
        let probing: u64 = of_scanner.map(|(_, requests)| requests).sum();
        let is_probing = errors.probes.weight() >= PROBES_MIN
            && probing * PROBING_PART >= errors.by_status.total()
            && main.is_none_or(|main| main.kind() != Kind::Monitoring);
        if has_kind(Kind::Scanner) || is_probing {
            return is(ClientKind::Scanner, name);
        }
        let Some(main) = main else { return is(ClientKind::Several, None) };
        let kind = match main.kind() {
            Kind::Crawler | Kind::FakeCrawler => ClientKind::Crawler,
            Kind::Scanner => ClientKind::Scanner,
            Kind::Monitoring => ClientKind::Monitoring,
            Kind::Feed => ClientKind::Feed,
            Kind::Library => ClientKind::Library,
            Kind::Browser => ClientKind::Browser,
            Kind::Other | Kind::Nameless => ClientKind::Unknown,
        };
        is(kind, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::probes;
    use crate::record::{Aside, Hit, Status};

    const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1)";
    const FIREFOX: &str = "Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0";
    /// The last second of a log that ends when the lists were new, and of one that ends a year later.
    const NEW: i64 = 1_788_220_800;
    const OLD: i64 = NEW + 365 * 86_400;

    fn judge(
        client: &str,
        log_end: i64,
        requests: &[(&str, &str)],
    ) -> (ClientKind, Option<&'static str>) {
        let mut errors = ErrorCounts::new(0);
        for (number, (path, agent)) in (0..).zip(requests) {
            let probe = probes::weight(path.as_bytes());
            let aside = Aside {
                agent: Agent::new(Some(agent.as_bytes())).number(),
                probe,
                cause: if probe < 2 { Cause::Direct } else { Cause::Scanner },
                ..Aside::none()
            };
            let hit = Hit {
                status: Status::NOT_FOUND,
                is_error: true,
                client: client.as_bytes(),
                path: path.as_bytes(),
                aside: Some(&aside),
                ..Hit::NONE
            };
            errors.add(&hit, &aside, number << 58);
        }
        let lists = Ranges::default();
        let judge = Judge::new(&lists, log_end, true);
        let Judgement { kind, name, .. } = judge.judge(client.as_bytes(), &errors);
        (kind, name)
    }

    #[test]
    fn an_address_proves_more_than_a_name() {
        let ask = [("/a", GOOGLEBOT)];
        assert_eq!(
            judge("66.249.66.1", NEW, &ask),
            (ClientKind::VerifiedCrawler, Some("Googlebot"))
        );
        assert_eq!(judge("192.0.2.1", NEW, &ask), (ClientKind::SpoofedCrawler, Some("Googlebot")));
        assert_eq!(judge("192.0.2.1", OLD, &ask), (ClientKind::Crawler, Some("Googlebot")));
        // Somebody links to what a scanner would ask for.
        let probes = [("/.env", GOOGLEBOT), ("/.git/config", GOOGLEBOT)];
        assert_eq!(judge("66.249.66.1", NEW, &probes).0, ClientKind::VerifiedCrawler);
        assert_eq!(judge("192.0.2.1", OLD, &probes).0, ClientKind::Scanner);
    }

    #[test]
    fn what_it_does_counts_before_what_it_says() {
        let two = [("/.env", FIREFOX), ("/.git/config", FIREFOX)];
        assert_eq!(judge("192.0.2.1", NEW, &two), (ClientKind::Scanner, None));
        // One alone, however often, is not enough.
        assert_eq!(judge("192.0.2.1", NEW, &two[..1]), (ClientKind::Browser, None));
        assert_eq!(
            judge("192.0.2.1", NEW, &[("/a", "sqlmap/1.8")]),
            (ClientKind::Scanner, Some("sqlmap"))
        );
        assert_eq!(
            judge("192.0.2.1", NEW, &[("/a", "curl/8.5.0")]),
            (ClientKind::Library, Some("curl"))
        );
        assert_eq!(judge("192.0.2.1", NEW, &[("/a", "")]), (ClientKind::Unknown, None));
        let most = [("/a", "curl/8.5.0"), ("/b", FIREFOX), ("/c", FIREFOX)];
        assert_eq!(judge("192.0.2.1", NEW, &most).0, ClientKind::Browser);
    }

    #[test]
    fn one_odd_request_is_not_who_a_client_is() {
        let many = [("/a", FIREFOX), ("/b", FIREFOX), ("/c", FIREFOX), ("/d", GOOGLEBOT)];
        assert_eq!(judge("192.0.2.1", NEW, &many).0, ClientKind::Browser);
        let many = [("/a", FIREFOX), ("/b", FIREFOX), ("/c", FIREFOX), ("/d", "sqlmap/1.8")];
        assert_eq!(judge("192.0.2.1", NEW, &many).0, ClientKind::Browser);
        // Crawlers of several publishers come through a proxy.
        let both = [("/a", GOOGLEBOT), ("/b", "Mozilla/5.0 (compatible; bingbot/2.0)")];
        assert_eq!(judge("192.0.2.1", NEW, &both).0, ClientKind::Crawler);
    }

    #[test]
    fn two_probes_among_many_links_are_somebody_else() {
        let mut requests = vec![("/broken", FIREFOX); 100];
        requests.extend([("/.env", FIREFOX), ("/.git/config", FIREFOX)]);
        assert_eq!(judge("192.0.2.1", NEW, &requests).0, ClientKind::Browser);
        requests.truncate(20);
        requests.extend([("/.env", FIREFOX), ("/.git/config", FIREFOX)]);
        assert_eq!(judge("192.0.2.1", NEW, &requests).0, ClientKind::Scanner);
        let watch = [
            ("/server-status", "Prometheus/2.50.0"),
            ("/.env", "Prometheus/2.50.0"),
            ("/.git/x", "-"),
        ];
        assert_eq!(judge("192.0.2.1", NEW, &watch).0, ClientKind::Monitoring);
    }

    #[test]
    fn who_has_many_names_is_several() {
        let agents = [
            "curl/8",
            "Wget/1",
            FIREFOX,
            "",
            "x",
            "AhrefsBot",
            "bingbot",
            "GPTBot",
            "CCBot/",
            "Yeti/",
        ];
        let requests: Vec<_> = agents.iter().map(|agent| ("/a", *agent)).collect();
        assert_eq!(judge("192.0.2.1", OLD, &requests).0, ClientKind::Several);
    }
}
