//! What detectors are given: the counts, who the clients are, and what is asked of both again and again.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::Limits;
use super::kinds::Kinds;
use super::rate::crowd::{Addresses, Crowd};
use super::security::exposed_file;
use super::seo::mass_not_found::{self, Loss};
use super::seo::soft_not_found;
use crate::aggregate::arena::Key;
use crate::aggregate::counts::ErrorCounts;
use crate::aggregate::distinct::Distinct;
use crate::aggregate::few::Few;
use crate::aggregate::missing::PathErrors;
use crate::aggregate::redirects::RedirectCounts;
use crate::aggregate::shards::{RowCounts, Shard};
use crate::aggregate::spread::Spread;
use crate::aggregate::{Aggregate, PathCounts};
use crate::classify::crawlers::{CRAWLERS, Crawler, Purpose};
use crate::classify::near_miss::LivePaths;
use crate::classify::ranges::Ranges;
use crate::classify::roots::RootFile;
use crate::classify::{probes, referers, sites};
use crate::options;
use crate::record::{Cause, Status};
use crate::report::Fix;
use crate::untrusted::Untrusted;

/// What all detectors know.
pub struct Facts<'a> {
    /// The counts.
    pub aggregate: &'a Aggregate,
    /// Who those with 4xx are.
    pub kinds: &'a Kinds,
    /// The addresses of crawlers.
    pub lists: &'a Ranges,
    /// Whether addresses are those of clients.
    pub has_addresses: bool,
    /// First and last second of the log.
    pub period: (u32, u32),
    /// The paths with 4xx that are not only asked for by scanners, by host and path.
    pub failed: Vec<FailedPath<'a>>,
    asked: &'a [options::Threshold],
    live: OnceLock<BTreeMap<&'a [u8], LivePaths<'a>>>,
    pages: Vec<RowCounts<'a, PathCounts>>,
    answered_probes: Vec<RowCounts<'a, PathCounts>>,
    /// By host, the lengths of what a host answers to whatever is asked.
    catch_all: BTreeMap<&'a [u8], Vec<u32>>,
    exposed: Vec<RowCounts<'a, PathCounts>>,
    /// By host, how many missing pages have an answer of each length.
    missing_sizes: BTreeMap<&'a [u8], BTreeMap<u32, u64>>,
    redirects: Vec<(Key<'a>, &'a RedirectCounts)>,
    losses: Vec<Loss<'a>>,
    /// The pages that were lost with others, in order.
    lost: Vec<Key<'a>>,
    sites: &'a [Vec<u8>],
    /// Who visits, and how fast.
    pub crowd: Crowd<'a>,
}

/// A path with 4xx.
#[derive(Clone, Copy, Debug)]
pub struct FailedPath<'a> {
    /// Its host and path.
    pub key: Key<'a>,
    /// All its requests.
    pub counts: &'a PathCounts,
    /// Those that failed.
    pub errors: &'a ErrorCounts,
    /// The same, as far as it is of paths.
    pub of_path: &'a PathErrors,
    /// 404 and 410 to GET.
    pub missing: u64,
    /// 410 alone.
    pub gone: u64,
    /// Whether it is a part of a page.
    pub is_asset: bool,
    /// Whether no page links to it: a scanner asks for it and it was never there, or it is a file at a fixed
    /// address where programs look for it, or scripts fetch it. What referers there say is no link.
    pub is_unlinked: bool,
}

/// Requests with this code.
pub fn requests_of(errors: &ErrorCounts, code: u16) -> u64 {
    let is_it =
        |(status, requests): (Status, u64)| (status.code() == Some(code)).then_some(requests);
    errors.by_status.iter().find_map(is_it).unwrap_or(0)
}

