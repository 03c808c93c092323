//! Statements about one vulnerability of one component: which is the newest, which contradict, and
//! what a row shows of all of them.

use std::collections::{HashMap, HashSet};

use foldhash::quality::RandomState;

use super::{
    Class, Contradiction, MAX_LISTED, Mark, Origin, Said, Standing, Statement, Word,
    finding::{Rank, class},
};

/// One place, and the number of one name of a vulnerability: names are long, and said of many.
type Key = (Option<u32>, usize);
type Groups = HashMap<Key, Vec<usize>, RandomState>;
type Marks = HashMap<Option<u32>, Mark>;

/// Gives every finding its rank.
pub(super) fn rank(
    origins: &[Origin],
    statements: &[Statement],
    said: &mut [Said],
) -> (Marks, Vec<Contradiction>, usize) {
    let all = Facts { origins, statements, names: names(statements) };
    let groups = all.groups(said);
    let mut ranks = vec![Rank::Only; said.len()];
    for group in groups.values() {
        // Whether it was found, and what it means, are two questions: a scan is no older answer.
        for assertive in [true, false] {
            let of = |at: &&usize| said.get(**at).is_some_and(|s| all.is_answer(s) == assertive);
            let peers: Vec<usize> = group.iter().filter(of).copied().collect();
            for (at, rank) in all.among(&peers, said) {
                if let Some(slot) = ranks.get_mut(at) {
                    *slot = (*slot).max(rank);
                }
            }
        }
    }
    for (said, rank) in said.iter_mut().zip(ranks) {
        said.rank = rank;
    }
    let mut contradictions = all.contradictions(&groups, said);
    let marks = all.marks(&groups, said, &contradictions);
    let left_out = contradictions.len().saturating_sub(MAX_LISTED);
    contradictions.truncate(MAX_LISTED);
    (marks, contradictions, left_out)
}

struct Facts<'a> {
    origins: &'a [Origin],
    statements: &'a [Statement],
    /// The names of each statement's vulnerability, the id first.
    names: Vec<Vec<usize>>,
}

