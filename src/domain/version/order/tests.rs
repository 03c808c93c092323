//! The orders against the examples of their specifications and against themselves.

use std::cmp::Ordering::{self, Equal, Greater, Less};

use proptest::prelude::*;

use super::{super::Version, *};

/// Each row in rising order: every version is older than all behind it.
const RISING: &[(Scheme, &[&str])] = &[
    // SemVer 2.0.0 §11.2 and §11.4.4.
    (Scheme::SemVer, &["1.0.0", "2.0.0", "2.1.0", "2.1.1"]),
    (
        Scheme::SemVer,
        &[
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
        ],
    ),
    // Go: pseudo-versions, "Module version numbering" of the Go reference.
    (
        Scheme::SemVer,
        &[
            "v0.0.0-20170915032832-14c0d48ead0c",
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.0.1",
            "v1.2.3-pre",
            "v1.2.3-pre.0.20191109021931-daa7c04131f5",
            "v1.2.3",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v2.0.0+incompatible",
        ],
    ),
    (
        Scheme::SemVer,
        &["1", "1.0.1", "1.2", "1.10", "1.10.0.1", "18446744073709551616", "18446744073709551617"],
    ),
    (Scheme::NuGet, &["1.0.0-Alpha", "1.0.0-beta", "1.0.0-RC.1", "1.0.0", "1.0.0.1", "1.0.1"]),
    // PEP 440, "Summary of permitted suffixes and relative ordering", and its larger example.
    (
        Scheme::Pep440,
        &[
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "2013.10",
            "1!1.0",
        ],
    ),
    // Maven, "Version Order Specification", examples and the documented chain of qualifiers.
    (
        Scheme::Maven,
        &[
            "1-alpha",
            "1-beta",
            "1-milestone",
            "1-rc",
            "1-snapshot",
            "1",
            "1-sp",
            "1-foo2",
            "1-foo10",
            "1-1",
            "1.1",
        ],
    ),
    (Scheme::Maven, &["1-snapshot", "1", "1-sp"]),
    (Scheme::Maven, &["1-sp-1", "1-ga-1"]),
    (Scheme::Maven, &["1-ga.1", "1-sp.1"]),
    (Scheme::Maven, &["1.foo", "1-1", "1.1"]),
    (Scheme::Maven, &["2.0-m2", "2.0-RC1", "2.0", "2.0.1-SNAPSHOT", "2.0.1", "2.0.1-jre", "2.0.2"]),
    (Scheme::Maven, &["1.0.alpha", "1", "1-sp", "1.0.1"]),
    // deb-version(7): "a tilde sorts before anything, even the end of a part".
    (Scheme::Debian, &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a"]),
    (
        Scheme::Debian,
        &[
            "1.0~beta1~svn1245",
            "1.0~beta1",
            "1.0",
            "1.0-0ubuntu1",
            "1.0-1~bpo12+1",
            "1.0-1",
            "1.0-1+b1",
            "1.0.1-1",
            "1.2-1",
            "1.10-1",
            "1:0.1-1",
        ],
    ),
    // rpm's own tests, tests/rpmvercmp.at.
    (
        Scheme::Rpm,
        &[
            "1.0~rc1~git123",
            "1.0~rc1",
            "1.0~rc2",
            "1.0",
            "1.0^git1~pre",
            "1.0^git1",
            "1.0^git2",
            "1.0.1",
        ],
    ),
    (Scheme::Rpm, &["2.0", "2.0.1", "2.0.1a"]),
    (Scheme::Rpm, &["5.5p1", "5.5p2", "5.5p10", "5.6p1"]),
    (Scheme::Rpm, &["xyz10", "xyz10.1"]),
    (Scheme::Rpm, &["1.0.xyz", "1.0.1", "1.0.1-1.el8", "1.0.1-2.el8", "1.0.1-10.el8"]),
    (Scheme::Rpm, &["0:9.9-1", "1:0.1-1"]),
    // apk-package(5).
    (
        Scheme::Alpine,
        &[
            "1.0_alpha1",
            "1.0_alpha2",
            "1.0_beta1",
            "1.0_pre1",
            "1.0_rc1",
            "1.0",
            "1.0-r0",
            "1.0-r1",
            "1.0-r10",
            "1.0_cvs1",
            "1.0_svn1",
            "1.0_git1",
            "1.0_hg1",
            "1.0_p",
            "1.0_p0",
            "1.0_p1",
            "1.0_p1-r1",
            "1.0a",
            "1.0b",
            "1.0.0",
            "1.05",
            "1.1",
            "1.9",
            "1.10",
            "2",
        ],
    ),
    (
        Scheme::Gem,
        &["1.0.a", "1.0.a.2", "1.0.b1", "1.0.pre", "1.0", "1.0.1", "1.9.a", "1.9", "1.10"],
    ),
];

const SAME: &[(Scheme, &str, &str)] = &[
    (Scheme::SemVer, "v1.2.0", "1.2"),
    (Scheme::SemVer, "1.0.0+a", "1.0.0+b"),
    (Scheme::SemVer, "v2.0.0+incompatible", "v2.0.0"),
    (Scheme::NuGet, "1.0.0-RC", "1.0.0.0-rc"),
    (Scheme::Pep440, "1.1RC1", "v1.1.0-rc.1"),
    (Scheme::Pep440, "1.1.a1", "1.1alpha1"),
    (Scheme::Pep440, "1.2a", "1.2a0"),
    (Scheme::Pep440, "1.0-1", "1.0.post1"),
    (Scheme::Pep440, "1.0-r4", "1.0.post4"),
    (Scheme::Pep440, "1.2.dev", "1.2.dev0"),
    (Scheme::Pep440, "1.0+ubuntu-1", "1.0+ubuntu.1"),
    (Scheme::Pep440, "00!1.0.0", "1"),
    (Scheme::Maven, "1.foo", "1-foo"),
    (Scheme::Maven, "1.ga", "1-ga"),
    (Scheme::Maven, "1-0", "1.0"),
    (Scheme::Maven, "1.0.0-foo.0.0", "1-foo"),
    (Scheme::Maven, "1.0.0-0.0.0", "1"),
    (Scheme::Maven, "1-a1", "1-alpha-1"),
    (Scheme::Maven, "1-cr2", "1-RC2"),
    (Scheme::Debian, "0:1.0", "1.0-0"),
    (Scheme::Debian, "1.00", "1.0"),
    (Scheme::Rpm, "2_0", "2.0"),
    (Scheme::Rpm, "1.05", "1.5"),
    (Scheme::Rpm, "0:1.0-1", "1.0-1"),
    (Scheme::Alpine, "1.0-r00", "1.0-r0"),
    (Scheme::Alpine, "01.2", "1.2"),
    (Scheme::Gem, "1.0.0", "1"),
    (Scheme::Gem, "1.0.a", "1.a"),
];

#[test]
fn versions_have_the_order_of_their_specification() {
    for (scheme, row) in RISING {
        for (at, a) in row.iter().enumerate() {
            for (other, b) in row.iter().enumerate() {
                assert_eq!(scheme.compare(a, b), Some(at.cmp(&other)), "{scheme:?}: {a} {b}");
            }
        }
    }
    for (scheme, a, b) in SAME {
        assert_eq!(scheme.compare(a, b), Some(Equal), "{scheme:?}: {a} {b}");
        assert_eq!(scheme.compare(b, a), Some(Equal), "{scheme:?}: {b} {a}");
    }
}

#[test]
fn the_type_of_the_purl_says_which_order_holds() {
    for (kind, a, b, order) in [
        ("npm", "1.0-1", "1.0", Less),
        ("deb", "1.0-1", "1.0", Greater),
        ("maven", "1.0-1", "1.0", Greater),
        ("DEB", "1.0~rc1", "1.0", Less),
        ("apk", "1.0_p1", "1.0", Greater),
        ("pypi", "1.0.post1", "1.0", Greater),
        ("gem", "1.0.rc1", "1.0", Less),
        ("nuget", "1.0.0-B", "1.0.0-a", Greater),
        ("npm", "1.0.0-B", "1.0.0-a", Less),
        ("rpm", "1.0", "1.0.0", Less),
        ("cargo", "1.0", "1.0.0", Equal),
        ("", "1.0.1", "1.0.0", Greater),
        ("alpm", "6.0.1-1", "6.0.0", Greater),
        ("composer", "1.0.0-patch1", "v0.9", Greater),
    ] {
        assert_eq!(Scheme::of_purl_type(kind).compare(a, b), Some(order), "{kind}: {a} {b}");
    }
}

#[test]
fn what_the_rules_do_not_know_has_no_order() {
    for (scheme, unknown) in [
        (
            Scheme::SemVer,
            &["", "v", "(devel)", "latest", "1..0", "1.", "1.0-", "1.0+", "1.0.x", "١", "1.0 "][..],
        ),
        (
            Scheme::Pep440,
            &["", "1.0-jre", "french toast", "1.0+", "1.0+a..b", "1.0.x", "1.0a1a2", "!1"],
        ),
        (Scheme::Maven, &["", "latest", "${version}", "[1,2)", "1.0é", "1 0"]),
        (Scheme::Debian, &["", "a:1", ":1", "1.0-", "-1", "1_0", "1.0 1", "1.0-1_2"]),
        (Scheme::Rpm, &["", "x:1", "1.0-", "-1", "1.0 a", "~", "1/2"]),
        (
            Scheme::Alpine,
            &[
                "",
                "a",
                "1.",
                "1.0_foo",
                "1.0-1",
                "1.0-r",
                "1.0-r1-r2",
                "1.0ab",
                "1.0~",
                "1.0A",
                "1.0~zz",
            ],
        ),
        (Scheme::Gem, &["", "a", "1..0", "1.0-", "1.0_1", "1.0-x86_64-linux"]),
    ] {
        for text in unknown {
            assert_eq!(scheme.compare(text, "1.0"), None, "{scheme:?}: {text:?}");
            assert_eq!(scheme.compare("1.0", text), None, "{scheme:?}: {text:?}");
        }
    }
}

#[test]
fn where_no_rules_are_known_only_numbers_decide() {
    for kind in ["alpm", "cran", "luarocks", "bitnami", "composer", "conan", "generic", "oci", ""] {
        for (a, b) in [
            ("6.0.1-1", "6.0.1"),
            ("3.0.2-15", "3.0.2-9"),
            ("1.0.0-patch1", "1.0.0"),
            ("1.0+1", "1.0"),
            ("1.0~rc1", "1.0"),
            ("1.0^1", "1.0"),
            ("1.0", "1.0.0"),
            ("1:9.6", "9.5"),
            ("1-1:2", "3"),
            ("1.0alpha", "0.9"),
        ] {
            assert_eq!(Scheme::of_purl_type(kind).compare(a, b), None, "{kind}: {a} {b}");
            assert_eq!(Scheme::of_purl_type(kind).compare(b, a), None, "{kind}: {a} {b}");
        }
    }
    let order = |a, b| Scheme::Unknown.compare(a, b);
    for (a, b, is) in [
        ("v1.2", "1.10", Less),
        ("1.2", "V1.2", Equal),
        ("3.0.2-15", "3.0.2-15", Equal),
        ("3.0.2-15", "3.0.3", Less),
        ("20240101", "20231231", Greater),
    ] {
        assert_eq!(order(a, b), Some(is), "{a} {b}");
    }
    // CPAN's are decimal fractions.
    assert_eq!(Scheme::of_purl_type("cpan").compare("1.10", "1.9"), None);
}

#[test]
fn a_bound_without_a_release_means_every_release_of_an_rpm() {
    let rpm = |version, bound| Scheme::Rpm.compare_with_bound(version, bound);
    assert_eq!(rpm("1.1.1k-9.el8", "1.1.1k"), Some(Equal));
    assert_eq!(rpm("1.1.1k-9.el8", "1.1.1k-10.el8"), Some(Less));
    assert_eq!(Scheme::Debian.compare_with_bound("1.1-9", "1.1"), Some(Greater));
}

#[test]
fn a_version_of_megabytes_is_compared_in_one_pass() {
    for scheme in Scheme::ALL {
        for piece in ["1.", "1-", "1a", "~", "^", "0", "_p1", "-", "a-", "1.0.alpha."] {
            let long = format!("1{}1", piece.repeat(300_000));
            let longer = format!("{long}1");
            let _ = (scheme.compare(&long, &longer), scheme.compare(&long, "1"));
        }
    }
}

/// Texts that look like versions of all kinds.
fn version() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0", "1", "2", "10", "01", "00", ".", ".", ".", "-", "~", "^", "_", "+", ":", "!", "a",
        "b", "rc", "alpha", "beta", "sp", "ga", "final", "snapshot", "m", "foo", "dev", "post",
        "pre", "_p", "_rc", "-r", "-r1", ".0", ".1", "-1", "-0", "A", "RC", "el8", "v", "git",
        "_git",
    ]);
    prop::collection::vec(piece, 0..7).prop_map(|pieces| format!("1{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn where_an_order_answers_it_is_total(a in version(), b in version(), c in version()) {
        for scheme in Scheme::ALL {
            let order = |a: &str, b: &str| scheme.compare(a, b);
            prop_assert_eq!(order(&a, &b), order(&b, &a).map(Ordering::reverse), "{:?}", scheme);
            prop_assert!(order(&a, &a).is_none_or(Ordering::is_eq), "{:?}", scheme);
            let known = [&a, &b, &c].into_iter().all(|text| scheme.knows(text));
            let pairs = [(&a, &b), (&b, &c), (&a, &c)].map(|(a, b)| order(a, b));
            // These two know texts that they cannot compare with every other one.
            if !matches!(scheme, Scheme::Unknown | Scheme::Opaque) {
                prop_assert_eq!(known, pairs.iter().all(Option::is_some), "{:?}", scheme);
            }
            if let [Some(ab), Some(bc), Some(ac)] = pairs
                && ab.is_le()
                && bc.is_le()
            {
                prop_assert!(ac.is_le(), "{:?}", scheme);
                prop_assert!(ac.is_lt() || (ab.is_eq() && bc.is_eq()), "{:?}", scheme);
            }
        }
    }

    #[test]
    fn plain_numbers_have_the_order_of_every_scheme_that_pads(a in version(), b in version()) {
        if let (Some(x), Some(y)) = (Plain::read(&a), Plain::read(&b)) {
            for scheme in Scheme::ALL.into_iter().filter(|scheme| scheme.pads()) {
                prop_assert_eq!(scheme.compare(&a, &b), Some(x.cmp(&y)), "{:?}", scheme);
            }
        }
    }

    #[test]
    fn semver_agrees_with_the_order_of_tags(a in version(), b in version()) {
        if let (Some(x), Some(y)) = (Version::parse(&a), Version::parse(&b)) {
            prop_assert_eq!(Scheme::SemVer.compare(&a, &b), Some(x.precedence(&y)));
        }
    }
}
