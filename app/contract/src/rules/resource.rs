//! Rules on resource servers: which a request may name, and what they take.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &RESOURCE_MALFORMED,
    &RESOURCE_NOT_ALLOWED,
    &RESOURCE_NOT_GRANTED,
    &SCOPE_NOTHING_LEFT,
    &TOKEN_AUDIENCE,
    &AUTHENTICATION_TOO_OLD,
    &AUTHENTICATION_TOO_WEAK,
];

/// A resource must be an absolute URI without a fragment.
pub static RESOURCE_MALFORMED: Rule = rule! {
    id: "resource-malformed",
    status: 400,
    error: "invalid_target",
    title: "A resource must be an absolute URI without a fragment.",
    said: "The resource isn't an absolute URI.",
    source: "RFC 8707 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8707#section-2",
    why: "It is compared as it stands. A relative address or a fragment would mean something \
        else to every reader.",
    fix: "Send the whole URI as the resource server gives it, from the scheme on, without # and \
        what follows it.",
    example: "resource=https%3A%2F%2Fapi.example.com",
};

/// The application may ask only for the resources that its settings name.
pub static RESOURCE_NOT_ALLOWED: Rule = rule! {
    id: "resource-not-allowed",
    status: 400,
    error: "invalid_target",
    title: "The application may ask only for the resources that its settings name.",
    said: "The app isn't allowed to use this resource.",
    source: "RFC 8707 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8707#section-2",
    why: "Not every app needs every API.",
    fix: "Add the resource to the app's settings, or leave it out of the request.",
    example: "resource=https%3A%2F%2Fapi.example.com",
};

/// A token must be for resources that were granted.
pub static RESOURCE_NOT_GRANTED: Rule = rule! {
    id: "resource-not-granted",
    status: 400,
    error: "invalid_target",
    title: "A token must be for resources that were granted.",
    said: "The token request names a resource that wasn't granted.",
    source: "RFC 8707 §2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8707#section-2.2",
    why: "The user agreed to a request that named certain APIs. A token for another one would \
        be more than they gave.",
    fix: "Name every resource in the authorization request. At the token endpoint name one of \
        those, or none for all of them.",
    example: "GET /o/authorize?…&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example",
};

/// A token must hold at least one of the scopes that were granted.
pub static SCOPE_NOTHING_LEFT: Rule = rule! {
    id: "scope-nothing-left",
    status: 400,
    error: "invalid_scope",
    title: "A token must hold at least one of the scopes that were granted.",
    said: "No granted scope applies here.",
    source: "RFC 6749 §3.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.3",
    why: "The app has lost these scopes since, or none of them means anything at the resource \
        that the token is for. A token without scope is of no use, and an API may take an empty \
        scope for its default.",
    fix: "Ask for scopes of the resource that you name, or send the user to /o/authorize again.",
    example: "scope=read&resource=https%3A%2F%2Fapi.example.com",
};

/// The token must have been issued for this resource server.
pub static TOKEN_AUDIENCE: Rule = rule! {
    id: "token-audience",
    status: 401,
    error: "invalid_token",
    title: "The token must have been issued for this resource server.",
    said: "The token is for another API.",
    source: "RFC 9068 §4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9068#section-4",
    why: "A resource server could use a token that it receives elsewhere. So a token opens only \
        what its audience names.",
    fix: "Ask for a token that names this resource, or no resource at all: then it is for this \
        server. Of several that were granted, a refresh can ask for this one.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…&resource=http%3A%2F%2Flocalhost%3A8000%2Fapi%2Fhello",
};

/// The sign-in behind the token must be recent enough.
pub static AUTHENTICATION_TOO_OLD: Rule = rule! {
    id: "authentication-too-old",
    status: 401,
    error: "insufficient_user_authentication",
    title: "The sign-in behind the token must be recent enough.",
    said: "The sign-in is too long ago.",
    source: "RFC 9470 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9470#section-3",
    why: "Sensitive actions need a user who has just proved their identity.",
    fix: "Start an authorization request with the challenge's max_age, and call again with the \
        new token. A refresh does not make the sign-in younger.",
    example: "GET /o/authorize?…&max_age=300",
};

/// The sign-in behind the token must be of a kind that is asked for.
pub static AUTHENTICATION_TOO_WEAK: Rule = rule! {
    id: "authentication-too-weak",
    status: 401,
    error: "insufficient_user_authentication",
    title: "The sign-in behind the token must be of a kind that is asked for.",
    said: "The sign-in wasn't strong enough.",
    source: "RFC 9470 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9470#section-3",
    why: "Sensitive actions need a user who has proved their identity well enough.",
    fix: "Start an authorization request with the challenge's acr_values, and call again with \
        the new token.",
    example: "GET /o/authorize?…&acr_values=1",
};
