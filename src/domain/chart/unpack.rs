//! gzip and tar → files by name. Nothing is ever written anywhere.

use std::{collections::BTreeMap, io::Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::{ChartError, MAX_EXTENSION, MAX_FILE, MAX_FILES, MAX_UNPACKED};

/// The files that are looked at.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Text by name.
    pub(super) files: BTreeMap<String, String>,
    /// What was left alone, and why.
    pub(super) warnings: Vec<String>,
}

/// Unpacks what is looked at.
///
/// # Errors
/// [`ChartError`] when it cannot be read to its end within the limits.
pub(super) fn unpack(packed: &[u8]) -> Result<Files, ChartError> {
    let whole = inflate(packed)?;
    check_extensions(&whole)?;
    let mut found = Files::default();
    let mut archive = Archive::new(whole.as_slice());
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            _ => {
                found.warn(format!("{name} is a link or a device; it was left alone"));
                continue;
            }
        }
        // Helm refuses such charts: unpacked elsewhere, the file would land outside of the folder.
        if !is_inside(&name) {
            return Err(ChartError::Refused(format!("the file {name:?} leads out of the chart")));
        }
        if name.rsplit('.').next() == Some("tgz") && name.contains("/charts/") {
            found.warn(format!("{name} is a packed subchart; it was not opened"));
        }
        if !is_read(&name) {
            continue;
        }
        if entry.size() > MAX_FILE {
            found.warn(format!("{name} is larger than 1 MiB; it was not read"));
            continue;
        }
        let mut bytes = vec![];
        entry.read_to_end(&mut bytes).map_err(broken)?;
        let Ok(text) = String::from_utf8(bytes) else {
            found.warn(format!("{name} is not UTF-8; it was not read"));
            continue;
        };
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        // Of two files with one name, one reader takes the first and another the last.
        if found.files.insert(name.clone(), text).is_some() {
            return Err(ChartError::Refused(format!("two files are called {name:?}")));
        }
    }
    Ok(found)
}

impl Files {
    fn warn(&mut self, words: String) {
        const MOST: usize = 50;
        if self.warnings.len() < MOST {
            self.warnings.push(words);
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn broken(error: std::io::Error) -> ChartError {
    ChartError::NotAChart(error.to_string())
}

/// All members, as Go's reader takes them; a bomb ends at the limit.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, ChartError> {
    let mut whole = vec![];
    let mut reader = MultiGzDecoder::new(packed).take(MAX_UNPACKED + 1);
    reader.read_to_end(&mut whole).map_err(broken)?;
    if whole.len() as u64 > MAX_UNPACKED {
        return Err(ChartError::TooLarge("64 MiB unpacked".to_owned()));
    }
    Ok(whole)
}

/// A long name is read into memory before anybody can ask how long it is.
fn check_extensions(whole: &[u8]) -> Result<(), ChartError> {
    let mut archive = Archive::new(whole);
    for (number, entry) in archive.entries().map_err(broken)?.raw(true).enumerate() {
        let entry = entry.map_err(broken)?;
        if number >= MAX_FILES {
            return Err(ChartError::TooLarge(format!("{MAX_FILES} files")));
        }
        let kind = entry.header().entry_type();
        let extends = kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions();
        if extends && entry.size() > MAX_EXTENSION {
            return Err(ChartError::TooLarge("64 KiB in one name".to_owned()));
        }
    }
    Ok(())
}

/// Whether a name stays in its folder, as it is written and on Windows.
fn is_inside(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    !name.is_empty()
        && !name.starts_with('/')
        && !name.contains(['\\', '\0'])
        && !drive
        && name.split('/').all(|part| part != "..")
}

fn is_read(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    matches!(file, "Chart.yaml" | "values.yaml") || name.contains("/templates/")
}
