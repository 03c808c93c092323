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

#[test]
fn a_file_that_readers_take_apart_differently_is_refused() {
    let space = "white space that readers see differently";
    let document = "a here-document that readers end differently";
    for (text, line, why) in [
        ("FROM a:1\nFROM\u{b}b:1\n", 2, space),
        ("FROM a:1\n\u{c}FROM b:1\n", 2, space),
        ("FROM a:1\n\u{a0}FROM b:1\n", 2, space),
        ("FROM a:1\nRUN a \\\n\u{85}\nFROM b:1\n", 3, space),
        ("FROM a:1\nFROM\u{3000}b:1\n", 2, space),
        ("FROM a:1\n\u{2028}# c\n", 2, space),
        ("#\u{a0}escape=`\nFROM a:1\n", 1, space),
        ("FROM a:1\nRUN <<\"E'F\"\nx\nE'F\nFROM b:1\n", 2, document),
        ("FROM a:1\nRUN <<'E\\F'\nx\nE\\F\nFROM b:1\n", 2, document),
        ("FROM a:1\nRUN <<E\\F\nx\n", 2, document),
        ("FROM a:1\nRUN <<E\"F\"\nx\n", 2, document),
        ("FROM a:1\nRUN <<${E:-F}\nx\n", 2, document),
        ("FROM a:1\nRUN cat <<EOF don't\nx\nEOF\n", 2, document),
        ("FROM a:1\nONBUILD COPY <<\"E'F\" x\nx\n", 2, document),
    ] {
        let bytes = std::sync::Arc::from(text.as_bytes());
        let error = super::Document::read("Dockerfile", &bytes).unwrap_err();
        assert_eq!(error.0, format!("line {line}: {why}"), "{text}");
    }
    let text = "# \u{a0}c\nFROM a:1\n # \u{3000}\nRUN echo \"\u{a0}\" '\u{b}'\nRUN cat <<EOF >${F}\n\u{a0}x\nEOF\n";
    assert_eq!(places(&read("Dockerfile", text)), ["2 docker.io/library/a:1"]);
}

#[test]
fn what_buildkit_reads_too_is_named() {
    const A: &[&str] = &["2 docker.io/library/a:1"];
    for (text, all, alone) in [
        (
            " # escape=`\nFROM a:1\nRUN x \\\nFROM b:1\n",
            &["2 docker.io/library/a:1", "4 docker.io/library/b:1"][..],
            &[][..],
        ),
        (
            "#!/x\n# syntax=evil/f:1\nFROM a:1\n",
            &["3 docker.io/library/a:1"],
            &["2 evil/f:1: the frontend"],
        ),
        ("//syntax=evil/f:1\nFROM a:1\n", A, &["1 evil/f:1: the frontend"]),
        (
            "{\"syntax\":\"evil/f:1\"}\nFROM a:1\n",
            A,
            &["1 {\"syntax\":\"evil/f:1\"}: the frontend"],
        ),
        ("#!x\n//a=b\n// syntax = evil/f:1\n", &[], &["3 evil/f:1: the frontend"]),
        (
            "FROM a:1\nRUN --mount=\"from=b:1,target=/x\" ls\nRUN --mount=type=bind,\"from=b:2\" \\\n  --mount=fr\\om=b:3 ls\n",
            &["1 docker.io/library/a:1"],
            &["2 --mount=\"from=b:1", "3 --mount=type=bind,\"from", "4 --mount=fr\\om=b:3"],
        ),
        (
            "FROM a:1\nCOPY --fr\"om\"=b:1 / /\nCOPY --chown=\"x\" --from='b:2' / /\nRUN --mo\\unt=from=b:3 ls\n",
            &["1 docker.io/library/a:1"],
            &["2 --fr\"om\"=b:1", "3 --from='b:2'", "4 --mo\\unt=from"],
        ),
    ] {
        let document = read("Dockerfile", text);
        assert_all(text, "places", &places(&document), all);
        assert_all(text, "left alone", &left(&document), alone);
        let open = document.left_alone().iter().all(|l| l.open != l.why.contains("frontend"));
        assert!(open, "{text}");
    }
}
