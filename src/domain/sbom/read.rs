//! From text to what is in it: the right reader, again where that helps, and what to make of its end.

use super::{
    Body, Language, Problem, SbomError, Watch,
    build::{Builder, Stop},
    cyclonedx, mend, sniff, spdx,
};

/// Reads the text; where it is no JSON, once more with what can be mended mended.
pub(super) fn read(text: &str, watch: Watch<'_>) -> Result<Body, SbomError> {
    let strict = read_strictly(text, text, &[], watch);
    let broken = match &strict {
        Ok(body) => matches!(body.left_out, Some(SbomError::Malformed(_))),
        Err(e) => matches!(e, SbomError::Malformed(_)),
    };
    let mended = broken.then(|| mend::json(text)).flatten();
    match mended {
        Some((mended, problems)) => read_strictly(text, &mended, &problems, watch),
        None => strict,
    }
}

/// Reads `text`, which is as long as `document` and stands for it.
fn read_strictly(
    document: &str,
    text: &str,
    problems: &[Problem],
    watch: Watch<'_>,
) -> Result<Body, SbomError> {
    debug_assert_eq!(document.len(), text.len(), "a place in one is a place in the other");
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let language = sniff::format(body)?;
    let mut careful = false;
    loop {
        let mut builder = Builder::new(language, text, problems.to_vec(), watch, careful);
        let read = match language {
            Language::CycloneDx => cyclonedx::read(&mut builder, body),
            Language::Spdx2 => spdx::read(&mut builder, body),
        };
        match read {
            Err(Stop::Restart) if !careful => careful = true,
            Err(Stop::Restart) => {
                return Err(SbomError::Malformed("a component has no beginning".to_owned()));
            }
            Err(Stop::Error(error)) if builder.is_empty() || error == SbomError::Cancelled => {
                return Err(error);
            }
            Err(Stop::Error(error)) => {
                builder.leave_out(error);
                return Ok(builder.finish());
            }
            Ok(()) => return Ok(builder.finish()),
        }
    }
}
