//! Wrong words: each message is one line that names the mistake and the way out.

use crate::stage::{Stage, lines};

#[test]
fn a_wrong_word_gives_2_and_the_message_says_what_is_right() {
    let stage = Stage::with(lines(3));
    let table: [(&[&str], &[&str]); 25] = [
        (&["--statsu", "404"], &["--statsu", "--status"]),
        (&["--log-format", "combind"], &["combind", "'combined'"]),
        (&["-f", "apache"], &["apache", "combined", "vhost-combined"]),
        (&["--status", "abc"], &["abc", "404,410 or 4xx or 400-418 or !404"]),
        (&["--status", "500"], &["400 to 499"]),
        (&["--status", "418-400"], &["400-418"]),
        (&["--timezone", "Berlin"], &["Berlin", "Europe/Berlin"]),
        (&["--since", "tomorrow"], &["tomorrow", "yesterday", "24h"]),
        (&["--since", "2026-02-30"], &["2026-02-30"]),
        (
            &["--since", "2026-11-22", "--until", "2026-11-21"],
            &["--since", "is not before --until"],
        ),
        (&["--client", "192.0.2.0/99"], &["192.0.2.0/99"]),
        (&["--client", "shop.example"], &["shop.example"]),
        (&["--path", "~("], &["~("]),
        (&["--method", ""], &["--method"]),
        (&["--window", "2h"], &["2h", "1h, 6h"]),
        (&["--top", "many"], &["many", "--top"]),
        (&["--query", "some"], &["drop, keys, keep"]),
        (&["--fail-on", "404"], &["404>1000"]),
        (&["--fail-on", "finding>=bad"], &["info, low, medium, high or critical"]),
        (&["--threshold", "lost-page=1"], &["lost-page.missing=10"]),
        (&["--fail-on", "4xx_ratio>x"], &["x"]),
        (&["--threads", "0"], &["--threads"]),
        (&["--color", "maybe"], &["auto, always, never"]),
        (&["-q", "-v"], &["--quiet", "--verbose"]),
        (&["--output", "html"], &["html", "terminal, json"]),
    ];
    for (words, parts) in table {
        let ran = stage.run(&[&["access.log"], words].concat());
        assert_eq!(ran.status, 2, "{words:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{words:?}");
        assert!(ran.stderr.starts_with("logscan: "), "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{words:?}: {}", ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "{words:?} lacks {part}: {}", ran.stderr);
        }
    }
}

#[test]
fn unknown_topics_and_tables_are_named_with_what_there_is() {
    let stage = Stage::new();
    for (words, part) in [
        (&["explain", "combind"][..], "combined"),
        (&["explain", "200"], "400 to 499"),
        (&["list"], "TABLE"),
        (&["list", "remedies"], "statuses, formats, detectors, outputs"),
        (&["schema"], "DOCUMENT"),
        (&["completions", "tcsh"], "bash"),
    ] {
        let ran = stage.run(words);
        assert_eq!(ran.status, 2, "{words:?}");
        assert!(ran.stderr.contains(part), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn options_that_belong_to_later_versions_are_not_there() {
    let stage = Stage::with(lines(1));
    let help = stage.run(&["--help"]).stdout;
    for option in ["--anonymize", "--client-prefix"] {
        assert!(!help.contains(option), "{option}");
        assert_eq!(stage.run(&["access.log", option, "x"]).status, 2, "{option}");
    }
}
