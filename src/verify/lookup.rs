//! Looking a signature up in its log: what is asked, and what is made of the answer.
//!
//! Nothing that a log answers is believed. An entry is put into the piece, and the same steps judge
//! it against the trust root: its promise or its proof must hold, and its body must be of this
//! signature, key and payload.
//!
//! Sources: Rekor v1 `openapi.yaml` (`/api/v1/log/entries/retrieve`, `/api/v1/index/retrieve`);
//! cosign `pkg/cosign/tlog.go`, `FindTlogEntry`.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sigstore_crypto::KeyAlgorithm;
use sigstore_types::{
    Bundle, DerCertificate, MediaType, SignatureContent,
    bundle::{VerificationMaterialContent, X509Certificate},
};

use super::{
    Case, Format, Piece,
    bundle::{Parsed, Payload, judge_parsed},
    legacy::log_entry,
    root::TrustRoot,
    steps::signature_of,
};
use crate::domain::{
    Digest, Verdict, demand::Demand, digest::Algorithm, steps::StepName, verdict::Judgement,
};

/// Said of a piece that only a look-up would settle.
const WAITS: &str = "no log entry beside it; looking it up in the log would settle it";

/// A piece without its log entry, as it was read.
pub struct LookUp {
    pub(super) bundle: Bundle,
    format: Format,
    words: String,
    payload: Option<Payload>,
    /// Stands for all of it when two are compared.
    layer: Option<Arc<[u8]>>,
    id: Digest,
}

/// What is asked of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The entries that this signature would have; the log looks for exactly them.
    pub proposals: Vec<Value>,
    /// The digest under which the log's index has entries.
    pub hash: Digest,
}

impl Parsed {
    fn again(&self) -> Self {
        Self {
            bundle: self.bundle.clone(),
            format: self.format,
            words: self.words.clone(),
            payload: self.payload.clone(),
            layer: self.layer.clone(),
        }
    }
}

/// Judges what was read; without a log entry, where one is wanted, the piece waits for a look-up.
pub(super) fn judge_or_wait(parsed: Parsed, case: Case<'_>) -> Piece {
    let waived = case.demand.is_some_and(|d| d.waives(StepName::Set));
    if waived || !parsed.bundle.verification_material.tlog_entries.is_empty() {
        return judge_parsed(parsed, case);
    }
    let look_up = LookUp::of(&parsed);
    let mut piece = judge_parsed(parsed, case);
    // Without the entry nothing tells the time either: what is missing is the look-up.
    piece.undecide(WAITS, case.demand);
    // What contradicts already is not mended by an entry.
    if piece.judgement == Judgement::Undecided {
        piece.look_up = Some(Arc::new(look_up));
    }
    piece
}

impl LookUp {
    fn of(parsed: &Parsed) -> Self {
        let Parsed { bundle, format, words, payload, layer } = parsed.again();
        let signature = signature_of(&bundle).map(|s| s.as_bytes().to_vec()).unwrap_or_default();
        let id = Digest::sha256(&[words.as_bytes(), &signature].concat());
        Self { bundle, format, words, payload, layer, id }
    }

    fn parsed(&self) -> Parsed {
        let (bundle, words) = (self.bundle.clone(), self.words.clone());
        let (payload, layer) = (self.payload.clone(), self.layer.clone());
        Parsed { bundle, format: self.format, words, payload, layer }
    }

    /// What to ask; `None` where neither the artifact's digest nor a payload is known.
    pub fn question(&self, case: Case<'_>) -> Option<Question> {
        let pem = self.verifier(case);
        let pem = pem.as_deref();
        let signature = STANDARD.encode(signature_of(&self.bundle)?.as_bytes());
        match &self.bundle.content {
            SignatureContent::DsseEnvelope(envelope) => {
                let hash = Digest::sha256(envelope.payload.as_bytes());
                // The log hashes the envelope as it was sent, which nobody here knows; its index
                // knows the payload.
                Some(Question { proposals: vec![], hash })
            }
            _ => {
                let digests = self.payload.as_ref().map_or(case.artifact, |p| &p.digests);
                let hash = digests.iter().find(|d| d.algorithm() == Algorithm::Sha256)?.clone();
                let proposal = pem.map(|pem| {
                    json!({ "kind": "hashedrekord", "apiVersion": "0.0.1", "spec": {
                        "data": { "hash": { "algorithm": "sha256", "value": hash.hex() } },
                        "signature": {
                            "content": signature,
                            "publicKey": { "content": STANDARD.encode(pem) },
                        },
                    }})
                });
                Some(Question { proposals: proposal.into_iter().collect(), hash })
            }
        }
    }

    /// PEM of the certificate, or of the demanded key, as Go writes it.
    fn verifier(&self, case: Case<'_>) -> Option<String> {
        let pem = match &self.bundle.verification_material.content {
            VerificationMaterialContent::PublicKey(_) => case.key?.spki.to_pem(),
            _ => self.bundle.signing_certificate()?.to_pem(),
        };
        let lines: Vec<&str> = pem.lines().collect();
        Some(format!("{}\n", lines.join("\n")))
    }

