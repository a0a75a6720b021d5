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
# How to use it: copy it, for the next run writes it anew with what is wrong then. Read the copy through,
# take out what is wrong and put in what is right but not sure, which stands behind number signs. Switch
# mod_rewrite on, and include it in each <VirtualHost> that it is for.
#
# How to check it: apachectl configtest
"
    .to_string();
    text.push_str(&paths::left_out(rules));
    text.push_str("\nRewriteEngine On\n");
    for rule in &rules.kept {
        let mark = rule.mark();
        let _ = writeln!(text, "\n#{}", rule.remark().trim_start_matches(" #"));
        if let Some(host) = &rule.host {
            let host = escape::apache_pattern(host);
            let _ =
                writeln!(text, "{mark}RewriteCond %{{HTTP_HOST}} \"^{host}(?::[0-9]+)?$\" [NC]");
        }
        let path = escape::apache_pattern(&rule.path);
        let to = rule.to.as_ref().map(escape::apache_address).unwrap_or_default();
        let _ = writeln!(
            text,
            "{mark}RewriteCond %{{THE_REQUEST}} \"^[^ ]+ {path}(?:[?][^ ]*)? HTTP/\""
        );
        let _ = writeln!(text, "{mark}RewriteRule ^ \"{to}\" [R=301,L,NE]");
    }
    Some(text)
}
