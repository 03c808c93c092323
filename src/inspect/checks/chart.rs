//! A Helm chart: what it is and which images it names.

use std::sync::Arc;

use super::{MAX_CHART_BYTES, blocking};
use crate::{
    domain::{
        Repository,
        chart::{Chart, ChartError, How, MAX_IMAGES},
        oci::Descriptor,
        verdict::Answer,
    },
    inspect::{Facts, Finding, World, world::Progress},
};

pub(super) async fn run(
    repository: &Repository,
    layer: &Descriptor,
    (world, progress): (&World, Progress<'_>),
) -> Finding {
    let blob = world.registry.blob(repository, layer, MAX_CHART_BYTES, progress).await;
    let bytes = match blob {
        Ok(bytes) => bytes,
        Err(e) => {
            return Finding::new(Answer::Undecided, format!("the chart cannot be read: {e}"));
        }
    };
    let chart = match blocking(move || Chart::read(&bytes)).await {
        Ok(chart) => chart,
        Err(e @ ChartError::Refused(_)) => return Finding::new(Answer::Refuted, e.to_string()),
        Err(e) => return Finding::new(Answer::Undecided, e.to_string()),
    };
    let known = chart.images.iter().filter(|image| image.how != How::Unresolvable).count();
    let unknown = chart.images.len() - known;
    let noun = if known == 1 { "image" } else { "images" };
    let more =
        if unknown > 0 { format!(", {unknown} not known without Helm") } else { String::new() };
    let cut = if chart.truncated {
        format!(", truncated: it names more than {MAX_IMAGES}")
    } else {
        String::new()
    };
    let words = format!("{} {}: {known} {noun}{more}{cut}", chart.name, chart.version);
    let warnings: Vec<_> = chart.warnings.iter().map(|w| ("chart", w.clone())).collect();
    // Nothing of it is judged here, so nothing of it is called proved.
    let finding = Finding::new(Answer::Valid, words);
    Finding { warnings, ..finding }.with(Facts::Chart(Arc::new(chart)))
}
