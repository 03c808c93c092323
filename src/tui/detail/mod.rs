//! What is known of one row, as a tree that folds.

mod attached;
mod change;
mod chart;
mod check;
mod decision;
mod image;
mod json;
mod piece;
mod policy;
mod predicate;
mod release;
mod sbom;

use std::collections::BTreeMap;

use super::{
    cursor::Cursor,
    mark::{MARK_COLUMNS, Mark},
    panes::{Key, browser, empty},
    state::{Focus, Pane, State},
    text::{cells, columns, shown, wrap},
    theme::Role,
};

/// The most rows of one tree; what is over it is said, not shown.
const MAX_NODES: usize = 4000;
/// The most lines that one value is wrapped to.
const MAX_LINES: usize = 12;
/// The columns that a value gets in any case.
const LEAST_VALUE: u16 = 20;
/// The widest column of labels where there is little room, and where there is much.
const LABEL: u16 = 32;
const MAX_LABEL: u16 = 40;

/// One row of the tree; all text in it is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// How deep it lies.
    pub depth: u16,
    /// Where it lies, for what is folded.
    pub path: String,
    /// How it stands.
    pub mark: Option<Mark>,
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
    /// How the value is drawn.
    pub role: Role,
    /// Whether something lies below it.
    pub parent: bool,
    /// Whether that is shown as long as nobody folds it.
    pub unfolded: bool,
    /// Columns of the widest label beside it.
    pub label_columns: u16,
    /// Whether the mark stands before the label: where all rows beside it have one.
    pub mark_first: bool,
}

/// The tree that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// What it is of.
    pub of: Option<(Pane, Key, u64)>,
    /// Its heading; harmless.
    pub title: String,
    /// All rows, also those that are folded away.
    pub nodes: Vec<Node>,
    /// What somebody folded or unfolded, by path.
    pub folds: BTreeMap<String, bool>,
    /// Selected among the rows that are shown; the offset counts lines.
    pub cursor: Cursor,
}

/// One line on the screen: the row, and which line of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The row.
    pub node: &'a Node,
    /// Its place among the rows that are shown.
    pub index: usize,
    /// Whether it is the first line of the row.
    pub first: bool,
    /// The part of the value that stands on this line.
    pub value: String,
}

impl Node {
    /// The column at which the value starts, in a tree of that width.
    pub fn value_column(&self, width: u16) -> u16 {
        let mark = if self.mark.is_some() { MARK_COLUMNS } else { 0 };
        let label = self.label_columns.min(LABEL.max(width.saturating_mul(2) / 5));
        let label = if label == 0 { 0 } else { label + 2 };
        // Labels are short and few, values wrap: the label gives way last.
        let most = (width / 2).max(width.saturating_sub(LEAST_VALUE));
        (self.label_column() + mark + label).min(most)
    }

    /// The column at which mark and label start.
    pub const fn label_column(&self) -> u16 {
        self.depth * 2 + 3
    }
}

impl Detail {
    /// Whether what lies below `node` is shown.
    pub fn is_unfolded(&self, node: &Node) -> bool {
        self.folds.get(&node.path).copied().unwrap_or(node.unfolded)
    }

    /// The rows that are shown.
    pub fn visible(&self) -> Vec<&Node> {
        let mut hidden_below = None;
        let mut visible = Vec::new();
        for node in &self.nodes {
            if hidden_below.is_some_and(|depth| node.depth > depth) {
                continue;
            }
            hidden_below = (node.parent && !self.is_unfolded(node)).then_some(node.depth);
            visible.push(node);
        }
        visible
    }

