//! Where requests may go: the base of a registry, the rule for redirects, and `Link` headers.

use reqwest::{Url, header::HeaderMap};

use crate::{domain::reference::DOCKER_HUB, inspect::RegistryError, net::content::foreign};

use super::zone::Zone;

/// The machine that answers for Docker Hub.
const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// The `<name>` under which a registry lists its repositories.
const CATALOG: &str = "_catalog";

/// One repository of one registry, as it is spoken to.
#[derive(Clone, Debug)]
pub(in crate::net) struct Place {
    /// The host as it was written; the name in errors, and the key of credentials and tokens.
    pub(in crate::net) host: String,
    /// The `<name>` of the specification.
    pub(in crate::net) path: String,
    /// `https://host/`.
    base: Url,
    /// The zone of whoever named this place, where that was not the user.
    led_from: Option<Zone>,
}

impl Place {
    /// The place of `host` and `path`; only this machine is spoken to in plain HTTP.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`] for a host that no URL can hold.
    #[cfg(test)]
    pub(super) fn new(host: &str, path: &str) -> Result<Self, RegistryError> {
        Self::speaking(host, path, is_loopback(host))
    }

    /// The place of `host` and `path`, in plain HTTP or not.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`] for a host that no URL can hold.
    pub(super) fn speaking(host: &str, path: &str, plain: bool) -> Result<Self, RegistryError> {
        let scheme = if plain { "http" } else { "https" };
        let machine = if host == DOCKER_HUB { DOCKER_HUB_API } else { host };
        let base = Url::parse(&format!("{scheme}://{machine}/")).map_err(|e| {
            RegistryError::Malformed { what: foreign(host), words: format!("not a host: {e}") }
        })?;
        Ok(Self { host: host.to_owned(), path: path.to_owned(), base, led_from: None })
    }

    /// The place of the list of a registry's repositories: `_catalog` is no repository's name,
    /// so its token is held apart from theirs.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`] for a host that no URL can hold.
    pub(super) fn catalog(host: &str, plain: bool) -> Result<Self, RegistryError> {
        Self::speaking(host, CATALOG, plain)
    }

    /// The scope of a token where the registry names none: the token protocol of the distribution
    /// project, "Resource Provider Use".
    pub(super) fn scope(&self) -> String {
        match self.path.as_str() {
            CATALOG => "registry:catalog:*".to_owned(),
            path => format!("repository:{path}:pull"),
        }
    }

    /// The place of an API at `base`, for `what`.
    pub(in crate::net) fn of(base: Url, what: &str) -> Self {
        let host = base.host_str().unwrap_or_default();
        let host = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Self { host, path: what.to_owned(), base, led_from: None }
    }

    /// The place of a storage server at `base`, which a server in `zone` named.
    ///
    /// What such a server names comes from the world and may lead anywhere: nothing is fetched
    /// further inside than where the server itself lies (CWE-918).
    pub(in crate::net) fn led(base: Url, zone: Zone) -> Self {
        Self { led_from: Some(zone), ..Self::of(base, "") }
    }

    /// The zone of whoever named this place, where that was not the user.
    pub(super) const fn led_from(&self) -> Option<Zone> {
        self.led_from
    }

    /// `/v2/<name>/<rest…>`; every piece is one path segment, so none can climb out of the name.
    pub(super) fn url(&self, rest: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().push("v2").extend(self.path.split('/')).extend(rest);
        }
        url
    }

    /// Whether `url` has the scheme, host and port of this registry.
    pub(in crate::net) fn is_here(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Whether something of this place, which lies in the zone `home`, may be fetched from `url`.
    ///
    /// HTTPS anywhere that is not further inside; plain HTTP only where the user chose it: within
    /// this machine, or on the one host that he named. A redirect from https to http would give
    /// what is read, and what is asked for, to anybody on the way. A name is looked at again when
    /// it was looked up.
    pub(in crate::net) fn may_reach(&self, url: &Url, home: Zone) -> bool {
        // The client would turn them into an Authorization that nobody here decided on.
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        let inward = Zone::of_url(url).is_some_and(|zone| zone < home);
        if inward && !(self.is_here(url) && self.led_from.is_none()) {
            return false;
        }
        let local = |url: &Url| url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => true,
            "http" if self.base.scheme() == "http" => {
                url.host_str() == self.base.host_str() || local(&self.base) && local(url)
            }
            _ => false,
        }
    }
}

