//! `--platform os/arch[/variant]`: which child of an index is meant.
//!
//! Compared as containerd compares platforms: `arm64` is `arm64/v8` and `arm` is `arm/v7`, and
//! where no variant was written any will do.

use super::oci::{Descriptor, Index, Platform};

/// The longest part of a platform, in bytes.
const MAX_PART: usize = 64;

/// What an index says to the wish for one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// Exactly one entry is of that platform.
    One(&'a Descriptor),
    /// Several are; which of them is not said.
    Several(Vec<String>),
    /// None is; what it lists instead.
    None(Vec<String>),
    /// None is, but an index inside the index may hold one.
    Nested,
}

impl Platform {
    /// The platform of `os/arch[/variant]`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let plain = |part: &&str| {
            let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            !part.is_empty() && part.len() <= MAX_PART && part.chars().all(word)
        };
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err("os/arch or os/arch/variant is expected".to_owned()),
        };
        if !parts.iter().all(plain) {
            return Err("each part is a word of letters, digits, '.', '_' and '-'".to_owned());
        }
        Ok(Self {
            os: (*os).to_owned(),
            architecture: (*architecture).to_owned(),
            variant: variant.map(|v| (*v).to_owned()),
        })
    }

    /// Whether `other` is what is meant.
    pub fn accepts(&self, other: &Self) -> bool {
        let variants = match (&self.variant, other.variant()) {
            (None, _) => true,
            (Some(wanted), Some(own)) => wanted == own,
            (Some(_), None) => false,
        };
        self.os == other.os && self.architecture == other.architecture && variants
    }

    /// Whether the two cannot be the same platform: one part is written in both and differs.
    ///
    /// Compared in containerd's normal spelling (`platforms/database.go`): a config may say
    /// `aarch64` where an index says `arm64`.
    pub fn contradicts(&self, other: &Self) -> bool {
        let (own, other) = (self.normal(), other.normal());
        let variants = match (&own.2, &other.2) {
            (Some(own), Some(other)) => own != other,
            _ => false,
        };
        own.0 != other.0 || own.1 != other.1 || variants
    }

    /// Operating system, architecture and variant as containerd spells them.
    fn normal(&self) -> (String, String, Option<String>) {
        let os = match self.os.to_ascii_lowercase().as_str() {
            "macos" => "darwin".to_owned(),
            os => os.to_owned(),
        };
        let variant =
            self.variant.as_deref().filter(|v| !v.is_empty()).map(str::to_ascii_lowercase);
        let variant = variant.map(|v| if v.starts_with('v') { v } else { format!("v{v}") });
        let (architecture, implied) = match self.architecture.to_ascii_lowercase().as_str() {
            "i386" => ("386".to_owned(), None),
            "x86_64" | "x86-64" => ("amd64".to_owned(), None),
            "aarch64" => ("arm64".to_owned(), None),
            "armhf" => ("arm".to_owned(), Some("v7")),
            "armel" => ("arm".to_owned(), Some("v6")),
            architecture => (architecture.to_owned(), None),
        };
        (os, architecture, variant.or_else(|| implied.map(str::to_owned)))
    }

    /// The variant, also where it goes without saying.
    fn variant(&self) -> Option<&str> {
        let written = self.variant.as_deref().filter(|v| !v.is_empty());
        written.or(match self.architecture.as_str() {
            "arm64" => Some("v8"),
            "arm" => Some("v7"),
            _ => None,
        })
    }
}

