//! The query language: what it means, what it finds, what it marks.

use super::{
    super::{Field, Hits, Query, purl::decoded},
    BEACON, Component, ENIX, HOSTILE, SPDX, Sbom, cyclonedx, names,
    random::Random,
};
use crate::domain::version::order::Scheme;

const PARTS: &str = r#""components":[
    {"name":"k8s.io/client-go","version":"v0.29.3","type":"library","purl":"pkg:golang/k8s.io/client-go@v0.29.3",
     "licenses":[{"license":{"id":"Apache-2.0"}}],"hashes":[{"alg":"SHA-256","content":"ABcd01"}],
     "components":[{"name":"k8s.io/client-go/util","version":"v0.30.0","type":"library","purl":"pkg:golang/k8s.io/client-go/util@v0.30.0"}]},
    {"group":"@angular","name":"core","version":"17.1.0","type":"library","purl":"pkg:npm/%40angular/core@17.1.0",
     "supplier":{"name":"Google LLC"},"cpe":"cpe:2.3:a:angular:core:17.1.0"},
    {"name":"openssl","version":"3.0.11-1~deb12u2","type":"application","purl":"pkg:deb/debian/openssl@3.0.11-1~deb12u2"},
    {"name":"Client-Go","version":"(devel)","type":"file","purl":"pkg:golang/Client-Go"},
    {"name":"bash","version":"5.1-2.el9","type":"library","purl":"pkg:rpm/redhat/bash@5.1-2.el9?epoch=1"},
    {"name":"nothing","type":"file"},
    {"name":"two words","version":"1.0.0-RC.1","purl":"pkg:cargo/w","bom-ref":"a \"quote","licenses":[{"expression":"MIT OR Apache-2.0"}]}]"#;

fn found(query: &str) -> (Vec<u32>, usize, usize) {
    let Hits { components, incomparable, unversioned } =
        cyclonedx(PARTS).unwrap().find(&Query::parse(query));
    (components, incomparable, unversioned)
}

