use super::*;

fn credentials(json: &str) -> Credentials {
    Credentials::from_config(serde_json::from_str(json).unwrap())
}

/// What the sources say, in one line.
fn told(sources: &[Source]) -> String {
    let one = |source: &Source| match source {
        Source::Helper { name, server } => format!("{name}({server})"),
        Source::Kept(Err(_)) => "trouble".to_owned(),
        Source::Kept(Ok(secrets)) => {
            let identity = secrets.identity.as_ref().map(|i| format!("id {i}"));
            let token = secrets.token.as_ref().map(|t| format!("token {t}"));
            let all = [secrets.basic.clone(), identity, token];
            all.into_iter().flatten().collect::<Vec<_>>().join("+")
        }
    };
    sources.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_place_gets_its_own_credentials_and_no_others() {
    let auth = |pair: &str| STANDARD.encode(pair);
    let read = credentials(&format!(
        r#"{{"auths":{{
            "https://index.docker.io/v1/":{{"auth":"{}"}},
            "ghcr.io":{{"auth":"{}"}},
            "https://ghcr.io/v2/":{{"auth":"{}"}},
            "quay.io/team":{{"auth":"{}"}},
            "quay.io/team/repo":{{"auth":"{}"}},
            "quay.io":{{"auth":"{}"}},
            "Upper.Example":{{"username":"u","password":"p"}},
            "v.example/v1":{{"username":"v","password":"p"}},
            "a.example":{{"auth":"!!"}},
            "b.example":{{"identitytoken":"x","auth":"{}"}},
            "c.example":{{}},
            "r.example:5000":{{"registrytoken":"t"}},
            "":{{"username":"u","password":"p"}},
            "nul.example":{{"auth":"{}"}},
            "nobody.example":{{"auth":"{}"}}
        }}}}"#,
        auth("hub:h:1"),
        auth("gh:g"),
        auth("other:o"),
        auth("t:t"),
        auth("r:r"),
        auth("q:q"),
        auth("00000000-0000-0000-0000-000000000000:"),
        auth("n:n\0\0"),
        auth(":n"),
    ));
    for (host, path, wanted) in [
        ("docker.io", "library/alpine", "hub:h:1"),
        ("ghcr.io", "x", "gh:g"),
        ("GHCR.io", "x", "gh:g"),
        ("ghcr.io:443", "x", ""),
        ("quay.io", "team/repo", "r:r t:t q:q"),
        ("quay.io", "team/repo/deep", "r:r t:t q:q"),
        ("quay.io", "team/repos", "t:t q:q"),
        ("quay.io", "teams/repo", "q:q"),
        ("quay.io", "", "q:q"),
        ("upper.example", "x", "u:p"),
        ("v.example", "x", ""),
        ("v.example", "v1/x", "v:p"),
        ("a.example", "x", "trouble"),
        ("b.example", "x", "id x"),
        ("c.example", "x", ""),
        ("r.example:5000", "x", "token t"),
        ("r.example", "x", ""),
        ("nul.example", "x", "n:n"),
        ("nobody.example", "x", "trouble"),
        ("d.example", "x", ""),
    ] {
        assert_eq!(told(&read.sources(host, path)), wanted, "{host}/{path}");
    }
}

#[test]
fn a_helper_is_asked_for_what_it_is_named_for() {
    let pair = STANDARD.encode("u:p");
    let read = credentials(&format!(
        r#"{{"auths":{{"ghcr.io":{{}},"own.example":{{"auth":"{pair}"}}}},
            "credsStore":"store",
            "credHelpers":{{"ecr.example":"ecr","gar.example/team":"gcloud"}}}}"#
    ));
    for (host, path, wanted) in [
        ("ecr.example", "x", "ecr(ecr.example)"),
        ("gar.example", "team/x", "gcloud(gar.example/team) store(gar.example)"),
        ("gar.example", "other", "store(gar.example)"),
        ("docker.io", "library/x", "store(https://index.docker.io/v1/)"),
        ("ghcr.io", "x", "store(ghcr.io) "),
        ("own.example", "x", "store(own.example) u:p"),
    ] {
        assert_eq!(told(&read.sources(host, path)), wanted, "{host}/{path}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_remembered_and_a_missing_one_is_not() {
    let missing = Credentials::read(Path::new("tests/no-such-config.json"));
    assert!(missing.trouble().is_none());
    for path in ["tests", "Cargo.toml"] {
        let read = Credentials::read(Path::new(path));
        assert!(read.trouble().unwrap().contains("was not used"), "{path}");
        assert!(Credentials::open(Path::new(path)).is_err());
    }
}

#[test]
fn the_file_is_the_one_that_cosign_reads() {
    let home = "/h/.docker/config.json";
    let (docker, podman) = ("DOCKER_CONFIG=/d", "REGISTRY_AUTH_FILE=/p/a.json");
    for (set, there, wanted) in [
        (&[][..], &[][..], None),
        (&[], &[home], Some(home)),
        (&[docker], &["/d/config.json"], Some("/d/config.json")),
        (&[docker], &[home, "/d/config.json"], Some("/d/config.json")),
        // As cosign: docker was set up, so nothing of podman is read.
        (&[docker, podman], &[home, "/p/a.json"], Some("/d/config.json")),
        (&[docker, podman], &["/p/a.json"], Some("/p/a.json")),
        (&["DOCKER_CONFIG=", podman], &[home, "/p/a.json"], Some(home)),
        (&[podman], &["/h/.config/containers/auth.json"], Some("/h/.config/containers/auth.json")),
        (
            &["XDG_RUNTIME_DIR=/run/u"],
            &["/run/u/containers/auth.json", "/h/.config/containers/auth.json"],
            Some("/run/u/containers/auth.json"),
        ),
        (
            &["XDG_RUNTIME_DIR=/run/u", "XDG_CONFIG_HOME=/c"],
            &["/c/containers/auth.json", "/h/.config/containers/auth.json"],
            Some("/c/containers/auth.json"),
        ),
        (&["XDG_RUNTIME_DIR=run"], &["run/containers/auth.json"], None),
        (&[], &["containers/auth.json"], None),
    ] {
        let env = |name: &str| {
            let set = set.iter().filter_map(|pair| pair.split_once('='));
            set.clone().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
        };
        let exists = |path: &Path| there.iter().any(|t| Path::new(t) == path);
        let found = search(&env, Some(Path::new("/h")), &exists);
        assert_eq!(found.as_deref(), wanted.map(Path::new), "{set:?} {there:?}");
    }
}
