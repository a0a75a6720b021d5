//! What a user agent says that it is.

use std::sync::LazyLock;

use super::crawlers::{CRAWLERS, Crawler, NEVER_SENT};
use super::known::text_hash;
use super::texts::Texts;

/// What sends a user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A crawler: of a search engine, a language model, an archive, a tool for search engine optimisation.
    Crawler,
    /// One whose user agent is a name that no crawler ever sends.
    FakeCrawler,
    /// A tool that looks for weaknesses.
    Scanner,
    /// Somebody who looks whether the site is up.
    Monitoring,
    /// A reader of feeds.
    Feed,
    /// A library or a command: curl, python-requests.
    Library,
    /// A browser, or what says so.
    Browser,
    /// Something else.
    Other,
    /// Nothing: there is no user agent.
    Nameless,
}

/// A user agent that was looked up: a number that stands for all that say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Agent(u16);

impl Agent {
    /// No user agent.
    pub const NAMELESS: Agent = Agent(0);
    const BROWSER: Agent = Agent(1);
    const OTHER: Agent = Agent(2);
    const FAKE: Agent = Agent(3);
    /// The numbers from here on are places in [`CRAWLERS`], and then in the table of programs.
    const NAMED: usize = 4;

    /// What is said by this user agent; `None` stands for `-`.
    pub fn new(text: Option<&[u8]>) -> Agent {
        match text {
            None | Some(b"") => Agent::NAMELESS,
            Some(text) => TABLE.find(text),
        }
    }

    /// The one with this number, which [`Agent::number`] gave.
    pub fn from_number(number: u16) -> Agent {
        Agent(number)
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        match self {
            Agent::NAMELESS => Kind::Nameless,
            Agent::BROWSER => Kind::Browser,
            Agent::OTHER => Kind::Other,
            Agent::FAKE => Kind::FakeCrawler,
            _ if self.crawler().is_some() => Kind::Crawler,
            _ => self.program().map_or(Kind::Other, |program| program.kind),
        }
    }

    /// The crawler that it says it is, where that is one of those known by name.
    pub fn crawler(self) -> Option<&'static Crawler> {
        CRAWLERS.get(usize::from(self.0).checked_sub(Agent::NAMED)?)
    }

    /// The place of that crawler among those known by name.
    pub fn crawler_number(self) -> Option<u8> {
        self.crawler()?;
        u8::try_from(usize::from(self.0) - Agent::NAMED).ok()
    }

    /// The name of the program.
    pub fn name(self) -> Option<&'static str> {
        let program = || self.program().map(|program| program.text);
        let name = self.crawler().map(|crawler| crawler.name).or_else(program)?;
        Some(name.trim_end_matches(['/', ' ', '(', ';']).trim_start())
    }

    fn program(self) -> Option<&'static Program> {
        TABLE.programs.get(usize::from(self.0).checked_sub(Agent::NAMED + CRAWLERS.len())?)
    }

    /// Whether a crawler, or another program, has this name, whatever its case.
    pub fn is_known_name(name: &str) -> bool {
        let all = 0..Agent::NAMED + CRAWLERS.len() + TABLE.programs.len();
        let mut agents = all.filter_map(|number| u16::try_from(number).ok()).map(Agent);
        agents.any(|agent| agent.name().is_some_and(|known| known.eq_ignore_ascii_case(name)))
    }
}

/// A program, by a text that its user agent holds.
struct Program {
    kind: Kind,
    /// Whether the text stands at the start, and whether it may stand behind a space as well.
    is_at_start: bool,
    is_behind_space: bool,
    is_at_end: bool,
    text: &'static str,
}

/// All that is known.
struct Table {
    programs: Vec<Program>,
    texts: Texts,
    /// What is told in lower case: tokens of [`CRAWLERS`], then [`SCANNERS`], [`PROBES`], [`NEVER_SENT`].
    tokens: Texts,
}

/// The patterns of others, see the head of the file.
const PROGRAMS: &str = include_str!("agents.tsv");

/// Tools that look for weaknesses, by texts that their user agents hold, in lower case (OWASP core rule
/// set, CrowdSec). What others call security, such as those who check domains for a certificate, is none.
const SCANNERS: &[&str] = &[
    "sqlmap",
    "nikto",
    "nuclei",
    "zgrab",
    "masscan",
    "gobuster",
    "dirbuster",
    "feroxbuster",
    "fuzz faster u fool",
    "wfuzz",
    "wpscan",
    "acunetix",
    "nessus",
    "openvas",
    "netsparker",
    "w3af",
    "arachni",
    "jorgee",
    "l9explore",
    "l9tcpid",
    "(hydra)",
    "joomscan",
    "skipfish",
    "zmeu",
    "nmap scripting engine",
    "whatweb",
    "commix",
    "fimap",
    "havij",
    "morfeus",
    "muieblackcat",
];

