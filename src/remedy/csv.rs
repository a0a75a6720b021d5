//! Tables for a program for tables, or for whoever mends the links.

use std::fmt::Write as _;

use super::{DeadLink, Gone, Redirect};
use crate::clock;
use crate::escape;
use crate::untrusted::Untrusted;

/// All redirects, with how sure they are.
pub fn redirects(rows: &[&Redirect]) -> Option<String> {
    let mut text = head(
        rows.len(),
        "Missing paths and the live ones that they most likely meant: check each before it is used.",
        "host,from,to,confidence_percent,why,requests",
    )?;
    for row in rows {
        let (host, from, to) = (host(&row.host), escape::csv(&row.from), escape::csv(&row.to));
        let why = escape::csv(&Untrusted::new(row.why));
        let (percent, requests) = (row.confidence_percent, row.requests);
        let _ = writeln!(text, "{host},{from},{to},{percent},{why},{requests}");
    }
    Some(text)
}

/// All paths that are gone, with when each was last asked for.
pub fn gone(rows: &[&Gone]) -> Option<String> {
    let mut text = head(
        rows.len(),
        "Missing paths that will not come back: a 410 in the place of 404 says so.",
        "host,path,requests,last_seen",
    )?;
    for row in rows {
        let (host, path) = (host(&row.host), escape::csv(&row.path));
        let last_seen = clock::rfc3339(row.last_seen.into());
        let _ = writeln!(text, "{host},{path},{},{last_seen}", row.requests);
    }
    Some(text)
}

/// All links of own pages that lead nowhere.
pub fn dead_links(rows: &[&DeadLink]) -> Option<String> {
    let mut text = head(
        rows.len(),
        "Pages of the site and the links on them that lead nowhere: mend the link on the page.",
        "page,host,path,requests",
    )?;
    for row in rows {
        let (page, host, path) = (escape::csv(&row.page), host(&row.host), escape::csv(&row.path));
        let _ = writeln!(text, "{page},{host},{path},{}", row.requests);
    }
    Some(text)
}

fn head(rows: usize, what: &str, columns: &str) -> Option<String> {
    let how = "# How to check it: nothing reads it but you. An apostrophe before a field keeps it from being \
               a formula.";
    (rows > 0).then(|| format!("# {what}\n{how}\n{columns}\n"))
}

fn host(host: &Option<Untrusted>) -> String {
    host.as_ref().map(escape::csv).unwrap_or_default()
}
