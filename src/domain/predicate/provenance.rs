//! SLSA provenance, every version in one shape.
//!
//! Source: slsa.dev `provenance/v0.1`, `v0.2`, `v1`; the build types of GitHub's workflows, of
//! slsa-github-generator, npm, BuildKit and GitLab, which put the same facts in different places.

use super::{
    read::Reader,
    row::{Rows, Speaks, joined, plural, short},
    source::{Place, is_commit, workflow},
    tree::Tree,
};

/// The most places of one kind that are compared with a certificate.
const MAX_CLAIMS: usize = 200;

/// What a claim is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The source repository.
    Repository,
    /// The commit that was built.
    Commit,
    /// The branch or tag.
    Reference,
    /// The workflow's path in the repository.
    Workflow,
}

impl Field {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Commit => "commit",
            Self::Reference => "ref",
            Self::Workflow => "workflow",
        }
    }
}

/// One place of a predicate that names the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What it names.
    pub field: Field,
    /// Where it stands: `resolvedDependencies[0].digest.gitCommit`.
    pub place: String,
    /// As it is written.
    pub value: String,
}

/// How and from what something is said to have been built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The version of the predicate type.
    pub version: &'static str,
    /// `builder.id`.
    pub builder: Option<String>,
    /// `buildType`.
    pub build_type: Option<String>,
    /// The source repository, as it is written.
    pub repository: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The branch or tag.
    pub reference: Option<String>,
    /// The workflow or entry point.
    pub workflow: Option<String>,
    /// How many materials or resolved dependencies.
    pub materials: Option<u64>,
    /// The run.
    pub invocation: Option<String>,
    /// When it began, as it is written; nobody authenticates it.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// Every place that names the source, for comparison.
    pub claims: Vec<Claim>,
}

impl Provenance {
    pub(super) fn read(version: &'static str, from: &mut Reader<'_>) -> Self {
        let mut this = if version.starts_with("v1") { v1(from) } else { v0(from) };
        this.version = version;
        let first = |field| this.claims.iter().find(|c| c.field == field).map(|c| c.value.clone());
        let repository = first(Field::Repository).map(|uri| match Place::parse(&uri) {
            Some(place) => place.repository(),
            None => uri,
        });
        let (commit, reference) = (first(Field::Commit), first(Field::Reference));
        let workflow = first(Field::Workflow);
        this.builder = from.expect("builder", this.builder);
        this.build_type = from.expect("build type", this.build_type);
        this.repository = from.expect("repository", repository);
        this.commit = from.expect("commit", commit);
        (this.reference, this.workflow) = (reference, this.workflow.or(workflow));
        this
    }

    fn claim(&mut self, field: Field, place: impl Into<String>, value: Option<String>) {
        if let Some(value) = value
            && self.claims.len() < MAX_CLAIMS
        {
            self.claims.push(Claim { field, place: place.into(), value });
        }
    }

    /// A URI names the repository and, behind `@` or `#`, a ref or a commit.
    fn uri(&mut self, name: &str, uri: &str) {
        let Some(place) = Place::parse(uri) else { return };
        self.claim(Field::Repository, name, Some(uri.to_owned()));
        match place.reference {
            Some(commit) if is_commit(&commit) => self.claim(Field::Commit, name, Some(commit)),
            reference => self.claim(Field::Reference, name, reference),
        }
    }

