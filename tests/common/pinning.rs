//! Runs of `pin` over files of a test's own, against registries that a test can turn around.
#![allow(dead_code, reason = "no test uses everything")]
#![allow(clippy::unwrap_used, reason = "a broken fixture ends the test")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::common::{NAME, Registry, Served, fixture, reply_of, server::Server};

/// Who signed the release of the fixtures.
pub(crate) const RELEASE: &str = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
/// Who vouches for that.
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// A folder of this test's own, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pin-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A pod with these images; its ends of lines, comments and quotes are there to stay.
pub(crate) fn pod(images: &[String]) -> String {
    let mut text =
        "# a comment\r\napiVersion: v1\nkind: Pod\nmetadata: { name:   a }\nspec:\n  containers:\n"
            .to_owned();
    for (at, image) in images.iter().enumerate() {
        text += &format!("    - name: c{at}\n      image: \"{image}\"   # kept \n");
    }
    text
}

/// What one run said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with `pin`, in a folder, with a history and a config file of the test's own.
pub(crate) fn command(folder: &Path, line: &str) -> Command {
    let root = fixture("trusted_root.json");
    let demanded = format!("--certificate-identity {RELEASE} --certificate-oidc-issuer {ISSUER}");
    let line = line.replace("DEMANDED", &demanded);
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigscope"));
    let kept = folder.with_extension("kept");
    command
        .current_dir(folder)
        .arg("pin")
        .args(line.split_whitespace())
        .args(["--no-cache", "--offline"])
        .env("XDG_DATA_HOME", &kept)
        .env("XDG_CONFIG_HOME", &kept);
    if !line.contains("--trusted-root") {
        command.arg("--trusted-root").arg(root);
    }
    command
}

/// Runs it to its end. `DEMANDED` stands for the flags that demand the release's signer.
pub(crate) fn pin(folder: &Path, line: &str) -> Ran {
    ended(&mut command(folder, line))
}

/// The same with a config file.
pub(crate) fn pin_with(config: &str, folder: &Path, line: &str) -> Ran {
    let file = folder.with_extension("toml");
    let config = config.replace("RELEASE", RELEASE).replace("ISSUER", ISSUER);
    fs::write(&file, config).unwrap();
    ended(command(folder, line).env("SIGSCOPE_CONFIG", file))
}

fn ended(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or(-1);
    Ran { code, out: text(output.stdout), err: text(output.stderr) }
}

/// Starts it and goes on.
pub(crate) fn begun(folder: &Path, line: &str) -> Child {
    let mut command = command(folder, line);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A registry that answers like the fixtures `layouts`, each under its own repository.
pub(crate) fn serve(layouts: &[(&str, &str)]) -> Registry {
    let folders: Vec<(&str, PathBuf)> =
        layouts.iter().map(|(name, layout)| (*name, fixture(layout))).collect();
    Registry::serve(&folders, true)
}

/// A registry whose tag 4.0.0 points at the first content for so many questions, and then at the
/// other one; `then` happens at that moment.
pub(crate) fn moving(after: usize, then: impl Fn() + Send + Sync + 'static) -> Server {
    let read = |state: &str| {
        let folder = fixture(&format!("moved-tag/{state}"));
        BTreeMap::from([(NAME.to_owned(), Served::read(folder))])
    };
    let states = [read("before"), read("after")];
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |request| {
        let mut state = 1;
        if request.target.ends_with("/manifests/4.0.0") {
            let number = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if number >= after {
                then();
            } else {
                state = 0;
            }
        }
        reply_of(&states[state], request)
    })
}

/// Where the tag points in a state of that fixture.
pub(crate) fn digest(state: &str) -> String {
    Registry::digest_of(&fixture(&format!("moved-tag/{state}")), "4.0.0").to_string()
}

/// A folder with one pod of that image, and the registry's address in its name.
pub(crate) fn one(name: &str, host: &str, path: &str) -> (PathBuf, String) {
    let folder = folder(name);
    let text = pod(&[format!("{host}/{path}:4.0.0")]);
    fs::write(folder.join("pod.yaml"), &text).unwrap();
    (folder, text)
}

/// A file of a folder.
pub(crate) fn read(folder: &Path, name: &str) -> String {
    String::from_utf8(fs::read(folder.join(name)).unwrap()).unwrap()
}

/// What is in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
