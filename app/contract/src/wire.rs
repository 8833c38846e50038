//! JSON shapes of the API, shared by server and browser: serde only, one file a resource.
//!
//! Times are RFC 3339 in UTC, lifetimes are seconds, ids are UUIDs in text.

pub mod application;
pub mod audit;
pub mod client;
pub mod connection;
pub mod consent;
pub mod device;
pub mod flow;
pub mod logout;
pub mod mail;
pub mod page;
pub mod problem;
pub mod session;
