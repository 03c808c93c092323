//! What the readers of all formats fill: components, references and problems, within limits.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

// Seeded anew for every map, so that a document cannot aim its names at one bucket, and several
// times faster than SipHash on names of this length.
use foldhash::quality::RandomState;

use super::{
    Language, MAX_COMPONENTS, MAX_EDGES, Problem, SbomError, Watch,
    component::{Record, append, part},
    graph::index,
    json::Text,
    search::Haystack,
    sniff::{clip, syntax},
    source::{Span, Spans, offset},
};

/// With how many of a component's licences another one is compared.
const MAX_COMPARED: usize = 256;

/// Whose name a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nobody's so far.
    Nobody,
    /// A component's, or (`None`) the root's.
    Part(Option<u32>),
    /// Something that is no component: a service, a file.
    Other,
}

/// Why a reader ended before the document did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// What was read so far stands.
    Error(SbomError),
    /// It has to be read again, carefully: see [`Builder::careful`].
    Restart,
}

impl From<SbomError> for Stop {
    fn from(error: SbomError) -> Self {
        Self::Error(error)
    }
}

/// A document while it is read.
pub(super) struct Builder<'de> {
    pub(super) language: Language,
    pub(super) format: String,
    pub(super) tool: Option<String>,
    pub(super) created: Option<String>,
    pub(super) root: Option<Record>,
    /// Where in the document the reader is, for problems.
    pub(super) path: Vec<Step>,
    /// Whether components are cut out before they are read. Costs a pass over the document for
    /// each level of nesting, and is needed only where a component's first member name is written
    /// with escapes: everywhere else that name tells where the component begins.
    pub(super) careful: bool,
    pub(super) spans: Spans<'de>,
    pub(super) problems: Vec<Problem>,
    pub(super) watch: Watch<'de>,
    pub(super) records: Vec<Record>,
    pub(super) licences: Vec<Span>,
    pub(super) hashes: Vec<Span>,
    /// Nesting: the one that contains, the one inside.
    pub(super) nested: Vec<(Option<u32>, u32)>,
    pub(super) refs: HashMap<Cow<'de, str>, u32, RandomState>,
    pub(super) owners: Vec<Owner>,
    /// Pairs of references.
    pub(super) edges: Vec<(u32, u32)>,
    pub(super) containments: Vec<(u32, u32)>,
    /// Where dependencies stand in the document, for problems.
    pub(super) dependencies: &'static str,
    pub(super) haystack: Haystack,
    /// How many licences the document states, where they are not only the components'.
    pub(super) stated_licences: Option<usize>,
    /// How many files are named.
    pub(super) files: usize,
    pub(super) not_listed: usize,
    /// How many of all problems hide something.
    pub(super) unread: usize,
    pub(super) left_out: Option<SbomError>,
    pub(super) stop: Option<Stop>,
}

/// One step of a position.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A member of an object.
    Member(&'static str),
    /// An element of an array.
    Element(usize),
}

impl<'de> Builder<'de> {
    /// For `text`, which may have been mended, with these `problems`, but is as long as the document.
    pub(super) fn new(
        language: Language,
        text: &'de str,
        problems: Vec<Problem>,
        watch: Watch<'de>,
        careful: bool,
    ) -> Self {
        let (format, dependencies) = language.names();
        let unread = problems.iter().filter(|problem| problem.hides).count();
        Self {
            language,
            format: format.to_owned(),
            tool: None,
            created: None,
            root: None,
            path: Vec::new(),
            careful,
            spans: Spans::new(text),
            problems,
            watch,
            records: Vec::new(),
            licences: Vec::new(),
            hashes: Vec::new(),
            nested: Vec::new(),
            refs: HashMap::default(),
            owners: Vec::new(),
            edges: Vec::new(),
            containments: Vec::new(),
            dependencies,
            haystack: Haystack::default(),
            stated_licences: None,
            files: 0,
            not_listed: 0,
            unread,
            left_out: None,
            stop: None,
        }
    }

    /// Whether not one component was read.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Does something one step further inside.
    pub(super) fn at<T>(&mut self, step: Step, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let answer = inside(self);
        self.path.pop();
        answer
    }

