//! A seeded generator of access logs: the same seed gives the same bytes, forever.
//!
//! The benchmarks and the README run on these logs, and `Truth` states the right answer for each
//! of them. So nothing here depends on a library, on the order of a hash table or on the rounding
//! of a float: weights are integers, and the random numbers are our own. All hosts end in
//! `.example`; all addresses are private, shared, benchmark or documentation addresses.

#![allow(dead_code, reason = "each crate that includes this file uses a part of it")]

pub mod planted;

use std::collections::BTreeMap;
use std::io::{self, Write};

/// A log to be written: what it shows, how long it is, and the seed that fixes every byte of it.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Fixes every choice. Change it and all bytes change.
    pub seed: u64,
    /// Number of lines to write, exactly.
    pub lines: u64,
    /// What the log shows.
    pub kind: Kind,
    /// First second of the log, in seconds since the epoch.
    pub start: i64,
    /// Span of the log, in seconds.
    pub seconds: u64,
}

/// What a log shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One believable day of a shop, in which things go wrong: a deploy that loses pages, a client
    /// that runs into a limit, scanners, slow exports. Combined, then ` rt=… urt=…`.
    Day,
    /// The ordinary log of the benchmarks, in the combined format: Zipf paths and clients, 16 %
    /// IPv6, crawlers, scanners, and about one request in twelve a 4xx.
    Ordinary,
    /// As `Ordinary`, but 60 % of the lines ask for a URL never seen before, from a new client.
    Unique,
    /// As `Ordinary`, with ` rt=… uct=… urt=…` after each line.
    Timed,
}

/// The right answer for a log, counted while it is written.
///
/// A path key is the request target without its query, in the log's own spelling; an absolute
/// target gives its path. A request line whose first word is no token, or that has no target, has
/// the key `(malformed)`. A target is what stands between the first space and ` HTTP/…`, or the
/// end of the request line where that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Lines written.
    pub lines: u64,
    /// Lines by status.
    pub by_status: BTreeMap<u16, u64>,
    /// Length of the log in bytes.
    pub bytes: u64,
    /// Sum of the `$body_bytes_sent` of all lines.
    pub body_bytes: u64,
    /// Distinct client addresses.
    pub clients: u64,
    /// Distinct path keys.
    pub paths: u64,
    /// Lines with a status from 400 to 499.
    pub client_errors: u64,
    /// Earliest time of any line, in seconds since the epoch.
    pub first: i64,
    /// Latest time of any line, in seconds since the epoch.
    pub last: i64,
    /// The path key with most 4xx, and how many. Of equals, the first in byte order. URLs that
    /// `Kind::Unique` makes up do not compete.
    pub top_path: Option<(String, u64)>,
    /// The client with most 4xx, and how many. Of equals, the first in byte order.
    pub top_client: Option<(String, u64)>,
}

impl Corpus {
    /// The log of this kind that the benchmarks and the README speak of.
    pub fn new(kind: Kind) -> Corpus {
        let (lines, start, seconds) = match kind {
            Kind::Day => (DAY_LINES, OCTOBER_21, DAY_SECONDS),
            Kind::Timed => (1_000_000, OCTOBER_15, 7 * DAY_SECONDS),
            Kind::Ordinary | Kind::Unique => (5_000_000, OCTOBER_15, 7 * DAY_SECONDS),
        };
        Corpus { seed: 2026, lines, kind, start, seconds }
    }

    /// Writes the log and returns what is in it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<Truth> {
        let mut random = Random(self.seed);
        let site = match self.kind {
            Kind::Day => Site::shop(&mut random),
            _ => Site::large(&mut random),
        };
        let mut sink = Sink::new(self, &site, out);
        match self.kind {
            Kind::Day => {
                for entry in Day::new(self, &site, random).entries() {
                    sink.line(&entry)?;
                }
            }
            _ => {
                let mut stream = Stream::new(self, &site, random);
                for number in 0..self.lines {
                    sink.line(&stream.entry(number))?;
                }
            }
        }
        sink.finish()
    }
}

/// 2026-10-15 00:00:00 UTC.
const OCTOBER_15: i64 = 1_792_022_400;
/// 2026-10-21 00:00:00 UTC.
const OCTOBER_21: i64 = OCTOBER_15 + 6 * DAY_SECONDS as i64;
const DAY_SECONDS: u64 = 86_400;
/// Lines of the day; the stories of the day keep their share when another number is asked for.
const DAY_LINES: u64 = 62_000;

// ---------------------------------------------------------------------------------------------
// Chance.

/// SplitMix64. Ours, since a library may change its stream with any version, and then every
/// recorded truth would be wrong.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `bound`; the bias of the multiplication is far below one in a million here.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` up to, not including, `high`.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low)
    }

    /// True `percent` times in a hundred.
    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// The output function of SplitMix64: a bijection, used as a hash wherever a thing has to look
/// random but stay the same thing.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Indexes drawn by integer weight.
struct Weighted {
    /// `upto[i]` is the sum of the weights of 0 to `i`.
    upto: Vec<u64>,
}

impl Weighted {
    fn new(weights: impl IntoIterator<Item = u64>) -> Weighted {
        let mut sum = 0;
        let add = |weight| {
            sum += weight;
            sum
        };
        Weighted { upto: weights.into_iter().map(add).collect() }
    }

    /// Weights falling as 1 / (rank + `shift`): a larger shift flattens the head.
    fn zipf(len: u64, shift: u64) -> Weighted {
        Weighted::new((0..len).map(|rank| (1 << 32) / (rank + shift)))
    }

    fn total(&self) -> u64 {
        self.upto.last().copied().unwrap_or(0)
    }

    fn at(&self, point: u64) -> usize {
        self.upto.partition_point(|&upto| upto <= point)
    }

    fn pick(&self, random: &mut Random) -> usize {
        self.at(random.below(self.total()))
    }
}

/// How busy each hour of a day is, in UTC, for a site whose visitors live in Europe.
const HOURS: [u64; 24] = [
    35, 25, 20, 18, 18, 22, 35, 55, 75, 88, 95, 98, 92, 95, 98, 96, 94, 96, 100, 102, 98, 85, 65,
    48,
];

/// Spreads the points of `0..total` over the time of a log by the curve of the day.
struct Clock {
    start: i64,
    seconds: u64,
    slots: Weighted,
}

impl Clock {
    const SLOT_SECONDS: u64 = 600;

    fn new(corpus: &Corpus) -> Clock {
        let slots = corpus.seconds.div_ceil(Clock::SLOT_SECONDS).max(1);
        let first = corpus.start.rem_euclid(DAY_SECONDS as i64) as u64;
        let weight = |slot: u64| {
            let second = first + slot * Clock::SLOT_SECONDS;
            let (hour, past) = (second / 3600, second % 3600);
            let (this, next) = (HOURS[hour as usize % 24], HOURS[(hour as usize + 1) % 24]);
            (this * (3600 - past) + next * past) * 1000
        };
        let slots = Weighted::new((0..slots).map(weight));
        Clock { start: corpus.start, seconds: corpus.seconds, slots }
    }

    /// The second of a point.
    fn second(&self, point: u64) -> i64 {
        let slot = self.slots.at(point);
        let low = if slot == 0 { 0 } else { self.slots.upto[slot - 1] };
        let past = (point - low) * Clock::SLOT_SECONDS / (self.slots.upto[slot] - low);
        let second = slot as u64 * Clock::SLOT_SECONDS + past;
        self.start + second.min(self.seconds.saturating_sub(1)) as i64
    }
}

// ---------------------------------------------------------------------------------------------
// Clients.

/// Clients are numbers; the number fixes the address. 0 to 767 are the three documentation
/// networks, then come 198.18.0.0/15, and then the crowd.
const BENCHMARK: u32 = 768;
/// First client of the crowd, which lives in 10.0.0.0/8, 100.64.0.0/10 and 2001:db8::/32.
const CROWD: u32 = BENCHMARK + (1 << 17);
/// Size of the crowd: what 10.0.0.0/8 can hold.
const CROWD_LEN: u32 = 1 << 24;

/// A bijection on numbers of `bits` bits, so that neighbours in number are not neighbours in
/// address, yet no two clients share one.
fn scatter(number: u32, bits: u32) -> u32 {
    let mask = (1 << bits) - 1;
    let number = number.wrapping_mul(0x9E37_79B1) & mask;
    let number = (number ^ (number >> (bits / 2))).wrapping_mul(0x85EB_CA6B) & mask;
    number ^ (number >> (bits / 2))
}

/// Whether this one of the crowd has an IPv6 address: one in five, which makes 16 % of all lines.
fn is_ipv6(crowd: u32) -> bool {
    crowd % 5 == 3
}

