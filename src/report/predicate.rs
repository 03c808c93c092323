//! What predicates say, and what is attached without being verified, for machines.

use serde_json::{Map, Value, json};

use crate::{
    domain::{predicate::Said, statement::Statement},
    inspect::{Inspection, attached, predicates::Age},
};

/// The summary of an attestation: what the predicate says, by name, and nothing else.
pub(super) fn summary(statement: &Statement) -> Value {
    let summary = &statement.summary;
    let said: Map<String, Value> =
        summary.rows().into_iter().map(|row| (row.key.to_owned(), value(row.said))).collect();
    json!({
        "name": summary.family.name(),
        "words": summary.words(),
        "says": said,
        "not_said": summary.not_said,
        "odd": summary.odd,
        "empty": summary.hollow,
        "statement_type": statement.statement_type,
        "predicate_bytes": summary.bytes,
    })
}

fn value(said: Said) -> Value {
    match said {
        Said::Text(text) => text.into(),
        Said::Count(count) => count.into(),
        Said::Texts(texts) => texts.into(),
        Said::Counts(counts) => {
            counts.into_iter().map(|(what, count)| (what, Value::from(count))).collect()
        }
    }
}

/// Where an attestation stands among those of its type.
pub(super) fn age(age: Option<Age>) -> Value {
    age.map_or(Value::Null, |age| json!({ "place": age.word(), "of": age.of() }))
}

/// What is recognised and not verified.
pub(super) fn attachments(seen: &Inspection) -> Vec<Value> {
    let all = attached::attachments(seen).into_iter().map(|(id, found)| {
        let parts = found.attachment.parts.iter().map(|part| {
            json!({
                "predicate_type": part.predicate_type,
                "media_type": part.media_type,
                "size": part.size,
                "digest": part.digest.to_string(),
            })
        });
        json!({
            "kind": found.attachment.kind.word(),
            "digest": id.subject.as_ref().map(ToString::to_string),
            "about": found.attachment.about.as_ref().map(ToString::to_string),
            "platform": found.platform,
            "holds": parts.collect::<Vec<_>>(),
            "not_listed": found.attachment.more,
            "verified": false,
        })
    });
    all.collect()
}
