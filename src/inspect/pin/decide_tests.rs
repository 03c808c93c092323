//! What is done with a reference, as tables.

use super::{Judged, Known, Pointed, Skipped, Standing, Tagged, Update, decide};
use crate::domain::{Digest, Reference, Tag, Verdict};

fn digest(text: &str) -> Digest {
    Digest::sha256(text.as_bytes())
}

fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

/// `-`: nothing, `gone`, `?`: unknown, else the content; `a>b`: an index that lists b.
fn tagged(text: &str) -> Tagged {
    match text {
        "-" => Tagged::Nothing,
        "gone" => Tagged::Gone("no such tag".into()),
        "?" => Tagged::Unknown("unreachable".into()),
        text => {
            let (own, lists) = text.split_once('>').unwrap_or((text, ""));
            let lists = if lists.is_empty() { vec![] } else { vec![digest(lists)] };
            Tagged::At(Pointed { tag: tag("1"), digest: digest(own), lists })
        }
    }
}

fn judged(content: &str, word: &str) -> Option<Judged> {
    let verdict = match word {
        "proved" => Verdict::Proved,
        "refuted" => Verdict::Refuted,
        "undecided" | "unread" => Verdict::Undecided,
        "absent" => Verdict::Absent,
        _ => return None,
    };
    let (digest, reason) = (digest(content), "because".into());
    Some(Judged { digest, verdict, reason, there: word != "unread" })
}

