//! Lists of checksums: which file names they vouch for, and with which digests.
//!
//! Sources: GNU coreutils `sha256sum` (`digest.c`, `split_3`), BSD `sha256`, `openssl dgst`. The
//! names in a list are foreign: what could lead out of the folder of the list, or be taken for
//! another name by another reader, is kept as a name that nobody opens.

use super::{
    Digest,
    digest::{Algorithm, DigestError},
};

/// The most bytes of a list.
pub const MAX_BYTES: u64 = 16 << 20;
/// The most files of one list.
pub const MAX_FILES: usize = 2_000;
/// The most bytes of one line: a path has 4 KiB at most, and an escape doubles it.
const MAX_LINE: usize = 9 << 10;
/// How many lines that cannot be read are kept with their reason; the rest is counted.
const KEPT_MALFORMED: usize = 20;
/// How much of a file is looked at to tell whether it is a list.
pub const SNIFFED: usize = 9 << 10;

/// What a list says, in the order of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    /// Every file that is named, once.
    pub files: Vec<Listed>,
    /// Lines that cannot be read: number and reason, the first of them.
    pub malformed: Vec<(usize, &'static str)>,
    /// How many there are in all.
    pub malformed_lines: usize,
}

/// One file of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name as it is listed, escapes undone and a leading `./` left out; foreign text.
    pub name: String,
    /// Why the name must not be opened; `None` for one that stays inside the folder.
    pub refused: Option<&'static str>,
    /// What the file must hash to, each of them; never empty, one an algorithm unless the list
    /// contradicts itself.
    pub digests: Vec<Digest>,
    /// The lines that name it.
    pub lines: Vec<usize>,
}

impl Listed {
    /// Two digests by one algorithm for one name: no file has both.
    pub fn contradicts_itself(&self) -> bool {
        let of = |algorithm| self.digests.iter().filter(|d| d.algorithm() == algorithm).count();
        Algorithm::ALL.into_iter().any(|algorithm| of(algorithm) > 1)
    }

    /// Whether a file with these digests is the listed one.
    ///
    /// `None`: a listed algorithm is not among them, so nothing was compared.
    pub fn matches(&self, digests: &[Digest]) -> Option<bool> {
        let mut same = true;
        for listed in &self.digests {
            let known = digests.iter().find(|d| d.algorithm() == listed.algorithm())?;
            same &= known == listed;
        }
        Some(same)
    }

    /// The last part of the name.
    pub fn base(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// Why bytes are no list that can be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumsError {
    /// Over [`MAX_BYTES`] or [`MAX_FILES`].
    #[error("the list has more than {0}")]
    TooLarge(String),
    /// Not one line names a file with its digest.
    #[error("not one of its {0} lines is a checksum")]
    NoList(usize),
}

impl Checksums {
    /// Parses a list: GNU (`hex  name`, `hex *name`, escaped with `\`), BSD (`SHA256 (name) = hex`)
    /// and OpenSSL (`SHA2-256(name)= hex`) lines, mixed as they like; SHA-256, 384 and 512 by the
    /// length of the hex. Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// [`ChecksumsError`] when a limit is passed, or no line can be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChecksumsError> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(ChecksumsError::TooLarge(format!("{} MiB", MAX_BYTES >> 20)));
        }
        let mut list = Self::default();
        let mut places = std::collections::HashMap::new();
        let mut lines = 0;
        for (number, line) in (1..).zip(without_mark(bytes).split(|b| *b == b'\n')) {
            let line = without_returns(line);
            if line.trim_ascii().is_empty() || line.starts_with(b"#") {
                continue;
            }
            lines += 1;
            match read_line(line) {
                Ok((name, digest)) => list.add(&mut places, number, (&name, digest))?,
                Err(why) => {
                    list.malformed_lines += 1;
                    if list.malformed.len() < KEPT_MALFORMED {
                        list.malformed.push((number, why));
                    }
                }
            }
        }
        if list.files.is_empty() { Err(ChecksumsError::NoList(lines)) } else { Ok(list) }
    }

    fn add(
        &mut self,
        places: &mut std::collections::HashMap<String, usize>,
        line: usize,
        (name, digest): (&str, Digest),
    ) -> Result<(), ChecksumsError> {
        let (name, refused) = tidy(name);
        if let Some(known) = places.get(&name).and_then(|at| self.files.get_mut(*at)) {
            known.lines.push(line);
            if !known.digests.contains(&digest) {
                known.digests.push(digest);
            }
            return Ok(());
        }
        if self.files.len() >= MAX_FILES {
            return Err(ChecksumsError::TooLarge(format!("{MAX_FILES} files")));
        }
        places.insert(name.clone(), self.files.len());
        self.files.push(Listed { name, refused, digests: vec![digest], lines: vec![line] });
        Ok(())
    }
}

/// Editors put a byte order mark before the first line; it is no part of it.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// A line without the carriage returns at its end, however often it was converted.
fn without_returns(mut line: &[u8]) -> &[u8] {
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    line
}

