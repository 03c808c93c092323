//! Names that look like an identity and belong to somebody else.

/// One way to be somebody else, and the names that would be.
pub(super) struct Probe {
    /// Which finding it is when a name passes.
    pub(super) code: &'static str,
    /// What then passes, in words.
    pub(super) words: String,
    /// The part of the identity that fails to hold.
    pub(super) part: String,
    /// The names, the most telling first.
    pub(super) names: Vec<String>,
    /// Findings that are implied when this one is made.
    pub(super) instead_of: &'static [&'static str],
}

/// A workflow as Fulcio writes it: GitHub `https://HOST/OWNER/REPO/FILE@REF`, GitLab
/// `https://HOST/GROUP/…/PROJECT//FILE@REF`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Workflow<'a> {
    pub(crate) host: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) repository: &'a str,
    /// `/`, or GitLab's `//`.
    pub(crate) slash: &'a str,
    pub(crate) file: &'a str,
    pub(crate) reference: &'a str,
}

impl<'a> Workflow<'a> {
    /// The parts of an identity, if it is a workflow's.
    pub(crate) fn parse(identity: &'a str) -> Option<Self> {
        let (path, reference) = identity.rsplit_once('@')?;
        let (host, path) = path.strip_prefix("https://")?.split_once('/')?;
        let (project, slash, file) = match path.split_once("//") {
            Some((project, file)) => (project, "//", file),
            None => {
                let (second, _) = path.match_indices('/').nth(1)?;
                (path.get(..second)?, "/", path.get(second + 1..)?)
            }
        };
        let (owner, repository) = project.split_once('/')?;
        let parts = [host, owner, repository, file];
        let whole = parts.iter().all(|part| !part.is_empty()) && reference.starts_with("refs/");
        whole.then_some(Self { host, owner, repository, slash, file, reference })
    }

    /// The identity again.
    pub(crate) fn write(&self) -> String {
        let Self { host, owner, repository, slash, file, reference } = self;
        format!("https://{host}/{owner}/{repository}{slash}{file}@{reference}")
    }
}

/// What can be tried with an identity.
pub(super) fn of_identity(identity: &str) -> Vec<Probe> {
    match Workflow::parse(identity) {
        Some(workflow) => of_workflow(&workflow),
        None if identity.starts_with("https://") => of_url(identity),
        None => of_mail(identity),
    }
}

fn probe(code: &'static str, words: &str, part: &str, names: Vec<String>) -> Probe {
    Probe { code, words: words.to_owned(), part: part.to_owned(), names, instead_of: &[] }
}

fn wide(mut probe: Probe, instead_of: &'static [&'static str]) -> Probe {
    probe.instead_of = instead_of;
    probe
}

fn of_workflow(it: &Workflow<'_>) -> Vec<Probe> {
    let mut all = of_place(it);
    let evil_file = match it.file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/evil.yaml"),
        None => "evil.yml".to_owned(),
    };
    let file = |file: &str| vec![Workflow { file, ..it.clone() }.write()];
    let reference = |reference| Workflow { reference, ..it.clone() }.write();
    let any = probe("any-workflow", "any workflow passes", it.file, file(&evil_file));
    let behind = file(&format!("{}-evil", it.file));
    let words = "a file that only begins like this one passes";
    all.push(wide(any, &["workflow-prefix"]));
    all.push(probe("workflow-prefix", words, it.file, behind));
    let words = "any branch or pull request passes, not only what was released";
    let refs = ["refs/heads/evil", "refs/pull/1/merge"].map(reference).to_vec();
    all.push(probe("any-ref", words, it.reference, refs));
    all
}

/// Other hosts, owners and repositories.
fn of_place(it: &Workflow<'_>) -> Vec<Probe> {
    let host = |host: &str| Workflow { host, ..it.clone() }.write();
    let owner = |owner: &str| Workflow { owner, ..it.clone() }.write();
    let repository = |repository: &str| Workflow { repository, ..it.clone() }.write();
    let behind = |name: &str| format!("{name}-evil");
    let any = [
        probe("any-host", "any host passes", it.host, vec![host("evil.example")]),
        probe("any-owner", "any owner passes", it.owner, vec![owner("evil")]),
        probe(
            "any-repository",
            "any repository of the owner passes",
            it.repository,
            vec![repository("evil")],
        ),
    ];
    let begins = [
        probe(
            "host-prefix",
            "a host that only begins like this one passes",
            it.host,
            vec![host(&format!("{}.evil.example", it.host))],
        ),
        probe(
            "owner-prefix",
            "an owner whose name only contains this one passes",
            it.owner,
            vec![owner(&behind(it.owner)), owner(&format!("evil-{}", it.owner))],
        ),
        probe(
            "repository-prefix",
            "a repository whose name only begins like this one passes",
            it.repository,
            vec![repository(&behind(it.repository))],
        ),
    ];
    let narrow: [&'static [&'static str]; 3] =
        [&["host-prefix"], &["owner-prefix"], &["repository-prefix"]];
    let pairs = any.into_iter().zip(narrow).map(|(any, narrow)| wide(any, narrow));
    pairs.zip(begins).flat_map(|(any, begins)| [any, begins]).collect()
}

fn of_url(url: &str) -> Vec<Probe> {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    let (host, path) =
        rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
    let mut any =
        probe("any-host", "any host passes", host, vec![format!("https://evil.example{path}")]);
    any.instead_of = &["host-prefix"];
    let words = "a host that only begins like this one passes";
    vec![any, probe("host-prefix", words, host, vec![format!("https://{host}.evil.example{path}")])]
}

fn of_mail(mail: &str) -> Vec<Probe> {
    let Some((user, domain)) = mail.split_once('@') else { return vec![] };
    let mut any =
        probe("any-host", "any domain passes", domain, vec![format!("{user}@evil.example")]);
    any.instead_of = &["host-prefix"];
    vec![
        any,
        probe(
            "host-prefix",
            "a domain that only begins like this one passes",
            domain,
            vec![format!("{user}@{domain}.evil.example")],
        ),
        probe("any-user", "anybody of the domain passes", user, vec![format!("evil@{domain}")]),
    ]
}
