//! Judging in process, without a registry: what the tests of evidence share.
#![allow(dead_code, reason = "no test uses everything")]

use std::sync::Arc;

use sigscope::{
    domain::{
        Digest, Timestamp,
        demand::{Demand, Matcher, Signer, Wanted, Who},
    },
    verify::{Case, key::TrustedKey, root::TrustRoot},
};

/// When everything is judged.
pub(crate) fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

/// The one signer is demanded, and nothing beyond.
pub(crate) fn signed_by(identity: &str, issuer: &str) -> Demand {
    let identity = vec![Matcher::Exact(identity.to_owned())];
    let issuer = vec![Matcher::Exact(issuer.to_owned())];
    demand(Who::Signers(vec![Signer { identity, issuer }]))
}

/// The demand with nothing but a signer.
pub(crate) fn demand(who: Who) -> Demand {
    Demand {
        who,
        wanted: vec![Wanted::AnyOverFile],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: None,
        rules: sigscope::domain::rules::Rules::default(),
        strict: false,
        words: String::new(),
    }
}

/// Judged against an artifact of these digests.
pub(crate) fn case<'a>(
    artifact: &'a [Digest],
    bytes: Option<&'a [u8]>,
    root: Option<&'a TrustRoot>,
    key: Option<&'a Arc<TrustedKey>>,
    demand: &'a Demand,
) -> Case<'a> {
    Case { artifact, bytes, root, key, demand: Some(demand), now: now() }
}
