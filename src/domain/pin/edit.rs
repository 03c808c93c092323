//! Digests written into YAML: spans are replaced, and the result is read again and compared value
//! by value with what was meant.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use saphyr_parser::{Event, ScalarStyle};

use super::{
    EditError, NOT_PROVED, Pin,
    found::{Names, Parts, Site, Slot},
    scalar::{Style, Token},
    tree,
};

/// New text for a span.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// What is replaced; nothing where text is put in between.
    pub(super) span: Range<usize>,
    /// By what.
    pub(super) text: String,
}

/// What a change means.
#[derive(Debug)]
enum Meant {
    /// The value of that event is another one.
    Value(usize, String, Style),
    /// Behind the value of that event stands a new pair.
    Pair(usize, (&'static str, Style), (String, Style)),
}

/// The changes of one file.
#[derive(Debug)]
struct Edits<'t> {
    text: &'t str,
    changes: Vec<Change>,
    meant: Vec<Meant>,
}

/// The places of one line.
#[derive(Debug, Default)]
struct Line {
    places: usize,
    proved: usize,
    unproved: usize,
    /// Behind the last of them.
    behind: usize,
}

/// `text` with the pins in it. `marks` is where our comment stands already; `None`: it cannot.
///
/// # Errors
/// Where a comment cannot stand, and where the result is not what was meant.
pub(super) fn yaml(
    text: &str,
    marks: Option<&[usize]>,
    sites: &[Site],
    pins: &BTreeMap<usize, &Pin>,
) -> Result<String, EditError> {
    if marks.is_none() && pins.values().any(|pin| !pin.proved) {
        let why = "JSON has no comments, so what is not proved cannot be marked in it";
        return Err(EditError(why.to_owned()));
    }
    let mut edits = Edits { text, changes: vec![], meant: vec![] };
    for (place, pin) in pins {
        let site = sites.get(*place).ok_or_else(|| EditError("no such place".to_owned()))?;
        edits.site(site, pin)?;
    }
    let bare = edits.changes.len();
    edits.comments(marks.unwrap_or_default(), sites, pins);
    let new = apply(text, &edits.changes)?;
    check(text, &new, &edits.meant).map_err(|why| {
        // Would it do without the comments?
        let bare = edits.changes.get(..bare).map(|changes| apply(text, changes));
        let only = bare.is_some_and(|b| b.is_ok_and(|b| check(text, &b, &edits.meant).is_ok()));
        let comment = "a line goes on in a text, so no comment can stand at its end";
        if only { EditError(comment.to_owned()) } else { why }
    })?;
    Ok(new)
}

/// Whether the file is JSON: YAML reads it, others that read it may not read YAML.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The text as the reader takes it. YAML 1.2, 6.2: a tab separates as a space does; the reader
/// wants a space behind a colon. Every byte stays where it is, and in no text, where the same
/// letters may stand, does it matter to what is looked for.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    if text.contains(":\t") { Cow::Owned(text.replace(":\t", ": ")) } else { Cow::Borrowed(text) }
}

/// `name:tag@digest`, with what is written kept where nothing else is asked for.
pub(super) fn word(written: &str, pin: &Pin) -> String {
    let name = written.split_once('@').map_or(written, |(name, _)| name);
    let colon = name.rfind(':').filter(|i| *i > name.rfind(['/', ']']).unwrap_or(0));
    let (name, old) = name.split_at(colon.unwrap_or(name.len()));
    match &pin.tag {
        Some(tag) => format!("{name}:{tag}@{}", pin.digest),
        None => format!("{name}{old}@{}", pin.digest),
    }
}

/// The text with its changes.
pub(super) fn apply(text: &str, changes: &[Change]) -> Result<String, EditError> {
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|c| (c.span.start, c.span.end));
    let mut new = String::with_capacity(text.len() + changes.len() * 80);
    let mut at = 0;
    for change in changes {
        let between = text.get(at..change.span.start);
        new.push_str(between.ok_or_else(|| EditError("two changes of one text".to_owned()))?);
        new.push_str(&change.text);
        at = change.span.end;
    }
    new.push_str(text.get(at..).unwrap_or_default());
    Ok(new)
}

