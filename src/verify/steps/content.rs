//! `signature` and `subject`: the key signed these bytes, and these bytes name the artifact.

use sigstore_types::{DsseEnvelope, SignatureContent, bundle::MessageSignature};

use super::{Context, Outcome, log_body::algorithm};
use crate::{
    domain::{
        Digest,
        digest::Algorithm,
        simple_signing::{SimpleSigning, TYPE},
        statement::{PAYLOAD_TYPE, Statement, SubjectMatch},
    },
    verify::scheme::Scheme,
};

pub(crate) const SIGNATURE_CLAUSE: &str = "DSSE v1 protocol.md: PAE; Sigstore bundle §content";
pub(crate) const SUBJECT_CLAUSE: &str = "in-toto Statement v1 §subject, DigestSet matching";

/// Verifies the signature with the certificate's key.
pub(crate) fn signature(cx: &Context<'_>) -> Outcome {
    match &cx.bundle.content {
        SignatureContent::DsseEnvelope(envelope) => dsse_signature(cx, envelope),
        SignatureContent::MessageSignature(message) => message_signature(cx, message),
        _ => Outcome::undecided("the bundle holds a kind of signature that is not understood"),
    }
}

/// With what the signature is verified: over the digest that the bundle names, else as such keys
/// sign.
///
/// # Errors
/// In words, where such a key does not sign such digests.
pub(crate) fn scheme(cx: &Context<'_>) -> Result<Scheme, String> {
    let named = match &cx.bundle.content {
        SignatureContent::MessageSignature(message) => message.message_digest.as_ref(),
        _ => None,
    };
    let kind = cx.signer.kind();
    named.map_or_else(|| Ok(kind.default_scheme()), |digest| kind.scheme(digest.algorithm))
}

/// DSSE: "SIGNATURE = Sign(PAE(UTF8(`PAYLOAD_TYPE`), `SERIALIZED_BODY`))". The payload type is under
/// the signature, so that a signed note cannot be passed off as a statement.
fn dsse_signature(cx: &Context<'_>, envelope: &DsseEnvelope) -> Outcome {
    let scheme = cx.signer.kind().default_scheme();
    let (key, pae) = (cx.signer.key(), envelope.pae());
    match scheme.verify(key, &pae, &envelope.signature.sig) {
        Ok(()) => Outcome::holds(format!(
            "{} over PAE({}), {} bytes, {}",
            scheme.name(),
            envelope.payload_type,
            pae.len(),
            Digest::sha256(&pae).short()
        )),
        Err(e) => Outcome::refuted(format!("the key did not sign this payload: {e}")),
    }
}

fn message_signature(cx: &Context<'_>, message: &MessageSignature) -> Outcome {
    let scheme = match scheme(cx) {
        Ok(scheme) => scheme,
        Err(why) => return Outcome::refuted(why),
    };
    let key = cx.signer.key();
    let checked = match scheme.hash_algorithm() {
        Some(kind) => {
            let digest = algorithm(kind).ok().and_then(|kind| known(cx, kind));
            let Some(digest) = digest else {
                return Outcome::undecided("the artifact's digest by that algorithm is not known");
            };
            scheme.verify_prehashed(key, &digest.bytes(), &message.signature)
        }
        // Ed25519 signs the bytes themselves.
        None => match cx.signed_bytes() {
            Some(bytes) => scheme.verify(key, bytes, &message.signature),
            None => {
                let why = "this key signs the bytes themselves, and only a digest is at hand";
                return Outcome::undecided(why);
            }
        },
    };
    match checked {
        Ok(()) => {
            let what = cx.signed_digests().first().map(Digest::short).unwrap_or_default();
            let of = if cx.payload.is_some() { "the payload" } else { "the artifact" };
            Outcome::holds(format!("{} over {of}, {what}", scheme.name()))
        }
        Err(e) => Outcome::refuted(format!("the key did not sign this artifact: {e}")),
    }
}

