use flate2::{Compression, write::GzEncoder};

use super::*;

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(vec![]);
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        // Written as it is: the library refuses `..` where it builds.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    gzip(&builder.into_inner().unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const ABOUT: &str = "apiVersion: v2\nname: x\nversion: 1.0.0\nappVersion: 4.0.0\n";

fn found(values: &str, template: &str) -> Vec<String> {
    let files =
        [("x/Chart.yaml", ABOUT), ("x/values.yaml", values), ("x/templates/a.yaml", template)];
    let chart = Chart::read(&packed(&files)).unwrap();
    let told = |i: &ImageRef| format!("{} {}", i.how.word(), i.text);
    chart.warnings.iter().map(|w| format!("! {w}")).chain(chart.images.iter().map(told)).collect()
}

#[test]
fn the_charts_of_the_reference_release_name_their_image() {
    let packed: [&[u8]; 2] = [
        include_bytes!(concat!(
            "../../../tests/fixtures/chart/chart/blobs/sha256/",
            "3c4b19b4db2b1810a74193c54916f65c10844b2edc3b924ee73855d4cd034af7"
        )),
        include_bytes!(concat!(
            "../../../tests/fixtures/chart/chart/blobs/sha256/",
            "fd1b7e1d1b8c5d5ded7c13766d792952623f391939e94eef2e334768e8e66fdc"
        )),
    ];
    let mut versions = vec![];
    for bytes in packed {
        let chart = Chart::read(bytes).unwrap();
        assert_eq!((chart.name.as_str(), chart.templates), ("x509-certificate-exporter", 2));
        assert_eq!(chart.warnings, Vec::<String>::new());
        let wanted = format!("quay.io/enix/x509-certificate-exporter:{}", chart.version);
        let known: Vec<_> = chart.images.iter().filter(|i| i.reference.is_some()).collect();
        assert_eq!((known.len(), known[0].how), (1, How::Derived));
        assert_eq!(known[0].text, wanted);
        assert!(known[0].at.starts_with("values.yaml:4 image, its tag empty"), "{}", known[0].at);
        // The template asks a helper, which only Helm could run.
        let unknown = chart.images.iter().find(|i| i.reference.is_none()).unwrap();
        assert_eq!(unknown.text, r#"{{ include "image" . }}"#);
        versions.push(chart.version);
    }
    versions.sort();
    assert_eq!(versions, ["3.9.0", "4.0.0"]);
}

#[test]
fn images_in_values_are_put_together_as_charts_do() {
    let hex = "ab".repeat(32);
    let digest = format!("image: {{repository: a.b/c, digest: 'sha256:{hex}'}}");
    let both = format!("image: {{repository: a.b/c, tag: v1, sha256: '{hex}'}}");
    for (values, wanted) in [
        ("image: {registry: quay.io, repository: e/x, tag: '1'}", "derived quay.io/e/x:1"),
        ("image: {registry: quay.io/, repository: e/x}", "derived quay.io/e/x:4.0.0"),
        ("image: {repository: e/x, tag: ~}", "derived e/x:4.0.0"),
        ("image: {repository: e/x, tag: '', tagSuffix: -busybox}", "derived e/x:4.0.0-busybox"),
        (digest.as_str(), &format!("derived a.b/c@sha256:{hex}")),
        (both.as_str(), &format!("derived a.b/c:v1@sha256:{hex}")),
        ("image: quay.io/e/x:1", "written quay.io/e/x:1"),
        ("image: e/x\ntag: 7", "derived e/x:7"),
        ("image: nginx\nimageTag: 7", "derived nginx:7"),
        ("sidecarImage: e/side:2", "written e/side:2"),
        ("jobs: [{image: e/job:2}]", "written e/job:2"),
        ("web: {repository: e/w, tag: '1'}", "derived e/w:1"),
        // No image at all.
        ("chart: {repository: 'https://charts.example', tag: '1'}", ""),
        ("backup: {repository: s3/bucket}", ""),
        ("image: true", ""),
        ("image: ''", ""),
        ("image: {repository: '{{ .Values.x }}', tag: '1'}", "unresolvable {{ .Values.x }}:1"),
        ("image: {repository: 'A B', tag: '1'}", "unresolvable A B:1"),
        // An alias points; it is no copy.
        ("a: &i {repository: e/x, tag: '1'}\nimage: *i", "derived e/x:1"),
        // What cannot be read is said.
        ("image: a\nimage: b", "! values.yaml: line 2: \"image\" stands there twice"),
        ("? [a]\n: b", "! values.yaml: line 1: a name that is no text"),
    ] {
        assert_eq!(found(values, "").join(" | "), wanted, "{values}");
    }
}

#[test]
fn images_in_templates_are_followed_only_where_they_are_plain() {
    let values = "image: {repo: e/x, tag: '', pull: {secret: [1]}}";
    for (template, wanted) in [
        ("image: e/x:1", "written e/x:1"),
        ("      - image: \"e/x:1\" # why", "written e/x:1"),
        ("image: 'nginx'", "written nginx"),
        ("image: {{ .Values.image.repo }}:{{ .Chart.AppVersion }}", "derived e/x:4.0.0"),
        (
            r#"image: "{{ .Values.image.repo }}:{{ .Values.image.tag | default .Chart.AppVersion }}""#,
            "derived e/x:4.0.0",
        ),
        (
            r#"image: {{ .Values.image.repo }}:{{ default "7" .Values.image.tag | quote }}"#,
            "derived e/x:7",
        ),
        (r#"image: "{{- $.Values.image.repo -}} :1""#, "derived e/x:1"),
        (r#"image: {{ include "image" . }}"#, r#"unresolvable {{ include "image" . }}"#),
        ("image: {{ .Values.image.pull }}", "unresolvable {{ .Values.image.pull }}"),
        ("image: {{ .Values.image.repo", "unresolvable {{ .Values.image.repo"),
        ("image: {{ .Values.none }}", "unresolvable {{ .Values.none }}"),
        ("image:", ""),
        ("# image: e/x:1", ""),
        ("imagePullPolicy: Always", ""),
        ("image: {{/* nothing */}}", ""),
        ("image: {}", ""),
    ] {
        assert_eq!(found(values, template).join(" | "), wanted, "{template}");
    }
}

#[test]
fn a_hostile_chart_ends_in_words() {
    let about = ("x/Chart.yaml", ABOUT);
    let bomb = gzip(&vec![0; usize::try_from(MAX_UNPACKED).unwrap() + 1]);
    for (what, packed, wanted) in [
        ("nothing", vec![], "not a packed chart"),
        ("no gzip", b"hello".to_vec(), "not a packed chart"),
        ("cut", packed(&[about])[..60].to_vec(), "not a packed chart"),
        ("bomb", bomb, "64 MiB unpacked"),
        ("no chart", packed(&[("x/values.yaml", "")]), "there is no Chart.yaml"),
        ("no name", packed(&[("x/Chart.yaml", "version: 1")]), "names no chart"),
        ("no yaml", packed(&[("x/Chart.yaml", "a: [")]), "Chart.yaml: "),
        ("two", packed(&[about, ("y/Chart.yaml", ABOUT)]), "two charts side by side"),
        ("twice", packed(&[about, about]), "two files are called"),
        ("out", packed(&[about, ("x/../../etc/passwd", "")]), "leads out of the chart"),
        ("absolute", packed(&[about, ("/etc/passwd", "")]), "leads out of the chart"),
        ("windows", packed(&[about, ("x\\..\\y", "")]), "leads out of the chart"),
        ("drive", packed(&[about, ("c:/x", "")]), "leads out of the chart"),
    ] {
        let error = Chart::read(&packed).unwrap_err().to_string();
        assert!(error.contains(wanted), "{what}: {error}");
    }
}

#[test]
fn a_document_that_doubles_itself_costs_what_it_is_written() {
    let mut bomb = String::from("a0: &a0 [{image: e/x:1}]\n");
    for n in 1..40 {
        bomb.push_str(&format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1));
    }
    let said = found(&bomb, "");
    assert_eq!(said, ["! values.yaml: more values than are looked at", "written e/x:1"]);
    let deep = format!("a: {}1{}", "[".repeat(100), "]".repeat(100));
    assert!(found(&deep, "")[0].contains("nested over 64"), "{:?}", found(&deep, ""));
    let wide = format!("a: [{}]", "1,".repeat(100_001));
    assert!(found(&wide, "")[0].contains("more than 100000 values"));
    // A node that holds itself.
    assert!(found("a: &a [*a]", "").iter().all(|line| line.starts_with("! values.yaml")));
}

#[test]
fn a_chart_that_names_gigabytes_keeps_what_a_name_can_be() {
    let long = "v".repeat(20_000);
    let line = "image: {{ .Values.a }}{{ .Values.a }}{{ .Values.a }}\n".repeat(3_000);
    let values = format!("a: &a {long}\nb: {{repository: *a, tag: '1'}}\n");
    let aliases = format!("a: &a {{repository: {long}, tag: '1'}}\nl: [{}]", "*a,".repeat(3_000));
    let edge = format!("image: {{repository: {}, tag: '1'}}", "v".repeat(MAX_REFERENCE));
    let each: Vec<String> = (0..2_000).map(|n| format!("image: e/x:{n}")).collect();
    let each = each.join("\n");
    let named: Vec<String> = (0..700).map(|n| format!("{{image: e/x:{n}}}")).collect();
    let named = format!("i: [{}]", named.join(","));
    // Values, template, how many images, whether there are more.
    for (row, values, template, number, truncated) in [
        ("a long value", values.as_str(), line.as_str(), 2, false),
        ("aliases", &aliases, "", 1, false),
        ("one too long", &edge, "", 1, false),
        ("many in templates", "", &each, MAX_IMAGES, true),
        ("many in values", &named, "", MAX_IMAGES, true),
    ] {
        let files =
            [("x/Chart.yaml", ABOUT), ("x/values.yaml", values), ("x/templates/a.yaml", template)];
        let chart = Chart::read(&packed(&files)).unwrap();
        assert_eq!((chart.images.len(), chart.truncated), (number, truncated), "{row}");
        assert!(chart.images.iter().all(|i| i.text.len() <= MAX_REFERENCE), "{row}");
        let long = |i: &ImageRef| i.how == How::Unresolvable && i.at.contains("longer than");
        assert!(truncated || chart.images.iter().all(long), "{row}: {:?}", chart.images);
    }
    // What it says of itself, and names, are copied no more often than that either.
    let about = format!(
        "name: x\nversion: '1'\ndescription: &d {long}\nsources: [{0}]\ndependencies: [{1}]\n",
        "*d,".repeat(1_000),
        "{name: *d},".repeat(1_000)
    );
    let chart = Chart::read(&packed(&[("x/Chart.yaml", &about)])).unwrap();
    assert!(chart.fields.len() + chart.dependencies.len() < 220, "{}", chart.fields.len());
    assert_eq!(chart.warnings, ["Chart.yaml: more text than is kept: not all is shown"]);
    let name = format!("a: &a {}\nl: [{{*a : 1}}]", "v".repeat(2_000));
    assert_eq!(found(&name, ""), ["! values.yaml: line 1: a name over 1024 bytes"]);
}

#[test]
fn a_map_of_thousands_of_names_is_not_searched_from_its_beginning() {
    const NAMES: usize = 2_000;
    let names: Vec<String> = (0..NAMES).map(|n| format!("k{n}Image: *a")).collect();
    let names = names.join("\n");
    let values = Document::parse(&format!("x: &a e/x:1\nimage: e/y\ntag: '7'\n{names}")).unwrap();
    let lines = "image: {{ .Values.k1999Image }}\nimage: {{ .Values.none }}:1\n".repeat(NAMES);
    let (mut found, about) = (images::Found::default(), images::About::default());
    assert!(images::of_values(&values, "values.yaml", &about, &mut found));
    templates::images(&lines, "a.yaml", (Some(&values), &about), &mut found);
    let texts: Vec<String> = found.into_images().into_iter().map(|i| i.text).collect();
    // Once from the values, once from the templates.
    assert_eq!(texts, ["e/y:7", "e/x:1", "e/x:1", ":1"]);
    // From the beginning it would be two thousand names for each of six thousand questions.
    let compared = values.compared.get();
    assert!(compared < NAMES * 100, "{compared}");
    // What is there is found, what is not is not, wherever it stands.
    for n in 0..NAMES {
        assert!(values.get(values.root(), &format!("k{n}Image")).is_some(), "{n}");
        assert_eq!(values.get(values.root(), &format!("k{n}image")), None, "{n}");
    }
    let merges = format!("{}{}", "<<: 1\n".repeat(20), "<<: 2\n".repeat(20));
    let merges = Document::parse(&merges).unwrap();
    let first = merges.get(merges.root(), "<<").and_then(|at| merges.scalar(at));
    assert_eq!(first, Some("1"));
}

#[test]
fn what_is_too_long_to_be_shown_or_read_is_cut_or_said() {
    let name = "n".repeat(1_000);
    let chart = |values: &str, template: &str| {
        let files =
            [("x/Chart.yaml", ABOUT), ("x/values.yaml", values), ("x/templates/a.yaml", template)];
        Chart::read(&packed(&files)).unwrap()
    };
    let deep = chart(&format!("a: {{{name}: {{image: e/x:1}}}}"), "");
    assert_eq!(deep.images[0].at, "values.yaml:1 a…");
    let line = format!("image: e/x:1 {}\n", "#".repeat(2_000));
    let many = chart("", &format!("{}{}\n", line.repeat(2), "#".repeat(3_000)));
    assert_eq!(many.warnings, ["templates/: 2 lines over 2000 bytes, not read"]);
    assert_eq!(many.images, []);
}

#[test]
fn subcharts_are_read_and_what_is_not_is_said() {
    let big = "#".repeat(usize::try_from(MAX_FILE).unwrap() + 1);
    let sub = "name: s\nversion: 2.0.0\nappVersion: 2.2.2\n";
    let chart = Chart::read(&packed(&[
        ("x/Chart.yaml", "name: x\nversion: 1.0.0\nsources: [a, b]\ndependencies: [{name: s, version: 2}]\nannotations: {k: v}\n"),
        ("x/charts/s/Chart.yaml", sub),
        ("x/charts/s/values.yaml", "image: {repository: e/s}"),
        ("x/charts/s/templates/a.yaml", "image: {{ .Chart.Name }}/x:{{ .Chart.Version }}"),
        ("x/charts/t-1.tgz", "packed"),
        ("x/templates/big.yaml", &big),
        ("x/templates/b.yaml", "image: a/b:1\nimage: a/b:1"),
    ]))
    .unwrap();
    let told: Vec<String> = chart.images.iter().map(|i| format!("{} {}", i.text, i.at)).collect();
    assert_eq!(
        told,
        [
            "a/b:1 templates/b.yaml:1",
            "e/s:2.2.2 charts/s/values.yaml:1 image, its tag empty: appVersion stands in",
            "s/x:2.0.0 charts/s/templates/a.yaml:1",
        ]
    );
    assert_eq!((chart.subcharts, chart.templates, chart.dependencies.len()), (1, 2, 1));
    assert_eq!(chart.annotations["k"], "v");
    assert_eq!(chart.fields.iter().filter(|(name, _)| name == "source").count(), 2);
    assert_eq!(
        chart.warnings,
        [
            "x/charts/t-1.tgz is a packed subchart; it was not opened",
            "x/templates/big.yaml is larger than 1 MiB; it was not read",
        ]
    );
}
