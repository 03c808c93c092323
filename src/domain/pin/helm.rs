//! Values of Helm charts. No schema tells where their images are; names that nearly all charts use
//! do.

use std::ops::Range;

use super::{
    Form, Kind,
    found::{Found, Names},
    kinds::is_image_name,
    parts::Whole,
    scalar,
    tree::{At, Tree},
    why::Why,
};

const NAMES: Names = Names { tag: "tag", digest: "digest", quoted: true };
/// What charts put a registry for all their images under.
const REGISTRIES: [&str; 3] = ["global.imageRegistry", "global.registry", "global.image.registry"];
/// What stands beside `repository` in a map that is an image; the repository of a Git project has
/// none of them.
const BESIDE: [&str; 7] =
    ["registry", "tag", "tagSuffix", "digest", "pullPolicy", "imagePullPolicy", "pullSecrets"];

/// What some charts have beside it: `grafana` and `strimzi` are the well-known ones.
const STRANGE: [(&str, &str); 3] = [
    ("sha", "the digest is written in a way of this chart's own"),
    ("sha256", "the digest is written in a way of this chart's own"),
    ("name", "the image's name may be put together in a way of this chart's own"),
];

/// Reads one document that is of no other kind.
pub(super) fn read(found: &mut Found<'_, '_>, nodes: Range<At>) -> Kind {
    let (tree, root) = (found.tree, nodes.start);
    let before = (found.places.len(), found.left.len());
    let global = registry(tree, root);
    for map in nodes.filter(|at| tree.is_map(*at)) {
        read_map(found, map, global);
    }
    if (found.places.len(), found.left.len()) == before { Kind::Other } else { Kind::HelmValues }
}

/// Where a registry for all images stands or may stand.
fn registry(tree: &Tree<'_>, root: At) -> Option<&'static str> {
    let said = |way: &&&str| tree.below(root, way).is_some_and(|at| tree.said(at).is_some());
    if let Some(way) = REGISTRIES.iter().find(said) {
        return Some(way);
    }
    // By an alias, merged in, twice: nobody knows what it is.
    let unclear = |at: At| tree.is_alias(at) || tree.is_vague(at);
    let names = ["imageRegistry", "registry", "image"];
    let global = tree.pairs(root).iter().filter(|(name, _)| tree.text_of(*name) == Some("global"));
    global.map(|(_, at)| *at).find_map(|at| {
        let inner = names.iter().filter_map(|name| tree.get(at, name)).any(unclear);
        let deeper = tree.below(at, "image.registry").is_some_and(unclear);
        (unclear(at) || inner || deeper).then_some("global")
    })
}

fn read_map(found: &mut Found<'_, '_>, map: At, global: Option<&str>) {
    let tree = found.tree;
    let by = named_by(tree, map);
    if let Some((name, at)) = by {
        if let Some(global) = global {
            found.leave(at, format!("{global} may stand in front of it"));
        } else if is_whole(tree, map, at) {
            found.word(at);
        } else {
            found.parts(&Whole {
                map,
                form: Form::Helm,
                named_by: at,
                name: &["registry", name],
                suffix: Some("tagSuffix"),
                strange: &STRANGE,
                names: NAMES,
                unsaid: "no tag here: the chart's appVersion decides",
                doubt: None,
            });
        }
    } else if let Some((at, why)) = vague_image(tree, map) {
        found.leave_once(at, why);
    }
    for (name, at) in tree.pairs(map) {
        let image = tree.text_of(*name).is_some_and(is_image_name);
        if image && by.is_none_or(|(_, by)| by != *at) {
            read_text(found, *at, global);
        }
    }
}

/// What may be an image although nothing names one: its name is merged in, or made by an alias.
fn vague_image(tree: &Tree<'_>, map: At) -> Option<(At, &'static str)> {
    let merged = tree.name_of(map).is_some_and(is_image_name)
        || ["image", "repository"].iter().chain(&BESIDE).any(|name| tree.get(map, name).is_some());
    // A list as a name is no name of a value.
    let odd =
        |name: At| tree.is_alias(name) || (tree.is_tagged(name) && tree.text_of(name).is_some());
    let made = tree.pairs(map).iter().find(|(name, _)| odd(*name));
    let made = made.map(|(_, at)| (*at, "its name is no plain text"));
    let mut all =
        tree.pairs(map).iter().filter(|(name, _)| tree.text_of(*name) == Some("repository"));
    let twice = all.nth(1).map(|(_, at)| (*at, "a name stands twice in the map that holds it"));
    made.or_else(|| tree.vague(map).or(twice).filter(|_| merged))
}

/// What names the image of a map that is one: `repository`, or `image` with a tag beside it.
fn named_by<'n>(tree: &Tree<'_>, map: At) -> Option<(&'n str, At)> {
    let parent = tree.name_of(map).is_some_and(is_image_name);
    if let Some(at) = tree.get(map, "repository").filter(|at| is_text_or_more(tree, *at)) {
        let beside = parent || BESIDE.iter().any(|name| tree.get(map, name).is_some());
        return beside.then_some(("repository", at));
    }
    let at = tree.get(map, "image").filter(|at| is_text_or_more(tree, *at))?;
    let beside = ["tag", "digest"].iter().any(|name| tree.get(map, name).is_some());
    let whole = tree.said(at).is_some_and(is_fixed);
    (beside && !whole).then_some(("image", at))
}

/// Text that says something, or an alias of it.
fn is_text_or_more(tree: &Tree<'_>, at: At) -> bool {
    tree.said(at).is_some() || tree.source(at).starts_with('*')
}

/// `repository: name:tag` alone is a whole reference; with a tag beside it, something else is meant.
fn is_whole(tree: &Tree<'_>, map: At, at: At) -> bool {
    let parts = ["registry", "tag", "tagSuffix", "digest"];
    parts.iter().all(|name| tree.get(map, name).is_none()) && tree.said(at).is_some_and(is_fixed)
}

fn is_fixed(text: &str) -> bool {
    scalar::reference(text).is_ok_and(|r| r.tag.is_some() || r.digest.is_some())
}

/// `image: repo:tag` in one text.
fn read_text(found: &mut Found<'_, '_>, at: At, global: Option<&str>) {
    let tree = found.tree;
    let alias = tree.source(at).starts_with('*');
    let Some(text) = tree.said(at) else {
        if alias || tree.rest_of_line(at).starts_with("{{") {
            found.word(at);
        }
        return;
    };
    // `useImage: true`, `backgroundImage: /x.png`.
    let plain = tree.is_plain(at) && !scalar::reads_as_text(text);
    let path = text.contains("://") || text.starts_with(['/', '.']);
    if found.is_claimed(at) || plain || path {
        return;
    }
    if tree.doubt(at).is_some() {
        found.word(at);
    } else if let Some(global) = global {
        found.leave(at, format!("{global} may stand in front of it"));
    } else if is_fixed(text) || scalar::reference(text).is_err() {
        found.word(at);
    } else {
        found.leave(at, Why::decided("no tag here: the chart decides"));
    }
}
