//! Where the real crawlers come from: their publishers' lists of addresses, with the day that each was
//! fetched on. A list grows old: Googlebot's changed fourteen times in half a year.

use std::net::IpAddr;
use std::sync::LazyLock;

use chrono::NaiveDate;
use ipnet::IpNet;

use super::crawlers::{Crawler, Purpose};

/// A list that was fetched so long before a log ends is no proof of a fake: 60 days, in seconds.
const OLD_SECONDS: i64 = 60 * 86_400;

/// Nor is one that was fetched so long after: crawlers leave addresses too, though less often than they
/// take new ones. A year, in seconds.
const NEW_SECONDS: i64 = 365 * 86_400;

macro_rules! lists {
    ($($name:ident $id:literal $files:expr, $doc:literal;)*) => {
        /// A publisher's list of addresses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum List {
            $(#[doc = $doc] $name,)*
        }

        impl List {
            /// All of them.
            pub const ALL: &[List] = &[$(List::$name,)*];

            /// Its name.
            pub fn id(self) -> &'static str {
                match self {
                    $(List::$name => $id,)*
                }
            }

            /// What the publisher calls the file, of old and now.
            pub fn files(self) -> &'static [&'static str] {
                match self {
                    $(List::$name => &$files,)*
                }
            }
        }
    };
}

lists! {
    Google "google" ["common-crawlers.json", "googlebot.json"], "Google's crawlers.";
    GoogleSpecial "google-special" ["special-crawlers.json"], "Google's crawlers for one purpose: AdsBot.";
    GoogleUser "google-user"
        ["user-triggered-fetchers-google.json", "user-triggered-fetchers.json"],
        "What Google fetches because somebody asked.";
    Bing "bing" ["bingbot.json"], "Microsoft's.";
    Apple "apple" ["applebot.json"], "Apple's.";
    DuckDuck "duckduckgo" ["duckduckbot.json"], "DuckDuckGo's.";
    DuckAssist "duckassist" ["duckassistbot.json"], "DuckDuckGo's for answers.";
    Seznam "seznam" ["seznambot.json"], "Seznam's.";
    OpenAiSearch "openai-search" ["searchbot.json", "oai-searchbot.json"], "OpenAI's for search.";
    OpenAiUser "openai-user" ["chatgpt-user.json"], "What ChatGPT fetches because somebody asked.";
    OpenAiTraining "openai" ["gptbot.json"], "OpenAI's for training.";
    Anthropic "anthropic" ["bots.json"], "Anthropic's.";
    Perplexity "perplexity" ["perplexitybot.json"], "Perplexity's.";
    PerplexityUser "perplexity-user" ["perplexity-user.json"], "What Perplexity fetches for somebody.";
    CommonCrawl "commoncrawl" ["ccbot.json"], "Common Crawl's.";
}

impl List {
    /// The one whose publisher calls its file so.
    pub fn of_file(name: &str) -> Option<List> {
        List::ALL.iter().copied().find(|list| list.files().contains(&name))
    }
}

/// Whether a client is the crawler that it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its address is in the publisher's list.
    Verified,
    /// It is not, and the list is of the time of the log.
    Spoofed,
    /// Nobody can tell: there is no list, it is of another time, or such programs come from anywhere.
    Unverifiable,
}

/// What is known of the addresses of crawlers.
#[derive(Clone, Debug)]
pub struct Ranges {
    published: Vec<Published>,
}

#[derive(Clone, Debug)]
struct Published {
    list: List,
    /// As they are published.
    prefixes: Vec<IpNet>,
    networks: Networks,
    /// When it was fetched, in seconds since the epoch.
    fetched: i64,
}

/// Networks, made to be searched: first and last address of each, in order, none within another. Those of
/// IPv4 lie where IPv6 has them (RFC 4291 §2.5.5.2).
#[derive(Clone, Debug, Default)]
struct Networks(Vec<(u128, u128)>);

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl FromIterator<IpNet> for Networks {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Networks {
        let ends = |network: IpNet| (number(network.network()), number(network.broadcast()));
        let mut sorted: Vec<(u128, u128)> = networks.into_iter().map(ends).collect();
        sorted.sort_unstable();
        // Of two that overlap one holds the other.
        sorted.dedup_by(|later, earlier| later.1 <= earlier.1);
        Networks(sorted)
    }
}

