//! A TUF repository with real keys, made anew for each test and served on loopback.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use sigscope::{
    domain::{Digest, Timestamp},
    inspect::{Ask, TrustRoots, TufError, TufRequest, TufRoot},
    net::tuf::{Settings, Tuf},
};
use sigstore_crypto::KeyPair;
use sigstore_tuf::canonical_json::to_canonical_bytes;

use super::server::{Reply, Server};

/// The day of the tests.
pub(crate) const NOW: &str = "2026-06-15T12:00:00Z";
const FAR: &str = "2036-01-01T00:00:00Z";
const SOON: &str = "2026-06-20T00:00:00Z";

/// Names of the files, as a mirror serves them, and their bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// One key and the id that the root gives it.
#[derive(Clone)]
struct Key {
    id: String,
    pair: Arc<KeyPair>,
}

impl Key {
    fn new(id: &str) -> Self {
        Self { id: id.to_owned(), pair: Arc::new(KeyPair::generate_ecdsa_p256().unwrap()) }
    }

    fn public(&self) -> Value {
        let pem = self.pair.public_key_der().unwrap().to_pem();
        json!({ "keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": { "public": pem } })
    }
}

/// A repository whose fields a test may change before it is signed.
pub(crate) struct Repository {
    root_keys: Vec<Key>,
    online: Key,
    roots: Vec<Vec<u8>>,
    /// The number of the newest root.
    pub(crate) root: u64,
    /// Expiry of the roots that are made from now on.
    pub(crate) root_expires: &'static str,
    /// Version and expiry.
    pub(crate) timestamp: (u64, &'static str),
    /// Version and expiry.
    pub(crate) snapshot: (u64, &'static str),
    /// Version and expiry.
    pub(crate) targets: (u64, &'static str),
    /// The `trusted_root.json`.
    pub(crate) target: Vec<u8>,
}

impl Repository {
    /// Version 1 of everything; the root wants two of three keys.
    pub(crate) fn new(target: &[u8]) -> Self {
        let mut new = Self {
            root_keys: vec![],
            online: Key::new("online"),
            roots: vec![],
            root: 0,
            root_expires: FAR,
            timestamp: (1, SOON),
            snapshot: (1, FAR),
            targets: (1, FAR),
            target: target.to_vec(),
        };
        new.rotate(2);
        new
    }

    /// The next root with new keys, signed by `signers` of the old and by two of the new ones.
    pub(crate) fn rotate(&mut self, signers: usize) {
        let old = std::mem::take(&mut self.root_keys);
        self.root += 1;
        self.root_keys = (0..3).map(|n| Key::new(&format!("root-{}-{n}", self.root))).collect();
        self.online = Key::new(&format!("online-{}", self.root));
        let all = self.root_keys.iter().chain([&self.online]);
        let keys: serde_json::Map<_, _> = all.map(|k| (k.id.clone(), k.public())).collect();
        let ids: Vec<&str> = self.root_keys.iter().map(|k| k.id.as_str()).collect();
        let online = json!({ "keyids": [self.online.id], "threshold": 1 });
        let signed = json!({
            "_type": "root", "spec_version": "1.0.31", "version": self.root,
            "expires": self.root_expires, "consistent_snapshot": true, "keys": keys,
            "roles": {
                "root": { "keyids": ids, "threshold": 2 },
                "timestamp": online, "snapshot": online, "targets": online,
            },
        });
        let signers = old.iter().take(signers).chain(self.root_keys.iter().take(2));
        self.roots.push(sign(&signed, &signers.collect::<Vec<_>>()));
    }

    /// Where trust starts.
    pub(crate) fn start(&self) -> Vec<u8> {
        self.roots[0].clone()
    }

    /// Signs everything.
    pub(crate) fn files(&self) -> Files {
        let mut files = Files::new();
        for (index, root) in self.roots.iter().enumerate() {
            files.insert(format!("{}.root.json", index + 1), root.clone());
        }
        let hash = Digest::sha256(&self.target).hex().to_owned();
        let role = |kind: &str, (version, expires): (u64, &str), name: &str, content: Value| {
            let mut signed = json!({
                "_type": kind, "spec_version": "1.0.31", "version": version, "expires": expires,
            });
            signed[name] = content;
            sign(&signed, &[&self.online])
        };
        let pin = |version: u64, bytes: &[u8]| {
            let hash = Digest::sha256(bytes).hex().to_owned();
            json!({ "version": version, "length": bytes.len(), "hashes": { "sha256": hash } })
        };
        let target = json!({ "length": self.target.len(), "hashes": { "sha256": hash } });
        let target = json!({ "trusted_root.json": target });
        let targets = role("targets", self.targets, "targets", target);
        let meta = json!({ "targets.json": pin(self.targets.0, &targets) });
        let snapshot = role("snapshot", self.snapshot, "meta", meta);
        let meta = json!({ "snapshot.json": pin(self.snapshot.0, &snapshot) });
        let timestamp = role("timestamp", self.timestamp, "meta", meta);
        files.insert(format!("targets/{hash}.trusted_root.json"), self.target.clone());
        files.insert(format!("{}.targets.json", self.targets.0), targets);
        files.insert(format!("{}.snapshot.json", self.snapshot.0), snapshot);
        files.insert("timestamp.json".into(), timestamp);
        files
    }
}

fn sign(signed: &Value, keys: &[&Key]) -> Vec<u8> {
    let bytes = to_canonical_bytes(signed).unwrap();
    let each = keys.iter().map(|key| {
        let signature = key.pair.sign(&bytes).unwrap();
        json!({ "keyid": key.id, "sig": hex::encode(signature.as_bytes()) })
    });
    let signatures: Vec<Value> = each.collect();
    serde_json::to_vec(&json!({ "signed": signed, "signatures": signatures })).unwrap()
}

/// What is served for a path instead of the file.
pub(crate) type Fault = Arc<dyn Fn(&str) -> Option<Reply> + Send + Sync>;

/// A mirror on loopback and a client with a cache of its own; both end with this value.
pub(crate) struct Mirror {
    /// Counts the requests.
    pub(crate) server: Server,
    files: Arc<Mutex<(Files, Option<Fault>)>>,
    start: Vec<u8>,
    /// The folder of the cache.
    pub(crate) cache: PathBuf,
}

impl Mirror {
    pub(crate) fn serve(repository: &Repository) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tuf-{}-{number}", std::process::id());
        let files = Arc::new(Mutex::new((repository.files(), None::<Fault>)));
        let shared = Arc::clone(&files);
        let server = Server::start(move |request| {
            let served = shared.lock().unwrap();
            let path = request.path().trim_start_matches('/');
            if let Some(reply) = served.1.as_ref().and_then(|fault| fault(path)) {
                return reply;
            }
            let found = served.0.get(path);
            found.map_or_else(|| Reply::new(404, "no"), |bytes| Reply::new(200, bytes.clone()))
        });
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        Self { server, files, start: repository.start(), cache }
    }

    /// From now on other files are served.
    pub(crate) fn now_serves(&self, repository: &Repository) {
        self.files.lock().unwrap().0 = repository.files();
    }

    /// One file is changed.
    pub(crate) fn change(&self, part: &str, change: impl Fn(&mut Vec<u8>)) {
        let mut files = self.files.lock().unwrap();
        let mut changed = 0;
        for (name, bytes) in &mut files.0 {
            if name.contains(part) {
                change(bytes);
                changed += 1;
            }
        }
        assert!(changed > 0, "no file is called {part}");
    }

    /// From now on it misbehaves.
    pub(crate) fn fails(&self, fault: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) {
        self.files.lock().unwrap().1 = Some(Arc::new(fault));
    }

    /// From now on it behaves.
    pub(crate) fn behaves(&self) {
        self.files.lock().unwrap().1 = None;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.host())
    }

    /// Settings of a client over this cache.
    pub(crate) fn settings(&self, requests: bool) -> Settings {
        let time = std::time::Duration::from_secs(20);
        Settings { cache: Some(self.cache.clone()), requests, time }
    }

    /// One question at a time, by a client that has nothing but the cache.
    pub(crate) async fn ask(&self, ask: Ask, now: &str) -> Result<TufRoot, TufError> {
        self.ask_of(&self.url(), self.settings(true), ask, now).await
    }

    pub(crate) async fn ask_of(
        &self,
        url: &str,
        settings: Settings,
        ask: Ask,
        now: &str,
    ) -> Result<TufRoot, TufError> {
        let now: Timestamp = now.parse().unwrap();
        let request = TufRequest { url, start: &self.start, ask, now };
        Tuf::new(settings).fetch(request).await
    }

    /// The file of the cache.
    pub(crate) fn cached(&self) -> PathBuf {
        let folders = std::fs::read_dir(&self.cache).unwrap().flatten();
        folders.map(|e| e.path().join("metadata.json")).next().unwrap()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.cache);
    }
}

/// Which of the answers, and its words.
pub(crate) fn told(answer: &Result<TufRoot, TufError>) -> (&'static str, String) {
    match answer {
        Ok(root) => ("root", String::from_utf8(root.document.to_vec()).unwrap()),
        Err(TufError::Unreachable(words)) => ("unreachable", words.clone()),
        Err(TufError::NothingCached(words)) => ("nothing", words.clone()),
        Err(TufError::Refused(words)) => ("refused", words.clone()),
    }
}

/// The answer is of this kind and says this.
pub(crate) fn is(answer: &Result<TufRoot, TufError>, kind: &str, part: &str, case: &str) {
    let (got, words) = told(answer);
    assert!(got == kind && words.contains(part), "{case}: {got}: {words}");
}
