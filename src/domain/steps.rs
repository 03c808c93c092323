//! The sixteen steps of judging one piece, and what they must show for it to be proved.

use super::verdict::{Judgement, Verdict};

/// The sixteen steps of judging one piece, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The bytes are what they claim to be.
    Parse,
    /// The parts fit together and redundant fields agree.
    Structure,
    /// The certificate was issued by a trusted authority, for code signing, at the signing time.
    Chain,
    /// A trusted certificate transparency log promised to log the certificate.
    Sct,
    /// An authenticated time lies in the certificate's window.
    SignedTime,
    /// The transparency log's signed entry timestamp.
    Set,
    /// The Merkle path from the entry to the tree's root.
    Inclusion,
    /// The log's signature over that root.
    Checkpoint,
    /// RFC 3161 timestamps.
    Timestamp,
    /// The signature over the payload.
    Signature,
    /// The payload names the artifact.
    Subject,
    /// The log entry describes this signature, key and payload.
    LogEntry,
    /// The signer is the demanded one.
    Identity,
    /// The identity was issued by the demanded provider.
    Issuer,
    /// Demanded certificate claims.
    Claims,
    /// Demanded annotations.
    Annotations,
}

impl StepName {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 16] = [
        Self::Parse,
        Self::Structure,
        Self::Chain,
        Self::Sct,
        Self::SignedTime,
        Self::Set,
        Self::Inclusion,
        Self::Checkpoint,
        Self::Timestamp,
        Self::Signature,
        Self::Subject,
        Self::LogEntry,
        Self::Identity,
        Self::Issuer,
        Self::Claims,
        Self::Annotations,
    ];

    /// Whether the step compares with what was demanded rather than with the evidence itself.
    pub const fn is_policy(self) -> bool {
        matches!(self, Self::Identity | Self::Issuer | Self::Claims | Self::Annotations)
    }

    /// The name in reports and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Structure => "structure",
            Self::Chain => "chain",
            Self::Sct => "sct",
            Self::SignedTime => "signed-time",
            Self::Set => "set",
            Self::Inclusion => "inclusion",
            Self::Checkpoint => "checkpoint",
            Self::Timestamp => "timestamp",
            Self::Signature => "signature",
            Self::Subject => "subject",
            Self::LogEntry => "log-entry",
            Self::Identity => "identity",
            Self::Issuer => "issuer",
            Self::Claims => "claims",
            Self::Annotations => "annotations",
        }
    }
}

/// One step of judging a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// What it established. A step that does not apply is `Absent`, one not made `Undecided`.
    pub verdict: Verdict,
    /// What was compared, in words; may hold foreign text.
    pub detail: String,
    /// The clause that asks for it.
    pub source: &'static str,
}

impl Step {
    /// Whether it compares something that nobody demanded: nothing is proved by it, and nothing
    /// is missing. What contradicts all the same stays a contradiction.
    pub fn not_asked(&self, terms: &Terms) -> bool {
        let open = matches!(self.verdict, Verdict::Undecided | Verdict::Absent);
        // With a key there is no certificate that could have an identity or claims.
        let applies = !terms.waived.contains(&StepName::Identity);
        open && applies && self.name.is_policy() && !terms.ask_for(self.name)
    }
}

/// The sixteen steps of one piece; every step is always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps([Step; 16]);

/// What the steps of a piece must show for it to be proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether a signer was demanded; without one nothing is called proved.
    pub signer_demanded: bool,
    /// Steps that a flag demands beyond the usual ones.
    pub also: Vec<StepName>,
    /// Steps that a named flag waives; nothing else waives a step.
    pub waived: Vec<StepName>,
}

impl Terms {
    /// What GitHub's own Sigstore instance has nothing of: it keeps no public log.
    pub const UNKNOWN_TO_GITHUB: [StepName; 5] = [
        StepName::Sct,
        StepName::Set,
        StepName::Inclusion,
        StepName::Checkpoint,
        StepName::LogEntry,
    ];

