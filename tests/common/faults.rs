//! The faults: on which requests, what comes in place of the right answer, and what must be said.
#![allow(dead_code, clippy::unwrap_used, reason = "no test uses everything")]

use sigscope::domain::{Digest, digest::Algorithm};

use super::common::{
    next,
    server::{Body, Reply, Request},
};

/// Kinds of request, by what they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// Every one.
    All,
    /// The manifest under the tag.
    Tag,
    /// The Referrers API.
    Referrers,
    /// The tag that lists referrers.
    Fallback,
    /// cosign's `.sig` tag.
    Sig,
    /// cosign's `.att` tag.
    Att,
    /// A manifest by digest: those of the referrers.
    Manifest,
    /// A blob.
    Blob,
}

/// One fault.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// Whether the registry has the Referrers API.
    pub(crate) api: bool,
    pub(crate) on: On,
    pub(crate) change: fn(&Request, Reply) -> Reply,
    pub(crate) exit: u8,
    /// Parts of the one row that tells it.
    pub(crate) row: &'static [&'static str],
}

/// What one request is.
pub(crate) struct Asked(On);

impl Asked {
    pub(crate) fn any(&self, on: On) -> bool {
        on == On::All || on == self.0
    }
}

impl On {
    /// The same where the image is not known: every tag of that form is the fallback tag.
    pub(crate) fn of_any(request: &Request) -> Asked {
        let last = request.path().rsplit('/').next().unwrap_or_default();
        let hex =
            last.strip_prefix("sha256-").unwrap_or(&"0".repeat(64)).get(..64).map(str::to_owned);
        let subject = Digest::new(Algorithm::Sha256, &hex.unwrap_or_default());
        Self::of(request, &subject.unwrap_or_else(|_| Digest::sha256(b"")))
    }

    /// What a request asks for.
    pub(crate) fn of(request: &Request, subject: &Digest) -> Asked {
        let path = request.path();
        let fallback = format!("/manifests/sha256-{}", subject.hex());
        Asked(match path {
            _ if path.ends_with(&format!("{fallback}.sig")) => Self::Sig,
            _ if path.ends_with(&format!("{fallback}.att")) => Self::Att,
            _ if path.ends_with(&fallback) => Self::Fallback,
            _ if path.contains("/referrers/") => Self::Referrers,
            _ if path.contains("/manifests/sha256:") => Self::Manifest,
            _ if path.contains("/blobs/") => Self::Blob,
            _ => Self::Tag,
        })
    }
}

fn error(status: u16, code: &str) -> Reply {
    Reply::error(status, code)
}

fn json(body: impl Into<Vec<u8>>) -> Reply {
    Reply::new(200, body).with("Content-Type", "application/vnd.oci.image.index.v1+json")
}

fn whole(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Body::Whole(bytes) | Body::Cut(bytes) | Body::Stall(bytes) | Body::Drip(bytes) => {
            bytes.clone()
        }
        Body::Endless | Body::Nothing => vec![],
    }
}

fn with_body(right: Reply, make: fn(Vec<u8>) -> Body) -> Reply {
    let bytes = whole(&right);
    right.body(make(bytes))
}

fn away(request: &Request, status: u16, path: &str) -> Reply {
    let host = request.headers["host"].replace("127.0.0.1", "localhost");
    Reply::new(status, "").with("Location", format!("http://{host}{path}"))
}

/// Every other request gets that answer.
fn every_other(request: &Request, right: Reply, reply: Reply) -> Reply {
    if request.number.is_multiple_of(2) { reply } else { right }
}

/// Whether it is about the first of the pieces and not the others: by the last digit of its digest.
fn is_one(request: &Request) -> bool {
    request.path().ends_with(['0', '1', '2', '3', '4', '5', '6', '7'])
}

const HTML: &str = "<!DOCTYPE html><title>Sign in</title>";