impl Edits<'_> {
    fn site(&mut self, site: &Site, pin: &Pin) -> Result<(), EditError> {
        match site {
            Site::Word(token, prefix) => {
                let written = token.value(self.text);
                let prefix = written.get(..*prefix).unwrap_or_default();
                let rest = written.get(prefix.len()..).unwrap_or_default();
                self.set(token, format!("{prefix}{}", word(rest, pin)), token.style);
            }
            Site::Tagged(token) => {
                let written = token.value(self.text);
                let old = written.split_once('@').map_or(written, |(tag, _)| tag);
                let tag = pin.tag.as_ref().map_or(old, |tag| tag.as_str());
                self.set(token, format!("{tag}@{}", pin.digest), token.style);
            }
            Site::Parts(parts) => self.parts(parts, pin)?,
        }
        Ok(())
    }

    fn parts(&mut self, parts: &Parts, pin: &Pin) -> Result<(), EditError> {
        let Names { tag, digest, quoted } = parts.names;
        let style = if quoted { Style::Double } else { Style::Plain };
        if let Some(new) = &pin.tag {
            let new = new.as_str().strip_suffix(parts.suffix.as_str()).ok_or_else(|| {
                EditError(format!("{new} does not end with the tagSuffix that is written there"))
            })?;
            let same =
                matches!(&parts.tag, Slot::Written { value, .. } if value.value(self.text) == new);
            if !same {
                self.slot(&parts.tag, &parts.digest, (tag, new.to_owned(), Style::Double), pin)?;
            }
        }
        let value = pin.digest.to_string();
        self.slot(&parts.digest, &parts.tag, (digest, value, style), pin)
    }

    /// Fills one part in; `beside` is where it goes if its name is not there.
    fn slot(
        &mut self,
        slot: &Slot,
        beside: &Slot,
        (name, value, style): (&'static str, String, Style),
        pin: &Pin,
    ) -> Result<(), EditError> {
        match (slot, beside) {
            (Slot::Written { value: token, .. }, _) => {
                // Quotes are kept; what was `~` or `null` is quoted as a new one is.
                let null = token.style == Style::Plain
                    && !super::scalar::reads_as_text(token.value(self.text));
                self.set(token, value, if null { style } else { token.style });
            }
            (Slot::Empty { name, event }, _) => {
                let at =
                    behind_colon(self.text, name).ok_or_else(|| unwritable("an empty value"))?;
                let style = style.for_text(&value);
                self.put(at, format!(" {}", style.quoted(&value)));
                self.meant.push(Meant::Value(*event, value, style));
            }
            (Slot::Absent, Slot::Written { name: by, value: behind }) => {
                let key = if by.flow { by.style } else { Style::Plain };
                let style = style.for_text(&value);
                let pair = format!("{}: {}", key.quoted(name), style.quoted(&value));
                if by.flow {
                    self.put(behind.span.end, format!(", {pair}"));
                } else {
                    let mark = if pin.proved || name == "tag" || name == "newTag" {
                        ""
                    } else {
                        NOT_PROVED
                    };
                    self.line(by, behind, &pair, mark)?;
                }
                self.meant.push(Meant::Pair(behind.event, (name, key), (value, style)));
            }
            (Slot::Absent, _) => return Err(unwritable("a part with nothing beside it")),
        }
        Ok(())
    }

    /// A new line below the one of `behind`, as far in as the name `by`.
    fn line(
        &mut self,
        by: &Token,
        behind: &Token,
        pair: &str,
        mark: &str,
    ) -> Result<(), EditError> {
        let before = self.text.get(..by.span.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        let indent: String = before
            .get(start..)
            .unwrap_or_default()
            .chars()
            .map(|c| match c {
                // `- tag: x`: YAML 1.2, 8.2.1 counts the dash as indentation.
                ' ' | '-' => Ok(' '),
                _ => Err(unwritable("a value behind something else on its line")),
            })
            .collect::<Result<_, _>>()?;
        let mark = if mark.is_empty() { String::new() } else { format!(" {mark}") };
        let end = end_of_line(self.text, behind.span.end);
        let newline = newline_of(self.text, end);
        let rest = self.text.get(end..).unwrap_or_default();
        if rest.is_empty() {
            self.put(end, format!("{newline}{indent}{pair}{mark}"));
        } else {
            self.put(end + newline.len(), format!("{indent}{pair}{mark}{newline}"));
        }
        Ok(())
    }

    fn set(&mut self, token: &Token, value: String, style: Style) {
        let style = style.for_text(&value);
        let text = style.quoted(&value);
        self.changes.push(Change { span: token.span.clone(), text });
        self.meant.push(Meant::Value(token.event, value, style));
    }

    fn put(&mut self, at: usize, text: String) {
        self.changes.push(Change { span: at..at, text });
    }

    /// Our comment at the end of every line that needs it, and away from those that do not.
    fn comments(&mut self, marks: &[usize], sites: &[Site], pins: &BTreeMap<usize, &Pin>) {
        let mut lines: BTreeMap<usize, Line> = BTreeMap::new();
        let mut last = 0..0;
        for (place, site) in sites.iter().enumerate() {
            let Some(at) = written_at(self.text, site) else { continue };
            // A line of a thousand places is looked through once.
            if !last.contains(&at) {
                last = at..end_of_line(self.text, at) + 1;
            }
            let line = lines.entry(last.end - 1).or_default();
            line.places += 1;
            line.behind = line.behind.max(at);
            match pins.get(&place) {
                Some(pin) if pin.proved => line.proved += 1,
                Some(_) => line.unproved += 1,
                None => {}
            }
        }
        for (end, line) in lines {
            let rest = self.text.get(line.behind..end).unwrap_or_default();
            let first = marks.partition_point(|mark| *mark < line.behind);
            let ours = marks.get(first).is_some_and(|mark| *mark < end);
            if line.unproved > 0 && !ours {
                self.put(end, format!(" {NOT_PROVED}"));
            } else if line.proved == line.places && ours {
                // Exactly what was put there: a space and the comment, at the end of the line.
                let end = line.behind + rest.trim_end().len();
                let mut kept = rest.trim_end();
                while let Some(before) = kept.strip_suffix(NOT_PROVED) {
                    kept = before.strip_suffix(' ').unwrap_or(before);
                }
                let span = line.behind + kept.len()..end;
                self.changes.push(Change { span, text: String::new() });
            }
        }
    }
}

/// Where the digest of a place is written, if that is on a line that is there already.
fn written_at(text: &str, site: &Site) -> Option<usize> {
    let parts = match site {
        Site::Word(token, _) | Site::Tagged(token) => return Some(token.span.end),
        Site::Parts(parts) => parts,
    };
    match (&parts.digest, &parts.tag) {
        (Slot::Written { value, .. }, _) => Some(value.span.end),
        (Slot::Empty { name, .. }, _) => behind_colon(text, name),
        (Slot::Absent, Slot::Written { value, .. }) if value.flow => Some(value.span.end),
        _ => None,
    }
}

fn unwritable(what: &str) -> EditError {
    EditError(format!("{what} is written in a way that cannot be added to"))
}

fn behind_colon(text: &str, name: &Token) -> Option<usize> {
    let rest = text.get(name.span.end..)?;
    let colon = rest
        .find(|c: char| c != ' ')
        .filter(|i| rest.get(*i..).is_some_and(|r| r.starts_with(':')))?;
    Some(name.span.end + colon + 1)
}

/// Where the line ends; YAML 1.2, 5.4: before `\n`, `\r\n` or a lone `\r`.
pub(super) fn end_of_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find(['\n', '\r']).unwrap_or(rest.len())
}

