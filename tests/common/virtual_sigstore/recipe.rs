//! How one bundle is made; every line of it can be made wrong by itself.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sigscope::domain::Timestamp;

use super::{
    Certificate, Curve, IDENTITY, INTERMEDIATE, ISSUER, Key, LogKind, SIGNED, Sigstore, TSA,
    TSA_ROOT, Usage, base64, pem, rekor, sct, sha256, time, timestamp,
};

/// What of another signature the log entry holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Other {
    Payload,
    Signature,
    Certificate,
}

/// Everything that decides what a bundle holds. [`Recipe::new`] makes good ones.
#[derive(Clone)]
pub(crate) struct Recipe {
    /// Of the media type: `0.1`, `0.2`, `0.3`.
    pub(crate) version: &'static str,
    /// An in-toto statement in an envelope, or a signature over the artifact itself.
    pub(crate) dsse: bool,
    pub(crate) log: LogKind,
    /// Of the signer's key.
    pub(crate) curve: Curve,
    pub(crate) promise: bool,
    pub(crate) proof: bool,
    /// The times that the timestamp authority puts under it.
    pub(crate) stamps: Vec<Timestamp>,
    pub(crate) integrated: Timestamp,
    /// The window of the certificate.
    pub(crate) window: (Timestamp, Timestamp),
    pub(crate) usage: Usage,
    pub(crate) sans: Vec<String>,
    pub(crate) claims: Vec<(u8, String)>,
    /// When CT logs promised; each makes one timestamp.
    pub(crate) scts: Vec<Timestamp>,
    /// What the statement names, or `messageDigest` says.
    pub(crate) names: Vec<u8>,
    /// How the statement spells the hex of it.
    pub(crate) spells: fn(&str) -> String,
    pub(crate) payload_type: &'static str,
    pub(crate) annotations: Value,
    /// Bytes that are signed in place of the right ones.
    pub(crate) signs: Option<Vec<u8>>,
    /// Bytes that are stamped in place of the signature.
    pub(crate) stamped: Option<Vec<u8>>,
    pub(crate) logged: Option<Other>,
    /// The curve whose hash the log entry holds, in place of the right one.
    pub(crate) hashed: Option<Curve>,
    /// Which parts the other instance makes, under the names of ours.
    pub(crate) foreign: Foreign,
}

/// The parts that can come from an instance that nobody trusts.
#[derive(Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each part by itself")]
pub(crate) struct Foreign {
    pub(crate) ca: bool,
    pub(crate) ct: bool,
    pub(crate) promise: bool,
    pub(crate) checkpoint: bool,
    pub(crate) tsa: bool,
}

impl Recipe {
    /// A good bundle of this version over an artifact.
    pub(crate) fn new(version: &'static str, dsse: bool, log: LogKind, artifact: &[u8]) -> Self {
        let signed = time(SIGNED);
        let from = signed - jiff::SignedDuration::from_secs(10);
        let v2 = log.is_v2();
        Self {
            version,
            dsse,
            log,
            curve: Curve::P256,
            promise: !v2,
            proof: version != "0.1",
            stamps: if v2 { vec![signed] } else { vec![] },
            integrated: signed,
            window: (from, from + jiff::SignedDuration::from_mins(10)),
            usage: Usage::CodeSigning,
            sans: vec![IDENTITY.to_owned()],
            claims: vec![
                (1, ISSUER.to_owned()),
                (2, "push".to_owned()),
                (8, ISSUER.to_owned()),
                (14, "refs/tags/v1.0.0".to_owned()),
            ],
            scts: vec![from],
            names: sha256(artifact),
            spells: str::to_owned,
            payload_type: "application/vnd.in-toto+json",
            annotations: json!({}),
            signs: None,
            stamped: None,
            logged: None,
            hashed: None,
            foreign: Foreign::default(),
        }
    }

    /// The same by a key on another curve, with the digest that it signs.
    pub(crate) fn on(self, curve: Curve, artifact: &[u8]) -> Self {
        Self { curve, names: curve.hash(artifact).1, ..self }
    }

    fn leaf(&self, ours: &Sigstore, theirs: &Sigstore, key: &Key) -> Vec<u8> {
        let (from, to) = self.window;
        let certificate = Certificate {
            issuer: INTERMEDIATE,
            subject: "",
            from,
            to,
            usage: self.usage,
            key,
            sans: self.sans.clone(),
            claims: self.claims.clone(),
        };
        let ca = if self.foreign.ca { theirs } else { ours };
        let ct = if self.foreign.ct { theirs } else { ours };
        let promise =
            |at: &Timestamp| sct(&certificate, &ca.intermediate, &ours.ct.id(), &ct.ct, *at);
        let scts: Vec<Vec<u8>> = self.scts.iter().map(promise).collect();
        certificate.signed(&ca.intermediate, &scts)
    }

