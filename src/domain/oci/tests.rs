use super::*;

#[test]
fn a_manifest_is_known_by_its_content() {
    let d = r#"{"mediaType":"a/b","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}"#;
    for (text, wanted) in [
        (format!(r#"{{"manifests":[{d}]}}"#), "index"),
        (format!(r#"{{"config":{d},"layers":[{d}]}}"#), "image"),
        (format!(r#"{{"layers":[{d}],"manifests":[{d}]}}"#), "ambiguous"),
        (r#"{"layers":[],"manifests":[]}"#.into(), "ambiguous"),
        (format!(r#"{{"layers":[{d}],"blobs":[{d}]}}"#), "ambiguous"),
        (format!(r#"{{"blobs":[{d}],"manifests":[{d}]}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{INDEX}","layers":[{d}]}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{DOCKER_LIST}","config":{d},"layers":[{d}]}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{INDEX}","config":{d}}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{MANIFEST}","manifests":[{d}]}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{DOCKER_MANIFEST}","manifests":[]}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{ARTIFACT}","manifests":[{d}]}}"#), "ambiguous"),
        (format!(r#"{{"mediaType":"{ARTIFACT}","blobs":[{d}],"subject":{d}}}"#), "image"),
        (format!(r#"{{"mediaType":"{DOCKER_LIST}","manifests":[{d}]}}"#), "index"),
        (format!(r#"{{"mediaType":"x/y","manifests":[{d}],"layers":null}}"#), "index"),
        (format!(r#"{{"layers":[{d}],"layers":[{d}]}}"#), "none"),
        (r#"{"schemaVersion":1,"name":"x","fsLayers":[{"blobSum":"x"}]}"#.into(), "schema 1"),
        (
            r#"{"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws"}"#.into(),
            "schema 1",
        ),
        (format!(r#"{{"config":{d},"manifests":[{d}]}}"#), "ambiguous"),
        ("{}".into(), "none"),
        ("[]".into(), "none"),
        ("<html>".into(), "none"),
        (r#"{"layers":[{"digest":"sha256:00","size":1}]}"#.into(), "none"),
        (r#"{"layers":[{"digest":"sha256:00","size":-1}]}"#.into(), "none"),
    ] {
        let got = match Manifest::parse(text.as_bytes()) {
            Ok(Manifest::Index(_)) => "index",
            Ok(Manifest::Image(_)) => "image",
            Err(ManifestError::Ambiguous(_)) => "ambiguous",
            Err(ManifestError::Schema1) => "schema 1",
            Err(_) => "none",
        };
        assert_eq!(got, wanted, "{text}");
    }
}

#[test]
fn entries_are_counted_and_no_error_repeats_megabytes() {
    let empty = Digest::sha256(b"");
    let list = |number| {
        let one = format!(r#"{{"digest":"{empty}","size":0}}"#);
        format!(r#"{{"manifests":[{}]}}"#, vec![one; number].join(","))
    };
    let long = "C".repeat(4_000_000);
    for (row, text, wanted) in [
        ("at the limit", list(MAX_ENTRIES), ""),
        ("one more", list(MAX_ENTRIES + 1), "more than 10000 entries"),
        ("many more", list(MAX_ENTRIES * 4), "more than 10000 entries"),
        ("text for a list", format!(r#"{{"manifests":"{long}"}}"#), "at line 1 column"),
        ("a long media type", format!(r#"{{"mediaType":"{long}"}}"#), "neither layers"),
        (
            "a long digest",
            format!(r#"{{"layers":[{{"digest":"{long}:x","size":1}}]}}"#),
            "unsupported digest",
        ),
    ] {
        let words =
            Manifest::parse(text.as_bytes()).map_or_else(|e| e.to_string(), |_| String::new());
        assert!(words.contains(wanted) && words.is_empty() == wanted.is_empty(), "{row}: {words}");
        assert!(words.len() < 400, "{row}: {} bytes", words.len());
    }
}
