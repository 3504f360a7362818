//! Fetches locked sources over HTTP, and keeps those whose hash is right.
//!
//! The only crate that uses the network. A source is fetched as an archive of its locked revision,
//! unpacked below a directory of its own, hashed, and only then moved into the cache, in one step.

mod archive_url;
mod download;
mod environment;
mod error;
mod fetcher;
mod pace;
mod unpack;

pub use environment::Environment;
pub use error::FetchError;
pub use fetcher::{Fetched, Fetcher, Progress};
pub use unpack::Limits;
