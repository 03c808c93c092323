//! What broken and malicious documents do: be refused in words, or show what can be shown.

use super::{
    super::{MAX_DOCUMENT_BYTES, MAX_NESTING, MAX_PROBLEMS},
    HOSTILE, Sbom, SbomError, cyclonedx, names, problems,
};

#[test]
fn what_is_not_read_says_why() {
    for (document, error) in [
        ("", "not an SBOM: the document is empty"),
        (" \n", "not an SBOM: the document is empty"),
        ("{}", "not an SBOM: a JSON object without bomFormat and spdxVersion"),
        ("[]", "not an SBOM: neither JSON nor XML nor SPDX tag-value"),
        ("null", "not an SBOM: neither JSON nor XML nor SPDX tag-value"),
        (r#"{"bomFormat":"Other"}"#, r#"not an SBOM: its bomFormat is "Other""#),
        (r#"{"bomFormat":1}"#, r#"not an SBOM: its bomFormat is "1""#),
        (r#"{"spdxVersion":"SPDX-3.0"}"#, "SPDX-3.0 JSON documents are not read yet"),
        (
            r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}"#,
            "SPDX 3 JSON-LD documents are not read yet",
        ),
        (
            r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>"#,
            "CycloneDX XML documents are not read yet",
        ),
        ("<html/>", "not an SBOM: an XML document of another kind"),
        ("SPDXVersion: SPDX-2.3", "SPDX tag-value documents are not read yet"),
        ("# x\nspdxVersion: SPDX-2.3", "SPDX YAML documents are not read yet"),
        (r#"{"a":"#, "the document cannot be read: EOF while parsing a value at line 1 column 5"),
        (
            "{\"bomFormat\":\"CycloneDX\",\n\"components\":[",
            "the document cannot be read: EOF while parsing a list at line 2 column 14",
        ),
        (
            r#"{"bomFormat":"CycloneDX"} {}"#,
            "the document cannot be read: trailing characters at line 1 column 27",
        ),
    ] {
        assert_eq!(Sbom::parse(document.as_bytes()).unwrap_err().to_string(), error, "{document}");
    }
    let cut = Sbom::parse(b"{\"bomFormat\":\"CycloneDX\xff\"}").unwrap_err();
    assert_eq!(cut, SbomError::Malformed("no UTF-8 text at byte 23".to_owned()));
    let large = vec![b' '; MAX_DOCUMENT_BYTES + 1];
    assert_eq!(Sbom::parse(&large), Err(SbomError::TooLarge(MAX_DOCUMENT_BYTES + 1)));
}

#[test]
fn a_byte_order_mark_is_no_content() {
    let marked = "\u{feff} {\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.2\"}";
    assert_eq!(Sbom::parse(marked.as_bytes()).unwrap().format(), "CycloneDX 1.2");
}

#[test]
fn a_bad_entry_is_listed_and_the_rest_is_shown() {
    let sbom = cyclonedx(
        r#""components":["text",{"name":"a","version":1.5,"licenses":[{"license":"MIT"},
        {"license":{"id":"ISC"}}],"hashes":"none"},null,{"name":["b"],"components":{}},
        {"name":"c","supplier":3,"purl":null,"version":""}],
        "dependencies":[{"ref":"c"},{"dependsOn":["c"]},7,{"ref":"c","dependsOn":"d"}]"#,
    )
    .unwrap();
    assert_eq!(names(&sbom), ["a", "", "c"]);
    assert_eq!(sbom.counts().licences, 1);
    let parts = sbom.components();
    assert_eq!((parts[0].version.as_deref(), parts[2].version.as_deref()), (Some("1.5"), None));
    let expected = [
        "components[0]: a string instead of a component; not shown",
        "components[1].version: a number instead of a string; read as 1.5",
        "components[1].licenses[0]: not read: ",
        "components[1].hashes: a string instead of an array; not read",
        "components[2]: null instead of a component; not shown",
        "components[3].name: an array instead of a string; not read",
        "components[3].components: an object instead of an array; not read",
        "components[3]: a component without a name",
        "components[4].supplier: not read: ",
        "dependencies[1]: no ref; not read",
        "dependencies[2]: a number; not read",
        "dependencies[3].dependsOn: a string instead of an array; not read",
    ];
    let found = problems(&sbom);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} / {expected}");
    }
}

#[test]
fn what_two_readers_could_read_differently_is_a_problem() {
    for (members, problem) in [
        (
            r#""components":[{"name":"a","name":"b"}]"#,
            "components[0].name: stands twice; readers differ in which one they take",
        ),
        (
            r#""components":[{"name":"a","bom-ref":"x"},{"name":"b","bom-ref":"x"}]"#,
            "components[1]: the reference \"x\" is already taken; dependencies are those of the first",
        ),
        (
            r#""spdxVersion":"SPDX-2.3","packages":[]"#,
            ": the document also says that it is SPDX; read as CycloneDX",
        ),
        (
            r#""specVersion":"9.9""#,
            "specVersion: stands twice; readers differ in which one they take",
        ),
    ] {
        let sbom = cyclonedx(members).unwrap();
        assert_eq!(problems(&sbom).first().map(String::as_str), Some(problem), "{members}");
    }
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| {
        let (open, close) = (r#""components":[{"name":"x","#, "}]");
        format!("{}\"version\":\"1\"{}", open.repeat(depth), close.repeat(depth))
    };
    assert_eq!(cyclonedx(&nested(MAX_NESTING + 1)).unwrap().components().len(), MAX_NESTING + 1);
    assert_eq!(cyclonedx(&nested(MAX_NESTING + 2)), Err(SbomError::TooDeep));
    assert_eq!(cyclonedx(&nested(10_000)), Err(SbomError::TooDeep));
    // Depth in what is not read costs nothing, and in a wrong type only its own value.
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(cyclonedx(&format!(r#""x":{deep}"#)).unwrap().problems(), []);
    let sbom = cyclonedx(&format!(r#""components":[{{"name":{deep},"version":"1"}}]"#)).unwrap();
    assert_eq!(sbom.components()[0].version.as_deref(), Some("1"));
}

#[test]
fn problems_are_listed_up_to_a_limit_and_counted_beyond() {
    let many = vec!["0"; MAX_PROBLEMS + 5].join(",");
    let sbom = cyclonedx(&format!(r#""components":[{many}]"#)).unwrap();
    assert_eq!(sbom.problems().len(), MAX_PROBLEMS + 1);
    assert_eq!(problems(&sbom).last().unwrap(), ": 5 more problems are not listed");
}

#[test]
fn long_foreign_text_stays_whole_in_components_and_short_in_problems() {
    let long = "x".repeat(1_000_000);
    let sbom = cyclonedx(&format!(
        r#""components":[{{"name":"{long}","bom-ref":"{long}"}},{{"name":"b","bom-ref":"{long}"}}]"#
    ))
    .unwrap();
    assert_eq!(sbom.components()[0].name.len(), 1_000_000);
    assert!(problems(&sbom)[0].len() < 300);
}

#[test]
fn texts_are_kept_as_they_stand_escapes_and_all() {
    let sbom = Sbom::parse(HOSTILE.as_bytes()).unwrap();
    assert!(sbom.components().iter().any(|c| c.name.contains('\u{1b}')));
    assert!(sbom.components().iter().any(|c| c.name.contains('\u{202e}')));
}
