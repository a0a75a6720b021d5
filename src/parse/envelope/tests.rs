//! Envelopes on their samples, stacked, cut, nested without end, and with parts of lines.

use bumpalo::Bump;

use super::*;
use crate::clock::{CLF_BYTES, Clock, rfc3339};
use crate::parse::{FORMATS, State, split_glued};

const COMBINED: &str =
    r#"192.0.2.7 - - [21/Nov/2026:14:05:09 +0000] "GET /a HTTP/1.1" 404 153 "-" "curl/8.5.0""#;
const ERROR: &str = "2026/11/21 14:05:09 [error] 7#7: *1 open() \"/a\" failed (2: No such file)";

fn state() -> State {
    let reference = Clock::default().read(b"2026-11-21T14:05:09Z");
    State { reference, ..State::default() }
}

/// What a line is, in words: a format and a path, or why it is none.
fn read(line: &[u8], state: &mut State) -> String {
    let arena = Bump::new();
    match Formats::new(FORMATS).identify(line, &mut Tools { arena: &arena, state }) {
        Ok((Said::Request(record), at)) => {
            let target = record.request.target().unwrap_or(b"?");
            format!("{} {}", FORMATS[at].id, String::from_utf8_lossy(target))
        }
        Ok((Said::Error(_), at)) => FORMATS[at].id.to_string(),
        Err(skip) => skip.id().to_string(),
    }
}

fn alone(line: &str) -> String {
    read(line.as_bytes(), &mut state())
}

/// What lines of one source are, in order.
fn all(lines: &[&str]) -> Vec<String> {
    let mut state = state();
    state.begin_source(true);
    lines.iter().map(|line| read(line.as_bytes(), &mut state)).collect()
}

#[test]
fn each_sample_is_as_its_envelope_says() {
    for envelope in ENVELOPES {
        for sample in envelope.samples {
            let shown = format!("{}: {}", envelope.id, sample.line.escape_ascii());
            let (mut state, arena) = (state(), Bump::new());
            let mut tools = Tools { arena: &arena, state: &mut state };
            let content = (envelope.strip)(sample.line, &mut tools).expect(&shown);
            let inside = content.inside.trimmed().text();
            assert_eq!(inside.escape_ascii().to_string(), sample.inside.escape_ascii().to_string());
            let time = content.time.map(|time| rfc3339(i64::from(time)));
            assert_eq!(time.as_deref(), sample.time, "{shown}");
            let read_first = ENVELOPES
                .iter()
                .find_map(|row| (row.strip)(sample.line, &mut tools).map(|_| row.id));
            assert_eq!(read_first, Some(envelope.id), "{shown}");
            let wanted = read(sample.inside, &mut super::tests::state());
            assert!(
                FORMATS.iter().any(|format| wanted.starts_with(format.id)),
                "{shown}: {wanted}"
            );
            assert_eq!(read(sample.line, &mut super::tests::state()), wanted, "{shown}");
        }
    }
}

