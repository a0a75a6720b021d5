//! A site on a real nginx with faults planted in it, visited by people and crawlers: each fault is found and
//! nothing else; with the remedies in place the same visits find nothing.

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use logscan::options::{FormatChoice, Options};
use logscan::report::{Finding, Report, Severity};
use logscan::scan::scan;
use server::{Server, port, program};

const FORMAT: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$host" "$sent_http_location""#;

const HOST: &str = "shop.example";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const GOOGLE: &str = "66.249.66.1";

/// The faults of the site, each with what it is about.
const FAULTS: &[(&str, &str)] = &[
    // A link with a capital letter too many.
    ("broken-internal-link", "/guide/Setup"),
    ("near-miss-url", "/guide/Setup"),
    // Another site links to a page that was given up.
    ("lost-backlink", "/campaign/spring"),
    // A redirect was forgotten when its target was renamed.
    ("redirect-to-not-found", "/help-old"),
    // The old build was deleted, and pages still ask for it.
    ("missing-asset", "/static/app.1a2b3c4d.js"),
    // A folder was renamed.
    ("mass-not-found", "/docs/"),
    // robots.txt is behind the limit, as everything is.
    ("robots-txt-unavailable", "/robots.txt"),
    // A rule refuses whoever calls itself a bot.
    ("crawler-denied", "Googlebot"),
    // A page that is gone on purpose, and is linked in the footer.
    ("gone-but-linked", "/about/history"),
    // The secrets of the application lie in the document root.
    ("exposed-file", "/.env"),
    // HEAD is refused by the application behind /shop/.
    ("method-mismatch", HOST),
    // And those who found the secrets.
    ("scanner", HOST),
];

/// Found with the rest, and as true.
const ALSO: &[(&str, &str)] = &[
    ("crawler-rate-limited", "Googlebot"),
    // Its home is redirected: see above.
    ("lost-backlink", "/help/contact"),
];

struct Site<'a> {
    folder: &'a Path,
    server: Server,
}

/// The configuration of the site as it was found.
const FAULTY: &str = "
    limit_req_zone $binary_remote_addr zone=all:1m rate=1r/m;
    limit_req_status 429;
    server {
        location = /robots.txt { limit_req zone=all burst=1 nodelay; }
        location = /help-old { return 301 /help/contact; }
        location = /about/history { return 410; }
        location /blog/ {
            if ($http_user_agent ~ bot) { return 403; }
            try_files $uri.html =404;
        }
        location /shop/ {
            if ($request_method = HEAD) { return 405; }
            try_files $uri.html =404;
        }
        location / { try_files $uri $uri.html $uri/index.html =404; }
    }";

/// The same with the remedies pasted, and with what the actions say done.
const MENDED: &str = "
    include REMEDIES/redirects.nginx.conf;
    include REMEDIES/crawlers.allow.nginx.conf;
    map $logscan_crawler $limit_key { 0 $binary_remote_addr; default \"\"; }
    limit_req_zone $limit_key zone=all:1m rate=1r/m;
    limit_req_status 429;
    server {
        if ($logscan_new) { return 301 $logscan_new$is_args$args; }
        location = /robots.txt { limit_req zone=all burst=1 nodelay; }
        location = /help-old { return 301 /help/phone; }
        location = /about/history { return 301 /about; }
        location ~ /\\. { return 404; }
        location / { try_files $uri $uri.html $uri/index.html =404; }
    }";

fn conf(port: u16, remedies: Option<&Path>) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.map(|name| format!("{name}_temp_path {name};\n")).concat();
    let site = match remedies {
        None => FAULTY.to_string(),
        Some(folder) => MENDED.replace("REMEDIES", &folder.display().to_string()),
    };
    let server = format!(
        "server {{ listen 127.0.0.1:{port}; server_name {HOST}; root www; absolute_redirect off;"
    );
    format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;\n\
         events {{ }}\n\
         http {{\n{temporary}\
         log_format own '{FORMAT}';\naccess_log access.log own;\n\
         types {{ text/html html; text/css css; text/javascript js; }}\n\
         set_real_ip_from 127.0.0.0/8;\nreal_ip_header X-Real-IP;\n{}\n}}\n",
        site.replace("server {", &server)
    )
}

fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join("www").join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// The files of the site.
fn build(folder: &Path) {
    let page = |name: &str| format!("<html><h1>{name}</h1>{}</html>", name.repeat(40));
    for name in ["index", "guide/setup", "guide/start", "guide/faq", "about", "help/phone"] {
        write(folder, &format!("{name}.html"), &page(name));
    }
    for number in 1..=14 {
        write(folder, &format!("blog/post-{number}.html"), &page(&format!("post {number}")));
        write(folder, &format!("shop/cup-{number}.html"), &page(&format!("cup {number}")));
        write(folder, &format!("docs/part-{number}.html"), &page(&format!("part {number}")));
    }
    write(folder, "static/app.9f8e7d6c.js", "let a = 1;");
    write(folder, "static/site.css", "body { color: black }");
    write(folder, "robots.txt", "User-agent: *\nAllow: /\n");
    write(folder, ".env", "DB_PASSWORD=hunter2\n");
}

impl<'a> Site<'a> {
    fn start(folder: &'a Path, remedies: Option<&Path>) -> Option<Site<'a>> {
        let (mut check, mut run) = (program("nginx")?, program("nginx")?);
        let port = port();
        fs::write(folder.join("nginx.conf"), conf(port, remedies)).unwrap();
        let with = |command: &mut Command| {
            command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
        };
        with(&mut check);
        let checked = check.arg("-t").output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        with(&mut run);
        Some(Site { folder, server: Server::start(run, port).expect("nginx starts") })
    }

    fn ask(&self, method: &str, client: &str, agent: &str, path: &str, referer: &str) -> u16 {
        let referer = match referer {
            "" => String::new(),
            referer => format!("Referer: {referer}\r\n"),
        };
        let headers = format!("X-Real-IP: {client}\r\nUser-Agent: {agent}\r\n{referer}");
        let (status, location, _) = self.server.ask_with(method, HOST, path.as_bytes(), &headers);
        if let Some(next) = location.filter(|_| (300..400).contains(&status)) {
            // A browser goes on, and keeps the referer.
            return self.ask(method, client, agent, &next, referer.trim());
        }
        status
    }

    fn page(&self, visitor: u32, path: &str, referer: &str) -> u16 {
        self.ask("GET", &address(visitor), BROWSER, path, referer)
    }

    /// What people, crawlers and others do, until a change of the site and after it.
    fn visit(&self, change: impl FnOnce(&Path)) {
        let own = |path: &str| format!("https://{HOST}{path}");
        for visitor in 1..=12 {
            self.page(visitor, "/", "");
            self.page(visitor, "/static/site.css", &own("/"));
            self.page(visitor, "/static/app.9f8e7d6c.js", &own("/"));
            self.page(visitor, "/guide/start", &own("/"));
            self.page(visitor, "/guide/setup", &own("/guide/start"));
            self.page(visitor, "/about", &own("/"));
            self.page(visitor, &format!("/blog/post-{}", visitor % 14 + 1), &own("/"));
            self.page(visitor, &format!("/shop/cup-{}", visitor % 14 + 1), &own("/"));
            self.page(visitor, &format!("/shop/cup-{}", visitor % 7 + 1), &own("/"));
            for number in [visitor % 14 + 1, (visitor + 5) % 14 + 1] {
                self.page(visitor, &format!("/docs/part-{number}"), &own("/guide/start"));
            }
        }
        for number in 1..=12 {
            self.ask(
                "GET",
                GOOGLE,
                GOOGLEBOT,
                &format!("/guide/{}", ["start", "faq"][number % 2]),
                "",
            );
            self.ask("GET", GOOGLE, GOOGLEBOT, &format!("/blog/post-{number}"), "");
            self.ask("GET", GOOGLE, GOOGLEBOT, "/robots.txt", "");
        }
        // Something to lose in the second half.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        change(self.folder);
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        for visitor in 1..=12 {
            for number in [visitor % 14 + 1, (visitor + 5) % 14 + 1] {
                self.page(visitor, &format!("/docs/part-{number}"), &own("/guide/start"));
            }
            self.page(visitor, "/guide/start", "");
            self.page(visitor, "/guide/setup", &own("/guide/start"));
            self.page(visitor, "/", "");
            if visitor <= 6 {
                self.page(visitor, "/guide/Setup", &own("/guide/start"));
                self.page(visitor, "/campaign/spring", "https://blog.example/");
                self.page(visitor, "/help-old", "https://wiki.example/");
                self.page(visitor, "/static/app.1a2b3c4d.js", &own("/about"));
                self.page(visitor, "/about/history", &own("/about"));
            }
        }
        for number in 1..=14 {
            self.ask("HEAD", "198.19.7.7", "W3C-checklink/5.0", &format!("/shop/cup-{number}"), "");
        }
        for path in ["/.env", "/.git/config", "/backup.sql", "/wp-login.php"] {
            self.ask("GET", "198.19.9.9", "curl/8.5.0", path, "");
        }
    }
}

/// A visitor's address, each in a network of its own.
fn address(visitor: u32) -> String {
    format!("198.18.{visitor}.7")
}

fn report(log: PathBuf) -> Report {
    let options = Options {
        sources: vec![log],
        formats: FormatChoice::Nginx(FORMAT.to_string()),
        ..Options::default()
    };
    scan(&options, &()).unwrap()
}

/// What was found, by id and subject.
fn found(report: &Report) -> Vec<(&str, String)> {
    let findings = report.findings.iter().map(|finding| {
        (finding.id, String::from_utf8_lossy(finding.subject.value.bytes()).into_owned())
    });
    findings.collect()
}

#[test]
fn each_fault_is_found_and_nothing_else_and_with_the_remedies_none() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let Some(site) = Site::start(folder.path(), None) else {
        return eprintln!("no nginx here: faults are not planted in it");
    };
    site.visit(|folder| fs::rename(folder.join("www/docs"), folder.join("www/manual")).unwrap());
    drop(site);
    let report = report(folder.path().join("access.log"));
    let found = found(&report);
    let is_of = |rows: &[(&str, &str)], (id, subject): &(&str, String)| {
        rows.iter().any(|row| row.0 == *id && row.1 == subject)
    };
    let missed: Vec<_> = FAULTS
        .iter()
        .filter(|(id, subject)| !found.contains(&(*id, subject.to_string())))
        .collect();
    assert!(missed.is_empty(), "missed {missed:?}\n{:#?}", report.findings);
    let wrong: Vec<_> =
        found.iter().filter(|row| !is_of(FAULTS, row) && !is_of(ALSO, row)).collect();
    assert!(wrong.is_empty(), "wrong {wrong:?}");

