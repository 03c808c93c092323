//! The comparison that stands behind every edit.

use super::*;

#[test]
fn a_result_that_says_something_else_is_refused() {
    let was = Lines::parse("FROM a\nRUN <<E\nx\nE\n");
    let words = BTreeMap::from([(0, vec![(5..6, "b".to_owned())])]);
    for (is, same) in [
        ("FROM b\nRUN <<E\nx\nE\n", true),
        ("# c\nFROM \\\nb\nRUN <<E\nx\nE", true),
        ("FROM a\nRUN <<E\nx\nE\n", false),
        ("FROM b\nRUN <<E\ny\nE\n", false),
        ("FROM b\nRUN x <<E\nx\nE\n", false),
        ("FROM b\nRUN <<E\nx\nE\nFROM c\n", false),
        ("# syntax=x\nFROM b\nRUN <<E\nx\nE\n", false),
        ("# escape=`\nFROM b\nRUN <<E\nx\nE\n", false),
    ] {
        assert_eq!(check(&was, &Lines::parse(is), &words).is_ok(), same, "{is}");
    }
}
