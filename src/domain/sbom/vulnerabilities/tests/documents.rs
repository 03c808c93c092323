//! CycloneDX `vulnerabilities`, limits, and documents that somebody made to hurt.

use super::{BEACON, CDX, SCAN, VEX, nowhere, rows, said, vex};
use crate::domain::sbom::{
    Sbom,
    vulnerabilities::{Class, Findings, MAX_FINDINGS, Product, Standing, Versions, Why},
};

fn cyclonedx(vulnerabilities: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:AA","version":3,
        "metadata":{{"timestamp":"2026-01-01T00:00:00Z","component":{{"bom-ref":"root","name":"r"}}}},
        "components":[{{"bom-ref":"a","name":"alpha","version":"1.0","purl":"pkg:npm/alpha@1.0"}},
                      {{"bom-ref":"b b","name":"beta","version":"2.0"}}],
        "vulnerabilities":{vulnerabilities}}}"#
    )
}

#[test]
fn a_document_speaks_of_its_own_components() {
    for (entry, wanted, lost) in [
        (
            r#"{"id":"CVE-1","affects":[{"ref":"a"}]}"#,
            vec!["alpha: CVE-1 reported (by bom-ref, Observed)"],
            None,
        ),
        (
            r#"{"id":"CVE-1","analysis":{"state":"not_affected"},"affects":[{"ref":"urn:cdx:aa/3#b%20b"},{"ref":"root"}]}"#,
            vec![
                "the root: CVE-1 not_affected (by bom-ref, Observed)",
                "beta: CVE-1 not_affected (by bom-ref, Observed)",
            ],
            None,
        ),
        (
            r#"{"id":"CVE-1","affects":[{"ref":"urn:cdx:aa/3"}]}"#,
            vec!["the root: CVE-1 reported (as the artifact, Observed)"],
            None,
        ),
        (
            r#"{"id":"CVE-1","affects":[{"ref":"urn:cdx:aa/2#a"}]}"#,
            vec![],
            Some(("urn:cdx:aa/2#a", Why::OtherDocument)),
        ),
        (r#"{"id":"CVE-1","affects":[{"ref":"c"}]}"#, vec![], Some(("c", Why::NotInSbom))),
        (
            r#"{"id":"CVE-1"}"#,
            vec!["the root: CVE-1 reported (names no component, Observed)"],
            None,
        ),
    ] {
        let (sbom, findings) = said(&cyclonedx(&format!("[{entry}]")), &[]);
        assert_eq!(rows(&sbom, &findings), wanted, "{entry}");
        let lost: Vec<_> = lost.into_iter().map(|(name, why)| (name.to_owned(), why)).collect();
        assert_eq!(nowhere(&findings), lost, "{entry}");
        assert!(findings.problems().is_empty() && findings.left_out().is_empty(), "{findings:?}");
    }
}

#[test]
fn versions_that_are_listed_decide_and_ranges_are_no_all_clear() {
    for (state, versions, wanted, class) in [
        ("exploitable", r#"[{"version":"1.0"}]"#, Versions::Listed, Class::Harmful),
        (
            "exploitable",
            r#"[{"version":"1.0","status":"unaffected"}]"#,
            Versions::Unaffected,
            Class::Harmless,
        ),
        ("exploitable", r#"[{"range":"vers:npm/>=2"}]"#, Versions::Unclear, Class::Harmful),
        ("not_affected", r#"[{"range":"vers:npm/>=2"}]"#, Versions::Unclear, Class::Unclear),
        ("not_affected", r#"[{"version":"9"}]"#, Versions::Unclear, Class::Unclear),
        (
            "not_affected",
            r#"[{"version":"1.0"},{"version":"1.0","status":"unaffected"}]"#,
            Versions::Unclear,
            Class::Unclear,
        ),
    ] {
        let entry = format!(
            r#"[{{"id":"CVE-1","analysis":{{"state":"{state}"}},"affects":[{{"ref":"a","versions":{versions}}}]}}]"#
        );
        let (_, findings) = said(&cyclonedx(&entry), &[]);
        let finding = findings.about(Some(0)).next().unwrap();
        assert_eq!((finding.versions(), *finding.class().said()), (wanted, class), "{entry}");
    }
}

#[test]
fn another_cyclonedx_document_speaks_by_bom_link_and_by_purl() {
    let sbom = cyclonedx("[]");
    let beside = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:bb","vulnerabilities":[
        {"id":"CVE-1","analysis":{"state":"exploitable"},"affects":[{"ref":"urn:cdx:aa/3#a"}]},
        {"id":"CVE-2","affects":[{"ref":"pkg:npm/alpha@1.0"}]},
        {"id":"CVE-3","affects":[{"ref":"a"}]}]}"#;
    let (parsed, findings) = said(&sbom, &[(Standing::Proved, CDX, beside)]);
    assert_eq!(
        rows(&parsed, &findings),
        [
            "alpha: CVE-1 exploitable (by bom-ref, Proved)",
            "alpha: CVE-2 reported (by purl, Proved)"
        ]
    );
    // Its own `a` is not this document's.
    assert_eq!(nowhere(&findings), [("a".to_owned(), Why::OtherDocument)]);
    assert_eq!(
        findings.words().unwrap(),
        "3 statements in 2 documents, 1 of them names nothing in this SBOM"
    );
}

/// Predicate type, predicate, the problem it has, and what is said to be left out.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (VEX, "{}", "OpenVEX: no statements", ""),
    (VEX, "[]", "OpenVEX: no statements", ""),
    (VEX, "{", "", "OpenVEX: cannot be read"),
    (VEX, r#"{"statements":[{"status":"fixed"}]}"#, "statements[0]: names no vulnerability", ""),
    (VEX, r#"{"statements":[{"vulnerability":"V"}]}"#, "statements[0]: has no status", ""),
    (
        VEX,
        r#"{"statements":[{"vulnerability":"V","status":"affected","status":"fixed"}]}"#,
        "statements[0]: status stands twice",
        "",
    ),
    (
        VEX,
        r#"{"statements":[{"vulnerability":"V","status":"fixed","products":[{"@id":"a","@id":"b"}]}]}"#,
        "@id stands twice",
        "",
    ),
    (
        VEX,
        r#"{"statements":[],"statements":[{"status":"affected"}]}"#,
        "",
        "statements stands twice",
    ),
    (
        SCAN,
        r#"{"scanner":{"result":{"Results":[{"Vulnerabilities":[],"Vulnerabilities":[{}]}]}}}"#,
        "",
        "Vulnerabilities stands twice",
    ),
    (SCAN, r#"{"scanner":{"result":[],"result":[7]}}"#, "", "result stands twice"),
    (
        VEX,
        r#"{"statements":[{"vulnerability":"V","status":"fixed","products":{}}]}"#,
        "products is no list",
        "",
    ),
    (
        VEX,
        r#"{"statements":[{"vulnerability":"V","status":"fixed","products":[{}]}]}"#,
        "products has an entry without a name",
        "",
    ),
    (SCAN, r#"{"scanner":{"result":[{}]}}"#, "finding 0: names no vulnerability", ""),
    (SCAN, r#"{"scanner":{}}"#, "no result", ""),
    (SCAN, r#"{"scanner":{"result":7}}"#, "", "of a shape that is not known"),
    ("https://example.com/csaf", r#"{"document":{"csaf_version":"2.0"}}"#, "", "CSAF"),
    (CDX, r#"{"vulnerabilities":{}}"#, "vulnerabilities is no list", ""),
    (CDX, r#"{"vulnerabilities":[{"id":"A"},7,"#, "vulnerabilities[1]: names no", "breaks off"),
    (CDX, r#"{"vulner\u0061bilities":[{"id":"A","id":"B"}]}"#, "id stands twice", ""),
];

#[test]
fn what_cannot_be_read_is_a_problem_and_what_is_not_read_is_said() {
    for (predicate_type, predicate, problem, missed) in BROKEN {
        let (_, findings) = said(BEACON, &[(Standing::Proved, predicate_type, predicate)]);
        let (problems, left) = (findings.problems().join("\n"), findings.left_out().join("\n"));
        assert!(problems.contains(problem), "{predicate}: {problems}");
        assert_eq!(problems.is_empty(), problem.is_empty(), "{predicate}: {problems}");
        assert!(left.contains(missed), "{predicate}: {left}");
        assert_eq!(left.is_empty(), missed.is_empty(), "{predicate}: {left}");
    }
}

#[test]
fn what_did_not_fit_makes_no_statement_about_everything() {
    let part = r#"{"@id":"pkg:npm/a","x":[1,2,3,4,5,6,7,8,9]},"#.repeat(200);
    let statement = format!(
        r#"{{"vulnerability":"V","status":"fixed","products":[{}]}},"#,
        part.trim_end_matches(',')
    );
    let statements = statement.repeat(600);
    let document = format!(r#"{{"statements":[{}]}}"#, statements.trim_end_matches(','));
    let (_, findings) = said(BEACON, &[(Standing::Observed, VEX, &document)]);
    assert_eq!(findings.len(), 0);
    assert!(findings.problems().iter().any(|p| p.contains("too large")), "the room is not used up");
    assert!(findings.left_out().iter().any(|why| why.contains("more statements were not read")));
}

#[test]
fn a_word_that_is_not_known_clears_nothing() {
    for status in
        ["Not_Affected", "not affected", "not_affected ", "harmless", "NOT_AFFECTED\u{202e}"]
    {
        let document = vex("CVE-1", status, "", super::CLIENT);
        let (_, findings) = said(BEACON, &[(Standing::Proved, VEX, &document)]);
        let mark = findings.mark(findings.places().next().unwrap()).unwrap();
        assert_eq!(*mark.word.said(), Class::Unclear, "{status}");
    }
}

#[test]
fn an_sbom_that_breaks_off_cannot_say_that_something_is_not_in_it() {
    let cut = &BEACON[..BEACON.len() / 2];
    let document = vex("CVE-1", "affected", "", r#"[{"@id":"pkg:golang/k8s.io/client-go"}]"#);
    let (sbom, findings) = said(cut, &[(Standing::Proved, VEX, &document)]);
    assert!(sbom.left_out().is_some());
    assert!(
        findings.left_out().iter().any(|why| why.contains("not read to its end")),
        "{findings:?}"
    );
}

#[test]
fn one_statement_about_everything_a_thousand_times_ends_at_a_limit() {
    let component = |n: usize| format!(r#"{{"name":"n","bom-ref":"{n}","purl":"pkg:npm/n@{n}"}}"#);
    let components: Vec<String> = (0..2000).map(component).collect();
    let document = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}}"#,
        components.join(",")
    );
    let statement = r#"{"vulnerability":"V","status":"affected","products":["pkg:npm/n"]}"#;
    let statements = vec![statement; 2000].join(",");
    let predicate = format!(r#"{{"statements":[{statements}]}}"#);
    let (_, findings) = said(&document, &[(Standing::Observed, VEX, &predicate)]);
    assert_eq!(findings.len(), MAX_FINDINGS);
    assert!(
        findings.left_out().iter().any(|why| why.contains("more is said")),
        "{:?}",
        findings.left_out()
    );
}

#[test]
fn documents_that_were_cut_or_changed_anywhere_never_panic() {
    let scan = r#"{"scanner":{"uri":"s","result":{"matches":[{"vulnerability":{"id":"CVE-1"},"artifact":{"name":"n","purl":"pkg:npm/%4@x%zz@?a=%#"}}]}}}"#;
    let statement = vex(
        "CVE-1",
        "affected",
        "2026-01-01T00:00:00Z",
        r#"[{"@id":"pkg:npm/%C3@1","subcomponents":["urn:cdx:/#",{"@id":"pkg:"}]}]"#,
    );
    let own = cyclonedx(
        r#"[{"id":"CVE-1","affects":[{"ref":"urn:cdx:aa/3#%"}],"ratings":[{"severity":"high"}]}]"#,
    );
    let sbom = Sbom::parse(BEACON).unwrap();
    for (predicate_type, whole) in [(SCAN, scan), (VEX, &statement), (CDX, &own)] {
        for at in (0..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            let changed = ["", "\"", "[", "%"];
            for put in changed {
                let text = format!(
                    "{}{put}{}",
                    &whole[..at],
                    if put.is_empty() { "" } else { &whole[at..] }
                );
                let other =
                    super::Attested { standing: Standing::Valid, predicate_type, predicate: &text };
                drop(Findings::of(&sbom, Standing::Valid, &Product::default(), [other]));
            }
        }
    }
}
