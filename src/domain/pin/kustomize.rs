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

/// Whether it is a kustomization. `apiVersion` and `kind` may be missing; then the entries tell.
pub(super) fn is_one(tree: &Tree<'_>, root: At) -> bool {
    let kind = tree.said_at(root, "kind");
    match tree.said_at(root, "apiVersion") {
        Some(version) => return version.starts_with(GROUP),
        None if kind.is_some() => return kind.is_some_and(|kind| KINDS.contains(&kind)),
        None => {}
    }
    let entry = |at: &At| {
        tree.said_at(*at, "name").is_some()
            && ["newName", "newTag", "digest"].iter().any(|name| tree.get(*at, name).is_some())
    };
    tree.items(tree.get(root, "images")).iter().any(entry)
}

/// Reads the entries.
pub(super) fn read(found: &mut Found<'_, '_>, root: At) {
    let tree = found.tree;
    for entry in tree.items(tree.get(root, "images")) {
        let Some(name) = tree.get(*entry, "name").filter(|at| tree.said(*at).is_some()) else {
            continue;
        };
        let new = tree.get(*entry, "newName").filter(|at| tree.said(*at).is_some());
        let by = if new.is_some() { "newName" } else { "name" };
        found.parts(&Whole {
            map: *entry,
            form: Form::Kustomize,
            named_by: new.unwrap_or(name),
            name: &[by],
            suffix: None,
            strange: &[("tagSuffix", "what becomes of it depends on the version of Kustomize")],
            names: NAMES,
            unsaid: "no newTag and no digest: the manifests decide",
        });
        found.claim(name);
    }
}
