//! Rules on the device grant.

use super::Rule;

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[];