#[test]
fn no_format_has_a_sample_with_an_envelope_that_is_sure() {
    let (mut state, arena) = (state(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    for line in FORMATS.iter().flat_map(|format| format.samples.lines()) {
        for envelope in ENVELOPES.iter().filter(|row| row.trust == Trust::Sure) {
            assert!((envelope.strip)(line, &mut tools).is_none(), "{}", line.escape_ascii());
        }
    }
}

fn json(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n"))
}

type Wrap = fn(&str) -> String;

const WRAPS: [Wrap; 10] = [
    |text| format!("2026-11-21T14:05:09.123456789Z stdout F {text}"),
    |text| {
        format!(
            r#"{{"log":{},"stream":"stdout","time":"2026-11-21T14:05:09Z"}}"#,
            json(&format!("{text}\n"))
        )
    },
    |text| format!("web-1  | {text}"),
    |text| format!("[pod/web-x2/nginx] {text}"),
    |text| format!("Nov 21 14:05:09 web nginx[7]: {text}"),
    |text| format!("<190>1 2026-11-21T14:05:09Z web nginx - - - {text}"),
    |text| format!("2026-11-21T14:05:09Z {text}"),
    |text| format!(r#"{{"@timestamp":"2026-11-21T14:05:09Z","message":{}}}"#, json(text)),
    |text| format!("web-x2 nginx {text}"),
    |text| format!(r#"{{"MESSAGE":{},"SYSLOG_IDENTIFIER":"nginx"}}"#, json(text)),
];

#[test]
fn envelopes_stack() {
    for inner in WRAPS {
        for outer in WRAPS {
            for third in [WRAPS[0], WRAPS[1], WRAPS[4]] {
                let line = third(&outer(&inner(COMBINED)));
                assert_eq!(alone(&line), "combined /a", "{line}");
            }
            let line = outer(&inner(ERROR));
            assert_eq!(alone(&line), "nginx-error", "{line}");
        }
        assert_eq!(
            alone(&inner("")),
            if inner("").starts_with("web-x2") { "no-format" } else { "blank" }
        );
    }
}

#[test]
fn every_cut_of_an_envelope_is_harmless() {
    for line in WRAPS.map(|wrap| wrap(COMBINED)) {
        for end in 0..=line.len() {
            alone(&line[..end]);
            alone(&line[end..]);
        }
    }
}

#[test]
fn envelopes_without_end_are_no_line() {
    let bomb = |text: &str| text.repeat(1_000) + COMBINED;
    assert_eq!(alone(&bomb("web-1 | ")), "no-format");
    assert_eq!(alone(&bomb("Nov 21 14:05:09 web nginx: ")), "no-format");
    assert_eq!(alone(&bomb("2026-11-21T14:05:09Z ")), "no-format");
    assert_eq!(alone(&bomb("a b ")), "no-format");
    assert_eq!(alone(&bomb(r#"{"log":"#)), "no-format");
    assert_eq!(alone(&bomb(r#"{"event":"#)), "no-format");
    assert_eq!(alone(&format!("{}{COMBINED}", "web-1 | ".repeat(4))), "combined /a");
    // One too many is a part of the line, of which its request can be told.
    assert_eq!(alone(&format!("{}{COMBINED}", "web-1 | ".repeat(5))), "guess /a");
}

#[test]
fn programs_without_requests_are_told_apart() {
    assert_eq!(alone("Nov 21 14:05:09 web sudo: ann : TTY=pts/6 ; COMMAND=/bin/ls"), "no-request");
    assert_eq!(alone("Nov 21 14:05:09 web systemd-logind[7]: New session"), "no-request");
    assert_eq!(alone("Nov 21 14:05:09 web last message repeated 2 times"), "no-request");
    assert_eq!(alone("Nov 21 14:05:09 --- last message repeated 2 times ---"), "no-request");
    assert_eq!(alone("Nov 21 14:05:09 web newsyslog[7]: logfile turned over"), "header");
    assert_eq!(alone("Nov 21 14:05:09 web shop[7]: hello"), "no-format");
    assert_eq!(alone(r#"{"SYSLOG_IDENTIFIER":"kernel","MESSAGE":"x"}"#), "no-request");
    assert_eq!(alone("--- log rotated ---"), "header");
}

#[test]
fn parts_are_joined() {
    let part = |tag: &str, text: &str| format!("2026-11-21T14:05:09Z stdout {tag} {text}");
    let error = |tag: &str, text: &str| format!("2026-11-21T14:05:09Z stderr {tag} {text}");
    for at in 1..COMBINED.len() {
        let (first, second) = COMBINED.split_at(at);
        let (middle, last) = second.split_at(second.len() / 2);
        let said = all(&[
            &part("P", first),
            &error("F", ERROR),
            &part("P:x", middle),
            &part("F", last),
            &part("F", COMBINED),
        ]);
        let requests = said.iter().filter(|said| said.ends_with(" /a")).count();
        let parts = said.iter().filter(|said| *said == "part").count();
        assert_eq!((requests, parts), (2, 2), "{at}: {said:?}");
        assert_eq!(said[1], "nginx-error");
    }
    let docker = |text: &str| {
        let text = json(text);
        format!(r#"{{"log":{text},"stream":"stdout","time":"2026-11-21T14:05:09Z"}}"#)
    };
    let (first, second) = COMBINED.split_at(70);
    assert_eq!(all(&[&docker(first), &docker(&format!("{second}\n"))]), ["part", "combined /a"]);
    // A part whose rest is missing.
    assert_eq!(all(&[&part("P", first), &part("F", COMBINED)]), ["part", "combined /a"]);
    assert_eq!(all(&[&part("P", COMBINED), &part("F", COMBINED)]), ["combined /a", "combined /a"]);
    // Out of order, a part is on its own.
    assert_eq!(alone(&part("P", &first[..55])), "part");
    assert_eq!(alone(&part("P", COMBINED)), "combined /a");
}

#[test]
fn parts_that_are_too_long_together_are_one_line_that_is() {
    let part = |tag: &str| format!("2026-11-21T14:05:09Z stdout {tag} {}", "x".repeat(16 << 10));
    let mut lines = vec![part("P"); 65];
    lines.push(part("F"));
    lines.push(format!("2026-11-21T14:05:09Z stdout F {COMBINED}"));
    let said = all(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said[..65].iter().all(|said| said == "part"));
    assert_eq!(said[65..], ["too-long", "combined /a"]);
}

#[test]
fn a_source_with_parts_wants_order() {
    let wants = |line: &str| {
        let mut state = state();
        read(line.as_bytes(), &mut state);
        state.wants_order
    };
    assert!(wants("2026-11-21T14:05:09Z stdout P x"));
    assert!(!wants("2026-11-21T14:05:09Z stdout F x"));
    assert!(wants(r#"{"log":"x","stream":"stdout","time":"2026-11-21T14:05:09Z"}"#));
    assert!(!wants(r#"{"log":"x","stream":"stdout","app":"web"}"#), "no object of Docker's");
}

#[test]
fn a_cut_object_says_what_is_left_of_its_line() {
    let line = WRAPS[1](COMBINED);
    let status = line.find("404").unwrap();
    assert_eq!(alone(&line[..status]), "cut");
    assert_eq!(alone(&line[..status + 8]), "common-extra /a");
    let glued = [&line[..status], &line].concat();
    let mut marks = crate::parse::Marks::default();
    let (first, second) = split_glued(marks.line(glued.as_bytes())).unwrap();
    assert_eq!(first.text, &line.as_bytes()[..status]);
    assert_eq!(second.text, line.as_bytes());
    assert!(CLF_BYTES < status);
}
