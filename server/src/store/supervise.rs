//! The tasks that every request depends on: one that dies is told of.
//!
//! A process whose writer is gone would answer 503 until it is started again, and look alive.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Store;

/// Which task has died.
pub(super) struct Supervisor(watch::Sender<Option<&'static str>>);

impl Supervisor {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Tells of it when this task panics. One that ends by itself was told to.
    pub(super) fn watch(&self, name: &'static str, task: JoinHandle<()>) {
        let died = self.0.clone();
        tokio::spawn(async move {
            if let Err(error) = task.await
                && error.is_panic()
            {
                tracing::error!(task = name, "a task that every request needs has died");
                died.send_replace(Some(name));
            }
        });
    }

    async fn died(&self) -> &'static str {
        let mut died = self.0.subscribe();
        match died.wait_for(Option::is_some).await {
            Ok(name) => name.unwrap_or_default(),
            // Never: we hold the sender.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Store {
    /// Returns when one of the store's own tasks has died, which no request survives, with the
    /// name of the task. The process has to end then.
    pub async fn died(&self) -> &'static str {
        self.inner.supervisor.died().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_told_of_and_one_that_ends_is_not() {
        let supervisor = Supervisor::new();
        let ended = tokio::spawn(async {});
        let dies = tokio::spawn(async { panic!("injected") });
        supervisor.watch("ended", ended);
        supervisor.watch("dies", dies);
        assert_eq!(supervisor.died().await, "dies");
    }

    #[tokio::test]
    async fn a_writer_that_panics_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("x.db").display());
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        let write: Result<(), _> = store.write(|_| panic!("injected")).await;
        write.unwrap_err();
        assert_eq!(store.died().await, "writer");
    }
}
