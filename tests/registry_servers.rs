//! Registries that other people wrote: one with the Referrers API, in process, and Debian's
//! `docker-registry`, which has none. The fixtures are pushed as any client pushes them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/judging.rs"]
mod judging;

use std::{
    fs,
    io::Read,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use asking::{ask, rows};
use common::{NAME, client, fixture, quick, release::Folder, repository, sought};
use serde_json::Value;
use sigscope::{
    domain::{Digest, Tag, reference::Pointer},
    inspect::Registry as _,
};

/// What a layout holds, in an order in which nothing is pushed before its parts.
struct Pushed {
    blobs: Vec<(String, Vec<u8>)>,
    manifests: Vec<(String, String, Vec<u8>)>,
}

fn read(layout: &Path) -> Pushed {
    let mut blobs: Vec<(String, Vec<u8>)> = vec![];
    for entry in fs::read_dir(layout.join("blobs/sha256")).unwrap().flatten() {
        let hex = entry.file_name().into_string().unwrap();
        blobs.push((format!("sha256:{hex}"), fs::read(entry.path()).unwrap()));
    }
    let mut manifests: Vec<(usize, String, String, Vec<u8>)> = vec![];
    for (digest, bytes) in &blobs {
        let Ok(json) = serde_json::from_slice::<Value>(bytes) else { continue };
        let Some(kind) = json["mediaType"].as_str() else { continue };
        if json["layers"].is_array() {
            manifests.push((0, digest.clone(), kind.to_owned(), bytes.clone()));
        } else if json["manifests"].is_array() {
            manifests.push((1, digest.clone(), kind.to_owned(), bytes.clone()));
        }
    }
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    for entry in index["manifests"].as_array().unwrap() {
        let tag = entry["annotations"]["org.opencontainers.image.ref.name"].as_str();
        let (Some(tag), Some(digest)) = (tag, entry["digest"].as_str()) else { continue };
        let found = manifests.iter().find(|(_, at, ..)| at == digest).unwrap().clone();
        manifests.push((2, tag.to_owned(), found.2, found.3));
    }
    manifests.sort_by_key(|(order, ..)| *order);
    let manifests = manifests.into_iter().map(|(_, at, kind, bytes)| (at, kind, bytes)).collect();
    Pushed { blobs, manifests }
}

/// OCI distribution specification, "Pushing Blobs": POST then PUT; "Pushing Manifests".
async fn push(host: &str, layout: &Path) {
    let http = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty());
    let http = http.build().unwrap();
    let base = format!("http://{host}/v2/{NAME}");
    let pushed = read(layout);
    for (digest, bytes) in pushed.blobs {
        let begun = http.post(format!("{base}/blobs/uploads/")).send().await.unwrap();
        assert_eq!(begun.status(), 202, "{host}: an upload is not begun");
        let place = begun.headers()["location"].to_str().unwrap();
        let mut place = begun.url().join(place).unwrap();
        place.query_pairs_mut().append_pair("digest", &digest);
        let put = http.put(place).header("Content-Type", "application/octet-stream").body(bytes);
        assert_eq!(put.send().await.unwrap().status(), 201, "{host}: {digest}");
    }
    for (at, kind, bytes) in pushed.manifests {
        let put =
            http.put(format!("{base}/manifests/{at}")).header("Content-Type", kind).body(bytes);
        let put = put.send().await.unwrap();
        let status = put.status();
        assert_eq!(status, 201, "{host}: {at}: {}", put.text().await.unwrap());
    }
}

/// ferro-oci-server, which has the Referrers API.
async fn ferro() -> String {
    let blobs = Arc::new(ferro_blob_store::InMemoryBlobStore::new());
    let names = Arc::new(ferro_oci_server::InMemoryRegistryMeta::new());
    let state = ferro_oci_server::AppState::new(blobs, names);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    #[expect(clippy::disallowed_methods, reason = "a server of the test, not of the program")]
    tokio::spawn(async move { axum::serve(listener, ferro_oci_server::router(state)).await });
    host
}

