//! Names that do not fit into the header of an entry, and come in entries before it.

use std::io::{self, Read};

use tar::{Entry, EntryType, PaxExtensions};

/// The largest entry that describes the next one, in bytes: two paths of `PATH_MAX` and the largest
/// extended attribute of Linux.
const MAX_DESCRIPTION: u64 = 128 << 10;

/// What the entries before one say of it.
#[derive(Default)]
pub(super) struct Names {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Names {
    /// Reads an entry that describes the next one; false if it is none.
    pub(super) fn read<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> io::Result<bool> {
        match entry.header().entry_type() {
            EntryType::GNULongName => self.path = Some(gnu_name(entry)?),
            EntryType::GNULongLink => self.target = Some(gnu_name(entry)?),
            EntryType::XHeader => {
                let bytes = description(entry)?;
                for extension in PaxExtensions::new(&bytes) {
                    let extension = extension?;
                    let value = extension.value_bytes();
                    match extension.key_bytes() {
                        // GNU's own entries count more, as in `tar`.
                        b"path" => _ = self.path.get_or_insert_with(|| value.to_vec()),
                        b"linkpath" => _ = self.target.get_or_insert_with(|| value.to_vec()),
                        b"size" => {
                            let size = str::from_utf8(value).ok().and_then(|it| it.parse().ok());
                            self.size = Some(size.ok_or(io::ErrorKind::InvalidData)?);
                        }
                        _ => {}
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether there is an entry that describes one that never came.
    pub(super) const fn is_empty(&self) -> bool {
        self.path.is_none() && self.target.is_none() && self.size.is_none()
    }

    /// The path of an entry.
    pub(super) fn path<R: Read>(&self, entry: &Entry<'_, R>) -> Vec<u8> {
        let of_header = || entry.path_bytes().into_owned();
        self.path.clone().unwrap_or_else(of_header)
    }

    /// Where an entry leads; `None` if it is no link.
    pub(super) fn target<R: Read>(&self, entry: &Entry<'_, R>) -> Option<Vec<u8>> {
        let of_header = || Some(entry.link_name_bytes()?.into_owned());
        self.target.clone().or_else(of_header)
    }

    /// Refuses an entry that is read with another size than it is described with: only files of 8 GiB
    /// and more need such a description.
    pub(super) fn check_size<R: Read>(&self, entry: &Entry<'_, R>) -> io::Result<()> {
        match self.size {
            Some(size) if size != entry.size() => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(()),
        }
    }
}

fn gnu_name<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Vec<u8>> {
    let mut name = description(entry)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

fn description<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Vec<u8>> {
    if entry.size() > MAX_DESCRIPTION {
        let what = format!("a name or header of {} bytes", entry.size());
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    let mut bytes = Vec::new();
    entry.take(MAX_DESCRIPTION).read_to_end(&mut bytes)?;
    Ok(bytes)
}
