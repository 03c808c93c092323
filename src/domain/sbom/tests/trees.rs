//! The tree: rows, folding, filters; and that nothing here panics on mutated documents.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{
    super::tree::{Row, Shape, Tree},
    BEACON, HOSTILE, SPDX, Sbom, cyclonedx,
    random::{Random, document},
};

type Place = Option<u32>;

fn below(sbom: &Sbom, place: Place) -> Vec<Place> {
    sbom.dependencies_of(place).chain(sbom.contents_of(place)).collect()
}

/// `name` of each row, indented by its depth, with a mark for its shape.
fn drawn(sbom: &Sbom, tree: &Tree) -> Vec<String> {
    let line = |row: &Row| {
        let mark = match row.shape {
            Shape::Leaf => "-",
            Shape::Open => "v",
            Shape::Closed => ">",
            Shape::SeenAbove => "^",
            Shape::Cycle => "o",
        };
        let part = row.component.map_or_else(|| sbom.root(), |i| sbom.component(i)).unwrap();
        format!("{}{mark}{}", " ".repeat(usize::from(row.depth)), part.name())
    };
    tree.rows().iter().map(line).collect()
}

fn sample() -> Sbom {
    let parts = ["a", "b", "c", "d", "e", "f", "g"]
        .map(|n| format!(r#"{{"name":"{n}","bom-ref":"{n}"}}"#))
        .join(",");
    cyclonedx(&format!(
        r#""metadata":{{"component":{{"name":"root","bom-ref":"r"}}}},"components":[{parts}],
        "dependencies":[{{"ref":"r","dependsOn":["a","b"]}},{{"ref":"a","dependsOn":["c"]}},
        {{"ref":"b","dependsOn":["c","r"]}},{{"ref":"c","dependsOn":["d","a"]}},
        {{"ref":"e","dependsOn":["d"]}},{{"ref":"f","dependsOn":["g"]}},
        {{"ref":"g","dependsOn":["f"]}}]"#
    ))
    .unwrap()
}

#[test]
fn a_tree_unfolds_in_place_and_repeats_nothing() {
    let sbom = sample();
    let mut tree = Tree::new(&sbom);
    assert_eq!(drawn(&sbom, &tree), ["vroot", " >a", " >b", ">e", ">f"]);
    assert_eq!(tree.toggle(&sbom, 2), 2);
    assert_eq!(drawn(&sbom, &tree), ["vroot", " >a", " vb", "  >c", "  oroot", ">e", ">f"]);
    tree.toggle(&sbom, 1);
    assert_eq!(drawn(&sbom, &tree), ["vroot", " va", "  >c", " vb", "  ^c", "  oroot", ">e", ">f"]);
    assert_eq!(tree.toggle(&sbom, 4), 2, "the cursor goes where c is shown");
    assert_eq!(tree.toggle(&sbom, 5), 0, "the cursor goes to the root");
    tree.set_all(&sbom, true);
    assert_eq!(
        drawn(&sbom, &tree),
        [
            "vroot", " va", "  vc", "   -d", "   oa", " vb", "  ^c", "  oroot", "ve", " ^d", "vf",
            " vg", "  of"
        ]
    );
    assert_eq!(tree.toggle(&sbom, 99), 99);
}

#[test]
fn a_filter_shows_hits_and_one_way_to_each_and_goes_away_without_a_trace() {
    let sbom = sample();
    let mut tree = Tree::new(&sbom);
    tree.toggle(&sbom, 1);
    let before = drawn(&sbom, &tree);
    for (hits, rows) in [
        (&[][..], &[][..]),
        (&[3], &["vroot", " va", "  vc", "   -d"]),
        (&[2, 1], &["vroot", " va", "  >c", " >b"]),
        (&[6], &["vf", " >g"]),
        (&[4, 99, u32::MAX], &[">e"]),
    ] {
        tree.filter(&sbom, hits);
        assert_eq!(drawn(&sbom, &tree), rows, "{hits:?}");
    }
    tree.filter(&sbom, &[2]);
    tree.toggle(&sbom, 2);
    assert_eq!(drawn(&sbom, &tree), ["vroot", " va", "  vc", "   -d", "   oa"]);
    tree.toggle(&sbom, 1);
    assert_eq!(drawn(&sbom, &tree), ["vroot", " >a"]);
    tree.unfilter(&sbom);
    assert_eq!(drawn(&sbom, &tree), before);
    assert_eq!(tree.way_to(&sbom, 3), [None, Some(0), Some(2), Some(3)]);
}

/// What must hold of any rows.
fn check(sbom: &Sbom, rows: &[Row]) {
    let (mut way, mut seen) = (Vec::<Place>::new(), BTreeSet::new());
    for (at, row) in rows.iter().enumerate() {
        let depth = usize::from(row.depth);
        assert!(depth <= way.len(), "row {at} hangs in the air");
        way.truncate(depth);
        if let Some(above) = way.last() {
            assert!(below(sbom, *above).contains(&row.component), "row {at} is not below its own");
        }
        let shape = match (way.contains(&row.component), seen.insert(row.component)) {
            (true, _) => Shape::Cycle,
            (false, false) => Shape::SeenAbove,
            (false, true) if below(sbom, row.component).is_empty() => Shape::Leaf,
            (false, true) => {
                assert!(matches!(row.shape, Shape::Open | Shape::Closed), "row {at}: {row:?}");
                row.shape
            }
        };
        assert_eq!(row.shape, shape, "row {at}");
        let inner = rows.get(at + 1).is_some_and(|next| next.depth > row.depth);
        assert_eq!(inner, row.shape == Shape::Open, "row {at}: {row:?}");
        if row.shape == Shape::Open {
            way.push(row.component);
        }
    }
}

/// Steps from the nearest top row to everything.
fn distances(sbom: &Sbom, tops: &[Place]) -> BTreeMap<Place, usize> {
    let mut distances = BTreeMap::new();
    for top in tops {
        let mut queue = VecDeque::from([(*top, 0)]);
        while let Some((place, steps)) = queue.pop_front() {
            if distances.contains_key(&place) {
                continue;
            }
            distances.insert(place, steps);
            queue.extend(below(sbom, place).into_iter().map(|next| (next, steps + 1)));
        }
    }
    distances
}

fn exercise(sbom: &Sbom, random: &mut Random) {
    let mut tree = Tree::new(sbom);
    check(sbom, tree.rows());
    for _ in 0..10 {
        let row = random.below(tree.rows().len());
        let above = tree.rows().get(..row).unwrap_or_default().to_vec();
        tree.toggle(sbom, row);
        check(sbom, tree.rows());
        assert!(tree.rows().starts_with(&above), "what is above a toggled row never moves");
    }
    let before = tree.clone();
    let count = sbom.components().len();
    let hits: BTreeSet<u32> =
        (0..random.below(5)).map(|_| u32::try_from(random.below(count)).unwrap()).collect();
    let hits: Vec<u32> = hits.into_iter().filter(|_| count > 0).collect();
    tree.filter(sbom, &hits);
    check(sbom, tree.rows());
    check_filter(sbom, &tree, &hits);
    tree.unfilter(sbom);
    assert_eq!(tree, before);
    tree.set_all(sbom, true);
    check(sbom, tree.rows());
    let shown: BTreeSet<Place> = tree.rows().iter().map(|row| row.component).collect();
    assert_eq!(shown.len(), count + usize::from(sbom.root().is_some()), "everything is shown");
}

fn check_filter(sbom: &Sbom, tree: &Tree, hits: &[u32]) {
    let all = Tree::new(sbom);
    let tops: Vec<Place> =
        all.rows().iter().filter(|row| row.depth == 0).map(|row| row.component).collect();
    let distances = distances(sbom, &tops);
    let mut expected = BTreeSet::new();
    for hit in hits {
        let way = tree.way_to(sbom, *hit);
        assert_eq!(way.len(), distances[&Some(*hit)] + 1, "no shorter way");
        assert!(way.windows(2).all(|step| below(sbom, step[0]).contains(&step[1])));
        expected.extend(way);
    }
    let shown: Vec<Place> = tree.rows().iter().map(|row| row.component).collect();
    assert_eq!(shown.len(), expected.len(), "nothing twice");
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), expected, "hits and the ways to them");
}

