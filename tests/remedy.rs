//! The remedies do what they say, in nginx itself and in Apache where they are installed, and nothing else,
//! whatever a stranger asked for.

mod server;

use std::fs;
use std::path::Path;
use std::process::Command;

use logscan::remedy::{AllowedRange, DeadLink, Gone, RULES_MAX, Redirect, Remedies};
use logscan::untrusted::Untrusted;
use server::{Server, port, program};

/// Missing paths as a server receives them, each with the live one and the `Location` wanted.
const REDIRECTS: &[(&str, &str, &str)] = &[
    ("/About", "/about", "/about"),
    ("/ABOUT", "/about", "/about"),
    ("/a//b", "/a/b", "/a/b"),
    ("/caf%25C3%25A9", "/caf%C3%A9", "/caf%C3%A9"),
    ("/k%c3%a4se/", "/k%C3%A4se", "/k%C3%A4se"),
    ("/käse", "/käse/laden", "/k%C3%A4se/laden"),
    ("/a.b+c(d)*[e]", "/abc", "/abc"),
    ("/price$host", "/price/$host/${uri}", "/price/%24host/%24%7Buri%7D"),
    ("/quote\"';return200;}", "/quote", "/quote"),
    ("/x\";}server{listen127.0.0.1:1;}#", "", ""),
    ("/back\\slash\\", "/back-slash", "/back-slash"),
    ("/back\\n\\d", "/back\\n", "/back%5Cn"),
    ("/brace{2}", "/brace", "/brace"),
    ("/~tilde^|", "/~home/", "/~home/"),
    ("/.*", "/all", "/all"),
    ("/one%20two", "/one%20two.html", "/one%20two.html"),
    ("/percent", "/percent%zzand%41", "/percent%25zzand%41"),
    ("/%{HTTP_HOST}", "/%{HTTP_HOST}", ""),
    ("/amp&amp;x", "/amp&x", "/amp&x"),
    ("/<script>", "/script,;:@!()'", "/script,;:@!()'"),
];

/// Such as no server may be told of.
const UNFIT: &[(&[u8], &[u8])] = &[
    (b"/new\nline", b"/new"),
    (b"/nul\0", b"/new"),
    (b"/\xff\xfe", b"/new"),
    (br"/logged\x0a\x0d", b"/new"),
    (b"/with blank", b"/new"),
    (b"/home", b"/"),
    (b"/open", b"//evil.example/"),
    (b"/open2", br"/\evil.example/"),
    (b"/split", b"/a%0d%0aSet-Cookie:x"),
    (b"/split2", b"/a\r\nSet-Cookie: x"),
    (b"/query?x", b"/new"),
    (b"/round", b"/about/round"),
    (b"/about/round", b"/round"),
    (b"/caf%C3%A9/menu", b"/caf\xC3\xA9/menu"),
];

/// Paths that are gone.
const GONE: &[&str] = &["/old", "/Old//Shop", "/old$1\"{", "/%6Fld%2F"];

/// Paths that are nobody's business.
const OTHERS: &[&str] = &[
    "/",
    "/about",
    "/aBOUT",
    "/about/",
    "/a/b",
    "/abc",
    "/aXb+c(d)*[e]",
    "/price",
    "/all",
    "/anything",
    "/OLD",
    "/old/",
    "/olde",
    "/caf%C3%A9",
    "/quote",
    "/home",
    "/open",
    "/split",
    "/one%20two.html",
    "/onlyhere",
    "/brace{2}x",
    "/x/About",
];

fn untrusted(text: impl AsRef<[u8]>) -> Untrusted {
    Untrusted::new(text)
}

