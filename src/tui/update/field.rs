//! Fields that take text: the target, the letters of tags, the words of components.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{catalog, decision, engine, export, home, moves, pin_file, sbom};
use crate::{
    domain::target::Target,
    inspect::Subject,
    tui::{
        cursor::Step,
        keymap::Action,
        message::Effect,
        panes::browser,
        state::{Asking, Field, Screen, State},
    },
};

/// The longest text that a field takes, in characters.
const MAX_CHARS: usize = 1024;

/// Opens a field.
pub(super) fn ask(state: &mut State, asking: Asking) {
    let text = match asking {
        Asking::Filter => state.browser.filter.clone(),
        Asking::Target | Asking::Export(_) | Asking::Policy(_) | Asking::PinFile => String::new(),
        Asking::Search => match &state.sbom {
            Some(view) => view.query.clone(),
            None => return state.say("there is no SBOM to search"),
        },
    };
    let at = text.chars().count();
    state.field = Some(Field { asking, text, at, wrong: None });
}

/// A key in a field.
pub(super) fn key(state: &mut State, action: Option<Action>, event: &KeyEvent) -> Vec<Effect> {
    let Some(field) = &mut state.field else { return vec![] };
    match action {
        Some(Action::Accept) => return accept(state),
        Some(Action::Back) => return cancel(state),
        Some(Action::Complete) => return complete(state),
        Some(Action::ClearField) => field.set(String::new()),
        Some(Action::DeleteWord) => field.delete_word(),
        Some(Action::QueryBefore) => sbom::recall(state, true),
        Some(Action::QueryAfter) => sbom::recall(state, false),
        _ => match event.code {
            KeyCode::Up => step(state, Step::Up),
            KeyCode::Down => step(state, Step::Down),
            code => field.edit(code, event.modifiers),
        },
    }
    changed(state);
    vec![]
}

/// Pasted text: one line of it, into the field that is open.
pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(field) = &mut state.field {
        let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        for c in line.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARS) {
            field.insert(c);
        }
        changed(state);
    }
    vec![]
}

/// Up and down move the list that the field is about.
fn step(state: &mut State, step: Step) {
    if state.screen == Screen::Home
        || !matches!(state.field, Some(Field { asking: Asking::Target, .. }))
    {
        moves::step(state, step);
    }
}

/// Filter and search follow every letter.
fn changed(state: &mut State) {
    let Some(field) = &mut state.field else { return };
    let text = field.text.clone();
    match field.asking {
        Asking::Filter if state.browser.filter != text => {
            state.browser.filter = text;
            browser::sync(&mut state.browser);
            let rows = browser::rows(&state.browser);
            let first = rows.iter().position(|r| matches!(r, browser::BrowserRow::Tag(..)));
            state.browser.cursor.selected = first.unwrap_or(0);
        }
        Asking::Search if state.sbom.as_ref().is_some_and(|view| view.query != text) => {
            sbom::search(state, &text);
        }
        _ => {}
    }
}

fn cancel(state: &mut State) -> Vec<Effect> {
    let Some(field) = state.field.take() else { return vec![] };
    match field.asking {
        Asking::Target if !state.browser.repositories.is_empty() || state.open.is_some() => {
            state.screen = Screen::Work;
        }
        Asking::Target | Asking::Export(_) | Asking::Policy(_) | Asking::PinFile => {}
        Asking::Filter => {
            state.browser.filter.clear();
            browser::sync(&mut state.browser);
        }
        Asking::Search => sbom::search(state, ""),
    }
    vec![]
}

