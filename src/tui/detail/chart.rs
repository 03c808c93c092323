//! A Helm chart and its images.

use super::Outline;
use crate::{
    domain::chart::{Chart, How},
    tui::{mark::Mark, state::Slot, text::count, theme::Role},
};

/// The most lines of values that are shown.
const MAX_VALUES: usize = 500;

/// What the chart says of itself.
pub(super) fn chart(chart: &Chart, out: &mut Outline) {
    out.leaf("name", &chart.name);
    out.leaf("version", &chart.version);
    for (name, value) in &chart.fields {
        out.leaf(name, value);
    }
    for dependency in &chart.dependencies {
        out.leaf("dependency", dependency);
    }
    if !chart.annotations.is_empty() {
        out.open("annotations", &chart.annotations.len().to_string(), true);
        for (name, value) in &chart.annotations {
            out.leaf(name, value);
        }
        out.close();
    }
    let inside =
        format!("{}, {}", count(chart.templates, "template"), count(chart.subcharts, "subchart"));
    out.leaf("holds", &inside);
    for warning in &chart.warnings {
        out.marked(Mark::Warning, "chart", warning);
    }
    let lines = chart.values.lines().count();
    out.open("values.yaml", &count(lines, "line"), false);
    for (number, line) in chart.values.lines().take(MAX_VALUES).enumerate() {
        // A tree trims what stands before a value; the lines of a document need their indent.
        let kept = line.replace('\t', "    ").replace("  ", "\u{a0}\u{a0}");
        out.leaf_as(&format!("{}", number + 1), &kept, Role::Text);
    }
    if lines > MAX_VALUES {
        out.leaf_as(
            "…",
            &format!("{} more lines are not shown", lines - MAX_VALUES),
            Role::Warning,
        );
    }
    out.close();
}

/// One image that the chart names.
pub(super) fn image(slot: &Slot, number: usize, out: &mut Outline) -> String {
    let images = slot.inspection.chart().map(|chart| chart.images.as_slice()).unwrap_or_default();
    let Some(image) = images.get(number) else { return String::new() };
    let (mark, words) = match image.how {
        How::Written => (Mark::NotYet, "as it stands there"),
        How::Derived => (Mark::NotYet, "put together from the values as they are by default"),
        How::Unresolvable => {
            (Mark::Undecided, "only rendering the templates would tell; try `helm template`")
        }
    };
    out.leaf("image", &image.text);
    out.marked(mark, image.how.word(), words);
    out.leaf("found at", &image.at);
    if let Some(reference) = &image.reference {
        out.leaf("opens as", &reference.to_string());
        let words = "nothing was checked yet: Enter opens it and checks it like any other target";
        out.leaf_as("", words, Role::Dim);
    }
    "Image of the chart".into()
}
