//! Formats that are given: strings of nginx and Apache, and the configuration of nginx.

use crate::schema;
use crate::stage::{Stage, requests, sources};

const TIMED: &str = r#"$remote_addr [$time_iso8601] "$request" $status $request_time"#;
const LINES: &str = "\
192.0.2.1 [2026-11-21T14:05:09+00:00] \"GET /a HTTP/1.1\" 404 0.250
192.0.2.1 [2026-11-21T14:05:10+00:00] \"GET /b HTTP/1.1\" 200 0.001
";

#[test]
fn a_format_string_of_nginx_is_compiled() {
    let stage = Stage::with(LINES.to_string() + "no line of it\n");
    let ran = stage.run(&["--json", "-q", "-f", TIMED, "access.log"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let report = schema::read(ran.stdout.as_bytes());
    assert_eq!(requests(&report), 2);
    assert_eq!(report["input"]["sources"][0]["format"], "log_format");
    assert_eq!(report["input"]["skipped"]["by_reason"]["no-format"], 1);
    assert_eq!(report["client_errors"]["by_status"][0]["latency_seconds"]["max"], 0.25);
}

#[test]
fn a_format_string_of_apache_is_compiled() {
    let stage = Stage::with("192.0.2.1 [21/Nov/2026:14:05:09 +0000] \"GET /a HTTP/1.1\" 404 250\n");
    let ran = stage.run(&["--json", "-q", "-f", r#"%h %t "%r" %>s %{ms}T"#, "access.log"]);
    let report = schema::read(ran.stdout.as_bytes());
    assert_eq!((ran.status, requests(&report)), (0, 1));
    assert_eq!(report["input"]["sources"][0]["format"], "LogFormat");
    assert_eq!(report["client_errors"]["by_status"][0]["latency_seconds"]["max"], 0.25);
}

#[test]
fn a_format_that_cannot_be_read_is_refused_with_the_place() {
    let stage = Stage::with(LINES);
    let format = r#"$time_local $http_user_agent $http_referer "$request" $status"#;
    let ran = stage.run(&["-f", format, "access.log"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("put quotes around it, at byte 12:"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with(&format!("\n  {}^\n", " ".repeat(12))), "{}", ran.stderr);
}

#[test]
fn a_configuration_names_the_formats_and_the_logs() {
    let conf = format!(
        "events {{}}\nhttp {{\n log_format timed '{TIMED}';\n access_log logs/a.log timed;\n \
         include sites/*.conf;\n}}\n"
    );
    let stage = Stage::new()
        .file("conf/nginx.conf", conf)
        .file("conf/sites/b.conf", "server { access_log logs/b.log; access_log logs/none.log; }")
        .file("logs/a.log", LINES)
        .file("logs/b.log", crate::stage::lines(3))
        .file("logs/c.log", LINES);
    let ran = stage.run(&["--json", "-q", "--nginx-conf", "conf/nginx.conf"]);
    // One of the logs is not there.
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("logs/none.log"), "{}", ran.stderr);
    let report = schema::read(ran.stdout.as_bytes());
    assert_eq!(requests(&report), 5);
    assert_eq!(sources(&report), ["logs/a.log", "logs/b.log"]);
    assert_eq!(report["input"]["sources"][0]["format"], "log_format timed");
    assert_eq!(report["input"]["sources"][1]["format"], "combined");
    // What is named is read in its place.
    let ran = stage.run(&["--json", "-q", "--nginx-conf", "conf/nginx.conf", "logs/c.log"]);
    let report = schema::read(ran.stdout.as_bytes());
    assert_eq!((ran.status, sources(&report)), (0, vec!["logs/c.log"]));
    assert_eq!(report["input"]["sources"][0]["format"], "log_format timed");
}

#[test]
fn a_fault_of_a_configuration_is_told_as_nginx_tells_it() {
    let stage = Stage::new().file("nginx.conf", "http {\n access_log a.log main;\n}\n");
    let ran = stage.run(&["--nginx-conf", "nginx.conf"]);
    assert_eq!(ran.status, 2);
    assert_eq!(ran.stderr, "logscan: nginx.conf:2: unknown log format \"main\"\n");
    let stage = stage.file("site.conf", "server { }");
    let ran = stage.run(&["--nginx-conf", "site.conf"]);
    assert!(
        ran.stderr.contains("\"server\" directive is not allowed here; give"),
        "{}",
        ran.stderr
    );
    let ran = stage.run(&["--nginx-conf", "none.conf"]);
    assert!(
        ran.status == 2 && ran.stderr.contains("none.conf:1: cannot be read"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_format_of_a_configuration_that_cannot_be_read_is_told_and_left_out() {
    let conf = "http {\n log_format bad '$status';\n access_log access.log;\n}\n";
    let stage = Stage::with(crate::stage::lines(3)).file("nginx.conf", conf);
    let ran = stage.run(&["--json", "--nginx-conf", "nginx.conf"]);
    assert_eq!((ran.status, requests(&schema::read(ran.stdout.as_bytes()))), (0, 3));
    let wanted = "nginx.conf:2: log_format bad is not used: no field tells the time";
    assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
}
