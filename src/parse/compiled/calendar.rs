//! Times that a format spells with `strftime`, in one field or in several.

use chrono::NaiveDateTime;
use chrono::format::{Item, Parsed, StrftimeItems, parse};

use crate::clock::Zone;

/// The most fields that a time is spread over.
pub const PARTS_MAX: usize = 4;

/// How the parts of a time are spelled.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    parts: Vec<Vec<Item<'static>>>,
}

impl Calendar {
    /// Adds a part in a spelling of `strftime`; `None` where that has something unknown, or there are
    /// too many.
    pub fn add(&mut self, spelling: &str) -> Option<()> {
        self.parts.push(StrftimeItems::new(spelling).parse_to_owned().ok()?);
        (self.parts.len() <= PARTS_MAX).then_some(())
    }

    /// Whether a part can read so.
    pub fn fits(&self, part: usize, text: &[u8]) -> bool {
        self.parts.get(part).is_some_and(|items| add(&mut Parsed::new(), text, items).is_some())
    }

    /// Seconds since the epoch. What has no offset is in `zone`.
    pub fn read(&self, texts: &[&[u8]; PARTS_MAX], zone: Zone) -> Option<u32> {
        let mut parsed = Parsed::new();
        for (items, text) in self.parts.iter().zip(texts) {
            add(&mut parsed, text, items)?;
        }
        let seconds = match (parsed.timestamp(), parsed.to_fixed_offset()) {
            (Some(seconds), _) => seconds,
            (None, Ok(offset)) => {
                local(&parsed)?.and_utc().timestamp() - i64::from(offset.local_minus_utc())
            }
            (None, Err(_)) => zone.moment(local(&parsed)?),
        };
        u32::try_from(seconds).ok()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

fn add(parsed: &mut Parsed, text: &[u8], items: &[Item<'static>]) -> Option<()> {
    parse(parsed, std::str::from_utf8(text).ok()?, items.iter()).ok()
}

fn local(parsed: &Parsed) -> Option<NaiveDateTime> {
    let time = parsed.to_naive_time().ok()?;
    Some(parsed.to_naive_date().ok()?.and_time(time))
}
