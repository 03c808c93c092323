//! Changes of JSON documents, each by itself and each with a name: `family path: what`.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use serde_json::Value;

/// One changed document.
pub(crate) struct Mutant {
    /// `family path: what`, without spaces in family and path.
    pub(crate) what: String,
    pub(crate) text: Vec<u8>,
}

/// Which changes are made: every `step`th, the same ones in every run. `bytes` of each field are
/// flipped.
pub(crate) struct Sample {
    pub(crate) step: usize,
    pub(crate) next: usize,
    pub(crate) bytes: usize,
}

impl Sample {
    fn takes(&mut self) -> bool {
        self.next += 1;
        self.next.is_multiple_of(self.step)
    }
}

/// Collects mutants of one document.
struct Maker<'a> {
    doc: &'a Value,
    sample: &'a mut Sample,
    out: Vec<Mutant>,
}

/// Mutants of `doc`; parts of `donors` are put in the place of its own.
pub(crate) fn mutants(doc: &Value, donors: &[Value], sample: &mut Sample) -> Vec<Mutant> {
    let bytes = sample.bytes;
    let mut maker = Maker { doc, sample, out: vec![] };
    let mut paths = vec![];
    walk(doc, String::new(), &mut paths);
    for path in &paths {
        let Some(value) = doc.pointer(path) else { continue };
        match value {
            Value::String(text) => {
                maker.text(path, text, bytes);
            }
            Value::Number(number) if number.is_i64() => {
                maker.number(path, &number.to_string(), true);
            }
            Value::Array(items) => maker.array(path, items),
            Value::Object(_) => maker.object(path),
            _ => {}
        }
        // A whole document in its place would be another piece, judged by itself.
        for (n, donor) in donors.iter().enumerate().filter(|_| !path.is_empty()) {
            if let Some(other) = donor.pointer(path).filter(|other| *other != value) {
                maker.put(&format!("donor {path}: of {n}"), path, other.clone());
                if let (Value::Array(own), Value::Array(others)) = (value, other) {
                    let both = own.iter().chain(others).cloned().collect();
                    maker.put(&format!("donor {path}: beside {n}"), path, both);
                }
            }
        }
    }
    maker.known();
    maker.whole();
    maker.out
}

fn walk(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                walk(item, format!("{path}/{n}"), out);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                walk(field, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        _ => {}
    }
    out.push(path);
}

/// First, middle and last, or more of them, evenly.
pub(crate) fn places(len: usize, count: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..count).map(|n| n * len.saturating_sub(1) / (count - 1)).collect();
    all.dedup();
    if len == 0 { vec![] } else { all }
}

