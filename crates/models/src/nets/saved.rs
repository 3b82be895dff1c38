//! A network as bytes: its parameters and its weights, in the envelope of every model.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ModelError;
use crate::nets::plain::{self, Array, Weight};
use crate::sealed::{self, Kind};

/// Parameters and weights in an envelope.
pub(crate) fn save<S: Serialize>(kind: Kind, spec: &S, weights: &[Array]) -> Vec<u8> {
    let body = postcard::to_stdvec(&(spec, weights)).expect("plain values always serialise");
    sealed::seal(kind, &body)
}

/// Reads what [`save`] wrote. `layout` says which weights such parameters come with, or nothing where
/// they make no sense; weights of another shape, or that are no numbers, are refused.
pub(crate) fn load<S: DeserializeOwned>(
    kind: Kind,
    bytes: &[u8],
    layout: impl FnOnce(&S) -> Option<Vec<Weight>>,
) -> Result<(S, Vec<Array>), ModelError> {
    let body = sealed::open(bytes, kind)?;
    let (spec, weights): (S, Vec<Array>) = match postcard::take_from_bytes(body) {
        Ok((read, [])) => read,
        _ => return Err(ModelError::Nonsense),
    };
    let layout = layout(&spec).ok_or(ModelError::Nonsense)?;
    plain::check(&weights, &layout)?;
    Ok((spec, weights))
}
