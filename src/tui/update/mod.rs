//! The whole behaviour of the program, without a terminal, a clock or a network.

mod browser;
mod catalog;
mod compare;
#[cfg(test)]
mod compare_tests;
mod decision;
#[cfg(test)]
mod decision_tests;
mod engine;
mod export;
mod field;
mod home;
mod moves;
mod pin;
mod pin_file;
#[cfg(test)]
mod pin_file_tests;
mod releases;
#[cfg(test)]
mod releases_tests;
mod sbom;
mod tags;
mod unsigned;

use crossterm::event::{KeyCode, KeyEvent};

use super::{
    cursor::{Cursor, Step},
    detail, keymap,
    keymap::{Action, Context},
    layout,
    message::{Effect, Ended, Message},
    panes,
    state::{Asking, Field, Focus, Pane, Screen, State},
    text::shown,
};
use crate::{domain::Repository, inspect::Subject};

/// With what the program starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The first screen.
    Home,
    /// The tags of a repository.
    Browse(Repository),
    /// What a registry will list.
    Registry(String),
    /// One target.
    Open(Subject),
    /// The release that is built in.
    Demo,
}

/// What is to be done at the start.
pub fn start(state: &mut State, start: Start) -> Vec<Effect> {
    let effects = match start {
        Start::Home => {
            field::ask(state, Asking::Target);
            vec![]
        }
        Start::Browse(repository) => engine::browse(state, &repository),
        Start::Registry(host) => catalog::browse(state, &host),
        Start::Open(subject) => engine::visit(state, &subject),
        Start::Demo => engine::enter_demo(state),
    };
    settle(state);
    tags::survey(state);
    effects
}

/// Takes in one message; answers what is to be done.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    update_all(state, vec![message])
}

/// Takes in everything that waited. Five hundred results are settled once, but every key finds
/// the screen as it is.
pub fn update_all(state: &mut State, messages: Vec<Message>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for message in messages {
        if matches!(message, Message::Key(_) | Message::Paste(_)) {
            settle(state);
        }
        effects.extend(take_in(state, message));
    }
    settle(state);
    effects.extend(tags::survey(state));
    effects.extend(sbom::survey(state));
    effects.extend(unsigned::look(state));
    effects
}

fn take_in(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(event) => key(state, &event),
        Message::Paste(text) => field::paste(state, &text),
        Message::Resize(columns, rows) => {
            state.size = (columns, rows);
            vec![]
        }
        Message::Tick(now) => {
            state.now = now;
            vec![]
        }
        Message::Tags(run, page) => tags::page(state, run, page),
        Message::Catalog(run, page) => catalog::page(state, run, page),
        Message::Resolved(run, answer) => tags::resolved(state, run, answer),
        Message::History(ledger, trouble) => {
            tags::history(state, ledger, trouble);
            vec![]
        }
        Message::NotWritten(why) => {
            state.complain(shown(&why));
            vec![]
        }
        Message::Inspection(run, event) => engine::event(state, run, event),
        Message::Traced(records) => {
            panes::trace::take_in(state, records);
            vec![]
        }
        Message::Pending(pending) => {
            panes::trace::under_way(state, pending);
            vec![]
        }
        Message::Repinned(run, answer) => pin::answered(state, run, answer),
        Message::Looked(run, answer) => home::looked(state, run, answer),
        Message::Vulnerabilities(run, answer) => sbom::surveyed(state, run, answer),
        Message::Compared(run, answer) => compare::answered(state, run, answer),
        Message::Release(run, release) => {
            releases::answered(state, run, *release);
            vec![]
        }
        Message::ReleasesEnded(run, why) => releases::ended(state, run, why),
        Message::Unsigned(run, answer) => unsigned::looked(state, run, answer),
        Message::Drafted(run, answer) => pin_file::drafted(state, run, answer),
        Message::Committed(run, answer) => pin_file::committed(state, run, answer),
        Message::Exported(run, answer) => export::written(state, run, answer),
        Message::Shutdown => vec![Effect::Quit(Ended::Quit)],
    }
}

