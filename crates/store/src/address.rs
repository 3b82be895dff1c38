//! Where a store is: from an address to a file that is ours, or is not there yet.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// What every SQLite file begins with.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What lies where a store is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, or a file without content.
    Nothing,
    /// A database. Whose, its own header must say.
    Database,
}

/// The file that an address means, absolute so that no special name is left in it.
pub(crate) fn path_of(url: &str) -> Result<PathBuf, StoreError> {
    let refuse = |why: &str| StoreError::Address { url: without_secret(url), why: why.to_owned() };
    let Some((scheme, path)) = url.split_once("://") else {
        return Err(refuse("write it as sqlite://PATH"));
    };
    match scheme {
        "sqlite" => {}
        "postgres" | "postgresql" => {
            return Err(refuse("PostgreSQL is not built into this version yet; use sqlite://PATH"));
        }
        _ => return Err(refuse(&format!("`{scheme}` is no kind of store; write sqlite://PATH"))),
    }
    if path.is_empty() || path.ends_with('/') {
        return Err(refuse("it names no file"));
    }
    if path.contains('?') {
        return Err(refuse("parameters after a ? are not understood"));
    }
    if path == ":memory:" || path.contains('\0') {
        return Err(refuse("a store is a file"));
    }
    std::path::absolute(path).map_err(|e| refuse(&e.to_string()))
}

/// An address without what may be a password, for sentences.
fn without_secret(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}...{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

/// Looks at what is there and touches nothing.
pub(crate) fn look(path: &Path) -> Result<Found, StoreError> {
    let shown = path.display().to_string();
    if path.is_dir() {
        return Err(StoreError::Foreign { path: shown, why: "it is a folder".to_owned() });
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) => return Err(StoreError::Unwritable { path: shown, why: e.to_string() }),
    };
    let mut begin = Vec::new();
    let read = file.by_ref().take(SQLITE_MAGIC.len() as u64).read_to_end(&mut begin);
    read.map_err(|e| StoreError::Unwritable { path: shown.clone(), why: e.to_string() })?;
    if begin.is_empty() {
        return Ok(Found::Nothing);
    }
    if begin == SQLITE_MAGIC {
        return Ok(Found::Database);
    }
    Err(StoreError::Foreign { path: shown, why: "it does not begin as a database does".to_owned() })
}

/// Makes the folders that the file is to lie in.
pub(crate) fn make_folders(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|e| StoreError::Unwritable {
        path: folder.display().to_string(),
        why: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(url: &str, sentence: &str) {
        let said = path_of(url).map_err(|e| e.to_string());
        assert_eq!(said.err().as_deref(), Some(sentence), "{url}");
    }

    #[test]
    fn what_is_no_address_gets_one_clear_sentence() {
        check_refused("x.db", "`x.db` is not the address of a store: write it as sqlite://PATH");
        check_refused(
            "postgres://localhost/x",
            "`postgres://localhost/x` is not the address of a store: PostgreSQL is not built into this version yet; use sqlite://PATH",
        );
        check_refused(
            "mysql://x",
            "`mysql://x` is not the address of a store: `mysql` is no kind of store; write sqlite://PATH",
        );
        check_refused("sqlite://", "`sqlite://` is not the address of a store: it names no file");
        check_refused(
            "sqlite://:memory:",
            "`sqlite://:memory:` is not the address of a store: a store is a file",
        );
    }

    #[test]
    fn an_address_is_a_path_as_it_is_written() {
        assert_eq!(path_of("sqlite:///srv/a b%20c.db").unwrap(), Path::new("/srv/a b%20c.db"));
        assert!(path_of("sqlite://x.db").unwrap().is_absolute());
    }
}