    // The remedies, and what the findings say to do by hand.
    let remedies = folder.path().join("remedies");
    fs::create_dir(&remedies).unwrap();
    write_remedies(&remedies, folder.path());
    fs::rename(folder.path().join("access.log"), folder.path().join("before.log")).unwrap();
    // What only its owner can mend: the folder and the old build are put back, and what replaces the campaign
    // is written.
    fs::rename(folder.path().join("www/manual"), folder.path().join("www/docs")).unwrap();
    write(folder.path(), "static/app.1a2b3c4d.js", "let a = 0;");
    write(folder.path(), "campaign/spring.html", "<html>spring is over</html>");
    let site = Site::start(folder.path(), Some(&remedies)).unwrap();
    site.visit(|_| {});
    drop(site);
    let report = self::report(folder.path().join("access.log"));
    // Those who look for secrets come still, and find none.
    let is_scanner =
        |finding: &&Finding| finding.id == "scanner" && finding.severity <= Severity::Low;
    let left: Vec<_> = report.findings.iter().filter(|finding| !is_scanner(finding)).collect();
    assert!(left.is_empty(), "{left:#?}");
}

/// As the program writes them.
fn write_remedies(into: &Path, folder: &Path) {
    let log = folder.join("access.log");
    let output = Command::new(env!("CARGO_BIN_EXE_logscan"))
        .arg("--remedy")
        .arg(into)
        .args(["-f", FORMAT, "-o"])
        .arg(format!("json={}", folder.join("report.json").display()))
        .arg(log)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["redirects.nginx.conf", "dead-links.csv", "crawlers.allow.nginx.conf"] {
        assert!(into.join(name).exists(), "{name}");
    }
}
