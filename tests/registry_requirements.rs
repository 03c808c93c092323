//! What the OCI distribution specification 1.1 demands of a client that reads, and where it is
//! tested: "Pull", "Content Discovery" and "Listing Referrers". The requirements are given in
//! short; a row whose test is gone fails.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

use std::fs;

/// Section, requirement, file, test.
const REQUIREMENTS: &[(&str, &str, &str, &str)] = &[
    (
        "Pulling manifests",
        "GET /v2/<name>/manifests/<reference>, by tag and by digest",
        "tests/registry_servers.rs",
        "a_registry_with_the_referrers_api_is_read_like_a_layout",
    ),
    (
        "Pulling manifests",
        "the Accept header names the types of manifest that the client knows",
        "src/net/registry/mod.rs",
        "every_kind_of_manifest_is_accepted_by_name",
    ),
    (
        "Pulling manifests",
        "a manifest that is there comes with 200 and nothing else",
        "tests/registry_http.rs",
        "every_bad_answer_to_a_manifest_is_its_own_error",
    ),
    (
        "Pulling manifests",
        "a manifest that is not there is a 404",
        "tests/registry_servers.rs",
        "tags_and_what_is_not_there_are_told_apart_on_real_registries",
    ),
    (
        "Pulling manifests",
        "what was asked for by digest is verified against that digest",
        "tests/registry_http.rs",
        "a_digest_gets_only_its_own_bytes",
    ),
    (
        "Pulling manifests",
        "Docker-Content-Digest is not believed over the bytes",
        "src/net/content.rs",
        "the_header_is_a_contradiction_unless_the_bytes_deserve_it",
    ),
    (
        "Pulling manifests",
        "the content says what it is; the Content-Type is only a hint",
        "src/net/content.rs",
        "content_says_what_it_is_before_anybody_else",
    ),
    (
        "Pushing manifests",
        "manifests of 4 MiB are read, larger ones may be refused",
        "tests/registry_faults.rs",
        "every_fault_is_told_and_ends_in_its_exit_code",
    ),
    (
        "Pulling blobs",
        "GET /v2/<name>/blobs/<digest>, a redirect is followed, the bytes are verified",
        "tests/registry_http.rs",
        "a_blob_is_read_within_its_size_and_from_where_it_lies",
    ),
    (
        "Error codes",
        "errors are read from the envelope; an unknown code is no answer",
        "src/net/registry/answer.rs",
        "only_a_404_in_the_words_of_the_specification_is_absent",
    ),
    (
        "Error codes",
        "429 and 503 are asked again, and are no answer",
        "tests/registry_http.rs",
        "every_fault_of_a_registry_ends_as_it_must",
    ),
    (
        "Listing tags",
        "GET /v2/<name>/tags/list, as many pages as Link headers name",
        "tests/registry_http.rs",
        "tags_are_read_page_by_page_and_end",
    ),
    (
        "Listing tags",
        "Link headers are read as RFC 8288 writes them, relative ones too",
        "src/net/registry/address.rs",
        "links_are_read_as_rfc_8288_writes_them",
    ),
    (
        "Listing referrers",
        "GET /v2/<name>/referrers/<digest> gives an index, an empty one where there are none",
        "tests/registry_listing.rs",
        "none_and_could_not_look_are_told_apart_in_listings",
    ),
    (
        "Listing referrers",
        "pages of referrers are followed by Link",
        "tests/registry_http.rs",
        "every_fault_of_a_registry_ends_as_it_must",
    ),
    (
        "Unavailable Referrers API",
        "a 404 of the API makes the client ask for the tag",
        "tests/registry_servers.rs",
        "a_registry_without_the_referrers_api_is_asked_for_its_tags",
    ),
    (
        "Unavailable Referrers API",
        "the tag holds an index, or the listing is not complete",
        "tests/registry_listing.rs",
        "none_and_could_not_look_are_told_apart_in_listings",
    ),
    (
        "Enabling the Referrers API",
        "what only the tag lists is found beside what the API lists",
        "tests/registry_listing.rs",
        "an_entry_keeps_the_place_where_it_was_found_first",
    ),
    (
        "Referrers tag schema",
        "the algorithm is cut at 32 characters, the digest at 64",
        "src/net/listing.rs",
        "a_tag_is_cut_as_the_schema_says",
    ),
];

#[test]
fn every_requirement_of_the_specification_has_its_test() {
    let missing: Vec<String> = REQUIREMENTS
        .iter()
        .filter(|(_, _, file, test)| {
            !fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {test}(")))
        })
        .map(|(section, what, file, test)| format!("{section}: {what}: no {test} in {file}"))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
