//! What values of charts hold.

use super::{
    Kind::{HelmValues, Other},
    document_tests::{Row, assert_rows},
};

const CHARTS: &[Row<'_>] = &[
    (
        "image:\n  registry: quay.io\n  repository: enix/x\n  tag: \"4.0.0\"\n  pullPolicy: Always\n",
        HelmValues,
        &["3 quay.io/enix/x:4.0.0"],
        &[],
        &[],
    ),
    (
        "a:\n  b:\n    image: {repository: ghcr.io/a/b, tag: v1, digest: 'DIGEST'}\n",
        HelmValues,
        &["3 ghcr.io/a/b:v1@sha256:"],
        &[],
        &[],
    ),
    (
        "image:\n  registry: quay.io\n  repository: enix/x\n  tag: 4.0.0\n  tagSuffix: -busybox\n  digest: \"\"\n",
        HelmValues,
        &["3 quay.io/enix/x:4.0.0-busybox"],
        &[],
        &[],
    ),
    (
        "image: {registry: '', repository: a/b, tag: v1}\n",
        HelmValues,
        &["1 docker.io/a/b:v1"],
        &[],
        &[],
    ),
    (
        "controller:\n  image:\n    registry: registry.k8s.io\n    image: ingress-nginx/controller\n    tag: v1.9\n    digest: DIGEST\n",
        HelmValues,
        &["4 registry.k8s.io/ingress-nginx/controller:v1.9@sha256:"],
        &[],
        &[],
    ),
    (
        "image:\n  repository: a/b\n  tag: v1@DIGEST\n",
        HelmValues,
        &["2 docker.io/a/b:v1@sha"],
        &[],
        &[],
    ),
    (
        "image: {repository: a, digest: DIGEST}\n",
        HelmValues,
        &["1 docker.io/library/a@sha"],
        &[],
        &[],
    ),
    (
        "image: nginx:1.25\nproxyImage: quay.io/a/b\n",
        HelmValues,
        &["1 docker.io/library/nginx:1.25"],
        &["2 quay.io/a/b: no tag"],
        &[],
    ),
    (
        "image: {repository: 'nginx:1.25', pullPolicy: Always}\n",
        HelmValues,
        &["1 docker.io/library/nginx:1.25"],
        &[],
        &[],
    ),
    (
        "image: {repository: a}\n",
        HelmValues,
        &[],
        &["1 a: no tag here: the chart's appVersion"],
        &[],
    ),
    ("image: {repository: a, tag: \"\"}\n", HelmValues, &[], &["1 a: no tag here"], &[]),
    ("image:\n  repository: a\n  tag:\n", HelmValues, &[], &["2 a: no tag here"], &[]),
    (
        "image: {repository: a, tag: 1.10}\n",
        HelmValues,
        &[],
        &["1 a: tag: YAML reads it as a number"],
        &[],
    ),
    ("image: {repository: a, tag: 0x1F}\n", HelmValues, &[], &["1 a: tag: YAML reads"], &[]),
    ("image: {repository: a, tag: 123e4}\n", HelmValues, &[], &["1 a: tag: YAML reads"], &[]),
    ("image: {repository: a, tag: on}\n", HelmValues, &[], &["1 a: tag: YAML reads"], &[]),
    (
        "image: {repository: a, tag: '1.10'}\n",
        HelmValues,
        &["1 docker.io/library/a:1.10"],
        &[],
        &[],
    ),
    (
        "image: {repository: a, tag: v1, digest: 1234567}\n",
        HelmValues,
        &[],
        &["1 a: digest: YAML reads"],
        &[],
    ),
    (
        "image: {repository: a, tag: v1, digest: 'md5:00'}\n",
        HelmValues,
        &[],
        &["1 a: its digest"],
        &[],
    ),
    (
        "global: {imageRegistry: x.io}\nimage: {repository: a, tag: v1}\nbImage: a:1\n",
        HelmValues,
        &[],
        &["2 a: global.imageRegistry", "3 a:1: global"],
        &[],
    ),
    (
        "global: {imageRegistry: ''}\nimage: {repository: a, tag: v1}\n",
        HelmValues,
        &["2 docker.io/library/a:v1"],
        &[],
        &[],
    ),
    (
        "x: &x {tag: v1}\nimage: {<<: *x, repository: a}\n",
        HelmValues,
        &[],
        &["2 a: its parts may come through a merge"],
        &[],
    ),
    ("t: &t v1\nimage: {repository: a, tag: *t}\n", HelmValues, &[], &["2 a: tag: an alias"], &[]),
    (
        "image: {repository: a, tag: v1, tag: v2}\n",
        HelmValues,
        &[],
        &["1 a: a name stands twice"],
        &[],
    ),
    (
        "image: {repository: '{{ .r }}', tag: v1}\n",
        HelmValues,
        &[],
        &["1 '{{ .r }}': repository: a template"],
        &[],
    ),
    (
        "git: {repository: org/repo, branch: main}\nimage: ''\nuseImage: true\nbgImage: /a.png\n",
        Other,
        &[],
        &[],
        &[],
    ),
    (
        "a: quay.io/a/b:1\nb: 'x --image=y'\nc: --image=ghcr.io/a/b:2\nd: localhost:5000/a\n",
        Other,
        &[],
        &[],
        &["1 quay.io/a/b:1", "3 --image=ghcr.io"],
    ),
];

#[test]
fn values_of_charts_are_put_together_as_charts_do() {
    assert_rows(CHARTS);
}
