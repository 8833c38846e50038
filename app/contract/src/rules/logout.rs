//! Rules on the logout.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &LOGOUT_HINT_INVALID,
    &LOGOUT_CLIENT_MISMATCH,
    &LOGOUT_CLIENT_MISSING,
    &POST_LOGOUT_REDIRECT_URI_MISMATCH,
    &LOGOUT_EXPIRED,
    &LOGOUT_OTHER_SESSION,
];

/// The id_token_hint of a logout must be an ID token that this server issued.
pub static LOGOUT_HINT_INVALID: Rule = rule! {
    id: "logout-hint-invalid",
    status: 400,
    error: "invalid_request",
    title: "The id_token_hint of a logout must be an ID token that this server issued.",
    said: "The id_token_hint wasn't issued by this server.",
    source: "OpenID Connect RP-Initiated Logout 1.0 §4",
    source_url: "https://openid.net/specs/openid-connect-rpinitiated-1_0.html#ValidationAndErrorHandling",
    why: "It decides which user is signed out without being asked. A forged one must not.",
    fix: "Send the last ID token of this issuer unchanged; it may have expired. Or leave the \
        parameter out: then the user is asked.",
    example: "id_token_hint=eyJ…",
};

/// The client_id of a logout must be the one that the id_token_hint was issued to.
pub static LOGOUT_CLIENT_MISMATCH: Rule = rule! {
    id: "logout-client-mismatch",
    status: 400,
    error: "invalid_request",
    title: "The client_id of a logout must be the one that the id_token_hint was issued to.",
    said: "The app asked to sign out another app's session.",
    source: "OpenID Connect RP-Initiated Logout 1.0 §2",
    source_url: "https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout",
    why: "Otherwise one application could sign people out in another one's name.",
    fix: "Send the ID token that this client received, or leave client_id out.",
    example: "client_id=photos&id_token_hint=eyJ… (with aud photos)",
};

/// A logout that names a post_logout_redirect_uri must say which application asks.
pub static LOGOUT_CLIENT_MISSING: Rule = rule! {
    id: "logout-client-missing",
    status: 400,
    error: "invalid_request",
    title: "A logout that names a post_logout_redirect_uri must say which application asks.",
    said: "The sign-out request doesn't say which app it comes from.",
    source: "OpenID Connect RP-Initiated Logout 1.0 §3",
    source_url: "https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RedirectionAfterLogout",
    why: "Addresses are registered for each app. Without the app there is nothing to compare \
        with, and users are never sent to an unregistered address.",
    fix: "Send id_token_hint, client_id, or both.",
    example: "client_id=photos&post_logout_redirect_uri=https%3A%2F%2Fphotos.example%2Fbye",
};

/// The post_logout_redirect_uri must equal a registered one, character for character.
pub static POST_LOGOUT_REDIRECT_URI_MISMATCH: Rule = rule! {
    id: "post-logout-redirect-uri-mismatch",
    status: 400,
    error: "invalid_request",
    title: "The post_logout_redirect_uri must equal a registered one, character for character.",
    said: "The app wants to send you to an address that it hasn't registered.",
    source: "OpenID Connect RP-Initiated Logout 1.0 §3",
    source_url: "https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RedirectionAfterLogout",
    why: "A logout that leads anywhere would lend this server's good name to phishing.",
    fix: "Register the URI in the app's settings exactly as it is sent: scheme, port, path, \
        trailing slash and query.",
    example: "post_logout_redirect_uri=https%3A%2F%2Fphotos.example%2Fbye",
};

/// A logout must be confirmed within ten minutes.
pub static LOGOUT_EXPIRED: Rule = rule! {
    id: "logout-expired",
    status: 400,
    error: "",
    title: "A logout must be confirmed within ten minutes.",
    said: "This sign-out page has expired.",
    source: "Claviger",
    source_url: "",
    why: "A page left open must not act later, when it has been forgotten. Damaged links count \
        as expired.",
    fix: "Go back to the app and sign out there, or sign out from this server's own pages.",
    example: "/logout?flow=…",
};

/// A logout must be confirmed in the session in which it was asked for.
pub static LOGOUT_OTHER_SESSION: Rule = rule! {
    id: "logout-other-session",
    status: 400,
    error: "",
    title: "A logout must be confirmed in the session in which it was asked for.",
    said: "This sign-out page is for another session.",
    source: "OpenID Connect RP-Initiated Logout 1.0 §6",
    source_url: "https://openid.net/specs/openid-connect-rpinitiated-1_0.html#Security",
    why: "You have signed in again since, or as another user. A link made for one session must \
        not end another.",
    fix: "Sign out from this server's own pages, or start again from the app.",
    example: "/logout?flow=…",
};
