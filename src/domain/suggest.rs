//! Policies for what a certificate shows: the smallest exact one, one for the tags of the same
//! workflow, and gh's strict command. Whether the certificate may be believed is not known here.

use super::{
    claims::{Claims, FULCIO},
    demand::Demand,
    goregexp::GoRegexp,
    identity_lint::Workflow,
    text::{safe, shell_word},
};

/// Who signs for GitHub's workflows.
const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";
/// The claims that gh's flags can assert, or that say what was built where.
const GITHUB_CLAIMS: [u8; 12] = [8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 22, 23];

/// Flags that would accept the holder of a certificate; each is one line, quoted for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestions {
    /// This identity and this issuer, and no other.
    pub exact: String,
    /// Every version tag of the same workflow; where the identity is a workflow on a tag.
    pub tags_only: Option<String>,
    /// gh's command with every flag that narrows it; where GitHub signed.
    pub gh: Option<String>,
}

/// One claim of a certificate under a demand of gh's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// Its name in reports.
    pub claim: &'static str,
    /// Its value.
    pub value: String,
    /// Whether the demand compares it; else it is only observed.
    pub asserted: bool,
}

/// What could be demanded to accept the holder of these claims.
///
/// `None` where there is not exactly one identity with an issuer, or where they cannot be written
/// in one line as they are.
pub fn suggest(claims: &Claims) -> Option<Suggestions> {
    let (identity, issuer) = (claims.identity()?.value(), claims.issuer()?);
    let agree = claims.fulcio(1).is_none_or(|old| old == issuer);
    let plain = |text: &str| !text.is_empty() && safe(text) == text;
    if !agree || !plain(identity) || !plain(issuer) {
        return None;
    }
    let vouched = format!("--certificate-oidc-issuer {}", shell_word(issuer));
    let tags = tags_only(identity)
        .map(|regexp| format!("--certificate-identity-regexp {} {vouched}", shell_word(&regexp)));
    Some(Suggestions {
        exact: format!("--certificate-identity {} {vouched}", shell_word(identity)),
        tags_only: tags,
        gh: Some(issuer).filter(|i| *i == GITHUB_ISSUER).and_then(|_| gh(claims)),
    })
}

/// The version tags of one workflow, anchored and escaped; `None` where there is no numbered tag:
/// `^https://github\.com/o/r/\.github/workflows/f\.yaml@refs/tags/v[0-9]+\.[0-9]+\.[0-9]+$`.
pub fn tags_only(identity: &str) -> Option<String> {
    let tag = Workflow::parse(identity)?.reference.strip_prefix("refs/tags/")?;
    let before = identity.strip_suffix(tag)?;
    let mut regexp = format!("^{}", quoted(before));
    let mut digits = false;
    for c in tag.chars() {
        if c.is_ascii_digit() {
            if !digits {
                regexp.push_str("[0-9]+");
            }
        } else {
            regexp.push_str(&quoted(&c.to_string()));
        }
        digits = c.is_ascii_digit();
    }
    regexp.push('$');
    // A tag without a number is one tag, which the exact policy says.
    let numbered = tag.contains(|c: char| c.is_ascii_digit());
    let matches = GoRegexp::new(&regexp).is_ok_and(|r| r.is_match(identity));
    (numbered && matches).then_some(regexp)
}

/// Go's `regexp.QuoteMeta`.
fn quoted(text: &str) -> String {
    let escaped = |c: char| {
        let meta = r"\.+*?()|[]{}^$".contains(c);
        meta.then_some('\\').into_iter().chain(std::iter::once(c))
    };
    text.chars().flat_map(escaped).collect()
}

/// gh's command, as narrow as the claims allow.
fn gh(claims: &Claims) -> Option<String> {
    let here = |uri: &str| uri.strip_prefix("https://github.com/").map(str::to_owned);
    let repository = here(claims.fulcio(12)?)?;
    let workflow = here(claims.fulcio(9)?.rsplit_once('@')?.0)?;
    let mut command = format!(
        "gh attestation verify FILE --repo {} --signer-workflow {}",
        shell_word(&repository),
        shell_word(&workflow)
    );
    if let Some(reference) = claims.fulcio(14) {
        command.push_str(&format!(" --source-ref {}", shell_word(reference)));
    }
    if claims.fulcio(11) == Some("github-hosted") {
        command.push_str(" --deny-self-hosted-runners");
    }
    (safe(&command) == command).then_some(command)
}

/// Which claims a demand of gh's compares, and which it only happens to see; `None` for others.
///
/// The owner alone says neither which repository nor which workflow.
pub fn asserted(demand: &Demand, claims: &Claims) -> Option<Vec<Asserted>> {
    demand.github.as_ref()?;
    let one_workflow = claims.identity().is_some_and(|i| refuses_others(demand, i.value()));
    let known = FULCIO.iter().filter(|(number, ..)| GITHUB_CLAIMS.contains(number));
    let each = known.filter_map(|(number, _, claim)| {
        let compared = demand.claims.iter().any(|(n, _)| n == number);
        let value = claims.fulcio(*number)?.to_owned();
        let asserted = match number {
            // The issuer is always compared.
            8 => true,
            // By way of the subject alternative name, which Fulcio makes of it.
            9 => {
                compared || (one_workflow && claims.identity().is_some_and(|i| i.value() == value))
            }
            _ => compared,
        };
        Some(Asserted { claim, value, asserted })
    });
    Some(each.collect())
}