    fn statement(&self) -> Vec<u8> {
        let name = (self.spells)(&hex::encode(&self.names));
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "digest": { "sha256": name },
                "annotations": self.annotations }],
            "predicateType": "https://sigstore.dev/cosign/sign/v1",
            "predicate": {},
        })
        .to_string()
        .into_bytes()
    }

    /// Makes the bundle over the artifact, with a key of its own.
    pub(crate) fn make(&self, ours: &Sigstore, theirs: &Sigstore, artifact: &[u8]) -> Value {
        self.make_by(ours, theirs, artifact, None)
    }

    /// The same, signed by this key without a certificate; the log then has the key.
    pub(crate) fn make_by(
        &self,
        ours: &Sigstore,
        theirs: &Sigstore,
        artifact: &[u8],
        by: Option<&Key>,
    ) -> Value {
        let own = self.curve.key();
        let key = by.unwrap_or(&own);
        let (label, certificate) = match by {
            Some(key) => ("PUBLIC KEY", key.spki()),
            None => ("CERTIFICATE", self.leaf(ours, theirs, key)),
        };
        let payload = self.statement();
        let right = if self.dsse { pae(self.payload_type, &payload) } else { artifact.to_vec() };
        let signature = key.sign(self.signs.as_ref().unwrap_or(&right));
        let envelope = json!({
            "payload": base64(&payload), "payloadType": self.payload_type,
            "signatures": [{ "sig": base64(&signature) }],
        });
        let mut material = json!({});
        let raw = json!({ "rawBytes": base64(&certificate) });
        if by.is_some() {
            material["publicKey"] = json!({ "hint": "" });
        } else if self.version == "0.3" {
            material["certificate"] = raw;
        } else {
            material["x509CertificateChain"] = json!({ "certificates": [raw] });
        }
        let other_certificate =
            self.logged.filter(|o| *o == Other::Certificate).map(|_| self.leaf(ours, theirs, key));
        let body = rekor::body(
            self.log,
            &rekor::Logged {
                curves: [self.curve, Curve::P256].map(|own| self.hashed.unwrap_or(own)),
                signed: if self.logged == Some(Other::Payload) { b"another" } else { &right },
                payload: if self.logged == Some(Other::Payload) { b"another" } else { &payload },
                payload_type: self.payload_type,
                envelope: envelope.to_string().as_bytes(),
                signature: if self.logged == Some(Other::Signature) { b"0000" } else { &signature },
                label,
                certificate: other_certificate.as_ref().unwrap_or(&certificate),
            },
        );
        material["tlogEntries"] = json!([self.entry(ours, theirs, &body)]);
        let stamped = self.stamped.as_ref().unwrap_or(&signature);
        let tsa = if self.foreign.tsa { &theirs.tsa } else { &ours.tsa };
        let stamp = |at: &Timestamp| timestamp::token(stamped, *at, tsa, (TSA_ROOT, TSA));
        let stamps: Vec<Value> =
            self.stamps.iter().map(|at| json!({ "signedTimestamp": base64(&stamp(at)) })).collect();
        if !stamps.is_empty() {
            material["timestampVerificationData"] = json!({ "rfc3161Timestamps": stamps });
        }
        let mut bundle = json!({ "mediaType": media_type(self.version) });
        bundle["verificationMaterial"] = material;
        if self.dsse {
            bundle["dsseEnvelope"] = envelope;
        } else {
            bundle["messageSignature"] = json!({
                "messageDigest": {
                    "algorithm": self.curve.hash(b"").0.replace("sha", "SHA2_"),
                    "digest": base64(&self.names),
                },
                "signature": base64(&signature),
            });
        }
        bundle
    }

    /// The same evidence as cosign's legacy format keeps it: the annotations of a layer that is
    /// the artifact. For bundles of version 0.1 over an artifact.
    pub(crate) fn annotations_of(bundle: &Value) -> BTreeMap<String, String> {
        let material = &bundle["verificationMaterial"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let bytes = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
        let leaf = bytes(&material["x509CertificateChain"]["certificates"][0]["rawBytes"]);
        let entry = &material["tlogEntries"][0];
        let number = |value: &Value| value.as_str().unwrap().parse::<i64>().unwrap();
        let log = json!({
            "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
            "Payload": {
                "body": entry["canonicalizedBody"],
                "integratedTime": number(&entry["integratedTime"]),
                "logIndex": number(&entry["logIndex"]),
                "logID": hex::encode(bytes(&entry["logId"]["keyId"])),
            },
        });
        [
            ("dev.cosignproject.cosign/signature", text(&bundle["messageSignature"]["signature"])),
            ("dev.sigstore.cosign/certificate", pem("CERTIFICATE", &leaf)),
            ("dev.sigstore.cosign/bundle", log.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The entry of a body in the log, with what the log says about it.
    fn entry(&self, ours: &Sigstore, theirs: &Sigstore, body: &[u8]) -> Value {
        const SHARD: u64 = 60;
        let (place, size) = (5, 7);
        let v2 = self.log.is_v2();
        let index = if v2 { place } else { SHARD + place };
        let (own, name, origin) = ours.log(v2);
        let id = own.id();
        let (kind, version) = self.log.words();
        let mut entry = json!({
            "logIndex": index.to_string(), "logId": { "keyId": base64(&id) },
            "kindVersion": { "kind": kind, "version": version },
            "canonicalizedBody": base64(body),
        });
        if self.promise {
            let key = if self.foreign.promise { theirs.log(v2).0 } else { own };
            let time = self.integrated.as_second();
            let signed = rekor::promise(key, body, time, &id, index);
            entry["integratedTime"] = time.to_string().into();
            entry["inclusionPromise"] = json!({ "signedEntryTimestamp": base64(&signed) });
        }
        if self.proof {
            let key = if self.foreign.checkpoint { theirs.log(v2).0 } else { own };
            let (root, path) = rekor::tree_with(body, place, size);
            let hashes: Vec<String> = path.iter().map(|hash| base64(hash)).collect();
            entry["inclusionProof"] = json!({
                "logIndex": place.to_string(), "rootHash": base64(&root),
                "treeSize": size.to_string(), "hashes": hashes,
                "checkpoint": rekor::checkpoint((&origin, name), size, &root, &id, key),
            });
        }
        entry
    }
}

fn media_type(version: &str) -> String {
    match version {
        "0.3" => "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
        older => format!("application/vnd.dev.sigstore.bundle+json;version={older}"),
    }
}

/// DSSE: the pre-authentication encoding.
fn pae(kind: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    [head.as_bytes(), payload].concat()
}
