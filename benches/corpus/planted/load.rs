//! How long requests take, and what a planted log weighs so far: its request time, its pages, its people.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::scene::Scene;
use super::{Hit, Who};

/// Sixteenths of a log-normal distribution (σ = 0.5), in thousandths of its median.
const SPREAD: [u64; 17] = [
    301, 464, 563, 642, 714, 783, 853, 924, 1_000, 1_082, 1_173, 1_277, 1_401, 1_558, 1_777, 2_153,
    3_320,
];

/// What is planted after a share was measured takes no more than so much, in milliseconds.
const STILL_TO_COME: u64 = 600_000;

/// A time that is mostly near the median, seldom three times as long, and never more.
pub fn around(median: u64, chance: u64) -> u32 {
    let (place, past) = ((chance >> 60) as usize, chance >> 44 & 0xFFFF);
    let (low, high) = (SPREAD[place], SPREAD[place + 1]);
    let thousandths = low + (((high - low) * past) >> 16);
    (median * thousandths / 1_000).max(1) as u32
}

/// Whether a target is part of a page.
pub fn is_asset(target: &str) -> bool {
    const ENDINGS: &[&str] =
        &[".css", ".js", ".woff2", ".svg", ".jpg", ".png", ".webp", ".ico", ".gif"];
    let path = target.split('?').next().unwrap_or(target);
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Whether a limit answered, as far as a status tells.
fn is_rejected(hit: &Hit) -> bool {
    matches!(hit.status, 429 | 444 | 503)
}

/// Whether the address is that of a crawler which its publisher vouches for.
fn is_vouched_for(who: Who) -> bool {
    match who.address {
        IpAddr::V4(address) => matches!(address.octets()[0], 40 | 66 | 157 | 207),
        IpAddr::V6(_) => false,
    }
}

impl Scene {
    /// As much request time as makes so many percent of all, when all is planted.
    pub fn share_of_time(&self, percent: u64) -> u64 {
        let others: u64 = self.hits.iter().map(|hit| u64::from(hit.millis)).sum();
        (others + STILL_TO_COME) * percent / (100 - percent)
    }

    /// Requests for what is no part of a page.
    pub fn page_requests(&self) -> u64 {
        self.hits.iter().filter(|hit| !is_asset(&hit.target)).count() as u64
    }

    /// Those who load parts of the pages that they see.
    pub fn people(&self) -> u64 {
        let loads = self.hits.iter().filter(|hit| is_asset(&hit.target) && !hit.referer.is_empty());
        loads.map(|hit| hit.who.address).collect::<BTreeSet<_>>().len() as u64
    }

    /// The request time of each client, those left out whom a publisher vouches for; the largest first.
    pub fn time_of_clients(&self) -> Vec<(u64, IpAddr)> {
        let mut times: BTreeMap<IpAddr, u64> = BTreeMap::new();
        for hit in self.hits.iter().filter(|hit| !is_vouched_for(hit.who)) {
            *times.entry(hit.who.address).or_default() += u64::from(hit.millis);
        }
        let mut times: Vec<_> = times.into_iter().map(|(address, time)| (time, address)).collect();
        times.sort_by(|one, two| two.cmp(one));
        times
    }

    /// Whether anybody was rejected so far.
    pub fn is_anybody_rejected(&self) -> bool {
        self.hits.iter().any(is_rejected)
    }
}

/// Whatever was planted, few may take much of all time with it, and no limit keep them from it.
pub fn what_loads_show(scene: &mut Scene) {
    let all: u64 = scene.hits.iter().map(|hit| u64::from(hit.millis)).sum();
    let times = scene.time_of_clients();
    let first = &times[..times.len().min(5)];
    let of_first: u64 = first.iter().map(|(time, _)| time).sum();
    if of_first * 5 >= all && !scene.is_anybody_rejected() {
        for (_, address) in first {
            scene.may("limit-too-loose", address.to_string());
        }
    }
}
