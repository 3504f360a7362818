//! Fetching, against a server on the loopback address.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use flake_lock::{Lock, Locked, cached_tree, nar_hash};
use input_fetch::{Environment, FetchError, Fetcher, Limits};

/// How the server behaves.
#[derive(Clone, Default)]
struct Behaviour {
    /// The archive.
    body: Vec<u8>,
    /// Statuses of the first answers, in place of the archive.
    failures: Vec<u16>,
    /// Each connection breaks after so many bytes of the archive.
    breaks_after: Option<usize>,
    /// Whether it knows of ranges.
    ranges: bool,
    /// Where it redirects to.
    redirects: Option<String>,
}

struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut behaviour = behaviour;
            for stream in listener.incoming() {
                answer(&mut stream.unwrap(), &mut behaviour, &seen);
            }
        });
        Self { port, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(stream: &mut TcpStream, behaviour: &mut Behaviour, seen: &Mutex<Vec<String>>) {
    let mut request = String::new();
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        match line {
            Ok(line) if !line.is_empty() => request += &format!("{line}\n"),
            _ => break,
        }
    }
    let range = request
        .lines()
        .find_map(|line| line.strip_prefix("range: bytes="));
    let from = range.and_then(|range| range.trim_end_matches('-').parse::<usize>().ok());
    seen.lock().unwrap().push(request.clone());
    // Whoever asked may be gone.
    if !behaviour.failures.is_empty() {
        let code = behaviour.failures.remove(0);
        let _ = write!(
            stream,
            "HTTP/1.1 {code} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        return;
    }
    if let Some(to) = &behaviour.redirects {
        let _ = write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        return;
    }
    let whole = behaviour.body.len();
    let from = from.filter(|_| behaviour.ranges).unwrap_or(0);
    let body = &behaviour.body[from..];
    let status = if from > 0 {
        format!(
            "206 Partial Content\r\ncontent-range: bytes {from}-{}/{whole}",
            whole - 1
        )
    } else {
        "200 OK".to_owned()
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\netag: \"v1\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let end = behaviour
        .breaks_after
        .map_or(body.len(), |at| at.min(body.len()));
    let _ = stream.write_all(&body[..end]);
}

/// An archive as a forge makes it, and the hash of its tree.
fn source(folder: &Path) -> (Vec<u8>, String) {
    let tree = folder.join("repository-abc");
    std::fs::create_dir_all(tree.join("lib")).unwrap();
    std::fs::write(tree.join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    let noise: String = (0..20_000_u64)
        .map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    std::fs::write(tree.join("lib/noise"), noise).unwrap();
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    archive.append_dir_all("repository-abc", &tree).unwrap();
    let bytes = archive.into_inner().unwrap().finish().unwrap();
    (bytes, nar_hash(&tree).unwrap().to_string())
}

fn locked(url: &str, hash: &str) -> Locked {
    let text = format!(
        r#"{{"version": 7, "root": "root", "nodes": {{"root": {{}},
            "x": {{"locked": {{"type": "tarball", "url": "{url}", "narHash": "{hash}"}}}}}}}}"#
    );
    let lock = Lock::parse(&text).unwrap();
    lock.node(lock.node_named("x").unwrap())
        .locked
        .clone()
        .unwrap()
}

struct Run {
    folder: tempfile::TempDir,
    server: Server,
    locked: Locked,
}

impl Run {
    fn new(change: impl FnOnce(&mut Behaviour)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (body, hash) = source(folder.path());
        let mut behaviour = Behaviour {
            body,
            ranges: true,
            ..Behaviour::default()
        };
        change(&mut behaviour);
        let server = Server::start(behaviour);
        let url = format!("http://127.0.0.1:{}/a.tar.gz", server.port);
        let locked = locked(&url, &hash);
        Self {
            folder,
            server,
            locked,
        }
    }

    fn fetch_with(&self, limits: Limits) -> Result<input_fetch::Fetched, FetchError> {
        let cache = self.folder.path().join("cache");
        let fetcher = Fetcher::new(cache, Environment::default(), limits)?;
        fetcher.fetch(&self.locked, &mut |_| {})
    }

    fn fetch(&self) -> Result<input_fetch::Fetched, FetchError> {
        self.fetch_with(Limits::default())
    }

    /// What is in the cache beside the directory of parts, which has to be empty.
    fn trees(&self) -> Vec<String> {
        let cache = self.folder.path().join("cache");
        let parts = std::fs::read_dir(cache.join("partial")).unwrap();
        assert_eq!(parts.count(), 0, "a part is left");
        let entries = std::fs::read_dir(cache).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "partial").collect()
    }
}

#[test]
fn a_source_is_verified_and_kept() {
    let run = Run::new(|_| {});
    let fetched = run.fetch().unwrap();
    let hash = run.locked.nar_hash.unwrap();
    assert_eq!(
        fetched.path,
        cached_tree(&run.folder.path().join("cache"), &hash)
    );
    assert_eq!(nar_hash(&fetched.path).unwrap(), hash);
    assert!(fetched.path.join("flake.nix").is_file());
    // Once it is there, nobody is asked.
    assert_eq!(run.fetch().unwrap().received, 0);
    assert_eq!(run.server.requests().len(), 1);
    assert_eq!(run.trees().len(), 1);
}