    /// The lines that are drawn in a tree of that width.
    pub fn lines(&self, width: u16) -> Vec<Line<'_>> {
        let visible = self.visible();
        let mut lines = Vec::with_capacity(visible.len());
        for (index, node) in visible.into_iter().enumerate() {
            let room = width.saturating_sub(node.value_column(width));
            let fits = node.value.len() <= usize::from(room);
            // What goes on below keeps a blank before the line around it.
            let room = room.saturating_sub(1);
            let values =
                if fits { vec![node.value.clone()] } else { wrap(&node.value, room, MAX_LINES) };
            let each = values.into_iter().enumerate();
            lines.extend(each.map(|(i, value)| Line { node, index, first: i == 0, value }));
        }
        lines
    }

    /// Brings the selected row into the lines that are drawn.
    pub fn settle(&mut self, width: u16, height: usize) {
        let last = self.visible().len().saturating_sub(1);
        self.cursor.selected = self.cursor.selected.min(last);
        let lines = self.lines(width);
        let of = |line: &Line<'_>| line.index == self.cursor.selected;
        let (first, end, len) = (
            lines.iter().position(of).unwrap_or(0),
            lines.iter().rposition(of).map_or(0, |i| i + 1),
            lines.len(),
        );
        drop(lines);
        let offset = &mut self.cursor.offset;
        *offset = (*offset).min(len.saturating_sub(height)).max(end.saturating_sub(height));
        *offset = (*offset).min(first);
    }

    /// Folds or unfolds the selected row; `None`: the other way round. Says whether it changed.
    pub fn fold(&mut self, unfold: Option<bool>) -> bool {
        let Some((path, parent, now)) = self
            .visible()
            .get(self.cursor.selected)
            .map(|n| (n.path.clone(), n.parent, self.is_unfolded(n)))
        else {
            return false;
        };
        let wanted = unfold.unwrap_or(!now);
        if !parent || wanted == now {
            return false;
        }
        self.folds.insert(path, wanted);
        true
    }

    /// Selects the row above which the selected one lies; says whether there is one.
    pub fn to_parent(&mut self) -> bool {
        let visible = self.visible();
        let Some(here) = visible.get(self.cursor.selected) else { return false };
        let above = visible.iter().take(self.cursor.selected);
        let Some(parent) = above.clone().rposition(|n| n.depth < here.depth) else { return false };
        self.cursor.selected = parent;
        true
    }
}

/// A tree in the making; every text that is put in is made harmless.
#[derive(Debug, Default)]
pub struct Outline {
    nodes: Vec<Node>,
    path: Vec<String>,
    left_out: usize,
}

impl Outline {
    fn push(&mut self, label: &str, value: &str) -> Option<&mut Node> {
        if self.nodes.len() >= MAX_NODES {
            self.left_out += 1;
            return None;
        }
        let label = shown(label);
        let mut path = self.path.join("/");
        path.push('/');
        path.push_str(&label);
        self.nodes.push(Node {
            depth: cells(self.path.len()),
            path,
            mark: None,
            label,
            value: shown(value),
            role: Role::Text,
            parent: false,
            unfolded: true,
            label_columns: 0,
            mark_first: false,
        });
        self.nodes.last_mut()
    }

    /// One row.
    pub fn leaf(&mut self, label: &str, value: &str) {
        self.push(label, value);
    }

    /// One row, if there is something to say.
    pub fn leaf_if(&mut self, label: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(label, value);
        }
    }

    /// One row in a role.
    pub fn leaf_as(&mut self, label: &str, value: &str, role: Role) {
        if let Some(node) = self.push(label, value) {
            node.role = role;
        }
    }

    /// One row with a mark and its word.
    pub fn marked(&mut self, mark: Mark, label: &str, value: &str) {
        if let Some(node) = self.push(label, value) {
            node.mark = Some(mark);
        }
    }

    /// A row under which others lie, until [`Self::close`].
    pub fn open(&mut self, label: &str, value: &str, unfolded: bool) {
        if let Some(node) = self.push(label, value) {
            (node.parent, node.unfolded, node.role) = (true, unfolded, Role::Dim);
        }
        self.path.push(shown(label));
    }

    /// Ends what [`Self::open`] began.
    pub fn close(&mut self) {
        self.path.pop();
    }

    /// The tree, with its columns aligned.
    pub fn finish(mut self) -> Vec<Node> {
        if self.left_out > 0 {
            let (left_out, depth) = (self.left_out, 0);
            self.nodes.pop();
            self.left_out = 0;
            self.path.truncate(depth);
            self.leaf_as("…", &format!("{} more rows are not shown", left_out + 1), Role::Warning);
        }
        align(&mut self.nodes);
        self.nodes
    }
}

