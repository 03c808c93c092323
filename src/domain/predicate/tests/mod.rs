//! What is said of real predicates, and of ones that somebody made to hurt.

mod agreement;
mod hostile;

use super::Summary;

/// Key and value of every row, as text.
fn rows(summary: &Summary) -> Vec<(&'static str, String)> {
    summary.rows().into_iter().map(|row| (row.key, row.said.words())).collect()
}

fn assert_says(predicate_type: &str, predicate: &str, wanted: &[(&str, &str)], words: &str) {
    let summary = Summary::of(predicate_type, Some(predicate));
    assert_eq!(summary.hollow, None, "{predicate_type}");
    let got = rows(&summary);
    for (key, value) in wanted {
        let found = got.iter().find(|(known, _)| known == key).map(|(_, v)| v.as_str());
        assert_eq!(found, Some(*value), "{predicate_type} {key}");
    }
    assert_eq!(summary.words(), words, "{predicate_type}");
}

#[test]
fn every_version_of_slsa_provenance_has_one_shape() {
    assert_says(
        "https://slsa.dev/provenance/v0.1",
        r#"{"builder":{"id":"b"},"recipe":{"type":"t","entryPoint":"cloudbuild.yaml"},
            "materials":[{"uri":"git+https://github.com/o/r@refs/heads/main","digest":{"sha1":"62cb1f1e485829bafe8bbec8b9900c0cb7624fe7"}}],
            "metadata":{"buildInvocationId":"7","buildStartedOn":"s","buildFinishedOn":"f"}}"#,
        &[
            ("builder_id", "b"),
            ("build_type", "t"),
            ("source_repository", "github.com/o/r"),
            ("source_commit", "62cb1f1e485829bafe8bbec8b9900c0cb7624fe7"),
            ("source_ref", "refs/heads/main"),
            ("workflow", "cloudbuild.yaml"),
            ("materials", "1"),
            ("invocation", "7"),
            ("started", "s"),
            ("finished", "f"),
        ],
        "built from github.com/o/r@refs/heads/main (62cb1f1e4858) · workflow cloudbuild.yaml · builder b · 1 material",
    );
    assert_says(
        "https://slsa.dev/provenance/v0.2",
        r#"{"builder":{"id":"b"},"buildType":"https://github.com/slsa-framework/slsa-github-generator/generic@v1",
            "invocation":{"configSource":{"uri":"git+https://github.com/o/r@refs/tags/v1","digest":{"sha1":"62cb1f1e485829bafe8bbec8b9900c0cb7624fe7"},"entryPoint":".github/workflows/x.yml"}},
            "materials":[]}"#,
        &[
            ("source_repository", "github.com/o/r"),
            ("source_ref", "refs/tags/v1"),
            ("workflow", ".github/workflows/x.yml"),
            ("materials", "0"),
        ],
        "built from github.com/o/r@refs/tags/v1 (62cb1f1e4858) · workflow .github/workflows/x.yml · builder b · 0 materials",
    );
    assert_says(
        "https://slsa.dev/provenance/v1",
        r#"{"buildDefinition":{"buildType":"https://actions.github.io/buildtypes/workflow/v1",
              "externalParameters":{"workflow":{"ref":"refs/tags/v1","repository":"https://github.com/o/r","path":".github/workflows/x.yml"}},
              "resolvedDependencies":[{"uri":"git+https://github.com/o/r@refs/tags/v1","digest":{"gitCommit":"62cb1f1e485829bafe8bbec8b9900c0cb7624fe7"}}]},
            "runDetails":{"builder":{"id":"b"},"metadata":{"invocationId":"i"}}}"#,
        &[
            ("source_repository", "github.com/o/r"),
            ("source_commit", "62cb1f1e485829bafe8bbec8b9900c0cb7624fe7"),
            ("source_ref", "refs/tags/v1"),
            ("workflow", ".github/workflows/x.yml"),
            ("invocation", "i"),
        ],
        "built from github.com/o/r@refs/tags/v1 (62cb1f1e4858) · workflow .github/workflows/x.yml · builder b · 1 material",
    );
}

#[test]
fn summaries_of_findings_count_them() {
    assert_says(
        "https://slsa.dev/verification_summary/v1",
        r#"{"verifier":{"id":"v"},"verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_2"],"policy":{"uri":"p"},"resourceUri":"r","timeVerified":"t"}"#,
        &[("verifier", "v"), ("verified_levels", "SLSA_BUILD_LEVEL_2"), ("policy", "p")],
        "says PASSED · SLSA_BUILD_LEVEL_2 · by v",
    );
    assert_says(
        "https://openvex.dev/ns/v0.2.0",
        r#"{"author":"a","statements":[{"status":"not_affected"},{"status":"affected","vulnerability":{"name":"CVE-1"}},{"status":"affected","vulnerability":"CVE-2"}]}"#,
        &[("by_status", "1 not_affected, 2 affected"), ("open", "CVE-1, CVE-2")],
        "3 statements · 1 not_affected, 2 affected · by a",
    );
    for result in [
        r#"{"matches":[{"vulnerability":{"severity":"High"}},{"severity":"LOW"}]}"#,
        r#"{"Results":[{"Target":"x","Vulnerabilities":[{"Severity":"HIGH"}]},{"Target":"y"},{"Vulnerabilities":[{"Severity":"LOW"}]}]}"#,
        r#"[{"id":"A","severity":"high"},{"id":"B","severity":"low"}]"#,
    ] {
        let predicate = format!(
            r#"{{"scanner":{{"uri":"s","version":"1","db":{{"uri":"d","version":"2"}},"result":{result}}},"metadata":{{"scanFinishedOn":"f"}}}}"#
        );
        assert_says(
            "https://cosign.sigstore.dev/attestation/vuln/v1",
            &predicate,
            &[("findings", "2"), ("by_severity", "1 high, 1 low"), ("database", "d 2")],
            "2 findings · 1 high, 1 low · by s 1 · finished f, it says",
        );
    }
}