macro_rules! faults {
    ($($name:literal, $api:ident, $on:ident, $change:expr, $exit:literal, [$($row:literal),*];)*) => {
        vec![$(Fault {
            name: $name,
            api: api::$api,
            on: On::$on,
            change: $change,
            exit: $exit,
            row: &[$($row),*],
        }),*]
    };
}

/// Whether the registry has the Referrers API.
mod api {
    pub(super) const API: bool = true;
    pub(super) const OLD: bool = false;
}

/// Every fault.
pub(crate) fn table() -> &'static [Fault] {
    static TABLE: std::sync::LazyLock<Vec<Fault>> = std::sync::LazyLock::new(|| {
        let mut all = harmless();
        all.extend(of_the_tag());
        all.extend(of_the_listing());
        all.extend(of_the_old_listing());
        all.extend(of_the_pieces());
        all
    });
    &TABLE
}

/// Faults that must not change the verdict.
fn harmless() -> Vec<Fault> {
    faults! {
        "nothing is wrong", API, All, |_, right| right, 0, ["referrers proved", "3 referrers"];
        "every other answer is 429", API, All,
            |q, right| every_other(q, right, error(429, "TOOMANYREQUESTS").with("Retry-After", "0")),
            0, ["resolve proved"];
        "every other answer is 502", API, All,
            |q, right| every_other(q, right, Reply::new(502, HTML)), 0, ["resolve proved"];
        "every other answer is 503", API, All,
            |q, right| every_other(q, right, error(503, "UNAVAILABLE")), 0, ["resolve proved"];
        "every other answer is 504", API, All,
            |q, right| every_other(q, right, Reply::new(504, "")), 0, ["resolve proved"];
        "every other connection is closed", API, All,
            |q, right| every_other(q, right, Reply::new(200, "").body(Body::Nothing)),
            0, ["resolve proved"];
        "every other body is cut", API, All,
            |q, right| every_other(q, right.clone(), with_body(right, Body::Cut)), 0, ["resolve proved"];
        "no type is named", API, All, |_, right| right.without("Content-Type"), 0, ["resolve proved"];
        "everything is text/plain", API, Manifest,
            |_, right| right.without("Content-Type").with("Content-Type", "text/plain"),
            0, ["resolve proved"];
        "no digest is named", API, All,
            |_, right| right.without("Docker-Content-Digest"), 0, ["resolve proved"];
        "another digest is named for the tag", API, Tag,
            |_, right| right.without("Docker-Content-Digest").with("Docker-Content-Digest", "sha256:00"),
            0, ["warning digest-header", "sha256:00"];
        "one bundle is not there", API, Blob,
            |q, right| if is_one(q) { error(404, "BLOB_UNKNOWN") } else { right },
            0, ["undecided", "there is no such thing"];
        "one bundle is denied", API, Blob,
            |q, right| if is_one(q) { error(403, "DENIED") } else { right },
            0, ["undecided", "denies access"];
        "one bundle never ends", API, Blob,
            |q, right| if is_one(q) { with_body(right, Body::Stall) } else { right },
            0, ["undecided", "nothing came"];
        "one referrer is another manifest", API, Manifest,
            |q, right| if is_one(q) { json("{}") } else { right }, 0, ["undecided", "hash to"];
        "the legacy tags are denied", API, Sig, |_, _| error(403, "DENIED"), 0, ["undecided", "denies"];
        "the fallback tag is a web page", API, Fallback, |_, _| Reply::new(404, HTML),
            0, ["undecided", "answered 404"];
    }
}

