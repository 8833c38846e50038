//! People: added, disabled, given passwords and roles. The same for the command line and the API.
//!
//! Only administrators manage people. Changing one's own password is `account`'s, since it takes
//! the current one.

use contract::rules::{self, Rule};
use contract::wire::audit::AuditKind;
use contract::wire::session::Role;
use uuid::Uuid;

use super::by::By;
use super::form::FormFailure;
use crate::crypto::CryptoError;
use crate::crypto::password::{Caller, Passwords};
use crate::domain::field_errors::FieldErrors;
use crate::domain::password;
use crate::domain::refusal::Refusal;
use crate::domain::user::{User, login_key, valid_email, valid_username};
use crate::error::Error;
use crate::state::Core;
use crate::store::{AuditEntry, AuditEvent, NewPassword, NewUser, StoreError, UserFilter};

/// Users of one page at most.
pub const MAX_PAGE: u64 = 500;

/// A person who is to be added.
pub struct NewPerson<'a> {
    pub username: &'a str,
    pub email: &'a str,
    pub email_verified: bool,
    pub role: Role,
    pub password: &'a str,
}

/// What is wrong with a field. Each face says it in its own words.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    UsernameMissing,
    UsernameMalformed,
    UsernameTaken,
    EmailMissing,
    EmailMalformed,
    EmailTaken,
    Password(&'static Rule),
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum UserFailure {
    /// All of them, in the order of the fields.
    Faults(Vec<Fault>),
    Failed(Error),
}

impl From<Error> for UserFailure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for UserFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl From<CryptoError> for UserFailure {
    fn from(error: CryptoError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for UserFailure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict("username") => Self::Faults(vec![Fault::UsernameTaken]),
            StoreError::Conflict("email") => Self::Faults(vec![Fault::EmailTaken]),
            error => Self::Failed(error.into()),
        }
    }
}

/// In the words of the API and the pages.
impl From<UserFailure> for FormFailure {
    fn from(failure: UserFailure) -> Self {
        let faults = match failure {
            UserFailure::Faults(faults) => faults,
            UserFailure::Failed(error) => return error.into(),
        };
        let mut errors = FieldErrors::default();
        for fault in faults {
            match fault {
                Fault::UsernameMissing => errors.add("username", &rules::FIELD_REQUIRED),
                Fault::UsernameMalformed => {
                    let form = "At most 64 characters, without @ and without spaces at the ends.";
                    errors.add_detail("username", &rules::FIELD_MALFORMED, form);
                }
                Fault::UsernameTaken => errors.add("username", &rules::VALUE_TAKEN),
                Fault::EmailMissing => errors.add("email", &rules::FIELD_REQUIRED),
                Fault::EmailMalformed => {
                    let form = "Like ada@example.com.";
                    errors.add_detail("email", &rules::FIELD_MALFORMED, form);
                }
                Fault::EmailTaken => errors.add("email", &rules::VALUE_TAKEN),
                Fault::Password(rule) => errors.add("password", rule),
            }
        }
        errors.into()
    }
}

