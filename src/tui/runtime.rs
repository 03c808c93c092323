//! The event loop, and the only place of the terminal floor that starts tasks or reads the clock.

use std::{collections::HashMap, io, path::PathBuf, sync::Arc, time::Duration};

use crossterm::event::{Event as TerminalEvent, EventStream, KeyEventKind};
use futures_util::{FutureExt as _, StreamExt as _};
use ratatui::{Terminal, backend::CrosstermBackend};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    Launch,
    export::{self, Writing},
    inquiry::{self, Inquiry},
    message::{Effect, Ended, Message, Place, RunId, Seen},
    panes::{compared::Changes, sbom::Unattested},
    pinning,
    state::{DemoFacts, State},
    terminal::{self, Signals},
    theme::Theme,
    update::{start, update, update_all},
    view::view,
};
use crate::{
    domain::{Timestamp, reference::Pointer, sbom::Sbom},
    inspect::{
        self, Event, Inspection, Planned, RegistryError, SbomFacts, World,
        sboms::unsigned,
        tags::{Entry, History, resolve},
        trace::Asker,
    },
};

/// Room for messages that wait to be taken in.
const INBOX: usize = 1024;
/// Room for the events of one run.
const EVENTS: usize = 64;
/// The most entries of a folder that is looked into from the field.
const MAX_ENTRIES: usize = 10_000;
/// At most a hundred frames a second: a key waits for the next one, and that must not be felt.
const FRAME: Duration = Duration::from_millis(10);
/// How often time passes on the screen while something runs.
const TICK: Duration = Duration::from_millis(500);
/// How soon it is looked again whether rows stand still.
const SOON: Duration = Duration::from_millis(40);

type Screen = Terminal<CrosstermBackend<io::Stdout>>;

/// Runs the terminal program until somebody ends it.
pub(super) async fn run(launch: Launch) -> io::Result<Ended> {
    let (inbox, mut messages) = channel(INBOX);
    let Launch { live, demo, start: first, history, theme, trace } = launch;
    let facts = demo.as_ref().map(|demo| DemoFacts {
        judge: demo.setting.judge(),
        repositories: demo.repositories.clone(),
        opening: demo.opening.clone(),
    });
    let mut state = State::new(live.judge(), facts, (live.world.now)());
    let demo = demo.map(|demo| demo.setting.world);
    let mut runtime = Runtime { live: live.world, demo, inbox, history, runs: HashMap::new() };
    let mut signals = Signals::new()?;
    let held = terminal::enter()?;
    let mut screen = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let size = screen.size()?;
    update(&mut state, Message::Resize(size.width, size.height));
    let effects = start(&mut state, first);
    // The first frame is there before the first request is sent.
    draw(&mut screen, &mut state, theme)?;
    let mut ended = runtime.perform_all(effects)?;
    runtime.read_history();
    let mut keys = EventStream::new();
    let mut drawn = Instant::now();
    let (mut dirty, mut tick_at) = (false, drawn + TICK);
    while ended.is_none() {
        let frame_at = drawn + FRAME;
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            () = signals.next() => batch.push(Message::Shutdown),
            // Without an event the terminal is gone.
            key = keys.next() => match key {
                Some(key) => batch.extend(message(key?)),
                None => batch.push(Message::Shutdown),
            },
            Some(message) = messages.recv() => batch.push(message),
            () = trace.changed() => {
                batch.push(Message::Traced(trace.since(state.trace.last())));
                batch.push(Message::Pending(trace.pending()));
            }
            () = sleep_until(frame_at), if dirty => {}
            () = sleep_until(drawn.max(frame_at) + SOON), if state.tags.waiting => {}
            () = sleep_until(tick_at), if state.running() > 0 => {
                (tick_at, dirty) = (Instant::now() + TICK, true);
            }
        }
        drain(&mut messages, &mut batch);
        dirty |= !batch.is_empty();
        ended = runtime.take_in(&mut state, batch)?;
        if dirty && Instant::now() >= frame_at {
            draw(&mut screen, &mut state, theme)?;
            (drawn, dirty) = (Instant::now(), false);
        }
    }
    runtime.end();
    drop(held);
    let unsaved = std::mem::take(&mut state.tags.unsaved);
    runtime.remember_now(unsaved).await;
    ended.ok_or_else(|| io::Error::other("the event loop ended by itself"))
}

/// Why a folder could not be looked into.
fn unlisted(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotADirectory => {
            "this is a file; a file needs its evidence: sigscope FILE --bundle BUNDLE".into()
        }
        io::ErrorKind::NotFound => "there is no such folder".into(),
        _ => error.to_string(),
    }
}

/// Everything that waits is taken in before the next frame; a key that waits comes before it.
fn drain(messages: &mut Receiver<Message>, batch: &mut Vec<Message>) {
    while batch.len() < INBOX {
        match messages.try_recv() {
            Ok(message) => batch.push(message),
            Err(_) => break,
        }
    }
}

