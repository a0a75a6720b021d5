//! The parser says what its slow twin says, on every line there is and on lines made up.

use bumpalo::Bump;
use logscan::clock::Clock;
use logscan::parse::{ENVELOPES, FORMATS, Format, Formats, Marks, State, Tools};
use logscan::record::{Record, Said, Skip};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::common::{self, Fixture};
use crate::corpus::{Corpus, Kind};
use crate::twin::{self, Spelled};

/// The formats that the twin reads.
fn known() -> Vec<&'static Format> {
    FORMATS.iter().filter(|format| twin::FORMATS.contains(&format.id)).copied().collect()
}

fn sample_lines() -> Vec<&'static [u8]> {
    known().into_iter().flat_map(|format| format.samples.lines()).collect()
}

fn formats() -> Formats {
    Formats::new(&known())
}

/// What the parser makes of a line, spelled as the twin does.
fn parsed(line: &[u8]) -> Result<Spelled, Skip> {
    let (mut state, arena) = (State::default(), Bump::new());
    let formats = formats();
    // Whatever is around a line: the usual way does not trim.
    for around in [&b""[..], b"\r", b"\0", b"\r\0"] {
        let (mut marks, window) = (Marks::default(), [line, around, b"\nnext\n"].concat());
        let mut unread = marks.find(&window);
        if !line.contains(&b'\n')
            && let Some(usual) = formats.read_usual(&mut unread, &mut state.clock)
        {
            let trimmed = logscan::input::lines::trim(&window[..line.len() + around.len()]);
            let mut tools = Tools { arena: &arena, state: &mut state };
            let wanted = formats.identify(trimmed, &mut tools).map(|(said, _)| said);
            let usual = Ok(Said::Request(usual));
            assert_eq!(usual, wanted, "the usual way: {}", window.escape_ascii());
            assert_eq!(unread.take().map(|line| line.text), Some(&b"next"[..]));
        }
    }
    let (said, at) = formats.identify(line, &mut Tools { arena: &arena, state: &mut state })?;
    let Said::Request(record) = said else { panic!("{}", line.escape_ascii()) };
    let id = formats.rows()[at].id();
    let known = twin::FORMATS.into_iter().find(|known| *known == id).expect("it is one of them");
    Ok(spelled(known, &record))
}

fn spelled(format: &'static str, record: &Record<'_>) -> Spelled {
    let own = |field: Option<&[u8]>| field.map(<[u8]>::to_vec);
    Spelled {
        format,
        time: record.time,
        status: record.status.to_string(),
        bytes: record.bytes,
        client: record.client.to_vec(),
        host: own(record.host),
        user: own(record.user),
        request: record.request.line.to_vec(),
        method_and_target: record.request.parts.map(|(m, t)| (m.to_vec(), t.to_vec())),
        referer: own(record.referer),
        agent: own(record.agent),
        forwarded: own(record.forwarded),
        latency_millis: record.latency_millis,
    }
}

fn agree(line: &[u8]) {
    let (parsed, twin) = (parsed(line), twin::line(line));
    // The twin knows no envelopes: what is within one ends the line.
    let may_be_within = matches!(twin, Err(Skip::NoFormat | Skip::Binary)) && has_envelope(line);
    let within = (1..line.len()).map(|at| twin::line(&line[at..]));
    let is_within = may_be_within && within.into_iter().any(|within| within == parsed);
    assert!(is_within || parsed == twin, "{parsed:?}\n{twin:?}\n{}", line.escape_ascii());
}

