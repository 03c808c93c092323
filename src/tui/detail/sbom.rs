//! One component, and what it has to do with the others.

use super::Outline;
use crate::{
    domain::sbom::{Component, Sbom},
    tui::{
        mark::Mark,
        panes::sbom::{facts, name},
        state::State,
        text::shown,
        theme::Role,
    },
};

/// The most neighbours that are named.
const MAX_NEIGHBOURS: usize = 200;

pub(super) fn component(state: &State, number: Option<u32>, out: &mut Outline) -> String {
    let (Some(slot), Some(view)) = (state.slot(), &state.sbom) else { return String::new() };
    let sbom = &view.sbom;
    let described = match number {
        Some(number) => sbom.component(number),
        None => sbom.root(),
    };
    if number.is_none() {
        document(sbom, out);
        if facts(slot, view).is_some_and(|f| f.attested) {
            out.marked(Mark::Proved, "attested", "by the demanded signer");
        } else {
            out.leaf_as("attested", "not proved: what stands here is only observed", Role::Dim);
        }
    }
    if let Some(component) = described {
        fields(component, out);
    }
    neighbours(sbom, "used by", sbom.dependents_of(number), out);
    neighbours(sbom, "uses", sbom.dependencies_of(number), out);
    neighbours(sbom, "contains", sbom.contents_of(number), out);
    described.map_or_else(
        || "the document".into(),
        |c| format!("{} {}", name(c), c.version.as_deref().map(shown).unwrap_or_default()),
    )
}

fn document(sbom: &Sbom, out: &mut Outline) {
    out.leaf("format", sbom.format());
    out.leaf_if("written by", sbom.tool());
    out.leaf_if("written at", sbom.created());
    if sbom.problems().is_empty() {
        return;
    }
    out.open("problems", &sbom.problems().len().to_string(), false);
    for problem in sbom.problems() {
        out.marked(Mark::Warning, &problem.position, &problem.message);
    }
    out.close();
}

fn fields(component: &Component, out: &mut Outline) {
    out.leaf_if("purl", component.purl.as_deref());
    for licence in &component.licences {
        out.leaf("licence", licence);
    }
    out.leaf_if("kind", component.kind.as_deref());
    out.leaf_if("cpe", component.cpe.as_deref());
    out.leaf_if("supplier", component.supplier.as_deref());
    out.leaf_if("publisher", component.publisher.as_deref());
    out.leaf_if("about", component.description.as_deref());
    for hash in &component.hashes {
        out.leaf(&hash.algorithm, &hash.value);
    }
    out.leaf_if("reference", component.bom_ref.as_deref());
    if !component.properties.is_empty() {
        out.open("properties", &component.properties.len().to_string(), false);
        for property in &component.properties {
            out.leaf(&property.name, &property.value);
        }
        out.close();
    }
}

fn neighbours(
    sbom: &Sbom,
    label: &str,
    all: impl ExactSizeIterator<Item = Option<u32>>,
    out: &mut Outline,
) {
    let len = all.len();
    if len == 0 {
        return;
    }
    out.open(label, &len.to_string(), len <= 8);
    for place in all.take(MAX_NEIGHBOURS) {
        let component = match place {
            Some(number) => sbom.component(number),
            None => sbom.root(),
        };
        let Some(component) = component else { continue };
        out.leaf(&name(component), component.version.as_deref().unwrap_or(""));
    }
    if len > MAX_NEIGHBOURS {
        out.leaf_as("…", &format!("{} more", len - MAX_NEIGHBOURS), Role::Dim);
    }
    out.close();
}
