//! The port to a transparency log that can be searched.

use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};

use crate::verify::Question;

/// What a log answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogAnswer {
    /// The address that was asked; the name in rows.
    pub log: String,
    /// Objects of entries by their id, as the log gave them; nothing of it is believed.
    pub entries: Vec<Arc<[u8]>>,
    /// How many more entries it named that were not read.
    pub unread: usize,
}

/// Something that finds the entries of a signature.
pub trait Log: Send + Sync {
    /// Looks for entries in the log at `address`, the trust root's, unless another was set.
    ///
    /// An answer without entries says that the whole look-up was made and found none; everything
    /// else that yields none is an error, in words.
    fn find<'a>(
        &'a self,
        address: Option<&'a str>,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<LogAnswer, String>>;
}

/// No look-up is made, for that reason.
#[derive(Clone, Copy, Debug)]
pub struct NoLog(pub &'static str);

impl Log for NoLog {
    fn find<'a>(
        &'a self,
        _: Option<&'a str>,
        _: &'a Question,
    ) -> BoxFuture<'a, Result<LogAnswer, String>> {
        Box::pin(ready(Err(self.0.to_owned())))
    }
}
