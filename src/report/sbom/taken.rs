//! What a reviewer takes out of an SBOM into a file: the document, some components, what stands
//! below one, or its licences.
//!
//! A file leaves the screen that said how its facts stand, so every form says it again: the sheet
//! in a column, the page in its head, the object in a member.

use std::{borrow::Cow, fmt::Write as _, path::Path, sync::Arc};

use serde_json::{Value, json};

use super::{
    Form, Section, cells, full_name,
    json::{hit, licence_values},
    licence_counts, of_rows, row,
};
use crate::domain::{
    Digest,
    sbom::{
        Sbom,
        tree::{self, Shape},
    },
    text,
};

/// What a table is written as, by the name of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// RFC 4180.
    Csv,
    /// One object.
    Json,
    /// A page.
    Markdown,
}

impl Written {
    /// By the ending of the file; `None`: it names none of them.
    pub fn by_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// What of the document is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// All of it, byte for byte as it is attested.
    Document,
    /// These components, in this order.
    Components(Vec<u32>, Written),
    /// Rows of a tree as they are shown; the first is the least deep.
    Rows(Vec<tree::Row>, Written),
    /// The licences of these components, counted.
    Licences(Vec<u32>, Written),
}

/// Of which release the document is, and how it stands; foreign text.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The target as it was named.
    pub target: String,
    /// The artifact's digest; a file by itself has none.
    pub digest: Option<Digest>,
    /// Who vouches for the document: proved under a demand, or nobody.
    pub attested_by: Option<String>,
    /// The platform that it describes.
    pub platform: Option<String>,
    /// The manifest that carries it.
    pub carrier: Option<Digest>,
    /// The predicate that it is, or is in.
    pub predicate: Option<Arc<str>>,
}

/// A part of a document on its way into a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// Of what, and how it stands.
    pub about: About,
    /// The document.
    pub sbom: Arc<Sbom>,
    /// Which part.
    pub part: Part,
    /// Where the part is what a search found: how many others may be meant, and could not be
    /// decided.
    pub undecided: Option<usize>,
}

