//! Times that a format spells with `strftime`, in one field or in several.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{FixedOffset, NaiveDateTime, Offset, Utc};
use std::fmt::Write;

/// The most fields that a time is spread over.
pub const PARTS_MAX: usize = 4;

/// How the parts of a time are spelled, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    items: Vec<Item<'static>>,
    parts: usize,
}

impl Calendar {
    /// Adds a part in a spelling of `strftime`; `None` where that has something unknown, or there are
    /// too many.
    pub fn add(&mut self, spelling: &str) -> Option<usize> {
        // Parts are joined by what no part can hold.
        if self.parts > 0 {
            self.items.push(Item::Literal("\n"));
        }
        let items = StrftimeItems::new(spelling).parse_to_owned().ok()?;
        self.items.extend(items);
        self.parts += 1;
        (self.parts <= PARTS_MAX).then_some(self.parts - 1)
    }

    /// Seconds since the epoch. What has no offset is taken for UTC.
    pub fn read(&self, parts: &[&[u8]; PARTS_MAX]) -> Option<u32> {
        let mut text = String::new();
        for (at, part) in parts.iter().enumerate().take(self.parts) {
            let before = if at > 0 { "\n" } else { "" };
            write!(text, "{before}{}", std::str::from_utf8(part).ok()?).ok()?;
        }
        let mut parsed = Parsed::new();
        parse(&mut parsed, &text, self.items.iter()).ok()?;
        let offset = parsed.to_fixed_offset().unwrap_or_else(|_| Utc.fix());
        let seconds = match parsed.timestamp() {
            Some(seconds) => seconds,
            None => local(&parsed)?.and_utc().timestamp() - i64::from(seconds_east(offset)),
        };
        u32::try_from(seconds).ok()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.parts == 0
    }
}

fn local(parsed: &Parsed) -> Option<NaiveDateTime> {
    let time = parsed.to_naive_time().ok()?;
    Some(parsed.to_naive_date().ok()?.and_time(time))
}

fn seconds_east(offset: FixedOffset) -> i32 {
    offset.local_minus_utc()
}
