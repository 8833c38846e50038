//! Looking up access tokens: requests at the same time share one query.
//!
//! Introspection is the most frequent request of all, and its cost is mostly the way to the
//! database and back. One task takes the ids that wait, up to [`GROUP`], and asks for all of them
//! at once; a request on its own never waits. Nothing is cached: a revoked token is revoked in the
//! next answer.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::entities::access_tokens::token_of;
use super::entities::grants::grant_of;
use super::entities::{access_tokens, grants, users};
use super::lane::{GroupError, Lane};
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
type Answer = Result<Option<Found>, GroupError>;

enum Queued {
    Find(Uuid, oneshot::Sender<Answer>),
    Close(oneshot::Sender<()>),
}

pub(super) struct AccessTokenLoader {
    queue: mpsc::Sender<Queued>,
}

impl AccessTokenLoader {
    pub(super) fn start(lane: Lane) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(answer_groups(lane, waiting));
        (Self { queue }, task)
    }

    /// Answers the requests that wait, and none that come later.
    pub(super) async fn close(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Queued::Close(done)).await.is_ok() {
            let _ = wait.await;
        }
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
            .try_send(Queued::Find(id, answer))
            .map_err(|_| StoreError::Busy)?;
        let found = wait.await.map_err(|_| StoreError::Busy)??;
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

async fn answer_groups(mut lane: Lane, mut waiting: mpsc::Receiver<Queued>) {
    let mut group = Vec::with_capacity(GROUP);
    let mut asked = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let mut closed = None;
        for queued in group.drain(..) {
            match queued {
                Queued::Find(id, answer) => asked.push((id, answer)),
                Queued::Close(done) => closed = Some(done),
            }
        }
        if !asked.is_empty() {
            let connection = lane.connection();
            let question = find(&connection, asked.iter().map(|(id, _)| *id));
            let found = lane.within("a lookup of access tokens", question).await;
            for (id, answer) in asked.drain(..) {
                let _ = answer.send(match &found {
                    Ok(found) => Ok(found.get(&id).cloned()),
                    Err(error) => Err(error.clone()),
                });
            }
        }
        if let Some(done) = closed {
            lane.close().await;
            let _ = done.send(());
            return;
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
