//! Plants about pages: dead links, lost and flapping pages, false addresses, redirects into nothing.

use super::scene::{DAY_MILLIS, HOUR_MILLIS, SEARCHES, STRANGERS, Scene};
use super::{Hit, Who};

const MINUTE: i64 = 60_000;

/// How many of a kind there are in a log.
fn some(scene: &mut Scene, most: u64) -> u64 {
    scene.random.between(1, most + 1)
}

/// A page that never was, which one page or the foot of all pages links to.
pub fn broken_internal_link(scene: &mut Scene) {
    for _ in 0..some(scene, 4) {
        let site = scene.site();
        let dead = scene.fresh(site);
        let is_everywhere = scene.random.percent(30);
        let one = scene.sites[site].popular(&mut scene.random);
        let clients = scene.random.between(3, 34);
        for who in scene.visitors(clients) {
            let at = scene.some_time();
            let from = match is_everywhere {
                true => scene.sites[site].popular(&mut scene.random),
                false => one.clone(),
            };
            scene.follow(at, who, site, &from, &dead, 404);
        }
        scene.must("broken-internal-link", dead);
    }
}

/// A page that never was, which another site links to or a search engine shows.
pub fn lost_backlink(scene: &mut Scene) {
    for _ in 0..some(scene, 4) {
        let site = scene.site();
        let dead = scene.fresh(site);
        let kind = if scene.random.percent(40) { SEARCHES } else { STRANGERS };
        let referers = [scene.random.pick(kind), scene.random.pick(kind)];
        let clients = scene.random.between(3, 40);
        for who in scene.visitors(clients) {
            let (at, referer) = (scene.some_time(), scene.random.pick(&referers));
            scene.land(at, who, site, &dead, 404, referer);
        }
        scene.must("lost-backlink", dead);
    }
}

/// A page that was there, and is not any more.
pub fn lost_page(scene: &mut Scene) {
    for _ in 0..some(scene, 3) {
        let (site, change) = (scene.site(), scene.change());
        let page = scene.fresh(site);
        let (before, after) = (scene.random.between(6, 44), scene.random.between(5, 40));
        live_and_die(scene, site, &page, change, before, after);
        died(scene, &page);
        scene.must("lost-page", page);
    }
}

/// What is true as well of a page that was lost.
fn died(scene: &mut Scene, path: &str) {
    scene.may("lost-page", path);
    scene.may("broken-internal-link", path);
    scene.may("lost-backlink", path);
}

/// A page is asked for over four days, is lost, and is asked for on: both often just around the change.
pub fn live_and_die(
    scene: &mut Scene,
    site: usize,
    page: &str,
    change: i64,
    before: u64,
    after: u64,
) {
    let mut moments = scene.spread(before - 3, change - 4 * DAY_MILLIS, change - HOUR_MILLIS);
    moments.extend(scene.spread(3, change - HOUR_MILLIS, change - MINUTE));
    moments.extend(scene.spread(3, change + MINUTE, change + HOUR_MILLIS));
    moments.extend(scene.spread(after - 3, change + HOUR_MILLIS, scene.end - HOUR_MILLIS));
    for at in moments {
        come(scene, at, site, page, if at < change { 200 } else { 404 });
    }
}

/// Somebody comes to a page on some way.
fn come(scene: &mut Scene, at: i64, site: usize, page: &str, status: u16) {
    let who = scene.visitor();
    match scene.random.below(100) {
        0..40 => scene.land(at, who, site, page, status, ""),
        40..60 => {
            let referer = scene.random.pick(SEARCHES);
            scene.land(at, who, site, page, status, referer);
        }
        60..85 => {
            // The page it was linked from was opened before, so that this one is asked for in time.
            let from = scene.sites[site].popular(&mut scene.random);
            let referer = scene.sites[site].url(&from);
            scene.open(at - 20_000, who, site, &from, 200, "");
            scene.go_on(at, who, site, page, status, &referer);
        }
        _ => {
            let who = scene.googlebot();
            scene.crawl(at, who, site, page, status);
        }
    }
}

/// A page that one of several machines does not have, or that only people get.
pub fn flapping_page(scene: &mut Scene) {
    for _ in 0..some(scene, 3) {
        let site = scene.site();
        let page = scene.fresh(site);
        let only_people_get_it = scene.random.percent(30);
        let hours = scene.random.between(6, 18);
        let mut last = scene.start;
        for at in scene.spread(hours, scene.start + DAY_MILLIS, scene.end - DAY_MILLIS) {
            let hour = at - at.rem_euclid(HOUR_MILLIS);
            for number in 0..scene.random.between(4, 8) {
                let at = hour + (number as i64 * 7 + 1) * MINUTE;
                let is_there = number % 2 == 0;
                let who = match only_people_get_it && !is_there || scene.random.percent(12) {
                    true => scene.googlebot(),
                    false => scene.visitor(),
                };
                arrive(scene, at, who, site, &page, if is_there { 200 } else { 404 });
                last = at;
            }
        }
        let who = scene.visitor();
        arrive(scene, last + 2 * HOUR_MILLIS, who, site, &page, 200);
        scene.must("flapping-page", page);
    }
}

