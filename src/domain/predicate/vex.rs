//! OpenVEX: how vulnerabilities matter to a product.
//!
//! Source: OpenVEX specification v0.2.0.

use super::{
    read::Reader,
    row::{Rows, Speaks, joined, plural, short},
    tree::Tree,
};

/// The most vulnerabilities that are named for one status.
const MAX_NAMED: usize = 12;

/// An OpenVEX document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vex {
    /// `@id`.
    pub id: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The document's version.
    pub version: Option<String>,
    /// When, as it is written; nobody authenticates it.
    pub timestamp: Option<String>,
    /// How many statements.
    pub statements: Option<u64>,
    /// How many of each status, in the order in which they occur.
    pub by_status: Vec<(String, u64)>,
    /// The vulnerabilities that affect or are under investigation, by name, the first ones.
    pub open: Vec<String>,
}

impl Vex {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let list = from.list(&["statements"]);
        let (mut by_status, mut open) = (vec![], vec![]);
        for (place, statement) in list.map(Tree::items).unwrap_or_default().iter().enumerate() {
            let status = statement.get("status");
            let status =
                status.and_then(|s| from.text_of(s, &format!("statements[{place}].status")));
            let Some(status) = status else {
                from.odd(format!("statements[{place}] has no status"));
                continue;
            };
            if matches!(status.as_str(), "affected" | "under_investigation")
                && open.len() < MAX_NAMED
            {
                open.extend(vulnerability(statement));
            }
            super::row::add(&mut by_status, &status);
        }
        let cut = list.map_or(0, |l| l.len().saturating_sub(l.items().len()));
        if cut > 0 {
            from.odd(format!("{cut} more statements were not read"));
        }
        let statements = list.map(|l| super::read::number(l.len()));
        let author = from.text(&["author"]);
        Self {
            id: from.text(&["@id"]),
            author: from.expect("author", author),
            version: from.text(&["version"]),
            timestamp: from.text(&["timestamp"]),
            statements: from.expect("statements", statements),
            by_status,
            open,
        }
    }
}

/// The name: an object since v0.2.0, a text before.
fn vulnerability(statement: &Tree) -> Option<String> {
    let named = statement.get("vulnerability")?;
    let inside = || named.get("name").or_else(|| named.get("@id")).and_then(Tree::text);
    named.text().or_else(inside).map(str::to_owned)
}

impl Speaks for Vex {
    fn rows(&self, rows: &mut Rows) {
        rows.text("author", "author", self.author.as_ref());
        rows.count("statements", "statements", self.statements);
        rows.counts("by_status", "by status", &self.by_status);
        rows.texts("open", "open", &self.open);
        rows.text("timestamp", "made, it says", self.timestamp.as_ref());
        rows.text("version", "version", self.version.as_ref());
        rows.text("id", "id", self.id.as_ref());
    }

    fn words(&self) -> String {
        let counts = super::row::counted(&self.by_status);
        joined([
            self.statements.map(|n| plural(n, "statement")),
            (!counts.is_empty()).then_some(counts),
            self.author.as_ref().map(|a| format!("by {}", short(a))),
        ])
    }
}
