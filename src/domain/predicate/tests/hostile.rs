use crate::domain::predicate::{
    Family, Summary,
    tree::{MAX_TEXT, Room, TO_SHOW, Tree},
};

const ANY: &str = "https://example.test/any";

fn nodes(tree: &Tree) -> usize {
    1 + match tree {
        Tree::List { items, .. } => items.iter().map(nodes).sum(),
        Tree::Map { fields, .. } => fields.iter().map(|(_, value)| nodes(value)).sum(),
        _ => 0,
    }
}

#[test]
fn no_predicate_decides_how_much_is_kept_of_it() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let too_deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("[{}0]", "0,".repeat(1_000_000));
    let many = format!(
        "{{{}\"z\":0}}",
        (0..100_000).map(|i| format!("\"{i}\":{{}}")).collect::<Vec<_>>().join(",") + ","
    );
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(10_000_000));
    let texts = format!("[{}0]", format!("\"{}\",", "é".repeat(2000)).repeat(1000));
    for text in [&deep, &too_deep, &wide, &many, &long, &texts] {
        for kind in [ANY, "https://cyclonedx.org/bom", "https://openvex.dev/ns"] {
            let summary = Summary::of(kind, Some(text));
            let head = text.get(..10);
            assert!(summary.words().len() < 8_000, "{kind} {head:?}");
            assert!(summary.odd.len() <= 21, "{kind} {head:?}");
            let kept = summary.tree.as_deref().map_or(0, nodes);
            assert!(kept <= 2 * TO_SHOW.nodes + 1, "{kept} {kind} {head:?}");
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let room = Room { nodes: 10, text: 1000 };
    let list = Tree::read(&format!("[{}0]", "0,".repeat(99)), &[], room).unwrap();
    assert_eq!((list.items().len(), list.len()), (10, 100));
    let text = Tree::read(&format!("{:?}", "x".repeat(5000)), &[], TO_SHOW).unwrap();
    let text = text.text().unwrap();
    assert!(text.ends_with("…[5000 bytes]") && text.len() < MAX_TEXT + 32);
    let counted =
        Tree::read(r#"{"big":[1,2,{"a":3}],"b":{"big":[1]}}"#, &["big"], TO_SHOW).unwrap();
    assert_eq!(counted.get("big").map(|t| (t.items().len(), t.len())), Some((0, 3)));
    assert_eq!(counted.at(&["b", "big"]).map(|t| t.items().len()), Some(1));
}

#[test]
fn what_stands_behind_a_million_entries_is_still_read() {
    let list = format!("[{}{{}}]", "{},".repeat(1_000_000));
    for (kind, text, wanted) in [
        (
            "https://cyclonedx.org/bom",
            format!(
                r#"{{"bomFormat":"CycloneDX","components":{list},"metadata":{{"component":{{"name":"behind"}}}}}}"#
            ),
            ("subject", "behind"),
        ),
        (
            "https://cosign.sigstore.dev/attestation/vuln/v1",
            format!(
                r#"{{"scanner":{{"result":{list},"uri":"behind"}},"metadata":{{"scanFinishedOn":"f"}}}}"#
            ),
            ("finished", "f"),
        ),
        (
            "https://openvex.dev/ns",
            format!(r#"{{"statements":{list},"author":"behind"}}"#),
            ("statements", "1000001"),
        ),
    ] {
        let rows = super::rows(&Summary::of(kind, Some(&text)));
        assert!(rows.contains(&(wanted.0, wanted.1.to_owned())), "{kind} {rows:?}");
    }
}

#[test]
fn a_type_is_known_by_its_whole_name() {
    for (uri, known) in [
        ("https://spdx.dev/Document", true),
        ("https://spdx.dev/Document/v2.3", true),
        ("https://spdx.dev/DocumentX", false),
        ("https://cyclonedx.org/bom/v1.4", true),
        ("https://cyclonedx.org/bomb", false),
        ("https://openvex.dev/ns", true),
        ("https://openvex.dev/ns/v0.2.0", true),
        ("https://slsa.dev/provenance/v1.0?draft", true),
        ("https://slsa.dev/provenance/v9", false),
        ("cosign.sigstore.dev/attestation/v1", false),
        ("HTTPS://slsa.dev/provenance/v1", false),
        ("", false),
    ] {
        assert_eq!(Family::of(uri) != Family::Other, known, "{uri}");
    }
}
