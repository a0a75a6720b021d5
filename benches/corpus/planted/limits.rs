//! Plants about limits: those that reject many, those that reject the wrong ones, and those that are missing.

use super::load;
use super::scene::{DAY_MILLIS, HOUR_MILLIS, Scene};
use super::{Hit, Who};

const MINUTE: i64 = 60_000;

/// The server's own answer to who is too fast.
fn reject<'a>(
    scene: &'a mut Scene,
    at: i64,
    who: Who,
    site: usize,
    target: &str,
    status: u16,
) -> &'a mut Hit {
    let hit = scene.hit(at, who, site, target, status);
    hit.millis = 0;
    hit
}

/// A new version of an app asks so often that for some minutes a great part of all requests is rejected.
pub fn rejection_spike(scene: &mut Scene) {
    const PATHS: &[&str] = &["/api/items", "/graphql", "/api/v2/timeline", "/api/v1/availability"];
    const APPS: &[&str] = &[
        "LamplightApp/6.0.0 (Android 16; Pixel 9) okhttp/5.0.0",
        "LamplightApp/6.0.0 (Android 15; moto g84) okhttp/5.0.0",
        "Lamplight/600 CFNetwork/1568.300.101 Darwin/24.2.0",
    ];
    const OTHERS: &[&str] =
        &["/api/v1/home", "/api/v1/me", "/api/v1/articles", "/api/v2/badges", "/api/v2/places"];
    let (site, path) = (scene.site(), scene.random.pick(PATHS));
    let status = scene.random.pick(&[429, 429, 429, 429, 444]);
    let method = if path == "/graphql" { "POST" } else { "GET" };
    let crowd = scene.random.between(44, 70) as usize;
    let crowd: Vec<Who> =
        (0..crowd).map(|number| Who { agent: APPS[number % 3], ..scene.visitor() }).collect();
    // Before and after it gets what it asks for.
    for at in scene.spread(20 * scene.days, scene.start, scene.end) {
        let who = scene.random.pick(&crowd);
        answer(scene, at, who, site, path, method);
    }
    let begin = scene.between(scene.start + HOUR_MILLIS, scene.end - 2 * HOUR_MILLIS);
    let minutes = scene.random.between(17, 31) as i64;
    let percent = scene.random.between(36, 58);
    for who in crowd {
        let length = scene.random.between(4, 8) as i64;
        let from = scene.between(begin, begin + (minutes - length) * MINUTE);
        let count = scene.random.between(12, 20) * length as u64;
        for at in scene.spread(count, from, from + length * MINUTE) {
            match scene.random.below(100) {
                0..10 => {
                    let other = scene.random.pick(OTHERS);
                    answer(scene, at, who, site, other, "GET");
                }
                part if part < 10 + percent => {
                    reject(scene, at, who, site, path, status).method = method;
                }
                _ => answer(scene, at, who, site, path, method),
            }
        }
    }
    // So many ask for it at once.
    scene.may("path-hotspot", path);
    scene.must("rejection-spike", path);
}

fn answer(scene: &mut Scene, at: i64, who: Who, site: usize, path: &str, method: &'static str) {
    let chance = scene.random.next();
    let hit = scene.hit(at, who, site, path, 200);
    (hit.method, hit.millis, hit.body) =
        (method, load::around(40, chance), (chance % 9_000) as u32);
}

/// A program is rejected, and asks again as if it had not been.
pub fn retry_storm(scene: &mut Scene) {
    const PATHS: &[&str] = &["/api/v2/status", "/api/orders", "/api/v2/feed", "/api/v2/positions"];
    const AGENTS: &[&str] = &[
        "axios/1.7.7",
        "okhttp/4.12.0",
        "Dart/3.5 (dart:io)",
        "python-requests/2.31.0",
        "Java/21.0.4",
    ];
    for _ in 0..scene.random.between(1, 3) {
        let (site, path) = (scene.site(), scene.random.pick(PATHS));
        let agent = scene.random.pick(AGENTS);
        let who = scene.stranger(agent);
        let gap = scene.random.between(480, 580) as i64;
        let from = scene.between(scene.start + HOUR_MILLIS, scene.end - HOUR_MILLIS);
        let count = scene.random.between(6, 9) as i64 * MINUTE / gap;
        // The limit lets some pass at first, and one now and then.
        let (free, one_in) = (scene.random.between(8, 30), scene.random.between(16, 28));
        for number in 0..count {
            let at = from + number * gap + scene.between(0, gap / 3);
            let number = number as u64;
            match number < free || number.is_multiple_of(one_in) {
                true => answer(scene, at, who, site, path, "GET"),
                false => {
                    reject(scene, at, who, site, path, 429);
                }
            }
        }
        // In a quiet hour one client's rejections are a great part of all requests.
        scene.may("rejection-spike", path);
        scene.must("retry-storm", who.address.to_string());
    }
}

