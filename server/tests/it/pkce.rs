//! PKCE (RFC 7636): a code is of use only to whoever started the flow.

use macro_rules_attribute::apply;

use crate::harness::authorization::VERIFIER;
use crate::harness::{TestServer, on_both, refused, refused_by_redirect};

#[apply(on_both!)]
async fn every_application_has_to_send_a_challenge(server: TestServer) {
    let confidential = server.app().create().await;
    let public = server.app().public().create().await;
    for app in [confidential, public] {
        let ask = app
            .ask()
            .without("code_challenge")
            .without("code_challenge_method");
        let location = server.browser().ask(&ask).await.location();
        refused_by_redirect(&location, "invalid_request", "pkce-required");
    }
}

#[apply(on_both!)]
async fn a_confidential_application_may_be_let_off(server: TestServer) {
    let app = server.app().pkce_optional().create().await;
    let ask = app
        .ask()
        .without("code_challenge")
        .without("code_challenge_method");
    let code = app.code_of(&ask).await;
    let form = app.redeeming(&code).without("code_verifier");
    app.token(&form).await.is(200);
}

#[apply(on_both!)]
async fn a_challenge_that_was_sent_counts_although_none_is_required(server: TestServer) {
    let app = server.app().pkce_optional().create().await;
    let form = app.redeeming(&app.code().await).without("code_verifier");
    refused(
        &app.token(&form).await,
        400,
        "invalid_grant",
        "pkce-verifier-missing",
    );
}

/// RFC 9700 §2.1.1: somebody took the challenge out of the request.
#[apply(on_both!)]
async fn a_verifier_without_a_challenge_is_a_downgrade(server: TestServer) {
    let app = server.app().pkce_optional().create().await;
    let ask = app
        .ask()
        .without("code_challenge")
        .without("code_challenge_method");
    let form = app.redeeming(&app.code_of(&ask).await);
    refused(
        &app.token(&form).await,
        400,
        "invalid_grant",
        "pkce-verifier-unexpected",
    );
}

#[apply(on_both!)]
async fn a_public_application_redeems_with_its_verifier_alone(server: TestServer) {
    let app = server.app().public().create().await;
    app.redeem(&app.code().await).await.is(200);
}

#[apply(on_both!)]
async fn a_verifier_that_does_not_fit_is_refused(server: TestServer) {
    let app = server.app().public().create().await;
    for (verifier, rule) in [
        ("", "pkce-verifier-missing"),
        ("short", "pkce-verifier-malformed"),
        (&"a".repeat(129), "pkce-verifier-malformed"),
        (&"+".repeat(43), "pkce-verifier-malformed"),
        (&"a".repeat(43), "pkce-verifier-mismatch"),
        (&VERIFIER.to_lowercase(), "pkce-verifier-mismatch"),
    ] {
        let form = app
            .redeeming(&app.code().await)
            .set("code_verifier", verifier);
        refused(&app.token(&form).await, 400, "invalid_grant", rule);
    }
}
