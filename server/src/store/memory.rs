//! What the store keeps in memory of the configuration: applications, and the origins that they
//! allow.
//!
//! A read takes a while, and the configuration may change meanwhile. So everything stands with
//! the number that counted when its read began, and is good for that number only: what was read
//! before a change is not found after it, whenever it comes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache;

use crate::domain::client::Client;

const CLIENTS: u64 = 10_000;
const KEPT: Duration = Duration::from_mins(1);

/// Says when a read began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Began(u64);

pub(super) struct Memory<C = Client> {
    /// How often everything was forgotten.
    forgotten: AtomicU64,
    clients: Cache<String, (Began, Arc<C>)>,
    origins: RwLock<Option<(Began, Arc<HashSet<String>>)>>,
}

impl<C: Send + Sync + 'static> Memory<C> {
    pub(super) fn new() -> Self {
        Self {
            forgotten: AtomicU64::new(0),
            clients: Cache::builder()
                .max_capacity(CLIENTS)
                .time_to_live(KEPT)
                .build(),
            origins: RwLock::new(None),
        }
    }

    /// To be called before the read of what is then kept.
    pub(super) fn begin(&self) -> Began {
        Began(self.forgotten.load(Ordering::Acquire))
    }

    pub(super) fn client(&self, client_id: &str) -> Option<Arc<C>> {
        let (began, client) = self.clients.get(client_id)?;
        (began == self.begin()).then_some(client)
    }

    pub(super) fn keep_client(&self, began: Began, client_id: &str, client: Option<Arc<C>>) {
        // What was read too early must not take the place of what was read in time.
        if began != self.begin() {
            return;
        }
        match client {
            Some(client) => self.clients.insert(client_id.to_owned(), (began, client)),
            None => self.clients.invalidate(client_id),
        }
    }

    pub(super) fn origins(&self) -> Option<Arc<HashSet<String>>> {
        let origins = self.origins.read().unwrap_or_else(PoisonError::into_inner);
        let (began, origins) = origins.as_ref()?;
        (*began == self.begin()).then(|| origins.clone())
    }

    pub(super) fn keep_origins(&self, began: Began, origins: Arc<HashSet<String>>) {
        let mut kept = self.origins.write().unwrap_or_else(PoisonError::into_inner);
        if began == self.begin() {
            *kept = Some((began, origins));
        }
    }

    pub(super) fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.clients.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(text: &str) -> Arc<HashSet<String>> {
        Arc::new(HashSet::from([text.to_owned()]))
    }

    #[test]
    fn what_was_read_before_a_change_is_not_found_after_it() {
        let memory = Memory::<()>::new();
        let slow = memory.begin();
        memory.forget();
        memory.keep_origins(slow, origins("old"));
        assert_eq!(memory.origins(), None);
        let quick = memory.begin();
        memory.keep_origins(quick, origins("new"));
        // The slow one comes last.
        memory.keep_origins(slow, origins("old"));
        assert_eq!(memory.origins(), Some(origins("new")));
        memory.forget();
        assert_eq!(memory.origins(), None);
    }

    /// A read of an application that began before it was disabled ends afterwards.
    #[test]
    fn a_slow_read_does_not_bring_back_what_an_application_was() {
        let memory = Memory::<&str>::new();
        let slow = memory.begin();
        memory.forget();
        let quick = memory.begin();
        memory.keep_client(quick, "a", Some(Arc::new("disabled")));
        memory.keep_client(slow, "a", Some(Arc::new("enabled")));
        memory.keep_client(slow, "b", Some(Arc::new("enabled")));
        assert_eq!(memory.client("a"), Some(Arc::new("disabled")));
        assert_eq!(memory.client("b"), None);
        memory.keep_client(quick, "a", None);
        assert_eq!(memory.client("a"), None);
    }
}