fn push_address(line: &mut Vec<u8>, client: u32) {
    if client < BENCHMARK {
        let net = [[192, 0, 2], [198, 51, 100], [203, 0, 113]][client as usize / 256];
        push_dotted(line, [net[0], net[1], net[2], client as u8]);
    } else if client < CROWD {
        let host = (198 << 24) | (18 << 16) | scatter(client - BENCHMARK, 17);
        push_dotted(line, host.to_be_bytes());
    } else {
        let crowd = client - CROWD;
        if is_ipv6(crowd) {
            push_ipv6(line, crowd);
        } else if crowd % 4 == 3 {
            push_dotted(line, ((100 << 24) | (64 << 16) | scatter(crowd / 4, 22)).to_be_bytes());
        } else {
            push_dotted(line, ((10 << 24) | scatter(crowd, 24)).to_be_bytes());
        }
    }
}

fn push_dotted(line: &mut Vec<u8>, octets: [u8; 4]) {
    for (i, octet) in octets.into_iter().enumerate() {
        if i > 0 {
            line.push(b'.');
        }
        push_number(line, octet.into());
    }
}

/// No group is zero, so there is one way to write the address and no `::` in it.
fn push_ipv6(line: &mut Vec<u8>, crowd: u32) {
    let site = scatter(crowd, 24);
    line.extend_from_slice(b"2001:db8");
    let host = mix(crowd.into()) | 0x1000_1000_1000_1000;
    let groups = [(site >> 12) + 1, (site & 0xFFF) + 1];
    let groups =
        groups.into_iter().chain([48, 32, 16, 0].map(|bits| (host >> bits) as u32 & 0xFFFF));
    for group in groups {
        line.push(b':');
        push_hex(line, group.into(), 1);
    }
}

// ---------------------------------------------------------------------------------------------
// The site: paths, agents, strange requests.

/// What stands behind a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    /// A page made by the application.
    Page,
    /// A file that the server sends by itself.
    Asset,
    /// An interface for programs.
    Api,
    /// Nothing.
    Nothing,
}

struct Path {
    text: String,
    behind: Behind,
}

/// A whole request line that no template makes, with the answer it gets.
struct Odd {
    line: String,
    path: u32,
    status: u16,
    body: u32,
}

struct Site {
    paths: Vec<Path>,
    /// Path number by text: no two paths are the same, so numbers can be counted.
    numbers: BTreeMap<String, u32>,
    agents: Vec<String>,
    browsers: Weighted,
    odd: Vec<Odd>,
    probes: Vec<u32>,
    /// The paths of the large site, the most asked first.
    catalog: Vec<u32>,
    robots: u32,
    malformed: u32,
}

/// Crawlers and programs; their place in this list is their agent number.
const PROGRAMS: &[&str] = &[
    "-",
    "",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.7871.60 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; DataHarvest/1.4; +https://harvest.example/bot)",
    "python-requests/2.32.3",
    "curl/8.9.1",
    "Go-http-client/1.1",
    "Mozilla/5.0 zgrab/0.x",
    "okhttp/4.12.0",
    "PriceCompare/3.1 (+https://partner.example/bot)",
    "erp-sync/2.3 (partner.example)",
    "uptime-check/1.0 (+https://status.example/)",
    "Mozilla/5.0 (compatible; \\x22quoted\\x22) \\x5Cslash",
];
const NO_AGENT: u16 = 0;
const GOOGLEBOT: u16 = 2;
const GOOGLEBOT_PHONE: u16 = 3;
const BINGBOT: u16 = 4;
const GPTBOT: u16 = 5;
const CLAUDEBOT: u16 = 6;
const AMAZONBOT: u16 = 8;
const AHREFSBOT: u16 = 10;
const HARVEST: u16 = 11;
const REQUESTS: u16 = 12;
const CURL: u16 = 13;
const GO: u16 = 14;
const ZGRAB: u16 = 15;
const OKHTTP: u16 = 16;
const PRICE_COMPARE: u16 = 17;
const ERP: u16 = 18;
const UPTIME: u16 = 19;
const QUOTED: u16 = 20;

/// What scanners ask for.
const PROBES: &[&str] = &[
    "/wp-login.php",
    "/.env",
    "/xmlrpc.php",
    "/wp-includes/wlwmanifest.xml",
    "/.git/config",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/wp-content/plugins/revslider/readme.txt",
    "/phpmyadmin/index.php",
    "/.aws/credentials",
    "/actuator/health",
    "/server-status",
    "/config.json",
    "/wp-admin/setup-config.php",
    "/cgi-bin/luci/;stok=/locale",
    "/boaform/admin/formLogin",
    "/solr/admin/info/system",
    "/_ignition/execute-solution",
    "/owa/auth/logon.aspx",
    "/.vscode/sftp.json",
    "/.DS_Store",
    "/backup.sql",
    "/db.sql.gz",
    "/wp-config.php.bak",
    "/phpinfo.php",
    "/info.php",
    "/shell.php",
    "/alfacgiapi/perl.alfa",
    "/adminer.php",
    "/manager/html",
    "/HNAP1/",
    "/GponForm/diag_Form",
    "/geoserver/web/",
    "/remote/login",
    "/dana-na/auth/url_default/welcome.cgi",
    "/api/v1/pods",
    "/v2/_catalog",
    "/telescope/requests",
    "/_profiler/phpinfo",
    "/web.config.bak",
    "/docker-compose.yml",
];

/// Folders in which scanners look for `PROBES` again.
const PROBE_FOLDERS: &[&str] =
    &["", "/blog", "/wp", "/wordpress", "/old", "/new", "/test", "/backend", "/api", "/public"];

const ADJECTIVES: &[&str] = &[
    "light", "warm", "green", "trail", "alpine", "classic", "urban", "compact", "merino", "storm",
    "nordic", "folding", "summer", "cedar", "coastal", "quiet",
];
const NOUNS: &[&str] = &[
    "runner", "jacket", "tent", "lamp", "kettle", "backpack", "blanket", "planter", "bench",
    "boots", "gloves", "chair", "bottle", "stove", "hammock", "trowel",
];

impl Site {
    fn new(random: &mut Random) -> Site {
        let mut agents: Vec<String> = PROGRAMS.iter().map(|agent| agent.to_string()).collect();
        let before = agents.len() as u64;
        agents.extend(browsers());
        let browsers = Weighted::zipf(agents.len() as u64 - before, 20);
        let mut site = Site {
            paths: Vec::new(),
            numbers: BTreeMap::new(),
            agents,
            browsers,
            odd: Vec::new(),
            probes: Vec::new(),
            catalog: Vec::new(),
            robots: 0,
            malformed: 0,
        };
        let front = site.add("/", Behind::Page);
        site.catalog.push(front);
        site.robots = site.add("/robots.txt", Behind::Asset);
        site.malformed = site.add("(malformed)", Behind::Nothing);
        site.add_odd(random);
        for folder in PROBE_FOLDERS {
            for probe in PROBES {
                let number = site.add(&format!("{folder}{probe}"), Behind::Nothing);
                site.probes.push(number);
            }
        }
        site
    }

    /// The number of a path, which is new or as it was.
    fn add(&mut self, text: &str, behind: Behind) -> u32 {
        let next = self.paths.len() as u32;
        let number = *self.numbers.entry(text.to_owned()).or_insert(next);
        if number == next {
            self.paths.push(Path { text: text.to_owned(), behind });
        }
        number
    }

