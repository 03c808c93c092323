//! What is written, byte by byte.

use std::sync::Arc;

use super::*;

const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const OLD: &str = "sha256:a3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn read(name: &str, text: &str) -> Document {
    Document::read(name, &Arc::from(text.as_bytes())).unwrap()
}

fn pin(place: usize, tag: Option<&str>, proved: bool) -> Pin {
    let tag = tag.map(|tag| Tag::parse(tag).unwrap());
    Pin { place, tag, digest: D.parse().unwrap(), proved }
}

/// All places of a file pinned.
fn all(name: &str, text: &str, tag: Option<&str>, proved: bool) -> Result<String, EditError> {
    let document = read(name, text);
    let pins: Vec<Pin> = (0..document.places().len()).map(|n| pin(n, tag, proved)).collect();
    assert!(!pins.is_empty(), "nothing to pin in\n{text}");
    document.pinned(&pins).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// `D` and `OLD` stand for digests, and `!!` for the comment.
fn full(text: &str) -> String {
    text.replace("OLD", OLD).replace("NEW", D).replace("!!", NOT_PROVED)
}

/// Pinned as wanted, and pinned again without a change.
fn assert_pinned(name: &str, text: &str, wanted: &str, tag: Option<&str>, proved: bool) {
    let (text, wanted) = (full(text), full(wanted));
    let got = all(name, &text, tag, proved).unwrap_or_else(|e| panic!("{e} of\n{text}"));
    assert!(got == wanted, "{text:?}\nbecame {got:?}\nnot {wanted:?}");
    let again = all(name, &got, tag, proved).unwrap();
    assert!(again == got, "{got:?}\nbecame {again:?} when it was done again");
}

/// A value under `image` of a container.
fn pod(image: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nspec: # x\n  containers:\n  - {image}\n    name: a # y\n")
}

#[test]
fn a_digest_is_put_behind_what_is_written() {
    for (was, is) in [
        ("image: nginx", "image: nginx@NEW"),
        ("image: nginx:1.25", "image: nginx:1.25@NEW"),
        ("image: \"nginx:1.25\"   ", "image: \"nginx:1.25@NEW\"   "),
        ("image: 'GHCR.io/a/b:1'  # c", "image: 'GHCR.io/a/b:1@NEW'  # c"),
        ("image: index.docker.io/a:1@OLD", "image: index.docker.io/a:1@NEW"),
        ("image: a@OLD", "image: a@NEW"),
        ("image: localhost:5000/a", "image: localhost:5000/a@NEW"),
        ("image: localhost:5000/a:1", "image: localhost:5000/a:1@NEW"),
        ("image: '[::1]:5000/a:1'", "image: '[::1]:5000/a:1@NEW'"),
        ("image: &i   a:1", "image: &i   a:1@NEW"),
        ("image:    a:1\t", "image:    a:1@NEW\t"),
        ("\"image\" : a:1", "\"image\" : a:1@NEW"),
        ("image:\t\ta:1 # :\tx", "image:\t\ta:1@NEW # :\tx"),
        ("image:\n      a:1", "image:\n      a:1@NEW"),
    ] {
        assert_pinned("x", &pod(was), &pod(is), None, true);
        let crlf = |text: &str| format!("\u{feff}{}", pod(text).replace('\n', "\r\n"));
        assert_pinned("x", &crlf(was), &crlf(is), None, true);
        let cut = |text: &str| pod(text).trim_end_matches('\n').to_owned() + " é";
        assert_pinned("x", &cut(was), &cut(is), None, true);
        let foreign = |text: &str| format!("# {}\n---\n{}", "日本é".repeat(99), pod(text));
        assert_pinned("x", &foreign(was), &foreign(is), None, true);
    }
}

#[test]
fn a_tag_is_replaced_or_put_in_where_one_is_asked_for() {
    for (was, is) in [
        ("image: nginx", "image: nginx:4.1@NEW"),
        ("image: nginx:1.25", "image: nginx:4.1@NEW"),
        ("image: \"h:5/nginx:1.25@OLD\"", "image: \"h:5/nginx:4.1@NEW\""),
        ("image: h:5/nginx@OLD", "image: h:5/nginx:4.1@NEW"),
    ] {
        assert_pinned("x", &pod(was), &pod(is), Some("4.1"), true);
    }
}

#[test]
fn flow_maps_and_json_stay_what_they_are() {
    for (was, is) in [
        (
            "[{image: a:1,name: x}, {name: b ,image: b }]",
            "[{image: a:1@NEW,name: x}, {name: b ,image: b@NEW }]",
        ),
        (
            "[{\"image\":\"a:1\",\n \"name\": 'y'}] # z",
            "[{\"image\":\"a:1@NEW\",\n \"name\": 'y'}] # z",
        ),
        ("[image: a:1]", "[image: a:1@NEW]"),
    ] {
        let pod = |c: &str| format!("{{apiVersion: v1, kind: Pod, spec: {{containers: {c}\n}}}}\n");
        assert_pinned("x", &pod(was), &pod(is), None, true);
    }
    let json = |i: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\n\t\"n\":\t1,\"kind\":\t\"Pod\",\n\t\"spec\":{{\"containers\":[{{\"image\":\"{i}\"}}]}}}}"
        )
    };
    assert_pinned("x", &json("a:1"), &json("a:1@NEW"), None, true);
    let error = all("x", &json("a:1"), None, false).unwrap_err();
    assert!(error.0.starts_with("JSON has no comments"), "{error}");
    let values = "{\"image\": {\"repository\": \"a\", \"tag\": \"v1\"}}";
    let pinned = "{\"image\": {\"repository\": \"a\", \"tag\": \"v1\", \"digest\": \"NEW\"}}";
    assert_pinned("x", values, pinned, None, true);
}