/// Rows that lie side by side get one column of labels, and their marks stand in one column.
fn align(nodes: &mut [Node]) {
    // For every depth the rows of the group that is open there.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for i in 0..nodes.len() {
        let depth = usize::from(nodes[i].depth);
        for group in groups.drain((depth + 1).min(groups.len())..) {
            align_group(&group, nodes);
        }
        groups.resize_with(groups.len().max(depth + 1), Vec::new);
        groups[depth].push(i);
    }
    for group in groups {
        align_group(&group, nodes);
    }
}

fn align_group(group: &[usize], nodes: &mut [Node]) {
    let leaves = || group.iter().map(|i| &nodes[*i]).filter(|node| !node.parent);
    let widest = leaves().map(|node| columns(&node.label)).max().unwrap_or(0);
    let all_marked = leaves().all(|node| node.mark.is_some());
    for i in group {
        let node = &mut nodes[*i];
        let own = columns(&node.label);
        node.label_columns = if node.parent { own.max(widest) } else { widest }.min(MAX_LABEL);
        node.mark_first = all_marked;
    }
}

/// Builds the tree of the selected row anew if it is of another one, or more was learnt.
pub fn refresh(state: &mut State) {
    let generation = state.slot().map_or(0, |slot| slot.generation);
    let nothing = || state.slot().map(|_| Key::Nothing);
    // What stops a list is longer than its row.
    let trouble = (state.focus == Focus::Browser).then(|| browser::trouble(state)).flatten();
    let key = trouble.map(Key::Note).or_else(|| super::panes::selected(state)).or_else(nothing);
    let of = key.map(|key| (state.pane, key, generation));
    if of == state.detail.of {
        return;
    }
    let same_row = match (&of, &state.detail.of) {
        (Some((pane, key, _)), Some((old_pane, old_key, _))) => pane == old_pane && key == old_key,
        _ => false,
    };
    let mut out = Outline::default();
    let title = of.as_ref().map(|(_, key, _)| build(state, key, &mut out)).unwrap_or_default();
    state.detail.title = shown(&title);
    state.detail.nodes = out.finish();
    state.detail.of = of;
    if !same_row {
        state.detail.cursor = Cursor::default();
    }
}

/// A pane without rows: why, and what would stand there.
fn nothing(state: &State, out: &mut Outline) -> String {
    let (mark, why) = empty::why(state);
    match mark {
        Some(mark) => out.marked(mark, "here", &why),
        None => out.leaf("here", &why),
    }
    out.leaf_as("this pane", empty::about(state.pane), Role::Dim);
    state.pane.word().to_owned()
}

/// Fills the tree of one row and names it.
fn build(state: &State, key: &Key, out: &mut Outline) -> String {
    if let Key::Record(number) = key {
        return super::panes::trace::detail(state, *number, out);
    }
    if let Key::Note(words) = key {
        out.leaf_as("", words, Role::Dim);
        return "Not known".into();
    }
    let Some(slot) = state.slot() else { return String::new() };
    match key {
        Key::Heading(_) | Key::Record(_) | Key::Note(_) => String::new(),
        Key::Nothing => nothing(state, out),
        Key::Verdict => check::verdict(slot, out),
        Key::Check(id) => check::check(slot, id, out),
        Key::Waiting(kind) => check::waiting(*kind, out),
        Key::Warning(number) => check::warning(slot, *number, out),
        Key::Signer(id, number) => piece::signer(slot, id, *number, out),
        Key::Suggestion(id, number) => piece::suggestion(slot, id, *number, out),
        Key::Piece(id, number) => piece::piece(slot, id, *number, state.pane, out),
        Key::Component(place) => sbom::component(state, *place, out),
        Key::RawComponent(place) => sbom::raw(state, *place, out),
        Key::Group(number) => sbom::group(state, *number, out),
        Key::Change(..) => change::change(state, out),
        Key::Release(tag, _) => release::release(state, tag, out),
        Key::Written(number) => decision::written(state, *number, out),
        Key::Index => image::index(slot, out),
        Key::Platform(digest) => image::platform(slot, digest, out),
        Key::ChartImage(number) => chart::image(slot, *number, out),
    }
}
