//! The regexp linter: what an expression for identities accepts beside whom it was written for.
//!
//! Expressions of a policy are unanchored unless they say otherwise, and a dot is any character.
//! Every finding is tried: a look-alike name is shown only when the compiled expressions let it
//! pass. A finding warns; it never changes a verdict.

mod pattern;
mod probes;

use std::ops::Range;

use self::pattern::{Kind, Token, anchors, exemplar, spelling, tokens};
pub(crate) use self::probes::Workflow;
use self::probes::{Probe, of_identity};
use super::{
    demand::{Demand, Matcher},
    goregexp::GoRegexp,
};

/// Which of the two is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The certificate's subject alternative name.
    Identity,
    /// Who vouched for it.
    Issuer,
}

/// What an expression accepts too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In which field.
    pub field: Field,
    /// `no-start-anchor`, `unescaped-dot`, `any-ref`, …; reports put `identity-regexp-` before it.
    pub code: &'static str,
    /// What passes, in words.
    pub words: String,
    /// The expression.
    pub pattern: String,
    /// The bytes of the expression that are to blame.
    pub span: Range<usize>,
    /// An observed value and its bytes that the expression matches.
    pub matched: Option<(String, Range<usize>)>,
    /// Names of somebody else that pass, each tried.
    pub look_alikes: Vec<String>,
}

impl Finding {
    /// The code in reports.
    pub const fn report_code(&self) -> &'static str {
        match self.field {
            Field::Identity => match self.code.as_bytes() {
                b"no-start-anchor" => "identity-regexp-no-start-anchor",
                b"no-end-anchor" => "identity-regexp-no-end-anchor",
                b"unescaped-dot" => "identity-regexp-unescaped-dot",
                b"any-host" => "identity-regexp-any-host",
                b"host-prefix" => "identity-regexp-host-prefix",
                b"any-owner" => "identity-regexp-any-owner",
                b"owner-prefix" => "identity-regexp-owner-prefix",
                b"any-repository" => "identity-regexp-any-repository",
                b"repository-prefix" => "identity-regexp-repository-prefix",
                b"any-workflow" => "identity-regexp-any-workflow",
                b"workflow-prefix" => "identity-regexp-workflow-prefix",
                b"any-ref" => "identity-regexp-any-ref",
                _ => "identity-regexp-any-user",
            },
            Field::Issuer => match self.code.as_bytes() {
                b"no-start-anchor" => "issuer-regexp-no-start-anchor",
                b"no-end-anchor" => "issuer-regexp-no-end-anchor",
                b"unescaped-dot" => "issuer-regexp-unescaped-dot",
                b"any-host" => "issuer-regexp-any-host",
                _ => "issuer-regexp-host-prefix",
            },
        }
    }

    /// All of it in one line; may hold foreign text.
    pub fn message(&self) -> String {
        let part = self.pattern.get(self.span.clone()).unwrap_or_default();
        let mut out = format!("{} at `{part}` of `{}`", self.words, self.pattern);
        if let Some((value, span)) = &self.matched {
            let matched = value.get(span.clone()).unwrap_or_default();
            if matched.len() < value.len() {
                out.push_str(&format!("; it matches only `{matched}` of {value}"));
            }
        }
        if !self.look_alikes.is_empty() {
            out.push_str(&format!("; would pass: {}", self.look_alikes.join(", ")));
        }
        out
    }
}

