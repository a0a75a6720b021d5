//! Plants about crawlers: what they are refused, what they waste themselves on, and who only uses their name.

use std::collections::BTreeMap;

use super::scene::{DAY_MILLIS, HOUR_MILLIS, STRANGERS, Scene, shuffle};

const NAMES: [&str; 2] = ["Googlebot", "bingbot"];

const MINUTE: i64 = 60_000;

/// One of the two, or both.
fn names(scene: &mut Scene) -> Vec<&'static str> {
    match scene.random.below(5) {
        0..3 => vec![NAMES[0]],
        3 => vec![NAMES[1]],
        _ => NAMES.to_vec(),
    }
}

/// A page that a crawler asks for over and over, for more than a fortnight, and that nobody links to.
pub fn crawled_not_found(scene: &mut Scene) {
    for _ in 0..scene.random.between(1, 5) {
        let site = scene.site();
        let page = scene.fresh(site);
        let name = scene.random.pick(&["Googlebot", "Googlebot", "bingbot"]);
        let hits = scene.random.between(7, 26);
        for at in scene.spread(hits, scene.start, scene.end) {
            let who = scene.crawler(name);
            scene.crawl(at, who, site, &page, 404);
        }
        // A shorter log cannot show it.
        match scene.days >= 20 {
            true => scene.must("crawled-not-found", page),
            false => scene.may("crawled-not-found", page),
        }
    }
}

/// A page that was removed on purpose and is linked to, so that a crawler comes back as often as ever.
pub fn gone_recrawled(scene: &mut Scene) {
    for _ in 0..scene.random.between(1, 4) {
        let site = scene.site();
        let page = scene.fresh(site);
        let hits = scene.random.between(9, 30) as i64;
        let gap = (scene.end - scene.start - DAY_MILLIS) / hits;
        for number in 0..=hits {
            let at = scene.start + number * gap + scene.between(0, gap / 8);
            let who = scene.googlebot();
            scene.crawl(at, who, site, &page, 410);
        }
        let from = scene.sites[site].popular(&mut scene.random);
        let is_own = scene.random.percent(50);
        let stranger = scene.random.pick(STRANGERS);
        let clients = scene.random.between(6, 18);
        for who in scene.visitors(clients) {
            let at = scene.some_time();
            match is_own {
                true => scene.follow(at, who, site, &from, &page, 410),
                false => scene.land(at, who, site, &page, 410, stranger),
            }
        }
        if is_own {
            scene.may("gone-but-linked", page.clone());
            scene.may("broken-internal-link", page.clone());
        } else {
            scene.may("lost-backlink", page.clone());
        }
        match scene.days >= 31 {
            true => scene.must("gone-recrawled", page),
            false => scene.may("gone-recrawled", page),
        }
    }
}

/// A limit that does not spare the crawlers of search engines.
pub fn crawler_rate_limited(scene: &mut Scene) {
    for name in names(scene) {
        let site = scene.site();
        let status = scene.random.pick(&[429, 429, 429, 444]);
        let pages = some_pages(scene, site, 12);
        for _ in 0..scene.random.between(2, 5) {
            let at = scene.between(scene.start + DAY_MILLIS, scene.end - DAY_MILLIS);
            let hour = at - at.rem_euclid(HOUR_MILLIS);
            let count = scene.random.between(10, 44);
            for at in scene.spread(count, hour + MINUTE, hour + 58 * MINUTE) {
                let who = scene.crawler(name);
                let page = &pages[scene.random.below(pages.len() as u64) as usize];
                scene.hit(at, who, site, page, status).millis = 0;
            }
        }
        scene.must("crawler-rate-limited", name);
    }
}

/// A rule that keeps out crawlers, while people get the same pages.
pub fn crawler_denied(scene: &mut Scene) {
    for name in names(scene) {
        let (site, change) = (scene.site(), scene.change());
        let status = scene.random.pick(&[403, 403, 403, 401, 451]);
        let pages = some_pages(scene, site, 24);
        let count = scene.random.between(30, 100);
        for at in scene.spread(count, change, change + 2 * DAY_MILLIS) {
            let who = scene.crawler(name);
            let page = &pages[scene.random.below(pages.len() as u64) as usize];
            scene.hit(at, who, site, page, status).millis = 1;
        }
        scene.must("crawler-denied", name);
    }
}

/// Days on which pages come too late for crawlers.
pub fn crawler_timed_out(scene: &mut Scene) {
    for name in names(scene) {
        let site = scene.site();
        let status = scene.random.pick(&[499, 504]);
        let pages = some_pages(scene, site, 30);
        for _ in 0..3 {
            let day = scene.start + scene.random.between(1, scene.days - 1) as i64 * DAY_MILLIS;
            let count = scene.random.between(30, 64);
            for at in scene.spread(count, day + HOUR_MILLIS, day + 23 * HOUR_MILLIS) {
                let who = scene.crawler(name);
                let page = &pages[scene.random.below(pages.len() as u64) as usize];
                let waited = scene.random.between(9_000, 30_000) as u32;
                let millis = if status == 504 { 60_001 } else { waited };
                scene.hit(at, who, site, page, status).millis = millis;
            }
        }
        scene.must("crawler-timed-out", name);
    }
}

