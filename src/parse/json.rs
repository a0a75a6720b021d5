//! `json`: access logs in JSON of any shape, one object a line.

use super::keyed::{Facts, Meaning, Product, Seated, lookup};
use super::marks::{Line, Unread};
use super::{BLANK, Format, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Record, Skip, Stamp};

mod scan;
mod strict;
mod template;

use scan::{Fault, Found, scan};
use template::{Plain, Template};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "json",
    summary: "JSON of any shape, by the names of its keys: nginx escape=json, ECS, OpenTelemetry, own",
    explain: EXPLAIN,
    stamp: Stamp::Unknown,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Json(Product::Other),
};

const EXPLAIN: &str = "\
One object a line, flat or with objects in it. Keys are known by many names, whatever their case and
whether their words are joined by _ - or points: time, timestamp, @timestamp, time_iso8601, msec;
remote_addr, client_ip; status, response_code, http.response.status_code; request, or method and
request_uri, path, url; host; body_bytes_sent, bytes; request_time, duration_ms, event.duration;
http_referer, http_user_agent, x_forwarded_for, upstream_…, limit_req_status, request_id.

    log_format json escape=json '{\"time\":\"$time_iso8601\",\"client\":\"$remote_addr\",'
                                '\"request\":\"$request\",\"status\":$status}';

What is not quite JSON is read too: \\xHH (escape=default), bytes that are not UTF-8, and variables
without quotes that have no value or several (\"urt\":,  \"urt\":-  \"urt\":0.001, 0.002). Times are in the
common log format, ISO 8601, or numbers of seconds to nanoseconds since 1970, by their size. A duration
without a unit in its key is in seconds where it has a fraction, else in milliseconds.";

/// What is known of lines from those before them.
#[derive(Debug, Default)]
pub struct Known {
    keys: Keys,
    template: Template,
}

/// The keys of the last line and what they mean. Most programs write the same keys in the same order:
/// then a key is compared once, and not looked up.
#[derive(Debug, Default)]
struct Keys {
    known: Vec<(Box<[u8]>, Option<Meaning>)>,
}

/// As many keys as are remembered.
const KEYS_MAX: usize = 128;

impl Keys {
    #[inline]
    fn meaning(&mut self, at: usize, key: &[u8], forwarded: &str) -> Option<Meaning> {
        match self.known.get(at) {
            Some((known, meaning)) if **known == *key => *meaning,
            _ => self.learn(at, key, forwarded),
        }
    }

    #[inline(never)]
    fn learn(&mut self, at: usize, key: &[u8], forwarded: &str) -> Option<Meaning> {
        let meaning = lookup(key, forwarded);
        if at < KEYS_MAX {
            self.known.truncate(at);
            self.known.push((key.into(), meaning));
        }
        meaning
    }
}

/// Reads lines that `product` writes and that differ from one before only in their values, as nearly all
/// of a log do.
pub struct Usual<'a> {
    product: Product,
    facts: Facts<'a>,
    seated: Seated<'a>,
    record: Record<'a>,
    /// The number of the template whose strict way alone has filled the record; 0 where another way has.
    strict: u64,
    plain: Plain,
}

impl<'a> Usual<'a> {
    /// For lines of `product`.
    pub fn new(product: Product) -> Usual<'a> {
        Usual {
            product,
            facts: Facts::default(),
            seated: Seated::default(),
            record: BLANK,
            strict: 0,
            plain: Plain::default(),
        }
    }

    /// Takes the first of some lines and reads it. `None` says nothing about the line, and leaves it there.
    #[inline(never)]
    pub fn read(
        &mut self,
        lines: &mut Unread<'a, '_>,
        tools: &mut Tools<'a, '_>,
    ) -> Option<&Record<'a>> {
        let marks = match self.read_strict(lines, tools) {
            Some(marks) => marks,
            None => self.read_facts(lines, tools)?,
        };
        lines.pass_marks(marks);
        Some(&self.record)
    }

    /// Reads the first of some lines where each value has its place in the record, whatever it is. Tells
    /// how many marks the line has; so does [`Usual::read_facts`].
    #[inline(always)]
    fn read_strict(&mut self, lines: &Unread<'a, '_>, tools: &mut Tools<'a, '_>) -> Option<usize> {
        let template = &tools.state.json.template;
        let (strict, number) = template.strict().filter(|_| self.product == Product::Other)?;
        let marks = strict.fit(lines, &mut self.plain, &mut self.seated)?;
        if self.strict != number {
            (self.record, self.strict) = (BLANK, number);
        }
        self.seated.fill(strict.seating(), &mut self.record, tools)?;
        Some(marks)
    }

    /// Reads the first of some lines where its values tell which of them counts.
    #[inline(never)]
    fn read_facts(&mut self, lines: &Unread<'a, '_>, tools: &mut Tools<'a, '_>) -> Option<usize> {
        self.facts.clear();
        let template = &tools.state.json.template;
        let marks = template.fit(lines, &mut self.facts, &mut self.plain)?;
        if self.facts.product(tools) != self.product {
            return None;
        }
        self.strict = 0;
        self.facts.fill(&mut self.record, tools).ok()?;
        Some(marks)
    }
}

