//! Whether a file is a layer of an artifact: a chart as `helm pull` leaves it.

use std::path::Path;

use crate::{
    domain::{
        Digest, Verdict,
        oci::Manifest,
        text::{safe, shell_word},
        verdict::Answer,
    },
    inspect::{
        Facts, Finding, World,
        release::{FileFacts, FileState, name_of},
        world::Progress,
    },
};

/// Helm's type of the layer that is the archive. Source: HIP-6, `pkg/registry/constants.go`.
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// Compares a file with the layers of a manifest whose bytes hash to the judged digest.
///
/// Of a chart only the archive counts: a values file or a provenance file is a layer too, and no
/// chart.
pub(super) async fn run(
    path: &Path,
    manifest: &Manifest,
    world: &World,
    progress: Progress<'_>,
) -> Finding {
    let name = shell_word(&path.display().to_string());
    let told = |answer: Answer, words: String, state, digest: Option<&Digest>, counts| {
        let name = name_of(path);
        let facts = FileFacts { name, digest: digest.cloned(), state, counts: Some(counts) };
        Finding::new(answer, words).with(Facts::File(facts))
    };
    let unread =
        |words: String| told(Answer::Undecided, words, FileState::Unread, None, Verdict::Undecided);
    let digests = match world.files.hash(path, 0, progress).await {
        Ok((digests, _)) => digests,
        Err(e) => return unread(format!("{name} cannot be read: {e}")),
    };
    let Manifest::Image(image) = manifest else {
        return unread("an index has no layers; name one of its platforms by digest".into());
    };
    let chart = image.layers.iter().any(|layer| layer.media_type == CHART);
    let mut counted = image.layers.iter().filter(|layer| !chart || layer.media_type == CHART);
    let own = digests.first();
    match counted.find(|layer| digests.contains(&layer.digest)) {
        Some(layer) => {
            let kind = if chart { "the chart archive" } else { "a layer" };
            let words = format!(
                "{name} is {kind} of the manifest: {}, {}",
                layer.digest.short(),
                safe(&layer.media_type)
            );
            told(Answer::Proved, words, FileState::Good, Some(&layer.digest), Verdict::Proved)
        }
        None => {
            let is = own.map(Digest::short).unwrap_or_default();
            let wanted = match image.layers.iter().find(|layer| layer.media_type == CHART) {
                Some(layer) => {
                    format!("the chart archive of the manifest is {}", layer.digest.short())
                }
                None => format!("none of its {} layers is that", image.layers.len()),
            };
            let words = format!("{name} is {is}, {wanted}");
            told(Answer::Refuted, words, FileState::Wrong, own, Verdict::Refuted)
        }
    }
}
