//! Folders that are written into the field for targets: opening them, completing their names.
//!
//! The disk is asked by an effect and answers when it can; until then the field stays usable, and
//! an answer to what no longer stands there is dropped.

use std::path::{Path, PathBuf};

use super::engine;
use crate::{
    domain::text::safe,
    inspect::{
        Subject,
        world::{EntryKind, FolderEntry},
    },
    tui::{
        message::{Effect, Look, RunId, Seen},
        state::{Asking, Field, Job, State},
        text::shown,
    },
};

/// The most names that the bottom line lists.
const MAX_LISTED: usize = 8;

/// A path in two: the folder that is looked into, and what its names must begin with.
///
/// Only what cannot be meant as a reference is a path: `/…`, `./…`, `../…`, and behind `oci:`.
pub(super) fn path_parts(text: &str) -> Option<(PathBuf, String)> {
    let layout = text.strip_prefix("oci:").filter(|rest| !rest.starts_with("//"));
    let path = match layout {
        Some(path) => path,
        None if ["/", "./", "../"].iter().any(|start| text.starts_with(start)) => text,
        None => return None,
    };
    Some(match path.rsplit_once('/') {
        Some(("", name)) => (PathBuf::from("/"), name.to_owned()),
        Some((folder, name)) => (PathBuf::from(folder), name.to_owned()),
        None => (PathBuf::from("."), path.to_owned()),
    })
}

/// Opens a release folder, once the disk says that it is one.
pub(super) fn open_folder(state: &mut State, path: &Path) -> Vec<Effect> {
    // A separator at the end would make the same folder another target.
    look(state, path.components().collect(), true)
}

/// Completes the path in the field from the names in `folder`.
pub(super) fn complete_path(state: &mut State, folder: PathBuf) -> Vec<Effect> {
    look(state, folder, false)
}

fn look(state: &mut State, path: PathBuf, open: bool) -> Vec<Effect> {
    let Some(field) = &state.field else { return vec![] };
    let text = field.text.clone();
    let run = state.next_run();
    state.jobs.insert(run, Job::Look(Look { path: path.clone(), text, open }));
    vec![Effect::Look { run, path }]
}

/// Takes in what a folder holds.
pub(super) fn looked(state: &mut State, run: RunId, answer: Result<Seen, String>) -> Vec<Effect> {
    let Some(Job::Look(look)) = state.jobs.remove(&run) else { return vec![] };
    let mut effects = vec![Effect::Cancel(run)];
    let same = |field: &&mut Field| field.asking == Asking::Target && field.text == look.text;
    let Some(field) = state.field.as_mut().filter(same) else { return effects };
    match answer {
        Err(why) => field.wrong = Some((0, why)),
        Ok(seen) if look.open => {
            state.field = None;
            let subject = match seen {
                Seen::Folder(_) => Subject::Folder(look.path),
                Seen::File => Subject::Document(look.path),
            };
            effects.extend(engine::visit(state, &subject));
        }
        Ok(Seen::Folder(entries)) => complete(state, &entries),
        Ok(Seen::File) => {}
    }
    effects
}

/// Puts into the field what all fitting names have in common; lists them where that is nothing new.
fn complete(state: &mut State, entries: &[FolderEntry]) {
    let Some(field) = &mut state.field else { return };
    let Some((_, begun)) = path_parts(&field.text) else { return };
    let layout = field.text.starts_with("oci:");
    let names = entries.iter().filter_map(|entry| name(entry, layout));
    let fitting: Vec<String> = names.filter(|name| name.starts_with(&begun)).collect();
    let Some(first) = fitting.first() else {
        return state.say("no folder there begins so");
    };
    let common = fitting.iter().fold(first.chars().count(), |common, other| {
        first.chars().zip(other.chars()).take(common).take_while(|(a, b)| a == b).count()
    });
    let more: String = first.chars().take(common).skip(begun.chars().count()).collect();
    if more.is_empty() && fitting.len() > 1 {
        let mut listed: Vec<String> =
            fitting.iter().take(MAX_LISTED).map(|name| shown(name)).collect();
        if fitting.len() > MAX_LISTED {
            listed.push(format!("… {} in all", fitting.len()));
        }
        return state.say(listed.join("  "));
    }
    let text = format!("{}{more}", field.text);
    field.set(text);
}

/// What `oci:` reads as a layout in one file.
fn is_tar(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("tar"))
}

