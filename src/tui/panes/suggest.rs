//! The smallest policy that accepts a signer: offered where evidence holds and nobody demanded one.

use super::{Key, Row, signers};
use crate::{
    domain::verdict::Judgement,
    inspect::{CheckId, FoundPiece, Inspection, advice},
    tui::{state::State, text::shown, theme::Role},
};

/// The row below a signer that could be demanded: flags that accept this signer and no other.
///
/// Only below evidence whose every step holds: whoever made a certificate up is not suggested.
pub(super) fn row(seen: &Inspection, id: &CheckId, number: usize) -> Option<Row> {
    if seen.demand.is_some() {
        return None;
    }
    let flags = flags(seen, find(seen, id, number)?)?;
    let key = Key::Suggestion(id.clone(), number);
    Some(Row::new(key, None, "to demand it").text(shown(&flags)).role(Role::Text))
}

/// A piece by its check and number.
pub fn find<'a>(seen: &'a Inspection, id: &CheckId, number: usize) -> Option<&'a FoundPiece> {
    let mut all = super::pieces_of(seen);
    all.find(|(other, n, _)| *other == id && *n == number).map(|(.., found)| found)
}

/// Flags for who signed a piece, in one line; `None` where its evidence does not hold.
fn flags(seen: &Inspection, found: &FoundPiece) -> Option<String> {
    let holds = matches!(found.piece.judgement, Judgement::Valid | Judgement::Proved);
    let advice = advice::suggestions(seen, &found.piece).filter(|advice| holds && advice.proved)?;
    Some(advice.suggestions.exact)
}

/// The flags that a copy takes: of the selected row, else of the first signer.
pub fn selected(state: &State) -> Option<String> {
    let seen = &state.slot()?.inspection;
    match super::selected(state) {
        Some(Key::Suggestion(id, number) | Key::Signer(id, number) | Key::Piece(id, number)) => {
            flags(seen, find(seen, &id, number)?)
        }
        _ => signers(seen).into_iter().find_map(|(_, _, found, _)| flags(seen, found)),
    }
}
