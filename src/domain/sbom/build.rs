//! What the readers of all formats fill: components, references and problems, within limits.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt::Write as _,
    sync::Arc,
};

use super::{
    Component, Counts, MAX_COMPONENTS, MAX_EDGES, MAX_PROBLEMS, Problem, Sbom, SbomError,
    Text as Words,
    graph::{Lists, index},
    json::{Found, Text},
    search::Haystack,
    sniff::{clip, syntax},
};

/// Texts up to this many bytes are kept once however often they stand there.
const MAX_SHARED_BYTES: usize = 512;

/// Whose name a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// Nobody's so far.
    Nobody,
    /// A component's, or (`None`) the root's.
    Part(Option<u32>),
    /// Something that is no component: a service, a file.
    Other,
}

/// A document while it is read.
pub(super) struct Builder<'de> {
    pub(super) format: String,
    pub(super) tool: Option<String>,
    pub(super) created: Option<Words>,
    pub(super) root: Option<Component>,
    /// Where in the document the reader is, for problems.
    pub(super) path: Vec<Step>,
    components: Vec<Component>,
    /// Nesting: the one that contains, the one inside.
    nested: Vec<(Option<u32>, u32)>,
    refs: HashMap<Cow<'de, str>, u32>,
    owners: Vec<Owner>,
    /// Pairs of references.
    edges: Vec<(u32, u32)>,
    containments: Vec<(u32, u32)>,
    shared: HashSet<Words>,
    problems: Vec<Problem>,
    not_listed: usize,
    stop: Option<SbomError>,
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
    pub(super) fn new(format: String) -> Self {
        Self {
            format,
            tool: None,
            created: None,
            root: None,
            path: Vec::new(),
            components: Vec::new(),
            nested: Vec::new(),
            refs: HashMap::new(),
            owners: Vec::new(),
            edges: Vec::new(),
            containments: Vec::new(),
            shared: HashSet::new(),
            problems: Vec::new(),
            not_listed: 0,
            stop: None,
        }
    }

    /// Notes a problem at the current position.
    pub(super) fn problem(&mut self, message: impl Into<String>) {
        if self.problems.len() >= MAX_PROBLEMS {
            self.not_listed = self.not_listed.saturating_add(1);
            return;
        }
        let position = self.position();
        self.problems.push(Problem { position, message: message.into() });
    }

    fn position(&self) -> String {
        let mut position = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) if position.is_empty() => position.push_str(name),
                // Writing to a String cannot fail.
                Step::Member(name) => drop(write!(position, ".{name}")),
                Step::Element(index) => drop(write!(position, "[{index}]")),
            }
        }
        position
    }

    /// Does something one step further inside.
    pub(super) fn at<T>(&mut self, step: Step, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let answer = inside(self);
        self.path.pop();
        answer
    }

    /// Ends the reading with an error that the parser cannot express; the text is never seen.
    pub(super) fn give_up(&mut self, error: SbomError) -> &'static str {
        self.stop = Some(error);
        "stopped"
    }

    /// The error behind a refusal of the JSON parser.
    pub(super) fn refusal(&mut self, error: &serde_json::Error) -> SbomError {
        self.stop.take().unwrap_or_else(|| syntax(error))
    }

    /// Notes that a member is not what it should be.
    pub(super) fn expect(&mut self, member: &'static str, wanted: &str, found: Found) {
        match found {
            Found::Wanted | Found::Null => {}
            Found::Other(other) => self.at(Step::Member(member), |b| {
                b.problem(format!("{other} instead of {wanted}; not read"));
            }),
        }
    }

    /// The text of a member, with a problem where it is no string.
    pub(super) fn said(&mut self, member: &'static str, text: Text<'de>) -> Option<Cow<'de, str>> {
        let problem = match &text {
            Text::Is(_) | Text::Missing => None,
            Text::Number(number) => Some(format!("a number instead of a string; read as {number}")),
            Text::Not(other) => Some(format!("{other} instead of a string; not read")),
        };
        if let Some(message) = problem {
            self.at(Step::Member(member), |b| b.problem(message));
        }
        text.said()
    }

    /// A text that often stands in the document more than once.
    pub(super) fn share(&mut self, text: Cow<'_, str>) -> Words {
        if text.len() > MAX_SHARED_BYTES {
            return Arc::from(text);
        }
        if let Some(known) = self.shared.get(text.as_ref()) {
            return Arc::clone(known);
        }
        let new: Words = Arc::from(text);
        self.shared.insert(Arc::clone(&new));
        new
    }

    /// A place for the next component.
    ///
    /// # Errors
    /// [`SbomError::TooMany`] beyond [`MAX_COMPONENTS`].
    pub(super) fn reserve(&mut self) -> Result<u32, SbomError> {
        if self.components.len() >= MAX_COMPONENTS {
            return Err(SbomError::TooMany { what: "components", limit: MAX_COMPONENTS });
        }
        let place = u32::try_from(self.components.len()).unwrap_or(u32::MAX);
        self.components.push(Component::default());
        Ok(place)
    }

    /// The component `inner` stands inside `outer` (`None`: the root).
    pub(super) fn nest(&mut self, outer: Option<u32>, inner: u32) {
        self.nested.push((outer, inner));
    }

    /// Fills a place: a component's, or (`None`) the root's.
    pub(super) fn fill(&mut self, place: Option<u32>, component: Component) {
        match place.map(index) {
            None => self.root = Some(component),
            Some(place) => {
                if let Some(slot) = self.components.get_mut(place) {
                    *slot = component;
                }
            }
        }
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
        let shown = clip(&text);
        let number = self.reference(text);
        if self.claim(number, Owner::Part(place)) {
            return;
        }
        self.problem(format!(
            "the reference {shown:?} is already taken; dependencies are those of the first"
        ));
    }

    /// Declares that a reference is the name of something that is no component.
    pub(super) fn name_other(&mut self, text: Cow<'de, str>) {
        let number = self.reference(text);
        self.claim(number, Owner::Other);
    }

    fn claim(&mut self, number: u32, owner: Owner) -> bool {
        match self.owners.get_mut(index(number)) {
            Some(slot) if *slot == Owner::Nobody => {
                *slot = owner;
                true
            }
            Some(_) | None => false,
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

    fn owner(&self, number: u32) -> Owner {
        self.owners.get(index(number)).copied().unwrap_or(Owner::Nobody)
    }

    /// The finished document. `dependencies` is where its edges stand, for problems.
    pub(super) fn finish(mut self, dependencies: &'static str) -> Sbom {
        let pairs = Lists::new(self.owners.len(), self.edges.iter().copied());
        self.edges = Vec::new();
        self.at(Step::Member(dependencies), |b| b.doubtful(&pairs));
        let nodes = self.components.len().saturating_add(1);
        let root = u32::try_from(self.components.len()).unwrap_or(u32::MAX);
        let of_root = if self.root.is_some() { root } else { u32::MAX };
        let node = |place: Option<u32>| place.unwrap_or(of_root);
        let place = |number| match self.owner(number) {
            Owner::Part(place) => node(place),
            Owner::Nobody | Owner::Other => u32::MAX,
        };
        // Lists::new drops what lies beyond the nodes: dangling and foreign references.
        let depends = Lists::new(nodes, pairs.pairs().map(|(from, to)| (place(from), place(to))));
        let dependents = Lists::new(nodes, depends.pairs().map(|(from, to)| (to, from)));
        let nested = self.nested.iter().map(|(outer, inner)| (node(*outer), *inner));
        let stated = self.containments.iter().map(|(a, b)| (place(*a), place(*b)));
        let contains = Lists::new(nodes, nested.chain(stated));
        let below = Lists::new(nodes, depends.pairs().chain(contains.pairs()));
        let counts = count(&self.components, pairs.len());
        if self.not_listed > 0 {
            let message = format!("{} more problems are not listed", self.not_listed);
            self.problems.push(Problem { position: String::new(), message });
        }
        Sbom {
            haystack: Haystack::new(&self.components),
            format: self.format,
            tool: self.tool,
            created: self.created,
            root: self.root,
            components: self.components,
            depends,
            dependents,
            contains,
            below,
            counts,
            problems: self.problems,
        }
    }

    /// Notes dependencies on nothing and on oneself.
    fn doubtful(&mut self, pairs: &Lists) {
        let dangling = |to: u32| self.owner(to) == Owner::Nobody;
        let doubtful: Vec<_> = pairs
            .pairs()
            .filter(|(from, to)| from == to || dangling(*from) || dangling(*to))
            .collect();
        if doubtful.is_empty() {
            return;
        }
        let mut names = vec![String::new(); self.owners.len()];
        for (text, number) in &self.refs {
            if let Some(slot) = names.get_mut(index(*number)) {
                *slot = clip(text);
            }
        }
        let name = |number: u32| names.get(index(number));
        for (from, to) in doubtful {
            let (Some(from_name), Some(to_name)) = (name(from), name(to)) else { continue };
            // A BOM-Link names a component of another document (CycloneDX 1.5, "BOM-Link").
            if to_name.starts_with("urn:cdx:") {
                continue;
            }
            let why = if from == to {
                "on itself".to_owned()
            } else if self.owner(to) == Owner::Nobody {
                format!("on {to_name:?}, which is not in the document")
            } else {
                format!("on {to_name:?}, but is not in the document itself")
            };
            self.problem(format!("{from_name:?} depends {why}"));
        }
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

fn count(components: &[Component], edges: usize) -> Counts {
    let purls: HashSet<&str> = components.iter().filter_map(|c| c.purl.as_deref()).collect();
    let licences: HashSet<&str> =
        components.iter().flat_map(|c| c.licences.iter().map(AsRef::as_ref)).collect();
    Counts { components: components.len(), edges, purls: purls.len(), licences: licences.len() }
}