impl Maker<'_> {
    fn put(&mut self, what: &str, path: &str, value: Value) {
        if !self.sample.takes() {
            return;
        }
        let mut doc = self.doc.clone();
        *doc.pointer_mut(path).unwrap() = value;
        self.keep(what, doc.to_string());
    }

    fn push(&mut self, what: &str, text: impl Into<Vec<u8>>) {
        if self.sample.takes() {
            self.keep(what, text);
        }
    }

    fn keep(&mut self, what: &str, text: impl Into<Vec<u8>>) {
        let text = text.into();
        // A change to what stands there already is none.
        if text != self.doc.to_string().as_bytes() {
            self.out.push(Mutant { what: what.to_owned(), text });
        }
    }

    fn text(&mut self, path: &str, text: &str, count: usize) {
        if text.parse::<i64>().is_ok() {
            self.number(path, text, false);
            return;
        }
        match STANDARD.decode(text) {
            Ok(bytes) if bytes.len() >= 8 => self.base64(path, text, &bytes, count),
            _ => self.words(path, text, count),
        }
        self.put(&format!("empty {path}: text"), path, "".into());
    }

    fn base64(&mut self, path: &str, text: &str, bytes: &[u8], count: usize) {
        for place in places(bytes.len(), count) {
            for bit in [1, 0x80] {
                let mut flipped = bytes.to_vec();
                flipped[place] ^= bit;
                let what = format!("flip {path}: byte {place} of {} by {bit}", bytes.len());
                self.put(&what, path, STANDARD.encode(flipped).into());
            }
        }
        let longer = [bytes, &[0]].concat();
        self.put(&format!("longer {path}: a byte behind"), path, STANDARD.encode(longer).into());
        let shorter = &bytes[..bytes.len() - 1];
        self.put(&format!("shorter {path}: a byte less"), path, STANDARD.encode(shorter).into());
        // The same bytes in other letters.
        self.put(&format!("form {path}: url-safe"), path, URL_SAFE.encode(bytes).into());
        self.put(&format!("form {path}: unpadded"), path, text.trim_end_matches('=').into());
        let (head, tail) = text.split_at(text.len() / 2);
        self.put(&format!("form {path}: wrapped"), path, format!("{head}\n{tail}").into());
        let body = text.trim_end_matches('=');
        if let Some(last) = body.chars().last().filter(|_| body.len() < text.len()) {
            // A letter whose unused low bits are not zero.
            let next = char::from_u32(last as u32 + 1).unwrap();
            let bits = format!("{}{next}{}", &body[..body.len() - 1], &text[body.len()..]);
            self.put(&format!("form {path}: padding bits"), path, bits.into());
        }
    }

    fn words(&mut self, path: &str, text: &str, count: usize) {
        let chars: Vec<char> = text.chars().collect();
        for place in places(chars.len(), count) {
            let mut changed = chars.clone();
            changed[place] = if changed[place] == '1' { '2' } else { '1' };
            let changed: String = changed.into_iter().collect();
            self.put(&format!("word {path}: letter {place}"), path, changed.into());
        }
        for (how, changed) in [
            ("longer", format!("{text}x")),
            ("space behind", format!("{text} ")),
            ("space before", format!(" {text}")),
            ("nul behind", format!("{text}\0")),
            ("upper case", text.to_uppercase()),
        ] {
            self.put(&format!("word {path}: {how}"), path, changed.into());
        }
        if text.contains("\n\n") {
            self.note(path, text);
        }
    }

    /// A signed note: what is signed, then the signatures.
    fn note(&mut self, path: &str, text: &str) {
        let (body, signatures) = text.split_once("\n\n").unwrap();
        let lines: Vec<&str> = body.lines().collect();
        let more = format!("{}0", lines[1]);
        let first = signatures.lines().next().unwrap_or_default();
        let stranger = "— stranger.test AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (how, changed) in [
            ("larger tree", text.replacen(lines[1], &more, 1)),
            ("line more", format!("{body}\nmore\n\n{signatures}")),
            ("line before", format!("more\n{text}")),
            ("line less", format!("{}\n\n{signatures}", lines[..lines.len() - 1].join("\n"))),
            ("two lines less", format!("{}\n\n{signatures}", lines[0])),
            ("unsigned", format!("{body}\n\n")),
            ("nothing signed", format!("\n\n{signatures}")),
            ("two notes", format!("{text}\n\n{text}")),
            ("body twice", format!("{body}\n\n{text}")),
            ("carriage returns", text.replace('\n', "\r\n")),
            ("stranger before", format!("{body}\n\n{stranger}\n{signatures}")),
            ("stranger behind", format!("{}\n{stranger}\n", text.trim_end())),
            ("signature twice", format!("{body}\n\n{first}\n{signatures}")),
            ("hyphen", text.replace('—', "-")),
            ("other name", text.replace("— ", "— x")),
        ] {
            self.put(&format!("note {path}: {how}"), path, changed.into());
        }
    }

    fn number(&mut self, path: &str, text: &str, bare: bool) {
        let number: i64 = text.parse().unwrap();
        let value = |n: i64| if bare { n.into() } else { Value::from(n.to_string()) };
        for (how, other) in [
            ("one more", number.saturating_add(1)),
            ("one less", number.saturating_sub(1)),
            ("an hour later", number.saturating_add(3600)),
            ("twice", number.saturating_mul(2)),
            ("none", 0),
            ("negative", -number - 1),
            ("largest", i64::MAX),
        ] {
            self.put(&format!("number {path}: {how}"), path, value(other));
        }
        let wrapped = format!("{}", u128::try_from(number.max(0)).unwrap() + (1 << 64));
        self.put(&format!("number {path}: 2^64 more"), path, wrapped.into());
        for (how, same) in [
            ("other type", if bare { text.into() } else { number.into() }),
            ("leading zero", format!("0{text}").into()),
            ("plus", format!("+{text}").into()),
            ("space", format!(" {text}").into()),
            ("fraction", format!("{text}.0").into()),
            ("exponent", format!("{text}e0").into()),
        ] {
            self.put(&format!("numeral {path}: {how}"), path, same);
        }
    }

    fn array(&mut self, path: &str, items: &[Value]) {
        self.put(&format!("empty {path}: list"), path, Value::Array(vec![]));
        for n in 0..items.len() {
            let mut fewer = items.to_vec();
            let item = fewer.remove(n);
            self.put(&format!("remove {path}/{n}: item"), path, fewer.into());
            let mut more = items.to_vec();
            more.push(item);
            self.put(&format!("repeat {path}/{n}: item"), path, more.into());
        }
        let reversed: Vec<Value> = items.iter().rev().cloned().collect();
        self.put(&format!("reverse {path}: list"), path, reversed.into());
    }

    fn object(&mut self, path: &str) {
        const MARK: &str = "\u{1}mark\u{1}";
        let fields = self.doc.pointer(path).unwrap().as_object().unwrap().clone();
        let marked = Value::from(MARK).to_string();
        for (key, value) in &fields {
            let mut fewer = fields.clone();
            fewer.shift_remove(key);
            self.put(&format!("remove {path}/{key}: field"), path, fewer.clone().into());
            let mut unset = fields.clone();
            unset[key] = Value::Null;
            self.put(&format!("remove {path}/{key}: null"), path, unset.into());
            let mut named = |how: &str, name: &str, value: &Value| {
                let mut more = fewer.clone();
                more.insert(name.to_owned(), value.clone());
                self.put(&format!("name {path}/{key}: {how}"), path, more.into());
            };
            named("upper case", &key.to_uppercase(), value);
            let snake: String = key
                .chars()
                .flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase()))
                .collect();
            if snake != *key {
                named("snake case", &snake, value);
            }
            // The same key again: with the same value, with none, and with none before it.
            for (how, second) in [("same", value), ("null", &Value::Null)] {
                let mut twice = fields.clone();
                twice.insert(MARK.to_owned(), second.clone());
                let mut doc = self.doc.clone();
                *doc.pointer_mut(path).unwrap() = twice.into();
                let text = doc.to_string().replace(&marked, &Value::from(key.as_str()).to_string());
                self.push(&format!("twice {path}/{key}: {how}"), text);
            }
        }
        let mut more = fields.clone();
        more.insert("unknown".into(), 1.into());
        self.put(&format!("name {path}/unknown: more"), path, more.into());
        let reversed: serde_json::Map<String, Value> = fields.into_iter().rev().collect();
        self.put(&format!("order {path}: fields"), path, reversed.into());
    }

    /// Other values that the field could well have.
    fn known(&mut self) {
        let entries = "/verificationMaterial/tlogEntries";
        let kinds = [
            ("hashedrekord", "0.0.1"),
            ("hashedrekord", "0.0.2"),
            ("dsse", "0.0.1"),
            ("dsse", "0.0.2"),
            ("intoto", "0.0.1"),
            ("intoto", "0.0.2"),
            ("rekord", "0.0.1"),
        ];
        for n in 0..self.doc.pointer(entries).and_then(Value::as_array).map_or(0, Vec::len) {
            for (kind, version) in kinds {
                let path = format!("{entries}/{n}/kindVersion");
                let value = serde_json::json!({ "kind": kind, "version": version });
                self.put(&format!("kind {path}: {kind} {version}"), &path, value);
            }
        }
        for (path, values) in [
            (
                "/mediaType",
                [
                    "application/vnd.dev.sigstore.bundle+json;version=0.1",
                    "application/vnd.dev.sigstore.bundle+json;version=0.2",
                    "application/vnd.dev.sigstore.bundle+json;version=0.3",
                    "application/vnd.dev.sigstore.bundle.v0.3+json",
                ]
                .as_slice(),
            ),
            (
                "/dsseEnvelope/payloadType",
                &[
                    "application/json",
                    "text/plain",
                    "application/vnd.in-toto.cosign+json",
                    "application/vnd.in-toto+json; v=1",
                ],
            ),
            ("/payloadType", &["application/json", "application/vnd.in-toto+json; v=1"]),
        ] {
            for value in values.iter().filter(|_| self.doc.pointer(path).is_some()) {
                self.put(&format!("type {path}: {value}"), path, (*value).into());
            }
        }
    }

    /// The text as a whole.
    fn whole(&mut self) {
        let text = self.doc.to_string();
        for place in places(text.len(), 24) {
            let cut = text.as_bytes()[..place].to_vec();
            self.push(&format!("cut /: at {place} of {}", text.len()), cut);
        }
        for (how, changed) in [
            ("bom", format!("\u{FEFF}{text}")),
            ("something behind", format!("{text}{{}}")),
            ("nul behind", format!("{text}\0")),
            ("array around", format!("[{text}]")),
        ] {
            self.push(&format!("whole /: {how}"), changed);
        }
        let pretty = serde_json::to_string_pretty(self.doc).unwrap();
        self.push("order /: white space", pretty);
    }
}
