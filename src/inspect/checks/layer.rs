//! Whether a file is a layer of an artifact: a chart as `helm pull` leaves it.

use std::path::Path;

use crate::{
    domain::{
        Digest, Verdict,
        oci::{Descriptor, Manifest},
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
    let chart = image.layers.iter().any(is_chart);
    let own = digests.first();
    match the_layer(&image.layers, &digests) {
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
            let wanted = match image.layers.iter().find(|layer| is_chart(layer)) {
                Some(layer) => {
                    format!("the chart archive of the manifest is {}", layer.digest.short())
                }
                None if image.layers.len() == 1 => "its one layer is not that".to_owned(),
                None => format!("none of its {} layers is that", image.layers.len()),
            };
            let words = format!("{name} is {is}, {wanted}");
            told(Answer::Refuted, words, FileState::Wrong, own, Verdict::Refuted)
        }
    }
}

fn is_chart(layer: &Descriptor) -> bool {
    layer.media_type == CHART
}

/// The layer that a file with these digests is; of a chart only the archive counts.
fn the_layer<'a>(layers: &'a [Descriptor], digests: &[Digest]) -> Option<&'a Descriptor> {
    let chart = layers.iter().any(is_chart);
    let mut counted = layers.iter().filter(|layer| !chart || is_chart(layer));
    counted.find(|layer| digests.contains(&layer.digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_chart_only_the_archive_counts() {
        let manifest = |types: [&str; 2]| {
            let layer = |media_type: &str, bytes: &[u8]| {
                format!(
                    r#"{{"mediaType":"{media_type}","digest":"{}","size":1}}"#,
                    Digest::sha256(bytes)
                )
            };
            let [first, second] = types;
            let layers = format!("{},{}", layer(first, b"a"), layer(second, b"b"));
            let config = layer("application/json", b"c");
            let text = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layers}]}}"#);
            match Manifest::parse(text.as_bytes()) {
                Ok(Manifest::Image(image)) => image.layers,
                other => panic!("{other:?}"),
            }
        };
        let provenance = "application/vnd.cncf.helm.chart.provenance.v1.prov";
        for (types, bytes, is) in [
            ([CHART, provenance], b"a", true),
            ([CHART, provenance], b"b", false),
            (["application/x", "application/y"], b"b", true),
            (["application/x", "application/y"], b"c", false),
        ] {
            let layers = manifest(types);
            assert_eq!(the_layer(&layers, &[Digest::sha256(bytes)]).is_some(), is, "{types:?}");
        }
    }
}