/// Reads a line. The number of the format that a product writes in is told by `of`, and given back.
///
/// # Errors
///
/// See [`Facts::record`]; [`Skip::NoFormat`] where somebody else writes such lines.
pub fn read<'a>(
    line: Line<'a, '_>,
    tools: &mut Tools<'a, '_>,
    of: impl Fn(Product) -> Option<usize>,
) -> Result<(Record<'a>, usize), Skip> {
    let text = line.text.trim_ascii_start();
    let [b'{', ..] = text else { return Err(Skip::NoFormat) };
    let mut facts = Facts::default();
    let mut known = std::mem::take(&mut tools.state.json);
    let mut lesson = known.template.lesson(text);
    let (mut at, forwarded) = (0, tools.state.forwarded());
    let end = scan(text, &mut |found: Found<'_, 'a>| {
        let meaning = known.keys.meaning(at, found.path, forwarded);
        if let Some(meaning) = meaning {
            facts.put(meaning, found.value);
        }
        if let Some(lesson) = &mut lesson {
            lesson.add(found.place, meaning);
        }
        at += 1;
    });
    if let (Some(lesson), Ok(b"" | b",")) = (lesson, end) {
        known.template.learn(lesson);
    }
    tools.state.json = known;
    let format = of(facts.product(tools)).ok_or(Skip::NoFormat)?;
    match end {
        // A comma stands between the members of an array.
        Ok(rest) if matches!(rest.trim_ascii(), b"" | b",") => Ok((facts.record(tools)?, format)),
        // Enough was there to tell whose line it is, but not all.
        Err(Fault::Cut) if facts.is_request_without_end() || facts.record(tools).is_ok() => {
            Err(Skip::Cut)
        }
        Ok(_) | Err(Fault::Cut | Fault::Odd) => Err(Skip::NoFormat),
    }
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: br#"{"time":"2026-11-21T14:05:09+00:00","remote_addr":"198.51.100.7","host":"shop.example","request":"GET /old?x=1 HTTP/1.1","status":404,"body_bytes_sent":153,"request_time":0.004,"http_referer":"","http_user_agent":"Mozilla/5.0","http_x_forwarded_for":"203.0.113.9"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/old?x=1"),
            referer: Some(""),
            agent: Some("Mozilla/5.0"),
            forwarded: Some("203.0.113.9"),
            latency_millis: Some(4),
            ..SampleRecord::BLANK
        },
    },
    Sample {
        line: br#"{"@timestamp":"2026-11-21T14:05:09.250Z","client":{"ip":"2001:db8::1"},"http":{"request":{"method":"GET","referrer":"https://example.org/"},"response":{"status_code":410,"body":{"bytes":7}},"version":"1.1"},"url":{"path":"/gone","domain":"shop.example"},"user_agent":{"original":"say \"hi\""},"event":{"duration":12000000}}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "410",
            bytes: 7,
            client: "2001:db8::1",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/gone"),
            referer: Some("https://example.org/"),
            agent: Some(r#"say "hi""#),
            latency_millis: Some(12),
            ..SampleRecord::BLANK
        },
    },
    Sample {
        line: br#"{"msec":1795269909.123,"ip":"198.51.100.7","method":"GET","uri":"\/a\x22b","args":"x=1","status":"499","bytes":0,"urt":-, 30.000,"upstream_response_time":0.500, 29.500,"request_time":30.001}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "499",
            bytes: 0,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/a\"b?x=1"),
            latency_millis: Some(30_001),
            abort: Some("499"),
            ..SampleRecord::BLANK
        },
    },
    Sample {
        line: br#"{"timestamp":"21/Nov/2026:14:05:09 +0000","remote_addr":"198.51.100.7","request":"\u0016\u0003\u0001","status":400,"bytes_sent":157,"upstream_status":,"request_completion":""}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            bytes: 157,
            client: "198.51.100.7",
            abort: Some("nginx-incomplete"),
            ..SampleRecord::BLANK
        },
    },
    Sample {
        line: br#"{"clientip":"198.51.100.7","verb":"GET","request":"/gone?x=1","httpversion":"1.1","response":"404","bytes":"153","timestamp":"21/Nov/2026:14:05:09 +0000"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/gone?x=1"),
            ..SampleRecord::BLANK
        },
    },
    Sample {
        line: br#"{"date":"2026-11-21","time":"14:05:09","x-edge-location":"FRA","sc-bytes":"153","c-ip":"198.51.100.7","cs-method":"GET","cs(Host)":"d1.example","cs-uri-stem":"/gone","sc-status":"404","cs(User-Agent)":"curl/8.5.0","cs-uri-query":"x=1","time-taken":"0.057"}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 153,
            client: "198.51.100.7",
            host: Some("d1.example"),
            method: Some("GET"),
            target: Some("/gone?x=1"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(57),
            ..SampleRecord::BLANK
        },
    },
    Sample {
        line: br#"{"time":"2026-11-21T14:05:09Z","remote_ip":"198.51.100.7","host":"shop.example:1323","method":"GET","uri":"/gone","user_agent":"","status":404,"latency":134000000,"latency_human":"134ms","bytes_in":0,"bytes_out":8}"#,
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 8,
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("GET"),
            target: Some("/gone"),
            agent: Some(""),
            latency_millis: Some(134),
            ..SampleRecord::BLANK
        },
    },
];
