//! One row for every tag: its name, and with `--digests` where it points.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use crate::{
    cli::{Console, Stop},
    domain::{Digest, Repository, Tag, Timestamp, Verdict, text::safe},
    inspect::{
        RegistryError, World,
        tags::{Entry, Ledger, Moved, TagFacts, resolve as resolve_tag},
    },
    net::limits,
};

/// One listed name.
pub(super) struct Row {
    name: String,
    /// Nothing for a name that is no tag.
    tag: Option<Tag>,
    /// Nothing where nobody asked.
    found: Option<Result<TagFacts, RegistryError>>,
    /// Other tags of this list that point at the same digest.
    same: Vec<String>,
    moved: Option<Moved>,
}

impl Row {
    /// The row of a tag.
    pub(super) fn of(tag: Tag) -> Self {
        let name = tag.to_string();
        Self { name, tag: Some(tag), found: None, same: vec![], moved: None }
    }

    /// The row of a name that is no tag.
    pub(super) fn odd(name: String) -> Self {
        Self { name, tag: None, found: None, same: vec![], moved: None }
    }

    fn is_attachment(&self) -> bool {
        self.tag.as_ref().is_some_and(Tag::is_attachment)
    }

    fn digest(&self) -> Option<&Digest> {
        self.found.as_ref()?.as_ref().ok().map(|facts| &facts.digest)
    }

    /// Whether nobody knows where it points. One that is gone by now is an answer.
    pub(super) fn is_undecided(&self) -> bool {
        match &self.found {
            Some(Err(error)) => error.verdict() == Verdict::Undecided,
            Some(Ok(_)) | None => false,
        }
    }

    /// What is to be remembered.
    pub(super) fn entry(&self, repository: &Repository, now: Timestamp) -> Option<Entry> {
        Entry::of(repository, self.tag.as_ref()?, self.digest()?, now)
    }

    /// Says on standard error what deserves a look.
    pub(super) fn warn(&self, console: &mut Console<'_>) -> Result<(), Stop> {
        if let Some(moved) = &self.moved {
            writeln!(console.err, "sigscope: {}: {}", moved.code(), safe(&moved.message()))?;
        }
        if let Some(Err(error)) = &self.found {
            writeln!(console.err, "sigscope: {}: {}", safe(&self.name), safe(&error.to_string()))?;
        }
        Ok(())
    }

    /// As it stands in the JSON object.
    pub(super) fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".into(), json!(self.name));
        if self.is_attachment() {
            object.insert("attachment".into(), json!(true));
        }
        match &self.found {
            None => {}
            Some(Ok(facts)) => {
                object.insert("resolved".into(), json!("proved"));
                object.insert("digest".into(), json!(facts.digest.to_string()));
                object.insert("media_type".into(), json!(facts.media_type));
                object.insert("created".into(), json!(facts.created.map(|at| at.to_string())));
                object.insert("same_as".into(), json!(self.same));
                if let Some(named) = &facts.contradicted {
                    object.insert("header_digest".into(), json!(named));
                }
            }
            Some(Err(error)) => {
                object.insert("resolved".into(), json!(error.verdict().word()));
                object.insert("error".into(), json!(error.to_string()));
            }
        }
        if let Some(moved) = &self.moved {
            let since = moved.since.map(|at| at.to_string());
            let was = json!({
                "since": since, "code": moved.code(), "was": moved.was.digest.to_string(),
                "seen": moved.was.at.to_string(), "now": moved.now.to_string(),
            });
            object.insert("moved".into(), was);
        }
        Value::Object(object)
    }
}

