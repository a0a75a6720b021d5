//! Each awkward log of `testdata/logs` gives the records and skips that it was written for.

use logscan::error::Error;
use logscan::options::Options;
use logscan::scan::scan;

use crate::common;

/// A file, its format, its records, its skipped lines by reason.
type Row = (&'static str, Option<&'static str>, u64, &'static [(&'static str, u64)]);

/// What each log gives; `testdata/README.md` says what it is for.
const WANTED: &[Row] = &[
    ("access.log.gz", Some("combined-extra"), 62_000, &[]),
    ("binary.log", Some("combined"), 3, &[("binary", 4), ("no-format", 1)]),
    ("blank-lines.log", None, 0, &[]),
    ("byte-order-marks.log", Some("combined"), 5, &[("blank", 1)]),
    ("bytes.log", Some("combined"), 10, &[]),
    ("crlf.log", Some("common"), 3, &[("blank", 1)]),
    ("empty-requests.log", Some("combined"), 7, &[]),
    ("empty.log", None, 0, &[]),
    ("escapes.log", Some("combined"), 13, &[]),
    ("hostile.log", Some("combined"), 32, &[("binary", 2), ("no-format", 1)]),
    ("ipv6.log", Some("combined"), 10, &[]),
    ("late-30-seconds.log", Some("common"), 256, &[]),
    ("late-300-seconds.log", Some("common"), 256, &[]),
    ("line-256k.log.gz", Some("combined"), 3, &[]),
    ("line-2m.log.gz", Some("combined"), 4, &[("too-long", 3)]),
    ("long-keys.log", Some("combined"), 10, &[]),
    ("main.log", Some("main"), 8, &[]),
    ("mixture.log", Some("combined"), 10, &[("bad-time", 1), ("error-log", 1)]),
    ("no-final-newline.log", Some("combined"), 2, &[]),
    ("not-times.log", Some("combined"), 2, &[("bad-time", 10), ("no-format", 3)]),
    ("not-utf8.log", Some("combined"), 9, &[("binary", 2)]),
    ("nuls.log", Some("combined"), 5, &[("nul", 4)]),
    ("one-word-requests.log", Some("combined"), 18, &[]),
    ("request-times.log", Some("combined-extra"), 21, &[]),
    ("spaces.log", Some("combined"), 13, &[("cut", 1)]),
    ("statuses.log", Some("combined"), 22, &[("cut", 5)]),
    ("targets.log", Some("combined"), 19, &[]),
    ("time-zones.log", Some("combined"), 19, &[]),
    ("torn-lines.log", Some("common-extra"), 12, &[("cut", 13), ("no-format", 4)]),
    ("user-names.log", Some("combined"), 19, &[]),
    ("vhosts.log", Some("vhost-combined"), 11, &[("no-format", 1)]),
];

#[test]
fn each_awkward_log_gives_what_it_was_written_for() {
    let names: Vec<&str> = WANTED.iter().map(|(name, ..)| *name).collect();
    let mut logs = common::names("logs");
    // Those have goldens.
    logs.retain(|name| !name.starts_with("golden-"));
    assert_eq!(logs, names, "a log without its row above");
    for &(name, format, parsed, skipped) in WANTED {
        let sources = vec![common::root().join("testdata/logs").join(name)];
        let report = match scan(&Options { sources, ..Options::default() }, &()) {
            Ok(report) => report,
            Err(error) => {
                assert!(name == "blank-lines.log", "{error}");
                assert!(matches!(error, Error::NothingParsed { .. }), "{error}");
                continue;
            }
        };
        let found: Vec<_> =
            report.input.skipped.iter().map(|(skip, lines)| (skip.id(), *lines)).collect();
        assert_eq!(report.input.sources[0].format.as_deref(), format, "{name}: format");
        assert_eq!((report.input.parsed, &found[..]), (parsed, skipped), "{name}");
        assert_eq!(report.input.lines, parsed + report.input.skipped_total(), "{name}: lines");
        let is_late = name == "late-300-seconds.log";
        assert_eq!(report.limits.peaks_exact, !is_late, "{name}: peaks");
        assert!(report.input.gaps.is_empty(), "{name}: gaps");
    }
}

#[test]
fn every_log_of_testdata_is_explained() {
    let readme = std::fs::read_to_string(common::root().join("testdata/README.md")).unwrap();
    for name in common::names("logs").into_iter().chain(common::names("recorded")) {
        assert!(readme.contains(&format!("`{name}`")), "testdata/README.md: {name}");
    }
}
