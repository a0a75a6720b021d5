//! What the counts say: who the clients are, and what is wrong.
//!
//! A detector sees counts, never lines: what it finds does not depend on how a log was read.

pub mod clients;
pub mod facts;
mod findings;
pub mod kinds;
mod rate;
mod score;
mod security;
mod seo;
pub mod trace;

use rayon::prelude::*;

use facts::Facts;

use crate::aggregate::few::FEW_MAX;

use crate::options::{self, StatusList};
use crate::record::Status;
use crate::report::{Finding, Group, Severity};

/// A row of the table of detectors.
#[derive(Debug)]
pub struct Detector {
    /// Its name: what is wrong.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// One line.
    pub summary: &'static str,
    /// Why it matters, how sure it is, what to do, and whose word that is.
    pub explain: &'static str,
    /// The statuses by which it is told, each by itself: where none of them is asked for it is silent. None is
    /// what is told by all of them together, where all are asked for.
    pub statuses: &'static [u16],
    /// What it takes for something to be wrong.
    pub thresholds: &'static [Threshold],
    /// Finds what is wrong.
    find: fn(&Facts<'_>, &Limits<'_>) -> Found,
    /// Traces on which it finds something; see [`trace`].
    pub fires_on: &'static [&'static str],
    /// Traces on which it must not.
    pub silent_on: &'static [&'static str],
}

/// A number that decides whether something is wrong.
#[derive(Debug)]
pub struct Threshold {
    /// Its name.
    pub name: &'static str,
    /// What it is unless something else is asked for.
    pub value: f64,
    /// What it is, with its unit.
    pub summary: &'static str,
}

/// All detectors, in the order of the contract.
pub static DETECTORS: &[&Detector] = &[
    &seo::broken_internal_link::DETECTOR,
    &seo::lost_backlink::DETECTOR,
    &seo::lost_page::DETECTOR,
    &seo::flapping_page::DETECTOR,
    &seo::crawled_not_found::DETECTOR,
    &seo::gone_but_linked::DETECTOR,
    &seo::gone_recrawled::DETECTOR,
    &seo::mass_not_found::DETECTOR,
    &seo::soft_not_found::DETECTOR,
    &seo::robots_txt_unavailable::DETECTOR,
    &seo::root_file_missing::DETECTOR,
    &seo::missing_asset::DETECTOR,
    &seo::near_miss_url::DETECTOR,
    &seo::crawler_rate_limited::DETECTOR,
    &seo::crawler_denied::DETECTOR,
    &seo::crawler_timed_out::DETECTOR,
    &seo::fake_crawler::DETECTOR,
    &seo::crawl_waste::DETECTOR,
    &seo::redirect_to_not_found::DETECTOR,
    &seo::hotlinked_missing::DETECTOR,
    &seo::dead_alternate::DETECTOR,
    &seo::method_mismatch::DETECTOR,
    &rate::client_hotspot::DETECTOR,
    &rate::path_hotspot::DETECTOR,
    &rate::agent_swarm::DETECTOR,
    &rate::rejection_spike::DETECTOR,
    &rate::retry_storm::DETECTOR,
    &rate::client_gave_up::DETECTOR,
    &rate::credential_stuffing::DETECTOR,
    &rate::scraping::DETECTOR,
    &rate::limit_too_tight::DETECTOR,
    &rate::limit_too_loose::DETECTOR,
    &rate::crawler_load::DETECTOR,
    &security::scanner::DETECTOR,
    &security::exposed_file::DETECTOR,
];

/// The detector with this id.
pub fn detector(id: &str) -> Option<&'static Detector> {
    DETECTORS.iter().copied().find(|detector| detector.id == id)
}

/// The thresholds of a detector, as this run has them.
#[derive(Debug)]
pub struct Limits<'a> {
    detector: &'a Detector,
    asked: &'a [options::Threshold],
}

impl Limits<'_> {
    /// The one with this name.
    ///
    /// # Panics
    ///
    /// Where the detector has none of that name.
    pub fn of(&self, name: &str) -> f64 {
        let is_it =
            |asked: &&options::Threshold| asked.detector == self.detector.id && asked.name == name;
        let own = self.detector.thresholds.iter().find(|threshold| threshold.name == name);
        let own = own.unwrap_or_else(|| panic!("{} has no threshold {name}", self.detector.id));
        self.asked.iter().rev().find(is_it).map_or(own.value, |asked| asked.value)
    }

    /// The one with this name, of what is counted.
    pub fn count(&self, name: &str) -> u64 {
        self.of(name).ceil().max(0.0) as u64
    }
}

/// What a detector found: the worst of it, and how much there was of each severity.
#[derive(Debug, Default)]
pub struct Found {
    /// The worst first.
    pub worst: Vec<Finding>,
    /// How many there were of each severity, by [`Severity::ALL`].
    pub by_severity: [u64; Severity::ALL.len()],
}

/// So many findings of a detector are kept: whoever makes a log can make it find any number.
const FOUND_MAX: usize = 2_000;

/// The worst first; of equals by id and subject.
fn order(one: &Finding, other: &Finding) -> std::cmp::Ordering {
    let worst = (other.severity, other.score).cmp(&(one.severity, one.score));
    worst.then_with(|| (one.id, &one.subject).cmp(&(other.id, &other.subject)))
}

impl Found {
    fn trim(&mut self) {
        self.worst.sort_by(order);
        self.worst.truncate(FOUND_MAX);
    }

    fn merge(mut self, other: Found) -> Found {
        self.worst.extend(other.worst);
        self.by_severity.iter_mut().zip(other.by_severity).for_each(|(mine, other)| *mine += other);
        self
    }
}

impl FromIterator<Finding> for Found {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Found {
        let mut found = Found::default();
        for finding in findings {
            found.by_severity[finding.severity as usize] += 1;
            found.worst.push(finding);
            if found.worst.len() == 2 * FOUND_MAX {
                found.trim();
            }
        }
        found.trim();
        found
    }
}

/// The most that can be asked of a threshold: a share is no more than 1, and of clients that came by a link
/// only so many are kept apart.
pub fn threshold_max(detector: &Detector, name: &str) -> f64 {
    const KEPT_APART: &[&str] = &[
        "broken-internal-link",
        "lost-backlink",
        "gone-but-linked",
        "missing-asset",
        "redirect-to-not-found",
    ];
    let is_kept_apart = KEPT_APART.contains(&detector.id) && matches!(name, "clients" | "networks");
    match name {
        _ if is_kept_apart => FEW_MAX as f64,
        "minority" => 1.0,
        _ if name.ends_with("share") => 1.0,
        "confidence" => 100.0,
        _ => f64::INFINITY,
    }
}

/// What is wrong, the worst first.
pub fn findings(facts: &Facts<'_>, statuses: &StatusList) -> Found {
    let is_asked_for = |detector: &&&Detector| {
        let mut its = detector.statuses.iter();
        statuses.is_complete() || its.any(|code| statuses.has_error(Status::from_code(*code)))
    };
    let of =
        |detector: &&Detector| (detector.find)(facts, &Limits { detector, asked: facts.asked() });
    let detectors = DETECTORS.par_iter().filter(is_asked_for);
    let mut all = detectors.map(of).reduce(Found::default, Found::merge);
    all.worst.sort_by(order);
    all
}
