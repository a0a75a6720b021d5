//! How fast lines become records: each format on its own samples, then an ordinary log.
//!
//! `cargo bench --bench parse`; with `-- --test` everything runs once, as a test.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bumpalo::Bump;
use criterion::{Criterion, Throughput};
use logscan::input::lines::Lines;
use logscan::options::Simd;
use logscan::parse::{self, Compiled, FORMATS, Formats, Marks, Row, State, Tools};
use logscan::record::{Record, Said};

#[path = "corpus/mod.rs"]
mod corpus;

use corpus::{Corpus, Kind, Truth};

/// Enough lines that no cache but the last holds them.
const LINES: u64 = 100_000;

/// As much as a scan looks at in one pass.
const WINDOW_BYTES: usize = 16 << 10;

/// The built-in format, spelled.
const COMBINED: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;

/// The same with what an upstream did.
const UPSTREAM: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_addr" $upstream_response_time"#;
const UPSTREAM_FIELDS: &[u8] = br#" 0.213 "192.0.2.7:8080, 192.0.2.8:8080" 0.001, 0.209"#;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    samples(&mut criterion);
    log(&mut criterion, "ordinary", Kind::Ordinary);
    log(&mut criterion, "timed", Kind::Timed);
    compiled(&mut criterion, "compiled", COMBINED, b"");
    compiled(&mut criterion, "compiled-upstream", UPSTREAM, UPSTREAM_FIELDS);
    json(&mut criterion);
    criterion.final_summary();
}

/// Each sample of each format, over and over.
fn samples(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("samples");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    for format in FORMATS {
        for (number, line) in format.samples.lines().into_iter().enumerate() {
            let (mut state, mut marks) = (State::default(), Marks::default());
            let mut arena = Bump::new();
            let formats = Formats::new(&[format]);
            group.throughput(Throughput::Bytes(line.len() as u64));
            group.bench_function(format!("{}/{number}", format.id), |bencher| {
                bencher.iter(|| {
                    let text = black_box(line);
                    let mut tools = Tools { arena: &arena, state: &mut state };
                    assert!(formats.read(marks.line(text), Some(0), &mut tools).is_ok());
                    arena.reset();
                });
            });
        }
    }
    group.finish();
}

/// All lines of a generated log, by each way of looking at bytes that the machine has.
fn log(criterion: &mut Criterion, name: &str, kind: Kind) {
    let mut text = Vec::new();
    let corpus = Corpus { lines: LINES, ..Corpus::new(kind) };
    let truth = corpus.write(&mut text).expect("memory takes all that is written");
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Bytes(truth.bytes));
    for simd in Simd::ALL {
        let formats = Formats::new(FORMATS);
        assert_eq!(count(&text, simd, &formats, None), wanted(&truth));
        group.bench_function(format!("{simd:?}"), |bencher| {
            bencher.iter(|| {
                let counted = count(black_box(&text), simd, &formats, None);
                assert_eq!(counted, wanted(&truth));
            });
        });
    }
    group.finish();
}

/// All lines of an ordinary log, `more` behind each, by the format that `spelled` compiles to.
fn compiled(criterion: &mut Criterion, name: &str, spelled: &str, more: &[u8]) {
    let mut plain = Vec::new();
    let corpus = Corpus { lines: LINES, ..Corpus::new(Kind::Ordinary) };
    let truth = corpus.write(&mut plain).expect("memory takes all that is written");
    let end = [more, b"\n"].concat();
    let lines = plain.split_inclusive(|byte| *byte == b'\n');
    let text = lines.flat_map(|line| [&line[..line.len() - 1], &end]).collect::<Vec<_>>().concat();
    let compiled = Compiled::nginx(spelled).expect("its lines can be told apart");
    let formats = Formats::of(vec![Row::Compiled(Arc::new(compiled))]);
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    for simd in Simd::ALL {
        assert_eq!(count(&text, simd, &formats, Some(0)), wanted(&truth));
        group.bench_function(format!("{simd:?}"), |bencher| {
            bencher.iter(|| {
                let counted = count(black_box(&text), simd, &formats, Some(0));
                assert_eq!(counted, wanted(&truth));
            });
        });
    }
    group.finish();
}

