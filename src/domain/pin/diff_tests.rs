//! Unified diffs as `diff -u` writes them.

use super::unified_diff;

#[test]
fn a_diff_is_the_one_that_patch_reads() {
    for (old, new, wanted) in [
        ("", "", ""),
        ("a\n", "a\n", ""),
        ("a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"),
        ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
        ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
        (
            "a",
            "b",
            "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
        ),
        (
            "a\nb",
            "a\nb\nc",
            "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n\\ No newline at end of file\n",
        ),
        ("x\r\na\r\n", "x\r\nb\r\n", "@@ -1,2 +1,2 @@\n x\r\n-a\r\n+b\r\n"),
        (
            "1\n2\n3\n4\n5\n6\n7\n",
            "1\n2\n3\n4\nd\n5\n6\n7\n",
            "@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+d\n 5\n 6\n 7\n",
        ),
        (
            "a\n1\n2\n3\n4\n5\n6\nb\n",
            "A\n1\n2\n3\n4\n5\n6\nB\n",
            "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n",
        ),
        (
            "a\n1\n2\n3\n4\n5\n6\n7\nb\n",
            "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
            "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n",
        ),
        ("i\ni\ni\n", "I\nI\nI\n", "@@ -1,3 +1,3 @@\n-i\n-i\n-i\n+I\n+I\n+I\n"),
        ("F\nx\n#\n", "#\nG\nx\n#\n", "@@ -1,3 +1,4 @@\n-F\n+#\n+G\n x\n #\n"),
    ] {
        let diff = unified_diff("d/f", old.as_bytes(), new.as_bytes());
        let head = if wanted.is_empty() { "" } else { "--- a/d/f\n+++ b/d/f\n" };
        assert_eq!(diff, format!("{head}{wanted}"), "{old:?} {new:?}");
    }
    assert!(unified_diff("a b", b"a", b"b").starts_with("--- a/a b\t\n+++ b/a b\t\n"));
}

#[test]
fn what_is_further_apart_than_a_diff_looks_is_replaced_as_a_whole() {
    let lines =
        |word: &str| (0..200).map(|n| [word, &n.to_string(), "\n"].concat()).collect::<String>();
    let (old, new) = (format!("a\n{}z\n", lines("x")), format!("a\n{}z\n", lines("y")));
    let diff = unified_diff("f", old.as_bytes(), new.as_bytes());
    assert!(
        diff.contains("@@ -1,202 +1,202 @@\n a\n-x0\n") && diff.ends_with("+y199\n z\n"),
        "{diff}"
    );
}

#[test]
fn a_name_with_a_line_break_is_no_second_diff() {
    for (name, header) in [
        ("a b.yaml", "--- a/a b.yaml\t\n+++ b/a b.yaml\t\n"),
        (
            "x\n--- /dev/null\n+++ b/pwn",
            "--- \"a/x\\012--- /dev/null\\012+++ b/pwn\"\n+++ \"b/x\\012--- /dev/null\\012+++ b/pwn\"\n",
        ),
        ("q\"\\.yaml", "--- \"a/q\\042\\134.yaml\"\n+++ \"b/q\\042\\134.yaml\"\n"),
        ("tab\t\u{85}", "--- \"a/tab\\011\\302\\205\"\n+++ \"b/tab\\011\\302\\205\"\n"),
    ] {
        let diff = unified_diff(name, b"old\n", b"new\n");
        assert!(diff.starts_with(header), "{diff}");
        assert_eq!(diff.lines().filter(|line| line.starts_with("--- ")).count(), 1, "{diff}");
    }
}
