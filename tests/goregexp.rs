//! Expressions mean what they mean to Go, whose `regexp` cosign, gh and the admission controllers
//! use: a table that Go 1.26 answered, every expression on every input.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

use std::fs;

use serde_json::Value;
use sigscope::domain::goregexp::GoRegexp;

/// Expressions that Go takes and that are refused here: exit 2 is not a wrong answer, but each is
/// named, so that none joins them unseen.
const NOT_CARRIED: [&str; 17] = [
    "\\Q\\E",
    "a\\Q\\E*",
    "\\x{D800}",
    "^\\p{Letter}$",
    "^\\p{letter}$",
    "^\\p{Any}$",
    "^\\p{ASCII}$",
    "^\\p{LC}$",
    "^\\p{Cn}$",
    "^\\p{Cs}$",
    "^\\p{Tibetan}$",
    "(?)",
    "(?)a",
    "(?ii)a",
    "(?P<n>a)(?P<n>b)",
    "(?P<1a>a)",
    "{,2}(?i)?{,2}[:digit:]$",
];

#[test]
fn every_expression_answers_as_go_answers() {
    let table = fs::read_to_string("tests/fixtures/goregexp/table.jsonl").unwrap();
    let mut rows = table.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let inputs = rows.next().unwrap()["inputs"].clone();
    let inputs: Vec<&str> = inputs.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let (mut wrong, mut not_carried, mut carried) = (vec![], vec![], 0);
    for row in rows {
        let pattern = row["pattern"].as_str().unwrap();
        let refused = row.get("refused").is_some();
        let regexp = match (GoRegexp::new(pattern), refused) {
            (Err(_), true) => continue,
            (Err(_), false) => {
                not_carried.push(pattern.to_owned());
                continue;
            }
            (Ok(_), true) => {
                wrong.push(format!("{pattern:?}: Go refuses it"));
                continue;
            }
            (Ok(regexp), false) => regexp,
        };
        carried += 1;
        for (number, input) in inputs.iter().enumerate() {
            let wanted = row["matches"].get(number.to_string()).and_then(Value::as_str);
            let found = regexp.find(input).map(|r| format!("{}-{}", r.start, r.end));
            let is_match = regexp.is_match(input);
            if found.as_deref() != wanted || is_match != wanted.is_some() {
                wrong.push(format!("{pattern:?} on {input:?}: {found:?}, Go {wanted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let names: Vec<&str> = not_carried.iter().map(String::as_str).collect();
    assert_eq!(names, NOT_CARRIED);
    assert!(carried > 400, "only {carried} were compared");
}
