//! The ID token, checked before it is believed (OIDC Core §3.1.3.7).

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::claims::decoded;
use super::jose::{Algorithm, Jwt, key};
use super::walk::{Tokens, Walk};
use super::{crypto, encode};
use crate::ui::{Card, Copy, Loading};
use crate::{api, browser};
use contract::routes;

/// One check of an ID token.
#[derive(Clone)]
struct Check {
    what: &'static str,
    /// `None`: there was nothing to check, or no way to.
    passed: Option<bool>,
    words: String,
}

fn check(what: &'static str, passed: bool, words: String) -> Check {
    Check {
        what,
        passed: Some(passed),
        words,
    }
}

/// What is compared with what this tab knows.
fn compare(jwt: &Jwt, tokens: &Tokens, issuer: &str, client_id: &str, nonce: &str) -> Vec<Check> {
    let now = browser::now() as f64 / 1000.0;
    let until = jwt.time("exp").unwrap_or_default();
    let mut checks = vec![
        check(
            "Issuer",
            jwt.claim("iss") == issuer,
            format!("iss is {}", jwt.claim("iss")),
        ),
        check(
            "Audience",
            jwt.is_for(client_id),
            format!("aud must name {client_id}"),
        ),
        check(
            "Time",
            now < until,
            format!("valid until {}", crypto::utc(until)),
        ),
    ];
    checks.push(match jwt.claim("nonce") {
        "" if tokens.refreshed => Check {
            what: "Nonce",
            passed: None,
            words: "An ID token that comes with a refresh need not carry it.".to_owned(),
        },
        "" => check(
            "Nonce",
            false,
            "The request sent a nonce, and the token has none.".to_owned(),
        ),
        same if same == nonce => check("Nonce", true, "Matches what this tab sent.".to_owned()),
        _ => check(
            "Nonce",
            false,
            "Doesn't match what this tab sent.".to_owned(),
        ),
    });
    checks
}

/// The signature, with the key that the server publishes.
async fn signature(jwt: &Jwt) -> Check {
    let (alg, kid) = (jwt.header("alg"), jwt.header("kid"));
    let what = "Signature";
    let unknown = |words: String| Check {
        what,
        passed: None,
        words,
    };
    if !crypto::is_secure() {
        return unknown("Browsers check signatures only on https and localhost.".to_owned());
    }
    let Some(algorithm) = Algorithm::of(alg) else {
        return check(
            what,
            false,
            format!("The algorithm {alg} isn't accepted here."),
        );
    };
    let keys = match api::get::<Value>(routes::JWKS).await {
        Ok(keys) => keys,
        Err(problem) => return unknown(problem.title),
    };
    let Some(key) = key(&keys, kid, algorithm) else {
        return check(
            what,
            false,
            format!("The server publishes no key {kid} for {alg}."),
        );
    };
    match crypto::verify(jwt, algorithm, key).await {
        Some(good) => check(what, good, format!("{alg} with the key {kid}")),
        None => unknown(format!("This browser can't check {alg}.")),
    }
}

/// `at_hash`: the left half of the access token's hash (OIDC Core §3.1.3.6).
async fn at_hash(jwt: &Jwt, access_token: &str) -> Option<Check> {
    let claimed = jwt.claim("at_hash");
    let algorithm = Algorithm::of(jwt.header("alg"))?;
    if claimed.is_empty() {
        return None;
    }
    let hash = crypto::digest(algorithm.hash(), access_token).await?;
    let half = encode::base64url(hash.get(..hash.len() / 2)?);
    Some(check(
        "Access token",
        half == claimed,
        "at_hash is made of the access token beside it.".to_owned(),
    ))
}

/// Nothing without an ID token.
pub(super) fn id_token(walk: Walk) -> AnyView {
    let checks = RwSignal::new(None::<Vec<Check>>);
    let token = Memo::new(move |_| {
        walk.tokens
            .with(|it| it.as_ref().map(|it| it.id.clone()).unwrap_or_default())
    });
    let jwt = Memo::new(move |_| token.with(|token| Jwt::parse(token)));
    Effect::new(move || {
        let (Some(jwt), Some(tokens)) = (jwt.get(), walk.tokens.get()) else {
            return;
        };
        let nonce = walk.proof.with(|proof| proof.nonce.clone());
        let (issuer, client_id) = (walk.issuer(), walk.client_id());
        spawn_local(async move {
            let mut list = vec![signature(&jwt).await];
            list.extend(compare(&jwt, &tokens, &issuer, &client_id, &nonce));
            if !tokens.id_kept {
                list.extend(at_hash(&jwt, &tokens.access).await);
            }
            let _ = checks.try_set(Some(list));
        });
    });
    let verdicts = move || match checks.get() {
        None => view! { <Loading/> }.into_any(),
        Some(list) => {
            let rows = list.into_iter().map(row).collect_view();
            view! { <ul class="checks">{rows}</ul> }.into_any()
        }
    };
    let decoded = move || match jwt.get() {
        Some(jwt) => decoded(jwt),
        None => view! { <p>"It can't be read as a JWT."</p> }.into_any(),
    };
    view! {
        <div hidden=move || token.with(String::is_empty)>
            <Card
                title="ID token"
                actions=move || view! { <Copy value=token what="the ID token"/> }
            >
                <p class="muted">
                    "Who signed in, as a signed statement to this app. Trust it only after every check."
                </p>
                {verdicts}
                {decoded}
            </Card>
        </div>
    }
    .into_any()
}

fn row(check: Check) -> AnyView {
    let (class, sign, word) = match check.passed {
        Some(true) => ("good", "✓", "passed"),
        Some(false) => ("bad", "✗", "failed"),
        None => ("", "–", "not checked"),
    };
    view! {
        <li class=class>
            <span class="sign" aria-hidden="true">{sign}</span>
            <span><b>{check.what}</b> <span class="visually-hidden">{format!(" {word}")}</span></span>
            <span class="muted">{check.words}</span>
        </li>
    }
    .into_any()
}
