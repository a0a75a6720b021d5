//! Who looks for weaknesses.

use std::collections::BTreeMap;

use crate::aggregate::PathCounts;
use crate::aggregate::distinct::Distinct;
use crate::aggregate::shards::RowCounts;
use crate::classify::probes;
use crate::detect::facts::{Facts, requests_of};
use crate::detect::findings::{Draft, Sentence, of, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{ClientKind, Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "scanner",
    group: Group::Security,
    summary: "clients look for weaknesses: their 4xx are no broken links",
    explain: "Programs ask this server, as they ask every server, for things that are worth stealing or known \
        to be weak: /.env, /.git/config, /wp-login.php, administration pages, backups. As long as they get \
        404 or 403 nothing is wrong, and there is no fault of the site in it; their requests are left out of \
        all findings about search. A client is taken for one when its user agent says so, or when it asks for \
        several such things, judged by how surely nobody else asks for each; a site \
        that has WordPress, say, does not take its own pages' requests for a scan. It is told as info or low, unless \
        something worth stealing was answered with 200: see exposed-file then. What to do: usually nothing. \
        Where the load hurts, limit or deny these clients (their addresses stand in by_client with kind \
        scanner), with a limit for everyone, fail2ban or CrowdSec. Sources: OWASP CRS restricted-files; \
        CrowdSec hub, http-probing and http-sensitive-files.",
    statuses: &[400, 403, 404, 405, 410],
    thresholds: &[Threshold { name: "requests", value: 3.0, summary: "their requests, at least" }],
    find,
    fires_on: &[
        "198.18.1.7 0d10:00 /.env 404\n198.18.1.7 0d10:01 /.git/config 404\n\
         198.18.1.7 0d10:02 /backup.sql 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "4x 198.18.1.7 0d10:00+1m /a{n} 404 ua=sqlmap\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        "4x 198.18.1.7 0d10:00+1m /a{n} 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "google 0d10:00 /.env 404\ngoogle 0d10:01 /.git/config 404\ngoogle 0d10:02 /backup.sql 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

/// What scanners asked for on one host.
#[derive(Default)]
struct OfHost {
    requests: u64,
    clients: Distinct<15>,
    /// 404 and 410, and those of scanners.
    not_found: (u64, u64),
}

fn by_host<'a>(facts: &Facts<'a>) -> BTreeMap<&'a [u8], OfHost> {
    let mut hosts: BTreeMap<&[u8], OfHost> = BTreeMap::new();
    for row in facts.aggregate.paths().rows() {
        let Some(errors) = row.errors else { continue };
        let of = hosts.entry(row.key.head).or_default();
        let not_found = requests_of(errors, 404) + requests_of(errors, 410);
        let all = errors.by_status.total();
        of.not_found.0 += not_found;
        let clients = errors.others.count();
        let scanners = match errors.others.count_of(|client| facts.kinds.is_scanner(client)) {
            Some(scanners) => scanners,
            // Too many to be kept: what nobody else asks for is theirs.
            None if is_probe(&row) => clients,
            None => 0,
        };
        if scanners == 0 {
            continue;
        }
        // Each client is taken to have asked as often as any other.
        let part = |requests: u64| requests * scanners / clients;
        of.requests += part(all);
        of.not_found.1 += part(not_found);
        let kept = errors.others.kept();
        kept.filter(|client| facts.kinds.is_scanner(*client))
            .for_each(|client| of.clients.insert(client));
    }
    hosts
}

fn is_probe(row: &RowCounts<'_, PathCounts>) -> bool {
    row.counts.success().requests() == 0 && probes::weight(row.key.tail) >= 2
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    if facts.kinds.of(ClientKind::Scanner).1 == 0 {
        return Found::default();
    }
    let least = limits.count("requests").max(1);
    let hosts = by_host(facts).into_iter().filter(|(_, of)| of.requests >= least);
    hosts.map(|(host, of)| finding(facts, host, &of)).collect()
}

fn finding(facts: &Facts<'_>, host: &[u8], of_host: &OfHost) -> Finding {
    let (requests, clients) = (of_host.requests, of_host.clients.count());
    let (not_found, of_scanners) = of_host.not_found;
    let share = of_scanners as f64 / not_found.max(1) as f64;
    let score = Score { weight: 0.3, size: requests as f64, size_max: 100_000.0, seen: clients };
    let title = Sentence::new(format!(
        "{} of {} that look for weaknesses; of the 404s {:.1} % are theirs",
        plural(requests, "request", "requests"),
        plural(clients, "client", "clients"),
        share * 100.0
    ));
    let is_answered = facts.has_exposed(host);
    let action = Sentence::new(match is_answered {
        true => "see exposed-file: something that they ask for was answered",
        false => {
            "nothing; they are left out of all other findings; limit them where the load hurts"
        }
    });
    let subject = of("host", if host.is_empty() { b"-" } else { host });
    let draft = Draft::new(&DETECTOR, subject, score.get(), requests)
        .seen(clients, Some(facts.period))
        .says(title, action)
        .evidence("share_of_not_found", Evidence::Ratio(share))
        .at_most(Severity::Low);
    if is_answered { draft.at_least(Severity::Medium) } else { draft }.done()
}
