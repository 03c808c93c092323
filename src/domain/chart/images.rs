//! Images in values: `image: x`, and the maps of registry, repository, tag and digest that charts
//! put them together from.

use std::collections::BTreeSet;

use super::{
    How, ImageRef, MAX_IMAGES, MAX_REFERENCE,
    yaml::{At, Document, Node},
};
use crate::domain::Reference;

/// The most values of one file that are looked at.
const MAX_STEPS: usize = 100_000;
/// The deepest that values are looked at; aliases may lead in a circle.
const MAX_DEPTH: usize = 40;
/// The most bytes of the names on the way to a value that are shown.
const MAX_WAY: usize = 300;

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

/// The images that were found so far, each once.
#[derive(Debug, Default)]
pub(super) struct Found {
    images: Vec<ImageRef>,
    known: BTreeSet<(String, How)>,
    more: bool,
}

impl Found {
    /// Takes one in. Four kilobytes of a chart can name gigabytes of images, so it counts while it
    /// collects, and not afterwards.
    pub(super) fn push(&mut self, image: ImageRef) {
        if self.more || self.known.contains(&(image.text.clone(), image.how)) {
            return;
        }
        if self.images.len() >= MAX_IMAGES {
            self.more = true;
            return;
        }
        self.known.insert((image.text.clone(), image.how));
        self.images.push(image);
    }

    /// Whether there are more than [`MAX_IMAGES`]: nothing further is looked at.
    pub(super) const fn is_full(&self) -> bool {
        self.more
    }

    /// The images.
    pub(super) fn into_images(self) -> Vec<ImageRef> {
        self.images
    }
}

/// Puts every image that values name into `found`; false when not all values were looked at.
pub(super) fn of_values(values: &Document, file: &str, about: &About, found: &mut Found) -> bool {
    let mut walk = Walk { values, file, about, found, steps: 0, whole: true };
    walk.node(values.root(), &mut vec![]);
    walk.whole
}

struct Walk<'a> {
    values: &'a Document,
    file: &'a str,
    about: &'a About,
    found: &'a mut Found,
    steps: usize,
    whole: bool,
}

impl<'a> Walk<'a> {
    fn node(&mut self, at: At, path: &mut Vec<&'a str>) {
        self.steps += 1;
        if self.found.is_full() {
            return;
        }
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
        // An alias stands in a thousand places: a long text is not even trimmed there.
        if found.len() > MAX_REFERENCE {
            return Some(found);
        }
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
        let each = ["registry", "repository", "digest", "sha256", "tag", "tagSuffix"];
        let long = each.into_iter().filter_map(|name| self.part(at, name)).map(str::len).sum();
        if is_long(long) {
            let place = format!("{}:{line} {}", self.file, way(path));
            return self.found.push(too_long(repository, &place));
        }
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
        let at = format!("{}:{line} {}{told}", self.file, way(path));
        let known = digest.is_some() || tag.is_some();
        self.found.push(image(text, if known { How::Derived } else { How::Unresolvable }, at));
    }

    /// Text under a name like `image`, with the tag beside it where one is.
    fn text(&mut self, parent: At, at: At, path: &[&str]) {
        let Some(text) = self.values.scalar(at) else { return };
        let place = || format!("{}:{} {}", self.file, self.values.line(at), way(path));
        if is_long(text.len()) {
            return self.found.push(too_long(text, &place()));
        }
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let place = place();
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

/// The names on the way to a value, cut where they are long: forty names of a kilobyte stand before
/// each of a hundred thousand values.
fn way(path: &[&str]) -> String {
    let mut way = String::new();
    for name in path {
        if way.len() + name.len() > MAX_WAY {
            way.push('…');
            break;
        }
        if !way.is_empty() {
            way.push('.');
        }
        way.push_str(name);
    }
    way
}

const fn is_long(bytes: usize) -> bool {
    bytes > MAX_REFERENCE
}

/// Text where an image is named, and that no image can be.
pub(super) fn too_long(text: &str, at: &str) -> ImageRef {
    const SHOWN: usize = 100;
    let text: String = text.chars().take(SHOWN).chain(['…']).collect();
    let at = format!("{at}, longer than {MAX_REFERENCE} bytes");
    ImageRef { text, how: How::Unresolvable, at, reference: None }
}

/// An image; what is no reference, or holds a template, is not to be known.
pub(super) fn image(text: String, how: How, at: String) -> ImageRef {
    if is_long(text.len()) {
        return too_long(&text, &at);
    }
    let parsed = Reference::parse(&text).ok().filter(|_| !text.contains("{{"));
    match (parsed, how) {
        (Some(reference), How::Written | How::Derived) => {
            ImageRef { text, how, at, reference: Some(reference) }
        }
        _ => ImageRef { text, how: How::Unresolvable, at, reference: None },
    }
}
