//! The list of statuses after `--status`: `404,410`, `4xx`, `400-418`, `!404`.

use nom::branch::alt;
use nom::bytes::complete::tag_no_case;
use nom::character::complete::{char, one_of, satisfy};
use nom::combinator::{all_consuming, map, map_opt, opt, recognize};
use nom::multi::separated_list1;
use nom::sequence::{delimited, pair, separated_pair, terminated};
use nom::{IResult, Parser};

use logscan::options::StatusList;
use logscan::record::Status;

/// What each part of a list stands for: whether `!` stood before it, its first and its last code.
type Term = (bool, (u16, u16));

/// Reads a list. A status is kept when a part names it, or when all parts are negated, and no
/// negated part names it; the order of the parts does not matter.
///
/// # Errors
///
/// A sentence for the user, when `text` is no list or keeps no status from 400 to 499.
pub fn parse(text: &str) -> Result<StatusList, String> {
    let (_, terms) = all_consuming(list)
        .parse(text)
        .map_err(|_| "give codes, classes and ranges: 404,410 or 4xx or 400-418 or !404")?;
    if let Some((_, (first, last))) = terms.iter().find(|(_, (first, last))| first > last) {
        return Err(format!("the range {first}-{last} is empty; did you mean {last}-{first}?"));
    }
    let from_all = terms.iter().all(|(negated, _)| *negated);
    let named = |code: u16, wanted: bool| {
        terms
            .iter()
            .any(|(negated, (first, last))| *negated == wanted && (*first..=*last).contains(&code))
    };
    let kept = (0..1000).filter(|&code| (from_all || named(code, false)) && !named(code, true));
    let kept: Vec<Status> = kept.map(Status::from_code).collect();
    if !kept.iter().any(|status| status.is_client_error()) {
        return Err("it keeps no status from 400 to 499, and the report is about them".to_string());
    }
    Ok(StatusList::only(kept))
}

fn list(input: &str) -> IResult<&str, Vec<Term>> {
    separated_list1(char(','), delimited(blanks, term, blanks)).parse(input)
}

fn term(input: &str) -> IResult<&str, Term> {
    let range = separated_pair(code, char('-'), code);
    let one = map(code, |code| (code, code));
    pair(map(opt(char('!')), |mark| mark.is_some()), alt((class, range, one))).parse(input)
}

/// `4xx`.
fn class(input: &str) -> IResult<&str, (u16, u16)> {
    let digit = map_opt(satisfy(|c| c.is_ascii_digit()), |c| c.to_digit(10));
    map(terminated(digit, tag_no_case("xx")), |digit| {
        let first = digit as u16 * 100;
        (first, first + 99)
    })
    .parse(input)
}

/// Three digits.
fn code(input: &str) -> IResult<&str, u16> {
    let digit = || one_of("0123456789");
    map_opt(recognize((digit(), digit(), digit())), |text: &str| text.parse().ok()).parse(input)
}

fn blanks(input: &str) -> IResult<&str, &str> {
    nom::character::complete::space0(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<u16> {
        let list = parse(text).unwrap();
        (400..500).filter(|&code| list.has_error(Status::from_code(code))).collect()
    }

    #[test]
    fn codes_ranges_and_classes_are_united() {
        assert_eq!(kept("404"), [404]);
        assert_eq!(kept("404,410"), [404, 410]);
        assert_eq!(kept("410, 404 ,404"), [404, 410]);
        assert_eq!(kept("400-403,499"), [400, 401, 402, 403, 499]);
        assert_eq!(kept("4xx").len(), 100);
        assert_eq!(kept("4XX,500").len(), 100);
        assert_eq!(kept("399-401"), [400, 401]);
    }

    #[test]
    fn what_is_negated_is_out_wherever_it_stands() {
        assert_eq!(kept("!404").len(), 99);
        assert!(!kept("!404").contains(&404));
        assert_eq!(kept("!404,!410-499"), (400..410).filter(|c| *c != 404).collect::<Vec<_>>());
        assert_eq!(kept("404-406,!405"), [404, 406]);
        assert_eq!(kept("!405,404-406"), [404, 406]);
    }

    #[test]
    fn everything_is_kept_by_the_list_of_all() {
        assert!(parse("4xx").unwrap().is_complete());
        assert!(!parse("!404").unwrap().is_complete());
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in [
            "", ",", "404,", "40", "4044", "4x", "xx4", "404-", "-404", "!!404", "4o4", "404;410",
            "٤٠٤",
        ] {
            assert!(parse(text).unwrap_err().starts_with("give codes"), "{text:?}");
        }
        assert!(parse("410-404").unwrap_err().contains("404-410"));
    }

    #[test]
    fn a_list_without_a_client_error_is_refused() {
        for text in ["200", "5xx", "404,!404", "!4xx"] {
            assert!(parse(text).unwrap_err().contains("400 to 499"), "{text}");
        }
    }
}
