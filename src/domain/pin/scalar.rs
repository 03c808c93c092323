//! How one value is written, and what YAML would make of it.

use std::ops::Range;

use super::{super::Reference, why::Why};

/// The quotes around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// None.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
}

impl Style {
    /// `value` in these quotes. Only for values that need no escape.
    pub(super) fn quoted(self, value: &str) -> String {
        match self {
            Self::Plain => value.to_owned(),
            Self::Single => format!("'{value}'"),
            Self::Double => format!("\"{value}\""),
        }
    }

    /// These quotes, or double ones where `value` without any would not be text.
    pub(super) fn for_text(self, value: &str) -> Self {
        if self == Self::Plain && !reads_as_text(value) { Self::Double } else { self }
    }
}

/// The bytes of one value, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Which event of the reader it is; in a Dockerfile, which instruction.
    pub(super) event: usize,
    /// Its bytes.
    pub(super) span: Range<usize>,
    /// Its quotes.
    pub(super) style: Style,
    /// Whether it stands in a flow collection.
    pub(super) flow: bool,
}

/// Whether a plain scalar is text to every reader that deploys from it.
///
/// The wider one of YAML 1.1 (which `go-yaml` and so Helm and kubectl read) and YAML 1.2, 10.3.2:
/// what one of them reads as a number, a bool or a null comes out changed, `1.10` as `1.1`.
pub(super) fn reads_as_text(plain: &str) -> bool {
    let lower = plain.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    ) {
        return false;
    }
    let digits = lower.strip_prefix(['+', '-']).unwrap_or(&lower).replace('_', "");
    if matches!(digits.as_str(), ".inf" | ".nan") {
        return false;
    }
    let based = [("0x", 16), ("0o", 8), ("0b", 2)];
    if let Some((rest, base)) = based.iter().find_map(|(p, b)| Some((digits.strip_prefix(p)?, b))) {
        return rest.is_empty() || !rest.chars().all(|c| c.is_digit(*base));
    }
    // `inf` and `nan` without a dot are words to YAML and numbers to Rust.
    !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || digits.parse::<f64>().is_err()
}

/// Why a text is never touched, whatever holds it.
pub(super) fn computed(text: &str) -> Option<Why> {
    if text.contains("{{") || text.contains("}}") || text.contains("{%") {
        Some(Why::decided("a template decides it"))
    } else if text.contains('$') || text.matches('%').count() > 1 {
        Some(Why::decided("a variable decides it"))
    } else {
        None
    }
}

/// A written reference.
///
/// # Errors
/// Why it is none, in words.
pub(super) fn reference(text: &str) -> Result<Reference, Why> {
    if let Some(why) = computed(text) {
        return Err(why);
    }
    Reference::parse(text).map_err(|e| {
        let name = text.split_once('@').map(|(name, _)| name);
        if name.is_some_and(|name| Reference::parse(name).is_ok()) {
            "its digest is not one that sigscope knows".into()
        } else {
            format!("not a reference: {}", e.message).into()
        }
    })
}

/// Whether a text stands for an image in a place that nobody knows: it is a reference with a tag or
/// a digest, and names a host that could be a registry.
pub(super) fn looks_like_an_image(text: &str) -> bool {
    let Some((host, _)) = text.split_once('/') else { return false };
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let top = name.rsplit_once('.').map(|(_, top)| top);
    let known = name == "localhost"
        || top.is_some_and(|top| top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic()))
        || name.parse::<std::net::Ipv4Addr>().is_ok();
    known && Reference::parse(text).is_ok_and(|r| r.tag.is_some() || r.digest.is_some())
}
