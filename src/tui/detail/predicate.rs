//! What a predicate says: its summary as rows, then the predicate as a tree.

use super::Outline;
use crate::{
    domain::{
        predicate::{Said, Summary, tree::Tree},
        sbom::is_sbom_type,
        statement::Statement,
    },
    tui::{
        mark::Mark,
        text::{bytes, count},
        theme::Role,
    },
};

/// Nested deeper, values are shown in one line.
const MAX_DEPTH: usize = 24;

/// The summary; `words` says whose word it is.
pub(super) fn summary(summary: &Summary, words: &str, role: Role, out: &mut Outline) {
    let name = summary.family.name().unwrap_or_else(|| "a type that is not known".into());
    out.open("Says", &format!("{name} · {words}"), true);
    if let Some(hollow) = &summary.hollow {
        out.marked(Mark::Warning, "nothing", hollow);
    }
    for row in summary.rows() {
        match &row.said {
            Said::Counts(counts) if counts.len() > 3 => {
                out.open(row.label, &count(counts.len(), "kind"), true);
                for (what, number) in counts {
                    out.leaf_as(what, &number.to_string(), role);
                }
                out.close();
            }
            said => out.leaf_as(row.label, &said.words(), role),
        }
    }
    if !summary.not_said.is_empty() && summary.hollow.is_none() {
        out.leaf_as("not said", &summary.not_said.join(", "), Role::Dim);
    }
    for odd in &summary.odd {
        out.marked(Mark::Warning, "odd", odd);
    }
    out.close();
}

/// The predicate itself. It was read when the piece was judged, so a frame never waits for it.
pub(super) fn document(statement: &Statement, role: Role, out: &mut Outline) {
    let summary = &statement.summary;
    let size = bytes(u64::try_from(summary.bytes).unwrap_or(u64::MAX));
    match &summary.tree {
        None if summary.bytes == 0 => out.leaf_as("predicate", "none", Role::Dim),
        None => out.leaf_as("predicate", &format!("{size}, not readable"), Role::Dim),
        Some(tree) => {
            if is_sbom_type(&statement.predicate_type) {
                let words = format!("an SBOM of {size}; 4 shows its components");
                out.leaf_as("document", &words, Role::Dim);
            }
            value("predicate", tree, role, 0, out);
        }
    }
}

fn value(label: &str, tree: &Tree, role: Role, depth: usize, out: &mut Outline) {
    match tree {
        Tree::Map { fields, left_out } if !fields.is_empty() && depth < MAX_DEPTH => {
            let words = format!("{{ {} }}", count(tree.len(), "field"));
            out.open(label, &words, (1..3).contains(&depth));
            for (name, inner) in fields {
                value(name, inner, role, depth + 1, out);
            }
            rest(*left_out, "field", out);
            out.close();
        }
        Tree::List { items, left_out } if !items.is_empty() && depth < MAX_DEPTH => {
            let words = format!("[ {} ]", count(tree.len(), "item"));
            out.open(label, &words, items.len() <= 8);
            for (number, inner) in items.iter().enumerate() {
                value(&format!("{number}"), inner, role, depth + 1, out);
            }
            rest(*left_out, "item", out);
            out.close();
        }
        Tree::Map { .. } if tree.is_empty() => out.leaf_as(label, "{}", role),
        Tree::Map { .. } => {
            let words = format!("{{ {} }}, not shown", count(tree.len(), "field"));
            out.leaf_as(label, &words, Role::Dim);
        }
        Tree::List { .. } if tree.is_empty() => out.leaf_as(label, "[]", role),
        Tree::List { .. } => {
            let words = format!("[ {} ], not shown", count(tree.len(), "item"));
            out.leaf_as(label, &words, Role::Dim);
        }
        Tree::Text(text) | Tree::Number(text) => out.leaf_as(label, text, role),
        Tree::Bool(flag) => out.leaf_as(label, if *flag { "true" } else { "false" }, role),
        Tree::Null => out.leaf_as(label, "null", Role::Dim),
    }
}

/// What was not kept is said where it would stand.
fn rest(left_out: usize, what: &str, out: &mut Outline) {
    if left_out > 0 {
        let words = format!("{} more are not shown", count(left_out, what));
        out.leaf_as("…", &words, Role::Warning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(predicate_type: &str, predicate: &str) -> Vec<super::super::Node> {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{predicate_type}","subject":[],"predicate":{predicate}}}"#
        );
        let statement = Statement::parse(text.as_bytes()).unwrap();
        let mut out = Outline::default();
        super::summary(&statement.summary, "observed only", Role::Dim, &mut out);
        document(&statement, Role::Dim, &mut out);
        out.finish()
    }

    #[test]
    fn the_summary_stands_above_the_tree_and_says_whose_word_it_is() {
        let nodes = outline(
            "https://slsa.dev/verification_summary/v1",
            r#"{"verifier":{"id":"v"},"verificationResult":"PASSED","verifiedLevels":["L2"],"policy":7}"#,
        );
        let row = |label: &str| nodes.iter().position(|n| n.label == label).unwrap();
        assert!(nodes[0].value.contains("observed only"), "{}", nodes[0].value);
        assert_eq!(nodes[row("levels")].value, "L2");
        assert_eq!(nodes[row("levels")].role, Role::Dim);
        assert!(nodes[row("not said")].value.contains("policy"));
        assert!(row("its result") < row("predicate") && row("predicate") < row("verifiedLevels"));
    }

    #[test]
    fn a_huge_predicate_is_a_short_tree_that_says_what_it_leaves_out() {
        let list = format!("[{}{{}}]", "{\"a\":1},".repeat(200_000));
        for (predicate_type, predicate) in [
            ("https://example.test/any", format!(r#"{{"list":{list}}}"#)),
            ("https://cyclonedx.org/bom", format!(r#"{{"bomFormat":"x","components":{list}}}"#)),
        ] {
            let nodes = outline(predicate_type, &predicate);
            assert!(nodes.len() < 5_000, "{}", nodes.len());
            let told = nodes.iter().any(|n| n.value.contains("200001 items"));
            assert!(told, "{predicate_type}");
            assert!(nodes.iter().any(|n| n.value.contains("not shown")), "{predicate_type}");
        }
    }
}
