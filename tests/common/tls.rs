//! Registries over TLS with a certificate authority of their own, and a proxy in front of them.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, Stream,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// A certificate authority and the file that holds its certificate.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// In PEM.
    pub(crate) file: PathBuf,
}

impl Authority {
    /// A new one; `name` tells its file from those of other tests.
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, format!("authority {name}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let file = scratch(&format!("ca-{name}.pem"));
        let body = STANDARD.encode(certificate.der());
        let text = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        std::fs::write(&file, text).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    fn config(&self, names: &[&str]) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], secret).unwrap())
    }
}

/// A file of this test run that no other test uses.
pub(crate) fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()))
}

/// A server over TLS on 127.0.0.1; it runs as long as the test.
pub(crate) struct TlsServer {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    connected: Arc<AtomicUsize>,
}

impl TlsServer {
    /// Answers every request with the head and body that `script` says for its first line.
    pub(crate) fn start(
        authority: &Authority,
        names: &[&str],
        script: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        let (listener, config) = (listen(), authority.config(names));
        let (address, script) = (listener.local_addr().unwrap(), Arc::new(script));
        let connected = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connected);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (config, script) = (Arc::clone(&config), Arc::clone(&script));
                thread::spawn(move || answer(stream, config, &*script));
            }
        });
        Self { address, connected }
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.connected.load(Ordering::SeqCst)
    }
}

fn answer(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
    script: &dyn Fn(&str) -> String,
) -> io::Result<()> {
    let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut tls = Stream::new(&mut session, &mut stream);
    let first = head(&mut tls)?;
    tls.write_all(script(&first).as_bytes())?;
    session.send_close_notify();
    session.complete_io(&mut stream)?;
    Ok(())
}

/// The first line of a request; what follows it up to the empty line is read and dropped.
fn head(stream: &mut impl Read) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(1, stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    Ok(first)
}

/// An answer with `body` as JSON, after which the connection closes.
pub(crate) fn json(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

/// An answer that redirects.
pub(crate) fn moved(to: &str) -> String {
    format!("HTTP/1.1 307 x\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// A proxy that makes every tunnel, whatever it is asked for, to `end`.
pub(crate) fn tunnel(end: SocketAddr) -> SocketAddr {
    let listener = listen();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || relay(stream, end));
        }
    });
    address
}

fn relay(mut near: TcpStream, end: SocketAddr) -> io::Result<()> {
    let first = head(&mut near)?;
    if !first.starts_with("CONNECT ") {
        return near.write_all(b"HTTP/1.1 400 x\r\n\r\n");
    }
    near.write_all(b"HTTP/1.1 200 x\r\n\r\n")?;
    let mut far = TcpStream::connect(end)?;
    let (mut near_in, mut far_out) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || io::copy(&mut near_in, &mut far_out));
    io::copy(&mut far, &mut near)?;
    Ok(())
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}