/// Lints every expression of a demand against the identities and issuers that were observed.
///
/// gh's own expression is not linted: its claims say the rest, and are listed by themselves.
pub fn lint(demand: &Demand, observed: &[(String, String)]) -> Vec<Finding> {
    if demand.github.is_some() {
        return vec![];
    }
    let mut all = vec![];
    for signer in demand.signers() {
        let accepted = observed.iter().find(|(i, o)| signer.accepts(i, o));
        for (field, matchers, value) in [
            (Field::Identity, &signer.identity, accepted.map(|(identity, _)| identity.as_str())),
            (Field::Issuer, &signer.issuer, accepted.map(|(_, issuer)| issuer.as_str())),
        ] {
            all.extend(lint_field(field, matchers, value));
        }
    }
    // A claim that is demanded too closes what the expression leaves open.
    let closed: &[(&str, &[u8])] = &[
        ("any-ref", &[6, 14]),
        ("any-repository", &[5, 12, 15]),
        ("repository-prefix", &[5, 12, 15]),
        ("any-owner", &[5, 12, 15, 16, 17]),
        ("owner-prefix", &[5, 12, 15, 16, 17]),
    ];
    let demanded = |n: &u8| {
        let exact = |m: &Matcher| !matches!(m, Matcher::Regexp(_));
        demand.claims.iter().any(|(number, matcher)| number == n && exact(matcher))
    };
    all.retain(|f| {
        let by = closed.iter().find(|(code, _)| *code == f.code).map(|(_, numbers)| *numbers);
        !by.is_some_and(|numbers| numbers.iter().any(demanded))
    });
    all
}

fn lint_field(field: Field, matchers: &[Matcher], observed: Option<&str>) -> Vec<Finding> {
    let regexps: Vec<&GoRegexp> = matchers
        .iter()
        .filter_map(|m| match m {
            Matcher::Regexp(regexp) => Some(regexp),
            _ => None,
        })
        .collect();
    // What must be equal too leaves nothing open.
    if regexps.len() < matchers.len() {
        return vec![];
    }
    let passes = |name: &str| matchers.iter().all(|m| m.matches(name));
    let mut all = vec![];
    for regexp in &regexps {
        let Some(known) = observed.map(str::to_owned).or_else(|| made_up(regexp, field, &passes))
        else {
            continue;
        };
        let of = Of { field, regexp, tokens: tokens(regexp.source()), known: &known, observed };
        all.extend(of.anchors(&passes));
        all.extend(of.dots(&passes));
        all.extend(of.probes(&passes));
    }
    all
}

/// An identity of the usual shape that passes, for an expression of which none was seen.
fn made_up(regexp: &GoRegexp, field: Field, passes: &dyn Fn(&str) -> bool) -> Option<String> {
    let fillings = ["x", "", "refs/tags/v1.0.0"];
    let own: Vec<String> = fillings.iter().filter_map(|f| exemplar(regexp, f)).collect();
    let (heads, tails): (&[&str], &[&str]) = match field {
        Field::Issuer => (&["", "https://"], &["", ".example"]),
        Field::Identity => (
            &["", "https://github.com/", "https://github.com/o/", "https://github.com", "someone"],
            &[
                "",
                "@refs/tags/v1.0.0",
                "/.github/workflows/release.yaml@refs/tags/v1.0.0",
                "/r/.github/workflows/release.yaml@refs/tags/v1.0.0",
                "r/.github/workflows/release.yaml@refs/tags/v1.0.0",
                "o/r/.github/workflows/release.yaml@refs/tags/v1.0.0",
                "/o/r/.github/workflows/release.yaml@refs/tags/v1.0.0",
                "refs/tags/v1.0.0",
            ],
        ),
    };
    let around: Vec<(&str, &str)> =
        heads.iter().flat_map(|head| tails.iter().map(move |tail| (*head, *tail))).collect();
    let all = || {
        let each =
            own.iter().flat_map(|own| around.iter().map(move |(h, t)| format!("{h}{own}{t}")));
        each.filter(|name| passes(name))
    };
    let usual = |name: &String| match field {
        Field::Identity => Workflow::parse(name).is_some() && name.matches('@').count() == 1,
        Field::Issuer => name.starts_with("https://"),
    };
    all().find(usual).or_else(|| all().next())
}

/// One expression and a value that it accepts.
struct Of<'a> {
    field: Field,
    regexp: &'a GoRegexp,
    tokens: Vec<Token>,
    known: &'a str,
    observed: Option<&'a str>,
}

