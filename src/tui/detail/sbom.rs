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
    let described = sbom.at(number);
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
        |c| format!("{} {}", name(c), c.version().map(shown).unwrap_or_default()),
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

fn fields(component: Component<'_>, out: &mut Outline) {
    let detail = component.detail();
    out.leaf_if("purl", component.purl());
    for licence in component.licences() {
        out.leaf("licence", licence);
    }
    out.leaf_if("kind", component.kind());
    out.leaf_if("scope", detail.scope.as_deref());
    out.leaf_if("cpe", component.cpe());
    out.leaf_if("supplier", component.supplier());
    out.leaf_if("publisher", detail.publisher.as_deref());
    out.leaf_if("about", detail.description.as_deref());
    out.leaf_if("copyright", detail.copyright.as_deref());
    for hash in &detail.hashes {
        out.leaf(&hash.algorithm, &hash.value);
    }
    out.leaf_if("reference", component.bom_ref());
    if !detail.references.is_empty() {
        out.open("elsewhere", &detail.references.len().to_string(), false);
        for reference in &detail.references {
            out.leaf(&reference.kind, &reference.locator);
        }
        out.close();
    }
    if !detail.properties.is_empty() {
        out.open("properties", &detail.properties.len().to_string(), false);
        for property in &detail.properties {
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
        let Some(component) = sbom.at(place) else { continue };
        out.leaf(&name(component), component.version().unwrap_or(""));
    }
    if len > MAX_NEIGHBOURS {
        out.leaf_as("…", &format!("{} more", len - MAX_NEIGHBOURS), Role::Dim);
    }
    out.close();
}
