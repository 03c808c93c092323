//! What was not read is never "not in it": which problems hide something, and which do not.

use super::{
    super::{Query, Sbom, SbomError},
    cyclonedx,
};

const CDX: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","#;
const SPDX: &str = r#"{"spdxVersion":"SPDX-2.3","name":"d","SPDXID":"SPDXRef-DOCUMENT","#;
const SPDX3: &str = r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","#;
const TAGS: &str = "SPDXVersion: SPDX-2.3\nDocumentName: d\nPackageName: zlib\n";
const XML: &str = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>"#;

fn read(document: &str) -> Sbom {
    Sbom::parse(document).unwrap_or_else(|e| panic!("{e}: {document}"))
}

#[test]
fn what_was_skipped_hides_something_and_what_only_looks_odd_does_not() {
    // What stands before, the rest of the document, how many entries were not read.
    for (head, rest, unread) in [
        (CDX, r#""components":{"x":{"name":"log4j"}}}"#, 1),
        (CDX, r#""components":[{"name":"zlib"},"log4j",["log4j"],{"name":{"v":"log4j"}}]}"#, 4),
        (CDX, r#""components":[{"name":"log4j","name":"other"}]}"#, 1),
        (CDX, r#""components":[{"name":"zlib","components":{"name":"log4j"}}]}"#, 1),
        (CDX, r#""components":[{"name":"zlib","licenses":["MIT"]}]}"#, 1),
        (CDX, r#""components":[{"name":"zlib","version":1.10}]}"#, 1),
        (CDX, r#""components":[{"Name":"log4j"}]}"#, 1),
        (CDX, r#""spdxVersion":"SPDX-2.3","components":[{"name":"zlib"}],"packages":[]}"#, 1),
        (CDX, r#""components":[{"name":"zlib","version":2},null,{"purl":"pkg:npm/a@1"}]}"#, 0),
        (CDX, r#""components":[{"name":"zlib"}],"components":[{"name":"b"}]}"#, 0),
        (CDX, r#""components":[],"dependencies":{},"services":7}"#, 0),
        (CDX, r#""components":[],"dependencies":[{"ref":"a","dependsOn":["b",["c"]]},3]}"#, 0),
        (SPDX, r#""packages":[{"name":"zlib"},{"name":"log4j","name":"log4j"}]}"#, 1),
        (SPDX, r#""packages":[{"name":"zlib"}],"packages":{"x":{"name":"log4j"}}}"#, 1),
        (SPDX, r#""packages":[{"name":"zlib"},["log4j"],{"name":["log4j"]}]}"#, 3),
        (SPDX, r#""packages":[{"name":"zlib","checksums":["x"]}]}"#, 1),
        (SPDX, r#""packages":[{"name":"zlib"}],"components":[{"name":"log4j"}]}"#, 1),
        (SPDX, r#""files":[{"fileName":"./log4j.jar"}]}"#, 1),
        (SPDX, r#""packages":[{"name":"a"}],"files":[{"fileName":"./log4j.jar"}]}"#, 0),
        (SPDX, r#""packages":[{"name":"a"}],"relationships":[7,{"spdxElementId":[]}]}"#, 0),
        (SPDX3, r#""type":"software_Package","spdxId":"b","name":"log4j"}"#, 1),
        (SPDX3, r#""@graph":{"type":"software_Package","spdxId":"b","name":"log4j"}}"#, 1),
        (SPDX3, r#""@graph":[{"type":"software_Package","name":"log4j","name":"a"}]}"#, 1),
        (SPDX3, r#""@graph":[[{"type":"software_Package","name":"log4j"}]]}"#, 1),
        (
            SPDX3,
            r#""@graph":[{"type":"Bundle","spdxId":"q","element":[{"type":"software_Package"}]}]}"#,
            1,
        ),
        (TAGS, "PackageName log4j\nPackageVersion: 2\n", 1),
        (TAGS, "PackageVersion: 1\nPackageVersion: 2\n", 1),
        (TAGS, "Relationship a DESCRIBES b\nRelationship: a DEPENDS_ON\nSPDXID: SPDXRef-a", 0),
        (XML, "<component><name>&l;</name></component></components></bom>", 1),
        (XML, "<component><name>a</name></component></components></bom><bom/>", 1),
        (XML, "<thing/></components></bom>", 1),
        (XML, "<component><name>a</name></component></components></bom>", 0),
    ] {
        let sbom = read(&format!("{head}{rest}"));
        assert_eq!(sbom.unread(), unread, "{rest}: {:?}", sbom.problems());
        assert_eq!(sbom.doubt().is_some(), unread > 0, "{rest}");
        let hiding = sbom.problems().iter().filter(|problem| problem.hides).count();
        assert_eq!(hiding, unread, "{rest}");
    }
}

#[test]
fn more_problems_than_are_listed_are_all_counted() {
    let skipped = vec!["3"; super::super::MAX_PROBLEMS + 5].join(",");
    let sbom = read(&format!("{CDX}\"components\":[{skipped}]}}"));
    assert_eq!(sbom.unread(), super::super::MAX_PROBLEMS + 5);
}

#[test]
fn a_text_that_is_cut_off_is_left_out_and_a_line_that_is_none_is_not() {
    for rest in ["PackageComment: <text>cut here", "PackageNam", "SPDXID: SPDXRef-a\nPackag"] {
        let sbom = read(&format!("{TAGS}{rest}"));
        assert!(matches!(sbom.left_out(), Some(SbomError::Malformed(_))), "{rest}");
        assert!(sbom.doubt().unwrap().starts_with("not read to its end"), "{rest}");
    }
    assert_eq!(read(&format!("{TAGS}a line\n")).left_out(), None);
}

#[test]
fn another_major_version_of_cyclonedx_is_not_read() {
    for document in [
        r#"{"bomFormat":"CycloneDX","specVersion":"2.0","blueprint":{}}"#.to_owned(),
        r#"{"bomFormat":"CycloneDX","specVersion":"99","elements":[]}"#.to_owned(),
        XML.replace("1.5", "2.0") + "<component/></components></bom>",
    ] {
        let error = Sbom::parse(document.as_str()).unwrap_err();
        assert!(matches!(&error, SbomError::Unsupported(what) if what.starts_with("CycloneDX ")));
    }
    // A version of which nobody knows what is new in it.
    let newer = read(r#"{"bomFormat":"CycloneDX","specVersion":"1.9","components":[]}"#);
    assert_eq!(newer.unread(), 1);
}

#[test]
fn where_a_version_contradicts_its_purl_only_what_holds_for_both_is_known() {
    let document = |version: &str, purl: &str| {
        let part = format!(r#"{{"name":"a","version":"{version}","purl":"{purl}"}}"#);
        cyclonedx(&format!(r#""components":[{part}]"#)).unwrap()
    };
    let lie = document("0.40", "pkg:npm/a@0.30");
    for (query, hits, undecided) in [
        ("version:<0.33", 0, 1),
        ("version:>=0.33", 0, 1),
        ("!version:<0.33", 0, 1),
        ("version:<0.50", 1, 0),
        ("version:<0.2", 0, 0),
    ] {
        let found = lie.find(&Query::parse(query));
        assert_eq!((found.components.len(), found.undecided()), (hits, undecided), "{query}");
    }
    let problem = lie.problems().first().unwrap();
    let words = r#"its version is "0.40" and its purl "pkg:npm/a@0.30""#;
    assert!(problem.message.contains(words), "{}", problem.message);
    assert!(!problem.hides);
    for (version, purl, contradicted) in [
        ("v1.2.0", "pkg:npm/a@1.2", false),
        ("1.0+A", "pkg:golang/a@v1.0%2Ba", false),
        ("(devel)", "pkg:golang/a@%28devel%29", false),
        ("2.0-1", "pkg:deb/debian/a@1%3A2.0-1?arch=amd64", false),
        ("1:2.0-1", "pkg:rpm/a@2.0-1?epoch=1#x", false),
        ("1:2.0-1", "pkg:deb/debian/a@2:2.0-1", true),
        ("2.0", "pkg:rpm/a@2.0-1.el9", false),
        ("4.1", "pkg:oci/a@sha256:00", false),
        ("4.1", "pkg:github/a/b@0123456789abcdef0123456789abcdef01234567", false),
        ("go1.24.6", "pkg:golang/stdlib@1.24.6", false),
        ("1", "pkg:npm/a", false),
        ("1", "pkg:npm/a@", false),
        ("1.2.3", "pkg:pypi/a@1.2.4", true),
    ] {
        let sbom = document(version, purl);
        assert_eq!(sbom.problems().len(), usize::from(contradicted), "{version} {purl}");
    }
    // dpkg and rpm: an epoch that stands only in the purl, however it is written there.
    for purl in ["pkg:deb/d/a@1%3A2.0-1", "pkg:deb/d/a@2.0-1?EPOCH=1", "pkg:rpm/a@2.0-1?epoch=%31"]
    {
        let found = document("2.0-1", purl).find(&Query::parse("version:>=3"));
        assert_eq!(found.components, [0], "{purl}");
    }
}