/// Resolves every row that is a tag of an artifact, a few at once. A row keeps its own failure;
/// one that had no answer `within` that time says so.
pub(super) async fn resolve(
    rows: &mut [Row],
    repository: &Repository,
    (world, ledger): (&World, &Ledger),
    within: Duration,
) {
    let wanted: Vec<(usize, Tag)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.is_attachment())
        .filter_map(|(at, row)| Some((at, row.tag.clone()?)))
        .collect();
    let late: Vec<usize> = wanted.iter().map(|(at, _)| *at).collect();
    let asked = wanted.into_iter().map(|(at, tag)| async move {
        let found = resolve_tag(&*world.registry, repository, &tag).await;
        (at, tag, found)
    });
    for (at, tag, found) in gather(asked, within).await {
        let Some(row) = rows.get_mut(at) else { continue };
        if let Ok(facts) = &found {
            row.moved = Moved::between(&tag, ledger.last(repository, &tag), &facts.digest);
        }
        row.found = Some(found);
    }
    for at in late {
        let Some(row) = rows.get_mut(at) else { continue };
        let (host, words) = (repository.to_string(), format!("not resolved within {within:?}"));
        row.found.get_or_insert(Err(RegistryError::Unreachable { host, words }));
    }
    group(rows);
}

/// Every answer that comes in time, a few asked for at once. A thousand tags that all stall would
/// take an hour, each within its own limit.
async fn gather<T>(
    asked: impl Iterator<Item = impl Future<Output = T>>,
    within: Duration,
) -> Vec<T> {
    let end = Instant::now() + within;
    let mut answers = stream::iter(asked).buffer_unordered(limits::RESOLVED_AT_ONCE);
    let mut gathered = vec![];
    while let Ok(Some(answer)) = timeout_at(end, answers.next()).await {
        gathered.push(answer);
    }
    gathered
}

/// Says of every row which others point at the same digest.
fn group(rows: &mut [Row]) {
    let mut groups: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(digest) = row.digest() {
            groups.entry(digest.clone()).or_default().push(at);
        }
    }
    for members in groups.into_values().filter(|members| members.len() > 1) {
        for at in &members {
            let others = members.iter().filter(|other| *other != at);
            let names = others.filter_map(|other| Some(rows.get(*other)?.name.clone()));
            let names: Vec<String> = names.collect();
            if let Some(row) = rows.get_mut(*at) {
                row.same = names;
            }
        }
    }
}

/// Names, one a line; with digests: name, digest or what stopped it, date, its other names.
pub(super) fn print(rows: &[Row], digests: bool, console: &mut Console<'_>) -> Result<(), Stop> {
    for row in rows {
        let name = safe(&row.name);
        let line = match &row.found {
            _ if !digests => name,
            None => format!("{name}\t-"),
            Some(Err(error)) => {
                format!("{name}\t{}\t{}", error.verdict(), safe(&error.to_string()))
            }
            Some(Ok(facts)) => {
                let date = facts.created.map(|at| at.strftime("%Y-%m-%d").to_string());
                let date = date.unwrap_or_else(|| "-".into());
                let moved = match &row.moved {
                    Some(moved) => format!("\t! {}", moved.code()),
                    None => String::new(),
                };
                let same: Vec<String> = row.same.iter().map(|name| safe(name)).collect();
                let same = if same.is_empty() {
                    String::new()
                } else {
                    format!("\t= {}", same.join(" = "))
                };
                format!("{name}\t{}\t{date}{same}{moved}", facts.digest)
            }
        };
        writeln!(console.out, "{line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_came_in_time_stays_and_the_rest_ends_with_it() {
        let within = limits::RESOLVED_TIME;
        // How many answer, each after how many seconds, and how many of them come in time.
        for (number, seconds, gathered) in [(1_000, 0, 1_000), (1_000, 31, 24), (9, 121, 0)] {
            let begun = Instant::now();
            let asked = (0..number).map(|at| async move {
                sleep(Duration::from_secs(seconds)).await;
                at
            });
            assert_eq!(gather(asked, within).await.len(), gathered, "{seconds} s");
            assert!(begun.elapsed() <= within + Duration::from_millis(5), "{seconds} s");
        }
    }
}
