//! Configuration for nginx: maps of redirects and of paths that are gone, and the addresses of crawlers.
//!
//! A map of plain keys would not do: nginx compares them without regard to capitals (a redirect of `/About`
//! to `/about` would go round in a circle) and looks them up in a table that long keys do not fit into. A
//! key that is a regular expression is compared as it stands. `$uri` would not do either: it is decoded, and
//! has lost its doubled slashes.

use std::fmt::Write as _;

use ipnet::IpNet;

use super::{AllowedRange, Rule, Rules, paths};
use crate::escape;

/// Where a path that is missing leads.
pub fn redirects(rules: &Rules) -> Option<String> {
    let mut text = head(
        rules,
        "Redirects from missing paths to the live ones that they most likely meant.",
        "logscan_new",
        "return 301 $logscan_new$is_args$args;",
    )?;
    write_map(&mut text, rules, "logscan_path", "logscan_new", |rule| {
        rule.to.as_ref().map(escape::address).unwrap_or_default()
    });
    Some(text)
}

/// Which paths are gone.
pub fn gone(rules: &Rules) -> Option<String> {
    let mut text = head(
        rules,
        "Paths that are gone for good: nginx says 410 where it said 404.",
        "logscan_gone",
        "return 410;",
    )?;
    write_map(&mut text, rules, "logscan_gone_path", "logscan_gone", |_| "1".to_string());
    Some(text)
}

fn head(rules: &Rules, what: &str, variable: &str, answer: &str) -> Option<String> {
    if rules.kept.is_empty() && rules.unfit == 0 {
        return None;
    }
    let mut text = format!(
        "# {what}\n\
         #\n\
         # How to use it: copy it, for the next run writes it anew with what is wrong then. Read the copy\n\
         # through, take out what is wrong and put in what is right but not sure, which stands behind a\n\
         # number sign. Include it in http {{ }}, and put this into each server {{ }} that it is for:\n\
         #\n\
         #     if (${variable}) {{ {answer} }}\n\
         #\n\
         # How to check it: nginx -t\n"
    );
    text.push_str(&paths::left_out(rules));
    Some(text)
}

fn write_map(
    text: &mut String,
    rules: &Rules,
    path: &str,
    variable: &str,
    value: impl Fn(&Rule) -> String,
) {
    // The path as it was received, without its query.
    let _ = write!(
        text,
        "\nmap $request_uri ${path} {{\n    \"~^(?<{path}_raw>[^?]*)\" ${path}_raw;\n}}\n\n\
         map $host${path} ${variable} {{\n    default \"\";\n"
    );
    for rule in &rules.kept {
        let host = rule.host.as_ref().map_or("[^/]*".to_string(), escape::nginx_pattern);
        let path = escape::nginx_pattern(&rule.path);
        let (mark, remark) = (rule.mark(), rule.remark());
        let _ = writeln!(text, "    {mark}\"~^{host}{path}$\" \"{}\";{remark}", value(rule));
    }
    text.push_str("}\n");
}

/// The ranges that crawlers come from, as a variable.
pub fn crawlers(ranges: &[(IpNet, &AllowedRange)]) -> Option<String> {
    if ranges.is_empty() {
        return None;
    }
    let mut text = "\
# Where the crawlers of search engines come from, by their publishers' lists.
#
# How to use it: include it in http { }. A limit whose key is empty is none, so that with this map a
# crawler is not limited; put the zone's rate and name in the place of yours:
#
#     map $logscan_crawler $logscan_limit_key { 0 $binary_remote_addr; default \"\"; }
#     limit_req_zone $logscan_limit_key zone=pages:10m rate=5r/s;
#
# Behind a proxy, set_real_ip_from must come first: geo looks at $remote_addr. The lists grow old: fetch
# them anew every month or so.
#
# How to check it: nginx -t

geo $logscan_crawler {
    default 0;
"
    .to_string();
    for (range, row) in ranges {
        let is_day = row.as_of.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let as_of = if is_day { row.as_of.as_str() } else { "an unknown day" };
        let crawler: String = row.crawler.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(text, "    {range} 1; # {crawler}, as of {as_of}");
    }
    text.push_str("}\n");
    Some(text)
}
