//! What lies beside the project and is no part of it.

use std::path::{Path, PathBuf};

/// Real bars outside the project, where there are any: `HINDSIGHT_DATA`, else `../shared/data` beside it.
pub(crate) fn shared(folder: &str, test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("HINDSIGHT_DATA").map_or_else(beside, PathBuf::from);
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {test} needs {}", path.display());
    None
}
