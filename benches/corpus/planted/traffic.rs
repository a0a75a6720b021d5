//! The healthy part of a planted log: people, crawlers and programs that find what they ask for, and the few
//! failures that every site has and nobody has to act on.

use super::Who;
use super::scene::{DAY_MILLIS, HOUR_MILLIS, SEARCHES, STRANGERS, Scene};

const YANDEX: &str = "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)";
const AHREFS: &str = "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)";
const GPTBOT: &str = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)";
const FEEDLY: &str = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)";
const UPTIME: &str = "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)";
const CURL: &str = "curl/8.9.1";
const LINK_CHECKER: &str = "Mozilla/5.0 (compatible; Dead Link Checker; +https://checker.example/)";
const SPAM: &[&str] =
    &["https://cheap-traffic.example/", "https://seo-offers.example/", "https://win.example/"];

/// A site with nothing wrong, and so many visits of people.
pub fn healthy(scene: &mut Scene, visits: u64) {
    people(scene, visits);
    search_engines(scene);
    programs(scene);
    typos(scene);
    redirects(scene);
    logins(scene);
    icons(scene);
    old_addresses(scene);
    strangers(scene);
}

/// Visits: a page with all that belongs to it, then some more pages that it links to.
fn people(scene: &mut Scene, visits: u64) {
    for _ in 0..visits {
        let site = scene.site();
        let mut at = scene.some_time();
        let who = match scene.random.below(100) {
            // Who comes back.
            0..45 => {
                let (one, two) = (scene.random.below(700), scene.random.below(700));
                scene.visitor_of(one.min(two) as u32)
            }
            45..51 => {
                let office = scene.random.below(6) as u8;
                scene.behind_one_address(office)
            }
            _ => scene.visitor(),
        };
        let referer = match scene.random.below(100) {
            0..38 => "",
            38..78 => scene.random.pick(SEARCHES),
            _ => scene.random.pick(STRANGERS),
        };
        let german = scene.random.percent(8);
        let mut page = if german {
            let pages = &scene.sites[site].german;
            pages[scene.random.below(pages.len() as u64) as usize].clone()
        } else {
            scene.sites[site].page(&mut scene.random)
        };
        scene.open(at, who, site, &page, 200, referer);
        while scene.random.percent(46) {
            let next = scene.sites[site].link(&page, &mut scene.random);
            let referer = scene.sites[site].url(&page);
            at += scene.random.between(5_000, 120_000) as i64;
            match scene.random.below(1_000) {
                0..6 => left(scene, at, who, site, &next),
                6..40 => search(scene, at, who, site, &referer),
                _ => scene.go_on(at, who, site, &next, 200, &referer),
            }
            page = next;
        }
    }
}

/// Somebody does not wait for the answer.
fn left(scene: &mut Scene, at: i64, who: Who, site: usize, page: &str) {
    let millis = scene.random.between(300, 6_000) as u32;
    scene.hit(at, who, site, page, 499).millis = millis;
}

/// Somebody looks for something, and the page asks whether it is in stock.
fn search(scene: &mut Scene, at: i64, who: Who, site: usize, referer: &str) {
    let words = scene.random.below(400);
    scene.hit(at, who, site, &format!("/search?q=words+{words}"), 200).referer = referer.to_owned();
    let hit = scene.hit(at + 900, who, site, "/api/stock", 200);
    (hit.body, hit.referer) = (61 + (words % 4) as u32, referer.to_owned());
}

/// Google's and Microsoft's crawlers, which find all pages.
fn search_engines(scene: &mut Scene) {
    for (name, a_day) in [("Googlebot", 76), ("bingbot", 34)] {
        for day in 0..scene.days as i64 {
            let (from, to) = (scene.start + day * DAY_MILLIS, scene.start + (day + 1) * DAY_MILLIS);
            for at in scene.spread(a_day, from, to) {
                let site = scene.site();
                let who = scene.crawler(name);
                crawled(scene, at, who, site);
            }
            for site in 0..scene.sites.len() {
                for at in scene.spread(5, from, to) {
                    let who = scene.crawler(name);
                    well_known(scene, at, who, site, "/robots.txt");
                }
                for at in scene.spread(2, from, to) {
                    let who = scene.crawler(name);
                    well_known(scene, at, who, site, "/sitemap_index.xml");
                }
            }
        }
    }
    for at in scene.spread(3 * scene.days, scene.start, scene.end) {
        let (site, who) = (scene.site(), scene.googlebot_image());
        let page = scene.sites[site].popular(&mut scene.random);
        let slug = page.rsplit('/').next().unwrap_or_default().to_owned();
        scene.crawl(at, who, site, &format!("/images/{slug}.jpg"), 200);
    }
}

