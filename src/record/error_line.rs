//! What a line of an error log says: it tells of no request of its own, but why one failed.

/// A line of an error log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorLine<'a> {
    /// When, in seconds since 1970-01-01T00:00:00Z; the stamp has no offset.
    pub time: u32,
    /// What happened.
    pub kind: ErrorKind,
    /// The client, where the line names one.
    pub client: Option<&'a [u8]>,
    /// What a limit did, in lines about limits.
    pub limit: Option<LimitLine<'a>>,
}

/// What a limit of nginx did to a request, as its error log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitLine<'a> {
    /// The zone.
    pub zone: &'a [u8],
    /// What it did.
    pub kind: LimitKind,
    /// By how much the client was over the rate, in thousandths of a request; `None` in lines about
    /// connections.
    pub excess: Option<u64>,
}

macro_rules! kinds {
    ($type:ident $about:literal: $($name:ident $id:literal $doc:literal,)*) => {
        #[doc = $about]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $(#[doc = $doc] $name,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[$type] = &[$($type::$name,)*];

            /// The word in reports.
            pub fn id(self) -> &'static str {
                match self {
                    $($type::$name => $id,)*
                }
            }
        }
    };
}

kinds! { LimitKind "What a limit did":
    Limiting "limiting" "`limiting requests`: turned away.",
    LimitingDryRun "limiting-dry-run" "`limiting requests, dry run`: would have been.",
    Delaying "delaying" "`delaying request`: made to wait.",
    DelayingDryRun "delaying-dry-run" "`delaying request, dry run`: would have been.",
    Connections "connections" "`limiting connections`: turned away.",
    ConnectionsDryRun "connections-dry-run" "`limiting connections, dry run`: would have been.",
}

kinds! { ErrorKind "What a line of an error log is about":
    LimitReq "limit-req" "`limit_req`: limiting requests or delaying them.",
    LimitConn "limit-conn" "`limit_conn`: limiting connections.",
    LimitZone "limit-zone-full" "A zone of either has no room: requests are turned away without a word of their own.",
    NotFound "file-not-found" "A file that is not there: a 404.",
    Forbidden "forbidden" "Access forbidden by rule, by permissions, or a folder without index: a 403.",
    Auth "auth" "No user, an unknown one, or a wrong password: a 401.",
    TooLarge "too-large" "A body, request line or header that is too large: a 413, 414 or 400 (494).",
    Malformed "malformed-request" "What nginx could not read: a 400, 405 or 505.",
    ClientClosed "client-closed" "The client went away: a 499, a 400, or a cut response.",
    ClientTimeout "client-timed-out" "The client sent or read nothing for too long: a 408.",
    Tls "tls" "The handshake or a client's certificate: no request, or a 400 (495 to 497).",
    UpstreamTimeout "upstream-timed-out" "The upstream took too long: a 504.",
    UpstreamFailed "upstream-failed" "The upstream refused, closed, or answered what is no HTTP: a 502.",
    Security "security-module" "ModSecurity and its likes.",
    Server "server" "The server about itself: configuration, start, resources.",
    Other "other" "Anything else.",
}