impl Taken {
    /// The bytes of the file. Takes a while for a large document: it is hashed.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        let text = match &self.part {
            Part::Document => return self.sbom.source().bytes().into(),
            Part::Components(numbers, written) => self.components(numbers, *written),
            Part::Rows(rows, written) => self.rows(rows, *written),
            Part::Licences(numbers, written) => self.licences(numbers, *written),
        };
        text.into_bytes().into()
    }

    /// What is to be said of the file with these bytes, what matters first, for the line may be
    /// cut; foreign text.
    pub fn said(&self, name: &str, bytes: &[u8]) -> String {
        let digest = Digest::sha256(bytes);
        let standing = match self.about.attested_by {
            Some(_) => "",
            None => " · UNVERIFIED: nobody is proved to vouch for it",
        };
        let predicate = self.about.predicate.as_deref();
        let same = match (&self.part, predicate.map(|p| Digest::sha256(p.as_bytes()))) {
            (Part::Document, Some(same)) if same == digest => " · the predicate, byte for byte",
            (Part::Document, Some(_)) => " · taken out of the predicate, which wraps it",
            _ => "",
        };
        let more = self.undecided_words().map(|words| format!(" · {words}")).unwrap_or_default();
        format!("wrote {name}{standing}{same}{more} · {digest} · {} bytes", bytes.len())
    }

    /// How it stands, in a cell, with what may be missing.
    fn standing(&self) -> String {
        let word = if self.about.attested_by.is_some() { "attested" } else { "UNVERIFIED" };
        let doubts = self.undecided_words().into_iter().chain(self.sbom.doubt());
        [word.to_owned()].into_iter().chain(doubts).collect::<Vec<_>>().join("; ")
    }

    fn undecided_words(&self) -> Option<String> {
        let number = self.undecided.filter(|number| *number > 0)?;
        Some(format!("{number} more may be meant: no version, or none that can be compared"))
    }

    /// A sheet, or a page under its head: rows whose last column says how they stand.
    fn table(&self, headings: &[&str], rows: Vec<Vec<String>>, written: Written) -> String {
        if written == Written::Markdown {
            return format!("{}\n{}", self.head(), of_rows(headings, rows, Form::Markdown));
        }
        let headings: Vec<&str> = headings.iter().copied().chain(["standing"]).collect();
        let standing = self.standing();
        let stand = |mut row: Vec<String>| {
            row.push(standing.clone());
            row
        };
        of_rows(&headings, rows.into_iter().map(stand).collect(), Form::Csv)
    }

    fn components(&self, numbers: &[u32], written: Written) -> String {
        if written == Written::Json {
            return self.object(numbers, None, None);
        }
        let all = super::components(&self.sbom, numbers);
        self.table(&super::HEADINGS, all.map(|one| row(one).to_vec()).collect(), written)
    }

    fn licences(&self, numbers: &[u32], written: Written) -> String {
        if written == Written::Json {
            return self.object(&[], Some(numbers), None);
        }
        let counts = licence_counts(super::components(&self.sbom, numbers)).into_iter();
        let rows = counts.map(|(licence, count)| {
            vec![licence.unwrap_or("(none stated)").to_owned(), count.to_string()]
        });
        self.table(&["licence", "components"], rows.collect(), written)
    }

    fn rows(&self, rows: &[tree::Row], written: Written) -> String {
        let top = rows.first().map_or(0, |row| row.depth);
        let rows =
            rows.iter().map(|row| tree::Row { depth: row.depth.saturating_sub(top), ..*row });
        match written {
            Written::Json => self.object(&[], None, Some(rows.map(|row| self.line(row)).collect())),
            Written::Markdown => {
                let mut page = format!("{}\n", self.head());
                rows.for_each(|row| self.item(row, &mut page));
                page
            }
            Written::Csv => {
                let cells = |shown: tree::Row| {
                    let mut cells = vec![shown.depth.to_string()];
                    cells.extend(self.sbom.at(shown.component).map_or_else(
                        || [THE_DOCUMENT.into(), String::new(), String::new(), String::new()],
                        row,
                    ));
                    cells.push(repeated(shown.shape).to_owned());
                    cells
                };
                let headings = ["depth", "name", "version", "licences", "purl", "repeated"];
                self.table(&headings, rows.map(cells).collect(), written)
            }
        }
    }

    /// One row of a nested list.
    fn item(&self, row: tree::Row, page: &mut String) {
        let blank = "  ".repeat(usize::from(row.depth));
        let words = match self.sbom.at(row.component) {
            None => THE_DOCUMENT.to_owned(),
            Some(one) => {
                let name = cells::markdown(&full_name(one));
                let version = cells::markdown(one.version().unwrap_or_default());
                let licences: Vec<_> = one.licences().map(cells::markdown).collect();
                format!("**{name}** {version} {}", licences.join(", ")).trim_end().to_owned()
            }
        };
        let again = match repeated(row.shape) {
            "" => String::new(),
            words => format!(" ({words})"),
        };
        // A String takes everything.
        let _ = writeln!(page, "{blank}- {words}{again}");
    }

    fn line(&self, row: tree::Row) -> Value {
        let component = self.sbom.at(row.component).map(hit);
        let again = Some(repeated(row.shape)).filter(|words| !words.is_empty());
        json!({ "depth": row.depth, "component": component, "repeated": again })
    }

    /// The head of a page.
    fn head(&self) -> String {
        let about = &self.about;
        let line = |what: &str, words: &str| format!("- {what}: {}\n", cells::markdown(words));
        let mut head = format!("# SBOM of {}\n\n", cells::markdown(&about.target));
        head += &match &about.attested_by {
            Some(signer) => line("attested by", signer),
            None => "- **UNVERIFIED**: nobody is proved to vouch for it\n".to_owned(),
        };
        if let Some(digest) = &about.digest {
            head += &line("digest", &digest.to_string());
        }
        head += &line("format", self.sbom.format());
        head += &line("document", &Digest::sha256(self.sbom.source().bytes()).to_string());
        if let Some(platform) = &about.platform {
            head += &line("describes only", platform);
        }
        if let Some(words) = self.undecided_words() {
            head += &line("undecided", &words);
        }
        if let Some(why) = self.sbom.doubt() {
            head += &line("incomplete", &why);
        }
        head
    }

    fn object(&self, hits: &[u32], licences: Option<&[u32]>, rows: Option<Vec<Value>>) -> String {
        let about = &self.about;
        let section = Section {
            sbom: &self.sbom,
            attested: about.attested_by.is_some(),
            platform: about.platform.as_deref(),
            carrier: about.carrier.as_ref(),
            hits,
            undecided: self.undecided,
            licences: None,
        };
        let mut object = json!({
            "schema": 1,
            "target": about.target,
            "digest": about.digest.as_ref().map(ToString::to_string),
            "document": Digest::sha256(self.sbom.source().bytes()).to_string(),
            "attested_by": about.attested_by,
            "sbom": section.value(),
        });
        if let Some(numbers) = licences {
            object["sbom"]["licence_counts"] = licence_values(&self.sbom, numbers);
        }
        if let Some(rows) = rows {
            object["sbom"]["rows"] = rows.into();
        }
        format!("{}\n", text::json(&object.to_string()))
    }
}

const THE_DOCUMENT: &str = "(the document)";

