//! What holds of every file: only what was meant changes, twice is once, and nothing panics.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Pieces of files of all kinds, put together at random: mostly nonsense, some of it not.
const PIECES: [&str; 48] = [
    "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n",
    "  - image: nginx:1.25\n    name: a\n",
    "  - image: \"ghcr.io/a/b:1\"  # c\n",
    "  - {image: 'a:1', name: 'x # y'}\n",
    "---\n",
    "image:\n  repository: a\n  tag: v1\n",
    "image: {registry: quay.io, repository: a/b, tag: \"1.10\"}\n",
    "  digest: \"\"\n",
    "  digest:\n",
    "  tagSuffix: -x\n",
    "images:\n- name: a\n  newTag: v1\n",
    "- {name: b, newName: c/d, newTag: '2'}\n",
    "services:\n  a:\n    image: redis:7\n",
    "    build: .\n",
    "on: push\njobs:\n  a:\n    runs-on: x\n    container: node:20\n",
    "    steps:\n    - uses: docker://a:1\n",
    "FROM a:1 AS b\n",
    "FROM --platform=$X h:5/c@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
    "COPY --from=b:2 / /\n",
    "RUN --mount=type=bind,from=c:3 x \\\n",
    "RUN <<EOF\n",
    "EOF\n",
    "# escape=`\n",
    "# NOT proved by sigscope\n",
    " # NOT proved by sigscope",
    "&x ",
    "*x",
    "<<: *x\n",
    "!t ",
    "{{ .v }}",
    "$X",
    "é日",
    "\u{feff}",
    "\r\n",
    "\n",
    "\t",
    "  ",
    "\"",
    "'",
    "|\n",
    "# ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
];

fn files() -> impl Strategy<Value = String> {
    let piece = (0..PIECES.len()).prop_map(|n| PIECES[n].to_owned());
    // Whole pieces most of the time: random bytes are nearly never YAML.
    let whole = (0..26_usize).prop_map(|n| PIECES[n].to_owned());
    let tree = prop_oneof![4 => whole, 1 => piece];
    proptest::collection::vec(tree, 0..14).prop_map(|pieces| pieces.concat())
}

/// Characters taken out, doubled or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        any::<prop::sample::Index>(),
        0..3_u8,
        prop::sample::select(&b" \n\r\t:#'\"{}[],&*|\\x-"[..]),
    );
    (files(), proptest::collection::vec(change, 0..4)).prop_map(|(text, changes)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, how, byte) in changes {
            if letters.is_empty() {
                break;
            }
            let at = at.index(letters.len());
            match how {
                0 => drop(letters.remove(at)),
                1 => letters.insert(at, letters[at]),
                _ => letters[at] = char::from(byte),
            }
        }
        letters.into_iter().collect()
    })
}

fn pins(document: &Document, tag: Option<&str>, proved: &[bool]) -> Vec<Pin> {
    let tag = tag.map(|tag| Tag::parse(tag).unwrap());
    let proved = |n: usize| proved.get(n % proved.len().max(1)).copied().unwrap_or(true);
    (0..document.places().len())
        .map(|place| {
            let (tag, digest) = (tag.clone(), D.parse().unwrap());
            Pin { place, tag, digest, proved: proved(place) }
        })
        .collect()
}

/// The fewest lines that have to be taken out of `old` to make `new` of it by putting in lines that
/// hold a digest, the tag or our comment; `None` where that does not do.
fn replaced(old: &str, new: &str) -> Option<usize> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let ours = |l: &str| ["sha256:", NOT_PROVED, "9.9"].iter().any(|part| l.contains(part));
    let mut fewest = vec![vec![None; new.len() + 1]; old.len() + 1];
    fewest[0][0] = Some(0);
    for a in 0..=old.len() {
        for b in 0..=new.len() {
            let kept = (a > 0 && b > 0 && old[a - 1] == new[b - 1]).then(|| fewest[a - 1][b - 1]);
            let put_in = (b > 0 && ours(new[b - 1])).then(|| fewest[a][b - 1]);
            let taken = (a > 0).then(|| fewest[a - 1][b].map(|n: usize| n + 1));
            let ways = [fewest[a][b], kept.flatten(), put_in.flatten(), taken.flatten()];
            fewest[a][b] = ways.into_iter().flatten().min();
        }
    }
    fewest[old.len()][new.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pinned_changes_what_was_meant_and_only_once(
        text in mutated(),
        dockerfile in any::<bool>(),
        tag in prop_oneof![Just(None), Just(Some("9.9"))],
        proved in proptest::collection::vec(any::<bool>(), 1..4),
    ) {
        let name = if dockerfile { "Dockerfile" } else { "x.yaml" };
        let read = |text: &str| Document::read(name, &Arc::from(text.as_bytes()));
        let Ok(document) = read(&text) else { return Ok(()) };
        prop_assert_eq!(document.pinned(&[]).unwrap(), text.as_bytes());
        let pins = pins(&document, tag, &proved);
        let Ok(new) = document.pinned(&pins) else { return Ok(()) };
        let new = String::from_utf8(new).unwrap();
        let replaced = replaced(&text, &new);
        let most = 2 * pins.len() + text.matches(NOT_PROVED).count();
        prop_assert!(replaced.is_some_and(|n| n <= most), "{:?}\n{:?}", text, new);
        let again = read(&new).unwrap();
        prop_assert_eq!(again.places().len(), pins.len());
        for (was, is) in document.places().iter().zip(again.places()) {
            prop_assert_eq!(is.reference.digest.clone(), D.parse().ok());
            prop_assert_eq!(&is.reference.repository, &was.reference.repository);
            let wanted = tag.or_else(|| was.reference.tag.as_ref().map(Tag::as_str));
            prop_assert_eq!(is.reference.tag.as_ref().map(Tag::as_str), wanted);
        }
        prop_assert_eq!(again.pinned(&pins).unwrap(), new.as_bytes(), "{:?}", text);
    }

    #[test]
    fn a_diff_holds_both_files(old in files(), new in mutated()) {
        let diff = unified_diff("x", old.as_bytes(), new.as_bytes());
        prop_assert_eq!(diff.is_empty(), old == new);
        prop_assert_eq!(applied(&old, &diff), new);
    }
}

/// What `patch` makes of it.
fn applied(old: &str, diff: &str) -> String {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut out, mut at) = (String::new(), 0);
    let mut body: Vec<String> = diff.split_inclusive('\n').skip(2).map(str::to_owned).collect();
    for n in 1..body.len() {
        if body[n].starts_with('\\') {
            body[n - 1].pop();
        }
    }
    for line in body {
        let (sign, rest) = line.split_at(1);
        match sign {
            "@" => {
                let range = rest.split(['-', ' ']).nth(2).unwrap();
                let (start, count) = range.split_once(',').unwrap_or((range, "1"));
                let start: usize = start.parse().unwrap();
                let start = if count == "0" { start } else { start - 1 };
                out.push_str(&lines[at..start].concat());
                at = start;
            }
            " " => {
                assert_eq!(lines[at], rest);
                out.push_str(rest);
                at += 1;
            }
            "-" => {
                assert_eq!(lines[at], rest);
                at += 1;
            }
            "+" => out.push_str(rest),
            _ => assert_eq!(sign, "\\"),
        }
    }
    out.push_str(&lines[at..].concat());
    out
}
