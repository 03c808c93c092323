//! Every SBOM of the reference collection, where it lies beside the project, against counts that
//! were made without this program.

use std::{collections::HashMap, fs, path::Path};

use sigscope::domain::sbom::{Sbom, SbomError};

/// One row of the collection's index.
struct Row {
    path: String,
    truth: HashMap<String, String>,
}

fn rows(corpus: &Path) -> Option<Vec<Row>> {
    let index = fs::read_to_string(corpus.join("INDEX.tsv")).ok()?;
    let mut lines = index.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.next()?;
    let column = |name: &str| head.iter().position(|cell| *cell == name);
    let (path, truth) = (column("path")?, column("ground_truth")?);
    let row = |cells: Vec<&str>| {
        let pairs = cells.get(truth)?.split(' ').filter_map(|pair| pair.split_once('='));
        let truth = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Some(Row { path: (*cells.get(path)?).to_owned(), truth })
    };
    Some(lines.filter_map(row).filter(|row| row.truth.contains_key("format")).collect())
}

fn wrong(row: &Row, bytes: &[u8]) -> Option<String> {
    let read = Sbom::parse(bytes);
    // Invalid documents may be refused or counted; that this line is reached is the test.
    if row.path.starts_with("sboms/invalid/") {
        return None;
    }
    let is_read = matches!(row.truth["format"].as_str(), "cyclonedx-json" | "spdx-json");
    let sbom = match (read, is_read) {
        (Ok(sbom), true) => sbom,
        (Err(SbomError::Unsupported(_)), false) => return None,
        (Ok(sbom), false) => return Some(format!("read as {}", sbom.format())),
        (Err(error), _) => return Some(error.to_string()),
    };
    let truth = |keys: [&str; 2]| keys.iter().find_map(|key| row.truth.get(*key)?.parse().ok());
    let counts = sbom.counts();
    let compared = [
        ("components", counts.components, truth(["components", "packages"])),
        ("edges", counts.edges, truth(["dep_edges_distinct", "dep_edges"])),
        ("purls", counts.purls, truth(["purls", "purls"])),
        ("licences", counts.licences, truth(["licences", "licences"])),
    ];
    let differ: Vec<String> = compared
        .into_iter()
        .filter(|(_, got, want)| Some(*got) != *want)
        .map(|(name, got, want)| format!("{name} {got}, truth {want:?}"))
        .collect();
    (!differ.is_empty()).then(|| differ.join("; "))
}

#[test]
fn the_collection_is_counted_as_it_was_counted_by_hand() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Some(rows) = rows(&corpus) else {
        eprintln!("SKIPPED: no reference collection at ../shared/corpus; nothing was compared");
        return;
    };
    let mut failures = Vec::new();
    let mut compared = 0_usize;
    for row in rows.iter().filter(|row| row.path.starts_with("sboms/")) {
        let Ok(bytes) = fs::read(corpus.join(&row.path)) else { continue };
        compared += 1;
        failures.extend(wrong(row, &bytes).map(|why| format!("{}: {why}", row.path)));
    }
    eprintln!("{compared} documents compared");
    assert!(compared > 0, "the index names no document that is there");
    assert!(failures.is_empty(), "{} of {compared}:\n{}", failures.len(), failures.join("\n"));
}
