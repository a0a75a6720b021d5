//! Sources: files, folders, pipes, compression, rotated sets, and what is named twice.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::schema;
use crate::stage::{Stage, fifo, gzip, line, lines, paths, remarks, requests, sources};

#[test]
fn standard_input_is_read_where_nothing_is_named_and_for_a_hyphen() {
    let stage = Stage::new();
    for words in [&["--json"][..], &["--json", "-"], &["report", "--json"]] {
        let ran = stage.run_with(words, lines(3).as_bytes());
        let report = schema::read(ran.stdout.as_bytes());
        assert_eq!((ran.status, requests(&report)), (0, 3), "{words:?}");
        assert_eq!(sources(&report), ["-"]);
    }
}

#[test]
fn compression_is_told_by_the_first_bytes_from_a_pipe_too() {
    let ran = Stage::new().run_with(&["--json"], &gzip(lines(3)));
    let report = schema::read(ran.stdout.as_bytes());
    assert_eq!(requests(&report), 3);
    assert_eq!(report["input"]["sources"][0]["compression"], "gzip");
}

#[test]
fn an_empty_pipe_is_a_report_of_zero_requests() {
    let ran = Stage::new().run_with(&["--json"], b"");
    assert_eq!(requests(&schema::read(ran.stdout.as_bytes())), 0);
    assert_eq!(ran.status, 0);
}

#[test]
fn a_file_on_standard_input_is_read() {
    let stage = Stage::with(lines(3));
    let mut command = stage.command(&["--json"]);
    let output = command.stdin(fs::File::open(stage.path("access.log")).unwrap()).output().unwrap();
    assert_eq!(requests(&schema::read(&output.stdout)), 3);
}

#[test]
fn standard_input_and_a_file_can_be_read_together() {
    let stage = Stage::with(lines(3));
    let ran = stage.run_with(&["--json", "-", "access.log"], lines(2).as_bytes());
    assert_eq!(requests(&schema::read(ran.stdout.as_bytes())), 5);
}

#[test]
fn a_fifo_is_read_to_its_end() {
    let stage = Stage::new();
    fifo(&stage.path("pipe"));
    let mut command = stage.command(&["--json", "pipe"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = fs::File::options().write(true).open(stage.path("pipe")).unwrap();
    pipe.write_all(lines(700).as_bytes()).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(requests(&schema::read(&output.stdout)), 700);
}

#[test]
fn every_compression_is_read_whatever_its_name() {
    let text = lines(50);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
    bzip2.write_all(text.as_bytes()).unwrap();
    let xz = lzma_rust2::XzOptions::with_preset(1);
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), xz).unwrap();
    xz.write_all(text.as_bytes()).unwrap();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(text.as_bytes()).unwrap();
    let packed = [
        ("gzip", gzip(&text)),
        ("zstd", zstd::encode_all(text.as_bytes(), 1).unwrap()),
        ("bzip2", bzip2.finish().unwrap()),
        ("xz", xz.finish().unwrap()),
        ("lz4", lz4.finish().unwrap()),
        ("none", text.into_bytes()),
    ];
    for (compression, bytes) in packed {
        let report = Stage::new().file("access.txt", bytes).report(&["access.txt"]);
        assert_eq!(requests(&report), 50, "{compression}");
        assert_eq!(report["input"]["sources"][0]["compression"], compression);
    }
}

#[test]
fn all_members_of_a_gzip_are_read() {
    let members = [gzip(lines(3)), gzip(lines(4)), gzip(""), gzip(lines(5))].concat();
    let report = Stage::new().file("a.log.gz", members).report(&["a.log.gz"]);
    assert_eq!(requests(&report), 12);
}

