//! Workloads of Kubernetes: a table of kinds and where their pods stand in them.

use super::{
    Kind,
    found::Found,
    tree::{At, Tree},
};

/// API group, kind, the way to the `PodSpec`. `extensions` is where the first ones lived until
/// Kubernetes 1.16; manifests of that age are still applied through converters.
const WORKLOADS: [(&[&str], &str, &str); 9] = [
    (&[""], "Pod", "spec"),
    (&[""], "PodTemplate", "template.spec"),
    (&[""], "ReplicationController", "spec.template.spec"),
    (&["apps", "extensions"], "Deployment", "spec.template.spec"),
    (&["apps", "extensions"], "DaemonSet", "spec.template.spec"),
    (&["apps", "extensions"], "ReplicaSet", "spec.template.spec"),
    (&["apps"], "StatefulSet", "spec.template.spec"),
    (&["batch"], "Job", "spec.template.spec"),
    (&["batch"], "CronJob", "spec.jobTemplate.spec.template.spec"),
];

/// Whether a document says of itself what it is, however it says it: twice, by an alias, merged in.
pub(super) fn is_one(tree: &Tree<'_>, root: At) -> bool {
    let says =
        |name: &str| tree.pairs(root).iter().any(|(own, _)| tree.text_of(*own) == Some(name));
    let all = ["apiVersion", "kind"].map(says);
    all == [true; 2] || (all != [false; 2] && tree.is_vague(root))
}

/// Reads one object; a list of objects may hold lists.
pub(super) fn read(found: &mut Found<'_, '_>, root: At) -> Kind {
    let tree = found.tree;
    let mut waiting = vec![(root, None)];
    while let Some((at, typed)) = waiting.pop() {
        let own = (said(found, at, "apiVersion"), said(found, at, "kind"));
        // "kind" of the items of a typed list is what the list says where they do not.
        let Some((version, kind)) = own.0.zip(own.1).or(typed) else { continue };
        if let Some(of) = kind.strip_suffix("List") {
            let items = found.list(at, "items");
            let typed = (!of.is_empty()).then_some((version, of));
            waiting.extend(items.iter().rev().map(|item| (*item, typed)));
            if tree.get(at, "items").is_some() {
                continue;
            }
        }
        if let Some(pod) = pod_of(found, at, version, kind) {
            containers(found, pod);
        }
    }
    Kind::Kubernetes
}

/// What an object says of itself; a tag may make another word of it (`!!binary`).
fn said<'t>(found: &mut Found<'t, '_>, at: At, name: &str) -> Option<&'t str> {
    let value = found.step(at, name)?;
    if found.tree.is_tagged(value) {
        found.leave_once(value, "it carries a tag of YAML");
        return None;
    }
    found.tree.said(value)
}

fn pod_of(found: &mut Found<'_, '_>, at: At, version: &str, kind: &str) -> Option<At> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let known = |(groups, own, _): &&(&[&str], &str, &str)| *own == kind && groups.contains(&group);
    let (_, _, way) = WORKLOADS.iter().find(known)?;
    found.steps_below(at, way)
}

fn containers(found: &mut Found<'_, '_>, pod: At) {
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in found.list(pod, list) {
            found.image(container);
        }
    }
    for volume in found.list(pod, "volumes") {
        let Some(image) = found.step(volume, "image") else { continue };
        if let Some(reference) = found.step(image, "reference") {
            found.word(reference);
        }
    }
}
