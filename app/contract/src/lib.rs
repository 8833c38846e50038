//! What server and browser agree on. No Leptos, no axum, no database.
//!
//! - [`rules`]: the catalogue of rules; every refusal names one.
//! - [`date`]: days in words.
//! - [`mod@named`]: values with one name each.
//! - [`wire`]: the JSON shapes of the API.
//! - [`validate`]: checks on values that a form and the server share.
//! - [`routes`]: every path, once.

pub mod date;
pub mod named;
pub mod routes;
pub mod rules;
pub mod validate;
pub mod wire;
