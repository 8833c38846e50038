//! The connections that requests read from, with a limit on each question.

use std::future::Future;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};

pub(crate) struct Reader {
    pub(super) connection: DatabaseConnection,
    /// SQLite is no network: its answer always comes.
    pub(super) limit: Option<Duration>,
}

impl Reader {
    async fn within<T>(
        &self,
        question: impl Future<Output = Result<T, DbErr>> + Send,
    ) -> Result<T, DbErr> {
        let Some(limit) = self.limit else {
            return question.await;
        };
        tokio::time::timeout(limit, question)
            .await
            .unwrap_or_else(|_| {
                let late = "the database did not answer in time".to_owned();
                Err(DbErr::Conn(RuntimeErr::Internal(late)))
            })
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.within(self.connection.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.within(self.connection.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.within(self.connection.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.within(self.connection.query_all_raw(statement)).await
    }
}