    /// Request lines that a template cannot make, as nginx 1.22 logs and answers them.
    fn add_odd(&mut self, random: &mut Random) {
        for (line, path, status, body) in [
            ("", "", 400, 0),
            ("-", "", 400, 0),
            ("", "", 408, 0),
            ("-", "", 408, 0),
            ("GE", "", 400, 0),
            ("GET / HT", "/ HT", 408, 0),
            ("GET /checkout HTTP/1.1", "/checkout", 408, 0),
            ("PRI * HTTP/2.0", "*", 400, 157),
            ("OPTIONS * HTTP/1.1", "*", 400, 157),
            ("CONNECT mail.example:443 HTTP/1.1", "mail.example:443", 400, 157),
            ("GET http://proxy.example/probe?y=1 HTTP/1.1", "/probe", 404, 153),
            ("SSH-2.0-Go", "", 400, 157),
            ("MGLNDD_198.18.0.7_443", "", 400, 157),
            (
                "\\x03\\x00\\x00/*\\xE0\\x00\\x00\\x00\\x00\\x00Cookie: mstshash=Administr",
                "",
                400,
                157,
            ),
            ("\\x04\\x01\\x00P\\x05\\xBC\\xD2\\xE3\\x00", "", 400, 157),
            ("get / HTTP/1.1", "/", 400, 157),
            ("GET /a b HTTP/1.1", "/a b", 400, 157),
            ("GET /../../../etc/passwd HTTP/1.1", "/../../../etc/passwd", 400, 157),
            ("GET /%zz HTTP/1.1", "/%zz", 400, 157),
            ("GET /\\x22quoted\\x22 HTTP/1.1", "/\\x22quoted\\x22", 404, 153),
            ("GET /search?q=\\x22trail+shoes\\x22 HTTP/1.1", "/search", 200, 18_233),
            ("GET /na\\xC3\\xAFve HTTP/1.1", "/na\\xC3\\xAFve", 404, 153),
            ("TRACE / HTTP/1.1", "/", 405, 157),
            ("GET /index.html", "/index.html", 200, 612),
        ] {
            self.add_odd_one(line.to_owned(), path, status, body);
        }
        for _ in 0..40 {
            let hello = tls_hello(random);
            self.add_odd_one(hello, "", 400, 157);
        }
        // Cut where the buffer of 8 KiB ends, so the protocol is missing.
        let mut long = "GET /search?".to_owned();
        while long.len() < 8192 {
            long.push_str("filter%5B%5D=colour&");
        }
        long.truncate(8192);
        self.add_odd_one(long, "/search", 414, 177);
    }

    fn add_odd_one(&mut self, line: String, path: &str, status: u16, body: u32) {
        let path = if path.is_empty() { self.malformed } else { self.add(path, Behind::Page) };
        self.odd.push(Odd { line, path, status, body });
    }

    /// The site of the large logs: 60,000 paths, the most asked first.
    fn large(random: &mut Random) -> Site {
        let mut site = Site::new(random);
        for rank in 1..LARGE_PATHS {
            let hash = mix(u64::from(rank) + 1);
            let word = ADJECTIVES[(hash >> 8) as usize % ADJECTIVES.len()];
            let noun = NOUNS[(hash >> 16) as usize % NOUNS.len()];
            let folder = hash >> 32 & 0xFF;
            let (text, behind) = match hash % 100 {
                0..14 => (format!("/assets/{word}.{:08x}.js", hash as u32), Behind::Asset),
                14..22 => (format!("/assets/{word}-{rank}.css"), Behind::Asset),
                22..46 => {
                    (format!("/images/p/{folder:02x}/{word}-{noun}-{rank}.webp"), Behind::Asset)
                }
                46..76 => (format!("/products/{noun}/{word}-{noun}-{rank}"), Behind::Page),
                76..86 => {
                    (format!("/blog/2026/{:02}/{word}-{noun}-{rank}", folder % 9 + 1), Behind::Page)
                }
                86..92 => (format!("/category/{noun}/{rank}"), Behind::Page),
                _ => (format!("/api/v2/items/{rank}"), Behind::Api),
            };
            // Dead addresses start below the head: a dead front page would be mended.
            let dead = rank >= 40 && (hash >> 40) % 1000 < 32;
            let path = site.add(&text, if dead { Behind::Nothing } else { behind });
            site.catalog.push(path);
        }
        site
    }

    /// The browser of a client: always the same one.
    fn browser(&self, client: u32) -> u16 {
        let hash = mix(u64::from(client) ^ 0xA6E4_7000_0000);
        (PROGRAMS.len() + self.browsers.at(hash % self.browsers.total())) as u16
    }

    /// The length of nginx's own error page, which is longer for Chrome.
    fn error_page(&self, status: u16, agent: u16) -> u32 {
        let page = match status {
            400 | 405 => 157,
            401 => 179,
            410 => 143,
            413 => 183,
            416 => 197,
            429 => 169,
            408 | 444 | 499 => return 0,
            _ => 153,
        };
        page + if self.agents[usize::from(agent)].contains("Chrome/") { 402 } else { 0 }
    }

    /// The length of the 404 of a path: the application has a page for it, files have nginx's.
    fn missing_page(&self, path: u32, agent: u16) -> u32 {
        let text = &self.paths[path as usize].text;
        let file = text.starts_with("/assets/") || text.starts_with("/images/");
        if file { self.error_page(404, agent) } else { 5_412 }
    }

    /// The length of what a path answers with 200.
    fn length(&self, path: u32) -> u32 {
        let hash = mix(path.into());
        let path = &self.paths[path as usize];
        match path.behind {
            Behind::Asset if path.text.ends_with(".svg") => 400 + (hash % 3_000) as u32,
            Behind::Page | Behind::Nothing => 7_000 + (hash % 38_000) as u32,
            Behind::Asset => 900 + (hash % 90_000) as u32,
            Behind::Api => 180 + (hash % 4_000) as u32,
        }
    }
}

const LARGE_PATHS: u32 = 60_000;

/// What people browse with, the commonest first.
fn browsers() -> Vec<String> {
    const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
    let mut agents = Vec::new();
    for back in 0..6 {
        let chrome = 152 - back;
        let firefox = 151 - back;
        for system in [
            "Windows NT 10.0; Win64; x64",
            "Macintosh; Intel Mac OS X 10_15_7",
            "X11; Linux x86_64",
        ] {
            agents.push(format!(
                "Mozilla/5.0 ({system}) {WEBKIT} Chrome/{chrome}.0.0.0 Safari/537.36"
            ));
        }
        let phone = "Linux; Android 10; K";
        agents.push(format!(
            "Mozilla/5.0 ({phone}) {WEBKIT} Chrome/{chrome}.0.0.0 Mobile Safari/537.36"
        ));
        agents.push(format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{back} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.{back} Mobile/15E148 Safari/604.1"
        ));
        agents.push(format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/{chrome}.0.0.0 Safari/537.36 Edg/{chrome}.0.0.0"
        ));
        agents.push(format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{firefox}.0) Gecko/20100101 Firefox/{firefox}.0"
        ));
        agents.push(format!(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.{back} Safari/605.1.15"
        ));
        agents.push(format!(
            "Mozilla/5.0 (Linux; Android 16; SAMSUNG SM-S921B) {WEBKIT} SamsungBrowser/2{back}.0 Chrome/{chrome}.0.0.0 Mobile Safari/537.36"
        ));
    }
    agents
}

/// The start of a TLS handshake sent to a plain port, cut and escaped as nginx logs it.
fn tls_hello(random: &mut Random) -> String {
    let mut line = String::from("\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xFC\\x03\\x03");
    for _ in 0..random.between(8, 40) {
        match random.below(256) as u8 {
            b'\n' | b'\r' => break,
            byte @ (b' '..=b'~') if byte != b'"' && byte != b'\\' => line.push(byte.into()),
            byte => line.push_str(&format!("\\x{byte:02X}")),
        }
    }
    line
}

// ---------------------------------------------------------------------------------------------
// Lines.

/// One request, before it is text.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// When it was logged, which is when it ended, in milliseconds since the epoch.
    at: i64,
    client: u32,
    user: &'static str,
    method: &'static str,
    target: Target,
    protocol: &'static str,
    status: u16,
    body: u32,
    referer: Referer,
    agent: u16,
    /// How long it took.
    millis: u32,
    /// Whether the application was asked.
    upstream: bool,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    /// A path by its number.
    Path(u32),
    /// A path with a query that ends in a number.
    Query(u32, &'static str, u64),
    /// A path never seen before.
    Fresh(u64),
    /// A path with a query never seen before.
    FreshQuery(u32, u64),
    /// A whole request line by its number.
    Odd(u32),
}

#[derive(Clone, Copy, Debug)]
enum Referer {
    None,
    /// A page of the site, by its path.
    Own(u32),
    Other(&'static str),
}

const HTTP_1: &str = " HTTP/1.1";
const HTTP_2: &str = " HTTP/2.0";

/// Turns entries into text, and counts the truth on the way.
struct Sink<'a> {
    site: &'a Site,
    out: &'a mut dyn Write,
    line: Vec<u8>,
    kind: Kind,
    stamp: [u8; 28],
    stamp_second: i64,
    truth: Truth,
    by_status: [u64; 600],
    clients: Tally,
    paths: Tally,
    fresh_paths: u64,
}

impl<'a> Sink<'a> {
    const FULL: usize = 1 << 20;

