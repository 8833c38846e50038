//! One binary with every integration test: one file an area, on the harness beside them.
//!
//! A test's name is the sentence that it proves. Each has a server and a database of its own;
//! where `CLAVIGER_TEST_POSTGRES` names a PostgreSQL server, most run on both databases.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod harness;

mod application_rules;
mod applications;
mod attacks;
mod attacks_hints;
mod attacks_kinds;
mod authorize;
mod authorize_person;
mod authorize_rules;
mod backchannel;
mod backchannel_delivery;
mod change;
mod cli;
mod cli_server;
mod client_assertion;
mod client_assertion_keys;
mod client_auth;
mod client_credentials;
mod client_document;
mod client_document_fetch;
mod client_library;
mod client_metadata;
mod code;
mod conformance;
mod connections;
mod consent;
mod cors;
mod device;
mod device_page;
mod device_person;
mod device_token;
mod edges;
mod faults;
mod flows;
mod health;
mod id_token;
mod introspect_revoke;
mod jwt_access_token;
mod layers;
mod logout;
mod logout_races;
mod logout_request;
mod openapi;
mod pages;
mod passwords;
mod pkce;
mod prompt;
mod pushed;
mod pushed_endpoint;
mod redirect_uri;
mod refresh;
mod refresh_replay;
mod registration;
mod registration_access;
mod registration_manage;
mod resource;
mod resource_lost;
mod resource_servers;
mod response_mode;
mod secrets;
mod self_registered;
mod session_end;
mod sessions;
mod setup;
mod signing_keys;
mod step_up;
mod store;
mod strange_input;
mod sweep;
mod token;
mod userinfo_metadata;
