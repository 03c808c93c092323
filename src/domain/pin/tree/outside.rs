//! Characters that stand in no value.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

use super::{super::NOT_PROVED, Shape, Tree};

impl Tree<'_> {
    /// Where our comment stands; in a text it is no comment.
    pub(in super::super) fn marks(&self) -> Vec<usize> {
        let all = self.text.match_indices(NOT_PROVED).map(|(at, _)| at).collect();
        self.outside(all, |shape| matches!(shape, Shape::Scalar(_)))
    }

    /// A character at which readers do not agree whether a line ends, and its line.
    ///
    /// YAML 1.2, 5.4 takes these three for letters, YAML 1.1 for the ends of lines: behind one of
    /// them in a comment, kubectl sees an image that nobody here would see. In quotes both agree.
    pub(in super::super) fn disputed(&self) -> Option<(usize, char)> {
        let disputed = |c: char| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
        let all = self.text.match_indices(disputed).map(|(at, _)| at).collect();
        let quoted = |shape: &Shape| {
            use ScalarStyle::{DoubleQuoted, SingleQuoted};
            matches!(shape, Shape::Scalar(SingleQuoted | DoubleQuoted))
        };
        let at = *self.outside(all, quoted).first()?;
        let line = self.text.get(..at)?.matches('\n').count() + 1;
        Some((line, self.text.get(at..)?.chars().next()?))
    }

    /// Those of these positions that are in no node of that shape.
    fn outside(&self, mut all: Vec<usize>, shape: impl Fn(&Shape) -> bool) -> Vec<usize> {
        let nodes = self.nodes.iter().filter(|node| !all.is_empty() && shape(&node.shape));
        let spans: Vec<&Range<usize>> = nodes.map(|node| &node.span).collect();
        all.retain(|at| {
            let before = spans.partition_point(|span| span.start <= *at);
            let last = before.checked_sub(1).and_then(|n| spans.get(n));
            last.is_none_or(|span| span.end <= *at)
        });
        all
    }
}
