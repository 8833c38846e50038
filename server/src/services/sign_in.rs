//! Signing in: the same for the page's form and for the JSON API.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::rules;
use contract::wire::flow::{StepName, StepOutcome};
use contract::wire::session::SignIn;

use super::flow::{AuthorizeStep, Redirect, Trace, advance, consent, ticket};
use crate::crypto::hash::credential_hash;
use crate::crypto::password::Caller;
use crate::domain::authorization::AuthorizationRequest;
use crate::domain::credential::CredentialKind;
use crate::domain::password::MAX_BYTES;
use crate::domain::refusal::Refusal;
use crate::domain::session::{ABSOLUTE_LIFETIME, AMR_PASSWORD, Session};
use crate::domain::user::{User, login_key};
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::http::cookies::Cookie;
use crate::http::session;
use crate::limits::places::Full;
use crate::limits::throttle::ThrottleKey;
use crate::state::App;
use crate::store::NewSession;

/// A user has signed in.
#[derive(Debug)]
pub struct Welcome {
    pub session: Session,
    pub onward: Redirect,
    /// To be set on the answer.
    pub cookies: Vec<Option<HeaderValue>>,
}

/// Checks name and password, opens a session in place of the one that the browser may have,
/// and goes on with the flow that waits. A form may come late, twice or from a bookmark: who
/// signs in is signed in, and led onward whatever has become of the flow.
///
/// # Errors
/// `bad-credentials`, `too-many-attempts`; the database fails. The session from before lives then.
pub async fn sign_in(
    state: &App,
    headers: &HeaderMap,
    address: PeerAddress,
    form: &SignIn,
) -> Result<Welcome, Error> {
    let before = session::find(state, headers).await?;
    let (user, verified) = authenticate(state, headers, address, form).await?;
    let before = before.as_ref();
    let (session, cookies) = open_session(state, headers, before, user, Some(verified)).await?;
    let onward = match form.flow.as_deref().filter(|flow| !flow.is_empty()) {
        Some(flow) => go_on(state, headers, before, &session, flow)
            .await
            // The new session's cookie has to arrive: that page tries again.
            .unwrap_or_else(|_| Redirect::Page(ticket::login_path(flow))),
        None => Redirect::Page(after_sign_in(form.next.as_deref(), &session.user)),
    };
    Ok(Welcome {
        session,
        onward,
        cookies,
    })
}

/// The user, and the hash that their password was checked with.
async fn authenticate(
    state: &App,
    headers: &HeaderMap,
    address: PeerAddress,
    form: &SignIn,
) -> Result<(User, String), Error> {
    let now = state.now();
    let name = form.username.replace('\0', "");
    let found = state.store.user_by_login(&name).await?;
    let known_browser = found
        .as_ref()
        .is_some_and(|(user, _)| is_known(state, headers, user));
    let account = login_key(&name).chars().take(254).collect();
    let (key, caller) = if known_browser {
        (ThrottleKey::KnownBrowser(account), Caller::Known)
    } else {
        (ThrottleKey::Account(account), Caller::Stranger)
    };
    let throttle = &state.limits.throttle;
    throttle
        .begin(&key, address.0, now)
        .map_err(too_many_attempts)?;
    let fits = form.password.len() <= MAX_BYTES;
    let password = if fits { form.password.as_str() } else { "" };
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    let checked = check_password(state, address, password, hash, caller).await;
    // What was not looked at was no guess.
    let right = checked.inspect_err(|_| throttle.undo(&key, address.0))? && fits;
    match found {
        Some((user, hash)) if right && user.disabled_at.is_none() => {
            throttle.succeeded(&key, address.0);
            Ok((user, hash))
        }
        _ => Err(Refusal::new(&rules::BAD_CREDENTIALS).into()),
    }
}

/// Whether the password fits the hash. Of strangers, each network has a few places in the queue
/// for that, so one can't fill it.
async fn check_password(
    state: &App,
    address: PeerAddress,
    password: &str,
    hash: Option<String>,
    caller: Caller,
) -> Result<bool, Error> {
    let _place = match caller {
        Caller::Known => None,
        Caller::Stranger => {
            let place = state.limits.password_checks.enter(address.0).await;
            Some(place.map_err(|Full| {
                Refusal::new(&rules::TOO_MANY_ATTEMPTS)
                    .detail("Many people sign in from your network right now. Try again.")
                    .retry_after(1)
            })?)
        }
    };
    Ok(state.passwords.verify(password, hash, caller).await?)
}

/// The refusal of an attempt that came too early.
pub(super) fn too_many_attempts(seconds: i64) -> Refusal {
    Refusal::wait(&rules::TOO_MANY_ATTEMPTS, seconds)
}

