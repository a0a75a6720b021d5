//! nginx's grammar of `log_format` and `access_log`: what it takes and what it refuses, with its words.
//!
//! Our reader is held to the tables everywhere, and nginx itself where it is installed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use logscan::parse::nginx_conf::{self, Fault};

/// What nginx takes in `http {}`.
const GOOD_IN_HTTP: &[&str] = &[
    "log_format a '$remote_addr';",
    r#"log_format a "$remote_addr";"#,
    "log_format a $remote_addr;",
    r#"log_format a '$remote_addr - $remote_user [$time_local] "$request" ' '$status';"#,
    "log_format a '$remote_addr'\n  '$status'\n  \"$request\";",
    "log_format a '${remote_addr}x${status}';",
    "log_format a $remote_addr${status};",
    "log_format a '$Remote_Addr $STATUS ${Request}';",
    r#"log_format a escape=json '{"a":"$request"}';"#,
    "log_format a escape=default '$request';",
    "log_format a escape=none '$request';",
    "log_format a '$request' escape=json;",
    r#"log_format a "\"$request\"";"#,
    r#"log_format a '"$request"' ; log_format b "'$request'";"#,
    r#"log_format a 'it\'s $status';"#,
    r#"log_format a '\d$status\t\\';"#,
    "log_format a $status#$request;",
    "log_format a # a comment ; {\n '$status';",
    "log_format a '#no comment' '$status';",
    "log_format a '{;}$status';",
    "log_format a '';",
    "log_format a ' ' '';",
    "log_format 'a' '$status';",
    r#"log_format "a b" '$status'; access_log logs/a.log "a b";"#,
    "log_format a.b-c '$status'; access_log logs/a.log a.b-c;",
    "log_format a '$status'; log_format A '$status';",
    "log_format Combined '$status';",
    "log_format CaseFmt '$status'; access_log logs/a.log casefmt;",
    "access_log logs/a.log;",
    "access_log logs/a.log combined;",
    "access_log logs/a.log COMBINED;",
    "access_log off;",
    "access_log logs/a.log combined buffer=32k;",
    "access_log logs/a.log combined buffer=32768 flush=5m;",
    "access_log logs/a.log combined gzip;",
    "access_log logs/a.log combined gzip=9 flush=100ms;",
    "access_log logs/a.log combined if=$request;",
    "access_log logs/a.log combined if=$request$status buffer=1m;",
    "access_log logs/a.log; access_log logs/b.log combined;",
    "access_log logs/a.log combined buffer=4k; access_log logs/a.log combined buffer=4k;",
    "access_log logs/$host.log combined;",
    "access_log logs/${host}x.log;",
    "access_log syslog:server=127.0.0.1;",
    "access_log syslog:server=127.0.0.1:5140,facility=local7,tag=nginx,severity=info,nohostname combined;",
    "server { listen 127.0.0.1:18999; access_log off; access_log logs/a.log; }",
    "server { listen 127.0.0.1:18999; access_log off; location / { access_log logs/a.log combined; } }",
    "server { listen 127.0.0.1:18999; access_log off; location = /a { if ($request_method = POST) { access_log logs/a.log; } } }",
    "server { listen 127.0.0.1:18999; access_log off; location / { limit_except GET { access_log logs/a.log; deny all; } } }",
    r#"server { listen 127.0.0.1:18999; access_log off; location ~ "^/a{2}$" { location ~ /b { access_log off; } } }"#,
    r#"server { listen 127.0.0.1:18999; access_log off; if ($http_user_agent ~ "x{1}") { return 444; } }"#,
    "map $status $loggable { ~^[23] 0; default 1; } access_log logs/a.log combined if=$loggable;",
    "types { text/html html; } log_format a '$status';",
    "upstream u { server 127.0.0.1:1; } log_format a '$upstream_addr';",
    "log_format a '$http_x_any $cookie_a $arg_b $sent_http_c $upstream_http_d';",
    r#"log_format a '$status' "'" '"' ;access_log logs/a.log a;"#,
    "log_format a '$remote_addr\t$status';\r\naccess_log logs/a.log a;\r\n",
    r#"log_format a \"$status\";"#,
    "include none/*.conf;",
];

/// What it takes as a whole.
const GOOD: &[&str] = &[
    "http { log_format a '$status'; }",
    "http { }",
    "worker_processes 1; http{log_format a $status;}",
    "http { # }\n }",
    "http{server{listen 127.0.0.1:18999;access_log off;}}",
];

