//! From the rows of files to one verdict.

use super::{FileState, FolderFacts, forbidden, judged::unread_unplaced, plan::strict};
use crate::{
    domain::{
        Verdict,
        demand::Wanted,
        text::shorten,
        verdict::{Answer, Judgement, fold_demand},
    },
    inspect::{
        CheckKind, Facts, Finding, Inspection,
        verdict::{
            Over, by_pieces, judge_one, nothing_demanded, unread_anchor, waived_words, worst,
        },
    },
};

/// How a list stands by its own evidence, without the files that it names.
pub(super) fn own(seen: &Inspection) -> Answer {
    match &seen.demand {
        Some(_) => by_pieces(seen).0.into(),
        None => {
            let pieces = seen.pieces().map(|(_, found)| found).collect();
            answer_over(seen, &Over { pieces, complete: Ok(()) }).0
        }
    }
}

/// How pieces over one file fold: under a demand as over any artifact, without one the best.
///
/// That nothing forbidden is there is known of a whole folder only; here it can be refuted alone.
pub(super) fn answer_over(seen: &Inspection, over: &Over<'_>) -> (Answer, String) {
    let Some(demand) = &seen.demand else { return without_demand(over) };
    let each = demand.wanted.iter().map(|wanted| {
        let judged = judge_one(seen, demand, (wanted, over));
        (matches!(wanted, Wanted::Forbidden(_)), judged)
    });
    let each = each.filter(|(forbidden, (verdict, _))| !forbidden || *verdict == Verdict::Refuted);
    let (verdict, reason) =
        worst(each.map(|(_, judged)| judged).collect()).unwrap_or_else(nothing_demanded);
    (verdict.into(), reason)
}

fn without_demand(over: &Over<'_>) -> (Answer, String) {
    let valid = over.pieces.iter().any(|found| found.piece.judgement == Judgement::Valid);
    let judgements = over.pieces.iter().map(|found| found.piece.judgement);
    let answer =
        if valid { Answer::Valid } else { fold_demand(judgements, over.complete.is_ok()).into() };
    let telling = over.pieces.iter().find(|found| Answer::from(found.piece.judgement) == answer);
    let words = telling.map(|found| found.piece.summary.clone());
    let words = words.or_else(|| over.complete.clone().err());
    (answer, words.unwrap_or_else(|| "no evidence over it is there".into()))
}

/// The verdict over a list and the files beside it: its own signature, and every file that counts.
pub(in crate::inspect) fn follow(
    seen: &Inspection,
    (own, reason): (Verdict, String),
) -> (Verdict, String) {
    let mut worst = (own, reason);
    // A list that cannot be read vouches for nothing, whoever signed it.
    for (_, list) in seen.findings(CheckKind::List) {
        if list.answer == Answer::Undecided && worst.0 < Verdict::Undecided {
            worst = (Verdict::Undecided, list.summary.clone());
        }
        if let (Some(why), true) = (unread_lines(seen, list), worst.0 < Verdict::Undecided) {
            worst = (Verdict::Undecided, why);
        }
    }
    for (_, row, file) in seen.files() {
        match file.counts {
            Some(counts) if counts > worst.0 => worst = (counts, row.summary.clone()),
            _ => {}
        }
    }
    if worst.0 == Verdict::Proved
        && let Some(files) = tally(seen)
    {
        worst.1 = format!("{}; {files}", worst.1);
    }
    worst
}

/// `3 files are vouched for, 1 is missing, nothing vouches for 1 other file here (x)`.
fn tally(seen: &Inspection) -> Option<String> {
    let count = |state| seen.files().filter(|(.., file)| file.state == state).count();
    let say = |n: usize, words: &str| match n {
        1 => format!("1 is {words}"),
        n => format!("{n} are {words}"),
    };
    let (good, missing) = (count(FileState::Good), count(FileState::Missing));
    if good + missing + count(FileState::Unlisted) == 0 {
        return None;
    }
    let files = match good {
        0 => "no file is here that it vouches for".to_owned(),
        1 => "1 file is vouched for".to_owned(),
        n => format!("{n} files are vouched for"),
    };
    let mut words = vec![files];
    words.extend((missing > 0).then(|| say(missing, "missing")));
    words.extend(unvouched(seen));
    Some(words.join(", "))
}