/// Those who look whether a site is up, and are in no table: balancers and orchestrators.
const PROBES: &[&str] = &["kube-probe/", "elb-healthchecker/", "googlehc/", "prometheus/"];

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    fn new() -> Table {
        let lines = PROGRAMS.lines().filter(|line| !line.starts_with('#'));
        let mut programs: Vec<Program> = lines.filter_map(Program::read).collect();
        let texts = Texts::new(programs.iter().map(|program| program.text));
        let own = |kind, texts: &'static [&'static str]| {
            texts.iter().map(move |text| Program { text, ..Program::anywhere(kind) })
        };
        programs.extend(own(Kind::Scanner, SCANNERS).chain(own(Kind::Monitoring, PROBES)));
        let tokens = CRAWLERS.iter().map(|crawler| crawler.token);
        let tokens = tokens.chain(SCANNERS.iter().chain(PROBES).chain(NEVER_SENT).copied());
        let tokens = Texts::new(tokens);
        Table { programs, texts, tokens }
    }

    fn find(&self, text: &[u8]) -> Agent {
        // The longest counts, and of several that are as long the first in the table.
        let longest = |best: Option<(usize, usize)>, length: usize, at: usize| match best {
            Some((known, _)) if known > length => best,
            Some((known, place)) if known == length && place <= at => best,
            _ => Some((length, at)),
        };
        let mut token = None;
        let lower = text.to_ascii_lowercase();
        self.tokens.find(&lower, |start, end, at| token = longest(token, end - start, at));
        if let Some((_, at)) = token {
            // Our own stand behind those of others.
            let of_others = self.programs.len() - SCANNERS.len() - PROBES.len();
            return match at.checked_sub(CRAWLERS.len()) {
                None => named(at),
                Some(own) if own < SCANNERS.len() + PROBES.len() => {
                    named(CRAWLERS.len() + of_others + own)
                }
                Some(_) => Agent::FAKE,
            };
        }
        let mut program = None;
        self.texts.find(text, |start, end, at| {
            if self.programs[at].may_stand(text, start, end) {
                program = longest(program, end - start, at);
            }
        });
        match program {
            Some((_, at)) => named(CRAWLERS.len() + at),
            None if is_browser(text) => Agent::BROWSER,
            None => Agent::OTHER,
        }
    }
}

fn named(at: usize) -> Agent {
    Agent(u16::try_from(Agent::NAMED + at).unwrap_or(Agent::OTHER.0))
}

impl Program {
    fn anywhere(kind: Kind) -> Program {
        Program { kind, is_at_start: false, is_behind_space: false, is_at_end: false, text: "" }
    }

    fn read(line: &'static str) -> Option<Program> {
        let (group, rest) = line.split_once('\t')?;
        let (place, text) = rest.split_once('\t')?;
        let kind = match group {
            // Most of them check domains, certificates and files for others.
            "scanner" | "monitoring" => Kind::Monitoring,
            "feed" => Kind::Feed,
            "library" | "automation" => Kind::Library,
            "search" | "ai" | "seo" | "advertising" | "archiver" | "academic" | "preview" => {
                Kind::Crawler
            }
            _ => Kind::Other,
        };
        Some(Program {
            kind,
            is_at_start: place.starts_with(['^', ' ']),
            is_behind_space: place.starts_with(' '),
            is_at_end: place.ends_with('$'),
            text,
        })
    }

    fn may_stand(&self, text: &[u8], start: usize, end: usize) -> bool {
        let is_at_start = start == 0 || (self.is_behind_space && text[start - 1] == b' ');
        (is_at_start || !self.is_at_start) && (end == text.len() || !self.is_at_end)
    }
}

/// The hash by which a user agent is told from others: never 0, and never 1. It is the same in every run; who
/// makes two that have the same is taken for one.
#[inline]
pub fn hash(text: &[u8]) -> u32 {
    ((text_hash(text) >> 32) as u32).max(2)
}

/// Whether a crawler may have this user agent. Those of browsers begin with their system in brackets and end
/// in the number of a version: to see that takes next to no time, and nearly all are such. Storebot-Google,
/// which says that it is a browser on Linux and names itself in the bracket, is not told from one.
#[inline]
pub fn may_be_crawler(text: &[u8]) -> bool {
    const START: &[u8; 13] = b"Mozilla/5.0 (";
    let (Some(start), Some(last)) = (text.first_chunk::<13>(), text.last()) else {
        return !text.is_empty();
    };
    // A copy of each is compared as two words, where a call for so few bytes would take longer.
    if *start != *START || !last.is_ascii_digit() {
        return true;
    }
    text.get(START.len()).is_none_or(|byte| *byte == b'c')
}

