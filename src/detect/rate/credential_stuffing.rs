//! Somebody tries passwords.

use std::cmp::Reverse;

use crate::aggregate::arena::Key;
use crate::aggregate::logins::{
    Attempts, CLIENT_WINDOW_SECONDS, LoginClient, LoginPath, LoginWindow, PATH_WINDOW_SECONDS,
};
use crate::aggregate::shards::Counts;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "credential-stuffing",
    group: Group::Rate,
    summary: "somebody tries passwords at a login: many from one client, or one each from many",
    explain: "At a place where people log in, far more tries fail than people mistype. Either one client tries \
        again and again (brute force), or very many clients try once or twice each, and nothing else, with \
        names and passwords that leaked elsewhere (credential stuffing): no limit for each address sees the \
        latter. A try is a request that is neither GET nor HEAD for a path that has to do with logging in; it \
        failed where it was answered 400, 401, 403, 422 or 429. WordPress answers a wrong password with 200 and \
        a right one with a redirect, and so do many forms: where a place answers both, and hardly refuses, 200 \
        is taken for a failure, and at wp-login.php and xmlrpc.php always. Who failed five times and then got \
        in without ever fetching what pages show may have guessed a password: that is high. Where no try ever \
        succeeded it is medium at most. How sure it is: the log has no names; a program of your own with an \
        expired token looks like brute force. What to do: limit the login by address (limit_req at 5r/m) and, \
        in the application, by account, ask for a second factor, refuse passwords that are known to have \
        leaked, and have those who got in change theirs. Sources: OWASP Automated Threats, OAT-008 \
        Credential Stuffing and OAT-007 Credential Cracking; OWASP Credential Stuffing Prevention Cheat \
        Sheet; CrowdSec hub, http-bf-wordpress_bf; fail2ban; thresholds are ours.",
    statuses: &[],
    thresholds: &[
        Threshold {
            name: "failures",
            value: 10.0,
            summary: "of a client in ten minutes, at least",
        },
        Threshold { name: "failure_share", value: 0.9, summary: "of all its tries, at least" },
        Threshold {
            name: "spread_failures",
            value: 50.0,
            summary: "of all clients in five minutes, at least",
        },
        Threshold {
            name: "client_share",
            value: 0.5,
            summary: "clients for each of these, at least",
        },
        Threshold { name: "times", value: 6.0, summary: "times what is usual there, at least" },
        Threshold {
            name: "stranger_share",
            value: 0.7,
            summary: "of these clients, who did nothing else",
        },
        Threshold {
            name: "succeeded_after",
            value: 5.0,
            summary: "failures before a success, to be told as high",
        },
    ],
    find,
    fires_on: &[
        "30x 198.18.1.7 0d10:00+5s /login 401 method=POST ua=python\n\
         9x 198.18.{n}.9 0d10:00+1h /login 200 method=POST",
        "40x 198.18.1.7 0d10:00+5s /wp-login.php 200 method=POST ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // One each.
        "99x 198.18.{n}.7 0d10:00+1s /account/login 401 method=POST ua=chrome\n\
         9x 198.18.{n}.9 0d00:00+1h /account/login 200 method=POST",
    ],
    silent_on: &[
        // People mistype.
        "3x 198.18.1.7 0d10:00+5s /login 401 method=POST\n99x 198.18.{n}.9 0d10:00+1m /login 302 method=POST",
        "30x 198.18.1.7 0d10:00+5s /login 401\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // A program that gets what it asks for.
        "300x 198.18.1.7 0d10:00+5s /oauth/token 200 method=POST ua=python\n\
         9x 198.18.{n}.9 0d10:00+1h /oauth/token 401 method=POST",
        "30x 198.18.1.7 0d10:00+5s /search 401 method=POST ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // Once a quarter of an hour.
        "30x 198.18.1.7 0d10:00+15m /login 401 method=POST ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // Many people, who fetch pages too, on a bad morning.
        "99x 198.18.{n}.7 0d10:00+1s /login 401 method=POST\n99x 198.18.{n}.7 0d10:00+1s /a.css 200\n\
         99x 198.18.{n}.7 0d10:05+1s / 200",
    ],
};

