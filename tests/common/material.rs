//! Every signed piece that lies on disk and is proved as it is: bundles, and layers of legacy tags.
//!
//! The artifact is the one that the piece itself names, the signer the one that it shows: what is
//! judged afterwards differs from a proved piece in one change and nothing else.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sigscope::{
    domain::{
        Digest,
        demand::{Demand, Who},
        digest::Algorithm,
        verdict::Judgement,
    },
    verify::{Layer, Piece, judge, judge_legacy, key::TrustedKey, root::TrustRoot},
};

use super::judging::{case, demand, signed_by};

/// What is judged.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Input {
    Bundle(Vec<u8>),
    Layer { annotations: BTreeMap<String, String>, payload: Vec<u8>, attestation: bool },
}

/// A piece that is proved, and against what.
pub(crate) struct Material {
    pub(crate) name: String,
    pub(crate) input: Input,
    artifact: Digest,
    root: Arc<TrustRoot>,
    key: Option<Arc<TrustedKey>>,
    demand: Demand,
}

impl Material {
    /// A piece over `artifact` that was made for the test.
    pub(crate) fn made(
        name: &str,
        input: Input,
        artifact: Digest,
        root: &Arc<TrustRoot>,
        demand: Demand,
    ) -> Self {
        Self { name: name.to_owned(), input, artifact, root: Arc::clone(root), key: None, demand }
    }

    /// How many bytes are read when it is judged.
    pub(crate) fn len(&self) -> usize {
        match &self.input {
            Input::Bundle(bytes) => bytes.len(),
            Input::Layer { payload, .. } => payload.len(),
        }
    }

    /// Judges something else in its place.
    pub(crate) fn judge(&self, input: &Input) -> Piece {
        let artifact = std::slice::from_ref(&self.artifact);
        let case = case(artifact, None, Some(&self.root), self.key.as_ref(), &self.demand);
        judge_input(input, case)
    }
}

impl Material {
    /// The signature, as it is written.
    pub(crate) fn signature(&self) -> Option<String> {
        let of = |doc: &Value| {
            let places = [
                "/messageSignature/signature",
                "/dsseEnvelope/signatures/0/sig",
                "/signatures/0/sig",
            ];
            places.iter().find_map(|p| Some(doc.pointer(p)?.as_str()?.to_owned()))
        };
        match &self.input {
            Input::Bundle(bytes) => of(&serde_json::from_slice(bytes).ok()?),
            Input::Layer { annotations, payload, attestation } => {
                let text = annotations.get("dev.cosignproject.cosign/signature");
                let envelope = || of(&serde_json::from_slice(payload).ok()?);
                if *attestation { envelope() } else { text.cloned() }
            }
        }
    }
}

fn judge_input(input: &Input, case: sigscope::verify::Case<'_>) -> Piece {
    match input {
        Input::Bundle(bytes) => judge(bytes, case),
        Input::Layer { annotations, payload, attestation } => {
            judge_legacy(Layer { annotations, payload, attestation: *attestation }, case)
        }
    }
}

/// What may vouch for a piece.
struct Trust {
    roots: Vec<Arc<TrustRoot>>,
    keys: Vec<Arc<TrustedKey>>,
}

impl Trust {
    fn read(paths: &[PathBuf]) -> Self {
        let (mut roots, mut keys) = (vec![], vec![]);
        for bytes in paths.iter().filter_map(|path| fs::read(path).ok()) {
            roots.extend(TrustRoot::parse(&bytes, "material", "file").ok().map(Arc::new));
            keys.extend(TrustedKey::parse(&bytes).ok().map(Arc::new));
        }
        Self { roots, keys }
    }

    /// The first of them under which the piece is proved.
    fn prove(&self, name: &str, input: &Input) -> Option<Material> {
        let artifact = named(input)?;
        let mut demands = vec![];
        let seen = self.roots.first()?;
        let look = demand(Who::Signers(vec![]));
        let digests = [artifact.clone()];
        let piece = judge_input(input, case(&digests, None, Some(seen), None, &look));
        if let Some(claims) = piece.claims.as_ref().map(sigscope::verify::Evidence::get) {
            let identity = claims.identity()?.value();
            demands.push((None, signed_by(identity, claims.issuer().unwrap_or_default())));
        }
        let by_key = demand(Who::Keys(vec![PathBuf::new()]));
        demands.extend(self.keys.iter().map(|key| (Some(Arc::clone(key)), by_key.clone())));
        for root in &self.roots {
            for (key, demand) in &demands {
                let material = Material {
                    name: name.to_owned(),
                    input: input.clone(),
                    artifact: artifact.clone(),
                    root: Arc::clone(root),
                    key: key.clone(),
                    demand: demand.clone(),
                };
                if material.judge(&material.input).judgement == Judgement::Proved {
                    return Some(material);
                }
            }
        }
        None
    }
}

