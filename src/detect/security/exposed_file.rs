//! Something that is nobody's business was given away.

use crate::aggregate::PathCounts;
use crate::aggregate::shards::RowCounts;
use crate::classify::probes;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::seo::soft_not_found::{catch_all_sizes, is_one_of};
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Evidence, Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "exposed-file",
    group: Group::Security,
    summary: "a file with secrets, a repository or a backup was answered with 200",
    explain: "A file that holds passwords, keys, the history of the source code or a copy of the database was \
        asked for and answered with 200 and some bytes: /.env, /.git/config, a dump in .sql, a backup of \
        wp-config.php. Whoever asked has it now. How sure it is: a log has no contents; the answer may be an \
        error page with status 200, so that lengths which the server gives for anything are left out. Look at \
        it at once: ask for the address yourself (curl -i). What to do if it is real: take it off the server, \
        change every password and key in it, and see in the log who fetched it; then let the web server \
        refuse such names (in nginx: location ~ /\\. { deny all; }, with an exception for /.well-known/). \
        Sources: OWASP CRS restricted-files; CrowdSec hub, http-sensitive-files.",
    thresholds: &[Threshold {
        name: "requests",
        value: 1.0,
        summary: "requests that got it, at least",
    }],
    find,
    fires_on: &["198.18.1.7 0d10:00 /.env 200 bytes=812\n9x 198.18.{n}.7 0d10:00+1h / 200"],
    silent_on: &[
        "198.18.1.7 0d10:00 /.env 404 bytes=812\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // Whatever is asked, the answer is the same.
        "198.18.1.7 0d10:00 /.env 200 bytes=5120\n198.18.1.7 0d10:01 /.git/config 200 bytes=5120\n\
         198.18.1.7 0d10:02 /wp-login.php 200 bytes=5120\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // Pages that people use.
        "5x 198.18.{n}.7 0d10:00+1m /wp-login.php 200 bytes=5120\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "198.18.1.7 0d10:00 /.env 200 bytes=0\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

/// The files that were given away, with how often.
pub fn exposed<'f, 'a>(
    facts: &'f Facts<'a>,
) -> impl Iterator<Item = &'f RowCounts<'a, PathCounts>> {
    facts.answered_probes().iter().filter(|row| {
        let is_empty = row.counts.success().sizes().iter().eq([0]);
        probes::is_secret(row.key.tail)
            && !is_empty
            && !is_one_of(row, &catch_all_sizes(facts, row.key.head))
    })
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let least = limits.count("requests");
    let found = exposed(facts).filter(|row| row.counts.success().requests() >= least);
    found.map(finding).collect()
}

fn finding(row: &RowCounts<'_, PathCounts>) -> Finding {
    let success = row.counts.success();
    let title = Sentence::new("").text(row.key.tail).words(format!(
        " was answered with 200 in {}",
        plural(success.requests(), "request", "requests")
    ));
    let action = Sentence::new(
        "look at it now; if it is real, remove it, change all secrets in it, and refuse such names",
    );
    let draft = Draft::new(&DETECTOR, of_path(row.key), 0, success.requests())
        .seen(0, success.spread().get())
        .says(title, action);
    let draft = match success.sizes().iter().max() {
        Some(size) => draft.count("bytes", size.into()),
        None => draft.evidence("bytes", Evidence::Words("various")),
    };
    draft.at_least(Severity::Critical).done()
}
