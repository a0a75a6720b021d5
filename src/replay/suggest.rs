//! Which limit would spare people: for each class of paths the smallest rate and burst that let nearly all of
//! them through.

use rayon::prelude::*;

use super::people::People;
use super::timeline::{Rule, Timeline};
use super::{ClientOutcomes, Keyed, worst_of};
use crate::classify::routes::Route;
use crate::limit_req::{Delay, Limit, Outcome, Rate};
use crate::report::ClientKind;
use crate::report::replay::{Outcomes, Suggestion};
use crate::scan::arrivals::Arrivals;

/// Rates that are tried, slow to fast, in requests a minute.
const RATES_PER_MINUTE: [u32; 10] = [6, 12, 30, 60, 120, 300, 600, 1_200, 3_000, 6_000];

/// Of a thousand people so many may be turned away at times.
const TURNED_AWAY_PER_MILLE: usize = 1;

/// With fewer people nothing is known of what people do.
const PEOPLE_MIN: usize = 20;

/// With fewer, not enough to be sure.
const PEOPLE_WANTED: usize = 500;

/// The classes that limits are suggested for. `/robots.txt` is never limited.
const ROUTES: [Route; 5] = [Route::Page, Route::Search, Route::Api, Route::Login, Route::Asset];

/// Suggests a limit for each class of paths that anybody asked for, by client.
pub fn suggest(arrivals: &Arrivals, people: &People<'_>, rows: Option<usize>) -> Vec<Suggestion> {
    ROUTES.iter().filter_map(|route| of_route(*route, arrivals, people, rows)).collect()
}

/// What the people of a class did.
struct Needs {
    /// For each rate, the burst that each of them would have needed, in thousandths of a request, in order.
    bursts: Vec<Vec<u64>>,
    /// The most requests in a minute of each of them, in order.
    minutes: Vec<u64>,
    has_coarse: bool,
}

fn of_route(
    route: Route,
    arrivals: &Arrivals,
    people: &People<'_>,
    rows: Option<usize>,
) -> Option<Suggestion> {
    let of_route = arrivals.rows().filter(|(moment, ..)| moment.route() == route);
    let mut requests: Vec<Keyed> =
        of_route.map(|(moment, client, _)| Keyed { key: client, moment, client }).collect();
    if requests.is_empty() {
        return None;
    }
    requests.par_sort_unstable();
    let limits: Vec<Limit> = rates().map(|rate| Limit::new(rate, 0, Delay::Never)).collect();
    let needs = needs(&requests, people, &limits);
    let count = needs.minutes.len();
    let known = match count {
        0 => "nobody with a browser".to_string(),
        1 => "only 1 person".to_string(),
        _ => format!("only {count} people"),
    };
    let blank = Suggestion {
        route: route.id(),
        rate: None,
        burst: 0,
        reason: format!("{known} asked for it: too few to tell what people do"),
        people: count as u64,
        people_rejected: 0,
        crawlers: 0,
        outcomes: Outcomes::default(),
        worst: Vec::new(),
    };
    if count < PEOPLE_MIN {
        return Some(blank);
    }
    let Some((rate, burst, why)) = choose(route, &needs) else {
        let reason =
            "people themselves come faster than any limit that would stop others".to_string();
        return Some(Suggestion { reason, ..blank });
    };
    let few = match count < PEOPLE_WANTED {
        true => format!("; from {count} people alone: look at more days before you trust it"),
        false => String::new(),
    };
    let rule = Rule::new(Limit::new(rate, burst, Delay::Never), Delay::Never);
    let tried = try_it(&requests, people, &rule);
    let others: Vec<(u64, &ClientOutcomes)> =
        tried.others.iter().map(|(client, told)| (*client, told)).collect();
    Some(Suggestion {
        rate: Some(rate.to_string()),
        burst,
        reason: why + &few,
        people_rejected: tried.people_rejected,
        crawlers: tried.crawlers,
        outcomes: tried.outcomes,
        worst: worst_of(others, people, rows.map(|rows| rows.min(5))),
        ..blank
    })
}

fn rates() -> impl Iterator<Item = Rate> {
    let rate = |per_minute: u32| match per_minute {
        60.. => Rate::per_second(per_minute / 60),
        _ => Rate::per_minute(per_minute),
    };
    RATES_PER_MINUTE.into_iter().filter_map(move |per_minute| rate(per_minute).ok())
}

fn needs(requests: &[Keyed], people: &People<'_>, limits: &[Limit]) -> Needs {
    let of_people = requests
        .par_chunk_by(|one, other| one.key == other.key)
        .filter(|key| people.get(key[0].client).is_some_and(|who| who.is_person));
    let of_key = |key: &[Keyed]| {
        let (mut timeline, mut needs) = (Timeline::default(), Vec::new());
        timeline.fill(key.iter().map(|row| row.moment));
        timeline.needs(limits, &mut needs);
        (needs, timeline.most_in_minute(), key.iter().any(|row| row.moment.is_coarse()))
    };
    let all: Vec<(Vec<u64>, u64, bool)> = of_people.map(of_key).collect();
    let sorted = |mut numbers: Vec<u64>| {
        numbers.sort_unstable();
        numbers
    };
    Needs {
        bursts: (0..limits.len())
            .map(|rate| sorted(all.iter().map(|(needs, ..)| needs[rate]).collect()))
            .collect(),
        minutes: sorted(all.iter().map(|(_, minute, _)| *minute).collect()),
        has_coarse: all.iter().any(|(.., is_coarse)| *is_coarse),
    }
}