fn key(state: &mut State, event: &KeyEvent) -> Vec<Effect> {
    state.toast = None;
    let context = state.context();
    if asks_for_help(state, event) {
        state.help = Some(Cursor::default());
        return vec![];
    }
    match (keymap::action(context, event), context) {
        (Some(Action::Interrupt), _) => vec![Effect::Quit(Ended::Interrupted)],
        (action, Context::Field | Context::Search | Context::Export) => {
            field::key(state, action, event)
        }
        (Some(action), Context::Dialog | Context::Alarm) => pin::dialog(state, action),
        (Some(action), Context::Help) => help(state, action),
        (Some(action), _) => act(state, action),
        (None, _) => vec![],
    }
}

/// F1 in a field; also `?` where a target is to be written: none begins with it.
fn asks_for_help(state: &State, event: &KeyEvent) -> bool {
    let context = state.context();
    let field = matches!(context, Context::Field | Context::Search | Context::Export);
    let empty = state.field.as_ref().is_some_and(|field| field.text.is_empty());
    let asked = context == Context::Field && empty && event.code == KeyCode::Char('?');
    field && (asked || keymap::action(context, event) == Some(Action::Help))
}

/// What a key asks for, outside fields and questions.
fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(step) = step(action) {
        moves::step(state, step);
        return vec![];
    }
    match action {
        Action::Enter => return moves::enter(state),
        Action::Left => return moves::left(state),
        Action::Right => return moves::right(state),
        Action::Back => return moves::back(state),
        Action::NextFocus => moves::focus(state, true),
        Action::PreviousFocus => moves::focus(state, false),
        Action::Overview => moves::show(state, Pane::Overview),
        Action::Signatures => moves::show(state, Pane::Signatures),
        Action::Attestations => moves::show(state, Pane::Attestations),
        Action::Sbom => moves::show(state, Pane::Sbom),
        Action::Image => moves::show(state, Pane::Image),
        Action::Decision => moves::show(state, Pane::Decision),
        Action::Trace => moves::show(state, Pane::Trace),
        Action::Open => open_field(state),
        Action::Search if state.focus == Focus::Browser => field::ask(state, Asking::Filter),
        Action::Search => field::ask(state, Asking::Search),
        Action::NextHit => sbom::hit(state, true),
        Action::PreviousHit => sbom::hit(state, false),
        Action::NextSbom if panes::compared::visible(state).is_some() => {
            return compare::turn(state);
        }
        Action::NextSbom => sbom::next(state),
        Action::Export | Action::Compare | Action::Releases => return of_sbom(state, action),
        Action::Stop => return releases::stop(state),
        Action::Mark => sbom::mark(state),
        Action::Arrange => sbom::arrange(state),
        Action::ArrangeBy => sbom::arrange_by(state),
        Action::Raw => sbom::raw(state),
        Action::CopyPurl => return sbom::copy_purl(state),
        Action::CopyFlags if state.pane == Pane::Sbom => return sbom::copy_purl(state),
        Action::Attachments => browser::attachments(state),
        Action::Pin if state.pane == Pane::Decision => return decision::copy(state),
        Action::Pin => return pin::ask(state),
        Action::Write => decision::write(state),
        Action::CopyFlags => return pin::copy_flags(state),
        Action::Retry if state.focus == Focus::Browser => {
            let mut effects = tags::again(state);
            effects.extend(engine::retry(state));
            return effects;
        }
        Action::Retry if state.context() == Context::Releases => return releases::again(state),
        Action::Retry => return engine::retry(state),
        Action::CheckAgain => return engine::check_again(state),
        Action::Help => state.help = Some(Cursor::default()),
        Action::Quit => return vec![Effect::Quit(Ended::Quit)],
        _ => {}
    }
    vec![]
}

