//! From the open release into a file that names its image: what would change, and the writing.

use std::{path::PathBuf, sync::Arc};

use super::message::{Message, RunId};
use crate::{
    domain::{
        Digest, Reference, Tag,
        pin::{Form, Place, unified_diff},
    },
    inspect::{
        RegistryError, Scope, World,
        pin::{
            Bounds, Decision, HELM_NOTE, Outcome, Settings, Source, Target, Written, edit, walk,
            wanted, write,
        },
    },
};

/// The most lines of a diff that are read on a screen.
const MAX_LINES: usize = 500;
/// The longest of them.
const MAX_LINE_BYTES: usize = 1_000;

/// What would be written into a file.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The file, as it was read.
    source: Arc<Source>,
    decisions: Vec<Decision>,
    /// The file as it was written down; foreign text.
    pub path: String,
    /// As a unified diff; foreign text.
    pub diff: String,
    /// How many references change.
    pub changes: usize,
    /// What is to be known before it is written.
    pub note: Option<&'static str>,
}

/// Two drafts of one file are the same where the same would be written.
impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.diff, &self.decisions) == (&other.path, &other.diff, &other.decisions)
    }
}

/// The proved release that is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Its name and tag.
    pub reference: Reference,
    /// Its tag, and where that pointed when it was checked.
    pub again: (Tag, Digest),
    /// The content that is proved.
    pub digest: Digest,
}

/// How the writing ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was written: in words.
    Wrote(String),
    /// The tag points elsewhere now: nothing was written.
    Moved(Digest),
}

/// Reads the file, and finds out what would change in it.
pub(super) async fn draft(
    path: PathBuf,
    of: Proved,
    world: World,
) -> Result<Result<Draft, String>, RegistryError> {
    let shown = path.display().to_string();
    let walked = walk(&[Target::File(path)], &Bounds::default(), &*world.files).await;
    if let Some(trouble) = walked.troubles.into_iter().next() {
        return Ok(Err(trouble.words));
    }
    let Some(source) = walked.sources.into_iter().next() else {
        return Ok(Err("it names no image".into()));
    };
    // Reading and comparing a file of four megabytes takes a while.
    let task = tokio::task::spawn_blocking(move || drafted(source, &of, shown));
    Ok(task.await.unwrap_or_else(|e| Err(e.to_string())))
}

fn drafted(source: Source, of: &Proved, path: String) -> Result<Draft, String> {
    let decisions = wanted(&source, &of.reference, &of.digest, &of.again);
    if decisions.iter().all(|decision| decision.write.is_none()) {
        return Err(format!(
            "no reference to {} that can be pinned is in it",
            of.reference.repository
        ));
    }
    let each: Vec<&Decision> = decisions.iter().collect();
    let edit = edit(&source, &each);
    if let Some((_, why)) = edit.refused.into_iter().next() {
        return Err(why);
    }
    let Some(new) = edit.bytes else {
        return Err("it is pinned to this digest already".into());
    };
    let diff = unified_diff(&path, source.document.bytes(), &new);
    // Every frame draws it, and nothing is agreed to that was cut on the way to the screen.
    if diff.lines().count() > MAX_LINES || diff.lines().any(|line| line.len() > MAX_LINE_BYTES) {
        return Err("more of it changes than a screen shows; `sigscope pin` writes it".into());
    }
    let changes = edit.places.len();
    let mut places = edit.places.iter().filter_map(|at| source.document.places().get(*at));
    let note = places.any(unread).then_some(HELM_NOTE);
    Ok(Draft { source: Arc::new(source), decisions, path, diff, changes, note })
}

/// Whether nothing says that the digest is read.
fn unread(place: &Place) -> bool {
    place.form == Form::Helm && place.reference.digest.is_none()
}

#[cfg(test)]
pub(super) fn made_up(diff: &str) -> Draft {
    let bytes: Arc<[u8]> = Arc::from(&b"FROM a\n"[..]);
    let document = crate::domain::pin::Document::read("Dockerfile", &bytes).unwrap();
    let source = Source {
        path: "Dockerfile".into(),
        folder: ".".into(),
        name: "Dockerfile".into(),
        document,
    };
    let (path, diff) = ("Dockerfile".to_owned(), diff.to_owned());
    Draft { source: Arc::new(source), decisions: vec![], path, diff, changes: 1, note: None }
}

/// Asks for the tag once more, and writes; of a tag that moved nothing is written.
pub(super) async fn commit(
    draft: Box<Draft>,
    world: World,
    scope: Scope,
) -> Result<Result<Ending, String>, RegistryError> {
    let settings = Settings { world, scope, update: None, unverified: false };
    let each: Vec<&Decision> = draft.decisions.iter().collect();
    let Outcome { moved, unknown, written, edit } = write(&draft.source, &each, &settings).await;
    if let Some(moved) = moved.into_iter().next() {
        return Ok(Ok(Ending::Moved(moved.now)));
    }
    if let Some((_, why)) = unknown.into_iter().chain(edit.refused).next() {
        return Ok(Err(format!("{} was not written: {why}", draft.path)));
    }
    Ok(match written {
        Written::Replaced(_) => {
            let pins = if edit.places.len() == 1 { "pin" } else { "pins" };
            Ok(Ending::Wrote(format!("wrote {} {pins} into {}", edit.places.len(), draft.path)))
        }
        Written::Unchanged => Err(format!("{} was not written: nothing changes", draft.path)),
        Written::Failed(why) => Err(format!("{} was not written: {why}", draft.path)),
    })
}

/// What would change, as a message.
pub(super) fn drafted_message(
    run: RunId,
    answer: Result<Result<Draft, String>, RegistryError>,
) -> Message {
    Message::Drafted(run, answer.unwrap_or_else(|e| Err(e.to_string())).map(Box::new))
}

/// How the writing ended, as a message.
pub(super) fn committed_message(
    run: RunId,
    answer: Result<Result<Ending, String>, RegistryError>,
) -> Message {
    Message::Committed(run, answer.unwrap_or_else(|e| Err(e.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pin::Document;

    #[test]
    fn a_change_that_no_screen_shows_whole_is_not_offered() {
        let again = (Tag::parse("1").unwrap(), Digest::sha256(b"now"));
        let of = Proved {
            reference: Reference::parse("ghcr.io/a/b:1").unwrap(),
            digest: again.1.clone(),
            again,
        };
        let services = |number: usize| -> String {
            (0..number).fold("services:\n".to_owned(), |text, n| {
                text + &format!("  s{n}:\n    image: ghcr.io/a/b:1\n")
            })
        };
        let long = format!("services: {{a: {{image: ghcr.io/a/b:1, x: {}}}}}\n", "y".repeat(2000));
        for (text, offered) in [(services(2), true), (services(600), false), (long, false)] {
            let bytes: Arc<[u8]> = Arc::from(text.as_bytes());
            let document = Document::read("compose.yaml", &bytes).unwrap();
            let (path, folder) = ("compose.yaml".into(), ".".into());
            let source = Source { path, folder, name: "compose.yaml".into(), document };
            let got = drafted(source, &of, "compose.yaml".into());
            assert_eq!(got.is_ok(), offered, "{got:?}");
        }
    }
}
