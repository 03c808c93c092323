//! A generator of the same random documents on every run.

use super::Sbom;

/// `SplitMix64`: small, seeded, the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// A document with up to `most` components: cycles, self-edges, dangling edges, nesting, with and
/// without a root, parts that nothing leads to.
pub(super) fn document(random: &mut Random, most: usize) -> Sbom {
    let size = random.below(most) + 1;
    let mut parts = Vec::new();
    while parts.len() < size {
        let at = parts.len();
        let inner = if random.below(6) == 0 {
            format!(r#","components":[{{"name":"n{at}-in","bom-ref":"i{at}"}}]"#)
        } else {
            String::new()
        };
        parts.push(format!(r#"{{"name":"n{at}","bom-ref":"{at}"{inner}}}"#));
    }
    let edges: Vec<String> = (0..random.below(size * 3))
        .map(|_| {
            let from = if random.below(5) == 0 {
                "root".to_owned()
            } else {
                random.below(size).to_string()
            };
            format!(r#"{{"ref":"{from}","dependsOn":["{}"]}}"#, random.below(size + 1))
        })
        .collect();
    let root = if random.below(4) == 0 {
        ""
    } else {
        r#""metadata":{"component":{"name":"root","bom-ref":"root"}},"#
    };
    let document = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6",{root}"components":[{}],"dependencies":[{}]}}"#,
        parts.join(","),
        edges.join(",")
    );
    Sbom::parse(document.as_bytes()).unwrap()
}
