//! One binary with every integration test: one file an area, on the harness beside them.
//!
//! A test's name is the sentence that it proves. Each has a server and a database of its own;
//! where `CLAVIGER_TEST_POSTGRES` names a PostgreSQL server, most run on both databases.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod harness;

mod application_rules;
mod applications;
mod authorize;
mod authorize_person;
mod authorize_rules;
mod cli;
mod cli_server;
mod client_auth;
mod client_credentials;
mod client_library;
mod code;
mod conformance;
mod connections;
mod consent;
mod cors;
mod flows;
mod health;
mod id_token;
mod introspect_revoke;
mod layers;
mod openapi;
mod passwords;
mod pkce;
mod redirect_uri;
mod refresh;
mod refresh_replay;
mod secrets;
mod sessions;
mod setup;
mod store;
mod sweep;
mod token;
mod userinfo_metadata;
