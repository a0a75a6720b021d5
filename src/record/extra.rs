//! What a line says beyond the usual: its stamp to the millisecond, who ended the exchange, what the
//! upstream and the limits did.

use super::{Record, Status};

/// What a line says beyond the usual. Nothing of it is there in most formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra<'a> {
    /// Which moment of the request the time is.
    pub stamp: Stamp,
    /// Milliseconds behind the second of the time, where the log has them.
    pub stamp_millis: Option<u16>,
    /// Whether the client left before the end, where the format tells it apart from the status.
    pub abort: Option<Abort>,
    /// Who was connected, where the client is somebody else by then (`$realip_remote_addr`).
    pub peer: Option<&'a [u8]>,
    /// `$request_id` and its likes.
    pub request_id: Option<&'a [u8]>,
    /// The `Location` that was sent.
    pub location: Option<&'a [u8]>,
    /// What the servers behind answered.
    pub upstream: Upstream<'a>,
    /// `$limit_req_status`.
    pub limit_req: Option<Limit>,
    /// `$limit_conn_status`.
    pub limit_conn: Option<Limit>,
}

impl Extra<'_> {
    /// Nothing.
    pub const NONE: Extra<'static> = Extra {
        stamp: Stamp::Unknown,
        stamp_millis: None,
        abort: None,
        peer: None,
        request_id: None,
        location: None,
        upstream: Upstream { addresses: None, statuses: None, response_millis: None },
        limit_req: None,
        limit_conn: None,
    };
}

/// Which moment of a request its time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamp {
    /// The format does not say: nginx and Apache write `combined` alike.
    #[default]
    Unknown,
    /// The first byte of the request, or thereabouts.
    Start,
    /// The last byte of the response: when the line was written.
    End,
}

impl Stamp {
    /// The word in lists.
    pub fn id(self) -> Option<&'static str> {
        match self {
            Stamp::Unknown => None,
            Stamp::Start => Some("start"),
            Stamp::End => Some("end"),
        }
    }
}

/// What the servers behind answered, in the log's spelling: an element for each that was tried,
/// with `, ` between those of a group and ` : ` between groups (nginx: `ngx_http_upstream.c`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upstream<'a> {
    /// Their addresses.
    pub addresses: Option<&'a [u8]>,
    /// Their statuses.
    pub statuses: Option<&'a [u8]>,
    /// How long they took, all together, in milliseconds.
    pub response_millis: Option<u64>,
}

/// What a limit of nginx did to a request (`ngx_http_limit_req_module.c`, since 1.17.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Let it through.
    Passed,
    /// Let it wait.
    Delayed,
    /// Turned it away.
    Rejected,
    /// Would have let it wait.
    DelayedDryRun,
    /// Would have turned it away.
    RejectedDryRun,
}

impl Limit {
    /// Reads what nginx writes; `None` for `-` and all else.
    pub fn parse(text: &[u8]) -> Option<Limit> {
        Some(match text {
            b"PASSED" => Limit::Passed,
            b"DELAYED" => Limit::Delayed,
            b"REJECTED" => Limit::Rejected,
            b"DELAYED_DRY_RUN" => Limit::DelayedDryRun,
            b"REJECTED_DRY_RUN" => Limit::RejectedDryRun,
            _ => return None,
        })
    }
}

macro_rules! aborts {
    ($($name:ident $id:literal $doc:literal,)*) => {
        /// How a log says that the client left before the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Abort {
            $(#[doc = $doc] $name,)*
        }

        impl Abort {
            /// All of them.
            pub const ALL: &[Abort] = &[$(Abort::$name,)*];

            /// The word in reports.
            pub fn id(self) -> &'static str {
                match self {
                    $(Abort::$name => $id,)*
                }
            }
        }
    };
}

