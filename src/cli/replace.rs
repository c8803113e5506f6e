//! Puts a file's new text in place of its old one, for the commands that change what authors wrote.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Puts `new` in the place of `old` at once, so that nobody ever sees half of it, not even after a power cut. Who may read the file
/// stays as it was. Does nothing, and says `false`, when the file is no longer `old`: somebody saved it meanwhile.
///
/// # Errors
/// When the disk or the rights do not allow it; the file is as it was then.
pub(super) fn replace(file: &Path, old: &[u8], new: &[u8]) -> io::Result<bool> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // No ending of a flow or a script: whoever watches the project leaves it alone.
    let beside = folder.join(format!(".{name}.{}.new", std::process::id()));
    let moved = write_beside(file, &beside, new).and_then(|()| {
        let still = fs::read(file)? == old;
        if still { fs::rename(&beside, file).map(|()| true) } else { Ok(false) }
    });
    if !matches!(moved, Ok(true)) {
        // What was begun is of no use to anybody; that it may stay is the smaller trouble.
        let _ = fs::remove_file(&beside);
        return moved;
    }
    // Not every system lets a directory be synced; the file is whole either way.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    moved
}

fn write_beside(file: &Path, beside: &Path, new: &[u8]) -> io::Result<()> {
    let mut written = File::create_new(beside)?;
    written.set_permissions(fs::metadata(file)?.permissions())?;
    written.write_all(new)?;
    written.sync_all()
}
