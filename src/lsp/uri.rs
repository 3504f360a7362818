//! `file:` URIs and paths.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

/// The file of a URI; nothing for other schemes, other hosts and relative paths.
pub(crate) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let (scheme, rest) = uri.0.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let (host, _) = rest.split_once('/')?;
            if !(host.is_empty() || host.eq_ignore_ascii_case("localhost")) {
                return None;
            }
            rest.get(host.len()..)?
        }
        None => rest,
    };
    let path = path.split(['?', '#']).next()?;
    let bytes = decode(path)?;
    let is_path = bytes.first() == Some(&b'/') && !bytes.contains(&0);
    is_path.then(|| real(&path_of(bytes)))
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// The path without symbolic links, as analyses name it; the file itself need not exist.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    match parent.zip(path.file_name()) {
        Some((parent, name)) => parent.join(name),
        None => path.to_owned(),
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

/// The URI of a file.
pub(crate) fn of_path(path: &Path) -> Uri {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
            uri.push('%');
            uri.push(char::from(digit(byte >> 4)));
            uri.push(char::from(digit(byte & 15)));
        }
    }
    Uri(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uri: &str) -> Option<String> {
        let path = to_path(&Uri(uri.to_owned()))?;
        Some(path.to_str().unwrap().to_owned())
    }

    #[test]
    fn uris_of_editors() {
        for (uri, expected) in [
            ("file:///no/such/x.nix", "/no/such/x.nix"),
            ("file://localhost/no/such/x.nix", "/no/such/x.nix"),
            ("FILE:/no/such/x.nix", "/no/such/x.nix"),
            ("file:///no/such/a%20b%C3%A9%23.nix", "/no/such/a bé#.nix"),
            ("file:///no/such/x.nix#L1", "/no/such/x.nix"),
        ] {
            assert_eq!(path(uri).as_deref(), Some(expected), "{uri}");
        }
    }

    #[test]
    fn what_is_no_local_file() {
        for uri in [
            "untitled:Untitled-1",
            "git:/x.nix?{}",
            "file://server/x.nix",
            "file:x.nix",
            "file:///a%00b",
            "file:///a%4",
            "file:///a%zz",
            "",
        ] {
            assert_eq!(path(uri), None, "{uri}");
        }
    }

    #[test]
    fn odd_names_come_back() {
        let name = Path::new("/no/such/a b%\"é🔑\u{1b}#?.nix");
        assert_eq!(to_path(&of_path(name)).unwrap(), name);
        assert_eq!(of_path(Path::new("/a b")).0, "file:///a%20b");
    }
}
