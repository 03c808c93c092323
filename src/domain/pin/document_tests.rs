//! What is a place, what is left alone, and what only looks like an image.

use std::sync::Arc;

use super::*;

const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(super) fn read(name: &str, text: &str) -> Document {
    Document::read(name, &Arc::from(text.as_bytes())).unwrap()
}

fn yaml(text: &str) -> Document {
    read("file.yaml", &text.replace("DIGEST", D))
}

pub(super) fn places(document: &Document) -> Vec<String> {
    document.places().iter().map(|p| format!("{} {}", p.line, p.reference)).collect()
}

pub(super) fn left(document: &Document) -> Vec<String> {
    let line = |l: &LeftAlone| format!("{} {}: {}", l.line, l.written, l.why);
    document.left_alone().iter().map(line).collect()
}

fn looked(document: &Document) -> Vec<String> {
    document.looked_like().iter().map(|l| format!("{} {}", l.line, l.written)).collect()
}

/// Whether something of each wanted begin stands there, and nothing else.
pub(super) fn assert_all(text: &str, what: &str, got: &[String], wanted: &[&str]) {
    let fits = got.len() == wanted.len() && got.iter().zip(wanted).all(|(g, w)| g.starts_with(w));
    assert!(fits, "{what} of\n{text}\nare {got:#?}\nnot {wanted:#?}");
}

fn pod(group: &str, kind: &str, way: &str, body: &str) -> String {
    let mut text = format!("apiVersion: {group}\nkind: {kind}\n");
    let mut indent = 0;
    for name in way.split('.') {
        text.push_str(&format!("{}{name}:\n", " ".repeat(indent)));
        indent += 2;
    }
    for line in body.lines() {
        text.push_str(&format!("{}{line}\n", " ".repeat(indent)));
    }
    text
}

#[test]
fn every_workload_of_kubernetes_is_known_by_its_group_and_kind() {
    let body = "containers:\n- name: a\n  image: a:1\n- image: b\ninitContainers:\n- image: c:1\n\
                ephemeralContainers: [{image: d:1}]\nvolumes:\n- image: {reference: e:1}\n";
    for (group, kind, way) in [
        ("v1", "Pod", "spec"),
        ("v1", "PodTemplate", "template.spec"),
        ("v1", "ReplicationController", "spec.template.spec"),
        ("apps/v1", "Deployment", "spec.template.spec"),
        ("extensions/v1beta1", "Deployment", "spec.template.spec"),
        ("apps/v1", "StatefulSet", "spec.template.spec"),
        ("apps/v1", "DaemonSet", "spec.template.spec"),
        ("apps/v1", "ReplicaSet", "spec.template.spec"),
        ("batch/v1", "Job", "spec.template.spec"),
        ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec"),
    ] {
        let document = yaml(&pod(group, kind, way, body));
        let names: Vec<_> = document.places().iter().map(|p| p.written.as_str()).collect();
        assert_eq!(
            (document.kind(), names),
            (Kind::Kubernetes, vec!["a:1", "b", "c:1", "d:1", "e:1"])
        );
    }
    let foreign = yaml(&pod("serving.knative.dev/v1", "Deployment", "spec.template.spec", body));
    assert_eq!((foreign.kind(), foreign.places().len()), (Kind::Kubernetes, 0));
    assert_all("", "looks", &looked(&foreign), &["8 a:1", "11 c:1", "12 d:1"]);
}

#[test]
fn lists_and_several_documents_are_read_to_their_end() {
    let text = "# first\napiVersion: v1\nkind: List\nitems:\n\
        - apiVersion: v1\n  kind: List\n  items:\n\
        \x20 - {apiVersion: v1, kind: Pod, spec: {containers: [{image: a:1}]}}\n\
        - {apiVersion: v1, kind: Pod, spec: {containers: [{image: \"b:1\"}]}}\n\
        ---\n---\napiVersion: apps/v1\nkind: DeploymentList\nitems:\n\
        - spec: {template: {spec: {containers: [{image: 'c:1'}]}}}\n\
        ---\napiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n...\n";
    let all = ["8 docker.io/library/a:1", "9 docker.io/library/b:1", "15 docker.io/library/c:1"];
    assert_all(text, "places", &places(&yaml(text)), &all);
}

