//! Which column of a W3C extended log is what: the names of a `#Fields` directive, and a line split by
//! them.

use memchr::memchr;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Date,
    Time,
    DateLocal,
    TimeLocal,
    Epoch,
    EpochMillis,
    Client,
    Method,
    Stem,
    Query,
    Uri,
    Status,
    Win32Status,
    Bytes,
    TimeTaken,
    TimeTakenMillis,
    User,
    Agent,
    Referer,
    Host,
    ViewerHost,
    Forwarded,
    RequestId,
    ServerPort,
    Edge,
}

/// How many roles there are.
const ROLES: usize = Role::Edge as usize + 1;

/// No server has so many columns; what is beyond is not looked at.
const COLUMNS_MAX: usize = 256;

/// Names, in lower case: those of the draft (w3.org/TR/WD-logfile), of IIS (learn.microsoft.com,
/// "W3C Logging") and its Advanced Logging, of CloudFront (developer guide, "Standard log file fields"
/// and "Real-time log configurations"), and of proxies and caches that write the same format.
const NAMES: &[(&str, Role)] = &[
    ("date", Role::Date),
    ("time", Role::Time),
    ("date-local", Role::DateLocal),
    ("time-local", Role::TimeLocal),
    ("timestamp", Role::Epoch),
    ("timestamp(ms)", Role::EpochMillis),
    ("c-ip", Role::Client),
    ("cs-method", Role::Method),
    ("cs-uri-stem", Role::Stem),
    ("cs-uri-path", Role::Stem),
    ("cs-uri-query", Role::Query),
    ("cs-uri", Role::Uri),
    ("sc-status", Role::Status),
    ("sc-win32-status", Role::Win32Status),
    ("sc-bytes", Role::Bytes),
    ("bytes", Role::Bytes),
    ("time-taken", Role::TimeTaken),
    ("timetakenms", Role::TimeTakenMillis),
    ("cs-username", Role::User),
    ("c-auth-id", Role::User),
    ("cs(user-agent)", Role::Agent),
    ("cs-user-agent", Role::Agent),
    ("cs(referer)", Role::Referer),
    ("cs(referrer)", Role::Referer),
    ("cs-referer", Role::Referer),
    ("cs-host", Role::Host),
    ("cs(host)", Role::Host),
    ("x-host-header", Role::ViewerHost),
    ("x-forwarded-for", Role::Forwarded),
    ("cs(x-forwarded-for)", Role::Forwarded),
    ("x-edge-request-id", Role::RequestId),
    ("s-port", Role::ServerPort),
    ("x-edge-location", Role::Edge),
];

/// The columns of a log.
#[derive(Clone, Debug)]
pub struct Fields {
    roles: Vec<Option<Role>>,
    /// Whether the lines are CloudFront's.
    pub is_cloudfront: bool,
    /// Whether the lines are of an FTP service: IIS gives each session a column, and no other service.
    pub is_ftp: bool,
}

impl Fields {
    /// Those that a `#Fields` directive names. A comment behind them begins with `//`.
    pub fn new(names: &[u8]) -> Fields {
        let mut fields = Fields { roles: Vec::new(), is_cloudfront: false, is_ftp: false };
        let names = names.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty());
        for name in names.take_while(|name| !name.starts_with(b"//")).take(COLUMNS_MAX) {
            let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
            fields.roles.push(known.map(|(_, role)| *role));
            fields.is_cloudfront |= name.starts_with(b"x-edge-");
            fields.is_ftp |= name.eq_ignore_ascii_case(b"x-session");
        }
        fields
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.roles.len()
    }

    /// Whether one of them has this role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&Some(role))
    }

    /// Whether they tell of requests: the status, and what was asked for.
    pub fn tell_requests(&self) -> bool {
        self.has(Role::Status) && (self.has(Role::Stem) || self.has(Role::Uri))
    }

    /// Splits a line. Quotes count only where the line has another number of values than there are
    /// columns without them: IIS quotes nothing, and a quote in an agent is the client's.
    pub fn split<'a>(&self, line: &'a [u8]) -> Values<'a> {
        let plain = self.split_by(line, false);
        if plain.count == self.len() || memchr(b'"', line).is_none() {
            return plain;
        }
        self.split_by(line, true)
    }

    fn split_by<'a>(&self, line: &'a [u8], mut are_quoted: bool) -> Values<'a> {
        let mut values = Values { of_roles: [None; ROLES], count: 0, are_tabbed: is_tabbed(line) };
        let mut rest = line;
        while let Some((value, behind)) = next_value(rest, values.are_tabbed, &mut are_quoted) {
            if let Some(Some(role)) = self.roles.get(values.count) {
                values.of_roles[*role as usize].get_or_insert(value);
            }
            values.count += 1;
            rest = behind;
        }
        values
    }
}

