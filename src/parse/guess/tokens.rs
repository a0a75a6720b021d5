//! The pieces of a line whose format nobody knows: what stands between its separators, in quotes or in
//! brackets, and behind labels.

/// More pieces of a line are not looked at.
const TOKENS_MAX: usize = 192;

/// What a label says of the piece behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Time,
    Client,
    Forwarded,
    Host,
    User,
    Request,
    Method,
    Target,
    Status,
    Bytes,
    Seconds,
    Referer,
    Agent,
    /// One that says nothing of use.
    Other,
}

/// Names of labels, in lower case, with underscores for hyphens.
const LABELS: &[(&str, Label)] = &[
    ("time", Label::Time),
    ("ts", Label::Time),
    ("timestamp", Label::Time),
    ("time_local", Label::Time),
    ("time_iso8601", Label::Time),
    ("msec", Label::Time),
    ("date", Label::Time),
    ("client", Label::Client),
    ("client_ip", Label::Client),
    ("clientip", Label::Client),
    ("remote_addr", Label::Client),
    ("remote_ip", Label::Client),
    ("remote", Label::Client),
    ("ip", Label::Client),
    ("addr", Label::Client),
    ("src", Label::Client),
    ("forwarded", Label::Forwarded),
    ("forwarded_for", Label::Forwarded),
    ("x_forwarded_for", Label::Forwarded),
    ("http_x_forwarded_for", Label::Forwarded),
    ("xff", Label::Forwarded),
    ("host", Label::Host),
    ("vhost", Label::Host),
    ("http_host", Label::Host),
    ("server_name", Label::Host),
    ("origin", Label::Host),
    ("user", Label::User),
    ("remote_user", Label::User),
    ("request", Label::Request),
    ("req", Label::Request),
    ("method", Label::Method),
    ("request_method", Label::Method),
    ("verb", Label::Method),
    ("uri", Label::Target),
    ("url", Label::Target),
    ("path", Label::Target),
    ("request_uri", Label::Target),
    ("status", Label::Status),
    ("code", Label::Status),
    ("status_code", Label::Status),
    ("bytes", Label::Bytes),
    ("size", Label::Bytes),
    ("bytes_sent", Label::Bytes),
    ("body_bytes_sent", Label::Bytes),
    ("rt", Label::Seconds),
    ("request_time", Label::Seconds),
    ("referer", Label::Referer),
    ("referrer", Label::Referer),
    ("http_referer", Label::Referer),
    ("ref", Label::Referer),
    ("agent", Label::Agent),
    ("ua", Label::Agent),
    ("useragent", Label::Agent),
    ("user_agent", Label::Agent),
    ("http_user_agent", Label::Agent),
];

/// How a piece stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Bare,
    Quoted,
    Bracketed,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// Without what is around it, and without its label.
    pub text: &'a [u8],
    pub shape: Shape,
    pub label: Option<Label>,
    /// Which field of a line with tabs, bars, commas or semicolons it is in.
    pub field: usize,
}

impl<'a> Token<'a> {
    /// The text, where no label says that it is something else than `label`.
    pub fn as_a(&self, label: Label) -> Option<&'a [u8]> {
        self.label.is_none_or(|own| own == label).then_some(self.text)
    }
}

/// The pieces of a line.
#[derive(Debug)]
pub struct Tokens<'a> {
    pub all: Vec<Token<'a>>,
    /// What divides the line: a tab, bar, comma or semicolon, where it is not white space.
    pub divider: Option<u8>,
    /// The fields between them, as they stand there, where that is a tab or a bar: then they hold spaces
    /// without quotes.
    pub fields: Vec<&'a [u8]>,
}

impl<'a> Tokens<'a> {
    /// Those of `line`.
    pub fn new(line: &'a [u8]) -> Tokens<'a> {
        let divider = divider(line);
        let mut cutter = Cutter { line, divider, at: 0, field: 0, open: [true; 3] };
        let mut all: Vec<Token<'a>> = Vec::with_capacity(32);
        let mut label = None;
        while let Some(token) = cutter.next_token()
            && all.len() < TOKENS_MAX
        {
            // `client: 192.0.2.1`
            let is_label_alone = token.shape == Shape::Bare && token.text.is_empty();
            if is_label_alone {
                label = token.label;
            } else {
                all.push(Token { label: token.label.or(label), ..token });
                label = None;
            }
        }
        let fields = match divider {
            Some(byte @ (b'\t' | b'|')) => {
                line.split(|&found| found == byte).take(TOKENS_MAX).map(bare).collect()
            }
            _ => Vec::new(),
        };
        Tokens { all, divider, fields }
    }
}

/// A field without the space and the quotes around it.
fn bare(field: &[u8]) -> &[u8] {
    match field.trim_ascii() {
        [b'"', inside @ .., b'"'] => inside,
        field => field,
    }
}

/// What divides a line, counted outside of its quotes.
fn divider(line: &[u8]) -> Option<u8> {
    let mut counts = [0_usize; 256];
    let mut is_quoted = false;
    for byte in line {
        is_quoted ^= *byte == b'"';
        if !is_quoted {
            counts[usize::from(*byte)] += 1;
        }
    }
    let count = |byte: u8| counts[usize::from(byte)];
    match () {
        () if count(b'\t') >= 3 => Some(b'\t'),
        () if count(b'|') >= 3 => Some(b'|'),
        () if count(b',') >= 4 && count(b',') > count(b' ') => Some(b','),
        () if count(b';') >= 4 && count(b';') > count(b' ') => Some(b';'),
        () => None,
    }
}

struct Cutter<'a> {
    line: &'a [u8],
    divider: Option<u8>,
    at: usize,
    field: usize,
    /// Whether `"`, `'` and `[` may still be closed further on: each is looked for in vain only once.
    open: [bool; 3],
}

