//! How much evidence of one artifact is kept in memory.
//!
//! A registry may list two thousand attestations of megabytes each. What is proved is always kept, so
//! that nothing which is added beside a piece can take its proof away; of the rest what does not fit is
//! not judged, and its row says so.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use crate::{
    domain::verdict::Judgement,
    verify::{Evidence, Piece},
};

/// Bytes of statements, as they were signed, of one inspection; the one that goes over it is the
/// last, so that a single one may have any size. They take twice that in memory.
pub const EVIDENCE_BYTES: u64 = 32 << 20;
/// Bytes of SBOMs of one inspection, in the same way. They take six times that once they are parsed.
pub const SBOM_BYTES: u64 = 16 << 20;

/// What is left; shared by the checks of one inspection. It is no fact: two inspections are the same
/// whatever is left of it.
#[derive(Clone, Debug)]
pub struct Allowance {
    statements: Arc<AtomicU64>,
    sboms: Arc<AtomicU64>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self::of(EVIDENCE_BYTES, SBOM_BYTES)
    }
}

impl PartialEq for Allowance {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Allowance {
    /// So many bytes of statements, and of SBOMs.
    pub fn of(statements: u64, sboms: u64) -> Self {
        let [statements, sboms] = [statements, sboms].map(|bytes| Arc::new(AtomicU64::new(bytes)));
        Self { statements, sboms }
    }

    /// The piece, if what it states may be kept.
    pub(super) fn keep(&self, piece: Piece) -> Piece {
        let Some(statement) = piece.statement.as_ref().map(Evidence::get) else { return piece };
        let bytes = statement.payload.len() as u64;
        if take(&self.statements, bytes) || piece.judgement == Judgement::Proved {
            return piece;
        }
        let why =
            format!("more evidence than is kept: its statement of {bytes} bytes was left out");
        Piece::not_judged(piece.format, piece.kind, &why)
    }

    /// Whether the SBOM in a piece may be parsed and kept.
    pub(super) fn keeps_sbom(&self, piece: &Piece, bytes: usize) -> bool {
        take(&self.sboms, bytes as u64) || piece.judgement == Judgement::Proved
    }
}

/// Takes `bytes` of what is left; all of it, where they are more. False where nothing is left.
fn take(left: &AtomicU64, bytes: u64) -> bool {
    let less = |left: u64| (left > 0).then(|| left.saturating_sub(bytes));
    left.fetch_update(Relaxed, Relaxed, less).is_ok()
}