    fn new(corpus: &Corpus, site: &'a Site, out: &'a mut dyn Write) -> Sink<'a> {
        Sink {
            site,
            out,
            line: Vec::with_capacity(Sink::FULL + (64 << 10)),
            kind: corpus.kind,
            stamp: *b"[01/Jan/1970:00:00:00 +0000]",
            stamp_second: 0,
            truth: Truth { first: i64::MAX, last: i64::MIN, ..Truth::default() },
            by_status: [0; 600],
            clients: Tally::default(),
            paths: Tally::default(),
            fresh_paths: 0,
        }
    }

    fn line(&mut self, entry: &Entry) -> io::Result<()> {
        let second = entry.at.div_euclid(1000);
        if second != self.stamp_second {
            self.stamp_second = second;
            self.stamp = stamp(second);
        }
        self.count(entry, second);

        let line = &mut self.line;
        push_address(line, entry.client);
        line.extend_from_slice(b" - ");
        line.extend_from_slice(entry.user.as_bytes());
        line.push(b' ');
        line.extend_from_slice(&self.stamp);
        line.extend_from_slice(b" \"");
        push_request(line, self.site, entry);
        line.extend_from_slice(b"\" ");
        push_number(line, entry.status.into());
        line.push(b' ');
        push_number(line, entry.body.into());
        line.extend_from_slice(b" \"");
        match entry.referer {
            Referer::None => line.push(b'-'),
            Referer::Own(path) => {
                line.extend_from_slice(b"https://shop.example");
                line.extend_from_slice(self.site.paths[path as usize].text.as_bytes());
            }
            Referer::Other(url) => line.extend_from_slice(url.as_bytes()),
        }
        line.extend_from_slice(b"\" \"");
        line.extend_from_slice(self.site.agents[usize::from(entry.agent)].as_bytes());
        line.push(b'"');
        if matches!(self.kind, Kind::Day | Kind::Timed) {
            push_times(line, entry, self.kind);
        }
        line.push(b'\n');
        if line.len() >= Sink::FULL { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.line)?;
        self.truth.bytes += self.line.len() as u64;
        self.line.clear();
        Ok(())
    }

    fn count(&mut self, entry: &Entry, second: i64) {
        let error = (400..500).contains(&entry.status);
        self.truth.lines += 1;
        self.truth.body_bytes += u64::from(entry.body);
        self.truth.first = self.truth.first.min(second);
        self.truth.last = self.truth.last.max(second);
        self.by_status[usize::from(entry.status)] += 1;
        self.clients.add(entry.client, error);
        match entry.target {
            Target::Path(path) | Target::Query(path, ..) | Target::FreshQuery(path, _) => {
                self.paths.add(path, error);
            }
            Target::Odd(odd) => self.paths.add(self.site.odd[odd as usize].path, error),
            Target::Fresh(_) => self.fresh_paths += 1,
        }
    }

    fn finish(mut self) -> io::Result<Truth> {
        self.flush()?;
        self.out.flush()?;
        let by_status = self.by_status.iter().enumerate().filter(|(_, lines)| **lines > 0);
        let mut truth = self.truth;
        truth.by_status = by_status.map(|(status, lines)| (status as u16, *lines)).collect();
        truth.client_errors = truth.by_status.range(400..500).map(|(_, lines)| lines).sum();
        truth.clients = self.clients.distinct();
        truth.paths = self.paths.distinct() + self.fresh_paths;
        truth.top_path = self.paths.top(|path| self.site.paths[path as usize].text.clone());
        truth.top_client = self.clients.top(|client| {
            let mut address = Vec::new();
            push_address(&mut address, client);
            String::from_utf8_lossy(&address).into_owned()
        });
        if truth.lines == 0 {
            (truth.first, truth.last) = (0, 0);
        }
        Ok(truth)
    }
}

/// Requests by number, of clients or of paths: who was seen, and how many 4xx each has.
#[derive(Default)]
struct Tally {
    /// 0 for the unseen, else 1 and the 4xx.
    seen: Vec<u32>,
}

impl Tally {
    fn add(&mut self, number: u32, error: bool) {
        let number = number as usize;
        if number >= self.seen.len() {
            self.seen.resize((number + 1).next_power_of_two(), 0);
        }
        let seen = &mut self.seen[number];
        *seen = (*seen).max(1) + u32::from(error);
    }

    fn distinct(&self) -> u64 {
        self.seen.iter().filter(|&&seen| seen > 0).count() as u64
    }

    fn top(&self, name: impl Fn(u32) -> String) -> Option<(String, u64)> {
        let most = *self.seen.iter().max()?;
        let equals = (0..).zip(&self.seen).filter(|&(_, &seen)| seen == most);
        let first = equals.map(|(number, _)| name(number)).min()?;
        (most > 1).then(|| (first, u64::from(most) - 1))
    }
}

fn push_request(line: &mut Vec<u8>, site: &Site, entry: &Entry) {
    if let Target::Odd(odd) = entry.target {
        line.extend_from_slice(site.odd[odd as usize].line.as_bytes());
        return;
    }
    line.extend_from_slice(entry.method.as_bytes());
    line.push(b' ');
    match entry.target {
        Target::Path(path) => line.extend_from_slice(site.paths[path as usize].text.as_bytes()),
        Target::Query(path, query, number) => {
            line.extend_from_slice(site.paths[path as usize].text.as_bytes());
            line.extend_from_slice(query.as_bytes());
            push_number(line, number);
        }
        Target::Fresh(number) => {
            line.extend_from_slice(b"/u/");
            push_hex(line, number, 16);
        }
        Target::FreshQuery(path, number) => {
            line.extend_from_slice(site.paths[path as usize].text.as_bytes());
            line.extend_from_slice(b"?session=");
            push_hex(line, number, 16);
        }
        Target::Odd(_) => {}
    }
    line.extend_from_slice(entry.protocol.as_bytes());
}

/// The labelled times: of the request, of the connection to the application, of its answer.
fn push_times(line: &mut Vec<u8>, entry: &Entry, kind: Kind) {
    line.extend_from_slice(b" rt=");
    push_millis(line, entry.millis);
    if kind == Kind::Timed {
        line.extend_from_slice(b" uct=");
        if entry.upstream { push_millis(line, entry.millis & 1) } else { line.push(b'-') }
    }
    line.extend_from_slice(b" urt=");
    let left = entry.status == 499;
    let upstream = if left { entry.millis } else { entry.millis.saturating_sub(1) };
    if entry.upstream { push_millis(line, upstream) } else { line.push(b'-') }
}

fn push_millis(line: &mut Vec<u8>, millis: u32) {
    push_number(line, (millis / 1000).into());
    let rest = millis % 1000;
    line.extend([b'.', digit(rest / 100), digit(rest / 10), digit(rest)]);
}

fn digit(number: u32) -> u8 {
    b'0' + (number % 10) as u8
}

fn push_number(line: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
}

/// Lower-case hexadecimal of at least `width` digits.
fn push_hex(line: &mut Vec<u8>, number: u64, width: u32) {
    let digits = (64 - number.leading_zeros()).div_ceil(4).max(width);
    for place in (0..digits).rev() {
        line.push(b"0123456789abcdef"[(number >> (4 * place) & 15) as usize]);
    }
}

/// `$time_local` in UTC, with its brackets. The date is Howard Hinnant's `civil_from_days`.
fn stamp(second: i64) -> [u8; 28] {
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let days = second.div_euclid(DAY_SECONDS as i64) + 719_468;
    let second = second.rem_euclid(DAY_SECONDS as i64) as u32;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * from_march + 2) / 5 + 1) as u32;
    let month = ((from_march + 2) % 12) as usize;
    let year = (era * 400 + year_of_era + i64::from(month < 2)) as u32;

    let mut text = *b"[00/Jan/0000:00:00:00 +0000]";
    let mut two = |at: usize, number: u32| {
        text[at] = digit(number / 10);
        text[at + 1] = digit(number);
    };
    two(1, day);
    two(8, year / 100);
    two(10, year);
    two(13, second / 3600);
    two(16, second / 60 % 60);
    two(19, second % 60);
    text[4..7].copy_from_slice(&MONTHS[3 * month..3 * month + 3]);
    text
}

// ---------------------------------------------------------------------------------------------
// The large logs.

/// Statuses and their weights.
struct Answers {
    statuses: Vec<u16>,
    weights: Weighted,
}

impl Answers {
    fn new(answers: &[(u16, u64)]) -> Answers {
        Answers {
            statuses: answers.iter().map(|answer| answer.0).collect(),
            weights: Weighted::new(answers.iter().map(|answer| answer.1)),
        }
    }

    fn pick(&self, random: &mut Random) -> u16 {
        self.statuses[self.weights.pick(random)]
    }
}

const PAGE_ANSWERS: &[(u16, u64)] = &[
    (200, 9180),
    (301, 240),
    (302, 150),
    (303, 60),
    (304, 180),
    (499, 70),
    (403, 34),
    (401, 22),
    (500, 14),
    (502, 10),
    (503, 12),
    (504, 8),
    (410, 14),
    (405, 6),
];
const ASSET_ANSWERS: &[(u16, u64)] =
    &[(200, 7980), (304, 1690), (206, 306), (403, 10), (416, 4), (499, 10)];
