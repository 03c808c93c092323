//! The cache against everything that can lie where it looks.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use super::*;
use crate::domain::Timestamp;

/// A folder that ends with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("sigscope-cache-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type Spoil = fn(&Path);

fn bytes(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

fn cache(folder: &Folder, bounds: Bounds) -> (Cache, Tracer) {
    let tracer = Tracer::new(Timestamp::UNIX_EPOCH);
    (Cache::new(folder.blobs(), bounds, tracer.clone()), tracer)
}

/// The one file of the cache.
fn only_file(folder: &Folder) -> PathBuf {
    let inside = |path: PathBuf| fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
    inside(inside(folder.blobs()))
}

#[tokio::test]
async fn what_lies_in_the_cache_is_believed_only_if_it_hashes_right() {
    let good = bytes("hello");
    let digest = Digest::sha256(&good);
    let key = Key { repository: "h/a", digest: &digest };
    let spoil: [(&str, Spoil, Option<bool>); 7] = [
        ("untouched", |_| (), None),
        ("other bytes", |p| fs::write(p, "hellO").unwrap(), Some(true)),
        ("cut", |p| fs::write(p, "hell").unwrap(), Some(true)),
        ("vanished", |p| fs::remove_file(p).unwrap(), Some(false)),
        (
            "a link to the right bytes",
            |p| {
                let beside = p.with_extension("x");
                fs::rename(p, &beside).unwrap();
                symlink(&beside, p).unwrap();
            },
            Some(true),
        ),
        (
            "a pipe without a writer",
            |p| {
                fs::remove_file(p).unwrap();
                assert!(Command::new("mkfifo").arg(p).status().unwrap().success());
            },
            Some(true),
        ),
        (
            "far more bytes than were asked for",
            |p| fs::write(p, vec![b'a'; 100_000]).unwrap(),
            Some(false),
        ),
    ];
    for (what, spoil, lost) in spoil {
        let folder = Folder::new("spoiled");
        let (cache, tracer) = cache(&folder, Bounds::default());
        cache.put(key, &good).await;
        spoil(&only_file(&folder));
        let got = cache.get(key, 1000).await;
        assert_eq!(got.as_deref(), lost.is_none().then_some(&*good), "{what}");
        let warned = tracer.finish().iter().any(|w| w.contains("held other bytes"));
        assert_eq!(warned, lost == Some(true), "{what}");
        // It is fetched anew, and then it is there again.
        cache.put(key, &good).await;
        assert_eq!(cache.get(key, 1000).await.as_deref(), Some(&*good), "{what}");
    }
}

#[tokio::test]
async fn a_name_belongs_to_one_repository_one_digest_and_fits_its_limits() {
    let folder = Folder::new("names");
    let (cache, _) = cache(&folder, Bounds { total: 1 << 20, entry: 10 });
    let (small, large) = (bytes("small"), bytes("larger than ten"));
    let (one, two) = (Digest::sha256(&small), Digest::sha256(&large));
    cache.put(Key { repository: "h/a", digest: &one }, &small).await;
    cache.put(Key { repository: "h/a", digest: &two }, &large).await;
    for (repository, digest, limit, there) in [
        ("h/a", &one, 5, true),
        ("h/a", &one, 4, false),
        ("h/b", &one, 100, false),
        ("h/a", &two, 100, false),
    ] {
        let got = cache.get(Key { repository, digest }, limit).await;
        assert_eq!(got.is_some(), there, "{repository} {digest} {limit}");
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.blobs()), 0o700);
    assert!(Cache::default().get(Key { repository: "h/a", digest: &one }, 5).await.is_none());
}

