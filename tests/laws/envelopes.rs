//! Logs with envelopes, with lines that were split into parts and with lines that are glued together
//! give one report, however they are read, and the counts that they were made with.

use logscan::options::{Layout, Options};
use logscan::scan::scan;

use crate::ways::{Place, Way};

/// A log, and what is in it.
struct Made {
    text: Vec<u8>,
    requests: u64,
    parts: u64,
    cut: u64,
}

fn request(number: usize, bytes_of_path: usize) -> String {
    let path = "x".repeat(bytes_of_path);
    let (client, minute, second) = (number % 5, number / 60 % 60, number % 60);
    format!(
        "192.0.2.{client} - - [21/Nov/2026:14:{minute:02}:{second:02} +0000] \
         \"GET /{number}{path} HTTP/1.1\" 404 153 \"-\" \"curl/8.5.0\""
    )
}

/// Standard output and standard error of a container: each seventh line of output is split into
/// three, with a line of the other stream between its parts.
fn container(wrap: impl Fn(&str, bool, &str) -> String) -> Made {
    let mut made = Made { text: Vec::new(), requests: 0, parts: 0, cut: 0 };
    let mut put = |line: String| {
        made.text.extend_from_slice(line.as_bytes());
        made.text.push(b'\n');
    };
    for number in 0..300 {
        made.requests += 2;
        if number % 7 == 0 {
            let line = request(number, 6_000);
            let (first, rest) = line.split_at(2_000);
            let (middle, last) = rest.split_at(2_000);
            put(wrap("stdout", true, first));
            put(wrap("stderr", false, &request(number, 1)));
            put(wrap("stdout", true, middle));
            put(wrap("stdout", false, last));
            made.parts += 2;
        } else {
            put(wrap("stdout", false, &request(number, 0)));
            put(wrap("stderr", false, &request(number, 1)));
        }
    }
    made
}

fn cri() -> Made {
    container(|stream, is_part, text| {
        let tag = if is_part { 'P' } else { 'F' };
        format!("2026-11-21T14:05:09.123456789Z {stream} {tag} {text}")
    })
}

fn docker() -> Made {
    container(|stream, is_part, text| {
        let text = text.replace('"', "\\\"");
        let end = if is_part { "" } else { "\\n" };
        format!(r#"{{"log":"{text}{end}","stream":"{stream}","time":"2026-11-21T14:05:09Z"}}"#)
    })
}

/// Each seventh line is cut, here or there, and the next glued to it.
fn glued() -> Made {
    let mut made = Made { text: Vec::new(), requests: 0, parts: 0, cut: 0 };
    for number in 0..300 {
        let line = request(number, 0);
        if number % 7 == 0 {
            let end = 50 + number % 35;
            // Behind ` 404 ` it is a request.
            let has_status = line.find(" 404 ").is_some_and(|at| at + 4 <= end);
            // What ends in a space between fields could go on with the next line.
            let end = if line[..end].ends_with(' ') { end - 1 } else { end };
            made.text.extend_from_slice(&line.as_bytes()[..end]);
            made.requests += u64::from(has_status);
            made.cut += u64::from(!has_status);
        } else {
            made.text.extend_from_slice(line.as_bytes());
            made.text.push(b'\n');
            made.requests += 1;
        }
    }
    made
}

#[test]
fn parts_and_glue_are_counted_as_what_they_are_however_they_are_read() {
    for (name, made) in [("cri", cri()), ("docker", docker()), ("glued", glued())] {
        let place = Place::new();
        place.put(Way::Plain, &made.text);
        let options = Options { sources: vec![place.path()], ..Options::default() };
        let report = scan(&options, &()).unwrap();
        let skipped: Vec<_> =
            report.input.skipped.iter().map(|(skip, lines)| (skip.id(), *lines)).collect();
        let wanted: Vec<_> = [("cut", made.cut), ("part", made.parts)]
            .into_iter()
            .filter(|(_, lines)| *lines > 0)
            .collect();
        assert_eq!((report.input.parsed, skipped), (made.requests, wanted), "{name}");
        let mut first = None;
        for way in [Way::Plain, Way::Gzip, Way::GzipMembers, Way::ZstdFrames, Way::Fifo] {
            let packed = way.pack(&made.text);
            place.put(way, &packed);
            for threads in [1, 2, 7] {
                for (chunk_bytes, block_bytes, span_blocks) in
                    [(1 << 20, 8 << 20, 0), (4_099, 8 << 20, 1), (512, 10_000, 1), (777, 3_000, 2)]
                {
                    let layout =
                        Layout { chunk_bytes, block_bytes, span_blocks, ..Layout::default() };
                    let options = Options { threads: Some(threads), layout, ..Options::default() };
                    let report = place.report_of(way, &made.text, options);
                    let first = first.get_or_insert_with(|| report.clone());
                    assert!(*first == report, "{name}: {way:?}, {threads} threads, {layout:?}");
                }
            }
        }
    }
}