/// Opens a session for this user, in place of the one before: a cookie that was set earlier is
/// worth nothing afterwards (session fixation). `verified` is the hash of the password that was
/// checked, if one was.
///
/// # Errors
/// `bad-credentials` when the user was disabled or got another password meanwhile; the database
/// fails.
pub async fn open_session(
    state: &App,
    headers: &HeaderMap,
    before: Option<&Session>,
    user: User,
    verified: Option<String>,
) -> Result<(Session, Vec<Option<HeaderValue>>), Error> {
    let now = state.now();
    let credential = state.random.credential(CredentialKind::Session, now);
    let agent = headers
        .get(axum::http::header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let session = Session {
        id: credential.id,
        // A user who authenticates again keeps the `sid` that applications know.
        sid: before
            .filter(|before| before.user.id == user.id)
            .map_or(credential.id, |before| before.sid),
        amr: AMR_PASSWORD.to_owned(),
        auth_time: now,
        created_at: now,
        last_seen_at: now,
        expires_at: now + ABSOLUTE_LIFETIME,
        user,
    };
    let ended = state
        .store
        .replace_session(
            before,
            NewSession {
                id: session.id,
                secret_hash: credential_hash(&credential),
                sid: session.sid,
                amr: session.amr.clone(),
                user_id: session.user.id,
                user_agent: agent,
                now,
                expires_at: session.expires_at,
            },
            verified,
        )
        .await?
        .ok_or_else(|| Refusal::new(&rules::BAD_CREDENTIALS))?;
    state.sessions_ended(ended);
    let cookies = vec![
        session::cookie(state, &credential),
        known_cookie(state, &session.user),
    ];
    Ok((session, cookies))
}

/// Where a person who is signed in goes with a ticket: on with its flow; with a new one for the
/// same request, when it has taken a little too long; to the page that says why not. `before` is
/// the session that was there before this sign-in.
///
/// # Errors
/// The database fails.
pub async fn go_on(
    state: &App,
    headers: &HeaderMap,
    before: Option<&Session>,
    session: &Session,
    flow: &str,
) -> Result<Redirect, Error> {
    let bound = before.or(Some(session));
    let over = || Ok(Redirect::Page(ticket::over_path(flow)));
    let Some(asked) = ticket::peek(state, flow) else {
        return Ok(Redirect::Page(after_sign_in(None, &session.user)));
    };
    if state.store.is_flow_answered(asked.flow_id).await? {
        return over();
    }
    let (request, trace) = if let Ok(request) = ticket::open(state, headers, bound, flow) {
        let trace = Trace::resume(request.flow_id);
        (request, trace)
    } else if let Some(request) = ticket::open_late(state, headers, bound, flow) {
        begin_again(state, request)
    } else {
        return over();
    };
    match resume(state, headers, &request, session, trace).await {
        Err(Error::Refused(_)) => over(),
        next => next,
    }
}

/// The same request with a trace of its own.
fn begin_again(state: &App, request: AuthorizationRequest) -> (AuthorizationRequest, Trace) {
    let now = state.now();
    let request = request.begun_again(state.random.uuid(now), now);
    let mut trace = Trace::begin(request.flow_id);
    trace.client(&request.client_id);
    trace.step(
        StepName::AuthorizationRequest,
        "begun again",
        StepOutcome::Ok,
        now,
    );
    (request, trace)
}

/// Where a flow goes after the person has signed in.
async fn resume(
    state: &App,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    session: &Session,
    mut trace: Trace,
) -> Result<Redirect, Error> {
    let client = consent::client(state, request).await?;
    let next = advance(state, request, &client, Some(session), &mut trace).await?;
    trace.write(state, state.now());
    Ok(match next {
        AuthorizeStep::Answer(answer) => Redirect::Client(answer),
        AuthorizeStep::Consent => Redirect::Page(ticket::consent_path(&ticket::for_session(
            state, headers, session, request,
        )?)),
        AuthorizeStep::SignIn => Redirect::Page(ticket::login_path(&ticket::for_session(
            state, headers, session, request,
        )?)),
    })
}

/// A path of this site, else where this person's day begins: never another site's address.
pub fn after_sign_in(next: Option<&str>, user: &User) -> String {
    next.filter(|path| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    })
    .unwrap_or_else(|| app::pages::home::start(&user.to_wire()))
    .to_owned()
}

const KNOWN_BROWSER: Duration = Duration::from_hours(365 * 24);

fn known_cookie(state: &App, user: &User) -> Option<HeaderValue> {
    let sealed = state
        .tickets
        .seal(user.id.as_bytes(), b"known browser", &state.random)
        .ok()?;
    Cookie::Known.write(&URL_SAFE_NO_PAD.encode(sealed), KNOWN_BROWSER, &state.url)
}

fn is_known(state: &App, headers: &HeaderMap, user: &User) -> bool {
    Cookie::Known
        .read(headers, &state.url)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .and_then(|sealed| state.tickets.open(&sealed, b"known browser").ok())
        .is_some_and(|id| id == user.id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_never_redirects_to_another_site() {
        let user = User {
            id: uuid::Uuid::nil(),
            username: "ada".to_owned(),
            email: "ada@example.com".to_owned(),
            email_verified: false,
            role: contract::wire::session::Role::User,
            created_at: crate::domain::time::Timestamp(0),
            disabled_at: None,
        };
        for (next, path) in [
            (Some("/apps?x=1"), "/apps?x=1"),
            (None, "/connections"),
            (Some("//evil.example"), "/connections"),
            (Some("/\\evil.example"), "/connections"),
            (Some("https://evil.example"), "/connections"),
            (Some("apps"), "/connections"),
            (Some("/a\nb"), "/connections"),
        ] {
            assert_eq!(after_sign_in(next, &user), path);
        }
    }
}
