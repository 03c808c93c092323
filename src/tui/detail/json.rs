//! JSON of a statement, as a tree.

use serde_json::Value;

use super::Outline;
use crate::tui::{
    text::{bytes, count},
    theme::Role,
};

/// Longer documents are not unfolded; the SBOM pane reads those that are SBOMs.
const MAX_BYTES: usize = 512 * 1024;
/// Nested deeper, values are shown in one line.
const MAX_DEPTH: usize = 24;

/// A document under the row `label`.
pub(super) fn document(label: &str, text: &str, role: Role, out: &mut Outline) {
    if text.len() > MAX_BYTES {
        let size = bytes(u64::try_from(text.len()).unwrap_or(u64::MAX));
        return out.leaf_as(label, &format!("{size}: too large for a tree"), Role::Dim);
    }
    match serde_json::from_str(text) {
        Ok(parsed) => value(label, &parsed, role, 0, out),
        Err(_) => out.leaf_as(label, text, Role::Dim),
    }
}

fn value(label: &str, json: &Value, role: Role, depth: usize, out: &mut Outline) {
    match json {
        Value::Object(fields) if !fields.is_empty() && depth < MAX_DEPTH => {
            out.open(label, &format!("{{ {} }}", count(fields.len(), "field")), depth < 2);
            for (name, inner) in fields {
                value(name, inner, role, depth + 1, out);
            }
            out.close();
        }
        Value::Array(items) if !items.is_empty() && depth < MAX_DEPTH => {
            out.open(label, &format!("[ {} ]", count(items.len(), "item")), items.len() <= 8);
            for (number, inner) in items.iter().enumerate() {
                value(&format!("{number}"), inner, role, depth + 1, out);
            }
            out.close();
        }
        Value::String(text) => out.leaf_as(label, text, role),
        other => out.leaf_as(label, &other.to_string(), role),
    }
}
