//! Rules on the registration and metadata documents.

use super::Rule;

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[];
