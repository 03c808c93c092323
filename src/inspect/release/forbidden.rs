//! What must not be in a release folder.

use super::FolderFacts;
use crate::{
    domain::{Verdict, demand::Wanted, text::shell_word},
    inspect::{
        CheckKind, Inspection,
        verdict::{Over, judge_one},
    },
};

/// Every demand that something is not in the folder, judged.
pub(super) fn each(seen: &Inspection, folder: &FolderFacts) -> Vec<(Verdict, String)> {
    let Some(demand) = &seen.demand else { return vec![] };
    let uris = demand.wanted.iter().filter_map(|wanted| match wanted {
        Wanted::Forbidden(uri) => Some((wanted, uri)),
        _ => None,
    });
    let each = uris.map(|(wanted, uri)| match there(folder, uri) {
        // Whoever signed it, and whatever it is about: it is there.
        Some(name) => {
            let words =
                format!("{} is an attestation {uri}, and it is forbidden", shell_word(name));
            (Verdict::Refuted, words)
        }
        None => {
            let pieces = seen.pieces().map(|(_, found)| found).collect();
            judge_one(seen, demand, (wanted, &Over { pieces, complete: complete(seen, folder) }))
        }
    });
    each.collect()
}

/// Said of a folder inside of the folder.
pub(super) fn not_looked_into(name: &str) -> String {
    format!("the folder {} inside is not looked into", shell_word(name))
}

fn there<'a>(folder: &'a FolderFacts, uri: &str) -> Option<&'a str> {
    let is = |(_, stated): &&(usize, Result<String, String>)| stated.as_deref() == Ok(uri);
    let (at, _) = folder.stated.iter().find(is)?;
    folder.files.get(*at).map(|file| file.name.as_str())
}

/// `Err` says what in the folder was not looked into. Contract: "forbidden (proved absent only
/// after complete discovery)": an attestation may lie under any name, in any folder of it.
fn complete(seen: &Inspection, folder: &FolderFacts) -> Result<(), String> {
    if let Some(name) = folder.folders.first() {
        return Err(not_looked_into(name));
    }
    for file in &folder.files {
        if let Err(why) = &file.hashed {
            return Err(format!("{} cannot be read: {why}", shell_word(&file.name)));
        }
    }
    for (at, stated) in &folder.stated {
        if let (Err(why), Some(file)) = (stated, folder.files.get(*at)) {
            return Err(format!("{} cannot be read as evidence: {why}", shell_word(&file.name)));
        }
    }
    seen.unanswered(CheckKind::Piece).map_or(Ok(()), |(_, why)| Err(why))
}
