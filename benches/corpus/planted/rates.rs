//! Plants about rates: clients, pages and agents that are too much for a site, and copiers that are not fast.

use super::Who;
use super::load;
use super::pages;
use super::scene::{HOUR_MILLIS, STRANGERS, Scene};

const MINUTE: i64 = 60_000;

const PROGRAMS: &[&str] = &[
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "Apache-HttpClient/4.5.14 (Java/17.0.12)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
];

/// A client that is far faster than people are, in bursts or for long; or many that are so together.
pub fn client_hotspot(scene: &mut Scene) {
    match scene.random.below(6) {
        0..3 => burst(scene),
        3..5 => sustained(scene),
        _ => together(scene),
    }
}

fn program(scene: &mut Scene) -> Who {
    let agent = scene.random.pick(PROGRAMS);
    scene.stranger(agent)
}

/// What a fast client is after.
#[derive(Clone, Copy)]
enum Aim {
    Pages,
    Searches,
    List(&'static str),
}

fn aim(scene: &mut Scene) -> Aim {
    match scene.random.below(4) {
        0..2 => Aim::Pages,
        2 => Aim::Searches,
        _ => Aim::List(scene.random.pick(&["/api/v1/articles", "/api/v1/prices"])),
    }
}

/// A request of a fast client, which is answered from a cache for the most part.
fn want(scene: &mut Scene, at: i64, who: Who, site: usize, aim: Aim) {
    let number = scene.random.below(2_000);
    let (target, median) = match aim {
        Aim::Pages => {
            let pages = &scene.sites[site].pages;
            (pages[number as usize % pages.len()].clone(), 22)
        }
        Aim::Searches => (format!("/search?q=words+{number}"), 38),
        Aim::List(path) => (format!("{path}?page={number}"), 14),
    };
    let chance = scene.random.next();
    scene.hit(at, who, site, &target, 200).millis = load::around(median, chance);
}

/// So many requests a second, each at about its time.
fn rush(
    scene: &mut Scene,
    from: i64,
    seconds: u64,
    a_second: u64,
    mut ask: impl FnMut(&mut Scene, i64),
) {
    for at in scene.spread(seconds * a_second, from, from + seconds as i64 * 1_000) {
        ask(scene, at);
    }
}

/// Half a minute of very many, once or a few times.
fn burst(scene: &mut Scene) {
    let (site, who, aim) = (scene.site(), program(scene), aim(scene));
    for _ in 0..scene.random.between(1, 4) {
        let from = scene.some_time();
        let (seconds, rate) = (scene.random.between(20, 46), scene.random.between(26, 58));
        rush(scene, from, seconds, rate, |scene, at| want(scene, at, who, site, aim));
    }
    scene.may("limit-too-loose", who.address.to_string());
    scene.must("client-hotspot", who.address.to_string());
}

/// A program that asks whether there is anything new, several times a second.
fn sustained(scene: &mut Scene) {
    const PATHS: &[&str] =
        &["/api/v1/prices", "/api/v1/offers", "/api/v1/ratings", "/api/v1/changes"];
    let (site, who) = (scene.site(), program(scene));
    let gap = scene.random.between(166, 222);
    let count = scene.random.between(25, 34) * MINUTE as u64 / gap;
    let from = scene.between(scene.start + HOUR_MILLIS, scene.end - HOUR_MILLIS);
    for at in scene.spread(count, from, from + (count * gap) as i64) {
        let (path, chance) = (scene.random.pick(PATHS), scene.random.next());
        let hit = scene.hit(at, who, site, path, 200);
        (hit.millis, hit.body) = (load::around(7, chance), 2_100 + (chance % 90) as u32);
    }
    scene.may("limit-too-loose", who.address.to_string());
    scene.must("client-hotspot", who.address.to_string());
}

/// A burst from many addresses of one network, each of which alone is hardly faster than people.
fn together(scene: &mut Scene) {
    let (site, aim, network) = (scene.site(), aim(scene), scene.network());
    let agent = scene.random.pick(PROGRAMS);
    let from = scene.some_time();
    let seconds = scene.random.between(24, 90);
    for number in 0..scene.random.between(10, 14) {
        let who = Who { address: network.address(number as u8 * 7), agent };
        // Between 26 and 30 in ten seconds.
        let count = seconds * scene.random.between(26, 31) / 10;
        for at in scene.spread(count, from, from + seconds as i64 * 1_000) {
            want(scene, at, who, site, aim);
        }
    }
    // They are many, and may all want the same.
    match aim {
        Aim::Pages => {}
        Aim::Searches => scene.may("path-hotspot", "/search"),
        Aim::List(path) => scene.may("path-hotspot", path),
    }
    scene.may("limit-too-loose", network.start());
    scene.must("client-hotspot", network.names());
}

/// One path that takes most of all time, or that many want at once.
pub fn path_hotspot(scene: &mut Scene) {
    let has = |id| scene.plants.contains(&id);
    let is_free = !has("crawler-load") && (!has("limit-too-loose") || scene.random.percent(50));
    match is_free {
        true => slow_path(scene),
        false => wanted_path(scene),
    }
}

/// People use a page whose answers are slow.
fn slow_path(scene: &mut Scene) {
    const PATHS: &[&str] =
        &["/search", "/api/v1/search", "/calendar", "/account/orders", "/configurator"];
    let (site, path) = (scene.site(), scene.random.pick(PATHS));
    let time = scene.share_of_time(58);
    let usual = scene.random.between(1_400, 2_800);
    let count = (time / usual).clamp(900, 4_500);
    let median = time * 100 / 110 / count;
    let mut asked = 0;
    while asked < count {
        let (mut at, who) = (scene.some_time(), scene.visitor());
        let page = scene.sites[site].page(&mut scene.random);
        scene.open(at, who, site, &page, 200, "");
        for _ in 0..scene.random.between(2, 13) {
            at += scene.random.between(6_000, 60_000) as i64;
            let (number, chance) = (scene.random.below(5_000), scene.random.next());
            let referer = scene.sites[site].url(&page);
            let hit = scene.hit(at, who, site, &format!("{path}?q={number}"), 200);
            (hit.referer, hit.millis) = (referer, load::around(median, chance));
            asked += 1;
        }
    }
    scene.is_time_taken = true;
    scene.must("path-hotspot", path);
}

/// Something was said on television: for some minutes all want one page. By itself that is no harm: it may be
/// told, and need not.
fn wanted_path(scene: &mut Scene) {
    let (site, path) = (scene.site(), scene.random.pick(&["/tickets", "/sale", "/live", "/drop"]));
    for at in scene.spread(scene.days * 70, scene.start, scene.end) {
        let who = scene.visitor();
        let from = scene.sites[site].popular(&mut scene.random);
        let referer = scene.sites[site].url(&from);
        match scene.random.percent(30) {
            true => scene.open(at, who, site, path, 200, &referer),
            false => scene.go_on(at, who, site, path, 200, &referer),
        }
    }
    let (from, minutes) = (scene.some_time(), scene.random.between(11, 17));
    let a_minute = scene.random.between(64, 100);
    let referer = scene.random.pick(STRANGERS);
    let mut last = scene.visitor();
    for at in scene.spread(minutes * a_minute, from, from + minutes as i64 * MINUTE) {
        // One in six looks again.
        let is_again = scene.random.below(6) == 0;
        let who = if is_again { last } else { scene.visitor() };
        let before = scene.hits.len();
        match is_again {
            true => scene.go_on(at, who, site, path, 200, ""),
            false => scene.open(at, who, site, path, 200, referer),
        }
        // The machine has enough to do.
        scene.hits[before].millis *= 2;
        last = who;
    }
    scene.may("path-hotspot", path);
}

/// Hundreds of clients with one user agent, from everywhere, of which each wants a few pages and nothing
/// that belongs to them.
pub fn agent_swarm(scene: &mut Scene) {
    const AGENTS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.108 Safari/537.36",
        "Mozilla/5.0 (Windows NT 6.3; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36 OPR/95.0.0.0",
        "Mozilla/5.0 (Linux; Android 9; SM-G960F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.91 Mobile Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.2 Safari/605.1.15",
    ];
    let (site, agent) = (scene.site(), scene.random.pick(AGENTS));
    let wanted = scene.page_requests() * scene.random.between(15, 19) / 100;
    let peak = scene.between(scene.start + 12 * HOUR_MILLIS, scene.end - 12 * HOUR_MILLIS);
    let (near, far) = (scene.random.between(25, 80) as i64, scene.random.between(4, 11) as i64);
    let (mut asked, mut clients) = (0, 0);
    while asked < wanted || clients < 130 {
        let who = scene.stranger(agent);
        let mut at = match scene.random.percent(62) {
            true => scene.between(peak, peak + near * MINUTE),
            false => scene.between(peak - far * HOUR_MILLIS, peak + far * HOUR_MILLIS),
        };
        for _ in 0..scene.random.between(1, 6) {
            let pages = &scene.sites[site].pages;
            let page = pages[scene.random.below(pages.len() as u64) as usize].clone();
            scene.hit(at, who, site, &page, 200);
            at += scene.random.between(2_000, 50_000) as i64;
            asked += 1;
        }
        clients += 1;
    }
    scene.must("agent-swarm", agent);
}

