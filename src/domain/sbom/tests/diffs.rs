//! What changed between two documents.

use super::{
    super::diff::{Diff, DiffCounts, Direction, LicenceChange, OtherChange, VersionChange, diff},
    BEACON, ENIX, HOSTILE, SPDX, Sbom, cyclonedx,
    random::Random,
};

/// A document with a component for each `purl|licence` or `name|version|licence`.
fn document(parts: &[&str]) -> Sbom {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| {
            let mut cells = part.split('|');
            let first = cells.next().unwrap();
            let (member, version) = if first.starts_with("pkg:") {
                let bare = first.split('?').next().unwrap();
                let version = bare.rsplit_once('@').map(|(_, version)| version);
                (format!(r#""name":"n","purl":"{first}""#), version)
            } else {
                (format!(r#""name":"{first}""#), cells.next())
            };
            let version = version.map_or(String::new(), |v| format!(r#","version":"{v}""#));
            let licence = cells.next().unwrap_or("MIT");
            format!(r#"{{{member}{version},"licenses":[{{"license":{{"id":"{licence}"}}}}]}}"#)
        })
        .collect();
    cyclonedx(&format!(r#""components":[{}]"#, parts.join(","))).unwrap()
}

/// `+1 -2 0>3 up`: in few words.
fn told(diff: &Diff) -> String {
    let list = |sign: &str, list: &[u32]| {
        list.iter().map(|n| format!("{sign}{n}")).collect::<Vec<_>>().join(" ")
    };
    let mut all = vec![list("+", &diff.added), list("-", &diff.removed)];
    for VersionChange { old, new, direction } in &diff.versions {
        all.push(format!("{}>{} {direction:?}", list("", old), list("", new)));
    }
    all.extend(diff.licences.iter().map(|LicenceChange { old, new }| format!("{old}~{new}")));
    all.extend(diff.others.iter().map(|OtherChange { old, new }| format!("{old}!{new}")));
    all.retain(|text| !text.is_empty());
    all.join(", ")
}

#[test]
fn what_changed_is_told_by_package() {
    for (old, new, changes) in [
        (&["pkg:npm/a@1"][..], &["pkg:npm/a@1"][..], ""),
        (&["pkg:npm/a@1"], &["pkg:npm/b@1"], "+0, -0"),
        (&["pkg:npm/a@1"], &["pkg:npm/a@2"], "0>0 Up"),
        (&["pkg:npm/a@2"], &["pkg:npm/a@1"], "0>0 Down"),
        // By the order of the kind of package.
        (&["pkg:deb/a@1.0~rc1"], &["pkg:deb/a@1.0"], "0>0 Up"),
        (&["pkg:npm/a@1.0-1"], &["pkg:npm/a@1.0"], "0>0 Up"),
        (&["pkg:deb/a@1.0-1"], &["pkg:deb/a@1.0"], "0>0 Down"),
        (&["pkg:golang/a@v1.9.0"], &["pkg:golang/a@v1.10.0"], "0>0 Up"),
        (&["pkg:golang/a@(devel)"], &["pkg:golang/a@v1.10.0"], "0>0 Unclear"),
        (&["pkg:npm/a@1.0+1"], &["pkg:npm/a@1.0+2"], "0>0 Same"),
        (&["pkg:rpm/a@2-1?epoch=0"], &["pkg:rpm/a@1-1?epoch=1"], "0>0 Up"),
        // Another place or another build of the same version.
        (&["pkg:npm/a@1"], &["pkg:npm/a@1?repository_url=https://evil.example"], "0!0"),
        (&["pkg:npm/a@1?x=%2F&y=2"], &["pkg:npm/a@1?Y=2&x=/"], ""),
        (&["pkg:npm/a@1?x=1", "pkg:npm/a@1?x=2"], &["pkg:npm/a@1?x=2", "pkg:npm/a@1?x=1"], ""),
        (&["pkg:npm/a@1?x=1", "pkg:npm/a@1?x=2"], &["pkg:npm/a@1?x=2", "pkg:npm/a@1?x=3"], "0!0"),
        // The machine, the system and the order in the document say nothing.
        (
            &["pkg:deb/a@1?arch=amd64", "pkg:npm/b@1"],
            &["pkg:npm/b@1", "pkg:deb/a@1?arch=arm64"],
            "",
        ),
        // One package in another spelling, two that only look alike.
        (&["pkg:npm/%40x/a@1"], &["pkg:NPM/@x/a@1"], ""),
        (&["pkg:npm/a@1"], &["pkg:cargo/a@1"], "+0, -0"),
        (&["pkg:npm/x/a@1"], &["pkg:npm/y/a@1"], "+0, -0"),
        (&["pkg:golang/a@1#b"], &["pkg:golang/a@1#c"], "+0, -0"),
        // Several versions of one package are a set.
        (&["pkg:npm/a@1", "pkg:npm/a@2"], &["pkg:npm/a@2", "pkg:npm/a@1"], ""),
        (&["pkg:npm/a@1", "pkg:npm/a@2"], &["pkg:npm/a@2"], "-0"),
        (&["pkg:npm/a@1"], &["pkg:npm/a@1", "pkg:npm/a@2", "pkg:npm/a@2"], "+1"),
        (&["pkg:npm/a@1", "pkg:npm/a@2"], &["pkg:npm/a@2", "pkg:npm/a@3"], "0>1 Up"),
        (&["pkg:npm/a@3", "pkg:npm/a@1"], &["pkg:npm/a@2"], "1 0>0 Unclear"),
        (&["pkg:npm/a@3", "pkg:npm/a@1"], &["pkg:npm/a@5", "pkg:npm/a@4"], "1 0>1 0 Up"),
        (&["pkg:npm/a@1"], &["pkg:npm/a@2", "pkg:npm/a@x"], "0>1 0 Unclear"),
        // Licences.
        (&["pkg:npm/a@1|MIT"], &["pkg:npm/a@1|ISC"], "0~0"),
        (&["pkg:npm/a@1|MIT"], &["pkg:npm/a@2|ISC"], "0>0 Up, 0~0"),
        (&["pkg:npm/a@1|MIT", "pkg:npm/a@1|ISC"], &["pkg:npm/a@1|ISC", "pkg:npm/a@1|MIT"], ""),
        // Without a purl: group, name and type.
        (&["a|1"], &["a|2"], "0>0 Up"),
        (&["a|1"], &["b|1"], "+0, -0"),
        (&["a|1"], &["a|x"], "0>0 Unclear"),
        // A kind whose rules nobody knows: where more than numbers decides, nobody can tell.
        (&["a|3.0.2-15"], &["a|3.0.2"], "0>0 Unclear"),
        (&["pkg:alpm/arch/a@6.0.1-2"], &["pkg:alpm/arch/a@6.0.1-1"], "0>0 Unclear"),
        (&["pkg:alpm/arch/a@6.0.1-2"], &["pkg:alpm/arch/a@6.1.0-1"], "0>0 Up"),
    ] {
        let (old, new) = (document(old), document(new));
        assert_eq!(told(&diff(&old, &new)), changes);
    }
}

#[test]
fn another_hash_or_another_version_in_the_purl_is_never_the_same() {
    let part = |more: &str| {
        cyclonedx(&format!(r#""components":[{{"name":"a","version":"1",{more}}}]"#)).unwrap()
    };
    let hash = |digit: &str| {
        part(&format!(r#""hashes":[{{"alg":"SHA-256","content":"{}"}}]"#, digit.repeat(64)))
    };
    for (old, new, changes) in [
        (part(r#""purl":"pkg:npm/a@1""#), part(r#""purl":"pkg:npm/a@9""#), "0!0"),
        (part(r#""purl":"pkg:npm/a@1""#), part(r#""purl":"pkg:npm/a@v1""#), ""),
        (part(r#""purl":"pkg:npm/a@1""#), part(r#""purl":"pkg:npm/a""#), ""),
        (hash("a"), hash("b"), "0!0"),
        (hash("a"), hash("A"), ""),
        // Where both contradict themselves nobody can tell which is newer.
        (
            part(r#""version":"0.40","purl":"pkg:npm/a@0.30""#),
            part(r#""version":"0.41","purl":"pkg:npm/a@0.29""#),
            "0>0 Unclear",
        ),
        // What says no hash, or only one of another kind, contradicts nothing.
        (hash("a"), part(r#""type":"""#), ""),
        (hash("a"), part(r#""hashes":[{"alg":"MD5","content":"0b"}]"#), ""),
    ] {
        let told_of = diff(&old, &new);
        assert_eq!(told(&told_of), changes);
        assert_eq!(told_of.counts().unclear, usize::from(!changes.is_empty()));
    }
}

#[test]
fn the_counts_are_those_of_the_lists() {
    let old = document(&[
        "pkg:npm/a@1",
        "pkg:npm/b@2",
        "pkg:npm/c@1|MIT",
        "pkg:npm/d@1",
        "pkg:npm/e@x",
        "pkg:npm/f@1",
    ]);
    let new = document(&[
        "pkg:npm/a@2",
        "pkg:npm/b@1",
        "pkg:npm/c@1|ISC",
        "pkg:npm/g@1",
        "pkg:npm/e@y",
        "pkg:npm/f@1",
    ]);
    let counts =
        DiffCounts { added: 1, removed: 1, up: 1, down: 1, unclear: 1, licences: 1, unchanged: 1 };
    assert_eq!(diff(&old, &new).counts(), counts);
}

#[test]
fn a_document_that_broke_off_is_named() {
    let whole = document(&["a|1"]);
    let broken = Sbom::parse(r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a","version":"1"},{"na"#).unwrap();
    let told = diff(&whole, &broken);
    assert_eq!((told.old_left_out, told.new_left_out), (false, true));
}

fn mirrored(diff: Diff) -> Diff {
    let turn = |direction| match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
        other => other,
    };
    let versions = diff.versions.into_iter();
    let licences = diff.licences.into_iter();
    Diff {
        added: diff.removed,
        removed: diff.added,
        versions: versions
            .map(|c| VersionChange { old: c.new, new: c.old, direction: turn(c.direction) })
            .collect(),
        licences: licences.map(|c| LicenceChange { old: c.new, new: c.old }).collect(),
        others: diff.others.into_iter().map(|c| OtherChange { old: c.new, new: c.old }).collect(),
        unchanged: diff.unchanged,
        old_left_out: diff.new_left_out,
        new_left_out: diff.old_left_out,
    }
}

#[test]
fn a_document_does_not_differ_from_itself_and_a_diff_turned_round_is_the_other_diff() {
    let real = [BEACON, ENIX, HOSTILE, SPDX].map(|text| Sbom::parse(text.as_bytes()).unwrap());
    let mut random = Random(3);
    let kinds = ["npm", "deb", "maven", "rpm", "apk", "pypi", "gem", "golang"];
    let versions = ["1", "1.0", "1.0-1", "2", "x", "1.0~a", "10", "1.0.RC1", "1.0a1"];
    let mut random_one = || {
        let parts: Vec<String> = (0..random.below(12))
            .map(|_| {
                let kind = kinds[random.below(2) * random.below(kinds.len())];
                let version = versions[random.below(versions.len())];
                format!("pkg:{kind}/p{}@{version}|L{}", random.below(3), random.below(2))
            })
            .collect();
        document(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let made: Vec<Sbom> = (0..80).map(|_| random_one()).collect();
    for a in real.iter().chain(&made) {
        let own = diff(a, a);
        assert!(own.is_empty(), "{}", told(&own));
        for b in real.iter().chain(&made) {
            assert_eq!(mirrored(diff(a, b)), diff(b, a));
        }
    }
}
