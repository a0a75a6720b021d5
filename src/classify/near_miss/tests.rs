//! Each transform leads back to the live path, and nothing leads where it must not.

use proptest::prelude::*;

use super::*;

fn nearest<'a>(live: &[&'a str], missing: &str) -> Option<NearMiss<'a>> {
    LivePaths::new(live.iter().map(|path| path.as_bytes())).nearest(missing.as_bytes())
}

fn path<'a>(live: &[&'a str], missing: &str) -> Option<&'a str> {
    nearest(live, missing).map(|found| std::str::from_utf8(found.path).unwrap())
}

/// Live paths of a small site.
const SITE: &[&str] = &[
    "/",
    "/index.html",
    "/about",
    "/About-Us/Team",
    "/blog/how-to-tie-a-knot",
    "/blog/how-to-bake-bread",
    "/blog/how-to-bake-bread-without-an-oven",
    "/shop/winter-shoes/",
    "/shop/123",
    "/shop/124",
    "/caf%C3%A9/menu.html",
    "/guides/index.php",
    "/img/winter-shoes.jpg",
    "/img/logo.png",
    "/css/style.css",
    "/css/printed-pages.css",
    "/app.3fa9c1d2.js",
    "/en/terms-of-use",
    "/de/terms-of-use",
    "/en/imprint",
    "/guides/feeding-cats_and-dogs",
    "/archive/a-story-of-the-sea.html",
];

#[test]
fn a_missing_path_leads_to_the_live_one() {
    for (missing, wanted, transform, percent) in [
        ("/about/", "/about", "trailing-slash", 95),
        ("/shop/winter-shoes", "/shop/winter-shoes/", "trailing-slash", 95),
        ("//blog//how-to-tie-a-knot", "/blog/how-to-tie-a-knot", "doubled-slash", 95),
        ("/about-us/team", "/About-Us/Team", "case", 95),
        ("/ABOUT/", "/about", "case", 95),
        ("/caf%25C3%25A9/menu.html", "/caf%C3%A9/menu.html", "percent-encoding", 95),
        ("/caf%E9/menu.html", "/caf%C3%A9/menu.html", "percent-encoding", 95),
        ("/about).", "/about", "trailing-junk", 90),
        ("/about%22", "/about", "trailing-junk", 90),
        (r"/about\x22/", "/about", "trailing-junk", 90),
        ("/caf%C3%A9/menu", "/caf%C3%A9/menu.html", "extension", 95),
        ("/guides", "/guides/index.php", "extension", 95),
        ("/about.php", "/about", "extension", 95),
        ("/blog/how_to_tie_a_knot.html", "/blog/how-to-tie-a-knot", "separator", 80),
        ("/about%3Fpage=2", "/about", "query", 80),
        ("/about&utm_source=x", "/about", "query", 80),
        ("/shop.example/about", "/about", "host-in-path", 80),
        ("/https://shop.example/about/", "/about", "host-in-path", 80),
        ("/blog/blog/how-to-tie-a-knot", "/blog/how-to-tie-a-knot", "repeated-segment", 80),
        ("/fr/about", "/about", "locale", 80),
        ("/imprint", "/en/imprint", "locale", 80),
        ("/blog/2021/04/how-to-tie-a-knot", "/blog/how-to-tie-a-knot", "date", 80),
        ("/blog/how-to-tie-a-knot/amp/", "/blog/how-to-tie-a-knot", "amp", 80),
        ("/news/how-to-tie-a-knot", "/blog/how-to-tie-a-knot", "same-name", 60),
        ("/pictures/winter-shoes.jpg", "/img/winter-shoes.jpg", "same-name", 60),
        ("/abuot", "/about", "spelling", 60),
        ("/blog/how-to-tie-the-knot", "", "", 0),
        ("/blog/how-to-tei-a-knott", "/blog/how-to-tie-a-knot", "spelling", 50),
        ("/archive/a-story-of-the", "/archive/a-story-of-the-sea.html", "truncated", 60),
        ("/archive/a-story-of-the-...", "/archive/a-story-of-the-sea.html", "truncated", 60),
    ] {
        let found = nearest(SITE, missing);
        if wanted.is_empty() {
            assert_eq!(found, None, "{missing}");
            continue;
        }
        let found = found.unwrap_or_else(|| panic!("{missing}: nothing"));
        assert_eq!(std::str::from_utf8(found.path).unwrap(), wanted, "{missing}");
        assert_eq!(
            (found.transform.id(), found.confidence_percent),
            (transform, percent),
            "{missing}"
        );
    }
}