#[test]
fn the_digest_of_a_chart_stands_beside_its_tag() {
    for (was, is) in [
        (
            "image:\n  repository: a\n  tag: v1 # c\n  x: y\n",
            "image:\n  repository: a\n  tag: v1 # c\n  digest: \"NEW\"\n  x: y\n",
        ),
        (
            "image:\r\n    tag: 'v1'\r\n    repository: a",
            "image:\r\n    tag: 'v1'\r\n    digest: \"NEW\"\r\n    repository: a",
        ),
        (
            "image:\n  repository: a\n  tag: v1",
            "image:\n  repository: a\n  tag: v1\n  digest: \"NEW\"",
        ),
        (
            "l:\n-   tag: v1\n    repository: a\n",
            "l:\n-   tag: v1\n    digest: \"NEW\"\n    repository: a\n",
        ),
        (
            "image:\n  repository: a\n  tag: v1\n  digest: \"\"\n",
            "image:\n  repository: a\n  tag: v1\n  digest: \"NEW\"\n",
        ),
        (
            "image:\n  repository: a\n  tag: v1\n  digest: '' # c\n",
            "image:\n  repository: a\n  tag: v1\n  digest: 'NEW' # c\n",
        ),
        (
            "image:\n  repository: a\n  digest:  # c\n  tag: v1\n",
            "image:\n  repository: a\n  digest: \"NEW\"  # c\n  tag: v1\n",
        ),
        (
            "image:\n  repository: a\n  tag: v1\n  digest:",
            "image:\n  repository: a\n  tag: v1\n  digest: \"NEW\"",
        ),
        (
            "image:\n  repository: a\n  tag: v1\n  digest: ~\n",
            "image:\n  repository: a\n  tag: v1\n  digest: \"NEW\"\n",
        ),
        (
            "image:\n  repository: a\n  tag: v1\n  digest: OLD\n",
            "image:\n  repository: a\n  tag: v1\n  digest: NEW\n",
        ),
        ("image: {repository: a, tag: v1}\n", "image: {repository: a, tag: v1, digest: \"NEW\"}\n"),
        (
            "image: {repository: a, tag: v1, digest: }\n",
            "image: {repository: a, tag: v1, digest: \"NEW\" }\n",
        ),
        (
            "image: {tag: 'v1' , repository: a}\n",
            "image: {tag: 'v1', digest: \"NEW\" , repository: a}\n",
        ),
        ("image:\n  repository: a\n  tag: v1@OLD\n", "image:\n  repository: a\n  tag: v1@NEW\n"),
        ("image: quay.io/a/b:1\n", "image: quay.io/a/b:1@NEW\n"),
        (
            "image:\n  repository: a\n  tag: v1 # c\n\n# d\nx: y\n",
            "image:\n  repository: a\n  tag: v1 # c\n  digest: \"NEW\"\n\n# d\nx: y\n",
        ),
    ] {
        assert_pinned("x", was, is, None, true);
    }
}

