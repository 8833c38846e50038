//! What the tests stand on: a server in this process on a database of its own, browsers,
//! applications and people made in one line, and assertions that check all of an answer.
//!
//! Nothing here sleeps or looks at a clock: tests move the server's clock themselves.

pub(crate) mod answer;
pub(crate) mod application;
pub(crate) mod authorization;
pub(crate) mod browser;
pub(crate) mod call;
pub(crate) mod checks;
pub(crate) mod database;
pub(crate) mod form;
pub(crate) mod form_post;
pub(crate) mod installation;
pub(crate) mod mail_server;
pub(crate) mod network;
pub(crate) mod registration;
pub(crate) mod server;
pub(crate) mod signer;
pub(crate) mod user;
pub(crate) mod web;

pub(crate) use answer::Answer;
pub(crate) use application::{TestApp, Tokens};
pub(crate) use authorization::{AuthorizationRequest, Code};
pub(crate) use browser::Browser;
pub(crate) use checks::{problem, refused, refused_by_redirect, refused_on_page};
pub(crate) use form::{Form, form, param};
pub(crate) use form_post::Posted;
pub(crate) use server::{TestServer, audit_entry};
pub(crate) use user::TestUser;

/// Makes two tests of one: on SQLite, and on PostgreSQL where there is one.
///
/// ```ignore
/// #[apply(on_both!)]
/// async fn a_code_is_redeemed_once(server: TestServer) { … }
/// ```
macro_rules! on_both {
    ($(#[$meta:meta])* async fn $name:ident($($argument:tt)*) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "some tests need nothing of what is around them")]
            use super::*;

            $(#[$meta])*
            async fn test($($argument)*) $body

            #[test]
            fn on_sqlite() {
                $crate::harness::server::on_sqlite(test);
            }

            #[test]
            fn on_postgres() {
                $crate::harness::server::on_postgres(test);
            }
        }
    };
}
pub(crate) use on_both;
