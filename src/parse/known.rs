//! Format strings that spell a format of the table.

use std::sync::Arc;

use super::compiled::{Compiled, Escape, FormatError, Parts, PieceKind};
use super::{Row, apache_format, format, nginx_format};

/// Those of nginx: its own `combined`, the `main` of its packages, and what Apache calls common.
const NGINX: &[(&str, &str)] = &[
    (
        "combined",
        r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#,
    ),
    (
        "main",
        r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for""#,
    ),
    ("common", r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent"#),
];

/// Those of Apache's own configuration, and of Debian's.
const APACHE: &[(&str, &str)] = &[
    ("combined", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#),
    ("combined", r#"%h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#),
    ("common", r#"%h %l %u %t "%r" %>s %b"#),
    ("common", r#"%h %l %u %t "%r" %>s %O"#),
    ("vhost-combined", r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#),
    ("vhost-common", r#"%v %h %l %u %t "%r" %>s %b"#),
];

/// The row of the table that these parts spell, else what they compile to.
///
/// # Errors
///
/// See [`Compiled::new`].
pub fn row(id: String, parts: Parts) -> Result<Row, FormatError> {
    match spelled_by(&parts) {
        Some(id) => Ok(Row::Known(id)),
        None => Ok(Row::Compiled(Arc::new(Compiled::new(id, parts)?))),
    }
}

fn spelled_by(parts: &Parts) -> Option<&'static super::Format> {
    let spelled = canonical(parts);
    let is_it =
        |known: Result<Parts, FormatError>| known.is_ok_and(|known| canonical(&known) == spelled);
    let id = match parts.escape {
        Escape::Default => NGINX.iter().find(|(_, text)| is_it(nginx_format::given(text))),
        Escape::Apache => APACHE.iter().find(|(_, text)| is_it(apache_format::given(text))),
        Escape::Json | Escape::None => None,
    };
    format(id?.0)
}

/// What lines of a format look like, whatever the case of its names.
fn canonical(parts: &Parts) -> Vec<String> {
    let spelled = parts.pieces.iter().map(|piece| match &piece.kind {
        PieceKind::Literal(text) => format!("'{}", text.escape_ascii()),
        PieceKind::Field(field) if parts.escape == Escape::Default => field.name.to_lowercase(),
        PieceKind::Field(field) => field.name.clone(),
    });
    spelled.collect()
}
