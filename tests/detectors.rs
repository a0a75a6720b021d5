//! Each detector finds what it is for on its own traces, and nothing on those on which it must be silent.

use std::io::Write;

use logscan::detect::{DETECTORS, Detector, trace};
use logscan::options::{FormatChoice, Options};
use logscan::report::{Finding, Report, Severity};
use logscan::scan::scan;

fn report(trace_text: &str) -> Report {
    let rows: Vec<&str> = trace_text.lines().map(str::trim).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for line in trace::lines(&rows) {
        writeln!(file, "{line}").unwrap();
    }
    let options = Options {
        sources: vec![file.path().to_path_buf()],
        formats: FormatChoice::Nginx(trace::FORMAT.to_string()),
        threads: Some(1),
        ..Options::default()
    };
    let report = scan(&options, &()).unwrap();
    assert_eq!(report.input.skipped_total(), 0, "{trace_text}");
    report
}

fn found<'a>(report: &'a Report, detector: &Detector) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.id == detector.id).collect()
}

/// What is wrong with what a detector found on a trace; `None` where nothing is.
fn fault(detector: &Detector, trace: &str, is_to_fire: bool) -> Option<String> {
    let report = report(trace);
    let found = found(&report, detector);
    let finding = match (is_to_fire, &found[..]) {
        (true, [finding]) => *finding,
        (false, []) => return None,
        (true, _) => {
            return Some(format!("{} is to fire once on\n{trace}\n{found:#?}", detector.id));
        }
        (false, _) => {
            return Some(format!("{} is to be silent on\n{trace}\n{found:#?}", detector.id));
        }
    };
    let (first, last) = finding.period;
    let (start, end) = report.period.unwrap();
    let is_whole = finding.group == detector.group
        && !finding.title.bytes().is_empty()
        && !finding.action.bytes().is_empty()
        && finding.requests > 0
        && (start <= first && first <= last && last <= end);
    (!is_whole).then(|| format!("{} lacks something: {finding:#?}", detector.id))
}

#[test]
fn every_detector_fires_on_its_traces_and_on_no_other() {
    let mut faults = Vec::new();
    for detector in DETECTORS {
        assert!(!detector.fires_on.is_empty() && !detector.silent_on.is_empty(), "{}", detector.id);
        faults.extend(detector.fires_on.iter().filter_map(|trace| fault(detector, trace, true)));
        faults.extend(detector.silent_on.iter().filter_map(|trace| fault(detector, trace, false)));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn ids_are_those_of_the_contract_and_texts_are_whole() {
    let ids: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
    let mut distinct = ids.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len());
    for detector in DETECTORS {
        let is_kebab = detector.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(is_kebab, "{}", detector.id);
        assert!(
            detector.summary.len() <= 100 && !detector.summary.ends_with('.'),
            "{}",
            detector.id
        );
        for part in ["What to do", "Source"] {
            assert!(detector.explain.contains(part), "{} does not say {part}", detector.id);
        }
        for threshold in detector.thresholds {
            assert!(threshold.value >= 0.0 && !threshold.summary.is_empty(), "{}", detector.id);
        }
    }
}

#[test]
fn pages_of_a_folder_that_are_lost_one_by_one_are_told_together() {
    let page = |day: u32| {
        format!(
            "9x 198.18.{{n}}.{day} {day}d10:00+1h /ads/{day} 200\n\
             4x 198.18.{{n}}.{day} {}d10:00+1h /ads/{day} 404",
            day + 1
        )
    };
    let trace = |days: u32| (0..days).map(page).collect::<Vec<_>>().join("\n");
    let lost = |report: &Report| -> Vec<(&'static str, String, usize)> {
        let its = report.findings.iter().filter(|finding| finding.id == "lost-page");
        let value = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        its.map(|finding| {
            (finding.subject.kind, value(finding.subject.value.bytes()), finding.examples.len())
        })
        .collect()
    };
    assert_eq!(lost(&report(&trace(25))), [("prefix", "/ads/".to_string(), 16)]);
    assert_eq!(lost(&report(&trace(12))).len(), 12);
}

#[test]
fn links_that_only_one_network_came_by_are_of_low_severity() {
    let of = |client: &str| {
        let report = report(&format!(
            "40x 198.18.{{n}}.7 0d10:00+1m /guide 200\n\
             40x {client} 0d11:00+1m /old 404 ref=https://shop.example/guide"
        ));
        let its = report.findings.iter().find(|finding| finding.id == "broken-internal-link");
        its.map(|finding| finding.severity)
    };
    assert_eq!(of("198.18.1.{n}"), Some(Severity::Low));
    assert!(of("198.18.{n}.7") > Some(Severity::Low));
    // Those of a house are told apart.
    assert!(of("10.0.0.{n}") > Some(Severity::Low));
}

#[test]
fn findings_come_worst_first_and_are_all_counted() {
    let mixed = "198.18.1.7 0d10:00 /.env 200 bytes=812\n\
        5x 198.18.{n}.7 0d10:00+1m /guide 200\n\
        3x 198.18.{n}.7 0d11:00+1m /old 404 ref=https://shop.example/guide\n\
        4x google 0d10:00+2h /robots.txt 429";
    let report = report(mixed);
    let severities: Vec<Severity> = report.findings.iter().map(|row| row.severity).collect();
    assert!(severities.is_sorted_by(|one, other| one >= other), "{severities:?}");
    assert!(severities.len() >= 3 && severities[0] == Severity::Critical, "{severities:?}");
    assert_eq!(report.findings_by_severity.iter().sum::<u64>(), severities.len() as u64);
}
