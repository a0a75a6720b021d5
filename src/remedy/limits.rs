//! Limits for nginx, as a file that is included in http { }.
//!
//! All is decided by keys: a limit whose key is empty does not count the request. So crawlers are exempt by their
//! addresses, each class of paths has a limit of its own, and no location needs a line.

use std::fmt::Write as _;

use super::{AllowedRange, Remedies};
use crate::report::replay::Suggestion;

/// How paths are told apart: the same as in `classify::routes`. The first that matches counts.
const ROUTES: &str = r#"
# What is asked for: the method and the path as they came.
map "$request_method $request_uri" $logscan_route {
    default page;
    "~^\S+ /robots\.txt(?:[?#]|$)" "";
    "~*^\S+ [^?#]*\.(?:css|js|mjs|map|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|otf|eot|mp4|webm|mp3|wasm)(?:[?#]|$)" asset;
    "~*^(?!GET |HEAD )\S+ [^?#]*(?:log-?in|sign-?in|/auth|/session|/token|/xmlrpc\.php|password|/account/recover)" login;
    "~^(?!GET |HEAD )" api;
    "~^\S+ [^?#]*(?:/api/|/_next/data/|/graphql|/wp-json/|/ajax/|/rest/)" api;
    "~^\S+ [^?#]*\.json(?:[?#]|$)" api;
    "~^\S+ /search(?:[/?#]|$)" search;
}
"#;

/// The suggested limits, with crawlers exempt; `None` where there is no limit to be set.
pub fn nginx(suggestions: &[Suggestion], allow: &[AllowedRange]) -> Option<String> {
    let limits: Vec<(&Suggestion, &String)> =
        suggestions.iter().filter_map(|row| Some((row, row.rate.as_ref()?))).collect();
    if limits.is_empty() {
        return None;
    }
    let mut text = "\
# Limits that people and search engines do not meet, by logscan replay --suggest.
#
# How to use it: include it in http { }. It holds in all servers and locations but those that have a limit_req of
# their own: that takes the place of these. Behind a proxy, set_real_ip_from must come first: the limits are by
# $binary_remote_addr, and geo looks at $remote_addr.
# To see first what it would do: take the number sign away before limit_req_dry_run, and log $limit_req_status.
#
# How to check it: nginx -t

# Whom no limit counts: search engines by their addresses, which grow old; add your own offices and monitors.
geo $logscan_exempt {
    default 0;
"
    .to_string();
    let remedies = Remedies { allow: allow.to_vec(), ..Remedies::default() };
    for (range, row) in remedies.ranges() {
        let crawler: String = row.crawler.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(text, "    {range} 1; # {crawler}");
    }
    text.push_str("}\n");
    text.push_str(ROUTES);
    for (row, rate) in &limits {
        let route = row.route;
        let _ = write!(
            text,
            "\n# {route}: {}\nmap \"$logscan_exempt $logscan_route\" $logscan_key_{route} {{\n    default \"\";\n    \
             \"0 {route}\" $binary_remote_addr;\n}}\n\
             limit_req_zone $logscan_key_{route} zone=logscan_{route}:10m rate={rate};\n\
             limit_req zone=logscan_{route} burst={} nodelay;\n",
            row.reason, row.burst
        );
    }
    text.push_str(
        "\n# Where http { } has one of these already nginx calls it duplicate: take it away here.\n\
         limit_req_status 429;\nlimit_req_log_level warn;\n# limit_req_dry_run on;\n",
    );
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::replay::Outcomes;

    fn suggestion(route: &'static str, rate: Option<&str>) -> Suggestion {
        Suggestion {
            route,
            rate: rate.map(str::to_string),
            burst: 20,
            reason: "because".to_string(),
            people: 30,
            people_rejected: 0,
            crawlers: 0,
            outcomes: Outcomes::default(),
            worst: Vec::new(),
        }
    }

    #[test]
    fn a_limit_is_written_with_its_key_and_zone() {
        let allow = AllowedRange {
            crawler: "Googlebot",
            prefix: "192.0.2.0/24".to_string(),
            as_of: "2026-08-22".to_string(),
        };
        let text =
            nginx(&[suggestion("page", Some("5r/s")), suggestion("api", None)], &[allow]).unwrap();
        assert!(
            text.contains("limit_req_zone $logscan_key_page zone=logscan_page:10m rate=5r/s;"),
            "{text}"
        );
        assert!(text.contains("limit_req zone=logscan_page burst=20 nodelay;"), "{text}");
        assert!(
            text.contains("    192.0.2.0/24 1; # Googlebot") && !text.contains("logscan_api"),
            "{text}"
        );
        assert_eq!(nginx(&[suggestion("api", None)], &[]), None);
    }
}
