//! The database schema, step by step.
//!
//! One file a step; a step that has been released is never edited. Steps speak SQL through
//! [`dialect`], never the entities of the server: an entity changes, a step must not.
//!
//! To add one: `m000N_what_it_does.rs` with a `Migration` that implements [`MigrationTrait`],
//! and a line in [`Migrator::migrations`].

pub use sea_orm_migration::prelude::*;

mod dialect;
mod m0001_people;
mod m0002_applications;
mod m0003_grants;
mod m0004_records;
mod m0005_protocol;
mod m0006_networks;
mod m0007_used_client_ids;
mod m0008_consent;
mod m0009_email_verified;
mod m0011_audit_kinds;
mod m0012_lifetimes;
mod m0014_mails;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people::Migration),
            Box::new(m0002_applications::Migration),
            Box::new(m0003_grants::Migration),
            Box::new(m0004_records::Migration),
            Box::new(m0005_protocol::Migration),
            Box::new(m0006_networks::Migration),
            Box::new(m0007_used_client_ids::Migration),
            Box::new(m0008_consent::Migration),
            Box::new(m0009_email_verified::Migration),
            Box::new(m0011_audit_kinds::Migration),
            Box::new(m0012_lifetimes::Migration),
            Box::new(m0014_mails::Migration),
        ]
    }
}
