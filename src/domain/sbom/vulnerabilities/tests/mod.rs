//! What is said of components, by whom, and what becomes of statements that name nothing.
#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a test that panics has failed, which is what it is for"
)]

mod documents;

use super::{
    Attested, Class, Findings, Product, Standing, Why,
    finding::Rank,
    purl::{Purl, Strictness},
};
use crate::domain::sbom::{Sbom, tests::BEACON};

const VEX: &str = "https://openvex.dev/ns/v0.2.0";
const SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
const CDX: &str = "https://cyclonedx.org/bom";
const BEACON_DIGEST: &str =
    "sha256:a361baf9fcfbdb021f54f6b40a8a8a21af5d78abe3a6b2a00f3bcf5e8f6a8c71";

fn product() -> Product {
    Product {
        digests: vec![BEACON_DIGEST.to_owned()],
        repository: Some("demo.invalid/lighthouse/beacon".to_owned()),
    }
}

fn said(document: &str, others: &[(Standing, &str, &str)]) -> (Sbom, Findings) {
    let sbom = Sbom::parse(document).unwrap();
    let others = others.iter().map(|(standing, predicate_type, predicate)| Attested {
        standing: *standing,
        predicate_type,
        predicate,
    });
    let findings = Findings::of(&sbom, Standing::Observed, &product(), others);
    (sbom, findings)
}

/// `component: vulnerability state (how, standing)` of every finding.
fn rows(sbom: &Sbom, findings: &Findings) -> Vec<String> {
    let name = |place| match place {
        None => "the root".to_owned(),
        Some(_) => sbom.at(place).unwrap().name().to_owned(),
    };
    let about = |place| findings.about(place).map(move |f| (place, f));
    let all = findings.places().flat_map(about);
    all.map(|(place, f)| {
        let (state, how) = (f.state(), f.how().words());
        let row = format!("{}: {} {}", name(place), f.vulnerability(), state.said().word());
        format!("{row} ({how}, {:?})", state.standing())
    })
    .collect()
}

fn nowhere(findings: &Findings) -> Vec<(String, Why)> {
    findings.unmatched().map(|u| (u.named().to_owned(), u.why())).collect()
}

/// An OpenVEX document of one statement.
fn vex(vulnerability: &str, status: &str, at: &str, products: &str) -> String {
    format!(
        r#"{{"@context":"https://openvex.dev/ns/v0.2.0","author":"a","timestamp":"{at}","statements":[
            {{"vulnerability":{{"name":"{vulnerability}"}},"status":"{status}","products":{products}}}]}}"#
    )
}

const CLIENT: &str = r#"[{"@id":"pkg:golang/k8s.io/client-go"}]"#;

#[test]
fn purls_match_as_the_table_says() {
    use Strictness::{Scan, Statement};
    for (said, component, strictness, wanted) in [
        ("pkg:golang/k8s.io/api@v1.0.0", "pkg:golang/k8s.io/api@v1.0.0", Statement, true),
        ("pkg:golang/k8s.io/api", "pkg:golang/k8s.io/api@v1.0.0", Statement, true),
        ("pkg:golang/k8s.io/api@1.0.0", "pkg:golang/k8s.io/api@v1.0.0", Statement, true),
        ("pkg:golang/k8s.io/api@v1.0.0", "pkg:golang/k8s.io/api@v1.0.1", Statement, false),
        // A version is said, and the component has none.
        ("pkg:golang/k8s.io/api@v1.0.0", "pkg:golang/k8s.io/api", Statement, false),
        ("pkg:golang/evil.example/api", "pkg:golang/k8s.io/api@v1.0.0", Statement, false),
        ("pkg:golang/k8s.io%2Fapi", "pkg:golang/k8s.io/api@v1.0.0", Statement, false),
        ("pkg:npm/api", "pkg:golang/api", Statement, false),
        ("PKG:GoLang/k8s.io/API", "pkg:golang/k8s.io/api@v1", Statement, true),
        ("pkg:npm/API", "pkg:npm/api", Statement, false),
        ("pkg:pypi/ruamel_yaml", "pkg:pypi/ruamel-yaml@1", Statement, true),
        ("pkg:npm/%40angular/core@1", "pkg:npm/@angular/core@1", Statement, true),
        ("pkg:npm/@angular/core", "pkg:npm/%40angular/core@1", Statement, true),
        ("pkg:apk/alpine/git@2?arch=x86_64", "pkg:apk/alpine/git@2?arch=x86_64", Statement, true),
        ("pkg:apk/alpine/git@2", "pkg:apk/alpine/git@2?arch=x86_64", Statement, true),
        ("pkg:apk/alpine/git@2?arch=arm64", "pkg:apk/alpine/git@2?arch=x86_64", Statement, false),
        ("pkg:apk/alpine/git@2?arch=arm64", "pkg:apk/alpine/git@2", Statement, false),
        ("pkg:apk/alpine/git@2?distro=3.1", "pkg:apk/alpine/git@2?distro=alpine-3.1", Scan, true),
        ("pkg:golang/g/api#cmd", "pkg:golang/g/api@v1", Statement, false),
        ("pkg:golang/g/api#cmd", "pkg:golang/g/api@v1", Scan, true),
        ("pkg:deb/debian/a@1%3A2", "pkg:deb/debian/a@1:2", Statement, true),
    ] {
        let (a, b) = (Purl::parse(said).unwrap(), Purl::parse(component).unwrap());
        assert_eq!(a.covers(&b, strictness), wanted, "{said} {component}");
    }
    for text in
        ["", "pkg:", "pkg:a", "pkg:a/", "pkg://", "npm/a", "pkg:/@", "pkg:a/@?#", "cpe:2.3:a"]
    {
        // A lone `@` is a name, and nothing else here is a package URL.
        assert_eq!(Purl::parse(text).is_some(), text == "pkg:a/@?#", "{text}");
    }
}

