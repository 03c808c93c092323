//! What is around a document is taken off, told, and never more than told.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::{
    super::{MAX_WRAPPINGS, SbomError, Wrapping, wrapped::unpack},
    Sbom, names, problems, seed,
};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn statement() -> Wrapping {
    Wrapping::Statement { predicate_type: Some("https://cyclonedx.org/bom".to_owned()) }
}

#[test]
fn the_inner_document_is_the_source_byte_for_byte() {
    let json = seed("twin.cdx.json").trim_ascii_end();
    for (name, inner, around) in [
        ("bundle.json", json, vec![Wrapping::Bundle, Wrapping::Envelope, statement()]),
        ("custom.json", seed("twin.spdx"), vec![Wrapping::Custom]),
        ("string.json", seed("twin.spdx"), vec![Wrapping::Text]),
        ("twin.cdx.xml.gz", seed("twin.cdx.xml"), vec![Wrapping::Gzip]),
        ("twin.cdx.json", seed("twin.cdx.json"), vec![]),
    ] {
        let sbom = Sbom::parse(seed(name)).unwrap();
        assert_eq!(sbom.wrapped(), around, "{name}");
        assert_eq!(sbom.source().bytes(), inner, "{name}");
        assert_eq!(Sbom::parse(inner).unwrap().counts(), sbom.counts(), "{name}");
        assert_eq!(sbom.left_out(), None);
        for part in sbom.components() {
            assert!(sbom.source().text().contains(part.raw().unwrap()), "{name}");
        }
    }
}

#[test]
fn words_about_evidence_say_that_nothing_was_checked() {
    for (wrapping, words) in [
        (Wrapping::Bundle, "in a Sigstore bundle, not verified here"),
        (Wrapping::Envelope, "in a DSSE envelope, whose signatures were not checked here"),
        (
            statement(),
            "in an in-toto statement (https://cyclonedx.org/bom), whose subjects were not compared here",
        ),
    ] {
        assert_eq!(wrapping.to_string(), words);
    }
}

