//! Names that stand below each other, cut so that they can still be told apart.

use std::collections::BTreeSet;

use crate::tui::{
    state::Pane,
    text::{columns, cut_end, ends},
};

/// The name of a pane where there is little room.
pub const fn short(pane: Pane) -> &'static str {
    match pane {
        Pane::Overview => "Overview",
        Pane::Signatures => "Sigs",
        Pane::Attestations => "Att",
        Pane::Sbom => "SBOM",
        Pane::Image => "Image",
        Pane::Decision => "Pin",
        Pane::Trace => "Trace",
    }
}

/// Every name in at most `room` columns.
///
/// Files of a release begin alike and end in what tells them apart, so most of the room goes to
/// the end. Where that makes two different names look alike, the cut moves until it does not.
pub fn cut_apart(names: &[&str], room: u16) -> Vec<String> {
    let quarter = room / 4;
    let heads = [quarter, room / 2, room.saturating_sub(quarter + 1)];
    let cut = |head: u16| names.iter().map(|name| ends(name, head, room)).collect::<Vec<_>>();
    let different = names.iter().collect::<BTreeSet<_>>().len();
    let alike = |cut: &Vec<String>| different - cut.iter().collect::<BTreeSet<_>>().len();
    let all = heads.map(cut).into_iter().chain(std::iter::once(inside(names, room)));
    let best = all.min_by_key(alike);
    best.unwrap_or_default()
}

/// Names that differ only in the middle: what all of them begin with is left out.
fn inside(names: &[&str], room: u16) -> Vec<String> {
    let long = || names.iter().filter(|name| columns(name) > room);
    let first: Vec<char> = long().next().map(|name| name.chars().collect()).unwrap_or_default();
    let common = long().fold(first.len(), |common, name| {
        let same = name.chars().zip(&first).take(common);
        same.take_while(|(a, b)| a == *b).count()
    });
    let each = names.iter().map(|name| {
        if columns(name) <= room {
            return (*name).to_owned();
        }
        let rest: String = name.chars().skip(common).collect();
        cut_end(&format!("…{rest}"), room)
    });
    each.collect()
}

/// The columns of the widest name, between `least` and `most`.
pub fn widest<'a>(names: impl Iterator<Item = &'a str>, least: u16, most: u16) -> u16 {
    names.map(columns).max().unwrap_or(0).clamp(least, most.max(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_release_stay_different_when_they_are_cut() {
        for names in [
            ["tool-v4.0.0-linux-amd64.tar.gz", "tool-v4.0.0-linux-arm64.tar.gz"],
            ["alpha-tool-v4.0.0.sigstore.json", "omega-tool-v4.0.0.sigstore.json"],
            ["tool-v4.0.0-linux-x86_64.sigstore.json", "tool-v4.0.0-darwin-x86_64.sigstore.json"],
        ] {
            for room in [16, 20, 24] {
                let cut = cut_apart(&names, room);
                assert_ne!(cut[0], cut[1], "{room}");
                assert!(cut.iter().all(|name| columns(name) <= room), "{cut:?}");
            }
        }
        assert_eq!(cut_apart(&["tool-v4.0.0-linux-amd64.tar.gz"], 20), ["tool-…x-amd64.tar.gz"]);
        assert_eq!(cut_apart(&["short", "日本"], 16), ["short", "日本"]);
    }
}
