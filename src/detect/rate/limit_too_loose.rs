//! A few take most of what the server has, and nothing stops them.

use super::visitor::{Standing, Visitor};
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "limit-too-loose",
    group: Group::Rate,
    summary: "no limit ever turned anybody away, and a few clients take much of the server's time",
    explain: "In the whole log nobody was turned away by a limit (no 429, no 444, nothing in the error log), \
        and five clients took a large part of the time that all requests took, or one was many times faster \
        than any person. There is no limit, or one that is never met. People, addresses that several people \
        share, search engines and other crawlers with the right address, monitoring, readers of feeds and the \
        site's own network are left out. Where the log has no request times, pages are counted in their place. \
        nginx answers a limit with 503 unless limit_req_status says otherwise: if yours does, see there. \
        Where nobody fetches what pages show (it lies on another host), people cannot be told from programs \
        and it is low. How sure it is: the times are counted; that there is no limit is concluded. What to do: \
        set a limit that people never meet, for pages and not for what they show, first with \
        limit_req_dry_run, and set limit_req_status 429. Sources: nginx, ngx_http_limit_req_module; OWASP \
        API Security Top 10 (2023), API4 Unrestricted Resource Consumption; thresholds are ours.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "share", value: 0.3, summary: "of all time, of five clients, at least" },
        Threshold { name: "pages", value: 2_000.0, summary: "pages in the log, at least" },
        Threshold { name: "clients", value: 50.0, summary: "clients in the log, at least" },
        Threshold { name: "times", value: 20.0, summary: "times what people take in ten seconds" },
        Threshold { name: "requests", value: 200.0, summary: "pages in ten seconds, with that" },
    ],
    find,
    fires_on: &[
        "2000x 198.18.1.7 0d10:00+1s /p{n} 200 ua=python\n60x 198.18.{n}.9 0d10:00+1m / 200\n\
         60x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // One is fast.
        "400x 198.18.1.7 0d10:00+0.02s /p{n} 200 ua=python\n60x 198.18.{n}.9 0d10:00+1m / 200\n\
         60x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // A few slow requests.
        "300x 198.18.1.7 0d10:00+1m /report 200 ua=python rt=5.000\n\
         99x 198.18.{n}.9 0d10:00+1m / 200 rt=0.100\n99x 198.18.{n}.9 0d10:00+1m /a.css 200 rt=0.001\n\
         1900x 198.18.2.9 0d10:00+30s /p{n} 200 rt=0.100\n200x 198.18.2.9 0d10:00+30s /a.css 200 rt=0.001",
    ],
    silent_on: &[
        // There is a limit.
        "2000x 198.18.1.7 0d10:00+1s /p{n} 200 ua=python\n60x 198.18.{n}.9 0d10:00+1m / 200\n\
         60x 198.18.{n}.9 0d10:00+1m /a.css 200\n198.18.1.7 0d10:00 /p 429 ua=python",
        "2000x google 0d10:00+1s /p{n} 200\n60x 198.18.{n}.9 0d10:00+1m / 200\n\
         60x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // A small log.
        "900x 198.18.1.7 0d10:00+1s /p{n} 200 ua=python\n60x 198.18.{n}.9 0d10:00+1m / 200\n\
         60x 198.18.{n}.9 0d10:00+1m /a.css 200",
        // Somebody who reads much.
        "2000x 198.18.1.7 0d10:00+1s /p{n} 200\n400x 198.18.1.7 0d10:00+5s /a{n}.css 200\n\
         60x 198.18.{n}.9 0d10:00+1m / 200\n60x 198.18.{n}.9 0d10:00+1m /a.css 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    judge(facts, limits).into_iter().collect()
}

/// Whether any limit turned anybody away, or delayed anybody.
fn has_limit(facts: &Facts<'_>) -> bool {
    let aggregate = facts.aggregate;
    aggregate.by_status().any(|(status, _)| matches!(status.code(), Some(429 | 444)))
        || facts.crowd.turned_away().requests > 0
        || aggregate.error_log().limits().next().is_some()
}

