//! What is found, and what is not.

use super::*;
use crate::domain::{
    demand::{Signer, Wanted, Who},
    rules::Rules,
};

const OBSERVED: &str = "https://github.com/enix/x/.github/workflows/release.yaml@refs/tags/v4.0.0";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn demand(identity: &str, issuer: &str, claims: Vec<(u8, Matcher)>) -> Demand {
    let regexp = |source: &str| vec![Matcher::Regexp(GoRegexp::new(source).unwrap())];
    Demand {
        github: None,
        who: Who::Signers(vec![Signer { identity: regexp(identity), issuer: regexp(issuer) }]),
        wanted: vec![Wanted::Signature],
        signed_timestamps: false,
        claims,
        annotations: vec![],
        waived: vec![],
        rules: Rules::default(),
        strict: false,
        words: String::new(),
    }
}

fn codes(identity: &str, issuer: &str, observed: &[(&str, &str)]) -> Vec<&'static str> {
    let observed: Vec<(String, String)> =
        observed.iter().map(|(i, o)| ((*i).to_owned(), (*o).to_owned())).collect();
    let found = lint(&demand(identity, issuer, vec![]), &observed);
    found.iter().map(Finding::report_code).collect()
}

/// An issuer of which nothing is found.
const GOOD: &str = r"^https://token\.actions\.githubusercontent\.com$";

/// What stands behind the repository in an expression of which nothing is found.
const TAGS: &str = r"/\.github/workflows/release\.yaml@refs/tags/";

type Row = (String, &'static [&'static str]);

/// Expressions, and what is found of them.
fn rows() -> Vec<Row> {
    let mut rows = anchored();
    rows.extend(wide());
    rows
}

fn anchored() -> Vec<Row> {
    vec![
        (format!(r"^https://github\.com/enix/x{TAGS}v[0-9]+\.[0-9]+\.[0-9]+$"), &[]),
        (format!(r"^https://github\.com/enix/x{TAGS}v.*$"), &[]),
        (format!(r"^https://github\.com/enix/x{TAGS}v.*"), &[]),
        (format!(r"^\Qhttps://github.com/enix/x\E{TAGS}v.+$"), &[]),
        (format!(r"(?i)^https://github\.com/enix/x{TAGS}v[0-9.]+$"), &[]),
        (format!(r"^(?:https://github\.com/enix/x{TAGS}v[0-9.]+)$"), &[]),
        (format!(r"^https://github\.com/enix/x{TAGS}v[0-9]"), &["no-end-anchor"]),
        (format!(r"https://github\.com/enix/x{TAGS}v[0-9.]+$"), &["no-start-anchor"]),
        (format!(r"^https://github.com/enix/x{TAGS}v[0-9.]+$"), &["unescaped-dot"]),
        (
            r"^https://github\.com/enix/x/.github/workflows/release.yaml@refs/tags/v[0-9.]+$"
                .into(),
            &["unescaped-dot", "unescaped-dot"],
        ),
    ]
}

fn wide() -> Vec<Row> {
    vec![
        (
            r"^https://github\.com/enix/x/\.github/workflows/release\.yaml@.*$".into(),
            &["any-ref"],
        ),
        (
            r"^https://github\.com/enix/x/\.github/workflows/release\.yaml@refs/(heads|tags)/.+$".into(),
            &["any-ref"],
        ),
        (r"^https://github\.com/enix/x/.*$".into(), &["any-workflow", "any-ref"]),
        (
            r"^https://github\.com/enix/x.*$".into(),
            &["repository-prefix", "any-workflow", "any-ref"],
        ),
        (
            r"^https://github\.com/enix/.*$".into(),
            &["any-repository", "any-workflow", "any-ref"],
        ),
        (
            r"^https://github\.com/enix.*$".into(),
            &["owner-prefix", "any-repository", "any-workflow", "any-ref"],
        ),
        (
            r"^https://[^/]+/enix/x/\.github/workflows/release\.yaml@refs/tags/v[0-9.]+$".into(),
            &["any-host"],
        ),
        (
            r"^https://github\.com[^/]*/enix/x/\.github/workflows/release\.yaml@refs/tags/v[0-9.]+$".into(),
            &["host-prefix"],
        ),
        (
            r"^https://github\.com/[^/]+/x/\.github/workflows/release\.yaml@refs/tags/v[0-9.]+$".into(),
            &["any-owner"],
        ),
        (
            r"^https://github\.com/enix/x/\.github/workflows/release\.yaml.*@refs/tags/v[0-9.]+$".into(),
            &["workflow-prefix"],
        ),
        (
            r"^https://github\.com/enix/x|nobody$".into(),
            &["no-start-anchor", "no-end-anchor"],
        ),
        (".*".into(), &["any-host", "any-owner", "any-repository", "any-workflow", "any-ref"]),
    ]
}