#[test]
fn some_paths_lead_nowhere() {
    for missing in [
        // The home page, whatever it is written like.
        "/index.php",
        "//",
        "/%22",
        "/de/",
        "/shop.example/",
        "/amp",
        "",
        // Another number, another hash.
        "/shop/125",
        "/shop/1234",
        "/app.77b0de12.js",
        "/app.3fa9c1d3.js",
        // Another class.
        "/css/style.js",
        "/img/snow-shoes",
        "/blog/how-to-tie-a-knot.jpg",
        // Generic names elsewhere.
        "/static/style.css",
        "/logo.png",
        // Two that are as near.
        "/terms-of-use",
        // Too short, too far.
        "/abot2",
        "/blog/how",
        "/contact",
        "/x",
        // Live.
        "/about",
        "/shop/123",
        // Scanners'.
        "/.env",
        "/wp-login.php",
        "/about.bak",
        "/blog/.git/config",
        // No path.
        "*",
        "about",
        "shop.example:443",
    ] {
        assert_eq!(path(SITE, missing), None, "{missing}");
    }
}

#[test]
fn of_equal_ones_the_first_by_value_is_taken_whatever_the_order() {
    for live in [["/a-page.html", "/a-page.php"], ["/a-page.php", "/a-page.html"]] {
        assert_eq!(path(&live, "/a-page"), Some("/a-page.php"));
    }
    for live in [["/Page", "/page"], ["/page", "/Page"]] {
        assert_eq!(path(&live, "/PAGE"), Some("/page"));
    }
    for live in [["/winter-a", "/winter-b"], ["/winter-b", "/winter-a"]] {
        assert_eq!(path(&live, "/winter-c"), None);
    }
}

#[test]
fn another_site_is_never_meant() {
    for live in ["//evil.example/page", r"/\evil.example/page"] {
        for missing in ["/evil.example/page", "//evil.example/page/", "/a/page", "/"] {
            assert_eq!(path(&[live], missing), None, "{live} {missing}");
        }
    }
}

#[test]
fn transforms_have_names() {
    let mut ids: Vec<&str> = Transform::ALL.iter().map(|transform| transform.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), Transform::ALL.len());
    assert!(Transform::ALL.iter().all(|transform| !transform.summary().is_empty()));
}

/// Live paths, of which each is of other words.
fn word() -> impl Strategy<Value = String> {
    "[a-z]{6,10}"
}

fn live_path() -> impl Strategy<Value = String> {
    (word(), word(), word(), word()).prop_map(|(a, b, c, d)| format!("/{a}/{b}-{c}-{d}"))
}

/// Beside it there are others, which have little in common with it.
const OTHERS: &[&str] = &["/", "/q0/0", "/q1/1-2-3/", "/q2/q3.css", "/q4/q5.png"];

fn leads_back(live: &str, missing: &str, transform: Transform) -> Result<(), TestCaseError> {
    if probes::weight(missing.as_bytes()) >= PROBE_WEIGHT {
        return Ok(());
    }
    let all: Vec<&str> = OTHERS.iter().copied().chain([live]).collect();
    let found = nearest(&all, missing);
    let found = found.map(|found| (std::str::from_utf8(found.path).unwrap(), found.transform));
    prop_assert_eq!(found, Some((live, transform)), "{}", missing);
    Ok(())
}

fn edit(name: &mut Vec<u8>, kind: u8, place: usize, letter: u8) {
    let at = place % name.len();
    match kind {
        0 => name.insert(at, letter),
        1 => drop(name.remove(at)),
        2 => name[at] = letter,
        _ if at > 0 => name.swap(at - 1, at),
        _ => {}
    }
}

