//! One component, and what it has to do with the others.

use super::{Outline, json};
use crate::{
    domain::sbom::{
        Component, Sbom, licence,
        paths::Ways,
        vulnerabilities::{Class, Findings},
    },
    tui::{
        mark::Mark,
        panes::sbom::{SbomView, facts, name},
        state::State,
        text::{count, shown},
        theme::Role,
    },
};

/// The most neighbours that are named.
const MAX_NEIGHBOURS: usize = 200;
/// Lines of a component as it is written are cut into pieces of so many characters.
const RAW_PIECE: usize = 400;
/// The most of them.
const RAW_PIECES: usize = 500;

pub(super) fn component(state: &State, place: Option<u32>, out: &mut Outline) -> String {
    let (Some(slot), Some(view)) = (state.slot(), &state.sbom) else { return String::new() };
    let sbom = &view.sbom;
    let described = sbom.at(place);
    if place.is_none() {
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
    if let (Some(component), Some(facts)) = (place, facts(slot, view)) {
        ways(sbom, &facts.paths.ways(sbom, component), out);
    }
    vulnerabilities(view, place, out);
    neighbours(sbom, "used by", sbom.dependents_of(place), out);
    neighbours(sbom, "uses", sbom.dependencies_of(place), out);
    neighbours(sbom, "contains", sbom.contents_of(place), out);
    title(view, place)
}

fn title(view: &SbomView, place: Option<u32>) -> String {
    view.sbom.at(place).map_or_else(
        || "the document".into(),
        |c| format!("{} {}", name(c), c.version().map(shown).unwrap_or_default()),
    )
}

/// The component as it stands in the document.
pub(super) fn raw(state: &State, place: Option<u32>, out: &mut Outline) -> String {
    let Some(view) = &state.sbom else { return String::new() };
    match view.sbom.at(place).and_then(Component::raw) {
        None => out.leaf_as("", "it has no text of its own in the document", Role::Dim),
        Some(text) => pieces(text, out),
    }
    format!("{} · as it is written", title(view, place))
}

/// The text in lines, long ones in pieces, as many as somebody may read: a component of ten
/// megabytes must not hold up the next key.
fn pieces(text: &str, out: &mut Outline) {
    let mut rest = text;
    for _ in 0..RAW_PIECES {
        let mut letters = rest.char_indices().take(RAW_PIECE + 1);
        let end = letters.find(|(_, c)| *c == '\n').map(|(at, _)| at);
        let full = || rest.char_indices().nth(RAW_PIECE).map_or(rest.len(), |(at, _)| at);
        let Some((head, tail)) = rest.split_at_checked(end.unwrap_or_else(full)) else { return };
        out.leaf("", head);
        rest = tail.strip_prefix('\n').unwrap_or(tail);
        if rest.is_empty() {
            return;
        }
    }
    let words = format!("{} more bytes; e writes the whole document", rest.len());
    out.leaf_as("…", &words, Role::Warning);
}

/// What components of a group have in common.
pub(super) fn group(state: &State, number: usize, out: &mut Outline) -> String {
    let Some(view) = &state.sbom else { return String::new() };
    let Some((label, shown_members, all)) = view.rows.group(number) else { return String::new() };
    out.leaf("components", &all.to_string());
    if shown_members != all {
        out.leaf("found", &shown_members.to_string());
    }
    let label = label.unwrap_or("nothing is said");
    if let Some(remark) = label_remark(view, label) {
        out.marked(Mark::Warning, "licence", remark);
    }
    shown(label)
}

fn label_remark(view: &SbomView, label: &str) -> Option<&'static str> {
    use crate::domain::sbom::{list::GroupKey, rows::Arrangement};
    let licences = view.rows.arrangement() == Arrangement::Groups(GroupKey::Licence);
    licences.then(|| licence::read(label).remark()).flatten()
}