/// What nginx refuses in `http {}`, and what it says.
const BAD_IN_HTTP: &[(&str, &str)] = &[
    ("log_format a 'a''b';", r#"unexpected "'""#),
    (r#"log_format a 'a'"b";"#, r#"unexpected """"#),
    (r#"log_format a "a"b;"#, r#"unexpected "b""#),
    ("log_format a 'it's $status';", r#"unexpected "s""#),
    ("log_format a '$status'", r#"unexpected "}""#),
    ("log_format a '$status;", r#"unexpected end of file, expecting ";" or "}""#),
    (r#"log_format a "$status;"#, r#"unexpected end of file, expecting ";" or "}""#),
    ("log_format a;", r#"invalid number of arguments in "log_format" directive"#),
    ("log_format;", r#"invalid number of arguments in "log_format" directive"#),
    ("log_format a '$';", r#"invalid parameter "$""#),
    ("log_format a '$status $';", r#"invalid parameter "$""#),
    ("log_format a '$ status';", r#"invalid parameter "$ status""#),
    ("log_format a '$-';", r#"invalid parameter "$-""#),
    ("log_format a '${status';", r#"the closing bracket in "status" variable is missing"#),
    ("log_format a '${}';", r#"invalid parameter "${}""#),
    ("log_format a '${';", r#"invalid parameter "${""#),
    ("log_format a '${a-b}';", r#"the closing bracket in "a" variable is missing"#),
    (r#"log_format a '$"';"#, r#"invalid parameter "$"""#),
    ("log_format a '$status' '$' '$request';", r#"invalid parameter "$""#),
    ("log_format a '$st' 'x' '${b c}';", r#"the closing bracket in "b" variable is missing"#),
    ("log_format combined '$status';", r#"duplicate "log_format" name "combined""#),
    ("log_format a '$status'; log_format a '$request';", r#"duplicate "log_format" name "a""#),
    ("log_format a escape=xml '$status';", r#"unknown log format escaping "xml""#),
    ("log_format a escape= '$status';", r#"unknown log format escaping """#),
    ("log_format a escape=JSON '$status';", r#"unknown log format escaping "JSON""#),
    ("log_format a { '$status'; }", r#"directive "log_format" is not terminated by ";""#),
    ("log_format a '$status' }", r#"unexpected "}""#),
    ("; log_format a '$status';", r#"unexpected ";""#),
    ("{ log_format a '$status'; }", r#"unexpected "{""#),
    ("log_format a '$status';; ", r#"unexpected ";""#),
    ("access_log;", r#"invalid number of arguments in "access_log" directive"#),
    ("access_log logs/a.log a; log_format a '$status';", r#"unknown log format "a""#),
    ("access_log logs/a.log main;", r#"unknown log format "main""#),
    ("access_log logs/a.log 'com bined';", r#"unknown log format "com bined""#),
    ("access_log logs/a.log if=$status;", r#"unknown log format "if=$status""#),
    ("access_log logs/a.log buffer=32k;", r#"unknown log format "buffer=32k""#),
    ("access_log logs/a.log combined buffer=;", r#"invalid buffer size """#),
    ("access_log logs/a.log combined buffer=x;", r#"invalid buffer size "x""#),
    ("access_log logs/a.log combined buffer=0;", r#"invalid buffer size "0""#),
    ("access_log logs/a.log combined gzip=0;", r#"invalid compression level "0""#),
    ("access_log logs/a.log combined gzip=10;", r#"invalid compression level "10""#),
    (
        "access_log logs/a.log combined flush=5m;",
        r#"no buffer is defined for access_log "logs/a.log""#,
    ),
    ("access_log logs/a.log combined buffer=4k flush=x;", r#"invalid flush time "x""#),
    ("access_log logs/a.log combined buffered;", r#"invalid parameter "buffered""#),
    ("access_log logs/a.log combined main;", r#"invalid parameter "main""#),
    ("access_log off combined;", r#"invalid parameter "combined""#),
    ("access_log logs/$ combined;", "invalid variable name"),
    ("access_log logs/${host combined;", r#"the closing bracket in "host" variable is missing"#),
    (
        "access_log logs/$host.log combined buffer=4k;",
        "buffered logs cannot have variables in name",
    ),
    ("access_log logs/a.log combined if=$;", "invalid variable name"),
    (
        "access_log logs/a.log combined buffer=4k; access_log logs/a.log combined buffer=8k;",
        r#"access_log "logs/a.log" already defined with conflicting parameters"#,
    ),
    ("access_log syslog:server=127.0.0.1,foo=bar;", r#"unknown syslog parameter "foo=bar""#),
    ("access_log syslog:facility=local7;", "no syslog server specified"),
    ("access_log syslog:server=127.0.0.1,facility=local9;", r#"unknown syslog facility "local9""#),
    ("access_log syslog:server=127.0.0.1 combined buffer=4k;", "logs to syslog cannot be buffered"),
    ("access_log logs/a.log { }", r#"directive "access_log" is not terminated by ";""#),
    (
        "server { listen 127.0.0.1:18999; access_log off; log_format a '$status'; }",
        r#""log_format" directive is not allowed here"#,
    ),
    (
        "server { listen 127.0.0.1:18999; access_log off; location / { log_format a '$status'; } }",
        r#""log_format" directive is not allowed here"#,
    ),
    (
        "server { listen 127.0.0.1:18999; access_log off; if ($host) { access_log logs/a.log; } }",
        r#""access_log" directive is not allowed here"#,
    ),
    (
        "server { listen 127.0.0.1:18999; access_log off; location / { access_log logs/a.log x; } }",
        r#"unknown log format "x""#,
    ),
    (
        "server { listen 127.0.0.1:18999; access_log off; location / { access_log logs/a.log; }",
        r#"unexpected end of file, expecting "}""#,
    ),
    ("server { listen 127.0.0.1:18999; access_log off;  } }", r#"unexpected "}""#),
    ("server x { }", r#"invalid number of arguments in "server" directive"#),
    ("server;", r#"directive "server" has no opening "{""#),
    ("location / { }", r#""location" directive is not allowed here"#),
    ("limit_except GET { }", r#""limit_except" directive is not allowed here"#),
    ("include;", r#"invalid number of arguments in "include" directive"#),
];

/// What it refuses as a whole.
const BAD: &[(&str, &str)] = &[
    ("log_format a '$status'; http { }", r#""log_format" directive is not allowed here"#),
    ("access_log off; http { }", r#""access_log" directive is not allowed here"#),
    ("http { } http { }", r#""http" directive is duplicate"#),
    ("http x { }", r#"invalid number of arguments in "http" directive"#),
    ("http;", r#"directive "http" has no opening "{""#),
    ("http { ", r#"unexpected end of file, expecting "}""#),
    ("http { } }", r#"unexpected "}""#),
    ("server { }", r#""server" directive is not allowed here"#),
    ("http { server { http { } } }", r#""http" directive is not allowed here"#),
    (
        "http { access_log logs/a.log; } access_log logs/b.log;",
        r#""access_log" directive is not allowed here"#,
    ),
];

/// What no configuration can do without, and what keeps nginx from writing elsewhere.
const HEAD: &str = "pid x.pid; error_log stderr; events { }\n";

fn whole(rows: &[&str], in_http: &[&str]) -> Vec<String> {
    let in_http = in_http.iter().map(|text| format!("{HEAD}http {{\n{text}\n}}\n"));
    in_http.chain(rows.iter().map(|text| format!("{HEAD}{text}\n"))).collect()
}

fn good() -> Vec<String> {
    whole(GOOD, GOOD_IN_HTTP)
}

fn bad() -> Vec<(String, String)> {
    let text = |rows: &[(&'static str, &str)]| rows.iter().map(|row| row.0).collect::<Vec<_>>();
    let texts = whole(&text(BAD), &text(BAD_IN_HTTP));
    let reasons = BAD_IN_HTTP.iter().chain(BAD).map(|row| row.1.to_string());
    let long = format!("{HEAD}http {{ log_format a '{}'; }}", "x".repeat(5_000));
    let too_long = "too long parameter, probably missing terminating \"'\" character".to_string();
    texts.into_iter().zip(reasons).chain([(long, too_long)]).collect()
}

fn ours(text: &str) -> Result<(), Fault> {
    let main = PathBuf::from("/etc/nginx/nginx.conf");
    let files = BTreeMap::from([(main.clone(), text.as_bytes().to_vec())]);
    nginx_conf::read(&main, &files).map(|_| ())
}

/// What `nginx -t` says of a configuration; `None` where there is no nginx.
fn theirs(folder: &Path, text: &str) -> Option<Result<(), String>> {
    let conf = folder.join("nginx.conf");
    fs::write(&conf, text).unwrap();
    let mut nginx = Command::new("nginx");
    // Packages put it where only root looks for programs.
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    nginx.env("PATH", path).arg("-t").arg("-p").arg(folder).arg("-c").arg(&conf);
    let output = nginx.output().ok()?;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() { Ok(()) } else { Err(words) })
}

#[test]
fn the_tables_are_long_enough() {
    assert!(good().len() >= 50 && bad().len() >= 50, "{} {}", good().len(), bad().len());
}

#[test]
fn what_nginx_takes_is_taken() {
    for text in good() {
        assert_eq!(ours(&text), Ok(()), "{text}");
    }
}

#[test]
fn what_nginx_refuses_is_refused_in_its_words() {
    for (text, reason) in bad() {
        let fault = ours(&text).expect_err(&text);
        assert!(fault.reason.contains(&reason), "{text}\n{reason}\n{fault}");
    }
}

#[test]
fn nginx_agrees() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    for text in good() {
        match theirs(folder.path(), &text) {
            Some(said) => assert_eq!(said, Ok(()), "{text}"),
            None => return eprintln!("no nginx here: its grammar is not asked of itself"),
        }
    }
    for (text, reason) in bad() {
        let said = theirs(folder.path(), &text).unwrap();
        let words = said.expect_err(&text);
        assert!(words.contains(&reason), "{text}\n{reason}\n{words}");
        let line = ours(&text).expect_err(&text).place.line;
        assert!(words.contains(&format!("nginx.conf:{line}\n")), "{text}\n{line}\n{words}");
    }
}
