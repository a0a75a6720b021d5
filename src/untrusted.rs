//! Text that came out of a log, or out of a file's name: a stranger chose it.

/// Bytes that a stranger chose. There is no `Display`: they leave only through an escaper of
/// [`crate::escape`], one for each medium.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(Box<[u8]>);

impl Untrusted {
    /// Takes a copy of `bytes`.
    pub fn new(bytes: impl AsRef<[u8]>) -> Untrusted {
        Untrusted(bytes.as_ref().into())
    }

    /// The bytes, for an escaper, a comparison or a search; never for printing.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Untrusted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Untrusted(\"{}\")", self.0.escape_ascii())
    }
}

impl From<&std::path::Path> for Untrusted {
    fn from(path: &std::path::Path) -> Untrusted {
        Untrusted::new(path.as_os_str().as_encoded_bytes())
    }
}
