//! What a person pastes into a server's configuration or hands to an editor: redirects, paths that are gone,
//! links to be mended, crawlers that are not to be limited.
//!
//! A path of a log was chosen by a stranger. It stands in these files between quotes and escaped
//! (see [`crate::escape`]); one that no server can be told of safely is left out, and counted in the file.

mod apache;
mod csv;
mod deny;
pub mod limits;
mod nginx;
mod paths;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

pub use deny::Denied;

use crate::escape;
use crate::report::Report;
use crate::untrusted::Untrusted;

/// A path that is missing, and the live one that it meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The host that was asked, if the log names it; without it the redirect is for all hosts.
    pub host: Option<Untrusted>,
    /// The missing path, as the log spells it.
    pub from: Untrusted,
    /// The live path, as the log spells it.
    pub to: Untrusted,
    /// How sure it is, of a hundred.
    pub confidence_percent: u8,
    /// What led from one to the other, in a few words.
    pub why: &'static str,
    /// How many requests asked for the missing path.
    pub requests: u64,
}

/// A path that is missing for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The host that was asked, if the log names it; without it the path is gone from all hosts.
    pub host: Option<Untrusted>,
    /// The missing path, as the log spells it.
    pub path: Untrusted,
    /// How many requests asked for it.
    pub requests: u64,
    /// When the last one did, in seconds since the epoch.
    pub last_seen: u32,
}

/// A link of an own page to a path that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLink {
    /// The page that has the link.
    pub page: Untrusted,
    /// The host that was asked, if the log names it.
    pub host: Option<Untrusted>,
    /// The missing path, as the log spells it.
    pub path: Untrusted,
    /// How many requests followed it.
    pub requests: u64,
}

/// A range of addresses that a crawler comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedRange {
    /// The crawler's name.
    pub crawler: &'static str,
    /// The range, as `192.0.2.0/24`.
    pub prefix: String,
    /// The day of the publisher's list, as `2026-08-22`.
    pub as_of: String,
}

/// All that a run found to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedies {
    /// Missing paths that meant a live one.
    pub redirects: Vec<Redirect>,
    /// Missing paths that will not come back.
    pub gone: Vec<Gone>,
    /// Links of own pages that lead nowhere.
    pub dead_links: Vec<DeadLink>,
    /// Where verified crawlers come from.
    pub allow: Vec<AllowedRange>,
    /// Whom to keep out.
    pub deny: Vec<Denied>,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyFile {
    /// What it is called.
    pub name: &'static str,
    /// All of it.
    pub text: String,
}

/// So many rows of a configuration: a server compares each request with all of them. The CSV files have
/// all rows.
pub const RULES_MAX: usize = 1_000;

impl Remedies {
    /// What the findings of a report tell to do, with where crawlers come from.
    pub fn of(report: &Report, allow: Vec<AllowedRange>) -> Remedies {
        let mut remedies = Remedies { allow, ..Remedies::default() };
        for finding in report.findings.iter().filter(|finding| finding.subject.kind == "path") {
            let (host, path) = (finding.subject.host.clone(), finding.subject.value.clone());
            let links = finding.examples.iter().filter(|example| example.kind == "page");
            if matches!(finding.id, "broken-internal-link" | "gone-but-linked" | "missing-asset") {
                remedies.dead_links.extend(links.map(|link| DeadLink {
                    page: link.value.clone(),
                    host: host.clone(),
                    path: path.clone(),
                    requests: link.requests,
                }));
            }
            match &finding.fix {
                // The target of a redirect is mended where that stands.
                Some(fix) if fix.kind == "redirect" && finding.id != "redirect-to-not-found" => {
                    remedies.redirects.push(Redirect {
                        host,
                        from: path,
                        to: fix.text.clone(),
                        confidence_percent: fix.confidence_percent,
                        why: fix.why,
                        requests: finding.requests,
                    });
                }
                None if finding.id == "crawled-not-found" => remedies.gone.push(Gone {
                    host,
                    path,
                    requests: finding.requests,
                    last_seen: finding.period.1,
                }),
                _ => {}
            }
        }
        remedies.deny = deny::denied(&report.findings, &remedies);
        remedies
    }

    /// The files that have something in them, in the order of their kinds.
    ///
    /// Rows stand in the order of their requests, most first, and each path of a host once.
    pub fn files(&self) -> Vec<RemedyFile> {
        let (redirects, gone) = (self.redirects(), self.gone());
        let written = [
            ("redirects.nginx.conf", nginx::redirects(&rules_of_redirects(&redirects))),
            ("redirects.apache.conf", apache::redirects(&rules_of_redirects(&redirects))),
            ("redirects.csv", csv::redirects(&redirects)),
            ("gone.nginx.conf", nginx::gone(&rules_of_gone(&gone))),
            ("gone.csv", csv::gone(&gone)),
            ("dead-links.csv", csv::dead_links(&self.dead_links())),
            ("crawlers.allow.nginx.conf", nginx::crawlers(&self.ranges())),
            ("deny.nginx.conf", deny::nginx(&self.deny)),
            ("deny.ipset", deny::ipset(&self.deny)),
            ("limited.fail2ban.conf", deny::fail2ban(&self.deny)),
        ];
        let files = written.into_iter();
        files.filter_map(|(name, text)| text.map(|text| RemedyFile { name, text })).collect()
    }

