//! What a run finds wrong, and what to do about it.

use crate::untrusted::Untrusted;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Search, and those who follow links.
    Seo,
    /// Limits of rates.
    Rate,
    /// Weaknesses.
    Security,
}

impl Group {
    /// The word in reports.
    pub fn id(self) -> &'static str {
        match self {
            Group::Seo => "seo",
            Group::Rate => "rate",
            Group::Security => "security",
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is worth knowing.
    Info,
    /// It can wait.
    Low,
    /// It should be mended.
    Medium,
    /// It should be mended soon.
    High,
    /// It does harm now.
    Critical,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: &[Severity] =
        &[Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// The word in reports.
    pub fn id(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// That of a score from 0 to 100.
    pub fn of_score(score: u32) -> Severity {
        match score {
            70.. => Severity::Critical,
            45.. => Severity::High,
            25.. => Severity::Medium,
            10.. => Severity::Low,
            _ => Severity::Info,
        }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The id of its detector.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// How much it matters.
    pub severity: Severity,
    /// The same as a number from 0 to 100, by which findings are in order.
    pub score: u32,
    /// What is wrong, in one sentence. It may hold text of the log.
    pub title: Untrusted,
    /// What it is wrong with.
    pub subject: Subject,
    /// The requests that it is told by.
    pub requests: u64,
    /// The clients that sent them.
    pub clients: u64,
    /// First and last of them, in seconds since the epoch.
    pub period: (u32, u32),
    /// The numbers behind it.
    pub evidence: Vec<(&'static str, Evidence)>,
    /// Some of what it is told by, most requests first.
    pub examples: Vec<Example>,
    /// What to do, in one sentence. It may hold text of the log.
    pub action: Untrusted,
    /// What can be put in place of what is wrong, where it is known.
    pub fix: Option<Fix>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// `path`, `prefix`, `host`, `crawler`, `client`, `network` or `agent`.
    pub kind: &'static str,
    /// Which.
    pub value: Untrusted,
    /// Of a path: its virtual host, where the log has it.
    pub host: Option<Untrusted>,
}

/// A number, or what stands for one.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// How many.
    Count(u64),
    /// A share, from 0 to 1.
    Ratio(f64),
    /// A moment, in seconds since the epoch.
    Moment(u32),
    /// Some words of ours.
    Words(&'static str),
    /// Text of the log.
    Text(Untrusted),
    /// Names of ours with how often each was there.
    Names(Vec<(&'static str, u64)>),
}

/// Something that a finding is told by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// `page`, `path`, `target`, `site`, `client` or `crawler`.
    pub kind: &'static str,
    /// Which.
    pub value: Untrusted,
    /// How often.
    pub requests: u64,
}

/// What can be put in place of what is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// `redirect`: send those who ask for the subject there. `link`: write that address on the pages.
    pub kind: &'static str,
    /// Where to.
    pub text: Untrusted,
    /// How sure it is, from 0 to 100.
    pub confidence_percent: u8,
    /// Why it is thought to be meant.
    pub why: &'static str,
}
