//! A Dockerfile as instructions that know which bytes they are.
//!
//! Dockerfile reference, "Format", "Parser directives", "escape", "Here-documents", with what the
//! reference implementation (`BuildKit`) does where the reference is silent.

use std::ops::Range;

use super::readers;

/// One instruction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Where its first line begins.
    pub(super) start: usize,
    /// Where what follows it begins.
    pub(super) end: usize,
    /// That line, from 1.
    pub(super) line: usize,
    /// Its lines put together, without what continues them.
    pub(super) text: String,
    /// Where pieces of `text` come from: their offset in it, in the file, and their line.
    pieces: Vec<(usize, usize, usize)>,
    /// The here-documents behind it.
    pub(super) documents: String,
}

/// A whole file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// What continues a line.
    pub(super) escape: char,
    /// The frontend of `# syntax=`, with its line.
    pub(super) syntax: Option<(usize, String)>,
    /// The instructions.
    pub(super) instructions: Vec<Instruction>,
    /// The first line between them that is blank, or a comment, only for some readers.
    pub(super) odd: Option<usize>,
}

/// One line of the file: offset, number, text without its end.
type Line<'t> = (usize, usize, &'t str);

impl Lines {
    /// Reads a file. Nothing is refused: what is no instruction is an instruction nobody knows.
    pub(super) fn parse(text: &str) -> Self {
        let mut offset = 0;
        let all: Vec<Line<'_>> = text
            .split_inclusive('\n')
            .enumerate()
            .map(|(number, line)| {
                let start = offset;
                offset += line.len();
                (start, number + 1, line.trim_end_matches(['\n', '\r']))
            })
            .collect();
        let mut lines = Self { escape: '\\', syntax: None, instructions: vec![], odd: None };
        let mut at = lines.directives(&all);
        while let Some(first) = all.get(at) {
            if is_skipped(first.2) {
                lines.skip(first, false);
                at += 1;
                continue;
            }
            at = lines.instruction(&all, at);
        }
        lines
    }

    /// "Parser directives must be at the top of a Dockerfile": the first line that is none, also an
    /// empty one or a comment, ends them. An unknown name is a comment.
    fn directives(&mut self, all: &[Line<'_>]) -> usize {
        for (at, whole) in all.iter().enumerate() {
            let (_, number, line) = whole;
            let Some((name, value)) = directive(line) else { return at };
            self.skip(whole, true);
            match name.to_ascii_lowercase().as_str() {
                "escape" => self.escape = if value == "`" { '`' } else { '\\' },
                "syntax" => self.syntax = Some((*number, value.to_owned())),
                "check" => {}
                _ => return at,
            }
        }
        all.len()
    }

    /// A line that is no part of an instruction.
    fn skip(&mut self, (_, number, line): &Line<'_>, directive: bool) {
        let odd = readers::is_odd_blank(line, directive);
        self.odd = self.odd.or_else(|| odd.then_some(*number));
    }

    fn instruction(&mut self, all: &[Line<'_>], first: usize) -> usize {
        let Some((start, line, _)) = all.get(first).copied() else { return first + 1 };
        let mut new = Instruction {
            start,
            end: start,
            line,
            text: String::new(),
            pieces: vec![],
            documents: String::new(),
        };
        let mut at = first;
        while let Some((offset, number, line)) = all.get(at) {
            at += 1;
            // "Comment lines are removed before the Dockerfile instructions are executed", also
            // between continued lines; so are empty ones, with a warning.
            if at > first + 1 && is_skipped(line) {
                self.skip(&(*offset, *number, line), false);
                continue;
            }
            let (kept, goes_on) = self.continued(line);
            new.pieces.push((new.text.len(), *offset, *number));
            new.text.push_str(kept);
            if !goes_on {
                break;
            }
        }
        for (name, tabs) in here_documents(&new.text) {
            while let Some((_, _, line)) = all.get(at) {
                at += 1;
                new.documents.push_str(line);
                new.documents.push('\n');
                // "<<-": leading tabs are stripped, also in front of the end.
                if (if tabs { line.trim_start_matches('\t') } else { line }) == name {
                    break;
                }
            }
        }
        let last = at.checked_sub(1).and_then(|at| all.get(at));
        new.end = last.map_or(start, |(offset, _, line)| offset + line.len());
        self.instructions.push(new);
        at
    }

    /// A line without the escape that continues it: the last character but for spaces, and not
    /// escaped itself.
    fn continued<'t>(&self, line: &'t str) -> (&'t str, bool) {
        let rest = line.trim_end_matches([' ', '\t']).strip_suffix(self.escape);
        match rest.filter(|rest| !rest.ends_with(self.escape)) {
            Some(rest) => (rest, true),
            None => (line, false),
        }
    }
}

impl Instruction {
    /// Its keyword in upper case, and where the rest begins; `ONBUILD` is looked through.
    pub(super) fn keyword(&self) -> (String, usize) {
        let mut words = words(&self.text, 0);
        let Some(mut word) = words.next() else { return (String::new(), self.text.len()) };
        if self.text.get(word.clone()).is_some_and(|w| w.eq_ignore_ascii_case("ONBUILD")) {
            word = words.next().unwrap_or(word);
        }
        let keyword = self.text.get(word.clone()).unwrap_or_default().to_ascii_uppercase();
        (keyword, word.end)
    }

