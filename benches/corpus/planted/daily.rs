//! More of the healthy part of a planted log, as it bears on rates: offices, monitors, programs that keep
//! to a pace, mornings on which many log in, and people who do not wait.

use super::Who;
use super::load;
use super::scene::{DAY_MILLIS, HOUR_MILLIS, Scene};

const MINUTE: i64 = 60_000;

const PHONE_APPS: &[&str] = &[
    "LamplightApp/5.2.1 (Android 15; SM-S921B) okhttp/4.12.0",
    "Lamplight/512 CFNetwork/1568.200.51 Darwin/24.1.0",
];
const READERS: &[&str] = &[
    "NetNewsWire (RSS Reader; https://netnewswire.com/)",
    "FreshRSS/1.24.3 (Linux; https://freshrss.org)",
];
const PARTNER: &str = "harbour-sync/2.4 (+https://partner.example/sync)";
const PROBE: &str = "kube-probe/1.31";
const MONITOR: &str = "Better Uptime Bot Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36";

/// What every site has besides.
pub fn healthy(scene: &mut Scene) {
    offices(scene);
    tabs(scene);
    monitors(scene);
    partner(scene);
    readers(scene);
    phones(scene);
    mornings(scene);
    letter(scene);
    impatient(scene);
}

/// The start of a day of the log, so that there is a day after it where the log is long enough.
fn some_day(scene: &mut Scene) -> i64 {
    let days = scene.days.saturating_sub(1).max(1);
    scene.start + scene.random.below(days) as i64 * DAY_MILLIS
}

/// At noon ten people look at the site from one address.
fn offices(scene: &mut Scene) {
    for office in 0..4 {
        let noon = some_day(scene) + 11 * HOUR_MILLIS + scene.random.below(5_400_000) as i64;
        let site = scene.site();
        for at in scene.spread(10, noon, noon + 25 * MINUTE) {
            let who = scene.behind_one_address(office);
            let mut page = scene.sites[site].page(&mut scene.random);
            scene.open(at, who, site, &page, 200, "");
            let mut at = at;
            for _ in 0..scene.random.below(4) {
                at += scene.random.between(8_000, 90_000) as i64;
                let referer = scene.sites[site].url(&page);
                page = scene.sites[site].link(&page, &mut scene.random);
                scene.go_on(at, who, site, &page, 200, &referer);
            }
        }
    }
}

/// Some open one link after the other in tabs of their own.
fn tabs(scene: &mut Scene) {
    for _ in 0..16 {
        let (site, mut at, who) = (scene.site(), scene.some_time(), scene.visitor());
        let page = scene.sites[site].page(&mut scene.random);
        let referer = scene.sites[site].url(&page);
        scene.open(at, who, site, &page, 200, "");
        at += 6_000;
        for _ in 0..scene.random.between(5, 9) {
            at += scene.random.between(400, 1_300) as i64;
            let next = scene.sites[site].page(&mut scene.random);
            scene.go_on(at, who, site, &next, 200, &referer);
        }
    }
}

/// One asks every minute of a day, one every five seconds while something is put in place.
fn monitors(scene: &mut Scene) {
    let day = some_day(scene);
    let one = scene.program(710, MONITOR);
    for number in 0..24 * 60 {
        beat(scene, day + number * MINUTE, one);
    }
    let (other, from) = (scene.program(711, PROBE), some_day(scene) + 9 * HOUR_MILLIS);
    for number in 0..scene.random.between(500, 1_000) as i64 {
        beat(scene, from + number * 5_000, other);
    }
}

fn beat(scene: &mut Scene, at: i64, who: Who) {
    let at = at + scene.random.below(300) as i64;
    let hit = scene.hit(at, who, 0, "/health", 200);
    hit.body = 2;
    hit.millis = hit.millis / 60 + 1;
}

