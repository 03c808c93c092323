//! What the tests share: fixture layouts, and a registry on loopback that serves them.
#![allow(dead_code, reason = "no test uses everything")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken fixture ends the test"
)]

pub(crate) mod front;
pub(crate) mod github;
pub(crate) mod parts;
pub(crate) mod pty;
pub(crate) mod release;
pub(crate) mod run;
pub(crate) mod server;
pub(crate) mod tls;
pub(crate) mod tuf;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use sigscope::{
    domain::{Digest, Reference, Repository},
    inspect::{RegistryError, Sought},
    net::{
        limits::Limits,
        registry::{HttpRegistry, Settings},
    },
};

use server::{Body, Reply, Request, Server};

/// The repository of the fixture layouts.
pub(crate) const NAME: &str = "enix/x509-certificate-exporter";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A file or folder of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Settings with which faults end quickly.
pub(crate) fn quick() -> Settings {
    let ms = Duration::from_millis;
    let limits = Limits { back_off: ms(1), stall: ms(200), ..Limits::default() };
    Settings { limits, ..Settings::default() }
}

/// A client with those settings.
pub(crate) fn client() -> HttpRegistry {
    HttpRegistry::new(quick())
}

/// How an error is told apart: its variant, and what must stand in its text.
pub(crate) fn kind(error: &RegistryError) -> &'static str {
    match error {
        RegistryError::NotFound { .. } => "not-found",
        RegistryError::Denied { .. } => "denied",
        RegistryError::RateLimited { .. } => "rate-limited",
        RegistryError::Status { .. } => "status",
        RegistryError::TooLarge { .. } => "too-large",
        RegistryError::DigestMismatch { .. } => "mismatch",
        RegistryError::Unreachable { .. } => "unreachable",
        RegistryError::Malformed { .. } => "malformed",
    }
}

/// A repository on `host`.
pub(crate) fn repository(host: &str, path: &str) -> Repository {
    Reference::parse(&format!("{host}/{path}")).unwrap().repository
}

/// A `config.json` of docker that ends with this value.
pub(crate) struct Config(PathBuf);

