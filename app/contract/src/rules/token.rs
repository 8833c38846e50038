//! Rules on codes, refresh tokens and access tokens.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &CODE_MISSING,
    &CODE_UNKNOWN,
    &CODE_EXPIRED,
    &CODE_REPLAYED,
    &CODE_OTHER_CLIENT,
    &CODE_REDIRECT_URI_MISSING,
    &CODE_REDIRECT_URI_MISMATCH,
    &REFRESH_TOKEN_MISSING,
    &REFRESH_TOKEN_UNKNOWN,
    &REFRESH_TOKEN_EXPIRED,
    &REFRESH_TOKEN_REVOKED,
    &REFRESH_TOKEN_REPLAYED,
    &REFRESH_TOKEN_OTHER_CLIENT,
    &TOKEN_MISSING,
    &BEARER_MISSING,
    &BEARER_MALFORMED,
    &BEARER_TWICE,
    &TOKEN_UNKNOWN,
    &TOKEN_EXPIRED,
    &TOKEN_REVOKED,
    &SCOPE_INSUFFICIENT,
    &USER_GONE,
];

/// This grant needs the parameter code.
pub static CODE_MISSING: Rule = rule! {
    id: "code-missing",
    status: 400,
    error: "invalid_request",
    title: "This grant needs the parameter code.",
    said: "The token request has no code.",
    source: "RFC 6749 §4.1.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3",
    why: "The code is what the token is exchanged for.",
    fix: "Send the code from the query of your redirect URI. If there is an error instead, \
        there is no code.",
    example: "grant_type=authorization_code&code=clv_ac_…&code_verifier=…",
};

/// The code must be one that this server issued.
pub static CODE_UNKNOWN: Rule = rule! {
    id: "code-unknown",
    status: 400,
    error: "invalid_grant",
    title: "The code must be one that this server issued.",
    said: "Unknown code.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "Only a code that this server issued stands for a user's consent.",
    fix: "Send it as it arrived, decoded once and not cut short, to the server that it came from.",
    example: "code=clv_ac_…",
};

/// A code must be exchanged within its lifetime of 60 seconds.
pub static CODE_EXPIRED: Rule = rule! {
    id: "code-expired",
    status: 400,
    error: "invalid_grant",
    title: "A code must be exchanged within its lifetime of 60 seconds.",
    said: "The code has expired.",
    source: "RFC 6749 §4.1.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2",
    why: "It travels through the browser, where it can be read. So it is short-lived.",
    fix: "Exchange it as soon as it arrives, and start again for a new one. Look for slow steps \
        in between.",
    example: "POST /o/token HTTP/1.1\n\ngrant_type=authorization_code&code=clv_ac_…",
};

/// A code must be exchanged only once.
pub static CODE_REPLAYED: Rule = rule! {
    id: "code-replayed",
    status: 400,
    error: "invalid_grant",
    title: "A code must be exchanged only once.",
    said: "The code has already been exchanged.",
    source: "RFC 6749 §4.1.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2",
    why: "The second use may be a thief's, so all tokens from the first one are revoked.",
    fix: "Exchange each code once. Look for a page that is loaded twice, or an HTTP client that \
        repeats POST.",
    example: "grant_type=authorization_code&code=clv_ac_…",
};

/// A code must be exchanged by the application that it was issued to.
pub static CODE_OTHER_CLIENT: Rule = rule! {
    id: "code-other-client",
    status: 400,
    error: "invalid_grant",
    title: "A code must be exchanged by the application that it was issued to.",
    said: "The code belongs to another app.",
    source: "RFC 6749 §4.1.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3",
    why: "Otherwise one app could collect what a user has allowed to another.",
    fix: "Use the same client id at /o/authorize and at /o/token.",
    example: "client_id=…",
};

/// A redirect_uri sent for the code must be sent again with it.
pub static CODE_REDIRECT_URI_MISSING: Rule = rule! {
    id: "code-redirect-uri-missing",
    status: 400,
    error: "invalid_grant",
    title: "A redirect_uri sent for the code must be sent again with it.",
    said: "The token request has no redirect_uri.",
    source: "RFC 6749 §4.1.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3",
    why: "It proves that the code came back the way it was requested.",
    fix: "Send redirect_uri at /o/token too. This code no longer works: start again.",
    example: "code=clv_ac_…&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback",
};

