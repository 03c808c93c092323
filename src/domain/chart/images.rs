//! Images in values: `image: x`, and the maps of registry, repository, tag and digest that charts
//! put them together from.

use super::{
    How, ImageRef,
    yaml::{At, Document, Node},
};
use crate::domain::Reference;

/// The most values of one file that are looked at.
const MAX_STEPS: usize = 100_000;
/// The deepest that values are looked at; aliases may lead in a circle.
const MAX_DEPTH: usize = 40;

/// What templates may take from `Chart.yaml`.
#[derive(Debug, Default)]
pub(super) struct About {
    /// `.Chart.Name`.
    pub(super) name: Option<String>,
    /// `.Chart.Version`.
    pub(super) version: Option<String>,
    /// `.Chart.AppVersion`.
    pub(super) app_version: Option<String>,
}

impl About {
    /// What `Chart.yaml` says.
    pub(super) fn of(document: &Document) -> Self {
        let text = |name| {
            let at = document.get(document.root(), name)?;
            document.scalar(at).map(str::to_owned)
        };
        Self { name: text("name"), version: text("version"), app_version: text("appVersion") }
    }
}

/// Every image that values name, and whether all of them were looked at.
pub(super) fn of_values(values: &Document, file: &str, about: &About) -> (Vec<ImageRef>, bool) {
    let mut walk = Walk { values, file, about, found: vec![], steps: 0, whole: true };
    walk.node(values.root(), &mut vec![]);
    (walk.found, walk.whole)
}

struct Walk<'a> {
    values: &'a Document,
    file: &'a str,
    about: &'a About,
    found: Vec<ImageRef>,
    steps: usize,
    whole: bool,
}

impl<'a> Walk<'a> {
    fn node(&mut self, at: At, path: &mut Vec<&'a str>) {
        self.steps += 1;
        if self.steps > MAX_STEPS || path.len() > MAX_DEPTH {
            self.whole = false;
            return;
        }
        match self.values.node(at) {
            Some(Node::List(items)) => {
                path.push("[]");
                for item in items {
                    self.node(*item, path);
                }
                path.pop();
            }
            Some(Node::Map(pairs)) => {
                self.parts(at, path);
                for (name, inner) in pairs {
                    path.push(name);
                    if is_image_name(name) {
                        self.text(at, *inner, path);
                    }
                    self.node(*inner, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn part(&self, at: At, name: &str) -> Option<&'a str> {
        let found = self.values.get(at, name).and_then(|at| self.values.scalar(at))?;
        Some(found.trim()).filter(|text| !text.is_empty())
    }

    /// A map with a `repository`: an image where it stands under such a name, or has a part that
    /// only images have.
    fn parts(&mut self, at: At, path: &[&str]) {
        let Some(repository) = self.part(at, "repository") else { return };
        let has = |name| self.values.get(at, name).is_some();
        let named = path.last().is_some_and(|name| is_image_name(name));
        // A git or Helm repository has an address with a scheme.
        let other = repository.contains("://");
        if other || !(named || has("tag") || has("digest") || has("pullPolicy")) {
            return;
        }
        let line = self.values.get(at, "repository").map_or(0, |at| self.values.line(at));
        let registry = self.part(at, "registry");
        let name = match registry {
            Some(registry) => format!("{}/{repository}", registry.trim_end_matches('/')),
            None => repository.to_owned(),
        };
        let digest = self.part(at, "digest").or_else(|| self.part(at, "sha256"));
        let written = self.part(at, "tag");
        let tag = written.or(self.about.app_version.as_deref());
        let suffix = self.part(at, "tagSuffix").unwrap_or_default();
        let text = match (digest, tag) {
            (Some(digest), _) => {
                let algorithm = if digest.contains(':') { "" } else { "sha256:" };
                let tag = written.map(|tag| format!(":{tag}{suffix}")).unwrap_or_default();
                format!("{name}{tag}@{algorithm}{digest}")
            }
            (None, Some(tag)) => format!("{name}:{tag}{suffix}"),
            (None, None) => name,
        };
        let told = match (digest, written, tag) {
            (None, None, Some(_)) => ", its tag empty: appVersion stands in",
            (None, None, None) => ", without a tag",
            _ => "",
        };
        let at = format!("{}:{line} {}{told}", self.file, path.join("."));
        let known = digest.is_some() || tag.is_some();
        self.found.push(image(text, if known { How::Derived } else { How::Unresolvable }, at));
    }

    /// Text under a name like `image`, with the tag beside it where one is.
    fn text(&mut self, parent: At, at: At, path: &[&str]) {
        let Some(text) = self.values.scalar(at).map(str::trim).filter(|t| !t.is_empty()) else {
            return;
        };
        let place = format!("{}:{} {}", self.file, self.values.line(at), path.join("."));
        let beside = ["tag", "imageTag"].into_iter().find_map(|name| self.part(parent, name));
        let bare = Reference::parse(text).is_ok_and(|r| r.tag.is_none() && r.digest.is_none());
        match beside {
            Some(tag) if bare => {
                self.found.push(image(format!("{text}:{tag}"), How::Derived, place));
            }
            // A bare word is a switch or a name as often as an image of Docker Hub.
            _ if bare && !text.contains('/') => {}
            _ => self.found.push(image(text.to_owned(), How::Written, place)),
        }
    }
}

/// `image`, `sidecarImage`, `init_image`.
fn is_image_name(name: &str) -> bool {
    name == "image"
        || name.ends_with("Image")
        || name.ends_with("_image")
        || name.ends_with("-image")
}

/// An image; what is no reference, or holds a template, is not to be known.
pub(super) fn image(text: String, how: How, at: String) -> ImageRef {
    let parsed = Reference::parse(&text).ok().filter(|_| !text.contains("{{"));
    match (parsed, how) {
        (Some(reference), How::Written | How::Derived) => {
            ImageRef { text, how, at, reference: Some(reference) }
        }
        _ => ImageRef { text, how: How::Unresolvable, at, reference: None },
    }
}