/// So many of the pages that people ask for most, each once.
fn some_pages(scene: &mut Scene, site: usize, count: usize) -> Vec<String> {
    let mut pages = scene.sites[site].pages[6..36].to_vec();
    shuffle(&mut pages, &mut scene.random);
    pages.truncate(count);
    pages
}

/// Somebody who calls himself a crawler and comes from elsewhere.
pub fn fake_crawler(scene: &mut Scene) {
    for (number, name) in names(scene).into_iter().enumerate() {
        let site = scene.site();
        let programs = scene.random.between(2, 7);
        let missing: Vec<String> = (0..6).map(|_| scene.fresh(site)).collect();
        for _ in 0..scene.random.between(30, 400) {
            let agent = scene.crawler(name).agent;
            let which = 1_100 + 10 * number as u32 + scene.random.below(programs) as u32;
            let (at, who) = (scene.some_time(), scene.program(which, agent));
            if scene.random.percent(8) {
                let path = missing[scene.random.below(6) as usize].clone();
                scene.crawl(at, who, site, &path, 404);
            } else {
                let page = scene.sites[site].page(&mut scene.random);
                scene.crawl(at, who, site, &page, 200);
            }
        }
        scene.must("fake-crawler", name);
    }
}

/// A list that can be filtered in endless ways, and a crawler that tries them all.
pub fn crawl_waste(scene: &mut Scene) {
    let site = scene.site();
    let name = scene.random.pick(&["Googlebot", "Googlebot", "bingbot"]);
    let section = scene.sites[site].sections[scene.random.below(5) as usize].clone();
    let path = format!("{section}filter");
    let count = scene.random.between(800, 1_300);
    let has_session = scene.random.percent(30);
    for at in scene.spread(count, scene.start, scene.end) {
        let who = scene.crawler(name);
        let query = filter(scene, has_session);
        scene.crawl(at, who, site, &format!("{path}{query}"), 200);
    }
    for number in 0..60 {
        let (at, who) = (scene.some_time(), scene.visitor());
        let target = format!("{path}?colour={}", number % 8);
        scene.open(at, who, site, &target, 200, "");
    }
    scene.must("crawl-waste", format!("{name}|{path}"));
}

fn filter(scene: &mut Scene, has_session: bool) -> String {
    let random = &mut scene.random;
    if has_session {
        return format!("?sid={:016x}&page={}", random.next(), random.below(9));
    }
    let (colour, size, price) = (random.below(8), random.below(14), random.below(90));
    let (sort, page) = (random.pick(&["price", "name", "new"]), random.between(1, 30));
    format!("?colour={colour}&size={size}&price={price}&sort={sort}&page={page}")
}

/// Pages in another language, or for telephones, that are there for some pages and not for others.
pub fn dead_alternate(scene: &mut Scene) {
    let site = scene.site();
    let language = scene.random.pick(&["fr", "es", "nl", "it", "pl"]);
    let is_amp = scene.random.percent(35);
    let alternate = |page: &str| match is_amp {
        true => format!("{page}/amp"),
        false => format!("/{language}{page}"),
    };
    let pages = some_pages(scene, site, 30);
    let dead = scene.random.between(15, 22) as usize;
    for page in &pages[..dead] {
        let page = alternate(page);
        for _ in 0..scene.random.between(1, 3) {
            let (at, who) = (scene.between(scene.start, scene.end), scene.googlebot());
            scene.crawl(at, who, site, &page, 404);
        }
        scene.may("near-miss-url", page);
    }
    for page in &pages[dead..] {
        let page = alternate(page);
        for at in scene.spread(5, scene.start, scene.end - HOUR_MILLIS) {
            if scene.random.percent(40) {
                let who = scene.googlebot();
                scene.crawl(at, who, site, &page, 200);
            } else {
                let who = scene.visitor();
                scene.open(at, who, site, &page, 200, "");
            }
        }
    }
    let subject = if is_amp { "/amp".to_owned() } else { format!("/{language}/") };
    scene.must("dead-alternate", subject);
}

/// What a crawler does with a day.
#[derive(Default)]
struct Day {
    hits: u64,
    not_found: u64,
    wasted: u64,
}

/// Whatever was planted, much of what a crawler asked for may be lost with it: then it is true to say so.
pub fn what_crawls_show(scene: &mut Scene) {
    for name in NAMES {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        let mut whole = Day::default();
        for hit in scene.hits.iter().filter(|hit| hit.who.agent.contains(name)) {
            for day in [days.entry(hit.at.div_euclid(DAY_MILLIS)).or_default(), &mut whole] {
                day.hits += 1;
                day.not_found += u64::from(matches!(hit.status, 404 | 410));
                let is_wasted = matches!(hit.status, 408 | 429 | 444 | 499 | 500..600);
                day.wasted += u64::from(is_wasted);
            }
        }
        let is_much = |part: u64, of: u64, percent: u64| part * 100 >= of * percent;
        let is_wasteful = is_much(whole.not_found, whole.hits, 8)
            || is_much(whole.wasted, whole.hits, 15)
            || days.values().any(|day| {
                day.hits >= 20 && is_much(day.wasted, day.hits, 20) || day.not_found >= 50
            });
        if is_wasteful {
            scene.may("crawl-waste", name);
        }
    }
}
