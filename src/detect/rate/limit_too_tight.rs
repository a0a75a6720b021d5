//! A limit turns people away who do nothing out of the way.

use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "limit-too-tight",
    group: Group::Rate,
    summary: "a limit turns people away who are no faster than others (429, 444)",
    explain: "People, whose browser fetches what pages show as well, met the limit although in their busiest \
        minute they asked for no more pages than others here do. They see an error or a page without pictures, \
        and leave. Mostly the limit counts what pages show: one page is one request and dozens of pictures at \
        once. How sure it is: that they were turned away is counted (429, 444, or $limit_req_status says so); \
        that they are people is told by what they fetch, so that nothing is told where that lies on another \
        host. What to do: do not count pictures, styles and scripts (a location of their own without \
        limit_req), raise burst and set nodelay, so that what one page needs passes at once, and only then \
        raise the rate; try it first with limit_req_dry_run. Who shares an address (an office, a carrier) needs \
        a key of its own, such as a session. Sources: nginx, ngx_http_limit_req_module and NGINX's blog, \
        \"Rate Limiting with NGINX\" (burst, nodelay); Cloudflare, rate limiting rules; thresholds are ours.",
    statuses: &[429, 444],
    thresholds: &[
        Threshold { name: "clients", value: 5.0, summary: "people turned away, at least" },
        Threshold { name: "share", value: 0.01, summary: "of all people, at least" },
        Threshold { name: "high_share", value: 0.05, summary: "of all people, to be told as high" },
        Threshold {
            name: "times",
            value: 2.0,
            summary: "times the middle of people is slow still",
        },
    ],
    find,
    fires_on: &[
        "30x 198.18.{n}.7 0d10:00+1m / 200\n30x 198.18.{n}.7 0d10:00+1m /a.css 200\n\
         6x 198.18.{n}.7 0d11:00+1m /page 429",
        // What pages show is counted too.
        "30x 198.18.{n}.7 0d10:00+1m / 200\n30x 198.18.{n}.7 0d10:00+1m /a.css 200\n\
         9x 198.18.{n}.7 0d10:00+1m /b.png 429\n9x 198.18.{n}.7 0d10:00+1m /c.png 429",
    ],
    silent_on: &[
        "30x 198.18.{n}.7 0d10:00+1m / 200\n30x 198.18.{n}.7 0d10:00+1m /a.css 200\n\
         4x 198.18.{n}.7 0d11:00+1m /page 429",
        // Programs.
        "30x 198.18.{n}.7 0d10:00+1m / 200\n30x 198.18.{n}.7 0d10:00+1m /a.css 200\n\
         9x 198.18.{n}.9 0d11:00+1m /page 429 ua=python",
        // What only says that it is a browser.
        "30x 198.18.{n}.7 0d10:00+1m / 200\n30x 198.18.{n}.7 0d10:00+1m /a.css 200\n\
         9x 198.18.{n}.9 0d11:00+1m /page 429",
        "30x 198.18.{n}.7 0d10:00+1m / 200\n30x 198.18.{n}.7 0d10:00+1m /a.css 200\n\
         9x 198.18.{n}.7 0d11:00+1m /page 503",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    judge(facts, limits).into_iter().collect()
}

fn judge(facts: &Facts<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let pace = facts.crowd.pace().filter(|_| facts.has_addresses)?;
    let slow = (pace.middle_of_minute as f64 * limits.of("times")).max(0.0) as u64;
    let (clients, requests, assets) =
        facts.crowd.turned_away().people_up_to(slow.max(pace.most[2]));
    let share = clients as f64 / facts.crowd.people().max(1) as f64;
    if clients < limits.count("clients").max(1) || share < limits.of("share") {
        return None;
    }
    let rows = facts.aggregate.paths().rows();
    let limited = rows.filter_map(|row| Some((row, row.errors?.limited.as_deref()?)));
    let (row, at_path) =
        limited.max_by_key(|(row, limited)| (limited.browsers, std::cmp::Reverse(row.key)))?;
    let of_assets = assets as f64 / requests.max(1) as f64;
    let score = Score { weight: 0.9, size: clients as f64, size_max: 500.0, seen: clients };
    let title = Sentence::new(format!(
        "limits turned {} away ({:.1} % of all) who were no faster than others, most of all at ",
        plural(clients, "person", "people"),
        share * 100.0
    ))
    .text(row.key.tail);
    let in_ten = pace.most[1].max(1);
    let action = Sentence::new(match of_assets >= 0.5 {
        true => "do not count what pages show: a location of its own for it, without limit_req"
            .to_string(),
        false => format!(
            "raise burst to {} or more and set nodelay, with a rate of {}r/s at least",
            in_ten.max(5),
            in_ten.div_ceil(10)
        ),
    });
    let draft = Draft::new(&DETECTOR, of_path(row.key), score.get(), requests)
        .seen(clients, at_path.spread.get())
        .says(title, action)
        .evidence("share_of_people", Evidence::Ratio(share))
        .evidence("share_on_assets", Evidence::Ratio(of_assets))
        .count("people", facts.crowd.people())
        .count("people_in_60_seconds", pace.most[2])
        .count("browser_requests_at_path", at_path.browsers);
    let is_high = share >= limits.of("high_share");
    Some(if is_high { draft.at_least(Severity::High) } else { draft }.done())
}
