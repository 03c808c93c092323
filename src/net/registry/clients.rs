//! The HTTP clients: which of them a request takes, and what each of them can do at most.
//!
//! There are several so that no mistake in a URL makes one of them do what it must not: speak
//! plain HTTP to the world, ask a proxy for this machine, or look a name up that somebody else
//! gave us without looking where it leads.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, Client, Url};

use crate::net::{
    files,
    limits::{self, Limits},
};

use super::{
    address::{Place, is_loopback},
    failure::words,
    zone::{Guard, Zone},
};

/// Certificate authorities of the user's own, beside those of the system.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Vec<Certificate>);

impl Authorities {
    /// Reads certificates in PEM.
    ///
    /// # Errors
    /// In words: a file that cannot be read, one without a certificate, and what is none.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = files::read(path, limits::CONFIG_BYTES).map_err(|e| e.to_string())?;
        let certificates = Certificate::from_pem_bundle(&bytes).map_err(|e| words(&e))?;
        // Without this a file with nothing in it would be as good as no flag: the connection would
        // fail later, or be made to somebody whom only the system trusts.
        if certificates.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        // Only a client that is built from them reads what is in them.
        let trial = Client::builder().no_proxy().tls_certs_only(certificates.clone());
        trial.build().map_err(|e| words(&e))?;
        Ok(Self(certificates))
    }
}

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    /// Within this machine, in plain HTTP.
    Machine,
    /// To the one host that the user wants to be spoken to in plain HTTP.
    Plain {
        /// Whether by way of a proxy.
        proxied: bool,
    },
    /// HTTPS to whom the user named.
    Named,
    /// HTTPS to whom a server in that zone named.
    Led(Zone),
    /// HTTPS through the proxy of the environment, which looks names up itself: where they lead
    /// is for it to allow.
    Proxied,
}

/// All clients, each made at its first use: the roots of the system are not needed by somebody
/// who only talks to this machine.
pub(super) struct Clients {
    connect: Duration,
    authorities: Authorities,
    proxies: Matcher,
    made: Mutex<HashMap<Way, Made>>,
    /// Where a host was seen to lie, the outermost that was seen.
    zones: Mutex<HashMap<String, Zone>>,
}

type Made = std::sync::Arc<OnceLock<Result<Client, String>>>;

impl Clients {
    /// No client yet; the proxies are those of the environment.
    pub(super) fn new(limits: &Limits, authorities: Authorities) -> Self {
        Self {
            connect: limits.connect,
            authorities,
            proxies: Matcher::from_env(),
            made: Mutex::default(),
            zones: Mutex::default(),
        }
    }