    /// Ends the reading with something that the parser cannot express; the text is never seen.
    pub(super) fn give_up(&mut self, stop: impl Into<Stop>) -> &'static str {
        self.stop = Some(stop.into());
        "stopped"
    }

    /// What is behind a refusal of the JSON parser.
    pub(super) fn refusal(&mut self, error: &serde_json::Error) -> Stop {
        self.stop.take().unwrap_or_else(|| Stop::Error(syntax(error)))
    }

    /// Where the object whose first member name is `key` begins.
    ///
    /// # Errors
    /// [`Stop::Restart`], noted, if the name was written with escapes and tells nothing.
    pub(super) fn beginning(&mut self, key: &Text<'de>) -> Result<u32, &'static str> {
        let name = match key {
            Text::Is(Cow::Borrowed(name)) => offset(self.spans.read, name),
            _ => None,
        };
        let before = name.and_then(|at| self.spans.read.get(..at)?.strip_suffix('"'));
        let brace = before
            .and_then(|before| before.trim_end_matches([' ', '\t', '\n', '\r']).strip_suffix('{'));
        match brace.and_then(|before| u32::try_from(before.len()).ok()) {
            Some(start) => Ok(start),
            None => Err(self.give_up(Stop::Restart)),
        }
    }

    /// A place for the next component, whose own text begins at byte `start`.
    ///
    /// # Errors
    /// [`SbomError::TooMany`] beyond [`MAX_COMPONENTS`]; [`SbomError::Cancelled`].
    pub(super) fn reserve(&mut self, start: u32, top: bool) -> Result<u32, SbomError> {
        if self.records.len() >= MAX_COMPONENTS {
            return Err(SbomError::TooMany { what: "components", limit: MAX_COMPONENTS });
        }
        if self.records.len().is_multiple_of(512) {
            self.watched(index(start))?;
        }
        let place = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        self.records.push(Record { start, top, ..Record::EMPTY });
        Ok(place)
    }

    /// Tells whoever watches that the document was read up to this byte.
    ///
    /// # Errors
    /// [`SbomError::Cancelled`].
    pub(super) fn watched(&self, bytes: usize) -> Result<(), SbomError> {
        if (self.watch)(bytes) { Ok(()) } else { Err(SbomError::Cancelled) }
    }

    /// The component `inner` stands inside `outer` (`None`: the root).
    pub(super) fn nest(&mut self, outer: Option<u32>, inner: u32) {
        self.nested.push((outer, inner));
    }

    /// Fills a place: a component's, or (`None`) the root's.
    pub(super) fn fill(&mut self, place: Option<u32>, record: Record) {
        match place.map(index) {
            None => self.root = Some(record),
            Some(place) => {
                self.keep(place, record);
                // One that contains others is filled after them: from there on the rest waits for
                // the end of the document.
                if self.haystack.len() == place
                    && let Some(slot) = self.records.get(place)
                    && self.haystack.push(slot, &self.licences, &self.hashes, &self.spans)
                {
                    self.contradicted(record);
                }
            }
        }
    }

    /// Fills a component's place with what more will be known of at the end of the document.
    pub(super) fn keep(&mut self, place: usize, record: Record) {
        if let Some(slot) = self.records.get_mut(place) {
            *slot = Record { start: slot.start, top: slot.top, ..record };
        }
    }

    /// Adds a licence to those of a component, each once.
    pub(super) fn licence(&mut self, record: &mut Record, text: &str) {
        let span = self.spans.of(text);
        self.licence_at(record, span);
    }

    /// Adds a licence that stands there. Compared is with a bounded number of those before it: a
    /// million of one component would take a million times a million comparisons.
    pub(super) fn licence_at(&mut self, record: &mut Record, span: Span) {
        let (list, spans) = (&mut self.licences, &self.spans);
        let text = spans.get(span);
        let mut known = part(list, record.licences).iter().take(MAX_COMPARED);
        if !known.any(|licence| spans.get(*licence) == text) {
            append(list, &mut record.licences, span);
        }
    }

    /// Whether a reference is somebody's name.
    pub(super) fn is_named(&self, number: u32) -> bool {
        self.owners.get(index(number)).is_some_and(|owner| *owner != Owner::Nobody)
    }

    /// Which component has the reference of that number.
    pub(super) fn places(&self) -> impl Fn(u32) -> Option<u32> + use<> {
        let places: Vec<Option<u32>> = self
            .owners
            .iter()
            .map(|owner| match owner {
                Owner::Part(place) => *place,
                Owner::Nobody | Owner::Other => None,
            })
            .collect();
        move |number| places.get(index(number)).copied().flatten()
    }

    /// Adds the value of a hash to those of a component.
    pub(super) fn hash(&mut self, record: &mut Record, value: &str) {
        let span = self.spans.of(value);
        append(&mut self.hashes, &mut record.hashes, span);
    }

    /// The number of a reference.
    pub(super) fn reference(&mut self, text: Cow<'de, str>) -> u32 {
        let next = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        let number = *self.refs.entry(text).or_insert(next);
        if number == next {
            self.owners.push(Owner::Nobody);
        }
        number
    }

    /// Declares that a reference is the name of a component or (`None`) of the root.
    ///
    /// Two with one name: dependencies are the first one's, and a problem says so, because a
    /// reader that takes the last one draws another graph.
    pub(super) fn name(&mut self, text: Cow<'de, str>, place: Option<u32>) {
        let next = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        match self.refs.entry(text) {
            Entry::Vacant(entry) => {
                entry.insert(next);
                self.owners.push(Owner::Part(place));
            }
            Entry::Occupied(entry) => match self.owners.get_mut(index(*entry.get())) {
                Some(slot) if *slot == Owner::Nobody => *slot = Owner::Part(place),
                Some(_) | None => {
                    let name = clip(entry.key());
                    self.problem(format!(
                        "the reference {name:?} is already taken; dependencies are those of the first"
                    ));
                }
            },
        }
    }

    /// Declares that a reference is the name of something that is no component.
    pub(super) fn name_other(&mut self, text: Cow<'de, str>) {
        let number = self.reference(text);
        if let Some(slot) = self.owners.get_mut(index(number))
            && *slot == Owner::Nobody
        {
            *slot = Owner::Other;
        }
    }

    /// `from` depends on `to`.
    ///
    /// # Errors
    /// [`SbomError::TooMany`] beyond [`MAX_EDGES`].
    pub(super) fn depend(&mut self, from: u32, to: u32) -> Result<(), SbomError> {
        push("dependencies", &mut self.edges, (from, to))
    }

    /// `outer` contains `inner`; forgotten where one of them is no component.
    ///
    /// # Errors
    /// [`SbomError::TooMany`] beyond [`MAX_EDGES`].
    pub(super) fn contain(&mut self, outer: u32, inner: u32) -> Result<(), SbomError> {
        push("containments", &mut self.containments, (outer, inner))
    }
}

fn push(
    what: &'static str,
    pairs: &mut Vec<(u32, u32)>,
    pair: (u32, u32),
) -> Result<(), SbomError> {
    if pairs.len() >= MAX_EDGES {
        return Err(SbomError::TooMany { what, limit: MAX_EDGES });
    }
    pairs.push(pair);
    Ok(())
}