fn judge(facts: &Facts<'_>, limits: &Limits<'_>) -> Option<Finding> {
    if !facts.has_addresses || has_limit(facts) {
        return None;
    }
    let aggregate = facts.aggregate;
    let has_times = aggregate.busy_centis() > 0;
    let all = if has_times { aggregate.busy_centis() } else { aggregate.pages() };
    let share = |part: u64| part as f64 / all.max(1) as f64;
    let busiest = facts.crowd.busiest();
    let taken = busiest.iter().fold(0_u64, |sum, (part, _)| sum.saturating_add(*part));
    let is_large = aggregate.pages() >= limits.count("pages")
        && aggregate.clients().distinct() >= limits.count("clients");
    let takes_much = is_large && taken > 0 && share(taken) >= limits.of("share");
    let fastest = facts.crowd.pace().and_then(|pace| {
        let least = (pace.most[1] as f64 * limits.of("times")).ceil().max(0.0) as u64;
        let least = least.max(limits.count("requests")).max(1);
        let others = facts.crowd.heavy().iter().filter(|visitor| {
            matches!(visitor.standing, Standing::Program | Standing::Crawler)
                && !visitor.may_be_search()
                && !visitor.is_local()
                && visitor.peaks()[1] >= least
        });
        others.max_by_key(|visitor| (visitor.peaks()[1], std::cmp::Reverse(visitor.client)))
    });
    let (part, visitor): (u64, &Visitor<'_>) = match (takes_much, fastest) {
        (true, _) => busiest.first().map(|(part, visitor)| (*part, visitor))?,
        (false, Some(fastest)) => {
            let visits = fastest.counts.visits();
            (if has_times { visits.busy_centis() } else { visits.pages() }, fastest)
        }
        (false, None) => return None,
    };
    let what = if has_times { "of the time of all requests" } else { "of all pages" };
    let title = Sentence::new("no limit turned anybody away, and ");
    let title = match takes_much {
        true => title.words(format!(
            "{} took {:.0} % {what}, ",
            plural(busiest.len() as u64, "client", "clients"),
            share(taken) * 100.0
        )),
        false => title,
    };
    let title = title.text(visitor.client).words(match takes_much {
        true => format!(" alone {:.0} %", share(part) * 100.0),
        false => {
            format!(" asked for {} in ten seconds", plural(visitor.peaks()[1], "page", "pages"))
        }
    });
    let limit = facts.crowd.sparing_limit(10);
    let action = Sentence::new(format!(
        "set a limit that people do not meet: {limit} on pages, first with limit_req_dry_run"
    ));
    let requests = match takes_much {
        true => {
            busiest.iter().fold(0_u64, |sum, (_, visitor)| sum.saturating_add(visitor.requests()))
        }
        false => visitor.requests(),
    };
    let score = Score { weight: 0.5, size: requests as f64, size_max: 1e5, seen: requests };
    let clients = if takes_much { busiest.len() as u64 } else { 1 };
    let draft = Draft::new(&DETECTOR, of("client", visitor.client), score.get(), requests)
        .seen(clients, Some(if takes_much { facts.period } else { visitor.period(facts) }))
        .says(title, action)
        .evidence("measured_by", Evidence::Words(if has_times { "time" } else { "pages" }))
        .evidence("share", Evidence::Ratio(share(taken)))
        .evidence("share_of_client", Evidence::Ratio(share(part)))
        .count("most_in_10_seconds", visitor.peaks()[1])
        .evidence("agent", Evidence::Text(visitor.agent_text()))
        .examples(
            "client",
            busiest.iter().map(|(_, visitor)| (visitor.client, visitor.requests())),
        );
    Some(if facts.crowd.people() == 0 { draft.at_most(Severity::Low) } else { draft }.done())
}
