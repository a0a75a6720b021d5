//! Plants about files: those with a name from a standard, parts of pages, pictures, and HEAD.

use super::scene::{Broken, DAY_MILLIS, STRANGERS, Scene, shuffle};

/// `/robots.txt` fails for all from some moment on.
pub fn robots_txt_unavailable(scene: &mut Scene) {
    let (site, from) = (scene.site(), scene.change());
    let status = scene.random.pick(&[503, 503, 500, 429, 403, 404]);
    scene.broken.push(Broken { site, path: "/robots.txt", from, status });
    match status {
        404 => {
            scene.may("root-file-missing", "/robots.txt");
            scene.may("lost-page", "/robots.txt");
        }
        403 => both(scene, "crawler-denied"),
        429 => both(scene, "crawler-rate-limited"),
        _ => {}
    }
    scene.must("robots-txt-unavailable", "/robots.txt");
}

fn both(scene: &mut Scene, id: &'static str) {
    scene.may(id, "Googlebot");
    scene.may(id, "bingbot");
}

/// Files for crawlers, advertisers and telephones that were there and are not, or that all ask for.
pub fn root_file_missing(scene: &mut Scene) {
    let mut files = [
        "/sitemap_index.xml",
        "/ads.txt",
        "/favicon.ico",
        "/.well-known/assetlinks.json",
        "/.well-known/apple-app-site-association",
    ];
    shuffle(&mut files, &mut scene.random);
    for path in files.into_iter().take(scene.random.between(1, 3) as usize) {
        let (site, from) = (scene.site(), scene.change());
        scene.broken.push(Broken { site, path, from, status: 404 });
        match path {
            // The crawlers of every log ask for it.
            "/sitemap_index.xml" => {}
            "/favicon.ico" => icon(scene, site),
            _ => {
                for at in scene.spread(6 * scene.days, scene.start, scene.end) {
                    let who = match scene.random.below(4) {
                        0 => scene.googlebot(),
                        1 => scene.bingbot(),
                        _ => scene.visitor(),
                    };
                    scene.crawl(at, who, site, path, if at < from { 200 } else { 404 });
                }
            }
        }
        scene.may("lost-page", path);
        scene.must("root-file-missing", path);
    }
}

/// The icon that search results show, which was never there though all ask for it.
fn icon(scene: &mut Scene, site: usize) {
    let clients = scene.random.between(90, 160);
    for who in scene.visitors(clients) {
        let at = scene.some_time();
        scene.open(at, who, site, "/", 200, "");
        scene.hit(at + 800, who, site, "/favicon.ico", 404);
    }
    for _ in 0..scene.random.between(5, 14) {
        let (at, who) = (scene.between(scene.start, scene.end), scene.googlebot_image());
        scene.crawl(at, who, site, "/favicon.ico", 404);
    }
    scene.may("crawled-not-found", "/favicon.ico");
}

/// A part of pages is not there: that of the last build, a picture, a font.
pub fn missing_asset(scene: &mut Scene) {
    for _ in 0..scene.random.between(1, 4) {
        let site = scene.site();
        let hash = scene.random.next() as u32 | 0x1000_0000;
        let part = match scene.random.below(4) {
            0 => format!("/assets/site.{hash:08x}.css"),
            1 => format!("/assets/app.{hash:08x}.js"),
            2 => format!("/assets/{}.woff2", scene.slug()),
            _ => format!("/images/{}.png", scene.slug()),
        };
        let pages: Vec<String> = (0..scene.random.between(1, 6))
            .map(|_| scene.sites[site].popular(&mut scene.random))
            .collect();
        let clients = scene.random.between(5, 48);
        for who in scene.visitors(clients) {
            let at = scene.some_time();
            let page = &pages[scene.random.below(pages.len() as u64) as usize];
            scene.open(at, who, site, page, 200, "");
            let referer = scene.sites[site].url(page);
            scene.hit(at + 500, who, site, &part, 404).referer = referer;
        }
        for _ in 0..scene.random.below(4) {
            let (at, who) = (scene.between(scene.start, scene.end), scene.googlebot());
            let referer = scene.sites[site].url(&pages[0]);
            scene.hit(at, who, site, &part, 404).referer = referer;
        }
        scene.must("missing-asset", part);
    }
}

/// A picture that other sites show, and that is not there.
pub fn hotlinked_missing(scene: &mut Scene) {
    for _ in 0..scene.random.between(1, 3) {
        let site = scene.site();
        let ending = scene.random.pick(&["jpg", "png", "webp"]);
        let picture = format!("/images/{}.{ending}", scene.slug());
        let referers = [scene.random.pick(STRANGERS), scene.random.pick(STRANGERS)];
        let clients = scene.random.between(32, 200);
        for who in scene.visitors(clients) {
            let (at, referer) = (scene.some_time(), scene.random.pick(&referers));
            scene.hit(at, who, site, &picture, 404).referer = referer.to_owned();
        }
        scene.must("hotlinked-missing", picture);
    }
}

/// HEAD is refused where GET is not; programs that check links ask with HEAD first.
pub fn method_mismatch(scene: &mut Scene) {
    const CHECKERS: &[&str] = &[
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (compatible; W3C-checklink/5.0)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "python-requests/2.32.3",
    ];
    let site = scene.site();
    let status = scene.random.pick(&[405, 405, 404]);
    let pages = scene.random.between(18, 70) as usize;
    let programs = scene.random.between(5, 10);
    let pages = scene.sites[site].pages[6..6 + pages].to_vec();
    for page in pages {
        for _ in 0..scene.random.between(1, 4) {
            let number = scene.random.below(programs) as u32;
            let agent = CHECKERS[number as usize % CHECKERS.len()];
            let who = scene.program(1_000 + number, agent);
            let at = scene.between(scene.start, scene.end - DAY_MILLIS / 24);
            let hit = scene.hit(at, who, site, &page, status);
            (hit.method, hit.body) = ("HEAD", 0);
            // Refused, they ask as browsers do.
            scene.crawl(at + 700, who, site, &page, 200);
        }
    }
    scene.must_of_site("method-mismatch", site);
}