/// `nothing vouches for 2 other files here (a, b)`.
///
/// Contract: "Missing and unlisted files are warnings": the verdict stands without them, and its
/// line is all that many read. A file that was laid beside the release must not hide behind it.
fn unvouched(seen: &Inspection) -> Option<String> {
    const NAMED: usize = 3;
    let files = seen.files().filter(|(.., file)| file.state == FileState::Unlisted);
    let mut names: Vec<String> = files.map(|(.., file)| shorten(&file.name, 60)).collect();
    names.sort_unstable();
    let files = match names.len() {
        0 => return None,
        1 => "1 other file".to_owned(),
        n => format!("{n} other files"),
    };
    let more = if names.len() > NAMED { ", …" } else { "" };
    names.truncate(NAMED);
    Some(format!("nothing vouches for {files} here ({}{more})", names.join(", ")))
}

/// The verdict over a release folder: the worst of every file that something vouches for, or
/// contradicts, and of what is forbidden in it. Without any file the answer is absent, where
/// everything could be read.
pub(in crate::inspect) fn folder(seen: &Inspection) -> (Verdict, String) {
    let Some(folder) = seen.folder() else {
        return (Verdict::Undecided, "the folder was not read yet".into());
    };
    let unread = |kind| unread_anchor(seen, kind);
    if let Some(why) = unread(CheckKind::TrustRoot).or_else(|| unread(CheckKind::Key)) {
        return (Verdict::Undecided, why);
    }
    if seen.files().next().is_none() && !folder.files.is_empty() {
        return (Verdict::Undecided, "not everything in the folder was judged yet".into());
    }
    let mut each = vec![vouched(seen, folder)];
    each.extend(forbidden::each(seen, folder));
    // `--strict` is an answer over everything that is here, and that was not looked at.
    let inside = folder.folders.first().filter(|_| strict(seen));
    each.extend(inside.map(|name| (Verdict::Undecided, forbidden::not_looked_into(name))));
    worst(each).unwrap_or_else(nothing_demanded)
}

/// The verdict over the files of a folder, without what is forbidden.
fn vouched(seen: &Inspection, folder: &FolderFacts) -> (Verdict, String) {
    let worst = seen.files().filter_map(|(_, row, file)| Some((file.counts?, row)));
    let worst = worst.max_by_key(|(counts, _)| *counts);
    let unread_list = signed_list_unread(seen);
    match (worst, unread_list) {
        (Some((Verdict::Proved | Verdict::Absent, _)) | None, Some(why)) => {
            (Verdict::Undecided, why)
        }
        (Some((Verdict::Proved, _)), None) => {
            let signers: std::collections::BTreeSet<&str> = seen
                .pieces()
                .filter(|(_, f)| f.piece.judgement == Judgement::Proved)
                .map(|(_, f)| f.piece.summary.as_str())
                .collect();
            let signers: Vec<&str> = signers.into_iter().collect();
            let tally = tally(seen).unwrap_or_default();
            let rules = seen.demand.as_ref().map(|demand| demand.rules.words());
            let waived = waived_words(seen) + &rules.unwrap_or_default();
            (Verdict::Proved, format!("{tally}: {}{waived}", signers.join("; ")))
        }
        (Some((verdict, row)), _) => (verdict, row.summary.clone()),
        (None, None) => match unread_unplaced(folder) {
            Some(why) => (Verdict::Undecided, why),
            None => (Verdict::Absent, "nothing in this folder vouches for a file of it".into()),
        },
    }
}

/// A line that cannot be read may speak of a file that nothing else vouches for.
fn unread_lines(seen: &Inspection, list: &Finding) -> Option<String> {
    let unvouched = seen.files().any(|(.., file)| file.state == FileState::Unlisted);
    let told = list.warnings.iter().find(|(code, _)| *code == "list-lines");
    told.filter(|_| unvouched).map(|(_, words)| words.clone())
}

