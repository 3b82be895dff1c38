//! The envelope of a saved model: what it is, how it is written, how long it is, and a hash of it.
//! A file that was cut, damaged or mistaken for another is refused before a number of it is used.
//!
//! ```text
//! offset  0: 8 bytes    "HSMODEL" and a zero
//!         8: u16        version of this layout
//!        10: u16        kind of model
//!        12: u32        length of the body
//!        16: 32 bytes   BLAKE3 of the body
//!        48: the body; numbers are little-endian throughout
//! ```

const MAGIC: [u8; 8] = *b"HSMODEL\0";
const VERSION: u16 = 1;
const HEADER: usize = 48;
/// Chosen: far above any model this house fits, far below what memory has to fear.
pub(crate) const BODY_MAX: usize = 64 << 20;

/// Which model a body is of. A number once given is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BaseRate = 1,
    Xgboost = 2,
    Lightgbm = 3,
    Nhits = 4,
    Patchtst = 5,
    Ensemble = 6,
}

/// Why bytes were not taken for a model, sorted by what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Not ours: look for the right file.
    #[error("this is not a saved model")]
    NotAModel,
    /// Ours, but newer or older than this program: fit again, or use the program that wrote it.
    #[error("the model is written in version {found}, and this program reads version {VERSION}")]
    OtherVersion {
        /// The version it is written in.
        found: u16,
    },
    /// A model, but not the one that was asked for: look for the right file.
    #[error("the file holds a model of kind {found}, and kind {wanted} was asked for")]
    OtherKind {
        /// The kind it is of.
        found: u16,
        /// The kind that was asked for.
        wanted: u16,
    },
    /// More than any model needs: it is not read.
    #[error("the model claims {bytes} bytes, more than the {BODY_MAX} that are read")]
    TooLarge {
        /// How long it says it is.
        bytes: u64,
    },
    /// Cut or damaged on its way: fetch it again, or fit again.
    #[error("the model is damaged: its bytes are not those that were saved")]
    Damaged,
    /// Whole, and yet its numbers cannot be a model's: whoever wrote it was wrong.
    #[error("the model is whole, but its numbers make no sense")]
    Nonsense,
}

/// A body in its envelope.
pub(crate) fn seal(kind: Kind, body: &[u8]) -> Vec<u8> {
    assert!(body.len() <= BODY_MAX, "a model of {} bytes could not be loaded again", body.len());
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(kind as u16).to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(blake3::hash(body).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// The body of a model of this kind, exactly as it was sealed.
pub(crate) fn open(bytes: &[u8], wanted: Kind) -> Result<&[u8], ModelError> {
    let after_magic = bytes.strip_prefix(&MAGIC).ok_or(ModelError::NotAModel)?;
    let (version, rest) = after_magic.split_first_chunk().ok_or(ModelError::Damaged)?;
    let found = u16::from_le_bytes(*version);
    if found != VERSION {
        return Err(ModelError::OtherVersion { found });
    }
    let (kind, rest) = rest.split_first_chunk().ok_or(ModelError::Damaged)?;
    let (length, rest) = rest.split_first_chunk().ok_or(ModelError::Damaged)?;
    let (hash, body) = rest.split_first_chunk::<32>().ok_or(ModelError::Damaged)?;
    let (found, wanted) = (u16::from_le_bytes(*kind), wanted as u16);
    if found != wanted {
        return Err(ModelError::OtherKind { found, wanted });
    }
    // Asked before hashing, so that no claim and no file makes us read more than the cap.
    let length = u64::from(u32::from_le_bytes(*length));
    if length.max(body.len() as u64) > BODY_MAX as u64 {
        return Err(ModelError::TooLarge { bytes: length.max(body.len() as u64) });
    }
    if length != body.len() as u64 || blake3::hash(body) != *hash {
        return Err(ModelError::Damaged);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_one_sentence_that_says_which() {
        let sealed = seal(Kind::BaseRate, b"anything");
        let changed = |at: usize, byte: u8| {
            let mut bytes = sealed.clone();
            bytes[at] = byte;
            bytes
        };
        let cases: [(Vec<u8>, &str); 7] = [
            (Vec::new(), "this is not a saved model"),
            (b"PK\x03\x04 and so on".to_vec(), "this is not a saved model"),
            (changed(8, 2), "the model is written in version 2, and this program reads version 1"),
            (changed(10, 7), "the file holds a model of kind 7, and kind 1 was asked for"),
            (
                changed(15, 255),
                "the model claims 4278190088 bytes, more than the 67108864 that are read",
            ),
            (changed(50, 0), "the model is damaged: its bytes are not those that were saved"),
            (
                sealed[..20].to_vec(),
                "the model is damaged: its bytes are not those that were saved",
            ),
        ];
        for (bytes, says) in cases {
            assert_eq!(
                open(&bytes, Kind::BaseRate).map_err(|why| why.to_string()),
                Err(says.into())
            );
        }
        assert_eq!(open(&sealed, Kind::BaseRate), Ok(&b"anything"[..]));
    }

    #[test]
    fn a_body_beyond_the_cap_is_refused_without_being_hashed() {
        let mut bytes = seal(Kind::BaseRate, &[]);
        bytes.resize(HEADER + BODY_MAX + 1, 0);
        let refused = Err(ModelError::TooLarge { bytes: BODY_MAX as u64 + 1 });
        assert_eq!(open(&bytes, Kind::BaseRate), refused);
    }
}
