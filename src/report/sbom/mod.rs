//! What was found in an SBOM, for a terminal, a pipe, a spreadsheet, a page and for machines.
//!
//! Pure: components in, text out. Foreign text is harmless where it is going.

mod cells;
mod diff;
mod json;
mod taken;

use std::{borrow::Cow, collections::HashMap, fmt::Write as _};

use serde_json::value::RawValue;
use unicode_width::UnicodeWidthStr;

use crate::domain::{
    sbom::{Component, Sbom},
    text::one_line,
};

pub use diff::{changes, changes_json};
pub use json::{Section, of_document};
pub use taken::{About, Part, Taken, Written};

/// Columns up to which a table that is piped is aligned; what is longer stands out.
const MAX_ALIGNED: usize = 80;
/// The fewest columns of a terminal that are left to a cell.
const MIN_CELL: usize = 12;

/// The components of these numbers.
pub fn components<'a>(
    sbom: &'a Sbom,
    numbers: &'a [u32],
) -> impl Iterator<Item = Component<'a>> + Clone {
    numbers.iter().filter_map(|number| sbom.component(*number))
}

/// One line `name@version` for each, as `jq -r '"\(.name)@\(.version)"'` writes it: `null` where
/// there is no version. Only what a terminal obeys is escaped.
pub fn names<'a>(all: impl Iterator<Item = Component<'a>>) -> String {
    let mut out = String::new();
    for one in all {
        out.push_str(&one_line(one.name()));
        out.push('@');
        match one.version() {
            Some(version) => out.push_str(&one_line(version)),
            None => out.push_str(&one_line(&version_as_jq(one))),
        }
        out.push('\n');
    }
    out
}

/// jq tells an empty version from none, and prints one that is no text as it stands.
fn version_as_jq(one: Component<'_>) -> String {
    type Members<'a> = HashMap<Cow<'a, str>, &'a RawValue>;
    let members = one.raw().and_then(|raw| serde_json::from_str::<Members<'_>>(raw).ok());
    let version = members.and_then(|members| members.get("version").copied()).map(RawValue::get);
    let version = version.unwrap_or("null");
    serde_json::from_str(version).unwrap_or_else(|_| version.to_owned())
}

/// The name behind its group.
fn full_name(one: Component<'_>) -> String {
    match one.group() {
        Some(group) if !group.is_empty() => format!("{group}/{}", one.name()),
        _ => one.name().to_owned(),
    }
}

/// The cells of a component: name with its group, version, licences, purl.
fn row(one: Component<'_>) -> [String; 4] {
    let name = full_name(one);
    let licences: Vec<&str> = one.licences().collect();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [name, text(one.version()), licences.join(", "), text(one.purl())]
}

const HEADINGS: [&str; 4] = ["name", "version", "licences", "purl"];

/// How often each licence is stated, the most frequent first; `None`: by how many nothing is.
pub fn licence_counts<'a>(
    all: impl Iterator<Item = Component<'a>>,
) -> Vec<(Option<&'a str>, usize)> {
    let mut counts: HashMap<Option<&str>, usize> = HashMap::new();
    for one in all {
        let mut stated: Vec<&str> = one.licences().collect();
        // A component that states one twice, concluded and declared, has it once.
        stated.sort_unstable();
        stated.dedup();
        if stated.is_empty() {
            *counts.entry(None).or_default() += 1;
        }
        for licence in stated {
            *counts.entry(Some(licence)).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// A form of a table for people and their programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Aligned for a terminal of so many columns, or whole.
    Table(Option<usize>),
    /// RFC 4180.
    Csv,
    /// Markdown.
    Markdown,
}

/// The components in a table of that form.
pub fn list<'a>(all: impl Iterator<Item = Component<'a>>, form: Form) -> String {
    of_rows(&HEADINGS, all.map(|one| row(one).to_vec()).collect(), form)
}

/// The licences with their counts.
pub fn licences<'a>(all: impl Iterator<Item = Component<'a>>, form: Form) -> String {
    let rows = licence_counts(all)
        .into_iter()
        .map(|(licence, count)| [licence.unwrap_or("(none stated)").to_owned(), count.to_string()]);
    of_rows(&["licence", "components"], rows.map(Vec::from).collect(), form)
}

/// Rows under headings, in that form.
pub fn of_rows(headings: &[&str], rows: Vec<Vec<String>>, form: Form) -> String {
    match form {
        Form::Table(width) => aligned(headings, rows, width),
        Form::Csv => csv_of(headings, &rows),
        Form::Markdown => markdown_of(headings, &rows),
    }
}

