//! Looking up access tokens: whoever asks at the same time shares one query.
//!
//! Introspection is the most frequent request of all, and its cost is mostly the way to the
//! database and back. One task takes the ids that wait, up to [`GROUP`], and asks for all of
//! them at once; a request on its own waits for nobody. Nothing is cached: a token that was
//! revoked is revoked in the next answer.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::entities::access_tokens::token_of;
use super::entities::grants::grant_of;
use super::entities::{access_tokens, grants, users};
use super::{Store, StoreError};
use crate::domain::grant::FoundAccessToken;
use crate::domain::user::User;

/// Ids in one query at most.
const GROUP: usize = 64;
const QUEUE: usize = 4096;

/// A token with its grant and its user.
type Found = (
    access_tokens::Model,
    Option<grants::Model>,
    Option<users::Model>,
);
type Answer = Result<Option<Found>, Arc<DbErr>>;

pub(super) struct AccessTokenLoader {
    queue: mpsc::Sender<(Uuid, oneshot::Sender<Answer>)>,
}

impl AccessTokenLoader {
    pub(super) fn start(connection: DatabaseConnection) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(answer_groups(connection, waiting));
        Self { queue }
    }
}

impl Store {
    /// The access token with this id, its grant and its user.
    ///
    /// # Errors
    /// The database fails; [`StoreError::Busy`].
    pub async fn find_access_token(
        &self,
        id: Uuid,
    ) -> Result<Option<FoundAccessToken>, StoreError> {
        let (answer, wait) = oneshot::channel();
        self.inner
            .lookup
            .queue
            .try_send((id, answer))
            .map_err(|_| StoreError::Busy)?;
        let found = wait
            .await
            .map_err(|_| StoreError::Db(DbErr::Custom("the lookup has stopped".to_owned())))?
            .map_err(|error| StoreError::Db(DbErr::Custom(error.to_string())))?;
        found
            .map(|(token, grant, user)| {
                Ok(FoundAccessToken {
                    token: token_of(token)?,
                    grant: grant.map(grant_of),
                    user: user.map(User::try_from).transpose()?,
                })
            })
            .transpose()
    }
}

async fn answer_groups(
    connection: DatabaseConnection,
    mut waiting: mpsc::Receiver<(Uuid, oneshot::Sender<Answer>)>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let found = find(&connection, group.iter().map(|(id, _)| *id))
            .await
            .map_err(Arc::new);
        for (id, answer) in group.drain(..) {
            let _ = answer.send(match &found {
                Ok(found) => Ok(found.get(&id).cloned()),
                Err(error) => Err(error.clone()),
            });
        }
    }
}

async fn find(
    connection: &DatabaseConnection,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Found>, DbErr> {
    let tokens = access_tokens::Entity::find()
        .filter(access_tokens::Column::Id.is_in(distinct(ids)))
        .all(connection)
        .await?;
    let grant_ids = distinct(tokens.iter().filter_map(|token| token.grant_id));
    let mut grants = HashMap::new();
    if !grant_ids.is_empty() {
        let found = grants::Entity::find().filter(grants::Column::Id.is_in(grant_ids));
        grants.extend(found.all(connection).await?.into_iter().map(|g| (g.id, g)));
    }
    let user_ids = distinct(tokens.iter().filter_map(|token| token.user_id));
    let mut users = HashMap::new();
    if !user_ids.is_empty() {
        let found = users::Entity::find().filter(users::Column::Id.is_in(user_ids));
        users.extend(found.all(connection).await?.into_iter().map(|u| (u.id, u)));
    }
    Ok(tokens
        .into_iter()
        .map(|token| {
            let grant = token.grant_id.and_then(|id| grants.get(&id).cloned());
            let user = token.user_id.and_then(|id| users.get(&id).cloned());
            (token.id, (token, grant, user))
        })
        .collect())
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
