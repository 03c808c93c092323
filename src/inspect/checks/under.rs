//! Under which trust root a document is judged.

use std::sync::Arc;

use super::{
    anchors::{by_any_key, under_each},
    blocking,
};
use crate::{
    domain::{Timestamp, Verdict, steps::StepName, verdict::Judgement},
    inspect::{
        Contents, RootFacts,
        github_root::GitHubs,
        plan::{Judging, Roots},
    },
    verify::{Case, Instance, Piece, judge, judge_document, root::TrustRoot, roots},
};

/// Judges a document of a file, which may be older than the sigstore bundle; `None` as below.
pub(super) async fn read(bytes: Arc<[u8]>, judging: Arc<Judging>, now: Timestamp) -> Option<Piece> {
    blocking(move || under_either(&bytes, &judging, now, judge_document)).await
}

/// Judges a bundle; `None` as below.
pub(super) async fn judged(
    bytes: Arc<[u8]>,
    judging: Arc<Judging>,
    now: Timestamp,
) -> Option<Piece> {
    blocking(move || under_either(&bytes, &judging, now, judge)).await
}

/// Under the chosen root, or GitHub's own where it may judge and the chosen one does not know the
/// signer. It says more only of what is GitHub's, by the certificate that vouches. `None`: it waits
/// for that root.
fn under_either(
    bytes: &[u8],
    judging: &Judging,
    now: Timestamp,
    judge: fn(&[u8], Case<'_>) -> Piece,
) -> Option<Piece> {
    let roots = roots_of(judging);
    let roots = roots::for_document(&roots, bytes);
    let case = case(judging, now);
    let judge = |case: Case<'_>| by_any_key(&judging.keys, case, |case| judge(bytes, case));
    let chosen = under_each(&roots, case, judge);
    let known = chosen.steps.get(StepName::Chain).verdict == Verdict::Proved;
    let Roots::ChosenOrGitHubs(githubs) = &judging.roots else { return Some(chosen) };
    // No root settles what has no certificate, or cannot be read.
    if known || chosen.claims.is_none() {
        return Some(chosen);
    }
    match githubs {
        GitHubs::NotAsked => None,
        GitHubs::Known(root) => {
            let own = judge(Case { root: Some(root), ..case });
            let vouched = own.steps.get(StepName::Chain).verdict == Verdict::Proved;
            match (own.instance, vouched) {
                (Instance::GitHub, _) => Some(own),
                (Instance::WithLogs, false) => Some(chosen),
                // An authority that this version cannot tell to be GitHub's own: newer than it.
                (Instance::WithLogs, true) => {
                    let why = "it names an authority that this version does not know";
                    Some(open(judge, case, why))
                }
            }
        }
        // Contract: what could not be found out is "undecided". Whether that root knows the signer
        // is not known, so that the chosen one does not must not read like a contradiction.
        GitHubs::Unknown(why) => Some(open(judge, case, why)),
    }
}

/// Judged under no root, and why GitHub's own says nothing.
fn open(judge: impl Fn(Case<'_>) -> Piece, case: Case<'_>, why: &str) -> Piece {
    let mut open = judge(Case { root: None, ..case });
    if open.judgement == Judgement::Undecided {
        open.summary = format!("chain: GitHub's own trust root: {why}");
    }
    open
}

/// The trust roots that may judge it; none when they could not be read.
pub(super) fn roots_of(judging: &Judging) -> Vec<Arc<TrustRoot>> {
    judging.root.iter().flat_map(RootFacts::all).cloned().collect()
}

/// Against what a piece is judged, as `verify` takes it: by the first demanded key.
pub(super) fn case(judging: &Judging, now: Timestamp) -> Case<'_> {
    let bytes = match &judging.artifact.bytes {
        Contents::Whole(bytes) => Some(&**bytes),
        Contents::NotKept => None,
    };
    Case {
        artifact: &judging.artifact.digests,
        bytes,
        root: judging.root.as_ref().map(|r| &*r.root),
        key: judging.keys.first(),
        demand: judging.demand.as_deref(),
        now,
    }
}
