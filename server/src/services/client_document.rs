//! Applications whose client id is the address of their metadata
//! (draft-ietf-oauth-client-id-metadata-document). A server with open registration reads such a
//! document when a request names the client, and again when the copy is old. The current document
//! decides what the application may do: a removed redirect URI counts at once.
//!
//! Asked by [`super::clients::resolve`] only.

use std::time::Duration;

use contract::wire::audit::AuditKind;
use std::sync::Arc;

use contract::rules;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::registration;
use crate::config::Registration;
use crate::domain::client::form::Known;
use crate::domain::client::{AuthMethod, Client, DisplayMetadata, Origin, Settings};
use crate::domain::client_document::{self, CACHING};
use crate::domain::freshness::Freshness;
use crate::domain::refusal::Refusal;
use crate::domain::time::{Timestamp, seconds};
use crate::error::Error;
use crate::http::PeerAddress;
use crate::outbound::{DOCUMENT_LIMIT, OutboundError};
use crate::state::App;
use crate::store::{AuditEntry, AuditEvent, Changed, Inserted};

/// After which there may be room again when there are too many.
const RETRY_WHEN_FULL: Duration = Duration::from_hours(1);
/// How often a change starts again when another change was first.
const TRIES: usize = 16;

/// The client whose id is the address of its metadata: from what was read of the document lately,
/// or by reading it now. `known` is the copy that there is.
///
/// # Errors
/// `client-document-unreadable`, `client-document-invalid`, `client-document-quota`; what client
/// metadata may not say; the database fails.
pub(super) async fn of_document(
    state: &App,
    client_id: &str,
    known: Option<Arc<Client>>,
    from: PeerAddress,
) -> Result<Option<Arc<Client>>, Error> {
    // Clients read while registration was open stay, and are kept up to date; no new ones come.
    if known.is_none() && state.options.registration != Registration::Open {
        return Ok(None);
    }
    let now = state.now();
    let entry = state
        .documents
        .get_with_by_ref(client_id, || Arc::new(Mutex::new(None)));
    // One read at a time for each client.
    let mut entry = entry.lock().await;
    let fresh = entry.filter(|freshness| now < freshness.fresh_until);
    if known.is_some() && fresh.is_some() {
        return Ok(known);
    }
    // Another server may have read it, and a copy may have been swept.
    let known = state.store.load_client(client_id).await?;
    let stored = match known {
        Some(_) => state.store.client_document(client_id).await?,
        None => entry.filter(|freshness| freshness.fetched_at == Freshness::default().fetched_at),
    };
    let freshness = stored.unwrap_or_default();
    *entry = Some(freshness);
    if freshness.is_due(now) {
        if known.is_none() {
            // A client that invents addresses can't make the server read them all.
            state
                .limits
                .first_reads
                .take(from.0, None, now)
                .map_err(|wait| Refusal::new(&rules::CLIENT_DOCUMENT_QUOTA).retry_after(wait))?;
        }
        return match fetch(state, client_id).await {
            Ok(fetched) => {
                let client = keep(state, client_id, &fetched, from).await?;
                *entry = Some(fetched.freshness);
                Ok(Some(client))
            }
            Err(failure) => {
                let failed = freshness.failed(&CACHING, now);
                *entry = Some(failed);
                kept(state, client_id, known, failed, failure).await
            }
        };
    }
    if freshness.is_usable(&CACHING, now) && known.is_some() {
        return Ok(known);
    }
    Err(Refusal::new(&rules::CLIENT_DOCUMENT_UNREADABLE)
        .detail("The document could not be read a moment ago; it is tried again soon.")
        .into())
}

/// What a document says, read just now.
struct Fetched {
    settings: Settings,
    about: DisplayMetadata,
    freshness: Freshness,
}

async fn fetch(state: &App, client_id: &str) -> Result<Fetched, Error> {
    let outbound = &state.options.outbound;
    let got = outbound
        .get(client_id, DOCUMENT_LIMIT)
        .await
        .map_err(|error| {
            tracing::info!(client_id, %error, "a client's document can't be read");
            unreadable(&error)
        })?;
    if !client_document::is_json(got.content_type.as_deref()) {
        return Err(Refusal::new(&rules::CLIENT_DOCUMENT_UNREADABLE)
            .detail("The document can't be read: its Content-Type is not application/json.")
            .into());
    }
    let servers = state.resource_servers();
    let known = Known {
        servers: &servers,
        plain_http: state.plain_http,
    };
    let read = client_document::read(client_id, &got.body, |name| known.has_scope(name))
        .and_then(|members| registration::settings(&members, AuthMethod::None, known));
    let (settings, about) = read.map_err(|refusal| {
        // The request is no registration: to its sender this is a client that does not exist.
        Refusal::new(&rules::CLIENT_DOCUMENT_INVALID).detail(refusal.description())
    })?;
    Ok(Fetched {
        settings,
        about,
        freshness: Freshness::read(&CACHING, got.max_age, state.now()),
    })
}

