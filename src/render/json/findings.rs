//! The findings of the JSON document.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::rfc3339;
use crate::escape;
use crate::render::json::document::{Moment, Text};
use crate::report::{self, Evidence};

/// Something that is wrong, and what to do about it.
#[derive(Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// The id of its detector; `logscan explain ID` tells all about it.
    id: &'static str,
    /// `seo`, `rate` or `security`.
    group: &'static str,
    /// `info`, `low`, `medium`, `high` or `critical`.
    severity: &'static str,
    /// The same from 0 to 100.
    score: u32,
    /// What is wrong, in one sentence.
    title: Text<'a>,
    /// What it is wrong with.
    subject: Subject<'a>,
    /// The requests that it is told by.
    requests: u64,
    /// The clients that sent them; 0 where they were not counted apart.
    clients: u64,
    /// The first of them.
    first: Moment,
    /// The last of them.
    last: Moment,
    /// The numbers behind it, by name.
    evidence: Map<String, Value>,
    /// Some of what it is told by, most requests first.
    examples: Vec<Example<'a>>,
    /// What to do, in one sentence.
    action: Text<'a>,
    /// What can be put in place of what is wrong; null where nothing is known.
    fix: Option<Fix<'a>>,
}

/// What a finding is about.
#[derive(Serialize, JsonSchema)]
struct Subject<'a> {
    /// `path`, `prefix`, `host`, `crawler`, `client`, `network` or `agent`.
    kind: &'static str,
    /// Which.
    value: Text<'a>,
    /// Of a path or a prefix: its virtual host; null where the log has none.
    host: Option<Text<'a>>,
}

/// Something that a finding is told by.
#[derive(Serialize, JsonSchema)]
struct Example<'a> {
    /// `page`, `path`, `target`, `site`, `client` or `crawler`.
    kind: &'static str,
    /// Which.
    value: Text<'a>,
    /// How often.
    requests: u64,
}

/// What can be put in place of what is wrong.
#[derive(Serialize, JsonSchema)]
struct Fix<'a> {
    /// `redirect`.
    kind: &'static str,
    /// Where to.
    text: Text<'a>,
    /// How sure it is, from 0 to 100.
    confidence_percent: u8,
    /// Why it is thought to be meant.
    why: &'static str,
}

impl<'a> Finding<'a> {
    /// As it is in a report.
    pub fn new(finding: &'a report::Finding) -> Finding<'a> {
        let examples = finding.examples.iter().map(|example| Example {
            kind: example.kind,
            value: Text(&example.value),
            requests: example.requests,
        });
        let evidence = finding.evidence.iter();
        Finding {
            id: finding.id,
            group: finding.group.id(),
            severity: finding.severity.id(),
            score: finding.score,
            title: Text(&finding.title),
            subject: Subject {
                kind: finding.subject.kind,
                value: Text(&finding.subject.value),
                host: finding.subject.host.as_ref().map(Text),
            },
            requests: finding.requests,
            clients: finding.clients,
            first: Moment(finding.period.0.into()),
            last: Moment(finding.period.1.into()),
            evidence: evidence.map(|(name, value)| (name.to_string(), json(value))).collect(),
            examples: examples.collect(),
            action: Text(&finding.action),
            fix: finding.fix.as_ref().map(|fix| Fix {
                kind: fix.kind,
                text: Text(&fix.text),
                confidence_percent: fix.confidence_percent,
                why: fix.why,
            }),
        }
    }
}

fn json(evidence: &Evidence) -> Value {
    match evidence {
        Evidence::Count(count) => (*count).into(),
        // Four digits: more than the counts behind it can bear.
        Evidence::Ratio(ratio) => ((ratio * 1e4).round() / 1e4).into(),
        Evidence::Moment(moment) => rfc3339((*moment).into()).into(),
        Evidence::Words(words) => (*words).into(),
        Evidence::Text(text) => escape::json(text).into(),
        Evidence::Names(names) => {
            let counts = names.iter().map(|(name, count)| (name.to_string(), (*count).into()));
            Value::Object(counts.collect())
        }
    }
}