/// How an entry is offered: folders, and tar files where a layout is named. A name that could not
/// be shown as it is is not put into a field.
fn name(entry: &FolderEntry, layout: bool) -> Option<String> {
    if safe(&entry.name) != entry.name {
        return None;
    }
    match entry.kind {
        EntryKind::Folder | EntryKind::Link => Some(format!("{}/", entry.name)),
        EntryKind::File if layout && is_tar(&entry.name) => Some(entry.name.clone()),
        EntryKind::File | EntryKind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inspect::CheckKind,
        tui::{
            message::Message,
            state::{Pane, Screen},
            testing::{live, press},
            update::{Start, start, update},
        },
    };

    fn entry(name: &str, kind: EntryKind) -> FolderEntry {
        FolderEntry { name: name.into(), kind, bytes: 1 }
    }

    fn asked(effects: &[Effect]) -> Option<(RunId, PathBuf)> {
        effects.iter().find_map(|effect| match effect {
            Effect::Look { run, path } => Some((*run, path.clone())),
            _ => None,
        })
    }

    fn typed(keys: &str) -> (State, Vec<Effect>) {
        let mut state = live(None);
        start(&mut state, Start::Home);
        let effects = press(&mut state, keys);
        (state, effects)
    }

    #[test]
    fn tab_completes_paths_as_far_as_the_names_agree() {
        let entries = [
            entry("release-1", EntryKind::Folder),
            entry("release-2", EntryKind::Folder),
            entry("mirror.tar", EntryKind::File),
            entry("notes.txt", EntryKind::File),
            entry("evil\u{202e}", EntryKind::Folder),
        ];
        for (text, folder, completed) in [
            ("./r", ".", "./release-"),
            ("/srv/release-2", "/srv", "/srv/release-2/"),
            ("/r", "/", "/release-"),
            ("oci:m", ".", "oci:mirror.tar"),
            ("./m", ".", "./m"),
            ("./n", ".", "./n"),
            ("./e", ".", "./e"),
            ("./release-", ".", "./release-"),
        ] {
            let (mut state, effects) = typed(&format!("{text}<Tab>"));
            let (run, path) = asked(&effects).unwrap();
            assert_eq!(path, PathBuf::from(folder), "{text}");
            update(&mut state, Message::Looked(run, Ok(Seen::Folder(entries.to_vec()))));
            assert_eq!(state.field.unwrap().text, completed, "{text}");
        }
        for text in ["ghcr.io/a/b<Tab>", "oci://ghcr.io/a<Tab>", "release<Tab>"] {
            assert_eq!(asked(&typed(text).1), None, "{text} is no path");
        }
    }

    #[test]
    fn a_folder_opens_once_the_disk_says_that_it_is_one() {
        let (mut state, effects) = typed("./release/<Enter>");
        let (run, path) = asked(&effects).unwrap();
        assert_eq!((state.screen, path), (Screen::Home, PathBuf::from("./release")));
        update(&mut state, Message::Looked(run, Ok(Seen::Folder(vec![]))));
        assert_eq!(state.open, Some(Subject::Folder("./release".into())));
        let (mut state, effects) = typed("./release<Enter>");
        let (run, _) = asked(&effects).unwrap();
        update(&mut state, Message::Looked(run, Err("there is no such folder".into())));
        assert!(state.open.is_none() && state.field.unwrap().wrong.is_some());
    }

    #[test]
    fn a_file_opens_as_the_document_it_is_and_only_the_disk_is_asked() {
        let (mut state, effects) = typed("./bom.json<Enter>");
        let (run, _) = asked(&effects).unwrap();
        let effects = update(&mut state, Message::Looked(run, Ok(Seen::File)));
        let subject = Subject::Document("./bom.json".into());
        assert_eq!((state.open, state.pane), (Some(subject), Pane::Sbom));
        let started = effects.iter().filter_map(|effect| match effect {
            Effect::Start { planned, .. } => Some(planned.id.kind),
            _ => None,
        });
        assert_eq!(started.collect::<Vec<_>>(), [CheckKind::Sbom]);
    }

    #[test]
    fn an_answer_to_what_no_longer_stands_in_the_field_is_dropped() {
        for later in ["x", "<Esc>"] {
            let (mut state, effects) = typed("./release<Enter>");
            let (run, _) = asked(&effects).unwrap();
            press(&mut state, later);
            update(&mut state, Message::Looked(run, Ok(Seen::Folder(vec![]))));
            assert_eq!(state.open, None, "{later}");
        }
    }
}