/// What the sender learns of it. Whether a name leads to an address that only we can reach is
/// none of that.
fn unreadable(error: &OutboundError) -> Refusal {
    let refusal = Refusal::new(&rules::CLIENT_DOCUMENT_UNREADABLE);
    match error {
        OutboundError::Status(_) | OutboundError::TooLarge(_) => {
            refusal.detail(format!("The document can't be read: {error}."))
        }
        _ => refusal,
    }
}

/// Writes down what the document says now.
async fn keep(
    state: &App,
    client_id: &str,
    fetched: &Fetched,
    from: PeerAddress,
) -> Result<Arc<Client>, Error> {
    for _ in 0..TRIES {
        // Load it again: the read took its time, and the client may have changed meanwhile.
        let Some(client) = state.store.load_client(client_id).await? else {
            return take_in(state, client_id, fetched, from).await;
        };
        let settings = registration::by_itself(&client, fetched.settings.clone());
        let about = fetched.about.clone();
        let news = settings != client.settings || about != client.about;
        let seen = client.updated_at;
        // Later than the last change even on a clock that stands still: `seen` tells them apart.
        let now = state.now().max(Timestamp(seen.millis() + 1));
        let changed = news.then_some(Changed {
            settings,
            about,
            seen,
            audit: entry(state, client_id, AuditKind::ApplicationDocumentChanged),
        });
        let noted = state
            .store
            .update_document(client_id, fetched.freshness, changed, now)
            .await?;
        if noted && !news {
            return Ok(client);
        }
        if noted {
            return read_back(state, client_id).await;
        }
    }
    Err(Refusal::new(&rules::SERVER_BUSY).into())
}

/// Keeps a new application.
async fn take_in(
    state: &App,
    client_id: &str,
    fetched: &Fetched,
    from: PeerAddress,
) -> Result<Arc<Client>, Error> {
    let now = state.now();
    let application = Client {
        client_id: client_id.to_owned(),
        // No owner: the author of the document is not known.
        owner_id: Uuid::nil(),
        owner: String::new(),
        settings: fetched.settings.clone(),
        secrets: Vec::new(),
        origin: Origin::Document,
        about: fetched.about.clone(),
        registration_token_hash: None,
        disabled_at: None,
        last_used_at: None,
        created_at: now,
        updated_at: now,
    };
    let audit = entry(state, client_id, AuditKind::ApplicationDocumentRead);
    let room = registration::room(Some(from));
    let done = state
        .store
        .insert_document(&application, fetched.freshness, room, audit)
        .await?;
    let refusal =
        || Refusal::new(&rules::CLIENT_DOCUMENT_QUOTA).retry_after(seconds(RETRY_WHEN_FULL));
    match done {
        Inserted::Done => {}
        Inserted::Full => return Err(refusal().into()),
        Inserted::ShareTaken => {
            return Err(refusal()
                .detail("Your network has brought as many applications as one network may.")
                .into());
        }
    }
    read_back(state, client_id).await
}

async fn read_back(state: &App, client_id: &str) -> Result<Arc<Client>, Error> {
    state.store.forget();
    let client = state.store.load_client(client_id).await?;
    client.ok_or_else(|| Refusal::new(&rules::CLIENT_UNKNOWN).into())
}

/// The last good copy, while the document can't be read.
async fn kept(
    state: &App,
    client_id: &str,
    known: Option<Arc<Client>>,
    failed: Freshness,
    failure: Error,
) -> Result<Option<Arc<Client>>, Error> {
    if known.is_none() {
        return Err(failure);
    }
    let now = state.now();
    state
        .store
        .update_document(client_id, failed, None, now)
        .await?;
    if failed.is_usable(&CACHING, now) {
        Ok(known)
    } else {
        Err(failure)
    }
}

fn entry(state: &App, client_id: &str, kind: AuditKind) -> AuditEntry {
    state.audit_entry(AuditEvent {
        kind,
        actor_id: None,
        user_id: None,
        client_id: Some(client_id.to_owned()),
        detail: String::new(),
    })
}