const API_ANSWERS: &[(u16, u64)] = &[
    (200, 9030),
    (201, 180),
    (204, 240),
    (401, 150),
    (403, 60),
    (429, 120),
    (499, 110),
    (400, 40),
    (413, 14),
    (405, 12),
    (409, 10),
    (422, 14),
    (500, 12),
    (504, 8),
];
const PROBE_ANSWERS: &[(u16, u64)] =
    &[(404, 8400), (403, 640), (444, 500), (400, 200), (405, 160), (301, 100)];

/// Crawlers of the large logs: agent, weight, number of addresses.
const CRAWLERS: &[(u16, u64, u64)] = &[
    (GOOGLEBOT, 20, 60),
    (GOOGLEBOT_PHONE, 22, 60),
    (BINGBOT, 15, 40),
    (GPTBOT, 14, 30),
    (CLAUDEBOT, 8, 20),
    (7, 5, 12),
    (AMAZONBOT, 6, 25),
    (9, 4, 4),
    (AHREFSBOT, 6, 30),
];

const OUTSIDE: &[&str] = &[
    "https://www.google.com/",
    "https://www.google.com/",
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://duckduckgo.com/",
    "https://partner.example/",
    "https://forum.example/threads/which-tent-for-two-people.18233/",
    "https://news.example/2026/10/autumn-outdoors-guide?utm_source=newsletter",
    "android-app://com.google.android.googlequicksearchbox/",
];
const QUERIES: &[&str] = &[
    "?page=",
    "?v=",
    "?color=green&size=",
    "?sort=price&order=asc&page=",
    "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn-2026&ref=",
    "?q=trail+runner&page=",
];

/// People of the large logs; the tail of the curve leaves about 300,000 seen in five million lines.
const PEOPLE: u64 = 330_000;

/// Writes `Ordinary`, `Unique` and `Timed` line by line, with no memory of the lines before.
struct Stream<'a> {
    corpus: &'a Corpus,
    site: &'a Site,
    random: Random,
    clock: Clock,
    people: Weighted,
    paths: Weighted,
    crawlers: Weighted,
    page_answers: Answers,
    asset_answers: Answers,
    api_answers: Answers,
    probe_answers: Answers,
    fresh: u64,
}

impl<'a> Stream<'a> {
    fn new(corpus: &'a Corpus, site: &'a Site, random: Random) -> Stream<'a> {
        Stream {
            corpus,
            site,
            random,
            clock: Clock::new(corpus),
            people: Weighted::zipf(PEOPLE, 250),
            paths: Weighted::zipf(LARGE_PATHS.into(), 30),
            crawlers: Weighted::new(CRAWLERS.iter().map(|crawler| crawler.1)),
            page_answers: Answers::new(PAGE_ANSWERS),
            asset_answers: Answers::new(ASSET_ANSWERS),
            api_answers: Answers::new(API_ANSWERS),
            probe_answers: Answers::new(PROBE_ANSWERS),
            fresh: 0,
        }
    }

    fn entry(&mut self, number: u64) -> Entry {
        let total = u128::from(self.clock.slots.total());
        let point = u128::from(number) * total / u128::from(self.corpus.lines);
        let second = self.clock.second(point as u64);
        let mut entry = if self.corpus.kind == Kind::Unique && self.random.below(10) < 6 {
            self.fresh()
        } else if self.in_limited_hour(second) && self.random.percent(45) {
            self.limited()
        } else {
            match self.random.below(10_000) {
                0..8_380 => self.visit(),
                8_380..9_280 => self.crawl(),
                9_280..9_560 => self.probe(),
                9_560..9_900 => self.monitor(),
                9_900..9_960 => self.limited(),
                _ => self.odd(),
            }
        };
        // Two workers of nginx do not write in order of time.
        let late = if self.random.below(64) == 0 { self.random.between(1, 4) as i64 } else { 0 };
        entry.at = (second - late).max(self.corpus.start) * 1000;
        entry
    }

    /// A GET over HTTP/1.1 without referer that ends well.
    fn request(&mut self, client: u32, agent: u16, path: u32) -> Entry {
        let upstream = self.site.paths[path as usize].behind != Behind::Asset;
        let millis =
            if upstream { self.random.between(4, 90) * self.random.between(1, 9) } else { 0 };
        Entry {
            at: 0,
            client,
            user: "-",
            method: "GET",
            target: Target::Path(path),
            protocol: HTTP_1,
            status: 200,
            body: self.site.length(path),
            referer: Referer::None,
            agent,
            millis: millis as u32,
            upstream,
        }
    }

    fn path(&mut self) -> u32 {
        self.site.catalog[self.paths.pick(&mut self.random)]
    }

    /// Someone with a browser.
    fn visit(&mut self) -> Entry {
        let client = CROWD + self.people.pick(&mut self.random) as u32;
        let path = self.path();
        let mut entry = self.request(client, self.site.browser(client), path);
        let behind = self.site.paths[path as usize].behind;
        entry.protocol = if client.is_multiple_of(8) { HTTP_1 } else { HTTP_2 };
        entry.status = match behind {
            Behind::Asset => self.asset_answers.pick(&mut self.random),
            Behind::Api => self.api_answers.pick(&mut self.random),
            Behind::Page => self.page_answers.pick(&mut self.random),
            Behind::Nothing => 404,
        };
        let roll = self.random.below(100);
        entry.referer = match roll {
            _ if behind == Behind::Asset || roll < 34 => Referer::Own(self.page()),
            0..52 => Referer::Other(self.random.pick(OUTSIDE)),
            _ => Referer::None,
        };
        if behind != Behind::Asset && self.random.percent(22) {
            let query = self.random.pick(QUERIES);
            entry.target = Target::Query(path, query, self.random.below(90) + 1);
        }
        if behind == Behind::Api && self.random.percent(20) {
            entry.method = "POST";
        }
        if client % 512 == 5 {
            entry.user = ["anna", "jonas", "mei", "api"][client as usize / 512 % 4];
        }
        self.finish(entry, path)
    }

    /// A page to come from: a few of the most asked.
    fn page(&mut self) -> u32 {
        loop {
            let path = self.path();
            if self.site.paths[path as usize].behind == Behind::Page {
                return path;
            }
        }
    }

    /// Sets the length and the time that go with the status.
    fn finish(&mut self, mut entry: Entry, path: u32) -> Entry {
        let agent = entry.agent;
        entry.body = match entry.status {
            200 | 201 if entry.upstream => entry.body + self.random.below(2048) as u32,
            200 => entry.body,
            204 | 302 | 303 | 304 => 0,
            206 => entry.body.min(65_536) / 2,
            301 => 162,
            404 => self.site.missing_page(path, agent),
            status => self.site.error_page(status, agent),
        };
        if entry.status == 499 {
            entry.millis = self.random.pick(&[30_000, 30_001, 10_000, 60_000, 1_204, 2_750]);
        }
        entry
    }

    fn crawl(&mut self) -> Entry {
        let which = self.crawlers.pick(&mut self.random);
        let (agent, _, addresses) = CRAWLERS[which];
        let client = BENCHMARK + which as u32 * 64 + self.random.below(addresses) as u32;
        // A crawler sees the tail that people do not.
        let path = match self.random.below(100) {
            0..2 => self.site.robots,
            2..60 => self.random.pick(&self.site.catalog),
            _ => self.path(),
        };
        let mut entry = self.request(client, agent, path);
        entry.status = match (self.site.paths[path as usize].behind, self.random.below(1000)) {
            (Behind::Nothing, _) => 404,
            (_, 0..30) => 404,
            (_, 30..42) => 410,
            (_, 42..110) => 304,
            (_, 110..135) => 301,
            (_, 135..139) => 429,
            _ => 200,
        };
        self.finish(entry, path)
    }

    fn probe(&mut self) -> Entry {
        let scanner = self.random.below(240) as u32;
        let path = self.random.pick(&self.site.probes);
        let agent = [NO_AGENT, REQUESTS, GO, ZGRAB, QUOTED, CURL, 1][scanner as usize % 7];
        let agent = if scanner.is_multiple_of(3) { self.site.browser(scanner) } else { agent };
        let mut entry = self.request(BENCHMARK + 4096 + scanner, agent, path);
        entry.status = self.probe_answers.pick(&mut self.random);
        entry.upstream = false;
        entry.millis = 0;
        entry.body = match entry.status {
            301 => 162,
            status => self.site.error_page(status, agent),
        };
        entry
    }

    /// A program that asks for the same thing every minute.
    fn monitor(&mut self) -> Entry {
        let client = BENCHMARK + 8192 + self.random.below(12) as u32;
        let path = self.site.catalog[self.random.below(3) as usize];
        let mut entry = self.request(client, UPTIME, path);
        entry.method = if client.is_multiple_of(2) { "HEAD" } else { "GET" };
        if entry.method == "HEAD" {
            entry.body = 0;
        }
        entry
    }

    /// The hour in which one client asks far too often: the afternoon of the fourth day of seven.
    fn in_limited_hour(&self, second: i64) -> bool {
        let hours = (second - self.corpus.start) as u64 * 168 / self.corpus.seconds.max(1);
        hours == 3 * 24 + 14
    }

    fn limited(&mut self) -> Entry {
        let path = self.api_path();
        let mut entry = self.request(BENCHMARK + 9000, OKHTTP, path);
        entry.status = if self.random.percent(93) { 429 } else { 200 };
        let number = self.random.between(1, 4000);
        entry.target = Target::Query(path, "?limit=50&cursor=", number);
        if entry.status == 429 {
            entry.millis = 0;
            entry.upstream = false;
        }
        self.finish(entry, path)
    }

    fn api_path(&mut self) -> u32 {
        let is_api = |&&path: &&u32| self.site.paths[path as usize].behind == Behind::Api;
        self.site.catalog.iter().find(is_api).copied().unwrap_or(self.site.robots)
    }

    fn odd(&mut self) -> Entry {
        // The last one is 8 KiB long, and rare.
        let all = self.site.odd.len() as u64;
        let which = if self.random.below(300) == 0 { all - 1 } else { self.random.below(all - 1) };
        let client = BENCHMARK + 12_000 + self.random.below(900) as u32;
        odd(self.site, client, which as u32)
    }

    /// A new URL, mostly from a new client.
    fn fresh(&mut self) -> Entry {
        self.fresh += 1;
        let newcomer = (PEOPLE + self.fresh).min(u64::from(CROWD_LEN) - 1) as u32;
        let client = CROWD + newcomer;
        let path = self.page();
        let mut entry = self.request(client, self.site.browser(client), path);
        // A bijection of a counter: never the same twice.
        let name = mix(self.fresh ^ self.corpus.seed.rotate_left(32));
        entry.target = if self.random.percent(77) {
            Target::Fresh(name)
        } else {
            Target::FreshQuery(path, name)
        };
        entry.status = if self.random.below(1000) < 84 { 404 } else { 200 };
        entry.protocol = HTTP_2;
        self.finish(entry, path)
    }
}