    /// The variables of a GitHub run, where a builder wrote them down.
    fn variables(&mut self, from: &mut Reader<'_>, path: &[&'static str]) {
        let value = |from: &mut Reader<'_>, name: &'static str| {
            let plain: Vec<&str> = path.iter().copied().chain([name]).collect();
            let wrapped: Vec<&str> = plain.iter().copied().chain(["value"]).collect();
            match from.value(&plain) {
                Some(Tree::Map { .. }) => from.text(&wrapped),
                Some(value) => from.text_of(value, &plain.join(".")),
                None => None,
            }
        };
        let name = |variable: &str| format!("{}.{variable}", path.join("."));
        for (variable, field) in [
            ("GITHUB_REPOSITORY", Field::Repository),
            ("GITHUB_SHA", Field::Commit),
            ("GITHUB_REF", Field::Reference),
        ] {
            let said = value(from, variable);
            self.claim(field, name(variable), said);
        }
        let said = value(from, "GITHUB_WORKFLOW_REF").and_then(|uri| workflow(&uri));
        self.claim(Field::Workflow, name("GITHUB_WORKFLOW_REF"), said.map(|(path, _)| path));
    }

    /// Materials name many repositories; only those of the source say which commit was built.
    fn materials(&mut self, list: Option<&Tree>, name: &str) {
        let items = list.map(Tree::items).unwrap_or_default();
        let uri = |item: &Tree| item.get("uri").and_then(Tree::text).map(str::to_owned);
        let source = self.claims.iter().find(|c| c.field == Field::Repository);
        let source = source.and_then(|c| Place::parse(&c.value));
        let git = |item: &Tree| {
            let uri = uri(item)?;
            let digest = item.get("digest").and_then(commit_of);
            // Only git names commits; an image's digest is no commit.
            (uri.starts_with("git") || digest.is_some()).then_some(())?;
            Place::parse(&uri).map(|place| (uri, place, digest))
        };
        let all: Vec<_> =
            items.iter().enumerate().filter_map(|(i, item)| Some((i, git(item)?))).collect();
        let github = self.build_type.as_deref().is_some_and(is_github_workflow);
        for (i, (uri, place, digest)) in &all {
            let named = match &source {
                Some(source) => source.is(place),
                None => all.len() == 1,
            };
            // GitHub's build type has one dependency, and that is the source.
            if named || (github && *i == 0) {
                self.uri(&format!("{name}[{i}].uri"), uri);
                let commit = digest.clone();
                self.claim(Field::Commit, format!("{name}[{i}].digest"), commit);
            }
        }
    }
}

/// The build type of GitHub's own provenance: a workflow, and one dependency that is its source.
fn is_github_workflow(build_type: &str) -> bool {
    matches!(
        build_type,
        "https://actions.github.io/buildtypes/workflow/v1"
            | "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"
    )
}

/// The commit of a digest set. GitLab and BuildKit write commits under the names of hashes.
fn commit_of(digests: &Tree) -> Option<String> {
    let named = |name| digests.get(name).and_then(Tree::text).map(str::to_owned);
    let plain = named("gitCommit").or_else(|| named("sha1"));
    plain.or_else(|| named("sha256").filter(|hex| hex.len() == 40))
}

fn digest_at(from: &mut Reader<'_>, path: &[&str]) -> Option<String> {
    from.value(path).and_then(commit_of)
}