pub(crate) fn known<'a>(cx: &Context<'a>, kind: Algorithm) -> Option<&'a Digest> {
    cx.signed_digests().iter().find(|d| d.algorithm() == kind)
}

/// Compares what was signed with the artifact.
pub(crate) fn subject(cx: &Context<'_>) -> Outcome {
    if let Some(payload) = cx.payload {
        return simple_signing(cx, &payload.simple);
    }
    match (&cx.bundle.content, cx.statement) {
        (SignatureContent::DsseEnvelope(envelope), Some(statement)) => {
            in_toto(cx, envelope, statement)
        }
        (SignatureContent::MessageSignature(message), _) => message_digest(cx, message),
        _ => Outcome::undecided("the bundle holds a kind of content that is not understood"),
    }
}

/// The payload must be cosign's and name the artifact's digest.
///
/// cosign spec: `docker-reference` "is ignored": it says where the signer met the image, so that a
/// mirror's copy stays signed. `critical.type` is not checked by cosign; a signed payload of another
/// type is no statement about an image.
fn simple_signing(cx: &Context<'_>, simple: &SimpleSigning) -> Outcome {
    if simple.kind != TYPE {
        return Outcome::refuted(format!("the payload is of type {:?}", simple.kind));
    }
    if cx.artifact.iter().any(|d| d.to_string() == simple.digest) {
        let reference = &simple.reference;
        return Outcome::holds(format!("{} is signed; as {reference}, not checked", simple.digest));
    }
    Outcome::refuted(format!("the payload names {}, not this artifact", simple.digest))
}

fn in_toto(
    cx: &Context<'_>,
    envelope: &DsseEnvelope,
    statement: &Result<Statement, String>,
) -> Outcome {
    if envelope.payload_type != PAYLOAD_TYPE {
        return Outcome::refuted(format!("the payload type is {:?}", envelope.payload_type));
    }
    let statement = match statement {
        Ok(statement) => statement,
        Err(why) => return Outcome::refuted(why.clone()),
    };
    match statement.names(cx.artifact) {
        SubjectMatch::Named(index) => {
            let digest = cx.artifact.first().map(Digest::short).unwrap_or_default();
            let of = statement.subjects.len();
            Outcome::holds(format!("{digest} is subject[{index}] of {of}"))
        }
        SubjectMatch::Contradicts(index, digest) => Outcome::refuted(format!(
            "subject[{index}] names the artifact, but with another {}",
            digest.algorithm().name()
        )),
        SubjectMatch::UpperCase(index) => Outcome::undecided(format!(
            "subject[{index}] names the artifact in upper-case hex; in-toto wants lower-case, and \
             verifiers disagree about it"
        )),
        SubjectMatch::NotComparable => {
            Outcome::undecided("no subject has a digest by an algorithm that is known here")
        }
        SubjectMatch::NotNamed => {
            let of = statement.subjects.len();
            Outcome::refuted(format!("none of the {of} subjects is this artifact"))
        }
    }
}

/// The bundle: `message_digest` is "only a hint"; where it stands, it must agree.
fn message_digest(cx: &Context<'_>, message: &MessageSignature) -> Outcome {
    let Some(said) = &message.message_digest else {
        return Outcome::holds("the signature itself covers the artifact's digest");
    };
    let kind = match algorithm(said.algorithm) {
        Ok(kind) => kind,
        Err(why) => return Outcome::undecided(why),
    };
    match known(cx, kind) {
        Some(digest) if digest.bytes() == said.digest.as_bytes() => {
            Outcome::holds(format!("messageDigest is {}", digest.short()))
        }
        Some(digest) => Outcome::refuted(format!(
            "messageDigest is {}, the artifact {}",
            said.digest.to_hex(),
            digest.short()
        )),
        None => Outcome::undecided("the artifact's digest by that algorithm is not known"),
    }
}