/// An odd request, with the answer it gets.
fn odd(site: &Site, client: u32, which: u32) -> Entry {
    let odd = &site.odd[which as usize];
    Entry {
        at: 0,
        client,
        user: "-",
        method: "",
        target: Target::Odd(which),
        protocol: "",
        status: odd.status,
        body: odd.body,
        referer: Referer::None,
        agent: NO_AGENT,
        millis: if odd.status == 408 { 60_000 } else { 0 },
        upstream: false,
    }
}

// ---------------------------------------------------------------------------------------------
// The day.

/// Families of products, and what is in them. No two share a noun, so no two products a name.
const FAMILIES: &[(&str, [&str; 4])] = &[
    ("shoes", ["runner", "boots", "sandal", "sneaker"]),
    ("jackets", ["parka", "anorak", "softshell", "vest"]),
    ("tents", ["dome", "tarp", "bivvy", "shelter"]),
    ("garden", ["planter", "trowel", "bench", "trellis"]),
    ("lamps", ["lantern", "headlamp", "floodlight", "torch"]),
    ("kitchen", ["kettle", "stove", "skillet", "mug"]),
];
/// What the deploy loses.
const LOST: &str = "/products/garden/";
const ARTICLES: u32 = 24;
const OLD_APP: &str = "/assets/app.3f2a9c.js";
const OLD_STYLE: &str = "/assets/style.77e0b1.css";

impl Site {
    /// The site of the day: six families of products, a blog, and what pages are made of.
    fn shop(random: &mut Random) -> Site {
        let mut site = Site::new(random);
        for page in [
            "/cart",
            "/checkout",
            "/account",
            "/help/returns",
            "/search",
            "/admin",
            "/admin/orders",
            "/export/orders.csv",
            "/blog/",
        ] {
            site.add(page, Behind::Page);
        }
        for api in ["/api/cart", "/api/search", "/api/upload", "/admin/login", "/health"] {
            site.add(api, Behind::Api);
        }
        for gone in ["/help/size-guide", "/blog/2019/best-running-shoes", "/sale/summer-2025"] {
            site.add(gone, Behind::Nothing);
        }
        for asset in [
            OLD_APP,
            OLD_STYLE,
            "/assets/app.b81d04.js",
            "/assets/style.d52c6e.css",
            "/assets/vendor.5be2f0.js",
            "/assets/inter.woff2",
            "/images/logo.svg",
            "/favicon.svg",
            "/sitemap.xml",
            "/media/tent-setup.mp4",
        ] {
            site.add(asset, Behind::Asset);
        }
        for file in [
            "/favicon.ico",
            "/apple-touch-icon.png",
            "/apple-touch-icon-precomposed.png",
            "/ads.txt",
        ] {
            site.add(file, Behind::Nothing);
        }
        for (family, (name, _)) in FAMILIES.iter().enumerate() {
            site.add(&format!("/category/{name}"), Behind::Page);
            for product in 0..40 {
                let slug = product_slug(family, product);
                site.add(&product_path(family, product), Behind::Page);
                site.add(&format!("/images/p/{slug}.webp"), Behind::Asset);
            }
        }
        for article in 0..ARTICLES {
            site.add(&article_path(article), Behind::Page);
        }
        for item in 1..=400 {
            site.add(&format!("/catalog/old-{item}.html"), Behind::Nothing);
        }
        site.add("/shop/item.php", Behind::Nothing);
        site
    }
}

/// The name of a product, of which a family has up to 64.
fn product_slug(family: usize, product: usize) -> String {
    let noun = FAMILIES[family].1[(product + product / 16) % 4];
    format!("{}-{noun}", ADJECTIVES[product % 16])
}

fn product_path(family: usize, product: usize) -> String {
    format!("/products/{}/{}", FAMILIES[family].0, product_slug(family, product))
}

fn article_path(article: u32) -> String {
    let hash = mix(u64::from(article) + 77) as usize;
    let (word, noun) = (ADJECTIVES[hash % 16], NOUNS[hash / 16 % 16]);
    format!("/blog/2026/{:02}/{word}-{noun}-{article}", article % 9 + 1)
}

/// One day, told as stories laid over the usual traffic. The entries are made story by story and
/// put in order of time at the end.
struct Day<'a> {
    corpus: &'a Corpus,
    site: &'a Site,
    random: Random,
    clock: Clock,
    entries: Vec<Entry>,
    visitors: Weighted,
    products: Weighted,
    families: Weighted,
}

