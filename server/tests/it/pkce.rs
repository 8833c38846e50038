//! PKCE (RFC 7636): a code is of use only to the client that started the flow.

use macro_rules_attribute::apply;

use crate::harness::authorization::VERIFIER;
use crate::harness::{TestServer, on_both, refused, refused_by_redirect};

/// RFC 9700 §2.1.1: no client does without PKCE unless it was let off.
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

/// RFC 9700 §2.1.1: a challenge that was sent is enforced at the token endpoint.
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

/// RFC 9700 §2.1.1: a verifier without a challenge is refused: the challenge was taken out.
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

/// RFC 6749 §4.1.3: a client that does not authenticate says its client_id.
#[apply(on_both!)]
async fn a_public_application_redeems_with_its_verifier_alone(server: TestServer) {
    let app = server.app().public().create().await;
    app.redeem(&app.code().await).await.is(200);
}

/// RFC 7636 §4.1: a verifier has 43 to 128 characters of the unreserved ones.
/// RFC 7636 §4.6: a verifier that is missing or other than the one that was meant is
/// invalid_grant.
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
