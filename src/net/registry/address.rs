//! Where requests may go: the base of a registry, the rule for redirects, and `Link` headers.

use std::net::{IpAddr, Ipv4Addr};

use reqwest::{Url, header::HeaderMap};

use crate::{domain::reference::DOCKER_HUB, inspect::RegistryError, net::content::foreign};

/// The machine that answers for Docker Hub.
const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// One repository of one registry, as it is spoken to.
#[derive(Clone, Debug)]
pub(in crate::net) struct Place {
    /// The host as it was written; the name in errors, and the key of credentials and tokens.
    pub(in crate::net) host: String,
    /// The `<name>` of the specification.
    pub(in crate::net) path: String,
    /// `https://host/`.
    base: Url,
    /// Whether addresses of this machine and of private networks are never fetched from.
    public: bool,
}

impl Place {
    /// The place of `host` and `path`.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`] for a host that no URL can hold.
    pub(super) fn new(host: &str, path: &str) -> Result<Self, RegistryError> {
        let scheme = if is_loopback(host) { "http" } else { "https" };
        let machine = if host == DOCKER_HUB { DOCKER_HUB_API } else { host };
        let base = Url::parse(&format!("{scheme}://{machine}/")).map_err(|e| {
            RegistryError::Malformed { what: foreign(host), words: format!("not a host: {e}") }
        })?;
        Ok(Self { host: host.to_owned(), path: path.to_owned(), base, public: false })
    }

    /// The place of an API or a storage server at `base`, for `what`.
    ///
    /// What such a server names comes from the world and may lead anywhere: unless it is this
    /// machine itself, nothing is fetched from this machine or a private network (CWE-918).
    pub(in crate::net) fn of(base: Url, what: &str) -> Self {
        let host = base.host_str().unwrap_or_default();
        let host = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let public = !is_loopback(&host);
        Self { host, path: what.to_owned(), base, public }
    }

    /// `/v2/<name>/<rest…>`; every piece is one path segment, so none can climb out of the name.
    pub(super) fn url(&self, rest: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().push("v2").extend(self.path.split('/')).extend(rest);
        }
        url
    }

    /// Whether it is spoken to in plain HTTP, because it is this machine.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// Whether `url` has the scheme, host and port of this registry.
    pub(in crate::net) fn is_here(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Whether something of this registry may be fetched from `url` at all: HTTPS anywhere, plain
    /// HTTP only within this machine. A redirect from https to http would give what is read, and
    /// what is asked for, to anybody on the way.
    pub(in crate::net) fn may_reach(&self, url: &Url) -> bool {
        let local = || url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => !(self.public && is_inside(url)),
            "http" => self.is_plain() && local(),
            _ => false,
        }
    }
}

/// Whether a host, with or without port, is this machine by name. Only these three names speak
/// plain HTTP; no flag or server can add another.
pub(in crate::net) fn is_loopback(host: &str) -> bool {
    let after = |name: &str| host.strip_prefix(name);
    let rest = after("localhost").or_else(|| after("127.0.0.1")).or_else(|| after("[::1]"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Whether an address is written that only this machine or a private network has. A name may
/// lead there too; only a resolver knows.
fn is_inside(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let v4 = |ip: Ipv4Addr| {
        let [first, second, ..] = ip.octets();
        let shared = first == 100 && second & 0xc0 == 64;
        let none = ip.is_unspecified() || ip.is_broadcast() || first == 0;
        ip.is_loopback() || ip.is_private() || ip.is_link_local() || shared || none
    };
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(ip)) => v4(ip),
        Ok(IpAddr::V6(ip)) => {
            let local = ip.is_unique_local() || ip.is_unicast_link_local();
            ip.is_loopback() || ip.is_unspecified() || local || ip.to_ipv4().is_some_and(v4)
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
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
                let bad = |e| format!("the next page {} is no address: {e}", foreign(target));
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
        let (target, after) =
            inner.ok_or_else(|| format!("the Link header cannot be read: {}", foreign(text)))?;
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
        for (host, url, may) in [
            ("ghcr.io", "https://cdn.example/x", true),
            ("ghcr.io", "http://ghcr.io/x", false),
            ("ghcr.io", "http://127.0.0.1/x", false),
            ("ghcr.io", "ftp://ghcr.io/x", false),
            ("127.0.0.1:1", "http://localhost:2/x", true),
            ("127.0.0.1:1", "http://cdn.example/x", false),
            ("127.0.0.1:1", "https://cdn.example/x", true),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(Place::new(host, "x").unwrap().may_reach(&url), may, "{host} {url}");
        }
    }

    #[test]
    fn a_public_server_leads_nobody_into_a_private_network() {
        let public = Place::of(Url::parse("https://api.github.com/").unwrap(), "x");
        let here = Place::of(Url::parse("http://127.0.0.1:1/").unwrap(), "x");
        for (url, may) in [
            ("https://tmaproduction.blob.core.windows.net/x", true),
            ("https://8.8.8.8/x", true),
            ("https://100.128.0.1/x", true),
            ("http://tmaproduction.blob.core.windows.net/x", false),
            ("https://127.0.0.1/x", false),
            ("https://2130706433/x", false),
            ("https://0x7f.1/x", false),
            ("https://10.0.0.1/x", false),
            ("https://172.16.0.1/x", false),
            ("https://192.168.1.1/x", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://100.64.0.1/x", false),
            ("https://0.0.0.0/x", false),
            ("https://[::1]/x", false),
            ("https://[::ffff:10.0.0.1]/x", false),
            ("https://[fd00::1]/x", false),
            ("https://[fe80::1]/x", false),
            ("https://localhost/x", false),
            ("https://x.localhost./x", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(public.may_reach(&url), may, "{url}");
        }
        assert!(here.may_reach(&Url::parse("http://localhost:2/x").unwrap()));
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
