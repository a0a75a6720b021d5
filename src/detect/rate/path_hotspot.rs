//! One page takes most of the time that the server works.

use crate::aggregate::PathCounts;
use crate::aggregate::shards::{Counts, RowCounts};
use crate::classify::sites;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of_path};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "path-hotspot",
    group: Group::Rate,
    summary: "one path takes a quarter or more of all the time that requests took",
    explain: "Of the time that all requests took together, one path has a large part: what makes it faster, \
        or asked for less, helps all others. It is told by request times and only where the log has them \
        ($request_time in nginx, %D in Apache); a request that waits for a slow client takes time as well. A \
        page that takes no more of the time than of the requests is told as low: it is not slow, it is \
        asked for often. What takes twenty seconds and more each time waits for events and costs little: it is \
        not told, nor is what pages show, nor the home page of a site with a handful of pages. How sure it is: \
        the times are counted; whether the server worked or waited for another is not in them \
        ($upstream_response_time tells). What to do: cache it (proxy_cache with proxy_cache_lock), look at \
        its queries to the database, and put a limit of its own before it. Sources: nginx, \
        ngx_http_log_module and ngx_http_proxy_module; the threshold is ours.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "share", value: 0.25, summary: "of all request time, at least" },
        Threshold { name: "requests", value: 200.0, summary: "its requests, at least" },
        Threshold {
            name: "waiting_seconds",
            value: 20.0,
            summary: "a request takes on average where it only waits",
        },
        Threshold { name: "pages", value: 10.0, summary: "a site has whose home page is told" },
    ],
    find,
    fires_on: &[
        "300x 198.18.1.7 0d10:00+1s /search 200 rt=2.000\n300x 198.18.2.7 0d10:00+1s /p{n} 200 rt=0.100",
        "200x 198.18.1.7 0d10:00+1s / 200 rt=0.100\n200x 198.18.2.7 0d10:00+1s /p{n} 200 rt=0.100",
    ],
    silent_on: &[
        // No times.
        "300x 198.18.1.7 0d10:00+1s /search 200\n300x 198.18.2.7 0d10:00+1s /p{n} 200",
        "300x 198.18.1.7 0d10:00+1s /film.mp4 200 rt=2.000\n300x 198.18.2.7 0d10:00+1s /p{n} 200 rt=0.100",
        // Waits for events.
        "300x 198.18.1.7 0d10:00+1s /events 200 rt=30.000\n300x 198.18.2.7 0d10:00+1s /p{n} 200 rt=0.100",
        "200x 198.18.1.7 0d10:00+1s /a 200 rt=0.100\n700x 198.18.2.7 0d10:00+1s /p{n} 200 rt=0.100",
        // There is no other page.
        "300x 198.18.1.7 0d10:00+1s / 200 rt=0.100\n300x 198.18.1.7 0d10:00+1s /a{n}.css 200 rt=0.001",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let all = facts.aggregate.busy_centis();
    if all == 0 {
        return Found::default();
    }
    let least = limits.of("share") * all as f64;
    let is_hot = |row: &RowCounts<'_, PathCounts>| {
        let busy = row.counts.busy_centis();
        busy > 0
            && busy as f64 >= least
            && row.counts.head().requests() >= limits.count("requests")
            && !sites::is_asset(row.key.tail)
    };
    let rows = facts.aggregate.paths().rows().filter(is_hot);
    rows.filter_map(|row| judge(facts, limits, row)).collect()
}

fn judge(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    row: RowCounts<'_, PathCounts>,
) -> Option<Finding> {
    let (requests, busy) = (row.counts.head().requests(), row.counts.busy_centis());
    let all = (facts.aggregate.requests(), facts.aggregate.busy_centis());
    let seconds = busy as f64 / 100.0 / requests.max(1) as f64;
    let is_home_of_little =
        row.key.tail == b"/" && (facts.pages(row.key.head).len() as u64) < limits.count("pages");
    if seconds >= limits.of("waiting_seconds") || is_home_of_little {
        return None;
    }
    let of_time = busy as f64 / all.1.max(1) as f64;
    let of_requests = requests as f64 / all.0.max(1) as f64;
    let score = Score { weight: 0.5, size: requests as f64, size_max: 1e5, seen: requests };
    let title = Sentence::new("").text(row.key.tail).words(format!(
        " takes {:.0} % of the time of all requests, and is {:.0} % of them",
        of_time * 100.0,
        of_requests * 100.0
    ));
    let is_slow = of_time >= 1.5 * of_requests;
    let action = Sentence::new(match is_slow {
        true => "make it faster or cache it, and put a limit_req of its own before it",
        false => "cache it: it is not slow, but asked for often",
    });
    let failed = row.errors.and_then(|errors| errors.period.get());
    let known = [row.counts.success().spread().get(), failed].into_iter().flatten();
    let period = known.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let draft = Draft::new(&DETECTOR, of_path(row.key), score.get(), requests)
        .seen(0, Some(period.unwrap_or(facts.period)))
        .says(title, action)
        .evidence("share_of_time", Evidence::Ratio(of_time))
        .evidence("share_of_requests", Evidence::Ratio(of_requests))
        .evidence("mean_seconds", Evidence::Ratio(seconds))
        .count("busy_seconds", busy / 100);
    Some(if is_slow { draft } else { draft.at_most(Severity::Low) }.done())
}