fn csv_of(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!("{}\r\n", headings.join(","));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cells::csv(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn markdown_of(headings: &[&str], rows: &[Vec<String>]) -> String {
    let rule = vec!["---"; headings.len()].join(" | ");
    let mut out = format!("| {} |\n| {rule} |\n", headings.join(" | "));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cells::markdown(cell)).collect();
        // A String takes everything.
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

/// Columns of equal width under headings.
fn aligned(headings: &[&str], rows: Vec<Vec<String>>, width: Option<usize>) -> String {
    let mut columns: Vec<Vec<String>> = headings.iter().map(|h| vec![h.to_uppercase()]).collect();
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    let natural = |column: &[String]| column.iter().map(|c| c.width()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(|column| natural(column)).collect();
    let caps: Vec<Option<usize>> = match width {
        Some(width) => caps(&widths, width).into_iter().map(Some).collect(),
        None => vec![None; widths.len()],
    };
    let columns: Vec<Vec<String>> =
        columns.iter().zip(&caps).map(|(column, cap)| cells::distinct(column, *cap)).collect();
    let wide = columns.iter().zip(&caps);
    let widths: Vec<usize> =
        wide.map(|(column, cap)| natural(column).min(cap.unwrap_or(MAX_ALIGNED))).collect();
    let mut out = String::new();
    for at in 0..columns.first().map_or(0, Vec::len) {
        let mut line = String::new();
        for (column, width) in columns.iter().zip(&widths) {
            let cell = column.get(at).map(String::as_str).unwrap_or_default();
            line.push_str(cell);
            let blank = width.saturating_sub(cell.width()) + 2;
            line.extend(std::iter::repeat_n(' ', blank));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// How wide each column may be, so that all fit: the last one, which says most again, is shortened
/// first; then the widest.
fn caps(widths: &[usize], all: usize) -> Vec<usize> {
    let room = all.saturating_sub(2 * widths.len().saturating_sub(1));
    if let Some((_, others)) = widths.split_last() {
        let left = room.saturating_sub(others.iter().sum());
        if left >= MIN_CELL {
            return others.iter().copied().chain([left]).collect();
        }
    }
    let fits = |cap: usize| widths.iter().map(|width| (*width).min(cap)).sum::<usize>() <= room;
    let (mut low, mut high) = (MIN_CELL, all.max(MIN_CELL));
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    vec![low; widths.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Sbom {
        Sbom::parse(
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
            {"type":"library","name":"k8s.io/client-go","version":"v0.34.1","purl":"pkg:golang/k8s.io/client-go@v0.34.1","licenses":[{"license":{"id":"Apache-2.0"}}]},
            {"type":"library","group":"@evil","name":"client-go\u001b[2J","licenses":[{"license":{"id":"MIT"}},{"license":{"id":"MIT"}}]},
            {"type":"library","name":"=1+1","version":""},
            {"type":"library","name":"number","version":1.5}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn every_form_says_the_same_and_obeys_nobody() {
        let sbom = document();
        assert_eq!(
            names(sbom.components()),
            "k8s.io/client-go@v0.34.1\nclient-go\\x1b[2J@null\n=1+1@\nnumber@1.5\n"
        );
        assert_eq!(
            list(sbom.components(), Form::Table(None)),
            "NAME                    VERSION  LICENCES    PURL\n\
             k8s.io/client-go        v0.34.1  Apache-2.0  pkg:golang/k8s.io/client-go@v0.34.1\n\
             @evil/client-go\\x1b[2J           MIT\n\
             =1+1\n\
             number                  1.5\n"
        );
        let narrow = list(sbom.components(), Form::Table(Some(64)));
        assert!(narrow.lines().all(|line| line.width() <= 64), "{narrow}");
        assert!(
            narrow.contains("k8s.io/client-go     v0.34.1  Apache-2.0  pkg:golang/…"),
            "{narrow}"
        );
        let sheet = list(sbom.components(), Form::Csv);
        assert!(sheet.contains("\"'@evil/client-go\\x1b[2J\",\"\",\"MIT\",\"\"\r\n"), "{sheet}");
        assert!(sheet.contains("\"'=1+1\""), "{sheet}");
        let page = list(sbom.components(), Form::Markdown);
        assert!(page.contains("| &#64;evil/client-go\\\\x1b\\[2J |  | MIT |  |"), "{page}");
        assert_eq!(
            licences(sbom.components(), Form::Csv),
            "licence,components\r\n\"(none stated)\",\"2\"\r\n\"Apache-2.0\",\"1\"\r\n\"MIT\",\"1\"\r\n"
        );
    }

    #[test]
    fn a_name_of_megabytes_does_not_widen_every_row() {
        let rows = vec![vec!["x".repeat(1_000_000), "1".to_owned()], vec!["y".into(), "2".into()]];
        let whole = of_rows(&["name", "version"], rows.clone(), Form::Table(None));
        assert!(whole.len() < 1_000_300, "{}", whole.len());
        let shown = of_rows(&["name", "version"], rows, Form::Table(Some(80)));
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
    }
}
