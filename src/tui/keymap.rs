//! One table of keys. What a key does, what the help says and what the bottom line offers come
//! from the same row.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "every action has its sentence in TABLE")]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Left,
    Right,
    Enter,
    NextFocus,
    PreviousFocus,
    Back,
    Open,
    Overview,
    Signatures,
    Attestations,
    Sbom,
    Image,
    Decision,
    Trace,
    Search,
    NextHit,
    PreviousHit,
    NextSbom,
    Arrange,
    ArrangeBy,
    Raw,
    Mark,
    Compare,
    Releases,
    Stop,
    CopyPurl,
    Export,
    Attachments,
    Pin,
    Write,
    CopyFlags,
    Retry,
    CheckAgain,
    Accept,
    Complete,
    QueryBefore,
    QueryAfter,
    DeleteWord,
    ClearField,
    Help,
    Quit,
    Interrupt,
}

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// The first screen, outside its field.
    Home,
    /// Registries, repositories and tags.
    Browser,
    /// The rows of one release.
    Overview,
    /// Signatures or attestations.
    Pieces,
    /// The components.
    Sbom,
    /// What changed from one SBOM to another.
    Compared,
    /// The same question to every release.
    Releases,
    /// Index, platforms, labels.
    Image,
    /// The digest and the proved signer, written for what enforces them.
    Decision,
    /// What is known of the selected row.
    Detail,
    /// The field that takes a target.
    Field,
    /// The field that takes what is searched for.
    Search,
    /// The field that takes the file into which an SBOM is written.
    Export,
    /// A question.
    Dialog,
    /// An alarm, or a wait that can only be left.
    Alarm,
    /// The list of keys.
    Help,
}

impl Context {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 16] = [
        Self::Home,
        Self::Browser,
        Self::Overview,
        Self::Pieces,
        Self::Sbom,
        Self::Compared,
        Self::Releases,
        Self::Image,
        Self::Decision,
        Self::Detail,
        Self::Field,
        Self::Search,
        Self::Export,
        Self::Dialog,
        Self::Alarm,
        Self::Help,
    ];

    /// The heading in the help.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Browser => "Tags",
            Self::Overview => "Overview",
            Self::Pieces => "Signatures, attestations",
            Self::Sbom => "SBOM",
            Self::Compared => "SBOMs compared",
            Self::Releases => "In every release",
            Self::Image => "Image, trace",
            Self::Decision => "Pins, policies",
            Self::Detail => "Details",
            Self::Field => "In the field",
            Self::Search => "While searching",
            Self::Export => "While naming a file",
            Self::Dialog => "In a question",
            Self::Alarm => "In an alarm",
            Self::Help => "Here",
        }
    }
}

/// A key, with Control or without; Shift is in the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// With Control.
    pub control: bool,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What is asked for.
    pub action: Action,
    /// By which keys.
    pub keys: &'static [Key],
    /// Where.
    pub contexts: &'static [Context],
    /// For the bottom line; empty when it is not offered there.
    pub hint: &'static str,
    /// For the help.
    pub doc: &'static str,
}

const fn key(code: KeyCode) -> Key {
    Key { code, control: false }
}
const fn letter(c: char) -> Key {
    key(KeyCode::Char(c))
}
const fn control(c: char) -> Key {
    Key { code: KeyCode::Char(c), control: true }
}

use Context::{
    Alarm, Browser, Compared, Decision, Detail, Dialog, Field, Help, Home, Image, Overview, Pieces,
    Releases, Sbom,
};
const LISTS: &[Context] = &[
    Home, Browser, Overview, Pieces, Sbom, Compared, Releases, Image, Decision, Detail, Dialog,
    Help,
];
const WORK: &[Context] =
    &[Browser, Overview, Pieces, Sbom, Compared, Releases, Image, Decision, Detail];
const PANES: &[Context] = &[Overview, Pieces, Image, Decision];
const FOLDS: &[Context] = &[Browser, Sbom, Detail];
const FREE: &[Context] =
    &[Home, Browser, Overview, Pieces, Sbom, Compared, Releases, Image, Decision, Detail];
const ANYWHERE: &[Context] = &[
    Home,
    Browser,
    Overview,
    Pieces,
    Sbom,
    Releases,
    Image,
    Decision,
    Detail,
    Context::Search,
    Context::Export,
    Dialog,
    Alarm,
    Help,
];

const fn row(
    action: Action,
    keys: &'static [Key],
    contexts: &'static [Context],
    hint: &'static str,
    doc: &'static str,
) -> Binding {
    Binding { action, keys, contexts, hint, doc }
}