/// Whether a wrong password is answered 200 at this place.
fn answers(path: &[u8], attempts: Attempts) -> bool {
    let Attempts { refused, answered, redirected } = attempts;
    let is_form =
        redirected > 0 && redirected.saturating_mul(50) >= answered && refused * 20 < answered;
    path.ends_with(b"/wp-login.php") || path.ends_with(b"/xmlrpc.php") || is_form
}

/// Somebody who tried at a place.
struct Trier<'f> {
    client: &'f [u8],
    tried: &'f LoginClient,
    failed: u64,
    succeeded: u64,
    /// Whether it came for nothing else: at most three requests, and none for what pages show.
    is_stranger: bool,
    /// Whether it ever fetched what pages show.
    has_assets: bool,
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let places = facts.aggregate.logins().paths().into_iter();
    places.filter_map(|(key, place)| judge(facts, limits, key, place)).collect()
}

fn triers<'f>(facts: &Facts<'f>, key: Key<'_>, answers: bool) -> Vec<Trier<'f>> {
    let clients = facts.aggregate.logins().clients_of(key).into_iter();
    let trier = |(client, tried): (&'f [u8], &'f LoginClient)| {
        let row = facts.aggregate.clients().get(Key::new(client));
        let (requests, pages) = row.map_or((u64::MAX, 0), |row| {
            (row.counts.head().requests(), row.counts.visits().pages())
        });
        Trier {
            client,
            tried,
            failed: tried.attempts.failed(answers),
            succeeded: tried.attempts.succeeded(answers),
            is_stranger: requests <= 3 && pages >= requests,
            has_assets: requests > pages,
        }
    };
    clients.map(trier).collect()
}

/// The window in which most failed from many, if there is any: its first second, and how many failed.
fn worst_window(
    place: &LoginPath,
    triers: &[Trier<'_>],
    limits: &Limits<'_>,
    period: (u32, u32),
    answers: bool,
) -> Option<(u32, u64, u64)> {
    let mut usual: Vec<u64> =
        place.windows().map(|(_, window)| window.attempts.failed(answers)).collect();
    usual.sort_unstable();
    // The middle of all windows of the log: in those that are not here nobody tried.
    let (first, last) = period;
    let all = (last.saturating_sub(first) / PATH_WINDOW_SECONDS) as usize + 1;
    let empty = all.saturating_sub(usual.len());
    let middle = (all.max(usual.len()) - 1) / 2;
    let usual = middle.checked_sub(empty).and_then(|at| usual.get(at)).copied().unwrap_or(0);
    let is_odd = |start: u32, window: &LoginWindow| {
        let failed = window.attempts.failed(answers);
        let is_much = failed >= limits.count("spread_failures").max(1)
            && failed as f64 >= limits.of("times") * usual as f64
            && window.clients.count() as f64 >= limits.of("client_share") * failed as f64;
        is_much && {
            let was_there = |trier: &&Trier<'_>| {
                let mut windows = trier.tried.windows();
                windows.any(|(from, _)| {
                    (from..=from.saturating_add(CLIENT_WINDOW_SECONDS - 1)).contains(&start)
                })
            };
            let there: Vec<&Trier<'_>> = triers.iter().filter(was_there).collect();
            let strangers = there.iter().filter(|trier| trier.is_stranger).count();
            !there.is_empty()
                && strangers as f64 >= limits.of("stranger_share") * there.len() as f64
        }
    };
    let windows = place.windows().filter(|(start, window)| is_odd(*start, window));
    let worst =
        windows.max_by_key(|(start, window)| (window.attempts.failed(answers), Reverse(*start)))?;
    Some((worst.0, worst.1.attempts.failed(answers), worst.1.clients.count()))
}

