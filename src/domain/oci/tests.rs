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

#[test]
fn a_short_text_that_is_large_in_memory_is_refused_before_it_is_built() {
    let d = r#"{"mediaType":"a/b","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0"#;
    let annotations = |number: usize| {
        let each: Vec<String> = (0..number).map(|n| format!(r#""{n}":"""#)).collect();
        format!(r#"{{"layers":[{d}}}],"annotations":{{{}}}}}"#, each.join(","))
    };
    // The layer has three, and there are "layers" and "annotations".
    assert!(Manifest::parse(annotations(MAX_MEMBERS - 5).as_bytes()).is_ok());
    let refused = Manifest::parse(annotations(MAX_MEMBERS - 4).as_bytes());
    assert_eq!(refused, Err(ManifestError::TooManyMembers));
    // What stands in a text is no name.
    let text = format!(r#"{{"layers":[],"annotations":{{"a\\":"\"{}"}}}}"#, ":".repeat(200_000));
    assert!(Manifest::parse(text.as_bytes()).is_ok());
    let before = weight(text.as_bytes());
    assert_eq!(before - text.len(), 3 * (weight(br#"{"a":1}"#) - 7));
}

#[test]
fn names_longer_than_any_are_no_names() {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let with = |field: &str| format!(r#"{{"digest":"{digest}","size":0,{field}}}"#);
    for field in ["mediaType", "artifactType", "os", "architecture", "variant"] {
        for (length, fits) in [(MAX_NAME, true), (MAX_NAME + 1, false)] {
            let name = format!(r#""{field}":"{}""#, "a".repeat(length));
            let inside = matches!(field, "os" | "architecture" | "variant");
            let name = if inside { format!(r#""platform":{{{name}}}"#) } else { name };
            assert_eq!(listed(&with(&name)).is_ok(), fits, "{field} {length}");
            let manifest = format!(r#"{{"manifests":[{}]}}"#, with(&name));
            assert_eq!(Manifest::parse(manifest.as_bytes()).is_ok(), fits, "{field} {length}");
        }
    }
}

#[test]
fn a_listed_descriptor_keeps_no_annotations_and_is_read_as_strictly() {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (annotations, fits) in [
        (r#"{"a":"b","c":"\u0064"}"#, true),
        ("{}", true),
        ("null", true),
        (r#"{"a":1}"#, false),
        (r#"{"a":null}"#, false),
        ("[]", false),
    ] {
        let text = format!(r#"{{"digest":"{digest}","size":7,"annotations":{annotations}}}"#);
        let manifest = Manifest::parse(format!(r#"{{"manifests":[{text}]}}"#).as_bytes());
        assert_eq!(manifest.is_ok(), fits, "{annotations}");
        let got = listed(&text);
        assert_eq!(got.is_ok(), fits, "{annotations}");
        assert!(got.iter().all(|d| d.annotations.is_empty() && d.size == 7), "{annotations}");
    }
}

#[test]
fn a_config_is_shown_as_far_as_it_is_one() {
    let text = r#"{"os":"linux","architecture":7,"variant":"","x":[0],"config":{"User":"\u0061",
        "Env":["A=1", 2],"Labels":{"k":"v","n":{"a": 1}}}}"#;
    let config = Config::parse(text.as_bytes()).unwrap();
    assert_eq!(
        (config.os.as_deref(), config.architecture, config.variant),
        (Some("linux"), None, None)
    );
    assert_eq!(config.settings["User"], r#""a""#);
    assert_eq!(config.settings["Env"], r#"["A=1",2]"#);
    assert_eq!((config.labels["k"].as_str(), config.labels["n"].as_str()), ("v", r#"{"a":1}"#));
    for text in [r#"{"config":[]}"#, r#"{"config":{"Labels":1}}"#, "{}", " {}"] {
        assert_eq!(Config::parse(text.as_bytes()), Ok(Config::default()), "{text}");
    }
    let zeros = format!(r#"{{"config":{{"Env":[{}0]}}}}"#, "0,".repeat(100_000));
    let config = Config::parse(zeros.as_bytes()).unwrap();
    assert_eq!(config.settings["Env"], "(200003 bytes, not shown)");
    let labels: Vec<String> = (0..20_000).map(|n| format!(r#""{n}":"""#)).collect();
    let labels = format!(r#"{{"config":{{"Labels":{{{}}}}}}}"#, labels.join(","));
    for text in [labels.as_str(), "[]", "7", "{"] {
        assert!(Config::parse(text.as_bytes()).is_err(), "{}", text.len());
    }
}