    /// The same terms for a piece whose certificate GitHub's own instance issued.
    ///
    /// Contract: these steps do not apply there, and a timestamp must tell the time.
    #[must_use]
    pub fn under_github(mut self) -> Self {
        self.waived.extend(Self::UNKNOWN_TO_GITHUB);
        self.also.push(StepName::Timestamp);
        self
    }

    fn ask_for(&self, name: StepName) -> bool {
        let usual = match name {
            StepName::Parse
            | StepName::Structure
            | StepName::Chain
            | StepName::Sct
            | StepName::SignedTime
            | StepName::Signature
            | StepName::Subject
            | StepName::LogEntry => true,
            StepName::Identity | StepName::Issuer => self.signer_demanded,
            StepName::Set
            | StepName::Inclusion
            | StepName::Checkpoint
            | StepName::Timestamp
            | StepName::Claims
            | StepName::Annotations => false,
        };
        (usual && !self.waived.contains(&name)) || self.also.contains(&name)
    }
}

/// The order in which a contradiction explains a piece: a changed signature also spoils the
/// timestamp over it, and not the other way round.
const TELLING: [StepName; 16] = [
    StepName::Parse,
    StepName::Structure,
    StepName::Signature,
    StepName::Subject,
    StepName::Chain,
    StepName::Sct,
    StepName::Timestamp,
    StepName::Set,
    StepName::SignedTime,
    StepName::Inclusion,
    StepName::Checkpoint,
    StepName::LogEntry,
    StepName::Identity,
    StepName::Issuer,
    StepName::Claims,
    StepName::Annotations,
];

impl Steps {
    /// Steps of which none was made, for the reason given.
    pub fn not_made(why: &str) -> Self {
        Self(StepName::ALL.map(|name| Step {
            name,
            verdict: Verdict::Undecided,
            detail: why.to_owned(),
            source: "",
        }))
    }

    /// The step of that name.
    pub fn get(&self, name: StepName) -> &Step {
        &self.0[name as usize]
    }

    /// Records what a step established.
    pub fn set(
        &mut self,
        name: StepName,
        verdict: Verdict,
        detail: impl Into<String>,
        source: &'static str,
    ) {
        self.0[name as usize] = Step { name, verdict, detail: detail.into(), source };
    }

    /// All sixteen, in the order of the report.
    pub fn iter(&self) -> impl Iterator<Item = &Step> {
        self.0.iter()
    }

    /// The step that explains why the piece is not proved: one that contradicts, else one that is
    /// asked for and could not be made.
    pub fn decisive(&self, terms: &Terms) -> Option<&Step> {
        let telling = || TELLING.into_iter().map(|name| self.get(name));
        let refuted = telling().find(|s| s.verdict == Verdict::Refuted);
        let missing = || telling().find(|s| terms.ask_for(s.name) && s.verdict != Verdict::Proved);
        let no_log = || (!self.log_vouches(terms)).then(|| self.get(StepName::Set));
        refuted.or_else(missing).or_else(no_log)
    }

    /// Contract, "A piece": proved exactly when the asked-for steps are proved, `set` or
    /// `inclusion` with `checkpoint` is proved, and no step is refuted.
    pub fn judgement(&self, terms: &Terms) -> Judgement {
        if self.0.iter().any(|s| s.verdict == Verdict::Refuted) {
            return Judgement::Refuted;
        }
        let mut asked = StepName::ALL.into_iter().filter(|n| terms.ask_for(*n));
        let all_hold = asked.all(|n| self.holds(n)) && self.log_vouches(terms);
        match (all_hold, terms.signer_demanded) {
            (false, _) => Judgement::Undecided,
            (true, false) => Judgement::Valid,
            (true, true) => Judgement::Proved,
        }
    }

