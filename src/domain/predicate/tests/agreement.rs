use crate::domain::{
    Timestamp,
    claims::{Claims, Extension, San},
    predicate::{Field, Summary, disagreements},
};

const COMMIT: &str = "62cb1f1e485829bafe8bbec8b9900c0cb7624fe7";
const OTHER: &str = "465171cc7f2097b8582fc61a281c4437563623ed";

fn certificate(values: &[(u8, &str)]) -> Claims {
    let extension = |(number, value): &(u8, &str)| Extension {
        oid: format!("1.3.6.1.4.1.57264.1.{number}"),
        fulcio: Some(*number),
        value: (*value).to_owned(),
        decoded: true,
        critical: false,
    };
    Claims {
        sans: vec![],
        extensions: values.iter().map(extension).collect(),
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
        serial: String::new(),
        issuer_name: String::new(),
        subject_name: String::new(),
        key: String::new(),
    }
}

const X: &str = ".github/workflows/x.yml";
const MAIN: &str = "refs/heads/main";
const HTTPS: &str = "https://github.com/o/r";
const GIT: &str = "git+https://github.com/o/r@refs/heads/main";

/// The certificate of a run of `o/r` at `main`.
fn current() -> Claims {
    certificate(&[
        (9, "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main"),
        (12, "https://github.com/o/r"),
        (13, COMMIT),
        (14, "refs/heads/main"),
        (18, "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main"),
    ])
}

/// One whose workflow called a reusable one, which signed.
fn reusable() -> Claims {
    certificate(&[
        (9, "https://github.com/tools/builders/.github/workflows/slsa3.yml@refs/tags/v2"),
        (12, "https://github.com/o/r"),
        (13, COMMIT),
        (14, "refs/heads/main"),
        (18, "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main"),
    ])
}

/// One of the time when only the deprecated extensions were written.
fn legacy() -> Claims {
    let claims = certificate(&[(3, COMMIT), (4, "release"), (5, "o/r"), (6, "refs/heads/main")]);
    let signer = "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main";
    Claims { sans: vec![San::Uri(signer.into())], ..claims }
}

fn v1(repository: &str, reference: &str, path: &str, uri: &str, commit: &str) -> String {
    format!(
        r#"{{"buildDefinition":{{"buildType":"https://actions.github.io/buildtypes/workflow/v1",
           "externalParameters":{{"workflow":{{"ref":"{reference}","repository":"{repository}","path":"{path}"}}}},
           "resolvedDependencies":[{{"uri":"{uri}","digest":{{"gitCommit":"{commit}"}}}}]}},
           "runDetails":{{"builder":{{"id":"https://github.com/tools/builders/.github/workflows/slsa3.yml@refs/tags/v2"}}}}}}"#
    )
}

fn v02(uri: &str, commit: &str, entry: &str) -> String {
    format!(
        r#"{{"builder":{{"id":"b"}},"invocation":{{"configSource":{{"uri":"{uri}","digest":{{"sha1":"{commit}"}},"entryPoint":"{entry}"}}}},"materials":[{{"uri":"{uri}","digest":{{"sha1":"{commit}"}}}}]}}"#
    )
}

