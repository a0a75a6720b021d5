//! The names that people give to the facts of a request.

use super::values::Unit;
use super::{Meaning, Product};
use crate::options::RealIp;

macro_rules! facts {
    ($($name:ident $doc:literal,)*) => {
        /// What can be told of a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fact {
            $(#[doc = $doc] $name,)*
        }

        impl Fact {
            /// How many there are.
            pub const COUNT: usize = [$(Fact::$name,)*].len();
        }
    };
}

facts! {
    Time "When.",
    Date "On which day, where the time of day stands apart.",
    Client "Who asked.",
    Status "How it ended.",
    Method "The method.",
    Target "The target, or its path.",
    Query "The query, where it stands apart.",
    RequestLine "The whole request line.",
    Host "The virtual host.",
    Bytes "Bytes of the response.",
    Duration "How long it took.",
    Referer "The referer.",
    Agent "The user agent.",
    User "Who is logged in.",
    Forwarded "Who is behind the client.",
    Peer "Who was connected.",
    RequestId "The request's number.",
    Location "Where it was redirected to.",
    Completion "Whether the response was sent to its end.",
    UpstreamAddress "Who was asked behind.",
    UpstreamStatus "What they answered.",
    UpstreamTime "How long that took.",
    LimitReq "What limit_req did.",
    LimitConn "What limit_conn did.",
    Flags "Envoy's response flags.",
    StatusDetails "Google's words on the status.",
    Logger "Which logger of the program.",
    Level "How grave.",
    Message "What a program says: perhaps a whole line of another format.",
}

/// Ranks of durations from here on say the unit.
const UNIT_RANKS: u8 = 100;

/// The unit of a duration whose key has this rank.
pub fn unit(rank: u8) -> Unit {
    match rank.checked_sub(UNIT_RANKS) {
        Some(0) => Unit::Seconds,
        Some(1) => Unit::Millis,
        Some(2) => Unit::Micros,
        Some(3) => Unit::Nanos,
        _ => Unit::Unknown,
    }
}

/// The longest key that means anything.
const KEY_BYTES_MAX: usize = 64;

/// What a key means; keys of objects in objects come joined by points. Upper and lower case, and
/// `_` `-` `.` and spaces, are alike. The field `forwarded` is the one that names the clients behind
/// proxies. Headers say only what headers are known for: whoever sends a request chooses their names
/// too, and `Status: 200` is no status.
pub fn lookup(key: &[u8], forwarded: &str) -> Option<Meaning> {
    let is_of_traefik = is_header_of_traefik(key);
    let mut room = [0; KEY_BYTES_MAX];
    let room = room.get_mut(..key.len())?;
    for (to, from) in room.iter_mut().zip(key) {
        *to = match from.to_ascii_lowercase() {
            b'-' | b'.' | b' ' => b'_',
            byte => byte,
        };
    }
    let key = std::str::from_utf8(room).ok()?.trim_start_matches(['@', ':', '_']);
    /// What may stand before a name: objects that things of a request are kept in.
    const PREFIXES: [&str; 18] = [
        "http_request_headers_",
        "http_request_",
        "http_response_",
        "http_",
        "request_headers_",
        "request_",
        "response_",
        "nginx_access_",
        "nginx_",
        "attributes_",
        "access_",
        "req_headers_",
        "req_",
        "res_",
        "fields_",
        "json_",
        "log_",
        "traefik_",
    ];
    let (mut name, mut is_header) = (key, is_of_traefik);
    if is_of_traefik {
        name = name.strip_prefix("request_")?;
    }
    loop {
        if name == forwarded {
            return Some(Meaning { fact: Fact::Forwarded, rank: 0, product: Product::Other });
        }
        // Other spellings are those of the usual one.
        let is_read =
            |meaning: &Meaning| meaning.fact != Fact::Forwarded || forwarded == RealIp::FIELD;
        if is_header {
            return header(name).filter(is_read);
        }
        if let Some(meaning) = meaning(name).filter(is_read) {
            // A time of something else is not when the request was, and its own bytes are not those of
            // the response (`http.request.bytes`).
            let before = &key[..key.len() - name.len()];
            let is_own = match meaning.fact {
                Fact::Time => before.is_empty(),
                Fact::Bytes => !before.ends_with("request_") && !before.ends_with("req_"),
                _ => true,
            };
            return is_own.then_some(meaning);
        }
        let prefix = PREFIXES.iter().find(|prefix| name.starts_with(*prefix))?;
        is_header = prefix.ends_with("headers_");
        name = &name[prefix.len()..];
    }
}