fn v1(from: &mut Reader<'_>) -> Provenance {
    const OUTSIDE: [&str; 2] = ["buildDefinition", "externalParameters"];
    let at = |rest: &[&'static str]| [OUTSIDE.as_slice(), rest].concat();
    let mut this = Provenance {
        builder: from.text(&["runDetails", "builder", "id"]),
        build_type: from.text(&["buildDefinition", "buildType"]),
        invocation: from.first(&[
            &["runDetails", "metadata", "invocationId"],
            &["runDetails", "metadata", "invocationID"],
        ]),
        started: from.text(&["runDetails", "metadata", "startedOn"]),
        finished: from.text(&["runDetails", "metadata", "finishedOn"]),
        materials: from.count(&["buildDefinition", "resolvedDependencies"]),
        ..Provenance::default()
    };
    // GitHub: externalParameters.workflow; a text there is another build type's own.
    if matches!(from.value(&at(&["workflow"])), Some(Tree::Map { .. })) {
        for (field, name) in [
            (Field::Repository, "repository"),
            (Field::Reference, "ref"),
            (Field::Workflow, "path"),
        ] {
            let said = from.text(&at(&["workflow", name]));
            this.claim(field, format!("externalParameters.workflow.{name}"), said);
        }
    }
    for path in [&["workflowPath", "value"][..], &["workflowPath"][..]] {
        if let Some(Tree::Text(said)) = from.value(&at(path)) {
            this.claim(Field::Workflow, "externalParameters.workflowPath", Some(said.clone()));
        }
    }
    for path in [&["source"][..], &["source", "artifact"][..], &["configSource"][..]] {
        let name = format!("externalParameters.{}", path.join("."));
        match from.value(&at(path)) {
            Some(Tree::Text(uri)) => this.uri(&name, uri),
            Some(map @ Tree::Map { .. }) => {
                if let Some(uri) = map.get("uri").and_then(Tree::text) {
                    this.uri(&name, uri);
                    let commit = map.get("digest").and_then(commit_of);
                    this.claim(Field::Commit, format!("{name}.digest"), commit);
                }
            }
            _ => {}
        }
    }
    this.variables(from, &["buildDefinition", "internalParameters"]);
    this.variables(from, &["buildDefinition", "systemParameters"]);
    let list = from.list(&["buildDefinition", "resolvedDependencies"]);
    this.materials(list, "resolvedDependencies");
    this
}

fn v0(from: &mut Reader<'_>) -> Provenance {
    const SOURCE: [&str; 2] = ["invocation", "configSource"];
    let entry =
        from.first(&[&["invocation", "configSource", "entryPoint"], &["recipe", "entryPoint"]]);
    let mut this = Provenance {
        builder: from.text(&["builder", "id"]),
        build_type: from.first(&[&["buildType"], &["recipe", "type"]]),
        invocation: from
            .first(&[&["metadata", "buildInvocationId"], &["metadata", "buildInvocationID"]]),
        started: from.text(&["metadata", "buildStartedOn"]),
        finished: from.text(&["metadata", "buildFinishedOn"]),
        materials: from.count(&["materials"]),
        workflow: entry.clone(),
        ..Provenance::default()
    };
    if let Some(uri) = from.text(&[SOURCE.as_slice(), &["uri"]].concat()) {
        this.uri("invocation.configSource.uri", &uri);
        let commit = digest_at(from, &[SOURCE.as_slice(), &["digest"]].concat());
        this.claim(Field::Commit, "invocation.configSource.digest", commit);
    }
    // An entry point is a workflow only where it looks like one: BuildKit names a Dockerfile.
    let path = entry.filter(|entry| entry.starts_with(".github/workflows/"));
    this.claim(Field::Workflow, "invocation.configSource.entryPoint", path);
    this.variables(from, &["invocation", "environment"]);
    let list = from.list(&["materials"]);
    this.materials(list, "materials");
    this
}

impl Speaks for Provenance {
    fn rows(&self, rows: &mut Rows) {
        rows.text("builder_id", "builder", self.builder.as_ref());
        rows.text("build_type", "build type", self.build_type.as_ref());
        rows.text("source_repository", "repository", self.repository.as_ref());
        rows.text("source_commit", "commit", self.commit.as_ref());
        rows.text("source_ref", "ref", self.reference.as_ref());
        rows.text("workflow", "workflow", self.workflow.as_ref());
        rows.count("materials", "materials", self.materials);
        rows.text("invocation", "invocation", self.invocation.as_ref());
        rows.text("started", "started", self.started.as_ref());
        rows.text("finished", "finished", self.finished.as_ref());
    }

    fn words(&self) -> String {
        let source = self.repository.as_ref().map(|repository| {
            let reference = self.reference.as_ref().map(|r| format!("@{r}")).unwrap_or_default();
            let commit = self.commit.as_ref().map(|c| format!(" ({})", short_commit(c)));
            short(&format!("{repository}{reference}{}", commit.unwrap_or_default()))
        });
        joined([
            source.map(|s| format!("built from {s}")),
            self.workflow.as_ref().map(|w| format!("workflow {}", short(w))),
            self.builder.as_ref().map(|b| format!("builder {}", short(b))),
            self.materials.map(|n| plural(n, "material")),
        ])
    }
}

fn short_commit(commit: &str) -> &str {
    commit.get(..12).filter(|_| is_commit(commit)).unwrap_or(commit)
}