aborts! {
    Status499 "499" "Status 499, whoever writes it: nginx and those after it, Traefik, Caddy.",
    NginxIncomplete "nginx-incomplete" "An empty `$request_completion`: the response was not sent to its end.",
    ApacheAborted "apache-x" "`%X` is `X`: the connection ended before the response did.",
    Alb460 "alb-460" "Status 460 of an AWS load balancer (ELB guide, \"HTTP 460\").",
    Haproxy "haproxy-c" "A termination state that begins with `C` or `c` (HAProxy, configuration.txt §8.5).",
    EnvoyDownstream "envoy-dc" "Response flag `DC`, downstream connection termination (Envoy, access log usage).",
    EnvoyReset "envoy-dr" "Response flag `DR`, downstream remote reset.",
    Caddy0 "caddy-0" "Status 0: the handler wrote nothing (Caddy before it wrote 499).",
    Cloudfront000 "cloudfront-000" "Status 000: the viewer left before the response (CloudFront, standard logs).",
    Iis64 "iis-64" "`sc-win32-status` 64, `ERROR_NETNAME_DELETED`, or 1236, `ERROR_CONNECTION_ABORTED`.",
    SquidAborted "squid-aborted" "A result code that ends in `_ABORTED`, or status 000.",
    Gcp "gcp-disconnected" "`statusDetails` begins with `client_disconnected` (Google Cloud load balancers).",
}

impl Abort {
    /// By the termination state of HAProxy: the client closed (`C`) or kept it waiting (`c`)
    /// (configuration.txt §8.5).
    pub fn haproxy(state: &[u8]) -> Option<Abort> {
        matches!(state, [b'C' | b'c', ..]).then_some(Abort::Haproxy)
    }

    /// By the result code of Squid and the status.
    pub fn squid(code: &[u8], status: Status) -> Option<Abort> {
        let is_zero = status == Status::NONE_CHOSEN;
        (is_zero || code.ends_with(b"_ABORTED")).then_some(Abort::SquidAborted)
    }
}

impl Record<'_> {
    /// How the client left before the end, if the line says that it did.
    #[inline]
    pub fn abort(&self) -> Option<Abort> {
        match self.status.code() {
            Some(499) => Some(Abort::Status499),
            _ => self.extra.abort,
        }
    }

    /// When the request began, in milliseconds since 1970-01-01T00:00:00Z: as stamped, or derived
    /// from the end and the duration. `None` where the line tells neither.
    pub fn start_millis(&self) -> Option<u64> {
        let stamp = u64::from(self.time) * 1_000 + u64::from(self.extra.stamp_millis.unwrap_or(0));
        match self.extra.stamp {
            Stamp::Unknown => None,
            Stamp::Start => Some(stamp),
            Stamp::End => stamp.checked_sub(self.latency_millis?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Request, Status};

    fn record(stamp: Stamp, status: u16, latency_millis: Option<u64>) -> Record<'static> {
        Record {
            time: 1_000,
            status: Status::from_code(status),
            bytes: 0,
            client: b"192.0.2.1",
            host: None,
            user: None,
            request: Request::new(b"GET / HTTP/1.1"),
            referer: None,
            agent: None,
            forwarded: None,
            latency_millis,
            extra: Extra { stamp, stamp_millis: Some(250), ..Extra::NONE },
        }
    }

    #[test]
    fn the_start_is_the_stamp_or_the_end_less_the_duration() {
        assert_eq!(record(Stamp::Start, 200, Some(2_000)).start_millis(), Some(1_000_250));
        assert_eq!(record(Stamp::End, 200, Some(2_000)).start_millis(), Some(998_250));
        assert_eq!(record(Stamp::End, 200, None).start_millis(), None);
        assert_eq!(record(Stamp::End, 200, Some(u64::MAX)).start_millis(), None);
        assert_eq!(record(Stamp::Unknown, 200, Some(1)).start_millis(), None);
    }

    #[test]
    fn a_499_is_an_abort_in_every_format() {
        assert_eq!(record(Stamp::Unknown, 499, None).abort(), Some(Abort::Status499));
        assert_eq!(record(Stamp::Unknown, 404, None).abort(), None);
        let mut record = record(Stamp::Unknown, 200, None);
        record.extra.abort = Some(Abort::Haproxy);
        assert_eq!(record.abort().map(Abort::id), Some("haproxy-c"));
    }

    #[test]
    fn a_limit_is_read_as_nginx_writes_it() {
        assert_eq!(Limit::parse(b"DELAYED_DRY_RUN"), Some(Limit::DelayedDryRun));
        assert_eq!(Limit::parse(b"-"), None);
    }
}
