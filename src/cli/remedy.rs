//! `--remedy DIR`: what findings tell to do, as files to paste.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use logscan::classify::crawlers::{CRAWLERS, Purpose};
use logscan::classify::ranges::List;
use logscan::clock;
use logscan::error::{Error, Result};
use logscan::options::Options;
use logscan::remedy::{AllowedRange, Remedies};
use logscan::report::Report;
use logscan::select;

use super::{output, shown, tell};

/// Writes the files into a folder, which is made if there is none, and tells what it wrote.
///
/// # Errors
///
/// When the folder cannot be made, or a file not be written.
pub fn write(folder: &Path, report: &Report, options: &Options, is_quiet: bool) -> Result<()> {
    let remedies = Remedies::of(report, allowed(options));
    let files = remedies.files().into_iter().map(|file| (file.name, file.text)).collect();
    write_files(folder, files, is_quiet)
}

/// Writes files, each with its name, into a folder, which is made if there is none, and tells what it wrote.
///
/// # Errors
///
/// When the folder cannot be made, or a file not be written.
pub fn write_files(folder: &Path, files: Vec<(&str, String)>, is_quiet: bool) -> Result<()> {
    let failed = |path: PathBuf, cause| Error::Write { path, cause };
    fs::create_dir_all(folder).map_err(|cause| failed(folder.to_path_buf(), cause))?;
    for (name, text) in &files {
        let path = folder.join(name);
        output::to_file(&path, &mut |out| out.write_all(text.as_bytes()))?;
    }
    if !is_quiet {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        tell(&format!(
            "{}: wrote {}; what an earlier run wrote there stays",
            shown(folder.as_os_str().as_encoded_bytes()),
            names.join(", ")
        ));
    }
    Ok(())
}

/// Where the crawlers of search engines come from.
pub fn allowed(options: &Options) -> Vec<AllowedRange> {
    let search = CRAWLERS.iter().filter(|crawler| crawler.purpose == Purpose::Search);
    let wanted: BTreeSet<&str> = search.filter_map(|crawler| crawler.list).map(List::id).collect();
    let lists = select::crawler_lists(options);
    let lists = lists.lists().filter(|(list, _, _)| wanted.contains(list.id()));
    lists
        .flat_map(|(list, networks, fetched)| {
            let as_of = clock::rfc3339(fetched).chars().take(10).collect::<String>();
            networks.iter().map(move |network| AllowedRange {
                crawler: list.id(),
                prefix: network.to_string(),
                as_of: as_of.clone(),
            })
        })
        .collect()
}
