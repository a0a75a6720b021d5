//! Pages that are there refuse to be asked for their head.

use crate::detect::facts::{Facts, FailedPath, clients_of};
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "method-mismatch",
    group: Group::Seo,
    summary: "HEAD answers 405 or 404 where GET answers 200",
    explain: "Programs that check links, make previews or watch a site ask with HEAD, which is GET without the \
        contents, and get 405 Method Not Allowed, or even 404, for pages that GET serves. They take the page for broken: \
        links in directories and wikis are marked dead, previews stay empty. RFC 9110 asks general-purpose \
        servers to support both GET and HEAD (§9.1). It is sure: the same paths were served. What to do: let \
        the application or the web server's method filter (limit_except, an allow-list of a firewall) answer \
        HEAD as it does GET. Source: RFC 9110 §9.1, §9.3.2 and §15.5.6.",
    statuses: &[404, 405],
    thresholds: &[Threshold { name: "paths", value: 10.0, summary: "paths that do so, at least" }],
    find,
    fires_on: &[
        "12x 198.18.1.7 0d10:00+1m /p{n} 404 method=HEAD\n12x 198.18.{n}.9 0d10:00+1m /p{n} 200",
        "12x 198.18.1.7 0d10:00+1m /p{n} 405 method=HEAD\n12x 198.18.{n}.9 0d10:00+1m /p{n} 200",
    ],
    silent_on: &[
        "5x 198.18.1.7 0d10:00+1m /p{n} 405 method=HEAD\n12x 198.18.{n}.9 0d10:00+1m /p{n} 200",
        // POST to a page is refused rightly.
        "12x 198.18.1.7 0d10:00+1m /p{n} 405 method=POST\n12x 198.18.{n}.9 0d10:00+1m /p{n} 200",
        "12x 198.18.1.7 0d10:00+1m /p{n} 405 method=HEAD\n9x 198.18.{n}.9 0d10:00+1m / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let refusing: Vec<&FailedPath<'_>> = facts.failed.iter().filter(|path| refuses(path)).collect();
    let by_host = refusing.chunk_by(|one, other| one.key.head == other.key.head);
    let enough = by_host.filter(|paths| paths.len() as u64 >= limits.count("paths"));
    enough.map(|paths| finding(paths)).collect()
}

fn heads(path: &FailedPath<'_>) -> u64 {
    u64::from(path.of_path.heads_refused) + u64::from(path.of_path.heads_missing)
}

/// Whether it refuses to be asked for its head and was never missing otherwise.
fn refuses(path: &FailedPath<'_>) -> bool {
    let is_missing_by_head_alone = path.of_path.heads_missing > 0 && path.missing == 0;
    path.succeeded() > 0 && (path.of_path.heads_refused > 0 || is_missing_by_head_alone)
}

fn finding(paths: &[&FailedPath<'_>]) -> Finding {
    let requests = paths.iter().map(|path| heads(path)).sum();
    let host = paths[0].key.head;
    let title = Sentence::new(format!(
        "HEAD is refused for {} that GET serves",
        plural(paths.len() as u64, "path", "paths")
    ));
    let action =
        Sentence::new("answer HEAD as GET, without contents: see the server's method filter");
    let periods = paths.iter().filter_map(|path| path.errors.period.get());
    let period = periods.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let clients = clients_of(paths.iter().copied());
    Draft::new(&DETECTOR, of("host", if host.is_empty() { b"-" } else { host }), 0, requests)
        .seen(clients, period)
        .says(title, action)
        .count("paths", paths.len() as u64)
        .examples("path", paths.iter().map(|path| (path.key.tail, heads(path))))
        .at_least(Severity::Low)
        .done()
}
