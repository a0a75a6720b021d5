//! Who is turned away, and asks again at once.

use super::visitor::{Standing, Visitor};
use crate::aggregate::limited::Limited;
use crate::aggregate::shards::Counts;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "retry-storm",
    group: Group::Rate,
    summary: "a client that a limit turns away goes on asking, minute after minute",
    explain: "A client was turned away by a limit dozens of times a minute, for minutes, and most of what it \
        asked for in all: it does not wait, it tries again at once. Each try costs the server a connection and \
        the log a line, and the client gets nothing. People who load a page again do so a few times; who is \
        turned away with most of what a page shows is not told here, but by limit-too-tight. Search engines \
        whose addresses are in their lists are told by crawler-rate-limited. How sure it is: the answers are \
        counted (429, 444, or $limit_req_status says so); of a client the latest 64 minutes with any. What to \
        do: send Retry-After with 429; if the program is yours, have it wait longer after each try, with some \
        chance in it; if not, deny the address for a while (fail2ban's nginx-limit-req and CrowdSec's \
        nginx-req-limit-exceeded do that by themselves, from the error log). Sources: RFC 6585 section 4; \
        RFC 9110 section 10.2.3 (Retry-After); AWS Architecture Blog, \"Exponential backoff and jitter\"; \
        CrowdSec hub and fail2ban; thresholds are ours.",
    statuses: &[429, 444],
    thresholds: &[
        Threshold { name: "minutes", value: 3.0, summary: "such minutes, at least" },
        Threshold { name: "per_minute", value: 50.0, summary: "turned away in each, at least" },
        Threshold { name: "share", value: 0.5, summary: "of all its requests, at least" },
    ],
    find,
    fires_on: &[
        "240x 198.18.1.7 0d10:00+1s /api 429 ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        "400x 198.18.1.7 0d10:00+0.5s /p{n} 444\n99x 198.18.1.7 0d10:00+1s /p{n} 200",
    ],
    silent_on: &[
        "110x 198.18.1.7 0d10:00+1s /api 429 ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // Most of what it asks for it gets.
        "240x 198.18.1.7 0d10:00+1s /api 429 ua=python\n300x 198.18.1.7 0d10:00+1s /api 200 ua=python",
        // It waits.
        "240x 198.18.1.7 0d10:00+1m /api 429 ua=python\n9x 198.18.{n}.9 0d10:00+1h / 200",
        // What a page shows, to somebody who loads it again.
        "240x 198.18.1.7 0d10:00+1s /a{n}.png 429\n20x 198.18.1.7 0d10:00+12s / 429",
        "240x google 0d10:00+1s /p{n} 429\n9x 198.18.{n}.9 0d10:00+1h / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    if !facts.has_addresses {
        return Found::default();
    }
    let rows = facts.aggregate.clients().rows();
    let limited = rows.filter_map(|row| Some((row, row.errors?.limited.as_deref()?)));
    let storms = limited.filter(|(row, limited)| {
        let requests = row.counts.head().requests();
        limited.requests > 0
            && limited.requests as f64 >= limits.of("share") * requests as f64
            && limited.minutes.with_at_least(limits.count("per_minute").max(1))
                >= limits.count("minutes").max(1)
    });
    storms.filter_map(|(row, limited)| judge(limits, facts.crowd.visitor(row), limited)).collect()
}

fn judge(limits: &Limits<'_>, visitor: Visitor<'_>, limited: &Limited) -> Option<Finding> {
    let is_of_pages_parts = limited.assets * 2 >= limited.requests && visitor.is_browser();
    if visitor.standing == Standing::Verified || is_of_pages_parts {
        return None;
    }
    let rejected = limited.requests;
    let share = rejected as f64 / visitor.requests().max(1) as f64;
    let score = Score { weight: 0.7, size: rejected as f64, size_max: 1e5, seen: rejected };
    let minutes = limited.minutes.with_at_least(limits.count("per_minute").max(1));
    let title = Sentence::new("").text(visitor.client).words(format!(
        " was turned away by a limit in {} ({:.0} % of its own), and did not wait",
        plural(rejected, "request", "requests"),
        share * 100.0
    ));
    let action = Sentence::new(
        "have it wait if it is yours (send Retry-After); else deny it for a while, as fail2ban \
         (nginx-limit-req) or CrowdSec do",
    );
    let finding = Draft::new(&DETECTOR, of("client", visitor.client), score.get(), rejected)
        .seen(1, limited.spread.get())
        .says(title, action)
        .evidence("share", Evidence::Ratio(share))
        .count("minutes", minutes)
        .count("most_in_a_minute", limited.minutes.most())
        .evidence("agent", Evidence::Text(visitor.agent_text()))
        .evidence("kind", Evidence::Words(visitor.standing.id()));
    Some(finding.done())
}