#[test]
fn an_openvex_statement_comes_to_what_it_names() {
    let image = format!("pkg:oci/beacon@sha256%3A{}", &BEACON_DIGEST["sha256:".len()..]);
    let part = r#""subcomponents":[{"@id":"pkg:golang/k8s.io/client-go@v0.33.4"}]"#;
    let of = |product: &str| format!(r#"[{{"@id":"{product}",{part}}}]"#);
    let client = |how: &str| vec![format!("k8s.io/client-go: CVE-1 not_affected ({how}, Proved)")];
    let root = |how: &str| vec![format!("the root: CVE-1 not_affected ({how}, Proved)")];
    let other = |name: &str, why| (vec![], vec![(name.to_owned(), why)]);
    let named = |rows: Vec<String>| (rows, vec![]);
    for (products, (wanted, lost)) in [
        (of(&format!("{image}?repository_url=demo.invalid/lighthouse/beacon")), named(client("by purl"))),
        (of(&format!("pkg:oci/beacon@{BEACON_DIGEST}")), named(client("by purl"))),
        (of("pkg:oci/beacon?repository_url=demo.invalid/lighthouse/beacon"), named(client("by purl"))),
        (of("pkg:oci/beacon"), named(client("by purl"))),
        (of(BEACON_DIGEST), named(client("by purl"))),
        // Another image of that name, another digest of it, another thing.
        (
            of("pkg:oci/beacon?repository_url=evil.example/beacon"),
            other("pkg:golang/k8s.io/client-go@v0.33.4", Why::OtherProduct),
        ),
        (
            of("pkg:oci/beacon@sha256:00"),
            other("pkg:golang/k8s.io/client-go@v0.33.4", Why::OtherProduct),
        ),
        (of("pkg:oci/lamp"), other("pkg:golang/k8s.io/client-go@v0.33.4", Why::OtherProduct)),
        (format!(r#"[{{"@id":"{image}"}}]"#), named(root("as the artifact"))),
        ("[]".to_owned(), named(root("names no component"))),
        (CLIENT.to_owned(), named(client("by purl, every version"))),
        (r#"["pkg:golang/k8s.io/client-go@v0.33.4"]"#.to_owned(), named(client("by purl"))),
        (
            r#"[{"identifiers":{"purl":"pkg:golang/k8s.io/client-go"}}]"#.to_owned(),
            named(client("by purl, every version")),
        ),
        (
            r#"[{"@id":"pkg:golang/k8s.io/client-go@v0.34.0"}]"#.to_owned(),
            other("pkg:golang/k8s.io/client-go@v0.34.0", Why::NotInSbom),
        ),
        (
            r#"[{"@id":"x","hashes":{"sha-256":"a361baf9fcfbdb021f54f6b40a8a8a21af5d78abe3a6b2a00f3bcf5e8f6a8c71"}}]"#
                .to_owned(),
            named(root("as the artifact")),
        ),
    ] {
        let document = vex("CVE-1", "not_affected", "2026-01-01T00:00:00Z", &products);
        let (sbom, findings) = said(BEACON, &[(Standing::Proved, VEX, &document)]);
        assert_eq!(rows(&sbom, &findings), wanted, "{products}");
        assert_eq!(nowhere(&findings), lost, "{products}");
        assert_eq!(findings.unplaced(), lost.len(), "{products}");
        assert_eq!(findings.problems(), [""; 0], "{products}");
    }
}

#[test]
fn what_holds_inside_another_component_is_no_all_clear() {
    let products = r#"[{"@id":"pkg:golang/github.com/lighthouse-demo/foghorn","subcomponents":[{"@id":"pkg:golang/k8s.io/client-go"}]}]"#;
    for (status, class) in [("not_affected", Class::Unclear), ("affected", Class::Harmful)] {
        let document = vex("CVE-1", status, "2026-01-01T00:00:00Z", products);
        let (sbom, findings) = said(BEACON, &[(Standing::Proved, VEX, &document)]);
        let place = findings.places().next().unwrap();
        let finding = findings.about(place).next().unwrap();
        assert_eq!(sbom.at(finding.within()).unwrap().name(), "github.com/lighthouse-demo/foghorn");
        assert_eq!(*findings.mark(place).unwrap().word.said(), class, "{status}");
    }
}

/// Documents, then the mark: class, standing, contradicted; then the ranks.
type Heard = (Vec<(Standing, &'static str, String)>, (Class, Standing, bool), Vec<Rank>);

fn heard() -> Vec<Heard> {
    use Standing::{Observed, Proved, Valid};
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let no_time = "";
    let clear = |at| vex("CVE-1", "not_affected", at, CLIENT);
    let harm = |at| vex("cve-1", "affected", at, CLIENT);
    let scan = r#"{"scanner":{"uri":"s","result":{"matches":[{"vulnerability":{"id":"CVE-1"},
        "artifact":{"name":"k8s.io/client-go","version":"v0.33.4","purl":"pkg:golang/k8s.io/client-go@v0.33.4"}}]}}}"#
        .to_owned();
    vec![
        (vec![(Observed, VEX, clear(new))], (Class::Harmless, Observed, false), vec![Rank::Only]),
        (vec![(Proved, VEX, clear(new))], (Class::Harmless, Proved, false), vec![Rank::Only]),
        (
            vec![(Proved, VEX, harm(old)), (Observed, VEX, clear(new))],
            (Class::Harmful, Proved, true),
            vec![Rank::Only, Rank::NotCounted],
        ),
        (
            vec![(Observed, VEX, harm(new)), (Proved, VEX, clear(old))],
            (Class::Harmless, Proved, true),
            vec![Rank::NotCounted, Rank::Only],
        ),
        (
            vec![(Proved, VEX, harm(old)), (Proved, VEX, clear(new))],
            (Class::Harmless, Proved, false),
            vec![Rank::Older, Rank::Newest],
        ),
        (
            vec![(Proved, VEX, harm(new)), (Proved, VEX, clear(new))],
            (Class::Harmful, Proved, true),
            vec![Rank::NotKnown, Rank::NotKnown],
        ),
        (
            vec![(Proved, VEX, harm(no_time)), (Proved, VEX, clear(new))],
            (Class::Harmful, Proved, true),
            vec![Rank::NotKnown, Rank::NotKnown],
        ),
        // A scan finds, a statement answers: as far as it is as good.
        (
            vec![(Proved, SCAN, scan.clone()), (Observed, VEX, clear(new))],
            (Class::Reported, Proved, false),
            vec![Rank::Only, Rank::Only],
        ),
        (
            vec![(Valid, SCAN, scan.clone()), (Valid, VEX, clear(old))],
            (Class::Harmless, Valid, false),
            vec![Rank::Only, Rank::Only],
        ),
        (
            vec![(Valid, SCAN, scan.clone()), (Valid, VEX, clear(old)), (Valid, VEX, clear(old))],
            (Class::Harmless, Valid, false),
            vec![Rank::Only, Rank::NotKnown, Rank::NotKnown],
        ),
        (
            vec![(Valid, SCAN, scan), (Valid, VEX, harm(old)), (Valid, VEX, clear(old))],
            (Class::Harmful, Valid, true),
            vec![Rank::Only, Rank::NotKnown, Rank::NotKnown],
        ),
    ]
}

#[test]
fn a_weaker_word_never_clears_and_never_outdates_a_stronger_one() {
    for (documents, (class, standing, contradicted), ranks) in heard() {
        let others: Vec<_> = documents.iter().map(|(s, t, p)| (*s, *t, p.as_str())).collect();
        let (_, findings) = said(BEACON, &others);
        let place = findings.places().next().unwrap();
        let mark = findings.mark(place).unwrap();
        let got = (*mark.word.said(), mark.word.standing(), mark.contradicted);
        assert_eq!(got, (class, standing, contradicted), "{documents:?}");
        assert_eq!(mark.vulnerabilities, 1, "{documents:?}");
        assert_eq!(!findings.contradictions().is_empty(), contradicted, "{documents:?}");
        let got: Vec<Rank> = findings.about(place).map(super::Finding::rank).collect();
        assert_eq!(got, ranks, "{documents:?}");
        for finding in findings.about(place) {
            let proved = finding.state().standing() == Standing::Proved;
            assert_eq!(finding.state().proved().is_some(), proved, "{documents:?}");
        }
    }
}

#[test]
fn an_alias_joins_two_names_and_nothing_beyond() {
    let with = |id: &str, alias: &str, status: &str, at: &str| {
        format!(
            r#"{{"timestamp":"{at}","statements":[{{"vulnerability":{{"name":"{id}","aliases":["{alias}"]}},"status":"{status}","products":{CLIENT}}}]}}"#
        )
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let first = with("GO-1", "CVE-1", "affected", old);
    let second = vex("CVE-1", "not_affected", new, CLIENT);
    let (_, findings) =
        said(BEACON, &[(Standing::Proved, VEX, &first), (Standing::Proved, VEX, &second)]);
    let ranks = |f: &Findings| -> Vec<Rank> {
        f.about(f.places().next().unwrap()).map(super::Finding::rank).collect()
    };
    assert_eq!(ranks(&findings), [Rank::Older, Rank::Newest]);
    // Somebody pushes a statement that calls two vulnerabilities of the publisher one.
    let one = vex("CVE-1", "affected", old, CLIENT);
    let two = vex("CVE-2", "not_affected", new, CLIENT);
    let forged = with("CVE-2", "CVE-1", "not_affected", new);
    let (_, findings) = said(
        BEACON,
        &[
            (Standing::Proved, VEX, &one),
            (Standing::Proved, VEX, &two),
            (Standing::Observed, VEX, &forged),
        ],
    );
    assert_eq!(ranks(&findings), [Rank::Only, Rank::Only, Rank::NotCounted]);
    let mark = findings.mark(findings.places().next().unwrap()).unwrap();
    assert_eq!((*mark.word.said(), mark.word.standing()), (Class::Harmful, Standing::Proved));
}

#[test]
fn scanners_are_read_as_they_write() {
    for (result, wanted) in [
        (
            r#"{"matches":[{"vulnerability":{"id":"CVE-1","severity":"High","fix":{"versions":["0.40.0"]}},
                "relatedVulnerabilities":[{"id":"GHSA-1"}],"artifact":{"name":"k8s.io/client-go","version":"v0.33.4","purl":"pkg:golang/k8s.io/client-go@v0.33.4"}}]}"#,
            "k8s.io/client-go: CVE-1 reported (by purl, Valid) high fixed in 0.40.0",
        ),
        (
            r#"{"SchemaVersion":2,"Results":[{"Target":"a"},{"Vulnerabilities":[{"VulnerabilityID":"CVE-1","PkgName":"tzdata","Severity":"LOW",
                "PkgIdentifier":{"PURL":"pkg:deb/debian/tzdata@2025b-0+deb12u1?arch=all&distro=12.4"}}]}]}"#,
            "tzdata: CVE-1 reported (by purl, Valid) low ",
        ),
        (
            r#"{"Results":[{"Vulnerabilities":[{"VulnerabilityID":"CVE-1","PkgName":"netbase","InstalledVersion":"6.4","Severity":"LOW"}]}]}"#,
            "netbase: CVE-1 reported (by name and version, Valid) low ",
        ),
        (
            r#"{"matches":[{"package":"k8s.io/client-go","severity":"High","vulnerability":"CVE-1"}]}"#,
            "k8s.io/client-go: CVE-1 reported (by name alone, Valid) high ",
        ),
        (
            r#"[{"id":"GHSA-1","severity":[{"method":"CVSSv31","score":"9.8"}]}]"#,
            "the root: GHSA-1 reported (names no component, Valid) CVSSv31; 9.8 ",
        ),
        (
            r#"{"runs":[{"results":[{"ruleId":"CVE-1","level":"error","message":{"text":"m"}}]}]}"#,
            "the root: CVE-1 reported (names no component, Valid) error m",
        ),
    ] {
        let document = format!(
            r#"{{"scanner":{{"uri":"s","result":{result}}},"metadata":{{"scanFinishedOn":"2026-01-01T00:00:00Z"}}}}"#
        );
        let (sbom, findings) = said(BEACON, &[(Standing::Valid, SCAN, &document)]);
        let place = findings.places().next().expect(result);
        let finding = findings.about(place).next().unwrap();
        let more = [finding.severity(), finding.detail()].map(Option::unwrap_or_default).join(" ");
        let got = rows(&sbom, &findings).join("\n");
        assert_eq!(format!("{got} {more}"), wanted, "{result}");
        assert!(finding.at().is_some(), "{result}");
    }
    for (result, missed) in
        [("{}", true), (r#"{"matches":[]}"#, false), (r#"{"SchemaVersion":2}"#, false)]
    {
        let document = format!(r#"{{"scanner":{{"uri":"s","result":{result}}}}}"#);
        let (_, findings) = said(BEACON, &[(Standing::Valid, SCAN, &document)]);
        assert_eq!(findings.left_out().is_empty(), !missed, "{result}");
        assert_eq!(findings.origins().len(), 1, "a scan that found nothing is an answer: {result}");
    }
}
