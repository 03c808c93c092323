//! A Helm chart: what it says of itself, and which images it names.
//!
//! A chart is read as Helm reads it (gzip, tar, `Chart.yaml`, `values.yaml`, templates) and never
//! rendered: Go templates are a program of somebody else. So every image says how far it is known:
//! written, put together from values, or not to be known without rendering.
//!
//! Source: Helm's `docs/topics/charts`, `pkg/chart/loader`; media types: Helm's `registry` package.

mod images;
mod templates;
mod unpack;
mod yaml;

use std::collections::BTreeMap;

use super::Reference;
use yaml::{Document, Node};

/// The media type of a packed chart; the provenance file beside it has another.
pub const CHART_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// The most bytes of a chart once it is unpacked.
pub const MAX_UNPACKED: u64 = 64 << 20;
/// The most entries of the tar file.
pub const MAX_FILES: usize = 10_000;
/// The most bytes of one file that is read: values or one template.
pub const MAX_FILE: u64 = 1 << 20;
/// The most bytes of an extension record of the tar file.
const MAX_EXTENSION: u64 = 64 << 10;
/// The most images that are listed.
pub const MAX_IMAGES: usize = 500;
/// The most bytes of the name of an image, put together or written; what is longer is none. A
/// repository has at most 255 characters and a tag 128.
pub const MAX_REFERENCE: usize = 1_024;
/// The most bytes of `Chart.yaml` that are kept: an alias names one long text a thousand times.
const MAX_DESCRIBED: usize = 4 << 20;
/// The most subcharts that are looked into.
const MAX_SUBCHARTS: usize = 100;

/// What a chart holds; all text is foreign, and nothing in it is verified here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `appVersion`, `description`, `home` and the like, as `name` → text.
    pub fields: Vec<(String, String)>,
    /// Charts that it wants beside it: `name version repository`.
    pub dependencies: Vec<String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Every image that it names, in the order of its files.
    pub images: Vec<ImageRef>,
    /// Whether it names more of them than [`MAX_IMAGES`].
    pub truncated: bool,
    /// `values.yaml` as it is written.
    pub values: String,
    /// How many templates there are.
    pub templates: usize,
    /// How many subcharts lie in it.
    pub subcharts: usize,
    /// What could not be read, or was not.
    pub warnings: Vec<String>,
}

/// One image that a chart names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// As it would be pulled, else as it is written; foreign text.
    pub text: String,
    /// How far it is known.
    pub how: How,
    /// File, line and name of the value.
    pub at: String,
    /// To open it; none where it is not to be known.
    pub reference: Option<Reference>,
}

/// How far an image is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It stands there.
    Written,
    /// Put together from values and the chart's version, as they are by default.
    Derived,
    /// Only rendering the templates would tell.
    Unresolvable,
}

impl How {
    /// The word on screens and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Derived => "derived",
            Self::Unresolvable => "unresolvable",
        }
    }
}

/// Why bytes are not a chart that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// Not gzip, not tar, or broken.
    #[error("not a packed chart: {0}")]
    NotAChart(String),
    /// Over a limit.
    #[error("the chart has more than {0}")]
    TooLarge(String),
    /// Two readers would see two different things.
    #[error("refused: {0}")]
    Refused(String),
}

impl Chart {
    /// Reads a packed chart.
    ///
    /// # Errors
    /// [`ChartError`], by case. What is wrong with one file of it is a warning.
    pub fn read(packed: &[u8]) -> Result<Self, ChartError> {
        let files = unpack::unpack(packed)?;
        let mut chart = Self { warnings: files.warnings, ..Self::default() };
        let files = files.files;
        let root = root(&files)?;
        let own = format!("{root}Chart.yaml");
        let document = Document::parse(&files[&own])
            .map_err(|e| ChartError::NotAChart(format!("Chart.yaml: {e}")))?;
        chart.describe(&document);
        if chart.name.is_empty() || chart.version.is_empty() {
            let words = "Chart.yaml names no chart, or no version of it";
            return Err(ChartError::NotAChart(words.to_owned()));
        }
        chart.values = files.get(&format!("{root}values.yaml")).cloned().unwrap_or_default();
        let mut charts: Vec<&str> = files
            .keys()
            .filter_map(|name| name.strip_suffix("Chart.yaml"))
            .filter(|folder| folder.starts_with(&root))
            .collect();
        charts.sort_by_key(|folder| folder.len());
        chart.subcharts = charts.len().saturating_sub(1);
        if charts.len() > MAX_SUBCHARTS {
            chart.warnings.push(format!("more than {MAX_SUBCHARTS} subcharts: not all were read"));
            charts.truncate(MAX_SUBCHARTS);
        }
        let mut found = images::Found::default();
        for folder in &charts {
            let inner = charts.iter().filter(|other| other.len() > folder.len());
            let inner: Vec<&str> = inner.copied().filter(|o| o.starts_with(folder)).collect();
            chart.look_into(&files, (&root, folder), &inner, &mut found);
        }
        chart.truncated = found.is_full();
        chart.images = found.into_images();
        if chart.truncated {
            chart.warnings.push(format!("more than {MAX_IMAGES} images: not all are listed"));
        }
        Ok(chart)
    }

