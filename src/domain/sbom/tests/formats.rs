//! The same document in other formats says the same.

use std::collections::BTreeMap;

use super::{
    super::{Component, Counts, Hash, Property, Reference, SbomError},
    Sbom, cyclonedx, names, problems, seed,
};

fn read(name: &str) -> Sbom {
    Sbom::parse(seed(name)).unwrap()
}

/// Everything that the list shows, of every component and of the root.
fn said(sbom: &Sbom) -> Vec<Vec<String>> {
    let parts = sbom.root().into_iter().chain(sbom.components());
    let texts = |c: Component<'_>| {
        let optional =
            [c.group(), c.version(), c.purl(), c.cpe(), c.supplier(), c.kind(), c.bom_ref()];
        let mut all = vec![c.name().to_owned(), c.is_top().to_string()];
        all.extend(optional.map(|text| format!("{text:?}")));
        all.extend(c.licences().chain(c.hashes()).map(str::to_owned));
        all
    };
    parts.map(texts).collect()
}

fn graph(sbom: &Sbom) -> Vec<[Vec<Option<u32>>; 3]> {
    let places = (0..u32::try_from(sbom.len()).unwrap()).map(Some).chain([None]);
    let lists = |place| {
        [
            sbom.dependencies_of(place).collect(),
            sbom.dependents_of(place).collect(),
            sbom.contents_of(place).collect(),
        ]
    };
    places.map(lists).collect()
}

#[test]
fn twins_agree_in_everything_that_is_listed() {
    for (one, other) in [("twin.cdx.json", "twin.cdx.xml"), ("twin.spdx.json", "twin.spdx")] {
        let (one, other) = (read(one), read(other));
        assert_eq!(said(&one), said(&other));
        assert_eq!(graph(&one), graph(&other));
        assert_eq!(one.counts(), other.counts());
        let head =
            |s: &Sbom| [Some(s.format()), s.tool(), s.created()].map(|t| t.map(String::from));
        assert_eq!(head(&one), head(&other));
        assert_eq!(problems(&one).len(), problems(&other).len());
        for (one, other) in one.components().zip(other.components()) {
            let (one, mut other) = (one.detail(), other.detail());
            // SPDX lists places in the order in which they stand.
            let sorted = |all: &[Reference]| {
                all.iter().map(|r| (r.kind.clone(), r.locator.clone())).collect::<BTreeMap<_, _>>()
            };
            assert_eq!(sorted(&one.references), sorted(&other.references));
            other.references.clone_from(&one.references);
            assert_eq!(one, other);
        }
    }
}

#[test]
fn spdx_3_says_what_spdx_2_says() {
    let (two, three) = (read("twin.spdx.json"), read("twin.spdx3.json"));
    assert_eq!((three.format(), three.tool()), ("SPDX 3.0.1", Some("lab-1")));
    assert_eq!(three.created(), two.created());
    assert_eq!(three.counts(), Counts { components: 2, edges: 2, purls: 2, licences: 2 });
    assert_eq!(three.counts(), two.counts());
    assert_eq!(graph(&three), graph(&two));
    let texts = |sbom: &Sbom| {
        let of = |c: Component<'_>| {
            let mut all = vec![Some(c.name()), c.version(), c.purl(), c.cpe()];
            all.extend(c.licences().chain(c.hashes()).map(Some));
            all.into_iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
        };
        sbom.components().map(of).collect::<Vec<_>>()
    };
    assert_eq!(texts(&three), texts(&two));
    let part = three.component(0).unwrap();
    assert_eq!(part.supplier(), Some("Lab"));
    // What other elements say of a package is searched too.
    assert_eq!(three.search("apache-2.0"), [0]);
    let detail = part.detail();
    assert_eq!(detail.description.as_deref(), Some("first\nof all"));
    assert_eq!(detail.hashes, [Hash { algorithm: "sha256".into(), value: "00ff".into() }]);
    let kinds: Vec<_> = detail.references.iter().map(|r| r.kind.as_str()).collect();
    assert_eq!(kinds, ["vcs", "cpe23", "packageUrl", "download"]);
    assert_eq!(detail.references[0].locator, "https://example.test/vcs");
    assert_eq!(problems(&three).len(), 1, "{:?}", problems(&three));
}

#[test]
fn a_components_raw_text_is_its_piece_of_the_document() {
    for (name, part, starts, ends, lines) in [
        ("twin.cdx.xml", 0, "<x:component type='library' bom-ref='a'>", "</x:component>", 22),
        ("twin.cdx.xml", 1, "<x:component type=\"file\"", "inner</x:name></x:component>", 1),
        ("twin.spdx", 0, "PackageName: a & b\n", "of all</text>", 14),
        ("twin.spdx", 1, "PackageName: c\n", "pkg:generic/c@0.1", 5),
        ("twin.spdx3.json", 1, "{ \"type\": \"software_Package\"", "\"pkg:generic/c@0.1\" }", 1),
    ] {
        let sbom = read(name);
        let raw = sbom.component(part).unwrap().raw().unwrap();
        assert!(raw.starts_with(starts) && raw.ends_with(ends), "{name}: {raw}");
        assert_eq!(raw.lines().count(), lines, "{name}: {raw}");
        assert!(sbom.source().text().contains(raw));
    }
}