/// The redirect_uri must be the one that the code was requested with.
pub static CODE_REDIRECT_URI_MISMATCH: Rule = rule! {
    id: "code-redirect-uri-mismatch",
    status: 400,
    error: "invalid_grant",
    title: "The redirect_uri must be the one that the code was requested with.",
    said: "The redirect_uri isn't the one that the code was requested with.",
    source: "RFC 6749 §4.1.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3",
    why: "Another address is a sign that the code was led astray, so it no longer works.",
    fix: "Send the same text in both places, port included. Start again for a new code.",
    example: "redirect_uri=http%3A%2F%2F127.0.0.1%3A49152%2Fcallback",
};

/// This grant needs the parameter refresh_token.
pub static REFRESH_TOKEN_MISSING: Rule = rule! {
    id: "refresh-token-missing",
    status: 400,
    error: "invalid_request",
    title: "This grant needs the parameter refresh_token.",
    said: "The token request has no refresh_token.",
    source: "RFC 6749 §6",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-6",
    why: "The refresh token is what the new token is exchanged for.",
    fix: "Send the newest refresh token you got. If you never got one, add the grant \
        refresh_token.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…",
};

/// The refresh token must be one that this server issued.
pub static REFRESH_TOKEN_UNKNOWN: Rule = rule! {
    id: "refresh-token-unknown",
    status: 400,
    error: "invalid_grant",
    title: "The refresh token must be one that this server issued.",
    said: "Unknown refresh token.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "Only a token that this server issued stands for a user's consent.",
    fix: "Send it whole and unchanged, and not the access token. If it is lost, the user has to \
        sign in again.",
    example: "refresh_token=clv_rt_…",
};

/// A refresh token must be used before it expires.
pub static REFRESH_TOKEN_EXPIRED: Rule = rule! {
    id: "refresh-token-expired",
    status: 400,
    error: "invalid_grant",
    title: "A refresh token must be used before it expires.",
    said: "The refresh token has expired.",
    source: "RFC 9700 §4.14.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2",
    why: "A token that lies unused for long would not be missed if it were stolen.",
    fix: "Let the user sign in again. You can set a longer lifetime on the app's page.",
    example: "GET /o/authorize?response_type=code&client_id=…",
};

/// A revoked refresh token must not be used.
pub static REFRESH_TOKEN_REVOKED: Rule = rule! {
    id: "refresh-token-revoked",
    status: 400,
    error: "invalid_grant",
    title: "A revoked refresh token must not be used.",
    said: "The refresh token has been revoked.",
    source: "RFC 6749 §5.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
    why: "The user, an administrator or the app itself has ended this access, or the user \
        signed out and had not allowed the app to keep access.",
    fix: "Drop the tokens, and let the user sign in again if they want to. To outlive a logout, \
        ask for the scope offline_access.",
    example: "GET /o/authorize?response_type=code&client_id=…",
};

/// A refresh token that has been replaced must not be used again.
pub static REFRESH_TOKEN_REPLAYED: Rule = rule! {
    id: "refresh-token-replayed",
    status: 400,
    error: "invalid_grant",
    title: "A refresh token that has been replaced must not be used again.",
    said: "An old refresh token was used again.",
    source: "RFC 9700 §4.14.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2",
    why: "If two parties hold one token, one of them may be a thief, so all tokens of this \
        access have ended.",
    fix: "Store the new refresh token of every answer, at once and for all processes. Then let \
        the user sign in again.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…",
};

/// A refresh token must be used by the application that it was issued to.
pub static REFRESH_TOKEN_OTHER_CLIENT: Rule = rule! {
    id: "refresh-token-other-client",
    status: 400,
    error: "invalid_grant",
    title: "A refresh token must be used by the application that it was issued to.",
    said: "The refresh token belongs to another app.",
    source: "RFC 6749 §6",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-6",
    why: "Otherwise a stolen one would work with any other app.",
    fix: "Use the client ID with which the user signed in. Each app gets its own tokens.",
    example: "client_id=…",
};

