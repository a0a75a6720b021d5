//! Traces: the lines by which detectors prove themselves, written short.
//!
//! A trace is some rows such as `3x 198.18.{n}.7 0d10:00+1m /old 404 ref=https://shop.example/a`: three
//! requests for `/old` that end in 404, from 198.18.1.7, 198.18.2.7 and 198.18.3.7, on the first day from ten
//! o'clock on, one a minute. `{n}` is the number of the request, anywhere. What else can be said stands
//! behind: `ref=`, `ua=` (a word of [`AGENTS`]), `bytes=`, `to=` (where a redirect leads), `host=`,
//! `method=` and `rt=` (how many seconds it took). Many in a second are `+0.05s`. `google` and `bing` stand for
//! a client that is the real crawler.

/// nginx's name for the lines that [`lines`] makes.
pub const FORMAT: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status \
    $body_bytes_sent \"$http_referer\" \"$http_user_agent\" \"$host\" \"$sent_http_location\" \
    $request_time";

/// The host, unless a row names another.
pub const HOST: &str = "shop.example";

/// 2026-10-15T00:00:00Z, when the first day begins.
const START: i64 = 1_792_022_400;

/// User agents by a word.
pub const AGENTS: &[(&str, &str)] = &[
    ("browser", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("google", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ("bing", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
    (
        "chrome",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/139.0.0.0 Safari/537.36",
    ),
    (
        "gptbot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; \
         +https://openai.com/gptbot",
    ),
    ("uptime", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"),
    ("python", "python-requests/2.32.3"),
    ("curl", "curl/8.5.0"),
    ("sqlmap", "sqlmap/1.8"),
    ("none", "-"),
];

/// Clients by a word.
const CLIENTS: &[(&str, &str)] = &[("google", "66.249.66.1"), ("bing", "157.55.39.1")];

/// The lines of a trace, in the order of their times.
///
/// # Panics
///
/// If a row is none.
pub fn lines(trace: &[&str]) -> Vec<String> {
    let mut lines: Vec<(i64, String)> = trace.iter().flat_map(|row| requests(row)).collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn requests(row: &str) -> Vec<(i64, String)> {
    let mut words = row.split(' ').peekable();
    let repeat = words.peek().and_then(|word| word.strip_suffix('x')?.parse::<i64>().ok());
    if repeat.is_some() {
        words.next();
    }
    let mut word = |what: &str| words.next().unwrap_or_else(|| panic!("no {what}: {row}"));
    let (client, time) = (word("client"), word("time"));
    let (path, status) = (word("path"), word("status"));
    let options: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
    let option = |name: &str, usual: &'static str| {
        options.iter().find(|(known, _)| *known == name).map_or(usual, |(_, value)| value)
    };
    let by_name = |rows: &[(&'static str, &'static str)], name: &str| {
        rows.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    };
    let agent = if by_name(CLIENTS, client).is_some() { client } else { "browser" };
    let agent = options.iter().find(|(known, _)| *known == "ua").map_or(agent, |(_, ua)| ua);
    let agent = by_name(AGENTS, agent).unwrap_or_else(|| panic!("no agent {agent}: {row}"));
    let client = by_name(CLIENTS, client).unwrap_or(client);
    let (start, step) = times(time).unwrap_or_else(|| panic!("no time {time}: {row}"));
    let (method, bytes) = (option("method", "GET"), option("bytes", "1234"));
    let (referer, host, to) = (option("ref", "-"), option("host", HOST), option("to", "-"));
    let took = option("rt", "-");
    let line = |n: i64| {
        let at = START + (start + step * (n - 1)) / 1_000;
        let stamp = chrono::DateTime::from_timestamp(at, 0).expect("a time of this century");
        let stamp = stamp.format("%d/%b/%Y:%H:%M:%S +0000");
        let line = format!(
            "{client} - - [{stamp}] \"{method} {path} HTTP/1.1\" {status} {bytes} \"{referer}\" \
             \"{agent}\" \"{host}\" \"{to}\" {took}"
        );
        (at, line.replace("{n}", &n.to_string()))
    };
    (1..=repeat.unwrap_or(1)).map(line).collect()
}

/// `3d10:00+10m`: the first moment after the start, and the time from one to the next, in milliseconds.
fn times(text: &str) -> Option<(i64, i64)> {
    let (start, step) = text.split_once('+').unwrap_or((text, "1s"));
    let (day, clock) = start.split_once('d')?;
    let (hour, minute) = clock.split_once(':')?;
    let number = |text: &str| text.parse::<i64>().ok();
    let (count, unit) = step.split_at(step.len().checked_sub(1)?);
    let unit = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let start = number(day)? * 86_400 + number(hour)? * 3_600 + number(minute)? * 60;
    let step = count.parse::<f64>().ok()? * f64::from(unit);
    Some((start * 1_000, step.round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_so_many_lines() {
        let made = lines(&[
            "google 1d00:00 /a 200 bytes=7",
            "2x 198.18.{n}.7 0d10:00+1m /old{n} 404 ref=https://shop.example/a ua=none",
        ]);
        assert_eq!(
            made,
            [
                "198.18.1.7 - - [15/Oct/2026:10:00:00 +0000] \"GET /old1 HTTP/1.1\" 404 1234 \
                 \"https://shop.example/a\" \"-\" \"shop.example\" \"-\" -",
                "198.18.2.7 - - [15/Oct/2026:10:01:00 +0000] \"GET /old2 HTTP/1.1\" 404 1234 \
                 \"https://shop.example/a\" \"-\" \"shop.example\" \"-\" -",
                "66.249.66.1 - - [16/Oct/2026:00:00:00 +0000] \"GET /a HTTP/1.1\" 200 7 \"-\" \
                 \"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\" \
                 \"shop.example\" \"-\" -",
            ]
        );
    }

    #[test]
    fn a_second_has_several() {
        let made = lines(&["5x 198.18.1.7 0d10:00+0.5s /{n} 200 rt=0.250"]);
        let second =
            |line: &String| line[line.find(":10:00:0").map_or(0, |at| at + 8)..].chars().next();
        assert_eq!(made.iter().filter_map(second).collect::<String>(), "00112");
        assert!(made.iter().all(|line| line.ends_with(" 0.250")), "{made:?}");
    }
}
