//! Scanners for weaknesses, in every log, and what they find in some.

use std::net::{IpAddr, Ipv4Addr};

use super::Who;
use super::scene::{HOUR_MILLIS, Scene, shuffle};

/// Nobody but a scanner asks for these.
const SURE: &[&str] = &[
    "/.env",
    "/.env.local",
    "/api/.env",
    "/.git/config",
    "/.git/HEAD",
    "/.aws/credentials",
    "/.vscode/sftp.json",
    "/.svn/entries",
    "/.DS_Store",
    "/phpmyadmin/index.php",
    "/phpMyAdmin/scripts/setup.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/_ignition/execute-solution",
    "/backup.sql",
    "/dump.sql",
    "/db.sql.gz",
    "/wp-config.php.bak",
    "/phpinfo.php",
    "/info.php",
    "/shell.php",
    "/manager/html",
    "/HNAP1/",
    "/boaform/admin/formLogin",
    "/remote/login",
    "/v2/_catalog",
    "/web.config.bak",
];

/// They ask for these too.
const LIKELY: &[&str] = &[
    "/wp-login.php",
    "/xmlrpc.php",
    "/wp-includes/wlwmanifest.xml",
    "/wp-admin/setup-config.php",
    "/wp-content/plugins/revslider/readme.txt",
    "/actuator/health",
    "/server-status",
    "/docker-compose.yml",
    "/cgi-bin/luci/;stok=/locale",
    "/admin.php",
    "/login.php",
    "/config.json",
    "/administrator/",
    "/old/",
    "/backup/",
    "/test/",
    "/user/login",
    "/api/v1/users",
];

const AGENTS: &[&str] = &[
    "",
    "",
    "Mozilla/5.0 zgrab/0.x",
    "python-requests/2.32.3",
    "Go-http-client/1.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/113.0.0.0 Safari/537.36",
];

/// Scanners as every site has them.
pub fn everywhere(scene: &mut Scene) {
    for _ in 0..scene.random.between(22, 40) {
        let site = scene.site();
        let probes = scene.random.between(8, 26);
        scan(scene, site, probes);
    }
    for site in 0..scene.sites.len() {
        scene.may_of_site("scanner", site);
    }
}

/// Many of them, and thorough ones.
pub fn scanner(scene: &mut Scene) {
    let site = scene.site();
    for _ in 0..scene.random.between(16, 34) {
        let probes = scene.random.between(36, 44);
        scan(scene, site, probes);
    }
    scene.must_of_site("scanner", site);
}

/// One scanner and its list.
fn scan(scene: &mut Scene, site: usize, probes: u64) {
    let who = scanner_client(scene);
    // Some say that they come from somewhere; the same place each time.
    let referer = match scene.random.below(10) {
        0 => scene.sites[site].url("/"),
        1 => "https://www.google.com/".to_owned(),
        _ => String::new(),
    };
    let (mut sure, mut rest) = (SURE.to_vec(), LIKELY.to_vec());
    shuffle(&mut sure, &mut scene.random);
    shuffle(&mut rest, &mut scene.random);
    let sure = sure.into_iter().take(probes as usize * 2 / 3);
    let mut paths: Vec<&str> = sure.chain(rest).take(probes as usize).collect();
    shuffle(&mut paths, &mut scene.random);
    let mut at = scene.between(scene.start, scene.end - HOUR_MILLIS);
    let pace = scene.random.between(200, 4_000);
    let is_denied = scene.random.percent(30);
    for path in paths {
        at += scene.random.between(pace / 2, pace * 2) as i64;
        let status = if is_denied && path.starts_with("/.") { 403 } else { 404 };
        scene.hit(at, who, site, path, status).referer = referer.clone();
    }
}

fn scanner_client(scene: &mut Scene) -> Who {
    let hash = scene.random.next();
    let address = match hash % 5 {
        0 => Ipv4Addr::new(192, 0, 2, (hash >> 8) as u8),
        1 => Ipv4Addr::new(198, 51, 100, (hash >> 8) as u8),
        _ => Ipv4Addr::new(198, 19, (hash >> 8) as u8, (hash >> 16) as u8),
    };
    Who { address: IpAddr::V4(address), agent: scene.random.pick(AGENTS) }
}

/// A file that a scanner asked for, and got.
pub fn exposed_file(scene: &mut Scene) {
    let mut files = [
        ("/.env.production", 312, 940),
        ("/.git/index", 21_000, 90_000),
        ("/site.sql", 1_800_000, 9_000_000),
        ("/wp-config.php.old", 2_700, 3_900),
        ("/.htpasswd", 90, 260),
        ("/database.sqlite", 400_000, 2_000_000),
    ];
    shuffle(&mut files, &mut scene.random);
    for (path, low, high) in files.into_iter().take(scene.random.between(1, 4) as usize) {
        let site = scene.site();
        let body = scene.random.between(low, high) as u32;
        for _ in 0..scene.random.between(2, 9) {
            let who = scanner_client(scene);
            let mut at = scene.between(scene.start, scene.end - HOUR_MILLIS);
            let mut probes = SURE.to_vec();
            shuffle(&mut probes, &mut scene.random);
            for probe in probes.into_iter().take(4) {
                scene.hit(at, who, site, probe, 404);
                at += scene.random.between(300, 4_000) as i64;
            }
            scene.hit(at, who, site, path, 200).body = body;
        }
        scene.must("exposed-file", path);
    }
}