#[test]
fn another_tree_does_not_enter() {
    let run = Run::new(|_| {});
    let other = "sha256-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw=";
    let url = run.locked.text("url").unwrap().to_owned();
    let run = Run {
        locked: locked(&url, other),
        ..run
    };
    let error = run.fetch().unwrap_err();
    assert!(matches!(error, FetchError::Hash { .. }), "{error}");
    assert!(run.trees().is_empty());
}

#[test]
fn a_broken_connection_is_continued() {
    let run = Run::new(|it| it.breaks_after = Some(it.body.len() / 3 + 1));
    let whole = run.fetch().unwrap();
    assert!(whole.path.join("lib/noise").is_file());
    let requests = run.server.requests();
    assert_eq!(requests.len(), 3, "{requests:#?}");
    assert!(requests[1].contains("if-range: \"v1\"") && requests[1].contains("range: bytes="));
    assert_eq!(run.trees().len(), 1);
}

#[test]
fn a_later_run_continues_what_an_earlier_one_began() {
    // Four attempts with a tenth each: the first run ends without the whole.
    let run = Run::new(|it| it.breaks_after = Some(it.body.len() / 7));
    assert!(matches!(run.fetch(), Err(FetchError::Network { .. })));
    assert!(run.fetch().unwrap().path.is_dir());
    let last = run.server.requests().pop().unwrap();
    assert!(last.contains("range: bytes="), "{last}");
}

#[test]
fn a_server_without_ranges_begins_anew() {
    let run = Run::new(|it| {
        it.ranges = false;
        it.breaks_after = Some(it.body.len() / 2);
    });
    assert!(matches!(run.fetch(), Err(FetchError::Network { .. })));
    let run = Run::new(|it| it.ranges = false);
    assert!(run.fetch().is_ok());
}

#[test]
fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let run = Run::new(|it| it.failures = vec![503]);
    assert!(run.fetch().is_ok());
    let run = Run::new(|it| it.failures = vec![404]);
    let error = run.fetch().unwrap_err();
    assert!(error.may_need_token());
    assert_eq!(
        error.to_string(),
        format!("127.0.0.1:{} answered with status 404", run.server.port)
    );
    assert_eq!(run.server.requests().len(), 1);
}

#[test]
fn bounds_hold() {
    let run = Run::new(|_| {});
    let small = Limits {
        download: 1000,
        ..Limits::default()
    };
    assert!(matches!(
        run.fetch_with(small),
        Err(FetchError::TooLarge(1000))
    ));
    let small = Limits {
        unpacked: 1000,
        ..Limits::default()
    };
    assert!(matches!(
        run.fetch_with(small),
        Err(FetchError::TooLarge(1000))
    ));
    let few = Limits {
        entries: 2,
        ..Limits::default()
    };
    assert!(matches!(
        run.fetch_with(few),
        Err(FetchError::TooManyEntries(2))
    ));
    assert!(run.trees().is_empty());
}

#[test]
fn a_redirection_is_followed_and_errors_hide_what_a_url_has() {
    let target = Run::new(|_| {});
    let to = target.locked.text("url").unwrap().to_owned();
    let run = Run::new(|it| it.redirects = Some(to));
    assert!(run.fetch().is_ok());
    assert_eq!(target.server.requests().len(), 1);
    let hash = "sha256-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw=";
    let url = "http://me:secret@127.0.0.1:1/x?token=hidden";
    let run = Run {
        locked: locked(url, hash),
        ..run
    };
    let error = run.fetch().unwrap_err().to_string();
    assert!(error.starts_with("127.0.0.1:1: "), "{error}");
    assert!(
        !error.contains("secret") && !error.contains("hidden"),
        "{error}"
    );
}

#[test]
fn what_a_killed_run_left_is_removed_and_nothing_else() {
    let run = Run::new(|_| {});
    let cache = run.folder.path().join("cache");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 24 * 3600);
    let directory = |name: &str, inner: &str, is_old: bool| {
        let path = cache.join(name);
        std::fs::create_dir_all(path.join(inner)).unwrap();
        if is_old {
            std::fs::File::open(&path)
                .unwrap()
                .set_modified(old)
                .unwrap();
        }
    };
    directory(".unpack-killed", "tree/half", true);
    directory(".unpack-empty", "", true);
    directory(".unpack-running", "tree/half", false);
    directory(".unpack-users", "notes", true);
    directory("unpacked", "tree", true);
    std::os::unix::fs::symlink(cache.join("unpacked"), cache.join(".unpack-link")).unwrap();
    let fetched = run.fetch().unwrap();
    let mut names = run.trees();
    names.retain(|name| !fetched.path.ends_with(name));
    names.sort();
    let kept = [
        ".unpack-link",
        ".unpack-running",
        ".unpack-users",
        "unpacked",
    ];
    assert_eq!(names, kept);
}