fn draw(screen: &mut Screen, state: &mut State, theme: Theme) -> io::Result<()> {
    let size = screen.size()?;
    if (size.width, size.height) != state.size {
        update(state, Message::Resize(size.width, size.height));
    }
    screen.draw(|frame| view(state, theme, frame))?;
    Ok(())
}

fn message(event: TerminalEvent) -> Option<Message> {
    match event {
        TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(key)),
        TerminalEvent::Paste(text) => Some(Message::Paste(text)),
        TerminalEvent::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
        _ => None,
    }
}

/// Does what `update` wants done.
struct Runtime {
    live: World,
    demo: Option<World>,
    inbox: Sender<Message>,
    history: Arc<dyn History>,
    runs: HashMap<RunId, Run>,
}

/// One run: how to end it, and where its checks tell.
struct Run {
    token: CancellationToken,
    events: Option<Sender<Event>>,
}

impl Runtime {
    fn now(&self) -> Timestamp {
        (self.live.now)()
    }

    fn world(&self, place: Place) -> World {
        match (place, &self.demo) {
            (Place::Demo, Some(demo)) => demo.clone(),
            _ => self.live.clone(),
        }
    }

    /// Takes in everything that waited, and does what is wanted then.
    fn take_in(&mut self, state: &mut State, mut batch: Vec<Message>) -> io::Result<Option<Ended>> {
        // Checks that start now start now, not when the last tick was.
        batch.insert(0, Message::Tick(self.now()));
        let effects = update_all(state, batch);
        self.perform_all(effects)
    }

    fn perform_all(&mut self, effects: Vec<Effect>) -> io::Result<Option<Ended>> {
        let mut ended = None;
        for effect in effects {
            match effect {
                Effect::Start { run, planned, place } => self.start(run, *planned, place),
                Effect::Cancel(run) => {
                    if let Some(run) = self.runs.remove(&run) {
                        run.token.cancel();
                    }
                }
                Effect::LoadTags { run, repository, after, place } => {
                    let world = self.world(place);
                    let asker = Asker::other("tags");
                    let page =
                        async move { world.registry.tags(&repository, after.as_deref()).await };
                    self.ask(run, Message::Tags, asker.during(page));
                }
                Effect::LoadCatalog { run, host, after, place } => {
                    let world = self.world(place);
                    let asker = Asker::other("catalog");
                    let page = async move { world.registry.catalog(&host, after.as_deref()).await };
                    self.ask(run, Message::Catalog, asker.during(page));
                }
                Effect::ResolveTag { run, repository, tag, place } => {
                    let world = self.world(place);
                    let asker = Asker::other("tags");
                    let facts = async move { resolve(&*world.registry, &repository, &tag).await };
                    self.ask(run, Message::Resolved, asker.during(facts));
                }
                Effect::Remember(entries) => self.remember(entries),
                Effect::Repin { run, repository, tag } => {
                    let world = self.world(Place::Live);
                    let asker = Asker::other("pin");
                    let manifest = async move {
                        world.registry.manifest(&repository, &Pointer::Tag(tag)).await
                    };
                    self.ask(run, Message::Repinned, asker.during(manifest));
                }
                Effect::Look { run, path } => self.look(run, path),
                Effect::Vulnerabilities { run, seen, sbom } => self.survey(run, seen, sbom),
                Effect::Compare { run, before, after } => self.compare(run, before, after),
                Effect::Releases { run, place, repository, tags, query, judge } => {
                    let asked = Inquiry { world: self.world(place), repository, query, judge };
                    let asked = asked.ask(tags, run, self.inbox.clone());
                    self.ask(run, inquiry::ended, Asker::other("releases").during(asked));
                }
                Effect::Unsigned { run, seen, place } => self.unsigned(run, seen, place),
                Effect::Draft { run, path, of } => {
                    let drafted = pinning::draft(path, *of, self.world(Place::Live));
                    self.ask(run, pinning::drafted_message, drafted);
                }
                Effect::Commit { run, draft, scope } => {
                    let wrote = pinning::commit(draft, self.world(Place::Live), *scope);
                    self.ask(run, pinning::committed_message, wrote);
                }
                Effect::Write { run, path, writing } => self.write(run, path, writing),
                Effect::Copy(line) => terminal::copy(&mut io::stdout(), &line)?,
                Effect::Quit(how) => ended = Some(how),
            }
        }
        Ok(ended)
    }

    fn start(&mut self, run: RunId, planned: Planned, place: Place) {
        let world = self.world(place);
        let inbox = self.inbox.clone();
        let entry = self.runs.entry(run).or_insert_with(|| {
            let (events, told) = channel(EVENTS);
            forward(run, told, inbox);
            Run { token: CancellationToken::new(), events: Some(events) }
        });
        if let Some(events) = entry.events.clone() {
            inspect::spawn(planned, world, events, entry.token.clone());
        }
    }

    fn look(&mut self, run: RunId, path: PathBuf) {
        let files = self.world(Place::Live).files;
        let answer = |run, seen: Result<Result<_, String>, RegistryError>| {
            Message::Looked(run, seen.unwrap_or_else(|e| Err(e.to_string())))
        };
        self.ask(run, answer, async move {
            let seen = files.folder(&path, MAX_ENTRIES).await;
            Ok(match seen {
                Ok(entries) => Ok(Seen::Folder(entries)),
                Err(e) if e.kind() == io::ErrorKind::NotADirectory => Ok(Seen::File),
                Err(e) => Err(unlisted(&e)),
            })
        });
    }

