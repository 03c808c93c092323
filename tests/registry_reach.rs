//! The flags and variables that say how a registry is reached: TLS, plain HTTP, proxies, and
//! where credentials come from. The program itself is run, in an empty environment.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{fs, path::PathBuf, process::Command};

use common::{
    server::{Reply, Request, Server},
    tls::{Authority, TlsServer, json, moved, scratch, tunnel},
};

const TAGS: &str = r#"{"name":"x","tags":["4.0.0"]}"#;
const PASSWORD: &str = "hunter2secret";

/// What one run said.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs the program with these variables and no other.
fn sigscope(args: &[&str], env: &[(&str, &str)]) -> Ran {
    let home = scratch("home");
    fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigscope"));
    command.args(args).env_clear().env("HOME", &home).envs(env.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran =
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    assert!(!format!("{ran:?}").contains(PASSWORD), "{ran:?}");
    ran
}

fn written(name: &str, text: &str) -> String {
    let path = scratch(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn word(path: &std::path::Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_registry_of_ones_own_authority_is_reached_with_it_and_not_without() {
    let (own, other) = (Authority::new("own"), Authority::new("other"));
    let server = TlsServer::start(&own, &["127.0.0.1"], |_| json(TAGS));
    let misnamed = TlsServer::start(&own, &["elsewhere.invalid"], |_| json(TAGS));
    let both = {
        let text = |a: &Authority| fs::read_to_string(&a.file).unwrap();
        written("both.pem", &format!("# two\n{}{}", text(&other), text(&own)))
    };
    let at = |server: &TlsServer| format!("{}/x", server.address);
    for (row, target, file, code, words) in [
        ("own", at(&server), word(&own.file), 0, "4.0.0"),
        ("one of two", at(&server), both, 0, "4.0.0"),
        ("other", at(&server), word(&other.file), 3, "certificate"),
        ("another name", at(&misnamed), word(&own.file), 3, "certificate"),
    ] {
        let ran =
            sigscope(&["tags", &target, "--plain-http=false", "--registry-cacert", &file], &[]);
        assert_eq!(ran.code, Some(code), "{row}: {ran:?}");
        assert!(format!("{}{}", ran.out, ran.err).contains(words), "{row}: {ran:?}");
    }
    let ran = sigscope(&["tags", &at(&server), "--plain-http=false"], &[]);
    assert!(ran.code == Some(3) && ran.err.contains("certificate"), "system roots: {ran:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_undecided_and_nothing_is_contacted() {
    let server = Server::start(|_: &Request| Reply::new(200, TAGS));
    let target = format!("{}/x", server.host());
    let broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    let no_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let missing = word(&scratch("missing"));
    let secret = format!(r#"{{"auths":{{"x":{{"auth":"{PASSWORD}"}} "#);
    for (row, flag, file, words) in [
        ("no file", "--registry-cacert", missing.clone(), "No such file"),
        ("a folder", "--registry-cacert", env!("CARGO_TARGET_TMPDIR").to_owned(), "a folder"),
        ("empty", "--registry-cacert", written("empty.pem", ""), "no certificate in it"),
        ("text", "--registry-cacert", written("text.pem", "garbage"), "no certificate in it"),
        ("base64", "--registry-cacert", written("broken.pem", broken), "encoding"),
        ("no DER", "--registry-cacert", written("der.pem", no_der), "certificate"),
        ("no config", "--registry-config", missing, "no such file"),
        ("no JSON", "--registry-config", written("cut.json", &secret), "error at line 1"),
        ("no object", "--registry-config", written("list.json", "[1]"), "error at line 1"),
    ] {
        for command in ["tags", "inspect"] {
            let ran = sigscope(&[command, &target, flag, &file], &[]);
            assert_eq!(ran.code, Some(3), "{row}: {ran:?}");
            assert!(ran.err.contains(words), "{row}: {ran:?}");
            assert!(ran.err.contains("nothing was contacted"), "{row}: {ran:?}");
        }
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn plain_http_is_for_the_host_of_the_target_alone() {
    let proxy = Server::start(|request: &Request| match request.path() {
        "http://r.invalid/v2/x/tags/list" => Reply::new(200, TAGS),
        "http://r.invalid/v2/away/tags/list" => {
            Reply::new(307, "").with("Location", "http://s.invalid/v2/away/tags/list")
        }
        _ => Reply::error(404, "NAME_UNKNOWN"),
    });
    let through = format!("http://{}", proxy.host());
    let env = [("HTTP_PROXY", through.as_str())];
    for (row, args, code, words) in [
        ("named", &["tags", "r.invalid/x", "--plain-http"][..], 0, "4.0.0"),
        ("=true", &["tags", "r.invalid/x", "--plain-http=true"], 0, "4.0.0"),
        ("not asked", &["tags", "r.invalid/x"], 3, "r.invalid"),
        ("=false", &["tags", "r.invalid/x", "--plain-http=false"], 3, "r.invalid"),
        ("away", &["tags", "r.invalid/away", "--plain-http"], 3, "redirects"),
        ("a layout", &["inspect", "oci:x", "--plain-http"], 2, "none is named"),
        ("=maybe", &["tags", "r.invalid/x", "--plain-http=maybe"], 2, "maybe"),
        ("empty", &["tags", "r.invalid/x", "--registry-cacert="], 2, "value"),
    ] {
        let ran = sigscope(args, &env);
        assert_eq!(ran.code, Some(code), "{row}: {ran:?}");
        assert!(format!("{}{}", ran.out, ran.err).contains(words), "{row}: {ran:?}");
    }
    assert_eq!(proxy.count("s.invalid"), 0);
    assert_eq!(proxy.count("http://r.invalid/v2/x"), 2);
}

#[test]
fn a_proxy_is_used_for_the_network_and_never_shows_its_password() {
    let refuses = Server::start(|_: &Request| Reply::new(407, "no"));
    let registry = Server::start(|_: &Request| Reply::new(200, TAGS));
    let proxy = format!("http://user:{PASSWORD}@{}", refuses.host());
    let here = format!("{}/x", registry.host());
    let blamed = format!("through the proxy {}", refuses.host());
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://user:{PASSWORD}@{}", listener.local_addr().unwrap())
    };
    for (row, target, env, code, words, asked) in [
        ("upper case", "r.invalid/x", &[("HTTPS_PROXY", &*proxy)][..], 3, &*blamed, true),
        ("lower case", "r.invalid/x", &[("https_proxy", &*proxy)], 3, &blamed, true),
        ("all", "r.invalid/x", &[("ALL_PROXY", &*proxy)], 3, &blamed, true),
        (
            "NO_PROXY",
            "r.invalid/x",
            &[("HTTPS_PROXY", &*proxy), ("NO_PROXY", "r.invalid")],
            3,
            "r.invalid",
            false,
        ),
        (
            "no_proxy",
            "r.invalid/x",
            &[("https_proxy", &*proxy), ("no_proxy", ".invalid")],
            3,
            "r.invalid",
            false,
        ),
        (
            "this machine",
            &here,
            &[("HTTP_PROXY", &*proxy), ("ALL_PROXY", &*proxy)],
            0,
            "4.0.0",
            false,
        ),
        (
            "nobody there",
            "r.invalid/x",
            &[("HTTPS_PROXY", &*closed)],
            3,
            "through the proxy",
            false,
        ),
    ] {
        let before = refuses.requests().len();
        let ran = sigscope(&["tags", target], env);
        assert_eq!(ran.code, Some(code), "{row}: {ran:?}");
        assert!(format!("{}{}", ran.out, ran.err).contains(words), "{row}: {ran:?}");
        assert_eq!(refuses.requests().len() > before, asked, "{row}");
    }
    let sent = refuses.requests();
    assert!(sent.iter().all(|r| r.target == "r.invalid:443"));
    assert!(sent.iter().all(|r| r.headers["proxy-authorization"].starts_with("Basic ")));
    assert!(sent.iter().all(|r| !r.headers.contains_key("authorization")));
}

#[test]
fn through_a_tunnel_the_registry_is_still_who_it_must_be() {
    let own = Authority::new("tunnelled");
    let server = TlsServer::start(&own, &["r.invalid"], |_| json(TAGS));
    let proxy = format!("http://{}", tunnel(server.address));
    let env = [("HTTPS_PROXY", proxy.as_str())];
    let cacert = word(&own.file);
    for (target, code) in [("r.invalid/x", 0), ("s.invalid/x", 3)] {
        let ran = sigscope(&["tags", target, "--registry-cacert", &cacert], &env);
        assert_eq!(ran.code, Some(code), "{target}: {ran:?}");
    }
}

#[test]
fn nothing_leads_from_https_to_http() {
    let own = Authority::new("downgrade");
    let plain = Server::start(|_: &Request| Reply::new(200, TAGS));
    let to = format!("http://{}/v2/x/tags/list", plain.host());
    let realm = format!("http://{}/token", plain.host());
    let challenge = format!(
        "HTTP/1.1 401 x\r\nWWW-Authenticate: Bearer realm=\"{realm}\"\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    );
    for (row, answer, words) in
        [("redirect", moved(&to), "redirects"), ("realm", challenge, "is not HTTPS")]
    {
        let server = TlsServer::start(&own, &["127.0.0.1"], move |_| answer.clone());
        let target = format!("{}/x", server.address);
        let cacert = word(&own.file);
        let ran =
            sigscope(&["tags", &target, "--plain-http=false", "--registry-cacert", &cacert], &[]);
        assert!(ran.code == Some(3) && ran.err.contains(words), "{row}: {ran:?}");
        assert!(server.connections() >= 1, "{row}");
    }
    assert_eq!(plain.requests().len(), 0);
}

/// A folder with a configuration that knows one password for `host`.
fn configured(folder: &str, file: &str, host: &str, user: &str) -> PathBuf {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let folder = scratch(folder);
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let pair = STANDARD.encode(format!("{user}:{PASSWORD}"));
    fs::write(&path, format!(r#"{{"auths":{{"{host}":{{"auth":"{pair}"}}}}}}"#)).unwrap();
    folder
}

#[test]
fn credentials_come_from_where_cosign_has_them() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let server = Server::start(|request: &Request| match request.headers.get("authorization") {
        Some(_) => Reply::new(200, TAGS),
        None => Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", "Basic realm=\"x\""),
    });
    let host = server.host();
    let docker = word(&configured("docker", "config.json", &host, "docker"));
    let podman = word(&configured("podman", "auth.json", &host, "podman").join("auth.json"));
    let runtime = word(&configured("runtime", "containers/auth.json", &host, "runtime"));
    let config = word(&configured("xdg", "containers/auth.json", &host, "xdg"));
    let flag = word(&configured("flag", "any.json", &host, "flag").join("any.json"));
    let everything = [
        ("DOCKER_CONFIG", &*docker),
        ("REGISTRY_AUTH_FILE", &*podman),
        ("XDG_RUNTIME_DIR", &*runtime),
        ("XDG_CONFIG_HOME", &*config),
    ];
    for (flags, env, user) in [
        (&["--registry-config", &*flag][..], &everything[..], Some("flag")),
        (&[], &everything[..], Some("docker")),
        (&[], &everything[1..], Some("podman")),
        (&[], &everything[2..], Some("runtime")),
        (&[], &everything[3..], Some("xdg")),
        (&[], &[], None),
    ] {
        let before = server.requests().len();
        let target = format!("{host}/x");
        let mut args = vec!["tags", &target];
        args.extend(flags);
        let ran = sigscope(&args, env);
        assert_eq!(ran.code, Some(if user.is_some() { 0 } else { 3 }), "{user:?}: {ran:?}");
        let sent: Vec<_> = server.requests().split_off(before);
        let sent: Vec<_> = sent.iter().filter_map(|r| r.headers.get("authorization")).collect();
        let wanted = user.map(|u| format!("Basic {}", STANDARD.encode(format!("{u}:{PASSWORD}"))));
        assert_eq!(sent, wanted.iter().collect::<Vec<_>>());
    }
}

#[test]
fn no_secret_stands_in_the_log() {
    let server = Server::start(|request: &Request| {
        let host = &request.headers["host"];
        let realm = format!("Bearer realm=\"http://{host}/token\",service=\"s\"");
        match (request.path(), request.headers.get("authorization").map(String::as_str)) {
            ("/token", _) => Reply::new(200, format!(r#"{{"token":"{PASSWORD}-token"}}"#)),
            // A server that repeats whatever it was sent.
            (_, Some(sent)) => Reply::new(403, format!("you sent {sent}")),
            _ => Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", realm),
        }
    });
    let docker = word(&configured("log", "config.json", &server.host(), "user"));
    let state = scratch("state");
    let target = format!("{}/x:1", server.host());
    let ran = sigscope(
        &["inspect", &target, "--json"],
        &[
            ("DOCKER_CONFIG", &docker),
            ("XDG_STATE_HOME", state.to_str().unwrap()),
            ("SIGSCOPE_LOG", "debug"),
        ],
    );
    assert!(ran.code == Some(3) && ran.out.contains("you sent Bearer ***"), "{ran:?}");
    let log = fs::read_to_string(state.join("sigscope/sigscope.log")).unwrap();
    assert!(log.contains("/token") && !log.contains("hunter2"), "{log}");
    assert!(!log.contains("aHVudGVyMnNlY3JldA") && !log.contains("dXNlcjpodW50ZXIyc2VjcmV0"));
}