/// A table of documents: kind, places, what is left alone, what looks like an image.
pub(super) type Row<'t> = (&'t str, Kind, &'t [&'t str], &'t [&'t str], &'t [&'t str]);

pub(super) fn assert_rows(rows: &[Row<'_>]) {
    for (text, kind, all, alone, like) in rows {
        let document = yaml(text);
        assert_eq!(document.kind(), *kind, "{text}");
        assert_all(text, "places", &places(&document), all);
        assert_all(text, "left alone", &left(&document), alone);
        assert_all(text, "looks", &looked(&document), like);
    }
}

const OTHERS: &[Row<'_>] = &[
    (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- name: a\n  newName: quay.io/b/c\n  newTag: v1\n- {name: d, newTag: '2'}\n- {name: e, digest: DIGEST}\n",
        Kind::Kustomize,
        &["5 quay.io/b/c:v1", "7 docker.io/library/d:2", "8 docker.io/library/e@sha"],
        &[],
        &[],
    ),
    (
        "images:\n- name: a\n  newTag: 1.10\n- name: b\n  newName: c\n",
        Kind::Kustomize,
        &[],
        &["2 a: newTag: YAML", "5 c: no newTag"],
        &[],
    ),
    (
        "services:\n  a:\n    image: redis:7\n  b:\n    build: .\n    image: me/b:1\n  c: {image: \"nginx:${TAG:-1}\"}\n  d: {image: \"x:$$\"}\nx-y: &y {image: quay.io/a/b:1}\n",
        Kind::Compose,
        &["3 docker.io/library/redis:7"],
        &[
            "6 me/b:1: the name for what is built",
            "7 \"nginx:${TAG:-1}\": a variable",
            "8 \"x:$$\": a variable",
        ],
        &["9 quay.io/a/b:1"],
    ),
    (
        "services:\n  a: &a\n    image: redis:7\n  b:\n    <<: *a\n    command: x\n  c:\n    <<: *a\n    image: b:1\n",
        Kind::Compose,
        &[],
        &[
            "3 redis:7: it is repeated elsewhere by an anchor",
            "5 *a: what is merged in here",
            "9 b:1: what is merged into it",
        ],
        &[],
    ),
    (
        "on: push\njobs:\n  a:\n    runs-on: x\n    container: node:20\n    services: {db: {image: 'postgres:16'}}\n    steps:\n    - uses: actions/checkout@v4\n    - uses: docker://ghcr.io/a/b:1\n    - uses: docker://${{ x }}\n  b: {runs-on: y, container: {image: \"${{ matrix.i }}\"}}\n",
        Kind::Workflow,
        &["5 docker.io/library/node:20", "6 docker.io/library/postgres:16", "9 ghcr.io/a/b:1"],
        &["10 docker://${{ x }}: a template", "11 \"${{ matrix.i }}\": a template"],
        &[],
    ),
    (
        "runs:\n  using: docker\n  image: docker://alpine:3\n",
        Kind::Workflow,
        &["3 docker.io/library/alpine:3"],
        &[],
        &[],
    ),
    (
        "runs:\n  using: docker\n  image: Dockerfile\n",
        Kind::Workflow,
        &[],
        &["3 Dockerfile: a Dockerfile"],
        &[],
    ),
    (
        "kind: Component\nimages: [{name: a, newTag: v1}]\n",
        Kind::Kustomize,
        &["2 docker.io/library/a:v1"],
        &[],
        &[],
    ),
    (
        "images: [{name: a, newTag: v1, tagSuffix: x}]\n",
        Kind::Kustomize,
        &[],
        &["1 a: tagSuffix"],
        &[],
    ),
    (
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: a:1}]}\nspec: {}\n",
        Kind::Kubernetes,
        &[],
        &["3 {containers: [", "4 {}: a name stands twice"],
        &["3 a:1"],
    ),
    ("kind: pipeline\nsteps:\n- image: golang:1.22\n", Kind::Other, &[], &[], &["3 golang:1.22"]),
    ("stages: [a]\nb: {image: ruby:3, script: [x]}\n", Kind::Other, &[], &[], &["2 ruby:3"]),
    ("- a\n- quay.io/a/b:1\n", Kind::Other, &[], &[], &["2 quay.io/a/b:1"]),
    ("", Kind::Other, &[], &[], &[]),
];

