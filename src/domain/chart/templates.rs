//! Images in templates: lines that say `image:`.
//!
//! A template is text for a Go program and no YAML, so it is read line by line. Of the program only
//! the plainest expressions are followed: a value, a field of the chart, a default. Everything else
//! is said to be unresolvable, not guessed.

use super::{
    How, ImageRef,
    images::{About, image},
    yaml::Document,
};

/// The longest line that is looked at, in bytes.
const MAX_LINE: usize = 2_000;

/// The images that one template names.
pub(super) fn images(
    text: &str,
    file: &str,
    values: Option<&Document>,
    about: &About,
) -> Vec<ImageRef> {
    let each = text.lines().enumerate().filter_map(|(number, line)| {
        let written = value_of_image(line)?;
        let at = format!("{file}:{}", number + 1);
        if !written.contains("{{") {
            return Some(image(written.to_owned(), How::Written, at));
        }
        let found = fill(written, values, about).filter(|text| !text.is_empty());
        Some(match found {
            Some(text) => image(text, How::Derived, at),
            None => image(written.to_owned(), How::Unresolvable, at),
        })
    });
    each.collect()
}

/// What stands behind `image:` on a line, without quotes and comment.
fn value_of_image(line: &str) -> Option<&str> {
    if line.len() > MAX_LINE {
        return None;
    }
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
    let value = line.strip_prefix("image:").or_else(|| line.strip_prefix("\"image\":"))?.trim();
    // The quotes around all of it, not those inside of an expression.
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?;
        inner.rfind(quote).and_then(|end| inner.get(..end))
    });
    let bare = quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or_default()).trim();
    // A comment of the template, or the start of a map.
    let nothing = bare.is_empty() || bare.starts_with('#') || bare.starts_with("{{/*");
    (!nothing && !matches!(bare, "{}" | "|" | ">")).then_some(bare)
}

/// The text with every expression replaced; none where one cannot be followed.
fn fill(text: &str, values: Option<&Document>, about: &About) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (expression, after) = behind.split_once("}}")?;
        let trims = (expression.starts_with('-'), expression.ends_with('-'));
        out.push_str(if trims.0 { before.trim_end() } else { before });
        let expression = expression.strip_prefix('-').unwrap_or(expression);
        let expression = expression.strip_suffix('-').unwrap_or(expression).trim();
        out.push_str(&evaluate(expression, values, about)?);
        rest = if trims.1 { after.trim_start() } else { after };
    }
    out.push_str(rest);
    Some(out.trim_matches(['"', '\'']).to_owned())
}

/// `.Values.image.tag | default .Chart.AppVersion | quote`, and nothing more.
fn evaluate(expression: &str, values: Option<&Document>, about: &About) -> Option<String> {
    let mut stages = expression.split('|').map(str::trim);
    let first: Vec<&str> = stages.next()?.split_whitespace().collect();
    let mut value = match first.as_slice() {
        [one] => operand(one, values, about)?,
        // Sprig: `default FALLBACK VALUE`.
        ["default", fallback, one] => {
            let own = operand(one, values, about)?;
            if own.is_empty() { operand(fallback, values, about)? } else { own }
        }
        _ => return None,
    };
    for stage in stages {
        let words: Vec<&str> = stage.split_whitespace().collect();
        match words.as_slice() {
            ["default", fallback] if value.is_empty() => {
                value = operand(fallback, values, about)?;
            }
            ["default", _] | ["quote" | "squote" | "toString" | "trim"] => {}
            ["trimPrefix", prefix] => {
                let prefix = prefix.trim_matches('"');
                value = value.strip_prefix(prefix).unwrap_or(&value).to_owned();
            }
            _ => return None,
        }
    }
    Some(value)
}

/// A value, a field of the chart, or text in quotes. A value that is not there is empty.
fn operand(word: &str, values: Option<&Document>, about: &About) -> Option<String> {
    if let Some(text) = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
        return (!text.contains(['"', '\\'])).then(|| text.to_owned());
    }
    // In a `range` or `with`, a dot alone is something else; `$` is always the root.
    let word = word.strip_prefix('$').unwrap_or(word);
    match word {
        ".Chart.AppVersion" => return about.app_version.clone(),
        ".Chart.Version" => return about.version.clone(),
        ".Chart.Name" => return about.name.clone(),
        _ => {}
    }
    let path = word.strip_prefix(".Values.")?;
    let values = values?;
    let mut at = values.root();
    for name in path.split('.') {
        match values.get(at, name) {
            Some(inner) => at = inner,
            None => return Some(String::new()),
        }
    }
    match values.node(at)? {
        super::yaml::Node::Scalar(..) => Some(values.scalar(at).unwrap_or_default().to_owned()),
        _ => None,
    }
}
