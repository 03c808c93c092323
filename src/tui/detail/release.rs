//! One release, as it answered for its SBOM.

use super::Outline;
use crate::{
    domain::Tag,
    inspect::sboms::Has,
    tui::{mark::Mark, panes::releases, state::State, text::shown},
};

pub(super) fn release(state: &State, tag: &Tag, out: &mut Outline) -> String {
    let Some(all) = releases::visible(state) else { return String::new() };
    let row = all.rows.iter().find(|row| row.release.tag == *tag);
    let Some(row) = row else { return String::new() };
    let release = &row.release;
    if !row.answered {
        out.leaf("", if all.running() { "has not answered yet" } else { "was not asked" });
        return shown(tag.as_str());
    }
    let digest = release.digest.as_ref().map(ToString::to_string);
    out.leaf_if("digest", digest.as_deref());
    match (&release.has, release.attested) {
        (None, _) => {
            out.marked(Mark::Undecided, "SBOM", release.note.as_deref().unwrap_or("none is read"));
        }
        (Some(Has::NoSbom), _) => out.marked(Mark::Absent, "SBOM", "none is there"),
        (Some(_), true) => out.marked(Mark::Proved, "SBOM", "the demanded signer vouches for it"),
        (Some(_), false) => out.marked(Mark::Unverified, "SBOM", "read, not vouched for"),
    }
    let note = release.note.as_deref().filter(|note| !note.is_empty() && release.has.is_some());
    out.leaf_if("note", note);
    match &release.has {
        Some(Has::Hits(named, number)) => {
            out.open("found", &number.to_string(), true);
            for (name, version) in named {
                out.leaf(name, version.as_deref().unwrap_or("no version"));
            }
            if *number > named.len() {
                out.leaf("…", &format!("{} more", number - named.len()));
            }
            out.close();
        }
        Some(Has::Not) => out.leaf("found", "nothing"),
        Some(Has::Document(format, number)) => {
            out.leaf("format", format);
            out.leaf("components", &number.to_string());
        }
        Some(Has::NoSbom) | None => {}
    }
    shown(tag.as_str())
}