#[test]
fn a_tag_of_a_chart_is_text_without_its_suffix() {
    for (was, is, tag) in [
        (
            "image:\n  repository: a\n  tag: v1\n",
            "image:\n  repository: a\n  tag: \"1.10\"\n  digest: \"NEW\"\n",
            "1.10",
        ),
        (
            "image:\n  repository: a\n  tag: 'v1'\n",
            "image:\n  repository: a\n  tag: '1.10'\n  digest: \"NEW\"\n",
            "1.10",
        ),
        (
            "image:\n  repository: a\n  tag: v1\n  tagSuffix: -b\n",
            "image:\n  repository: a\n  tag: v2\n  digest: \"NEW\"\n  tagSuffix: -b\n",
            "v2-b",
        ),
        (
            "image:\n  repository: a\n  digest: OLD\n",
            "image:\n  repository: a\n  digest: NEW\n  tag: \"v2\"\n",
            "v2",
        ),
        (
            "image:\n  repository: a\n  tag: ''\n  digest: OLD\n",
            "image:\n  repository: a\n  tag: 'v2'\n  digest: NEW\n",
            "v2",
        ),
        (
            "image: {repository: a, tag: , digest: OLD}\n",
            "image: {repository: a, tag: \"v2\" , digest: NEW}\n",
            "v2",
        ),
        (
            "image:\n  repository: a\n  tag: v1@OLD\n",
            "image:\n  repository: a\n  tag: v2@NEW\n",
            "v2",
        ),
    ] {
        assert_pinned("x", was, is, Some(tag), true);
    }
    let suffixed = "image: {repository: a, tag: v1, tagSuffix: -b}\n";
    assert!(all("x", suffixed, Some("v2"), true).unwrap_err().0.contains("tagSuffix"));
}

#[test]
fn kustomize_keeps_its_tag_beside_the_digest() {
    let head = "images:\n";
    for (was, is) in [
        ("- name: a\n  newTag: v1\n", "- name: a\n  newTag: v1\n  digest: NEW\n"),
        ("  - newTag: \"1\"\n    name: a\n", "  - newTag: \"1\"\n    digest: NEW\n    name: a\n"),
        ("- {name: a, newTag: v1}\n", "- {name: a, newTag: v1, digest: NEW}\n"),
        ("- digest: OLD\n  name: a\n", "- digest: NEW\n  name: a\n"),
    ] {
        assert_pinned("x", &format!("{head}{was}"), &format!("{head}{is}"), None, true);
    }
}

#[test]
fn what_nobody_vouches_for_is_marked_once_and_until_it_is_proved() {
    let cases: Vec<(&str, String, String)> = vec![
        ("x", pod("image: a:1"), pod("image: a:1@NEW !!")),
        ("x", pod("image: 'a:1'  "), pod("image: 'a:1@NEW'   !!")),
        ("x", pod("image: a:1 # c"), pod("image: a:1@NEW # c !!")),
        (
            "x",
            pod("image: a:1").replace('\n', "\r\n"),
            pod("image: a:1@NEW !!").replace('\n', "\r\n"),
        ),
        ("x", "image: a:1".into(), "image: a:1@NEW !!".into()),
        (
            "x",
            "a: {image: a:1, bImage: b:1}\n".into(),
            "a: {image: a:1@NEW, bImage: b:1@NEW} !!\n".into(),
        ),
        (
            "x",
            "image: {repository: a, tag: v1,\n  x: y}\n".into(),
            "image: {repository: a, tag: v1, digest: \"NEW\", !!\n  x: y}\n".into(),
        ),
        (
            "x",
            "i:\n  repository: a\n  tag: v1\n".into(),
            "i:\n  repository: a\n  tag: v1\n  digest: \"NEW\" !!\n".into(),
        ),
        (
            "x",
            "i:\n  repository: a\n  tag: v1\n  digest:\n".into(),
            "i:\n  repository: a\n  tag: v1\n  digest: \"NEW\" !!\n".into(),
        ),
        (
            "Dockerfile",
            "# escape=`\r\nFROM `\r\n a:1\r\n".into(),
            "# escape=`\r\n!!\r\nFROM `\r\n a:1@NEW\r\n".into(),
        ),
        ("Dockerfile", "FROM a:1".into(), "!!\nFROM a:1@NEW".into()),
        (
            "Dockerfile",
            "# c\n  RUN --mount=from=b:1,x=y --mount=from=c:1 true \\\n # d\n && x\n".into(),
            "# c\n!!\n  RUN --mount=from=b:1@NEW,x=y --mount=from=c:1@NEW true \\\n # d\n && x\n"
                .into(),
        ),
    ];
    for (name, was, is) in cases {
        assert_pinned(name, &was, &is, None, false);
        let proved = full(&is)
            .replace(&format!(" {NOT_PROVED}"), "")
            .replace(&format!("{NOT_PROVED}\r\n"), "");
        let proved = proved.replace(&format!("{NOT_PROVED}\n"), "");
        assert_eq!(all(name, &full(&is), None, true).unwrap(), proved, "{was}");
    }
}