impl<'a> Day<'a> {
    fn new(corpus: &'a Corpus, site: &'a Site, random: Random) -> Day<'a> {
        Day {
            corpus,
            site,
            random,
            clock: Clock::new(corpus),
            entries: Vec::new(),
            visitors: Weighted::zipf(2600, 400),
            products: Weighted::zipf(40, 5),
            families: Weighted::new([26, 18, 14, 20, 10, 12]),
        }
    }

    fn entries(mut self) -> Vec<Entry> {
        self.monitor();
        self.crawlers();
        self.old_addresses();
        self.scanners();
        self.limited_client();
        self.slow_export();
        self.logins();
        self.dead_links();
        self.blocked_bot();
        self.broken_requests();
        self.few_of_a_kind();
        let lines = usize::try_from(self.corpus.lines).unwrap_or(usize::MAX);
        while self.entries.len() < lines {
            self.session();
        }
        self.entries.truncate(lines);
        self.entries.sort_by_key(|entry| entry.at);
        self.entries
    }

    /// How many requests of a story there are in a log of this length.
    fn share(&self, of_day: u64) -> u64 {
        (of_day * self.corpus.lines).div_ceil(DAY_LINES)
    }

    /// Milliseconds since the epoch at a time of day.
    fn at(&self, hour: u64, minute: u64) -> i64 {
        let past = (hour * 3600 + minute * 60) * self.corpus.seconds / DAY_SECONDS;
        (self.corpus.start + past as i64) * 1000
    }

    fn deployed(&self, at: i64) -> bool {
        at >= self.at(14, 0)
    }

    /// A moment between two times of day, each as likely as any other.
    fn moment(&mut self, from: (u64, u64), to: (u64, u64)) -> i64 {
        let (from, to) = (self.at(from.0, from.1), self.at(to.0, to.1));
        from + self.random.below((to - from).max(1) as u64) as i64
    }

    /// A moment by the curve of the day.
    fn busy_moment(&mut self) -> i64 {
        let point = self.random.below(self.clock.slots.total());
        self.clock.second(point) * 1000 + self.random.below(1000) as i64
    }

    /// The number of a path that `Site::shop` or `Site::new` has added.
    fn path(&self, text: &str) -> u32 {
        self.site.numbers[text]
    }

    fn product(&mut self, family: usize) -> u32 {
        let product = self.products.pick(&mut self.random);
        self.path(&product_path(family, product))
    }

    /// Any page, as a crawler picks them.
    fn any_page(&mut self) -> u32 {
        let family = self.random.below(FAMILIES.len() as u64) as usize;
        match self.random.below(10) {
            0 => self.path("/"),
            1 => self.path(&format!("/category/{}", FAMILIES[family].0)),
            2..4 => {
                let article = self.random.below(ARTICLES.into()) as u32;
                self.path(&article_path(article))
            }
            _ => {
                let product = self.random.below(40) as usize;
                self.path(&product_path(family, product))
            }
        }
    }

    /// What a path answers at a time: the deploy has lost a family of products.
    fn status(&self, path: u32, at: i64) -> u16 {
        let path = &self.site.paths[path as usize];
        let lost = path.text.starts_with(LOST) || path.text == OLD_APP || path.text == OLD_STYLE;
        if path.behind == Behind::Nothing || (lost && self.deployed(at)) { 404 } else { 200 }
    }

    /// A GET with the answer that the path gives at that time.
    fn get(&mut self, at: i64, client: u32, agent: u16, path: u32) -> Entry {
        let behind = self.site.paths[path as usize].behind;
        let status = self.status(path, at);
        let browser = usize::from(agent) >= PROGRAMS.len();
        let upstream = matches!(behind, Behind::Page | Behind::Api);
        Entry {
            at,
            client,
            user: "-",
            method: "GET",
            target: Target::Path(path),
            protocol: if browser { HTTP_2 } else { HTTP_1 },
            status,
            body: if status == 200 {
                self.site.length(path)
            } else {
                self.site.missing_page(path, agent)
            },
            referer: Referer::None,
            agent,
            millis: if upstream { 8 + self.random.below(9) as u32 * 6 } else { 0 },
            upstream,
        }
    }

    /// Keeps an entry, unless it ends after the day does.
    fn push(&mut self, entry: Entry) {
        let end = (self.corpus.start + self.corpus.seconds.max(1) as i64) * 1000;
        if entry.at < end {
            self.entries.push(entry);
        }
    }

    /// Keeps an entry with another status, and nginx's page for it.
    fn push_as(&mut self, mut entry: Entry, status: u16) {
        entry.status = status;
        entry.body = self.site.error_page(status, entry.agent);
        self.push(entry);
    }

    /// The usual traffic: someone comes, looks at a few pages, and leaves.
    fn session(&mut self) {
        let visitor = self.visitors.pick(&mut self.random) as u32;
        let client =
            if visitor % 6 == 1 { CROWD + visitor * 5 + 3 } else { BENCHMARK + 20_000 + visitor };
        let agent = self.site.browser(client);
        let mut at = self.busy_moment();
        let mut referer = match self.random.below(20) {
            0..8 => Referer::Other("https://www.google.com/"),
            8 => Referer::Other("https://www.bing.com/"),
            9 => Referer::Other("https://partner.example/"),
            10 => Referer::Other("https://forum.example/threads/1823"),
            _ => Referer::None,
        };
        let mut family = self.families.pick(&mut self.random);
        let mut page = match self.random.below(20) {
            0..6 => self.path("/"),
            6..9 => self.path(&format!("/category/{}", FAMILIES[family].0)),
            9..11 => {
                let article = self.random.below(ARTICLES.into()) as u32;
                self.path(&article_path(article))
            }
            _ => self.product(family),
        };
        let mut first = true;
        loop {
            let status = self.load(at, client, agent, page, referer, first);
            first = false;
            // People who meet an error leave sooner.
            if self.random.percent(if status == 404 { 62 } else { 27 }) {
                break;
            }
            at += self.random.between(6_000, 80_000) as i64;
            referer = Referer::Own(page);
            if self.random.percent(15) {
                family = self.families.pick(&mut self.random);
            }
            page = match self.random.below(20) {
                0..4 => self.path(&format!("/category/{}", FAMILIES[family].0)),
                4 => self.path("/"),
                5 => self.path("/cart"),
                6 => self.path("/help/returns"),
                7 => self.path("/search"),
                _ => self.product(family),
            };
        }
    }

    /// A page and what it is made of; returns the status of the page.
    fn load(
        &mut self,
        at: i64,
        client: u32,
        agent: u16,
        page: u32,
        referer: Referer,
        first: bool,
    ) -> u16 {
        let mut entry = self.get(at, client, agent, page);
        entry.referer = referer;
        if page == self.path("/search") {
            let number = self.random.between(1, 4);
            entry.target = Target::Query(page, "?q=trail+runner&page=", number);
        }
        if entry.status == 200 && self.random.below(900) == 0 {
            entry.millis = 1_000 + self.random.below(9_000) as u32;
            self.push_as(entry, 499);
            return 499;
        }
        self.push(entry);
        let at = at + 90 + i64::from(entry.millis);
        let own = Referer::Own(page);
        if first {
            // After the deploy, some browsers hold a page from before it.
            let stale = self.deployed(at) && at < self.at(19, 0) && self.random.percent(14);
            let old = stale || !self.deployed(at);
            let style = if old { OLD_STYLE } else { "/assets/style.d52c6e.css" };
            let app = if old { OLD_APP } else { "/assets/app.b81d04.js" };
            let parts =
                [style, "/assets/vendor.5be2f0.js", app, "/assets/inter.woff2", "/images/logo.svg"];
            for part in parts {
                self.part(at, client, agent, part, own);
            }
            self.icons(at + 200, client, agent, own);
        }
        if entry.status == 200 {
            self.images(at + 60, client, agent, page);
            if self.random.percent(30) {
                let path = self.path("/api/cart");
                let mut cart = self.get(at + 150, client, agent, path);
                cart.referer = own;
                self.push(cart);
            }
        }
        entry.status
    }

    fn part(&mut self, at: i64, client: u32, agent: u16, path: &str, referer: Referer) {
        let path = self.path(path);
        let mut entry = self.get(at, client, agent, path);
        entry.referer = referer;
        self.push(entry);
    }

    fn images(&mut self, at: i64, client: u32, agent: u16, page: u32) {
        let text = &self.site.paths[page as usize].text;
        let Some(slug) = text.strip_prefix("/products/").and_then(|rest| rest.split('/').nth(1))
        else {
            return;
        };
        let image = format!("/images/p/{slug}.webp");
        self.part(at, client, agent, &image, Referer::Own(page));
    }

    /// Icons that browsers ask for unasked, some of which are not there.
    fn icons(&mut self, at: i64, client: u32, agent: u16, referer: Referer) {
        let phone = self.site.agents[usize::from(agent)].contains("iPhone");
        if phone && self.random.percent(35) {
            self.part(at, client, agent, "/apple-touch-icon-precomposed.png", Referer::None);
            self.part(at, client, agent, "/apple-touch-icon.png", Referer::None);
        } else if self.random.percent(4) {
            self.part(at, client, agent, "/favicon.ico", referer);
        } else {
            self.part(at, client, agent, "/favicon.svg", referer);
        }
    }

    fn monitor(&mut self) {
        let path = self.path("/health");
        for minute in 0..self.share(1440) {
            let at =
                self.at(0, 0) + (minute * self.corpus.seconds * 1000 / self.share(1440)) as i64;
            let mut entry = self.get(at + 400, 20, UPTIME, path);
            entry.method = "HEAD";
            (entry.body, entry.millis) = (0, 2);
            self.push(entry);
        }
    }

    fn crawlers(&mut self) {
        for (agent, net, addresses, requests) in [
            (GOOGLEBOT, 30, 4, 500),
            (GOOGLEBOT_PHONE, 30, 6, 1300),
            (BINGBOT, 40, 4, 700),
            (GPTBOT, 50, 3, 900),
            (CLAUDEBOT, 56, 2, 400),
            (AMAZONBOT, 60, 3, 260),
            (AHREFSBOT, 66, 5, 300),
        ] {
            for _ in 0..self.share(requests) {
                let at = self.moment((0, 0), (24, 0));
                let client = net + self.random.below(addresses) as u32;
                let path = match self.random.below(60) {
                    0 => self.site.robots,
                    1 => self.path("/sitemap.xml"),
                    2 if agent == GOOGLEBOT => self.path("/ads.txt"),
                    _ => self.any_page(),
                };
                let entry = self.get(at, client, agent, path);
                self.push(entry);
            }
        }
    }

    /// Googlebot still knows the shop of before: 404 for the old items, 410 for the old catalogue.
    fn old_addresses(&mut self) {
        for _ in 0..self.share(420) {
            let at = self.moment((0, 0), (24, 0));
            let client = 30 + self.random.below(6) as u32;
            let path = self.path("/shop/item.php");
            let mut entry = self.get(at, client, GOOGLEBOT_PHONE, path);
            entry.target = Target::Query(path, "?id=", self.random.between(1, 900));
            self.push(entry);
        }
        for _ in 0..self.share(230) {
            let at = self.moment((0, 0), (24, 0));
            let item = self.random.between(1, 401);
            let path = self.path(&format!("/catalog/old-{item}.html"));
            let agent = self.random.pick(&[GOOGLEBOT, GOOGLEBOT_PHONE, GOOGLEBOT_PHONE, BINGBOT]);
            let client = if agent == BINGBOT { 41 } else { 32 };
            let entry = self.get(at, client, agent, path);
            self.push_as(entry, 410);
        }
    }

    /// Three scanners, each with its own list and pace.
    fn scanners(&mut self) {
        for (client, agent, start, probes, pace) in [
            (512 + 7, NO_AGENT, (2, 40), 380, 220),
            (512 + 66, ZGRAB, (9, 5), 160, 900),
            (256 + 23, self.site.browser(9), (17, 20), 300, 130),
        ] {
            let mut at = self.at(start.0, start.1);
            let begin = self.random.below(self.site.probes.len() as u64) as usize;
            for probe in 0..self.share(probes) as usize {
                let path = self.site.probes[(begin + probe) % self.site.probes.len()];
                at += self.random.between(pace / 2, pace * 2) as i64;
                let mut entry = self.get(at, client, agent, path);
                entry.protocol = HTTP_1;
                let status =
                    if self.site.paths[path as usize].text.contains("/.") { 403 } else { 404 };
                self.push_as(entry, status);
            }
        }
    }

    /// A price comparison asks the search of the API in bursts of ten a second, for an hour.
    fn limited_client(&mut self) {
        let path = self.path("/api/search");
        let client = 256 + 77;
        for hour in [8, 10, 12, 16, 18, 20] {
            for _ in 0..self.share(40) {
                let at = self.moment((hour, 0), (hour, 59));
                let mut entry = self.get(at, client, PRICE_COMPARE, path);
                entry.target = Target::Query(path, "?q=", self.random.between(1, 2_000));
                self.push(entry);
            }
        }
        for burst in 0..self.share(56) {
            let minute = burst * 56 / self.share(56);
            let mut at = self.at(14, 1 + minute);
            for number in 0..34 {
                at += self.random.between(60, 140) as i64;
                let mut entry = self.get(at, client, PRICE_COMPARE, path);
                entry.target = Target::Query(path, "?q=", self.random.between(1, 2_000));
                // Two a second, and five more to begin with.
                if number < 6 || number % 5 == 0 {
                    self.push(entry);
                } else {
                    (entry.millis, entry.upstream) = (0, false);
                    self.push_as(entry, 429);
                }
            }
        }
    }

    /// The export takes longer than the 30 seconds that its clients wait.
    fn slow_export(&mut self) {
        let path = self.path("/export/orders.csv");
        for number in 0..self.share(150) {
            let at = self.moment((6, 0), (22, 0));
            let mut entry = self.get(at, 256 + 140 + number as u32 % 3, ERP, path);
            entry.user = "erp";
            entry.target = Target::Query(path, "?from=2026-10-01&shop=", number % 9 + 1);
            if self.random.percent(66) {
                entry.millis = 30_000 + self.random.below(4) as u32;
                self.push_as(entry, 499);
            } else {
                entry.millis = 9_000 + self.random.below(20_000) as u32;
                entry.body = 1_800_000 + self.random.below(900_000) as u32;
                self.push(entry);
            }
        }
    }

    /// Somebody tries passwords at night, until a rule keeps them out; staff work by day.
    fn logins(&mut self) {
        let login = self.path("/admin/login");
        let attempts = self.share(420);
        let mut at = self.at(3, 10);
        for attempt in 0..attempts {
            at += self.random.between(900, 3_000) as i64;
            let mut entry = self.get(at, 512 + 190, REQUESTS, login);
            entry.method = "POST";
            entry.millis = 110 + self.random.below(20) as u32;
            if attempt * 10 < attempts * 7 {
                self.push_as(entry, 401);
            } else {
                (entry.millis, entry.upstream) = (0, false);
                self.push_as(entry, 403);
            }
        }
        for number in 0..self.share(360) {
            let at = self.moment((7, 0), (17, 30));
            let path = self.path(["/admin", "/admin/orders"][number as usize % 2]);
            let agent = self.site.browser(900 + number as u32 % 3);
            let mut entry = self.get(at, 256 + 10 + number as u32 % 3, agent, path);
            if number % 12 == 0 {
                // The browser asks once without a password.
                self.push_as(entry, 401);
            } else {
                entry.user = ["anna", "jonas", "mei"][number as usize % 3];
                entry.referer = Referer::Own(self.path("/admin"));
                self.push(entry);
            }
        }
    }

    /// A page that the shop's own pages link to, one that a partner does, one that Google shows.
    fn dead_links(&mut self) {
        const PARTNER: Referer = Referer::Other("https://partner.example/reviews/running-shoes");
        for (target, visits) in [
            ("/help/size-guide", 210),
            ("/blog/2019/best-running-shoes", 90),
            ("/sale/summer-2025", 46),
        ] {
            for _ in 0..self.share(visits) {
                let at = self.busy_moment();
                let client = BENCHMARK + 30_000 + self.random.below(900) as u32;
                let agent = self.site.browser(client);
                let path = self.path(target);
                let mut entry = self.get(at, client, agent, path);
                entry.referer = match target {
                    "/help/size-guide" => Referer::Own(self.product(0)),
                    "/sale/summer-2025" => Referer::Other("https://www.google.com/"),
                    _ => PARTNER,
                };
                entry.body = 5_412;
                if let Referer::Own(page) = entry.referer {
                    self.load(at - 14_000, client, agent, page, Referer::None, true);
                }
                self.push(entry);
            }
        }
    }

    /// A bot that the server hangs up on.
    fn blocked_bot(&mut self) {
        for _ in 0..self.share(340) {
            let at = self.moment((5, 0), (12, 0));
            let client = 512 + 120 + self.random.below(5) as u32;
            let path = self.any_page();
            let mut entry = self.get(at, client, HARVEST, path);
            (entry.millis, entry.upstream) = (0, false);
            self.push_as(entry, 444);
        }
    }

    /// Requests that are none, as every address on the internet gets them.
    fn broken_requests(&mut self) {
        for number in 0..self.share(190) {
            let at = self.moment((0, 0), (24, 0));
            let client = 512 + 200 + self.random.below(40) as u32;
            let all = self.site.odd.len() as u64;
            let which = if number < 2 { all - 1 } else { self.random.below(all - 1) };
            let mut entry = odd(self.site, client, which as u32);
            entry.at = at;
            self.push(entry);
        }
    }

    /// Statuses of which a day has a handful.
    fn few_of_a_kind(&mut self) {
        let home = BENCHMARK + 31_000;
        for (status, method, path, requests) in [
            (413, "POST", "/api/upload", 22),
            (201, "POST", "/api/upload", 160),
            (405, "POST", "/", 14),
            (405, "PUT", "/images/logo.svg", 5),
            (416, "GET", "/media/tent-setup.mp4", 8),
            (206, "GET", "/media/tent-setup.mp4", 90),
            (502, "GET", "/cart", 9),
            (504, "GET", "/search", 6),
            (302, "POST", "/checkout", 320),
            (301, "GET", "/blog/", 150),
        ] {
            for _ in 0..self.share(requests) {
                let at =
                    if status == 502 { self.moment((14, 0), (14, 2)) } else { self.busy_moment() };
                let client = home + self.random.below(300) as u32;
                let agent = self.site.browser(client);
                let path = self.path(path);
                let mut entry = self.get(at, client, agent, path);
                entry.method = method;
                if status == 504 {
                    entry.millis = 60_000;
                }
                if status >= 400 {
                    self.push_as(entry, status);
                    continue;
                }
                entry.status = status;
                entry.body = match status {
                    201 => 96,
                    206 => 1_048_576,
                    301 => 162,
                    _ => 0,
                };
                self.push(entry);
            }
        }
    }
}