/// The number that all but a few are no greater than.
fn nearly_all(sorted: &[u64]) -> u64 {
    let few = sorted.len() * TURNED_AWAY_PER_MILLE / 1_000;
    sorted.get(sorted.len().saturating_sub(1 + few)).copied().unwrap_or(0)
}

/// The slowest rate whose burst is no more than ten seconds of it, or for parts of pages no more than 60, and
/// that is half as fast again as people are in their busiest minute.
fn choose(route: Route, needs: &Needs) -> Option<(Rate, u32, String)> {
    let minute = nearly_all(&needs.minutes);
    if route == Route::Login {
        let per_minute = u32::try_from(minute.saturating_mul(3)).unwrap_or(u32::MAX).max(5);
        let why = format!("people log in at most {minute} times a minute; three times that");
        return Some((Rate::per_minute(per_minute).ok()?, 5.max(per_minute.min(20)), why));
    }
    for (number, rate) in rates().enumerate() {
        let per_minute = u64::from(RATES_PER_MINUTE[number]);
        let need = nearly_all(&needs.bursts[number]).div_ceil(1_000);
        // Within a second nobody knows: no burst below the rate is advised.
        let need = if needs.has_coarse { need.max(per_minute.div_ceil(60)) } else { need };
        let burst = rounded(need);
        let burst_max = if route == Route::Asset { 60 } else { (per_minute / 6).max(10) };
        if per_minute * 2 >= minute * 3 && burst <= burst_max {
            let why = format!(
                "nearly all people need a burst of {need} at that rate, and send at most {minute} in a minute"
            );
            return Some((rate, u32::try_from(burst).unwrap_or(u32::MAX), why));
        }
    }
    None
}

/// The next of 1, 2, 5, 10, 20, 50 …
fn rounded(need: u64) -> u64 {
    let mut step = 1;
    loop {
        for times in [1, 2, 5] {
            if step * times >= need {
                return step * times;
            }
        }
        step *= 10;
    }
}

/// What a limit would have done.
#[derive(Default)]
struct Tried {
    people_rejected: u64,
    crawlers: u64,
    outcomes: Outcomes,
    others: Vec<(u64, ClientOutcomes)>,
}

fn try_it(requests: &[Keyed], people: &People<'_>, rule: &Rule) -> Tried {
    let of_key = |key: &[Keyed]| {
        let mut timeline = Timeline::default();
        timeline.fill(key.iter().map(|row| row.moment));
        let mut told = ClientOutcomes::default();
        told.outcomes = timeline.offer(rule, |_, time, outcome: Outcome| told.tell(time, outcome));
        (key[0].client, told)
    };
    let keys = requests.par_chunk_by(|one, other| one.key == other.key);
    let mut tried = Tried::default();
    for (client, told) in keys.map(of_key).collect::<Vec<_>>() {
        match people.get(client) {
            Some(who) if who.kind == ClientKind::VerifiedCrawler => tried.crawlers += 1,
            Some(who) if who.is_person => tried.people_rejected += u64::from(told.rejected > 0),
            _ => {
                tried.outcomes.add(told.outcomes);
                if told.rejected > 0 {
                    tried.others.push((client, told));
                }
            }
        }
    }
    tried
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_are_rounded_up() {
        for (need, wanted) in
            [(0, 1), (1, 1), (3, 5), (5, 5), (6, 10), (11, 20), (39, 50), (51, 100)]
        {
            assert_eq!(rounded(need), wanted, "{need}");
        }
    }

    #[test]
    fn of_a_thousand_one_may_be_left_out() {
        let thousand: Vec<u64> = (0..1_000).collect();
        assert_eq!(
            (nearly_all(&thousand), nearly_all(&thousand[..999]), nearly_all(&[])),
            (998, 998, 0)
        );
    }

    #[test]
    fn the_slowest_rate_that_people_can_live_with_is_chosen() {
        // Forty pages at once now and then, three in a usual minute.
        let bursts = RATES_PER_MINUTE.iter().map(|_| vec![39_000; 30]).collect();
        let needs = Needs { bursts, minutes: vec![3; 30], has_coarse: false };
        let (rate, burst, _) = choose(Route::Page, &needs).unwrap();
        assert_eq!((rate.to_string().as_str(), burst), ("5r/s", 50));
        let (rate, burst, _) = choose(Route::Asset, &needs).unwrap();
        assert_eq!((rate.to_string().as_str(), burst), ("6r/m", 50));
        let (rate, burst, _) = choose(Route::Login, &needs).unwrap();
        assert_eq!((rate.to_string().as_str(), burst), ("9r/m", 9));
    }
}
