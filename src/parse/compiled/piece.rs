//! What a format string is made of, whoever wrote it: text, and fields with the shape of their
//! values and what they say of a request.

/// A part of a format string.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where in the format string it stands.
    pub at: usize,
}

/// A text or a field.
#[derive(Clone, Debug)]
pub enum PieceKind {
    /// Written as it is.
    Literal(Vec<u8>),
    /// What differs from line to line.
    Field(Field),
}

/// A field of a format string.
#[derive(Clone, Debug)]
pub struct Field {
    /// As it is spelled: `$request`, `%{Referer}i`.
    pub name: String,
    /// What its values look like.
    pub shape: Shape,
    /// What they say.
    pub role: Role,
}

/// What the values of a field look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `21/Nov/2026:14:05:09 +0000`, always 26 bytes.
    ClfTime,
    /// `2026-11-21T14:05:09+00:00`, always 25 bytes.
    IsoTime,
    /// `404`: three digits, or `-`.
    Status,
    /// Digits; or `-`, or nothing.
    Digits,
    /// Digits, which may have a fraction; or `-`, or nothing.
    Number,
    /// Numbers with `, ` and ` : ` between them (nginx: `ngx_http_upstream.c`).
    Numbers,
    /// Words with `, ` and ` : ` between them.
    Words,
    /// A time in a spelling of the calendar's that the format gives.
    Calendar,
    /// `HTTP/1.1`, or `-`, or nothing.
    Protocol,
    /// Text.
    Text(Holds),
}

/// What a text may hold, as long as clients mean no harm. One that holds more is still read where
/// what follows fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Hexadecimal digits, points and colons, as an address.
    Address,
    /// No space, and nothing that is strange to names and tokens.
    Word,
    /// Addresses with `, ` between them.
    Chain,
    /// All but spaces.
    Target,
    /// All that is not escaped.
    Anything,
}

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Nothing that is asked.
    Ignored,
    /// When, in the second.
    Time,
    /// When, in seconds with a fraction.
    TimeSeconds,
    /// When, in milliseconds since the epoch.
    TimeMillis,
    /// When, in microseconds since the epoch.
    TimeMicros,
    /// A part of the time, in the calendar's spelling: see [`super::calendar`].
    TimePart,
    /// Milliseconds behind the second.
    FractionMillis,
    /// Microseconds behind the second.
    FractionMicros,
    /// The status.
    Status,
    /// The client: the least number is the best source.
    Client(u8),
    /// The user.
    User,
    /// The request line.
    Request,
    /// The method.
    Method,
    /// The target, with its query or without: the least number is the best source.
    Target(u8),
    /// The query, with `?` or without.
    Query,
    /// A host, and the target directly behind it.
    HostAndTarget,
    /// The virtual host: the least number is the best source.
    Host(u8),
    /// Bytes of the response: the least number is the best source.
    Bytes(u8),
    /// `Referer`.
    Referer,
    /// `User-Agent`.
    Agent,
    /// `X-Forwarded-For`.
    Forwarded,
    /// The duration in seconds.
    Seconds,
    /// The duration in milliseconds.
    Millis,
    /// The duration in microseconds.
    Micros,
    /// `$request_completion`.
    Completion,
    /// `%X`.
    Connection,
    /// Who was connected.
    Peer,
    /// The id of the request: the least number is the best source.
    RequestId(u8),
    /// The `Location` sent.
    Location,
    /// `$upstream_addr`.
    UpstreamAddresses,
    /// `$upstream_status`.
    UpstreamStatuses,
    /// `$upstream_response_time`.
    UpstreamSeconds,
    /// `$limit_req_status`.
    LimitReq,
    /// `$limit_conn_status`.
    LimitConn,
}