#[test]
fn each_small_family_says_what_it_is_asked_for() {
    assert_says(
        "https://cyclonedx.org/bom/v1.4",
        r#"{"components":[{},{}],"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{"component":{"name":"n","version":"1"},"tools":[{"name":"syft","version":"2"}]}}"#,
        &[("format", "CycloneDX 1.4"), ("components", "2"), ("creators", "syft 2")],
        "CycloneDX 1.4 · of n 1 · 2 components · by syft 2",
    );
    for spelling in ["https://spdx.dev/Document", "https://spdx.dev/Document/v2.3"] {
        assert_says(
            spelling,
            r#"{"spdxVersion":"SPDX-2.3","name":"n","packages":[{}],"creationInfo":{"creators":["Tool: x"]}}"#,
            &[("components", "1"), ("creators", "Tool: x")],
            "SPDX-2.3 · of n · 1 component · by Tool: x",
        );
    }
    assert_says(
        "https://in-toto.io/attestation/release/v0.1",
        r#"{"purl":"pkg:npm/x@1","releaseId":7}"#,
        &[("purl", "pkg:npm/x@1"), ("release_id", "7")],
        "release of pkg:npm/x@1",
    );
    assert_says(
        "https://in-toto.io/attestation/test-result/v0.1",
        r#"{"result":"PASSED","configuration":[{"name":"ci.yml"}],"passedTests":["a","b"],"failedTests":[]}"#,
        &[("tests", "2 passed, 0 failed"), ("configuration", "ci.yml")],
        "PASSED · 2 passed, 0 failed",
    );
    assert_says(
        "https://in-toto.io/attestation/link/v0.3",
        r#"{"name":"clone","command":["git","clone"],"materials":{"a":{}},"byproducts":{}}"#,
        &[("name", "clone"), ("command", "git, clone"), ("materials", "1")],
        "step clone · git clone",
    );
    assert_says(
        "https://cosign.sigstore.dev/attestation/v1",
        r#"{"Data":"free text\n","Timestamp":"t"}"#,
        &[("shape", "free text"), ("timestamp", "t"), ("data_bytes", "10")],
        "free text · \"free text\"",
    );
    assert_says(
        "https://cosign.sigstore.dev/attestation/v1",
        r#""{\"a\":1}""#,
        &[("shape", "JSON in a text")],
        "JSON in a text · \"{\\\"a\\\":1}\"",
    );
    assert_says(
        "https://example.test/mine",
        r#"{"a":1,"b":[2]}"#,
        &[("fields", "2"), ("field_names", "a, b")],
        "2 fields · a, b",
    );
}

#[test]
fn a_predicate_that_says_nothing_is_said_to() {
    const CYCLONEDX: &str = "https://cyclonedx.org/bom";
    for (predicate_type, predicate, hollow) in [
        (CYCLONEDX, Some("{}"), true),
        (CYCLONEDX, Some("null"), true),
        (CYCLONEDX, None, true),
        (CYCLONEDX, Some("7"), true),
        (CYCLONEDX, Some("[]"), true),
        (CYCLONEDX, Some(r#""""#), true),
        (CYCLONEDX, Some(r#"{"unrelated":1}"#), true),
        (CYCLONEDX, Some(r#"{"bomFormat":null}"#), true),
        (CYCLONEDX, Some("not json"), true),
        (CYCLONEDX, Some(r#"{"bomFormat":"CycloneDX"}"#), false),
        ("https://slsa.dev/provenance/v1", Some("{}"), true),
        ("https://example.test/mine", Some("{}"), true),
        ("https://example.test/mine", Some("[1]"), false),
        ("https://example.test/mine", Some("7"), true),
        ("https://spdx.dev/Document", Some(r#""SPDXVersion: SPDX-2.3""#), false),
        // The type asks for no predicate.
        ("https://docs.index.test/attestations/publish/v1", Some("null"), false),
        ("https://docs.index.test/attestations/publish/v1", Some("{}"), false),
        ("https://sigstore.dev/cosign/sign/v1", Some("{}"), false),
    ] {
        let summary = Summary::of(predicate_type, predicate);
        assert_eq!(summary.hollow.is_some(), hollow, "{predicate_type} {predicate:?}");
    }
}

#[test]
fn what_is_missing_or_odd_is_listed_and_the_rest_is_read() {
    let summary = Summary::of(
        "https://slsa.dev/provenance/v1",
        Some(
            r#"{"buildDefinition":{"buildType":["x"],"externalParameters":7,"resolvedDependencies":{"a":1}},
                "runDetails":{"builder":{"id":{"a":1}},"metadata":{"invocationId":"i","startedOn":false}}}"#,
        ),
    );
    assert_eq!(summary.not_said, ["builder", "build type", "repository", "commit"]);
    assert_eq!(summary.hollow, None);
    let odd = summary.odd.join("\n");
    for part in [
        "runDetails.builder.id is an object",
        "buildDefinition.buildType is an array",
        "startedOn is true or false",
        "resolvedDependencies is an object and not an array",
    ] {
        assert!(odd.contains(part), "{part} in {odd}");
    }
    assert!(rows(&summary).contains(&("invocation", "i".into())));
}