    /// The pieces that the entries of an answer make, and how many entries there were: an object of
    /// entries by their id, as the log gives it. What is of another signature makes no piece.
    ///
    /// # Errors
    /// In words, when it is no such object.
    pub fn judge(&self, answer: &[u8], case: Case<'_>) -> Result<(Vec<Piece>, usize), String> {
        super::json::refuse_duplicates(answer).map_err(|e| e.to_string())?;
        let entries: std::collections::BTreeMap<String, Logged> =
            serde_json::from_slice(answer).map_err(|e| e.to_string())?;
        let mut pieces = vec![];
        let number = entries.len();
        for (id, logged) in entries {
            let certificate = logged.certificate();
            let entry = match logged.entry() {
                Ok(entry) => entry,
                Err(why) => {
                    pieces.push(self.waits(&format!("the log's entry {id}: {why}"), case));
                    continue;
                }
            };
            let mut parsed = self.parsed();
            // Version 0.1 is the one that a signed entry timestamp suffices for.
            parsed.bundle.media_type = MediaType::Bundle0_1;
            parsed.bundle.verification_material.tlog_entries = vec![entry];
            // Without a certificate of its own the log tells which one it was: the steps hold it
            // against the root, the signature and the demanded signer like any other.
            let material = &mut parsed.bundle.verification_material;
            let bare = matches!(material.content, VerificationMaterialContent::PublicKey(_));
            if let (true, None, Some(der)) = (bare, case.demand.and_then(Demand::key), certificate)
            {
                let certificates = vec![X509Certificate::new(der)];
                material.content =
                    VerificationMaterialContent::X509CertificateChain { certificates };
            }
            parsed.words = format!("{}, log entry looked up", parsed.words);
            let piece = judge_parsed(parsed, case);
            let is = |name, verdict| piece.steps.get(name).verdict == verdict;
            let holds = |name| is(name, Verdict::Proved);
            let authentic =
                holds(StepName::Set) || holds(StepName::Inclusion) && holds(StepName::Checkpoint);
            let of_the_answer =
                [StepName::Structure, StepName::Set, StepName::Inclusion, StepName::Checkpoint];
            let garbled = of_the_answer.into_iter().find(|name| is(*name, Verdict::Refuted));
            if !authentic || garbled.is_some() {
                // What the log did not sign is the server's fault, and says nothing of the signer.
                let told = &piece.steps.get(garbled.unwrap_or(StepName::Set)).detail;
                let why = format!("the log's answer does not hold: entry {id}: {told}");
                pieces.push(self.waits(&why, case));
            } else if piece.steps.get(StepName::LogEntry).verdict != Verdict::Refuted {
                pieces.push(piece);
            }
        }
        Ok((pieces, number))
    }

    /// The piece while the look-up could not be made, for that reason.
    pub fn waits(&self, why: &str, case: Case<'_>) -> Piece {
        let mut piece = judge_parsed(self.parsed(), case);
        piece.undecide(why, case.demand);
        piece
    }
}

impl TrustRoot {
    /// The address of the log that can be searched: Rekor v1; Rekor v2 has no index.
    pub fn searchable_log(&self) -> Option<&str> {
        self.searchable.as_deref()
    }
}

/// Rekor v1 signs with ECDSA, Rekor v2 with Ed25519; nothing else in a root tells them apart.
pub(super) fn searchable(root: &sigstore_trust_root::TrustedRoot) -> Option<String> {
    let v1 = root.tlogs.iter().find(|log| {
        let key = &log.public_key.raw_bytes;
        !matches!(KeyAlgorithm::from_spki(key), Ok(KeyAlgorithm::Ed25519) | Err(_))
    });
    v1.map(|log| log.base_url.clone()).filter(|url| !url.is_empty())
}

/// One entry as Rekor v1 gives it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logged {
    pub(super) body: String,
    pub(super) integrated_time: i64,
    pub(super) log_index: u64,
    #[serde(rename = "logID")]
    pub(super) log_id: String,
    verification: Option<Verification>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    inclusion_proof: Option<Proof>,
    signed_entry_timestamp: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    checkpoint: Option<String>,
    hashes: Vec<String>,
    log_index: u64,
    root_hash: String,
    tree_size: u64,
}

impl Logged {
    /// The certificate in the body, where it names one.
    fn certificate(&self) -> Option<DerCertificate> {
        let body: Value = serde_json::from_slice(&STANDARD.decode(&self.body).ok()?).ok()?;
        let places = [
            "/spec/signature/publicKey/content",
            "/spec/signatures/0/verifier",
            "/spec/content/envelope/signatures/0/publicKey",
        ];
        let text = places.into_iter().find_map(|at| body.pointer(at)?.as_str())?;
        let pem = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        DerCertificate::from_pem(super::key::one_block(&pem).ok()?).ok()
    }

    fn entry(self) -> Result<sigstore_types::TransparencyLogEntry, String> {
        use sigstore_types::{
            InclusionPromise, LogIndex, Sha256Hash, SignedTimestamp,
            bundle::{CheckpointData, InclusionProof},
        };
        let words = |e: &dyn std::fmt::Display| e.to_string();
        let mut entry = log_entry(&self.body, self.integrated_time, self.log_index, &self.log_id)?;
        let Some(verification) = self.verification else { return Ok(entry) };
        if let Some(promise) = verification.signed_entry_timestamp {
            let promise = STANDARD.decode(promise).map_err(|e| words(&e))?;
            entry =
                entry.with_inclusion_promise(InclusionPromise::new(SignedTimestamp::new(promise)));
        }
        if let Some(proof) = verification.inclusion_proof
            && let Some(checkpoint) = proof.checkpoint
        {
            let hash = |hex: &String| Sha256Hash::from_hex(hex).map_err(|e| words(&e));
            let hashes: Result<Vec<_>, String> = proof.hashes.iter().map(hash).collect();
            entry = entry.with_inclusion_proof(InclusionProof::new(
                LogIndex::new(proof.log_index).map_err(|e| words(&e))?,
                hash(&proof.root_hash)?,
                proof.tree_size,
                hashes?,
                CheckpointData::new(checkpoint).map_err(|e| words(&e))?,
            ));
        }
        Ok(entry)
    }
}

impl PartialEq for LookUp {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for LookUp {}

impl std::fmt::Debug for LookUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LookUp").field("words", &self.words).finish_non_exhaustive()
    }
}
