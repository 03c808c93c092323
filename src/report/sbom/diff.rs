//! What changed between two SBOMs, as rows and for machines.

use serde_json::{Value, json};

use super::full_name;
use crate::domain::sbom::{
    Component, Sbom,
    diff::{Diff, Direction},
};

/// What happened to a version, in a word.
const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up",
        Direction::Down => "down",
        Direction::Same => "rewritten",
        Direction::Unclear => "changed",
    }
}

fn versions<'a>(sbom: &'a Sbom, numbers: &'a [u32]) -> impl Iterator<Item = &'a str> {
    super::components(sbom, numbers).map(|one| one.version().unwrap_or("(no version)"))
}

fn licences(one: Component<'_>) -> Vec<&str> {
    one.licences().collect()
}

/// A row for each: what happened, to what, from what, to what.
pub fn changes(diff: &Diff, old: &Sbom, new: &Sbom) -> Vec<Vec<String>> {
    let mut rows = vec![];
    let version = |one: Component<'_>| one.version().unwrap_or("(no version)").to_owned();
    for one in super::components(old, &diff.removed) {
        rows.push(vec!["removed".to_owned(), full_name(one), version(one), String::new()]);
    }
    for one in super::components(new, &diff.added) {
        rows.push(vec!["added".to_owned(), full_name(one), String::new(), version(one)]);
    }
    for change in &diff.versions {
        let name = change.new.first().and_then(|number| new.component(*number)).map(full_name);
        let join = |all: Vec<&str>| all.join(", ");
        rows.push(vec![
            word(change.direction).to_owned(),
            name.unwrap_or_default(),
            join(versions(old, &change.old).collect()),
            join(versions(new, &change.new).collect()),
        ]);
    }
    for change in &diff.licences {
        let (Some(before), Some(after)) = (old.component(change.old), new.component(change.new))
        else {
            continue;
        };
        let words = |one| match licences(one) {
            none if none.is_empty() => "(none stated)".to_owned(),
            all => all.join(", "),
        };
        rows.push(vec!["licence".to_owned(), full_name(after), words(before), words(after)]);
    }
    for change in &diff.others {
        let (Some(before), Some(after)) = (old.component(change.old), new.component(change.new))
        else {
            continue;
        };
        let [before, what] = beside(before, after);
        rows.push(vec!["changed".to_owned(), full_name(after), before, what]);
    }
    rows
}

/// What two components of one name and version say otherwise: their purls, or their hashes.
fn beside(before: Component<'_>, after: Component<'_>) -> [String; 2] {
    let purls = [before, after].map(|one| one.purl().unwrap_or_default().to_owned());
    if purls.first() != purls.last() {
        return purls;
    }
    [before, after].map(|one| one.hashes().collect::<Vec<_>>().join(", "))
}

/// The same for machines; text is exact.
pub fn changes_json(diff: &Diff, old: &Sbom, new: &Sbom) -> Value {
    let one = |one: Component<'_>| json!({ "name": one.name(), "group": one.group(), "version": one.version(), "purl": one.purl() });
    let all = |sbom: &Sbom, numbers: &[u32]| -> Vec<Value> {
        super::components(sbom, numbers).map(one).collect()
    };
    let versions = diff.versions.iter().map(|change| {
        json!({
            "direction": word(change.direction),
            "old": all(old, &change.old),
            "new": all(new, &change.new),
        })
    });
    let licences = diff.licences.iter().filter_map(|change| {
        let (before, after) = (old.component(change.old)?, new.component(change.new)?);
        Some(json!({
            "component": one(after), "old": licences(before), "new": licences(after),
        }))
    });
    let others = diff.others.iter().filter_map(|change| {
        let (before, after) = (old.component(change.old)?, new.component(change.new)?);
        let said = |one: Component<'_>| {
            json!({ "purl": one.purl(), "hashes": one.hashes().collect::<Vec<_>>() })
        };
        Some(json!({ "component": one(after), "old": said(before), "new": said(after) }))
    });
    json!({
        "schema": 1,
        "added": all(new, &diff.added),
        "removed": all(old, &diff.removed),
        "versions": versions.collect::<Vec<_>>(),
        "licences": licences.collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
        "unchanged": diff.unchanged,
    })
}