    /// Its words from there on.
    pub(super) fn words_from(&self, at: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        words(&self.text, at)
    }

    /// Which bytes of the file a range of the text is, if it is on one line.
    pub(super) fn source(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let n = self.pieces.partition_point(|(at, ..)| *at <= range.start).checked_sub(1)?;
        let (at, offset, _) = self.pieces.get(n)?;
        let whole = self.pieces.get(n + 1).is_none_or(|(next, ..)| range.end <= *next);
        let start = offset + range.start - at;
        whole.then_some(start..start + range.len())
    }

    /// Which range of the text bytes of the file are.
    pub(super) fn inside(&self, source: &Range<usize>) -> Option<Range<usize>> {
        let n = self.pieces.partition_point(|(_, at, _)| *at <= source.start).checked_sub(1)?;
        let (at, offset, _) = self.pieces.get(n)?;
        let start = at + source.start - offset;
        Some(start..start + source.len())
    }

    /// The line on which a range of the text begins.
    pub(super) fn line_of(&self, range: &Range<usize>) -> usize {
        let n = self.pieces.partition_point(|(at, ..)| *at <= range.start);
        self.pieces.get(n.saturating_sub(1)).map_or(self.line, |(.., line)| *line)
    }
}

/// Comments may be indented.
fn is_skipped(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// `# name=value`, with white space before it as `BuildKit` allows.
fn directive(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim_start().strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric());
    (word && !value.is_empty()).then_some((name, value))
}

/// Words as a shell would split them, quotes left in place.
fn words(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = from;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(|c: char| !c.is_ascii_whitespace())?;
        let (mut quote, mut escaped) = (None, false);
        let end = text.get(start..)?.char_indices().find(|(_, c)| {
            if std::mem::take(&mut escaped) {
                return false;
            }
            match (quote, *c) {
                (_, '\\') if quote != Some('\'') => escaped = true,
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(*c),
                (None, c) => return c.is_ascii_whitespace(),
                _ => {}
            }
            false
        });
        at = end.map_or(text.len(), |(i, _)| start + i);
        Some(start..at)
    })
}

/// The here-documents that an instruction opens: their names, and whether tabs are stripped.
///
/// Dockerfile reference, "Here-documents": only `ADD`, `COPY` and `RUN` have them; `BuildKit`
/// takes every word of the form `[fd]<<[-]NAME` without a further `<`.
fn here_documents(text: &str) -> Vec<(String, bool)> {
    let document = |word: &str| {
        let (tabs, name) = word.strip_prefix('-').map_or((false, word), |name| (true, name));
        let name: String = name.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
        (!name.is_empty() && !name.contains('<')).then_some((name, tabs))
    };
    behind_signs(text).filter_map(document).collect()
}

/// Their names as they are written.
pub(super) fn document_words(text: &str) -> Vec<&str> {
    let name = |word: &&str| !word.is_empty() && !word.contains('<');
    behind_signs(text).map(|word| word.strip_prefix('-').unwrap_or(word)).filter(name).collect()
}

/// What stands behind each `<<` of an instruction that has here-documents.
fn behind_signs(text: &str) -> impl Iterator<Item = &str> {
    let mut keywords = words(text, 0).filter_map(|word| text.get(word));
    let mut keyword = keywords.next().unwrap_or_default();
    if keyword.eq_ignore_ascii_case("ONBUILD") {
        keyword = keywords.next().unwrap_or_default();
    }
    let known = ["ADD", "COPY", "RUN"].iter().any(|known| keyword.eq_ignore_ascii_case(known));
    let digits = |c: char| c.is_ascii_digit();
    keywords
        .take_while(move |_| known)
        .filter_map(move |word| word.trim_start_matches(digits).strip_prefix("<<"))
}
