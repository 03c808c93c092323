//! References in parts: Helm's `image: {registry, repository, tag, digest}` and the entries of
//! Kustomize's `images:`.

use super::{
    super::Tag,
    Form, Place,
    found::{Found, Names, Parts, Site, Slot},
    scalar,
    tree::{At, Tree},
    why::Why,
};

/// What a reference in parts is read from.
pub(super) struct Whole<'n> {
    /// The map.
    pub(super) map: At,
    /// How it is written.
    pub(super) form: Form,
    /// The node that names the image.
    pub(super) named_by: At,
    /// The names of the parts that make the image's name, outermost first.
    pub(super) name: &'n [&'n str],
    /// The name of what is put behind the tag.
    pub(super) suffix: Option<&'n str>,
    /// Names that change the reference in a way of this chart's own, and how.
    pub(super) strange: &'n [(&'n str, &'n str)],
    /// The names of the tag and the digest.
    pub(super) names: Names,
    /// Why it is left alone where neither tag nor digest is there.
    pub(super) unsaid: &'static str,
    /// Why it is not what it seems, as this kind of file is read.
    pub(super) doubt: Option<&'static str>,
}

impl Found<'_, '_> {
    /// A map that is a reference in parts.
    pub(super) fn parts(&mut self, whole: &Whole<'_>) {
        match read(self.tree, whole) {
            Ok((place, site)) => self.places.push((place, site)),
            Err(why) => self.leave(whole.named_by, why),
        }
        let names = whole.name.iter().copied().chain(whole.suffix);
        for name in names.chain([whole.names.tag, whole.names.digest]) {
            if let Some(at) = self.tree.get(whole.map, name) {
                self.claim(at);
            }
        }
        self.claim(whole.named_by);
    }
}

fn read(tree: &Tree<'_>, whole: &Whole<'_>) -> Result<(Place, Site), Why> {
    let map = whole.map;
    if let Some(why) = tree.doubt_in(map).or(whole.doubt) {
        return Err(why.into());
    }
    if let Some((name, how)) = whole.strange.iter().find(|(n, _)| tree.get(map, n).is_some()) {
        return Err(Why::from(*how).of(name));
    }
    let mut written = vec![];
    for name in whole.name {
        written.extend(part(tree, map, name)?);
    }
    let mut written = written.join("/");
    let tag = part(tree, map, whole.names.tag)?;
    let digest = part(tree, map, whole.names.digest)?;
    let suffix = whole.suffix.map(|name| part(tree, map, name)).transpose()?.flatten();
    if tag.is_none() && digest.is_none() {
        return Err(Why::decided(whole.unsaid));
    }
    if let Some(tag) = tag {
        written.push_str(&format!(":{tag}{}", suffix.unwrap_or_default()));
    }
    let inside = tag.is_some_and(|tag| tag.contains('@'));
    if let Some(digest) = digest {
        written.push_str(&format!("@{digest}"));
    }
    let reference = scalar::reference(&written)?;
    if tag.is_some_and(|tag| !inside && Tag::parse(tag).is_err()) {
        return Err("its tag is not one".into());
    }
    let place = Place { line: tree.line(whole.named_by), form: whole.form, written, reference };
    let tag = slot(tree, map, whole.names.tag)?;
    if let (true, Slot::Written { value, .. }) = (inside, &tag) {
        return Ok((place, Site::Tagged(value.clone())));
    }
    let digest = slot(tree, map, whole.names.digest)?;
    let suffix = suffix.unwrap_or_default().to_owned();
    Ok((place, Site::Parts(Parts { names: whole.names, tag, suffix, digest })))
}

/// The text of one part; nothing where it is absent or empty.
fn part<'t>(tree: &'t Tree<'_>, map: At, name: &str) -> Result<Option<&'t str>, Why> {
    let Some(at) = tree.get(map, name) else { return Ok(None) };
    let Some(text) = tree.text_of(at) else {
        let why = tree.token(at).err().unwrap_or("it is not text");
        let template = tree.rest_of_line(at).starts_with("{{");
        return Err(if template {
            Why::decided("a template decides it")
        } else {
            Why::from(why).of(name)
        });
    };
    if let Some(why) = scalar::computed(text) {
        return Err(why.of(name));
    }
    let Some(text) = tree.said(at) else { return Ok(None) };
    tree.token(at).map_err(|why| Why::from(why).of(name))?;
    if tree.is_plain(at) && !scalar::reads_as_text(text) {
        let why = "YAML reads it as a number or a word of its own: quote it";
        return Err(Why::from(why).of(name));
    }
    Ok(Some(text))
}

fn slot(tree: &Tree<'_>, map: At, name: &str) -> Result<Slot, Why> {
    let Some((name_at, at)) = tree.pair(map, name) else { return Ok(Slot::Absent) };
    let value = tree.token(at).map_err(|why| Why::from(why).of(name))?;
    let name = tree.token(name_at)?;
    if value.span.is_empty() {
        return Ok(Slot::Empty { name, event: value.event });
    }
    Ok(Slot::Written { name, value })
}
