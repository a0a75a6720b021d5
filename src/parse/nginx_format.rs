//! nginx's `log_format` strings, taken apart as `ngx_http_log_module.c` does.

use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::map;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::compiled::{
    Calendar, Escape, Field, FormatError, Holds, Parts, Piece, PieceKind, Role, Shape,
};
use super::nginx_conf::token::{Statement, Tokens};
use crate::record::Stamp;

/// The name and the start of a variable, or a text.
enum Token<'a> {
    Variable(&'a [u8]),
    Text(&'a [u8]),
}

/// Takes a string of a `log_format` apart. `at` is where it stands in all of them.
///
/// # Errors
///
/// What nginx says, and where: a `$` without a name, a `${` without its end.
pub fn pieces(text: &[u8], at: usize) -> Result<Vec<Piece>, (String, usize)> {
    let start = |rest: &[u8]| at + text.len() - rest.len();
    let mut rest = text;
    let mut found = Vec::new();
    while let Ok((after, token)) = token(rest) {
        let kind = match token {
            Token::Variable(name) => PieceKind::Field(field(&String::from_utf8_lossy(name))),
            Token::Text(text) => PieceKind::Literal(text.to_vec()),
        };
        found.push(Piece { kind, at: start(rest) });
        rest = after;
    }
    let message = match rest.strip_prefix(b"${") {
        _ if rest.is_empty() => return Ok(found),
        Some(open @ [_, ..]) if open[0] != b'}' => {
            let name = open.iter().take_while(|byte| is_name(**byte)).count();
            let name = String::from_utf8_lossy(&open[..name]);
            format!("the closing bracket in \"{name}\" variable is missing")
        }
        _ => format!("invalid parameter \"{}\"", String::from_utf8_lossy(rest)),
    };
    Err((message, start(rest)))
}

/// Takes the strings of a `log_format` apart, which nginx joins with nothing between.
///
/// # Errors
///
/// As for [`pieces`].
pub fn parts(strings: &[Vec<u8>], escape: Escape) -> Result<Parts, FormatError> {
    let text = strings.concat();
    let mut found: Vec<Piece> = Vec::new();
    let mut at = 0;
    for string in strings {
        let pieces = pieces(string, at).map_err(|(reason, at)| {
            let format = text.clone();
            FormatError { reason, format, at }
        })?;
        for piece in pieces {
            match (&piece.kind, found.last_mut().map(|last| &mut last.kind)) {
                (PieceKind::Literal(text), Some(PieceKind::Literal(before))) => before.extend(text),
                _ => found.push(piece),
            }
        }
        at += string.len();
    }
    // nginx stamps a line when it writes it.
    let (pieces, stamp, calendar) = (joined(found), Stamp::End, Calendar::default());
    Ok(Parts { text, pieces, escape, stamp, calendar })
}

/// The value of `escape=`, by its name.
pub fn escape(name: &[u8]) -> Option<Escape> {
    match name {
        b"default" => Some(Escape::Default),
        b"json" => Some(Escape::Json),
        b"none" => Some(Escape::None),
        _ => None,
    }
}

/// The strings of a whole directive, as it stands in a configuration: `log_format main '…' '…';`.
fn directive(text: &str) -> Option<(Vec<Vec<u8>>, Escape)> {
    let whole =
        format!("{};", text.strip_prefix("log_format ").map(|_| text)?.trim_end_matches(';'));
    let Ok(Statement::Simple(words)) = Tokens::new(whole.as_bytes()).next() else { return None };
    let mut strings = words.into_iter().skip(2).peekable();
    let name = strings.peek().and_then(|word| word.strip_prefix(b"escape=").map(<[u8]>::to_vec));
    let chosen = match name {
        Some(name) => {
            strings.next();
            escape(&name)?
        }
        None => Escape::Default,
    };
    Some((strings.collect(), chosen))
}

/// Takes a format string as a person gives it: the text of the format, with or without `escape=`
/// before it.
///
/// # Errors
///
/// As for [`pieces`].
pub fn given(text: &str) -> Result<Parts, FormatError> {
    let text = text.trim();
    if let Some((strings, escape)) = directive(text) {
        return parts(&strings, escape);
    }
    // Then the quotes would be part of each line, and so would what is said of escapes.
    if text.strip_prefix(['\'', '"']).is_some_and(|rest| rest.starts_with("escape=")) {
        let reason = "quotes stand around the format: give it without them, escape=… first";
        let (reason, format) = (reason.to_string(), text.as_bytes().to_vec());
        return Err(FormatError { reason, format, at: 0 });
    }
    let split = text.strip_prefix("escape=").and_then(|rest| rest.split_once(' '));
    match split.and_then(|(name, rest)| Some((escape(name.as_bytes())?, rest.trim_start()))) {
        Some((escape, rest)) => parts(&[rest.as_bytes().to_vec()], escape),
        None => parts(&[text.as_bytes().to_vec()], Escape::Default),
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn token(input: &[u8]) -> IResult<&[u8], Token<'_>> {
    let name = || take_while1(is_name);
    let braced = delimited(char('{'), name(), char('}'));
    let variable = map(preceded(char('$'), alt((braced, name()))), Token::Variable);
    alt((variable, map(take_while1(|byte| byte != b'$'), Token::Text))).parse(input)
}

/// The variable with this name, in whatever case (`ngx_http_variables.c`).
fn field(name: &str) -> Field {
    let lower = name.to_ascii_lowercase();
    let (shape, role) = meaning(&lower);
    Field { name: format!("${name}"), shape, role }
}

/// What the values of a variable look like, and what they say.
fn meaning(name: &str) -> (Shape, Role) {
    use Holds::{Address, Anything, Chain, Target, Word};
    use Shape::{ClfTime, IsoTime, Number, Numbers, Status, Text, Words};
    match name {
        "time_local" => (ClfTime, Role::Time),
        "time_iso8601" => (IsoTime, Role::Time),
        "msec" => (Number, Role::TimeSeconds),
        "status" => (Status, Role::Status),
        "body_bytes_sent" => (Number, Role::Bytes(0)),
        "bytes_sent" => (Number, Role::Bytes(1)),
        "request_time" => (Number, Role::Seconds),
        "remote_addr" => (Text(Word), Role::Client(0)),
        "realip_remote_addr" => (Text(Word), Role::Peer),
        "proxy_protocol_addr" => (Text(Word), Role::Client(2)),
        "http_x_real_ip" => (Text(Word), Role::Client(3)),
        "http_cf_connecting_ip" => (Text(Word), Role::Client(4)),
        "http_true_client_ip" => (Text(Word), Role::Client(5)),
        "server_addr" | "proxy_protocol_server_addr" => (Text(Address), Role::Ignored),
        "remote_user" => (Text(Anything), Role::User),
        "request" => (Text(Anything), Role::Request),
        "request_method" => (Text(Word), Role::Method),
        "request_uri" => (Text(Target), Role::Target(0)),
        // Decoded, and as internal redirects left it.
        "uri" | "document_uri" => (Text(Anything), Role::Target(2)),
        "server_protocol" => (Shape::Protocol, Role::Ignored),
        "args" | "query_string" => (Text(Target), Role::Query),
        "host" => (Text(Word), Role::Host(0)),
        "http_host" => (Text(Word), Role::Host(1)),
        "server_name" => (Text(Word), Role::Host(2)),
        "ssl_server_name" => (Text(Word), Role::Host(3)),
        "http_referer" => (Text(Anything), Role::Referer),
        "http_user_agent" => (Text(Anything), Role::Agent),
        "http_x_forwarded_for" | "proxy_add_x_forwarded_for" => (Text(Chain), Role::Forwarded),
        "request_completion" => (Text(Word), Role::Completion),
        "request_id" => (Text(Word), Role::RequestId(0)),
        "req_id" => (Text(Word), Role::RequestId(1)),
        "http_x_request_id" => (Text(Word), Role::RequestId(2)),
        "sent_http_location" => (Text(Anything), Role::Location),
        "upstream_addr" => (Words, Role::UpstreamAddresses),
        "upstream_status" => (Numbers, Role::UpstreamStatuses),
        "upstream_response_time" => (Numbers, Role::UpstreamSeconds),
        "upstream_connect_time"
        | "upstream_header_time"
        | "upstream_queue_time"
        | "upstream_first_byte_time"
        | "upstream_session_time"
        | "upstream_response_length"
        | "upstream_bytes_sent"
        | "upstream_bytes_received" => (Numbers, Role::Ignored),
        "limit_req_status" => (Text(Word), Role::LimitReq),
        "limit_conn_status" => (Text(Word), Role::LimitConn),
        "request_length"
        | "connection"
        | "connection_requests"
        | "connection_time"
        | "server_port"
        | "remote_port"
        | "request_port"
        | "pid"
        | "gzip_ratio"
        | "proxy_protocol_port"
        | "proxy_protocol_server_port"
        | "proxy_port"
        | "tcpinfo_rtt"
        | "tcpinfo_rttvar"
        | "tcpinfo_snd_cwnd"
        | "tcpinfo_rcv_space" => (Number, Role::Ignored),
        "scheme"
        | "hostname"
        | "nginx_version"
        | "pipe"
        | "https"
        | "http2"
        | "http3"
        | "is_args"
        | "ssl_protocol"
        | "ssl_cipher"
        | "ssl_curve"
        | "ssl_session_id"
        | "ssl_session_reused"
        | "ssl_early_data"
        | "ssl_alpn_protocol"
        | "ssl_client_serial"
        | "ssl_client_fingerprint"
        | "upstream_cache_status"
        | "proxy_host"
        | "content_length"
        | "proxy_upstream_name"
        | "proxy_alternative_upstream_name"
        | "namespace"
        | "ingress_name"
        | "service_name"
        | "service_port"
        | "geoip_country_code"
        | "geoip_country_code3"
        | "geoip_city_country_code"
        | "geoip_city_country_code3" => (Text(Word), Role::Ignored),
        _ => (Text(Anything), Role::Ignored),
    }
}

/// Joins what stands side by side and is read together: `$uri$is_args$args` is a target, and
/// `$host$request_uri` is a host up to the first slash.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    let mut pieces = pieces.into_iter().peekable();
    while let Some(mut piece) = pieces.next() {
        if role(&piece) == Some(Role::Target(2))
            && pieces.peek().is_some_and(|next| is_named(next, "$is_args"))
        {
            let is_args = pieces.next();
            match pieces.next_if(|next| role(next) == Some(Role::Query)) {
                Some(_) => {
                    join(&mut piece, "$is_args$args", Shape::Text(Holds::Anything), Role::Target(2))
                }
                None => {
                    joined.push(piece);
                    joined.extend(is_args);
                    continue;
                }
            }
        }
        if let Some(Role::Target(_)) = role(&piece)
            && let Some(before) = joined.last_mut()
            && let Some(Role::Host(_)) = role(before)
        {
            let PieceKind::Field(Field { name, shape, .. }) = piece.kind else { continue };
            join(before, &name, shape, Role::HostAndTarget);
            continue;
        }
        joined.push(piece);
    }
    joined
}

fn join(piece: &mut Piece, more: &str, shape: Shape, role: Role) {
    if let PieceKind::Field(field) = &mut piece.kind {
        field.name.push_str(more);
        (field.shape, field.role) = (shape, role);
    }
}

fn role(piece: &Piece) -> Option<Role> {
    match &piece.kind {
        PieceKind::Field(field) => Some(field.role),
        PieceKind::Literal(_) => None,
    }
}

fn is_named(piece: &Piece, name: &str) -> bool {
    matches!(&piece.kind, PieceKind::Field(field) if field.name.eq_ignore_ascii_case(name))
}