fn redirect(host: Option<&str>, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Redirect {
    Redirect {
        host: host.map(untrusted),
        from: untrusted(from),
        to: untrusted(to),
        confidence_percent: 95,
        why: "capital letters",
        requests: 7,
    }
}

fn gone(host: Option<&str>, path: impl AsRef<[u8]>) -> Gone {
    Gone { host: host.map(untrusted), path: untrusted(path), requests: 3, last_seen: 1_700_000_000 }
}

fn remedies() -> Remedies {
    let wanted = REDIRECTS.iter().filter(|(_, _, wanted)| !wanted.is_empty());
    let known = wanted.map(|(from, to, _)| redirect(None, logged(from), to));
    let hostile = UNFIT.iter().map(|(from, to)| redirect(None, from, to));
    let long = [vec![b'/'; 1], vec![b'x'; 2 << 10]].concat();
    let more = [
        redirect(Some("Shop.example:80"), "/onlyhere", "/here"),
        redirect(Some("other.example"), "/onlyhere", "/there"),
        redirect(Some("a\"; } x"), "/onlyhere", "/nowhere"),
        redirect(None, [b"/", &[b'y'; 900][..]].concat(), "/yes"),
        redirect(None, &long, "/long"),
    ];
    let range = |prefix: &str| AllowedRange {
        crawler: "Googlebot",
        prefix: prefix.to_string(),
        as_of: "2026-08-22".to_string(),
    };
    Remedies {
        redirects: known.chain(hostile).chain(more).collect(),
        gone: (GONE.iter().map(|path| gone(None, logged(path))))
            .chain([
                gone(Some("shop.example"), "/was-here"),
                gone(None, b"/new\nline"),
                gone(None, long),
            ])
            .collect(),
        dead_links: vec![DeadLink {
            page: untrusted("=HYPERLINK(\"http://evil.example\")"),
            host: None,
            path: untrusted("/a,\"b\n"),
            requests: 2,
        }],
        allow: ["127.0.0.0/8", "127.0.0.0/8", "2001:db8::/32", "1; } evil"].map(range).to_vec(),
        deny: Vec::new(),
    }
}

/// As nginx writes it into its log.
fn logged(path: &str) -> String {
    let escaped = |byte: &u8| match byte {
        b'"' | b'\\' | 0x80.. => format!("\\x{byte:02X}"),
        byte => char::from(*byte).to_string(),
    };
    path.as_bytes().iter().map(escaped).collect()
}

fn text(name: &str) -> String {
    let files = remedies().files();
    files.into_iter().find(|file| file.name == name).expect(name).text
}

#[test]
fn only_files_with_content_are_made() {
    assert!(Remedies::default().files().is_empty());
    let names: Vec<&str> = remedies().files().iter().map(|file| file.name).collect();
    assert_eq!(
        names,
        [
            "redirects.nginx.conf",
            "redirects.apache.conf",
            "redirects.csv",
            "gone.nginx.conf",
            "gone.csv",
            "dead-links.csv",
            "crawlers.allow.nginx.conf",
        ]
    );
    for file in remedies().files() {
        assert!(
            file.text.starts_with("# ") && file.text.contains("# How to check it: "),
            "{}",
            file.name
        );
        assert!(file.text.ends_with('\n'), "{}", file.name);
        let is_plain = |c: char| c == '\n' || !c.is_control();
        assert!(file.text.chars().all(is_plain), "{}", file.name);
    }
}

#[test]
fn what_cannot_be_told_to_a_server_is_counted() {
    // The unfit, a host that is none and a path that is too long.
    let left_out = format!("# Left out: {}, ", UNFIT.len() + 2);
    for name in ["redirects.nginx.conf", "redirects.apache.conf"] {
        assert!(text(name).contains(&left_out), "{}", text(name));
    }
    assert!(text("gone.nginx.conf").contains("# Left out: 2, "));
    let many = (0..RULES_MAX + 5).map(|number| redirect(None, format!("/from/{number}"), "/to"));
    let many = Remedies { redirects: many.collect(), ..Remedies::default() };
    let files = many.files();
    assert!(files[0].text.contains("# Left out: 5 more"));
    assert_eq!(files[0].text.matches("\"/to\";").count(), RULES_MAX);
    assert_eq!(files[2].text.matches("\"/to\"").count(), RULES_MAX + 5);
}

#[test]
fn the_order_of_what_is_found_does_not_matter() {
    let mut turned = remedies();
    turned.redirects.reverse();
    turned.gone.reverse();
    turned.dead_links.reverse();
    turned.allow.reverse();
    assert_eq!(turned.files(), remedies().files());
}

#[test]
fn tables_have_all_rows_and_no_formula() {
    let rows = |name: &str| text(name).lines().filter(|line| !line.starts_with('#')).count() - 1;
    assert_eq!(rows("redirects.csv"), remedies().redirects.len());
    assert_eq!(rows("gone.csv"), remedies().gone.len());
    let link = text("dead-links.csv").lines().last().unwrap().to_string();
    assert_eq!(link, r#""'=HYPERLINK(""http://evil.example"")",,"/a,""b\x0a",2"#);
    assert!(text("gone.csv").contains(",\"/old\",3,2023-11-14T22:13:20"));
}

trait Asked {
    fn redirects(&self);
}

impl Asked for Server {
    fn redirects(&self) {
        for (from, _, wanted) in REDIRECTS.iter().filter(|(_, _, wanted)| !wanted.is_empty()) {
            let (status, location, answer) = self.ask("any.example", from.as_bytes());
            assert_eq!((status, location.as_deref()), (301, Some(*wanted)), "{from}\n{answer}");
            assert!(!answer.contains("Set-Cookie"), "{answer}");
            let (_, location, _) = self.ask("any.example", format!("{from}?q=1&r=$x").as_bytes());
            assert_eq!(location, Some(format!("{wanted}?q=1&r=$x")), "{from}");
        }
        let (_, location, _) = self.ask("any.example", &[b"/", &[b'y'; 900][..]].concat());
        assert_eq!(location.as_deref(), Some("/yes"));
        for (host, wanted) in [("shop.example", "/here"), ("other.example", "/there")] {
            let (status, location, _) = self.ask(host, b"/onlyhere");
            assert_eq!((status, location.as_deref()), (301, Some(wanted)), "{host}");
        }
        for path in OTHERS {
            let (status, location, answer) = self.ask("any.example", path.as_bytes());
            assert!((200..=204).contains(&status) && location.is_none(), "{path}\n{answer}");
        }
    }
}

fn write_files(folder: &Path) {
    for file in remedies().files() {
        fs::write(folder.join(file.name), file.text).unwrap();
    }
}

#[test]
fn nginx_does_what_is_written_and_nothing_else() {
    let (Some(mut check), Some(mut run)) = (program("nginx"), program("nginx")) else {
        return eprintln!("no nginx here: the remedies are not asked of it");
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_files(folder);
    let port = port();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.map(|name| format!("{name}_temp_path {name};\n")).concat();
    let conf = folder.join("nginx.conf");
    // The words of the head of each file are what a reader pastes.
    let pasted = |name: &str| {
        let text = text(name);
        let line = text.lines().find_map(|line| line.strip_prefix("#     if ")).unwrap();
        format!("if {line}\n")
    };
    let text = format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;\n\
         events {{ }}\n\
         http {{\n\
         access_log off;\n{temporary}\
         include redirects.nginx.conf;\ninclude gone.nginx.conf;\ninclude crawlers.allow.nginx.conf;\n\
         server {{\nlisten 127.0.0.1:{port};\nlarge_client_header_buffers 4 16k;\n{}{}\
         location / {{ add_header X-Crawler $logscan_crawler; return 200; }}\n}}\n}}\n",
        pasted("redirects.nginx.conf"),
        pasted("gone.nginx.conf"),
    );
    fs::write(&conf, text).unwrap();
    let arguments = |command: &mut Command| {
        command.arg("-p").arg(folder).arg("-c").arg(&conf).arg("-e").arg(folder.join("error.log"));
    };
    arguments(&mut check);
    let said = check.arg("-t").output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success(), "{words}");
    assert!(!words.contains("[warn]") && !words.contains("[emerg]"), "{words}");
    arguments(&mut run);
    let server = Server::start(run, port).expect("nginx took the configuration, but did not start");
    server.redirects();
    for path in GONE {
        assert_eq!(server.ask("any.example", path.as_bytes()).0, 410, "{path}");
    }
    assert_eq!(server.ask("shop.example", b"/was-here?x").0, 410);
    assert_eq!(server.ask("any.example", b"/was-here").0, 200);
    assert!(server.ask("any.example", b"/").2.contains("X-Crawler: 1\r\n"));
    let long = [b"/", &[b'x'; 2 << 10][..]].concat();
    assert_eq!(server.ask("any.example", &long).0, 200);
}

#[test]
fn apache_does_what_is_written_and_nothing_else() {
    let modules = Path::new("/usr/lib/apache2/modules");
    let (Some(mut check), Some(mut run), true) =
        (program("apache2"), program("apache2"), modules.exists())
    else {
        return eprintln!("no Apache here: the redirects are not asked of it");
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_files(folder);
    let port = port();
    let load = |name: &str| {
        let file = modules.join(format!("mod_{name}.so"));
        let load = format!("LoadModule {name}_module {}\n", file.display());
        if file.exists() { load } else { String::new() }
    };
    let loaded: String = ["mpm_event", "authz_core", "rewrite"].map(load).concat();
    let conf = folder.join("apache.conf");
    let text = format!(
        "{loaded}ServerRoot {root}\nServerName any.example\nListen 127.0.0.1:{port}\nPidFile {root}/a.pid\n\
         ErrorLog {root}/error.log\nDefaultRuntimeDir {root}\nUser nobody\nGroup nogroup\n\
         HttpProtocolOptions Unsafe\nAllowEncodedSlashes NoDecode\n\
         <VirtualHost *:{port}>\n\
         Include {root}/redirects.apache.conf\n\
         RewriteRule ^ - [R=204,L]\n\
         </VirtualHost>\n",
        root = folder.display(),
    );
    fs::write(&conf, text).unwrap();
    let said = check.arg("-t").arg("-f").arg(&conf).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    run.arg("-X").arg("-f").arg(&conf);
    let server =
        Server::start(run, port).expect("Apache took the configuration, but did not start");
    server.redirects();
}