/// This request needs the parameter token.
pub static TOKEN_MISSING: Rule = rule! {
    id: "token-missing",
    status: 400,
    error: "invalid_request",
    title: "This request needs the parameter token.",
    said: "The request has no token.",
    source: "RFC 7662 §2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc7662#section-2.1",
    why: "It says which token is to be looked up or revoked.",
    fix: "Send the token in the body, as a form parameter.",
    example: "POST /o/introspect HTTP/1.1\n\ntoken=clv_at_…",
};

/// This resource needs an access token.
pub static BEARER_MISSING: Rule = rule! {
    id: "bearer-missing",
    status: 401,
    error: "invalid_token",
    title: "This resource needs an access token.",
    said: "The request has no access token.",
    source: "RFC 6750 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
    why: "It is protected, and the request shows no right to it.",
    fix: "Get a token at /o/token, and send it in the header Authorization.",
    example: "Authorization: Bearer clv_at_…",
};

/// The Authorization header must hold Bearer, a space and one token.
pub static BEARER_MALFORMED: Rule = rule! {
    id: "bearer-malformed",
    status: 400,
    error: "invalid_request",
    title: "The Authorization header must hold Bearer, a space and one token.",
    said: "The Authorization header can't be read.",
    source: "RFC 6750 §2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
    why: "What can't be read can't be checked.",
    fix: "Write the token as it was issued, without quotes, commas or line breaks.",
    example: "Authorization: Bearer clv_at_…",
};

/// An access token must be sent in one way only.
pub static BEARER_TWICE: Rule = rule! {
    id: "bearer-twice",
    status: 400,
    error: "invalid_request",
    title: "An access token must be sent in one way only.",
    said: "The access token was sent in two places.",
    source: "RFC 6750 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-2",
    why: "Given two tokens, one program would check the first and another use the second.",
    fix: "Send it in the header, and leave access_token out of the body and the URL.",
    example: "Authorization: Bearer clv_at_…",
};

/// The access token must be one that this server issued.
pub static TOKEN_UNKNOWN: Rule = rule! {
    id: "token-unknown",
    status: 401,
    error: "invalid_token",
    title: "The access token must be one that this server issued.",
    said: "Unknown access token.",
    source: "RFC 6750 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
    why: "A token that this server didn't issue, or that was changed since, opens nothing.",
    fix: "Send the access token unchanged. An ID token or a refresh token is not one.",
    example: "Authorization: Bearer clv_at_…",
};

/// An access token must be used before it expires.
pub static TOKEN_EXPIRED: Rule = rule! {
    id: "token-expired",
    status: 401,
    error: "invalid_token",
    title: "An access token must be used before it expires.",
    said: "The access token has expired.",
    source: "RFC 6750 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
    why: "A short life limits what a stolen token is good for.",
    fix: "Get a new one with the refresh token, or let the user sign in again.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…",
};

/// A revoked access token must not be used.
pub static TOKEN_REVOKED: Rule = rule! {
    id: "token-revoked",
    status: 401,
    error: "invalid_token",
    title: "A revoked access token must not be used.",
    said: "The access token has been revoked.",
    source: "RFC 6750 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
    why: "The user, an administrator or the app itself has ended this access.",
    fix: "Drop the token, and let the user sign in again if they want to.",
    example: "GET /o/authorize?response_type=code&client_id=…",
};

/// The access token must carry the scope that this resource needs.
pub static SCOPE_INSUFFICIENT: Rule = rule! {
    id: "scope-insufficient",
    status: 403,
    error: "insufficient_scope",
    title: "The access token must carry the scope that this resource needs.",
    said: "The access token lacks a scope.",
    source: "RFC 6750 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
    why: "The user agreed to certain permissions, and this one is not among them.",
    fix: "Ask for the scope that WWW-Authenticate names, at /o/authorize.",
    example: "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"read\"",
};

/// The user behind a grant must still have an active account.
pub static USER_GONE: Rule = rule! {
    id: "user-gone",
    status: 400,
    error: "invalid_grant",
    title: "The user behind a grant must still have an active account.",
    said: "The user's account is disabled or deleted.",
    source: "OWASP ASVS 5.0 V7.4.2",
    source_url: "https://github.com/OWASP/ASVS/blob/master/5.0/en/0x16-V7-Session-Management.md",
    why: "When people leave, everything they allowed ends with their account.",
    fix: "Drop the tokens. An administrator can enable an account that was only disabled.",
    example: "GET /o/authorize?response_type=code&client_id=…",
};
