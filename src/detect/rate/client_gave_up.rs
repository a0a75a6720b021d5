//! Those who asked did not wait for the answer.

use crate::aggregate::shards::Counts;
use crate::detect::facts::{Facts, FailedPath, requests_of};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "client-gave-up",
    group: Group::Rate,
    summary: "clients leave before the answer comes (499), after they waited for it",
    explain: "nginx logs 499 where the client closed the connection before an answer was sent. Here many did so \
        after they had waited: the page is too slow for those who ask for it. Where most left after the same \
        time that is no impatience but somebody's time-out: of a balancer, a gateway or another proxy before \
        this server, or of the program that asks. Some that are well known: 29 s (Amazon API Gateway), 30 s \
        (many balancers), 60 s (nginx's proxy_read_timeout, Amazon's ALB), 100 s (Cloudflare); which it is \
        here only you know. The server goes on working for those who left, unless proxy_ignore_client_abort \
        is off and it notices. Who left within 0.3 s changed their mind and is not counted, and a client that \
        leaves during the answer has its status and no 499. Paths whose requests take twenty seconds and more \
        on average, without such a time-out, wait for events: they are told as low. How sure it is: times are \
        counted; it is silent where the log has none. What to do: make it faster, or let what takes long go \
        on in the background and be asked for later; only then raise the time-out that is named. Sources: \
        nginx, ngx_http_request.h (499) and ngx_http_proxy_module; the vendors' documentation; thresholds \
        are ours.",
    statuses: &[499],
    thresholds: &[
        Threshold { name: "requests", value: 20.0, summary: "that left after 0.3 s, at least" },
        Threshold { name: "share", value: 0.05, summary: "of all requests for it, at least" },
        Threshold {
            name: "slow_share",
            value: 0.5,
            summary: "of all that left, those after 0.3 s, at least",
        },
        Threshold {
            name: "waiting_seconds",
            value: 20.0,
            summary: "a request takes on average where it only waits",
        },
    ],
    find,
    fires_on: &[
        "100x 198.18.1.7 0d10:00+1m /report 200 rt=5.000\n30x 198.18.{n}.7 0d10:00+1m /report 499 rt=30.000",
        "100x 198.18.1.7 0d10:00+1m /report 200 rt=1.000\n25x 198.18.{n}.7 0d10:00+1m /report 499 rt=4.300",
    ],
    silent_on: &[
        // They changed their mind.
        "100x 198.18.1.7 0d10:00+1m /find 200 rt=0.200\n30x 198.18.{n}.7 0d10:00+1m /find 499 rt=0.100",
        // No times.
        "100x 198.18.1.7 0d10:00+1m /report 200\n30x 198.18.{n}.7 0d10:00+1m /report 499",
        "100x 198.18.1.7 0d10:00+1m /report 200 rt=5.000\n10x 198.18.{n}.7 0d10:00+1m /report 499 rt=30.000",
        "999x 198.18.1.7 0d10:00+1m /report 200 rt=5.000\n30x 198.18.{n}.7 0d10:00+1m /report 499 rt=30.000",
    ],
};

/// Whose time-out it may be, for a sentence.
fn whose(seconds: u32) -> &'static str {
    match seconds {
        29 => ", as that of Amazon API Gateway is",
        30 => ", as that of many balancers is",
        60 => ", as that of another nginx or of Amazon's balancers is",
        100 => ", as that of Cloudflare is",
        _ => "",
    }
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    facts.failed.iter().filter_map(|path| judge(path, limits)).collect()
}

fn judge(path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let aborts = path.of_path.aborts.as_deref()?;
    let slow = aborts.requests.saturating_sub(aborts.quick);
    let requests = path.counts.head().requests();
    let share = slow as f64 / requests.max(1) as f64;
    if slow < limits.count("requests").max(1)
        || share < limits.of("share")
        || (slow as f64) < limits.of("slow_share") * aborts.requests as f64
    {
        return None;
    }
    let wall = aborts.wall();
    let seconds = path.counts.busy_centis() as f64 / 100.0 / requests.max(1) as f64;
    let score = Score { weight: 0.7, size: slow as f64, size_max: 1e4, seen: slow };
    let title = Sentence::new(format!(
        "{} ({:.0} %) left before the answer came from ",
        plural(slow, "client request", "client requests"),
        share * 100.0
    ))
    .text(path.key.tail);
    let (title, action) = match wall {
        Some((seconds, _)) => (
            title.words(format!(", most of them after {seconds} s: that is a time-out's")),
            Sentence::new(format!(
                "make it faster, or find whose time-out of {seconds} s that is{}, and let it wait longer",
                whose(seconds)
            )),
        ),
        None => (
            title,
            Sentence::new(
                "make it faster, or let what takes long go on in the background and be asked for later",
            ),
        ),
    };
    let draft = Draft::new(&DETECTOR, of_path(path.key), score.get(), slow)
        .seen(path.clients(), path.errors.period.get())
        .says(title, action)
        .evidence("share", Evidence::Ratio(share))
        .count("left", requests_of(path.errors, 499))
        .count("left_at_once", aborts.quick)
        .evidence("mean_seconds", Evidence::Ratio(seconds));
    let draft = match wall {
        Some((seconds, at)) => draft.count("time_out_seconds", seconds.into()).count("at_it", at),
        None => draft,
    };
    let only_waits = wall.is_none() && seconds >= limits.of("waiting_seconds");
    Some(if only_waits { draft.at_most(Severity::Low) } else { draft }.done())
}