fn has_envelope(line: &[u8]) -> bool {
    let (mut state, arena) = (State::default(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    ENVELOPES.iter().any(|envelope| (envelope.strip)(line, &mut tools).is_some())
}

#[test]
fn on_a_line_that_damage_put_into_an_envelope() {
    for tag in ["b:", "2001:"] {
        let line = format!("{tag} b8::1 - - [21/Nov/2026:14:05:09 +0000] \"GET / HTTP/1.1\" 200 5");
        agree(format!("shop.example {line}").as_bytes());
    }
}

#[test]
fn on_every_line_of_testdata() {
    let mut lines = 0;
    let mut fixtures = common::fixtures();
    let readme = Fixture::read("logs", common::README_LOG).text;
    let head = readme[..400_000].to_vec();
    fixtures.push(Fixture { name: common::README_LOG.to_string(), text: head });
    for fixture in &fixtures {
        for line in common::lines(&fixture.text) {
            agree(line);
            agree(logscan::input::lines::trim(line));
            lines += 1;
        }
    }
    assert!(lines > 2_000);
    let (formats, mut marks, mut clock) = (formats(), Marks::default(), Clock::default());
    let mut is_usual = |line: &[u8]| {
        let window = [line, b"\n"].concat();
        formats.read_usual(&mut marks.find(&window), &mut clock).is_some()
    };
    let mut ordinary = Vec::new();
    Corpus { lines: 5_000, ..Corpus::new(Kind::Ordinary) }.write(&mut ordinary).unwrap();
    let usual = common::lines(&ordinary).filter(|line| is_usual(line)).count();
    assert!(usual > 4_900, "{usual} of 5,000 lines take the usual way");
    eprintln!("{lines} lines of {} logs", fixtures.len());
}

#[test]
fn on_every_sample_and_every_cut_of_it() {
    let mut lines = 0;
    for line in sample_lines() {
        for end in 0..=line.len() {
            agree(&line[..end]);
            agree(&line[end..]);
            lines += 2;
        }
    }
    eprintln!("{lines} cuts of samples");
}

/// One of some texts, or a short run of any of some bytes.
fn one_of(texts: &'static [&'static str], pattern: &'static str) -> BoxedStrategy<Vec<u8>> {
    let made = proptest::string::bytes_regex(pattern).unwrap();
    let known = prop::sample::select(texts).prop_map(|text| text.as_bytes().to_vec());
    prop_oneof![3 => known, 1 => made].boxed()
}

/// Lines put together from fields, each of them good or odd.
fn made_line() -> impl Strategy<Value = Vec<u8>> {
    const HEADS: &[&str] = &[
        "192.0.2.1 - -",
        "2001:db8::1 - ann",
        "shop.example:443 192.0.2.1 - -",
        "host.example - -",
        "shop.example 2001:db8::1 - a b",
        "192.0.2.1, 203.0.113.9 - -",
        "192.0.2.1",
        "192.0.2.1 -",
        "- 192.0.2.1 - -",
        "192.0.2.1:80 192.0.2.2 - -",
        "192.0.2.1 - \"\"",
        "192.0.2.1 - x] \\\"y",
        "a:1 - -",
        "a:1 b - -",
        "192.0.2.1 - [21/Nov/2026:14:05:09 +0000]",
        "",
        " ",
        "1:2 3:4 5 6",
    ];
    const TIMES: &[&str] = &[
        "21/Nov/2026:14:05:09 +0000",
        "29/Feb/2024:23:59:60 -0330",
        "29/Feb/2025:00:00:00 +0000",
        "2026-11-21T14:05:09.5Z",
        "November 21, 2026T14:05:09 +0000",
        "Sat Nov  1 14:05:09 2026",
        "01/Jan/1970:00:00:00 +0001",
        "31/Dec/2105:23:59:59 +0000",
        "",
        "2026-11-21T19:50:09+05:45",
        "21/Nov/2026:14:05:09",
        "21/Nov/2026:14:05:09.123 Z",
        "[",
    ];
    const GAPS: &[&str] = &["] \"", "] \"", "] \"", "]\"", "]  \"", "] \"] \""];
    const REQUESTS: &[&str] = &[
        "GET / HTTP/1.1",
        "GET /a b HTTP/2",
        "",
        "-",
        "GE",
        "GET  / HTTP/1.1 ",
        "\\x16\\x03\\x01",
        "GET /\\\" 404 5 \\\"x HTTP/1.1",
        "GET /\" 404 5 \"x HTTP/1.1",
        "GET / HTTP/1.10",
        "A HTTP/1",
        "GET /\\\\",
        "GET /\\",
        "GET / HTTP/1.1 HTTP/1.1",
        "GET \t/ HTTP/1.1",
        "* *",
        "\t GET /",
    ];
    const STATUSES: &[&str] = &[
        "\" 404 153",
        "\" 000 0",
        "\" - -",
        "\" -1 +5",
        "\" 40 5",
        "\" 404",
        "\" 4",
        "\" 404 ",
        "\" 404 1x",
        "\" 4040 1",
        "\"  404 1",
        "\" 404  1",
        "\" 499 99999999999999999999",
        "",
        "\\\" 404 153",
        "\" 404 -1",
        "\" 404 --",
        "\" 404 +",
    ];
    const TAILS: &[&str] = &[
        "",
        " \"-\" \"-\"",
        " \"\" \"\"",
        " \"a\\\"b\" \"c\\\\\"",
        " \"a\"b\" \"c\" d\"",
        " \"a\"",
        " \"-\" \"curl\" \"203.0.113.9\"",
        " \"-\" \"curl\" rt=0.123",
        " \"-\" \"curl\" 0.250",
        " \"-\" \"curl\" 80 0.250 [web-80] [] 10.0.0.9:80 13 0.003 200 c994",
        " \"-\" \"curl\" TCP_MISS:HIER_DIRECT",
        " \"-\" \"curl\" 42 \"web@docker\" \"http://10.0.0.5:80\" 7ms",
        " \"-\" \"curl\" \"0.250\"",
        " 12.345",
        " rt=\"\"1.5;",
        " x request_time=3, y",
        " \"open",
        " \"-\" \"-\" ",
        " \"-\"  \"-\"",
        " \"a\" \"b\" \"c\" \"d\"",
        " rt=- rt=7",
        " 1.2.345",
        "x",
    ];
    (
        one_of(HEADS, r#"[0-9a-f:., \[\]"\\-]{0,24}"#),
        one_of(&[" [", " [", "[", "  ["], r"[ \[]{0,3}"),
        one_of(TIMES, "[0-3][0-9]/(Jan|Feb|Apr|Dec|Foo)/(19|20|21)[0-9]{2}:[0-2][0-9]:[0-6][0-9]:[0-6][0-9] [+-][0-2][0-9][0-6][0-9]"),
        one_of(GAPS, r#"[\] "]{0,4}"#),
        one_of(REQUESTS, r#"(?s-u:[A-Z" /\\\x00-\xff]{0,24})"#),
        one_of(STATUSES, r#"[" 0-9+-]{0,12}"#),
        one_of(TAILS, r#"[" \\0-9.rt=;,ab-]{0,24}"#),
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].concat())
}

/// A line of `testdata` or a sample, with damage done to it.
fn damaged_line() -> impl Strategy<Value = Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for fixture in common::fixtures() {
        lines.extend(common::lines(&fixture.text).filter(|l| l.len() < 600).map(<[u8]>::to_vec));
    }
    lines.extend(sample_lines().into_iter().map(<[u8]>::to_vec));
    damaged(lines)
}

/// A sample of any format, with damage done to it.
fn damaged_sample() -> impl Strategy<Value = Vec<u8>> {
    damaged(FORMATS.iter().flat_map(|f| f.samples.lines()).map(<[u8]>::to_vec).collect())
}

/// One of `lines`, with damage done to it.
fn damaged(lines: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let whole = prop::sample::select(lines);
    let damage = (0_u8..6, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>());
    let damages = prop::collection::vec(damage, 1..4);
    (whole.clone(), whole, damages).prop_map(|(mut line, other, damages)| {
        for (kind, from, to, byte) in damages {
            if line.is_empty() {
                break;
            }
            let (a, b) = (from.index(line.len()), to.index(line.len()));
            let (a, b) = (a.min(b), a.max(b));
            match kind {
                0 => line.truncate(b),
                1 => line[a] = byte,
                2 => line[a] = b"\" \\[]:-"[usize::from(byte) % 7],
                3 => drop(line.drain(a..b)),
                4 => {
                    let again = line[a..b].to_vec();
                    line.splice(b..b, again);
                }
                _ => drop(line.splice(b.., other.iter().copied())),
            }
        }
        line
    })
}

proptest! {
    #![proptest_config(Config { cases: 40_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn on_lines_made_of_good_and_odd_fields(line in made_line()) {
        agree(&line);
    }

    #[test]
    fn on_damaged_lines(line in damaged_line()) {
        agree(&line);
    }

    #[test]
    fn both_ways_agree_on_damaged_samples_of_all_formats(line in damaged_sample()) {
        let (mut state, arena) = (State::default(), Bump::new());
        let (all, mut marks) = (Formats::new(FORMATS), Marks::default());
        for format in FORMATS {
            let mut tools = Tools { arena: &arena, state: &mut state };
            // Whatever it says, it says it without a panic.
            let _ = Formats::new(&[format]).identify(&line, &mut tools);
        }
        let window = [&line[..], b"\n"].concat();
        let line = window.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let mut unread = marks.find(&window);
        if let Some(usual) = all.read_usual(&mut unread, &mut state.clock) {
            let mut tools = Tools { arena: &arena, state: &mut state };
            let careful = all.identify(line, &mut tools).map(|(said, _)| said);
            prop_assert_eq!(Ok(Said::Request(usual)), careful);
        }
    }
}