#[test]
fn details_of_xml_are_read_from_the_components_own_text() {
    let sbom = read("twin.cdx.xml");
    let detail = sbom.component(0).unwrap().detail();
    assert_eq!(detail.description.as_deref(), Some("first < of all"));
    assert_eq!(detail.hashes, [Hash { algorithm: "SHA-256".into(), value: "00ff".into() }]);
    let locator = "https://example.test/a?b=1&c=2".to_owned();
    assert_eq!(detail.references, [Reference { kind: "vcs".into(), locator }]);
    assert_eq!(detail.properties, [Property { name: "k".into(), value: "v".into() }]);
}

/// An XML document with these elements in it.
fn xml(inside: &str) -> Result<Sbom, SbomError> {
    let head = "<?xml version=\"1.0\"?>\n";
    Sbom::parse(format!("{head}<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">{inside}</bom>"))
}

#[test]
fn nothing_in_xml_is_expanded() {
    let laughs = "<!DOCTYPE bom [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">\
                  <!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
    let document = format!(
        "{laughs}<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>\
         <component bom-ref=\"&b;\"><name>&b;&x;</name></component></components></bom>"
    );
    let sbom = Sbom::parse(document).unwrap();
    assert_eq!(names(&sbom), ["&b;&x;"]);
    assert_eq!(sbom.component(0).unwrap().bom_ref(), Some("&b;"));
    assert_eq!(
        problems(&sbom),
        [
            ": a document type declaration; not read, and nothing is expanded",
            ": \"&b;\" is not replaced",
            ": \"&x;\" is not replaced",
        ]
    );
}

#[test]
fn broken_xml_is_read_as_far_as_it_goes() {
    let two = "<components><component><name>a</name></component><component><name>b";
    let stops = "the document cannot be read: </component> where </name> should stand at byte 138";
    for (inside, wanted, last) in [
        (
            format!("{two}</component></components>"),
            vec!["a", ""],
            format!(": not everything was read: {stops}"),
        ),
        (two.to_owned(), vec!["a", ""], String::new()),
        (
            "<components><component/><thing/></components>".to_owned(),
            vec![""],
            "components[1]: an element \"thing\" instead of a component; not shown".to_owned(),
        ),
        (
            "<components><component><name>a</name><name>b</name></component></components>".into(),
            vec!["b"],
            "components[0].name: stands twice; readers differ in which one they take".to_owned(),
        ),
        (
            "<components><component type='a' type='b'><name>x</name></component></components>"
                .into(),
            vec!["x"],
            "components[0]: the attribute \"type\" stands twice; the first holds".to_owned(),
        ),
        (
            "<components><component><name>AT&T &</name></component></components>".to_owned(),
            vec!["AT&T &"],
            String::new(),
        ),
        (
            "<components><c:component><name>a</name></c:component></components>".to_owned(),
            vec![],
            ": the prefix \"c\" is declared nowhere; not read".to_owned(),
        ),
        (
            "<components/><dependencies><dependency/></dependencies>".to_owned(),
            vec![],
            "dependencies: a dependency without ref; not read".to_owned(),
        ),
    ] {
        let sbom = xml(&inside).unwrap();
        assert_eq!(names(&sbom), wanted, "{inside}");
        let found = problems(&sbom).pop().unwrap_or_default();
        assert!(found == last || last.is_empty(), "{found}");
        let broken = inside.starts_with(two);
        assert_eq!(matches!(sbom.left_out(), Some(SbomError::Malformed(_))), broken, "{inside}");
    }
}

#[test]
fn nesting_in_xml_has_an_end() {
    let nested = |depth: usize| {
        let (open, close) = ("<components><component>", "</component></components>");
        format!("{}{}", open.repeat(depth), close.repeat(depth))
    };
    for (depth, read, left_out) in [(49, 49, None), (50, 49, Some(SbomError::TooDeep))] {
        let sbom = xml(&nested(depth)).unwrap();
        assert_eq!((sbom.len(), sbom.left_out()), (read, left_out.as_ref()), "{depth}");
    }
    let sbom = xml(&nested(500_000)).unwrap();
    assert_eq!((sbom.len(), sbom.left_out()), (49, Some(&SbomError::TooDeep)));
    assert_eq!(xml(&"<a>".repeat(1_000_000)), Err(SbomError::TooDeep));
    // Attributes and namespaces without end.
    let many = (0..100_000).map(|n| format!(" a{n}='1'")).collect::<Vec<_>>().concat();
    let sbom =
        xml(&format!("<components><component {many}><name>a</name></component></components>"));
    assert_eq!(names(&sbom.unwrap()), ["a"]);
    let many = (0..1000).map(|n| format!(" xmlns:a{n}='1'")).collect::<Vec<_>>().concat();
    assert!(matches!(xml(&format!("<components {many}/>")), Err(SbomError::Malformed(_))));
}

#[test]
fn xml_1_1_has_its_dependencies_in_a_namespace_of_their_own() {
    let sbom = Sbom::parse(
        "<bom xmlns='http://cyclonedx.org/schema/bom/1.1' \
         xmlns:dg='http://cyclonedx.org/schema/ext/dependency-graph/1.0'><components>\
         <component bom-ref='a'><name>a</name></component>\
         <component bom-ref='b'><name>b</name></component></components>\
         <dg:dependencies><dg:dependency ref='a'><dg:dependency ref='b'/></dg:dependency>\
         </dg:dependencies></bom>",
    )
    .unwrap();
    assert_eq!(sbom.format(), "CycloneDX 1.1");
    assert_eq!(sbom.dependencies_of(0).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(problems(&sbom), [""; 0]);
}

#[test]
fn broken_tag_value_is_read_line_by_line() {
    let sbom = Sbom::parse(
        "SPDXVersion: SPDX-9\nPackageName: a\nPackageVersion: 1\nno tag\n\
         PackageComment: <text>one\nPackageName: hidden\n</text>\nPackageVersion: 2\r\n\
         ExternalRef: x\nPackageChecksum: none\nRelationship: a DEPENDS_ON\n\
         PackageName:\nPackageDescription: <text>never closed\nPackageName: c",
    )
    .unwrap();
    assert_eq!(names(&sbom), ["a", "", "c"]);
    assert_eq!(sbom.component(0).unwrap().version(), Some("2"));
    let detail = sbom.component(1).unwrap().detail();
    assert_eq!(detail.description.as_deref(), Some("never closed"));
    assert_eq!(
        problems(&sbom),
        [
            "line[1]: the version \"SPDX-9\" is not one of SPDX-2.1 to SPDX-2.3",
            "line[4]: no tag and value: \"no tag\"; not read",
            "line[5]: a <text> that has a line `PackageName:` in it; no package is read there",
            "line[8]: PackageVersion stands twice; readers differ in which one they take",
            "line[9]: an external reference without a type; not read",
            "line[10]: a checksum without algorithm or value; not read",
            "line[11]: a relationship without its three words; not read",
            ": not everything was read: the document cannot be read: nothing closes the <text> of \
             line 13",
            "line[12]: a package without a name",
        ]
    );
}

#[test]
fn texts_that_nothing_closes_do_not_take_the_square_of_their_number() {
    let many = "PackageName: a\nPackageComment: <text>\n".repeat(100_000);
    let sbom = Sbom::parse(format!("SPDXVersion: SPDX-2.3\n{many}")).unwrap();
    assert_eq!(sbom.len(), 100_000);
}

#[test]
fn spdx_3_is_read_element_by_element() {
    let sbom = Sbom::parse(
        r#"{"@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld"],"@graph":[7,{"a":1},
        {"type":"https://spdx.org/rdf/3.0.1/terms/Software/Package","@id":"a","name":"a"},
        {"type":"ai_AIPackage","spdxId":"b","name":"b","suppliedBy":"https://example.test/x"},
        {"type":"Relationship","from":"a"},
        {"type":"Relationship","from":"a","relationshipType":"dependsOn","to":"b"},
        {"type":"Relationship","from":"a","relationshipType":"hasDeclaredLicense",
         "to":["https://spdx.org/licenses/MIT"]}]}"#,
    )
    .unwrap();
    assert_eq!(names(&sbom), ["a", "b"]);
    assert_eq!(sbom.dependencies_of(0).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(sbom.component(0).unwrap().licences().collect::<Vec<_>>(), ["MIT"]);
    assert_eq!(sbom.counts().licences, 1);
    assert_eq!(sbom.component(1).unwrap().supplier(), Some("https://example.test/x"));
    let found = problems(&sbom);
    let expected = [
        "@graph[0]: not read: ",
        "@graph[1]: an element without a type; not read",
        "@graph[4]: a relationship without from or relationshipType; not read",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} / {expected}");
    }
}

#[test]
fn an_unknown_version_is_a_problem_and_no_end() {
    let sbom =
        Sbom::parse(r#"{"bomFormat":"CycloneDX","specVersion":"1.1","components":[{"name":"a"}]}"#);
    assert_eq!(names(&sbom.unwrap()), ["a"]);
    let sbom = Sbom::parse("<bom xmlns='http://cyclonedx.org/schema/bom/1.9'/>").unwrap();
    assert_eq!(problems(&sbom), [": the namespace's version \"1.9\" is not one of 1.0 to 1.7"]);
    assert!(cyclonedx(r#""components":[]"#).unwrap().problems().is_empty());
}
