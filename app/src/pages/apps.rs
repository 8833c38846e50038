//! The applications of a developer: list, registration, and the page of one in its tabs.
//!
//! To add a tab: a file here, an arm and a `Tab` in `detail.rs`. What two of these pages say
//! stands in `fields.rs`, what the forms send in `draft.rs`.

pub mod advanced;
pub mod credentials;
pub mod delete;
pub mod detail;
pub mod disable;
pub mod fields;
pub mod flows;
pub mod form;
pub mod list;
pub mod logouts;
pub mod new;
pub mod overview;
pub mod quickstart;
pub mod secret;
pub mod settings;
pub mod snippets;

pub use detail::AppPage;
pub use list::AppsPage;
pub use new::NewAppPage;