/// Whether a digest (of `a`) is written; where the tag points; whether a policy is for it; the
/// verdict over the digest; whether `--unverified`. Then: how it stands; what is written (`*`:
/// marked as not proved); exit codes of a run and of a check.
type Row = (bool, &'static str, bool, &'static str, bool, Standing, &'static str, u8, u8);

#[test]
fn what_is_done_follows_from_what_is_known() {
    use Standing::{Absent, Accepted, Moved, NoPolicy, Proved, Refuted, Undecided};
    let rows: &[Row] = &[
        // Unpinned, under a policy: only what is proved is written, whatever is accepted.
        (false, "a", true, "proved", false, Proved, "a", 0, 1),
        (false, "a", true, "refuted", false, Refuted, "", 1, 1),
        (false, "a", true, "undecided", false, Undecided, "", 3, 1),
        (false, "a", true, "absent", false, Absent, "", 4, 1),
        (false, "a", true, "refuted", true, Refuted, "", 1, 1),
        (false, "a", true, "undecided", true, Undecided, "", 3, 1),
        (false, "a", true, "absent", true, Absent, "", 4, 1),
        (false, "gone", true, "", true, Absent, "", 4, 1),
        (false, "?", true, "", true, Undecided, "", 3, 1),
        // No policy: only where that is accepted, and never what is refuted.
        (false, "a", false, "undecided", false, NoPolicy, "", 3, 1),
        (false, "a", false, "undecided", true, Accepted, "a*", 0, 1),
        (false, "a", false, "proved", true, Accepted, "a*", 0, 1),
        (false, "a", false, "refuted", true, Refuted, "", 1, 1),
        (false, "a", false, "absent", true, Absent, "", 4, 1),
        (false, "a", false, "unread", true, Undecided, "", 3, 1),
        (false, "-", false, "", false, NoPolicy, "", 3, 1),
        // Pinned: never written again.
        (true, "a", true, "proved", false, Proved, "", 0, 0),
        (true, "-", true, "proved", false, Proved, "", 0, 0),
        (true, "b>a", true, "proved", false, Proved, "", 0, 0),
        (true, "gone", true, "proved", false, Proved, "", 0, 0),
        (true, "b", true, "proved", false, Moved, "", 1, 1),
        (true, "b>c", true, "proved", false, Moved, "", 1, 1),
        (true, "b", true, "undecided", false, Moved, "", 1, 1),
        (true, "b", true, "refuted", false, Refuted, "", 1, 1),
        (true, "?", true, "proved", false, Undecided, "", 3, 3),
        (true, "?", true, "refuted", false, Refuted, "", 1, 1),
        (true, "?", true, "absent", false, Undecided, "", 3, 3),
        (true, "a", true, "refuted", false, Refuted, "", 1, 1),
        (true, "a", true, "undecided", false, Undecided, "", 3, 3),
        (true, "a", true, "absent", false, Absent, "", 4, 4),
        (true, "a", false, "undecided", false, NoPolicy, "", 3, 3),
        (true, "a", false, "undecided", true, Accepted, "", 0, 0),
        (true, "b", false, "undecided", true, Moved, "", 1, 1),
        (true, "a", false, "refuted", true, Refuted, "", 1, 1),
    ];
    for row in rows {
        let (written, points, demanded, word, unverified, standing, pin, code, check) = *row;
        let mut reference = Reference::parse("ghcr.io/a/b:1").unwrap();
        reference.digest = written.then(|| digest("a"));
        let (tagged, update) = (tagged(points), Update::NotAsked);
        let known = Known { reference, demanded, tagged, judged: judged("a", word), update };
        let got = decide(&known, unverified);
        let wrote = got.write.as_ref().map_or(String::new(), |write| {
            assert_eq!((&write.tag, &write.digest), (&None, &digest("a")), "{row:?}");
            assert_eq!(write.again, (tag("1"), digest("a")), "{row:?}");
            format!("a{}", if write.proved { "" } else { "*" })
        });
        assert_eq!((got.standing, wrote.as_str()), (standing, pin), "{row:?}");
        assert_eq!(got.verdict(false).exit_code(), code, "{row:?}");
        assert_eq!(got.checked(false).exit_code(), check, "{row:?}");
        assert_eq!(got.complaint().is_some(), check != 0, "{row:?}");
    }
}

#[test]
fn a_chosen_platform_is_written_and_the_index_must_not_have_moved() {
    let reference = Reference::parse("ghcr.io/a/b:1").unwrap();
    let (tagged, update) = (tagged("index>child"), Update::NotAsked);
    let judged = judged("child", "proved");
    let known = Known { reference, demanded: true, tagged, judged, update };
    let write = decide(&known, false).write.unwrap();
    assert_eq!((write.digest, write.again.1), (digest("child"), digest("index")));
}

#[test]
fn a_release_that_moved_is_not_updated_over_the_alarm() {
    let mut reference = Reference::parse("ghcr.io/a/b:1.0.0").unwrap();
    reference.digest = Some(digest("a"));
    for (points, standing) in [
        ("a", Standing::Proved),
        ("i>a", Standing::Proved),
        ("b", Standing::Moved),
        ("gone", Standing::Proved),
    ] {
        let update = Update::Chosen {
            tag: tag("2.0.0"),
            pointed: Pointed { tag: tag("2.0.0"), digest: digest("new"), lists: vec![] },
            judged: judged("new", "proved").unwrap(),
            skipped: vec![],
        };
        let (reference, tagged) = (reference.clone(), tagged(points));
        let known = Known { reference, demanded: true, tagged, judged: None, update };
        let got = decide(&known, false);
        assert_eq!((got.standing, got.write.is_some()), (standing, standing == Standing::Proved));
    }
}

#[test]
fn a_newer_tag_takes_the_place_and_what_was_skipped_is_an_error() {
    let skip = || vec![Skipped { tag: tag("3"), verdict: Verdict::Absent, why: "none".into() }];
    let newest = |name: &str, skipped| Update::Chosen {
        tag: tag(name),
        pointed: Pointed { tag: tag(name), digest: digest("new"), lists: vec![] },
        judged: judged("new", "proved").unwrap(),
        skipped,
    };
    let nothing = |skipped, untried| Update::Nothing { skipped, untried, fits: true };
    // Whether pinned, what was found; the tag and content that are written; exit codes of a run,
    // with --skip-failing, of a check.
    for (pinned, update, wrote, codes) in [
        (false, newest("2", vec![]), "2 new", (0, 0, 1)),
        (true, newest("2", vec![]), "2 new", (0, 0, 1)),
        (true, newest("2", skip()), "2 new", (1, 0, 1)),
        (true, newest("1", vec![]), "- new", (0, 0, 1)),
        (true, nothing(vec![], 0), "", (0, 0, 0)),
        (true, nothing(skip(), 0), "", (1, 0, 1)),
        (false, nothing(skip(), 0), "- old", (1, 0, 1)),
        (false, Update::Unknown("unreachable".into()), "", (3, 3, 1)),
        (true, Update::Unknown("unreachable".into()), "", (3, 3, 3)),
        (false, Update::NotAVersion, "- old", (0, 0, 1)),
    ] {
        let mut reference = Reference::parse("ghcr.io/a/b:1").unwrap();
        reference.digest = pinned.then(|| digest("old"));
        let row = format!("{pinned} {update:?}");
        let (tagged, judged) = (tagged("old"), judged("old", "proved"));
        let known = Known { reference, demanded: true, tagged, judged, update };
        let got = decide(&known, false);
        let words = got.write.as_ref().map_or(String::new(), |write| {
            let content = if write.digest == digest("new") { "new" } else { "old" };
            format!("{} {content}", write.tag.as_ref().map_or("-", Tag::as_str))
        });
        assert_eq!(words, wrote, "{row}");
        let exit = |verdict: Verdict| verdict.exit_code();
        let got = (got.verdict(false), got.verdict(true), got.checked(false));
        assert_eq!((exit(got.0), exit(got.1), exit(got.2)), codes, "{row}");
    }
}
