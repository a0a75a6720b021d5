//! Plants about time: what nobody waits for, and crawlers that take the time of all others.

use std::net::IpAddr;

use super::load;
use super::scene::{DAY_MILLIS, HOUR_MILLIS, Scene};
use super::{Hit, Who};

const MINUTE: i64 = 60_000;

/// For some minutes a page is so slow that its clients close the connection when their patience, which is
/// the same for all, is at an end.
pub fn client_gave_up(scene: &mut Scene) {
    const PATHS: &[&str] = &[
        "/checkout/shipping",
        "/api/v1/report",
        "/search/advanced",
        "/account/export",
        "/booking/availability",
    ];
    const APPS: &[&str] = &[
        "LamplightApp/5.1.0 (Android 14; Pixel 7) okhttp/4.11.0",
        "LamplightApp/5.1.0 (Android 13; SM-A536B) okhttp/4.11.0",
        "LamplightApp/5.1.0 (Android 15; 23129RA5FL) okhttp/4.11.0",
        "Lamplight/510 CFNetwork/1496.0.7 Darwin/23.5.0",
    ];
    let (site, path) = (scene.site(), scene.random.pick(PATHS));
    let wall = scene.random.pick(&[30_000, 30_000, 30_000, 10_000, 60_000]);
    let is_app = path.starts_with("/api/") || wall == 10_000;
    // On other days it is slow, and no more.
    for at in scene.spread(11 * scene.days, scene.start, scene.end) {
        let who = someone(scene, is_app, APPS);
        ask(scene, at, who, site, path, 200, wall / 40);
    }
    let from = scene.between(scene.start + HOUR_MILLIS, scene.end - 2 * HOUR_MILLIS);
    let minutes = scene.random.between(11, 16);
    let to = from + minutes as i64 * MINUTE;
    let percent = scene.random.between(38, 46);
    let crowd = scene.random.between(110, 200);
    let crowd: Vec<Who> = (0..crowd).map(|_| someone(scene, is_app, APPS)).collect();
    let a_minute = scene.random.between(36, 44);
    for (number, at) in (0..).zip(scene.spread(minutes * a_minute, from, to)) {
        let who = scene.random.pick(&crowd);
        if number * percent % 100 >= percent {
            ask(scene, at, who, site, path, 200, wall / 4);
            continue;
        }
        let millis = match scene.random.below(100) {
            // Some lose patience before.
            0..14 => scene.random.between(1_500, wall * 9 / 10),
            _ => wall + scene.random.below(wall / 300),
        };
        ask(scene, at, who, site, path, 499, wall).millis = millis as u32;
    }
    // So slow a page takes much of all time, and so many come to it at once.
    scene.may("path-hotspot", path);
    scene.must("client-gave-up", path);
}

fn someone(scene: &mut Scene, is_app: bool, apps: &[&'static str]) -> Who {
    let (who, app) = (scene.visitor(), scene.random.pick(apps));
    if is_app { Who { agent: app, ..who } } else { who }
}

/// A request that takes about so long, and less than four times that.
fn ask<'a>(
    scene: &'a mut Scene,
    at: i64,
    who: Who,
    site: usize,
    path: &str,
    status: u16,
    millis: u64,
) -> &'a mut Hit {
    let chance = scene.random.next();
    let referer = match who.agent.starts_with("Mozilla/") {
        true => scene.sites[site].url("/"),
        false => String::new(),
    };
    let hit = scene.hit(at, who, site, path, status);
    (hit.millis, hit.referer) = (load::around(millis, chance), referer);
    hit
}

/// Crawlers that collect texts for language models, by the name that `logscan` has for them.
const TRAINING: &[(&str, &str)] = &[
    (
        "GPTBot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
    ),
    (
        "ClaudeBot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    ),
    (
        "Bytespider",
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
    ),
    (
        "Amazonbot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36",
    ),
    (
        "meta-externalagent",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    ),
    ("CCBot", "CCBot/2.0 (https://commoncrawl.org/faq/)"),
];

/// One of them reads all pages night after night, from many addresses, and from no cache.
pub fn crawler_load(scene: &mut Scene) {
    let (name, agent) = scene.random.pick(TRAINING);
    let site = scene.site();
    let time = scene.share_of_time(54);
    // Slow pages rather than many, where much time has to be taken.
    let usual = scene.random.between(900, 1_800);
    let count = (time / usual).clamp(1_400, 5_000);
    let median = time * 100 / 110 / count;
    let networks: Vec<_> = (0..scene.random.between(6, 11)).map(|_| scene.network()).collect();
    let clients: Vec<IpAddr> =
        (0..56).map(|number| networks[number % networks.len()].address(number as u8)).collect();
    let nights = scene.random.between(3, 10).min(scene.days);
    let hours = scene.random.between(3, 7) as i64;
    for night in 0..nights {
        let day = scene.start + (night * scene.days / nights) as i64 * DAY_MILLIS;
        let from = day + scene.between(0, 10 * HOUR_MILLIS);
        for at in scene.spread(count / nights + 1, from, from + hours * HOUR_MILLIS) {
            let who = Who { address: scene.random.pick(&clients), agent };
            let pages = &scene.sites[site].pages;
            let page = pages[scene.random.below(pages.len() as u64) as usize].clone();
            let chance = scene.random.next();
            scene.hit(at, who, site, &page, 200).millis = load::around(median, chance);
        }
    }
    for network in networks {
        // Page after page, without a referer: true of a crawler that gives its name, too.
        scene.may("scraping", network.start());
    }
    scene.must("crawler-load", name);
}