/// Numbers for the names of each statement's vulnerability, whatever their case.
fn names(statements: &[Statement]) -> Vec<Vec<usize>> {
    let mut known: HashMap<String, usize, RandomState> = HashMap::default();
    let of = |statement: &Statement| {
        let mut numbers: Vec<usize> = vec![];
        for name in std::iter::once(&statement.vulnerability).chain(&statement.aliases) {
            let next = known.len();
            let number = *known.entry(name.to_lowercase()).or_insert(next);
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    };
    statements.iter().map(of).collect()
}

impl Facts<'_> {
    fn statement(&self, said: &Said) -> Option<&Statement> {
        self.statements.get(said.statement)
    }

    fn standing(&self, said: &Said) -> Standing {
        let origin = self.statement(said).and_then(|s| self.origins.get(s.origin));
        origin.map_or(Standing::Observed, |origin| origin.standing)
    }

    fn class(&self, said: &Said) -> Class {
        self.statement(said).map_or(Class::Unclear, |statement| class(statement, said))
    }

    /// Whether it says what the vulnerability means here, and not only that it was found.
    fn is_answer(&self, said: &Said) -> bool {
        self.class(said) != Class::Reported
    }

    fn names(&self, said: &Said) -> &[usize] {
        self.names.get(said.statement).map(Vec::as_slice).unwrap_or_default()
    }

    /// By every name, so that `GO-…` and `CVE-…` meet. One that merely shares a name with both of
    /// two others joins nothing: whoever pushes a statement with false aliases must not be able to
    /// make one statement of the publisher outdate another.
    fn groups(&self, said: &[Said]) -> Groups {
        let mut groups = Groups::default();
        for (at, one) in said.iter().enumerate() {
            for name in self.names(one) {
                groups.entry((one.place, *name)).or_default().push(at);
            }
        }
        groups
    }

    fn among(&self, peers: &[usize], said: &[Said]) -> Vec<(usize, Rank)> {
        let of = |at: usize| said.get(at);
        let standing = |at: usize| of(at).map_or(Standing::Observed, |s| self.standing(s));
        let time = |at: usize| of(at).and_then(|s| self.statement(s)).and_then(|s| s.at);
        let Some(best) = peers.iter().map(|at| standing(*at)).max() else { return vec![] };
        let counted: Vec<usize> =
            peers.iter().copied().filter(|at| standing(*at) == best).collect();
        let times: Option<Vec<_>> = counted.iter().map(|at| time(*at)).collect();
        let latest = times.as_ref().and_then(|times| times.iter().max().copied());
        let at_latest = counted.iter().filter(|at| time(**at) == latest).count();
        let rank = |at: usize| match (standing(at) == best, counted.len(), latest) {
            (false, ..) => Rank::NotCounted,
            (true, 1, _) => Rank::Only,
            (true, _, None) => Rank::NotKnown,
            (true, ..) if time(at) != latest => Rank::Older,
            (true, ..) if at_latest == 1 => Rank::Newest,
            (true, ..) => Rank::NotKnown,
        };
        peers.iter().map(|at| (*at, rank(*at))).collect()
    }

    /// Harmless and harmful in one group, neither of them outdated by its own side.
    fn contradictions(&self, groups: &Groups, said: &[Said]) -> Vec<Contradiction> {
        let mut all: Vec<Contradiction> = vec![];
        for ((place, _), group) in groups {
            let current =
                group.iter().filter_map(|at| said.get(*at)).filter(|s| s.rank != Rank::Older);
            let of = |wanted: Class| current.clone().find(|s| self.class(s) == wanted);
            let (Some(_), Some(harmful)) = (of(Class::Harmless), of(Class::Harmful)) else {
                continue;
            };
            let Some(statement) = self.statement(harmful) else { continue };
            let vulnerability = statement.vulnerability.clone();
            all.push(Contradiction { place: *place, vulnerability });
        }
        all.sort_by(|a, b| (a.place, &a.vulnerability).cmp(&(b.place, &b.vulnerability)));
        all.dedup();
        all
    }

    fn marks(&self, groups: &Groups, said: &[Said], contradictions: &[Contradiction]) -> Marks {
        let answered = self.answered(groups, said);
        let contradicted: HashSet<Option<u32>, RandomState> =
            contradictions.iter().map(|c| c.place).collect();
        let mut marks = Marks::default();
        let mut counted: HashMap<Option<u32>, HashSet<usize, RandomState>, RandomState> =
            HashMap::default();
        for one in said {
            let (class, standing) = (self.class(one), self.standing(one));
            let outdated = matches!(one.rank, Rank::Older | Rank::NotCounted);
            let is_answered = || {
                let answer = |name: &usize| answered.get(&(one.place, *name));
                let mut answers = self.names(one).iter().filter_map(answer);
                answers.any(|answer| *answer >= standing)
            };
            if outdated || (class == Class::Reported && is_answered()) {
                continue;
            }
            let word = Word::new(class, standing);
            let contradicted = contradicted.contains(&one.place);
            let new = Mark { word, vulnerabilities: 0, contradicted };
            let mark = marks.entry(one.place).or_insert(new);
            let ids = counted.entry(one.place).or_default();
            if class > *mark.word.said() {
                *mark = new;
                ids.clear();
            } else if class < *mark.word.said() {
                continue;
            }
            let known = mark.word.standing();
            // An all-clear is as good as its weakest word, an alarm as its strongest.
            let standing =
                if class == Class::Harmless { known.min(standing) } else { known.max(standing) };
            mark.word = Word::new(class, standing);
            ids.extend(self.names(one).first());
            mark.vulnerabilities = ids.len();
        }
        marks
    }

    /// How good the word is by which a vulnerability of a component is said to be harmless, where
    /// that is what counts.
    fn answered(&self, groups: &Groups, said: &[Said]) -> HashMap<Key, Standing, RandomState> {
        let answer = |group: &Vec<usize>| {
            let all = group.iter().filter_map(|at| said.get(*at)).filter(|s| self.is_answer(s));
            let counts = |s: &&Said| !matches!(s.rank, Rank::Older | Rank::NotCounted);
            let mut all = all.filter(counts).peekable();
            let standing = self.standing(all.peek()?);
            // Those that count have one standing, and where none is the newest all must agree.
            all.all(|s| self.class(s) == Class::Harmless).then_some(standing)
        };
        groups.iter().filter_map(|(key, group)| Some((*key, answer(group)?))).collect()
    }
}