fn judge(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    key: Key<'_>,
    place: &LoginPath,
) -> Option<Finding> {
    let answers = answers(key.tail, place.attempts);
    if place.attempts.failed(answers) < limits.count("failures") {
        return None;
    }
    let triers = triers(facts, key, answers);
    let is_brute = |trier: &&Trier<'_>| {
        let most = trier.tried.windows().map(|(_, attempts)| attempts.failed(answers)).max();
        let all = trier.failed + trier.succeeded;
        most.unwrap_or(0) >= limits.count("failures").max(1)
            && trier.failed as f64 >= limits.of("failure_share") * all as f64
    };
    let mut brute: Vec<&Trier<'_>> = match facts.has_addresses {
        true => triers.iter().filter(is_brute).collect(),
        false => Vec::new(),
    };
    brute.sort_by_key(|trier| (Reverse(trier.failed), trier.client));
    let spread = if facts.has_addresses {
        worst_window(place, &triers, limits, facts.period, answers)
    } else {
        None
    };
    let of_brute: u64 = brute.iter().map(|trier| trier.failed).sum();
    let (requests, clients) = match spread {
        Some((_, failed, clients)) if failed > of_brute => (failed, clients),
        _ if brute.is_empty() => return None,
        _ => (of_brute, brute.len() as u64),
    };
    let got_in = triers.iter().filter(|trier| {
        trier.failed >= limits.count("succeeded_after").max(1)
            && trier.succeeded > 0
            && !trier.has_assets
    });
    let got_in = got_in.count() as u64;
    let period = match spread {
        Some((start, ..)) if brute.is_empty() => Some((
            start.max(facts.period.0),
            start.saturating_add(PATH_WINDOW_SECONDS - 1).min(facts.period.1),
        )),
        _ => {
            let periods = brute.iter().filter_map(|trier| trier.tried.period.get());
            periods.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
        }
    };
    let score = Score { weight: 0.9, size: requests as f64, size_max: 1e4, seen: requests };
    let (title, kinds) = match spread {
        Some((_, failed, clients)) => (
            format!(
                ": {} failed from {} in five minutes, most of whom came for nothing else",
                plural(failed, "login", "logins"),
                plural(clients, "client", "clients")
            ),
            if brute.is_empty() { "distributed" } else { "brute-force and distributed" },
        ),
        None => (
            format!(
                ": {} failed to log in {}, one try after the other",
                plural(brute.len() as u64, "client", "clients"),
                plural(of_brute, "time", "times")
            ),
            "brute-force",
        ),
    };
    let action = Sentence::new(match got_in {
        0 => {
            "limit it to a few tries a minute (limit_req at 5r/m), by address and in the application by account"
        }
        _ => {
            "see who got in after many failures and have these accounts change their passwords; then limit \
             tries by address (limit_req at 5r/m) and by account"
        }
    });
    let succeeded = place.attempts.succeeded(answers);
    let draft = Draft::new(&DETECTOR, of_path(key), score.get(), requests)
        .seen(clients, Some(period.unwrap_or(facts.period)))
        .says(Sentence::new("").text(key.tail).words(title), action)
        .evidence("pattern", Evidence::Words(kinds))
        .count("failed", place.attempts.failed(answers))
        .count("succeeded", succeeded)
        .count("succeeded_after_failures", got_in);
    let draft = match spread {
        Some((start, failed, clients)) => draft
            .moment("worst_from", Some(start.max(facts.period.0)))
            .count("worst_failed", failed)
            .count("worst_clients", clients),
        None => draft,
    };
    let draft = draft.examples("client", brute.iter().map(|trier| (trier.client, trier.failed)));
    let draft = match () {
        () if got_in > 0 => draft.at_least(Severity::High),
        // Nobody ever logs in there.
        () if succeeded == 0 => draft.at_most(Severity::Medium),
        () => draft,
    };
    Some(draft.done())
}