/// A process that ends with this value.
struct Debian(Child, String);

impl Debian {
    /// Starts Debian's registry where it is installed.
    fn start(name: &str) -> Option<Self> {
        let folder = Folder::new(name);
        // A port that was free a moment ago; the registry is the one that says when it listens.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n",
            folder.path("data")
        );
        let config = folder.write("registry.yml", config);
        let mut command = Command::new("docker-registry");
        command.args(["serve", &config]).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            println!("SKIPPED: docker-registry is not installed");
            return None;
        };
        let mut said = vec![];
        let mut stderr = child.stderr.take().unwrap();
        while !String::from_utf8_lossy(&said).contains("listening on") {
            let mut some = [0; 512];
            let read = stderr.read(&mut some).unwrap();
            assert!(read > 0, "docker-registry ended: {}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&some[..read]);
        }
        // What else it says must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Some(Self(child, format!("127.0.0.1:{port}")))
    }
}

impl Drop for Debian {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What one registry says of one fixture.
async fn judge(host: &str, case: &str, exit: u8, row: &str) {
    push(host, &fixture(case).join("layout")).await;
    let (code, report) = ask(host, quick()).await;
    let rows = rows(&report);
    assert_eq!(code, exit, "{host} {case}: {rows:#?}");
    assert!(rows.iter().any(|told| told.contains(row)), "{host} {case}: {rows:#?}");
}

fn tag(text: &str) -> Pointer {
    Pointer::Tag(Tag::parse(text).unwrap())
}

fn layout(case: &str) -> PathBuf {
    fixture(case).join("layout")
}

#[tokio::test]
async fn a_registry_with_the_referrers_api_is_read_like_a_layout() {
    for (case, exit, row) in [
        ("native", 0, "Referrers API: 3 referrers"),
        ("legacy-v2", 0, "legacy-tags proved"),
        ("unsigned", 4, "referrers absent"),
    ] {
        judge(&ferro().await, case, exit, row).await;
    }
}

#[tokio::test]
async fn a_registry_without_the_referrers_api_is_asked_for_its_tags() {
    for (case, exit, row) in [
        ("fallback", 0, "referrers proved"),
        ("legacy-v2", 0, "legacy-tags proved"),
        ("unsigned", 4, "referrers absent"),
        // What was pushed with a `subject` to a registry that does not know it, and under no tag,
        // cannot be found.
        ("native", 4, "HTTP 404"),
    ] {
        let Some(debian) = Debian::start(&format!("debian-{case}")) else { return };
        judge(&debian.1, case, exit, row).await;
    }
}

#[tokio::test]
async fn tags_and_what_is_not_there_are_told_apart_on_real_registries() {
    let ferro = ferro().await;
    let debian = Debian::start("debian-tags");
    for host in std::iter::once(ferro.as_str()).chain(debian.as_ref().map(|d| d.1.as_str())) {
        push(host, &layout("native")).await;
        let client = client();
        let here = repository(host, NAME);
        let page = client.tags(&here, None).await.unwrap();
        let mut tags: Vec<String> = page.tags.iter().map(ToString::to_string).collect();
        tags.sort();
        let wanted =
            ["3.9.0", "4.0.0", "4.0.0-busybox", "4.1.0", "4.1.0-rc.1", "busybox", "latest"];
        assert_eq!((tags, page.next), (wanted.map(String::from).to_vec(), None), "{host}");
        let missing = client.manifest(&here, &tag("9.9.9")).await.unwrap_err();
        assert_eq!(common::kind(&missing), "not-found", "{host}");
        let nowhere = repository(host, "nobody/nothing");
        let missing = client.manifest(&nowhere, &tag("1")).await.unwrap_err();
        assert_eq!(common::kind(&missing), "not-found", "{host}");
        let nothing = Digest::sha256(b"nothing");
        let listing = client.referrers(&sought(&here, &nothing)).await;
        assert!(listing.found.is_empty() && listing.complete(), "{host}: {:?}", listing.notes);
    }
}
