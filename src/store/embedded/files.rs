//! The directory: who owns it, and that nobody else reads it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The database inside the store's directory.
pub(super) const DATABASE: &str = "buttonhook.db";
/// Held locked by the process that owns the store. A file of its own, because SQLite locks parts of the database itself.
const LOCK: &str = "buttonhook.lock";

/// Makes the directory where it is missing and takes it for this process. The store is ours until the file is closed; the
/// system closes it even when the process is killed.
pub(super) fn own(dir: &Path) -> Result<File, StoreError> {
    make_directory(dir).map_err(|error| cannot("make the directory", dir, &error))?;
    let path = dir.join(LOCK);
    let lock = private().open(&path).map_err(|error| cannot("write", &path, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: dir.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(cannot("lock", &path, &error)),
    }
}

/// The database's path; an empty file is made where none is, so that it is ours alone from its first byte on. SQLite gives
/// its log the mode of the database.
pub(super) fn database(dir: &Path) -> Result<PathBuf, StoreError> {
    let path = dir.join(DATABASE);
    private().open(&path).map_err(|error| cannot("write", &path, &error))?;
    Ok(path)
}

/// Where SQLite keeps what is committed and not yet copied into the database.
pub(super) fn log_of(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    PathBuf::from(path)
}

fn make_directory(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens, or makes readable by its owner only: the store holds secrets and people's words.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::Failed(format!(
        "cannot {what} {}: {error}; give this user the right to write there, or choose another directory with BUTTONHOOK_STORE",
        path.display()
    ))
}