/// Every key of the program.
#[rustfmt::skip]
pub const TABLE: &[Binding] = &[
    row(Action::Up, &[key(KeyCode::Up), letter('k')], LISTS, "", "one row up"),
    row(Action::Down, &[key(KeyCode::Down), letter('j')], LISTS, "", "one row down"),
    row(Action::PageUp, &[key(KeyCode::PageUp), control('u')], LISTS, "", "one screen up"),
    row(Action::PageDown, &[key(KeyCode::PageDown), control('d')], LISTS, "", "one screen down"),
    row(Action::Top, &[key(KeyCode::Home), letter('g')], LISTS, "", "to the first row"),
    row(Action::Bottom, &[key(KeyCode::End), letter('G')], LISTS, "", "to the last row"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Browser], "open", "open the tag, or fold and unfold"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Home], "open", "open what is selected"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Overview], "go there", "show the signature, SBOM or platform of the row"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Decision], "", "read the whole text"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Pieces], "details", "read the details of the row"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Image], "open", "open the image of a chart, or read the details of the row"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Sbom, Detail], "fold", "fold or unfold"),
    row(Action::Right, &[key(KeyCode::Right), letter('l')], FOLDS, "", "unfold, or go on to what is inside"),
    row(Action::Right, &[key(KeyCode::Right), letter('l')], PANES, "", "to the details"),
    row(Action::Left, &[key(KeyCode::Left), letter('h')], FOLDS, "", "fold, or go back"),
    row(Action::Left, &[key(KeyCode::Left), letter('h')], PANES, "", "back to the tags"),
    row(Action::Pin, &[letter('y')], &[Overview], "pin", "copy name:tag@digest, after asking where the tag points now"),
    row(Action::Pin, &[letter('y')], &[Browser, Pieces, Sbom, Compared, Releases, Image, Detail], "", "copy the pin of the open release"),
    row(Action::Pin, &[letter('y')], &[Decision], "copy", "copy the form; of a pin after asking where the tag points now"),
    row(Action::Write, &[letter('w')], &[Decision], "write", "write the policy into a new file, or the pin into a file that names the image"),
    row(Action::CopyFlags, &[letter('c')], &[Overview, Pieces], "copy flags", "copy the flags that demand this signer, where the evidence holds"),
    row(Action::CopyFlags, &[letter('c')], &[Detail], "", "the same, of the row beside it"),
    row(Action::Search, &[letter('/')], &[Browser], "filter", "show only tags with these letters, or versions that fit: ^4, >=3.9 <5"),
    row(Action::Search, &[letter('/')], &[Sbom], "search", "show only components with these words"),
    row(Action::NextHit, &[letter('n')], &[Sbom], "next", "to the next component that was found"),
    row(Action::PreviousHit, &[letter('N')], &[Sbom], "", "to the one before"),
    row(Action::NextSbom, &[letter('s')], &[Sbom], "", "the next SBOM, where there are several"),
    row(Action::Arrange, &[letter('t')], &[Sbom], "arrange", "tree of dependencies, tree by nesting, list, or groups"),
    row(Action::ArrangeBy, &[letter('b')], &[Sbom], "", "by what the list is ordered, or what groups have in common"),
    row(Action::Raw, &[letter('v')], &[Sbom], "as written", "the component as it is written, byte for byte, and back"),
    row(Action::Export, &[letter('e')], &[Sbom], "export", "write the SBOM into a file, byte for byte as it is attested; or a part of it"),
    row(Action::Compare, &[letter('d')], &[Sbom], "compare", "put the SBOM aside; on another release's, what changed from the one to the other"),
    row(Action::Compare, &[letter('d')], &[Compared], "components", "back to the components"),
    row(Action::Releases, &[letter('w')], &[Sbom], "every release", "ask every release for what is searched for; without a search, for its SBOM"),
    row(Action::Releases, &[letter('w')], &[Releases], "components", "back to the components; the answers are kept"),
    row(Action::Stop, &[letter('x')], &[Releases], "stop", "ask no more releases; what has answered stays"),
    row(Action::Retry, &[letter('r')], &[Releases], "retry", "ask those again of which it is not known"),
    row(Action::Enter, &[key(KeyCode::Enter)], &[Releases], "open", "open that release's SBOM, with the same search"),
    row(Action::NextSbom, &[letter('s')], &[Compared], "turn round", "the newer one becomes the older one"),
    row(Action::Export, &[letter('e')], &[Detail], "", "the same as in the SBOM: write it"),
    row(Action::Compare, &[letter('d')], &[Detail], "", "the same as in the SBOM: compare it"),
    row(Action::Releases, &[letter('w')], &[Detail], "", "the same as in the SBOM: ask every release"),
    row(Action::Mark, &[letter(' ')], &[Sbom], "", "mark the component, or a group of them, for the export; and back"),
    row(Action::CopyPurl, &[letter('c')], &[Sbom], "", "copy the package URL of the component"),
    row(Action::Attachments, &[letter('a')], &[Browser], "", "show or hide tags of signatures and other attached material"),
    row(Action::NextFocus, &[key(KeyCode::Tab)], WORK, "pane", "to the next part of the screen"),
    row(Action::PreviousFocus, &[key(KeyCode::BackTab)], WORK, "", "to the part before"),
    row(Action::Overview, &[letter('1')], WORK, "", "Overview: one row for every check"),
    row(Action::Signatures, &[letter('2')], WORK, "", "Signatures: steps, claims, log entries"),
    row(Action::Attestations, &[letter('3')], WORK, "", "Attestations: statements, decoded"),
    row(Action::Sbom, &[letter('4')], WORK, "", "SBOM: components and what they depend on"),
    row(Action::Image, &[letter('5')], WORK, "", "Image: index, platforms, labels"),
    row(Action::Decision, &[letter('6'), letter('p')], WORK, "", "Pin: the digest and the proved signer, written for what enforces them"),
    row(Action::Trace, &[letter('9')], WORK, "", "Trace: every request, hit of the cache and wait"),
    row(Action::Retry, &[letter('r')], &[Browser], "retry", "ask again where the tag points, and try what is undecided again"),
    row(Action::Retry, &[letter('r')], &[Overview, Pieces, Sbom, Compared, Image, Decision, Detail], "retry", "try what is undecided again"),
    row(Action::CheckAgain, &[letter('R')], WORK, "", "forget everything of this release and check it again"),
    row(Action::Open, &[letter('o'), letter(':')], FREE, "go to", "name another target"),
    row(Action::Accept, &[key(KeyCode::Enter)], &[Field], "open", "open what is written, or the selected row"),
    row(Action::Accept, &[key(KeyCode::Enter)], &[Context::Search], "keep", "keep what was found"),
    row(Action::Complete, &[key(KeyCode::Tab)], &[Field], "complete", "complete from what was seen"),
    row(Action::Accept, &[key(KeyCode::Enter)], &[Context::Export], "write", "write it: a new file, or after a look at what would change in one"),
    row(Action::Complete, &[key(KeyCode::Tab)], &[Context::Export], "what", "of an SBOM: the document, components, what is below the row, or licences"),
    row(Action::QueryBefore, &[control('p')], &[Context::Search], "", "what was searched for before"),
    row(Action::QueryAfter, &[control('n')], &[Context::Search], "", "what was searched for after that"),
    row(Action::DeleteWord, &[control('w')], &[Field, Context::Search, Context::Export], "", "delete the word before the cursor"),
    row(Action::ClearField, &[control('u')], &[Field, Context::Search, Context::Export], "", "delete everything"),
    row(Action::Accept, &[letter('y')], &[Dialog], "yes", "yes, do it"),
    row(Action::Back, &[key(KeyCode::Esc)], &[Field, Context::Search, Context::Export, Dialog, Help], "back", "leave it"),
    row(Action::Back, &[key(KeyCode::Esc), key(KeyCode::Enter)], &[Alarm], "back", "leave it"),
    row(Action::Back, &[key(KeyCode::Esc)], WORK, "back to the chart", "one step back; from an image of a chart to the chart"),
    row(Action::Back, &[key(KeyCode::Esc)], &[Home], "", "one step back"),
    row(Action::Help, &[letter('?')], &[Home, Browser, Overview, Pieces, Sbom, Compared, Releases, Image, Decision, Detail, Help], "keys", "this list of keys"),
    row(Action::Help, &[key(KeyCode::F(1))], &[Home, Browser, Overview, Pieces, Sbom, Compared, Releases, Image, Decision, Detail, Help], "", "the same"),
    row(Action::Help, &[key(KeyCode::F(1))], &[Field, Context::Search, Context::Export], "keys", "this list of keys; ? too, in an empty field for a target"),
    row(Action::Quit, &[letter('q')], &[Home, Browser, Overview, Pieces, Sbom, Compared, Releases, Image, Decision, Detail, Dialog, Alarm, Help], "quit", "end the program"),
    row(Action::Interrupt, &[control('c')], &[Field], "quit", "end the program"),
    row(Action::Interrupt, &[control('c')], ANYWHERE, "", "end the program, whatever it is doing"),
];

