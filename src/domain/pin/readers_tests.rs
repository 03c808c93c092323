//! Files that readers do not read alike: nothing of them is a place, and nothing is silent.

use super::{
    Document,
    document_tests::{assert_all, left, places, read},
};

/// The places of a file, and what is left alone and open.
fn assert_read(text: &str, all: &[&str], alone: &[&str]) {
    let document = read("x.yaml", text);
    assert_all(text, "places", &places(&document), all);
    assert_all(text, "left alone", &left(&document), alone);
    let closed = document.left_alone().iter().filter(|left| !left.open).count();
    assert_eq!(closed, 0, "{text}\n{:?}", document.left_alone());
}

#[test]
fn what_an_anchor_repeats_is_left_alone() {
    const WHY: &str = "1 good: it is repeated elsewhere by an anchor";
    for (text, alone) in [
        (
            "a: {image: &i {repository: good, tag: v1}}\nb: {image: {<<: *i, tag: v2}}\n",
            &[WHY, "2 *i: what is merged in"][..],
        ),
        ("a: &a {image: {repository: good, tag: v1}}\nb: *a\n", &[WHY]),
        ("a: &a [{b: {image: {repository: good, tag: v1}}}]\nb: {<<: *a}\n", &[WHY]),
        ("a: &a {image: 'good'}\nb: *a\n", &["1 'good': it is repeated"]),
        ("image: &i {repository: good, tag: v1}\nb: {image: *i}\n", &[WHY, "2 *i: an alias"]),
    ] {
        assert_read(text, &[], alone);
    }
    // Nobody uses this one.
    assert_read("image: &i {repository: a, tag: v1}\n", &["1 docker.io/library/a:v1"], &[]);
}

fn pod(container: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nspec: {{containers: [{container}]}}\n")
}

#[test]
fn what_is_merged_in_may_name_another_image() {
    for merged in ["<<: {image: b:1}", "\"<<\": {image: b:1}", "<<: [{image: b:1}]"] {
        let text = pod(&format!("{{image: a:1, {merged}}}"));
        assert_read(&text, &[], &["3 a:1: what is merged into it may"]);
        let text = format!("services: {{s: {{image: a:1, {merged}}}}}\n");
        assert_read(&text, &[], &["1 a:1: what is merged into it may"]);
        let text = format!("image: {{repository: a, tag: v1, {merged}}}\n");
        assert!(places(&read("x", &text)).is_empty() && open("x", &text).contains(&true), "{text}");
        let text = format!("images: [{{name: a, newTag: v1, {merged}}}]\n");
        assert_read(&text, &[], &["1 a: what is merged into it may"]);
    }
    let text = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{image: a:1}]\n  <<: {containers: [{image: b:1}]}\n";
    assert_read(text, &[], &["4 a:1: what is merged in above", "5 {containers: [{"]);
    let text = "x-b: &b {build: .}\nservices:\n  a: {<<: *b, image: 'a:1'}\n";
    assert_read(text, &[], &["3 'a:1': what is merged into it may"]);
    let text =
        "services:\n  b: {extends: {service: a}, image: 'b:1'}\n  c: {build: , image: 'c:1'}\n";
    assert_read(text, &["3 docker.io/library/c:1"], &["2 'b:1': what it extends"]);
}

#[test]
fn a_name_that_is_no_plain_text_may_be_any_name() {
    for name in ["*k ", "!!binary aW1hZ2U=", "!x y", "? [a]\n  ", "? {a: b}\n  "] {
        let text = format!("x: &k image\n{}", pod(&format!("{{image: a:1, {name}: b:1}}")));
        assert_read(&text, &[], &["4 a:1: a name beside it is no plain"]);
        let text = format!("x: &k image\n{}", pod(&format!("{{name: a, {name}: b:1}}")));
        let line = if name.starts_with('?') { 5 } else { 4 };
        assert_read(&text, &[], &[&format!("{line} b:1: its name is no plain text")]);
        let text = format!("x: &k y\n{}{name}: {{a: b}}\n", pod("{image: a:1}"));
        if !name.starts_with('?') {
            assert_read(&text, &[], &["4 a:1: a name above it is no plain"]);
        }
    }
    let text = "image:\n  &k repository: a\n  tag: v1\n  *k : b\n";
    assert_read(text, &[], &["2 a: a name beside it is no plain"]);
    let text = "x: &k image\ny: {*k : 'b:1'}\n";
    assert_read(text, &[], &["2 'b:1': its name is no plain text"]);
}