    fn survey(&mut self, run: RunId, seen: Box<Inspection>, sbom: Box<SbomFacts>) {
        let answer = |run, said: Result<Result<_, String>, RegistryError>| {
            Message::Vulnerabilities(run, said.unwrap_or_else(|e| Err(e.to_string())))
        };
        self.ask(run, answer, async move {
            let read = tokio::task::spawn_blocking(move || Arc::new(seen.vulnerabilities(&sbom)));
            Ok(read.await.map_err(|e| format!("what is said of vulnerabilities was not read: {e}")))
        });
    }

    fn compare(&mut self, run: RunId, before: Arc<Sbom>, after: Arc<Sbom>) {
        let answer = |run, changed: Result<Result<_, String>, RegistryError>| {
            Message::Compared(run, changed.unwrap_or_else(|e| Err(e.to_string())))
        };
        self.ask(run, answer, async move {
            let task = move || Arc::new(Changes::of(&before, &after));
            Ok(tokio::task::spawn_blocking(task).await.map_err(|e| e.to_string()))
        });
    }

    fn unsigned(&mut self, run: RunId, seen: Box<Inspection>, place: Place) {
        let world = self.world(place);
        let answer = |run, found: Result<Unattested, RegistryError>| {
            Message::Unsigned(run, found.unwrap_or_else(|e| Unattested::Unread(e.to_string())))
        };
        let asker = Asker::other("sbom");
        let look = async move {
            let found = unsigned(&seen, &world).await;
            let read = tokio::task::spawn_blocking(move || Unattested::from(found));
            Ok(read.await.unwrap_or_else(|e| Unattested::Unread(e.to_string())))
        };
        self.ask(run, answer, asker.during(look));
    }

    fn write(&mut self, run: RunId, path: PathBuf, writing: Box<Writing>) {
        let answer = |run, wrote: Result<Result<_, String>, RegistryError>| {
            Message::Exported(run, wrote.unwrap_or_else(|e| Err(e.to_string())))
        };
        self.ask(run, answer, async move { Ok(export::write_new(&path, writing).await) });
    }

    /// Asks one question as its own task; a panic in it is an answer too.
    fn ask<T: Send + 'static>(
        &mut self,
        run: RunId,
        answer: fn(RunId, Result<T, RegistryError>) -> Message,
        question: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
    ) {
        let token = CancellationToken::new();
        self.runs.insert(run, Run { token: token.clone(), events: None });
        let inbox = self.inbox.clone();
        #[expect(clippy::disallowed_methods, reason = "the one place of this floor with tasks")]
        tokio::spawn(async move {
            let asked = std::panic::AssertUnwindSafe(question).catch_unwind();
            let result = match token.run_until_cancelled(asked).await {
                None => return,
                Some(Ok(result)) => result,
                Some(Err(_)) => Err(RegistryError::Malformed {
                    what: "internal error".into(),
                    words: "the task ended early; the log has the details".into(),
                }),
            };
            // The receiver is gone only when the program ends.
            let _ = inbox.send(answer(run, result)).await;
        });
    }

    /// Reads the history beside everything else: a slow disk holds no frame back.
    fn read_history(&self) {
        let (history, inbox) = (Arc::clone(&self.history), self.inbox.clone());
        #[expect(clippy::disallowed_methods, reason = "the one place of this floor with tasks")]
        tokio::spawn(async move {
            if let Ok((ledger, why)) = tokio::task::spawn_blocking(move || history.read()).await {
                let _ = inbox.send(Message::History(ledger, why)).await;
            }
        });
    }

    fn remember(&self, entries: Vec<Entry>) {
        let (history, inbox) = (Arc::clone(&self.history), self.inbox.clone());
        #[expect(clippy::disallowed_methods, reason = "the one place of this floor with tasks")]
        tokio::spawn(async move {
            let written = tokio::task::spawn_blocking(move || history.record(entries)).await;
            if let Ok(Err(why)) = written {
                let _ = inbox.send(Message::NotWritten(why)).await;
            }
        });
    }

    /// What was not written yet when the program ends; there is nobody to be told of a failure.
    async fn remember_now(&self, entries: Vec<Entry>) {
        let history = Arc::clone(&self.history);
        let _ = tokio::task::spawn_blocking(move || history.record(entries)).await;
    }

    fn end(&mut self) {
        for (_, run) in self.runs.drain() {
            run.token.cancel();
        }
    }
}

/// Puts the number of the run on everything its checks tell.
fn forward(run: RunId, mut told: Receiver<Event>, inbox: Sender<Message>) {
    #[expect(clippy::disallowed_methods, reason = "the one place of this floor with tasks")]
    tokio::spawn(async move {
        while let Some(event) = told.recv().await {
            if inbox.send(Message::Inspection(run, event)).await.is_err() {
                return;
            }
        }
    });
}
