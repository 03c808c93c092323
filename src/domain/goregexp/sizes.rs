//! Nested repetitions: Go refuses an expression that would be repeated over 1000 times in all.

use super::{GoRegexpError, MAX_REPEAT, refuse};

/// How often the last item and the groups around it are repeated; Go refuses over 1000 in all.
#[derive(Default)]
pub(super) struct Sizes {
    last: u32,
    largest: u32,
    outer: Vec<u32>,
}

impl Sizes {
    pub(super) fn item(&mut self) {
        self.last = 1;
        self.largest = self.largest.max(1);
    }

    pub(super) fn open(&mut self) {
        self.outer.push(std::mem::take(&mut self.largest));
    }

    pub(super) fn close(&mut self) {
        self.last = self.largest.max(1);
        self.largest = self.outer.pop().unwrap_or(0).max(self.last);
    }

    pub(super) fn repeat(&mut self, count: u32) -> Result<(), GoRegexpError> {
        self.last = self.last.max(1).saturating_mul(count.max(1));
        self.largest = self.largest.max(self.last);
        if self.last > MAX_REPEAT { refuse("invalid repeat count") } else { Ok(()) }
    }
}
