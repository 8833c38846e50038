//! Rules on who asks: client ids, client authentication, and the grants of an application.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &CLIENT_ID_MISSING,
    &CLIENT_UNKNOWN,
    &CLIENT_DISABLED,
    &CLIENT_AUTH_MISSING,
    &CLIENT_AUTH_FAILED,
    &CLIENT_AUTH_TWICE,
    &CLIENT_AUTH_MALFORMED,
    &CLIENT_AUTH_PUBLIC,
    &CLIENT_CREDENTIALS_PUBLIC,
    &INTROSPECTION_PUBLIC,
    &GRANT_TYPE_MISSING,
    &GRANT_TYPE_UNSUPPORTED,
    &GRANT_TYPE_NOT_ALLOWED,
];

/// An authorization request must name its application with client_id.
pub static CLIENT_ID_MISSING: Rule = rule! {
    id: "client-id-missing",
    status: 400,
    error: "invalid_request",
    title: "An authorization request must name its application with client_id.",
    said: "The app sent you here without saying which app it is.",
    source: "RFC 6749 §4.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1",
    why: "Without it there is no telling which app asks, or where an answer may be sent.",
    fix: "Add client_id. You find it on the app's page in the dashboard.",
    example: "GET /o/authorize?client_id=…&response_type=code",
};

/// The client_id must be that of a registered application.
pub static CLIENT_UNKNOWN: Rule = rule! {
    id: "client-unknown",
    status: 400,
    error: "invalid_request",
    title: "The client_id must be that of a registered application.",
    said: "The app that sent you here isn't registered.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "Nothing is known about this app, so there is no safe address to send anyone back to.",
    fix: "Copy the client ID from the dashboard. An app that was deleted has to be registered \
        again, under a new ID.",
    example: "client_id=…",
};

/// The application must not be disabled.
pub static CLIENT_DISABLED: Rule = rule! {
    id: "client-disabled",
    status: 401,
    error: "invalid_client",
    title: "The application must not be disabled.",
    said: "This app has been disabled.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "Disabling an app stops everything it does and every token it holds, at once.",
    fix: "An administrator can enable it again, on its page or with claviger app enable. What \
        has not expired by then works again.",
    example: "claviger app enable CLIENT_ID",
};

/// The application must say who it is and prove it.
pub static CLIENT_AUTH_MISSING: Rule = rule! {
    id: "client-auth-missing",
    status: 401,
    error: "invalid_client",
    title: "The application must say who it is and prove it.",
    said: "The request doesn't say which app it comes from, or doesn't prove it.",
    source: "RFC 6749 §3.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1",
    why: "Otherwise a stolen code or token could be used in the app's name.",
    fix: "Send ID and secret by HTTP Basic, or as client_id and client_secret in the body. A \
        public client sends client_id alone.",
    example: "Authorization: Basic …",
};

/// Client id and secret must belong together and be valid.
pub static CLIENT_AUTH_FAILED: Rule = rule! {
    id: "client-auth-failed",
    status: 401,
    error: "invalid_client",
    title: "Client id and secret must belong together and be valid.",
    said: "Wrong client ID or secret.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "An unknown ID and a wrong secret get the same answer, so that it gives away no client \
        IDs.",
    fix: "Compare the client ID with the dashboard. A lost secret can't be shown again: add a \
        new one there.",
    example: "Authorization: Basic …",
};

/// An application must name and authenticate itself in one way only.
pub static CLIENT_AUTH_TWICE: Rule = rule! {
    id: "client-auth-twice",
    status: 400,
    error: "invalid_request",
    title: "An application must name and authenticate itself in one way only.",
    said: "The request authenticates in two ways at once.",
    source: "RFC 6749 §2.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-2.3",
    why: "Two ways in one request can name two applications, and it would be unclear which one \
        is meant.",
    fix: "Use the header or the body, not both. A client_id beside the header must be the same \
        one.",
    example: "Authorization: Basic …\n\ngrant_type=client_credentials",
};

