//! Ways, lists and groups: on real documents, and on random ones against a slow answer.

use std::collections::HashSet;

use super::{
    super::{
        list::{GroupKey, SortKey, grouped, purl_type, sorted},
        paths::{MAX_WAYS, Paths},
        rows::{Arrangement, Line, Rows},
        tree::Shape,
    },
    BEACON, ENIX, Sbom, cyclonedx, find,
    random::{Random, document},
};

fn diamonds(levels: usize) -> Sbom {
    let mut parts = Vec::new();
    let mut edges = vec![r#"{"ref":"root","dependsOn":["a0","b0"]}"#.to_owned()];
    for level in 0..levels {
        for side in ["a", "b"] {
            parts.push(format!(r#"{{"name":"{side}{level}","bom-ref":"{side}{level}"}}"#));
            let next = level + 1;
            edges.push(format!(r#"{{"ref":"{side}{level}","dependsOn":["a{next}","b{next}"]}}"#));
        }
    }
    cyclonedx(&format!(
        r#""metadata":{{"component":{{"name":"root","bom-ref":"root"}}}},"components":[{}],"dependencies":[{}]"#,
        parts.join(","),
        edges.join(",")
    ))
    .unwrap()
}

#[test]
fn every_shortest_way_is_counted_and_the_first_are_listed() {
    for (levels, count) in [(1, 1), (2, 2), (5, 16), (60, 1 << 59), (80, u64::MAX)] {
        let sbom = diamonds(levels);
        let (last, _) = find(&sbom, &format!("a{}", levels - 1));
        let ways = Paths::new(&sbom).ways(&sbom, last);
        assert_eq!(ways.count, count, "{levels}");
        assert_eq!(ways.listed.len() as u64, count.min(MAX_WAYS as u64), "{levels}");
        let distinct: HashSet<_> = ways.listed.iter().collect();
        assert_eq!(distinct.len(), ways.listed.len());
    }
}

#[test]
fn a_way_goes_from_the_root_along_edges_and_is_as_short_as_the_trees() {
    let mut random = Random(11);
    for _ in 0..200 {
        let sbom = document(&mut random, 30);
        let (paths, tree) = (Paths::new(&sbom), super::super::tree::Tree::new(&sbom));
        for component in 0..u32::try_from(sbom.len()).unwrap() {
            let ways = paths.ways(&sbom, component);
            assert_eq!(ways.count == 0, ways.listed.is_empty());
            for way in &ways.listed {
                assert_eq!(way.last(), Some(&Some(component)));
                assert_eq!(way.len() - 1, paths.steps(component).unwrap() as usize);
                for pair in way.windows(2) {
                    let below: Vec<_> =
                        sbom.dependencies_of(pair[0]).chain(sbom.contents_of(pair[0])).collect();
                    assert!(below.contains(&pair[1]), "{pair:?}");
                }
                if way[0].is_none() {
                    assert_eq!(way.len(), tree.way_to(&sbom, component).len());
                }
            }
        }
    }
}

#[test]
fn a_list_is_in_the_order_that_was_asked_for() {
    let sbom = cyclonedx(
        r#""components":[
        {"name":"b","bom-ref":"b","version":"1.10.0","type":"library"},
        {"name":"A","bom-ref":"a","version":"v1.9","type":"file","licenses":[{"license":{"id":"MIT"}}]},
        {"group":"a","name":"a","version":"01.9.1","type":"library"},
        {"name":"c","licenses":[{"license":{"id":"Apache-2.0"}}]}],
        "dependencies":[{"ref":"b","dependsOn":["a"]}]"#,
    )
    .unwrap();
    for (key, order) in [
        (SortKey::Document, [0, 1, 2, 3]),
        (SortKey::Name, [1, 2, 0, 3]),
        (SortKey::Version, [1, 2, 0, 3]),
        (SortKey::Licence, [3, 1, 0, 2]),
        (SortKey::Kind, [1, 0, 2, 3]),
        (SortKey::Dependents, [1, 0, 2, 3]),
    ] {
        assert_eq!(sorted(&sbom, key), order, "{key:?}");
    }
}

#[test]
fn a_sorted_list_of_a_real_document_is_sorted_and_complete() {
    let sbom = Sbom::parse(BEACON).unwrap();
    let order = sorted(&sbom, SortKey::Name);
    let names: Vec<_> =
        order.iter().map(|n| sbom.component(*n).unwrap().name().to_lowercase()).collect();
    assert!(names.is_sorted());
    assert_eq!(order.iter().collect::<HashSet<_>>().len(), sbom.len());
}

#[test]
fn groups_hold_every_component_under_what_is_said_of_it() {
    let sbom = Sbom::parse(ENIX).unwrap();
    for key in GroupKey::ALL {
        let groups = grouped(&sbom, key);
        let members: HashSet<u32> = groups.iter().flat_map(|g| g.members.clone()).collect();
        assert_eq!(members.len(), sbom.len(), "{key:?}");
        for group in &groups {
            for member in &group.members {
                let labels = key.of(sbom.component(*member).unwrap());
                match &group.label {
                    Some(label) => assert!(labels.contains(&label.as_str())),
                    None => assert!(labels.is_empty()),
                }
            }
        }
    }
    assert_eq!(purl_type("pkg:golang/k8s.io/client-go@v1"), Some("golang"));
    assert_eq!(
        (purl_type("golang/x"), purl_type("pkg:/x"), purl_type("pkg:x")),
        (None, None, None)
    );
}

#[test]
fn a_filter_shows_exactly_the_hits_in_a_list_and_in_groups() {
    let sbom = Sbom::parse(ENIX).unwrap();
    let hits = sbom.search("k8s.io");
    for arrangement in [
        Arrangement::List(SortKey::Name),
        Arrangement::Groups(GroupKey::PurlType),
        Arrangement::Groups(GroupKey::Licence),
    ] {
        let mut rows = Rows::new(&sbom, arrangement);
        let before = rows.clone();
        rows.filter(&sbom, &hits);
        let shown: HashSet<u32> =
            (0..rows.len()).filter_map(|row| rows.get(row)?.component()?).collect();
        assert_eq!(shown, hits.iter().copied().collect(), "{arrangement:?}");
        assert_eq!(rows.get(rows.len()), None);
        rows.unfilter(&sbom);
        assert_eq!(rows, before, "{arrangement:?}");
    }
}

#[test]
fn a_group_opens_and_closes_from_its_heading_and_from_its_members() {
    let sbom = cyclonedx(
        r#""components":[{"name":"a","type":"x"},{"name":"b","type":"y"},{"name":"c","type":"x"}]"#,
    )
    .unwrap();
    let mut rows = Rows::new(&sbom, Arrangement::Groups(GroupKey::Kind));
    assert_eq!((rows.len(), rows.group(0)), (2, Some((Some("x"), 2, 2))));
    assert_eq!(rows.toggle(&sbom, 0), 0);
    assert_eq!((rows.len(), rows.get(0)), (4, Some(Line::Group(0, true))));
    assert_eq!(rows.get(2).map(Line::component), Some(Some(Some(2))));
    assert_eq!(rows.get(2).map(Line::shape), Some(Shape::Leaf));
    assert_eq!(rows.home(Some(2)), Some(2));
    assert_eq!(rows.toggle(&sbom, 2), 0);
    assert_eq!(rows.len(), 2);
}
