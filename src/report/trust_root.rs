//! The trust root as a table: whom it trusts, by which key, from when to when, and which TUF
//! metadata vouches for it.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    domain::{Timestamp, text::safe},
    inspect::{Facts, Finding, RootFacts},
    verify::root::{RootEntry, TrustRoot},
};

/// Label and words of every line: where it is from, the roles, the entries of every root.
pub fn lines(facts: &RootFacts) -> Vec<(String, String)> {
    let mut lines = vec![];
    if let Some(tuf) = &facts.tuf {
        lines.push(("TUF".to_owned(), format!("{}, confirmed {}", tuf.url, tuf.checked)));
        for role in &tuf.roles {
            let words = format!("version {}, expires {}", role.version, role.expires);
            lines.push((format!("TUF {}", role.name), words));
        }
    }
    for root in facts.all() {
        if !facts.others.is_empty() {
            lines.push(("root".to_owned(), root.name().to_owned()));
        }
        lines.extend(root.entries().iter().map(|entry| (label(entry), words(entry))));
    }
    lines
}

/// `CA[1]`, as the details of steps name it.
fn label(entry: &RootEntry) -> String {
    format!("{}[{}]", entry.kind.word(), entry.index)
}

fn words(entry: &RootEntry) -> String {
    let window = window(entry);
    let said = [&window, &entry.url, &entry.subject, &entry.key, &entry.id];
    let said: Vec<&str> = said.into_iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
    said.join("  ")
}

fn window(entry: &RootEntry) -> String {
    let day = |time: Timestamp| time.to_string().chars().take(10).collect::<String>();
    match (entry.start, entry.end) {
        (None, None) => "no window".into(),
        (start, end) => {
            let start = start.map_or_else(|| "open".into(), day);
            format!("{start} → {}", end.map_or_else(|| "open".into(), day))
        }
    }
}

/// For a terminal or a pipe; `changes` only after an update.
pub fn text(finding: &Finding, changes: Option<&[String]>) -> String {
    let mut out = format!("{}\n", safe(&finding.summary));
    if let Facts::Root(facts) = &finding.facts {
        let lines = lines(facts);
        let width = lines.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        for (label, words) in lines {
            let _ = writeln!(out, "  {label:<width$}  {}", safe(&words));
        }
    }
    for change in changes.unwrap_or_default() {
        let _ = writeln!(out, "changed: {}", safe(change));
    }
    if changes.is_some_and(<[String]>::is_empty) {
        out.push_str("nothing changed\n");
    }
    for (code, message) in &finding.warnings {
        let _ = writeln!(out, "! {code}: {}", safe(message));
    }
    out
}

/// One JSON object, `"schema": 1`; `name` and `source` are those of what was asked for, where
/// nothing could be read.
pub fn json(finding: &Finding, asked: &(String, &str), changes: Option<&[String]>) -> Value {
    let (facts, head) = match &finding.facts {
        Facts::Root(facts) => {
            let root = &facts.root;
            let date = root.date();
            let head = json!({ "name": root.name(), "source": root.source(), "date": date });
            (Some(facts), head)
        }
        _ => (None, json!({ "name": asked.0, "source": asked.1, "date": null })),
    };
    let tuf = facts.and_then(|facts| facts.tuf.as_ref()).map(|tuf| {
        let roles = tuf.roles.iter();
        let roles = roles
            .map(|r| json!({ "name": r.name, "version": r.version, "expires": r.expires }))
            .collect::<Vec<_>>();
        json!({ "url": tuf.url, "checked": tuf.checked, "roles": roles })
    });
    let warnings = finding.warnings.iter();
    let warnings: Vec<Value> =
        warnings.map(|(code, message)| json!({ "code": code, "message": message })).collect();
    json!({
        "schema": 1,
        "summary": finding.summary,
        "trust_root": head,
        "tuf": tuf,
        "roots": facts.map(|f| f.all().map(|root| root_json(root)).collect::<Vec<_>>()),
        "changes": changes,
        "warnings": warnings,
    })
}

fn root_json(root: &TrustRoot) -> Value {
    let entries = root.entries().iter().map(|entry| {
        json!({
            "kind": entry.kind.word(),
            "index": entry.index,
            "url": entry.url,
            "subject": entry.subject,
            "key": entry.key,
            "id": entry.id,
            "start": entry.start,
            "end": entry.end,
        })
    });
    let entries: Vec<Value> = entries.collect();
    json!({ "name": root.name(), "digest": root.digest().to_string(), "entries": entries })
}

/// What an update changed, a line each; empty when nothing did.
pub fn changes(before: Option<&RootFacts>, after: &RootFacts) -> Vec<String> {
    let Some(before) = before else { return vec!["there was none before".into()] };
    let mut changes = vec![];
    let (old, new) = (before.root.source(), after.root.source());
    if old != new {
        let date = before.root.date().unwrap_or_default();
        changes.push(format!("{old} {date} before, {new} now"));
    }
    let version = |facts: &RootFacts, name: &str| {
        let roles = facts.tuf.iter().flat_map(|tuf| &tuf.roles);
        roles.into_iter().find(|role| role.name == name).map(|role| role.version)
    };
    for role in after.tuf.iter().flat_map(|tuf| &tuf.roles) {
        match version(before, role.name) {
            Some(old) if old != role.version => {
                changes.push(format!("TUF {}: version {old} → {}", role.name, role.version));
            }
            _ => {}
        }
    }
    let (old, new) = (before.root.entries(), after.root.entries());
    let same = |a: &RootEntry, b: &RootEntry| a.kind == b.kind && a.id == b.id;
    for entry in new {
        match old.iter().find(|known| same(known, entry)) {
            None => changes.push(format!("new: {} {}", label(entry), words(entry))),
            Some(known) if (known.start, known.end) != (entry.start, entry.end) => {
                let (was, is) = (window(known), window(entry));
                changes.push(format!("{} {}: {was} before, {is} now", label(entry), entry.url));
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|known| !new.iter().any(|entry| same(known, entry)));
    changes.extend(gone.map(|known| format!("gone: {} {}", label(known), words(known))));
    changes
}
