//! What a Dockerfile names.

use super::{
    Kind,
    document_tests::{assert_all, left, places, read},
};

#[test]
fn a_dockerfile_is_known_by_its_name() {
    for (name, is) in [
        ("Dockerfile", true),
        ("a/b/Dockerfile", true),
        ("Dockerfile.alpine", true),
        ("web.Dockerfile", true),
        ("dockerfile", true),
        ("Containerfile", true),
        ("Containerfile.x", true),
        ("a\\x.containerfile", true),
        ("Dockerfile.dockerignore", false),
        ("MyDockerfile", false),
        ("Dockerfiles", false),
        ("values.yaml", false),
    ] {
        let document = read(name, "FROM a:1\n");
        assert_eq!(document.kind() == Kind::Dockerfile, is, "{name}");
        assert_eq!(document.places().len(), usize::from(is), "{name}");
    }
}

/// A file, its places, what is left alone.
const FILES: &[(&str, &[&str], &[&str])] = &[
    ("FROM a:1", &["1 docker.io/library/a:1"], &[]),
    ("from --platform=$BUILDPLATFORM ghcr.io/a/b:1 as x\n", &["1 ghcr.io/a/b:1"], &[]),
    ("FROM a:1 AS Build\nFROM build\n", &["1 docker.io/library/a:1"], &["2 build: a stage"]),
    ("FROM scratch\n", &[], &["1 scratch: an empty image"]),
    ("ARG B=x\nFROM $B\nFROM ${B:-y}:1\n", &[], &["2 $B: a variable", "3 ${B:-y}:1: a variable"]),
    (
        "FROM a:1 AS s\nCOPY --chown=1 --from=s /x /y\nCOPY --from=0 /x /y\nCOPY --from=b:1 /x /y\nCOPY x --from=c:1 /y\n",
        &["1 docker.io/library/a:1", "4 docker.io/library/b:1"],
        &["2 s: a stage", "3 0: the number"],
    ),
    (
        "FROM a:1\nRUN --mount=type=bind,from=b:1,source=/x --mount=type=cache,target=/y make\nONBUILD COPY --from=c:1 / /\n",
        &["1 docker.io/library/a:1", "2 docker.io/library/b:1", "3 docker.io/library/c:1"],
        &[],
    ),
    (
        "# syntax=docker/dockerfile:1\n# escape=`\nFROM `\n  # why\n\n  a:1\n",
        &["6 docker.io/library/a:1"],
        &["1 docker/dockerfile:1: the frontend"],
    ),
    ("# comment\n# escape=`\nFROM \\\n  a:1\n", &["4 docker.io/library/a:1"], &[]),
    ("FROM a\\\n:1\n", &[], &["1 a:1: it goes over"]),
    (
        "FROM a:1\r\nRUN x \\\r\n  FROM b:1\r\nFROM c:1 \r\n",
        &["1 docker.io/library/a:1", "4 docker.io/library/c:1"],
        &[],
    ),
    (
        "FROM a:1\nRUN <<EOF\nFROM b:1\nEOF\nFROM c:1\n",
        &["1 docker.io/library/a:1", "5 docker.io/library/c:1"],
        &[],
    ),
    (
        "FROM a:1\nRUN <<-\"A B\" x <<C\nFROM b:1\n\tA B\nFROM b:1\nC\nFROM c:1\n",
        &["1 docker.io/library/a:1", "7 docker.io/library/c:1"],
        &[],
    ),
    (
        "FROM a:1\nRUN echo \"<<EOF\" '<<A' <<<B\nFROM c:1\n",
        &["1 docker.io/library/a:1", "3 docker.io/library/c:1"],
        &[],
    ),
    (
        "FROM a:1\nCMD <<EOF\nFROM c:1\n",
        &["1 docker.io/library/a:1", "3 docker.io/library/c:1"],
        &[],
    ),
    ("FROM {{ image }}\nFROM A:1\nFROM\n", &[], &["1 {{: a template", "2 A:1: not a reference"]),
    (
        "\u{feff}FROM a:1\n#FROM b:1\nRUN x \\\\\nFROM c:1\n",
        &["1 docker.io/library/a:1", "4 docker.io/library/c:1"],
        &[],
    ),
    ("# known=no\n# escape=`\nFROM \\\n  a:1\n", &["4 docker.io/library/a:1"], &[]),
];

#[test]
fn a_dockerfile_names_images_stages_and_variables() {
    for (text, all, alone) in FILES {
        let document = read("Dockerfile", text);
        assert_all(text, "places", &places(&document), all);
        assert_all(text, "left alone", &left(&document), alone);
    }
}