/// Whether it reads as those of browsers do (RFC 9110 §10.1.5, and their history).
fn is_browser(text: &[u8]) -> bool {
    let has = |wanted: &[u8]| memchr::memmem::find(text, wanted).is_some();
    (text.starts_with(b"Mozilla/") && (has(b"Gecko") || has(b"Trident/") || has(b"MSIE ")))
        || (text.starts_with(b"Opera/") && has(b"Presto/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_no_crawlers_at_first_sight() {
        for (text, wanted) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
              Chrome/140.0.0.0 Safari/537.36",
                false,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", false),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
              Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                false,
            ),
            ("", false),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true),
            (
                "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like \
              Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; \
              +http://www.google.com/bot.html)",
                true,
            ),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; \
              +http://www.bing.com/bingbot.htm) Chrome/140.0.0.0 Safari/537.36",
                true,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; Storebot-Google/1.0) AppleWebKit/537.36 (KHTML, like Gecko) \
              Chrome/140.0.0.0 Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 8.0; Pixel 2 Build/OPD3.170816.012; Storebot-Google/1.0) \
              AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
              Chrome/140.0.0.0 Mobile Safari/537.36",
                false,
            ),
            ("Googlebot-Image/1.0", true),
        ] {
            assert_eq!(may_be_crawler(text.as_bytes()), wanted, "{text}");
        }
    }

    fn of(text: &str) -> (Kind, Option<&'static str>) {
        let agent = Agent::new(Some(text.as_bytes()));
        (agent.kind(), agent.name())
    }

    #[test]
    fn the_longest_token_is_meant() {
        let google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        assert_eq!(of(google), (Kind::Crawler, Some("Googlebot")));
        assert_eq!(of("Googlebot-Image/1.0"), (Kind::Crawler, Some("Googlebot-Image")));
        assert_eq!(
            of("AdsBot-Google (+http://www.google.com/adsbot.html)").1,
            Some("AdsBot-Google")
        );
        assert_eq!(of("mozilla/5.0 (compatible; BINGBOT/2.0)").1, Some("bingbot"));
        assert_eq!(of("Mozilla/5.0 (compatible; Google-Extended)").0, Kind::FakeCrawler);
        assert_eq!(of("Mozilla/5.0 (compatible; Applebot-Extended/0.1)").0, Kind::FakeCrawler);
        assert_eq!(of("Mozilla/5.0 (compatible; Applebot/0.1)").1, Some("Applebot"));
        assert_eq!(
            of("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)").1,
            Some("YandexBot")
        );
    }

    #[test]
    fn programs_are_told_from_browsers() {
        assert_eq!(of("curl/8.5.0"), (Kind::Library, Some("curl")));
        assert_eq!(of("x curl/8.5.0").0, Kind::Other);
        assert_eq!(of("python-requests/2.31.0").0, Kind::Library);
        assert_eq!(of("Mozilla/5.0 zgrab/0.x").0, Kind::Scanner);
        for scanner in [
            "sqlmap/1.8#stable",
            "Wfuzz/2.4",
            "Arachni/v1.5.1",
            "Mozilla/4.0 (Hydra)",
            "Fuzz Faster U Fool v2.1",
            "Mozilla/5.0 Jorgee",
            "ZmEu",
        ] {
            assert_eq!(of(scanner).0, Kind::Scanner, "{scanner}");
        }
        for probe in
            ["kube-probe/1.29", "ELB-HealthChecker/2.0", "GoogleHC/1.0", "Google-Trust-Services/x"]
        {
            assert_eq!(of(probe).0, Kind::Monitoring, "{probe}");
        }
        let lets = "Mozilla/5.0 (compatible; Let's Encrypt validation server; +https://www.letsencrypt.org)";
        assert_eq!(of(lets).0, Kind::Monitoring);
        assert_eq!(of("Mozilla/5.0 HeadlessChrome/120.0").0, Kind::Library);
        assert_eq!(
            of("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)").1,
            Some("AhrefsBot")
        );
        assert_eq!(of("Mozilla/5.0+(compatible; UptimeRobot/2.0)").0, Kind::Monitoring);
        assert_eq!(of("Tiny Tiny RSS/1.11 (http://tt-rss.org/)").0, Kind::Feed);
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(of(firefox), (Kind::Browser, None));
        assert_eq!(of("my own thing 1.0"), (Kind::Other, None));
        assert_eq!(Agent::new(None).kind(), Kind::Nameless);
        assert_eq!(Agent::new(Some(b"")).kind(), Kind::Nameless);
    }

    #[test]
    fn browsers_of_people_are_browsers() {
        for agent in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 15; CPH2487 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0 Mobile Safari/537.36",
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Vivaldi/7.6",
            "Mozilla/5.0 (Linux; U; Android 12; zh-cn) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/98.0 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.22.8",
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)",
            "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18",
        ] {
            assert_eq!(of(agent), (Kind::Browser, None), "{agent}");
        }
    }

    #[test]
    fn numbers_come_back_and_names_are_known() {
        let agent = Agent::new(Some(b"AhrefsBot"));
        assert_eq!(Agent::from_number(agent.number()), agent);
        assert!(Agent::is_known_name("ahrefsbot") && Agent::is_known_name("GOOGLEBOT"));
        assert!(!Agent::is_known_name("firefox"));
        assert!(TABLE.programs.len() > 1_500, "{}", TABLE.programs.len());
    }
}
