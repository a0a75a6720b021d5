//! A page that was there is not there any more.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group, Severity};

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
        were lost at once, see mass-not-found instead. Sources: Google Search Central, \"HTTP status codes, \
        network and DNS errors\" and \"Site moves with URL changes\".",
    statuses: &[404, 410],
    thresholds: &[
        Threshold { name: "succeeded", value: 3.0, summary: "requests that succeeded, at least" },
        Threshold { name: "missing", value: 3.0, summary: "404s and 410s since, at least" },
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
    alone.filter_map(|path| judge(facts, path, limits)).collect()
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