impl Of<'_> {
    fn whole(&self) -> Range<usize> {
        0..self.regexp.source().len()
    }

    fn finding(
        &self,
        code: &'static str,
        words: &str,
        span: Range<usize>,
        look_alikes: Vec<String>,
    ) -> Finding {
        let matched = self.observed.and_then(|v| Some((v.to_owned(), self.regexp.find(v)?)));
        Finding {
            field: self.field,
            code,
            words: words.to_owned(),
            pattern: self.regexp.source().to_owned(),
            span,
            matched,
            look_alikes,
        }
    }

    fn anchors(&self, passes: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        let (start, end) = anchors(self.regexp);
        // Who begins or ends with `.*` has left that side open on purpose: the probes tell of it.
        let open = |token: Option<&Token>| token.is_some_and(|t| t.repeated && t.kind == Kind::Dot);
        let place = |t: Option<&Token>| t.map_or_else(|| self.whole(), |t| t.span.clone());
        // Where only one branch is without an anchor, the known value may be of another one.
        let tried = |name: String| Some(name).filter(|name| passes(name)).into_iter().collect();
        let (first, last) = (self.tokens.first(), self.tokens.last());
        let mut all = vec![];
        let before = format!("https://evil.example/{}", self.known);
        if !start && !open(first) {
            let words = "no ^: whatever stands before passes";
            all.push(self.finding("no-start-anchor", words, place(first), tried(before)));
        }
        let behind = format!("{}-evil", self.known);
        if !end && !open(last) {
            let words = "no $: whatever stands behind passes";
            all.push(self.finding("no-end-anchor", words, place(last), tried(behind)));
        }
        all
    }

    /// Every bare dot between letters that stands for a dot of the value.
    fn dots(&self, passes: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        let literal = |at: Option<usize>| match at.and_then(|at| self.tokens.get(at))?.kind {
            Kind::Literal(c) => Some(c),
            Kind::Dot => Some('.'),
            Kind::Other => None,
        };
        let mut all = vec![];
        for (at, token) in self.tokens.iter().enumerate() {
            if token.kind != Kind::Dot || token.repeated {
                continue;
            }
            // The letters around it, as far as they are spelt out, say which dot is meant.
            let before: Vec<char> =
                (0..at).rev().map_while(|i| literal(Some(i))).take(12).collect();
            let before: String = before.into_iter().rev().collect();
            let behind: String = (at + 1..).map_while(|i| literal(Some(i))).take(12).collect();
            let meant = format!("{before}.{behind}");
            let place = self.known.to_ascii_lowercase().find(&meant.to_ascii_lowercase());
            let (Some(place), false) = (place, before.is_empty() || behind.is_empty()) else {
                continue;
            };
            let mut name = self.known.to_owned();
            let dot = place + before.len();
            name.replace_range(dot..=dot, "x");
            if passes(&name) {
                let words = "an unescaped dot: any character passes there";
                all.push(self.finding("unescaped-dot", words, token.span.clone(), vec![name]));
            }
        }
        all
    }

    fn probes(&self, passes: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        let tried = of_identity(self.known).into_iter().map(|mut probe| {
            probe.names.retain(|name| passes(name));
            probe
        });
        let made: Vec<Probe> = tried.filter(|probe| !probe.names.is_empty()).collect();
        let implied = |code: &str| made.iter().any(|wide| wide.instead_of.contains(&code));
        let all = made.iter().filter(|probe| !implied(probe.code));
        all.map(|probe| {
            let spelt = spelling(&self.tokens, &probe.part);
            let wild = || {
                let loose = |t: &&Token| t.repeated;
                self.tokens.iter().rev().find(loose).map(|t| t.span.clone())
            };
            let span = spelt.or_else(wild).unwrap_or_else(|| self.whole());
            self.finding(probe.code, &probe.words, span, probe.names.clone())
        })
        .collect()
    }
}

#[cfg(test)]
mod tests;
