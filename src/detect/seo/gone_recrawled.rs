//! Search engines ask ever again for what is gone on purpose, because something still links to it.

use crate::detect::facts::{Facts, FailedPath};
use crate::detect::findings::{Draft, Sentence, days_words, of_path, plural};
use crate::detect::score::Score;
use crate::detect::{Detector, Found, Limits, Threshold};
use crate::record::Cause;
use crate::report::{Finding, Group, Severity};

/// The row of the table of detectors.
pub const DETECTOR: Detector = Detector {
    id: "gone-recrawled",
    group: Group::Seo,
    summary: "search engines do not come more rarely to an address that answers 410, since it is linked",
    explain: "A search engine that was told 410 comes back now and then all the same; that is normal, costs \
        nothing, and is no different from what it does with 404. Usually it comes ever more rarely. Here it \
        does not, and people still come by links: somebody, this site or another, keeps pointing there, and \
        each link that the engine meets lets it look again. It is sure that it was the search engine (by its \
        address). What to do: remove the links if they are yours; if they are others', a redirect (301) to a \
        page that replaces this one makes use of them; else leave it. Source: Google, \"HTTP status codes, \
        network and DNS errors\"; John Mueller on 404 and 410.",
    statuses: &[410],
    thresholds: &[
        Threshold { name: "requests", value: 5.0, summary: "requests of search engines, at least" },
        Threshold { name: "days", value: 4.0, summary: "days on which they came, at least" },
    ],
    find,
    fires_on: &["9x google 0d10:00+1d /old 410\n9x 198.18.{n}.7 0d10:00+1d / 200\n\
         3x 198.18.{n}.7 0d11:00+1d /old 410 ref=https://blog.example/"],
    silent_on: &[
        // Nobody links to it.
        "9x google 0d10:00+1d /old 410\n9x 198.18.{n}.7 0d10:00+1d / 200",
        // It comes ever more rarely.
        "4x google 0d10:00+1d /old 410\ngoogle 8d10:00 /old 410\ngoogle 20d10:00 /old 410\n\
         9x 198.18.{n}.7 0d10:00+1d / 200\n\
         3x 198.18.{n}.7 0d11:00+1d /old 410 ref=https://blog.example/",
    ],
};

fn find(facts: &Facts<'_>, limits: &Limits<'_>) -> Found {
    let gone = facts.failed.iter().filter(|path| path.gone > 0 && path.gone == path.missing);
    gone.filter_map(|path| judge(facts, path, limits)).collect()
}

fn judge(facts: &Facts<'_>, path: &FailedPath<'_>, limits: &Limits<'_>) -> Option<Finding> {
    let (crawlers, links) = (path.of_path.crawlers.as_ref()?, path.of_path.links.as_ref()?);
    let (first, last) = crawlers.missing.get()?;
    let crawled = path.crawled();
    let days = crawlers.days[0];
    if crawled < limits.count("requests")
        || u64::from(days.count_ones()) < limits.count("days")
        || !facts.has_addresses
        || comes_more_rarely(days, first, last)
    {
        return None;
    }
    let outside = facts.believed(&links.outside, path.caused(Cause::ExternalLink));
    let own = facts.believed(&links.own, path.caused(Cause::InternalLink));
    if outside + own == 0 {
        return None;
    }
    let score = Score { weight: 0.1, size: crawled as f64, size_max: 500.0, seen: crawled };
    let days = u64::from(days.count_ones());
    let title = Sentence::new("search engines asked for ").text(path.key.tail).words(format!(
        ", which is gone (410), {} on {}: something still links to it",
        plural(crawled, "time", "times"),
        days_words(days)
    ));
    let action = Sentence::new(match own {
        0 => "leave it, or redirect it with 301 to a page that replaces it",
        _ => "remove the links to it from the site's own pages",
    });
    let finding = Draft::new(&DETECTOR, of_path(path.key), score.get(), crawled)
        .seen(path.clients(), Some((first, last)))
        .says(title, action)
        .count("crawler_requests", crawled)
        .count("days", days)
        .pages("site", &path.of_path.referers);
    Some(finding.at_most(Severity::Low).done())
}

/// Whether there were clearly fewer days with a request in the second half of the time than in the first: less
/// than two for three. Days are known by their number modulo 64.
fn comes_more_rarely(days: u64, first: u32, last: u32) -> bool {
    let (first, last) = (first / 86_400, last / 86_400);
    let length = (last - first + 1).min(64);
    let in_order = days.rotate_right(first % 64);
    let half = length / 2;
    let early = (in_order & ((1 << half) - 1)).count_ones();
    let late = in_order >> (length - half);
    late.count_ones() * 3 < early * 2
}

#[cfg(test)]
mod tests {
    use super::comes_more_rarely;

    #[test]
    fn the_second_half_is_held_against_the_first() {
        let day = 86_400;
        let of = |days: &[u32]| {
            let bits = days.iter().fold(0_u64, |bits, number| bits | 1 << (number % 64));
            comes_more_rarely(bits, days[0] * day, days[days.len() - 1] * day)
        };
        assert!(!of(&[20_000, 20_001, 20_002, 20_003]));
        assert!(of(&[20_030, 20_031, 20_032, 20_040, 20_050]));
        assert!(!of(&[20_000, 20_008, 20_012, 20_015]));
        assert!(!of(&[20_000, 20_001, 20_060, 20_063]));
    }
}