impl<'a> Cutter<'a> {
    fn is_between(&self, byte: u8) -> bool {
        byte == b' ' || byte == b'\t' || Some(byte) == self.divider
    }

    fn next_token(&mut self) -> Option<Token<'a>> {
        while let Some(&byte) = self.line.get(self.at)
            && self.is_between(byte)
        {
            self.field += usize::from(Some(byte) == self.divider);
            self.at += 1;
        }
        let field = self.field;
        self.line.get(self.at)?;
        if let Some((text, shape)) = self.enclosed() {
            let (label, text) = match shape {
                Shape::Bracketed => labelled(text, true),
                _ => (None, text),
            };
            return Some(Token { text: text.trim_ascii(), shape, label, field });
        }
        let rest = &self.line[self.at..];
        let end = rest.iter().position(|&byte| self.is_between(byte)).unwrap_or(rest.len());
        let word = &rest[..end];
        let (label, text) = labelled(word, false);
        if label.is_some() && matches!(text.first(), Some(b'"' | b'\'' | b'[')) {
            self.at += word.len() - text.len();
            if let Some((text, shape)) = self.enclosed() {
                return Some(Token { text, shape, label, field });
            }
            self.at += text.len();
        } else {
            self.at += word.len();
        }
        let text = text.strip_suffix(b",").or(text.strip_suffix(b";")).unwrap_or(text);
        // `-,` and its likes leave something; a comma alone is no label.
        let label = label.or(text.is_empty().then_some(Label::Other));
        Some(Token { text, shape: Shape::Bare, label, field })
    }

    /// What stands in quotes or brackets here, with a separator behind them.
    fn enclosed(&mut self) -> Option<(&'a [u8], Shape)> {
        let rest = &self.line[self.at..];
        let (kind, close, shape) = match rest.first()? {
            b'"' => (0, b'"', Shape::Quoted),
            b'\'' => (1, b'\'', Shape::Quoted),
            b'[' => (2, b']', Shape::Bracketed),
            _ => return None,
        };
        if !self.open[kind] {
            return None;
        }
        let inside = &rest[1..];
        let is_end = |&at: &usize| {
            let backslashes = inside[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
            let next = inside.get(at + 1).copied();
            let is_behind =
                |byte| self.is_between(byte) || matches!(byte, b',' | b';' | b']' | b')');
            next.is_none_or(is_behind) && (kind == 2 || backslashes % 2 == 0)
        };
        let found = memchr::memchr_iter(close, inside).find(is_end);
        let Some(end) = found else {
            self.open[kind] = false;
            return None;
        };
        self.at += end + 2;
        Some((&inside[..end], shape))
    }
}

/// `name=value`; `name:value` too, where the name is known.
fn labelled(word: &[u8], is_bracketed: bool) -> (Option<Label>, &[u8]) {
    let is_name = |byte: &u8| {
        byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'8' | b'6' | b'0' | b'1' | b'$')
    };
    let length = word.iter().take_while(|byte| is_name(byte)).count();
    let (name, rest) = word.split_at(length);
    let known = || {
        let name = name.strip_prefix(b"$").unwrap_or(name);
        let is_same = |known: &str| {
            known.len() == name.len()
                && known
                    .bytes()
                    .zip(name)
                    .all(|(a, b)| a == if *b == b'-' { b'_' } else { b.to_ascii_lowercase() })
        };
        LABELS.iter().find(|(known, _)| is_same(known)).map(|(_, label)| *label)
    };
    match rest {
        _ if name.is_empty() => (None, word),
        [b'=', value @ ..] => (Some(known().unwrap_or(Label::Other)), value),
        [b':', value @ ..] if !value.starts_with(b"//") => match known() {
            Some(label) => (Some(label), value.trim_ascii()),
            None if is_bracketed => (Some(Label::Other), value),
            None => (None, word),
        },
        // `[client 192.0.2.1]`
        [b' ', value @ ..] if is_bracketed => {
            known().map_or((None, word), |label| (Some(label), value))
        }
        _ => (None, word),
    }
}

/// Whether a method stands before a target, or another sign of a request is there: a cheap look at lines
/// that are none.
pub fn may_be_request(line: &[u8]) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(line, text).is_some();
    // `GET /`, `"GET","/`, `OPTIONS *`, `GET https:`
    let is_between =
        |byte: &u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'/' | b'*' | b':');
    let has_method = || {
        memchr::memchr3_iter(b'/', b'*', b':', line).any(|at| {
            let scheme = [b"https".as_slice(), b"http"]
                .into_iter()
                .find_map(|scheme| line[..at].strip_suffix(scheme));
            let before = scheme.unwrap_or(&line[..at]);
            let end = before.iter().rposition(|byte| !is_between(byte)).map_or(0, |last| last + 1);
            super::METHODS.iter().any(|method| before[..end].ends_with(method))
        })
    };
    has(b" HTTP/") || has(b"\" 4") || has_method() || has(b"ethod=") || has(b"ethod:")
}