/// People see a page without its dress, or do not see it, because the limit counts what belongs to a page
/// as if it were pages.
pub fn limit_too_tight(scene: &mut Scene) {
    let site = scene.site();
    let status = 429;
    let clients = (scene.people() * scene.random.between(13, 18) / 100).max(45);
    let is_asset = scene.random.percent(60);
    let which = scene.random.below(4) as usize;
    let asset = scene.sites[site].assets.get(which).cloned();
    let asset = asset.unwrap_or_else(|| "/images/logo.svg".to_owned());
    let tight = scene.sites[site].popular(&mut scene.random);
    for _ in 0..clients {
        let (at, who) = (scene.some_time(), scene.visitor());
        let page = scene.sites[site].page(&mut scene.random);
        let before = scene.hits.len();
        scene.open(at, who, site, &page, 200, "");
        if is_asset {
            // The others came first; now and then the picture did not.
            let is_picture_late = scene.random.percent(20);
            let is_late = |hit: &&mut Hit| {
                hit.target == asset || is_picture_late && hit.target.ends_with(".jpg")
            };
            let late = scene.hits[before + 1..].iter_mut().filter(is_late);
            let body = scene.sites[site].error_length(status, who);
            for hit in late {
                (hit.status, hit.body, hit.millis) = (status, body, 0);
            }
            continue;
        }
        let referer = scene.sites[site].url(&page);
        let at = at + scene.random.between(2_500, 30_000) as i64;
        reject(scene, at, who, site, &tight, status).referer = referer.clone();
        // Most look again, and there it is.
        if scene.random.percent(70) {
            let at = at + scene.random.between(3_000, 15_000) as i64;
            scene.go_on(at, who, site, &tight, 200, &referer);
        }
    }
    if is_asset {
        // A part of pages that pages do not get.
        scene.may("missing-asset", asset.clone());
        scene.may("missing-asset", "/images/");
    }
    scene.must("limit-too-tight", if is_asset { asset } else { tight });
}

/// Nobody is rejected, while a few take most of all time, or one is far faster than people.
pub fn limit_too_loose(scene: &mut Scene) {
    if scene.is_anybody_rejected() {
        return;
    }
    let time = scene.share_of_time(73);
    let is_free = !scene.is_time_taken && !scene.plants.contains(&"crawler-load");
    match is_free && time < 20_000_000 && scene.random.percent(70) {
        true => few_take_all(scene, time),
        false => one_is_fast(scene),
    }
}

/// Reports that take seconds each, which a few programs fetch all night.
fn few_take_all(scene: &mut Scene, time: u64) {
    const PATHS: &[&str] =
        &["/api/v1/export", "/reports/daily", "/api/v1/statistics", "/feeds/catalogue"];
    let (site, path) = (scene.site(), scene.random.pick(PATHS));
    let agent = scene.random.pick(&["python-requests/2.32.3", "curl/8.5.0", "Java/17.0.12"]);
    let clients = scene.random.between(1, 5);
    let clients: Vec<Who> = (0..clients).map(|_| scene.stranger(agent)).collect();
    let usual = scene.random.between(2_500, 5_000);
    let count = (time / usual).clamp(500, 4_500);
    let median = time * 100 / 110 / count;
    let nights = scene.random.between(4, 9).min(scene.days);
    for night in 0..nights {
        let day = scene.start + (night * scene.days / nights) as i64 * DAY_MILLIS;
        let from = day + scene.between(0, 8 * HOUR_MILLIS);
        for at in scene.spread(count / nights + 1, from, from + 5 * HOUR_MILLIS) {
            // The first takes half and more.
            let who =
                if scene.random.percent(52) { clients[0] } else { scene.random.pick(&clients) };
            let (page, chance) = (scene.random.below(900), scene.random.next());
            let hit = scene.hit(at, who, site, &format!("{path}?page={page}"), 200);
            hit.millis = load::around(median, chance);
        }
    }
    for who in &clients[1..] {
        scene.may("limit-too-loose", who.address.to_string());
    }
    scene.is_time_taken = true;
    scene.may("path-hotspot", path);
    scene.must("limit-too-loose", clients[0].address.to_string());
}

/// Somebody tries how much the site can take.
fn one_is_fast(scene: &mut Scene) {
    let agent =
        scene.random.pick(&["Go-http-client/1.1", "ApacheBench/2.3", "hey/0.0.1", "curl/8.5.0"]);
    let (site, who) = (scene.site(), scene.stranger(agent));
    let (rate, seconds) = (scene.random.between(52, 84), scene.random.between(21, 36));
    let times = scene.random.between(1, 3);
    // More than anybody else takes, too.
    let most = scene.time_of_clients().first().map_or(0, |(time, _)| *time);
    let median = (most * 3 / 2 / (rate * seconds * times)).max(30);
    for _ in 0..times {
        let from = scene.some_time();
        for at in scene.spread(rate * seconds, from, from + seconds as i64 * 1_000) {
            let pages = &scene.sites[site].pages;
            let page = pages[scene.random.below(pages.len() as u64) as usize].clone();
            let chance = scene.random.next();
            scene.hit(at, who, site, &page, 200).millis = load::around(median, chance);
        }
    }
    scene.may("client-hotspot", who.address.to_string());
    scene.must("limit-too-loose", who.address.to_string());
}
