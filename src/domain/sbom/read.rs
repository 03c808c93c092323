//! From a text, whose format is known, to what it says.

use super::{
    Body, Language, Problem, SbomError, Watch,
    build::{Builder, Stop},
    cyclonedx, mend,
    sniff::{self, Seen},
    spdx, spdx3, tag_value, xml,
};

/// Reads the text; where it should be JSON and is not, once more with what can be mended mended.
pub(super) fn read(
    text: &str,
    format: Result<Language, SbomError>,
    watch: Watch<'_>,
) -> Result<Body, SbomError> {
    let is_json = format.as_ref().map_or(true, |language| language.is_json());
    let strict = format.and_then(|language| strictly(text, text, language, &[], watch));
    let broken = match &strict {
        Ok(body) => matches!(body.left_out, Some(SbomError::Malformed(_))),
        Err(e) => matches!(e, SbomError::Malformed(_)),
    };
    let mended = (broken && is_json).then(|| mend::json(text)).flatten();
    let Some((mended, problems)) = mended else { return strict };
    match sniff::look(&mended)? {
        Seen::Document(language) => strictly(text, &mended, language, &problems, watch),
        // What is around a document was taken off before.
        Seen::Around(..) => strict,
    }
}

/// Reads `text`, which is as long as `document` and stands for it.
fn strictly(
    document: &str,
    text: &str,
    language: Language,
    problems: &[Problem],
    watch: Watch<'_>,
) -> Result<Body, SbomError> {
    debug_assert_eq!(document.len(), text.len(), "a place in one is a place in the other");
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut careful = false;
    loop {
        let mut builder = Builder::new(language, text, problems.to_vec(), watch, careful);
        let read = match language {
            Language::CycloneDx => cyclonedx::read(&mut builder, body),
            Language::CycloneDxXml => xml::read(&mut builder, body),
            Language::Spdx2 => spdx::read(&mut builder, body),
            Language::Spdx2Tags => tag_value::read(&mut builder, body),
            Language::Spdx3 => spdx3::read(&mut builder, body),
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
