//! Logs of healthy, noisy traffic in which known problems are planted, and the truth of what was planted.
//!
//! The truth is written from the rules of the detectors (`contract.md` §4), not from what any detector
//! says: `must` is what a detector has to find, `may` what is true as well, though nobody planted it for
//! its own sake. Everything planted is at least one and a half times as much as its rule asks for.
//! What is a share of all that is asked for is planted last, and as large as what is there makes it.
//! Google's and Microsoft's crawlers come from their published addresses, since detectors tell them by
//! these; all else is from networks that belong to nobody.

mod crawlers;
mod daily;
mod files;
mod limits;
mod load;
mod logins;
mod noise;
mod pages;
mod rates;
mod scene;
mod site;
mod slow;
mod traffic;

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Random, mix, push_millis, push_number, stamp};
use scene::Scene;

/// The `log_format` of these logs, as `--log-format` takes it.
pub const FORMAT: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" \"$host\" \"$sent_http_location\" $request_time";

/// Days of a log, where no rule asks for more.
const DAYS: u64 = 14;

/// Visits of people in a log: about thirty thousand lines, with all that comes on top.
const VISITS: u64 = 2_600;

/// A kind of problem that can be planted.
pub struct Plant {
    /// The detector that has to find it.
    pub id: &'static str,
    /// The days that its rule needs.
    days: u64,
    when: When,
    plant: fn(&mut Scene),
}

/// When a kind is planted, since some are measured by what is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// Before the healthy traffic.
    First,
    /// After it: so much, whatever else there is.
    Later,
    /// A share of all request time, with people in it.
    ByTime,
    /// A share of all request time, with programs in it alone.
    ByTimeOfPrograms,
    /// More than anybody else takes.
    ByClient,
    /// A share of all people, or of all pages.
    ByNumber,
}

impl Plant {
    /// Whether few logs can have it.
    pub fn is_rare(&self) -> bool {
        self.id == TOO_LOOSE
    }

    /// Whether it is about rates and limits.
    pub fn is_of_rates(&self) -> bool {
        self.when != When::First
    }
}

const fn plant(id: &'static str, days: u64, plant: fn(&mut Scene)) -> Plant {
    Plant { id, days, when: When::First, plant }
}

const fn rate(id: &'static str, when: When, plant: fn(&mut Scene)) -> Plant {
    Plant { id, days: DAYS, when, plant }
}

/// All of them, in the order of the contract.
pub const PLANTS: &[Plant] = &[
    plant("broken-internal-link", DAYS, pages::broken_internal_link),
    plant("lost-backlink", DAYS, pages::lost_backlink),
    plant("lost-page", DAYS, pages::lost_page),
    plant("flapping-page", DAYS, pages::flapping_page),
    plant("crawled-not-found", 26, crawlers::crawled_not_found),
    plant("gone-but-linked", DAYS, pages::gone_but_linked),
    plant("gone-recrawled", 32, crawlers::gone_recrawled),
    plant("mass-not-found", DAYS, pages::mass_not_found),
    plant("soft-not-found", DAYS, pages::soft_not_found),
    plant("robots-txt-unavailable", DAYS, files::robots_txt_unavailable),
    plant("root-file-missing", DAYS, files::root_file_missing),
    plant("missing-asset", DAYS, files::missing_asset),
    plant("near-miss-url", DAYS, pages::near_miss_url),
    plant("crawler-rate-limited", DAYS, crawlers::crawler_rate_limited),
    plant("crawler-denied", DAYS, crawlers::crawler_denied),
    plant("crawler-timed-out", DAYS, crawlers::crawler_timed_out),
    plant("fake-crawler", DAYS, crawlers::fake_crawler),
    plant("crawl-waste", DAYS, crawlers::crawl_waste),
    plant("redirect-to-not-found", DAYS, pages::redirect_to_not_found),
    plant("hotlinked-missing", DAYS, files::hotlinked_missing),
    plant("dead-alternate", DAYS, crawlers::dead_alternate),
    plant("method-mismatch", DAYS, files::method_mismatch),
    plant("scanner", DAYS, noise::scanner),
    plant("exposed-file", DAYS, noise::exposed_file),
    rate("client-hotspot", When::Later, rates::client_hotspot),
    rate("path-hotspot", When::ByTime, rates::path_hotspot),
    rate("agent-swarm", When::ByNumber, rates::agent_swarm),
    rate("rejection-spike", When::Later, limits::rejection_spike),
    rate("retry-storm", When::Later, limits::retry_storm),
    rate("client-gave-up", When::Later, slow::client_gave_up),
    rate("credential-stuffing", When::Later, logins::credential_stuffing),
    rate("scraping", When::Later, rates::scraping),
    rate("limit-too-tight", When::ByNumber, limits::limit_too_tight),
    rate(TOO_LOOSE, When::ByClient, limits::limit_too_loose),
    rate("crawler-load", When::ByTimeOfPrograms, slow::crawler_load),
];

/// Nothing limits the few that take most: not true of a log in which anybody is rejected.
const TOO_LOOSE: &str = "limit-too-loose";

/// Kinds that reject somebody, and are planted rather than [`TOO_LOOSE`].
const REJECTING_CRAWLERS: &[&str] = &["crawler-rate-limited", "robots-txt-unavailable"];