impl Networks {
    fn contains(&self, address: IpAddr) -> bool {
        let address = number(address);
        let behind = self.0.partition_point(|(first, _)| *first <= address);
        behind.checked_sub(1).is_some_and(|at| address <= self.0[at].1)
    }
}

/// Networks that only Google and Microsoft crawl from, of which their lists are parts: an address in them
/// is no fake, even if it is in no list. None that can be rented is among them.
const OWNED: &[(List, &[&str])] = &[
    (List::Google, &["66.249.64.0/19", "192.178.0.0/19", "2001:4860:4801::/48"]),
    (List::GoogleSpecial, &["66.249.64.0/19", "192.178.0.0/19", "2001:4860:4801::/48"]),
    (List::Bing, &["40.77.0.0/16", "157.54.0.0/15", "199.30.16.0/20", "207.46.0.0/16"]),
];

/// Networks of Cloudflare (cloudflare.com/ips): who comes from there stands behind it.
const PROXIES: &[&str] = &[
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "108.162.192.0/18",
    "131.0.72.0/22",
    "141.101.64.0/18",
    "162.158.0.0/15",
    "172.64.0.0/13",
    "173.245.48.0/20",
    "188.114.96.0/20",
    "190.93.240.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
    "2400:cb00::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2405:b500::/32",
    "2405:8100::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
];

fn read(networks: &[&str]) -> Networks {
    networks.iter().filter_map(|network| network.parse::<IpNet>().ok()).collect()
}

/// Whether an address is that of a proxy before the site, or of its own network: then nobody knows who is
/// behind it.
fn is_of_proxy(address: &IpAddr) -> bool {
    static NETWORKS: LazyLock<Networks> = LazyLock::new(|| read(PROXIES));
    is_local(address) || NETWORKS.contains(*address)
}

/// Whether an address lies in a network that only the publisher of this list crawls from.
fn is_owned(list: List, address: &IpAddr) -> bool {
    static NETWORKS: LazyLock<Vec<(List, Networks)>> =
        LazyLock::new(|| OWNED.iter().map(|(list, networks)| (*list, read(networks))).collect());
    NETWORKS.iter().any(|(owner, networks)| *owner == list && networks.contains(*address))
}

/// The network of a client, which one person or one house has: 24 bits of an IPv4 address, 48 of one of
/// IPv6; 0 for what is no address. Of those that are of no public network each is one by itself.
pub fn network(client: &[u8]) -> u64 {
    let text = std::str::from_utf8(client).unwrap_or_default();
    match text.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(v4)) if is_local(&IpAddr::V4(v4)) => u64::from(v4.to_bits()) | 1 << 62,
        Ok(IpAddr::V4(v4)) => u64::from(v4.to_bits() >> 8) + 1,
        Ok(IpAddr::V6(v6)) => (v6.to_bits() >> 80) as u64 | 1 << 63,
        Err(_) => 0,
    }
}

/// The network of a client as a person writes it: 24 bits of an IPv4 address, or of one of IPv6 the 64 that
/// one subscriber has. `None` for what is no address of a public network.
pub fn network_text(client: &[u8]) -> Option<String> {
    let address = std::str::from_utf8(client).ok()?.parse::<IpAddr>().ok()?.to_canonical();
    let bits = if address.is_ipv4() { 24 } else { 64 };
    let network = IpNet::new(address, bits).ok().filter(|_| !is_local(&address))?;
    Some(network.trunc().to_string())
}

/// Whether a client has an address that is of no public network.
pub fn is_local_client(client: &[u8]) -> bool {
    let text = std::str::from_utf8(client).unwrap_or_default();
    text.parse::<IpAddr>().is_ok_and(|address| is_local(&address.to_canonical()))
}

/// Whether an address is of no public network: private, shared by a carrier, of one link or this machine
/// (RFC 1918, RFC 6598, RFC 3927, RFC 4193).
pub fn is_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && b & 0xC0 == 64;
            is_shared || v4.is_private() || v4.is_loopback() || v4.is_link_local()
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