#[test]
fn other_files_are_told_by_what_they_hold() {
    assert_rows(OTHERS);
}

#[test]
fn what_cannot_be_edited_in_place_is_left_alone_and_says_why() {
    for (image, why) in [
        ("image: *x", "an alias"),
        ("image: &y a:1\n  stdin: *y", "it is anchored"),
        ("image: !Ref a:1", "it carries a tag"),
        ("image: !!str a:1", "it carries a tag"),
        ("image: |\n    a:1", "it is written as a block"),
        ("image: >-\n    a:1", "it is written as a block"),
        ("image: \"a\\x3a1\"", "it has escapes"),
        ("image: 'a:''1'", "it has escapes"),
        ("image: \"a:\\\n    1\"", "it goes over several lines"),
        ("image: Library/A:1", "not a reference: repository names are lower case"),
        ("image: a:1@md5:d41d8cd98f00b204e9800998ecf8427e", "its digest is not one"),
        ("image: a:1@sha256:12", "its digest is not one"),
        ("image: {{ .Values.image }}", "a template"),
        ("image: '{{ .Values.image }}:1'", "a template"),
        ("image: a:{{ .tag }}", "a template"),
        ("image: $IMAGE", "a variable"),
        ("image: a:${TAG}", "a variable"),
        ("image: a:$(TAG)", "a variable"),
        ("image: a:%TAG%", "a variable"),
        ("image: 12", "YAML reads it as a number"),
        ("image: [a]", "it is not text"),
        ("image: a:1\n  image: b:1", "a name stands twice"),
    ] {
        let text = format!(
            "x: &x b:1\napiVersion: v1\nkind: Pod\nspec:\n containers:\n - name: x\n   {}\n",
            image.replace('\n', "\n ")
        );
        let document = yaml(&text);
        assert!(document.places().is_empty(), "{text}");
        let got = document.left_alone().first().unwrap_or_else(|| panic!("{text}"));
        assert!(got.why.starts_with(why) && got.line == 7, "{text}\n{got:?}");
    }
    let anchored = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: &i a:1}]}\n";
    assert_eq!(yaml(anchored).places().len(), 1);
}

#[test]
fn a_template_names_its_images_and_what_is_no_yaml_is_refused() {
    let text = "{{- if .x }}\nkind: Pod\nspec:\n  - image: {{ .r }}:{{ .t }}\n    x: y\n{{- end }}\n  initImage: a:1\n";
    let document = yaml(text);
    assert_eq!(document.kind(), Kind::Template);
    assert_all(text, "left alone", &left(&document), &["4 - image: {{ .r }}", "7 initImage: a:1"]);
    for (bytes, why) in [
        (&b"a: [b\n"[..], "not YAML"),
        (b"a: b\n  c: d\n", "not YAML"),
        (b"a: \xff", "not UTF-8"),
        ("a: b\n# c\u{2028}image: x:1\n".as_bytes(), "line 2: U+2028 ends a line for some"),
        (&b"[".repeat(1000), "not YAML"),
        (&vec![b' '; MAX_FILE_BYTES + 1], "4194305 bytes, more than 4 MiB"),
    ] {
        let error = Document::read("x", &Arc::from(bytes)).unwrap_err();
        assert!(error.0.starts_with(why), "{error}");
    }
}

#[test]
fn anchors_that_double_themselves_cost_what_they_are_written() {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for n in 1..64 {
        text.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
    }
    text.push_str("loop: &l {self: *l}\nimage: {repository: a, tag: v1}\n");
    assert_eq!(yaml(&text).places().len(), 1);
}