/// Whether a file is a list of checksums: by a name that every list bears, by its first line, or
/// by as many sums as other lines: a heading above them does not make them prose.
pub fn is_list(name: &str, bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    if head.contains(&0) {
        return false;
    }
    let lines = without_mark(head).split(|b| *b == b'\n').map(without_returns);
    let lines = lines.filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"));
    let sums: Vec<bool> = lines.map(|line| read_line(line).is_ok()).collect();
    let count = sums.iter().filter(|sum| **sum).count();
    let told = sums.first() == Some(&true) || count > 0 && 2 * count >= sums.len();
    named_like_a_list(name) || told
}

/// `checksums.txt`, `x_4.0.0_checksums.txt`, `SHA256SUMS`, `SHASUMS256.txt`.
/// Whether a name is one that lists of checksums bear.
pub fn named_like_a_list(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = name.strip_suffix(".txt").unwrap_or(&name);
    let sums = ["checksums", "sha256sums", "sha384sums", "sha512sums", "sha256sum", "sha512sum"];
    sums.iter().any(|end| stem.ends_with(end)) || stem.starts_with("shasums")
}

type Line = Result<(String, Digest), &'static str>;

fn read_line(line: &[u8]) -> Line {
    if line.len() > MAX_LINE {
        return Err("longer than any name with its digest");
    }
    let text = std::str::from_utf8(line).or(Err("not UTF-8"))?;
    // coreutils: a backslash before the digest says that the name is escaped.
    let (text, escaped) = text.strip_prefix('\\').map_or((text, false), |rest| (rest, true));
    let (name, digest) = tagged(text).unwrap_or_else(|| untagged(text))?;
    let name = if escaped { unescape(&name)? } else { name };
    if name.is_empty() { Err("no name behind the digest") } else { Ok((name, digest)) }
}

/// `SHA256 (name) = hex` and `SHA2-256(name)= hex`.
fn tagged(text: &str) -> Option<Line> {
    let (tag, rest) = text.split_once('(')?;
    let tag = tag.trim_end().to_ascii_uppercase().replace('-', "");
    let algorithm = match tag.as_str() {
        "SHA256" | "SHA2256" => Algorithm::Sha256,
        "SHA384" | "SHA2384" => Algorithm::Sha384,
        "SHA512" | "SHA2512" => Algorithm::Sha512,
        _ => return None,
    };
    // The last bracket: a name may hold one, a digest not.
    let (name, hex) = rest.rsplit_once(')')?;
    let hex = hex.trim_start().strip_prefix('=')?.trim().to_ascii_lowercase();
    let digest = Digest::new(algorithm, &hex).or(Err("not a digest of that algorithm"));
    Some(digest.map(|digest| (name.to_owned(), digest)))
}

/// `hex  name` and `hex *name`; one blank alone, or a tab, is what other programs write.
fn untagged(text: &str) -> Line {
    let text = text.trim_start_matches([' ', '\t']);
    let blank = text.find([' ', '\t']).ok_or("no name behind the digest")?;
    let (hex, rest) = text.split_at(blank);
    let digest = by_length(&hex.to_ascii_lowercase())?;
    let mut rest = rest.chars();
    rest.next();
    let name = rest.as_str();
    let name = name.strip_prefix([' ', '*']).unwrap_or(name);
    Ok((name.to_owned(), digest))
}

fn by_length(hex: &str) -> Result<Digest, &'static str> {
    let algorithm = match hex.len() {
        64 => Algorithm::Sha256,
        96 => Algorithm::Sha384,
        128 => Algorithm::Sha512,
        // MD5 and SHA-1 have collisions that anybody can make: they vouch for nothing.
        32 | 40 => return Err("MD5 and SHA-1 vouch for nothing"),
        _ => return Err("no SHA-256, SHA-384 or SHA-512 digest at its beginning"),
    };
    Digest::new(algorithm, hex).map_err(|e| match e {
        DigestError::BadHex { .. } => "the digest is not hexadecimal",
        _ => "no digest",
    })
}

/// coreutils: `\n`, `\r` and `\\` in an escaped name; nothing else.
fn unescape(name: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (c, false) => out.push(c),
            (_, true) => out.push(match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('\\') => '\\',
                _ => return Err("an escape that is not known"),
            }),
        }
    }
    Ok(out)
}

/// The name without `.` parts, and why it must not be opened.
///
/// A list is signed by somebody, but its names are still foreign: `../../etc/passwd` would let it
/// ask for any file of this machine, and its rows tell what that file hashes to (CWE-22). A
/// backslash is a part of a name here and a way out of the folder elsewhere.
pub(crate) fn tidy(name: &str) -> (String, Option<&'static str>) {
    let drive = name.as_bytes().get(1) == Some(&b':');
    let drive = drive && name.starts_with(|c: char| c.is_ascii_alphabetic());
    let refused = if name.contains('\0') {
        Some("a zero byte in the name")
    } else if name.contains('\\') {
        Some("a backslash in the name")
    } else if name.starts_with('/') || drive {
        Some("an absolute path")
    } else if name.split('/').any(|part| part == "..") {
        Some("a path that climbs out of the folder")
    } else if name.ends_with('/') || name.split('/').all(|part| part.is_empty() || part == ".") {
        Some("no name of a file")
    } else {
        None
    };
    if refused.is_some() {
        return (name.to_owned(), refused);
    }
    let parts: Vec<&str> = name.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    (parts.join("/"), None)
}

#[cfg(test)]
#[path = "checksums_tests.rs"]
mod tests;