/// A Basic header must hold the Base64 of client id, colon and secret.
pub static CLIENT_AUTH_MALFORMED: Rule = rule! {
    id: "client-auth-malformed",
    status: 401,
    error: "invalid_client",
    title: "A Basic header must hold the Base64 of client id, colon and secret.",
    said: "The Basic header can't be read.",
    source: "RFC 7617 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7617#section-2",
    why: "What can't be decoded can't be checked.",
    fix: "Form-encode ID and secret, join them with a colon, encode that as Base64, and put \
        Basic in front of it.",
    example: "Authorization: Basic base64(client_id:client_secret)",
};

/// A public client has no secret and must not send one.
pub static CLIENT_AUTH_PUBLIC: Rule = rule! {
    id: "client-auth-public",
    status: 401,
    error: "invalid_client",
    title: "A public client has no secret and must not send one.",
    said: "A public client sent a secret.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "A secret inside a browser or mobile app can be read by everyone who has the app. It \
        would prove nothing.",
    fix: "Send client_id alone and rely on PKCE. If your app runs on a server, register a \
        confidential one.",
    example: "grant_type=authorization_code&client_id=…&code=clv_ac_…&code_verifier=…",
};

/// Only a confidential client may use client_credentials.
pub static CLIENT_CREDENTIALS_PUBLIC: Rule = rule! {
    id: "client-credentials-public",
    status: 400,
    error: "unauthorized_client",
    title: "Only a confidential client may use client_credentials.",
    said: "A public client can't use client_credentials.",
    source: "RFC 6749 §4.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.4",
    why: "Here the secret is the only proof, and a public client has none.",
    fix: "Register a confidential app for the program that runs on your server.",
    example: "Authorization: Basic …\n\ngrant_type=client_credentials&scope=read",
};

/// Only a confidential client may ask about tokens.
pub static INTROSPECTION_PUBLIC: Rule = rule! {
    id: "introspection-public",
    status: 401,
    error: "invalid_client",
    title: "Only a confidential client may ask about tokens.",
    said: "A public client can't introspect tokens.",
    source: "RFC 7662 §2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc7662#section-2.1",
    why: "If introspection were open to all, tokens could be guessed until one is active.",
    fix: "Register a confidential app for your API and let it ask with its secret.",
    example: "POST /o/introspect HTTP/1.1\nAuthorization: Basic …\n\ntoken=clv_at_…",
};

/// A token request must name its grant_type.
pub static GRANT_TYPE_MISSING: Rule = rule! {
    id: "grant-type-missing",
    status: 400,
    error: "invalid_request",
    title: "A token request must name its grant_type.",
    said: "The token request has no grant_type.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "Every grant needs other parameters. Without its name nothing else can be checked.",
    fix: "Add grant_type, for instance authorization_code after a user has signed in.",
    example: "grant_type=authorization_code",
};

/// The grant_type must be one that this server knows.
pub static GRANT_TYPE_UNSUPPORTED: Rule = rule! {
    id: "grant-type-unsupported",
    status: 400,
    error: "unsupported_grant_type",
    title: "The grant_type must be one that this server knows.",
    said: "This grant_type isn't supported.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "Password and implicit grants are left out on purpose: RFC 9700 tells everyone to give \
        them up.",
    fix: "Use one from grant_types_supported in the server's metadata. To sign people in, use \
        authorization_code.",
    example: "grant_type=authorization_code",
};

/// The application must be registered for the grant that it uses.
pub static GRANT_TYPE_NOT_ALLOWED: Rule = rule! {
    id: "grant-type-not-allowed",
    status: 400,
    error: "unauthorized_client",
    title: "The application must be registered for the grant that it uses.",
    said: "The app isn't allowed to use this grant.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "An app with only the grants it needs gives a thief fewer ways in.",
    fix: "The app's owner can add the grant on its page in the dashboard.",
    example: "grant_types: [authorization_code, refresh_token]",
};
