//! YAML documents as JSON values: what another reader makes of a policy.
#![allow(dead_code, reason = "no test uses everything")]

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// Every document of a text.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let (mut all, mut open) = (vec![], vec![]);
    for event in Parser::new_from_str(text) {
        let (event, _) = event.unwrap_or_else(|e| panic!("{e}\n{text}"));
        let done = match event {
            Event::SequenceStart(..) => {
                open.push(Open::List(vec![]));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop().unwrap() {
                Open::List(list) => Value::Array(list),
                Open::Map(map, _) => Value::Object(map),
            },
            Event::Scalar(text, style, ..) => match (&*text, style) {
                ("true", ScalarStyle::Plain) => Value::Bool(true),
                ("false", ScalarStyle::Plain) => Value::Bool(false),
                (digits, ScalarStyle::Plain) if digits.parse::<i64>().is_ok() => {
                    Value::from(digits.parse::<i64>().unwrap())
                }
                (text, _) => Value::from(text.to_owned()),
            },
            Event::Alias(_) => panic!("a policy has no alias"),
            _ => continue,
        };
        match open.last_mut() {
            None => all.push(done),
            Some(Open::List(list)) => list.push(done),
            Some(Open::Map(map, name)) => match name.take() {
                None => *name = Some(done.as_str().unwrap().to_owned()),
                Some(name) => assert!(map.insert(name.clone(), done).is_none(), "{name} twice"),
            },
        }
    }
    all
}

/// A value at a path of names and numbers.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('/').fold(value, |value, step| match step.parse::<usize>() {
        Ok(number) => &value[number],
        Err(_) => &value[step],
    })
}
