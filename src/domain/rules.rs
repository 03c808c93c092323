//! What a demand asks beyond "there is one": several signers, kinds that must not be there, and
//! whose way of judging is followed. And how each of them folds.

use super::{
    demand::{Demand, Signer},
    verdict::{Judgement, Verdict},
};

/// Rules over all pieces of an artifact, as flags and profiles set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many of the demanded signers must each have a proved signature; at least 1.
    pub threshold: usize,
    /// `--cosign-compatible`: any attestation counts as a signature, and one readable bundle hides
    /// legacy material.
    pub cosign_compatible: bool,
    /// `--new-bundle-format=false`: nothing but legacy material is looked at.
    pub legacy_only: bool,
    /// The profile that the demand was read from.
    pub profile: Option<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { threshold: 1, cosign_compatible: false, legacy_only: false, profile: None }
    }
}

impl Rules {
    /// What the verdict line must say, because it changes what "proved" is worth; else nothing.
    pub fn words(&self) -> String {
        let mut words = String::new();
        if self.cosign_compatible {
            words.push_str(" (as cosign judges: any attestation counts as a signature)");
        }
        if self.legacy_only {
            words.push_str(" (legacy material only)");
        }
        words
    }
}

/// Folds a demand that `needed` distinct signers must meet, of whom `proved` have.
///
/// | proved signers | undecided piece or incomplete discovery | refuted piece | verdict |
/// |---|---|---|---|
/// | enough | any | any | proved |
/// | too few | yes | any | undecided: what is missing may be there |
/// | too few | no | yes | refuted: somebody signed, and it is none of those who are missing |
/// | too few | no | no | absent: looked everywhere, and the others did not sign |
pub fn fold_threshold(
    (proved, needed): (usize, usize),
    pieces: impl IntoIterator<Item = Judgement>,
    discovery_complete: bool,
) -> Verdict {
    if proved >= needed.max(1) {
        return Verdict::Proved;
    }
    let (mut undecided, mut refuted) = (!discovery_complete, false);
    for piece in pieces {
        undecided |= matches!(piece, Judgement::Valid | Judgement::Undecided);
        refuted |= piece == Judgement::Refuted;
    }
    match (undecided, refuted) {
        (true, _) => Verdict::Undecided,
        (false, true) => Verdict::Refuted,
        (false, false) => Verdict::Absent,
    }
}

/// Folds a demand that no piece of a type is there.
///
/// Whoever signed it, a piece that is there is there. That none is there is proved only when
/// everything that is there was listed, and read.
pub fn fold_forbidden(there: bool, unread: bool, discovery_complete: bool) -> Verdict {
    match (there, unread || !discovery_complete) {
        (true, _) => Verdict::Refuted,
        (false, true) => Verdict::Undecided,
        (false, false) => Verdict::Proved,
    }
}

impl Signer {
    /// Whether a certificate with this identity and this issuer is one of this signer.
    pub fn accepts(&self, identity: &str, issuer: &str) -> bool {
        let holds = |all: &[super::demand::Matcher], value: &str| {
            !all.is_empty() && all.iter().all(|m| m.matches(value))
        };
        holds(&self.identity, identity) && holds(&self.issuer, issuer)
    }
}

impl Demand {
    /// How many of the demanded signers are met by these certificates (identity, issuer).
    ///
    /// One certificate stands for one signer and one signer needs one certificate, also where
    /// expressions overlap: otherwise one person could be counted as two. The largest pairing of
    /// the two, found by augmenting paths.
    pub fn distinct_signers(&self, found: &[(&str, &str)]) -> usize {
        let signers = self.signers();
        let mut taken: Vec<Option<usize>> = vec![None; signers.len()];
        let mut distinct: Vec<(&str, &str)> = vec![];
        for one in found {
            if !distinct.contains(one) {
                distinct.push(*one);
            }
        }
        let accepts = |at: usize, signer: usize| {
            let one = distinct.get(at).zip(signers.get(signer));
            one.is_some_and(|((identity, issuer), signer)| signer.accepts(identity, issuer))
        };
        let mut count = 0;
        for at in 0..distinct.len() {
            let mut tried = vec![false; signers.len()];
            count += usize::from(pair(at, &accepts, &mut taken, &mut tried));
        }
        count
    }
}

