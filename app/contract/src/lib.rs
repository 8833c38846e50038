//! What server and browser agree on. No Leptos, no axum, no database.
//!
//! - [`rules`]: the catalogue of rules; every refusal names one.
//! - [`wire`]: the JSON shapes of the API.
//! - [`validate`]: checks on values that a form and the server share.
//! - [`routes`]: every path, once.

pub mod routes;
pub mod rules;
pub mod validate;
pub mod wire;
