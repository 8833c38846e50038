//! Mails that wait, were sent, or can't be sent.

use contract::wire::mail::{MailState, MailTemplate};
use sea_orm::entity::prelude::*;

use super::corrupt;
use crate::domain::mail::Mail;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Option<Uuid>,
    pub to_address: String,
    pub template: String,
    pub content: Vec<u8>,
    pub state: String,
    pub attempts: i64,
    pub next_attempt_at: Option<i64>,
    pub error: Option<String>,
    pub created_at: i64,
    pub sent_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Mail {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            template: MailTemplate::parse(&row.template)
                .ok_or_else(|| corrupt("mails.template", &row.template))?,
            state: MailState::parse(&row.state)
                .ok_or_else(|| corrupt("mails.state", &row.state))?,
            id: row.id,
            user_id: row.user_id,
            to: row.to_address,
            content: row.content,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at.map(Timestamp),
            error: row.error,
            created_at: Timestamp(row.created_at),
            sent_at: row.sent_at.map(Timestamp),
        })
    }
}

impl From<Mail> for Model {
    fn from(mail: Mail) -> Self {
        Self {
            id: mail.id,
            user_id: mail.user_id,
            to_address: mail.to,
            template: mail.template.name().to_owned(),
            content: mail.content,
            state: mail.state.name().to_owned(),
            attempts: mail.attempts,
            next_attempt_at: mail.next_attempt_at.map(Timestamp::millis),
            error: mail.error,
            created_at: mail.created_at.millis(),
            sent_at: mail.sent_at.map(Timestamp::millis),
        }
    }
}