impl<'a> FailedPath<'a> {
    fn new(row: RowCounts<'a, PathCounts>) -> Option<FailedPath<'a>> {
        let errors = row.errors?;
        let gone = requests_of(errors, 410);
        let of_path = errors.of_path.as_deref()?;
        // As many as there were, but the count of them stops growing at four billions.
        let others = u64::from(of_path.heads_missing) + u64::from(of_path.others_missing);
        Some(FailedPath {
            key: row.key,
            counts: row.counts,
            errors,
            of_path,
            missing: (requests_of(errors, 404) + gone).saturating_sub(others),
            gone: gone.min((requests_of(errors, 404) + gone).saturating_sub(others)),
            is_asset: sites::is_asset(row.key.tail),
            is_unlinked: RootFile::of(row.key.tail).is_some()
                || sites::is_fetched(row.key.tail)
                || (row.counts.success().requests() == 0 && probes::weight(row.key.tail) >= 2),
        })
    }

    /// How many requests succeeded.
    pub fn succeeded(&self) -> u64 {
        self.counts.success().requests()
    }

    /// When it was there.
    pub fn success(&self) -> Spread {
        self.counts.success().spread()
    }

    /// Whether it is missing, and was not there again since.
    pub fn is_missing(&self) -> bool {
        let Some((_, missing)) = self.of_path.missing.get() else { return false };
        self.success().get().is_none_or(|(_, there)| there < missing)
    }

    /// The moments between which it was lost: when it was there last, and when it was missing first after
    /// that. `None` where it was not lost, or cannot be told: then it was missing before as well, and since
    /// only once or twice.
    pub fn lost_between(&self) -> Option<(u32, u32)> {
        let ((_, there), (missing, _)) = (self.success().get()?, self.of_path.missing.get()?);
        if there < missing {
            return Some((there, missing));
        }
        let (parts, first) = self.of_path.missing.after(there);
        (parts >= 3).then_some((there, first?))
    }

    /// Whether it was there, and from some moment on no more.
    pub fn is_lost(&self) -> bool {
        self.lost_between().is_some()
    }

    /// Whether what is missing may be what a query asks for, and not the path.
    pub fn is_missing_by_query(&self) -> bool {
        u64::from(self.of_path.queried_missing) * 2 > self.missing
    }

    /// 4xx requests with this cause.
    pub fn caused(&self, wanted: Cause) -> u64 {
        let is_it = |(cause, requests): (Cause, u64)| (cause == wanted).then_some(requests);
        self.errors.causes.iter().find_map(is_it).unwrap_or(0)
    }

    /// Its clients with 4xx.
    pub fn clients(&self) -> u64 {
        self.errors.others.count()
    }

    /// When it was missing.
    pub fn missing_period(&self) -> Option<(u32, u32)> {
        self.of_path.missing.get()
    }

    /// How often search engines with the right address did not find it.
    pub fn crawled(&self) -> u64 {
        use crate::aggregate::crawls::Outcome;
        use crate::record::Address;
        let Some(crawlers) = &self.of_path.crawlers else { return 0 };
        let verified = crawlers.iter().filter(|error| {
            error.address == Address::Listed
                && error.outcome == Outcome::Missing
                && Facts::crawler(error.crawler).purpose == Purpose::Search
        });
        verified.map(|error| error.requests).sum()
    }
}

impl<'a> Facts<'a> {
    /// Of these counts.
    pub fn new(
        aggregate: &'a Aggregate,
        kinds: &'a Kinds,
        lists: &'a Ranges,
        has_addresses: bool,
        sites: &'a [Vec<u8>],
        asked: &'a [options::Threshold],
    ) -> Facts<'a> {
        let shards = || aggregate.paths().shards().par_iter();
        let failed_of = |shard: &'a Shard<PathCounts>| -> Vec<FailedPath<'a>> {
            let failed = shard.rows().filter_map(FailedPath::new);
            failed.filter(|path| is_worth_a_look(path, kinds)).collect()
        };
        let mut failed: Vec<FailedPath<'_>> = shards().flat_map_iter(failed_of).collect();
        failed.par_sort_unstable_by_key(|path| path.key);
        let is_page = |row: &RowCounts<'_, PathCounts>| {
            row.counts.success().requests() > 0 && !sites::is_asset(row.key.tail)
        };
        let pages_of = |shard: &'a Shard<PathCounts>| shard.rows().filter(is_page);
        let mut pages: Vec<_> = shards().flat_map_iter(pages_of).collect();
        pages.par_sort_unstable_by_key(|row| row.key);
        let is_probe = |row: &&RowCounts<'_, PathCounts>| probes::weight(row.key.tail) >= 2;
        let answered_probes: Vec<_> = pages.par_iter().filter(is_probe).copied().collect();
        let log_end = aggregate.period().map_or(0, |(_, last)| i64::from(last));
        let mut facts = Facts {
            crowd: Crowd::new(
                aggregate,
                kinds,
                Addresses { lists, log_end, are_known: has_addresses },
                asked,
            ),
            aggregate,
            kinds,
            lists,
            has_addresses,
            period: aggregate.period().unwrap_or_default(),
            failed,
            asked,
            live: OnceLock::new(),
            pages,
            answered_probes,
            catch_all: BTreeMap::new(),
            exposed: Vec::new(),
            missing_sizes: missing_sizes(aggregate),
            redirects: aggregate.redirects().sorted(),
            losses: Vec::new(),
            lost: Vec::new(),
            sites,
        };
        facts.catch_all = soft_not_found::catch_all_sizes(&facts);
        facts.exposed = exposed_file::exposed(&facts);
        let limits = Limits { detector: &mass_not_found::DETECTOR, asked };
        facts.losses = mass_not_found::losses(&facts, &limits);
        facts.lost =
            facts.losses.iter().flat_map(|loss| loss.pages.iter().map(|path| path.key)).collect();
        facts.lost.sort_unstable();
        facts
    }

    /// The thresholds that were asked for.
    pub fn asked(&self) -> &'a [options::Threshold] {
        self.asked
    }

    /// How many of these clients there were, without those whom nobody believes. Where the log has no
    /// addresses of clients, requests have to do: two of them for one.
    pub fn believed(&self, clients: &Few, requests: u64) -> u64 {
        if !self.has_addresses {
            return (requests / 2).min(crate::aggregate::few::FEW_MAX as u64);
        }
        clients.iter().filter(|client| !self.kinds.is_ignored(*client)).count() as u64
    }

    /// The clients of a path with 4xx, without those whom nobody believes, as far as that can be told.
    pub fn believed_clients(&self, path: &FailedPath<'_>) -> u64 {
        if !self.has_addresses {
            return path.errors.by_status.total().div_ceil(2);
        }
        let ignored = path.errors.others.count_of(|client| self.kinds.is_ignored(client));
        path.clients().saturating_sub(ignored.unwrap_or(0))
    }

    /// What is counted of a path, if it was asked for.
    pub fn path(&self, host: &[u8], path: &[u8]) -> Option<RowCounts<'a, PathCounts>> {
        self.aggregate.paths().get(Key { head: host, tail: path })
    }

    /// What is counted of the page that a referer names: one of the site itself.
    pub fn page(&self, host: &[u8], referer: &[u8]) -> Option<RowCounts<'a, PathCounts>> {
        let of = referers::host(referer)?;
        let path = path_of(referer);
        match host {
            b"" => self.path(b"", path),
            // A page of the same site may stand on another of its hosts.
            host => self.path(host, path).or_else(|| self.path(of, path)),
        }
    }

    /// What those who ask for a missing path most likely want. Who asks first makes the index, alone: were that
    /// done side by side, a thread that waits could take another detector up that waits for the same.
    pub fn nearest(&self, key: Key<'_>) -> Option<Fix> {
        let live = self.live.get_or_init(|| self.live_paths());
        let found = live.get(key.head)?.nearest(key.tail)?;
        Some(Fix {
            kind: "redirect",
            text: Untrusted::new(found.path),
            confidence_percent: found.confidence_percent,
            why: found.transform.id(),
        })
    }

    /// The paths that are there: those that succeeded twice, and in the last quarter of the log.
    fn live_paths(&self) -> BTreeMap<&'a [u8], LivePaths<'a>> {
        let (first, last) = self.period;
        let from = last - (last - first) / 4;
        let mut hosts: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
        for row in self.aggregate.paths().rows() {
            let success = row.counts.success();
            let there = success.spread().get().map(|(_, last)| last);
            let missing = row.errors.and_then(|errors| errors.of_path.as_deref()?.missing.get());
            let is_there = success.requests() >= 2
                && there >= Some(from)
                && missing.is_none_or(|(_, last)| there >= Some(last));
            if is_there {
                hosts.entry(row.key.head).or_default().push(row.key.tail);
            }
        }
        hosts.into_iter().map(|(host, paths)| (host, LivePaths::new(paths))).collect()
    }

    /// The pages of a host that were served at all, by path.
    pub fn pages(&self, host: &[u8]) -> &[RowCounts<'a, PathCounts>] {
        of_host(&self.pages, host, |row| row.key)
    }

    /// The paths of a host with 4xx, by path.
    pub fn failed_on(&self, host: &[u8]) -> &[FailedPath<'a>] {
        of_host(&self.failed, host, |path| path.key)
    }

    /// What was lost with others at once.
    pub fn losses(&self) -> &[Loss<'a>] {
        &self.losses
    }

    /// Whether a page was lost with others at once: then what there is to say of it is said of all.
    pub fn is_lost_with_others(&self, path: &FailedPath<'_>) -> bool {
        self.lost.binary_search(&path.key).is_ok()
    }

    /// The lengths in bytes of what a host answers to whatever is asked.
    pub fn catch_all(&self, host: &[u8]) -> &[u32] {
        self.catch_all.get(host).map_or(&[], Vec::as_slice)
    }

    /// What holds secrets and was given away, by host and path.
    pub fn exposed(&self) -> &[RowCounts<'a, PathCounts>] {
        &self.exposed
    }

    /// Whether anything of a host was given away.
    pub fn has_exposed(&self, host: &[u8]) -> bool {
        !of_host(&self.exposed, host, |row| row.key).is_empty()
    }

    /// Where redirects lead, by host and path.
    pub fn redirects(&self) -> &[(Key<'a>, &'a RedirectCounts)] {
        &self.redirects
    }

    /// Where the redirects of a host lead, by path.
    pub fn redirects_of(&self, host: &[u8]) -> &[(Key<'a>, &'a RedirectCounts)] {
        of_host(&self.redirects, host, |row| row.0)
    }

    /// Whether a host is the site's own: the one that was asked, or one that is given or learnt.
    pub fn is_own(&self, host: &[u8], asked: &[u8]) -> bool {
        (!asked.is_empty() && sites::is_same(host, asked))
            || self.sites.iter().any(|site| sites::is_same(host, site))
    }

    /// Whether it is known which hosts are the site's own.
    pub fn knows_own(&self, asked: &[u8]) -> bool {
        !asked.is_empty() || !self.sites.is_empty()
    }

    /// The paths that nobody but a scanner asks for, which were answered all the same, by host and path.
    pub fn answered_probes(&self) -> &[RowCounts<'a, PathCounts>] {
        &self.answered_probes
    }

    /// How many missing pages of a host have an answer of each length.
    pub fn missing_sizes(&self, host: &[u8]) -> Option<&BTreeMap<u32, u64>> {
        self.missing_sizes.get(host)
    }

    /// The hosts on which something is missing, or probes were answered, in order.
    pub fn hosts(&self) -> Vec<&'a [u8]> {
        let mut hosts: Vec<&[u8]> = self.missing_sizes.keys().copied().collect();
        hosts.extend(self.answered_probes().iter().map(|row| row.key.head));
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// A crawler by its place.
    pub fn crawler(number: u8) -> &'static Crawler {
        &CRAWLERS[usize::from(number) % CRAWLERS.len()]
    }
}