/// Faults where the image itself is asked for.
fn of_the_tag() -> Vec<Fault> {
    faults! {
        "no such tag", API, Tag, |_, _| error(404, "MANIFEST_UNKNOWN"), 4, ["resolve absent", "there is no 4.0.0"];
        "no such repository", API, Tag, |_, _| error(404, "NAME_UNKNOWN"), 4, ["resolve absent"];
        "a web page that is not found", API, Tag, |_, _| Reply::new(404, HTML),
            3, ["resolve undecided", "answered 404", "a web page"];
        "an empty 404", API, Tag, |_, _| Reply::new(404, ""), 3, ["resolve undecided", "answered 404"];
        "not there and denied at once", API, Tag,
            |_, _| Reply::new(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"},{"code":"DENIED"}]}"#),
            3, ["resolve undecided", "DENIED"];
        "denied", API, Tag, |_, _| error(403, "DENIED"), 3, ["resolve undecided", "denies access", "403"];
        "a login without a challenge", API, Tag, |_, _| error(401, "UNAUTHORIZED"),
            3, ["resolve undecided", "401"];
        "a token server that denies", API, Tag, |_, _| {
            error(401, "UNAUTHORIZED").with("WWW-Authenticate", "Basic realm=\"x\"")
        }, 3, ["resolve undecided", "401"];
        "the rate limit of a day", API, Tag,
            |_, _| error(429, "TOOMANYREQUESTS").with("Retry-After", "86400"),
            3, ["resolve undecided", "86400 s"];
        "always 429", API, Tag, |_, _| error(429, "TOOMANYREQUESTS").with("Retry-After", "0"),
            3, ["resolve undecided", "limits the rate"];
        "always 500", API, Tag, |_, _| error(500, "UNKNOWN"), 3, ["resolve undecided", "answered 500"];
        "always 503", API, Tag, |_, _| error(503, "UNAVAILABLE"), 3, ["resolve undecided", "answered 503"];
        "half a manifest", API, Tag, |_, right| with_body(right, Body::Cut), 3, ["resolve undecided"];
        "a manifest that stops", API, Tag, |_, right| with_body(right, Body::Stall),
            3, ["resolve undecided", "nothing came"];
        "a manifest by drips", API, Tag, |_, right| with_body(right, Body::Drip),
            3, ["resolve undecided", "no answer within"];
        "a manifest without end", API, Tag, |_, _| json("").body(Body::Endless),
            3, ["resolve undecided", "limit of 4 MiB"];
        "a manifest over the limit", API, Tag, |_, _| json(vec![b' '; (4 << 20) + 1]),
            3, ["resolve undecided", "limit of 4 MiB"];
        "no answer", API, Tag, |_, _| json("").body(Body::Nothing), 3, ["resolve undecided", "127.0.0.1"];
        "a web page that is there", API, Tag, |_, _| Reply::new(200, HTML).with("Content-Type", "text/html"),
            3, ["resolve undecided", "not a manifest", "text/html"];
        "nothing at all", API, Tag, |_, _| json(""), 3, ["resolve undecided", "not a manifest"];
        "a list", API, Tag, |_, _| json("[]"), 3, ["resolve undecided", "not a manifest"];
        "half a document", API, Tag, |_, _| json(r#"{"schemaVersion":2,"mani"#), 3, ["undecided"];
        "a page that sends away", API, Tag, |q, _| away(q, 302, "/login"),
            3, ["resolve undecided", "redirects"];
        "a page that sends in a circle", API, Tag,
            |q, _| Reply::new(307, "").with("Location", q.path()), 3, ["resolve undecided", "5 redirects"];
        "a part of it", API, Tag, |_, _| Reply::new(206, "{}"), 3, ["resolve undecided", "answered 206"];
        "no content", API, Tag, |_, _| Reply::new(204, ""), 3, ["resolve undecided", "answered 204"];
        "another image under the tag", API, Tag, |_, right| {
            let mut bytes = whole(&right);
            bytes.push(b' ');
            right.body(Body::Whole(bytes))
        }, 3, ["reason", "contradicts itself"];
        "escape codes in an error", API, Tag, |_, _| Reply::new(500, "\u{1b}]0;owned\u{7}"),
            3, ["resolve undecided", "\\x1b]0;owned"];
    }
}

/// Faults of the Referrers API.
fn of_the_listing() -> Vec<Fault> {
    faults! {
        "referrers are denied", API, Referrers, |_, _| error(403, "DENIED"),
            3, ["referrers undecided", "403"];
        "referrers want a login", API, Referrers, |_, _| error(401, "UNAUTHORIZED"),
            3, ["referrers undecided", "401"];
        "referrers are limited", API, Referrers,
            |_, _| error(429, "TOOMANYREQUESTS").with("Retry-After", "0"),
            3, ["referrers undecided", "limits the rate"];
        "referrers 500", API, Referrers, |_, _| error(500, "UNKNOWN"), 3, ["referrers undecided", "500"];
        "referrers 502", API, Referrers, |_, _| Reply::new(502, HTML), 3, ["referrers undecided", "502"];
        "referrers are not there and denied", API, Referrers, |_, _| error(404, "DENIED"),
            3, ["referrers undecided"];
        "referrers are refused", API, Referrers, |_, _| error(406, "UNSUPPORTED"), 4, ["referrers absent", "406"];
        "referrers are not known", API, Referrers, |_, _| error(501, "UNSUPPORTED"),
            4, ["referrers absent", "501"];
        "referrers are a web page", API, Referrers,
            |_, _| Reply::new(200, HTML).with("Content-Type", "text/html"),
            4, ["referrers absent", "not JSON"];
        "referrers lead to a login page", API, Referrers, |q, _| away(q, 303, "/login"),
            4, ["referrers absent", "redirect"];
        "referrers are half a document", API, Referrers, |_, _| json(r#"{"manifests":[{"dig"#),
            3, ["referrers undecided"];
        "referrers are no index", API, Referrers, |_, _| json(r#"{"schemaVersion":2}"#),
            3, ["referrers undecided"];
        "referrers without end", API, Referrers, |_, _| json("").body(Body::Endless),
            3, ["referrers undecided", "limit of 4 MiB"];
        "referrers stop", API, Referrers, |_, right| with_body(right, Body::Stall),
            3, ["referrers undecided", "nothing came"];
        "referrers by drips", API, Referrers, |_, right| with_body(right, Body::Drip),
            3, ["referrers undecided", "no answer within"];
        "pages of referrers in a circle", API, Referrers,
            |q, right| right.with("Link", next(q.target.as_str())),
            0, ["referrers undecided"];
        "empty pages of referrers in a circle", API, Referrers,
            |q, _| json(r#"{"schemaVersion":2,"manifests":[]}"#)
                .with("Link", next(q.target.as_str())),
            3, ["referrers undecided"];
        "pages of referrers without end", API, Referrers, |q, _| {
            let more = format!("{}?page={}", q.path(), q.number);
            json(r#"{"schemaVersion":2,"manifests":[]}"#).with("Link", next(&more))
        }, 3, ["referrers undecided", "100 pages"];
        "the next page of referrers is elsewhere", API, Referrers, |_, _| {
            json(r#"{"schemaVersion":2,"manifests":[]}"#)
                .with("Link", "<http://localhost:1/v2/x>; rel=\"next\"")
        }, 3, ["referrers undecided", "another host"];
        "the next page of referrers is nowhere", API, Referrers,
            |_, _| json(r#"{"schemaVersion":2,"manifests":[]}"#).with("Link", "garbage"),
            3, ["referrers undecided", "Link header"];
        "the second page of referrers is denied", API, Referrers, |q, _| {
            if q.target.contains("page=") {
                return error(403, "DENIED");
            }
            let more = format!("{}?page=1", q.path());
            json(r#"{"schemaVersion":2,"manifests":[]}"#).with("Link", next(&more))
        }, 3, ["referrers undecided", "403"];
        "no referrers", API, Referrers, |_, _| json(r#"{"schemaVersion":2,"manifests":[]}"#),
            4, ["referrers absent"];
        "referrers are null", API, Referrers, |_, _| json(r#"{"schemaVersion":2,"manifests":null}"#),
            4, ["referrers absent"];
    }
}

/// Faults of a registry that has no Referrers API: this image has nothing under its tags.
fn of_the_old_listing() -> Vec<Fault> {
    faults! {
        "nothing was ever signed", OLD, All, |_, right| right, 4, ["referrers absent"];
        "the fallback tag is denied", OLD, Fallback, |_, _| error(403, "DENIED"),
            3, ["referrers undecided", "403"];
        "the fallback tag is limited", OLD, Fallback,
            |_, _| error(429, "TOOMANYREQUESTS").with("Retry-After", "0"),
            3, ["referrers undecided", "limits the rate"];
        "the fallback tag 500", OLD, Fallback, |_, _| error(500, "UNKNOWN"),
            3, ["referrers undecided", "500"];
        "the fallback tag is no index", OLD, Fallback,
            |_, _| json(r#"{"schemaVersion":2,"layers":[],"config":{}}"#), 3, ["referrers undecided"];
        "the .sig tag is denied", OLD, Sig, |_, _| error(403, "DENIED"), 3, ["legacy-tags undecided", "403"];
        "the .sig tag is limited", OLD, Sig,
            |_, _| error(429, "TOOMANYREQUESTS").with("Retry-After", "0"),
            3, ["legacy-tags undecided", "limits the rate"];
        "the .att tag is denied", OLD, Att, |_, _| error(403, "DENIED"), 3, ["legacy-tags undecided", "403"];
        "the .sig tag is a web page", OLD, Sig, |_, _| Reply::new(404, HTML),
            3, ["legacy-tags undecided", "404"];
        "the .sig tag is an empty object", OLD, Sig, |_, _| json("{}"), 3, ["undecided"];
    }
}

/// Faults of the bundles themselves.
fn of_the_pieces() -> Vec<Fault> {
    faults! {
        "manifests are not there", API, Manifest, |_, _| error(404, "MANIFEST_UNKNOWN"),
            3, ["undecided", "no such thing"];
        "manifests are denied", API, Manifest, |_, _| error(403, "DENIED"), 3, ["undecided", "denies"];
        "manifests are others", API, Manifest, |_, _| json("{}"), 3, ["undecided", "hash to"];
        "manifests without end", API, Manifest, |_, _| json("").body(Body::Endless),
            3, ["undecided", "limit of 4 MiB"];
        "bundles are not there", API, Blob, |_, _| error(404, "BLOB_UNKNOWN"), 3, ["undecided", "no such thing"];
        "bundles are denied", API, Blob, |_, _| error(403, "DENIED"), 3, ["undecided", "denies"];
        "bundles are limited", API, Blob,
            |_, _| error(429, "TOOMANYREQUESTS").with("Retry-After", "0"), 3, ["undecided", "limits the rate"];
        "bundles are cut", API, Blob, |_, right| with_body(right, Body::Cut), 3, ["undecided"];
        "bundles stop", API, Blob, |_, right| with_body(right, Body::Stall), 3, ["undecided", "nothing came"];
        "bundles without end", API, Blob, |_, right| right.body(Body::Endless), 3, ["undecided", "over the limit"];
        "one bit of each bundle is flipped", API, Blob, |_, right| {
            let mut bytes = whole(&right);
            bytes[0] ^= 1;
            right.body(Body::Whole(bytes))
        }, 3, ["undecided", "hash to"];
        "bundles are a web page", API, Blob, |_, _| Reply::new(200, HTML), 3, ["undecided"];
        "bundles lie where nobody may look", API, Blob,
            |_, _| Reply::new(307, "").with("Location", "http://storage.invalid/x"),
            3, ["undecided", "redirects"];
        "bundles lie in a circle", API, Blob, |q, _| Reply::new(307, "").with("Location", q.path()),
            3, ["undecided", "redirects"];
    }
}
