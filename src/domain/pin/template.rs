//! Templates: text that becomes YAML when another program is done with it.

use super::{LeftAlone, found::left_alone, kinds::is_image_name, why::Why};

/// Whether something is filled in.
pub(super) fn is_one(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Every line that names an image.
pub(super) fn read(text: &str) -> Vec<LeftAlone> {
    let image = |line: &&str| {
        let line = line.trim_start().trim_start_matches("- ").trim_start();
        let Some((name, value)) = line.split_once(':') else { return false };
        let name = name.trim_end().trim_matches(['"', '\'']);
        (is_image_name(name) || name == "repository") && !value.trim().is_empty()
    };
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| image(line))
        .map(|(n, line)| left_alone(n + 1, line.trim(), Why::decided("it stands in a template")))
        .collect()
}
