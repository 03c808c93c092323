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

/// Reads one object; a list of objects may hold lists.
pub(super) fn read(found: &mut Found<'_, '_>, root: At) -> Kind {
    let tree = found.tree;
    let mut waiting = vec![(root, None)];
    while let Some((at, typed)) = waiting.pop() {
        let own = (tree.said_at(at, "apiVersion"), tree.said_at(at, "kind"));
        // "kind" of the items of a typed list is what the list says where they do not.
        let Some((version, kind)) = own.0.zip(own.1).or(typed) else { continue };
        let items = tree.items(tree.get(at, "items"));
        if let (Some(of), false) = (kind.strip_suffix("List"), items.is_empty()) {
            let typed = (!of.is_empty()).then_some((version, of));
            waiting.extend(items.iter().rev().map(|item| (*item, typed)));
            continue;
        }
        if let Some(pod) = pod_of(tree, at, version, kind) {
            containers(found, pod);
        }
    }
    Kind::Kubernetes
}

fn pod_of(tree: &Tree<'_>, at: At, version: &str, kind: &str) -> Option<At> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let known = |(groups, own, _): &&(&[&str], &str, &str)| *own == kind && groups.contains(&group);
    let (_, _, way) = WORKLOADS.iter().find(known)?;
    tree.below(at, way)
}

fn containers(found: &mut Found<'_, '_>, pod: At) {
    let tree = found.tree;
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in tree.items(tree.get(pod, list)) {
            found.image(*container);
        }
    }
    for volume in tree.items(tree.get(pod, "volumes")) {
        let Some(image) = tree.get(*volume, "image") else { continue };
        if let Some(reference) = tree.get(image, "reference") {
            found.word(image, reference);
        }
    }
}