fn fields(predicate_type: &str, predicate: &str, certificate: &Claims) -> Vec<Field> {
    let summary = Summary::of(predicate_type, Some(predicate));
    let all = disagreements(summary.provenance().unwrap(), certificate);
    let mut fields: Vec<Field> = all.iter().map(|d| d.field).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

#[test]
fn provenance_agrees_with_the_certificate_in_every_spelling() {
    for (what, predicate, differs) in [
        ("as GitHub writes it", v1(HTTPS, MAIN, X, GIT, COMMIT), vec![]),
        ("another case", v1("https://github.com/O/R", MAIN, X, GIT, COMMIT), vec![]),
        (".git", v1("https://github.com/o/r.git", MAIN, X, GIT, COMMIT), vec![]),
        ("upper hex", v1(HTTPS, MAIN, X, GIT, &COMMIT.to_uppercase()), vec![]),
        ("no ref in the uri", v1(HTTPS, MAIN, X, "git+https://github.com/o/r", COMMIT), vec![]),
        ("another commit", v1(HTTPS, MAIN, X, GIT, OTHER), vec![Field::Commit]),
        ("another ref", v1(HTTPS, "refs/tags/v1", X, GIT, COMMIT), vec![Field::Reference]),
        (
            "another workflow",
            v1(HTTPS, MAIN, ".github/workflows/y.yml", GIT, COMMIT),
            vec![Field::Workflow],
        ),
        (
            "another repository",
            v1(
                "https://github.com/o/r2",
                MAIN,
                X,
                "git+https://github.com/o/r2@refs/heads/main",
                COMMIT,
            ),
            vec![Field::Repository],
        ),
        (
            "another repository only among the dependencies",
            v1(HTTPS, MAIN, X, "git+https://github.com/o/r2@refs/heads/main", OTHER),
            vec![Field::Repository, Field::Commit],
        ),
        (
            "a host that looks alike",
            v1("https://github.com.evil.test/o/r", MAIN, X, GIT, COMMIT),
            vec![Field::Repository],
        ),
    ] {
        for claims in [current(), reusable()] {
            let got = fields("https://slsa.dev/provenance/v1", &predicate, &claims);
            assert_eq!(got, differs, "{what}");
        }
        // The deprecated extensions do not name the workflow's file.
        let got = fields("https://slsa.dev/provenance/v1", &predicate, &legacy());
        let differs: Vec<Field> = differs.into_iter().filter(|f| *f != Field::Workflow).collect();
        assert_eq!(got, differs, "{what}, deprecated extensions");
    }
}

#[test]
fn provenance_v02_agrees_with_the_certificate_in_every_spelling() {
    for (what, predicate, differs) in [
        ("slsa-github-generator", v02(GIT, COMMIT, X), vec![]),
        (
            "BuildKit",
            v02("https://github.com/o/r.git#refs/heads/main", COMMIT, "Dockerfile"),
            vec![],
        ),
        ("BuildKit, short", v02("https://github.com/o/r.git#main", COMMIT, "Dockerfile"), vec![]),
        (
            "a commit for a ref",
            v02(&format!("https://github.com/o/r.git#{COMMIT}"), COMMIT, "Dockerfile"),
            vec![],
        ),
        ("an image as a source", v02("pkg:docker/alpine@3", COMMIT, "Dockerfile"), vec![]),
        ("another commit", v02(GIT, OTHER, X), vec![Field::Commit]),
        (
            "another tag",
            v02("git+https://github.com/o/r@refs/tags/v1", COMMIT, X),
            vec![Field::Reference],
        ),
        ("another workflow", v02(GIT, COMMIT, ".github/workflows/y.yml"), vec![Field::Workflow]),
        (
            "another repository",
            v02("git+https://github.com/p/r@refs/heads/main", COMMIT, X),
            vec![Field::Repository],
        ),
    ] {
        for claims in [current(), reusable()] {
            let got = fields("https://slsa.dev/provenance/v0.2", &predicate, &claims);
            assert_eq!(got, differs, "{what}");
        }
    }
}

#[test]
fn other_material_of_a_build_is_no_source() {
    let deps = |list: &str| {
        format!(
            r#"{{"buildDefinition":{{"buildType":"mine","externalParameters":{{"source":"https://github.com/o/r"}},"resolvedDependencies":[{list}]}}}}"#
        )
    };
    let dep = |uri: &str, commit: &str| {
        format!(r#"{{"uri":"{uri}","digest":{{"gitCommit":"{commit}"}}}}"#)
    };
    let own = dep("git+https://github.com/o/r@refs/heads/main", COMMIT);
    for (what, list, differs) in [
        (
            "a builder's repository",
            format!("{},{own}", dep("git+https://github.com/t/b@refs/tags/v2", OTHER)),
            vec![],
        ),
        (
            "the same repository twice",
            format!("{},{own}", dep("git+https://github.com/o/r", OTHER)),
            vec![],
        ),
        (
            "an image",
            format!(r#"{{"uri":"pkg:docker/x@1","digest":{{"sha256":"{COMMIT}"}}}},{own}"#),
            vec![],
        ),
        (
            "the same repository at another commit",
            dep("git+https://github.com/o/r", OTHER),
            vec![Field::Commit],
        ),
    ] {
        let got = fields("https://slsa.dev/provenance/v1", &deps(&list), &current());
        assert_eq!(got, differs, "{what}");
    }
}

#[test]
fn a_certificate_that_says_nothing_contradicts_nothing() {
    let predicate =
        v02("git+https://github.com/o/r@refs/heads/main", COMMIT, ".github/workflows/x.yml");
    for silent in [certificate(&[]), certificate(&[(1, "issuer"), (12, "")])] {
        let got = fields("https://slsa.dev/provenance/v0.2", &predicate, &silent);
        assert_eq!(got, vec![]);
    }
}
