//! A copy of a store, also of one that a host works on.

use std::path::Path;

use super::StartError;
use crate::config::Settings;
use crate::store;

pub use crate::store::BackedUp;

/// Copies the store that `settings` name into the new file `to`, looked through from end to end.
///
/// # Errors
/// When there is no store, the file cannot be written or is there already, or the store is damaged. Says what to do.
pub fn backup(settings: &Settings, to: &Path) -> Result<BackedUp, StartError> {
    Ok(store::backup(&settings.store, to)?)
}
