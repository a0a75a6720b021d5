//! The parameters of `access_log` (`ngx_http_log_set_log`).

/// Where a log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nowhere.
    Off,
    /// To a file.
    File(String),
    /// To a file whose name hangs on the request.
    Variable,
    /// To a server over the network, or a socket.
    Syslog,
}

/// What an `access_log` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLog {
    /// Where it goes.
    pub target: Target,
    /// The name of its format, as it is spelled.
    pub format: Vec<u8>,
    /// How it is buffered: size, flush time and compression, as they are spelled.
    pub buffer: Option<[Vec<u8>; 3]>,
}

/// Reads the words behind `access_log`. Whether the format exists is asked of `has_format`.
///
/// # Errors
///
/// What nginx says.
pub fn read(words: &[Vec<u8>], has_format: impl Fn(&[u8]) -> bool) -> Result<AccessLog, String> {
    let [path, rest @ ..] = words else {
        return Err("invalid number of arguments in \"access_log\" directive".to_string());
    };
    if path == b"off" {
        return match rest.first() {
            Some(word) => Err(invalid(word)),
            None => {
                Ok(AccessLog { target: Target::Off, format: b"combined".to_vec(), buffer: None })
            }
        };
    }
    let target = match path.strip_prefix(b"syslog:") {
        Some(parameters) => {
            syslog(parameters)?;
            Target::Syslog
        }
        None if variables(path)? > 0 => Target::Variable,
        None => Target::File(shown(path)),
    };
    let (format, parameters) = match rest {
        [format, parameters @ ..] => (format.clone(), parameters),
        [] => (b"combined".to_vec(), rest),
    };
    if !has_format(&format) {
        return Err(format!("unknown log format \"{}\"", shown(&format)));
    }
    let buffer = buffer(path, &target, parameters)?;
    Ok(AccessLog { target, format, buffer })
}

fn buffer(
    path: &[u8],
    target: &Target,
    parameters: &[Vec<u8>],
) -> Result<Option<[Vec<u8>; 3]>, String> {
    let (mut size, mut flush, mut gzip) = (None, None, None);
    for word in parameters {
        if let Some(value) = word.strip_prefix(b"buffer=") {
            let is_size = unit(value, b"kKmM");
            size = Some(is_size.ok_or_else(|| quoted("invalid buffer size", value))?);
        } else if let Some(value) = word.strip_prefix(b"flush=") {
            let time = unit(value, b"smhdwMy")
                .or_else(|| value.strip_suffix(b"ms").and_then(|v| unit(v, b"")));
            flush = Some(time.ok_or_else(|| quoted("invalid flush time", value))?);
        } else if word == b"gzip" {
            gzip = Some(b"1".to_vec());
        } else if let Some(value) = word.strip_prefix(b"gzip=") {
            let is_level = matches!(value, [b'1'..=b'9']);
            let level = is_level.then(|| value.to_vec());
            gzip = Some(level.ok_or_else(|| quoted("invalid compression level", value))?);
        } else if let Some(value) = word.strip_prefix(b"if=") {
            variables(value)?;
        } else {
            return Err(invalid(word));
        }
    }
    if gzip.is_some() && size.is_none() {
        size = Some(b"64k".to_vec());
    }
    let Some(size) = size else {
        return match flush {
            Some(_) => Err(format!("no buffer is defined for access_log \"{}\"", shown(path))),
            None => Ok(None),
        };
    };
    match target {
        Target::Variable => Err("buffered logs cannot have variables in name".to_string()),
        Target::Syslog => Err("logs to syslog cannot be buffered".to_string()),
        _ => Ok(Some([size, flush.unwrap_or_default(), gzip.unwrap_or_default()])),
    }
}

/// A number above 0 with one of `units` behind it or none.
fn unit(value: &[u8], units: &[u8]) -> Option<Vec<u8>> {
    let digits = match value {
        [digits @ .., last] if units.contains(last) => digits,
        digits => digits,
    };
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    (is_number && digits.iter().any(|digit| *digit != b'0')).then(|| value.to_vec())
}

/// How many variables a text has (`ngx_http_script_compile`).
fn variables(text: &[u8]) -> Result<usize, String> {
    let (mut count, mut at) = (0, 0);
    while let Some(dollar) = memchr::memchr(b'$', text.get(at..).unwrap_or_default()) {
        at += dollar + 1;
        let is_braced = text.get(at) == Some(&b'{');
        at += usize::from(is_braced);
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(is_name).count();
        if is_braced && rest.is_empty() {
            return Err("invalid variable name".to_string());
        }
        if is_braced && rest.get(length) != Some(&b'}') {
            return Err(quoted("the closing bracket in", &rest[..length]) + " variable is missing");
        }
        if length == 0 {
            return Err("invalid variable name".to_string());
        }
        at += length;
        count += 1;
    }
    Ok(count)
}

fn syslog(parameters: &[u8]) -> Result<(), String> {
    let mut has_server = false;
    for parameter in parameters.split(|byte| *byte == b',') {
        let (name, value) = match parameter.iter().position(|byte| *byte == b'=') {
            Some(equals) => (&parameter[..equals], &parameter[equals + 1..]),
            None => (parameter, &b""[..]),
        };
        match name {
            b"server" if has_server => return Err("duplicate syslog \"server\"".to_string()),
            b"server" => has_server = true,
            b"facility" if !is_one_of(value, FACILITIES) => {
                return Err(quoted("unknown syslog facility", value));
            }
            b"severity" if !is_one_of(value, SEVERITIES) => {
                return Err(quoted("unknown syslog severity", value));
            }
            b"tag" if value.len() > 32 => return Err("syslog tag length exceeds 32".to_string()),
            b"facility" | b"severity" | b"tag" => {}
            b"nohostname" => {}
            _ => return Err(quoted("unknown syslog parameter", parameter)),
        }
    }
    if has_server { Ok(()) } else { Err("no syslog server specified".to_string()) }
}

/// `ngx_syslog.c`.
const FACILITIES: &str = "kern user mail daemon auth intern lpr news uucp clock authpriv ftp ntp audit \
    alert cron local0 local1 local2 local3 local4 local5 local6 local7";
const SEVERITIES: &str = "emerg alert crit error warn notice info debug";

fn is_one_of(word: &[u8], words: &str) -> bool {
    words.split_whitespace().any(|known| known.as_bytes() == word)
}

fn invalid(word: &[u8]) -> String {
    quoted("invalid parameter", word)
}

fn quoted(what: &str, word: &[u8]) -> String {
    format!("{what} \"{}\"", shown(word))
}

fn shown(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}
