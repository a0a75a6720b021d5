//! What is wrong, the worst first, each with what to do.

use crate::escape;
use crate::render::Style;
use crate::render::terminal::figures::count;
use crate::render::terminal::line::{Line, Look, wrap};
use crate::report::{Finding, Report, Severity};

/// Where the words begin, behind the severity.
const INDENT: usize = 11;

/// The section; empty where nothing is wrong.
pub fn findings(report: &Report, style: &Style) -> Vec<Line> {
    let shown: Vec<&Finding> = shown(report, style).collect();
    if shown.is_empty() {
        return Vec::new();
    }
    let mut line = Line::default();
    line.push(Look::Bold, " Findings  ");
    let worst_first = Severity::ALL.iter().rev().zip(report.findings_by_severity.iter().rev());
    let numbers = worst_first.filter(|(_, findings)| **findings > 0);
    let numbers: Vec<String> =
        numbers.map(|(severity, n)| format!("{} {}", count(*n), severity.id())).collect();
    line.push(Look::Plain, numbers.join(" · "));
    let mut lines = vec![line];
    for finding in shown {
        lines.extend(rows(finding, style));
    }
    lines
}

/// Those that are on the screen: as many as rows of a table; what is only worth knowing is not.
fn shown<'a>(report: &'a Report, style: &Style) -> impl Iterator<Item = &'a Finding> {
    let told = report.findings.iter().filter(|finding| finding.severity > Severity::Info);
    told.take(style.top.unwrap_or(usize::MAX))
}

/// How many are not on the screen.
pub fn hidden(report: &Report, style: &Style) -> u64 {
    let all: u64 = report.findings_by_severity.iter().sum();
    all.saturating_sub(shown(report, style).count() as u64)
}

fn rows(finding: &Finding, style: &Style) -> Vec<Line> {
    let look = match finding.severity {
        Severity::Critical | Severity::High => Look::Accent,
        Severity::Medium => Look::Bold,
        Severity::Low | Severity::Info => Look::Plain,
    };
    let word = finding.severity.id().to_uppercase();
    // A title may be as long as its path.
    let title = escape::terminal(&finding.title, style.columns.max(40).saturating_mul(3));
    let action = escape::terminal(&finding.action, style.columns.max(40).saturating_mul(3));
    let on_host =
        finding.subject.host.as_ref().map_or(String::new(), |host| {
            format!("  [{}]", escape::terminal(host, style.columns / 3))
        });
    let mut lines = wrap(&[(look, format!("{word:<9} {title}{on_host}"))], style.columns, INDENT);
    let arrow = format!("{:9} → {action}", "");
    let pieces = [(Look::Plain, arrow), (Look::Dim, format!("logscan explain {}", finding.id))];
    lines.extend(wrap(&pieces, style.columns, INDENT + 2));
    lines
}
