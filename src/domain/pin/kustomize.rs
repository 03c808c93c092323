//! The `images:` of a `kustomization.yaml`.
//!
//! `newTag` stays beside a new `digest`: Kustomize writes `name:newTag@digest` since 4.5
//! (kubernetes-sigs/kustomize#4406), and took the digest and ignored the tag before.

use super::{
    Form,
    found::{Found, Names},
    parts::Whole,
    tree::{At, Tree},
};

const GROUP: &str = "kustomize.config.k8s.io/";
const KINDS: [&str; 2] = ["Kustomization", "Component"];
const NAMES: Names = Names { tag: "newTag", digest: "digest", quoted: false };

/// What an entry is read from.
const FIELDS: [&str; 5] = ["name", "newName", "newTag", "tagSuffix", "digest"];
/// Nobody follows it.
const ALIAS: &str = "it stands behind an alias";

/// Whether it is a kustomization. `apiVersion` and `kind` may be missing; then the entries tell.
pub(super) fn is_one(tree: &Tree<'_>, root: At) -> bool {
    let kind = tree.said_at(root, "kind");
    match tree.said_at(root, "apiVersion") {
        Some(version) => return version.starts_with(GROUP),
        None if kind.is_some() => return kind.is_some_and(|kind| KINDS.contains(&kind)),
        None => {}
    }
    let images = named(tree, root, "images");
    let entry = |at: &At| {
        let has = |name: &&str| !named(tree, *at, name).is_empty();
        has(&"name") && ["newName", "newTag", "digest"].iter().any(has)
    };
    images.iter().any(|at| tree.items(Some(*at)).iter().any(entry))
}

/// Reads the entries.
pub(super) fn read(found: &mut Found<'_, '_>, root: At) {
    let tree = found.tree;
    let all = named(tree, root, "images");
    let doubt = other_case(tree, root, &["images"]);
    if all.is_empty() {
        // Names what may be merged in.
        found.step(root, "images");
    }
    for images in all {
        if tree.is_alias(images) {
            found.leave_once(images, ALIAS);
        }
        for entry in tree.items(Some(images)) {
            read_entry(found, *entry, doubt);
        }
    }
}

fn read_entry(found: &mut Found<'_, '_>, entry: At, doubt: Option<&'static str>) {
    let tree = found.tree;
    if tree.is_alias(entry) {
        found.leave_once(entry, ALIAS);
        return;
    }
    let doubt = doubt.or_else(|| other_case(tree, entry, &FIELDS));
    let said = |at: &At| tree.said(*at).is_some();
    let name = tree.get(entry, "name").filter(said);
    let new = tree.get(entry, "newName").filter(said);
    let Some(named_by) = new.or(name) else {
        let doubtful = doubt.or_else(|| tree.doubt_in(entry));
        if let (Some(why), Some((_, at))) = (doubtful, tree.pairs(entry).first()) {
            found.leave_once(*at, why);
        }
        return;
    };
    let by = if new.is_some() { "newName" } else { "name" };
    found.parts(&Whole {
        map: entry,
        form: Form::Kustomize,
        named_by,
        name: &[by],
        suffix: None,
        strange: &[("tagSuffix", "what becomes of it depends on the version of Kustomize")],
        names: NAMES,
        unsaid: "no newTag and no digest: the manifests decide",
        doubt,
    });
    if let Some(name) = name {
        found.claim(name);
    }
}

/// The values under a name in the way of Kustomize, whose decoder (Go's `encoding/json`) takes any
/// case for it.
fn named(tree: &Tree<'_>, map: At, name: &str) -> Vec<At> {
    let own = |at: At| tree.text_of(at).is_some_and(|own| folded(own) == folded(name));
    tree.pairs(map).iter().filter(|(at, _)| own(*at)).map(|(_, value)| *value).collect()
}

/// Whether one of these names stands there in another case, alone or beside its own.
fn other_case(tree: &Tree<'_>, map: At, names: &[&str]) -> Option<&'static str> {
    let other = |text: &str| names.iter().any(|name| text != *name && folded(text) == folded(name));
    let any = tree.pairs(map).iter().any(|(at, _)| tree.text_of(*at).is_some_and(other));
    any.then_some("Kustomize takes names of any case: one stands here in another one")
}

/// There and back: `ſ` and the Kelvin sign are an `s` and a `k` to that decoder too.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
