//! A limit turns much away.

use crate::aggregate::counts::ByStatus;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, grouped, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Status;
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "rejection-spike",
    group: Group::Rate,
    summary: "for five minutes or longer limits turn a large part of all requests away (429, 444)",
    explain: "In five minutes one request in twenty and more was turned away by a limit (429), or had its \
        connection closed without an answer (444). Either somebody asks for far too much, and the limit does \
        its work, or the limit is too tight for those who are meant to come: limit-too-tight and retry-storm \
        tell these apart, and the share of browsers among those turned away is a hint. Where nearly none of \
        them say that they are browsers it is medium at most. nginx answers a limit with 503 unless \
        limit_req_status says otherwise; such answers are not counted here, since a log cannot tell them from \
        those of a server that is down. How sure it is: the answers are counted; windows are five minutes long \
        and aligned. What to do: look who was turned away in the worst window, exempt or raise the burst if \
        it is people, and otherwise leave it; set limit_req_status 429 and send Retry-After, so that programs \
        know. Sources: nginx, ngx_http_limit_req_module; RFC 6585 section 4 (429); thresholds are ours.",
    statuses: &[429, 444],
    thresholds: &[
        Threshold { name: "requests", value: 200.0, summary: "requests in five minutes, at least" },
        Threshold { name: "share", value: 0.05, summary: "of them turned away, at least" },
        Threshold { name: "low_share", value: 0.01, summary: "of them, where it is told as low" },
        Threshold {
            name: "low_rejected",
            value: 20.0,
            summary: "turned away, where it is told as low",
        },
    ],
    find,
    fires_on: &[
        "270x 198.18.1.7 0d10:00+1s /api 200\n30x 198.18.2.7 0d10:00+1s /api 429",
        "2000x 198.18.1.7 0d10:00+0.1s /a 200\n24x 198.18.2.7 0d10:00+1s /a 444",
    ],
    silent_on: &[
        // Too few to tell.
        "50x 198.18.1.7 0d10:00+1s /api 200\n20x 198.18.2.7 0d10:00+1s /api 429",
        "270x 198.18.1.7 0d10:00+1s /api 200\n30x 198.18.2.7 0d10:00+1s /api 503",
        // Now and then.
        "2000x 198.18.1.7 0d10:00+1s /api 200\n9x 198.18.2.7 0d10:00+4m /api 429",
        "2000x 198.18.1.7 0d10:00+0.1s /a 200\n15x 198.18.2.7 0d10:00+1s /a 429",
    ],
};

/// The length of windows.
const WINDOW_SECONDS: u32 = 300;

fn rejected(by_status: &ByStatus) -> u64 {
    let is_it = |status: Status| matches!(status.code(), Some(429 | 444));
    by_status.iter().filter(|(status, _)| is_it(*status)).map(|(_, requests)| requests).sum()
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    judge(facts, limits).into_iter().collect()
}

fn judge(facts: &Facts<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let counted = facts.aggregate.client_errors();
    let of_codes: Vec<(&'static str, u64)> = counted
        .filter_map(|(status, counts)| match status.code() {
            Some(429) => Some(("429", counts.requests)),
            Some(444) => Some(("444", counts.requests)),
            _ => None,
        })
        .collect();
    if of_codes.is_empty() {
        return None;
    }
    let share = |part: u64, all: u64| part as f64 / all.max(1) as f64;
    let mut worst: Option<(bool, u64, u32, u64)> = None;
    let (mut windows, mut first, mut last) = (0_u64, u32::MAX, 0);
    for (start, requests, by_status) in facts.aggregate.windows().rows(WINDOW_SECONDS) {
        let rejected = rejected(&by_status);
        let part = share(rejected, requests);
        let is_large = requests >= limits.count("requests").max(1);
        let is_bad = is_large && part >= limits.of("share") && rejected > 0;
        let is_some = is_large
            && part >= limits.of("low_share")
            && rejected >= limits.count("low_rejected").max(1);
        if is_bad || is_some {
            windows += 1;
            (first, last) = (first.min(start), last.max(start));
            // Of equals the first.
            if worst.is_none_or(|known| (is_bad, rejected) > (known.0, known.1)) {
                worst = Some((is_bad, rejected, start, requests));
            }
        }
    }
    let (is_bad, most, start, of) = worst?;
    let rows = facts.aggregate.paths().rows();
    let limited = rows.filter_map(|row| Some((row, row.errors?.limited.as_deref()?)));
    let (row, _) =
        limited.max_by_key(|(row, limited)| (limited.requests, std::cmp::Reverse(row.key)))?;
    let all: u64 = of_codes.iter().map(|(_, requests)| requests).sum();
    let of_all = share(all, facts.aggregate.requests());
    let turned_away = facts.crowd.turned_away();
    let of_browsers = share(turned_away.browsers, turned_away.requests);
    let title = Sentence::new(format!(
        "limits turned {} of {} away in five minutes ({:.0} %), most of all at ",
        grouped(most),
        plural(of, "request", "requests"),
        share(most, of) * 100.0
    ))
    .text(row.key.tail);
    let is_of_programs = of_browsers < 0.1;
    let action = Sentence::new(match is_of_programs {
        true => {
            "see that these programs wait as Retry-After says, or leave it: nearly none of them are browsers"
        }
        false => "look who was turned away; raise the burst or exempt them if it is people",
    });
    let score = Score { weight: 0.7, size: all as f64, size_max: 1e5, seen: all };
    let (start_of_log, end_of_log) = facts.period;
    let period = (first.max(start_of_log), last.saturating_add(WINDOW_SECONDS - 1).min(end_of_log));
    let draft = Draft::new(&DETECTOR, of_path(row.key), score.get(), all)
        .seen(turned_away.clients, Some(period))
        .says(title, action)
        .evidence("share", Evidence::Ratio(of_all))
        .evidence("worst_share", Evidence::Ratio(share(most, of)))
        .moment("worst_from", Some(start.max(start_of_log)))
        .count("windows", windows)
        .evidence("by_status", Evidence::Names(of_codes))
        .evidence("share_of_browsers", Evidence::Ratio(of_browsers));
    let draft = match () {
        () if !is_bad => draft.at_most(Severity::Low),
        () if of_all >= limits.of("share") => draft.at_least(Severity::High),
        () => draft.at_least(Severity::Medium),
    };
    Some(if is_of_programs { draft.at_most(Severity::Medium) } else { draft }.done())
}