#[test]
fn every_weakness_is_found_and_no_other() {
    for (regexp, wanted) in rows() {
        let wanted: Vec<String> = wanted.iter().map(|c| format!("identity-regexp-{c}")).collect();
        // With what was observed, and with nothing but the expression.
        for observed in [&[(OBSERVED, ISSUER)][..], &[]] {
            let mut found = codes(&regexp, GOOD, observed);
            if regexp.contains("nobody") {
                // The rest of the findings depends on which half is looked at.
                found.retain(|code| code.ends_with("anchor"));
                if observed.is_empty() {
                    continue;
                }
            }
            assert_eq!(found, wanted, "{regexp} {observed:?}");
        }
    }
}

#[test]
fn issuers_and_addresses_are_linted_too() {
    let mail = "ops@enix.io";
    for (identity, issuer, wanted) in [
        (r"^ops@enix\.io$", GOOD, &[][..]),
        (r"^ops@enix.io$", GOOD, &["identity-regexp-unescaped-dot"]),
        (r"@enix\.io$", GOOD, &["identity-regexp-no-start-anchor", "identity-regexp-any-user"]),
        (r"^ops@enix\.io", GOOD, &["identity-regexp-no-end-anchor", "identity-regexp-host-prefix"]),
        (
            r"^ops@enix\.io$",
            r"^https://token\.actions\.githubusercontent\.com",
            &["issuer-regexp-no-end-anchor", "issuer-regexp-host-prefix"],
        ),
        (
            r"^ops@enix\.io$",
            r"https://token\.actions\.githubusercontent\.com$",
            &["issuer-regexp-no-start-anchor"],
        ),
        (
            r"^ops@enix\.io$",
            r"^https://token.actions\.githubusercontent\.com$",
            &["issuer-regexp-unescaped-dot"],
        ),
        (r"^ops@enix\.io$", ".*", &["issuer-regexp-any-host"]),
    ] {
        assert_eq!(codes(identity, issuer, &[(mail, ISSUER)]), wanted, "{identity} {issuer}");
    }
}

#[test]
fn a_look_alike_that_is_shown_passes_and_the_span_is_the_part_to_blame() {
    let observed = [(OBSERVED.to_owned(), ISSUER.to_owned())];
    for (regexp, code, part, look_alike) in [
        (r"^https://github.com/enix/x/", "unescaped-dot", ".", "https://githubxcom/enix/x/"),
        (r"^https://github\.com/enix/x", "repository-prefix", "x", "/enix/x-evil/"),
        (r"^https://github\.com/enix/x/.*$", "any-ref", ".*", "@refs/heads/evil"),
        (r"github\.com/enix/x/", "no-start-anchor", "g", "https://evil.example/https://github"),
        (r"^https://github\.com/enix/x/", "no-end-anchor", "/", "v4.0.0-evil"),
    ] {
        let demand = demand(regexp, GOOD, vec![]);
        let found = lint(&demand, &observed);
        let finding = found.iter().find(|f| f.code == code).unwrap_or_else(|| panic!("{regexp}"));
        assert_eq!(regexp.get(finding.span.clone()), Some(part), "{regexp} {code}");
        assert!(finding.look_alikes[0].contains(look_alike), "{:?}", finding.look_alikes);
        for finding in &found {
            for name in &finding.look_alikes {
                assert!(demand.signers()[0].accepts(name, ISSUER), "{regexp}: {name}");
                assert_ne!(name, OBSERVED);
            }
        }
        let (value, matched) = finding.matched.clone().unwrap();
        assert_eq!(Some(matched), GoRegexp::new(regexp).unwrap().find(&value));
    }
}

#[test]
fn a_demanded_claim_closes_what_the_expression_leaves_open() {
    let regexp = r"^https://github\.com/enix/x/\.github/workflows/release\.yaml@.*$";
    let exact = Matcher::Exact("refs/tags/v4.0.0".into());
    let any = Matcher::Regexp(GoRegexp::new("refs").unwrap());
    for (claims, found) in [(vec![], 1), (vec![(14, exact)], 0), (vec![(14, any)], 1)] {
        assert_eq!(lint(&demand(regexp, GOOD, claims), &[]).len(), found);
    }
}
