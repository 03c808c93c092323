use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn sorted(tags: &[&str]) -> Vec<String> {
    let mut tags: Vec<String> = tags.iter().map(|t| (*t).to_owned()).collect();
    tags.sort_by_cached_key(|tag| TagOrder::of(tag));
    tags
}

#[test]
fn the_newest_version_comes_first_with_its_variants_under_it_and_names_come_last() {
    for row in [
        &["v1.10.0", "1.9.1", "1.9.1-rc.1", "1.2", "edge", "latest"][..],
        &["4.1.0", "4.1.0-rc.10", "4.1.0-rc.2", "4.1.0-beta", "4.0.0", "4.0.0-busybox", "3.9.0"],
        &["4.0.0", "4.0.0-alpine", "4.0.0-busybox", "4.0.0-rc.1", "4.0.0-dev", "4.0.0-1"],
        &["1.2.0", "1.2", "1", "0.9.0"],
        &["1.0.0", "1.0.0_build.9", "1.0.0_build.10", "1.0.0-rc.1"],
        &["2.0.0", "v2.0.0", "1.0.0"],
        &["2024.05.01", "20.4", "2024.1.1.1", "build-9", "build-10", "Main", "sha-1f"],
        &["18446744073709551615.0.0", "1.0.0", "18446744073709551616.0.0"],
        &["1.0.0", "1.0.0-", "1.0.0_a_b", "1.0..0", "v"],
    ] {
        let mut back: Vec<&str> = row.to_vec();
        back.reverse();
        assert_eq!(sorted(&back), row);
    }
}

#[test]
fn a_full_version_should_stay_where_it_is() {
    for (tag, fixed) in [
        ("4.0.0", true),
        ("v4.0.0", true),
        ("4.0.0-busybox", true),
        ("4.0.0-rc.1", true),
        ("1.0.0_build.5", true),
        ("4.0", false),
        ("4", false),
        ("latest", false),
        ("main", false),
        ("4.0.0-nightly", false),
        ("4.0.0-SNAPSHOT", false),
        ("1.2.3.4", false),
    ] {
        assert_eq!(is_fixed(tag), fixed, "{tag}");
    }
}

#[test]
fn constraints_mean_what_helm_means() {
    for (constraint, fits, fails) in [
        (
            "^4",
            &["4.0.0", "v4.9.9", "4", "4.1"][..],
            &["3.9.9", "5.0.0", "4.1.0-rc.1", "latest"][..],
        ),
        (">=3.9 <5", &["3.9.0", "4.2.1"], &["3.8.9", "5.0.0", "4.0.0-busybox"]),
        (">=3.9, <5", &["3.9.0", "4.2.1"], &["3.8.9", "5.0.0"]),
        ("~1.2", &["1.2.0", "1.2.9"], &["1.3.0", "1.1.9"]),
        ("~1.2.3", &["1.2.3", "1.2.9"], &["1.2.2", "1.3.0"]),
        ("~>1", &["1.0.0", "1.9.0"], &["2.0.0", "0.9.0"]),
        ("1.x", &["1.0.0", "1.9.9"], &["2.0.0", "0.9.0"]),
        ("1.2.*", &["1.2.0", "1.2.9"], &["1.3.0"]),
        ("*", &["0.0.1", "9.9.9"], &["1.0.0-rc.1", "main"]),
        ("1.2", &["1.2.0", "1.2.7"], &["1.3.0"]),
        ("1.2.3", &["1.2.3", "v1.2.3", "1.2.3_b1"], &["1.2.4", "1.2.3-rc.1"]),
        ("^3 || ^5", &["3.1.0", "5.0.0"], &["4.0.0"]),
        ("1.2 - 1.4", &["1.2.0", "1.4.9"], &["1.1.9", "1.5.0"]),
        ("1.2.0 - 1.4.0 !=1.3.0", &["1.2.0", "1.4.0"], &["1.3.0", "1.4.1"]),
        (">11", &["12.0.0"], &["11.0.0", "11.1.0"]),
        (">11.1", &["11.2.0", "12.0.0"], &["11.1.5"]),
        ("<=11", &["11.9.9", "10.0.0"], &["12.0.0"]),
        ("=<11.1.0", &["11.1.0"], &["11.1.1"]),
        ("!=1.x", &["2.0.0", "0.1.0"], &["1.5.0"]),
        ("!=1.2.3", &["1.2.4"], &["1.2.3"]),
        ("^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0", "0.2.2"]),
        ("^0.0.3", &["0.0.3"], &["0.0.4"]),
        ("^0.0", &["0.0.0", "0.0.9"], &["0.1.0"]),
        ("^0", &["0.0.1", "0.9.0"], &["1.0.0"]),
        // Prereleases only where they are asked for, by the whole group.
        ("^4-0", &["4.0.0", "4.1.0-rc.1", "4.0.0-busybox"], &["5.0.0"]),
        (">=4.1.0-rc.1 <5", &["4.1.0-rc.2", "4.1.0"], &["4.1.0-rc.0", "5.0.0"]),
        ("^3 || >=5.0.0-0", &["5.0.0-rc.1", "3.0.0"], &["3.0.0-rc.1"]),
    ] {
        let parsed = Constraint::parse(constraint).unwrap();
        let allows = |tag: &str| Version::parse(tag).is_some_and(|v| parsed.allows(&v));
        for tag in fits {
            assert!(allows(tag), "{constraint} takes {tag}");
        }
        for tag in fails {
            assert!(!allows(tag), "{constraint} leaves {tag}");
        }
    }
}

#[test]
fn a_bad_constraint_is_told_where_it_is_bad() {
    for (text, at) in [
        ("", 0),
        (">=", 2),
        ("^4 || ", 5),
        (">=3.9 <z", 7),
        ("1.2.3.4", 0),
        ("^1..2", 1),
        ("1.2 - ", 6),
        (">1 - 2", 0),
        ("é", 0),
        (">=1 é", 4),
    ] {
        assert_eq!(Constraint::parse(text).unwrap_err().at, at, "{text}");
    }
}

#[test]
fn letters_and_constraints_are_told_apart() {
    for (text, constraint) in [
        ("^4", true),
        (">=3.9 <5", true),
        ("1.x", true),
        ("v1.2.x", true),
        ("*", true),
        ("1 - 2", true),
        ("4.0", false),
        ("busybox", false),
        ("rc", false),
        ("x", false),
        ("linux.x", false),
    ] {
        assert_eq!(Constraint::is_meant(text), constraint, "{text}");
    }
}

fn tag() -> impl Strategy<Value = String> {
    prop_oneof![
        "v?[0-9]{1,3}(\\.[0-9]{1,2}){0,3}(-[a-z0-9.-]{0,6})?([_+][a-z0-9]{0,3})?",
        "[A-Za-z0-9_.-]{1,9}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn the_order_of_tags_is_total(a in tag(), b in tag(), c in tag()) {
        let [x, y, z] = [&a, &b, &c].map(|t| TagOrder::of(t));
        prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
        prop_assert_eq!(x.cmp(&y) == Ordering::Equal, a == b);
        if x <= y && y <= z {
            prop_assert!(x <= z);
        }
    }

    #[test]
    fn any_text_is_a_constraint_or_an_error_inside_it(text in any::<String>()) {
        if let Err(error) = Constraint::parse(&text) {
            prop_assert!(error.at <= text.chars().count());
        }
    }
}
