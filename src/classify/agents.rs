//! What a user agent says that it is.

use std::sync::LazyLock;

use super::crawlers::{CRAWLERS, Crawler, NEVER_SENT};
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
    /// Tokens of [`CRAWLERS`], then [`NEVER_SENT`].
    tokens: Texts,
}

/// The patterns of others, see the head of the file.
const PROGRAMS: &str = include_str!("agents.tsv");

/// Tools that look for weaknesses, by their user agents (OWASP core rule set, CrowdSec): more than the
/// patterns know.
const SCANNERS: &[&str] = &[
    "sqlmap",
    "nikto",
    "nuclei",
    "zgrab",
    "masscan",
    "gobuster",
    "feroxbuster",
    "ffuf",
    "wfuzz",
    "wpscan",
    "nessus",
    "openvas",
    "qualys",
    "netsparker",
    "w3af",
    "arachni",
    "jorgee",
    "l9explore",
    "l9tcpid",
    "expanse",
    "hydra",
    "joomscan",
    "skipfish",
];

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    fn new() -> Table {
        let lines = PROGRAMS.lines().filter(|line| !line.starts_with('#'));
        let mut programs: Vec<Program> = lines.filter_map(Program::read).collect();
        programs.extend(SCANNERS.iter().map(|text| Program {
            kind: Kind::Scanner,
            is_at_start: false,
            is_behind_space: false,
            is_at_end: false,
            text,
        }));
        let texts = Texts::new(programs.iter().map(|program| program.text));
        let tokens = CRAWLERS.iter().map(|crawler| crawler.token).chain(NEVER_SENT.iter().copied());
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
            return if at < CRAWLERS.len() { named(at) } else { Agent::FAKE };
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
    fn read(line: &'static str) -> Option<Program> {
        let (group, rest) = line.split_once('\t')?;
        let (place, text) = rest.split_once('\t')?;
        let kind = match group {
            "scanner" => Kind::Scanner,
            "monitoring" => Kind::Monitoring,
            "feed" => Kind::Feed,
            "library" => Kind::Library,
            _ => Kind::Crawler,
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

/// Whether it reads as those of browsers do (RFC 9110 §10.1.5, and their history).
fn is_browser(text: &[u8]) -> bool {
    let has = |wanted: &[u8]| memchr::memmem::find(text, wanted).is_some();
    (text.starts_with(b"Mozilla/") && (has(b"Gecko") || has(b"Trident/") || has(b"MSIE ")))
        || (text.starts_with(b"Opera/") && has(b"Presto/"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(of("sqlmap/1.8#stable").0, Kind::Scanner);
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
    fn numbers_come_back_and_names_are_known() {
        let agent = Agent::new(Some(b"AhrefsBot"));
        assert_eq!(Agent::from_number(agent.number()), agent);
        assert!(Agent::is_known_name("ahrefsbot") && Agent::is_known_name("GOOGLEBOT"));
        assert!(!Agent::is_known_name("firefox"));
        assert!(TABLE.programs.len() > 1_500, "{}", TABLE.programs.len());
    }
}
