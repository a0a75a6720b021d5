//! What a planted log is made of: sites, clients, moments, and the requests and truths so far.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::{HOURS, Random, mix};
use super::load;
use super::site::{self, Site};
use super::{Fact, Hit, Who};

/// 2026-09-01 00:00:00 UTC: Google's and Bing's lists of addresses were fetched ten days before, and hold
/// until 2026-10-20. After that nobody can call a crawler a fake.
const SEPTEMBER_1: i64 = 1_788_220_800;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A day in milliseconds.
pub const DAY_MILLIS: i64 = DAY;
/// An hour in milliseconds.
pub const HOUR_MILLIS: i64 = HOUR;

/// What people browse with.
const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:149.0) Gecko/20100101 Firefox/149.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
];

pub const GOOGLEBOT: &str =
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
pub const GOOGLEBOT_PHONE: &str = "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.7871.60 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
pub const GOOGLEBOT_IMAGE: &str = "Googlebot-Image/1.0";
pub const BINGBOT: &str = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36";

/// Other sites, as browsers name them to strangers.
pub const STRANGERS: &[&str] = &[
    "https://forum.tinkerers.example/",
    "https://www.dailydigest.example/",
    "https://links.library.example/",
    "https://travel.notes.example/",
    "https://old.review.example/",
    "https://www.makers.example/",
];

/// Search engines, as browsers name them.
pub const SEARCHES: &[&str] = &[
    "https://www.google.com/",
    "https://www.google.com/",
    "https://www.google.de/",
    "https://www.bing.com/",
    "https://duckduckgo.com/",
];

/// A log in the making.
pub struct Scene {
    pub random: Random,
    /// Milliseconds since the epoch.
    pub start: i64,
    /// The end, which is not part of it.
    pub end: i64,
    pub days: u64,
    pub sites: Vec<Site>,
    pub hits: Vec<Hit>,
    pub facts: BTreeSet<Fact>,
    /// Files that every crawler asks for and that are not there from some moment on.
    pub broken: Vec<Broken>,
    /// The ids of all that is planted.
    pub plants: Vec<&'static str>,
    /// Whether one path, or a few clients, take most of all request time already.
    pub is_time_taken: bool,
    came: BTreeSet<IpAddr>,
    slugs: Vec<u64>,
    changes: Vec<i64>,
    clients: u32,
}

/// Networks of /24 from this one on are for those who come together.
const NETWORKS_FROM: u8 = 200;

/// A network of /24 or /48 that those who come from it have for themselves.
#[derive(Clone, Copy)]
pub enum Network {
    V4(u8),
    V6(u16),
}

impl Network {
    /// One of its first 200 addresses.
    pub fn address(self, number: u8) -> IpAddr {
        match self {
            Network::V4(net) => IpAddr::V4(Ipv4Addr::new(198, 19, net, 20 + number)),
            Network::V6(third) => {
                let host = mix(u64::from(number) + 1);
                let [a, b, c] = [0, 16, 32].map(|shift| (host >> shift) as u16);
                IpAddr::V6(Ipv6Addr::from([0x2001, 0xDB8, third, 30, a | 0x200, b, c, 1]))
            }
        }
    }

    fn holds(self, address: &IpAddr) -> bool {
        match (self, address) {
            (Network::V4(net), IpAddr::V4(address)) => address.octets()[..3] == [198, 19, net],
            (Network::V6(third), IpAddr::V6(address)) => address.segments()[2] == third,
            _ => false,
        }
    }

    /// How it is written, in all ways that are right.
    pub fn names(self) -> String {
        let start = self.start();
        match self {
            Network::V4(_) => format!("{start}0/24"),
            Network::V6(_) => format!("{start}:/48|{start}1e::/64"),
        }
    }

    /// How it begins, and all its addresses with it.
    pub fn start(self) -> String {
        match self {
            Network::V4(net) => format!("198.19.{net}."),
            Network::V6(third) => format!("2001:db8:{third:x}:"),
        }
    }
}

/// From when on a well-known file is answered how.
pub struct Broken {
    pub site: usize,
    pub path: &'static str,
    pub from: i64,
    pub status: u16,
}

