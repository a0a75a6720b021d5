//! Who answered a client error: nobody, nginx with a page of its own, or something behind it. What is told here is
//! the length of the answer, and that is all that most logs have.

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Nobody: no body was sent. A 400 or 408 without one is a client that went away, or never spoke.
    Nobody,
    /// nginx, by a page of its own.
    Nginx,
    /// The same of a code that it logs as 400: 494, a header that is too large.
    Nginx494,
    /// 495: a certificate of the client that is not good.
    Nginx495,
    /// 496: no certificate of the client.
    Nginx496,
    /// 497: plain HTTP to a port for HTTPS.
    Nginx497,
    /// Something else: an application, a page of one's own.
    Other,
}

impl Answer {
    /// All of them.
    pub const ALL: [Answer; 7] = [
        Answer::Nobody,
        Answer::Nginx,
        Answer::Nginx494,
        Answer::Nginx495,
        Answer::Nginx496,
        Answer::Nginx497,
        Answer::Other,
    ];

    /// The word in reports.
    pub fn id(self) -> &'static str {
        match self {
            Answer::Nobody => "nobody",
            Answer::Nginx => "nginx",
            Answer::Nginx494 => "nginx-494",
            Answer::Nginx495 => "nginx-495",
            Answer::Nginx496 => "nginx-496",
            Answer::Nginx497 => "nginx-497",
            Answer::Other => "other",
        }
    }

    /// By the code and the bytes of the body.
    pub fn of(code: u16, bytes: u64) -> Answer {
        let is_page = |page: u64| is_nginx_page(page, bytes);
        match code {
            _ if bytes == 0 => Answer::Nobody,
            400 | 405 if is_page(104) => Answer::Nginx,
            400 if is_page(180) => Answer::Nginx494,
            400 if is_page(162) => Answer::Nginx495,
            400 if is_page(184) => Answer::Nginx496,
            400 if is_page(202) => Answer::Nginx497,
            401 if is_page(126) => Answer::Nginx,
            403 | 404 if is_page(100) => Answer::Nginx,
            410 if is_page(90) => Answer::Nginx,
            413 if is_page(130) => Answer::Nginx,
            414 if is_page(124) => Answer::Nginx,
            416 if is_page(144) => Answer::Nginx,
            421 if is_page(120) => Answer::Nginx,
            429 if is_page(116) => Answer::Nginx,
            _ => Answer::Other,
        }
    }
}

/// Whether so many bytes are a page of nginx (`ngx_http_special_response.c`): its own text, 41 bytes around the
/// name of the server, and for some browsers 402 more, so that they show it.
fn is_nginx_page(page: u64, bytes: u64) -> bool {
    /// `nginx`, `nginx/1.9.9`, `nginx/1.22.1`, `nginx/1.18.0 (Ubuntu)`, `openresty`, `openresty/1.21.4.1`.
    const NAMES: [u64; 6] = [5, 11, 12, 21, 9, 18];
    const PADDING: u64 = 402;
    /// `bgcolor="white"`, before 1.15.4.
    const COLOR: u64 = 16;
    let Some(more) = bytes.checked_sub(page + 41) else { return false };
    [0, PADDING, COLOR, PADDING + COLOR]
        .into_iter()
        .filter_map(|extra| more.checked_sub(extra))
        .any(|name| NAMES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_nginx_are_known_by_their_lengths() {
        for (code, bytes, wanted) in [
            (404, 146, Answer::Nginx),
            (404, 153, Answer::Nginx),
            (404, 162, Answer::Nginx),
            (404, 555, Answer::Nginx),
            (404, 564, Answer::Nginx),
            (404, 169, Answer::Nginx),
            (404, 571, Answer::Nginx),
            (404, 151, Answer::Other),
            (404, 12_000, Answer::Other),
            (408, 0, Answer::Nobody),
            (400, 157, Answer::Nginx),
            (400, 255, Answer::Nginx497),
            (400, 226, Answer::Nginx494),
            (429, 169, Answer::Nginx),
            (418, 153, Answer::Other),
        ] {
            assert_eq!(Answer::of(code, bytes), wanted, "{code} {bytes}");
        }
        assert!(Answer::ALL.iter().enumerate().all(|(at, answer)| *answer as usize == at));
    }
}