#[test]
fn every_field_finds_what_it_names_and_nothing_else() {
    let sbom = cyclonedx(PARTS).unwrap();
    assert_eq!(names(&sbom)[1], "k8s.io/client-go/util", "a nested component has a number");
    for (query, hits) in [
        ("client-go", &[0, 1, 4][..]),
        ("client apache", &[0]),
        ("!client", &[2, 3, 5, 6, 7]),
        ("library !client", &[]),
        ("type:library !client", &[2, 5]),
        ("type:LIB", &[0, 1, 2, 5]),
        ("!type:library", &[3, 4, 6, 7]),
        ("name:apache", &[]),
        ("name:@angular/core", &[2]),
        ("NAME:CORE", &[2]),
        ("purl:debian", &[3]),
        // Encoded or not: one package.
        ("pkg:npm/@angular/core", &[2]),
        ("PKG:npm/%40angular/core", &[2]),
        ("purl:@angular", &[2]),
        ("purl:%40angular", &[2]),
        ("licence:apache", &[0, 7]),
        ("license:apache !licence:mit", &[0]),
        ("!licence:apache type:library", &[1, 2, 5]),
        ("licence:client", &[]),
        ("version:17", &[2]),
        ("version:el9", &[5]),
        ("hash:abCD", &[0]),
        ("hash:sha256:abcd01", &[0]),
        ("!hash:abcd type:library", &[1, 2, 5]),
        ("abcd01", &[]),
        ("supplier:google", &[2]),
        ("google", &[]),
        ("cpe:angular", &[2]),
        ("cpe:2.3:a:angular", &[2]),
        ("\"two words\"", &[7]),
        ("name:\"two words\"", &[7]),
        ("\"words two\"", &[]),
        ("words two", &[7]),
        ("a \"quote", &[7]),
        ("pkg:golang/k8s.io", &[0, 1]),
        ("pkg:npm/", &[2]),
        ("\"name:core\"", &[]),
        ("group:core", &[]),
        ("", &[0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
        assert_eq!(found(query), (hits.to_vec(), 0, 0), "{query:?}");
    }
}

#[test]
fn contains_means_what_the_jq_filter_means() {
    for (query, hits) in [
        // Case counts; what is nested in another component does not; nor does the group.
        ("contains:k8s.io/client-go", &[0][..]),
        ("contains:client-go", &[0]),
        ("contains:Client-Go", &[4]),
        ("contains:angular", &[]),
        ("contains:core", &[2]),
        ("contains:\"o w\"", &[7]),
        ("!contains:client-go type:library", &[1, 2, 5]),
        ("contains:o contains:c", &[0, 2]),
    ] {
        assert_eq!(found(query).0, hits, "{query:?}");
    }
}

#[test]
fn a_version_is_compared_by_its_own_rules_or_counted_as_undecided() {
    for (query, hits, incomparable, unversioned) in [
        ("version:<0.30", &[0][..], 1, 1),
        ("version:<=0.30", &[0, 1], 1, 1),
        ("version:>=v0.30", &[1, 2, 3, 5, 7], 1, 1),
        ("version:>0.29,<0.30", &[0], 1, 1),
        ("version:\">0.29 <0.30\"", &[0], 1, 1),
        ("version:>0.29 version:<0.30", &[0], 1, 1),
        ("client version:<0.30", &[0], 1, 0),
        ("client-go !version:<0.30", &[1], 1, 0),
        ("type:library version:<0.30", &[0], 0, 0),
        // No beats unknown.
        ("nothing core version:<0.30", &[], 0, 0),
        ("version:=17.1", &[2], 1, 1),
        ("core version:!=17.1.0", &[], 0, 0),
        // dpkg: 3.0.11-1~deb12u2 is before 3.0.11-1; rpm: an epoch in the purl is an epoch.
        ("openssl version:<3.0.11-1", &[3], 0, 0),
        ("openssl version:>=3.0.11-1~", &[3], 0, 0),
        ("openssl version:<3.0.11-1~", &[], 0, 0),
        ("openssl version:>3.0.11+", &[], 0, 0),
        ("bash version:>9", &[5], 0, 0),
        ("bash version:=1:5.1", &[5], 0, 0),
        ("\"two words\" version:<1.0", &[7], 0, 0),
        ("\"two words\" version:>=1.0.0-RC.1", &[7], 0, 0),
        // Upper case counts in SemVer: RC is before rc.
        ("\"two words\" version:<1.0.0-rc.1", &[7], 0, 0),
        // The words of SemVer say nothing of a Debian revision, of an rpm, or of no version.
        ("version:^17", &[2], 3, 1),
        ("type:library version:~0.29", &[0], 1, 0),
        ("version:<nonsense", &[], 7, 1),
    ] {
        assert_eq!(found(query), (hits.to_vec(), incomparable, unversioned), "{query:?}");
    }
}

#[test]
fn what_is_half_typed_restricts_nothing_and_says_what_is_expected() {
    for (query, hint) in [
        ("version:", "what is looked for is expected behind version:"),
        ("version:<", "a version is expected behind <, such as <1.2"),
        ("version:<v", "v is no version that anything can be compared with"),
        ("version:^", "^: a version is expected here, such as 4 or 1.2.x"),
        ("version:>1,2", "one of < <= > >= = != is expected in front of 2"),
        ("version:≤0.33", "one of < <= > >= = != is expected in front of ≤0.33"),
        ("!version:≠1.", "one of < <= > >= = != is expected in front of ≠1."),
        ("\"", "the quotation mark is not closed"),
        ("name:\"", "the quotation mark is not closed"),
        ("!", "! excludes the word behind it"),
        ("hash:sha256:", "the value of a hash is expected behind the colon"),
        ("contains:", "what is looked for is expected behind contains:"),
        ("type: ", "what is looked for is expected behind type:"),
    ] {
        let parsed = Query::parse(query);
        assert_eq!(parsed.hint(), Some(hint), "{query:?}");
        if !query.ends_with(['v', '2']) || query.contains('≤') {
            assert!(parsed.is_empty(), "{query:?}");
            assert_eq!(found(query).0.len(), 8, "{query:?}");
        }
    }
    let unknown = Query::parse("vendor:x");
    assert!(unknown.hint().unwrap().starts_with("vendor: is no field and searched as text"));
    for query in [
        "pkg:npm/x",
        "https://x",
        "a",
        "cpe:/a:x",
        "version:<0.",
        "sha256:ab",
        "org.x:y",
        "\"x:y\"",
    ] {
        assert_eq!(Query::parse(query).hint(), None, "{query:?}");
    }
    assert_eq!(found("version:<0.").0, found("version:<0").0);
}

#[test]
fn a_pasted_page_costs_no_more_than_a_long_query() {
    let page = "a version:>1 ".repeat(100_000);
    assert_eq!(Query::parse(&page).hint(), Some("only the first 32 conditions are looked at"));
    let page = format!("version:{}", ">1,".repeat(100_000));
    assert_eq!(Query::parse(&page).hint(), Some("at most 32 comparisons of a version"));
    assert_eq!(Query::parse(&"a ".repeat(32)).hint(), None);
}

#[test]
#[allow(clippy::single_range_in_vec_init, reason = "one mark is a list of one range")]
fn what_was_looked_for_is_marked_in_what_is_shown() {
    for (query, field, text, spans) in [
        ("go", Field::Name, "Google/go-cmp", &[0..2, 7..9][..]),
        ("oo og", Field::Name, "Google", &[1..4]),
        ("a", Field::Licence, "aAa", &[0..3]),
        ("name:go", Field::Purl, "pkg:golang/go", &[]),
        ("purl:go", Field::Purl, "pkg:golang/go", &[4..6, 11..13]),
        ("!go", Field::Name, "go", &[]),
        ("version:<2", Field::Version, "1.2", &[]),
        ("version:1.", Field::Version, "1.2", &[0..2]),
        ("type:lib", Field::Kind, "library", &[0..3]),
        ("lib", Field::Kind, "library", &[]),
        ("hash:SHA256:AB", Field::Hash, "abAB", &[0..4]),
        ("supplier:x", Field::Supplier, "XX", &[0..2]),
        ("contains:Go", Field::Name, "go/Go", &[3..5]),
        // Letters that are two in lower case, or longer: marked whole.
        ("i\u{307}", Field::Name, "aİb", &[1..3]),
        ("b", Field::Name, "İİb", &[4..5]),
        ("\u{307}b", Field::Name, "İb", &[0..3]),
        ("ß", Field::Name, "Aẞß", &[1..6]),
        ("οδος", Field::Name, "ΟΔΟΣ", &[]),
        ("οδο", Field::Name, "xΟΔΟΣ", &[1..7]),
    ] {
        assert_eq!(Query::parse(query).spans(field, text), spans, "{query:?} in {text:?}");
    }
}

/// One condition in plain terms, beside the text that asks for it.
struct Asked {
    text: String,
    negated: bool,
    field: &'static str,
    word: String,
}

const FIELDS: [&str; 11] =
    ["", "", "name", "purl", "licence", "version", "type", "hash", "cpe", "supplier", "contains"];

/// Letter by letter, as the search does it, but on one text.
fn low(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|c| if c == '\n' { ' ' } else { c }).collect()
}

fn asked(sbom: &Sbom, random: &mut Random) -> Asked {
    let component = sbom.component(u32::try_from(random.below(sbom.len())).unwrap()).unwrap();
    let field = FIELDS[random.below(FIELDS.len())];
    let texts = texts(component, field);
    let text: Vec<char> = texts.get(random.below(texts.len())).map_or("x", |t| t).chars().collect();
    let from = random.below(text.len());
    let word: String = text.iter().skip(from).take(1 + random.below(9)).collect();
    let word = if random.below(3) == 0 { word.to_uppercase() } else { word };
    let word: String = word.replace(['"', '\n'], "").trim().to_owned();
    let word = if word.is_empty() || field == "hash" && word.contains(':') {
        "e".to_owned()
    } else {
        word
    };
    let negated = random.below(4) == 0;
    let colon = if field.is_empty() { "" } else { ":" };
    // Quoted, so that nothing in the word means anything. A version is never a comparison here.
    let word = if field == "version" {
        word.replace(['<', '>', '=', '^', '~', '!', ','], "1")
    } else {
        word
    };
    let text = format!("{}{field}{colon}\"{word}\"", if negated { "!" } else { "" });
    Asked { text, negated, field, word }
}

/// The texts of a component that a field means.
fn texts<'a>(component: Component<'a>, field: &str) -> Vec<&'a str> {
    let one = |text: Option<&'a str>| text.into_iter().collect::<Vec<_>>();
    match field {
        "name" | "contains" => vec![component.name()],
        "purl" => one(component.purl()),
        "licence" => component.licences().collect(),
        "version" => one(component.version()),
        "type" => one(component.kind()),
        "hash" => component.hashes().collect(),
        "cpe" => one(component.cpe()),
        "supplier" => one(component.supplier()),
        _ => ["name", "purl", "licence", "version", "cpe"]
            .iter()
            .flat_map(|field| texts(component, field))
            .chain(component.bom_ref())
            .collect(),
    }
}

