//! Exit statuses: 0 fine, 1 a condition met, 2 no report, 3 a report with a part missing.

use std::os::unix::fs::symlink;

use crate::stage::{Stage, gzip, line, lines, requests};

#[test]
fn a_report_on_everything_gives_0() {
    let ran = Stage::with(lines(3)).run(&["access.log"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("4xx  3 of 3 requests"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn an_empty_file_is_a_report_of_zero_requests() {
    let stage = Stage::with("");
    assert_eq!(requests(&stage.report(&["access.log"])), 0);
    let ran = stage.run(&["access.log"]);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.contains("0 requests: the file is empty"), "{}", ran.stdout);
}

#[test]
fn blank_lines_alone_are_no_log_and_give_2() {
    let ran = Stage::with("\n\r\n  \n").run(&["access.log"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("access.log: nothing but blank lines"), "{}", ran.stderr);
}

#[test]
fn a_condition_that_is_met_gives_1_and_the_report_all_the_same() {
    let stage = Stage::with(lines(3));
    for condition in ["404>2", "404>=3", "404==3", "4xx_ratio>0.99", "4xx_ratio>=1", "requests<4"] {
        let ran = stage.run(&["access.log", "--fail-on", condition]);
        assert_eq!(ran.status, 1, "{condition}: {}", ran.stderr);
        assert!(ran.stdout.contains("404  Not Found"), "{}", ran.stdout);
        let told = format!("--fail-on '{condition}' is met");
        assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    }
    for condition in ["404>3", "410>0", "4xx_ratio>1", "5xx>0", "skipped_ratio>0.01"] {
        assert_eq!(stage.run(&["access.log", "--fail-on", condition]).status, 0, "{condition}");
    }
}

#[test]
fn one_condition_of_several_is_enough() {
    let stage = Stage::with(lines(3));
    let ran = stage.run(&["access.log", "--fail-on", "404>100", "--fail-on", "404>2", "-q"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.stderr, "logscan: --fail-on '404>2' is met: it is 3\n");
}

#[test]
fn skipped_lines_can_fail_a_run() {
    let stage = Stage::with(lines(9) + "rubbish\n");
    assert_eq!(stage.run(&["access.log", "--fail-on", "skipped_ratio>0.09"]).status, 1);
    assert_eq!(stage.run(&["access.log", "--fail-on", "skipped_ratio>0.1"]).status, 0);
}

#[test]
fn a_missing_file_beside_a_good_one_gives_3_and_both_are_named() {
    let stage = Stage::with(lines(3));
    let ran = stage.run(&["none.log", "access.log"]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("none.log: No such file or directory; check the name"), "{ran:?}");
    assert!(ran.stdout.contains("access.log") && ran.stdout.contains("3 of 3"), "{ran:?}");
    let report = stage.report_with_status(&["none.log", "access.log"], 3);
    assert_eq!(report["input"]["gaps"][0]["source"], "none.log");
    assert_eq!(report["input"]["gaps"][0]["kind"], "unreadable");
    assert_eq!(report["input"]["sources"][0]["path"], "access.log");
}

#[test]
fn what_is_missing_hides_a_condition() {
    let stage = Stage::with(lines(3));
    let ran = stage.run(&["none.log", "access.log", "--fail-on", "404>0"]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("is met"), "{}", ran.stderr);
}

#[test]
fn a_gap_is_told_even_when_quiet() {
    let ran = Stage::with(lines(3)).run(&["-q", "none.log", "access.log"]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("none.log"), "{}", ran.stderr);
}

#[test]
fn nothing_to_read_gives_2_and_names_each_source() {
    let ran = Stage::new().run(&["one.log", "two.log"]);
    assert_eq!(ran.status, 2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("one.log") && ran.stderr.contains("two.log"), "{}", ran.stderr);
}

#[test]
fn a_file_that_cannot_be_opened_is_a_gap() {
    let stage = Stage::with(lines(3));
    // Root may read everything, but nobody can follow a link to itself.
    symlink("loop.log", stage.path("loop.log")).unwrap();
    let ran = stage.run(&["loop.log", "access.log"]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("loop.log: "), "{}", ran.stderr);
    assert_eq!(stage.run(&["loop.log"]).status, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_a_gap() {
    let stage = Stage::with(lines(3));
    let ran = stage.run(&["/proc/self/mem", "access.log"]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("/proc/self/mem: "), "{}", ran.stderr);
    assert!(ran.stdout.contains("3 of 3"), "{}", ran.stdout);
}

#[test]
fn a_truncated_gzip_gives_3_and_what_can_be_read_is_counted() {
    let packed = gzip(lines(5_000));
    let stage = Stage::new().file("cut.log.gz", &packed[..packed.len() / 2]);
    let report = stage.report_with_status(&["cut.log.gz"], 3);
    assert!((1_000..5_000).contains(&requests(&report)), "{}", requests(&report));
    assert_eq!(report["input"]["gaps"][0]["kind"], "truncated");
    let ran = stage.run(&["cut.log.gz"]);
    assert!(ran.stderr.contains("cut.log.gz: it ends within gzip member 1"), "{}", ran.stderr);
}

#[test]
fn a_gzip_cut_before_its_first_line_gives_2() {
    let packed = gzip(lines(5));
    let ran = Stage::new().file("cut.log.gz", &packed[..12]).run(&["cut.log.gz"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("cut.log.gz"), "{}", ran.stderr);
}

#[test]
fn a_corrupt_gzip_gives_3_and_the_others_are_read() {
    let mut packed = gzip(lines(5_000));
    let middle = packed.len() / 2;
    packed[middle..middle + 64].fill(0xFF);
    let stage = Stage::with(lines(3)).file("bad.log.gz", packed);
    let ran = stage.run(&["bad.log.gz", "access.log"]);
    assert_eq!(ran.status, 3);
    assert!(ran.stderr.contains("bad.log.gz: "), "{}", ran.stderr);
    let report = stage.report_with_status(&["bad.log.gz", "access.log"], 3);
    assert_eq!(report["input"]["gaps"][0]["kind"], "corrupt");
    assert!(requests(&report) >= 3);
}

#[test]
fn a_wrong_checksum_gives_3_and_every_line() {
    let mut packed = gzip(lines(50));
    let at = packed.len() - 8;
    packed[at] ^= 1;
    let stage = Stage::new().file("bad.log.gz", packed);
    let report = stage.report_with_status(&["bad.log.gz"], 3);
    assert_eq!(requests(&report), 50);
    assert_eq!(report["input"]["gaps"][0]["kind"], "corrupt");
}

#[test]
fn rubbish_after_a_whole_gzip_is_a_note_and_gives_0() {
    let stage = Stage::new().file("a.log.gz", [gzip(lines(5)), b"rubbish".to_vec()].concat());
    let ran = stage.run(&["a.log.gz"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("a.log.gz: 7 bytes after the end"), "{}", ran.stderr);
    assert_eq!(stage.run(&["-q", "a.log.gz"]).stderr, "");
    let report = stage.report(&["a.log.gz"]);
    assert_eq!(requests(&report), 5);
    assert_eq!(report["input"]["notes"][0]["kind"], "trailing-garbage");
}

#[test]
fn a_file_without_any_record_gives_2_with_its_first_line_and_every_verdict() {
    let stage = Stage::new().file("notes.txt", "Dear diary,\nnothing happened.\n");
    let ran = stage.run(&["notes.txt"]);
    assert_eq!(ran.status, 2);
    assert_eq!(ran.stdout, "");
    for part in ["notes.txt", "Dear diary,", "--log-format", "logscan list formats"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let ids: Vec<&str> = logscan::parse::FORMATS.iter().map(|format| format.id).collect();
    let verdict = format!("no-format: {}", ids.join(", "));
    assert!(ran.stderr.contains(&verdict), "{verdict}: {}", ran.stderr);
}

#[test]
fn a_source_of_which_less_than_half_is_read_is_told() {
    let stage = Stage::with(lines(2) + "one\ntwo\nthree\n");
    let ran = stage.run(&["access.log"]);
    assert_eq!(ran.status, 0);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("logscan: access.log: "), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("access.log").count(), 1, "{}", ran.stderr);
    for part in ["2 of its first 5 lines", "one", "logscan list formats"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("x0a"), "{}", ran.stderr);
    assert_eq!(stage.report(&["access.log"])["input"]["notes"][0]["kind"], "poor-fit");
}

#[test]
fn no_error_among_requests_gives_0_and_says_so() {
    let log = line("192.0.2.1", "08:00:00", "GET / HTTP/1.1", 200);
    let ran = Stage::with(log).run(&["access.log"]);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.contains("No 4xx") || ran.stdout.contains("no 4xx"), "{}", ran.stdout);
}
