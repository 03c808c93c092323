//! What hangs below an artifact, and the images of a chart. Only `inspect` and the terminal UI look.

use serde_json::{Value, json};

use crate::{
    domain::verdict::Answer,
    inspect::{
        CheckState, Inspection,
        nested::{self, Branch, Hanging},
    },
};

/// The tree, one object a row in the order of the screen.
pub(super) fn tree(seen: &Inspection) -> Vec<Value> {
    nested::tree(seen).iter().map(|branch| row(seen, branch)).collect()
}

fn row(seen: &Inspection, branch: &Branch<'_>) -> Value {
    let depth = branch.depth;
    match &branch.what {
        Hanging::Entry(entry) => {
            let what = entry.platform.as_ref().map(ToString::to_string);
            let what = what.unwrap_or_else(|| "entry".to_owned());
            json!({ "depth": depth, "what": what, "digest": entry.digest.to_string() })
        }
        Hanging::Unread(why) => json!({ "depth": depth, "what": "unread", "summary": why }),
        Hanging::NotAsked(why) => json!({ "depth": depth, "what": "not asked", "summary": why }),
        Hanging::Referrer(referrer, id) => {
            let (what, verdict, summary) = match seen.checks.get(id) {
                Some(CheckState::Done { finding, .. }) => {
                    let name = nested::word(finding);
                    (name, finding.answer.word(), finding.summary.as_str())
                }
                _ => ("referrer", Answer::Undecided.word(), "not read"),
            };
            json!({
                "depth": depth,
                "what": what,
                "digest": referrer.descriptor.digest.to_string(),
                "source": referrer.source.word(),
                "verdict": verdict,
                "summary": summary,
            })
        }
    }
}

/// The chart and the images that it names.
pub(super) fn chart(seen: &Inspection) -> Option<Value> {
    let chart = seen.chart()?;
    let images = chart.images.iter().map(|image| {
        json!({
            "image": image.text,
            "how": image.how.word(),
            "at": image.at,
            "opens_as": image.reference.as_ref().map(ToString::to_string),
        })
    });
    let fields = chart.fields.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    Some(json!({
        "name": chart.name,
        "version": chart.version,
        "fields": fields.collect::<Vec<_>>(),
        "dependencies": chart.dependencies,
        "annotations": chart.annotations,
        "images": images.collect::<Vec<_>>(),
    }))
}

/// The same in lines: what hangs below first, then the images.
pub(super) fn lines(seen: &Inspection) -> Vec<String> {
    let tree = nested::tree(seen);
    let mut lines = vec![];
    // One level deep everything stands in the rows above already.
    if tree.iter().any(|branch| branch.depth > 0) {
        lines.push("below it".to_owned());
        for branch in &tree {
            let told = row(seen, branch);
            let part = |name: &str| told[name].as_str().unwrap_or_default();
            let words = [part("what"), part("digest"), part("verdict"), part("summary")];
            let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
            lines.push(format!("  {}{}", "  ".repeat(branch.depth), words.join("  ")));
        }
    }
    if let Some(chart) = seen.chart().filter(|chart| !chart.images.is_empty()) {
        lines.push(format!("images of the chart {} {}", chart.name, chart.version));
        for image in &chart.images {
            lines.push(format!("  {:<12}  {}  ({})", image.how.word(), image.text, image.at));
        }
    }
    lines
}
