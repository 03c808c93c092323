//! A small HTTP/1.1 server on loopback that does what a test tells it, faults included.
//!
//! One thread a connection, no sleeps: what stalls waits for the other side to give up.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// One request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `/v2/…?…`.
    pub(crate) target: String,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// What was sent behind the headers.
    pub(crate) body: Vec<u8>,
    /// How many came before it.
    pub(crate) number: usize,
}

impl Request {
    /// The path without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What is sent behind the headers.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// Half of it, then the connection closes.
    Cut(Vec<u8>),
    /// Half of it, then nothing.
    Stall(Vec<u8>),
    /// One byte, then another whenever the other side has waited for a while.
    Drip(Vec<u8>),
    /// Zeros for ever, without a length.
    Endless,
    /// The connection closes before a single byte of the answer.
    Nothing,
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers besides the length.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Body,
}

impl Reply {
    /// An answer with a whole body.
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: Body::Whole(body.into()) }
    }

    /// The error envelope of the specification.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = format!(r#"{{"errors":[{{"code":"{code}","message":"not here"}}]}}"#);
        Self::new(status, body).with("Content-Type", "application/json")
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self
    }

    /// With another body.
    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// What came so far.
#[derive(Default)]
struct Log {
    count: usize,
    /// Whether the requests themselves are kept.
    kept: Option<Vec<Request>>,
}

type Script = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

/// A running server; it ends with this value.
pub(crate) struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Log>>,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Serves what `script` says on a free port of 127.0.0.1.
    pub(crate) fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Log { count: 0, kept: Some(vec![]) }, script)
    }

    /// The same for a long time: it does not remember what it was asked.
    pub(crate) fn forgetful(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Log::default(), script)
    }

    fn with(log: Log, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (log, ended) = (Arc::new(Mutex::new(log)), Arc::new(AtomicBool::new(false)));
        let server = Self { address, log: Arc::clone(&log), ended: Arc::clone(&ended) };
        let script: Script = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                thread::spawn(move || converse(&stream, &script, &log));
            }
        });
        server
    }

    /// `127.0.0.1:port`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.kept.clone().unwrap_or_default()
    }

    /// How many requests had this in their target.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.requests().iter().filter(|r| r.target.contains(part)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the listener, so that its thread sees the end.
        drop(TcpStream::connect(self.address));
    }
}

/// Answers one connection until somebody closes it.
fn converse(stream: &TcpStream, script: &Script, log: &Mutex<Log>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let request = read_request(&mut reader, log)?;
        let reply = script(&request);
        write_reply(stream, reply)?;
    }
}

fn read_request(reader: &mut impl BufRead, log: &Mutex<Log>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    let request = Request { target, headers, body, number: log.count };
    log.count += 1;
    if let Some(kept) = &mut log.kept {
        kept.push(request.clone());
    }
    Some(request)
}

/// Sends one answer; nothing when the connection must not be used again.
fn write_reply(mut stream: &TcpStream, reply: Reply) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} x\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let length = match &reply.body {
        Body::Whole(bytes) | Body::Cut(bytes) | Body::Stall(bytes) | Body::Drip(bytes) => {
            bytes.len()
        }
        Body::Endless => {
            stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
            let zeros = vec![b'0'; 65536];
            while stream.write_all(&zeros).is_ok() {}
            return None;
        }
        Body::Nothing => return None,
    };
    write!(stream, "{head}Content-Length: {length}\r\n\r\n").ok()?;
    match reply.body {
        Body::Whole(bytes) => stream.write_all(&bytes).ok(),
        Body::Cut(bytes) => {
            stream.write_all(bytes.get(..length / 2)?).ok()?;
            None
        }
        Body::Stall(bytes) => {
            stream.write_all(bytes.get(..length / 2)?).ok()?;
            // Ends when the other side has had enough.
            stream.read_exact(&mut [0]).ok()?;
            None
        }
        Body::Drip(bytes) => {
            // Listening with a time limit is the pause: it ends at once when the other side does.
            stream.set_read_timeout(Some(std::time::Duration::from_millis(100))).ok()?;
            for byte in bytes {
                stream.write_all(&[byte]).ok()?;
                if matches!(stream.read(&mut [0]), Ok(0)) {
                    break;
                }
            }
            None
        }
        Body::Endless | Body::Nothing => None,
    }
}