#[test]
fn layers_may_be_in_any_order_up_to_a_bound() {
    let document = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}]}"#;
    let around = |layers: usize| {
        let mut text = document.to_owned();
        for _ in 0..layers {
            text = format!(r#"{{"Data":{text}}}"#);
        }
        Sbom::parse(text)
    };
    assert_eq!(around(MAX_WRAPPINGS).unwrap().wrapped().len(), MAX_WRAPPINGS);
    assert_eq!(
        around(MAX_WRAPPINGS + 1).unwrap_err().to_string(),
        "not an SBOM: more than 8 layers around the document"
    );
    let mixed = json!({ "Data": json!({ "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "t", "predicate": document }).to_string(), "Timestamp": "now" });
    let sbom = Sbom::parse(gzip(&gzip(mixed.to_string().as_bytes()))).unwrap();
    let of = Wrapping::Statement { predicate_type: Some("t".to_owned()) };
    let wanted = [Wrapping::Gzip, Wrapping::Gzip, Wrapping::Custom, of, Wrapping::Text];
    assert_eq!(sbom.wrapped(), wanted);
    assert_eq!(sbom.source().text(), document);
}

#[test]
fn an_envelope_may_be_url_safe_and_unpadded() {
    let payload = "eyJib21Gb3JtYXQiOiJDeWNsb25lRFgiLCJ4Ijoi4oi_4oi_In0";
    let envelope = json!({ "payloadType": "x", "payload": payload, "signatures": [] });
    let sbom = Sbom::parse(envelope.to_string()).unwrap();
    assert_eq!(sbom.source().text(), r#"{"bomFormat":"CycloneDX","x":"∿∿"}"#);
}

#[test]
fn what_says_nothing_is_told_apart_from_what_is_no_sbom() {
    let statement = |predicate: &str| {
        format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"t","predicate":{predicate}}}"#
        )
    };
    let came = "; it came in an in-toto statement (t), whose subjects were not compared here";
    for (document, words) in [
        ("{}".to_owned(), "an empty object ({}), which says nothing".to_owned()),
        (" null ".to_owned(), "null, which says nothing".to_owned()),
        ("[]".to_owned(), "a JSON array".to_owned()),
        ("\"\"".to_owned(), "the document is empty; it came in a JSON string".to_owned()),
        (
            "\"hello\"".to_owned(),
            "neither JSON nor XML nor SPDX tag-value; it came in a JSON string".to_owned(),
        ),
        (statement("{}"), format!("an empty object ({{}}), which says nothing{came}")),
        (statement("null"), format!("null, which says nothing{came}")),
        (
            statement(r#"{"builder":{}}"#),
            format!("a JSON object without bomFormat and spdxVersion{came}"),
        ),
        (
            r#"{"_type":"https://in-toto.io/Statement/v1"}"#.to_owned(),
            "an in-toto statement without a predicate".to_owned(),
        ),
        (
            r#"{"Data":"x","more":1}"#.to_owned(),
            "a JSON object without bomFormat and spdxVersion".to_owned(),
        ),
    ] {
        let error = Sbom::parse(document.as_str()).unwrap_err().to_string();
        assert_eq!(error, format!("not an SBOM: {words}"), "{document}");
    }
    let error = Sbom::parse(r#"{"payloadType":"x","payload":"*"}"#).unwrap_err().to_string();
    assert!(error.contains("the payload of the envelope is no Base64"), "{error}");
}

#[test]
fn a_statement_with_nan_in_it_is_opened_all_the_same() {
    let document = r#"{"bomFormat":"CycloneDX","components":[{"name":"a","x":NaN}]}"#;
    let text = format!(r#"{{"_type":"https://in-toto.io/Statement/v1","predicate":{document}}}"#);
    let sbom = Sbom::parse(text).unwrap();
    assert_eq!((names(&sbom), sbom.source().text()), (vec!["a"], document));
}

#[test]
fn packed_data_that_breaks_off_is_read_as_far_as_it_goes() {
    let parts = r#"{"name":"a","version":"1"},"#.repeat(5000);
    let document = format!(r#"{{"bomFormat":"CycloneDX","components":[{parts}{{"name":"z"}}]}}"#);
    let packed = gzip(document.as_bytes());
    let sbom = Sbom::parse(&packed[..packed.len() - 12]).unwrap();
    assert!(matches!(sbom.left_out(), Some(SbomError::Malformed(_))));
    assert!(problems(&sbom).last().unwrap().contains("its gzip cannot be unpacked further"));
    assert!(sbom.len() > 1000);
    // Not one component: an error.
    assert!(Sbom::parse(&packed[..10]).is_err());
}

#[test]
fn a_gzip_bomb_is_unpacked_to_a_limit_and_never_inside_a_payload() {
    let packed = gzip(&vec![b' '; 5 << 20]);
    let (unpacked, cut) = unpack(&packed, 3 << 20, &|_| true).unwrap();
    assert_eq!((unpacked.len(), cut), (3 << 20, Some(SbomError::Unpacked(3 << 20))));
    let (unpacked, cut) = unpack(&packed, 5 << 20, &|_| true).unwrap();
    assert_eq!((unpacked.len(), cut), (5 << 20, None));
    assert_eq!(unpack(&packed, 1, &|_| false), Err(SbomError::Cancelled));
    let envelope = r#"{"payloadType":"x","payload":"H4sIAAAAAAAC/wMAAAAAAAAAAAA="}"#;
    assert_eq!(
        Sbom::parse(envelope).unwrap_err().to_string(),
        "not an SBOM: packed data; it came in a DSSE envelope, whose signatures were not checked here"
    );
}

#[test]
fn utf_16_is_read_where_its_mark_says_so() {
    let little = seed("utf16.cdx.json");
    let big: Vec<u8> = little.chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect();
    let plain = Sbom::parse(seed("twin.cdx.json")).unwrap();
    for bytes in [little, &big] {
        let sbom = Sbom::parse(bytes).unwrap();
        assert_eq!((names(&sbom), sbom.counts()), (names(&plain), plain.counts()));
        assert_eq!(problems(&sbom)[0], ": the document is UTF-16; read as such");
        assert_eq!(sbom.source().bytes(), bytes);
    }
}