/// What is wrong with this person, apart from what is taken.
///
/// # Errors
/// Every fault.
pub fn check(new: &NewPerson<'_>) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    if new.username.is_empty() {
        faults.push(Fault::UsernameMissing);
    } else if !valid_username(new.username) {
        faults.push(Fault::UsernameMalformed);
    }
    if new.email.is_empty() {
        faults.push(Fault::EmailMissing);
    } else if !valid_email(new.email) {
        faults.push(Fault::EmailMalformed);
    }
    if let Err(rule) = password::check(new.password, &[new.username, new.email]) {
        faults.push(Fault::Password(rule));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Adds a person.
///
/// # Errors
/// `role-required`; every fault; the database fails.
pub async fn create(
    core: &Core,
    passwords: &Passwords,
    by: By<'_>,
    new: &NewPerson<'_>,
) -> Result<User, UserFailure> {
    administrator(by)?;
    let user = checked(core, passwords, new).await?;
    let audit = entry(core, by, AuditKind::UserCreated, user.id, "");
    Ok(core.store.insert_user(user, audit).await?)
}

/// Adds the first person, who asks for it themselves. `None` when there is one already.
///
/// # Errors
/// Every fault; the database fails.
pub async fn create_first(
    core: &Core,
    passwords: &Passwords,
    new: &NewPerson<'_>,
) -> Result<Option<User>, UserFailure> {
    let user = checked(core, passwords, new).await?;
    let audit = core.audit_entry(AuditEvent {
        kind: AuditKind::UserFirstCreated,
        actor_id: Some(user.id),
        user_id: Some(user.id),
        client_id: None,
        detail: String::new(),
    });
    Ok(core.store.insert_first_admin(user, audit).await?)
}

async fn checked(
    core: &Core,
    passwords: &Passwords,
    new: &NewPerson<'_>,
) -> Result<NewUser, UserFailure> {
    check(new).map_err(UserFailure::Faults)?;
    let password_hash = passwords.hash(new.password, Caller::Known).await?;
    let now = core.now();
    Ok(NewUser {
        id: core.random.uuid(now),
        username: new.username.to_owned(),
        email: new.email.to_owned(),
        email_verified: new.email_verified,
        role: new.role,
        password_hash,
        now,
    })
}

/// Sets the password of a person who may have forgotten it, and ends their sessions. A server
/// wakes `App::logouts` afterwards, so that applications are told at once.
///
/// # Errors
/// `role-required`, `not-found`; the fault of the password; the database fails.
pub async fn set_password(
    core: &Core,
    passwords: &Passwords,
    by: By<'_>,
    user: &User,
    new: &str,
) -> Result<(), UserFailure> {
    administrator(by)?;
    password::check(new, &[&user.username, &user.email])
        .map_err(|rule| UserFailure::Faults(vec![Fault::Password(rule)]))?;
    let hash = passwords.hash(new, Caller::Known).await?;
    let audit = entry(core, by, AuditKind::UserPasswordSet, user.id, "");
    let (store, now) = (&core.store, core.now());
    if store
        .set_password(NewPassword::new(user.id, hash, now), audit)
        .await?
    {
        Ok(())
    } else {
        Err(not_found().into())
    }
}

/// Disables a person, which ends their sessions and stops what they granted, or enables them
/// again. A server wakes `App::logouts` afterwards. The person as they stand then.
///
/// # Errors
/// `role-required`, `not-found`; the database fails.
pub async fn set_disabled(
    core: &Core,
    by: By<'_>,
    user: &User,
    disabled: bool,
) -> Result<User, Error> {
    administrator(by)?;
    let (store, now) = (&core.store, core.now());
    if disabled {
        let audit = entry(core, by, AuditKind::UserDisabled, user.id, "");
        store.disable_user(user.id, now, audit).await?;
    } else {
        let audit = entry(core, by, AuditKind::UserEnabled, user.id, "");
        store.enable_user(user.id, now, audit).await?;
    }
    reread(core, user.id).await
}

/// Gives a person another role. The person as they stand then.
///
/// # Errors
/// `role-required`, `not-found`; the database fails.
pub async fn set_role(core: &Core, by: By<'_>, user: &User, role: Role) -> Result<User, Error> {
    administrator(by)?;
    let audit = entry(core, by, AuditKind::UserRoleChanged, user.id, role.name());
    core.store
        .set_role(user.id, role, core.now(), audit)
        .await?;
    reread(core, user.id).await
}

/// The person with this user name, in whatever case.
///
/// # Errors
/// The database fails.
pub async fn find(core: &Core, username: &str) -> Result<Option<User>, Error> {
    Ok(core.store.user_by_name(username).await?)
}

/// A part of a list.
pub struct UserPage {
    pub items: Vec<User>,
    /// Where the next part begins.
    pub next: Option<String>,
}

/// People by user name; `after` is the `next` of the part before.
///
/// # Errors
/// `role-required`; the database fails.
pub async fn list(
    core: &Core,
    by: By<'_>,
    filter: &UserFilter,
    after: Option<&str>,
    limit: u64,
) -> Result<UserPage, Error> {
    administrator(by)?;
    let limit = limit.clamp(1, MAX_PAGE);
    // One more, which says whether there is more.
    let mut items = core.store.list_users(filter, after, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > page;
    items.truncate(page);
    let last = items.last().filter(|_| more);
    let next = last.map(|user| login_key(&user.username));
    Ok(UserPage { items, next })
}

fn administrator(by: By<'_>) -> Result<(), Refusal> {
    if by.is_administrator() {
        Ok(())
    } else {
        Err(Refusal::new(&rules::ROLE_REQUIRED).detail("You need the administrator role for this."))
    }
}

fn not_found() -> Refusal {
    Refusal::new(&rules::NOT_FOUND)
}

async fn reread(core: &Core, id: Uuid) -> Result<User, Error> {
    let user = core.store.user_by_id(id).await?;
    user.ok_or_else(|| not_found().into())
}

/// Who changes whom, for the audit log.
fn entry(core: &Core, by: By<'_>, kind: AuditKind, user_id: Uuid, detail: &str) -> AuditEntry {
    let (actor_id, detail) = by.audited(detail);
    core.audit_entry(AuditEvent {
        kind,
        actor_id,
        user_id: Some(user_id),
        client_id: None,
        detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_person_is_checked() {
        let errors = |username, email, password| {
            let new = NewPerson {
                username,
                email,
                email_verified: false,
                role: Role::User,
                password,
            };
            let faults = check(&new).err().unwrap_or_default();
            let (_, errors) = FormFailure::from(UserFailure::Faults(faults)).into_parts();
            errors
        };
        let good = "correct horse battery";
        assert!(errors("ada", "ada@example.com", good).is_empty());
        let all = errors("", "ada", "ada");
        let fields: Vec<&str> = all.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["email", "password", "username"]);
        assert!(!errors("a\0", "ada@example.com", good).is_empty());
        assert!(!errors("ada", "", good).is_empty());
    }
}
