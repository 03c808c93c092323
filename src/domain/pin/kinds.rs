//! Which files are which, and where each kind names its images.

use std::ops::Range;

use super::{
    Kind, LeftAlone,
    found::{DOCKER, Found, left_alone},
    helm, kubernetes, kustomize, scalar,
    tree::{At, Tree},
    why::Why,
};

/// The top-level names of a Compose file (Compose specification, "Compose file"); others begin with
/// `x-`.
const COMPOSE: [&str; 9] = [
    "version", "name", "services", "networks", "volumes", "configs", "secrets", "include", "models",
];

/// Reads one document and says what it is.
pub(super) fn read(found: &mut Found<'_, '_>, nodes: Range<At>) -> Kind {
    let (tree, root) = (found.tree, nodes.start);
    if !tree.is_map(root) {
        return Kind::Other;
    }
    if kustomize::is_one(tree, root) {
        kustomize::read(found, root);
        Kind::Kustomize
    } else if kubernetes::is_one(tree, root) {
        kubernetes::read(found, root)
    } else if is_compose(tree, root) {
        compose(found, root);
        Kind::Compose
    } else if is_workflow(tree, root) {
        workflow(found, root);
        Kind::Workflow
    } else if tree.get(root, "runs").is_some_and(|runs| tree.get(runs, "using").is_some()) {
        action(found, root);
        Kind::Workflow
    } else if is_another(tree, root) {
        Kind::Other
    } else {
        helm::read(found, nodes)
    }
}

/// What looks like an image where nobody knows what stands there.
pub(super) fn looked_like(found: &Found<'_, '_>) -> Vec<LeftAlone> {
    let tree = found.tree;
    let mut all = vec![];
    for at in 0..tree.len() {
        let Some(text) = tree.text_of(at) else { continue };
        if found.is_claimed(at) || tree.is_name(at) || text.len() > 1024 {
            continue;
        }
        let named = tree.name_of(at).is_some_and(is_image_name);
        // `--image=quay.io/x:1`, as operators take it.
        let flag = text.strip_prefix('-').and_then(|rest| rest.split_once('=')).map(|(_, v)| v);
        let fixed = |text: &str| {
            scalar::reference(text).is_ok_and(|r| r.tag.is_some() || r.digest.is_some())
        };
        let plain = text.strip_prefix(DOCKER).or(flag).unwrap_or(text);
        let known = scalar::looks_like_an_image(plain) || (named && fixed(plain));
        if known || is_elsewhere(tree, at, text) {
            let why = Why::decided("nothing says that it is an image");
            // A whole Dockerfile is shown on one line.
            let line = text.trim().replace('\n', " ");
            all.push(left_alone(tree.line(at), &line, why));
        }
    }
    all
}

/// Images in other places of Compose and of workflows: volumes of `type: image`, Dockerfiles and
/// contexts of a `build`, services that are one word.
fn is_elsewhere(tree: &Tree<'_>, at: At, text: &str) -> bool {
    let Some(holder) = tree.parent(at) else { return false };
    let nothing = text.is_empty();
    let mounted =
        || tree.name_of(at) == Some("source") && tree.said_at(holder, "type") == Some("image");
    let inline = || tree.name_of(at) == Some("dockerfile_inline");
    let service = || {
        tree.is_map(holder)
            && tree.name_of(holder) == Some("services")
            && scalar::reference(text).is_ok()
    };
    !nothing && (text.contains("docker-image://") || mounted() || inline() || service())
}

/// `image`, `sidecarImage`.
pub(super) fn is_image_name(name: &str) -> bool {
    name == "image" || name.ends_with("Image")
}

fn is_compose(tree: &Tree<'_>, root: At) -> bool {
    let known = |name: &str| COMPOSE.contains(&name) || name.starts_with("x-");
    let services = tree.get(root, "services").is_some_and(|at| tree.is_map(at));
    services && tree.pairs(root).iter().all(|(n, _)| tree.text_of(*n).is_some_and(known))
}

fn compose(found: &mut Found<'_, '_>, root: At) {
    let tree = found.tree;
    for service in found.values(root, "services") {
        let image = tree.get(service, "image").filter(|at| tree.doubt(*at).is_none());
        let at = |name: &str| tree.get(service, name).filter(|at| !is_nothing(tree, *at));
        match (image, at("build"), at("extends")) {
            (Some(image), Some(build), _) if tree.is_alias(build) => {
                found.leave(image, "whether it is built here stands behind an alias");
            }
            // Compose build specification: beside `build`, `image` names what is built.
            (Some(image), Some(_), _) => {
                found.leave(image, Why::decided("the name for what is built here"));
            }
            (Some(image), None, Some(_)) => {
                found.leave(image, "what it extends may say that it is built, or name another one");
            }
            _ => found.image(service),
        }
    }
}

fn is_nothing(tree: &Tree<'_>, at: At) -> bool {
    tree.text_of(at).is_some() && tree.said(at).is_none()
}

/// `jobs` with jobs in it, as GitHub knows them; GitLab and `CircleCI` have `script` and `docker`.
fn is_workflow(tree: &Tree<'_>, root: At) -> bool {
    let Some(jobs) = tree.get(root, "jobs").filter(|at| tree.is_map(*at)) else { return false };
    let job = |at: At| ["runs-on", "uses"].iter().any(|name| tree.get(at, name).is_some());
    tree.get(root, "on").is_some() || tree.pairs(jobs).iter().any(|(_, at)| job(*at))
}

fn workflow(found: &mut Found<'_, '_>, root: At) {
    for job in found.values(root, "jobs") {
        match found.step(job, "container") {
            Some(at) if found.tree.is_map(at) => found.image(at),
            Some(at) => found.word(at),
            None => {}
        }
        for service in found.values(job, "services") {
            found.image(service);
        }
        steps(found, job);
    }
}

fn steps(found: &mut Found<'_, '_>, holder: At) {
    for step in found.list(holder, "steps") {
        if let Some(uses) = found.step(step, "uses") {
            docker(found, uses);
        }
    }
}

fn docker(found: &mut Found<'_, '_>, at: At) {
    if found.tree.text_of(at).is_some_and(|text| text.starts_with(DOCKER)) {
        found.word_behind(at, DOCKER);
    }
}

fn action(found: &mut Found<'_, '_>, root: At) {
    let Some(runs) = found.step(root, "runs") else { return };
    steps(found, runs);
    let Some(image) = found.step(runs, "image") else { return };
    if found.tree.text_of(image).is_some_and(|text| text.starts_with(DOCKER)) {
        docker(found, image);
    } else if found.tree.said(image).is_some() {
        found.leave(image, Why::decided("a Dockerfile that is built"));
    }
}

/// Files of others that have an `image:` too and are not values of a chart: `kind: pipeline` of
/// Drone, `pool:` of Azure, `pipelines:` of Bitbucket, `stages:` and jobs with a `script:` of GitLab, `orbs:` and `jobs:` of `CircleCI`, schemas.
fn is_another(tree: &Tree<'_>, root: At) -> bool {
    let names = [
        "kind",
        "apiVersion",
        "stages",
        "orbs",
        "jobs",
        "steps",
        "pool",
        "pipelines",
        "openapi",
        "swagger",
        "$schema",
    ];
    let script =
        |at: At| ["script", "steps"].iter().any(|n| !tree.items(tree.get(at, n)).is_empty());
    names.iter().any(|name| tree.get(root, name).is_some())
        || tree.pairs(root).iter().any(|(_, at)| script(*at))
}
