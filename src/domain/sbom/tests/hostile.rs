//! What broken and malicious documents do: be refused in words, or show what can be shown.

use super::{
    super::{Component, MAX_NESTING, MAX_PROBLEMS},
    HOSTILE, Sbom, SbomError, cyclonedx, names, problems,
};

#[test]
fn what_is_not_read_says_why() {
    for (document, error) in [
        ("", "not an SBOM: the document is empty"),
        (" \n", "not an SBOM: the document is empty"),
        (r#"{"a":1}"#, "not an SBOM: a JSON object without bomFormat and spdxVersion"),
        ("true", "not an SBOM: neither JSON nor XML nor SPDX tag-value"),
        (r#"{"bomFormat":"Other"}"#, r#"not an SBOM: its bomFormat is "Other""#),
        (r#"{"bomFormat":1}"#, r#"not an SBOM: its bomFormat is "1""#),
        (r#"{"spdxVersion":"SPDX-3.0"}"#, "SPDX-3.0 JSON documents are not read yet"),
        ("<bom/>", "not an SBOM: an XML document of another kind"),
        (
            r#"<bom xmlns="http://cyclonedx.org/schema/vex/1.6"/>"#,
            "not an SBOM: an XML document of another kind",
        ),
        ("<html/>", "not an SBOM: an XML document of another kind"),
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
    let versions: Vec<_> = sbom.components().map(Component::version).collect();
    assert_eq!(versions, [Some("1.5"), None, None]);
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
            r#""specVersion":"1.9""#,
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
    for (depth, read, left_out) in [
        (MAX_NESTING + 1, MAX_NESTING + 1, None),
        (MAX_NESTING + 2, MAX_NESTING + 1, Some(SbomError::TooDeep)),
        (1_000_000, MAX_NESTING + 1, Some(SbomError::TooDeep)),
    ] {
        let sbom = cyclonedx(&format!("{},\"x\":1", nested(depth))).unwrap();
        assert_eq!((sbom.len(), sbom.left_out()), (read, left_out.as_ref()), "{depth}");
    }
    // Depth in what is not read costs nothing, and in a wrong type only its own value.
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(cyclonedx(&format!(r#""x":{deep}"#)).unwrap().problems(), []);
    let sbom = cyclonedx(&format!(r#""components":[{{"name":{deep},"version":"1"}}]"#)).unwrap();
    assert_eq!(sbom.component(0).unwrap().version(), Some("1"));
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
    assert_eq!(sbom.component(0).unwrap().name().len(), 1_000_000);
    assert!(problems(&sbom)[0].len() < 300);
}

#[test]
fn texts_are_kept_as_they_stand_escapes_and_all() {
    let sbom = Sbom::parse(HOSTILE.as_bytes()).unwrap();
    assert!(sbom.components().any(|c| c.name().contains('\u{1b}')));
    assert!(sbom.components().any(|c| c.name().contains('\u{202e}')));
}

#[test]
fn what_is_almost_json_is_read_and_said() {
    for (members, wanted, problem) in [
        (
            r#""x":NaN,"components":[{"name":"a","x":-Infinity},{"name":"b"}]"#,
            vec!["a", "b"],
            "byte 49: NaN is no JSON; read as 0",
        ),
        (
            r#""components":[{"name":"a\ud800"},{"name":"b"}]"#,
            vec!["a\u{fffd}", "b"],
            "byte 69: half a surrogate pair; read as U+FFFD",
        ),
        (
            "\"components\":[{\"name\":\"a\nb\"},{\"name\":\"c\"}]",
            vec!["a\nb", "c"],
            "byte 69: a control character in a string must be escaped; read as it stands",
        ),
        (
            r#""components":[{"name":"a\x"},{"name":"b\u12"}]"#,
            vec!["a\\x", "b\\u12"],
            "byte 69: an escape that JSON does not know",
        ),
    ] {
        let sbom = cyclonedx(members).unwrap();
        assert_eq!(names(&sbom), wanted, "{members}");
        assert_eq!(problems(&sbom).first().map(String::as_str), Some(problem), "{members}");
        assert_eq!(sbom.left_out(), None, "{members}");
        for part in sbom.components() {
            let raw = part.raw().unwrap();
            assert!(raw.starts_with('{') && raw.ends_with('}') && members.contains(raw), "{raw}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_the_original_is_kept() {
    let document = b"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"name\":\"a\xffb\"}]}";
    let sbom = Sbom::parse(&document[..]).unwrap();
    assert_eq!(names(&sbom), ["a\u{fffd}b"]);
    assert_eq!(problems(&sbom), [": bytes that are no UTF-8 are read as U+FFFD"]);
    assert_eq!(sbom.source().bytes(), document);
}

#[test]
fn a_document_that_breaks_off_is_shown_as_far_as_it_goes_and_says_so() {
    let whole = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a","version":"1"},{"name":"b","version":"2"}]}"#;
    for (cut, wanted) in
        [(whole.len() - 1, vec!["a", "b"]), (whole.len() - 6, vec!["a", "b"]), (94, vec!["a", ""])]
    {
        let sbom = Sbom::parse(&whole.as_bytes()[..cut]).unwrap();
        assert_eq!(names(&sbom), wanted, "{cut}");
        assert!(matches!(sbom.left_out(), Some(SbomError::Malformed(_))), "{cut}");
        assert!(
            problems(&sbom).last().unwrap().starts_with(": not everything was read: "),
            "{cut}"
        );
    }
}

#[test]
fn a_member_name_in_escapes_hides_nothing() {
    let sbom = cyclonedx(
        r#""components":[{"n\u0061me":"a","components":[{"name":"b"}],"description":"d"},{"name":"c"}]"#,
    )
    .unwrap();
    let raws: Vec<_> = sbom.components().map(|c| c.raw().unwrap()).collect();
    assert_eq!(names(&sbom), ["a", "b", "c"]);
    assert_eq!(
        raws,
        [
            r#"{"n\u0061me":"a","components":[{"name":"b"}],"description":"d"}"#,
            r#"{"name":"b"}"#,
            r#"{"name":"c"}"#,
        ]
    );
    assert_eq!(sbom.component(0).unwrap().detail().description.as_deref(), Some("d"));
}

#[test]
fn whoever_watches_may_end_the_reading() {
    let many = vec![r#"{"name":"a"}"#; 2000].join(",");
    let document = format!(r#"{{"bomFormat":"CycloneDX","components":[{many}]}}"#);
    let read = std::cell::RefCell::new(Vec::new());
    let watch = |bytes| {
        read.borrow_mut().push(bytes);
        read.borrow().len() < 3
    };
    assert_eq!(Sbom::parse_watched(&*document, &watch), Err(SbomError::Cancelled));
    assert!(read.borrow().is_sorted() && read.borrow().len() == 3);
}
