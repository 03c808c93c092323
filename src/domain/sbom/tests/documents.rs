//! What well-meant documents say.

use super::{
    super::{Component, Counts, Hash, Property, Reference},
    BEACON, ENIX, HOSTILE, SPDX, Sbom, cyclonedx, find, names, problems,
};

#[test]
fn attested_documents_are_counted_as_they_are() {
    for (document, format, tool, created, counts) in [
        (ENIX, "CycloneDX 1.6", "syft 1.44.0", "2026-05-06T09:14:02Z", [72, 71, 72, 3]),
        (BEACON, "CycloneDX 1.6", "lamplist 0.3.1", "2026-11-22T15:22:17Z", [92, 165, 91, 10]),
        (HOSTILE, "CycloneDX 1.6", "syft 1.44.0", "2026-05-06T09:14:02Z", [84, 74, 73, 3]),
        (SPDX, "SPDX 2.3", "lab", "2026-05-06T09:14:02Z", [71, 70, 71, 0]),
    ] {
        let sbom = Sbom::parse(document.as_bytes()).unwrap();
        let [components, edges, purls, licences] = counts;
        assert_eq!(sbom.counts(), Counts { components, edges, purls, licences });
        assert_eq!((sbom.format(), sbom.tool()), (format, Some(tool)));
        assert_eq!(sbom.created(), Some(created));
        assert_eq!(sbom.len(), components);
    }
}

#[test]
fn honest_documents_have_no_problems() {
    for document in [ENIX, BEACON, SPDX] {
        assert_eq!(problems(&Sbom::parse(document.as_bytes()).unwrap()), [""; 0]);
    }
}

