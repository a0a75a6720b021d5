//! Other sites show a picture of this one that is not there.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Cause;
use crate::report::{Finding, Group};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "hotlinked-missing",
    group: Group::Seo,
    summary: "other sites show a picture of this site that answers 404",
    explain: "Pages of other sites show a picture straight from this server, and it is not there. Each of \
        their visitors asks for it in vain. It is no fault of this site and does no harm to its place in \
        search; the links bring little, and the requests cost a little. If the picture was found by people in \
        an image search, its place there is lost. How sure it is: many people, by what their browsers say of \
        the page they were on. What to do: bring the picture back, or redirect it with 301, if it is good to \
        be seen there; else leave the 404, or answer 410; to save bytes make the answer short. \
        valid_referers in nginx stops such use altogether. Source: nginx, ngx_http_referer_module.",
    statuses: &[404, 410],
    thresholds: &[Threshold {
        name: "clients",
        value: 20.0,
        summary: "clients that asked, at least",
    }],
    find,
    fires_on: &["25x 198.18.{n}.7 0d10:00+1m /img/a.png 404 ref=https://blog.example/\n\
         9x 198.18.{n}.7 0d10:00+1h / 200"],
    silent_on: &[
        "9x 198.18.{n}.7 0d10:00+1m /img/a.png 404 ref=https://blog.example/\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "25x 198.18.{n}.7 0d10:00+1m /page 404 ref=https://blog.example/\n\
         9x 198.18.{n}.7 0d10:00+1h / 200",
        "25x 198.18.{n}.7 0d10:00+1m /img/a.png 404\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    facts.failed.iter().filter_map(|path| judge(facts, path, limits)).collect()
}

fn is_picture(path: &[u8]) -> bool {
    let point = memchr::memrchr(b'.', path).map_or(path.len(), |point| point + 1);
    let extension = path[point..].to_ascii_lowercase();
    let known: [&[u8]; 7] = [b"png", b"jpg", b"jpeg", b"gif", b"webp", b"avif", b"svg"];
    known.contains(&&*extension)
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let outside = path.caused(Cause::ExternalLink);
    let clients = facts.believed_clients(path).min(outside);
    if !is_picture(path.key.tail) || !path.is_missing() || clients < limits.count("clients") {
        return None;
    }
    let score = Score { weight: 0.3, size: clients as f64, size_max: 5_000.0, seen: clients };
    let title = Sentence::new("other sites show ")
        .text(path.key.tail)
        .words(format!(", which is not there ({})", plural(outside, "request", "requests")));
    let action =
        Sentence::new("bring it back or redirect it if it is good to be seen there, else leave it");
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), outside)
        .seen(clients, path.missing_period())
        .says(title, action)
        .moment("last_succeeded", path.success().get().map(|(_, last)| last))
        .pages("site", &path.of_path.referers);
    Some(finding.done())
}
