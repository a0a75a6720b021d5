//! A page that was there is not there any more.

use crate::aggregate::arena::Key;
use crate::aggregate::counts::Period;
use crate::detect::facts::{Facts, FailedPath, clients_of};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group, Severity, Subject};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "lost-page",
    group: Group::Seo,
    summary: "a page that was served answers 404 from some moment on",
    explain: "The page was served, and from some moment on every request for it gets 404. If nobody meant \
        that, a deploy, a rename or a lost database row took it away, and search engines drop it when they \
        next look. How sure it is: it was served several times, then failed several times, and was not served \
        once in between or since; whether it was meant, a log cannot know. What to do: bring it back; or, if \
        it moved, redirect the old address to the new one with 301; or, if it is meant to be gone, do nothing \
        (404 and 410 are treated alike by Google) and remove the links to it. Where many pages of one folder \
        were lost at once, see mass-not-found instead; where they are lost one by one, as what is for sale is, \
        they are told together. Sources: Google Search Central, \"HTTP status codes, \
        network and DNS errors\" and \"Site moves with URL changes\".",
    statuses: &[404, 410],
    thresholds: &[
        Threshold { name: "succeeded", value: 3.0, summary: "requests that succeeded, at least" },
        Threshold { name: "missing", value: 3.0, summary: "404s and 410s since, at least" },
        Threshold {
            name: "together",
            value: 20.0,
            summary: "pages of a folder that were lost one by one and are told together, at least",
        },
        Threshold {
            name: "hours",
            value: 1.0,
            summary: "hours since it was last served, at least; and three times what usually passed \
                between two requests",
        },
    ],
    find,
    fires_on: &["9x 198.18.{n}.7 0d10:00+1h /page 200\n4x 198.18.{n}.7 1d10:00+1h /page 404"],
    silent_on: &[
        // Its owner says that it is gone.
        "9x 198.18.{n}.7 0d10:00+1h /page 200\n4x 198.18.{n}.7 1d10:00+1h /page 410",
        // Never there.
        "9x 198.18.{n}.7 0d10:00+1h / 200\n4x 198.18.{n}.7 1d10:00+1h /page 404",
        // There again.
        "9x 198.18.{n}.7 0d10:00+1h /page 200\n4x 198.18.{n}.7 1d10:00+1h /page 404\n\
         198.18.1.7 2d00:00 /page 200",
        // Too few to tell.
        "2x 198.18.{n}.7 0d10:00+1h /page 200\n2x 198.18.{n}.7 1d10:00+1h /page 404",
        // It is away for some minutes at the end of the log.
        "9x 198.18.{n}.7 0d10:00+1h /page 200\n4x 198.18.{n}.7 0d18:10+1m /page 404",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let alone = facts.failed.iter().filter(|path| !facts.is_lost_with_others(path));
    let mut lost: Vec<(&FailedPath<'_>, Finding)> =
        alone.filter_map(|path| Some((path, judge(facts, path, limits)?))).collect();
    lost.sort_by_key(|(path, _)| (path.key.head, folder(path.key.tail), path.key.tail));
    let same = |one: &(&FailedPath<'_>, _), other: &(&FailedPath<'_>, _)| {
        (one.0.key.head, folder(one.0.key.tail)) == (other.0.key.head, folder(other.0.key.tail))
    };
    let mut findings = Vec::new();
    for pages in lost.chunk_by(same) {
        match pages.len() as u64 >= limits.count("together").max(2) {
            true => findings.push(together(pages)),
            false => findings.extend(pages.iter().map(|(_, finding)| finding.clone())),
        }
    }
    findings.into_iter().collect()
}

/// The folder of a path, with the slash at its end.
fn folder(path: &[u8]) -> &[u8] {
    let name = path.strip_suffix(b"/").unwrap_or(path);
    &path[..memchr::memrchr(b'/', name).map_or(0, |slash| slash + 1)]
}

/// Many pages of a folder that were lost one by one: what is for sale, what is on.
fn together(pages: &[(&FailedPath<'_>, Finding)]) -> Finding {
    let key = pages[0].0.key;
    let requests = pages.iter().map(|(_, finding)| finding.requests).sum();
    let worst = pages.iter().map(|(_, finding)| finding.score).max().unwrap_or(0);
    let mut period = Period::default();
    let periods = pages.iter().filter_map(|(path, _)| path.missing_period());
    periods.for_each(|(first, last)| period.merge(Period { first, last }));
    let count = pages.len() as u64;
    let title = Sentence::new(format!("{} of ", plural(count, "page", "pages")))
        .text(folder(key.tail))
        .words(" were lost, one by one");
    let action = Sentence::new(
        "let what has had its day answer 410 and take the links to it away, or redirect it with 301 to what \
         replaces it",
    );
    let mut examples: Vec<(&[u8], u64)> =
        pages.iter().map(|(path, finding)| (path.key.tail, finding.requests)).collect();
    examples.sort_by_key(|(path, requests)| (std::cmp::Reverse(*requests), *path));
    let subject = Subject { kind: "prefix", ..of_path(Key { tail: folder(key.tail), ..key }) };
    Draft::new(&DETECTOR, subject, worst, requests)
        .seen(clients_of(pages.iter().map(|(path, _)| *path)), period.get())
        .says(title, action)
        .count("pages", count)
        .examples("path", examples)
        .done()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let succeeded = path.succeeded();
    let (last, first_missing) = path.lost_between()?;
    if path.is_asset
        || path.is_unlinked
        || path.gone * 2 >= path.missing
        || path.is_missing_by_query()
        || facts.believed_clients(path) == 0
        || succeeded < limits.count("succeeded")
        || path.missing < limits.count("missing")
    {
        return None;
    }
    let (first, _) = path.success().get()?;
    let usual_seconds = f64::from(last - first) / (succeeded - 1).max(1) as f64;
    let away_seconds = f64::from(facts.period.1 - last);
    if away_seconds < (3.0 * usual_seconds).max(3_600.0 * limits.of("hours")) {
        return None;
    }
    let days_there = (f64::from(last - first) / 86_400.0).max(1.0);
    let crawled = path.crawled();
    let score = Score {
        weight: 0.85,
        size: succeeded as f64 / days_there + 5.0 * crawled as f64,
        size_max: 2_000.0,
        seen: path.missing,
    };
    let title = Sentence::new("").text(path.key.tail).words(format!(
        " was served {}, and is not there any more",
        plural(succeeded, "time", "times")
    ));
    let fix = facts.nearest(path.key);
    let action = match &fix {
        Some(fix) => Sentence::new("restore it, or redirect it with 301, it seems to ")
            .text(fix.text.bytes()),
        None => Sentence::new("restore it, or redirect it with 301 to what replaces it"),
    };
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), path.missing)
        .seen(facts.believed_clients(path), path.missing_period())
        .says(title, action)
        .count("succeeded", succeeded)
        .moment("last_succeeded", Some(last))
        .moment("first_missing", Some(first_missing))
        .count("crawler_requests", crawled)
        .pages("page", &path.of_path.referers);
    let is_home = path.key.tail == b"/";
    let finding = if is_home { finding.at_least(Severity::Critical) } else { finding };
    Some(finding.fix(fix).done())
}