/// A line split into its columns.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    of_roles: [Option<Value<'a>>; ROLES],
    /// How many the line has.
    pub count: usize,
    /// Whether tabs are between them.
    pub are_tabbed: bool,
}

impl<'a> Values<'a> {
    /// What the column with this role holds; `None` where there is none or the line ends before.
    pub fn get(&self, role: Role) -> Option<Value<'a>> {
        self.of_roles[role as usize]
    }

    /// The same without `-`, which stands for nothing.
    pub fn given(&self, role: Role) -> Option<Value<'a>> {
        self.get(role).filter(|value| value.text != b"-")
    }

    /// The text of it.
    pub fn text(&self, role: Role) -> Option<&'a [u8]> {
        self.given(role).map(|value| value.text)
    }
}

/// What a column of a line holds.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// Without quotes around it; inside, a quote is two.
    pub text: &'a [u8],
    /// Whether there were quotes around it.
    pub is_quoted: bool,
}

/// Tabs are between the columns where the first white space is one.
fn is_tabbed(line: &[u8]) -> bool {
    line.iter().find(|byte| matches!(byte, b' ' | b'\t')) == Some(&b'\t')
}

/// The first value, and what follows it. Where a quote is not closed, none behind it is looked for.
fn next_value<'a>(
    text: &'a [u8],
    is_tabbed: bool,
    are_quoted: &mut bool,
) -> Option<(Value<'a>, &'a [u8])> {
    let is_between = |byte: &u8| *byte == b'\t' || (*byte == b' ' && !is_tabbed);
    let start = text.iter().position(|byte| !is_between(byte))?;
    let text = &text[start..];
    if *are_quoted && let Some(inside) = text.strip_prefix(b"\"") {
        if let Some(end) = closing_quote(inside, is_between) {
            let value = Value { text: &inside[..end], is_quoted: true };
            return Some((value, &inside[end + 1..]));
        }
        *are_quoted = false;
    }
    let end = text.iter().position(is_between).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let value = match word {
        [b'"', inside @ .., b'"'] => Value { text: inside, is_quoted: true },
        _ => Value { text: word, is_quoted: false },
    };
    Some((value, rest))
}

/// Where the quote is that ends a value: two stand for one that does not.
fn closing_quote(inside: &[u8], is_between: impl Fn(&u8) -> bool) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'"', inside.get(at..)?)?;
        match inside.get(at + 1) {
            Some(b'"') => at += 2,
            None => return Some(at),
            Some(byte) if is_between(byte) => return Some(at),
            Some(_) => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(names: &str, line: &'static str) -> (usize, Vec<Option<&'static str>>) {
        let values = Fields::new(names.as_bytes()).split(line.as_bytes());
        let text = |role| values.get(role).map(|value| std::str::from_utf8(value.text).unwrap());
        (values.count, [Role::Stem, Role::Agent, Role::Status].map(text).to_vec())
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let names = "  CS-URI-stem \t cs(User-Agent)  sc-status // as of today";
        assert_eq!(
            values(names, "/a curl/8 404"),
            (3, vec![Some("/a"), Some("curl/8"), Some("404")])
        );
        assert_eq!(
            values(names, "/a\ta b c\t404"),
            (3, vec![Some("/a"), Some("a b c"), Some("404")])
        );
        assert_eq!(values(names, "/a   curl/8"), (2, vec![Some("/a"), Some("curl/8"), None]));
    }

    #[test]
    fn quotes_hold_values_together_where_they_must() {
        let names = "cs-uri-stem cs(User-Agent) sc-status";
        assert_eq!(
            values(names, r#"/a "a b" 404"#),
            (3, vec![Some("/a"), Some("a b"), Some("404")])
        );
        assert_eq!(values(names, r#"/a " ""b"" c " 404"#).1[1], Some(r#" ""b"" c "#));
        // The quotes of a client join nothing.
        assert_eq!(values(names, r#"/" "a 404"#), (3, vec![Some("/\""), Some("\"a"), Some("404")]));
        assert_eq!(values(names, r#"/a "open 404 5"#).0, 4);
    }
}