proptest! {
    #[test]
    fn what_is_written_otherwise_is_found(live in live_path(), at in 1usize..20) {
        leads_back(&live, &format!("{live}/"), Transform::TrailingSlash)?;
        leads_back(&format!("{live}/"), &live, Transform::TrailingSlash)?;
        leads_back(&live, &live.replace('/', "//"), Transform::DoubledSlash)?;
        leads_back(&live, &live.to_uppercase(), Transform::Case)?;
        let (start, rest) = live.split_at(at);
        let escaped = format!("{start}%{:02X}{}", rest.as_bytes()[0], &rest[1..]);
        leads_back(&live, &escaped, Transform::PercentEncoding)?;
        leads_back(&live, &escaped.replace('%', "%25"), Transform::PercentEncoding)?;
        leads_back(&escaped, &live, Transform::PercentEncoding)?;
        leads_back(&live, &format!("{live}%22)"), Transform::TrailingJunk)?;
        leads_back(&live, &format!("{live}.html"), Transform::Extension)?;
        leads_back(&format!("{live}/index.php"), &live, Transform::Extension)?;
        leads_back(&live, &live.replace('-', "_"), Transform::Separator)?;
    }

    #[test]
    fn a_part_too_many_is_found(live in live_path(), word in word()) {
        leads_back(&live, &format!("{live}%3f{word}=1"), Transform::Query)?;
        leads_back(&live, &format!("/{word}.example{live}"), Transform::HostInPath)?;
        let first = live.split('/').nth(1).unwrap();
        leads_back(&live, &format!("/{first}{live}"), Transform::RepeatedSegment)?;
        leads_back(&live, &format!("/de{live}"), Transform::Locale)?;
        leads_back(&format!("/en-gb{live}"), &live, Transform::Locale)?;
        leads_back(&live, &format!("/2020/12/01{live}"), Transform::Date)?;
        leads_back(&live, &format!("{live}/amp"), Transform::Amp)?;
        let name = live.split('/').nth(2).unwrap();
        leads_back(&live, &format!("/q/{word}/{name}"), Transform::SameName)?;
        let (cut, _) = live.rsplit_once('-').unwrap();
        if cut.len() * 100 >= live.len() * 60 {
            leads_back(&live, cut, Transform::Truncated)?;
        }
    }

    #[test]
    fn a_misspelling_is_found(
        parent in word(),
        name in "[a-z]{6,30}",
        edits in prop::collection::vec((0u8..4, any::<usize>(), b'a'..=b'z'), 1..=2),
    ) {
        let mut missing = name.clone().into_bytes();
        // A swap over a seam, beside another edit, may hit all pieces.
        let only_one = name.len() < LETTERS_OF_TWO_EDITS || edits.iter().any(|edit| edit.0 == 3);
        for (kind, place, letter) in edits.iter().take(if only_one { 1 } else { 2 }) {
            edit(&mut missing, *kind, *place, *letter);
        }
        let missing = String::from_utf8(missing).unwrap();
        if missing != name && !guards::is_another_id(missing.as_bytes(), name.as_bytes()) {
            let (missing, name) = (format!("/{parent}/{missing}"), format!("/{parent}/{name}"));
            leads_back(&name, &missing, Transform::Spelling)?;
        }
    }

    #[test]
    fn any_bytes_are_borne_and_the_path_itself_is_never_meant(
        mut live in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30), 0..20),
        missing in prop::collection::vec(any::<u8>(), 0..30),
        spelt in "[/a-c0-2%.?&+_\\-A]{0,12}",
    ) {
        live.iter_mut().for_each(|path| path.insert(0, b'/'));
        let texts = ["/", "/a/b", "/a-b", "/a/b/c", "/aab/c", "/A/", "/a.b", "/a%2fb"];
        live.extend(texts.iter().map(|text| text.as_bytes().to_vec()));
        for missing in [[b"/", &missing[..]].concat(), format!("/{spelt}").into_bytes(), missing] {
            let found = LivePaths::new(live.iter().map(|path| &path[..])).nearest(&missing);
            let turned = LivePaths::new(live.iter().rev().map(|path| &path[..]));
            let again = turned.nearest(&missing);
            prop_assert_eq!(found, again);
            if let Some(found) = found {
                prop_assert!(found.path != missing && found.path != b"/");
                prop_assert!(live.iter().all(|path| *path != missing));
            }
        }
    }
}

/// From this length on a misspelt name may have two edits; one that was left out makes it shorter.
const LETTERS_OF_TWO_EDITS: usize = 12;