const EMBEDDED: &str = include_str!("ranges.txt");

static BUILT_IN: LazyLock<Ranges> = LazyLock::new(Ranges::built_in);

impl Default for Ranges {
    /// Those that the program was built with.
    fn default() -> Ranges {
        BUILT_IN.clone()
    }
}

impl Ranges {
    fn built_in() -> Ranges {
        let mut published: Vec<(List, Vec<IpNet>, i64)> = Vec::new();
        for line in EMBEDDED.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_ascii_whitespace();
            if let Some(rest) = line.strip_prefix("= ") {
                let mut words = rest.split(' ');
                let id = words.next().unwrap_or_default();
                let list = List::ALL.iter().find(|list| list.id() == id);
                let day = words.nth(1).and_then(|day| day.parse::<NaiveDate>().ok());
                if let (Some(list), Some(day)) = (list, day) {
                    let fetched = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
                    published.push((*list, Vec::new(), fetched));
                }
            } else if let Some((_, networks, _)) = published.last_mut() {
                networks.extend(words.by_ref().filter_map(|word| word.parse::<IpNet>().ok()));
            }
        }
        let mut ranges = Ranges { published: Vec::new() };
        published
            .into_iter()
            .for_each(|(list, networks, fetched)| ranges.set(list, networks, fetched));
        ranges
    }
}

impl Ranges {
    /// Takes a list in, in place of what was known of it.
    pub fn set(&mut self, list: List, networks: Vec<IpNet>, fetched: i64) {
        let published = Published {
            list,
            networks: networks.iter().copied().collect(),
            prefixes: networks,
            fetched,
        };
        match self.published.iter_mut().find(|known| known.list == list) {
            Some(known) => *known = published,
            None => self.published.push(published),
        }
    }

    /// The lists, each with its addresses and when it was fetched, in seconds since the epoch.
    pub fn lists(&self) -> impl Iterator<Item = (List, &[IpNet], i64)> {
        self.published
            .iter()
            .map(|published| (published.list, &*published.prefixes, published.fetched))
    }

    /// When the list of a crawler was fetched, in seconds since the epoch.
    fn fetched(&self, crawler: &Crawler) -> Option<i64> {
        Some(self.of(crawler)?.fetched)
    }

    /// Whether the list of a crawler is of another time than a log that ends at this second.
    pub fn is_out_of_date(&self, crawler: &Crawler, log_end: i64) -> bool {
        self.fetched(crawler).is_some_and(|fetched| {
            let age = log_end.saturating_sub(fetched);
            !(-NEW_SECONDS..=OLD_SECONDS).contains(&age)
        })
    }

    /// Whether who says that it is this crawler is it, in a log that ends at this second.
    pub fn verdict(&self, crawler: &Crawler, client: &[u8], log_end: i64) -> Verdict {
        match self.verdict_in_time(crawler, client) {
            Verdict::Spoofed if self.is_out_of_date(crawler, log_end) => Verdict::Unverifiable,
            verdict => verdict,
        }
    }

    /// As [`Ranges::verdict`], as if the lists were of the time of the log.
    pub fn verdict_in_time(&self, crawler: &Crawler, client: &[u8]) -> Verdict {
        let address = std::str::from_utf8(client).ok().and_then(|text| text.parse::<IpAddr>().ok());
        let (Some(address), Some(published)) = (address, self.of(crawler)) else {
            return Verdict::Unverifiable;
        };
        let address = address.to_canonical();
        if is_of_proxy(&address) {
            return Verdict::Unverifiable;
        }
        if published.networks.contains(address) {
            return Verdict::Verified;
        }
        // What is fetched for somebody may come from that person's own machine.
        let is_sure =
            matches!(crawler.purpose, Purpose::Search | Purpose::Answers | Purpose::Advertising);
        match is_sure && !is_owned(published.list, &address) {
            true => Verdict::Spoofed,
            false => Verdict::Unverifiable,
        }
    }