/// Somebody copies page after page, number by number, too slowly for any limit.
pub fn scraping(scene: &mut Scene) {
    const AGENTS: &[&str] = &[
        "Scrapy/2.11.2 (+https://scrapy.org)",
        "python-httpx/0.27.2",
        "colly - https://github.com/gocolly/colly/v2",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
    ];
    let (site, agent) = (scene.site(), scene.random.pick(AGENTS));
    let template: fn(u64) -> String = match scene.random.below(4) {
        0 => |number| format!("/catalogue/{number}"),
        1 => |number| format!("/listing/{number}.html"),
        2 => |number| format!("/offer-{number}"),
        _ => |number| format!("/people/{number}/"),
    };
    let is_network = scene.random.percent(25);
    let network = scene.network();
    let alone = scene.stranger(agent);
    // Of many each gets fewer than a hundred pages.
    let copiers = scene.random.between(8, 12);
    let count = match is_network {
        true => copiers * scene.random.between(74, 94),
        false => scene.random.between(640, 980),
    };
    let gap = scene.random.between(3_000, 4_400);
    let length = (count * gap) as i64;
    let from = scene.between(scene.start + HOUR_MILLIS, scene.end - length - HOUR_MILLIS);
    let first = scene.random.between(1_000, 90_000);
    let mut number = first;
    for (turn, at) in (0..).zip(scene.spread(count, from, from + length)) {
        let who = match is_network {
            true => Who { address: network.address((turn % copiers * 9) as u8), agent },
            false => alone,
        };
        scene.hit(at, who, site, &template(number), 200);
        // Some numbers are not taken.
        number += if scene.random.percent(92) { 1 } else { scene.random.between(2, 5) };
    }
    // People come to some of these pages too.
    for _ in 0..26 {
        let (at, who) = (scene.some_time(), scene.visitor());
        let page = template(scene.random.between(first, number));
        scene.open(at, who, site, &page, 200, "");
    }
    pages::grow(scene, site, count);
    match is_network {
        true => scene.must("scraping", network.names()),
        false => scene.must("scraping", alone.address.to_string()),
    }
}