#[test]
fn a_folder_is_read_without_what_is_no_access_log() {
    let stage = Stage::new()
        .file("logs/access.log", lines(3))
        .file("logs/error.log", LIMITED.repeat(2))
        .file("logs/notes.txt", "Dear diary,\n")
        .file("logs/.hidden.log", lines(9))
        .file("logs/old/access.log", lines(9));
    let ran = stage.run(&["logs"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("logs/notes.txt: no line of it is in an access log's"), "{ran:?}");
    assert!(ran.stderr.contains("logs/error.log: an error log"), "{ran:?}");
    assert!(ran.stderr.contains("logs: 1 subfolder was not read"), "{}", ran.stderr);
    let report = stage.report(&["logs"]);
    assert_eq!(requests(&report), 3);
    assert_eq!(sources(&report), ["logs/access.log"]);
    assert!(remarks(&report, "notes").contains(&("no-access-log", "logs/notes.txt")), "{report:#}");
    assert!(remarks(&report, "notes").contains(&("error-log", "logs/error.log")), "{report:#}");
    assert_eq!(
        (report["input"]["lines"].as_u64(), &report["error_log"]["lines"]),
        (Some(3), &2.into())
    );
}

/// A line of an error log.
const LIMITED: &str = "2026/11/21 08:00:00 [error] 7#7: *1 limiting requests, excess: 5.428 by zone \
                       \"one\", client: 192.0.2.1, server: , request: \"GET / HTTP/1.1\"\n";

#[test]
fn an_error_log_is_a_source_of_its_own_kind() {
    let stage = Stage::new()
        .file("error.log", LIMITED.repeat(3))
        .file("mixed.log", format!("{}{LIMITED}{}", lines(2), lines(1)));
    let report = stage.report(&["error.log"]);
    assert_eq!(requests(&report), 0);
    assert_eq!(report["input"]["lines"], 3);
    assert_eq!(report["input"]["skipped"]["by_reason"]["error-log"], 3);
    assert_eq!(report["input"]["skipped"]["samples"].as_array().unwrap().len(), 0);
    assert_eq!(report["input"]["sources"][0]["format"], "nginx-error");
    let limit = &report["error_log"]["limits"][0];
    assert_eq!((&limit["zone"], &limit["kind"]), (&"one".into(), &"limiting".into()));
    assert_eq!((&limit["lines"], &limit["clients"]), (&3.into(), &1.into()));
    assert_eq!(limit["max_excess"], 5.428);
    let mixed = stage.report(&["mixed.log"]);
    assert_eq!((requests(&mixed), &mixed["error_log"]["lines"]), (3, &1.into()));
    let ran = stage.run(&["error.log", "--since", "2026-11-21 09:00", "--fail-on", "skipped>0"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("0 requests: the error log"), "{}", ran.stdout);
    let later = stage.report(&["error.log", "--since", "2026-11-21 09:00"]);
    assert_eq!(later["error_log"], serde_json::Value::Null);
}

#[test]
fn a_folder_without_any_access_log_gives_2() {
    let stage = Stage::new().file("logs/notes.txt", "Dear diary,\n");
    let ran = stage.run(&["logs"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("logs") && ran.stderr.contains("no access log"), "{}", ran.stderr);
}

#[test]
fn an_empty_folder_is_told() {
    let stage = Stage::new();
    fs::create_dir(stage.path("logs")).unwrap();
    let ran = stage.run(&["logs"]);
    assert!(ran.stderr.contains("logs: no file in this folder"), "{ran:?}");
}

#[test]
fn the_same_file_is_counted_once_however_it_is_named() {
    let stage = Stage::with(lines(3));
    symlink("access.log", stage.path("link.log")).unwrap();
    fs::hard_link(stage.path("access.log"), stage.path("hard.log")).unwrap();
    for second in ["access.log", "./access.log", "link.log", "hard.log", "."] {
        let ran = stage.run(&["access.log", second]);
        assert_eq!(ran.status, 0, "{second}: {ran:?}");
        assert!(ran.stdout.contains("3 of 3 requests"), "{second}: {}", ran.stdout);
        assert!(ran.stderr.contains("counted once"), "{second}: {}", ran.stderr);
    }
}

#[test]
fn a_rotated_file_beside_its_own_gzip_is_counted_once() {
    let stage = Stage::new()
        .file("access.log", lines(3))
        .file("access.log.1", lines(20))
        .file("access.log.1.gz", gzip(lines(20)));
    for words in [&["."][..], &["access.log.1.gz", "access.log.1", "access.log"]] {
        let report = stage.report(words);
        assert_eq!(requests(&report), 23, "{words:?}");
        let notes = remarks(&report, "notes");
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert_eq!(notes[0].0, "duplicate");
        assert!(notes[0].1.ends_with("access.log.1.gz"), "{notes:?}");
    }
}

#[test]
fn a_gzip_with_other_lines_than_the_file_beside_it_is_counted_too() {
    let stage = Stage::new()
        .file("access.log.1", lines(20))
        .file("access.log.1.gz", gzip(lines(19) + "\n"));
    assert_eq!(requests(&stage.report(&["."])), 39);
}

#[test]
fn a_rotated_set_is_read_oldest_first() {
    let day = |hour: u32| line("192.0.2.1", &format!("{hour:02}:00:00"), "GET / HTTP/1.1", 404);
    let stage = Stage::new()
        .file("access.log", day(12))
        .file("access.log.1", day(11))
        .file("access.log.2.gz", gzip(day(10)))
        .file("access.log.10.gz", gzip(day(9)));
    let order = ["access.log.10.gz", "access.log.2.gz", "access.log.1", "access.log"];
    let named =
        stage.report(&["access.log", "access.log.1", "access.log.10.gz", "access.log.2.gz"]);
    assert_eq!(sources(&named), order);
    let found = stage.report(&["."]);
    let names: Vec<String> = order.iter().map(|name| format!("./{name}")).collect();
    assert_eq!(sources(&found), names);
}

#[test]
fn a_file_with_the_name_of_a_command_is_reached_with_its_folder() {
    let stage = Stage::new().file("explain", lines(3));
    assert_eq!(requests(&stage.report(&["./explain"])), 3);
    assert!(stage.run(&["explain"]).stdout.contains("404"));
}

#[test]
fn a_file_with_a_hyphen_first_is_reached_after_two() {
    let stage = Stage::new().file("-a.log", lines(3));
    let ran = stage.run(&["--json", "--", "-a.log"]);
    assert_eq!(requests(&schema::read(ran.stdout.as_bytes())), 3);
}

#[test]
fn odd_ends_and_beginnings_of_lines_change_nothing() {
    let text = lines(3);
    let wanted = paths(&Stage::with(&text).report(&["access.log"])).join(" ");
    let crlf = text.replace('\n', "\r\n");
    let nuls = format!("{text}{}", "\0".repeat(4096));
    for odd in [format!("\u{feff}{text}"), crlf, text.trim_end().to_string(), nuls] {
        let report = Stage::with(&odd).report(&["access.log"]);
        assert_eq!(paths(&report).join(" "), wanted, "{odd:?}");
    }
}

#[test]
fn a_line_over_the_limit_is_skipped_and_the_next_one_is_read() {
    let long = |length: usize| {
        line("192.0.2.9", "09:00:00", &format!("GET /{} HTTP/1.1", "a".repeat(length)), 414)
    };
    let log = lines(2) + &long(256 << 10) + &long(2 << 20) + &lines(1);
    let report = Stage::with(log).report(&["access.log"]);
    assert_eq!(report["input"]["skipped"]["by_reason"]["too-long"], 1);
    assert_eq!(requests(&report), 4);
    assert_eq!(report["totals"]["by_status"]["414"], 1);
    assert!(paths(&report).iter().all(|path| path.len() <= 2 << 10));
}

#[test]
fn every_line_is_accounted_for() {
    let log = lines(5) + "\n\0\0\0\nrubbish\n\u{1}\u{2}\u{3}\n192.0.2.1 - - [21/Nov/2026:08:00";
    let input = Stage::with(log).report(&["access.log"])["input"].take();
    assert_eq!(
        (input["lines"].as_u64(), input["parsed"].as_u64()),
        (Some(10), Some(5)),
        "{input:#}"
    );
    let reasons = input["skipped"]["by_reason"].as_object().unwrap();
    let sum: u64 = reasons.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!((sum, input["skipped"]["total"].as_u64()), (5, Some(5)));
}

#[test]
fn mixed_formats_are_read_line_by_line() {
    let log = lines(2)
        + "192.0.2.1 - - [21/Nov/2026:08:00:00 +0000] \"GET /common HTTP/1.1\" 404 5\n"
        + "a.example:80 192.0.2.1 - - [21/Nov/2026:08:00:00 +0000] \"GET /v HTTP/1.1\" 404 5 \"-\" \"-\"\n";
    let report = Stage::with(log).report(&["access.log"]);
    assert_eq!(requests(&report), 4);
    assert_eq!(report["input"]["sources"][0]["format"], "combined");
}

/// Requests through two proxies: one names the client, and he himself names somebody.
fn forwarded(requests: usize) -> String {
    let line = |n: usize| {
        format!(
            "10.0.0.{} - - [21/Nov/2026:08:00:{:02} +0000] \"GET / HTTP/1.1\" 404 5 \"-\" \"-\" \
             \"198.51.100.1, 203.0.113.{}\"\n",
            n % 2 + 1,
            n % 60,
            n % 7,
        )
    };
    (0..requests).map(line).collect()
}

#[test]
fn the_client_behind_trusted_proxies_is_counted() {
    let stage = Stage::with(forwarded(140));
    let clients = |args: &[&str]| {
        let report = stage.report(&[&["access.log"], args].concat());
        report["totals"]["clients"].as_u64().unwrap()
    };
    let proxies = ["--real-ip", "X-Forwarded-For", "--trusted-proxy", "10.0.0.0/8"];
    assert_eq!(clients(&[]), 2);
    assert_eq!(clients(&proxies), 7);
    // All behind them trusted too: what the client made up is believed.
    let all = ["--trusted-proxy", "203.0.113.0/24"];
    assert_eq!(clients(&[&proxies[..], &all].concat()), 1);
    assert_eq!(clients(&["--real-ip", "x-forwarded-for", "--trusted-proxy", "10.0.0.1"]), 8);
    let ran = stage.run(&[&["access.log", "--client", "203.0.113.3"], &proxies[..]].concat());
    assert!(ran.stdout.contains("20 of 20 requests"), "{}", ran.stdout);
    for wrong in [&proxies[..2], &proxies[2..], &["--real-ip", "a", "--trusted-proxy", "!::1"]] {
        assert_eq!(stage.run(&[&["access.log"], wrong].concat()).status, 2, "{wrong:?}");
    }
}

#[test]
fn a_log_whose_clients_are_proxies_is_told() {
    let stage = Stage::with(forwarded(140)).file("few.log", forwarded(40));
    let kinds = |args: &[&str]| {
        let notes = stage.report(args)["input"]["notes"].clone();
        notes.as_array().unwrap().iter().map(|note| note["kind"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&["access.log"]), ["behind-proxy"]);
    assert!(stage.run(&["access.log"]).stderr.contains("--trusted-proxy 10.0.0."));
    assert!(kinds(&["few.log"]).is_empty());
    let proxies = ["--real-ip", "X-Forwarded-For", "--trusted-proxy", "10.0.0.0/8"];
    assert!(kinds(&[&["access.log"], &proxies[..]].concat()).is_empty());
}

#[test]
fn utf_16_is_read_and_told() {
    let text = lines(3);
    for (is_big_endian, has_mark) in [(false, true), (true, true), (false, false), (true, false)] {
        let mark = if has_mark { "\u{feff}" } else { "" };
        let units = mark.encode_utf16().chain(text.encode_utf16());
        let bytes = |unit: u16| if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let mut log: Vec<u8> = units.flat_map(bytes).collect();
        // Half a character, as a copy of a log that is written to may have.
        log.push(b'1');
        for (log, compression) in [(log.clone(), "none"), (gzip(&log), "gzip")] {
            let ran = Stage::with(log).run(&["--json", "access.log"]);
            let report = schema::read(ran.stdout.as_bytes());
            assert_eq!(requests(&report), 3);
            assert_eq!(report["input"]["sources"][0]["compression"], compression);
            assert_eq!(report["input"]["notes"][0]["kind"], "utf-16");
        }
    }
}

#[test]
fn any_header_may_name_the_client_where_the_log_has_it_by_name() {
    let json = "{\"time\":\"2026-11-21T08:00:00Z\",\"remote_addr\":\"10.0.0.1\",\
                \"cf_connecting_ip\":\"203.0.113.9\",\"x_forwarded_for\":\"198.51.100.1\",\
                \"request\":\"GET / HTTP/1.1\",\"status\":404}\n";
    let text = "10.0.0.1 [21/Nov/2026:08:00:00 +0000] \"GET / HTTP/1.1\" 404 \"203.0.113.9\"\n";
    let stage = Stage::new().file("a.json", json).file("a.log", text);
    let client = |args: &[&str]| {
        let proxies = ["--real-ip", "CF-Connecting-IP", "--trusted-proxy", "10.0.0.0/8"];
        let report = stage.report(&[args, &proxies].concat());
        report["client_errors"]["by_client"][0]["client"].clone()
    };
    assert_eq!(client(&["a.json"]), "203.0.113.9");
    let format = "$remote_addr [$time_local] \"$request\" $status \"$http_cf_connecting_ip\"";
    assert_eq!(client(&["a.log", "-f", format]), "203.0.113.9");
}
