//! The tables of formats hold what they promise.

use super::*;
use crate::clock::rfc3339;

#[test]
fn each_sample_says_what_it_must_and_is_in_its_format() {
    let (mut state, arena) = (State::default(), Bump::new());
    let all = Formats::new(FORMATS);
    for format in FORMATS {
        let Samples::Requests(samples) = format.samples else { continue };
        let lines = format.samples.lines();
        let vote = Sniff::new(lines.iter().copied(), &all).format;
        assert_eq!(vote.map(|at| FORMATS[at].id), Some(format.id), "the vote of its samples");
        assert!(samples.len() >= 2, "{} has too few samples", format.id);
        for sample in samples {
            let shown = sample.line.escape_ascii();
            let mut tools = Tools { arena: &arena, state: &mut state };
            let record = request(sample.line, &[format], &mut tools);
            let record = record.unwrap_or_else(|| panic!("{}: {shown}", format.id));
            assert_eq!(spelled(&record), owned(&sample.record), "{}: {shown}", format.id);
            let stamp = record.extra.stamp;
            assert_eq!(stamp, format.stamp, "{}: {shown}", format.id);
            let is_voted = matches!(format.reader, Reader::Voted { .. });
            let first = if is_voted { vote } else { None };
            let mut marks = Marks::default();
            let (_, found) = all.read(marks.line(sample.line), first, &mut tools).unwrap();
            assert_eq!(FORMATS[found].id, format.id, "{shown}");
        }
    }
}

#[test]
fn each_sample_of_an_error_log_says_what_it_must_and_is_in_its_format() {
    let (mut state, arena) = (State::default(), Bump::new());
    let mut tools = Tools { arena: &arena, state: &mut state };
    for format in FORMATS {
        let Samples::Errors(samples) = format.samples else { continue };
        for sample in samples {
            let shown = sample.line.escape_ascii();
            let said = Formats::new(FORMATS).identify(sample.line, &mut tools);
            let Ok((Said::Error(line), found)) = said else { panic!("{said:?}: {shown}") };
            assert_eq!(FORMATS[found].id, format.id, "{shown}");
            assert_eq!(rfc3339(i64::from(line.time)), sample.time, "{shown}");
            assert_eq!(line.kind, sample.kind, "{shown}");
            assert_eq!(line.client, sample.client.map(str::as_bytes), "{shown}");
            let limit = line.limit.map(|limit| (limit.zone, limit.kind, limit.excess));
            let wanted = sample.limit.map(|(zone, kind, n)| (zone.as_bytes(), kind, n));
            assert_eq!(limit, wanted, "{shown}");
        }
    }
}

#[test]
fn the_usual_way_says_what_all_formats_say() {
    let (mut state, arena) = (State::default(), Bump::new());
    let all = Formats::new(FORMATS);
    for line in FORMATS.iter().flat_map(|format| format.samples.lines()) {
        for cut in 0..=line.len() {
            let window = [&line[..cut], b"\n"].concat();
            let mut marks = Marks::default();
            let mut unread = marks.find(&window);
            if let Some(usual) = all.read_usual(&mut unread, &mut state.clock) {
                let mut tools = Tools { arena: &arena, state: &mut state };
                let wanted = all.identify(&window[..cut], &mut tools).map(|(said, _)| said);
                assert_eq!(Ok(Said::Request(usual)), wanted, "{}", window.escape_ascii());
            }
        }
    }
}

#[test]
fn ids_are_unique() {
    for (at, format) in FORMATS.iter().enumerate() {
        assert!(FORMATS[..at].iter().all(|other| other.id != format.id));
        assert_eq!(super::format(format.id).map(|found| found.id), Some(format.id));
    }
}

type Spelled = (Vec<Option<String>>, u64, [Option<u64>; 2]);

fn spelled(record: &Record<'_>) -> Spelled {
    let lossy = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned());
    let fields = vec![
        Some(rfc3339(i64::from(record.time))),
        Some(record.status.to_string()),
        lossy(record.client),
        record.host.and_then(lossy),
        record.user.and_then(lossy),
        record.request.method().and_then(lossy),
        record.request.target().and_then(lossy),
        record.referer.and_then(lossy),
        record.agent.and_then(lossy),
        record.forwarded.and_then(lossy),
        record.abort().map(|abort| abort.id().to_string()),
    ];
    (fields, record.bytes, [record.latency_millis, record.start_millis()])
}

fn owned(sample: &SampleRecord) -> Spelled {
    let own = |text: Option<&str>| text.map(str::to_string);
    let fields = vec![
        own(Some(sample.time)),
        own(Some(sample.status)),
        own(Some(sample.client)),
        own(sample.host),
        own(sample.user),
        own(sample.method),
        own(sample.target),
        own(sample.referer),
        own(sample.agent),
        own(sample.forwarded),
        own(sample.abort),
    ];
    (fields, sample.bytes, [sample.latency_millis, sample.start_millis])
}
