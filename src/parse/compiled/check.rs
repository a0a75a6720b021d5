//! Whether lines of a format can be told apart into its fields, and say enough of a request.

use super::piece::{Escape, Field, Piece, PieceKind, Role, Shape};

/// What is wrong, and where.
type Fault = (String, usize);

/// A field, and the text up to the next.
struct Place<'a> {
    field: &'a Field,
    at: usize,
    after: &'a [u8],
}

/// Whether where each field ends shows in every line.
pub fn readable(pieces: &[Piece], escape: Escape) -> Result<(), Fault> {
    for piece in pieces {
        if let PieceKind::Literal(text) = &piece.kind
            && let Some(newline) = text.iter().position(|byte| *byte == b'\n')
        {
            let reason = "a record of several lines cannot be read: leave the newline out";
            return Err((reason.to_string(), piece.at + newline));
        }
    }
    let places = places(pieces);
    for (at, place) in places.iter().enumerate() {
        let Place { field, after, .. } = place;
        let behind = &places[at + 1..];
        let Some(next) = behind.first() else { break };
        if !field.shape.can_hold(after, escape) {
            continue;
        }
        if after.is_empty() {
            let (name, next) = (&field.name, &next.field.name);
            return Err((
                format!(
                    "no text stands between {name} and {next}, so that nothing tells where one ends \
                     and the other begins: put a space, or quotes, between them"
                ),
                next_at(behind, place.at),
            ));
        }
        let shown = String::from_utf8_lossy(after);
        if field.shape.is_strict() {
            let name = &field.name;
            return Err((
                format!(
                    "{name} may itself hold what begins as the text behind it, '{shown}': put \
                     quotes around it"
                ),
                place.at,
            ));
        }
        // Fields whose values show their end are an anchor only as far as no other text may begin
        // before them.
        let mut anchored = behind.iter().take_while(|next| next.field.shape.is_strict());
        let is_anchored = anchored.any(|next| !field.shape.can_hold(next.after, escape));
        let other = behind.iter().find(|next| !next.field.shape.is_strict());
        if let (false, Some(other)) = (is_anchored, other) {
            let (name, other) = (&field.name, &other.field.name);
            return Err((
                format!(
                    "{name} may itself hold '{shown}', and {other} follows, which may be any text: \
                     where {name} ends cannot be told; put quotes around it"
                ),
                place.at,
            ));
        }
    }
    Ok(())
}

fn next_at(behind: &[Place<'_>], otherwise: usize) -> usize {
    behind.first().map_or(otherwise, |next| next.at)
}

fn places(pieces: &[Piece]) -> Vec<Place<'_>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    for piece in pieces {
        match (&piece.kind, places.last_mut()) {
            (PieceKind::Field(field), _) => places.push(Place { field, at: piece.at, after: b"" }),
            (PieceKind::Literal(text), Some(place)) => place.after = text,
            (PieceKind::Literal(_), None) => {}
        }
    }
    places
}

/// Whether lines say when, with what status, and what was asked for.
pub fn useful(pieces: &[Piece], end: usize) -> Result<(), Fault> {
    let has = |role: Role| {
        pieces.iter().any(|piece| match &piece.kind {
            PieceKind::Field(field) => field.role.slot().is_some_and(|(slot, _)| slot == role),
            PieceKind::Literal(_) => false,
        })
    };
    let is_calendar = |piece: &Piece| match &piece.kind {
        PieceKind::Field(field) => field.shape == Shape::Calendar,
        PieceKind::Literal(_) => false,
    };
    let missing = if !has(Role::Time) && !pieces.iter().any(is_calendar) {
        "no field tells the time: add $time_local, $time_iso8601 or $msec (Apache: %t)"
    } else if !has(Role::Status) {
        "no field tells the status: add $status (Apache: %>s)"
    } else if !has(Role::Request) && !has(Role::Target(0)) {
        "no field tells what was asked for: add $request or $request_uri (Apache: %r)"
    } else {
        return Ok(());
    };
    Err((missing.to_string(), end))
}
