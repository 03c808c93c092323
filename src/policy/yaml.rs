//! Lines of a YAML document. Names are ours; every value passes [`scalar`].

use super::{grounds::Who, scalar};
use crate::verify::signer::Identified;

/// A document that is being written.
#[derive(Debug, Default)]
pub(super) struct Yaml {
    text: String,
}

impl Yaml {
    /// A line as it is, `depth` levels of two spaces deep; nothing foreign may be in it.
    pub(super) fn line(&mut self, depth: usize, line: &str) -> &mut Self {
        self.text.push_str(&"  ".repeat(depth));
        self.text.push_str(line);
        self.text.push('\n');
        self
    }

    /// `name: "value"`.
    pub(super) fn field(&mut self, depth: usize, name: &str, value: &str) -> &mut Self {
        self.line(depth, &format!("{name}: {}", scalar::quoted(value)))
    }

    /// `name: |`, and the lines of the value below it.
    pub(super) fn lines(&mut self, depth: usize, name: &str, value: &str) -> &mut Self {
        self.line(depth, &format!("{name}: {}", scalar::block(value, 2 * (depth + 1))))
    }

    /// A list below a name, each with its own prefix: `- glob: `.
    pub(super) fn list<'a>(
        &mut self,
        depth: usize,
        prefix: &str,
        values: impl IntoIterator<Item = &'a String>,
    ) -> &mut Self {
        for value in values {
            self.line(depth, &format!("- {prefix}{}", scalar::quoted(value)));
        }
        self
    }

    /// The issuer and the subject of a certificate, as `issuer`, `subject` and `subjectRegExp`; the
    /// first line begins with `first`. Nothing for a key.
    pub(super) fn identity(
        &mut self,
        depth: usize,
        first: &str,
        who: &Who,
        regexp: Option<&str>,
    ) -> &mut Self {
        let Identified::Certificate { identity, issuer } = who.get() else { return self };
        self.field(depth, &format!("{first}issuer"), issuer);
        let depth = if first.is_empty() { depth } else { depth + 1 };
        match regexp {
            Some(regexp) => self.field(depth, "subjectRegExp", regexp),
            None => self.field(depth, "subject", identity),
        }
    }

    /// The text.
    pub(super) fn end(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}
