//! Something that is nobody's business was given away.

use crate::aggregate::PathCounts;
use crate::aggregate::shards::RowCounts;
use crate::classify::probes;
use crate::detect::facts::Facts;
use crate::detect::findings::{Draft, Sentence, of_path, plural};
use crate::detect::seo::soft_not_found::is_one_of;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::report::{Finding, Group, Severity};

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
    statuses: &[],
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
        // An application of one page: whatever is asked, it answers its home page.
        "198.18.1.7 0d10:00 /.env 200 bytes=3021\n9x 198.18.{n}.7 0d10:00+1h / 200 bytes=3021",
        "198.18.1.7 0d10:00 /.env 200 bytes=0 method=HEAD\n9x 198.18.{n}.7 0d10:00+1h / 200",
        // Pages that people use.
        "5x 198.18.{n}.7 0d10:00+1m /wp-login.php 200 bytes=5120\n9x 198.18.{n}.7 0d10:00+1h / 200",
        "198.18.1.7 0d10:00 /.env 200 bytes=0\n9x 198.18.{n}.7 0d10:00+1h / 200",
    ],
};

/// The files that were given away, by host and path: with some bytes, and not with those that the host answers
/// to whatever is asked. Where an answer has many lengths it is no file.
pub fn exposed<'a>(facts: &Facts<'a>) -> Vec<RowCounts<'a, PathCounts>> {
    let is_exposed = |row: &&RowCounts<'_, PathCounts>| {
        probes::is_secret(row.key.tail)
            && row.counts.success().sizes().iter().any(|size| size > 0)
            && !is_one_of(row, facts.catch_all(row.key.head))
    };
    facts.answered_probes().iter().filter(is_exposed).copied().collect()
}

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let least = limits.count("requests");
    let found = facts.exposed().iter();
    found.filter(|row| row.counts.success().requests() >= least).map(finding).collect()
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
    let bytes = success.sizes().iter().max().unwrap_or(0);
    draft.count("bytes", bytes.into()).at_least(Severity::Critical).done()
}
