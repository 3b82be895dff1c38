//! Bytes as they lie in the store: compressed, and with a checksum that finds damage.
//!
//! The checksum is of the bytes before they are compressed, so that whoever has hashed them already
//! need not hash them again.

use std::ops::Range;

use crate::columns::Flaw;

/// Format 1 had its checksum over the compressed bytes.
const FORMAT: u8 = 2;
const HEADER_BYTES: usize = 13;
/// Where the checksum lies: the first bytes of BLAKE3, enough against damage, and nobody forges their
/// own store.
pub(crate) const CHECKSUM: Range<usize> = 5..HEADER_BYTES;
/// LZ4 stretches a byte to at most this many.
const RATIO_MAX: usize = 255;

/// Compresses `bytes` and puts format, length and checksum before them.
pub(crate) fn seal(bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    seal_hashed(bytes, blake3::hash(bytes).as_bytes())
}

/// The same for bytes whose BLAKE3 is known.
pub(crate) fn seal_hashed(bytes: &[u8], hash: &[u8; 32]) -> Result<Vec<u8>, Flaw> {
    let length = u32::try_from(bytes.len())
        .map_err(|_| Flaw::wrong(format!("{} bytes are more than a row can hold", bytes.len())))?;
    let mut sealed = vec![0; HEADER_BYTES + lz4_flex::block::get_maximum_output_size(bytes.len())];
    let body = &mut sealed[HEADER_BYTES..];
    let packed = lz4_flex::block::compress_into(bytes, body);
    let packed = packed.map_err(|e| Flaw::wrong(e.to_string()))?;
    sealed.truncate(HEADER_BYTES + packed);
    sealed[0] = FORMAT;
    sealed[1..5].copy_from_slice(&length.to_le_bytes());
    sealed[CHECKSUM].copy_from_slice(&hash[..CHECKSUM.len()]);
    Ok(sealed)
}

/// The most bytes that so many become.
pub(crate) const fn longest(bytes: usize) -> usize {
    HEADER_BYTES + lz4_flex::block::get_maximum_output_size(bytes)
}

/// Gives the bytes back, or says what is wrong with them.
pub(crate) fn unseal(sealed: &[u8]) -> Result<Vec<u8>, Flaw> {
    unseal_within(sealed, usize::MAX)
}

/// The same, of at most so many bytes: no more room is made before they are seen to be ours.
pub(crate) fn unseal_within(sealed: &[u8], length_max: usize) -> Result<Vec<u8>, Flaw> {
    let Some((header, body)) = sealed.split_at_checked(HEADER_BYTES) else {
        return Err(Flaw::wrong("it is cut off"));
    };
    if (1..FORMAT).contains(&header[0]) {
        return Err(Flaw::Earlier);
    }
    if header[0] != FORMAT {
        return Err(Flaw::wrong(format!("its format {} is unknown", header[0])));
    }
    let length = u32::from_le_bytes([header[1], header[2], header[3], header[4]]) as usize;
    if length > body.len().saturating_mul(RATIO_MAX) {
        return Err(Flaw::wrong(format!("{} bytes cannot hold {length}", body.len())));
    }
    if length > length_max {
        return Err(Flaw::wrong(format!("{length} bytes are more than {length_max}")));
    }
    let bytes = lz4_flex::block::decompress(body, length)
        .map_err(|e| Flaw::wrong(format!("it does not decompress: {e}")))?;
    if header[CHECKSUM] != blake3::hash(&bytes).as_bytes()[..CHECKSUM.len()] {
        return Err(Flaw::wrong("its checksum differs"));
    }
    if bytes.len() != length {
        return Err(Flaw::wrong(format!("it holds {} bytes, not {length}", bytes.len())));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_comes_back() {
        for length in [0, 1, 13, 1_000, 100_000] {
            let bytes: Vec<u8> = (0..length).map(|i: usize| (i * i / 7) as u8).collect();
            assert_eq!(unseal(&seal(&bytes).unwrap()), Ok(bytes));
        }
    }

    #[test]
    fn any_cut_is_found_and_any_flipped_bit_that_matters() {
        let whole = b"an outcome is never stored without what it taught";
        let sealed = seal(whole).unwrap();
        for at in 0..sealed.len() {
            assert!(unseal(&sealed[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut hurt = sealed.clone();
                hurt[at] ^= 1 << bit;
                // LZ4 leaves a few bits unused; whoever flips one of those gets the same bytes.
                let same = unseal(&hurt).is_ok_and(|bytes| bytes == whole);
                assert!(same || unseal(&hurt).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_seal_of_an_earlier_version_is_called_that() {
        let mut sealed = seal(b"x").unwrap();
        sealed[0] = 1;
        assert_eq!(unseal(&sealed), Err(Flaw::Earlier));
    }
}