/// The artifact that a piece names.
fn named(input: &Input) -> Option<Digest> {
    let of_statement = |envelope: &Value| {
        let payload = STANDARD.decode(envelope["payload"].as_str()?).ok()?;
        let statement: Value = serde_json::from_slice(&payload).ok()?;
        let digests = statement["subject"][0]["digest"].as_object()?;
        let read = |a: &Algorithm| Digest::new(*a, digests.get(a.name())?.as_str()?).ok();
        Algorithm::ALL.iter().find_map(read)
    };
    let json: Value = match input {
        Input::Bundle(bytes) => serde_json::from_slice(bytes).ok()?,
        Input::Layer { payload, .. } => serde_json::from_slice(payload).ok()?,
    };
    if let Some(text) = json["critical"]["image"]["docker-manifest-digest"].as_str() {
        return text.parse().ok();
    }
    if json.get("payloadType").is_some() {
        return of_statement(&json);
    }
    let said = &json["messageSignature"]["messageDigest"];
    let Some(digest) = said["digest"].as_str() else { return of_statement(&json["dsseEnvelope"]) };
    let hex = hex::encode(STANDARD.decode(digest).ok()?);
    let names = ["SHA2_256", "SHA2_384", "SHA2_512"];
    let place = names.iter().position(|name| *name == said["algorithm"])?;
    Digest::new(Algorithm::ALL[place], &hex).ok()
}

/// The pieces of `tests/fixtures`.
pub(crate) fn fixtures() -> Vec<Material> {
    let folder = Path::new("tests/fixtures");
    let trust = [
        "trusted_root.json",
        "disagreeing/root.json",
        "key-signed/cosign.pub",
        "disagreeing/k.pub",
    ];
    collect(&[folder.to_owned()], &Trust::read(&trust.map(|file| folder.join(file))))
}

/// The pieces of the corpus that should be proved; `None` where it is not beside the project.
pub(crate) fn corpus() -> Option<Vec<Material>> {
    let corpus = Path::new("../shared/corpus");
    let roots = fs::read_dir(corpus.join("trusted-roots")).ok()?;
    let mut trust: Vec<PathBuf> = roots.flatten().map(|entry| entry.path()).collect();
    trust.sort_by_key(|path| !path.ends_with("public-good.json"));
    let (ok, conformance) = (corpus.join("bundles-ok"), corpus.join("bundles-conformance"));
    for folder in [&ok, &conformance] {
        files(folder, &mut |path| {
            let trusted =
                [Some("pem"), Some("pub")].contains(&path.extension().and_then(|e| e.to_str()));
            if trusted || path.ends_with("trusted_root.json") {
                trust.push(path.to_owned());
            }
        });
    }
    Some(collect(&[ok, conformance], &Trust::read(&trust)))
}

fn collect(folders: &[PathBuf], trust: &Trust) -> Vec<Material> {
    let (mut found, mut seen) = (vec![], HashSet::new());
    for folder in folders {
        files(folder, &mut |path| {
            let name = path.to_string_lossy();
            if name.contains("_fail") {
                return;
            }
            for input in inputs(path) {
                if seen.insert(input.clone()) {
                    found.extend(trust.prove(&name, &input));
                }
            }
        });
    }
    found
}

/// Every file below a folder, in the order of the names.
fn files(folder: &Path, each: &mut dyn FnMut(&Path)) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, each) } else { each(&path) }
    }
}

/// The pieces in one file: a bundle, lines of bundles, or a manifest with layers beside it.
fn inputs(path: &Path) -> Vec<Input> {
    let Ok(bytes) = fs::read(path) else { return vec![] };
    let whole = std::iter::once(bytes.as_slice());
    let mut found = vec![];
    for bytes in whole.chain(bytes.split(|byte| *byte == b'\n')) {
        if !bytes.starts_with(b"{") {
            continue;
        }
        let Ok(json) = serde_json::from_slice::<Value>(bytes) else { continue };
        if json.get("verificationMaterial").is_some() {
            found.push(Input::Bundle(bytes.to_vec()));
        }
        for layer in json["layers"].as_array().into_iter().flatten() {
            found.extend(legacy(path, layer));
        }
    }
    found
}

fn legacy(manifest: &Path, layer: &Value) -> Option<Input> {
    let kind = layer["mediaType"].as_str()?;
    let attestation = kind == "application/vnd.dsse.envelope.v1+json";
    if !attestation && kind != "application/vnd.dev.cosign.simplesigning.v1+json" {
        return None;
    }
    let hex = layer["digest"].as_str()?.strip_prefix("sha256:")?;
    let payload = fs::read(manifest.with_file_name(hex)).ok()?;
    let annotations = serde_json::from_value(layer["annotations"].clone()).ok()?;
    Some(Input::Layer { annotations, payload, attestation })
}
