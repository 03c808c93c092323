//! Lines of lists as programs write them, and as somebody writes who means harm.

use super::*;

const A: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn list(text: &str) -> Checksums {
    Checksums::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_line_is_read_as_the_programs_write_it() {
    let big = Digest::of(Algorithm::Sha512, b"").hex().to_owned();
    let mid = Digest::of(Algorithm::Sha384, b"").hex().to_owned();
    let upper = A.to_uppercase();
    for (line, name) in [
        (format!("{A}  x.tar.gz"), "x.tar.gz"),
        (format!("{A} *x.tar.gz"), "x.tar.gz"),
        (format!("{A}  x.tar.gz\r"), "x.tar.gz"),
        (format!("{A} x.tar.gz"), "x.tar.gz"),
        (format!("{A}\tx.tar.gz"), "x.tar.gz"),
        (format!("{upper}  x"), "x"),
        (format!("{A}   two blanks"), " two blanks"),
        (format!("{A}  ./dist/./x"), "dist/x"),
        (format!("{mid}  x"), "x"),
        (format!("{big}  x"), "x"),
        (format!("SHA256 (x (1).zip) = {A}"), "x (1).zip"),
        (format!("SHA2-256(x)= {A}"), "x"),
        (format!("SHA512 (x) = {big}"), "x"),
        (format!("\\{A}  a\\nb\\rc"), "a\nb\rc"),
        (format!("\\SHA256 (a\\nb) = {A}"), "a\nb"),
    ] {
        let list = list(&line);
        let [file] = list.files.as_slice() else { panic!("{line}") };
        assert_eq!((file.name.as_str(), file.refused), (name, None), "{line}");
        assert_eq!(file.matches(&Algorithm::ALL.map(|a| Digest::of(a, b""))), Some(true), "{line}");
        assert_eq!(list.malformed_lines, 0, "{line}");
    }
}

#[test]
fn a_line_that_is_no_checksum_says_why() {
    for (line, why) in [
        ("hello", "no name behind the digest"),
        ("hello world", "no SHA-256, SHA-384 or SHA-512 digest at its beginning"),
        ("d41d8cd98f00b204e9800998ecf8427e  x", "MD5 and SHA-1 vouch for nothing"),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709  x", "MD5 and SHA-1 vouch for nothing"),
        (A, "no name behind the digest"),
        (&format!("{A}  "), "no name behind the digest"),
        (&format!("{}g  x", A.get(..63).unwrap()), "the digest is not hexadecimal"),
        (&format!("SHA512 (x) = {A}"), "not a digest of that algorithm"),
        (&format!("\\{A}  a\\tb"), "an escape that is not known"),
        (&format!("\\{A}  a\\"), "an escape that is not known"),
        (&format!("{A}  {}", "x".repeat(10_000)), "longer than any name with its digest"),
    ] {
        let list = list(&format!("{A}  good\n{line}\n"));
        assert_eq!(list.malformed, [(2, why)], "{line}");
        assert_eq!(list.files.len(), 1);
    }
    let latin1 = [A.as_bytes(), b"  x\n", A.as_bytes(), b"  \xe9\n"].concat();
    assert_eq!(Checksums::parse(&latin1).unwrap().malformed, [(2, "not UTF-8")]);
}

#[test]
fn a_name_that_could_lead_elsewhere_is_never_opened() {
    for name in [
        "../x",
        "a/../../x",
        "..",
        "a/..",
        "/etc/passwd",
        "//x",
        "C:\\x",
        "C:x",
        "a\\b",
        "..\\x",
        "a\0b",
        ".",
        "./",
        "a/",
        "x/./",
    ] {
        let list = list(&format!("{A}  {name}"));
        assert!(list.files.first().unwrap().refused.is_some(), "{name:?}");
    }
    let escaped = list(&format!("\\{A}  a\\\\b"));
    assert!(escaped.files.first().unwrap().refused.is_some());
    for name in ["x", "..x", "x..", "a/b", "a b", "ab:c", "...", "-x", "~x"] {
        let list = list(&format!("{A}  {name}"));
        assert_eq!(list.files.first().unwrap().refused, None, "{name:?}");
    }
}

#[test]
fn a_name_that_stands_twice_is_one_file() {
    let (b, big) = (Digest::sha256(b"b"), Digest::of(Algorithm::Sha512, b""));
    let empty = Algorithm::ALL.map(|a| Digest::of(a, b""));
    for (second, contradicts, matches) in [
        (format!("{A}  x"), false, Some(true)),
        (format!("{A}  ./x"), false, Some(true)),
        (format!("{}  x", b.hex()), true, Some(false)),
        (format!("{}  x", big.hex()), false, Some(true)),
        (format!("{}  x", Digest::of(Algorithm::Sha512, b"b").hex()), false, Some(false)),
    ] {
        let list = list(&format!("{A}  x\n{second}\n"));
        let [file] = list.files.as_slice() else { panic!("{second}") };
        assert_eq!(file.lines, [1, 2]);
        assert_eq!(file.contradicts_itself(), contradicts, "{second}");
        assert_eq!(file.matches(&empty), matches, "{second}");
        assert_eq!(
            file.matches(std::slice::from_ref(&b)).is_some(),
            second.len() < 100,
            "{second}"
        );
    }
}

#[test]
fn a_list_without_a_single_checksum_is_none() {
    for (text, lines) in [("", 0), ("\n\n# only words\n", 0), ("a\nb\n", 2)] {
        assert_eq!(Checksums::parse(text.as_bytes()), Err(ChecksumsError::NoList(lines)));
    }
    let many: Vec<String> = (0..=MAX_FILES).map(|i| format!("{A}  f{i}")).collect();
    let many = many.join("\n");
    assert!(matches!(Checksums::parse(many.as_bytes()), Err(ChecksumsError::TooLarge(_))));
    let malformed = format!("{A}  x\n{}", "?\n".repeat(1000));
    let list = list(&malformed);
    assert_eq!((list.malformed.len(), list.malformed_lines), (KEPT_MALFORMED, 1000));
}

#[test]
fn a_list_is_told_by_its_name_or_its_lines() {
    let line = format!("{A}  x\n");
    for (name, bytes, is) in [
        ("checksums.txt", "anything", true),
        ("x_4.0.0_checksums.txt", "", true),
        ("SHA256SUMS", "", true),
        ("SHASUMS256.txt", "-----BEGIN PGP", true),
        ("x.sha256", line.as_str(), true),
        ("notes.txt", &format!("# sums\n\n{line}"), true),
        ("notes.txt", &format!("hello\n{line}"), true),
        ("notes.txt", &format!("hello\nworld\n{line}"), false),
        ("checksums.txt", "a\0b", false),
        ("checksums.txt.sigstore.json", "{}", false),
        ("checksum-tool", "#!/bin/sh\n", false),
    ] {
        assert_eq!(is_list(name, bytes.as_bytes()), is, "{name}");
    }
}

/// Words of a list, put together at random with a fixed seed: nothing panics, and no name that is
/// not refused leads out of the folder.
#[test]
fn no_list_makes_the_parser_fall() {
    let words = [
        A, "  ", " *", "\\", "/", "..", ".", "\n", "\r\n", "x", "SHA256 (", ") = ", "\0", "é",
        "\t", "#", "SHA512(", ")= ", "\\n", "C:",
    ];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % words.len();
            text.push_str(words.get(at).unwrap());
        }
        let Ok(list) = Checksums::parse(text.as_bytes()) else { continue };
        for file in list.files.iter().filter(|f| f.refused.is_none()) {
            let path = std::path::Path::new(&file.name);
            let inside = |c| matches!(c, std::path::Component::Normal(_));
            assert!(!file.name.is_empty() && path.components().all(inside), "{text:?}");
        }
    }
}