fn arrive(scene: &mut Scene, at: i64, who: Who, site: usize, page: &str, status: u16) {
    if who.agent.contains("Googlebot") {
        scene.crawl(at, who, site, page, status);
    } else {
        scene.land(at, who, site, page, status, "");
    }
}

/// A page that was removed on purpose, while pages still link to it.
pub fn gone_but_linked(scene: &mut Scene) {
    for _ in 0..some(scene, 3) {
        let site = scene.site();
        let gone = scene.fresh(site);
        let from = scene.sites[site].popular(&mut scene.random);
        let clients = scene.random.between(3, 36);
        for who in scene.visitors(clients) {
            let at = scene.some_time();
            scene.follow(at, who, site, &from, &gone, 410);
        }
        for _ in 0..scene.random.below(4) {
            let (at, who) = (scene.between(scene.start, scene.end), scene.googlebot());
            scene.crawl(at, who, site, &gone, 410);
        }
        scene.may("broken-internal-link", gone.clone());
        scene.must("gone-but-linked", gone);
    }
}

/// A deploy takes a whole folder with it.
pub fn mass_not_found(scene: &mut Scene) {
    for _ in 0..some(scene, 2) {
        let (site, change) = (scene.site(), scene.change());
        let folder = format!("{}/", scene.fresh(site));
        let pages = scene.random.between(8, 26);
        // Of two parts none explains the loss alone.
        let parts = if scene.random.percent(35) { 2 } else { 1 };
        let names = [scene.slug(), scene.slug()];
        for number in 0..pages {
            let slug = scene.slug();
            let page = match parts {
                2 => format!("{folder}{}/{slug}", names[number as usize % 2]),
                _ => format!("{folder}{slug}"),
            };
            // Three hundred in the last day, so that the loss stands out of the noise.
            let last_day = 300 / pages + 1;
            let mut moments =
                scene.spread(last_day / 2, change - 3 * DAY_MILLIS, change - DAY_MILLIS);
            moments.extend(scene.spread(last_day, change - DAY_MILLIS, change - MINUTE));
            moments.extend(scene.spread(8, change + MINUTE, change + DAY_MILLIS));
            moments.extend(scene.spread(4, change + DAY_MILLIS, scene.end));
            for at in moments {
                let status = if at < change { 200 } else { 404 };
                visit(scene, at, site, &page, status);
            }
        }
        died(scene, &folder);
        scene.must("mass-not-found", folder);
    }
}

/// As [`come`], with fewer lines.
fn visit(scene: &mut Scene, at: i64, site: usize, page: &str, status: u16) {
    let who = match scene.random.percent(15) {
        true => scene.googlebot(),
        false => scene.visitor(),
    };
    if who.agent.contains("Googlebot") {
        return scene.crawl(at, who, site, page, status);
    }
    let section = scene.sites[site].sections[0].clone();
    let referer = match scene.random.below(4) {
        0 => scene.sites[site].url(&section),
        1 => scene.random.pick(SEARCHES).to_owned(),
        _ => String::new(),
    };
    scene.open(at, who, site, page, status, &referer);
}

/// What is not there is answered as if it were.
pub fn soft_not_found(scene: &mut Scene) {
    let site = scene.site();
    let dead = scene.random.between(30, 62);
    match scene.random.below(3) {
        0 => catch_all(scene, site, dead),
        1 => error_page_with_200(scene, site, dead),
        _ => home_for_all(scene, site, dead / 2),
    }
    scene.must_of_site("soft-not-found", site);
}

/// An application answers whatever is asked for below its folder, and scanners notice.
fn catch_all(scene: &mut Scene, site: usize, dead: u64) {
    const PROBES: &[&str] = &[
        "/app/.env",
        "/app/.git/config",
        "/app/.aws/credentials",
        "/app/backup.sql",
        "/app/phpinfo.php",
        "/app/wp-config.php.bak",
        "/app/.env.local",
        "/app/shell.php",
    ];
    let packed = scene.random.between(2_700, 3_900) as u32;
    let length = |who: Who| if who.takes_gzip() { packed } else { packed * 4 };
    for number in 0..3 {
        let agent = [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36",
            "python-requests/2.32.3",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36",
        ][number as usize];
        let who = scene.program(1_200 + number, agent);
        let mut at = scene.between(scene.start, scene.end - DAY_MILLIS);
        for probe in PROBES {
            at += scene.random.between(300, 2_000) as i64;
            scene.hit(at, who, site, probe, 200).body = length(who);
            let root = probe.trim_start_matches("/app");
            scene.hit(at + 150, who, site, root, 404);
        }
    }
    for _ in 0..dead {
        let path = format!("/app/{}", scene.slug());
        for (at, who) in once_or_twice(scene) {
            scene.hit(at, who, site, &path, 200).body = length(who);
        }
    }
}