#[test]
fn rows_are_a_pre_order_whatever_the_graph_and_whatever_is_toggled() {
    let mut random = Random(1);
    for _ in 0..150 {
        let sbom = document(&mut random, 30);
        exercise(&sbom, &mut random);
    }
}

#[test]
fn a_long_chain_costs_no_stack() {
    let parts: Vec<String> =
        (0..70_000).map(|i| format!(r#"{{"name":"{i}","bom-ref":"{i}"}}"#)).collect();
    let edges: Vec<String> =
        (0..69_999).map(|i| format!(r#"{{"ref":"{i}","dependsOn":["{}"]}}"#, i + 1)).collect();
    let sbom = cyclonedx(&format!(
        r#""components":[{}],"dependencies":[{}]"#,
        parts.join(","),
        edges.join(",")
    ))
    .unwrap();
    let mut tree = Tree::new(&sbom);
    tree.set_all(&sbom, true);
    assert_eq!(tree.rows().len(), 70_000);
    assert_eq!(tree.rows().last().unwrap().depth, u16::MAX);
    tree.filter(&sbom, &[69_999]);
    assert_eq!(tree.rows().len(), 70_000);
}

#[test]
fn no_mutated_document_panics() {
    let mut random = Random(2);
    for document in [BEACON, HOSTILE, SPDX] {
        for _ in 0..60 {
            let mut bytes = document.as_bytes().to_vec();
            for _ in 0..=random.below(4) {
                let (at, to) = (random.below(bytes.len()), random.below(bytes.len()));
                match random.below(4) {
                    0 => bytes[at] = b"{}[]\",:0\\n\xff"[random.below(11)],
                    1 => bytes.truncate(at),
                    2 => drop(bytes.drain(at.min(to)..at.max(to).min(at.min(to) + 40))),
                    _ => bytes.insert(at, b"{}[]\",:0\\n\xff"[random.below(11)]),
                }
                bytes.push(b' ');
            }
            let _ = Sbom::parse(bytes.as_slice());
        }
    }
}

#[test]
fn no_document_with_values_in_wrong_places_panics_or_breaks_the_tree() {
    let mut random = Random(3);
    for document in [BEACON, SPDX] {
        let mut value: Value = serde_json::from_str(document).unwrap();
        for list in ["components", "packages", "dependencies", "relationships"] {
            if let Some(Value::Array(items)) = value.get_mut(list) {
                items.truncate(25);
            }
        }
        for _ in 0..120 {
            let mut mutant = value.clone();
            for _ in 0..=random.below(6) {
                let donor = pick(&value, &mut random).clone();
                graft(&mut mutant, donor, &mut random);
            }
            if let Ok(sbom) = Sbom::parse(mutant.to_string().as_bytes()) {
                assert_eq!(sbom.counts().components, sbom.components().len());
                exercise(&sbom, &mut random);
                let _ = sbom.search("go 1");
            }
        }
    }
}

/// Some value inside another.
fn pick<'v>(value: &'v Value, random: &mut Random) -> &'v Value {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => return value,
    };
    match inner.get(random.below(inner.len() + 1)) {
        Some(inner) => pick(inner, random),
        None => value,
    }
}

/// Puts a value somewhere inside another, or takes one away.
fn graft(value: &mut Value, donor: Value, random: &mut Random) {
    match value {
        Value::Array(items) if !items.is_empty() && random.below(4) > 0 => {
            let at = random.below(items.len());
            graft(&mut items[at], donor, random);
        }
        Value::Array(items) => items.push(donor),
        Value::Object(members) if !members.is_empty() && random.below(8) > 0 => {
            let key = members.keys().nth(random.below(members.len())).unwrap().clone();
            if random.below(20) == 0 {
                members.remove(&key);
            } else {
                graft(&mut members[&key], donor, random);
            }
        }
        other => *other = if random.below(4) == 0 { Value::Null } else { donor },
    }
}