    /// Whether everything but the policy holds: then the claims are the publisher's own words.
    pub fn evidence_holds(&self, terms: &Terms) -> bool {
        let evidence = |n: &StepName| terms.ask_for(*n) && !n.is_policy();
        let contradiction =
            self.0.iter().any(|s| s.verdict == Verdict::Refuted && !s.name.is_policy());
        let mut asked = StepName::ALL.into_iter().filter(evidence);
        asked.all(|n| self.holds(n)) && self.log_vouches(terms) && !contradiction
    }

    fn holds(&self, name: StepName) -> bool {
        self.get(name).verdict == Verdict::Proved
    }

    fn log_vouches(&self, terms: &Terms) -> bool {
        terms.waived.contains(&StepName::Set)
            || self.holds(StepName::Set)
            || (self.holds(StepName::Inclusion) && self.holds(StepName::Checkpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Judgement::{Proved, Valid};

    fn all(verdict: Verdict) -> Steps {
        let mut steps = Steps::not_made("");
        for name in StepName::ALL {
            steps.set(name, verdict, "", "");
        }
        steps
    }

    fn demanded() -> Terms {
        Terms { signer_demanded: true, ..Terms::default() }
    }

    #[test]
    fn every_step_that_is_asked_for_can_spoil_a_proof() {
        use StepName::*;
        for name in StepName::ALL {
            for (verdict, spoils) in [
                (Verdict::Refuted, true),
                (
                    Verdict::Undecided,
                    !matches!(
                        name,
                        Set | Inclusion | Checkpoint | Timestamp | Claims | Annotations
                    ),
                ),
            ] {
                let mut steps = all(Verdict::Proved);
                steps.set(name, verdict, "", "");
                assert_eq!(steps.judgement(&demanded()) != Proved, spoils, "{name:?} {verdict}");
            }
        }
    }

    #[test]
    fn a_log_must_vouch_by_promise_or_by_proof_with_checkpoint() {
        for (set, inclusion, checkpoint, proved) in [
            (true, false, false, true),
            (false, true, true, true),
            (false, true, false, false),
            (false, false, true, false),
            (false, false, false, false),
        ] {
            let mut steps = all(Verdict::Proved);
            for (name, there) in [
                (StepName::Set, set),
                (StepName::Inclusion, inclusion),
                (StepName::Checkpoint, checkpoint),
            ] {
                if !there {
                    steps.set(name, Verdict::Absent, "", "");
                }
            }
            assert_eq!(steps.judgement(&demanded()) == Proved, proved);
        }
    }

    #[test]
    fn without_a_demanded_signer_nothing_is_proved() {
        assert_eq!(all(Verdict::Proved).judgement(&Terms::default()), Valid);
        assert_eq!(Valid.verdict(), Verdict::Undecided);
    }

    #[test]
    fn what_nobody_demanded_is_not_asked_unless_it_contradicts() {
        let free = Terms::default();
        let with_key = Terms { waived: vec![StepName::Identity], ..demanded() };
        let claims = Terms { also: vec![StepName::Claims], ..demanded() };
        for (name, verdict, terms, not_asked) in [
            (StepName::Identity, Verdict::Undecided, &free, true),
            (StepName::Issuer, Verdict::Undecided, &free, true),
            (StepName::Claims, Verdict::Absent, &free, true),
            (StepName::Annotations, Verdict::Absent, &free, true),
            (StepName::Identity, Verdict::Refuted, &free, false),
            (StepName::Identity, Verdict::Undecided, &demanded(), false),
            (StepName::Claims, Verdict::Absent, &demanded(), true),
            (StepName::Claims, Verdict::Undecided, &claims, false),
            (StepName::Claims, Verdict::Absent, &with_key, false),
            (StepName::Chain, Verdict::Undecided, &free, false),
            (StepName::Timestamp, Verdict::Absent, &free, false),
        ] {
            let step = Step { name, verdict, detail: String::new(), source: "" };
            assert_eq!(step.not_asked(terms), not_asked, "{name:?} {verdict:?}");
        }
    }
}