/// A list that is signed and cannot be followed: what it vouches for is not known.
fn signed_list_unread(seen: &Inspection) -> Option<String> {
    let folder = seen.folder()?;
    let paired = |name: &str| {
        let at = folder.files.iter().position(|file| file.name == name);
        at.is_some_and(|at| folder.pairs.iter().any(|pair| pair.files().any(|file| file == at)))
    };
    seen.findings(CheckKind::List).find_map(|(_, finding)| match &finding.facts {
        Facts::List(list) if paired(&list.name) => match finding.answer {
            Answer::Undecided => Some(finding.summary.clone()),
            _ => unread_lines(seen, finding),
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        domain::{
            Digest, Timestamp,
            demand::{Demand, Who},
            verdict::Judgement,
        },
        inspect::{
            ArtifactFacts, CheckId, CheckState, Contents, Finding, FoundPiece, Material,
            RootSource, Source, Subject,
            release::{FileFacts, ListFacts},
            verdict::overall,
        },
        verify::{Format, Kind, Piece},
    };

    /// A list that is signed by the demanded signer, with that row of the list and of one file.
    fn seen(list: Answer, file: Option<(FileState, Option<Verdict>)>) -> Inspection {
        let who = Who::Keys(vec!["cosign.pub".into()]);
        let wanted = vec![Wanted::AnyOverFile];
        let (claims, annotations, waived) = (vec![], vec![], vec![]);
        let demand = Demand {
            who,
            wanted,
            signed_timestamps: false,
            claims,
            annotations,
            waived,
            strict: false,
            github: None,
            rules: crate::domain::rules::Rules::default(),
            words: String::new(),
        };
        let material = Material::Bundle("b".into());
        let subject = Subject::File { path: "checksums.txt".into(), material };
        let mut seen = Inspection::new(subject, Some(Arc::new(demand)), RootSource::Embedded);
        let carrier = Digest::sha256(b"");
        let itself = ArtifactFacts { digests: vec![carrier.clone()], bytes: Contents::NotKept };
        let mut piece = Piece::not_judged(Format::Bundle03, Kind::MessageSignature, "signed");
        piece.judgement = Judgement::Proved;
        let piece = FoundPiece { source: Source::File, carrier, piece: Arc::new(piece) };
        let name = "checksums.txt".to_owned();
        let listed = ListFacts { name, itself: itself.clone(), rows: vec![] };
        let mut rows = vec![
            (CheckKind::TrustRoot, Finding::new(Answer::Proved, "root")),
            (CheckKind::Key, Finding::new(Answer::Proved, "key")),
            (
                CheckKind::Resolve,
                Finding::new(Answer::Proved, "hashed").with(Facts::Artifact(itself)),
            ),
            (
                CheckKind::Piece,
                Finding::new(Answer::Proved, "signed").with(Facts::Pieces(vec![piece])),
            ),
            (CheckKind::List, Finding::new(list, "the list").with(Facts::List(listed))),
        ];
        rows.extend(file.map(|(state, counts)| {
            let facts = FileFacts { name: "x".into(), digest: None, state, counts };
            (CheckKind::File, Finding::new(Answer::Proved, "x").with(Facts::File(facts)))
        }));
        for (kind, finding) in rows {
            let done =
                CheckState::Done { finding: Arc::new(finding), ms: 0, at: Timestamp::UNIX_EPOCH };
            seen.checks.insert(CheckId { kind, subject: None }, done);
        }
        seen
    }

    #[test]
    fn a_signed_list_is_as_good_as_it_can_be_read_and_as_its_files() {
        let (good, unread) = (Answer::Proved, Answer::Undecided);
        for (list, file, verdict) in [
            (good, None, Verdict::Proved),
            (unread, None, Verdict::Undecided),
            (good, Some((FileState::Good, Some(Verdict::Proved))), Verdict::Proved),
            (good, Some((FileState::Missing, None)), Verdict::Proved),
            (good, Some((FileState::Missing, Some(Verdict::Absent))), Verdict::Absent),
            (good, Some((FileState::Unread, Some(Verdict::Undecided))), Verdict::Undecided),
            (unread, Some((FileState::Missing, Some(Verdict::Absent))), Verdict::Undecided),
            (good, Some((FileState::Wrong, Some(Verdict::Refuted))), Verdict::Refuted),
            (unread, Some((FileState::Wrong, Some(Verdict::Refuted))), Verdict::Refuted),
        ] {
            assert_eq!(overall(&seen(list, file)).verdict, verdict, "{list:?} {file:?}");
        }
    }
}