/// How a line ends, and where the last one does not, how the first one does.
pub(super) fn newline_of(text: &str, end: usize) -> &'static str {
    let rest = text.get(end..).unwrap_or_default();
    let first = || text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'));
    if rest.starts_with("\r\n") || (rest.is_empty() && first()) { "\r\n" } else { "\n" }
}

const fn style_of(style: Style) -> ScalarStyle {
    match style {
        Style::Plain => ScalarStyle::Plain,
        Style::Single => ScalarStyle::SingleQuoted,
        Style::Double => ScalarStyle::DoubleQuoted,
    }
}

/// Reads both texts and compares them value by value.
fn check(old: &str, new: &str, meant: &[Meant]) -> Result<(), EditError> {
    let unread = |why: String| EditError(format!("the result does not read back: {why}"));
    let mut values = BTreeMap::new();
    let mut pairs = BTreeMap::new();
    for meant in meant {
        match meant {
            Meant::Value(event, value, style) => drop(values.insert(*event, (value, *style))),
            Meant::Pair(event, key, value) => drop(pairs.insert(*event, (key, value))),
        }
    }
    let mut wanted = vec![];
    let (old, new) = (readable(old), readable(new));
    for (number, event) in tree::events(&old).map_err(unread)?.into_iter().enumerate() {
        wanted.push(match (values.remove(&number), event) {
            (Some((value, style)), Event::Scalar(_, _, anchor, tag)) => {
                Event::Scalar(Cow::Borrowed(value), style_of(style), anchor, tag)
            }
            (_, event) => event,
        });
        if let Some(((name, key), (value, style))) = pairs.remove(&number) {
            wanted.push(Event::Scalar(Cow::Borrowed(name), style_of(*key), 0, None));
            wanted.push(Event::Scalar(Cow::Borrowed(value), style_of(*style), 0, None));
        }
    }
    if tree::events(&new).map_err(unread)? == wanted {
        Ok(())
    } else {
        Err(EditError("the result would mean something else than what was meant".to_owned()))
    }
}

impl Token {
    /// The value between the quotes.
    pub(super) fn value<'t>(&self, text: &'t str) -> &'t str {
        let quotes = usize::from(self.style != Style::Plain);
        text.get(self.span.start + quotes..self.span.end.saturating_sub(quotes)).unwrap_or_default()
    }
}