fn accept(state: &mut State) -> Vec<Effect> {
    let Some(field) = &mut state.field else { return vec![] };
    match field.asking {
        Asking::Target => {}
        Asking::Export(taking) => return export::accept(state, taking),
        Asking::Policy(kind) => return decision::accept(state, kind),
        Asking::PinFile => return pin_file::accept(state),
        Asking::Filter | Asking::Search => {
            let found = state.field.take().filter(|field| field.asking == Asking::Search);
            if let Some(field) = found {
                sbom::remember(state, &field.text);
            }
            return vec![];
        }
    }
    let text = field.text.trim().to_owned();
    if text.is_empty() {
        return moves::open_from_home(state);
    }
    let refuse = |field: &mut Field, at: usize, words: &str| {
        field.wrong = Some((at, words.to_owned()));
        vec![]
    };
    match Target::parse(&text) {
        Err(error) => {
            let indent = field.text.chars().take_while(|c| c.is_whitespace()).count();
            refuse(field, error.at + indent, &error.message)
        }
        Ok(Target::Registry(host)) => {
            state.field = None;
            catalog::browse(state, &host)
        }
        Ok(Target::Path(path)) => home::open_folder(state, &path),
        Ok(Target::Digest(_)) => {
            refuse(field, 0, "a digest needs its bundle: sigscope DIGEST --bundle BUNDLE")
        }
        Ok(Target::Repository(repository)) => {
            state.field = None;
            engine::browse(state, &repository)
        }
        Ok(Target::Artifact(reference)) => {
            state.field = None;
            engine::visit(state, &Subject::Artifact(reference))
        }
    }
}

/// Completes from the recent targets and the tags that were listed, as far as they agree; a path
/// from the folder that it leads into.
fn complete(state: &mut State) -> Vec<Effect> {
    let Some(field) = &mut state.field else { return vec![] };
    if let Asking::Export(taking) = &mut field.asking {
        *taking = export::next(*taking);
        return vec![];
    }
    if field.asking != Asking::Target || field.text.is_empty() {
        return vec![];
    }
    if let Some((folder, _)) = home::path_parts(&field.text) {
        return home::complete_path(state, folder);
    }
    let recents = state.recents.iter().map(ToString::to_string);
    let tags = state
        .browser
        .repositories
        .iter()
        .flat_map(|node| node.tags.iter().map(|tag| format!("{}:{tag}", node.repository)));
    let fitting: Vec<String> =
        recents.chain(tags).filter(|known| known.starts_with(&field.text)).collect();
    let Some(first) = fitting.first() else { return vec![] };
    let common = fitting.iter().fold(first.chars().count(), |common, other| {
        let same = first.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        common.min(same)
    });
    field.set(first.chars().take(common).collect());
    vec![]
}

impl Field {
    pub(super) fn set(&mut self, text: String) {
        self.at = text.chars().count();
        self.text = text;
        self.wrong = None;
    }

    fn byte(&self, at: usize) -> usize {
        self.text.char_indices().nth(at).map_or(self.text.len(), |(byte, _)| byte)
    }

    fn insert(&mut self, c: char) {
        if self.text.chars().count() < MAX_CHARS {
            self.text.insert(self.byte(self.at), c);
            self.at += 1;
            self.wrong = None;
        }
    }

    fn remove(&mut self, at: usize) {
        if at < self.text.chars().count() {
            self.text.remove(self.byte(at));
            self.wrong = None;
        }
    }

    fn delete_word(&mut self) {
        let before: Vec<char> = self.text.chars().take(self.at).collect();
        let part = |c: &char| c.is_alphanumeric();
        let kept = before.iter().rposition(part).map_or(0, |last| {
            before.iter().take(last).rposition(|c| !part(c)).map_or(0, |at| at + 1)
        });
        for at in (kept..self.at).rev() {
            self.remove(at);
        }
        self.at = kept;
    }

    fn edit(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let plain = !modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let len = self.text.chars().count();
        match code {
            KeyCode::Char(c) if plain && !c.is_control() => self.insert(c),
            KeyCode::Backspace if self.at > 0 => {
                self.at -= 1;
                self.remove(self.at);
            }
            KeyCode::Delete => self.remove(self.at),
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = (self.at + 1).min(len),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = len,
            _ => {}
        }
    }
}
