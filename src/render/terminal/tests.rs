//! What the default report must do with any report and any width.

use super::*;
use crate::clock::Zone;
use crate::escape;
use crate::render::sample::{empty_report, sample_report};

fn text(report: &Report, columns: usize, color: bool) -> String {
    shown(report, Style { columns, color, zone: Zone::default(), top: Some(10) })
}

fn shown(report: &Report, style: Style) -> String {
    let mut out = Vec::new();
    render(report, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for report in [sample_report(), empty_report()] {
        for columns in [0, 1, 7, 20, 40, 60, 80, 100, 120, 160, 200, 400, usize::MAX] {
            for line in text(&report, columns, false).lines() {
                assert!(escape::columns(line) <= columns, "{columns}: {line:?}");
            }
        }
    }
}

#[test]
fn nothing_of_the_log_acts_on_the_terminal() {
    for columns in [40, 80, 200, 10_000] {
        let text = text(&sample_report(), columns, false);
        let acts = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{200b}' | '\u{202e}');
        assert!(!text.contains(acts), "{text:?}");
    }
    assert!(text(&sample_report(), 200, false).contains(r"/\x1b]0;owned\x07"));
}

#[test]
fn colours_add_nothing_but_looks() {
    let plain = text(&sample_report(), 100, false);
    let mut colored = text(&sample_report(), 100, true);
    assert!(colored.contains("\x1b[1m"));
    for sequence in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"] {
        colored = colored.replace(sequence, "");
    }
    assert_eq!(colored, plain);
}

#[test]
fn a_wide_terminal_shows_what_stands_out() {
    let text = text(&sample_report(), 160, false);
    for wanted in [
        "500,037 lines · 2026-10-15 00:00 → 23:59 UTC · 37 skipped (6 cut, 31 binary)",
        "INCOMPLETE: /var/log/nginx/access.log.gz is truncated: unexpected end of file",
        "combined + request time",
        "of 500,000 requests",
        "per hour",
        "Client Closed Request (nginx)",
        "p50 30.0 s, wall at 30 s",
        "99 % in 14:00–14:59 · one client 98 %: 2001:db8:85a3:1234:5678:8a2e:370:7334",
        "never ok",
        "404 ×2,300  410 ×45",
        "12/s 340/min",
        "Next: logscan explain 404 429 499",
        "not shown: 1,227 paths, 340 clients, 14 hours, 3 findings (--top 0 shows all)",
        "Findings  1 critical · 1 high · 3 info",
        "→ exempt the published addresses of Googlebot from the limit · logscan explain crawler-rate-limited",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_narrow_terminal_still_shows_counts_and_keys() {
    let text = text(&sample_report(), 40, false);
    for wanted in ["404  Not Found", "/api/v1/search", "14,315", "By client"] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn times_are_in_the_zone() {
    let zone = Zone::parse("Asia/Kolkata").unwrap();
    let text = shown(&sample_report(), Style { columns: 160, color: false, zone, top: None });
    assert!(text.contains("2026-10-15 05:30 → 2026-10-16 05:29 Asia/Kolkata"), "{text}");
    assert!(text.contains("99 % on 15 Oct, 19:30–20:29"), "{text}");
    assert!(text.contains("Fri 2026-10-16 04:30"), "{text}");
}

#[test]
fn nothing_is_said_plainly() {
    let says = |report: &Report, wanted: &str| {
        let text = text(report, 120, false);
        assert!(text.contains(wanted), "{text}");
    };
    let mut report = empty_report();
    says(&report, "0 requests: the file is empty.");
    report.input.sources.clear();
    says(&report, "0 requests: nothing could be read.");
    report.input.lines = 9;
    says(&report, "0 requests: no line was one.");
    report.input.parsed = 9;
    says(&report, "0 requests: the filters left out all 9.");
    report.totals.requests = 9;
    says(&report, "No 4xx: none of 9 requests failed with one.");
    report.totals.by_status = vec![(crate::record::Status::from_code(404), 2)];
    says(&report, "No 4xx of those that --status asks for; 2 of 9 requests failed with another.");
}

#[test]
fn windows_are_chosen_by_count_and_shown_by_time() {
    let report = sample_report();
    let windows = &report.client_errors.by_window;
    let starts = |top| -> Vec<i64> {
        windows_shown(windows, top)
            .iter()
            .map(|window| (window.start - windows[0].start) / 3_600)
            .collect()
    };
    assert_eq!(starts(Some(3)), [11, 12, 14]);
    assert_eq!(starts(Some(1)), [14]);
    assert_eq!(starts(None).len(), 24);
}

#[test]
fn what_is_missing_is_said_before_the_counts() {
    let mut report = sample_report();
    report.input.skipped.push((crate::record::Skip::NoFormat, 9_000));
    report.limits.exact = false;
    report.limits.peaks_exact = false;
    report.totals.out_of_period = 1;
    report.input.gaps = vec![report.input.gaps[0].clone(); 7];
    report.input.notes = vec![report.input.notes[0].clone(); 6];
    let text = text(&report, 200, false);
    for wanted in [
        "INCOMPLETE: and 2 more gaps",
        "Note: and 1 more",
        r"NOT READ: 1.8 % of the lines, such as line 17 of /var/log/nginx/access.log.gz (binary): \x16",
        "OUTSIDE: 1 request lies outside the windows",
        "NOT EXACT: ",
        "peak, about",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert!(text.find("NOT EXACT").unwrap() < text.find(" 4xx").unwrap());
}
