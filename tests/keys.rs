//! Which files are public keys: of one key exactly one encoding, so that its holder counts once.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use std::{fs, path::Path};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::KeyPair,
};
use common::run::run;
use sigscope::verify::key::TrustedKey;
use virtual_sigstore::{Curve, Key, pem};

const RSA: &str = "06092a864886f70d010101";
const P256: &str = "06072a8648ce3d020106082a8648ce3d030107";
const P384: &str = "06072a8648ce3d020106052b81040022";
const ED25519: &str = "06032b6570";

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = match content.len() {
        0..128 => vec![length[1]],
        128..256 => vec![0x81, length[1]],
        _ => vec![0x82, length[0], length[1]],
    };
    [vec![tag], length, content.to_vec()].concat()
}

/// A SubjectPublicKeyInfo of the contents of its algorithm, in hex, and of its bit string.
fn spki(algorithm: &str, key: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &hex::decode(algorithm).unwrap());
    tlv(0x30, &[algorithm, tlv(3, &[&[0], key].concat())].concat())
}

/// The same point in another form than the uncompressed one: with one coordinate, or hybrid.
fn other_forms(point: &[u8]) -> [Vec<u8>; 2] {
    let parity = point.last().unwrap() & 1;
    let (_, coordinates) = point.split_first().unwrap();
    let x = coordinates.get(..coordinates.len() / 2).unwrap();
    [[&[2 + parity], x].concat(), [&[6 + parity], coordinates].concat()]
}

/// What each SubjectPublicKeyInfo is, and whether it is taken.
fn encodings() -> Vec<(&'static str, Vec<u8>, bool)> {
    let mut all = vec![];
    for (name, curve, algorithm, head) in
        [("P-256", Curve::P256, P256, 26), ("P-384", Curve::P384, P384, 23)]
    {
        let good = curve.key().spki();
        let point = good.get(head..).unwrap();
        assert_eq!(spki(algorithm, point), good, "{name}");
        let [compressed, hybrid] = other_forms(point);
        let mut beside = point.to_vec();
        *beside.last_mut().unwrap() ^= 1;
        let extra = format!("{algorithm}0500");
        all.extend([
            (name, good.clone(), true),
            ("compressed", spki(algorithm, &compressed), false),
            ("hybrid", spki(algorithm, &hybrid), false),
            ("not on the curve", spki(algorithm, &beside), false),
            ("at infinity", spki(algorithm, &[0]), false),
            ("a key in a key", spki(algorithm, &good), false),
            ("more parameters", spki(&extra, point), false),
            ("a byte behind it", [&good[..], &[0]].concat(), false),
        ]);
    }
    let good = Key::ed25519().spki();
    let key = good.get(12..).unwrap();
    assert_eq!(spki(ED25519, key), good);
    all.extend([
        ("Ed25519", good.clone(), true),
        ("with NULL", spki(&format!("{ED25519}0500"), key), false),
        ("a key in a key", spki(ED25519, &good), false),
        ("a byte too few", spki(ED25519, key.get(1..).unwrap()), false),
    ]);
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let good = pair.public_key().as_der().unwrap().as_ref().to_vec();
    let key = pair.public_key().as_ref();
    let null = format!("{RSA}0500");
    assert_eq!(spki(&null, key), good);
    // The modulus is 256 bytes behind one that is zero, the exponent 3 bytes.
    let (modulus, exponent) = (key.get(8..265).unwrap(), key.get(267..).unwrap());
    let rsa =
        |modulus: &[u8], exponent: &[u8]| tlv(0x30, &[tlv(2, modulus), tlv(2, exponent)].concat());
    assert_eq!(rsa(modulus, exponent), key);
    let padded = |number: &[u8]| [&[0], number].concat();
    all.extend([
        ("RSA", good.clone(), true),
        ("RSA without NULL", spki(RSA, key), false),
        ("RSA, a longer modulus", spki(&null, &rsa(&padded(modulus), exponent)), false),
        ("RSA, a longer exponent", spki(&null, &rsa(modulus, &padded(exponent))), false),
        ("RSA, a negative modulus", spki(&null, &rsa(modulus.get(1..).unwrap(), exponent)), false),
        ("RSA, too short", spki(&null, &rsa(modulus.get(..129).unwrap(), exponent)), false),
        ("a key in a key", spki(&null, &good), false),
        ("a longer length", [&[0x30, 0x83, 0], good.get(2..).unwrap()].concat(), false),
    ]);
    all
}

#[test]
fn a_key_is_taken_in_the_one_encoding_that_it_has() {
    let taken = |der: &[u8]| TrustedKey::parse(pem("PUBLIC KEY", der).as_bytes());
    for (what, der, good) in encodings() {
        let key = taken(&der);
        assert_eq!(key.is_ok(), good, "{what}: {key:?}");
        assert!(good || key.unwrap_err().to_string().contains("the key cannot be read"), "{what}");
    }
}

#[test]
fn a_demanded_key_that_cannot_verify_is_undecided_whatever_it_signed() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys");
    fs::create_dir_all(&folder).unwrap();
    let own = fs::read_to_string("tests/fixtures/key-signed/cosign.pub").unwrap();
    let der = sigstore_types::DerPublicKey::from_pem(own.trim()).unwrap();
    let [compressed, hybrid] = other_forms(der.as_bytes().get(26..).unwrap());
    let own = spki(P256, der.as_bytes().get(26..).unwrap());
    let target = "oci:tests/fixtures/key-signed/layout:logged";
    for (what, der, code) in [
        ("own", own, 0),
        ("compressed", spki(P256, &compressed), 3),
        ("hybrid", spki(P256, &hybrid), 3),
    ] {
        let path = folder.join(what);
        fs::write(&path, pem("PUBLIC KEY", &der)).unwrap();
        let key = path.to_str().unwrap();
        let root = "tests/fixtures/trusted_root.json";
        let argv = ["sigscope", "verify", target, "--key", key, "--trusted-root", root];
        let said = run(&argv.map(str::to_owned));
        assert_eq!(said.code, code, "{what}: {}{}", said.out, said.err);
        assert_eq!(said.out.contains("the key cannot be read"), code == 3, "{what}: {}", said.out);
    }
}
