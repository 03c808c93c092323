//! A release of files in a folder of its own, signed as the fixtures are.

use std::{fs, path::PathBuf};

use serde_json::Value;

use super::run::{Said, run};

/// The signer of the fixtures.
pub(crate) const IDENTITY: &str = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
/// Who vouches for it.
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// The folder of the fixture.
pub(crate) const RELEASE: &str = "tests/fixtures/release-dir";

/// A folder that a test may change; it begins empty.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// With the files of the fixture, but for its `tampered` folder.
    pub(crate) fn released(name: &str) -> Self {
        let folder = Self::new(name);
        for entry in fs::read_dir(RELEASE).unwrap().flatten() {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), folder.0.join(entry.file_name())).unwrap();
            }
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), bytes).unwrap();
        self.path(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.0.join(name)).unwrap();
    }
}

/// `sigscope verify … --json` under the demand of the fixtures; the flags of a test come last.
pub(crate) fn verify(target: &str, more: &[&str]) -> Said {
    let flags = [
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
        "--trusted-root",
        "tests/fixtures/trusted_root.json",
        "--json",
    ];
    let argv = ["sigscope", "verify", target].into_iter().chain(flags);
    run(&argv.chain(more.iter().copied()).map(str::to_owned).collect::<Vec<_>>())
}

/// `verdict of the row` for every file of the report, by its name.
pub(crate) fn rows(said: &Said) -> std::collections::BTreeMap<String, String> {
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let checks = report["checks"].as_array().unwrap().iter();
    let files = checks.filter(|check| check["id"] == "file");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    files.map(|check| (word(&check["file"]), word(&check["verdict"]))).collect()
}

/// The codes of the warnings of the report.
pub(crate) fn warnings(said: &Said) -> Vec<String> {
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let all = report["warnings"].as_array().unwrap().iter();
    all.map(|warning| warning["code"].as_str().unwrap_or_default().to_owned()).collect()
}
