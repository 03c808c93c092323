//! Material that is recognised and not verified here.

use super::Outline;
use crate::{
    inspect::attached::Attached,
    tui::{mark::Mark, text::bytes, theme::Role},
};

/// What it is, what it is about and what it holds.
pub(super) fn rows(attached: &Attached, out: &mut Outline) {
    let attachment = &attached.attachment;
    out.marked(Mark::Unverified, "is", &format!("{}; not verified here", attachment.kind.name()));
    match (&attached.platform, &attachment.about) {
        (Some(platform), Some(digest)) => {
            out.leaf("about", &format!("{platform} · {}", digest.short()));
        }
        (None, Some(digest)) => out.leaf("about", &format!("{digest}, no entry of this index")),
        _ => {}
    }
    let more =
        if attachment.more > 0 { format!(", {} more", attachment.more) } else { String::new() };
    out.open("holds", &format!("{}{more}; nothing vouches for it", attachment.parts.len()), true);
    for part in &attachment.parts {
        let size = bytes(part.size);
        let words = format!("{} · {size} · {}", part.media_type, part.digest.short());
        out.leaf_as(&part.name(), &words, Role::Dim);
        if let Some(uri) = &part.predicate_type {
            out.leaf_as("", uri, Role::Dim);
        }
    }
    out.close();
}