/// By host, how many missing pages have an answer of each length.
fn missing_sizes(aggregate: &Aggregate) -> BTreeMap<&[u8], BTreeMap<u32, u64>> {
    let mut hosts: BTreeMap<&[u8], BTreeMap<u32, u64>> = BTreeMap::new();
    for row in aggregate.paths().rows() {
        let of_path = row.errors.and_then(|errors| errors.of_path.as_deref());
        let Some(of_path) = of_path.filter(|_| !sites::is_asset(row.key.tail)) else { continue };
        let sizes = hosts.entry(row.key.head).or_default();
        of_path.sizes.iter().for_each(|size| *sizes.entry(size).or_default() += 1);
    }
    hosts
}

/// How many clients with 4xx all these paths had.
pub fn clients_of<'f, 'a: 'f>(paths: impl IntoIterator<Item = &'f FailedPath<'a>>) -> u64 {
    let mut all = Distinct::default();
    paths.into_iter().for_each(|path| all.merge(path.errors.others.clone()));
    all.count()
}

/// The rows of a host, of all rows by host and path.
fn of_host<'f, 'a, T>(rows: &'f [T], host: &[u8], key: impl Fn(&T) -> Key<'a>) -> &'f [T] {
    let from = rows.partition_point(|row| key(row).head < host);
    let rows = &rows[from..];
    &rows[..rows.partition_point(|row| key(row).head == host)]
}

