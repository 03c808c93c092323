//! Images in templates: lines that say `image:`.
//!
//! A template is text for a Go program and no YAML, so it is read line by line. Of the program only
//! the plainest expressions are followed: a value, a field of the chart, a default. Everything else
//! is said to be unresolvable, not guessed.

use super::{
    How, MAX_REFERENCE,
    images::{About, Found, image, too_long},
    yaml::Document,
};

/// The longest line that is looked at, in bytes.
pub(super) const MAX_LINE: usize = 2_000;

/// Why an expression has no value here.
enum Unfollowed {
    /// Only Helm knows.
    Unknown,
    /// No image has so long a name.
    TooLong,
}

/// Puts the images that one template names into `found`. Returns how many lines may name one and
/// are too long to be looked at.
pub(super) fn images(
    text: &str,
    file: &str,
    (values, about): (Option<&Document>, &About),
    found: &mut Found,
) -> usize {
    let mut long = 0;
    for (number, line) in text.lines().enumerate() {
        if found.is_full() {
            break;
        }
        if line.len() > MAX_LINE {
            long += usize::from(line.contains("image:") || line.contains("\"image\""));
            continue;
        }
        let Some(written) = value_of_image(line) else { continue };
        let at = format!("{file}:{}", number + 1);
        if !written.contains("{{") {
            found.push(image(written.to_owned(), How::Written, at));
            continue;
        }
        found.push(match fill(written, values, about) {
            Ok(text) if !text.is_empty() => image(text, How::Derived, at),
            Ok(_) | Err(Unfollowed::Unknown) => image(written.to_owned(), How::Unresolvable, at),
            Err(Unfollowed::TooLong) => too_long(written, &at),
        });
    }
    long
}

/// What stands behind `image:` on a line, without quotes and comment.
fn value_of_image(line: &str) -> Option<&str> {
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

/// The text with every expression replaced. It is measured as it grows: one line of a template may
/// name a value of a megabyte many times.
fn fill(text: &str, values: Option<&Document>, about: &About) -> Result<String, Unfollowed> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (expression, after) = behind.split_once("}}").ok_or(Unfollowed::Unknown)?;
        let trims = (expression.starts_with('-'), expression.ends_with('-'));
        out.push_str(if trims.0 { before.trim_end() } else { before });
        let expression = expression.strip_prefix('-').unwrap_or(expression);
        let expression = expression.strip_suffix('-').unwrap_or(expression).trim();
        out.push_str(&evaluate(expression, values, about)?);
        if out.len() > MAX_REFERENCE {
            return Err(Unfollowed::TooLong);
        }
        rest = if trims.1 { after.trim_start() } else { after };
    }
    out.push_str(rest);
    Ok(out.trim_matches(['"', '\'']).to_owned())
}

/// `.Values.image.tag | default .Chart.AppVersion | quote`, and nothing more.
fn evaluate(
    expression: &str,
    values: Option<&Document>,
    about: &About,
) -> Result<String, Unfollowed> {
    let mut stages = expression.split('|').map(str::trim);
    let first: Vec<&str> = stages.next().unwrap_or_default().split_whitespace().collect();
    let mut value = match first.as_slice() {
        [one] => operand(one, values, about)?,
        // Sprig: `default FALLBACK VALUE`.
        ["default", fallback, one] => {
            let own = operand(one, values, about)?;
            if own.is_empty() { operand(fallback, values, about)? } else { own }
        }
        _ => return Err(Unfollowed::Unknown),
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
            _ => return Err(Unfollowed::Unknown),
        }
    }
    Ok(value)
}

/// A value, a field of the chart, or text in quotes. A value that is not there is empty.
fn operand(word: &str, values: Option<&Document>, about: &About) -> Result<String, Unfollowed> {
    if let Some(text) = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
        let plain = !text.contains(['"', '\\']);
        return if plain { Ok(text.to_owned()) } else { Err(Unfollowed::Unknown) };
    }
    // In a `range` or `with`, a dot alone is something else; `$` is always the root.
    let word = word.strip_prefix('$').unwrap_or(word);
    match word {
        ".Chart.AppVersion" => return copied(about.app_version.as_deref()),
        ".Chart.Version" => return copied(about.version.as_deref()),
        ".Chart.Name" => return copied(about.name.as_deref()),
        _ => {}
    }
    let path = word.strip_prefix(".Values.").ok_or(Unfollowed::Unknown)?;
    let values = values.ok_or(Unfollowed::Unknown)?;
    let mut at = values.root();
    for name in path.split('.') {
        match values.get(at, name) {
            Some(inner) => at = inner,
            None => return Ok(String::new()),
        }
    }
    match values.node(at) {
        Some(super::yaml::Node::Scalar(..)) => copied(Some(values.scalar(at).unwrap_or_default())),
        _ => Err(Unfollowed::Unknown),
    }
}

fn copied(text: Option<&str>) -> Result<String, Unfollowed> {
    match text {
        Some(text) if text.len() > MAX_REFERENCE => Err(Unfollowed::TooLong),
        Some(text) => Ok(text.to_owned()),
        None => Err(Unfollowed::Unknown),
    }
}
