//! What could not be taken as it stands, and whether something may be hidden behind it.

use std::{borrow::Cow, fmt::Write as _};

use super::{
    MAX_PROBLEMS, Sbom, SbomError,
    build::{Builder, Step},
    component::Record,
    json::{Found, Text},
    sniff::clip,
};

/// Something in the document that could not be taken as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `components[17].licenses`. Empty for the whole document.
    pub position: String,
    /// What is wrong and what was done about it. Quotes foreign text, cut to a line.
    pub message: String,
    /// Whether a component, or a text by which one is found, may stand in the document and is not
    /// among what was read. A dependency on nothing hides nothing; an entry that was skipped does.
    pub hides: bool,
}

impl Sbom {
    /// What could not be taken as it stands, at most [`MAX_PROBLEMS`] and a line for the rest.
    pub fn problems(&self) -> &[Problem] {
        &self.body.problems
    }

    /// Why there may be more in the document than was read: it breaks off, or a limit was reached.
    pub fn left_out(&self) -> Option<&SbomError> {
        self.body.left_out.as_ref()
    }

    /// How many places inside could not be read for what they say ([`Problem::hides`]).
    pub fn unread(&self) -> usize {
        self.body.unread
    }

    /// Why what is not found here may be in the document all the same. Holds foreign text.
    pub fn doubt(&self) -> Option<String> {
        match (self.left_out(), self.unread()) {
            (Some(why), _) => Some(format!("not read to its end: {why}")),
            (None, 0) => None,
            (None, 1) => Some("1 entry could not be read; it may be the one".to_owned()),
            (None, many) => {
                Some(format!("{many} entries could not be read; one of them may be it"))
            }
        }
    }
}

/// Members that only say what hangs on what: searched is nothing of them.
const ONLY_EDGES: [&str; 6] =
    ["services", "dependencies", "dependsOn", "relationships", "documentDescribes", "rootElement"];

impl<'de> Builder<'de> {
    /// Notes a problem at the current position that hides nothing.
    pub(super) fn problem(&mut self, message: impl Into<String>) {
        self.note(message.into(), false);
    }

    /// Notes a problem at the current position behind which a component may be hidden, or a text
    /// by which one would be found.
    pub(super) fn hides(&mut self, message: impl Into<String>) {
        self.unread = self.unread.saturating_add(1);
        self.note(message.into(), true);
    }

    fn note(&mut self, message: String, hides: bool) {
        if self.problems.len() >= MAX_PROBLEMS {
            self.not_listed = self.not_listed.saturating_add(1);
            return;
        }
        let position = self.position();
        self.problems.push(Problem { position, message, hides });
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

    /// Notes that the document says more than is shown, and why.
    pub(super) fn leave_out(&mut self, why: SbomError) {
        self.path.clear();
        self.note(format!("not everything was read: {why}"), true);
        self.left_out.get_or_insert(why);
    }

    /// Notes that a member is not what it should be.
    pub(super) fn expect(&mut self, member: &'static str, wanted: &str, found: Found) {
        match found {
            Found::Wanted | Found::Null => {}
            Found::Other(other) => self.at(Step::Member(member), |b| {
                b.note_if(
                    !ONLY_EDGES.contains(&member),
                    format!("{other} instead of {wanted}; not read"),
                );
            }),
        }
    }

    /// The text of a member, with a problem where it is no string.
    pub(super) fn said(&mut self, member: &'static str, text: Text<'de>) -> Option<Cow<'de, str>> {
        let problem = match &text {
            Text::Is(_) | Text::Missing => None,
            Text::Number(number) => {
                // `1.10` has become 1.1 by now.
                let changed = !number.bytes().all(|b| b.is_ascii_digit());
                Some((changed, format!("a number instead of a string; read as {number}")))
            }
            Text::Not(other) => Some((true, format!("{other} instead of a string; not read"))),
        };
        if let Some((hides, message)) = problem {
            let hides = hides && !ONLY_EDGES.contains(&member);
            self.at(Step::Member(member), |b| b.note_if(hides, message));
        }
        text.said()
    }

    /// Notes that a component says one version and its purl another.
    pub(super) fn contradicted(&mut self, record: Record) {
        let said = |span| self.spans.get(span).map(clip).unwrap_or_default();
        let (name, version) = (said(record.name), said(record.version));
        let purl = said(record.purl);
        self.problem(format!(
            "{name:?}: its version is {version:?} and its purl {purl:?}; neither alone decides"
        ));
    }

    /// Notes where a document says what it is made of in files alone, which are not read: that no
    /// package is in it says nothing then.
    pub(super) fn only_files(&mut self) {
        if self.is_empty() && self.files > 0 {
            self.hides(format!("no packages, but {} files; files are not read", self.files));
        }
    }

    /// [`Self::hides`] or [`Self::problem`].
    pub(super) fn note_if(&mut self, hides: bool, message: impl Into<String>) {
        if hides {
            self.hides(message);
        } else {
            self.problem(message);
        }
    }

    /// Notes where a component has no name: what else says which one it is would be found.
    pub(super) fn named(&mut self, record: &Record, what: &str) {
        if !record.name.is_some() {
            let hides = !record.purl.is_some() && !record.cpe.is_some();
            self.note_if(hides, format!("{what} without a name"));
        }
    }
}