/// Another firm's program fetches what has changed, every four hours, one page after the other.
fn partner(scene: &mut Scene) {
    let who = scene.program(720, PARTNER);
    let mut round = scene.start + HOUR_MILLIS + scene.random.below(3_600_000) as i64;
    while round < scene.end - HOUR_MILLIS {
        let mut at = round;
        for page in 0..scene.random.between(7, 17) {
            let (status, target) =
                (scene.random.pick(&[200, 200, 304]), format!("/api/v1/stock?page={page}"));
            at += scene.random.between(1_100, 2_600) as i64;
            let chance = scene.random.next();
            let hit = scene.hit(at, who, 0, &target, status);
            (hit.user, hit.millis) = ("harbour", load::around(30, chance));
        }
        round += 4 * HOUR_MILLIS;
    }
}

/// Readers of news ask whether there is any, a few times a day.
fn readers(scene: &mut Scene) {
    for number in 0..14 {
        let agent = READERS[number % 2];
        let who = Who { agent, ..scene.visitor() };
        let polls = scene.random.between(2, 5) * scene.days;
        for at in scene.spread(polls, scene.start, scene.end) {
            let status = if scene.random.percent(80) { 304 } else { 200 };
            scene.crawl(at, who, 0, "/feed.xml", status);
        }
    }
}

/// The site's own app on telephones.
fn phones(scene: &mut Scene) {
    const PATHS: &[&str] = &["/api/v1/home", "/api/v1/articles", "/api/v1/articles", "/api/v1/me"];
    let phones: Vec<Who> =
        (0..36).map(|number| Who { agent: PHONE_APPS[number % 2], ..scene.visitor() }).collect();
    for _ in 0..10 * scene.days {
        let (mut at, who) = (scene.some_time(), scene.random.pick(&phones));
        for _ in 0..scene.random.between(3, 9) {
            let path = scene.random.pick(PATHS);
            let chance = scene.random.next();
            let hit = scene.hit(at, who, 0, path, 200);
            (hit.millis, hit.body) = (load::around(45, chance), 700 + (chance % 6_000) as u32);
            at += scene.random.between(900, 30_000) as i64;
        }
    }
}

/// On some mornings many log in, and a few of them mistype their password once or twice.
fn mornings(scene: &mut Scene) {
    for _ in 0..3 {
        let nine = some_day(scene) + 7 * HOUR_MILLIS;
        for at in scene.spread(34, nine, nine + 25 * MINUTE) {
            let number = scene.random.below(90) as u32;
            let (mut at, who) = (at, scene.visitor_of(number));
            scene.open(at, who, 0, "/account/login", 200, "");
            let mistakes = scene.random.pick(&[0, 0, 0, 0, 0, 0, 1, 1, 2]);
            for attempt in 0..=mistakes {
                at += scene.random.between(5_000, 25_000) as i64;
                let status = if attempt < mistakes { 401 } else { 303 };
                let (from, to) =
                    (scene.sites[0].url("/account/login"), scene.sites[0].url("/account"));
                let hit = scene.hit(at, who, 0, "/account/login", status);
                (hit.method, hit.referer) = ("POST", from);
                if status == 303 {
                    hit.location = to;
                }
            }
            let referer = scene.sites[0].url("/account/login");
            scene.hit(at + 500, who, 0, "/account", 200).referer = referer;
        }
    }
}

/// A letter to readers brings some of them within half an hour.
fn letter(scene: &mut Scene) {
    let (site, at) = (scene.site(), some_day(scene) + 8 * HOUR_MILLIS);
    let page = scene.sites[site].popular(&mut scene.random);
    for at in scene.spread(44, at, at + 28 * MINUTE) {
        let who = scene.visitor();
        scene.open(at, who, site, &page, 200, "");
    }
}

/// People go on before a page, or a part of it, is there.
fn impatient(scene: &mut Scene) {
    for number in 0..84 {
        let (site, at, who) = (scene.site(), scene.some_time(), scene.visitor());
        let page = scene.sites[site].popular(&mut scene.random);
        let referer = scene.sites[site].url(&page);
        scene.open(at, who, site, &page, 200, "");
        let (target, most) = match number % 3 {
            0 => (scene.sites[site].assets[1].clone(), 300),
            _ => (scene.sites[site].link(&page, &mut scene.random), 3_000),
        };
        let millis = scene.random.between(40, most) as u32;
        let hit = scene.hit(at + 2_500, who, site, &target, 499);
        (hit.referer, hit.millis) = (referer, millis);
    }
}