/// Kinds that reject somebody, and are not planted where [`TOO_LOOSE`] is.
const REJECTING: &[&str] = &["rejection-spike", "retry-storm", "limit-too-tight"];

/// A log to be written.
#[derive(Clone, Debug)]
pub struct Planted {
    /// Fixes every choice.
    pub seed: u64,
    /// The ids of what is asked for; of that [`Planted::kinds`] is planted.
    pub plants: Vec<&'static str>,
    /// Days of the log; those that the plants need, if they are not said.
    pub days: Option<u64>,
}

/// One thing that is true of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// Whether it was planted, and so has to be found. Else it is no mistake to find it.
    pub must: bool,
    /// The detector.
    pub id: &'static str,
    /// What the finding is about. Where it must be found: its `subject.value`, or one of several with `|`
    /// between. Else: what that begins with.
    pub subject: String,
}

impl Fact {
    /// Whether a finding of this detector about this subject is what the fact says.
    pub fn covers(&self, id: &str, value: &str) -> bool {
        self.id == id
            && if self.must {
                self.subject.split('|').any(|subject| subject == value)
            } else {
                value.starts_with(&self.subject)
            }
    }
}

/// The kind of problem that a detector finds.
pub fn plant_of(id: &str) -> Option<&'static Plant> {
    PLANTS.iter().find(|plant| plant.id == id)
}

impl Planted {
    /// The ids of what is planted: what of all that was asked for can be true of one log.
    pub fn kinds(&self) -> Vec<&'static str> {
        let has = |ids: &[&str]| self.plants.iter().any(|id| ids.contains(id));
        let is_loose = has(&[TOO_LOOSE]) && !has(REJECTING_CRAWLERS);
        let is_possible = |id: &str| match id {
            TOO_LOOSE => is_loose,
            _ => !(is_loose && REJECTING.contains(&id)),
        };
        self.plants.iter().copied().filter(|id| is_possible(id)).collect()
    }

    /// Writes the log, and returns the truth in order.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<Vec<Fact>> {
        let mut plants: Vec<&Plant> = self.kinds().into_iter().filter_map(plant_of).collect();
        plants.sort_by_key(|plant| plant.when);
        let needed = plants.iter().map(|plant| plant.days).max().unwrap_or(DAYS);
        let mut scene = Scene::new(self.seed, self.days.unwrap_or(needed));
        scene.plants = plants.iter().map(|plant| plant.id).collect();
        let later = plants.partition_point(|plant| plant.when == When::First);
        for plant in &plants[..later] {
            (plant.plant)(&mut scene);
        }
        traffic::healthy(&mut scene, VISITS);
        noise::everywhere(&mut scene);
        // From here on each has its own chance, so that what is there does not depend on what comes.
        scene.random = Random(mix(self.seed ^ site::hash("daily")));
        daily::healthy(&mut scene);
        scene.note_who_came();
        for plant in &plants[later..] {
            scene.random = Random(mix(self.seed ^ site::hash(plant.id)));
            (plant.plant)(&mut scene);
        }
        crawlers::what_crawls_show(&mut scene);
        load::what_loads_show(&mut scene);
        scene.hits.sort_by_key(|hit| hit.at);
        let mut line = Vec::new();
        for hit in &scene.hits {
            line.clear();
            push_line(&mut line, &scene, hit);
            out.write_all(&line)?;
        }
        Ok(scene.facts.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
    }
}

/// The truth as it is written beside a log: `must` or `may`, the id, the subject, with tabs between.
pub fn told(facts: &[Fact]) -> String {
    let must = |fact: &Fact| if fact.must { "must" } else { "may" };
    facts.iter().map(|fact| format!("{}\t{}\t{}\n", must(fact), fact.id, fact.subject)).collect()
}

/// A request and what was answered.
struct Hit {
    /// Milliseconds since the epoch.
    at: i64,
    who: Who,
    /// The number of the site.
    site: usize,
    user: &'static str,
    method: &'static str,
    target: String,
    status: u16,
    body: u32,
    /// The whole referer; none if it is empty.
    referer: String,
    /// The whole `Location`; none if it is empty.
    location: String,
    millis: u32,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Who {
    address: std::net::IpAddr,
    agent: &'static str,
}

impl Who {
    /// Whether it takes compressed answers.
    fn takes_gzip(self) -> bool {
        self.agent.starts_with("Mozilla/")
    }
}

fn push_line(line: &mut Vec<u8>, scene: &Scene, hit: &Hit) {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    line.extend_from_slice(hit.who.address.to_string().as_bytes());
    line.extend_from_slice(b" - ");
    line.extend_from_slice(or_dash(hit.user).as_bytes());
    line.push(b' ');
    line.extend_from_slice(&stamp(hit.at.div_euclid(1000)));
    let protocol = if hit.who.takes_gzip() { "HTTP/2.0" } else { "HTTP/1.1" };
    line.extend_from_slice(format!(" \"{} {} {protocol}\" ", hit.method, hit.target).as_bytes());
    push_number(line, hit.status.into());
    line.push(b' ');
    push_number(line, hit.body.into());
    let host = scene.sites[hit.site].host.as_str();
    for text in [&or_dash(&hit.referer), &or_dash(hit.who.agent), host, &or_dash(&hit.location)] {
        line.extend_from_slice(b" \"");
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
    }
    line.push(b' ');
    push_millis(line, hit.millis);
    line.push(b'\n');
}
