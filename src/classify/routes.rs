//! What is asked for, as far as limits care: a page view asks for tens of parts in a second or two, and nobody
//! logs in more than a few times.

use super::sites;

/// A class of paths that one limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// Pages, and all that is nothing else.
    Page,
    /// Parts of pages: pictures, styles, scripts, fonts.
    Asset,
    /// What scripts and programs ask for.
    Api,
    /// Where people log in.
    Login,
    /// Where they search.
    Search,
    /// `/robots.txt`, which is never limited.
    Robots,
}

impl Route {
    /// All of them.
    pub const ALL: [Route; 6] =
        [Route::Page, Route::Asset, Route::Api, Route::Login, Route::Search, Route::Robots];

    /// That of a request for this path, without its query; `reads` is whether it was asked with GET or HEAD.
    pub fn of(path: &[u8], reads: bool) -> Route {
        if path == b"/robots.txt" {
            return Route::Robots;
        }
        if sites::is_asset_path(path) {
            return Route::Asset;
        }
        if !reads && sites::is_login(path) {
            return Route::Login;
        }
        if !reads || sites::is_fetched(path) {
            return Route::Api;
        }
        if path == b"/search" || path.starts_with(b"/search/") {
            Route::Search
        } else {
            Route::Page
        }
    }

    /// The word in reports.
    pub fn id(self) -> &'static str {
        match self {
            Route::Page => "page",
            Route::Asset => "asset",
            Route::Api => "api",
            Route::Login => "login",
            Route::Search => "search",
            Route::Robots => "robots",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_by_path_and_method() {
        for (path, reads, wanted) in [
            ("/", true, Route::Page),
            ("/a/b.css", true, Route::Asset),
            ("/robots.txt", true, Route::Robots),
            ("/api/items", true, Route::Api),
            ("/cart", false, Route::Api),
            ("/login", false, Route::Login),
            ("/login", true, Route::Page),
            ("/search", true, Route::Search),
            ("/searching", true, Route::Page),
        ] {
            assert_eq!(Route::of(path.as_bytes(), reads), wanted, "{path}");
        }
        assert!(Route::ALL.iter().enumerate().all(|(at, route)| *route as usize == at));
    }
}