/// Whether a host, with or without port, is this machine by name. Only these three names speak
/// plain HTTP by themselves; no server can add another.
pub(in crate::net) fn is_loopback(host: &str) -> bool {
    let after = |name: &str| host.strip_prefix(name);
    let rest = after("localhost").or_else(|| after("127.0.0.1")).or_else(|| after("[::1]"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// The target of `Link: <…>; rel="next"` (RFC 8288), resolved against the page that was read.
///
/// # Errors
/// In words, for a header that cannot be read: it may name a page, so this is not the end.
pub(in crate::net) fn next_link(headers: &HeaderMap, page: &Url) -> Result<Option<Url>, String> {
    for value in headers.get_all(reqwest::header::LINK) {
        let text = value.to_str().map_err(|e| format!("the Link header cannot be read: {e}"))?;
        for (target, params) in links(text)? {
            let is_next = params.split(';').any(|param| {
                let (name, value) = param.split_once('=').unwrap_or((param, ""));
                let mut rels = value.trim().trim_matches('"').split_ascii_whitespace();
                name.trim().eq_ignore_ascii_case("rel")
                    && rels.any(|rel| rel.eq_ignore_ascii_case("next"))
            });
            if is_next {
                let url = page.join(target);
                let bad = |e| format!("the next page is no address: {e}");
                return url.map(Some).map_err(bad);
            }
        }
    }
    Ok(None)
}

/// Splits `<a>; x, <b>; y` into its links. A comma inside `<…>` or quotes separates nothing.
fn links(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let inner = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
        // Without its text, which may repeat a password.
        let (target, after) = inner.ok_or("the Link header cannot be read")?;
        let mut quoted = false;
        let comma = after.find(|c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let (params, tail) = comma.map_or((after, ""), |at| after.split_at(at));
        found.push((target, params));
        rest = tail.trim_start_matches([' ', '\t', ',']);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_plain_http() {
        for (host, base) in [
            ("localhost", "http://localhost/v2/a/b/tags/list"),
            ("localhost:5000", "http://localhost:5000/v2/a/b/tags/list"),
            ("127.0.0.1:1", "http://127.0.0.1:1/v2/a/b/tags/list"),
            ("[::1]:5000", "http://[::1]:5000/v2/a/b/tags/list"),
            ("localhost.evil.example", "https://localhost.evil.example/v2/a/b/tags/list"),
            ("127.0.0.1.example", "https://127.0.0.1.example/v2/a/b/tags/list"),
            ("127.0.0.2", "https://127.0.0.2/v2/a/b/tags/list"),
            ("docker.io", "https://registry-1.docker.io/v2/a/b/tags/list"),
            ("ghcr.io", "https://ghcr.io/v2/a/b/tags/list"),
        ] {
            let place = Place::new(host, "a/b").unwrap();
            assert_eq!(place.url(&["tags", "list"]).as_str(), base);
        }
        let place = Place::new("ghcr.io", "a/../b").unwrap();
        assert_eq!(
            place.url(&["manifests", "../x?y#z"]).path(),
            "/v2/a/b/manifests/..%2Fx%3Fy%23z"
        );
    }

    #[test]
    fn nothing_leaves_https_for_http() {
        let plain = |host: &str| Place::speaking(host, "x", true).unwrap();
        let usual = |host: &str| Place::new(host, "x").unwrap();
        for (place, home, url, may) in [
            (usual("ghcr.io"), Zone::Public, "https://cdn.example/x", true),
            (usual("ghcr.io"), Zone::Public, "http://ghcr.io/x", false),
            (usual("ghcr.io"), Zone::Public, "http://127.0.0.1/x", false),
            (usual("ghcr.io"), Zone::Public, "ftp://ghcr.io/x", false),
            (usual("ghcr.io"), Zone::Public, "https://u@cdn.example/x", false),
            (usual("ghcr.io"), Zone::Public, "https://u:p@ghcr.io/x", false),
            (usual("127.0.0.1:1"), Zone::Machine, "http://localhost:2/x", true),
            (usual("127.0.0.1:1"), Zone::Machine, "http://cdn.example/x", false),
            (usual("127.0.0.1:1"), Zone::Machine, "https://cdn.example/x", true),
            (plain("r.corp"), Zone::Private, "http://r.corp:5001/token", true),
            (plain("r.corp"), Zone::Private, "https://r.corp/token", true),
            (plain("r.corp"), Zone::Private, "http://s.corp/x", false),
            (plain("r.corp"), Zone::Private, "http://127.0.0.1/x", false),
            (plain("10.0.0.1"), Zone::Private, "http://10.0.0.1/x", true),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(place.may_reach(&url, home), may, "{} {url}", place.host);
        }
    }

    #[test]
    fn a_server_leads_nobody_further_inside() {
        let api = Place::of(Url::parse("https://api.github.com/").unwrap(), "x");
        let here = Place::of(Url::parse("http://127.0.0.1:1/").unwrap(), "x");
        let corp = Place::new("10.0.0.1:5000", "x").unwrap();
        let led = Place::led(Url::parse("https://10.0.0.1/y").unwrap(), Zone::Public);
        for (place, home, url, may) in [
            (&api, Zone::Public, "https://tmaproduction.blob.core.windows.net/x", true),
            (&api, Zone::Public, "https://8.8.8.8/x", true),
            (&api, Zone::Public, "https://2130706433/x", false),
            (&api, Zone::Public, "https://10.0.0.1/x", false),
            (&api, Zone::Public, "https://169.254.169.254/latest/meta-data", false),
            (&api, Zone::Public, "https://[::ffff:10.0.0.1]/x", false),
            (&api, Zone::Public, "https://x.localhost./x", false),
            (&corp, Zone::Private, "https://10.0.0.2/x", true),
            (&corp, Zone::Private, "https://169.254.169.254/x", false),
            (&corp, Zone::Private, "https://localhost/x", false),
            // Whom the user named himself may be anywhere, also when nobody knows yet where.
            (&corp, Zone::Public, "https://10.0.0.1:5000/x", true),
            (&led, Zone::Public, "https://10.0.0.1/y", false),
            (&here, Zone::Machine, "http://localhost:2/x", true),
            (&here, Zone::Machine, "https://10.0.0.1/x", true),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(place.may_reach(&url, home), may, "{} {url}", place.host);
        }
        assert_eq!(here.host, "127.0.0.1:1");
    }

    #[test]
    fn links_are_read_as_rfc_8288_writes_them() {
        let page = Url::parse("https://r.example/v2/x/tags/list?n=2").unwrap();
        for (header, next) in [
            (
                r#"</v2/x/tags/list?last=b>; rel="next""#,
                Ok(Some("https://r.example/v2/x/tags/list?last=b")),
            ),
            ("<?last=a,b>;rel=next", Ok(Some("https://r.example/v2/x/tags/list?last=a,b"))),
            (
                r#"<a>; rel="prev", <b>; title="x, y; rel=next"; REL="last NEXT""#,
                Ok(Some("https://r.example/v2/x/tags/b")),
            ),
            (r#"<a>; rel="prev""#, Ok(None)),
            ("<a; rel=next", Err(())),
            ("garbage", Err(())),
            ("<http://[>; rel=next", Err(())),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(reqwest::header::LINK, header.parse().unwrap());
            let got = next_link(&headers, &page).map(|u| u.map(|u| u.to_string())).map_err(drop);
            assert_eq!(got, next.map(|n| n.map(str::to_owned)), "{header}");
        }
    }
}
