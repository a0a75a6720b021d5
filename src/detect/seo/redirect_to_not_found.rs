//! A redirect leads to what is not there.

use std::collections::HashMap;

use crate::aggregate::arena::Key;
use crate::aggregate::redirects::RedirectCounts;
use crate::classify::referers;
use crate::detect::facts::{Facts, FailedPath, path_of};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group};
use crate::untrusted::Untrusted;

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "redirect-to-not-found",
    group: Group::Seo,
    summary: "a redirect (301, 302) leads to an address that answers 404",
    explain: "Who asks for this address is sent to another one, and that one is not there. Both are lost: \
        people see an error, and a search engine that follows the redirect drops the old address with all \
        that links to it. It is sure: the log has the target of each redirect, and requests for the target \
        fail and have not succeeded since. The log must have that field: in nginx add $sent_http_location to \
        the log_format, and give that with -f or --nginx-conf. What to do: let the redirect lead to a page that is there, in one step; or remove it, \
        so that the old address itself answers 404 or 410. Sources: Google Search Central, \"Redirects and \
        Google Search\" and \"HTTP status codes, network and DNS errors\" (at most ten hops).",
    statuses: &[404, 410],
    thresholds: &[Threshold {
        name: "clients",
        value: 2.0,
        summary: "clients that were sent, at least",
    }],
    find,
    fires_on: &[
        "4x 198.18.{n}.7 0d10:00+1m /old 301 to=/gone\n4x 198.18.{n}.7 0d10:01+1m /gone 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "4x 198.18.{n}.7 0d10:00+1m /old 301 to=https://shop.example/mid\n\
         4x 198.18.{n}.7 0d10:01+1m /mid 302 to=https://shop.example/gone?x=1\n\
         4x 198.18.{n}.7 0d10:02+1m /gone 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        "4x 198.18.{n}.7 0d10:00+1m /old 301 to=/new\n4x 198.18.{n}.7 0d10:01+1m /new 200\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        // Another site's page is not ours to know.
        "4x 198.18.{n}.7 0d10:00+1m /old 301 to=https://other.example/gone\n\
         4x 198.18.{n}.7 0d10:01+1m /gone 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // Each leads elsewhere.
        "4x 198.18.{n}.7 0d10:00+1m /old 302 to=/s{n}\n198.18.1.7 0d10:01 /s1 404\n\
         3x 198.18.{n}.7 0d10:02 /s2 200\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

/// The most steps that Google follows.
const HOPS_MAX: usize = 10;

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let redirects = facts.redirects();
    let by_key: HashMap<Key<'_>, &RedirectCounts> = redirects.iter().copied().collect();
    let steps = redirects.iter().map(|(key, counts)| steps(facts, &by_key, *key, counts));
    let steps: Vec<Vec<&[u8]>> = steps.collect();
    // A step on the way of another is told with it.
    let is_on_the_way = |key: Key<'_>| {
        let others = redirects.iter().zip(&steps).filter(|((other, _), _)| other.head == key.head);
        others
            .into_iter()
            .any(|(_, steps)| steps[..steps.len().saturating_sub(1)].contains(&key.tail))
    };
    let rows = redirects.iter().zip(&steps);
    let found = rows.filter_map(|((key, counts), steps)| {
        let finding = judge(facts, limits, *key, counts, steps)?;
        (!is_on_the_way(*key)).then_some(finding)
    });
    found.collect()
}

/// The paths of the same host to which a redirect leads one after the other.
fn steps<'a>(
    facts: &Facts<'_>,
    redirects: &HashMap<Key<'a>, &'a RedirectCounts>,
    key: Key<'a>,
    counts: &'a RedirectCounts,
) -> Vec<&'a [u8]> {
    let mut steps = Vec::new();
    let mut next = target(facts, key, counts);
    while let Some(step) = next
        && step != key.tail
        && !steps.contains(&step)
        && steps.len() < HOPS_MAX
    {
        steps.push(step);
        let here = Key { head: key.head, tail: step };
        next = redirects.get(&here).and_then(|counts| target(facts, here, counts));
    }
    steps
}

/// Where nearly all requests for a path are sent: a path of the same site.
fn target<'a>(facts: &Facts<'_>, key: Key<'_>, counts: &'a RedirectCounts) -> Option<&'a [u8]> {
    let targets = counts.targets.sorted();
    let (address, requests) = targets.first().copied()?;
    let is_here = match referers::host(address) {
        Some(host) => facts.is_own(host, key.head),
        None => address.starts_with(b"/"),
    };
    (is_here && requests * 5 >= counts.requests * 4).then(|| path_of(address))
}

fn judge(
    facts: &Facts<'_>,
    limits: &Limits<'_>,
    key: Key<'_>,
    counts: &RedirectCounts,
    steps: &[&[u8]],
) -> Option<Finding> {
    let last = Key { head: key.head, tail: steps.last()? };
    let at = facts.failed.binary_search_by_key(&last, |path| path.key).ok()?;
    let end: &FailedPath<'_> = &facts.failed[at];
    let clients = facts.believed(&counts.clients, counts.requests);
    if !end.is_missing() || clients < limits.count("clients") {
        return None;
    }
    let score = Score {
        weight: 0.7,
        size: (clients.max(counts.requests.min(300)) + end.crawled()) as f64,
        size_max: 300.0,
        seen: clients,
    };
    let title = Sentence::new("").text(key.tail).words(" redirects to ").text(last.tail).words(
        format!(", which is not there ({})", plural(counts.requests, "request", "requests")),
    );
    let fix = facts.nearest(last);
    let action = match &fix {
        Some(fix) => Sentence::new("let it lead to ").text(fix.text.bytes()).words(" instead"),
        None => Sentence::new("let it lead to a page that is there, or remove the redirect"),
    };
    let finding = Draft::new(&DETECTOR, of_path(key), score.get(), counts.requests)
        .seen_by_few(&counts.clients, counts.period.get())
        .says(title, action)
        .evidence("target", Evidence::Text(Untrusted::new(last.tail)))
        .count("steps", steps.len() as u64)
        .count("target_missing", end.missing)
        .count("crawler_requests", end.crawled())
        .examples("target", steps.iter().map(|step| (*step, counts.requests)));
    Some(finding.fix(fix).done())
}
