//! Every SBOM of the reference collection, where it lies beside the project, against counts that
//! were made without this program.

use std::{collections::HashMap, fs, path::Path};

use sigscope::domain::sbom::Sbom;

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
    let sbom = match read {
        Ok(sbom) => sbom,
        Err(error) => return Some(error.to_string()),
    };
    // A component's own text is a piece of the document.
    let text = sbom.source().text();
    for part in sbom.components() {
        let raw = part.raw().unwrap_or_default();
        let at = raw.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        if raw.is_empty() || text.get(at..at + raw.len()) != Some(raw) {
            return Some(format!("{:?} has no text of its own", part.name()));
        }
    }
    let counts = sbom.counts();
    let compared: [(&str, usize, &[&str]); 4] = [
        ("components", counts.components, &["components", "packages"]),
        ("edges", counts.edges, &["dep_edges_distinct", "dep_edges"]),
        ("purls", counts.purls, &["purls", "purls_incl_root"]),
        ("licences", counts.licences, &["licences", "licences_incl_root"]),
    ];
    // The licences of XML were counted by a reader that trims differently.
    let is_xml = row.truth["format"].contains("xml");
    let differ: Vec<String> = compared
        .into_iter()
        .filter(|(name, ..)| !(is_xml && *name == "licences"))
        .filter_map(|(name, got, keys)| {
            let wanted = keys.iter().filter_map(|key| row.truth.get(*key)?.parse().ok());
            let wanted: Vec<usize> = wanted.collect();
            (!wanted.contains(&got)).then(|| format!("{name} {got}, truth {wanted:?}"))
        })
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
