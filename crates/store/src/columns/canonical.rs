//! The bytes of columns together with their hash.

/// What [`Columns::to_bytes`](crate::Columns::to_bytes) makes. The bytes are hashed once: a digest hangs
/// on the same hash that the store finds damage with.
#[derive(Clone, Debug)]
pub struct CanonicalBytes {
    bytes: Vec<u8>,
    hash: blake3::Hash,
}

/// Of no records.
static NONE: CanonicalBytes =
    CanonicalBytes { bytes: Vec::new(), hash: blake3::Hash::from_bytes([0; 32]) };

impl CanonicalBytes {
    /// Replaces the bytes by what `write` appends, and keeps the room.
    pub(crate) fn rewrite(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.bytes.clear();
        write(&mut self.bytes);
        self.hash = if self.bytes.is_empty() { NONE.hash } else { blake3::hash(&self.bytes) };
    }

    /// The bytes; empty where there are no records.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// BLAKE3 of the bytes; all zeros where there are none.
    pub const fn hash(&self) -> &[u8; 32] {
        self.hash.as_bytes()
    }

    /// Whether there are no records.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Default for CanonicalBytes {
    fn default() -> CanonicalBytes {
        NONE.clone()
    }
}

impl Default for &CanonicalBytes {
    fn default() -> Self {
        &NONE
    }
}