/// One page of a crawl, or a part of one.
fn crawled(scene: &mut Scene, at: i64, who: Who, site: usize) {
    let count = scene.sites[site].pages.len() as u64;
    let page = scene.sites[site].pages[scene.random.below(count) as usize].clone();
    match scene.random.below(100) {
        // To draw a page it takes what belongs to it, and says for which.
        0..6 => {
            let part = scene.random.below(3) as usize;
            let part = scene.sites[site].assets[part].clone();
            let referer = scene.sites[site].url(&page);
            scene.hit(at, who, site, &part, 200).referer = referer;
        }
        6..12 => {
            let pages = &scene.sites[site].german;
            let page = pages[scene.random.below(pages.len() as u64) as usize].clone();
            scene.crawl(at, who, site, &page, 200);
        }
        12..24 => scene.crawl(at, who, site, &page, 304),
        _ => scene.crawl(at, who, site, &page, 200),
    }
}

/// A crawler asks for a file that has its name from a standard, and gets it unless that was broken.
fn well_known(scene: &mut Scene, at: i64, who: Who, site: usize, path: &'static str) {
    let broken = scene
        .broken
        .iter()
        .find(|broken| broken.site == site && broken.path == path && broken.from <= at);
    let status = broken.map_or(200, |broken| broken.status);
    scene.crawl(at, who, site, path, status);
}

/// Crawlers of others, readers of news, monitors, scripts.
fn programs(scene: &mut Scene) {
    for (number, agent, a_day) in
        [(1, YANDEX, 12), (2, AHREFS, 16), (3, GPTBOT, 9), (4, FEEDLY, 12), (5, CURL, 2)]
    {
        for at in scene.spread(a_day * scene.days, scene.start, scene.end) {
            let site = scene.site();
            let which = scene.random.below(if number == 5 { 9 } else { 3 }) as u32;
            let who = scene.program(number * 100 + which, agent);
            let page = scene.sites[site].page(&mut scene.random);
            match number {
                4 if at % 3 > 0 => scene.crawl(at, who, site, "/feed.xml", 304),
                4 => scene.crawl(at, who, site, "/feed.xml", 200),
                _ if scene.random.percent(6) => {
                    // A rule that fails for crawlers fails for these too, if it is not for the known alone.
                    let broken = scene.broken.iter().find(|broken| {
                        (broken.site, broken.path) == (site, "/robots.txt") && broken.from <= at
                    });
                    let status = broken.map_or(200, |broken| broken.status);
                    scene.crawl(at, who, site, "/robots.txt", status);
                }
                _ => scene.crawl(at, who, site, &page, 200),
            }
        }
    }
    let monitor = scene.program(700, UPTIME);
    for at in scene.spread(30 * scene.days, scene.start, scene.end) {
        let hit = scene.hit(at, monitor, 0, "/", 200);
        (hit.method, hit.body) = ("HEAD", 0);
    }
    // Programs that guess files which the site never had: two others' and, now and then, the great ones.
    for at in scene.spread(scene.days, scene.start, scene.end) {
        let site = scene.site();
        let mut path = scene.random.pick(&["/sitemap.xml", "/ads.txt", "/sitemap.xml"]);
        if scene.broken.iter().any(|broken| broken.path == path) {
            path = "/humans.txt";
        }
        let who = match scene.random.below(10) {
            0..2 => scene.googlebot(),
            2..4 => scene.bingbot(),
            _ => {
                let which = 800 + scene.random.below(40) as u32;
                scene.program(which, AHREFS)
            }
        };
        scene.crawl(at, who, site, path, 404);
    }
    // Never there, and guessed: worth a word, not a worry.
    scene.may("root-file-missing", "/sitemap.xml");
    scene.may("root-file-missing", "/ads.txt");
    scene.may("root-file-missing", "/humans.txt");
    scene.may("crawled-not-found", "/sitemap.xml");
    scene.may("crawled-not-found", "/ads.txt");
    scene.may("crawled-not-found", "/humans.txt");
}

/// Addresses mistyped or cut off, each by one person, most of them like a page that is there.
fn typos(scene: &mut Scene) {
    for _ in 0..22 {
        let (site, at, who) = (scene.site(), scene.some_time(), scene.visitor());
        let page = scene.sites[site].popular(&mut scene.random);
        let path = match scene.random.below(3) {
            0 => scene.fresh(site),
            1 => page[..page.len() - 1].to_owned(),
            _ => format!("{page}x"),
        };
        if path.starts_with(&page) || page.starts_with(&path) {
            scene.may("near-miss-url", path.clone());
        }
        scene.land(at, who, site, &path, 404, "");
    }
    // A link of the site that is wrong, which one person followed, twice.
    let (site, at, who) = (scene.site(), scene.some_time(), scene.visitor());
    let (from, to) = (scene.sites[site].popular(&mut scene.random), scene.fresh(site));
    scene.follow(at, who, site, &from, &to, 404);
    scene.follow(at + 30_000, who, site, &from, &to, 404);
}

