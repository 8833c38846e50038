//! Claviger: your own OAuth 2.1 / OpenID Connect provider.
//!
//! Arrows go down only: `oauth`, `api`, `web` → `services` → `http` → `store` → `crypto`, `outbound` →
//! `domain`.
//! `oauth` and `api` do not know each other; SeaORM stays in `store`, Leptos in `web`.

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod error;
pub mod http;
pub mod jobs;
pub mod limits;
pub mod mail;
pub mod notify;
pub mod oauth;
pub mod outbound;
pub mod private_file;
pub mod router;
pub mod services;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod urls;
pub mod web;