    /// Of several for one path the surest.
    fn redirects(&self) -> Vec<&Redirect> {
        let mut all: Vec<&Redirect> = self.redirects.iter().collect();
        all.sort_by_key(|row| (&row.host, &row.from, Reverse(row.confidence_percent), &row.to));
        all.dedup_by_key(|row| (&row.host, &row.from));
        all.sort_by_key(|row| (Reverse(row.requests), &row.host, &row.from));
        all
    }

    fn gone(&self) -> Vec<&Gone> {
        let mut all: Vec<&Gone> = self.gone.iter().collect();
        all.sort_by_key(|row| (&row.host, &row.path, Reverse(row.requests), row.last_seen));
        all.dedup_by_key(|row| (&row.host, &row.path));
        all.sort_by_key(|row| (Reverse(row.requests), &row.host, &row.path));
        all
    }

    fn dead_links(&self) -> Vec<&DeadLink> {
        let mut all: Vec<&DeadLink> = self.dead_links.iter().collect();
        all.sort_by_key(|row| (Reverse(row.requests), &row.page, &row.host, &row.path));
        all
    }

    /// Each range once: nginx warns of one that stands twice.
    fn ranges(&self) -> Vec<(ipnet::IpNet, &AllowedRange)> {
        let mut ranges = BTreeMap::new();
        for row in &self.allow {
            if let Ok(range) = row.prefix.parse::<ipnet::IpNet>() {
                ranges.entry(range.trunc()).or_insert(row);
            }
        }
        ranges.into_iter().collect()
    }
}

/// What a server is told of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    host: Option<Untrusted>,
    path: Untrusted,
    /// Where to; `None` where it is gone.
    to: Option<Untrusted>,
    /// How sure it is that this is meant, of a hundred, and why.
    sureness: (u8, &'static str),
}

/// Below that a person has to look first: the rule is written as a comment.
const SURE_PERCENT: u8 = 85;

impl Rule {
    /// What stands before it, where it is not sure enough to be pasted.
    fn mark(&self) -> &'static str {
        if self.sureness.0 < SURE_PERCENT { "# " } else { "" }
    }

    /// How sure it is, behind it; nothing where it is beyond doubt.
    fn remark(&self) -> String {
        match self.sureness {
            (100, _) => String::new(),
            (percent, why) => format!(" # {percent} % sure: {why}"),
        }
    }
}

/// Rules for a server, and what became of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rules {
    kept: Vec<Rule>,
    /// How many cannot be told to a server safely.
    unfit: usize,
    /// How many were beyond [`RULES_MAX`].
    beyond: usize,
}

impl Rules {
    fn new(all: impl Iterator<Item = Option<Rule>>) -> Rules {
        let mut rules = Rules::default();
        for rule in all {
            match rule {
                None => rules.unfit += 1,
                Some(_) if rules.kept.len() == RULES_MAX => rules.beyond += 1,
                Some(rule) => rules.kept.push(rule),
            }
        }
        rules
    }
}

fn rules_of_redirects(redirects: &[&Redirect]) -> Rules {
    let rules = redirects.iter().map(|row| {
        let (from, to) = (paths::received_path(&row.from)?, paths::target(&row.to)?);
        let sureness = (row.confidence_percent, row.why);
        Some(Rule { host: paths::host(row.host.as_ref())?, path: from, to: Some(to), sureness })
    });
    let rules: Vec<Option<Rule>> = rules.collect();
    // A target that is sent on itself might lead around in a circle.
    let from: HashSet<Vec<u8>> =
        rules.iter().flatten().map(|rule| rule.path.bytes().to_vec()).collect();
    let leads_on = |rule: &Rule| {
        let to = rule.to.as_ref();
        // It is written encoded, and so it comes back.
        to.is_some_and(|to| {
            from.contains(to.bytes()) || from.contains(escape::address(to).as_bytes())
        })
    };
    Rules::new(rules.into_iter().map(|rule| rule.filter(|rule| !leads_on(rule))))
}

fn rules_of_gone(gone: &[&Gone]) -> Rules {
    let rule = |row: &&Gone| {
        let path = paths::received_path(&row.path)?;
        let sureness = (100, "");
        Some(Rule { host: paths::host(row.host.as_ref())?, path, to: None, sureness })
    };
    Rules::new(gone.iter().map(rule))
}