    fn of(&self, crawler: &Crawler) -> Option<&Published> {
        let list = crawler.list?;
        self.published.iter().find(|published| published.list == list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::crawlers::CRAWLERS;

    fn verdict(name: &str, client: &str, day: &str) -> Verdict {
        let crawler = CRAWLERS.iter().find(|crawler| crawler.name == name).unwrap();
        let day: NaiveDate = day.parse().unwrap();
        let log_end = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        Ranges::default().verdict(crawler, client.as_bytes(), log_end)
    }

    #[test]
    fn addresses_tell_real_crawlers_from_others() {
        use Verdict::{Spoofed, Unverifiable, Verified};
        for (name, client, wanted) in [
            ("Googlebot", "66.249.66.1", Verified),
            ("Googlebot", "::ffff:66.249.66.1", Verified),
            ("Googlebot", "2001:4860:4801:10::1", Verified),
            ("Googlebot", "192.0.2.1", Spoofed),
            ("Googlebot", "198.51.100.7", Spoofed),
            // Google's own, though in no list.
            ("Googlebot", "66.249.95.1", Unverifiable),
            ("bingbot", "207.46.13.5", Verified),
            ("bingbot", "192.0.2.1", Spoofed),
            ("AdsBot-Google", "66.249.90.1", Verified),
            // Real, but of another list than Googlebot's.
            ("AdsBot-Google", "192.0.2.1", Spoofed),
            ("PerplexityBot", "18.97.9.97", Verified),
            // No list, or from anywhere.
            ("Bytespider", "192.0.2.1", Unverifiable),
            ("YandexBot", "192.0.2.1", Unverifiable),
            ("Perplexity-User", "192.0.2.1", Unverifiable),
            ("Googlebot", "crawl.example", Unverifiable),
            ("Googlebot", "10.0.0.3", Unverifiable),
            ("Googlebot", "127.0.0.1", Unverifiable),
            ("Googlebot", "100.64.0.1", Unverifiable),
            ("Googlebot", "172.68.1.1", Unverifiable),
            ("Googlebot", "fd00::1", Unverifiable),
        ] {
            assert_eq!(verdict(name, client, "2026-09-01"), wanted, "{name} {client}");
        }
    }

    #[test]
    fn a_list_of_another_time_proves_no_fake_but_the_real_one() {
        assert_eq!(verdict("Googlebot", "192.0.2.1", "2025-08-22"), Verdict::Spoofed);
        assert_eq!(verdict("Googlebot", "192.0.2.1", "2012-08-22"), Verdict::Unverifiable);
        assert_eq!(verdict("Googlebot", "192.0.2.1", "2026-10-21"), Verdict::Spoofed);
        assert_eq!(verdict("Googlebot", "192.0.2.1", "2026-10-22"), Verdict::Unverifiable);
        assert_eq!(verdict("Googlebot", "66.249.66.1", "2027-10-22"), Verdict::Verified);
    }

    #[test]
    fn every_list_that_is_built_in_is_whole() {
        let counts = Ranges::default().published.into_iter();
        let counts: Vec<_> =
            counts.map(|known| (known.list.id(), known.networks.0.len())).collect();
        let words = EMBEDDED.lines().filter(|line| !line.starts_with(['#', '=']));
        let words = words.flat_map(str::split_ascii_whitespace).count();
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), words);
        assert_eq!(counts.len(), 4);
        assert!(counts.iter().all(|(_, count)| *count > 10), "{counts:?}");
    }

    #[test]
    fn a_newer_list_is_taken_in_place_of_the_old() {
        let crawler = CRAWLERS.iter().find(|crawler| crawler.name == "GPTBot").unwrap();
        let mut ranges = Ranges::default();
        assert_eq!(ranges.verdict(crawler, b"192.0.2.1", 0), Verdict::Unverifiable);
        ranges.set(List::of_file("gptbot.json").unwrap(), vec!["192.0.2.0/24".parse().unwrap()], 5);
        assert_eq!(ranges.verdict_in_time(crawler, b"192.0.2.1"), Verdict::Verified);
        assert_eq!(ranges.fetched(crawler), Some(5));
        assert_eq!(List::of_file("x.json"), None);
    }
}
