//! Files that only their owner may read: the secret key and the database of SQLite.

use std::fs::{File, OpenOptions};
use std::path::Path;

/// What tells a file from another one that stands at the same place later.
pub type Identity = (u64, u64);

/// Makes a file with mode 0600 if it is not there, and opens it to write.
///
/// # Errors
/// It can't be made, or not be written.
pub fn make(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The mode of a file that more than its owner may use.
#[cfg(unix)]
pub fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Takes the rights of other users from a file, and logs it. A file that another user owns keeps
/// its mode.
#[cfg(unix)]
pub fn close_to_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let Some(mode) = open_to_others(path) else {
        return;
    };
    let file = path.display();
    let owners = std::fs::Permissions::from_mode(mode & 0o700);
    match std::fs::set_permissions(path, owners) {
        Ok(()) => tracing::warn!("{file} had mode {mode:04o}; now only its owner may read it"),
        Err(error) => tracing::warn!(%error, "{file} has mode {mode:04o}: others may read it"),
    }
}

#[cfg(unix)]
pub fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;

    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub fn open_to_others(_path: &Path) -> Option<u32> {
    None
}

#[cfg(not(unix))]
pub fn close_to_others(_path: &Path) {}

#[cfg(not(unix))]
pub fn identity(_path: &Path) -> Option<Identity> {
    None
}