    fn describe(&mut self, document: &Document) {
        let root = document.root();
        let text = |name: &str| {
            let value = document.get(root, name).and_then(|at| document.scalar(at));
            value.map(str::to_owned).unwrap_or_default()
        };
        (self.name, self.version) = (text("name"), text("version"));
        for name in ["appVersion", "description", "type", "apiVersion", "kubeVersion", "home"] {
            let value = text(name);
            if !value.is_empty() {
                self.fields.push((name.to_owned(), value));
            }
        }
        let mut left = MAX_DESCRIBED;
        let mut whole = true;
        let mut fits = |bytes: usize| {
            let rest = left.checked_sub(bytes);
            left = rest.unwrap_or(0);
            whole &= rest.is_some();
            rest.is_some()
        };
        for at in document.items(document.get(root, "sources")) {
            if let Some(source) = document.scalar(at).filter(|source| fits(source.len())) {
                self.fields.push(("source".to_owned(), source.to_owned()));
            }
        }
        for at in document.items(document.get(root, "dependencies")) {
            let part = |name| document.get(at, name).and_then(|at| document.scalar(at));
            let parts = ["name", "version", "repository"].map(part);
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            if fits(parts.iter().map(|part| part.len()).sum()) {
                self.dependencies.push(parts.join(" "));
            }
        }
        if let Some(Node::Map(pairs)) =
            document.get(root, "annotations").and_then(|at| document.node(at))
        {
            let plain = pairs.iter().filter_map(|(key, at)| {
                let text = document.scalar(*at)?;
                fits(key.len() + text.len()).then(|| (key.clone(), text.to_owned()))
            });
            self.annotations = plain.collect();
        }
        if !whole {
            self.warnings.push("Chart.yaml: more text than is kept: not all is shown".to_owned());
        }
    }

    /// Values and templates of one chart, the files of its own subcharts aside.
    fn look_into(
        &mut self,
        files: &BTreeMap<String, String>,
        (root, folder): (&str, &str),
        inner: &[&str],
        found: &mut images::Found,
    ) {
        let shown = |name: &str| name.strip_prefix(root).unwrap_or(name).to_owned();
        let read = |name: &str| {
            let text = files.get(&format!("{folder}{name}"))?;
            Some(Document::parse(text).map_err(|e| format!("{}{name}: {e}", shown(folder))))
        };
        let mut parsed = |name: &str| match read(name)? {
            Ok(document) => Some(document),
            Err(words) => {
                self.warnings.push(words);
                None
            }
        };
        let (about, values) = (parsed("Chart.yaml"), parsed("values.yaml"));
        let about = about.map(|document| images::About::of(&document)).unwrap_or_default();
        if let Some(values) = &values {
            let file = format!("{}values.yaml", shown(folder));
            if !images::of_values(values, &file, &about, found) {
                self.warnings.push(format!("{file}: more values than are looked at"));
            }
        }
        let (templates, mut long) = (format!("{folder}templates/"), 0);
        for (name, text) in files.range(templates.clone()..) {
            if !name.starts_with(&templates) {
                break;
            }
            if inner.iter().any(|other| name.starts_with(other)) {
                continue;
            }
            self.templates += 1;
            long += templates::images(text, &shown(name), (values.as_ref(), &about), found);
        }
        if long > 0 {
            let (most, noun) = (templates::MAX_LINE, if long == 1 { "line" } else { "lines" });
            let words = format!("{}: {long} {noun} over {most} bytes, not read", shown(&templates));
            self.warnings.push(words);
        }
    }
}

/// The folder of the chart: the one that has the topmost `Chart.yaml`.
fn root(files: &BTreeMap<String, String>) -> Result<String, ChartError> {
    let tops: Vec<&str> = files
        .keys()
        .filter_map(|name| name.strip_suffix("Chart.yaml"))
        .filter(|folder| folder.matches('/').count() == 1)
        .collect();
    match tops.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(ChartError::NotAChart("there is no Chart.yaml in its first folder".to_owned())),
        _ => Err(ChartError::Refused("it has two charts side by side".to_owned())),
    }
}

#[cfg(test)]
mod tests;