/// The entry of an index that is meant.
pub fn choose<'a>(index: &'a Index, wanted: &Platform) -> Choice<'a> {
    let named = || index.manifests.iter().filter_map(|d| Some((d, d.platform.as_ref()?)));
    let fits: Vec<_> = named().filter(|(_, platform)| wanted.accepts(platform)).collect();
    match fits.as_slice() {
        [(one, _)] => Choice::One(one),
        [] if index.manifests.iter().any(|d| d.platform.is_none() && d.is_index()) => {
            Choice::Nested
        }
        // BuildKit's attestations are "of unknown/unknown", which nobody asks for.
        [] => {
            let known = named().filter(|(_, platform)| platform.os != "unknown");
            Choice::None(known.map(|(_, platform)| platform.to_string()).collect())
        }
        several => {
            // The same child listed twice is one child.
            let (first, _) = several[0];
            if several.iter().all(|(d, _)| d.digest == first.digest) {
                return Choice::One(first);
            }
            Choice::Several(several.iter().map(|(_, platform)| platform.to_string()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Digest, oci::Manifest};

    #[test]
    fn a_platform_is_two_or_three_words() {
        for (text, good) in [
            ("linux/amd64", true),
            ("linux/arm/v7", true),
            ("linux", false),
            ("linux/", false),
            ("/amd64", false),
            ("linux/arm/v7/x", false),
            ("linux/am d64", false),
            ("linux/\u{202e}", false),
            ("", false),
        ] {
            assert_eq!(Platform::parse(text).is_ok(), good, "{text}");
            if let Ok(platform) = Platform::parse(text) {
                assert_eq!(platform.to_string(), text);
            }
        }
    }

    #[test]
    fn two_names_contradict_each_other_where_both_say_something_else() {
        for (one, other, contradicts) in [
            ("linux/amd64", "linux/amd64", false),
            ("linux/amd64", "linux/arm64", true),
            ("linux/amd64", "windows/amd64", true),
            ("linux/arm/v6", "linux/arm/v7", true),
            ("linux/arm", "linux/arm/v7", false),
            ("linux/arm", "linux/arm/v6", false),
            ("linux/arm64/v8", "linux/arm64", false),
            ("linux/arm64/8", "linux/arm64/v8", false),
            ("linux/aarch64", "linux/arm64/v8", false),
            ("linux/x86_64", "linux/amd64", false),
            ("Linux/AMD64", "linux/amd64", false),
            ("linux/armhf", "linux/arm/v7", false),
            ("linux/armel", "linux/arm/v7", true),
        ] {
            let platform = |text| Platform::parse(text).unwrap();
            let (one_of, other_of) = (platform(one), platform(other));
            assert_eq!(one_of.contradicts(&other_of), contradicts, "{one} {other}");
            assert_eq!(other_of.contradicts(&one_of), contradicts, "{other} {one}");
        }
    }

    fn index(platforms: &[&str]) -> Index {
        let entry = |(number, name): (usize, &&str)| {
            let parts: Vec<&str> = name.split('/').collect();
            let platform = match parts.as_slice() {
                [os, architecture] => {
                    format!(r#","platform":{{"os":"{os}","architecture":"{architecture}"}}"#)
                }
                [os, architecture, variant] => format!(
                    r#","platform":{{"os":"{os}","architecture":"{architecture}","variant":"{variant}"}}"#
                ),
                _ => String::new(),
            };
            let (digest, kind) =
                (Digest::sha256(&[u8::try_from(number).unwrap()]), crate::domain::oci::INDEX);
            format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":1{platform}}}"#)
        };
        let entries: Vec<String> = platforms.iter().enumerate().map(entry).collect();
        let text = format!(r#"{{"manifests":[{}]}}"#, entries.join(","));
        match Manifest::parse(text.as_bytes()) {
            Ok(Manifest::Index(index)) => index,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_child_is_meant_or_the_index_says_what_it_has() {
        let usual =
            ["linux/amd64", "linux/arm64/v8", "linux/arm/v6", "linux/arm", "unknown/unknown"];
        for (platforms, wanted, chosen) in [
            (usual.as_slice(), "linux/amd64", "0"),
            (&usual, "linux/arm64", "1"),
            (&usual, "linux/arm64/v8", "1"),
            (&usual, "linux/arm64/v9", "none of linux/amd64 linux/arm64/v8 linux/arm/v6 linux/arm"),
            (&usual, "linux/arm", "several: linux/arm/v6 linux/arm"),
            (&usual, "linux/arm/v7", "3"),
            (&usual, "windows/amd64", "none of linux/amd64 linux/arm64/v8 linux/arm/v6 linux/arm"),
            (&["linux/amd64/v3"], "linux/amd64", "0"),
            (&["linux/amd64"], "linux/amd64/v3", "none of linux/amd64"),
            (&["linux/amd64", ""], "linux/arm64", "nested"),
            (&[], "linux/arm64", "none of "),
        ] {
            let index = index(platforms);
            let got = match choose(&index, &Platform::parse(wanted).unwrap()) {
                Choice::One(one) => {
                    let at = index.manifests.iter().position(|d| d == one);
                    at.unwrap().to_string()
                }
                Choice::Several(names) => format!("several: {}", names.join(" ")),
                Choice::None(names) => format!("none of {}", names.join(" ")),
                Choice::Nested => "nested".to_owned(),
            };
            assert_eq!(got, chosen, "{wanted} of {platforms:?}");
        }
    }
}