impl Role {
    /// What of a record it fills, and how good a source it is: of several fields that fill the same,
    /// the one with the least number does. `None` where all of them do.
    pub fn slot(self) -> Option<(Role, u8)> {
        Some(match self {
            Role::Ignored | Role::TimePart => return None,
            // What is most exact.
            Role::TimeMicros => (Role::Time, 0),
            Role::TimeMillis => (Role::Time, 1),
            Role::TimeSeconds => (Role::Time, 2),
            Role::Time => (Role::Time, 3),
            Role::FractionMicros => (Role::FractionMillis, 0),
            Role::FractionMillis => (Role::FractionMillis, 1),
            Role::Client(rank) => (Role::Client(0), rank),
            Role::HostAndTarget => (Role::Target(0), 1),
            Role::Target(rank) => (Role::Target(0), rank),
            Role::Host(rank) => (Role::Host(0), rank),
            Role::Bytes(rank) => (Role::Bytes(0), rank),
            Role::RequestId(rank) => (Role::RequestId(0), rank),
            Role::Micros => (Role::Seconds, 0),
            Role::Millis => (Role::Seconds, 1),
            Role::Seconds => (Role::Seconds, 2),
            role => (role, 0),
        })
    }
}

/// How a server escapes what it puts into a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// nginx, `escape=default`: `\x22` for a quote, so that no value holds one.
    #[default]
    Default,
    /// nginx, `escape=json`: `\"`.
    Json,
    /// nginx, `escape=none`.
    None,
    /// Apache: `\"`, `\\`, `\xhh`.
    Apache,
}

impl Escape {
    /// Whether a quote within a value stands behind a backslash.
    pub fn has_backslashed_quotes(self) -> bool {
        matches!(self, Escape::Json | Escape::Apache)
    }

    /// Whether a field without a value is written as nothing, not as `-`.
    pub fn writes_nothing_for_none(self) -> bool {
        matches!(self, Escape::Json | Escape::None)
    }
}

impl Shape {
    /// Whether a value can hold `literal`, so that its first occurrence need not be its end.
    pub fn can_hold(self, literal: &[u8], escape: Escape) -> bool {
        let is_escaped = |byte: &u8| match escape {
            // Where nothing is escaped a quote may be the client's own, but nearly none is.
            Escape::None => matches!(byte, b'"' | b'\n'),
            Escape::Json => matches!(byte, b'"' | 0..b' '),
            Escape::Default | Escape::Apache => matches!(byte, b'"' | 0..b' ' | 0x7f..),
        };
        if literal.iter().any(is_escaped) {
            return false;
        }
        let no_address = |byte: &u8| !byte.is_ascii_hexdigit() && !b".:-".contains(byte);
        let no_word = |byte: &u8| b" ,/|;<>[]{}^`\\".contains(byte);
        match self {
            // A time is read, and ends where it is one.
            Shape::ClfTime | Shape::IsoTime | Shape::Status | Shape::Calendar => false,
            Shape::Digits => literal.first().is_none_or(u8::is_ascii_digit),
            Shape::Number => {
                literal.first().is_none_or(|byte| byte.is_ascii_digit() || *byte == b'.')
            }
            Shape::Numbers => match literal {
                [] | [b'0'..=b'9' | b'.', ..] => true,
                _ => literal.starts_with(b", ") || literal.starts_with(b" : "),
            },
            Shape::Words => match literal {
                [b' ', rest @ ..] => rest.starts_with(b": "),
                [b',', rest @ ..] => rest.is_empty() || rest[0] == b' ',
                _ => !literal.iter().any(no_word),
            },
            Shape::Protocol => literal
                .first()
                .is_none_or(|byte| byte.is_ascii_alphanumeric() || b"./-".contains(byte)),
            Shape::Text(Holds::Address) => !literal.iter().any(no_address),
            Shape::Text(Holds::Word) => !literal.iter().any(no_word),
            Shape::Text(Holds::Chain) => literal.starts_with(b",") || !literal.iter().any(no_word),
            Shape::Text(Holds::Target) => !literal.contains(&b' '),
            Shape::Text(Holds::Anything) => true,
        }
    }

    /// Whether where a value ends shows in the value itself.
    pub fn is_strict(self) -> bool {
        !matches!(self, Shape::Text(_) | Shape::Words)
    }
}
