//! Makes findings: what all of them have in common.

use super::Detector;
use crate::aggregate::arena::Key;
use crate::aggregate::few::{FEW_MAX, Few};
use crate::aggregate::referers::Referers;
use crate::report::{Evidence, Example, Finding, Fix, Severity, Subject};
use crate::untrusted::Untrusted;

/// So many examples a finding has.
const EXAMPLES_MAX: usize = 16;

/// Words of ours with text of the log between them.
#[derive(Clone, Debug, Default)]
pub struct Sentence(Vec<u8>);

impl Sentence {
    /// Begins with these words.
    pub fn new(words: impl AsRef<str>) -> Sentence {
        Sentence(words.as_ref().as_bytes().to_vec())
    }

    /// Goes on with text of the log; a long one is cut.
    pub fn text(mut self, text: &[u8]) -> Sentence {
        const BYTES_MAX: usize = 120;
        self.0.extend_from_slice(&text[..text.len().min(BYTES_MAX)]);
        if text.len() > BYTES_MAX {
            self.0.extend_from_slice("…".as_bytes());
        }
        self
    }

    /// Goes on with words of ours.
    pub fn words(mut self, words: impl AsRef<str>) -> Sentence {
        self.0.extend_from_slice(words.as_ref().as_bytes());
        self
    }

    /// The sentence, which holds text of the log.
    pub fn done(self) -> Untrusted {
        Untrusted::new(self.0)
    }
}

/// A number with a word that is in the plural but for one.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number of days, which is known up to 64.
pub fn days_words(days: u64) -> String {
    if days >= 64 { "64 days or more".to_string() } else { plural(days, "day", "days") }
}

/// A number as a person reads it: `1,234,567`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What a path finding is about.
pub fn of_path(key: Key<'_>) -> Subject {
    let host = (!key.head.is_empty()).then(|| Untrusted::new(key.head));
    Subject { kind: "path", value: Untrusted::new(key.tail), host }
}

/// What another finding is about.
pub fn of(kind: &'static str, value: &[u8]) -> Subject {
    Subject { kind, value: Untrusted::new(value), host: None }
}

/// A finding, as it grows.
pub struct Draft(Finding);

impl Draft {
    /// What a detector finds, with this score, in these requests.
    pub fn new(detector: &Detector, subject: Subject, score: u32, requests: u64) -> Draft {
        Draft(Finding {
            id: detector.id,
            group: detector.group,
            severity: Severity::of_score(score),
            score,
            title: Untrusted::new(""),
            subject,
            requests,
            clients: 0,
            period: (0, 0),
            evidence: Vec::new(),
            examples: Vec::new(),
            action: Untrusted::new(""),
            fix: None,
        })
    }

    /// Who sent them, and when.
    pub fn seen(mut self, clients: u64, period: Option<(u32, u32)>) -> Draft {
        self.0.clients = clients;
        self.0.period = period.unwrap_or_default();
        self
    }

    /// The same, of clients of whom no more than a few are kept apart: where there were as many, how many is
    /// not known.
    pub fn seen_by_few(self, clients: &Few, period: Option<(u32, u32)>) -> Draft {
        let clients = if clients.len() == FEW_MAX { 0 } else { clients.len() as u64 };
        self.seen(clients, period)
    }

    /// What is wrong, and what to do.
    pub fn says(mut self, title: Sentence, action: Sentence) -> Draft {
        self.0.title = title.done();
        self.0.action = action.done();
        self
    }

    /// A number behind it.
    pub fn evidence(mut self, name: &'static str, evidence: Evidence) -> Draft {
        self.0.evidence.push((name, evidence));
        self
    }

    /// A count behind it.
    pub fn count(self, name: &'static str, count: u64) -> Draft {
        self.evidence(name, Evidence::Count(count))
    }

    /// A moment behind it, if there was one.
    pub fn moment(self, name: &'static str, moment: Option<u32>) -> Draft {
        match moment {
            Some(moment) => self.evidence(name, Evidence::Moment(moment)),
            None => self,
        }
    }

    /// Some of what it is told by.
    pub fn examples(
        mut self,
        kind: &'static str,
        texts: impl IntoIterator<Item = (impl AsRef<[u8]>, u64)>,
    ) -> Draft {
        let texts = texts.into_iter().take(EXAMPLES_MAX);
        self.0.examples.extend(texts.map(|(text, requests)| Example {
            kind,
            value: Untrusted::new(text),
            requests,
        }));
        self
    }

    /// The pages that link there, as examples.
    pub fn pages(self, kind: &'static str, pages: &Referers) -> Draft {
        self.examples(kind, pages.sorted())
    }

    /// What can be put in its place.
    pub fn fix(mut self, fix: Option<Fix>) -> Draft {
        self.0.fix = fix;
        self
    }

    /// At least this severe.
    pub fn at_least(mut self, severity: Severity) -> Draft {
        self.0.severity = self.0.severity.max(severity);
        self.0.score = self.0.score.max(floor(severity));
        self
    }

    /// No more severe than this.
    pub fn at_most(mut self, severity: Severity) -> Draft {
        if self.0.severity > severity {
            self.0.severity = severity;
            self.0.score = floor(Severity::ALL[severity as usize + 1]) - 1;
        }
        self
    }

    /// The finding.
    pub fn done(self) -> Finding {
        self.0
    }
}

/// The least score of a severity.
fn floor(severity: Severity) -> u32 {
    (0..=100).find(|score| Severity::of_score(*score) >= severity).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::DETECTORS;

    #[test]
    fn a_severity_can_be_raised_and_capped() {
        let draft = |score| Draft::new(DETECTORS[0], of("path", b"/"), score, 1);
        let raised = draft(3).at_least(Severity::High).done();
        assert_eq!((raised.severity, raised.score), (Severity::High, 45));
        let capped = draft(90).at_most(Severity::Low).done();
        assert_eq!((capped.severity, capped.score), (Severity::Low, 24));
        let kept = draft(30).at_most(Severity::High).at_least(Severity::Low).done();
        assert_eq!((kept.severity, kept.score), (Severity::Medium, 30));
    }

    #[test]
    fn numbers_are_told_with_their_word() {
        assert_eq!(plural(1, "page", "pages"), "1 page");
        assert_eq!(plural(1_234_567, "page", "pages"), "1,234,567 pages");
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_000)),
            ("0".into(), "999".into(), "1,000".into())
        );
    }

    #[test]
    fn long_text_of_a_log_is_cut() {
        let sentence = Sentence::new("a ").text(&[b'x'; 200]).words(" b").done();
        assert_eq!(sentence.bytes().len(), 2 + 120 + "…".len() + 2);
    }
}
