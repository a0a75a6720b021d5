//! `w3c`: the extended log format of the W3C, as IIS and others write it, with the columns that its
//! `#Fields` line names.

use super::marks::Line;
use super::{Format, Reader, Sample, SampleRecord, Samples, Tools};
use crate::record::{Said, Skip, Stamp};

mod fields;
mod record;

pub use record::{Directives, Writer, read as read_columns, take_directive};

/// See [`Format`].
pub const FORMAT: Format = Format {
    id: "w3c",
    summary: "W3C extended, by its #Fields: IIS and its httperr.log, Azure, proxies and caches",
    explain: EXPLAIN,
    stamp: Stamp::End,
    samples: Samples::Requests(SAMPLES),
    reader: Reader::Own(read),
};

const EXPLAIN: &str = "\
    #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip
             cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken

The columns are those of the last #Fields line, wherever it stands: such a file is read in order, by
one worker. Lines before one, and lines that it does not fit, are read by the columns that IIS, Azure
App Service and httperr.log have by default. Times are UTC, or local where a #GMT-Offset says so; a time
without a date has that of the last #Date. The query is put behind the stem. IIS writes a plus for each
space of an agent, and that is undone; in paths and referers it stays. sc-win32-status 64 and 1236 say
that the client left (iis-64). time-taken counts milliseconds. Lines of FTP services are no requests.";

fn read<'a>(line: Line<'a, '_>, tools: &mut Tools<'a, '_>) -> Result<Said<'a>, Skip> {
    if line.text.first() == Some(&b'#') {
        take_directive(line.text, tools.state);
        return Err(Skip::Header);
    }
    read_columns(line.text, Writer::Other, tools)
}

const SAMPLES: &[Sample] = &[
    Sample {
        line: b"2026-11-21 14:05:09 192.0.2.10 GET /shop/cart.aspx id=7&b=2 443 - 198.51.100.7 Mozilla/5.0+(compatible;+bot/2.0;++http://bot.example/) https://shop.example/a+b 200 0 0 31",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "200",
            client: "198.51.100.7",
            method: Some("GET"),
            target: Some("/shop/cart.aspx?id=7&b=2"),
            referer: Some("https://shop.example/a+b"),
            agent: Some("Mozilla/5.0 (compatible; bot/2.0; +http://bot.example/)"),
            latency_millis: Some(31),
            start_millis: Some(1_795_269_908_969),
            ..BLANK
        },
    },
    Sample {
        line: b"2026-11-21 14:05:09 192.0.2.10 GET /old.aspx - 80 SHOP\\jane 2001:db8::7 - - 404 0 2 1405 242 283",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "404",
            bytes: 1405,
            client: "2001:db8::7",
            user: Some("SHOP\\jane"),
            method: Some("GET"),
            target: Some("/old.aspx"),
            latency_millis: Some(283),
            start_millis: Some(1_795_269_908_717),
            ..BLANK
        },
    },
    Sample {
        line: b"2026-11-21 14:05:09 192.0.2.10 POST /upload - 443 - 198.51.100.7 curl/8.5.0 - shop.example:443 400 0 64 30016",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            client: "198.51.100.7",
            host: Some("shop.example"),
            method: Some("POST"),
            target: Some("/upload"),
            agent: Some("curl/8.5.0"),
            latency_millis: Some(30_016),
            start_millis: Some(1_795_269_878_984),
            abort: Some("iis-64"),
            ..BLANK
        },
    },
    Sample {
        line: b"2026-11-21 14:05:09 198.51.100.7 60724 192.0.2.10 80 - - - 400 - BadRequest -",
        record: SampleRecord {
            time: "2026-11-21T14:05:09Z",
            status: "400",
            client: "198.51.100.7",
            ..BLANK
        },
    },
];

