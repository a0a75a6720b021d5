//! Configuration for Apache: redirects as rules of mod_rewrite.
//!
//! They are held against the request line, `%{THE_REQUEST}`: what `Redirect` and `RewriteRule` see is
//! decoded, and has lost its doubled slashes.

use std::fmt::Write as _;

use super::{Rules, paths};
use crate::escape;

/// Where a path that is missing leads.
pub fn redirects(rules: &Rules) -> Option<String> {
    if rules.kept.is_empty() && rules.unfit == 0 {
        return None;
    }
    let mut text = "\
# Redirects from missing paths to the live ones that they most likely meant.
#
# How to use it: read it through, take out what is wrong, switch mod_rewrite on, and include it in each
# <VirtualHost> that it is for.
#
# How to check it: apachectl configtest
"
    .to_string();
    text.push_str(&paths::left_out(rules));
    text.push_str("\nRewriteEngine On\n");
    for rule in &rules.kept {
        text.push('\n');
        if let Some(host) = &rule.host {
            let host = escape::apache_pattern(host);
            let _ = writeln!(text, "RewriteCond %{{HTTP_HOST}} \"^{host}(?::[0-9]+)?$\" [NC]");
        }
        let path = escape::apache_pattern(&rule.path);
        let to = rule.to.as_ref().map(escape::apache_address).unwrap_or_default();
        let _ = writeln!(text, "RewriteCond %{{THE_REQUEST}} \"^[^ ]+ {path}(?:[?][^ ]*)? HTTP/\"");
        let _ = writeln!(text, "RewriteRule ^ \"{to}\" [R=301,L,NE]");
    }
    Some(text)
}
