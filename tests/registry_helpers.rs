//! Credential helpers and per-repository entries: who is asked, and what a bad helper does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    kind, quick, repository,
    server::{Reply, Request, Server},
    tls::scratch,
};
use serde_json::{Value, json};
use sigscope::{
    domain::{Tag, reference::Pointer},
    inspect::Registry,
    net::{
        limits::Limits,
        registry::{HttpRegistry, Settings},
    },
};

const PASSWORD: &str = "hunter2secret";

fn tag() -> Pointer {
    Pointer::Tag(Tag::parse("t").unwrap())
}

/// A registry that wants a password and takes any.
fn wants_password() -> Server {
    Server::start(|request: &Request| match request.headers.get("authorization") {
        Some(_) => Reply::new(200, r#"{"manifests":[]}"#),
        None => Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", "Basic realm=\"x\""),
    })
}

/// Every password that a server saw, each once, in its order.
fn seen(server: &Server) -> Vec<String> {
    let sent = server.requests();
    let sent = sent.iter().filter_map(|r| r.headers.get("authorization"));
    let mut all: Vec<String> = sent
        .map(|value| STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap())
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect();
    all.dedup();
    all
}

/// A folder of its own with a configuration in it; helpers are put beside.
struct Home(PathBuf);

impl Home {
    fn new(name: &str, config: &Value) -> Self {
        let folder = scratch(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        Self(folder)
    }

    /// A helper that is this shell script.
    fn helper(&self, name: &str, script: &str) {
        let path = self.0.join(format!("docker-credential-{name}"));
        // Written under another name: a file that is open for writing cannot be run.
        let draft = path.with_extension("draft");
        fs::write(&draft, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(draft, path).unwrap();
    }

    fn client(&self, time: Duration) -> HttpRegistry {
        let limits = Limits { helper: time, ..quick().limits };
        HttpRegistry::new(Settings {
            limits,
            docker_config: Some(self.0.join("config.json")),
            helpers: Some(self.0.clone().into()),
            ..Settings::default()
        })
    }
}

const LONG: Duration = Duration::from_secs(30);

/// Script, what the server saw, what the error says.
const HELPERS: [(&str, &str, &str, &str); 16] = [
    (
        "good",
        r#"[ "$1" = get ] && read s; echo "{\"ServerURL\":\"x\",\"Username\":\"for $s\",\"Secret\":\"hunter2secret\"}""#,
        "for HOST:hunter2secret",
        "",
    ),
    (
        "reads nothing",
        r#"exec echo '{"Username":"u","Secret":"hunter2secret"}'"#,
        "u:hunter2secret",
        "",
    ),
    (
        "knows nothing",
        "cat >/dev/null; echo 'credentials not found in native keychain'; exit 1",
        "",
        "has no credentials for it",
    ),
    ("empty", r#"cat >/dev/null; echo '{"Username":"","Secret":""}'"#, "", "has no credentials"),
    (
        "identity token",
        r#"cat >/dev/null; echo '{"Username":"<token>","Secret":"hunter2secret"}'"#,
        "",
        "of a kind that it does not take",
    ),
    ("fails", "cat >/dev/null; echo hunter2secret; echo hunter2secret >&2; exit 3", "", "failed"),
    ("is killed", "kill -9 $$", "", "failed"),
    ("prints text", "cat >/dev/null; echo hunter2secret", "", "no credential"),
    ("prints half", r#"cat >/dev/null; echo '{"Username":"u","Sec'"#, "", "no credential"),
    ("prints another shape", r#"echo '{"Secret":"hunter2secret"}'"#, "", "no credential"),
    ("prints nothing", "cat >/dev/null", "", "no credential"),
    ("writes without end", "while :; do echo hunter2secret; done", "", "more than 64 KiB"),
    ("hangs", "exec sleep 1000", "", "did not answer within"),
    ("hangs with its output closed", "exec >&-; exec sleep 1000", "", "did not answer within"),
    ("leaves a child behind", "sleep 9 & exit 0", "", "no credential"),
    (
        "answers and leaves a child behind",
        r#"sleep 9 & echo '{"Username":"u","Secret":"hunter2secret"}'"#,
        "u:hunter2secret",
        "",
    ),
];

#[tokio::test]
async fn a_helper_is_asked_and_cannot_hurt() {
    for (row, script, wanted, words) in HELPERS {
        let server = wants_password();
        let host = server.host();
        let home = Home::new("helpers", &json!({"auths": {&host: {}}, "credsStore": "one"}));
        home.helper("one", script);
        let time = if words.contains("within") { Duration::from_millis(300) } else { LONG };
        let client = home.client(time);
        let got = client.manifest(&repository(&host, "x"), &tag()).await;
        let wanted = wanted.replace("HOST", &host);
        let sent = seen(&server);
        assert_eq!(sent.concat(), wanted, "{row}: {got:?}");
        match got {
            Ok(_) => assert!(!wanted.is_empty(), "{row}"),
            Err(error) => {
                let text = error.to_string();
                assert_eq!(kind(&error), "denied", "{row}: {text}");
                assert!(text.contains(words) && !text.contains(PASSWORD), "{row}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_helper_that_cannot_be_run_is_told_and_no_path_is_one() {
    let server = wants_password();
    let host = server.host();
    for (name, words) in [
        ("missing", "not installed"),
        ("data", "not installed"),
        ("../one", "no name of a credential helper"),
        ("/bin/sh", "no name of a credential helper"),
        ("one two", "no name of a credential helper"),
        ("\u{1b}[2J", "no name of a credential helper"),
        ("binary", "cannot be run"),
    ] {
        let home = Home::new("no-helpers", &json!({"credHelpers": {&host: name}}));
        home.helper("one", "exit 0");
        fs::write(home.0.join("docker-credential-data"), "#!/bin/sh\n").unwrap();
        home.helper("binary", "");
        fs::write(home.0.join("docker-credential-binary"), "\0\0\0\0").unwrap();
        let got = home.client(LONG).manifest(&repository(&host, "x"), &tag()).await;
        let error = got.unwrap_err();
        assert_eq!(kind(&error), "denied", "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(words) && !text.contains('\u{1b}'), "{name}: {text}");
    }
    assert!(seen(&server).is_empty());
}

#[tokio::test]
async fn a_helper_that_fails_does_not_hide_what_needs_no_password() {
    let server = Server::start(|_: &Request| Reply::new(200, r#"{"manifests":[]}"#));
    let home = Home::new("public", &json!({"credsStore": "none"}));
    let got = home.client(LONG).manifest(&repository(&server.host(), "x"), &tag()).await;
    assert!(got.is_ok());
}

#[tokio::test]
async fn many_requests_at_once_ask_a_helper_once() {
    let server = wants_password();
    let host = server.host();
    let home = Home::new("once", &json!({"credsStore": "one"}));
    let count = home.0.join("count");
    let script = r#"echo asked >> COUNT; cat >/dev/null; echo '{"Username":"u","Secret":"p"}'"#;
    home.helper("one", &script.replace("COUNT", count.to_str().unwrap()));
    let client = home.client(LONG);
    let places: Vec<_> = (0..12).map(|n| repository(&host, &format!("r{}", n % 3))).collect();
    let tag = tag();
    let asked = places.iter().map(|at| client.manifest(at, &tag));
    let got = futures_util::future::join_all(asked).await;
    assert!(got.iter().all(Result::is_ok));
    assert_eq!(fs::read_to_string(count).unwrap().lines().count(), 1);
}

/// Whether a process is there and no zombie.
fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[tokio::test]
async fn a_helper_ends_when_nobody_waits_for_it() {
    for script in [
        "echo $$ > FILE.new; mv FILE.new FILE; exec sleep 1000",
        // What it waits for ends, too.
        "sleep 1000 & echo $! > FILE.new; mv FILE.new FILE; wait",
    ] {
        ends(script).await;
    }
}

async fn ends(script: &str) {
    let server = wants_password();
    let home = Home::new("dropped", &json!({"credsStore": "one"}));
    let file = home.0.join("pid");
    home.helper("one", &script.replace("FILE", file.to_str().unwrap()));
    let client = home.client(LONG);
    let (at, tag) = (repository(&server.host(), "x"), tag());
    let started = async {
        while !file.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        got = client.manifest(&at, &tag) => panic!("{got:?}"),
        () = started => {}
    }
    let pid = fs::read_to_string(&file).unwrap().trim().to_owned();
    let ended = async {
        while lives(&pid) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, ended).await.unwrap();
}

#[tokio::test]
async fn an_entry_for_a_repository_is_for_no_neighbour() {
    let server = wants_password();
    let host = server.host();
    let auth = |user: &str| json!({"auth": STANDARD.encode(format!("{user}:{PASSWORD}"))});
    let home = Home::new(
        "entries",
        &json!({
            "auths": {
                format!("{host}/team"): auth("team"),
                format!("{host}/team/repo"): auth("repo"),
                "other.invalid": auth("other"),
                format!("{host}9"): auth("port"),
            },
            "credHelpers": {format!("{host}/helped"): "one"},
        }),
    );
    home.helper("one", r#"read s; echo "{\"Username\":\"$s\",\"Secret\":\"hunter2secret\"}""#);
    let helped = format!("{host}/helped:{PASSWORD}");
    for (path, wanted) in [
        ("team/repo", "repo:hunter2secret"),
        ("team/repo/deep", "repo:hunter2secret"),
        ("team/other", "team:hunter2secret"),
        ("team/repos", "team:hunter2secret"),
        ("teams/repo", ""),
        ("helped/x", &helped),
        ("helpe", ""),
        ("x", ""),
    ] {
        let before = server.requests().len();
        let got = home.client(LONG).manifest(&repository(&host, path), &tag()).await;
        let sent = server.requests().split_off(before);
        let sent: Vec<_> = sent.iter().filter_map(|r| r.headers.get("authorization")).collect();
        let wanted: Vec<_> = [wanted].into_iter().filter(|w| !w.is_empty()).collect();
        let wanted: Vec<_> =
            wanted.iter().map(|pair| format!("Basic {}", STANDARD.encode(pair))).collect();
        assert_eq!(sent, wanted.iter().collect::<Vec<_>>(), "{path}");
        assert_eq!(got.is_ok(), !wanted.is_empty(), "{path}: {got:?}");
    }
}

#[tokio::test]
async fn what_is_denied_to_nobodys_token_says_why_there_was_no_password() {
    for status in [401, 403] {
        let server = Server::start(move |request: &Request| {
            let realm = format!("Bearer realm=\"http://{}/token\"", request.headers["host"]);
            match (request.path(), request.headers.contains_key("authorization")) {
                ("/token", _) => Reply::new(200, r#"{"token":"anybody"}"#),
                (_, true) => Reply::error(status, "DENIED").with("WWW-Authenticate", realm),
                _ => Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", realm),
            }
        });
        let home = Home::new("denied", &json!({"credsStore": "missing"}));
        let got = home.client(LONG).manifest(&repository(&server.host(), "x"), &tag()).await;
        let error = got.unwrap_err();
        assert_eq!(kind(&error), "denied", "{error}");
        assert!(
            error.to_string().contains("docker-credential-missing is not installed"),
            "{error}"
        );
    }
}
