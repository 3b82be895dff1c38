//! Bytes as they lie in the store: compressed, and with a checksum that finds damage.

use std::ops::Range;

use crate::columns::Flaw;

const FORMAT: u8 = 1;
const HEADER_BYTES: usize = 13;
/// Where the checksum lies.
pub(crate) const CHECKSUM: Range<usize> = 5..HEADER_BYTES;
/// LZ4 stretches a byte to at most this many.
const RATIO_MAX: usize = 255;

/// Compresses `bytes` and puts format, length and checksum before them.
pub(crate) fn seal(bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    let length = u32::try_from(bytes.len())
        .map_err(|_| Flaw(format!("{} bytes are more than a row can hold", bytes.len())))?
        .to_le_bytes();
    let mut sealed = vec![0; HEADER_BYTES + lz4_flex::block::get_maximum_output_size(bytes.len())];
    let body = &mut sealed[HEADER_BYTES..];
    let packed = lz4_flex::block::compress_into(bytes, body).map_err(|e| Flaw(e.to_string()))?;
    let sum = checksum(length, &body[..packed]);
    sealed.truncate(HEADER_BYTES + packed);
    sealed[0] = FORMAT;
    sealed[1..5].copy_from_slice(&length);
    sealed[CHECKSUM].copy_from_slice(&sum);
    Ok(sealed)
}

/// Gives the bytes back, or says what is wrong with them.
pub(crate) fn unseal(sealed: &[u8]) -> Result<Vec<u8>, Flaw> {
    let Some((header, body)) = sealed.split_at_checked(HEADER_BYTES) else {
        return Err(Flaw("it is cut off".to_owned()));
    };
    if header[0] != FORMAT {
        return Err(Flaw(format!("its format {} is unknown", header[0])));
    }
    let length = [header[1], header[2], header[3], header[4]];
    if header[CHECKSUM] != checksum(length, body) {
        return Err(Flaw("its checksum differs".to_owned()));
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > body.len().saturating_mul(RATIO_MAX) {
        return Err(Flaw(format!("{} bytes cannot hold {length}", body.len())));
    }
    let bytes = lz4_flex::block::decompress(body, length)
        .map_err(|e| Flaw(format!("it does not decompress: {e}")))?;
    if bytes.len() != length {
        return Err(Flaw(format!("it holds {} bytes, not {length}", bytes.len())));
    }
    Ok(bytes)
}

/// The first eight bytes of BLAKE3: enough against damage, and nobody forges their own store.
fn checksum(length: [u8; 4], body: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&length).update(body);
    let mut short = [0; 8];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    short
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
    fn any_flipped_bit_and_any_cut_is_found() {
        let sealed = seal(b"an outcome is never stored without what it taught").unwrap();
        for at in 0..sealed.len() {
            assert!(unseal(&sealed[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut hurt = sealed.clone();
                hurt[at] ^= 1 << bit;
                assert!(unseal(&hurt).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}