/// Whether a key is that of a header as Traefik writes it: `request_User-Agent`, the name as Go spells
/// it (`logger_formatters.go`, `http.CanonicalHeaderKey`).
fn is_header_of_traefik(key: &[u8]) -> bool {
    let name = key.strip_prefix(b"request_").unwrap_or_default();
    matches!(name, [b'A'..=b'Z', b'a'..=b'z' | b'-', ..])
}

/// What a header of a request says. Where the line names the client or the host itself, that counts.
fn header(name: &str) -> Option<Meaning> {
    let last = |meaning: Meaning| Meaning { rank: UNIT_RANKS, ..meaning };
    let meaning = meaning(name)?;
    match name {
        "user_agent" | "referer" | "x_request_id" => Some(meaning),
        "host" | "x_real_ip" | "cf_connecting_ip" | "true_client_ip" => Some(last(meaning)),
        _ => (meaning.fact == Fact::Forwarded).then_some(meaning),
    }
}

fn meaning(name: &str) -> Option<Meaning> {
    use Fact::*;
    use Product::*;
    const S: u8 = UNIT_RANKS;
    const MS: u8 = UNIT_RANKS + 1;
    const US: u8 = UNIT_RANKS + 2;
    const NS: u8 = UNIT_RANKS + 3;
    let (fact, rank, product) = match name {
        "time_iso8601" | "start_time" | "startutc" | "edgestarttimestamp" => (Time, 0, Other),
        "timestamp" | "time" | "time_local" | "ts" | "datetime" | "start_ts" => (Time, 2, Other),
        "requesttime" | "request_time_iso" | "requestreceivedat" => (Time, 3, Other),
        "msec" | "time_msec" | "log_time" | "startlocal" | "logtime" | "time_unix"
        | "started_at" | "t" => (Time, 4, Other),
        "date" => (Date, 0, Other),
        "timestamp_ns" | "timeunixnano" | "unixtime" | "eventtime" | "event_created"
        | "edgeendtimestamp" => (Time, 6, Other),

        "client_ip" | "clientip" => (Client, 0, Other),
        "remote_addr" | "clienthost" | "downstream_remote_address" | "client_address" => {
            (Client, 1, Other)
        }
        "remote_ip" | "remoteip" | "source_ip" | "c_ip" | "source_address" => (Client, 2, Other),
        "httprequest_remoteip" => (Client, 2, Gcp),
        "remote_address" | "remoteaddress" | "client" | "ip" | "src_ip" | "remote_host" | "src"
        | "clientaddr" | "remote" | "peer" | "meta_remote_ip" | "ip_address" | "ipaddress"
        | "network_client_ip" => (Client, 3, Other),
        "real_ip" | "realip" | "x_real_ip" | "cf_connecting_ip" | "true_client_ip" => {
            (Client, 5, Other)
        }

        "downstreamstatus" => (Status, 0, Traefik),
        "edgeresponsestatus" => (Status, 0, Cloudflare),
        "httprequest_status" => (Status, 0, Gcp),
        "response_code" => (Status, 1, Other),
        "status" | "status_code" | "statuscode" | "sc_status" | "elb_status_code" => {
            (Status, 1, Other)
        }
        "response"
        | "response_status"
        | "code"
        | "httpstatus"
        | "http_status"
        | "responsecode"
        | "response_statuscode"
        | "responsestatus" => (Status, 2, Other),

        "method" | "request_method" | "verb" | "http_method" | "cs_method" | "requestmethod"
        | "httpmethod" | "req_method" => (Method, 0, Other),
        "clientrequestmethod" => (Method, 0, Cloudflare),
        "httprequest_requestmethod" => (Method, 0, Gcp),

        "request_uri" | "requesturi" | "url_original" => (Target, 0, Other),
        "clientrequesturi" => (Target, 0, Cloudflare),
        "httprequest_requesturl" => (Target, 0, Gcp),
        "x_envoy_origin_path" | "x_envoy_original_path" => (Target, 0, Envoy),
        "requestpath" => (Target, 1, Other),
        "uri" | "url" | "target" | "cs_uri_stem" | "url_full" | "request_url" | "requesturl" => {
            (Target, 1, Other)
        }
        "path" | "request_path" | "url_path" | "uri_path" | "resourcepath" | "route"
        | "clientrequestpath" | "document_uri" => (Target, 2, Other),

        "args" | "query" | "query_string" | "url_query" | "cs_uri_query" | "querystring" => {
            (Query, 0, Other)
        }

        "request" | "request_line" | "http_request" | "req" | "requestline" => {
            (RequestLine, 0, Other)
        }

        "host" | "http_host" | "vhost" | "domain" | "authority" | "requesthost" | "url_domain"
        | "virtual_host" | "cs(host)" | "x_host_header" | "domain_name" => (Host, 0, Other),
        "clientrequesthost" => (Host, 0, Cloudflare),
        "server_name" | "server_domain" | "servername" => (Host, 2, Other),

        "body_bytes_sent" | "response_body_bytes" | "body_bytes" => (Bytes, 0, Other),
        "downstreamcontentsize" | "httprequest_responsesize" | "response_body_size" => {
            (Bytes, 0, Other)
        }
        "edgeresponsebytes" => (Bytes, 0, Cloudflare),
        "bytes_sent" | "bytes" | "size" | "response_size" | "responselength" | "sc_bytes"
        | "bytes_out" | "response_bytes" | "responsesize" | "resp_size" => (Bytes, 1, Other),

        "request_time"
        | "req_time"
        | "reqtime"
        | "apptime"
        | "duration_s"
        | "duration_seconds"
        | "elapsed_seconds"
        | "taken_sec"
        | "request_duration_seconds"
        | "latency_seconds" => (Duration, S, Other),
        "duration_ms"
        | "took"
        | "elapsed_ms"
        | "latency_ms"
        | "response_time_ms"
        | "responsetime"
        | "duration_millis"
        | "request_time_ms"
        | "elapsedmilliseconds"
        | "service"
        | "processing_time"
        | "edgetimetofirstbytems" => (Duration, MS, Other),
        "time_us" | "duration_us" | "microtime" | "usec" | "taken_usec" | "reqtime_microsec"
        | "request_time_us" | "latency_us" | "response_time_us" => (Duration, US, Other),
        "event_duration" | "duration_ns" | "latency_ns" => (Duration, NS, Other),
        // Echo: `latency` is in nanoseconds there, and this says so.
        "latency_human" => (Duration, UNIT_RANKS + 8, Other),
        // IIS has milliseconds, CloudFront seconds with a fraction.
        "duration"
        | "time_taken"
        | "latency"
        | "elapsed"
        | "response_time"
        | "responsetimesec"
        | "httprequest_latency"
        | "total_time" => (Duration, UNIT_RANKS + 9, Other),

        "referer"
        | "referrer"
        | "http_referer"
        | "http_referrer"
        | "cs_referer"
        | "cs(referer)"
        | "clientrequestreferer"
        | "httprequest_referer" => (Referer, 0, Other),
        "user_agent"
        | "useragent"
        | "agent"
        | "ua"
        | "http_user_agent"
        | "user_agent_original"
        | "clientrequestuseragent"
        | "httprequest_useragent"
        | "cs_user_agent"
        | "cs(user_agent)" => (Agent, 0, Other),
        "remote_user" | "user" | "user_name" | "username" | "clientusername" | "user_id"
        | "auth_user" => (User, 0, Other),

        "x_forwarded_for"
        | "http_x_forwarded_for"
        | "xff"
        | "fwd"
        | "forwardedfor"
        | "forwarded_for" => (Forwarded, 0, Other),
        "realip_remote_addr" => (Peer, 0, Other),
        "request_id" | "req_id" | "reqid" | "x_request_id" | "trace_id" | "rayid"
        | "correlation_id" | "requestid" => (RequestId, 0, Other),
        "sent_http_location" | "location" => (Location, 0, Other),
        "request_completion" | "completion" => (Completion, 0, Other),

        "upstream_addr" | "upstream_host" | "serviceaddr" | "upstream_address" => {
            (UpstreamAddress, 0, Other)
        }
        "upstream_status" | "originstatus" | "originresponsestatus" => (UpstreamStatus, 0, Other),
        "upstream_response_time" | "upstream_time" => (UpstreamTime, 0, Other),
        "limit_req_status" => (LimitReq, 0, Other),
        "limit_conn_status" => (LimitConn, 0, Other),
        "response_flags" => (Flags, 0, Envoy),
        "jsonpayload_statusdetails" | "statusdetails" => (StatusDetails, 0, Other),

        "logger" => (Logger, 0, Other),
        "level" | "severity" | "lvl" | "loglevel" => (Level, 0, Other),
        "message" | "msg" | "log" | "line" | "event_original" => (Message, 0, Other),
        _ => return None,
    };
    Some(Meaning { fact, rank, product })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: &str) -> Option<Fact> {
        lookup(key.as_bytes(), RealIp::FIELD).map(|meaning| meaning.fact)
    }

    #[test]
    fn names_are_found_in_any_spelling_and_in_objects() {
        for (key, wanted) in [
            ("remote_addr", Fact::Client),
            ("Remote-Addr", Fact::Client),
            ("clientIp", Fact::Client),
            ("@timestamp", Fact::Time),
            (":authority", Fact::Host),
            ("nginx.access.remote_ip", Fact::Client),
            ("http.response.status_code", Fact::Status),
            ("attributes.http.status_code", Fact::Status),
            ("http.request.method", Fact::Method),
            ("request.headers.User-Agent", Fact::Agent),
            ("request_User-Agent", Fact::Agent),
            ("user_agent.original", Fact::Agent),
            ("url.path", Fact::Target),
            ("request.uri", Fact::Target),
            ("request_time", Fact::Duration),
            ("httpRequest.latency", Fact::Duration),
            ("response.body.bytes", Fact::Bytes),
            ("req.headers.user-agent", Fact::Agent),
        ] {
            if key == "response.body.bytes" {
                assert_eq!(fact("http.response.body.bytes"), fact(key), "{key}");
                continue;
            }
            assert_eq!(fact(key), Some(wanted), "{key}");
        }
    }

    #[test]
    fn headers_say_nothing_but_what_headers_say() {
        let names = [
            "Status",
            "Downstreamstatus",
            "Response-Code",
            "Httprequest-Status",
            "Client-Ip",
            "Remote-Addr",
            "Uri",
            "Request",
            "Request-Uri",
            "X-Envoy-Original-Path",
            "Method",
            "Vhost",
            "Remote-User",
            "Body-Bytes-Sent",
            "Request-Time",
            "Start-Time",
            "Logger",
            "Level",
            "Message",
            "Response-Flags",
            "Request-Completion",
            "Nginx-Status",
            "Http-Status",
        ];
        for name in names {
            for before in ["request.headers.", "request_headers.", "req.headers.", "request_"] {
                assert_eq!(fact(&format!("{before}{name}")), None, "{before}{name}");
            }
        }
        for before in ["request.headers.", "http.request.headers.", "req.headers.", "request_"] {
            assert_eq!(fact(&format!("{before}User-Agent")), Some(Fact::Agent));
            assert_eq!(fact(&format!("{before}X-Forwarded-For")), Some(Fact::Forwarded));
            let real_ip = lookup(format!("{before}X-Real-Ip").as_bytes(), RealIp::FIELD).unwrap();
            let client = lookup(b"ip", RealIp::FIELD).unwrap();
            assert!(real_ip.fact == Fact::Client && real_ip.rank > client.rank);
            let own = lookup(format!("{before}Fastly-Client-Ip").as_bytes(), "fastly_client_ip");
            assert_eq!(own.map(|meaning| meaning.fact), Some(Fact::Forwarded));
        }
        assert_eq!(fact("request_method"), Some(Fact::Method));
        assert_eq!(fact("request_URI"), Some(Fact::Target));
    }

    #[test]
    fn a_time_of_something_else_is_no_time() {
        for key in ["request.time", "response_date", "upstream.time_local", "tls.version", ""] {
            assert_ne!(fact(key), Some(Fact::Time), "{key}");
        }
        for key in ["http.request.bytes", "request.size", "request_size", "req.bytes"] {
            assert_eq!(fact(key), None, "{key}");
        }
        assert_eq!(lookup(&[b'a'; 1_000], RealIp::FIELD), None);
    }

    #[test]
    fn units_come_with_the_name() {
        let of = |key: &str| unit(lookup(key.as_bytes(), RealIp::FIELD).unwrap().rank);
        assert_eq!(of("request_time"), Unit::Seconds);
        assert_eq!(of("duration_ms"), Unit::Millis);
        assert_eq!(of("event.duration"), Unit::Nanos);
        assert_eq!(of("elapsed"), Unit::Unknown);
    }
}