fn meets(component: Component<'_>, asked: &Asked) -> bool {
    let found = if asked.field == "contains" {
        component.is_top() && component.name().contains(&asked.word)
    } else {
        let purl = asked.field == "purl" || asked.word.to_ascii_lowercase().starts_with("pkg:");
        let word = if purl { decoded(&asked.word) } else { asked.word.as_str().into() };
        let word = low(&word);
        let plain = component.purl().map(|purl| low(&decoded(purl)));
        let plain = plain.filter(|_| matches!(asked.field, "" | "purl"));
        let full = component.group().map(|group| format!("{group}/{}", component.name()));
        let with_group = full.filter(|_| matches!(asked.field, "" | "name"));
        let all =
            texts(component, asked.field).into_iter().map(low).chain(with_group.map(|t| low(&t)));
        let mut all = all.chain(plain);
        all.any(|text| text.contains(&word))
    };
    found != asked.negated
}

#[test]
fn a_search_with_fields_equals_looking_into_every_component() {
    let mut random = Random(6);
    let own = cyclonedx(PARTS).unwrap();
    let others = [BEACON, ENIX, HOSTILE, SPDX].map(|text| Sbom::parse(text.as_bytes()).unwrap());
    for sbom in others.iter().chain([&own]) {
        for _ in 0..400 {
            let asked: Vec<Asked> =
                (0..=random.below(3)).map(|_| asked(sbom, &mut random)).collect();
            let query = asked.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" ");
            let slowly = (0_u32..).zip(sbom.components());
            let slowly = slowly.filter(|(_, c)| asked.iter().all(|asked| meets(*c, asked)));
            let slowly: Vec<u32> = slowly.map(|(number, _)| number).collect();
            assert_eq!(sbom.find(&Query::parse(&query)).components, slowly, "{query:?}");
        }
    }
}