/// Keys of the SBOM that are heard from its details too.
fn of_sbom(state: &mut State, action: Action) -> Vec<Effect> {
    if state.pane == Pane::Decision && action == Action::Releases {
        decision::write(state);
        return vec![];
    }
    if state.pane != Pane::Sbom {
        state.say("that is a key of the SBOM: 4 leads there");
        return vec![];
    }
    match action {
        Action::Compare => return compare::ask(state),
        Action::Releases => return releases::ask(state),
        _ if hidden(state) => state.say("the components are not shown; Esc leads back to them"),
        _ => export::ask(state),
    }
    vec![]
}

/// Whether something else stands where the components would.
fn hidden(state: &State) -> bool {
    panes::compared::visible(state).is_some() || panes::releases::visible(state).is_some()
}

/// Asks for a target; on a registry for one of its repositories, which it may not list.
fn open_field(state: &mut State) {
    let on_list = state.screen == Screen::Work && state.focus == Focus::Browser;
    let host = on_list.then(|| panes::browser::selected_host(state)).flatten();
    state.screen = Screen::Home;
    field::ask(state, Asking::Target);
    if let (Some(host), Some(field)) = (host, &mut state.field) {
        field.set(format!("{host}/"));
    }
}

/// The movement that a key asks for.
const fn step(action: Action) -> Option<Step> {
    Some(match action {
        Action::Up => Step::Up,
        Action::Down => Step::Down,
        Action::PageUp => Step::PageUp,
        Action::PageDown => Step::PageDown,
        Action::Top => Step::Top,
        Action::Bottom => Step::Bottom,
        _ => return None,
    })
}

/// The list of keys scrolls; it has no row under the cursor.
fn help(state: &mut State, action: Action) -> Vec<Effect> {
    let len = super::view::help_len(state);
    let page = usize::from(state.size.1.saturating_sub(5));
    match (action, &mut state.help) {
        (Action::Help | Action::Back, help) => *help = None,
        (Action::Quit, _) => return vec![Effect::Quit(Ended::Quit)],
        (action, Some(cursor)) => {
            if let Some(step) = step(action) {
                let mut top = Cursor { selected: cursor.offset, offset: 0 };
                top.step(step, len.saturating_sub(page) + 1, page);
                cursor.offset = top.selected;
            }
        }
        (_, None) => {}
    }
    vec![]
}

/// Brings cursors and details in line with what is known now.
fn settle(state: &mut State) {
    panes::sbom::sync(state);
    panes::browser::sync(&mut state.browser);
    panes::decision::sync(state);
    let areas = layout::areas(state);
    compare::settle(state, layout::rows(areas.master));
    releases::settle(state, layout::rows(areas.master));
    let len = panes::browser::len(&state.browser);
    let above = usize::from(!state.browser.filter.is_empty() || asking(state, Asking::Filter));
    let rows = layout::rows(areas.browser).saturating_sub(above);
    state.browser.cursor.settle(len, rows);
    settle_master(state, layout::rows(areas.master));
    detail::refresh(state);
    if let Some(area) = areas.detail {
        let inside = layout::inside(area);
        state.detail.settle(inside.width, usize::from(inside.height));
    }
}

fn settle_master(state: &mut State, rows: usize) {
    if matches!(state.pane, Pane::Sbom | Pane::Trace) {
        let len = panes::len(state);
        let above = if state.pane == Pane::Sbom { panes::sbom::header(rows) } else { 0 };
        state.master_mut().settle(len, rows.saturating_sub(above));
        return;
    }
    let all: Vec<bool> = panes::rows(state).iter().map(panes::Row::selectable).collect();
    let cursor = state.master_mut();
    cursor.settle(all.len(), rows);
    if all.get(cursor.selected) == Some(&false) {
        cursor.step_over(Step::Down, rows, &all);
        cursor.settle(all.len(), rows);
    }
}

/// Whether that field takes the keys.
fn asking(state: &State, what: Asking) -> bool {
    matches!(&state.field, Some(Field { asking, .. }) if *asking == what)
}

#[cfg(test)]
mod below_tests;
#[cfg(test)]
mod sbom_tests;
#[cfg(test)]
mod tag_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unsigned_tests;
