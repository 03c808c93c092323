//! Constraints over versions, as Helm's users write them: `^4`, `>=3.9 <5`, `~1.2`, `1.x`,
//! `1.2 - 1.4`, `^3 || ^4`.
//!
//! Source: the meaning of Masterminds' `semver` 3.4, which Helm uses, checked against its
//! documentation; Cargo's requirements have no `||` and take `1.2` for `^1.2`.

use std::cmp::Ordering;

use super::Version;

/// Several groups; a version fits when it meets every comparison of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    groups: Vec<Vec<Comparison>>,
}

/// Why a text is no constraint, and where it stops being one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConstraintError {
    /// The character, counted from 0.
    pub at: usize,
    /// In words.
    pub message: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Tilde,
    Caret,
}

/// The longer ones first, since `>` begins `>=`.
const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

/// One comparison; parts that were not written, or written as `x` or `*`, are 0 and open.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    with: Version,
}

impl Constraint {
    /// The constraint of that text.
    ///
    /// # Errors
    /// [`ConstraintError`] with the position of the first character that cannot be.
    pub fn parse(text: &str) -> Result<Self, ConstraintError> {
        let mut groups = Vec::new();
        let mut at = 0;
        for group in text.split("||") {
            groups.push(read_group(group).map_err(|e| ConstraintError { at: e.at + at, ..e })?);
            at += group.chars().count() + 2;
        }
        Ok(Self { groups })
    }

    /// Whether a text is meant as a constraint and not as letters to look for.
    pub fn is_meant(text: &str) -> bool {
        let bare = text.trim().strip_prefix(['v', 'V']).unwrap_or_else(|| text.trim());
        let range = bare.split('.').any(is_open) && bare.starts_with(|c: char| c.is_ascii_digit());
        text.contains(['^', '~', '<', '>', '=', '!', '|', '*']) || text.contains(" - ") || range
    }

    /// Whether a version fits. A prerelease fits only where its group names one.
    pub fn allows(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let asked = group.iter().any(|comparison| comparison.with.is_prerelease());
            (asked || !version.is_prerelease()) && group.iter().all(|c| c.holds(version))
        })
    }
}

fn read_group(group: &str) -> Result<Vec<Comparison>, ConstraintError> {
    let wrong = |at: usize, message| ConstraintError { at: count(group, at), message };
    let mut found = Vec::new();
    let mut rest = group;
    loop {
        let skip: &[char] = if found.is_empty() { &[' '] } else { &[' ', ','] };
        rest = rest.trim_start_matches(skip);
        let at = group.len() - rest.len();
        if rest.is_empty() {
            break;
        }
        let (word, operator) = OPERATORS
            .iter()
            .find(|(word, _)| rest.starts_with(word))
            .map_or(("", Operator::Equal), |(word, operator)| (*word, *operator));
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start_matches(' ');
        let at_version = group.len() - rest.len();
        let end = rest.find([' ', ',']).unwrap_or(rest.len());
        let (version, behind) = rest.split_at(end);
        let with = read_version(version)
            .ok_or_else(|| wrong(at_version, "a version is expected here, such as 4 or 1.2.x"))?;
        rest = behind;
        // `1.2 - 1.4` is `>=1.2 <=1.4`.
        match behind.trim_start_matches(' ').strip_prefix("- ") {
            Some(upper) if word.is_empty() => {
                let upper = upper.trim_start_matches(' ');
                let at = group.len() - upper.len();
                let end = upper.find([' ', ',']).unwrap_or(upper.len());
                let (version, behind) = upper.split_at(end);
                let upper = read_version(version)
                    .ok_or_else(|| wrong(at, "the upper end of the range is expected here"))?;
                found.push(Comparison { operator: Operator::GreaterOrEqual, with });
                found.push(Comparison { operator: Operator::LessOrEqual, with: upper });
                rest = behind;
            }
            Some(_) => return Err(wrong(at, "a range has no operators")),
            None => found.push(Comparison { operator, with }),
        }
    }
    if found.is_empty() {
        return Err(wrong(0, "a constraint is expected here, such as ^4 or >=3.9 <5"));
    }
    Ok(found)
}

/// A part that stands for any number.
fn is_open(part: &str) -> bool {
    matches!(part, "x" | "X" | "*")
}

/// The characters before a byte.
fn count(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).count()
}

/// A version whose parts may be `x` or `*`; what stands behind the first of them is open too.
fn read_version(text: &str) -> Option<Version> {
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let core = bare.find(['-', '+', '_']).unwrap_or(bare.len());
    let (numbers, suffix) = bare.split_at(core);
    let parts: Vec<&str> = numbers.split('.').collect();
    let closed = parts.iter().position(|part| is_open(part)).unwrap_or(parts.len());
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(|part| is_open(part) || number(part)) {
        return None;
    }
    let kept = if closed == 0 { "0".to_owned() } else { parts.get(..closed)?.join(".") };
    let version = Version::parse(&format!("{kept}{suffix}"))?;
    Some(Version { written: u8::try_from(closed).ok()?, ..version })
}

impl Comparison {
    fn holds(&self, version: &Version) -> bool {
        let order = version.precedence(&self.with);
        // The parts that were written; the first of them agree.
        let written = usize::from(self.with.written);
        let agree = |parts: usize| version.core.iter().zip(&self.with.core).take(parts).all(same);
        let complete = written == 3;
        match self.operator {
            Operator::Equal if complete => order == Ordering::Equal,
            Operator::Equal => order != Ordering::Less && agree(written),
            Operator::NotEqual if complete => order != Ordering::Equal,
            Operator::NotEqual => !agree(written),
            // `>11` means 12 and above: everything that 11 may stand for is not greater than it.
            Operator::Greater => order == Ordering::Greater && (complete || !agree(written)),
            Operator::GreaterOrEqual => order != Ordering::Less,
            Operator::Less => order == Ordering::Less,
            Operator::LessOrEqual => order != Ordering::Greater || (!complete && agree(written)),
            Operator::Tilde => order != Ordering::Less && agree(written.min(2)),
            Operator::Caret => order != Ordering::Less && agree(self.caret(written)),
        }
    }

    /// How many parts `^` keeps: up to the first that is not 0, and none that was not written.
    fn caret(&self, written: usize) -> usize {
        let first = self.with.core.iter().position(|part| *part > 0);
        first.map_or(written, |first| (first + 1).min(written))
    }
}

fn same((a, b): (&u64, &u64)) -> bool {
    a == b
}