#[test]
fn nothing_on_the_way_to_an_image_is_silent() {
    for (text, alone) in [
        (
            "z: &k Pod\napiVersion: v1\nkind: *k\nspec: {containers: [{image: a}]}\n",
            &["3 *k: it stands behind an alias"][..],
        ),
        ("z: &k v1\nkind: Pod\napiVersion: *k\n", &["3 *k: it stands behind an alias"]),
        ("kind: Pod\n!!binary YXBpVmVyc2lvbg==: v1\n", &["2 v1: its name is no plain"]),
        ("apiVersion: v1\nkind: !!binary UG9k\n", &["2 !!binary UG9k: it carries a tag"]),
        ("kind: Pod\nkind: Pod\napiVersion: v1\n", &["1 Pod: a name stands", "2 Pod: a name"]),
        (
            "z: &c [{image: a}]\napiVersion: v1\nkind: Pod\nspec:\n  containers: *c\n",
            &["5 *c: it stands behind an alias"],
        ),
        (
            "z: &c {image: a}\napiVersion: v1\nkind: Pod\nspec:\n  containers: [*c]\n",
            &["5 *c: it stands behind an alias"],
        ),
        ("z: &c {}\napiVersion: v1\nkind: Pod\nspec: *c\n", &["4 *c: it stands behind an alias"]),
        (
            "apiVersion: v1\nkind: Pod\nspec: {}\nspec: {containers: [{image: a:1}]}\n",
            &["3 {}: a name stands twice above it", "4 {containers: [{"],
        ),
        (
            "apiVersion: v1\nkind: List\nitems: [1]\nitems: [2]\n",
            &["3 [1]: a name stands twice above it", "4 [2]: a name"],
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {}\nmetadata: {}\nspec: {containers: [{image: a:1}]}\n",
            &["5 a:1: a name stands twice above it"],
        ),
        ("x-a: &s {image: a}\nservices: {a: *s}\n", &["2 *s: it stands behind an alias"]),
    ] {
        assert_read(text, &[], alone);
    }
}

#[test]
fn kustomize_takes_names_of_any_case() {
    const WHY: &str = "Kustomize takes names of any case";
    for (text, alone) in [
        ("images: [{name: a, newName: b, newTag: v1, newname: c}]\n", format!("1 b: {WHY}")),
        ("images: [{name: a, newtag: v1}]\n", format!("1 a: {WHY}")),
        ("images: [{Name: a, newTag: v1}]\n", format!("1 a: {WHY}")),
        ("images: [{name: a, newTag: v1, digeſt: x}]\n", format!("1 a: {WHY}")),
        ("kind: Kustomization\nImages: [{name: a, newTag: v1}]\n", format!("2 a: {WHY}")),
        ("images: [{name: a, newTag: v1}]\nIMAGES: []\n", format!("1 a: {WHY}")),
        ("z: &i []\nkind: Kustomization\nimages: *i\n", "3 *i: it stands behind".to_owned()),
    ] {
        assert_read(text, &[], &[alone.as_str()]);
    }
}

fn open(name: &str, text: &str) -> Vec<bool> {
    let document: Document = read(name, text);
    document.left_alone().iter().map(|left| left.open).collect()
}

#[test]
fn what_may_be_deployed_and_is_not_known_is_open() {
    let upper = "a@sha256:2D711642B726B04401627CA9FBAC32F5C8530FB1903CC4DB02258717921A4881";
    for image in ["[a]", "!!str a:1", "\"a\\x3a1\"", "A:1", "a:1, image: b:1", upper, "12"] {
        let all = open("x", &pod(&format!("{{image: {image}}}")));
        assert!(!all.is_empty() && all.iter().all(|open| *open), "{image}");
    }
    for image in ["'{{ .x }}'", "$X", "'a:${B}'"] {
        assert_eq!(open("x", &pod(&format!("{{image: {image}}}"))), [false], "{image}");
    }
    for (name, text, wanted) in [
        ("x", "services: {a: {build: ., image: 'a:1'}}\n", false),
        ("x", "image: {repository: a}\n", false),
        ("x", "image: {repository: a, tag: 1.10}\n", true),
        ("x", "image: a\n", false),
        ("x", "global: {imageRegistry: x.io}\nimage: {repository: a, tag: v1}\n", true),
        ("x", "global: {<<: {}}\nimage: {repository: a, tag: v1}\n", true),
        ("x", "images: [{name: a, newName: b}]\n", false),
        ("x", "images: [{name: a, newTag: v1, tagSuffix: b}]\n", true),
        ("x", "{{ if }}\n image: a:1\n", false),
        ("Dockerfile", "FROM scratch\n", false),
        ("Dockerfile", "FROM $A\n", false),
        ("Dockerfile", "FROM \"a:1\"\n", true),
        ("Dockerfile", "FROM A:1\n", true),
        ("Dockerfile", "# syntax=a\n", false),
    ] {
        assert_eq!(open(name, text), [wanted], "{text}");
    }
}

#[test]
fn images_in_other_places_are_seen() {
    for (text, wanted) in [
        ("on: push\njobs: {a: {runs-on: x, services: {b: 'evil:1'}}}\n", "evil:1"),
        ("services: {a: {image: 'b@', volumes: [{type: image, source: nginx}]}}\n", "nginx"),
        ("services: {a: {build: {dockerfile_inline: FROM nginx}}}\n", "FROM nginx"),
        (
            "services: {a: {build: {additional_contexts: {b: 'docker-image://nginx'}}}}\n",
            "docker-image://nginx",
        ),
        (
            "services: {a: {build: {additional_contexts: ['b=docker-image://nginx']}}}\n",
            "b=docker-image://nginx",
        ),
    ] {
        let document = read("x", text);
        assert!(document.looked_like().iter().any(|like| like.written == wanted), "{text}");
    }
}