/// The path of an absolute address, without its query.
pub fn path_of(address: &[u8]) -> &[u8] {
    let Some(colon) = memchr::memmem::find(address, b"://") else {
        let end = memchr::memchr2(b'?', b'#', address).unwrap_or(address.len());
        return &address[..end];
    };
    let rest = &address[colon + 3..];
    let Some(slash) = rest.iter().position(|byte| b"/?#".contains(byte)) else { return b"/" };
    let path = &rest[slash..];
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    if end == 0 { b"/" } else { &path[..end] }
}

/// Whether there may be more to a path than that scanners asked for it.
fn is_worth_a_look(path: &FailedPath<'_>, kinds: &Kinds) -> bool {
    let clients = path.clients();
    let scanners = path.errors.others.count_of(|client| kinds.is_scanner(client)).unwrap_or(0);
    let is_crawled = path.crawled() > 0;
    let was_there = path.succeeded() > 0;
    let is_linked = path.of_path.links.as_ref().is_some_and(|links| !links.own.is_empty());
    // Nine in ten are scanners, or it is what nobody else asks for.
    let is_noise = scanners * 10 >= clients * 9
        || (!was_there && !is_crawled && probes::weight(path.key.tail) >= 2);
    let is_once = path.errors.by_status.total() < 2 && !was_there && !is_crawled;
    was_there || is_crawled || !(is_once || is_noise && !(is_linked && scanners < clients))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_address_has_no_query() {
        for (address, wanted) in [
            ("https://shop.example/a/b?x=1#y", "/a/b"),
            ("https://shop.example", "/"),
            ("https://shop.example?x=/a", "/"),
            ("/a?x=1", "/a"),
            ("", ""),
        ] {
            assert_eq!(path_of(address.as_bytes()), wanted.as_bytes(), "{address}");
        }
    }
}
