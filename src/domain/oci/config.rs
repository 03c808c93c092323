//! An image's config.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ManifestError, Platform, bounds::members};
use crate::domain::text;

/// The most names with a value in one config: 127 layers have five each in its history.
const MAX_MEMBERS: usize = 20_000;
/// The most bytes of one setting that are looked at.
const MAX_SETTING: usize = 64 << 10;

/// The parts of an image's config that a reviewer looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// When the image says it was made; not verified.
    pub created: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Architecture.
    pub architecture: Option<String>,
    /// Variant.
    pub variant: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// User, entrypoint, command, exposed ports and the like, as `name` → text.
    pub settings: BTreeMap<String, String>,
}

/// Names and values as they are written, of two with one name the last: a list of two million zeros is
/// four megabytes of text and a hundred and fifty of values.
#[derive(Deserialize)]
struct Object<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl Config {
    /// What it says it is made for.
    pub fn platform(&self) -> Option<Platform> {
        let (os, architecture) = (self.os.clone()?, self.architecture.clone()?);
        Some(Platform { os, architecture, variant: self.variant.clone() })
    }

    /// Parses an image config. What stands in it is shown and never decides anything, so a field of
    /// another shape is left out.
    ///
    /// # Errors
    /// [`ManifestError::NotAManifest`] when it is not a JSON object, or one of too many names.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let refused = ManifestError::NotAManifest;
        if members(bytes) > MAX_MEMBERS {
            return Err(refused(format!("the config has more than {MAX_MEMBERS} names")));
        }
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(refused("the config is not a JSON object".into()));
        }
        let Object(raw) =
            serde_json::from_slice(bytes).map_err(|e| refused(text::json_error(&e)))?;
        let field = |name: &str| text_of(raw.get(name)?);
        let mut config = Self {
            created: field("created"),
            os: field("os"),
            architecture: field("architecture"),
            variant: field("variant").filter(|v| !v.is_empty()),
            ..Self::default()
        };
        let inner = raw.get("config").and_then(|raw| object(raw)).unwrap_or_default();
        for (name, raw) in inner {
            if name == "Labels" {
                let labels = object(raw).unwrap_or_default().into_iter();
                config.labels = labels.map(|(key, raw)| (key, plain(raw))).collect();
            } else {
                config.settings.insert(name, compact(raw));
            }
        }
        Ok(config)
    }
}

fn object(raw: &RawValue) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str::<Object<'_>>(raw.get()).ok().map(|Object(all)| all)
}

fn text_of(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A label's text, else the value as it is written.
fn plain(raw: &RawValue) -> String {
    text_of(raw).unwrap_or_else(|| compact(raw))
}

/// A value in one line; of a huge one only how long it is.
fn compact(raw: &RawValue) -> String {
    let long = raw.get().len();
    if long > MAX_SETTING {
        return format!("({long} bytes, not shown)");
    }
    let value: Result<serde_json::Value, _> = serde_json::from_str(raw.get());
    value.map_or_else(|_| raw.get().to_owned(), |value| value.to_string())
}
