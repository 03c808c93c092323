//! Images of a Dockerfile: `FROM`, `COPY --from=`, `RUN --mount=…,from=`.

mod lines;
mod readers;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use self::lines::{Instruction, Lines};
use super::{
    EditError, Form, LeftAlone, NOT_PROVED, Pin, Place,
    edit::{self, Change},
    found::{Site, left_alone},
    scalar::{self, Style, Token},
    why::Why,
};

#[cfg(test)]
mod tests;

/// Whether that is the name of a Dockerfile.
pub(super) fn is_one(name: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    ["dockerfile", "containerfile"].iter().any(|word| {
        let before =
            name.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let behind = name.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
        before
            || (behind && !name.ends_with(".dockerignore") && !name.ends_with(".containerignore"))
    })
}

/// What a Dockerfile holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// What can be pinned.
    pub(super) places: Vec<(Place, Site)>,
    /// What is left alone.
    pub(super) left: Vec<LeftAlone>,
}

/// Reads one.
///
/// # Errors
/// Where readers take it apart differently.
pub(super) fn read(text: &str) -> Result<Read, String> {
    let lines = Lines::parse(text);
    refuse(&lines)?;
    let mut read = Read::default();
    let other = readers::other_frontend(text);
    if let Some((line, syntax)) = lines.syntax.as_ref().or(other.as_ref()) {
        let why = Why::decided("the frontend that builds it, named in a comment");
        read.left.push(left_alone(*line, syntax, why));
    }
    let mut stages = BTreeSet::new();
    for (number, instruction) in lines.instructions.iter().enumerate() {
        let (keyword, behind) = instruction.keyword();
        match keyword.as_str() {
            "FROM" => read.from((number, instruction), behind, &mut stages),
            "COPY" => {
                for flag in flags(instruction, behind) {
                    if read.odd_flag(instruction, &flag) {
                        continue;
                    }
                    if let Some(image) = behind_prefix(instruction, &flag, "--from=") {
                        read.word((number, instruction), image, &stages, true);
                    }
                }
            }
            "RUN" => {
                for flag in flags(instruction, behind) {
                    if read.odd_flag(instruction, &flag) {
                        continue;
                    }
                    let Some(mount) = behind_prefix(instruction, &flag, "--mount=") else {
                        continue;
                    };
                    for field in fields(instruction, mount) {
                        if let Some(image) = behind_prefix(instruction, &field, "from=") {
                            read.word((number, instruction), image, &stages, true);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(read)
}

/// A file that readers take apart differently is not read at all: behind the place where they part,
/// each sees other instructions.
fn refuse(lines: &Lines) -> Result<(), String> {
    let space = |line: usize| Err(format!("line {line}: white space that readers see differently"));
    if let Some(line) = lines.odd {
        return space(line);
    }
    for instruction in &lines.instructions {
        if readers::has_odd_space(&instruction.text) {
            return space(instruction.line);
        }
        if readers::has_odd_document(instruction) {
            let line = instruction.line;
            return Err(format!("line {line}: a here-document that readers end differently"));
        }
    }
    Ok(())
}

/// Flags stand before the arguments: `--platform=…`, `--from=…`.
fn flags(instruction: &Instruction, from: usize) -> impl Iterator<Item = Range<usize>> {
    let flag = |word: &Range<usize>| is_flag(instruction, word);
    instruction.words_from(from).take_while(flag)
}

fn is_flag(instruction: &Instruction, word: &Range<usize>) -> bool {
    instruction.text.get(word.clone()).is_some_and(|word| word.starts_with("--"))
}

fn behind_prefix(
    instruction: &Instruction,
    word: &Range<usize>,
    prefix: &str,
) -> Option<Range<usize>> {
    let text = instruction.text.get(word.clone())?;
    let own = text.get(..prefix.len())?;
    (own.eq_ignore_ascii_case(prefix) && text.len() > prefix.len())
        .then(|| word.start + prefix.len()..word.end)
}

/// The fields of `--mount=type=bind,from=image`.
fn fields(instruction: &Instruction, mount: Range<usize>) -> Vec<Range<usize>> {
    let mut start = mount.start;
    let text = instruction.text.get(mount).unwrap_or_default();
    text.split(',')
        .map(|field| {
            let range = start..start + field.len();
            start = range.end + 1;
            range
        })
        .collect()
}

impl Read {
    fn from(
        &mut self,
        (number, instruction): (usize, &Instruction),
        behind: usize,
        stages: &mut BTreeSet<String>,
    ) {
        let mut words =
            instruction.words_from(behind).skip_while(|word| is_flag(instruction, word));
        let Some(image) = words.next() else { return };
        self.word((number, instruction), image, stages, false);
        let mut rest = words.filter_map(|word| instruction.text.get(word));
        if rest.next().is_some_and(|word| word.eq_ignore_ascii_case("AS")) {
            stages.extend(rest.next().map(str::to_ascii_lowercase));
        }
    }

    /// A flag that may name an image once its quotes and escapes are taken away.
    fn odd_flag(&mut self, instruction: &Instruction, flag: &Range<usize>) -> bool {
        let text = instruction.text.get(flag.clone()).unwrap_or_default();
        let odd = |text: &str| text.contains(['"', '\'', '\\']);
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let images = ["--mount", "--from"].iter().any(|own| name.eq_ignore_ascii_case(own));
        let odd = odd(name) || (images && odd(value));
        if odd {
            let why = "its quotes or escapes may make an image of it";
            self.left.push(left_alone(instruction.line_of(flag), text, why));
        }
        odd
    }

    fn word(
        &mut self,
        (number, instruction): (usize, &Instruction),
        word: Range<usize>,
        stages: &BTreeSet<String>,
        numbers: bool,
    ) {
        let written = instruction.text.get(word.clone()).unwrap_or_default();
        let line = instruction.line_of(&word);
        // "Optionally a name can be given to a new build stage by adding AS name"; names are
        // compared without case, and only earlier ones count.
        let lower = written.to_ascii_lowercase();
        let read = if lower == "scratch" && !numbers {
            Err(Why::decided("an empty image that is nowhere"))
        } else if stages.contains(&lower) {
            Err(Why::decided("a stage of this file"))
        } else if numbers && written.bytes().all(|b| b.is_ascii_digit()) {
            Err(Why::decided("the number of a stage of this file"))
        } else {
            scalar::reference(written).and_then(|reference| {
                let why = || Why::from("it goes over several lines");
                instruction.source(&word).map(|span| (reference, span)).ok_or_else(why)
            })
        };
        match read {
            Ok((reference, span)) => {
                let token = Token { event: number, span, style: Style::Plain, flow: false };
                let (form, written) = (Form::Word, written.to_owned());
                let place = Place { line, form, written, reference };
                self.places.push((place, Site::Word(token, 0)));
            }
            Err(why) => self.left.push(left_alone(line, written, why)),
        }
    }
}

/// `text` with the pins in it.
///
/// Dockerfile reference, "Format": a `#` that does not begin a line is an argument, so our comment is
/// a line of its own above the instruction.
///
/// # Errors
/// Where the result is not what was meant.
pub(super) fn pinned(
    text: &str,
    sites: &[Site],
    pins: &BTreeMap<usize, &Pin>,
) -> Result<String, EditError> {
    let old = Lines::parse(text);
    let mut changes = vec![];
    // For each instruction: what is written into it, and what is said of it.
    let mut words: BTreeMap<usize, Vec<(Range<usize>, String)>> = BTreeMap::new();
    let mut said: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
    for (place, site) in sites.iter().enumerate() {
        let Site::Word(token, _) = site else { continue };
        let pin = pins.get(&place);
        let (all, any) = said.entry(token.event).or_insert((true, false));
        *all &= pin.is_some_and(|pin| pin.proved);
        *any |= pin.is_some_and(|pin| !pin.proved);
        if let Some(pin) = pin {
            let new = edit::word(token.value(text), pin);
            words.entry(token.event).or_default().push((token.span.clone(), new.clone()));
            changes.push(Change { span: token.span.clone(), text: new });
        }
    }
    for (number, (all, any)) in said {
        let Some(instruction) = old.instructions.get(number) else { continue };
        let before = number.checked_sub(1).and_then(|n| old.instructions.get(n));
        // What looks like a comment may be the end of a here-document.
        let room = before.map_or(0, |before| before.end)..instruction.start;
        changes.extend(comment(text, room, all, any));
    }
    let new = edit::apply(text, &changes)?;
    check(&old, &Lines::parse(&new), &words)?;
    Ok(new)
}

/// The comment above an instruction, put there or taken away; `room` is what is between it and the
/// one before it.
fn comment(text: &str, room: Range<usize>, all_proved: bool, any_unproved: bool) -> Option<Change> {
    let at = room.end;
    let mut start = at;
    while let Some(above) = text.get(room.start..start)?.strip_suffix('\n') {
        let line = above.rsplit('\n').next().unwrap_or(above);
        if line.trim() != NOT_PROVED {
            break;
        }
        start -= line.len() + 1;
    }
    let ours = start < at;
    if any_unproved && !ours {
        let end = edit::end_of_line(text, at);
        let comment = format!("{NOT_PROVED}{}", edit::newline_of(text, end));
        Some(Change { span: start..start, text: comment })
    } else if all_proved && ours {
        Some(Change { span: start..at, text: String::new() })
    } else {
        None
    }
}

/// Compares the two instruction by instruction.
fn check(
    old: &Lines,
    new: &Lines,
    words: &BTreeMap<usize, Vec<(Range<usize>, String)>>,
) -> Result<(), EditError> {
    let wrong = || EditError("the result would mean something else than what was meant".to_owned());
    if old.instructions.len() != new.instructions.len()
        || (old.escape, &old.syntax) != (new.escape, &new.syntax)
    {
        return Err(wrong());
    }
    for (number, (was, is)) in old.instructions.iter().zip(&new.instructions).enumerate() {
        let meant = words.get(&number).into_iter().flatten();
        let changes = meant.map(|(span, text)| {
            was.inside(span).map(|span| Change { span, text: text.clone() }).ok_or_else(wrong)
        });
        let wanted = edit::apply(&was.text, &changes.collect::<Result<Vec<_>, _>>()?)?;
        if wanted != is.text || was.documents != is.documents {
            return Err(wrong());
        }
    }
    Ok(())
}
