//! Downloads an archive into a file, and goes on where an earlier run stopped.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::archive_url::ArchiveRequest;
use crate::environment::Environment;
use crate::error::FetchError;
use crate::pace::Pace;

/// How long a connection may take: a slow one needs a few seconds.
const CONNECT: Duration = Duration::from_secs(30);

/// How long a server may take to answer: forges make the archive meanwhile.
const ANSWER: Duration = Duration::from_secs(120);

/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(60);

/// How long one archive may take: the largest that is allowed at 150 KB a second.
const WHOLE: Duration = Duration::from_secs(1800);

/// Bytes that are written at a time.
const CHUNK: usize = 64 << 10;

/// The HTTP client.
pub(crate) fn agent(environment: &Environment) -> Result<Agent, FetchError> {
    let mut tls = TlsConfig::builder();
    if let Some(path) = &environment.certificates {
        let pem = std::fs::read(path)?;
        let certificates = parse_pem(&pem).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<Certificate<'static>> = certificates.collect();
        tls = tls.root_certs(RootCerts::Specific(Arc::new(certificates)));
    }
    // By default a token does not follow a redirection, and proxies come from the environment.
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .user_agent(concat!("mcp-lint/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(ANSWER))
        .timeout_per_read(Some(SILENCE))
        .timeout_global(Some(WHOLE))
        .build();
    Ok(config.into())
}

/// An archive that is downloaded, in parts if need be.
pub(crate) struct Partial {
    /// What has come so far.
    pub(crate) path: PathBuf,
    /// The version that this is a part of, as the server names it (`ETag`).
    version: PathBuf,
}

impl Partial {
    /// The archive of that name in a directory.
    pub(crate) fn new(directory: &Path, name: &str) -> Self {
        Self {
            path: directory.join(name),
            version: directory.join(format!("{name}.etag")),
        }
    }

    /// Removes what has come so far.
    pub(crate) fn remove(&self) {
        // There may be none.
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(&self.version);
    }

    /// Bytes that have come and the version that they are of; `None` if one has to begin anew.
    fn state(&self) -> Option<(u64, String)> {
        let length = self.path.symlink_metadata().ok()?.len();
        let version = std::fs::read_to_string(&self.version).ok()?;
        (length > 0 && is_strong(&version)).then_some((length, version))
    }

    /// Downloads what lacks, and returns the file and the number of bytes that came.
    pub(crate) fn complete(
        &self,
        agent: &Agent,
        request: &ArchiveRequest,
        bound: u64,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(File, u64), FetchError> {
        let network = |error: ureq::Error| FetchError::Network {
            what: describe(&error),
            host: request.host(),
        };
        let mut call = agent.get(&request.url);
        if let Some(authorization) = &request.authorization {
            call = call.header("authorization", authorization);
        }
        let state = self.state();
        if let Some((length, version)) = &state {
            call = call.header("range", format!("bytes={length}-"));
            call = call.header("if-range", version);
        }
        let mut response = call.call().map_err(network)?;
        let code = response.status().as_u16();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        let (mut file, had) = match (code, state) {
            (206, Some((length, _))) if starts_at(&response, length) => {
                (options.append(true).open(&self.path)?, length)
            }
            (200, _) => {
                self.remove();
                let file = options.create_new(true).open(&self.path)?;
                if let Some(version) = header(&response, "etag").filter(|it| is_strong(it)) {
                    std::fs::write(&self.version, version)?;
                }
                (file, 0)
            }
            _ => {
                // A part that the server does not know of is of no use.
                self.remove();
                let host = request.host();
                return Err(FetchError::Status { code, host });
            }
        };
        let length = response.body().content_length();
        let total = length.map(|length| length.saturating_add(had));
        if total.is_some_and(|total| total > bound) {
            self.remove();
            return Err(FetchError::TooLarge(bound));
        }
        let mut body = response.body_mut().as_reader();
        let mut chunk = vec![0; CHUNK];
        let mut came = 0_u64;
        let mut pace = Pace::new(Instant::now());
        loop {
            let read = body.read(&mut chunk).map_err(|error| FetchError::Network {
                what: describe(&ureq::Error::Io(error)),
                host: request.host(),
            })?;
            let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            came += read as u64;
            if had + came > bound {
                self.remove();
                return Err(FetchError::TooLarge(bound));
            }
            file.write_all(bytes)?;
            if pace.is_too_slow(read as u64, Instant::now()) {
                return Err(FetchError::Network {
                    what: "less than 1 KiB a second comes".to_owned(),
                    host: request.host(),
                });
            }
            progress(had + came, total);
        }
        if length.is_some_and(|length| length != came) {
            return Err(FetchError::Network {
                what: "the connection ended too early".to_owned(),
                host: request.host(),
            });
        }
        std::io::Seek::rewind(&mut file)?;
        Ok((file, came))
    }
}

fn header<T>(response: &Response<T>, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(value.to_str().ok()?.to_owned())
}

/// Whether a version names bytes: a weak one (`W/"…"`) names a meaning.
fn is_strong(version: &str) -> bool {
    version.starts_with('"') && version.len() < 1024
}

/// Whether an answer goes on at that byte.
fn starts_at<T>(response: &Response<T>, at: u64) -> bool {
    let range = header(response, "content-range");
    range.is_some_and(|range| range.starts_with(&format!("bytes {at}-")))
}

/// What the matter is, without a URL: that may have a password or a token in it.
fn describe(error: &ureq::Error) -> String {
    use ureq::Error;
    match error {
        Error::Io(error) => match error.get_ref().and_then(|it| it.downcast_ref::<Error>()) {
            Some(inner) => describe(inner),
            None => error.to_string(),
        },
        Error::Timeout(_) => "it took too long".to_owned(),
        Error::HostNotFound => "there is no such host".to_owned(),
        Error::TooManyRedirects => "it redirects without end".to_owned(),
        Error::BadUri(_) | Error::Http(_) => "its URL is not valid".to_owned(),
        Error::InvalidProxyUrl => "the proxy in the environment is not valid".to_owned(),
        Error::ConnectProxyFailed(_) => "the proxy refuses".to_owned(),
        Error::Rustls(error) => format!("TLS: {error}"),
        Error::Tls(what) => format!("TLS: {what}"),
        _ => "the connection failed".to_owned(),
    }
}