/// Whether another workflow of the same repository would be refused.
fn refuses_others(demand: &Demand, identity: &str) -> bool {
    let Some(own) = Workflow::parse(identity) else { return false };
    let other = Workflow { file: ".github/workflows/evil.yaml", ..own }.write();
    !demand.signers().iter().any(|s| s.identity.iter().all(|m| m.matches(&other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        claims::{Extension, San},
        demand::{Matcher, Signer, Wanted, Who},
        identity_lint::lint,
        rules::Rules,
    };

    fn claims(san: &str, issuer: &str, more: &[(u8, &str)]) -> Claims {
        let extension = |(number, value): &(u8, &str)| Extension {
            oid: String::new(),
            fulcio: Some(*number),
            value: (*value).to_owned(),
            decoded: true,
            critical: false,
        };
        Claims {
            sans: vec![San::Uri(san.to_owned())],
            extensions: [(8, issuer)].iter().chain(more).map(extension).collect(),
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2026-01-01T00:10:00Z".parse().unwrap(),
            serial: String::new(),
            issuer_name: String::new(),
            subject_name: String::new(),
            key: String::new(),
        }
    }

    const WORKFLOW: &str = "https://github.com/o/r.x/.github/workflows/f.yaml@refs/";

    #[test]
    fn the_tags_of_one_workflow_and_nothing_else_are_suggested() {
        let escaped = r"^https://github\.com/o/r\.x/\.github/workflows/f\.yaml@refs/tags/";
        for (identity, pattern) in [
            (format!("{WORKFLOW}tags/v4.0.0"), Some(format!(r"{escaped}v[0-9]+\.[0-9]+\.[0-9]+$"))),
            (
                format!("{WORKFLOW}tags/v4.10.0-rc.1"),
                Some(format!(r"{escaped}v[0-9]+\.[0-9]+\.[0-9]+-rc\.[0-9]+$")),
            ),
            (format!("{WORKFLOW}tags/latest"), None),
            (format!("{WORKFLOW}heads/v1"), None),
            (
                "https://gitlab.com/g/s/p//.gitlab-ci.yml@refs/tags/1.0".into(),
                Some(
                    r"^https://gitlab\.com/g/s/p//\.gitlab-ci\.yml@refs/tags/[0-9]+\.[0-9]+$"
                        .into(),
                ),
            ),
            ("ops@enix.io".into(), None),
        ] {
            assert_eq!(tags_only(&identity), pattern, "{identity}");
            let Some(pattern) = pattern else { continue };
            // No finding of the linter, whether somebody was observed or not.
            let signer = Signer {
                identity: vec![Matcher::Regexp(GoRegexp::new(&pattern).unwrap())],
                issuer: vec![Matcher::Exact("i".into())],
            };
            let demand = Demand {
                who: Who::Signers(vec![signer]),
                wanted: vec![Wanted::Signature],
                signed_timestamps: false,
                claims: vec![],
                annotations: vec![],
                waived: vec![],
                github: None,
                rules: Rules::default(),
                strict: false,
                words: String::new(),
            };
            for observed in [vec![], vec![(identity.clone(), "i".to_owned())]] {
                assert_eq!(lint(&demand, &observed), vec![], "{pattern}");
            }
        }
    }

    #[test]
    fn what_is_suggested_can_be_pasted_and_what_cannot_is_not_suggested() {
        let identity = format!("{WORKFLOW}tags/v1");
        let whole = suggest(&claims(&identity, "https://i", &[])).unwrap();
        let exact =
            format!("--certificate-identity {identity} --certificate-oidc-issuer https://i");
        assert_eq!(whole.exact, exact);
        assert_eq!(whole.gh, None);
        let odd = suggest(&claims("a'b c", "https://i", &[])).unwrap();
        assert!(odd.exact.starts_with(r"--certificate-identity 'a'\''b c' "), "{}", odd.exact);
        for (identity, issuer, more) in [
            ("a\u{1b}[31m", "https://i", &[][..]),
            ("a\u{202e}", "https://i", &[]),
            ("a", "", &[]),
            ("a", "https://i", &[(1, "https://j")]),
        ] {
            assert_eq!(suggest(&claims(identity, issuer, more)), None, "{identity:?} {issuer}");
        }
        let mut two = claims("a", "https://i", &[]);
        two.sans.push(San::Uri("b".into()));
        assert_eq!(suggest(&two), None);
    }

    #[test]
    fn gh_is_given_every_flag_that_the_claims_allow() {
        let source = (12, "https://github.com/o/r");
        let signer = (9, "https://github.com/o/r/.github/workflows/f.yaml@refs/tags/v1");
        let hosted = (11, "github-hosted");
        let narrow =
            "gh attestation verify FILE --repo o/r --signer-workflow o/r/.github/workflows/f.yaml";
        for (more, command) in [
            (vec![source, signer], Some(narrow.to_owned())),
            (
                vec![source, signer, hosted, (14, "refs/tags/v1")],
                Some(format!("{narrow} --source-ref refs/tags/v1 --deny-self-hosted-runners")),
            ),
            (vec![source, signer, (11, "self-hosted")], Some(narrow.to_owned())),
            (vec![source], None),
            (vec![(12, "https://gitlab.com/o/r"), signer], None),
        ] {
            let found = suggest(&claims("x", GITHUB_ISSUER, &more)).unwrap();
            assert_eq!(found.gh, command, "{more:?}");
        }
    }
}