/// Redirects that are right: to the slash, to TLS, from an old name to the new one.
fn redirects(scene: &mut Scene) {
    let moved: Vec<(usize, String, String)> = (0..6)
        .map(|_| {
            let site = scene.site();
            let old = scene.fresh(site);
            (site, old, scene.sites[site].popular(&mut scene.random))
        })
        .collect();
    for _ in 0..170 {
        let (mut site, at) = (scene.site(), scene.some_time());
        let (from, to) = match scene.random.below(3) {
            0 => {
                let list = scene.sites[site].sections[scene.random.below(5) as usize].clone();
                (list.trim_end_matches('/').to_owned(), list)
            }
            1 => {
                let page = scene.sites[site].page(&mut scene.random);
                (page.clone(), page)
            }
            _ => {
                let (place, old, new) = scene.random.pick(&[0, 1, 2, 3, 4, 5].map(|at| &moved[at]));
                site = *place;
                (old.clone(), new.clone())
            }
        };
        let who = if scene.random.percent(20) { scene.googlebot() } else { scene.visitor() };
        let location = scene.sites[site].url(&to);
        scene.hit(at, who, site, &from, 301).location = location;
        let at = at + scene.random.between(80, 900) as i64;
        if who.agent.contains("Googlebot") {
            scene.crawl(at + HOUR_MILLIS / 60, who, site, &to, 200);
        } else {
            scene.open(at, who, site, &to, 200, "");
        }
    }
}

/// People log in, some of them at the second try.
fn logins(scene: &mut Scene) {
    for _ in 0..70 {
        let number = scene.random.below(60) as u32;
        let (mut at, who) = (scene.some_time(), scene.visitor_of(number));
        let referer = scene.sites[0].url("/account/login");
        scene.open(at, who, 0, "/account/login", 200, "");
        for status in [401, 303] {
            at += scene.random.between(6_000, 30_000) as i64;
            if status == 401 && scene.random.percent(70) {
                continue;
            }
            let home = scene.sites[0].url("/account");
            let hit = scene.hit(at, who, 0, "/account/login", status);
            (hit.method, hit.referer) = ("POST", referer.clone());
            if status == 303 {
                hit.location = home;
            }
        }
        let hit = scene.hit(at + 700, who, 0, "/account", 200);
        (hit.user, hit.referer) = ("", referer);
    }
}

/// Icons that browsers ask for by themselves: one is there, the others were never made.
fn icons(scene: &mut Scene) {
    for site in 0..scene.sites.len() {
        let is_broken =
            scene.broken.iter().any(|broken| (broken.site, broken.path) == (site, "/favicon.ico"));
        // A site without it, which few ask for, has no problem.
        let has_icon = scene.random.percent(60);
        let people = if has_icon { 120 } else { 16 };
        for _ in 0..if is_broken { 0 } else { people } {
            let (at, who) = (scene.some_time(), scene.visitor());
            scene.hit(at, who, site, "/favicon.ico", if has_icon { 200 } else { 404 });
        }
        for _ in 0..9 {
            let (at, who) = (scene.some_time(), scene.visitor());
            scene.hit(at, who, site, "/apple-touch-icon.png", 404);
            scene.hit(at + 200, who, site, "/apple-touch-icon-precomposed.png", 404);
        }
    }
}

/// Pages that are gone for good, some with 404, some with 410 on purpose, and that crawlers try now and then.
fn old_addresses(scene: &mut Scene) {
    for number in 0..26 {
        let site = scene.site();
        let page = scene.fresh(site);
        let status = if number % 3 == 0 { 410 } else { 404 };
        // Twice at most: from three days on somebody could act on it.
        for _ in 0..scene.random.between(1, 3) {
            let at = scene.between(scene.start, scene.end);
            let who = if number % 2 == 0 { scene.googlebot() } else { scene.bingbot() };
            scene.crawl(at, who, site, &page, status);
        }
        for _ in 0..scene.random.below(4) {
            let (at, which) = (scene.some_time(), scene.random.below(3) as u32);
            let who = scene.program(200 + which, AHREFS);
            scene.crawl(at, who, site, &page, status);
        }
    }
}

/// What other sites do: show our pictures, name themselves in our log, check our links.
fn strangers(scene: &mut Scene) {
    let page = scene.sites[0].popular(&mut scene.random);
    let picture = format!("/images/{}.jpg", page.rsplit('/').next().unwrap_or_default());
    let referer = scene.random.pick(STRANGERS);
    for _ in 0..90 {
        let (at, who) = (scene.some_time(), scene.visitor());
        scene.hit(at, who, 0, &picture, 200).referer = referer.to_owned();
    }
    for number in 0..60 {
        let at = scene.some_time();
        let who = scene.program(900 + number % 7, "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.159 Safari/537.36");
        let referer = scene.random.pick(SPAM);
        scene.hit(at, who, 0, "/", 200).referer = referer.to_owned();
    }
    // One client follows all links of the site, and finds some that are wrong.
    let checker = scene.program(950, LINK_CHECKER);
    let mut at = scene.some_time();
    for number in 0..130 {
        at += scene.random.between(300, 1_500) as i64;
        let from = scene.sites[0].page(&mut scene.random);
        let (to, status) = match number % 6 {
            0 => (scene.fresh(0), 404),
            _ => (scene.sites[0].link(&from, &mut scene.random), 200),
        };
        let referer = scene.sites[0].url(&from);
        scene.hit(at, checker, 0, &to, status).referer = referer;
    }
}