/// All lines of an ordinary log, as nginx writes them with `escape=json`.
fn json(criterion: &mut Criterion) {
    let mut plain = Vec::new();
    let corpus = Corpus { lines: LINES, ..Corpus::new(Kind::Ordinary) };
    let truth = corpus.write(&mut plain).expect("memory takes all that is written");
    let mut text = Vec::new();
    let (mut state, arena) = (State::default(), Bump::new());
    for line in Lines::new(&plain).iter() {
        let mut tools = Tools { arena: &arena, state: &mut state };
        let record = parse::request(line, FORMATS, &mut tools).expect("each line is a request");
        spell(&record, &mut text);
    }
    let formats = Formats::new(FORMATS);
    let first = FORMATS.iter().position(|format| format.id == "json");
    let mut group = criterion.benchmark_group("json");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    for simd in Simd::ALL {
        assert_eq!(count(&text, simd, &formats, first), wanted(&truth));
        group.bench_function(format!("{simd:?}"), |bencher| {
            bencher.iter(|| {
                let counted = count(black_box(&text), simd, &formats, first);
                assert_eq!(counted, wanted(&truth));
            });
        });
    }
    group.finish();
}

/// A line with the keys that a log of nginx in JSON has as a rule.
fn spell(record: &Record<'_>, out: &mut Vec<u8>) {
    let text = |bytes: Option<&[u8]>| {
        let text = String::from_utf8_lossy(bytes.unwrap_or(b"-")).into_owned();
        serde_json::Value::from(text).to_string()
    };
    let line = format!(
        "{{\"time_iso8601\":\"{}\",\"remote_addr\":{},\"remote_user\":\"\",\"host\":\"shop.example\",\
         \"request_method\":{},\"request_uri\":{},\"server_protocol\":\"HTTP/1.1\",\"status\":{},\
         \"body_bytes_sent\":{},\"http_referer\":{},\"http_user_agent\":{},\"request_time\":0.012,\
         \"upstream_addr\":\"192.0.2.9:8080\",\"upstream_response_time\":\"0.011\"}}\n",
        logscan::clock::rfc3339(record.time.into()).replace('Z', "+00:00"),
        text(Some(record.client)),
        text(record.request.method()),
        text(record.request.target()),
        record.status,
        record.bytes,
        text(record.referer),
        text(record.agent),
    );
    out.extend_from_slice(line.as_bytes());
}

/// What can be counted without a table.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    records: u64,
    client_errors: u64,
    body_bytes: u64,
}

fn count(text: &[u8], simd: Simd, formats: &Formats, first: Option<usize>) -> Counted {
    let (mut state, mut marks) = (State::default(), Marks::new(Some(simd)));
    let arena = Bump::new();
    let (is_usual, mut regular) = (formats.is_usual(first), formats.regular(first));
    let mut counted = Counted::default();
    let mut add = |record: &Record<'_>| {
        counted.records += 1;
        counted.client_errors += u64::from(record.status.is_client_error());
        counted.body_bytes += record.bytes;
    };
    for window in Lines::new(text).windows(WINDOW_BYTES) {
        let mut unread = marks.find(window);
        loop {
            let usual = match is_usual {
                true => formats.read_usual(&mut unread, &mut state.clock),
                false => None,
            };
            if let Some(record) = usual {
                add(&record);
                continue;
            }
            let mut tools = Tools { arena: &arena, state: &mut state };
            if let Some(regular) = &mut regular
                && let Some(record) = regular.read(&mut unread, &mut tools)
            {
                add(record);
                continue;
            }
            let Some(line) = unread.take() else { break };
            if let Ok((Said::Request(record), _)) = formats.read(line, first, &mut tools) {
                add(&record);
            }
        }
    }
    counted
}

fn wanted(truth: &Truth) -> Counted {
    Counted {
        records: truth.lines,
        client_errors: truth.client_errors,
        body_bytes: truth.body_bytes,
    }
}
