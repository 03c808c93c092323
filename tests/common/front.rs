//! A registry behind a token server, both on one port of loopback.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use super::server::{Reply, Request, Server};

/// What the token server says to a request that is the nth.
type Says = Box<dyn Fn(&Request, usize) -> Reply + Send + Sync>;

/// A registry that takes the token which was given last, and no other.
pub(crate) struct Front {
    /// Both of them.
    pub(crate) server: Server,
    valid: Arc<Mutex<Option<String>>>,
}

impl Front {
    /// A front whose token server answers as `says` does; `{"token": …}` of a 200 is valid.
    pub(crate) fn new(says: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let valid: Arc<Mutex<Option<String>>> = Arc::default();
        let (given, says): (_, Says) = (Arc::clone(&valid), Box::new(says));
        let asked = AtomicUsize::new(0);
        let server = Server::start(move |request| {
            if request.path() != "/token" {
                return Self::registry(request, given.lock().unwrap().as_deref());
            }
            let reply = says(request, asked.fetch_add(1, Ordering::SeqCst));
            if let (200, super::server::Body::Whole(body)) = (reply.status, &reply.body) {
                let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
                let token = answer.get("token").or_else(|| answer.get("access_token"));
                let token = token.and_then(|token| token.as_str());
                *given.lock().unwrap() = token.map(str::to_owned);
            }
            reply
        });
        Self { server, valid }
    }

    fn registry(request: &Request, valid: Option<&str>) -> Reply {
        let sent = request.headers.get("authorization").and_then(|v| v.strip_prefix("Bearer "));
        if sent.is_some() && sent == valid {
            return Reply::new(200, r#"{"manifests":[]}"#);
        }
        let host = &request.headers["host"];
        let name = request.path().split('/').nth(2).unwrap_or_default();
        let challenge = format!(
            r#"Bearer realm="http://{host}/token",service="front",scope="repository:{name}:pull""#
        );
        Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge)
    }

    /// From now on no token that was given is taken.
    pub(crate) fn revoke(&self) {
        *self.valid.lock().unwrap() = None;
    }

    /// Requests to the token server, and to the registry.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.server.count("/token"), self.server.count("/v2/"))
    }
}