    /// The client for a request of `place` to `url`.
    ///
    /// # Errors
    /// In words, when it cannot be made.
    pub(super) fn of(&self, place: &Place, url: &Url) -> Result<Client, String> {
        let way = self.way(place, url);
        let cell = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            Made::clone(made.entry(way).or_default())
        };
        cell.get_or_init(|| self.build(way)).clone()
    }

    fn way(&self, place: &Place, url: &Url) -> Way {
        let proxied = self.proxy(url).is_some();
        let named = place.is_here(url) && place.led_from().is_none();
        match url.scheme() {
            "http" if url.host_str().is_some_and(is_loopback) => Way::Machine,
            "http" => Way::Plain { proxied },
            _ if proxied => Way::Proxied,
            _ if named => Way::Named,
            _ => Way::Led(self.home(place)),
        }
    }

    /// `host:port` of the proxy that a request to `url` goes through, without its password. A
    /// proxy is for the network, not for this machine.
    pub(super) fn proxy(&self, url: &Url) -> Option<String> {
        if Zone::of_url(url) == Some(Zone::Machine) {
            return None;
        }
        let proxy = self.proxies.intercept(&url.as_str().parse().ok()?)?;
        let (host, port) = (proxy.uri().host()?, proxy.uri().port_u16());
        Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }

    /// The zone of `place`. A host that was never spoken to may be on the internet.
    pub(super) fn home(&self, place: &Place) -> Zone {
        let zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
        place.led_from().or_else(|| zones.get(&place.host).copied()).unwrap_or(Zone::Public)
    }

    /// Remembers from where `place` answered.
    ///
    /// The outermost counts: a name that leads to the internet first and into the network of the
    /// user later (DNS rebinding) earns nothing. Behind a proxy the peer is the proxy; then only
    /// an address that was written counts.
    pub(super) fn answered(&self, place: &Place, url: &Url, peer: Option<SocketAddr>) {
        if !place.is_here(url) || place.led_from().is_some() {
            return;
        }
        let proxied = self.proxy(url).is_some();
        let peer = peer.filter(|_| !proxied).map(|peer| Zone::of(peer.ip()));
        let zone = peer.or_else(|| Zone::of_url(url)).unwrap_or(Zone::Public);
        self.saw(&place.host, zone);
    }

    fn saw(&self, host: &str, zone: Zone) {
        let mut zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
        let known = zones.entry(host.to_owned()).or_insert(zone);
        *known = zone.max(*known);
    }

    fn build(&self, way: Way) -> Result<Client, String> {
        let builder = Client::builder()
            .user_agent(concat!("sigscope/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        // Plain HTTP needs no certificate authority, of which a system has a hundred files.
        let no_roots = std::iter::empty;
        let own = || self.authorities.0.clone();
        let builder = match way {
            Way::Machine | Way::Plain { proxied: false } => {
                builder.no_proxy().tls_certs_only(no_roots())
            }
            // The proxy itself may be spoken to over HTTPS.
            Way::Plain { proxied: true } => builder,
            Way::Named => builder.no_proxy().https_only(true).tls_certs_merge(own()),
            Way::Led(floor) => {
                let builder = builder.no_proxy().https_only(true).tls_certs_merge(own());
                builder.dns_resolver(Guard { floor })
            }
            Way::Proxied => builder.https_only(true).tls_certs_merge(own()),
        };
        builder.build().map_err(|e| words(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(proxies: Matcher) -> Clients {
        Clients { proxies, ..Clients::new(&Limits::default(), Authorities::default()) }
    }

    fn proxy() -> Matcher {
        let proxies = Matcher::builder().all("http://user:secret@proxy.corp:3128");
        proxies.no("r.corp,10.0.0.0/8").build()
    }

    #[test]
    fn a_request_travels_as_the_user_chose_and_no_server_can_change_that() {
        let direct = || Matcher::builder().build();
        let plain = |host| Place::speaking(host, "x", true).unwrap();
        let usual = |host| Place::new(host, "x").unwrap();
        let led = |url| Place::led(Url::parse(url).unwrap(), Zone::Public);
        for (proxies, place, url, way) in [
            (direct(), usual("127.0.0.1:1"), "http://127.0.0.1:1/", Way::Machine),
            (proxy(), usual("127.0.0.1:1"), "http://127.0.0.1:1/", Way::Machine),
            (proxy(), usual("127.0.0.2"), "https://127.0.0.2/", Way::Named),
            (direct(), plain("r.corp"), "http://r.corp/", Way::Plain { proxied: false }),
            (proxy(), plain("s.corp"), "http://s.corp/", Way::Plain { proxied: true }),
            (direct(), usual("ghcr.io"), "https://ghcr.io/x", Way::Named),
            (direct(), usual("ghcr.io"), "https://cdn.example/x", Way::Led(Zone::Public)),
            (proxy(), usual("ghcr.io"), "https://cdn.example/x", Way::Proxied),
            (proxy(), usual("r.corp"), "https://r.corp/x", Way::Named),
            (proxy(), usual("r.corp"), "https://10.0.0.9/x", Way::Led(Zone::Public)),
            (
                direct(),
                led("https://blob.example/x"),
                "https://blob.example/x",
                Way::Led(Zone::Public),
            ),
        ] {
            let clients = clients(proxies);
            let url = Url::parse(url).unwrap();
            assert_eq!(clients.way(&place, &url), way, "{} {url}", place.host);
            assert!(clients.of(&place, &url).is_ok(), "{way:?}");
        }
    }

    #[test]
    fn a_proxy_is_told_without_its_password() {
        let url = Url::parse("https://ghcr.io/").unwrap();
        assert_eq!(clients(proxy()).proxy(&url).as_deref(), Some("proxy.corp:3128"));
    }

    #[test]
    fn a_host_that_was_once_outside_stays_outside() {
        let clients = clients(proxy());
        let place = |host: &str| Place::new(host, "x").unwrap();
        let answered = |host: &str, peer: &str| {
            let url = Url::parse(&format!("https://{host}/v2/")).unwrap();
            clients.answered(&place(host), &url, peer.parse().ok());
            clients.home(&place(host))
        };
        assert_eq!(clients.home(&place("r.corp")), Zone::Public);
        for (host, peer, zone) in [
            ("r.corp", "10.0.0.1:443", Zone::Private),
            ("r.corp", "127.0.0.1:443", Zone::Private),
            ("r.corp", "8.8.8.8:443", Zone::Public),
            ("r.corp", "10.0.0.1:443", Zone::Public),
            // Through the proxy: its address says nothing of the registry.
            ("ghcr.io", "10.0.0.7:3128", Zone::Public),
            ("192.168.0.1", "10.0.0.7:3128", Zone::Private),
        ] {
            assert_eq!(answered(host, peer), zone, "{host} {peer}");
        }
        // Another host's answer, which a redirect led to, says nothing of the registry.
        let away = Url::parse("https://cdn.example/x").unwrap();
        clients.answered(&place("quay.io"), &away, "10.0.0.1:443".parse().ok());
        assert_eq!(clients.home(&place("quay.io")), Zone::Public);
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_fetched_from() {
        let clients = clients(Matcher::builder().build());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // The rule for addresses would refuse this name as it is written; here the resolver does.
        let url = Url::parse(&format!("https://localhost:{port}/x")).unwrap();
        let client = clients.of(&place_outside(), &url).unwrap();
        let error = client.get(url).send().await.unwrap_err();
        assert!(words(&error).contains("private network"), "{}", words(&error));
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "nobody was connected to");
    }

    fn place_outside() -> Place {
        Place::new("ghcr.io", "x").unwrap()
    }
}