const BLANK: SampleRecord = SampleRecord::BLANK;

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::super::{FORMATS, Formats, State};
    use super::*;
    use crate::clock::rfc3339;
    use crate::record::Record;

    /// Reads lines in order, and says what was read of the last.
    fn last<T>(lines: &[&str], tell: impl Fn(Result<Record<'_>, Skip>) -> T) -> T {
        let (mut state, arena) = (State::default(), Bump::new());
        state.begin_source(true);
        let mut tools = Tools { arena: &arena, state: &mut state };
        let formats = Formats::new(FORMATS);
        let mut said = Err(Skip::Blank);
        for line in lines {
            said = formats.identify(line.as_bytes(), &mut tools).map(|(said, _)| said);
        }
        tell(said.map(|said| match said {
            Said::Request(record) => record,
            Said::Error(line) => panic!("{line:?}"),
        }))
    }

    fn told(lines: &[&str]) -> Result<(String, String, String, Option<u64>), Skip> {
        last(lines, |record| {
            let record = record?;
            let target = record.request.target().unwrap_or(b"(malformed)");
            let time = rfc3339(i64::from(record.time));
            let target = String::from_utf8_lossy(target).into_owned();
            Ok((time, record.status.to_string(), target, record.latency_millis))
        })
    }

    fn is(
        time: &str,
        status: &str,
        target: &str,
        latency_millis: Option<u64>,
    ) -> Result<(String, String, String, Option<u64>), Skip> {
        Ok((time.into(), status.into(), target.into(), latency_millis))
    }

    const NOON: &str = "2026-11-21T12:00:00Z";

    #[test]
    fn columns_change_with_each_fields_line() {
        let first = "#Fields: date time cs-method cs-uri-stem sc-status";
        let second = "#Fields: sc-status c-ip date time cs-uri-stem cs-method time-taken";
        let third = "404 192.0.2.1 2026-11-21 12:00:00 /b GET 7";
        assert_eq!(told(&[first, "2026-11-21 12:00:00 GET /a 200"]), is(NOON, "200", "/a", None));
        assert_eq!(told(&[first, second, third]), is(NOON, "404", "/b", Some(7)));
        assert_eq!(told(&[first, third]), Err(Skip::NoFormat));
        assert_eq!(told(&[first]), Err(Skip::Header));
    }

    #[test]
    fn a_time_without_a_date_has_that_of_the_date_line() {
        let head =
            ["#Date: 2026-11-20 23:59:00", "#Fields: time c-ip cs-method cs-uri-stem sc-status"];
        let line = |time: &str| format!("{time} 192.0.2.1 GET /a 200");
        let (late, early) = (line("23:59:59"), line("12:00:00"));
        let time = |lines: &[&str]| told(&[&head[..], lines].concat()).map(|told| told.0);
        assert_eq!(time(&[&late]), Ok("2026-11-20T23:59:59Z".into()));
        assert_eq!(time(&[&early]), Ok("2026-11-20T12:00:00Z".into()));
        // The day after.
        assert_eq!(time(&[&late, &line("00:00:01")]), Ok("2026-11-21T00:00:01Z".into()));
        assert_eq!(told(&[head[1], &early]), Err(Skip::BadTime));
    }

    #[test]
    fn an_offset_makes_times_local_and_other_software_has_other_units() {
        let fields = "#Fields:  c-ip  date  time  cs-method  cs-uri  sc-status  time-taken";
        let line = "192.0.2.1   2026-11-21   04:00:00   GET   /a   200   370879";
        let head = ["#GMT-Offset: -0800", "#Software: Cache/2.0", fields];
        assert_eq!(told(&[&head[..], &[line]].concat()), is(NOON, "200", "/a", None));
        let quick = "192.0.2.1 2026-11-21 04:00:00 GET /a 200 0.250";
        assert_eq!(told(&[&head[..], &[quick]].concat()), is(NOON, "200", "/a", Some(250)));
    }

    #[test]
    fn quoted_values_and_local_times_are_read() {
        let fields = "#Fields: date-local time-local cs-method cs-uri-stem cs-uri-query cs(User-Agent) sc-status sc-substatus TimeTakenMS";
        let line =
            r#"2026-11-21 12:00:00.363 GET /a b=1 "Mozilla/5.0 (X11; ""x"")" 404 " ""y"" z " 359"#;
        assert_eq!(told(&[fields, line]), is(NOON, "404", "/a?b=1", Some(359)));
        let agent = last(&[fields, line], |record| record.unwrap().agent.map(<[u8]>::to_vec));
        assert_eq!(agent.as_deref(), Some(&br#"Mozilla/5.0 (X11; "x")"#[..]));
    }

    #[test]
    fn what_is_no_request_is_none() {
        let fields = "#Fields: date time c-ip cs-method cs-uri-stem sc-status";
        for (line, skip) in [
            ("2026-11-21 12:00:00 192.0.2.1 [2]USER anonymous 331", Skip::NoRequest),
            ("2026-11-21 12:00:00 192.0.2.1 - - -", Skip::NoRequest),
            ("2026-11-21 12:00:00 192.0.2.1 GET /a", Skip::Cut),
            ("2026-13-21 12:00:00 192.0.2.1 GET /a 200", Skip::BadTime),
            ("one two three four five six", Skip::NoFormat),
        ] {
            assert_eq!(told(&[fields, line]), Err(skip), "{line}");
        }
    }

    #[test]
    fn out_of_order_only_default_columns_count() {
        let (mut state, arena) = (State::default(), Bump::new());
        state.begin_source(false);
        let mut tools = Tools { arena: &arena, state: &mut state };
        let formats = Formats::new(FORMATS);
        let mut read =
            |line: &'static [u8]| formats.identify(line, &mut tools).map(|(_, at)| FORMATS[at].id);
        assert_eq!(read(b"#Fields: date time cs-method cs-uri-stem sc-status"), Err(Skip::Header));
        assert_eq!(read(b"2026-11-21 14:05:09 GET /a 200"), Err(Skip::NoFormat));
        assert_eq!(read(SAMPLES[0].line), Ok("w3c"));
        assert!(state.wants_order);
    }
}