#[test]
fn a_search_for_versions_equals_comparing_every_one() {
    let own = cyclonedx(PARTS).unwrap();
    let others = [BEACON, ENIX, SPDX].map(|text| Sbom::parse(text.as_bytes()).unwrap());
    for sbom in others.iter().chain([&own]) {
        for bound in ["0.30", "1", "1.2.3-4", "v0.0.0-2021", "2:1.0", "17.1.0"] {
            let bare = bound.trim_start_matches('v');
            let (mut hits, mut undecided) = (Vec::new(), 0);
            for (number, component) in (0_u32..).zip(sbom.components()) {
                let purl = component.purl().unwrap_or("pkg:/").trim_start_matches("pkg:");
                let scheme = Scheme::of_purl_type(purl.split('/').next().unwrap());
                let epoch = component.purl().filter(|p| p.contains("epoch=1")).map_or("", |_| "1:");
                let version = component.version().map(|v| format!("{epoch}{v}"));
                match version.and_then(|v| scheme.compare_with_bound(&v, bare)) {
                    Some(order) if order.is_lt() => hits.push(number),
                    Some(_) => {}
                    None => undecided += 1,
                }
            }
            let found = sbom.find(&Query::parse(&format!("version:<{bound}")));
            assert_eq!((&found.components, found.undecided()), (&hits, undecided), "{bound}");
            let others = sbom.find(&Query::parse(&format!("!version:<{bound}")));
            let all = found.components.len() + others.components.len() + undecided;
            assert_eq!((all, others.undecided()), (sbom.len(), undecided), "{bound}");
        }
    }
}

#[test]
fn any_text_is_a_query_and_marks_lie_inside_what_is_shown() {
    let sbom = Sbom::parse(HOSTILE.as_bytes()).unwrap();
    let mut random = Random(9);
    let pieces = [
        "name:",
        "version:",
        "<",
        ">=",
        "^",
        "~",
        "!",
        "\"",
        " ",
        ":",
        "go",
        "1.2",
        ",",
        "İ",
        "ß",
        "\u{202e}",
        "\0",
        "contains:",
        "hash:",
        "e",
        "\n",
        "Σ",
    ];
    for _ in 0..3000 {
        let query: String =
            (0..random.below(8)).map(|_| pieces[random.below(pieces.len())]).collect();
        let parsed = Query::parse(&query);
        let hits = sbom.find(&parsed);
        assert!(
            hits.components.is_sorted() && hits.components.len() + hits.undecided() <= sbom.len()
        );
        let shown: String =
            (0..random.below(9)).map(|_| pieces[random.below(pieces.len())]).collect();
        for field in [Field::Name, Field::Hash, Field::Kind] {
            let mut last = 0;
            for span in parsed.spans(field, &shown) {
                assert!(
                    shown.get(span.clone()).is_some_and(|t| !t.is_empty()),
                    "{query:?} {shown:?}"
                );
                assert!(span.start >= last, "{query:?} {shown:?}");
                last = span.end;
            }
        }
    }
}