#[test]
fn a_mark_stays_while_anything_on_its_line_is_unproved() {
    let text = full("a: {image: a:1@OLD, bImage: b:1@OLD} !!\n");
    let one = read("x", &text).pinned(&[pin(0, None, true)]).unwrap();
    assert_eq!(String::from_utf8(one).unwrap(), full("a: {image: a:1@NEW, bImage: b:1@OLD} !!\n"));
    let both = [pin(0, None, true), pin(1, None, false)];
    let both = read("x", &text).pinned(&both).unwrap();
    assert_eq!(String::from_utf8(both).unwrap(), full("a: {image: a:1@NEW, bImage: b:1@NEW} !!\n"));
}

#[test]
fn text_that_only_looks_like_the_mark_is_none() {
    for (name, was, is) in [
        ("x", "a: {image: a:1, b: \"!!\"}\n", "a: {image: a:1@NEW, b: \"!!\"} !!\n"),
        ("x", "a: {image: a:1, b: '!!' } # c\n", "a: {image: a:1@NEW, b: '!!' } # c !!\n"),
        (
            "Dockerfile",
            "FROM a:1\nRUN <<'!!'\n!!\nFROM b:1\n",
            "!!\nFROM a:1@NEW\nRUN <<'!!'\n!!\n!!\nFROM b:1@NEW\n",
        ),
    ] {
        assert_pinned(name, was, is, None, false);
        assert_eq!(
            all(name, &full(is), None, true).unwrap(),
            all(name, &full(was), None, true).unwrap()
        );
    }
}

#[test]
fn a_comment_is_not_written_into_text() {
    // The end of the line of the image is inside of a text.
    let text = "a: {image: a:1, b: \"c\n  d\"}\n";
    let error = all("x", text, None, false).unwrap_err();
    assert!(error.0.contains("no comment can stand"), "{error}");
    assert!(all("x", text, None, true).is_ok());
    let jsonc = "{\"image\": \"a:1\", x: y}\n";
    assert!(all("devcontainer.json", jsonc, None, false).is_err());
    assert!(all("x.yaml", jsonc, None, false).is_ok());
}

#[test]
fn a_dockerfile_changes_in_its_images_alone() {
    for (was, is) in [
        (
            "FROM a:1 AS b\nFROM b\nCOPY --from=b / /\nCOPY --from=c:1 / /\n",
            "FROM a:1@NEW AS b\nFROM b\nCOPY --from=b / /\nCOPY --from=c:1@NEW / /\n",
        ),
        ("\u{feff}from --platform=$P\ta:1@OLD\r\n", "\u{feff}from --platform=$P\ta:1@NEW\r\n"),
        ("FROM \\\n# c\n\n  a:1 \\\n  AS x", "FROM \\\n# c\n\n  a:1@NEW \\\n  AS x"),
        ("FROM a:1\nRUN <<E\nFROM b:1\nE\n", "FROM a:1@NEW\nRUN <<E\nFROM b:1\nE\n"),
    ] {
        assert_pinned("Dockerfile", was, is, None, true);
    }
    assert_pinned("Dockerfile", "FROM h:5/a\n", "FROM h:5/a:2@NEW\n", Some("2"), true);
    assert_pinned(
        "x",
        "on: x\njobs: {a: {runs-on: b, steps: [uses: 'docker://a:1']}}\n",
        "on: x\njobs: {a: {runs-on: b, steps: [uses: 'docker://a:2@NEW']}}\n",
        Some("2"),
        true,
    );
}

#[test]
fn pins_of_nothing_and_two_of_one_place_are_refused() {
    let document = read("x", "image: a:1\n");
    assert_eq!(document.pinned(&[]).unwrap(), b"image: a:1\n");
    assert!(document.pinned(&[pin(1, None, true)]).is_err());
    assert!(document.pinned(&[pin(0, None, true), pin(0, Some("2"), true)]).is_err());
}