#[tokio::test]
async fn what_was_not_used_for_longest_goes_first_and_nothing_else_goes() {
    let folder = Folder::new("full");
    let (cache, _) = cache(&folder, Bounds { total: 1000, entry: 100 });
    let entries: Vec<Arc<[u8]>> = (0..12).map(|i| vec![i; 90].into()).collect();
    let digests: Vec<Digest> = entries.iter().map(|b| Digest::sha256(b)).collect();
    let key = |i: usize| Key { repository: "h/a", digest: &digests[i] };
    // Somebody else's files, and a link to a folder full of them.
    let elsewhere = folder.0.join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::create_dir_all(folder.blobs()).unwrap();
    let named = elsewhere.join(format!("sha256-{}", "0".repeat(64)));
    fs::write(&named, vec![0; 5000]).unwrap();
    symlink(&elsewhere, folder.blobs().join("link")).unwrap();
    let mine = folder.blobs().join("mine");
    fs::create_dir_all(&mine).unwrap();
    fs::write(mine.join("notes.txt"), vec![0; 5000]).unwrap();
    for (i, entry) in entries.iter().enumerate() {
        cache.put(key(i), entry).await;
        let hour = Duration::from_secs(3600);
        let age = hour * u32::try_from(24 - i).unwrap();
        let path = cache.0.as_ref().unwrap().path(key(i));
        if let Ok(file) = fs::File::open(path) {
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        // The first one is used again and again.
        assert!(cache.get(key(0), 100).await.is_some(), "{i}");
    }
    let mut left = Vec::new();
    for i in 0..12 {
        left.push(cache.get(key(i), 100).await.is_some());
    }
    let number = left.iter().filter(|there| **there).count();
    assert!((9..=11).contains(&number), "{left:?}");
    assert!(left[0] && !left[1] && left[11], "{left:?}");
    assert!(named.exists() && mine.join("notes.txt").exists());
}

#[tokio::test]
async fn a_folder_that_takes_nothing_is_one_warning() {
    for (what, spoil) in [
        ("a file", (|p| fs::write(p, "x").unwrap()) as fn(&Path)),
        ("a link", |p| symlink(p.with_extension("target"), p).unwrap()),
        ("a link to a folder", |p| {
            let target = p.with_extension("target");
            fs::create_dir_all(&target).unwrap();
            symlink(&target, p).unwrap();
        }),
    ] {
        let folder = Folder::new("unwritable");
        spoil(&folder.blobs());
        let (cache, tracer) = cache(&folder, Bounds::default());
        for text in ["a", "b", "c"] {
            let entry = bytes(text);
            let digest = Digest::sha256(&entry);
            let key = Key { repository: "h/a", digest: &digest };
            cache.put(key, &entry).await;
            assert!(cache.get(key, 10).await.is_none(), "{what}");
        }
        let warnings = tracer.finish();
        assert_eq!(warnings.len(), 1, "{what}: {warnings:?}");
        assert!(warnings[0].contains("cannot be written"), "{what}: {warnings:?}");
    }
}

#[tokio::test]
async fn of_two_that_want_the_same_one_asks_also_after_the_first_has_left() {
    use std::sync::atomic::AtomicUsize;
    use tokio::sync::oneshot;
    let (flights, asked) = (Flights::<u8>::default(), AtomicUsize::new(0));
    let (go, wait) = oneshot::channel::<()>();
    let first = flights.one("x".into(), || async {
        asked.fetch_add(1, Relaxed);
        let _ = wait.await;
        Ok(1)
    });
    let second = flights.one("x".into(), || async {
        asked.fetch_add(1, Relaxed);
        Ok(2)
    });
    let (one, two, _) = futures_util::join!(first, second, async { go.send(()) });
    assert_eq!((one, two, asked.load(Relaxed)), (Ok(1), Ok(1), 1));
    // Nothing is remembered for whoever comes later.
    assert_eq!(flights.one("x".into(), || async { Ok(3) }).await, Ok(3));
    // Whoever is cancelled leaves the asking to the next.
    let mut left = Box::pin(flights.one("x".into(), std::future::pending));
    assert!(futures_util::poll!(&mut left).is_pending());
    let mut next = Box::pin(flights.one("x".into(), || async { Ok(5) }));
    assert!(futures_util::poll!(&mut next).is_pending());
    drop(left);
    assert_eq!(next.await, Ok(5));
}