/// The error page of one folder is sent with 200.
fn error_page_with_200(scene: &mut Scene, site: usize, dead: u64) {
    for _ in 0..dead {
        let path = format!("/archive/{}", scene.slug());
        for (at, who) in once_or_twice(scene) {
            let body = scene.sites[site].error_length(404, who);
            scene.hit(at, who, site, &path, 200).body = body;
        }
    }
}

/// A site that has so many pages more has more error pages that are sent with 200, where it has any: of
/// a few among very many nobody can say that they are errors.
pub fn grow(scene: &mut Scene, site: usize, pages: u64) {
    let is_error =
        |hit: &Hit| (hit.site, hit.status) == (site, 200) && hit.target.starts_with("/archive/");
    if scene.hits.iter().any(is_error) {
        error_page_with_200(scene, site, pages / 10);
    }
}

/// All old addresses lead home.
fn home_for_all(scene: &mut Scene, site: usize, dead: u64) {
    let status = scene.random.pick(&[301, 302]);
    for _ in 0..dead {
        let path = format!("/archive/{}", scene.slug());
        for (at, who) in once_or_twice(scene) {
            let home = scene.sites[site].url("/");
            scene.hit(at, who, site, &path, status).location = home;
            arrive(scene, at + 300, who, site, "/", 200);
        }
    }
}

fn once_or_twice(scene: &mut Scene) -> Vec<(i64, Who)> {
    let times = scene.random.between(1, 3);
    let one = |scene: &mut Scene| {
        let at = scene.some_time();
        (at, if scene.random.percent(45) { scene.googlebot() } else { scene.visitor() })
    };
    (0..times).map(|_| one(scene)).collect()
}

/// Many have an address that is wrong in a way that can be told.
pub fn near_miss_url(scene: &mut Scene) {
    for _ in 0..some(scene, 4) {
        let site = scene.site();
        let page = scene.sites[site].popular(&mut scene.random);
        let (parent, name) = page.rsplit_once('/').unwrap_or(("", &page));
        let wrong = match scene.random.below(7) {
            0 => format!("{page}/"),
            1 => format!("{parent}/{}", name.to_ascii_uppercase()),
            2 => format!("{page}.html"),
            3 => format!("{page})"),
            4 => format!("{parent}/{}", name.replace('-', "_")),
            5 => format!("{parent}//{name}"),
            _ => format!("{parent}/{}{}", &name[..4], &name[5..]),
        };
        // In a mail, or on a page of somebody else.
        let referer = if scene.random.percent(30) { scene.random.pick(STRANGERS) } else { "" };
        let clients = scene.random.between(8, 36);
        for who in scene.visitors(clients) {
            let at = scene.some_time();
            scene.land(at, who, site, &wrong, 404, referer);
        }
        if !referer.is_empty() {
            scene.may("lost-backlink", wrong.clone());
        }
        scene.must("near-miss-url", wrong);
    }
}

/// A redirect whose target is gone.
pub fn redirect_to_not_found(scene: &mut Scene) {
    for _ in 0..some(scene, 3) {
        let site = scene.site();
        let (old, new) = (scene.fresh(site), scene.fresh(site));
        let referer = if scene.random.percent(30) { scene.random.pick(STRANGERS) } else { "" };
        let status = scene.random.pick(&[301, 301, 302, 308]);
        let location = scene.sites[site].url(&new);
        let clients = scene.random.between(5, 42);
        for who in scene.visitors(clients) {
            let at = scene.some_time();
            let hit = scene.hit(at, who, site, &old, status);
            (hit.location, hit.referer) = (location.clone(), referer.to_owned());
            let at = at + scene.random.between(60, 900) as i64;
            scene.land(at, who, site, &new, 404, referer);
        }
        for _ in 0..scene.random.below(3) {
            let (at, who) =
                (scene.between(scene.start, scene.end - HOUR_MILLIS), scene.googlebot());
            scene.hit(at, who, site, &old, status).location = location.clone();
            scene.crawl(at + 4 * MINUTE, who, site, &new, 404);
        }
        if !referer.is_empty() {
            scene.may("lost-backlink", new);
        }
        scene.must("redirect-to-not-found", old);
    }
}
