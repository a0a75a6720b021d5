//! Lines about the log itself: it was rotated, here begins what follows.

use memchr::memmem;

/// Whether a line that no format fits is about the log itself. W3C directives are those of their
/// format.
///
/// - `newsyslog(8)` of BSD writes `logfile turned over` into the new file, behind a syslog head that
///   was taken off before;
/// - `journalctl(1)` begins with `-- Logs begin at …` (`-- Journal begins at …`) and has `-- Boot …`
///   and `-- No entries --`;
/// - `tail(1)` has `==> file <==` before each of several files;
/// - `docker compose up` begins with `Attaching to …`, stern with `+ pod › container`.
pub fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let begins = |heads: &[&[u8]]| heads.iter().any(|head| line.starts_with(head));
    begins(&[
        b"# ",
        b"## ",
        b"-- Logs begin at ",
        b"-- Journal begins at ",
        b"-- Boot ",
        b"-- No entries --",
        b"-- Reboot --",
        b"logfile turned over",
        b"Attaching to ",
    ]) || line == b"#"
        || (line.starts_with(b"==> ") && line.ends_with(b" <=="))
        || (line.starts_with(b"---") && memmem::find(line, b"rotated").is_some())
        || (begins(&[b"+ ", b"- "]) && memmem::find(line, " › ".as_bytes()).is_some())
        || is_turned_over(line)
}

/// `newsyslog[123]: logfile turned over`, without a head.
fn is_turned_over(line: &[u8]) -> bool {
    line.starts_with(b"newsyslog") && memmem::find(line, b"logfile turned over").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_the_log_are_headers() {
        for line in [
            "newsyslog[123]: logfile turned over",
            "logfile turned over due to size>100K",
            "--- log rotated ---",
            "# rotated by cron",
            "#",
            "==> /var/log/nginx/access.log <==",
            "-- Logs begin at Sat 2026-11-21 14:05:09 UTC, end at Sat 2026-11-21 15:05:09 UTC. --",
            "Attaching to web-1, db-1",
            "+ web-5d9c-x2 › nginx",
        ] {
            assert!(is_header(line.as_bytes()), "{line}");
        }
        for line in ["", "#Fields: date time", "#!/bin/sh", "- - -", "--", "-> x", "hello"] {
            assert!(!is_header(line.as_bytes()), "{line}");
        }
    }
}