#[test]
fn a_component_keeps_all_that_is_said_of_it() {
    let sbom = cyclonedx(
        r#""components":[{"type":"library","bom-ref":"x","group":"g","name":"n","version":"1",
        "purl":"pkg:a/n@1","cpe":"cpe:2.3:a","description":"d\u0041","publisher":"p","author":"a",
        "supplier":{"name":"s"},"scope":"optional",
        "licenses":[{"license":{"id":"MIT","name":"label"}},{"license":{"name":"own"}},
                    {"expression":"A OR B","acknowledgement":"declared"}],
        "hashes":[{"alg":"SHA-256","content":"00ff"}],"evidence":{"x": 1},
        "externalReferences":[{"type":"vcs","url":"https://example.com"}],
        "properties":[{"name":"k","value":"v"},{"name":"k"},{"value":"nameless"}]}]"#,
    )
    .unwrap();
    let (_, part) = find(&sbom, "n");
    let detail = part.detail();
    let texts = [
        part.group(),
        part.version(),
        part.purl(),
        part.cpe(),
        detail.description.as_deref(),
        detail.publisher.as_deref(),
        part.supplier(),
        part.kind(),
        part.bom_ref(),
        detail.scope.as_deref(),
    ];
    let want = ["g", "1", "pkg:a/n@1", "cpe:2.3:a", "dA", "p", "s", "library", "x", "optional"];
    assert_eq!(texts.map(Option::unwrap_or_default), want);
    assert_eq!(part.licences().collect::<Vec<_>>(), ["MIT", "own", "A OR B"]);
    assert_eq!(part.hashes().collect::<Vec<_>>(), ["00ff"]);
    assert_eq!(detail.hashes, [Hash { algorithm: "SHA-256".into(), value: "00ff".into() }]);
    let reference = Reference { kind: "vcs".into(), locator: "https://example.com".into() };
    assert_eq!(detail.references, [reference]);
    let property = |name: &str, value: &str| Property { name: name.into(), value: value.into() };
    assert_eq!(detail.properties, [property("k", "v"), property("k", "")]);
    assert_eq!((detail.evidence.as_deref(), detail.left_out), (Some(r#"{"x": 1}"#), 1));
}

#[test]
fn nested_components_follow_their_container_and_the_subject_is_none_of_them() {
    let sbom = cyclonedx(
        r#""metadata":{"component":{"name":"root","components":[{"name":"r1"}]}},
        "components":[{"name":"a","components":[{"name":"b","components":[{"name":"c"}]},
        {"name":"d"}]},{"name":"e"}]"#,
    )
    .unwrap();
    assert_eq!(sbom.root().map(Component::name), Some("root"));
    assert_eq!(names(&sbom), ["r1", "a", "b", "c", "d", "e"]);
    assert_eq!(sbom.contents_of(None).collect::<Vec<_>>(), [Some(0)]);
    assert_eq!(sbom.contents_of(1).collect::<Vec<_>>(), [Some(2), Some(4)]);
    assert_eq!(sbom.counts().edges, 0);
}

#[test]
fn dependencies_are_known_from_both_ends() {
    let sbom = Sbom::parse(BEACON.as_bytes()).unwrap();
    let (application, part) = find(&sbom, "github.com/lighthouse-demo/beacon");
    assert_eq!(part.bom_ref(), Some("c0"));
    assert_eq!(sbom.dependencies_of(None).next(), Some(Some(application)));
    assert_eq!(sbom.dependents_of(application).collect::<Vec<_>>(), [None]);
    assert_eq!(sbom.dependencies_of(application).len(), 26);
    let (hash, _) = find(&sbom, "github.com/cespare/xxhash/v2");
    assert!(sbom.dependents_of(hash).any(|by| by == Some(application)));
    assert_eq!(sbom.dependencies_of(u32::MAX).len(), 0);
}

#[test]
fn an_edge_is_a_distinct_pair_even_where_it_leads_nowhere() {
    let sbom = cyclonedx(
        r#""components":[{"name":"a","bom-ref":"a"},{"name":"b","bom-ref":"b"}],
        "services":[{"bom-ref":"s","name":"service"}],
        "dependencies":[{"ref":"a","dependsOn":["b","b","gone","s","urn:cdx:x/1#y"]},
        {"ref":"a","dependsOn":["b"]},{"ref":"b","dependsOn":["b"]}]"#,
    )
    .unwrap();
    assert_eq!(sbom.counts().edges, 5);
    assert_eq!(sbom.dependencies_of(0).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(sbom.dependencies_of(1).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(
        problems(&sbom),
        [
            r#"dependencies: "a" depends on "gone", which is not in the document"#,
            r#"dependencies: "b" depends on itself"#,
        ]
    );
}

#[test]
fn spdx_says_dependencies_in_both_directions() {
    let package = |id: &str| format!(r#"{{"SPDXID":"{id}","name":"{id}"}}"#);
    let related = |from: &str, kind: &str, to: &str| {
        format!(
            r#"{{"spdxElementId":"{from}","relationshipType":"{kind}","relatedSpdxElement":"{to}"}}"#
        )
    };
    let document = format!(
        r#"{{"spdxVersion":"SPDX-2.2","name":"doc","documentDescribes":["a"],"packages":[{}],
        "files":[{{"SPDXID":"f"}}],"relationships":[{}]}}"#,
        ["a", "b", "c"].map(package).join(","),
        [
            related("a", "DEPENDS_ON", "b"),
            related("c", "BUILD_DEPENDENCY_OF", "b"),
            related("b", "DEPENDENCY_OF", "a"),
            related("a", "CONTAINS", "f"),
            related("a", "DEPENDS_ON", "NONE"),
            related("c", "CONTAINED_BY", "a"),
            related("c", "GENERATED_FROM", "b"),
        ]
        .join(","),
    );
    let sbom = Sbom::parse(document.as_bytes()).unwrap();
    assert_eq!((sbom.format(), sbom.counts().edges), ("SPDX 2.2", 2));
    assert_eq!(sbom.root().map(Component::name), Some("doc"));
    assert_eq!(sbom.contents_of(None).collect::<Vec<_>>(), [Some(0)]);
    assert_eq!(sbom.dependencies_of(0).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(sbom.dependencies_of(1).collect::<Vec<_>>(), [Some(2)]);
    assert_eq!(sbom.contents_of(0).collect::<Vec<_>>(), [Some(2)]);
    assert_eq!(problems(&sbom), [""; 0]);
}

#[test]
fn a_search_finds_what_holds_every_word_whatever_its_case() {
    let sbom = cyclonedx(
        r#""components":[
        {"name":"k8s.io/client-go","version":"v0.36.0","licenses":[{"license":{"id":"Apache-2.0"}}]},
        {"group":"@angular","name":"core","purl":"pkg:npm/%40angular/core@17","bom-ref":"r-17"},
        {"name":"ΟΔΟΣ","cpe":"cpe:2.3:a:İx"},
        {"name":"go","version":"1"}]"#,
    )
    .unwrap();
    for (query, hits) in [
        ("", vec![0, 1, 2, 3]),
        ("  ", vec![0, 1, 2, 3]),
        ("client-go", vec![0]),
        ("CLIENT apache", vec![0]),
        ("apache client", vec![0]),
        ("go", vec![0, 3]),
        ("go go", vec![0, 3]),
        ("@angular/core", vec![1]),
        ("R-17", vec![1]),
        ("core angular 17", vec![1]),
        ("οδος", vec![]),
        ("οδοσ", vec![2]),
        ("ΟΔΟΣ", vec![2]),
        ("οδο", vec![2]),
        ("i̇X", vec![2]),
        ("client core", vec![]),
        ("gov", vec![]),
        ("nothing", vec![]),
    ] {
        assert_eq!(sbom.search(query), hits, "{query:?}");
    }
}

#[test]
fn a_search_equals_looking_into_every_component() {
    let sbom = Sbom::parse(BEACON.as_bytes()).unwrap();
    for query in ["e", "go", "github", "pkg:golang", "v1", "bsd-3", "otel", "deb/", "zzz", "c1"] {
        let slowly = (0_u32..).zip(sbom.components()).filter(|(_, c)| {
            let texts = [Some(c.name()), c.version(), c.purl(), c.bom_ref()];
            let mut texts = texts.into_iter().flatten().chain(c.licences());
            texts.any(|text| text.to_lowercase().contains(query))
        });
        assert_eq!(sbom.search(query), slowly.map(|(i, _)| i).collect::<Vec<_>>(), "{query}");
    }
}
