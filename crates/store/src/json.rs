//! Values as text that reads back as the same value.

use crate::StoreError;
use crate::columns::Flaw;

/// JSON that reads back as the same value. JSON has no NaN; a weight that is none must not become
/// a version that nobody can read.
pub(crate) fn written<T>(value: &T, what: impl Fn() -> String) -> Result<String, StoreError>
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq,
{
    let unfit = |why: String| StoreError::Unfit { what: what(), why };
    let text = serde_json::to_string(value).map_err(|e| unfit(e.to_string()))?;
    match serde_json::from_str::<T>(&text) {
        Ok(back) if back == *value => Ok(text),
        Ok(_) => Err(unfit("it does not read back as itself".to_owned())),
        Err(e) => Err(unfit(e.to_string())),
    }
}

/// What [`written`] wrote.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Flaw> {
    serde_json::from_str(text).map_err(|e| Flaw::wrong(format!("its text cannot be read ({e})")))
}