impl Scene {
    pub fn new(seed: u64, days: u64) -> Scene {
        let mut random = Random(mix(seed ^ 0x706C_616E_7465_6421));
        let start = (SEPTEMBER_1 + random.below(6) as i64 * 86_400) * 1000;
        let end = start + days as i64 * DAY;
        let mut slugs: Vec<u64> = (0..site::SLUGS).collect();
        shuffle(&mut slugs, &mut random);
        // Half days from the fourth to the third last: before and after each there is enough to see.
        let mut changes: Vec<i64> =
            (8..2 * days as i64 - 6).map(|half| start + half * DAY / 2).collect();
        shuffle(&mut changes, &mut random);
        let mut scene = Scene {
            random,
            start,
            end,
            days,
            sites: Vec::new(),
            hits: Vec::new(),
            facts: BTreeSet::new(),
            broken: Vec::new(),
            plants: Vec::new(),
            is_time_taken: false,
            came: BTreeSet::new(),
            slugs,
            changes,
            clients: 0,
        };
        let hosts = ["www.lamplight.example", "magazine.lamplight.example"];
        let sites = if scene.random.percent(35) { 2 } else { 1 };
        for host in &hosts[..sites] {
            let slugs = &mut scene.slugs;
            let slug = || site::slug(slugs.pop().expect("there are slugs enough"));
            scene.sites.push(Site::new((*host).to_owned(), &mut scene.random, slug));
        }
        scene
    }

    // Truth.

    /// Something that was planted.
    pub fn must(&mut self, id: &'static str, subject: impl Into<String>) {
        self.facts.insert(Fact { must: true, id, subject: subject.into() });
    }

    /// Something that is true as well.
    pub fn may(&mut self, id: &'static str, subject: impl Into<String>) {
        self.facts.insert(Fact { must: false, id, subject: subject.into() });
    }

    /// As [`Scene::must`], about a whole site: by its host, with `www.` or without.
    pub fn must_of_site(&mut self, id: &'static str, site: usize) {
        let host = &self.sites[site].host;
        let bare = host.trim_start_matches("www.");
        let subject = if bare == host { host.clone() } else { format!("{host}|{bare}") };
        self.must(id, subject);
    }

    /// As [`Scene::may`], about a whole site.
    pub fn may_of_site(&mut self, id: &'static str, site: usize) {
        let host = self.sites[site].host.clone();
        self.may(id, host.trim_start_matches("www."));
        self.may(id, host);
    }

    // Places.

    /// A site; the first is the larger.
    pub fn site(&mut self) -> usize {
        if self.sites.len() > 1 && self.random.percent(40) { 1 } else { 0 }
    }

    /// A name that no page has, nor one like it.
    pub fn slug(&mut self) -> String {
        site::slug(self.slugs.pop().expect("there are slugs enough"))
    }

    /// A path in a part of the site that no page has, nor one like it.
    pub fn fresh(&mut self, site: usize) -> String {
        let sections = &self.sites[site].sections;
        let section = sections[self.random.below(sections.len() as u64) as usize].clone();
        format!("{section}{}", self.slug())
    }

    // Moments.

    /// When something changes: never at the same time as anything else.
    pub fn change(&mut self) -> i64 {
        let half = self.changes.pop().expect("there are half days enough");
        half + self.random.between(0, DAY as u64 / 4) as i64
    }

