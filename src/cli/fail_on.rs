//! The condition after `--fail-on`: `404>1000`, `4xx_ratio>0.05`, `finding>=high`.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::space0;
use nom::combinator::{all_consuming, value};
use nom::sequence::delimited;
use nom::{IResult, Parser};

use logscan::record::Status;
use logscan::report::{Report, Severity};

/// What a condition may be about, for messages and for help.
pub const KNOWN: &str = "finding, requests, skipped, skipped_ratio, and for any status or class of statuses \
    404, 404_ratio, 4xx, 4xx_ratio";

/// A condition on a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    fact: Fact,
    comparison: Comparison,
    threshold: Threshold,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fact {
    /// All requests kept.
    Requests,
    /// Lines that are no records.
    Skipped,
    /// Requests with this status.
    Status(Status),
    /// Findings: how severe they are.
    Findings,
    /// Requests of this class, by its index in [`logscan::report::Totals::by_class`].
    Class(usize),
}

/// What a count, or its share of the whole, is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Threshold {
    Count(u64),
    Ratio(f64),
    Severity(Severity),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    Unequal,
}

impl Comparison {
    fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Comparison::Above => left > right,
            Comparison::AtLeast => left >= right,
            Comparison::Below => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Equal => left == right,
            Comparison::Unequal => left != right,
        }
    }
}

impl Condition {
    /// What to tell when `report` meets the condition; `None` when it does not.
    pub fn met(&self, report: &Report) -> Option<String> {
        let (count, whole) = self.fact.count(report);
        let (is_met, found) = match self.threshold {
            Threshold::Count(wanted) => (self.comparison.holds(count, wanted), count.to_string()),
            Threshold::Severity(wanted) => {
                let severities = Severity::ALL.iter().zip(report.findings_by_severity);
                let met =
                    severities.filter(|(severity, _)| self.comparison.holds(**severity, wanted));
                let met: Vec<String> = met
                    .filter(|(_, findings)| *findings > 0)
                    .map(|(severity, findings)| format!("{findings} {}", severity.id()))
                    .collect();
                (!met.is_empty(), met.join(", "))
            }
            Threshold::Ratio(wanted) => {
                let ratio = if whole == 0 { 0.0 } else { count as f64 / whole as f64 };
                (self.comparison.holds(ratio, wanted), format!("{ratio:.4}, {count} of {whole}"))
            }
        };
        is_met.then(|| format!("--fail-on '{}' is met: it is {found}", self.text))
    }
}

impl Fact {
    /// How many, and of how many.
    fn count(self, report: &Report) -> (u64, u64) {
        let totals = &report.totals;
        let count = match self {
            Fact::Requests => totals.requests,
            Fact::Findings => return (report.findings_by_severity.iter().sum(), 0),
            Fact::Skipped => return (report.input.not_read_total(), report.input.lines),
            Fact::Class(class) => totals.by_class()[class].1,
            Fact::Status(wanted) => {
                let row = totals.by_status.iter().find(|(status, _)| *status == wanted);
                row.map_or(0, |(_, requests)| *requests)
            }
        };
        (count, totals.requests)
    }

