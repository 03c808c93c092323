//! The parts of a package URL: `pkg:type/namespace/name@version?qualifiers#subpath`.
//!
//! Source: PURL specification (ECMA-427), "Rules for each purl component". Read leniently: what
//! is no purl has no parts, and nothing is checked against the rules of its type.

use std::borrow::Cow;

use crate::domain::version::order::Scheme;

/// A package URL, cut but not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// `golang`, in whatever case it was written.
    pub(super) kind: &'a str,
    /// Namespace and name.
    pub(super) path: &'a str,
    pub(super) version: Option<&'a str>,
    pub(super) qualifiers: &'a str,
    pub(super) subpath: &'a str,
}

/// The type. "The scheme is a constant with the value pkg"; it and the type are case-insensitive.
pub(super) fn kind(purl: &str) -> Option<&str> {
    Some(scheme(purl)?.split_once('/')?.0)
}

fn scheme(purl: &str) -> Option<&str> {
    let (scheme, rest) = purl.split_once(':')?;
    // "must NOT be followed by a slash", but parsers "must accept" `pkg://` too.
    scheme.eq_ignore_ascii_case("pkg").then(|| rest.trim_start_matches('/'))
}

/// The parts, in the order in which the specification says to cut them off: from the end.
pub(super) fn parts(purl: &str) -> Option<Parts<'_>> {
    let (kind, rest) = scheme(purl)?.split_once('/')?;
    let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (path, version) = match rest.rsplit_once('@') {
        // An npm scope that was not encoded: `pkg:npm/@angular/core`.
        Some((path, version)) if !path.is_empty() && !version.contains('/') => {
            (path, Some(version))
        }
        _ => (rest, None),
    };
    Some(Parts { kind, path: path.trim_matches('/'), version, qualifiers, subpath })
}

/// The epoch that an rpm or deb carries in its purl, as a qualifier or in the version there.
pub(super) fn epoch(purl: &str, scheme: Scheme) -> Option<Cow<'_, str>> {
    if !matches!(scheme, Scheme::Rpm | Scheme::Debian) {
        return None;
    }
    let parts = parts(purl)?;
    let pairs = parts.qualifiers.split('&').filter_map(|pair| pair.split_once('='));
    let qualifier = pairs.filter(|(key, _)| key.eq_ignore_ascii_case("epoch")).map(|pair| pair.1);
    let version = || match decoded(parts.version?) {
        Cow::Borrowed(version) => split_epoch(version, scheme).0.map(Cow::Borrowed),
        Cow::Owned(version) => split_epoch(&version, scheme).0.map(|e| Cow::Owned(e.to_owned())),
    };
    let epoch = qualifier.map(decoded).find(|value| !value.is_empty()).or_else(version)?;
    Some(epoch).filter(|value| value != "0")
}

/// Epoch and rest of a version of an rpm or deb.
pub(super) fn split_epoch(version: &str, scheme: Scheme) -> (Option<&str>, &str) {
    let split = version.split_once(':').filter(|(epoch, _)| {
        let digits = !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit());
        digits && matches!(scheme, Scheme::Rpm | Scheme::Debian)
    });
    split.map_or((None, version), |(epoch, rest)| (Some(epoch), rest))
}

/// A text with its percent-encoded bytes decoded; as it is where that is no UTF-8.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|_| *first == b'%');
        match hex.and_then(|hex| hex::decode(hex).ok()) {
            Some(byte) => {
                out.extend(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The version as its own rules write it: with the epoch in front that stands in the purl.
pub(super) fn ordered<'a>(version: &'a str, purl: Option<&str>, scheme: Scheme) -> Cow<'a, str> {
    match purl.and_then(|purl| epoch(purl, scheme)) {
        Some(epoch) if !version.contains(':') => Cow::Owned(format!("{epoch}:{version}")),
        _ => Cow::Borrowed(version),
    }
}
