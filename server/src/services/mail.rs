//! Mails to people: written here, sealed, and sent by a job. What one holds is readable only for
//! administrators, and its link only while nothing sends mail: then handing it over is theirs.

use contract::rules;
use contract::wire::mail::{MailItem, MailList, MailState};
use uuid::Uuid;

use crate::crypto::CryptoError;
use crate::crypto::random::Random;
use crate::crypto::seal::Seal;
use crate::crypto::secret_key::SecretKey;
use crate::domain::mail::{Mail, MailContent};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::mail::{Delivery, Sender};
use crate::state::App;
use crate::store::{MailFilter, Store, StoreError};

/// Rows of a page when a request asks for no other number, and at most.
const PAGE: u64 = 50;
const MOST: u64 = 200;

/// What seals mails.
///
/// # Errors
/// Can't happen for a key of ours.
pub fn seal(key: &SecretKey) -> Result<Seal, CryptoError> {
    Seal::new(&key.derive("mails"))
}

/// A mail that is to be written, with the change that it tells of.
///
/// # Errors
/// It can't be sealed.
pub fn compose(state: &App, user: &User, content: &MailContent) -> Result<Mail, Error> {
    let now = state.now();
    let id = state.random.uuid(now);
    let delivery = state.delivery();
    Ok(Mail {
        id,
        user_id: Some(user.id),
        to: user.email.clone(),
        template: content.template(),
        content: close(&state.mail_seal, id, content, &state.random)?,
        state: match delivery {
            Delivery::Sent => MailState::Queued,
            Delivery::Kept => MailState::Kept,
        },
        attempts: 0,
        next_attempt_at: (delivery == Delivery::Sent).then_some(now),
        error: None,
        created_at: now,
        sent_at: None,
    })
}

fn close(
    seal: &Seal,
    id: Uuid,
    content: &MailContent,
    random: &Random,
) -> Result<Vec<u8>, CryptoError> {
    let plain = serde_json::to_vec(content).map_err(|_| CryptoError::Seal)?;
    seal.seal(&plain, id.as_bytes(), random)
}

/// What a mail holds.
///
/// # Errors
/// It was sealed with another key.
pub fn open(seal: &Seal, mail: &Mail) -> Result<MailContent, CryptoError> {
    let plain = seal.open(&mail.content, mail.id.as_bytes())?;
    serde_json::from_slice(&plain).map_err(|_| CryptoError::Seal)
}

/// Whose mails these are.
pub fn sender(state: &App) -> Sender {
    Sender {
        name: "Claviger".to_owned(),
        host: state.url.host().to_owned(),
    }
}

/// Writes a mail to this administrator, to see whether mail arrives.
///
/// # Errors
/// `role-required`, `too-many-mails`; the database fails.
pub async fn send_test(state: &App, administrator: &User) -> Result<MailItem, Error> {
    administrator.require_admin()?;
    let content = MailContent::Test {
        username: administrator.username.clone(),
    };
    let mail = compose(state, administrator, &content)?;
    if !state.store.insert_mail(mail.clone()).await? {
        return Err(Refusal::new(&rules::TOO_MANY_MAILS).into());
    }
    state.mails.notify_one();
    Ok(item(mail, None))
}

/// What a request for a page of mails asks.
#[derive(Clone, Debug, Default)]
pub struct MailQuery {
    /// A part of the address.
    pub query: Option<String>,
    pub state: Option<MailState>,
    pub limit: Option<u64>,
    /// The last mail of the page before.
    pub cursor: Option<Uuid>,
}

/// A page of mails, newest first.
///
/// # Errors
/// `role-required`; the database fails.
pub async fn list(state: &App, person: &User, asked: &MailQuery) -> Result<MailList, Error> {
    person.require_admin()?;
    Ok(page(
        &state.store,
        asked,
        state.delivery(),
        Some(&state.mail_seal),
    )
    .await?)
}

/// As [`list`], for callers that have proven their right: the command line. Without `seal` no link
/// is shown.
///
/// # Errors
/// The database fails.
pub async fn page(
    store: &Store,
    asked: &MailQuery,
    delivery: Delivery,
    seal: Option<&Seal>,
) -> Result<MailList, StoreError> {
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MOST);
    let filter = MailFilter {
        state: asked.state,
        to: asked.query.clone().filter(|query| !query.is_empty()),
        before: asked.cursor,
    };
    let mut mails = store.mails(&filter, limit + 1).await?;
    let more = u64::try_from(mails.len()).is_ok_and(|count| count > limit);
    if more {
        mails.pop();
    }
    Ok(MailList {
        next: mails
            .last()
            .filter(|_| more)
            .map(|mail| mail.id.to_string()),
        items: mails
            .into_iter()
            .map(|mail| {
                let link = shown_link(&mail, delivery, seal);
                item(mail, link)
            })
            .collect(),
        sends: delivery == Delivery::Sent,
    })
}

/// The link of a mail that no mail server was ever given, while there is none.
fn shown_link(mail: &Mail, delivery: Delivery, seal: Option<&Seal>) -> Option<String> {
    if delivery == Delivery::Sent || mail.state != MailState::Kept {
        return None;
    }
    let content = open(seal?, mail).ok()?;
    content.link().map(str::to_owned)
}

fn item(mail: Mail, link: Option<String>) -> MailItem {
    MailItem {
        id: mail.id.to_string(),
        at: mail.created_at.rfc3339(),
        to: mail.to,
        template: mail.template,
        state: mail.state,
        attempts: mail.attempts,
        next_attempt_at: mail.next_attempt_at.map(Timestamp::rfc3339),
        sent_at: mail.sent_at.map(Timestamp::rfc3339),
        error: mail.error,
        link,
    }
}
