//! What only a detail view needs, of a component in XML.

use super::{Detail, Hash, Property, Reference, SbomError, detail::MAX_ENTRIES, markup::Cursor};

/// What a component's own text says beside what is searched.
pub(super) fn detail(raw: &str) -> Detail {
    let mut detail = Detail::default();
    let mut cursor = Cursor::within(raw);
    if matches!(cursor.root(), Ok(Some(_))) {
        // Of a text that is cut off what stands before the cut is shown.
        drop(members(raw, &mut cursor, &mut detail));
    }
    detail
}

fn members(raw: &str, cursor: &mut Cursor<'_>, detail: &mut Detail) -> Result<(), SbomError> {
    let mut author = None;
    let read = cursor.each::<SbomError>(|cursor, tag| {
        match tag.name {
            "description" => detail.description = said(cursor)?,
            "publisher" => detail.publisher = said(cursor)?,
            "author" => author = said(cursor)?,
            "scope" => detail.scope = said(cursor)?,
            "copyright" => detail.copyright = said(cursor)?,
            "hashes" => cursor.each(|cursor, tag| hash(cursor, tag.attribute("alg"), detail))?,
            "externalReferences" => cursor.each(|cursor, tag| {
                let kind = tag.attribute("type").unwrap_or_default().into_owned();
                reference(cursor, kind, detail)
            })?,
            "properties" => cursor.each(|cursor, tag| {
                let name = tag.attribute("name").map(std::borrow::Cow::into_owned);
                let value = said(cursor)?.unwrap_or_default();
                match name {
                    Some(name) if detail.properties.len() < MAX_ENTRIES => {
                        detail.properties.push(Property { name, value });
                    }
                    _ => detail.left_out = detail.left_out.saturating_add(1),
                }
                Ok::<_, SbomError>(())
            })?,
            "evidence" => {
                let end = cursor.position();
                let start = end.saturating_sub(tag.text.len());
                cursor.skip()?;
                detail.evidence = raw.get(start..cursor.position()).map(str::to_owned);
            }
            _ => cursor.skip()?,
        }
        Ok(())
    });
    detail.publisher = detail.publisher.take().or(author);
    read
}

fn said(cursor: &mut Cursor<'_>) -> Result<Option<String>, SbomError> {
    let text = cursor.text()?;
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

fn hash(
    cursor: &mut Cursor<'_>,
    algorithm: Option<std::borrow::Cow<'_, str>>,
    detail: &mut Detail,
) -> Result<(), SbomError> {
    let value = cursor.text()?.into_owned();
    match algorithm {
        Some(algorithm) if detail.hashes.len() < MAX_ENTRIES => {
            detail.hashes.push(Hash { algorithm: algorithm.into_owned(), value });
        }
        _ => detail.left_out = detail.left_out.saturating_add(1),
    }
    Ok(())
}

fn reference(cursor: &mut Cursor<'_>, kind: String, detail: &mut Detail) -> Result<(), SbomError> {
    let mut locator = String::new();
    cursor.each::<SbomError>(|cursor, tag| {
        if tag.name == "url" {
            locator = cursor.text()?.into_owned();
        } else {
            cursor.skip()?;
        }
        Ok(())
    })?;
    if detail.references.len() < MAX_ENTRIES {
        detail.references.push(Reference { kind, locator });
    } else {
        detail.left_out = detail.left_out.saturating_add(1);
    }
    Ok(())
}
