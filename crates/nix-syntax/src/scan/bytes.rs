//! Classes of bytes, as in the regular expressions of Nix's lexer.

/// `[a-zA-Z0-9_'-]`, what a name goes on with.
pub(super) const NAME: u8 = 1;
/// `[a-zA-Z0-9._+-]`, what a path's segment consists of.
pub(super) const PATH: u8 = 2;
/// What a URI consists of after its scheme.
pub(super) const URI: u8 = 4;
/// `[ \t\r\n]`
pub(super) const SPACE: u8 = 8;

/// Which classes each byte belongs to.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        let mut class = 0;
        if byte.is_ascii_alphanumeric() {
            class |= NAME | PATH | URI;
        }
        if matches!(byte, b'_' | b'\'' | b'-') {
            class |= NAME;
        }
        if matches!(byte, b'.' | b'_' | b'-' | b'+') {
            class |= PATH;
        }
        if matches!(
            byte,
            b'%' | b'/'
                | b'?'
                | b':'
                | b'@'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'-'
                | b'_'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
        ) {
            class |= URI;
        }
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            class |= SPACE;
        }
        #[expect(clippy::indexing_slicing, reason = "there are 256 bytes")]
        {
            classes[byte as usize] = class;
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    classes
};

/// Whether a byte belongs to one of `classes`.
#[expect(clippy::indexing_slicing, reason = "there are 256 bytes")]
pub(super) fn is(byte: u8, classes: u8) -> bool {
    CLASSES[usize::from(byte)] & classes != 0
}

/// Where the run of bytes of `classes` that begins at `at` ends.
pub(super) fn run(bytes: &[u8], at: usize, classes: u8) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|byte| !is(*byte, classes))
        .unwrap_or(rest.len())
}
