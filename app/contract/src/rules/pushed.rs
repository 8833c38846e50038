//! Rules on the pushed authorization requests.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &PUSHED_REQUEST_UNKNOWN,
    &PUSHED_REQUEST_EXPIRED,
    &PUSHED_REQUEST_USED,
    &PUSHED_REQUEST_REQUIRED,
    &PUSHED_REQUEST_NESTED,
    &PUSHED_REQUEST_QUOTA,
];

/// A request_uri must be one that this server gave to the same application.
pub static PUSHED_REQUEST_UNKNOWN: Rule = rule! {
    id: "pushed-request-unknown",
    status: 400,
    error: "invalid_request_uri",
    title: "A request_uri must be one that this server gave to the same application.",
    said: "Unknown request_uri.",
    source: "RFC 9126 §2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc9126#section-2.2",
    why: "It stands for a request that one app has sent and proven to be its own. Other apps \
        can't use it.",
    fix: "Push the request to /o/par, and send the request_uri from the answer unchanged, with \
        the same client_id.",
    example: "GET /o/authorize?client_id=…&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A…",
};

/// A pushed request must be used within its lifetime.
pub static PUSHED_REQUEST_EXPIRED: Rule = rule! {
    id: "pushed-request-expired",
    status: 400,
    error: "invalid_request_uri",
    title: "A pushed request must be used within its lifetime.",
    said: "The sign-in link has expired.",
    source: "RFC 9126 §4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9126#section-4",
    why: "It only has to live for as long as a browser takes to get here. A shorter life leaves \
        less to steal.",
    fix: "Push the request when a user starts to sign in, not before, and send the browser here \
        at once. expires_in says how long it lives.",
    example: "{\"request_uri\": \"urn:ietf:params:oauth:request_uri:…\", \"expires_in\": 60}",
};

/// A pushed request must bring one code only.
pub static PUSHED_REQUEST_USED: Rule = rule! {
    id: "pushed-request-used",
    status: 400,
    error: "invalid_request_uri",
    title: "A pushed request must bring one code only.",
    said: "The sign-in link has already been used.",
    source: "RFC 9126 §4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9126#section-4",
    why: "A URL found in a history or a log must not start the same request again.",
    fix: "Push a new request for each sign-in. A reload is no error before the code is issued; \
        after that, start again in the app.",
    example: "POST /o/par HTTP/1.1\nAuthorization: Basic …\n\nresponse_type=code&…",
};

/// Authorization requests to this server or by this application must be pushed first.
pub static PUSHED_REQUEST_REQUIRED: Rule = rule! {
    id: "pushed-request-required",
    status: 400,
    error: "invalid_request",
    title: "Authorization requests to this server or by this application must be pushed first.",
    said: "The app has to push its request first.",
    source: "RFC 9126 §4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9126#section-4",
    why: "The server's administrator or the app's owner has decided that no parameter may pass \
        through a browser, where it could be changed.",
    fix: "Push the parameters to /o/par and send the browser to /o/authorize with client_id and \
        request_uri only.",
    example: "GET /o/authorize?client_id=…&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A…",
};

/// A pushed request must hold the parameters themselves, not request_uri or request.
pub static PUSHED_REQUEST_NESTED: Rule = rule! {
    id: "pushed-request-nested",
    status: 400,
    error: "invalid_request",
    title: "A pushed request must hold the parameters themselves, not request_uri or request.",
    said: "The pushed request holds request or request_uri.",
    source: "RFC 9126 §2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc9126#section-2.1",
    why: "A request that stands for another one could run in circles, or lead elsewhere.",
    fix: "Leave request_uri and request out, and send each parameter by its name.",
    example: "POST /o/par HTTP/1.1\nAuthorization: Basic …\n\nresponse_type=code&redirect_uri=…",
};

/// Without authentication only so many requests may be pushed in a time.
pub static PUSHED_REQUEST_QUOTA: Rule = rule! {
    id: "pushed-request-quota",
    status: 429,
    error: "temporarily_unavailable",
    title: "Without authentication only so many requests may be pushed in a time.",
    said: "The app has pushed too many requests lately.",
    source: "RFC 9126 §2.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9126#section-2.3",
    why: "A public application proves nothing, so any program could fill the database with requests in \
        its name.",
    fix: "Wait as long as Retry-After says. Push a request when a person wants to sign in, and \
        send the browser with it at once.",
    example: "HTTP/1.1 429 Too Many Requests\nRetry-After: 600",
};
