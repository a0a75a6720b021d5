//! Whom to keep out: the addresses of those who do harm, for nginx, for the kernel's firewall, and for fail2ban.
//!
//! Nobody is on the list whose address is a crawler's of a search engine, and no network of which more is known than
//! that those who do harm are in it.

use std::fmt::Write as _;

use ipnet::IpNet;

use super::Remedies;
use crate::report::{Finding, Severity};

/// Findings about somebody who is better kept out.
const HARMFUL: &[&str] =
    &["client-hotspot", "retry-storm", "credential-stuffing", "scraping", "scanner"];

/// So many are on the list: a server compares each request with all of them.
const ROWS_MAX: usize = 500;

/// Somebody to be kept out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Where it comes from.
    pub network: IpNet,
    /// The detector that found it.
    pub why: &'static str,
    /// Its requests.
    pub requests: u64,
    /// How many clients of the network sent them.
    pub clients: u64,
}

/// Those whom the findings name, the worst first, each once.
pub fn denied(findings: &[Finding], remedies: &Remedies) -> Vec<Denied> {
    let exempt: Vec<IpNet> = remedies.ranges().into_iter().map(|(range, _)| range).collect();
    let harmful = findings
        .iter()
        .filter(|finding| HARMFUL.contains(&finding.id) && finding.severity >= Severity::Medium);
    let mut rows: Vec<Denied> = Vec::new();
    for denied in harmful.flat_map(of_finding) {
        let is_exempt =
            |range: &IpNet| range.contains(&denied.network) || denied.network.contains(range);
        let is_known = rows.iter().any(|row| row.network.contains(&denied.network));
        if !is_known && !exempt.iter().any(is_exempt) && rows.len() < ROWS_MAX {
            rows.push(denied);
        }
    }
    rows
}

fn of_finding(finding: &Finding) -> Vec<Denied> {
    let row = |text: &[u8], requests, clients| {
        let text = std::str::from_utf8(text).ok()?;
        let network: IpNet = match text.parse() {
            Ok(network) => network,
            Err(_) => IpNet::from(text.parse::<std::net::IpAddr>().ok()?),
        };
        Some(Denied { network: network.trunc(), why: finding.id, requests, clients })
    };
    match finding.subject.kind {
        "client" => row(finding.subject.value.bytes(), finding.requests, 1).into_iter().collect(),
        "network" => row(finding.subject.value.bytes(), finding.requests, finding.clients)
            .into_iter()
            .collect(),
        _ => {
            let clients = finding.examples.iter().filter(|example| example.kind == "client");
            clients.filter_map(|client| row(client.value.bytes(), client.requests, 1)).collect()
        }
    }
}

fn remark(row: &Denied) -> String {
    match row.clients {
        0 | 1 => format!("{}, {} requests", row.why, row.requests),
        clients => format!("{}, {} requests of {clients} clients", row.why, row.requests),
    }
}

const READ_FIRST: &str = "\
# How to use it: copy it and read it through. An address may be that of a house, an office or a telephone company,
# with others behind it; what is here asked for what it says, and a limit is often enough (logscan replay).
";

/// For nginx.
pub fn nginx(rows: &[Denied]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let mut text = format!(
        "# Those who do harm, by logscan: nginx answers them 403.\n#\n{READ_FIRST}\
         # Include it in http {{ }}, server {{ }} or location {{ }}. Behind a proxy, set_real_ip_from must come first.\n\
         #\n# How to check it: nginx -t\n\n"
    );
    for row in rows {
        let _ = writeln!(text, "deny {}; # {}", row.network, remark(row));
    }
    Some(text)
}

