//! People.

use std::sync::LazyLock;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use claviger::crypto::hash::credential_hash;
use claviger::domain::credential::CredentialKind;
use claviger::domain::session::ABSOLUTE_LIFETIME;
use claviger::store::{NewSession, NewUser};
use contract::wire::session::Role;
use uuid::Uuid;

use super::audit_entry;
use super::{Browser, TestServer};

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Made once, with the least work that argon2 takes: a check costs what its hash says.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(PASSWORD.as_bytes(), b"sixteen bytes of")
        .unwrap()
        .to_string()
});

#[derive(Clone, Debug)]
pub(crate) struct TestUser {
    pub(crate) id: Uuid,
    pub(crate) username: String,
    pub(crate) password: String,
}

impl TestServer {
    /// A new user who may sign in and no more.
    pub(crate) async fn user(&self, name: &str) -> TestUser {
        self.user_who_is(Role::User, name).await
    }

    pub(crate) async fn developer(&self, name: &str) -> TestUser {
        self.user_who_is(Role::Developer, name).await
    }

    pub(crate) async fn admin(&self, name: &str) -> TestUser {
        self.user_who_is(Role::Admin, name).await
    }

    async fn user_who_is(&self, role: Role, name: &str) -> TestUser {
        let now = self.state.now();
        let new = NewUser {
            id: self.state.random.uuid(now),
            username: name.to_owned(),
            email: format!("{name}@example.com"),
            email_verified: false,
            role,
            password_hash: HASH.clone(),
            now,
        };
        let user = self
            .state
            .store
            .insert_user(new, audit_entry())
            .await
            .unwrap();
        TestUser {
            id: user.id,
            username: user.username,
            password: PASSWORD.to_owned(),
        }
    }

    /// A browser in which this person signed in a moment ago.
    pub(crate) async fn signed_in(&self, user: &TestUser) -> Browser {
        let now = self.state.now();
        let credential = self.state.random.credential(CredentialKind::Session, now);
        let new = NewSession {
            id: credential.id,
            sid: credential.id,
            amr: "pwd".to_owned(),
            secret_hash: credential_hash(&credential),
            user_id: user.id,
            user_agent: "a test".to_owned(),
            now,
            expires_at: now + ABSOLUTE_LIFETIME,
        };
        let begun = self.state.store.replace_session(None, new, None).await;
        assert!(begun.unwrap().is_some());
        let browser = self.browser();
        browser.set_cookie("claviger_session", &credential.reveal());
        browser
    }

    /// The browser of a new user who is signed in.
    pub(crate) async fn browser_of(&self, name: &str) -> Browser {
        let user = self.user(name).await;
        self.signed_in(&user).await
    }
}