    /// Any moment of a span.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.random.below((to - from).max(1) as u64) as i64
    }

    /// A moment of a span, at a time of day when people are awake.
    pub fn awake(&mut self, from: i64, to: i64) -> i64 {
        for _ in 0..20 {
            let at = self.between(from, to);
            let hour = at.rem_euclid(DAY) / HOUR;
            if self.random.below(102) < HOURS[hour as usize] {
                return at;
            }
        }
        self.between(from, to)
    }

    /// A moment of the whole log when people are awake.
    pub fn some_time(&mut self) -> i64 {
        self.awake(self.start, self.end - HOUR)
    }

    /// So many moments of a span, one in each of its equal parts, in order.
    pub fn spread(&mut self, count: u64, from: i64, to: i64) -> Vec<i64> {
        let part = (to - from) / count.max(1) as i64;
        (0..count as i64).map(|at| self.between(from + at * part, from + (at + 1) * part)).collect()
    }

    // Clients.

    /// Somebody new, with a browser. No two share a network of /24 or /48 before 200 have come.
    pub fn visitor(&mut self) -> Who {
        self.clients += 1;
        self.visitor_of(self.clients + 1_000_000)
    }

    /// The same visitor for the same number.
    pub fn visitor_of(&mut self, number: u32) -> Who {
        let hash = mix(u64::from(number) ^ 0x76_6973_6974);
        // Three turns of the networks of /24 differ by what stands behind.
        let (net, host) = (number as u8, (hash >> 8) % 250 + 2);
        let address = if hash % 100 < 22 {
            let groups = [0x2001, 0xDB8, (number & 0xFFFF) as u16 | 1, 7, 0, 0, 0, host as u16];
            IpAddr::V6(Ipv6Addr::from(groups))
        } else {
            IpAddr::V4(Ipv4Addr::new(198, 18, net, host as u8))
        };
        Who { address, agent: BROWSERS[self.browser(hash >> 20)] }
    }

    fn browser(&self, hash: u64) -> usize {
        // The first are the commonest.
        let (one, two) = (hash % BROWSERS.len() as u64, (hash >> 16) % BROWSERS.len() as u64);
        one.min(two) as usize
    }

    /// So many people.
    pub fn visitors(&mut self, count: u64) -> Vec<Who> {
        (0..count).map(|_| self.visitor()).collect()
    }

    /// Somebody behind an address that a whole office shares.
    pub fn behind_one_address(&mut self, office: u8) -> Who {
        let address = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10 + office));
        let hash = self.random.next();
        Who { address, agent: BROWSERS[self.browser(hash)] }
    }

    /// A program of no known crawler's network.
    pub fn program(&mut self, number: u32, agent: &'static str) -> Who {
        let hash = mix(u64::from(number) ^ 0x70_726F_6772);
        let address = Ipv4Addr::new(198, 19, hash as u8, (hash >> 8) as u8 % 250 + 2);
        Who { address: IpAddr::V4(address), agent }
    }

    /// Googlebot, from an address of Google's list.
    pub fn googlebot(&mut self) -> Who {
        let (third, low) = self.random.pick(&[(64, 20), (65, 90), (66, 1), (66, 160), (70, 33)]);
        let host = low + self.random.below(5) as u8;
        let agent = if self.random.percent(72) { GOOGLEBOT_PHONE } else { GOOGLEBOT };
        Who { address: IpAddr::V4(Ipv4Addr::new(66, 249, third, host)), agent }
    }

    /// Its sister for pictures.
    pub fn googlebot_image(&mut self) -> Who {
        Who { agent: GOOGLEBOT_IMAGE, ..self.googlebot() }
    }

    /// bingbot, from an address of Microsoft's list.
    pub fn bingbot(&mut self) -> Who {
        let (a, b, c) = self.random.pick(&[(40, 77, 167), (157, 55, 39), (207, 46, 13)]);
        let host = 20 + self.random.below(9) as u8;
        Who { address: IpAddr::V4(Ipv4Addr::new(a, b, c, host)), agent: BINGBOT }
    }

    /// One of the two, and its name.
    pub fn crawler(&mut self, name: &str) -> Who {
        if name == "bingbot" { self.bingbot() } else { self.googlebot() }
    }

    /// Takes down who came so far, for [`Scene::stranger`] and [`Scene::network`].
    pub fn note_who_came(&mut self) {
        self.came = self.hits.iter().map(|hit| hit.who.address).collect();
    }

    /// A program that was never here before, from anywhere.
    pub fn stranger(&mut self, agent: &'static str) -> Who {
        loop {
            let hash = self.random.next();
            let address = if hash >> 56 < 40 {
                let (third, host) = ((hash & 0xFFFE) as u16 | 0x1000, (hash >> 16) as u16 | 1);
                IpAddr::V6(Ipv6Addr::from([0x2001, 0xDB8, third, 9, 0, 0, 0, host]))
            } else {
                let (net, host) = ((hash % u64::from(NETWORKS_FROM)) as u8, (hash >> 16) % 250 + 2);
                IpAddr::V4(Ipv4Addr::new(198, 19, net, host as u8))
            };
            if self.came.insert(address) {
                return Who { address, agent };
            }
        }
    }

    /// A network that nobody came from.
    pub fn network(&mut self) -> Network {
        loop {
            let hash = self.random.next();
            let network = if hash >> 56 < 40 {
                Network::V6((hash & 0xFFFE) as u16 | 0x1000)
            } else {
                Network::V4(NETWORKS_FROM + (hash % u64::from(u8::MAX - NETWORKS_FROM)) as u8)
            };
            if !self.came.iter().any(|address| network.holds(address)) {
                // It is taken from now on.
                self.came.insert(network.address(0));
                return network;
            }
        }
    }

    // Requests.

    /// A request that is answered with the page, or with the usual body of another status.
    pub fn hit(&mut self, at: i64, who: Who, site: usize, target: &str, status: u16) -> &mut Hit {
        let place = &self.sites[site];
        let body = match status {
            200 => place.length(target, who),
            _ => place.error_length(status, who),
        };
        let chance = self.random.next();
        let millis = match status {
            200 => load::around(if load::is_asset(target) { 5 } else { 110 }, chance),
            _ => 1 + (chance % 20) as u32,
        };
        self.hits.push(Hit {
            at,
            who,
            site,
            user: "",
            method: "GET",
            target: target.to_owned(),
            status,
            body,
            referer: String::new(),
            location: String::new(),
            millis,
        });
        self.hits.last_mut().expect("it was pushed just now")
    }

    /// A person comes to a page, and the browser loads all that belongs to it. `referer` is whole, or empty.
    pub fn open(&mut self, at: i64, who: Who, site: usize, page: &str, status: u16, referer: &str) {
        self.hit(at, who, site, page, status).referer = referer.to_owned();
        let mut parts = self.sites[site].assets.clone();
        parts.push("/images/logo.svg".to_owned());
        parts.extend(self.picture(page, status));
        for part in parts {
            self.load(at, who, site, page, &part);
        }
    }

    /// A person goes on to a page, whose dress the browser has already.
    pub fn go_on(
        &mut self,
        at: i64,
        who: Who,
        site: usize,
        page: &str,
        status: u16,
        referer: &str,
    ) {
        self.hit(at, who, site, page, status).referer = referer.to_owned();
        if let Some(picture) = self.picture(page, status) {
            self.load(at, who, site, page, &picture);
        }
    }

    /// The picture of a page, if it has one.
    fn picture(&mut self, page: &str, status: u16) -> Option<String> {
        let path = page.split('?').next().unwrap_or(page);
        let name = path.rsplit('/').next().unwrap_or_default();
        let has = status == 200 && name.contains('-') && self.random.percent(60);
        has.then(|| format!("/images/{name}.jpg"))
    }

    /// The browser loads a part of a page.
    fn load(&mut self, at: i64, who: Who, site: usize, page: &str, part: &str) {
        let at = at + self.random.between(60, 1_900) as i64;
        // Who was here before has it already.
        let status = if self.random.percent(12) { 304 } else { 200 };
        let referer = self.sites[site].url(page);
        self.hit(at, who, site, part, status).referer = referer;
    }

    /// A person reads a page and follows a link of it to this path.
    pub fn follow(&mut self, at: i64, who: Who, site: usize, from: &str, to: &str, status: u16) {
        self.open(at, who, site, from, 200, "");
        let at = at + self.random.between(4_000, 50_000) as i64;
        let referer = self.sites[site].url(from);
        self.go_on(at, who, site, to, status, &referer);
    }

    /// A person comes straight to this path, which may not be there, and sees the site's dress.
    pub fn land(&mut self, at: i64, who: Who, site: usize, to: &str, status: u16, referer: &str) {
        self.open(at, who, site, to, status, referer);
        if status != 200 && self.random.percent(35) {
            let at = at + self.random.between(3_000, 20_000) as i64;
            let referer = self.sites[site].url(to);
            self.go_on(at, who, site, "/", 200, &referer);
        }
    }

    /// A crawler asks for a path.
    pub fn crawl(&mut self, at: i64, who: Who, site: usize, to: &str, status: u16) {
        self.hit(at, who, site, to, status);
    }
}

/// Puts into any order.
pub fn shuffle<T>(things: &mut [T], random: &mut Random) {
    for at in (1..things.len()).rev() {
        things.swap(at, random.below(at as u64 + 1) as usize);
    }
}
