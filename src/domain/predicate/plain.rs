//! Small predicates: releases, test results, links, cosign's free text, and all that are not known.

use super::{
    read::{Reader, number},
    row::{Rows, Speaks, joined, plural, short},
    tree::Tree,
};

/// A release: in-toto `release/v0.1`, `v0.2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Package URL.
    pub purl: Option<String>,
    /// The tag, where the forge says one.
    pub tag: Option<String>,
    /// The repository, where the forge says one.
    pub repository: Option<String>,
    /// The forge's number of the release.
    pub release_id: Option<String>,
    /// The registry's number of the package.
    pub package_id: Option<String>,
}

impl Release {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let purl = from.text(&["purl"]);
        Self {
            purl: from.expect("purl", purl),
            tag: from.text(&["tag"]),
            repository: from.text(&["repository"]),
            release_id: from.first(&[&["releaseId"], &["databaseId"]]),
            package_id: from.text(&["packageId"]),
        }
    }
}

impl Speaks for Release {
    fn rows(&self, rows: &mut Rows) {
        rows.text("purl", "purl", self.purl.as_ref());
        rows.text("tag", "tag", self.tag.as_ref());
        rows.text("repository", "repository", self.repository.as_ref());
        rows.text("release_id", "release id", self.release_id.as_ref());
        rows.text("package_id", "package id", self.package_id.as_ref());
    }

    fn words(&self) -> String {
        let named = self.purl.as_ref().map(|purl| short(purl));
        joined([named.map(|purl| format!("release of {purl}"))])
    }
}

/// in-toto `test-result/v0.1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestResult {
    /// `PASSED`, `WARNED`, `FAILED`, as it is written.
    pub result: Option<String>,
    /// Where the run can be seen.
    pub url: Option<String>,
    /// How many tests of each result.
    pub tests: Vec<(String, u64)>,
    /// Names of the configurations.
    pub configurations: Vec<String>,
}

impl TestResult {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let result = from.text(&["result"]);
        let mut tests = vec![];
        for (field, word) in
            [("passedTests", "passed"), ("warnedTests", "warned"), ("failedTests", "failed")]
        {
            tests.extend(from.count(&[field]).map(|count| (word.to_owned(), count)));
        }
        let mut configurations = vec![];
        for (i, item) in
            from.list(&["configuration"]).map(Tree::items).unwrap_or_default().iter().enumerate()
        {
            let name = item.get("name").or_else(|| item.get("uri"));
            let text = name.and_then(|name| from.text_of(name, &format!("configuration[{i}]")));
            configurations.extend(text);
        }
        Self {
            result: from.expect("result", result),
            url: from.text(&["url"]),
            tests,
            configurations,
        }
    }
}

impl Speaks for TestResult {
    fn rows(&self, rows: &mut Rows) {
        rows.text("result", "result", self.result.as_ref());
        rows.counts("tests", "tests", &self.tests);
        rows.texts("configuration", "configuration", &self.configurations);
        rows.text("url", "run", self.url.as_ref());
    }

    fn words(&self) -> String {
        let tests = self.tests.iter().map(|(word, count)| format!("{count} {word}"));
        let tests = tests.collect::<Vec<_>>().join(", ");
        joined([self.result.as_ref().map(|r| short(r)), (!tests.is_empty()).then_some(tests)])
    }
}

/// in-toto link: one step of a supply chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The step.
    pub name: Option<String>,
    /// What was run.
    pub command: Vec<String>,
    /// How many materials.
    pub materials: Option<u64>,
    /// How many by-products.
    pub byproducts: Option<u64>,
}

impl Link {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let name = from.text(&["name"]);
        Self {
            name: from.expect("name", name),
            command: from.texts(&["command"]),
            materials: from.count(&["materials"]),
            byproducts: from.count(&["byproducts"]),
        }
    }
}

impl Speaks for Link {
    fn rows(&self, rows: &mut Rows) {
        rows.text("name", "step", self.name.as_ref());
        rows.texts("command", "command", &self.command);
        rows.count("materials", "materials", self.materials);
        rows.count("byproducts", "by-products", self.byproducts);
    }

    fn words(&self) -> String {
        let command = (!self.command.is_empty()).then(|| short(&self.command.join(" ")));
        joined([self.name.as_ref().map(|n| format!("step {}", short(n))), command])
    }
}

/// cosign's custom predicate: `{Data, Timestamp}`, or one JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Custom {
    /// The data, as text, or its beginning.
    pub data: Option<String>,
    /// What the data is: free text, JSON, an object.
    pub shape: Option<String>,
    /// Bytes of the data, where it is a text.
    pub size: Option<u64>,
    /// When the attester says it was made; nobody authenticates it.
    pub timestamp: Option<String>,
}

impl Custom {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let timestamp = from.text(&["Timestamp"]);
        let mut this = match from.value(&["Data"]) {
            Some(Tree::Text(text)) => Self::whole(text, text.len()),
            Some(other) => Self { shape: Some(other.kind().into()), ..Self::default() },
            None => Self::default(),
        };
        this.shape = from.expect("data", this.shape);
        this.timestamp = timestamp;
        this
    }

    /// A predicate that is one text.
    pub(super) fn whole(text: &str, size: usize) -> Self {
        let json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let shape = if json { "JSON in a text" } else { "free text" };
        Self {
            data: Some(text.to_owned()),
            shape: Some(shape.into()),
            size: Some(number(size)),
            timestamp: None,
        }
    }
}

impl Speaks for Custom {
    fn rows(&self, rows: &mut Rows) {
        rows.text("shape", "data is", self.shape.as_ref());
        rows.count("data_bytes", "bytes", self.size);
        rows.text("timestamp", "made, it says", self.timestamp.as_ref());
        rows.text("data", "data", self.data.as_ref());
    }

    fn words(&self) -> String {
        let first = self.data.as_ref().and_then(|d| d.lines().find(|l| !l.trim().is_empty()));
        joined([self.shape.clone(), first.map(|line| format!("{:?}", short(line.trim())))])
    }
}

/// A predicate of a type that is not known: its first fields by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Names of the fields of the root, the first ones.
    pub fields: Vec<String>,
    /// How many fields, or items, there are.
    pub count: u64,
}

impl Named {
    pub(super) fn of(tree: &Tree) -> Self {
        let fields = match tree {
            Tree::Map { fields, .. } => fields.iter().take(12).map(|(n, _)| n.clone()).collect(),
            _ => vec![],
        };
        Self { fields, count: number(tree.len()) }
    }
}

impl Speaks for Named {
    fn rows(&self, rows: &mut Rows) {
        rows.count("fields", "fields", Some(self.count));
        rows.texts("field_names", "named", &self.fields);
    }

    fn words(&self) -> String {
        let names = self.fields.iter().take(6).map(|name| short(name)).collect::<Vec<_>>();
        let names = (!names.is_empty()).then(|| names.join(", "));
        joined([Some(plural(self.count, "field")), names])
    }
}
