//! One file a page, a folder where a page has parts. The table of routes stands in `lib.rs`.

pub mod account;
pub mod apps;
pub mod connections;
pub mod consent;
mod decision;
pub mod device;
pub mod flow;
pub mod forgot;
/// Rendered by the server only: it is gone before the browser could take it over.
#[cfg(feature = "ssr")]
pub mod form_post;
pub mod home;
/// Rendered by the server only, without a script.
#[cfg(feature = "ssr")]
pub mod leave;
pub mod login;
pub mod logout;
pub mod message;
pub mod not_found;
pub mod playground;
pub mod refused;
pub mod reset;
/// Rendered by the server only: the browser does not carry the texts.
#[cfg(feature = "ssr")]
pub mod rules;
pub mod setup;
