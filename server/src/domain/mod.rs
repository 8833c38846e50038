//! The rules of the protocol as plain values and functions.
//!
//! Nothing in here knows axum, sea-orm or the clock: `now` and randomness are arguments. To add
//! a rule: an entry in the catalogue (`contract::rules`), a function here that returns what it parsed
//! or a [`Refusal`](refusal::Refusal), and a row in that function's table of tests.

pub mod assertion;
pub mod authorization;
pub mod claims;
pub mod client;
pub mod client_document;
pub mod consent;
pub mod credential;
pub mod device;
pub mod field_errors;
pub mod freshness;
pub mod grant;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod key;
pub mod logout;
pub mod mail;
pub mod metadata_problems;
pub mod password;
pub mod pkce;
pub mod redact;
pub mod redirect_uri;
pub mod refusal;
pub mod registration;
pub mod resource;
pub mod scope;
pub mod session;
pub mod time;
pub mod trace;
pub mod user;
