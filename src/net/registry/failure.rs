//! Why a request gave no answer, and in which words that is told.

use crate::{
    inspect::RegistryError,
    net::{content::foreign, limits},
};

use super::transport::Ask;

/// Why a try gave no answer, and whether another may.
pub(super) enum Failure {
    /// The connection broke.
    Lost(String),
    /// No connection, or nothing in time.
    Silent(String),
    /// Another try would end in the same way.
    Final(RegistryError),
}

/// A body over its limit.
pub(super) fn over(ask: &Ask<'_>) -> Failure {
    let limit = limits::bytes(ask.limit);
    Failure::Final(RegistryError::TooLarge { what: ask.what.clone(), limit })
}

/// What an error of the client means; `proxy` is the one that the request went through.
pub(super) fn failure(error: reqwest::Error, proxy: Option<String>) -> Failure {
    let error = error.without_url();
    let said = match proxy.filter(|_| error.is_connect()) {
        Some(proxy) => format!("through the proxy {}: {}", foreign(&proxy), words(&error)),
        None => words(&error),
    };
    if error.is_builder() || error.is_redirect() {
        return Failure::Final(RegistryError::Malformed {
            what: "the request".into(),
            words: said,
        });
    }
    if error.is_connect() || error.is_timeout() {
        Failure::Silent(said)
    } else {
        Failure::Lost(said)
    }
}

/// The last two causes of an error: the ones that tell ("tcp connect error: Connection refused").
pub(in crate::net) fn words(error: &dyn std::error::Error) -> String {
    let mut said = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        said.push(inner.to_string());
        cause = inner.source();
    }
    let told = said.get(said.len().saturating_sub(2)..).unwrap_or_default();
    foreign(&told.join(": "))
}
