//! `--crawler-ranges`: the publishers' own lists of the addresses of their crawlers.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ipnet::IpNet;
use logscan::classify::ranges::List;
use logscan::error::{Error, Result};
use logscan::options::CrawlerRanges;
use serde_json::Value;

/// Larger files are no such list.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Reads the lists at `path`: one, or those in a folder. What else lies in a folder is passed over.
///
/// # Errors
///
/// A file that cannot be read, whose name no publisher uses, or that is no list; a folder without any.
pub fn read(path: &Path) -> Result<Vec<CrawlerRanges>> {
    let unreadable = |cause: std::io::Error| usage(path, &cause.to_string());
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![list(path)?]);
    }
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let paths = entries.collect::<std::io::Result<Vec<_>>>().map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = paths.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| file_list(path).is_some());
    paths.sort();
    if paths.is_empty() {
        return Err(usage(path, &format!("no list is in it; their files are called {}", names())));
    }
    paths.iter().map(|path| list(path)).collect()
}

fn file_list(path: &Path) -> Option<List> {
    List::of_file(path.file_name()?.to_str()?)
}

fn names() -> String {
    let names = List::ALL.iter().filter_map(|list| list.files().first().copied());
    names.collect::<Vec<_>>().join(", ")
}

fn list(path: &Path) -> Result<CrawlerRanges> {
    if file_list(path).is_none() {
        let reason = format!("whose list it is, its name must tell: it is one of {}", names());
        return Err(usage(path, &reason));
    }
    let unreadable = |cause: std::io::Error| usage(path, &cause.to_string());
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(usage(path, "it is no file"));
    }
    if metadata.len() > FILE_BYTES_MAX {
        return Err(usage(path, "it is too large for a list of addresses"));
    }
    let text = std::fs::read(path).map_err(unreadable)?;
    let document: Value = serde_json::from_slice(&text)
        .map_err(|cause| usage(path, &format!("it is no JSON: {cause}")))?;
    let networks = networks(&document).map_err(|reason| usage(path, &reason))?;
    let modified = metadata.modified().unwrap_or_else(|_| SystemTime::now());
    let fetched = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
    Ok(CrawlerRanges { file, networks, fetched: i64::try_from(fetched).unwrap_or(i64::MAX) })
}

/// The prefixes of `{"prefixes": [{"ipv4Prefix": …}, {"ipv6Prefix": …}]}`, as all publishers have them.
fn networks(document: &Value) -> std::result::Result<Vec<IpNet>, String> {
    let Some(prefixes) = document.get("prefixes").and_then(Value::as_array) else {
        return Err("it has no prefixes: give the publisher's file as it is".to_string());
    };
    let network = |prefix: &Value| {
        let text = ["ipv4Prefix", "ipv6Prefix"].iter().find_map(|key| prefix.get(key)?.as_str());
        let text = text.ok_or_else(|| "a prefix in it has no address".to_string())?;
        // Bing's has invisible letters.
        let text: String = text.chars().filter(char::is_ascii_graphic).collect();
        text.parse::<IpNet>().map_err(|_| format!("{text:?} in it is no network"))
    };
    let networks = prefixes.iter().map(network).collect::<std::result::Result<Vec<_>, _>>()?;
    match networks.is_empty() {
        true => Err("it has no prefix".to_string()),
        false => Ok(networks),
    }
}

fn usage(path: &Path, reason: &str) -> Error {
    let path = logscan::untrusted::Untrusted::from(path);
    let path = logscan::escape::terminal(&path, 200);
    Error::Usage(format!("--crawler-ranges {path}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(text: &str) -> std::result::Result<usize, String> {
        networks(&serde_json::from_str(text).unwrap()).map(|networks| networks.len())
    }

    #[test]
    fn a_publishers_file_is_read_as_it_is() {
        let file = r#"{"creationTime": "2026-11-01T00:00:00", "prefixes": [
            {"ipv4Prefix": "192.0.2.0/24"}, {"ipv6Prefix": "2001:db8::/48"}, {"ipv4Prefix": "198.51.100.0\u200b/28"}]}"#;
        assert_eq!(read_json(file), Ok(3));
        for file in [
            "{}",
            r#"{"prefixes": []}"#,
            r#"{"prefixes": [{}]}"#,
            r#"{"prefixes": [{"ipv4Prefix": "x"}]}"#,
            "[]",
        ] {
            assert!(read_json(file).is_err(), "{file}");
        }
    }
}
