//! A file at a fixed address, where programs look for it, is not there any more.

use crate::aggregate::arena::Key;
use crate::aggregate::crawls::Outcome;
use crate::aggregate::roots::RootCounts;
use crate::classify::roots::{ACME_CHALLENGE, RootFile};
use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Address;
use crate::report::{Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "root-file-missing",
    group: Group::Seo,
    summary: "a sitemap, ads.txt, certificate challenge, app link or favicon is not there any more",
    explain: "Some files have one fixed address, and programs rely on them. Sitemap: the list of pages for \
        search engines is not read while it fails. ads.txt: after a 404 sellers of advertisements drop all \
        entries of the site at once (an error of the server would leave them for five days), and that costs \
        money. acme-challenge: the certificate is not renewed, and the site goes dark when it ends. \
        assetlinks.json and apple-app-site-association: links stop opening the app. favicon.ico: only if many \
        ask for it; it matters little. How sure it is: only files that were there before, or that fail for \
        several authorities, count; programs also guess such addresses where nothing ever was, and that is no \
        fault. What to do: put the file back, and let no limit, log-in or blocking rule stand before it. \
        Sources: Google, \"Build and submit a sitemap\" and \"Define a favicon\"; Google AdSense, \"Ads.txt \
        guide\"; RFC 8555 §8.3.",
    statuses: &[],
    thresholds: &[
        Threshold { name: "requests", value: 2.0, summary: "requests that failed, at least" },
        Threshold {
            name: "favicon_clients",
            value: 50.0,
            summary: "clients that did not get favicon.ico, at least",
        },
    ],
    find,
    fires_on: &[
        "4x google 0d10:00+2h /ads.txt 200\n4x google 1d10:00+2h /ads.txt 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "4x google 0d10:00+2h /sitemap.xml 200\n4x google 1d10:00+2h /sitemap.xml 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "4x 198.18.{n}.7 0d10:00+1m /.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3ti{n} 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
    silent_on: &[
        // Nobody ever had them: they are guesses.
        "4x google 0d10:00+2h /ads.txt 404\n4x google 0d10:00+2h /sitemap.xml 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        // A bad client is refused, at the end of the log.
        "9x google 0d10:00+2h /ads.txt 200\n3x 198.18.1.7 1d08:00+2h /ads.txt 403",
        // Scanners look for scripts there.
        "4x 198.18.{n}.7 0d10:00+1m /.well-known/acme-challenge/cloud{n}.php 404\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        // It is there again.
        "4x google 0d10:00+2h /ads.txt 200\n4x google 1d10:00+2h /ads.txt 404\n\
         google 2d10:00 /ads.txt 200",
        // One authority that is tried out.
        "198.18.1.7 0d10:00 /.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3ti 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "40x 198.18.{n}.7 0d10:00+1m /favicon.ico 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let files = facts.aggregate.roots().sorted().into_iter();
    let files = files.filter_map(|(key, counts)| judge(facts, key, counts, limits));
    let icons = facts.failed.iter().filter(|path| path.key.tail == b"/favicon.ico");
    files.chain(icons.filter_map(|path| favicon(facts, path, limits))).collect()
}

fn judge(
    facts: &Facts<'_>,
    key: Key<'_>,
    counts: &RootCounts,
    limits: &Limits<'_>,
) -> Option<Finding> {
    let file = RootFile::of(key.tail).or_else(|| {
        // Questions of authorities are counted under their folder.
        (key.tail == ACME_CHALLENGE).then_some(RootFile::AcmeChallenge)
    })?;
    let had = counts.succeeded.get().map(|(_, last)| last);
    let missing = counts.all.of(Outcome::Missing);
    // Gone from some moment on; or, where it failed before, not there in the last quarter of the log.
    let quarter = facts.period.1 - (facts.period.1 - facts.period.0) / 4;
    let is_gone = |failed: Option<(u32, u32)>| match (failed, had) {
        (Some((first, last)), Some(had)) => had < first || (had < last && had < quarter),
        _ => false,
    };
    let (severity, requests, period, what) = match file {
        RootFile::Robots | RootFile::Favicon => return None,
        RootFile::Ads if is_gone(counts.missing.get()) => (
            Severity::Critical,
            missing,
            counts.missing,
            "is gone: sellers of advertisements drop all its entries",
        ),
        RootFile::AppLinks if is_gone(counts.missing.get()) => (
            Severity::Medium,
            missing,
            counts.missing,
            "is gone: links do not open the app any more",
        ),
        RootFile::AcmeChallenge
            if counts.missing.get().is_some_and(|(_, last)| had.is_none_or(|had| had < last))
                && facts.believed(&counts.clients, missing) >= 2 =>
        {
            (
                Severity::High,
                missing,
                counts.missing,
                "answers are missing: the certificate is not renewed",
            )
        }
        RootFile::Sitemap if facts.has_addresses => {
            let mut failed = counts.crawled_missing;
            failed.merge(counts.crawled_unavailable);
            // Search engines guess this address, too.
            if !is_gone(failed.get()) {
                return None;
            }
            let outcomes = [
                Outcome::Missing,
                Outcome::Denied,
                Outcome::Limited,
                Outcome::Unavailable,
                Outcome::ServerError,
                Outcome::TimedOut,
            ];
            let requests = outcomes.into_iter().map(|outcome| counts.verified.of(outcome)).sum();
            (
                Severity::High,
                requests,
                failed,
                "was there, and search engines cannot read it any more",
            )
        }
        _ => return None,
    };
    if requests < limits.count("requests") {
        return None;
    }
    let title = Sentence::new("")
        .text(key.tail)
        .words(format!(" {what} ({})", plural(requests, "request", "requests")));
    let action =
        Sentence::new("put the file back, with no limit, log-in or blocking rule before it");
    let finding = Draft::new(&DETECTOR, of_path(key), 0, requests)
        .seen_by_few(&counts.clients, period.get())
        .says(title, action)
        .count("requests_failed", requests)
        .count("crawler_requests", counts.verified.total())
        .moment("last_succeeded", had);
    Some(finding.at_least(severity).done())
}

fn favicon(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let clients = facts.believed_clients(path);
    let crawlers = path.of_path.crawlers.as_ref();
    let is_asked_by_google = crawlers.is_some_and(|crawlers| {
        crawlers.iter().any(|error| {
            error.address == Address::Listed
                && Facts::crawler(error.crawler).name == "Googlebot-Image"
        })
    });
    if !path.is_missing() || (clients < limits.count("favicon_clients") && !is_asked_by_google) {
        return None;
    }
    let title = Sentence::new("")
        .text(path.key.tail)
        .words(format!(" is not there: {} asked for it", plural(clients, "client", "clients")));
    let action = Sentence::new("put an icon there, or name another with <link rel=\"icon\">");
    let finding = Draft::new(&DETECTOR, of_path(path.key), 0, path.missing)
        .seen(clients, path.missing_period())
        .says(title, action);
    Some(finding.at_least(Severity::Low).done())
}
