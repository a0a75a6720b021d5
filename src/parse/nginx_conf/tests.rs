//! Tests of what a configuration says.

use std::collections::BTreeMap;

use super::*;

fn conf(files: &[(&str, &str)]) -> Result<Conf, Fault> {
    let main = PathBuf::from(files[0].0);
    let files: BTreeMap<PathBuf, Vec<u8>> =
        files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect();
    read(&main, &files)
}

fn logs(conf: &Conf) -> Vec<String> {
    conf.logs.iter().map(|log| log.path.display().to_string()).collect()
}

const MAIN: &str = "/etc/nginx/nginx.conf";

#[test]
fn includes_are_followed_and_each_log_is_named_once() {
    let conf = conf(&[
        (MAIN, "events {}\nhttp {\n include mime.types;\n log_format timed escape=json '$status' \"$request\";\n access_log /var/log/a.log timed;\n include conf.d/*.conf;\n}\nstream { log_format s '$x'; access_log /var/log/s.log s; }"),
        ("/etc/nginx/conf.d/b.conf", "server { access_log /var/log/a.log; location / { access_log logs/b.log TIMED; } }"),
        ("/etc/nginx/conf.d/a.conf", "log_format other '$status';\nserver { access_log off; }"),
        ("/etc/nginx/conf.d/c.txt", "}"),
    ])
    .unwrap();
    assert_eq!(logs(&conf), ["/var/log/a.log", "/etc/nginx/logs/b.log"]);
    let formats: Vec<_> =
        conf.formats.iter().map(|format| (format.name.as_str(), format.is_used)).collect();
    assert_eq!(formats, [("timed", true), ("other", false)]);
    assert_eq!(conf.formats[0].strings, [b"$status".to_vec(), b"$request".to_vec()]);
    assert_eq!((conf.formats[0].escape, conf.formats[0].place.line), (Escape::Json, 4));
    assert_eq!(conf.formats[1].place.file, Path::new("/etc/nginx/conf.d/a.conf"));
    // The types are not there: told, and passed over.
    assert_eq!(conf.notes.len(), 1);
    assert!(conf.notes[0].reason.starts_with("open() \"/etc/nginx/mime.types\" failed"));
}

#[test]
fn paths_are_relative_to_the_prefix() {
    let conf = conf(&[("/opt/nginx/conf/nginx.conf", "http { access_log logs/a.log; }")]).unwrap();
    assert_eq!(logs(&conf), ["/opt/nginx/logs/a.log"]);
}

#[test]
fn what_is_no_file_is_told() {
    let conf = conf(&[(
        MAIN,
        "http { access_log syslog:server=192.0.2.1; access_log /var/log/$host.log; access_log off; }",
    )])
    .unwrap();
    assert!(conf.logs.is_empty());
    assert_eq!(conf.notes.len(), 2);
}

#[test]
fn faults_name_their_file_and_line() {
    let fault = conf(&[
        (MAIN, "http {\n include a.conf;\n}"),
        ("/etc/nginx/a.conf", "\n\naccess_log x y;"),
    ]);
    assert_eq!(fault.unwrap_err().to_string(), "/etc/nginx/a.conf:3: unknown log format \"y\"");
    let fault = conf(&[(MAIN, "http { include a.conf; }"), ("/etc/nginx/a.conf", "}")]);
    assert_eq!(fault.unwrap_err().reason, "unexpected \"}\"");
    let fault = conf(&[(MAIN, "http { include a.conf; }"), ("/etc/nginx/a.conf", "server {")]);
    assert_eq!(fault.unwrap_err().reason, "unexpected end of file, expecting \"}\"");
}

#[test]
fn a_file_that_includes_itself_is_refused() {
    let fault = conf(&[(MAIN, "include a;"), ("/etc/nginx/a", "include a;")]).unwrap_err();
    assert_eq!(fault.reason, "it is included by itself");
}

#[test]
fn a_configuration_that_is_not_there_is_refused() {
    let fault = read(Path::new(MAIN), &BTreeMap::new()).unwrap_err();
    assert!(fault.reason.starts_with("cannot be read"), "{fault}");
}

#[test]
fn programs_in_a_configuration_are_passed_over() {
    let conf = conf(&[(
        MAIN,
        "http { server { location / { content_by_lua_block { local t = { a = '}' } -- }\n } access_log /a; } } }",
    )])
    .unwrap();
    assert_eq!(logs(&conf), ["/a"]);
}