fn document(sbom: &Sbom, out: &mut Outline) {
    out.leaf("format", sbom.format());
    out.leaf_if("written by", sbom.tool());
    out.leaf_if("written at", sbom.created());
    if let Some(why) = sbom.left_out() {
        out.marked(Mark::Warning, "incomplete", &format!("not everything was read: {why}"));
    }
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
    for text in component.licences() {
        match licence::read(text).remark() {
            Some(remark) => out.marked(Mark::Warning, "licence", &format!("{text} ({remark})")),
            None => out.leaf("licence", text),
        }
    }
    out.leaf_if("type", component.kind());
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
    let references = detail.references.iter().map(|r| (&*r.kind, &*r.locator));
    pairs("elsewhere", references, out);
    let properties = detail.properties.iter().map(|p| (&*p.name, &*p.value));
    pairs("properties", properties, out);
    if let Some(evidence) = &detail.evidence {
        json::document("evidence", evidence, Role::Text, out);
    }
    if detail.left_out > 0 {
        let words = format!("{} are not listed", count(detail.left_out, "entry"));
        out.leaf_as("…", &words, Role::Warning);
    }
}

fn pairs<'a>(
    label: &str,
    all: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
    out: &mut Outline,
) {
    if all.len() == 0 {
        return;
    }
    out.open(label, &all.len().to_string(), false);
    for (name, value) in all {
        out.leaf(name, value);
    }
    out.close();
}

/// Who pulls it in: every shortest way from the root.
fn ways(sbom: &Sbom, ways: &Ways, out: &mut Outline) {
    if ways.count == 0 || ways.listed.iter().all(|way| way.len() < 2) {
        return;
    }
    let listed = ways.listed.len() as u64;
    let all = match ways.count {
        u64::MAX => "more than can be counted".to_owned(),
        one if one == listed => one.to_string(),
        many => format!("{many}, the first {listed} of them"),
    };
    out.open("pulled in by", &all, true);
    for way in &ways.listed {
        let names = way.iter().filter_map(|place| sbom.at(*place)).map(name);
        let steps = way.len().saturating_sub(1).to_string();
        out.leaf(&steps, &names.collect::<Vec<_>>().join(" → "));
    }
    out.close();
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

/// What attestations say of vulnerabilities in it, and whose word that is.
fn vulnerabilities(view: &SbomView, place: Option<u32>, out: &mut Outline) {
    let Some(findings) = &view.findings else { return };
    let all = findings.about(place);
    if all.len() > 0 {
        out.open("vulnerabilities", &all.len().to_string(), true);
        for finding in all {
            let class = finding.class();
            let mark = match (class.said(), class.proved().is_some()) {
                (Class::Harmless, true) => Mark::Proved,
                (Class::Harmless, false) => Mark::Unverified,
                (Class::Unclear | Class::Open, _) => Mark::Undecided,
                (Class::Reported | Class::Harmful, _) => Mark::Warning,
            };
            let parts = [
                Some(finding.state().said().word()),
                finding.severity(),
                finding.justification(),
                finding.detail(),
                Some(class.standing().words()),
                finding.origin().map(|origin| origin.name.as_str()),
            ];
            let words: Vec<&str> = parts.into_iter().flatten().collect();
            out.marked(mark, finding.vulnerability(), &words.join(" · "));
        }
        out.close();
    }
    if place.is_none() {
        beside(findings, out);
    }
}

/// What was read, and what it could not be put beside.
fn beside(findings: &Findings, out: &mut Outline) {
    let Some(words) = findings.words() else { return };
    out.open("on vulnerabilities", &words, true);
    for origin in findings.origins() {
        out.leaf_as(&origin.name, origin.standing.words(), Role::Dim);
    }
    for contradiction in findings.contradictions() {
        out.marked(Mark::Warning, &contradiction.vulnerability, "is spoken of in two ways");
    }
    for why in findings.left_out() {
        out.marked(Mark::Undecided, "there may be more", why);
    }
    for problem in findings.problems() {
        out.marked(Mark::Warning, "problem", problem);
    }
    for nowhere in findings.unmatched().take(MAX_NEIGHBOURS) {
        out.leaf_as(nowhere.vulnerability(), nowhere.named(), Role::Dim);
    }
    out.close();
}