impl Config {
    /// Credentials `user:password` by host.
    pub(crate) fn new(entries: &[(&str, &str)]) -> Self {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let port = entries[0].0.rsplit(':').next().unwrap();
        let file = format!("config-{}-{port}.json", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        let auths: serde_json::Map<_, _> = entries
            .iter()
            .map(|(h, p)| ((*h).to_owned(), json!({"auth": STANDARD.encode(p)})))
            .collect();
        fs::write(&path, json!({ "auths": auths }).to_string()).unwrap();
        Self(path)
    }

    /// Quick settings with this file.
    pub(crate) fn settings(&self) -> Settings {
        Settings { docker_config: Some(self.0.clone()), ..quick() }
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A layout that is served.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    folder: PathBuf,
    /// Tag → digest.
    pub(crate) tags: BTreeMap<String, String>,
    types: BTreeMap<String, String>,
    referrers: BTreeMap<String, Vec<Value>>,
}

impl Served {
    /// Reads the layout in `folder`.
    pub(crate) fn read(folder: PathBuf) -> Self {
        let index = parse(&fs::read(folder.join("index.json")).unwrap());
        let (mut tags, mut types) = (BTreeMap::new(), BTreeMap::new());
        for entry in index["manifests"].as_array().unwrap() {
            let digest = entry["digest"].as_str().unwrap().to_owned();
            if let Some(name) = entry["annotations"]["org.opencontainers.image.ref.name"].as_str() {
                tags.insert(name.to_owned(), digest.clone());
            }
            types.insert(digest, entry["mediaType"].as_str().unwrap_or(INDEX).to_owned());
        }
        let mut referrers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for entry in fs::read_dir(folder.join("blobs/sha256")).unwrap().flatten() {
            let bytes = fs::read(entry.path()).unwrap();
            let digest = format!("sha256:{}", entry.file_name().to_string_lossy());
            let Ok(manifest @ Value::Object(_)) = serde_json::from_slice::<Value>(&bytes) else {
                continue;
            };
            if let Some(subject) = manifest["subject"]["digest"].as_str() {
                let listed = referrers.entry(subject.to_owned()).or_default();
                listed.push(describe(&manifest, &digest, bytes.len()));
            }
        }
        Self { folder, tags, types, referrers }
    }

    /// The digest behind a tag.
    pub(crate) fn digest(&self, tag: &str) -> Digest {
        self.tags[tag].parse().unwrap()
    }

    fn blob(&self, digest: &str) -> Option<Vec<u8>> {
        let (algorithm, hex) = digest.split_once(':')?;
        fs::read(self.folder.join("blobs").join(algorithm).join(hex)).ok()
    }
}

fn describe(manifest: &Value, digest: &str, size: usize) -> Value {
    let own = manifest["artifactType"].as_str();
    json!({
        "mediaType": manifest["mediaType"], "digest": digest, "size": size,
        "artifactType": own.or_else(|| manifest["config"]["mediaType"].as_str()),
        "annotations": manifest["annotations"],
    })
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// A registry on loopback over layouts, perhaps with one of the named faults.
pub(crate) struct Registry {
    /// The server; it ends with this value.
    pub(crate) server: Server,
}

impl Registry {
    /// Serves `(name, folder)` with or without the Referrers API.
    pub(crate) fn serve(layouts: &[(&str, PathBuf)], referrers_api: bool) -> Self {
        Self::faulty(layouts, referrers_api, "-")
    }

    /// The same, misbehaving.
    pub(crate) fn faulty(
        layouts: &[(&str, PathBuf)],
        referrers_api: bool,
        fault: &'static str,
    ) -> Self {
        let repositories = Self::repositories(layouts);
        let answer = move |request: &Request| reply(&repositories, referrers_api, fault, request);
        Self { server: Server::start(answer) }
    }

    /// The same; what is answered goes through `alter` first.
    pub(crate) fn altered(
        layouts: &[(&str, PathBuf)],
        referrers_api: bool,
        alter: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let repositories = Self::repositories(layouts);
        let answer = move |request: &Request| {
            alter(request, reply(&repositories, referrers_api, "-", request))
        };
        Self { server: Server::forgetful(answer) }
    }

    /// The digest behind a tag of the layout in `folder`.
    pub(crate) fn digest_of(folder: &Path, tag: &str) -> Digest {
        Served::read(folder.to_owned()).digest(tag)
    }

    /// Layouts by the name of their repository, for a server of one's own.
    pub(crate) fn repositories(layouts: &[(&str, PathBuf)]) -> BTreeMap<String, Served> {
        let read =
            |(name, folder): &(&str, PathBuf)| ((*name).to_owned(), Served::read(folder.clone()));
        layouts.iter().map(read).collect()
    }

    /// `127.0.0.1:port`.
    pub(crate) fn addr(&self) -> String {
        self.server.host()
    }
}

/// What a registry with the Referrers API answers.
pub(crate) fn reply_of(repositories: &BTreeMap<String, Served>, request: &Request) -> Reply {
    reply(repositories, true, "-", request)
}

fn reply(
    repositories: &BTreeMap<String, Served>,
    api: bool,
    fault: &str,
    request: &Request,
) -> Reply {
    if let Some(reply) = gatekeeper(fault, request) {
        return reply;
    }
    let path = request.path().trim_start_matches("/v2/");
    for what in ["manifests", "referrers", "blobs", "tags"] {
        let Some((name, reference)) = path.rsplit_once(&format!("/{what}/")) else { continue };
        let Some(layout) = repositories.get(name) else { break };
        let page = request.target.split_once("page=").map_or(0, |(_, n)| n.parse().unwrap());
        return match what {
            "tags" => tags(layout, name, fault, request, page),
            "referrers" if !api => Reply::error(404, "NOT_FOUND"),
            "referrers" => referrers(layout, (name, reference), fault, request, page),
            _ => content(layout, what, reference, fault),
        };
    }
    Reply::error(404, "NAME_UNKNOWN")
}

/// Tokens and busy signs.
fn gatekeeper(fault: &str, request: &Request) -> Option<Reply> {
    let host = request.headers.get("host").cloned().unwrap_or_default();
    if request.target.starts_with("/token") {
        return Some(match fault {
            "auth-denied" => Reply::error(401, "DENIED"),
            _ => Reply::new(200, r#"{"token":"abc"}"#),
        });
    }
    let authorized = request.headers.get("authorization").is_some_and(|a| a == "Bearer abc");
    match fault {
        "auth" | "auth-denied" if !authorized => {
            let scope = r#"service="here",scope="repository:x:pull""#;
            let challenge = format!(r#"Bearer realm="http://{host}/token",{scope}"#);
            Some(Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge))
        }
        "all-429" if request.number.is_multiple_of(2) => {
            Some(Reply::error(429, "TOOMANYREQUESTS").with("Retry-After", "0"))
        }
        "all-503" if request.number.is_multiple_of(2) => Some(Reply::error(503, "UNAVAILABLE")),
        _ => None,
    }
}

fn tags(layout: &Served, name: &str, fault: &str, request: &Request, page: usize) -> Reply {
    let all: Vec<&String> = layout.tags.keys().collect();
    let list = |tags: Value| Reply::new(200, json!({"name": name, "tags": tags}).to_string());
    match fault {
        "tags-null" => list(Value::Null),
        "tags-loop" => list(json!(all)).with("Link", next(&request.target)),
        "tags-pages" => {
            let here: Vec<_> = all.iter().skip(2 * page).take(2).collect();
            let more = format!("/v2/{name}/tags/list?page={}", page + 1);
            let reply = list(json!(here));
            if 2 * page + 2 < all.len() { reply.with("Link", next(&more)) } else { reply }
        }
        _ => list(json!(all)),
    }
}

/// A `Link` header to the next page.
pub(crate) fn next(target: &str) -> String {
    format!(r#"<{target}>; rel="next""#)
}

fn referrers(
    layout: &Served,
    (name, subject): (&str, &str),
    fault: &str,
    request: &Request,
    page: usize,
) -> Reply {
    let mut found = layout.referrers.get(subject).cloned().unwrap_or_default();
    let mut link = None;
    match fault {
        "referrers-403" => return Reply::error(403, "DENIED"),
        "referrers-406" => return Reply::error(406, "UNSUPPORTED"),
        "referrers-500" => return Reply::error(500, "UNKNOWN"),
        "referrers-429" => {
            return Reply::error(429, "TOOMANYREQUESTS").with("Retry-After", "0");
        }
        "referrers-html" => {
            return Reply::new(200, "<html>welcome</html>").with("Content-Type", "text/html");
        }
        "referrers-303" => {
            let host = request.headers["host"].replace("127.0.0.1", "localhost");
            return Reply::new(303, "").with("Location", format!("http://{host}/login"));
        }
        "referrers-foreign" => {
            let mut foreign = found[0].clone();
            foreign["digest"] = json!(format!("sha256:{}", "ab".repeat(32)));
            found.insert(0, foreign);
        }
        "referrers-pages" => {
            let more = format!("/v2/{name}/referrers/{subject}?page={}", page + 1);
            link = (page + 1 < found.len()).then(|| next(&more));
            found = found.into_iter().skip(page).take(1).collect();
        }
        _ => {}
    }
    let body = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": found}).to_string();
    let reply = Reply::new(200, body).with("Content-Type", INDEX);
    link.map_or_else(|| reply.clone(), |link| reply.clone().with("Link", link))
}

fn content(layout: &Served, what: &str, reference: &str, fault: &str) -> Reply {
    let is_digest = reference.contains(':');
    let digest =
        if is_digest { Some(reference.to_owned()) } else { layout.tags.get(reference).cloned() };
    let found = digest.and_then(|digest| layout.blob(&digest).map(|body| (digest, body)));
    let manifest = what == "manifests";
    let Some((digest, mut body)) = found else {
        return Reply::error(404, if manifest { "MANIFEST_UNKNOWN" } else { "BLOB_UNKNOWN" });
    };
    match (fault, manifest) {
        ("blob-flip", false) => *body.last_mut().unwrap() ^= 1,
        ("digest-body", true) if is_digest => body.push(b' '),
        ("tag-body", true) if !is_digest => body.push(b' '),
        _ => {}
    }
    let known = layout.types.get(&digest).map_or(INDEX, String::as_str);
    let kind = match (fault, manifest) {
        ("type-plain", true) => "text/plain",
        (_, true) => known,
        (_, false) => "application/octet-stream",
    };
    let named = match (fault, manifest) {
        ("digest-header", true) => format!("sha256:{}", "de".repeat(32)),
        _ => digest,
    };
    let cut = fault == "blob-cut" && !manifest;
    let body = if cut { Body::Cut(body) } else { Body::Whole(body) };
    let reply = Reply::new(200, "").body(body).with("Content-Type", kind);
    if fault == "no-digest-header" { reply } else { reply.with("Docker-Content-Digest", named) }
}

/// What refers to a digest, where the artifact is.
pub(crate) fn sought(repository: &Repository, subject: &Digest) -> Sought {
    Sought::beside(repository.clone(), subject.clone())
}