    fn named(name: &str) -> Option<Fact> {
        match name.as_bytes() {
            b"finding" => Some(Fact::Findings),
            b"requests" => Some(Fact::Requests),
            b"skipped" => Some(Fact::Skipped),
            [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => {
                Some(Fact::Class(usize::from(digit - b'1')))
            }
            code => Status::parse(code).filter(|status| status.code().is_some()).map(Fact::Status),
        }
    }
}

/// Reads a condition.
///
/// # Errors
///
/// A sentence for the user, when `text` is no condition.
pub fn parse(text: &str) -> Result<Condition, String> {
    let (_, (name, comparison, number)) = all_consuming(condition)
        .parse(text)
        .map_err(|_| "give a name, one of > >= < <= == !=, and a number: 404>1000")?;
    let (count_name, is_ratio) = match name.strip_suffix("_ratio") {
        Some(count_name) => (count_name, true),
        None => (name, false),
    };
    let fact = Fact::named(count_name)
        .filter(|fact| !(is_ratio && matches!(fact, Fact::Requests | Fact::Findings)))
        .ok_or_else(|| format!("{name} is not known; known are {KNOWN}"))?;
    let threshold = match (fact, is_ratio) {
        (Fact::Findings, _) => severity(number)?,
        (_, true) => ratio(number)?,
        (_, false) => count(number)?,
    };
    Ok(Condition { text: text.trim().to_string(), fact, comparison, threshold })
}

fn condition(input: &str) -> IResult<&str, (&str, Comparison, &str)> {
    let name = take_while1(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let number = take_while(|c: char| c.is_ascii_alphanumeric() || "._-+%".contains(c));
    (delimited(space0, name, space0), comparison, delimited(space0, number, space0)).parse(input)
}

fn comparison(input: &str) -> IResult<&str, Comparison> {
    alt((
        value(Comparison::AtLeast, tag(">=")),
        value(Comparison::AtMost, tag("<=")),
        value(Comparison::Equal, tag("==")),
        value(Comparison::Unequal, tag("!=")),
        value(Comparison::Above, tag(">")),
        value(Comparison::Below, tag("<")),
    ))
    .parse(input)
}

fn severity(text: &str) -> Result<Threshold, String> {
    let severity = Severity::ALL.iter().find(|severity| severity.id().eq_ignore_ascii_case(text));
    severity.copied().map(Threshold::Severity).ok_or_else(|| {
        format!("a finding is info, low, medium, high or critical, not '{text}': finding>=high")
    })
}

fn count(text: &str) -> Result<Threshold, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let count = is_number.then(|| text.parse().ok()).flatten();
    count.map(Threshold::Count).ok_or_else(|| format!("a count is a whole number, not '{text}'"))
}

fn ratio(text: &str) -> Result<Threshold, String> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ratio = is_number.then(|| text.parse::<f64>().ok()).flatten();
    ratio.filter(|ratio| (0.0..=1.0).contains(ratio)).map(Threshold::Ratio).ok_or_else(|| {
        format!("a ratio lies between 0 and 1, '{text}' does not: 0.05 stands for 5 %")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::report_of;

    fn met(text: &str) -> bool {
        // 100 lines, 10 of them skipped; 90 requests, 9 of them 404 and 9 of them 499.
        let report = report_of(10, &[(200, 72), (404, 9), (499, 9)]);
        parse(text).unwrap().met(&report).is_some()
    }

    #[test]
    fn every_comparison_compares() {
        for (text, expected) in [
            ("404>8", true),
            ("404>9", false),
            ("404>=9", true),
            ("404<9", false),
            ("404<10", true),
            ("404<=9", true),
            ("404==9", true),
            ("404!=9", false),
            ("410==0", true),
            (" 404  >  8 ", true),
        ] {
            assert_eq!(met(text), expected, "{text}");
        }
    }

    #[test]
    fn every_fact_is_counted() {
        for text in [
            "requests==90",
            "4xx==18",
            "4XX==18",
            "2xx==72",
            "5xx==0",
            "skipped==10",
            "skipped_ratio==0.1",
            "4xx_ratio==0.2",
            "404_ratio==0.1",
            "499_ratio>0.09",
        ] {
            assert!(met(text), "{text}");
        }
        assert!(!met("4xx_ratio>0.2"));
    }

    #[test]
    fn nothing_read_is_a_ratio_of_zero() {
        let report = report_of(0, &[]);
        assert_eq!(parse("4xx_ratio>0").unwrap().met(&report), None);
        assert_eq!(parse("skipped_ratio>0").unwrap().met(&report), None);
    }

    #[test]
    fn what_is_met_is_told_with_its_numbers() {
        let report = report_of(10, &[(200, 72), (404, 18)]);
        assert_eq!(
            parse("4xx_ratio>0.05").unwrap().met(&report).unwrap(),
            "--fail-on '4xx_ratio>0.05' is met: it is 0.2000, 18 of 90"
        );
        assert_eq!(
            parse("404>5").unwrap().met(&report).unwrap(),
            "--fail-on '404>5' is met: it is 18"
        );
    }

    #[test]
    fn findings_are_compared_by_severity() {
        let mut report = report_of(0, &[(200, 9)]);
        let met = |report: &Report, text: &str| parse(text).unwrap().met(report);
        assert_eq!(met(&report, "finding>=info"), None);
        report.findings_by_severity = [1, 0, 2, 3, 0];
        assert_eq!(
            met(&report, "finding>=medium").unwrap(),
            "--fail-on 'finding>=medium' is met: it is 2 medium, 3 high"
        );
        assert!(met(&report, "finding==HIGH").is_some());
        assert_eq!(met(&report, "finding>high"), None);
        assert_eq!(met(&report, "finding==low"), None);
        assert!(parse("finding>=3").unwrap_err().starts_with("a finding is"));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        for text in [
            "findings>=high",
            "finding_ratio>0",
            "request>1",
            "099>1",
            "600>1",
            "6xx>1",
            "requests_ratio>0.1",
        ] {
            assert!(parse(text).unwrap_err().contains("skipped_ratio"), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "404", "404=5", ">5", "404>5>6", "404>5 6", "404 > 5; rm"] {
            assert!(parse(text).unwrap_err().starts_with("give a name"), "{text:?}");
        }
        for text in ["404>", "404>-1", "404>1.5", "404>99999999999999999999", "404>x"] {
            assert!(parse(text).unwrap_err().starts_with("a count"), "{text:?}");
        }
        for text in ["4xx_ratio>5", "4xx_ratio>-0.1", "4xx_ratio>nan", "4xx_ratio>", "4xx_ratio>5%"]
        {
            assert!(parse(text).unwrap_err().starts_with("a ratio"), "{text:?}");
        }
    }
}
