//! Material that verifiers read differently, signed with a key that is demanded: only what every
//! reader would accept is proved.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use common::run::run;

#[test]
fn what_readers_disagree_about_is_not_proved() {
    for (case, key, flags, code) in [
        // The annotation stands on a subject that is another artifact.
        ("other-subjects-annotation", "k.pub", "-a env=prod", 1),
        ("other-subjects-annotation", "k.pub", "-a env=dev", 0),
        // `null` and `true` are not the strings "null" and "true".
        ("annotations-that-are-no-strings", "k.pub", "-a env=null", 1),
        ("annotations-that-are-no-strings", "k.pub", "-a b=true", 1),
        // Arrays where the payload has objects: some readers take items for fields.
        ("payload-of-arrays", "k.pub", "", 3),
        // `payload` beside `Payload`, `sha256` beside `SHA256`.
        ("envelope-in-two-ways", "k.pub", "", 1),
        ("digest-in-two-ways", "k.pub", "", 1),
        // A file with two keys names none.
        ("key-without-log", "two.pub", "--insecure-ignore-tlog", 3),
        ("key-without-log", "k.pub", "--insecure-ignore-tlog", 0),
        ("key-without-log", "k.pub", "", 3),
        // An attestation that could not be read may be the demanded signature.
        ("two-envelope-signatures", "k.pub", "", 3),
    ] {
        let folder = "tests/fixtures/disagreeing";
        let line = format!(
            "sigscope verify oci:{folder}/{case}:4.0.0 --trusted-root {folder}/root.json \
             --key {folder}/{key} {flags}"
        );
        let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let said = run(&argv);
        assert_eq!(said.code, code, "{line}: {}{}", said.out, said.err);
    }
}
