//! Plants about logins: somebody who guesses one password after the other, and many who try what was stolen
//! elsewhere.

use super::Who;
use super::load;
use super::scene::{HOUR_MILLIS, Scene};

const MINUTE: i64 = 60_000;

/// Those that people use answer 401; the others are known from blogs, and forbidden.
const LOGINS: &[(&str, u16)] = &[
    ("/login", 401),
    ("/account/login", 401),
    ("/account/login", 401),
    ("/wp-login.php", 403),
    ("/xmlrpc.php", 403),
];

/// Passwords are tried by one client, or by hundreds together.
pub fn credential_stuffing(scene: &mut Scene) {
    match scene.random.percent(50) {
        true => by_one(scene),
        false => by_many(scene),
    }
}

/// One attempt, and how it ends.
fn attempt(scene: &mut Scene, at: i64, who: Who, site: usize, path: &str, status: u16) {
    let home = scene.sites[site].url("/account");
    let chance = scene.random.next();
    let hit = scene.hit(at, who, site, path, status);
    hit.method = "POST";
    match status {
        303 => hit.location = home,
        429 => hit.millis = 0,
        // A password is checked slowly on purpose.
        _ => hit.millis = load::around(90, chance),
    }
}

fn by_one(scene: &mut Scene) {
    const AGENTS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0.0.0 Safari/537.36",
        "python-requests/2.28.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0",
        "Mozilla/5.0 (Hydra)",
    ];
    let site = scene.site();
    let (path, status) = scene.random.pick(LOGINS);
    let agent = scene.random.pick(AGENTS);
    let who = scene.stranger(agent);
    let (minutes, a_minute) = (scene.random.between(12, 31), scene.random.between(9, 34));
    let from = scene.between(scene.start + HOUR_MILLIS, scene.end - HOUR_MILLIS);
    // Where there is a limit it may be for logins too, and stop half of what comes.
    let is_limited = scene.is_anybody_rejected() && scene.random.percent(50);
    let moments = scene.spread(minutes * a_minute, from, from + minutes as i64 * MINUTE);
    for (number, at) in moments.into_iter().enumerate() {
        let status = if is_limited && number > 70 && number % 2 == 0 { 429 } else { status };
        attempt(scene, at, who, site, path, status);
    }
    if status == 401 && scene.random.percent(30) {
        let at = from + minutes as i64 * MINUTE + 3_000;
        attempt(scene, at, who, site, path, 303);
    }
    if is_limited {
        scene.may("rejection-spike", path);
    }
    scene.must("credential-stuffing", path);
}

fn by_many(scene: &mut Scene) {
    const AGENTS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:123.0) Gecko/20100101 Firefox/123.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
    ];
    let site = scene.site();
    let (path, status) = scene.random.pick(LOGINS);
    let (minutes, a_minute) = (scene.random.between(11, 18), scene.random.between(44, 70));
    let from = scene.between(scene.start + HOUR_MILLIS, scene.end - HOUR_MILLIS);
    let mut last = None;
    for at in scene.spread(minutes * a_minute, from, from + minutes as i64 * MINUTE) {
        // One in eight tries a second name.
        let again = last.take().filter(|_| scene.random.below(8) == 0);
        let agent = scene.random.pick(AGENTS);
        let who = again.unwrap_or_else(|| scene.stranger(agent));
        let is_right = status == 401 && scene.random.below(120) == 0;
        attempt(scene, at, who, site, path, if is_right { 303 } else { status });
        last = Some(who);
    }
    // So many come to it at once, as never else.
    scene.may("path-hotspot", path);
    scene.must("credential-stuffing", path);
}