/// What a row says that shows a component again.
const fn repeated(shape: Shape) -> &'static str {
    match shape {
        Shape::SeenAbove => "seen above",
        Shape::Cycle => "a cycle",
        Shape::Leaf | Shape::Open | Shape::Closed => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(attested_by: Option<&str>, part: Part) -> Taken {
        let document = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
            {"type":"library","name":"=HYPERLINK(1)","version":"1","licenses":[{"license":{"id":"MIT"}}]},
            {"type":"library","group":"g|h","name":"<b>\u001b[2J","purl":"pkg:npm/b@2"}]}"#;
        Taken {
            about: About {
                target: "ghcr.io/a/b:1".into(),
                digest: Some(Digest::sha256(b"artifact")),
                attested_by: attested_by.map(str::to_owned),
                platform: None,
                carrier: None,
                predicate: Some(document.into()),
            },
            sbom: Arc::new(Sbom::parse(document).unwrap()),
            part,
            undecided: None,
        }
    }

    fn text(taken: &Taken) -> String {
        String::from_utf8(taken.bytes().into_owned()).unwrap()
    }

    #[test]
    fn every_form_says_how_its_facts_stand_and_obeys_nobody() {
        let row = |component, depth, shape| tree::Row { component, depth, shape };
        let rows = vec![
            row(Some(0), 3, Shape::Open),
            row(Some(1), 4, Shape::Leaf),
            row(None, 4, Shape::Cycle),
        ];
        for written in [Written::Csv, Written::Json, Written::Markdown] {
            for part in [
                Part::Components(vec![0, 1], written),
                Part::Rows(rows.clone(), written),
                Part::Licences(vec![0, 1], written),
            ] {
                let unproved = text(&taken(None, part.clone()));
                let proved = text(&taken(Some("https://example.test/release"), part.clone()));
                let word =
                    if written == Written::Json { "\"attested\":false" } else { "UNVERIFIED" };
                assert!(unproved.contains(word), "{unproved}");
                assert!(!proved.contains(word), "{proved}");
                for text in [&unproved, &proved] {
                    assert!(!text.contains('\u{1b}') && !text.contains("\n="), "{text}");
                    assert!(!text.contains("\"=HYP") || written == Written::Json, "{text}");
                }
            }
        }
    }

    #[test]
    fn what_a_search_could_not_decide_is_said_in_every_form() {
        for (written, words) in [
            (Written::Csv, "\"UNVERIFIED; 2 more may be meant: no version,"),
            (Written::Markdown, "- undecided: 2 more may be meant"),
            (Written::Json, "\"undecided\":2"),
        ] {
            let part = Part::Components(vec![0], written);
            let found = Taken { undecided: Some(2), ..taken(None, part) };
            assert!(text(&found).contains(words), "{}", text(&found));
            assert!(found.said("x", b"").contains("2 more may be meant"));
            let all = Taken { undecided: Some(0), ..found };
            assert!(!text(&all).contains("may be meant"), "{}", text(&all));
            let document = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[7]}"#;
            let (sbom, part) =
                (Arc::new(Sbom::parse(document).unwrap()), Part::Licences(vec![], written));
            let unread = text(&Taken { sbom, part, ..all });
            let word = match written {
                Written::Json => "\"unread\":1",
                Written::Markdown => "- incomplete: 1 entry could not be read",
                // A sheet without rows has no cell for it.
                Written::Csv => "standing",
            };
            assert!(unread.contains(word), "{unread}");
        }
    }

    #[test]
    fn rows_keep_their_depth_and_say_what_repeats() {
        let row = |component, depth, shape| tree::Row { component, depth, shape };
        let rows = vec![row(Some(0), 3, Shape::Open), row(Some(0), 4, Shape::Cycle)];
        let page = text(&taken(None, Part::Rows(rows.clone(), Written::Markdown)));
        let list = "- **=HYPERLINK\\(1\\)** 1 MIT\n  - **=HYPERLINK\\(1\\)** 1 MIT (a cycle)\n";
        assert!(page.ends_with(list), "{page}");
        let sheet = text(&taken(None, Part::Rows(rows, Written::Csv)));
        let second = "\"1\",\"'=HYPERLINK(1)\",\"1\",\"MIT\",\"\",\"a cycle\",\"UNVERIFIED\"\r\n";
        assert!(sheet.ends_with(second), "{sheet}");
    }

    #[test]
    fn the_document_is_the_bytes_of_the_predicate_and_that_is_said() {
        let document = taken(Some("x"), Part::Document);
        let bytes = document.bytes();
        assert_eq!(document.about.predicate.as_deref().unwrap().as_bytes(), &*bytes);
        let said = document.said("x.json", &bytes);
        let digest = Digest::sha256(&bytes);
        assert_eq!(
            said,
            format!(
                "wrote x.json · the predicate, byte for byte · {digest} · {} bytes",
                bytes.len()
            )
        );
        assert!(document.said("x.json", b"other").contains("taken out of the predicate"));
        let said = taken(None, Part::Document).said("x.json", &bytes);
        assert!(said.starts_with("wrote x.json · UNVERIFIED"), "{said}");
    }
}