/// What `event` asks for in `context`.
pub fn action(context: Context, event: &KeyEvent) -> Option<Action> {
    let pressed =
        Key { code: event.code, control: event.modifiers.contains(KeyModifiers::CONTROL) };
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let fits = |b: &&Binding| b.contexts.contains(&context) && b.keys.contains(&pressed);
    TABLE.iter().find(fits).map(|b| b.action)
}

/// The bindings of one context, in the order of the table.
pub fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(move |b| b.contexts.contains(&context))
}

impl Key {
    /// How the key is written on the screen.
    pub fn words(self) -> String {
        let name = match self.code {
            KeyCode::Up => "↑".into(),
            KeyCode::Down => "↓".into(),
            KeyCode::Left => "←".into(),
            KeyCode::Right => "→".into(),
            KeyCode::PageUp => "PgUp".into(),
            KeyCode::PageDown => "PgDn".into(),
            KeyCode::Home => "Home".into(),
            KeyCode::End => "End".into(),
            KeyCode::Enter => "Enter".into(),
            KeyCode::Tab => "Tab".into(),
            KeyCode::BackTab => "Shift-Tab".into(),
            KeyCode::Esc => "Esc".into(),
            KeyCode::Char(' ') => "Space".into(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::F(n) => format!("F{n}"),
            other => format!("{other:?}"),
        };
        if self.control { format!("^{name}") } else { name }
    }
}

impl Binding {
    /// All its keys: `↑ k`.
    pub fn keys_words(&self) -> String {
        let each: Vec<String> = self.keys.iter().map(|k| k.words()).collect();
        each.join(" ")
    }
}