/// For the firewall of Linux.
pub fn ipset(rows: &[Denied]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let mut text = format!(
        "# Those who do harm, by logscan, for ipset: their packets can be dropped.\n#\n{READ_FIRST}\
         #\n#     ipset restore -! < deny.ipset\n\
         #     iptables -I INPUT -m set --match-set logscan4 src -j DROP\n\
         #     ip6tables -I INPUT -m set --match-set logscan6 src -j DROP\n\n\
         create logscan4 hash:net family inet\ncreate logscan6 hash:net family inet6\n"
    );
    for row in rows {
        let family = if row.network.addr().is_ipv4() { 4 } else { 6 };
        let _ = writeln!(text, "# {}\nadd logscan{family} {}", remark(row), row.network);
    }
    Some(text)
}

/// A filter for fail2ban: who is turned away again and again.
pub fn fail2ban(rows: &[Denied]) -> Option<String> {
    (!rows.is_empty()).then(|| {
        "\
# Who is turned away by a limit again and again, for fail2ban: the list itself grows old, and this does not.
#
# How to use it: put it into /etc/fail2ban/filter.d/logscan-limited.conf, and this into jail.local:
#
#     [logscan-limited]
#     enabled  = true
#     filter   = logscan-limited
#     logpath  = /var/log/nginx/access.log
#     maxretry = 100
#     findtime = 60
#     bantime  = 600
#     ignoreip = 127.0.0.1/8 ::1
#
# Put the addresses of search engines (crawlers.allow.nginx.conf has them) into ignoreip too.
#
# How to check it: fail2ban-regex /var/log/nginx/access.log /etc/fail2ban/filter.d/logscan-limited.conf

[Definition]
failregex = ^<HOST> \\S+ .*\\[[^\\]]*\\] \"[^\"]*\" (?:429|444) \\d+
datepattern = %%d/%%b/%%Y:%%H:%%M:%%S %%z
"
        .to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::AllowedRange;
    use crate::report::{Group, Subject};
    use crate::untrusted::Untrusted;

    fn found(kind: &'static str, value: &str, severity: Severity) -> Finding {
        Finding {
            id: "client-hotspot",
            group: Group::Rate,
            severity,
            score: 50,
            title: Untrusted::new(""),
            subject: Subject { kind, value: Untrusted::new(value), host: None },
            requests: 1_200,
            clients: 5,
            period: (0, 0),
            evidence: Vec::new(),
            examples: Vec::new(),
            action: Untrusted::new(""),
            fix: None,
        }
    }

    #[test]
    fn those_who_do_harm_are_listed_but_no_crawlers_and_no_names() {
        let findings = vec![
            found("client", "203.0.113.9", Severity::High),
            found("client", "203.0.113.9", Severity::High),
            found("network", "2001:db8:0:1::/64", Severity::Medium),
            found("client", "192.0.2.7", Severity::High),
            found("client", "host.example; deny all", Severity::High),
            found("client", "203.0.113.10", Severity::Low),
        ];
        let allow = vec![AllowedRange {
            crawler: "Googlebot",
            prefix: "192.0.2.0/24".to_string(),
            as_of: "2026-08-22".to_string(),
        }];
        let rows = denied(&findings, &Remedies { allow, ..Remedies::default() });
        let networks: Vec<String> = rows.iter().map(|row| row.network.to_string()).collect();
        assert_eq!(networks, ["203.0.113.9/32", "2001:db8:0:1::/64"]);
        let text = nginx(&rows).unwrap();
        assert!(text.contains("deny 203.0.113.9/32; # client-hotspot, 1200 requests\n"), "{text}");
        assert!(
            text.contains("deny 2001:db8:0:1::/64; # client-hotspot, 1200 requests of 5 clients\n"),
            "{text}"
        );
        let text = ipset(&rows).unwrap();
        assert!(text.contains("\nadd logscan4 203.0.113.9/32\n"), "{text}");
        assert!(text.contains("\nadd logscan6 2001:db8:0:1::/64\n"), "{text}");
        assert!(fail2ban(&rows).unwrap().contains("failregex = ^<HOST>"));
        assert_eq!((nginx(&[]), ipset(&[]), fail2ban(&[])), (None, None, None));
    }
}