/// Gives certificate `at` a signer, where another certificate that has it can take a third.
fn pair(
    at: usize,
    accepts: &dyn Fn(usize, usize) -> bool,
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for signer in 0..taken.len() {
        if tried.get(signer).copied().unwrap_or(true) || !accepts(at, signer) {
            continue;
        }
        if let Some(tried) = tried.get_mut(signer) {
            *tried = true;
        }
        let holder = taken.get(signer).copied().flatten();
        if holder.is_none_or(|holder| pair(holder, accepts, taken, tried)) {
            if let Some(place) = taken.get_mut(signer) {
                *place = Some(at);
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        demand::{Matcher, Wanted, Who},
        goregexp::GoRegexp,
    };
    use Judgement::{Proved, Refuted, Undecided, Valid};

    #[test]
    fn a_threshold_folds_in_every_combination_as_its_table_says() {
        let each = [Proved, Valid, Undecided, Refuted];
        // Every subset of the four judgements, every count, discovery complete or not.
        for (set, proved, needed, complete) in (0..16_u8).flat_map(|set| {
            (0..4).flat_map(move |p| {
                (1..4).flat_map(move |n| [true, false].map(|complete| (set, p, n, complete)))
            })
        }) {
            let pieces: Vec<Judgement> = each
                .iter()
                .enumerate()
                .filter(|(i, _)| set & (1 << i) != 0)
                .map(|(_, j)| *j)
                .collect();
            let verdict = fold_threshold((proved, needed), pieces.clone(), complete);
            let open = !complete || pieces.contains(&Valid) || pieces.contains(&Undecided);
            let wanted = match (proved >= needed, open, pieces.contains(&Refuted)) {
                (true, ..) => Verdict::Proved,
                (false, true, _) => Verdict::Undecided,
                (false, false, true) => Verdict::Refuted,
                (false, false, false) => Verdict::Absent,
            };
            assert_eq!(verdict, wanted, "{pieces:?} {proved} of {needed} complete {complete}");
        }
    }

    #[test]
    fn one_demanded_signer_folds_as_ever() {
        let each = [Proved, Valid, Undecided, Refuted];
        for (set, complete) in (0..16_u8).flat_map(|set| [(set, true), (set, false)]) {
            let pieces: Vec<Judgement> = each
                .iter()
                .enumerate()
                .filter(|(i, _)| set & (1 << i) != 0)
                .map(|(_, j)| *j)
                .collect();
            let proved = usize::from(pieces.contains(&Proved));
            let ever = crate::domain::verdict::fold_demand(pieces.clone(), complete);
            assert_eq!(fold_threshold((proved, 1), pieces, complete), ever);
        }
    }

    #[test]
    fn what_is_forbidden_is_proved_absent_only_after_a_complete_look() {
        for (there, unread, complete, verdict) in [
            (false, false, true, Verdict::Proved),
            (false, false, false, Verdict::Undecided),
            (false, true, true, Verdict::Undecided),
            (false, true, false, Verdict::Undecided),
            (true, false, true, Verdict::Refuted),
            (true, false, false, Verdict::Refuted),
            (true, true, true, Verdict::Refuted),
            (true, true, false, Verdict::Refuted),
        ] {
            assert_eq!(
                fold_forbidden(there, unread, complete),
                verdict,
                "{there} {unread} {complete}"
            );
        }
    }

    #[test]
    fn one_certificate_is_never_counted_as_two_signers() {
        let signer = |regexp: &str, issuer: &str| Signer {
            identity: vec![Matcher::Regexp(GoRegexp::new(regexp).unwrap())],
            issuer: vec![Matcher::Exact(issuer.into())],
        };
        let demand = |signers: Vec<Signer>| Demand {
            github: None,
            strict: false,
            who: Who::Signers(signers),
            wanted: vec![Wanted::Signature],
            signed_timestamps: false,
            claims: vec![],
            annotations: vec![],
            waived: vec![],
            words: String::new(),
            rules: Rules::default(),
        };
        let (a, b, any) = (signer("^a", "i"), signer("^b", "i"), signer("", "i"));
        for (signers, found, count) in [
            (vec![a.clone(), b.clone()], vec![("a1", "i"), ("b1", "i")], 2),
            (vec![a.clone(), b.clone()], vec![("a1", "i"), ("a2", "i")], 1),
            (vec![a.clone(), b.clone()], vec![("a1", "i"), ("a1", "i")], 1),
            (vec![a.clone(), b.clone()], vec![("a1", "i"), ("b1", "j")], 1),
            // One certificate that two expressions accept.
            (vec![a.clone(), any.clone()], vec![("a1", "i")], 1),
            // The first to come must give way to one that has no other.
            (vec![any.clone(), b.clone()], vec![("b1", "i"), ("a1", "i")], 2),
            (vec![any.clone(), b.clone()], vec![("a1", "i"), ("b1", "i")], 2),
            (vec![any.clone(), a.clone(), b], vec![("a1", "i"), ("a2", "i"), ("a3", "i")], 2),
            (vec![a], vec![], 0),
            (vec![], vec![("a1", "i")], 0),
        ] {
            assert_eq!(
                demand(signers.clone()).distinct_signers(&found),
                count,
                "{signers:?} {found:?}"
            );
        }
    }
}
