//! Rules on the shape of a request, before it matters what it asks for.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &METHOD_NOT_ALLOWED,
    &MEDIA_TYPE_NOT_FORM,
    &REQUEST_TOO_LARGE,
    &PARAMETERS_TOO_MANY,
    &REQUEST_NOT_UTF8,
    &PARAMETER_REPEATED,
    &PARAMETERS_IN_QUERY,
    &REQUEST_OBJECT_UNSUPPORTED,
    &REQUEST_URI_UNSUPPORTED,
    &REGISTRATION_UNSUPPORTED,
    &SERVER_BUSY,
    &SERVER_ERROR,
];

/// This endpoint must be called with a method from its Allow header.
pub static METHOD_NOT_ALLOWED: Rule = rule! {
    id: "method-not-allowed",
    status: 405,
    error: "invalid_request",
    title: "This endpoint must be called with a method from its Allow header.",
    said: "This address can't be opened this way.",
    source: "RFC 9110 §15.5.6",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6",
    why: "A GET leaves its parameters in histories and logs, so requests that carry a secret \
        are sent by POST.",
    fix: "This endpoint is for programs. Send the request with a method that the answer's Allow \
        header lists.",
    example: "POST /o/token HTTP/1.1",
};

/// A request may hold at most 100 parameters.
pub static PARAMETERS_TOO_MANY: Rule = rule! {
    id: "parameters-too-many",
    status: 400,
    error: "invalid_request",
    title: "A request may hold at most 100 parameters.",
    said: "The request holds too many parameters.",
    source: "RFC 6749 §10.10",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-10.10",
    why: "No request of the protocol needs thirty. Thousands of short ones would cost the server \
        more than they cost the sender.",
    fix: "Send only the parameters that the endpoint knows, each of them once.",
    example: "grant_type=client_credentials&scope=read",
};

/// The body must be sent as application/x-www-form-urlencoded.
pub static MEDIA_TYPE_NOT_FORM: Rule = rule! {
    id: "media-type-not-form",
    status: 400,
    error: "invalid_request",
    title: "The body must be sent as application/x-www-form-urlencoded.",
    said: "The body isn't form-encoded.",
    source: "RFC 6749 Appendix B",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#appendix-B",
    why: "OAuth has one encoding for requests. Any other would have to be guessed at.",
    fix: "Encode the parameters as a form and set the Content-Type. JSON and multipart are not \
        read here.",
    example: "Content-Type: application/x-www-form-urlencoded\n\
        \n\
        grant_type=client_credentials&scope=read",
};

/// A request must not be larger than this endpoint takes.
pub static REQUEST_TOO_LARGE: Rule = rule! {
    id: "request-too-large",
    status: 413,
    error: "invalid_request",
    title: "A request must not be larger than this endpoint takes.",
    said: "The request is too large.",
    source: "RFC 9110 §15.5.14",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14",
    why: "No request of the protocol is long. A limit keeps one sender from filling the \
        server's memory.",
    fix: "Send fewer or shorter parameters. Keep a long state in your session, under a short key.",
    example: "state=9f2c…",
};

/// Parameters must be UTF-8, percent-encoded.
pub static REQUEST_NOT_UTF8: Rule = rule! {
    id: "request-not-utf8",
    status: 400,
    error: "invalid_request",
    title: "Parameters must be UTF-8, percent-encoded.",
    said: "The parameters aren't UTF-8.",
    source: "RFC 6749 Appendix B",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#appendix-B",
    why: "In another encoding the same bytes mean other characters, and two programs would read \
        two different requests.",
    fix: "Encode each name and value as UTF-8 first, then percent-encode it. Most HTTP libraries \
        do both.",
    example: "login_hint=zo%C3%AB%40example.com",
};

/// A parameter must not be sent more than once.
pub static PARAMETER_REPEATED: Rule = rule! {
    id: "parameter-repeated",
    status: 400,
    error: "invalid_request",
    title: "A parameter must not be sent more than once.",
    said: "A parameter was sent more than once.",
    source: "RFC 6749 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1",
    why: "Given two values, one program uses the first and another the last. Attackers exploit \
        that gap.",
    fix: "Send each parameter once; only resource may be repeated. Look for one that is in the \
        URL and in the body.",
    example: "GET /o/authorize?response_type=code&client_id=…&state=9f2c…",
};

/// Parameters of this endpoint must be sent in the body, not in the URL.
pub static PARAMETERS_IN_QUERY: Rule = rule! {
    id: "parameters-in-query",
    status: 400,
    error: "invalid_request",
    title: "Parameters of this endpoint must be sent in the body, not in the URL.",
    said: "Parameters were sent in the URL.",
    source: "RFC 6749 §2.3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1",
    why: "URLs end up in logs, histories and Referer headers, and secrets with them.",
    fix: "Move the parameters from the URL into the body. If a secret was in the URL, replace \
        that secret.",
    example: "POST /o/token HTTP/1.1\n\ngrant_type=authorization_code&code=clv_ac_…",
};

/// The parameter request is not supported; send the parameters themselves.
pub static REQUEST_OBJECT_UNSUPPORTED: Rule = rule! {
    id: "request-object-unsupported",
    status: 400,
    error: "request_not_supported",
    title: "The parameter request is not supported; send the parameters themselves.",
    said: "Request objects aren't supported.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "Claviger does not read signed request objects. Ignoring one could grant something \
        other than what was asked for.",
    fix: "Leave request out, and send what it holds as parameters of their own.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// A request_uri must come from /o/par; documents elsewhere are not fetched.
pub static REQUEST_URI_UNSUPPORTED: Rule = rule! {
    id: "request-uri-unsupported",
    status: 400,
    error: "request_uri_not_supported",
    title: "A request_uri must come from /o/par; documents elsewhere are not fetched.",
    said: "The request_uri points to another server.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "A server that fetches any address it is given can be turned against its own network.",
    fix: "Push the request to /o/par and send the request_uri from the answer, or send the \
        parameters in the request itself.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// An application must not be registered within an authorization request.
pub static REGISTRATION_UNSUPPORTED: Rule = rule! {
    id: "registration-parameter-unsupported",
    status: 400,
    error: "registration_not_supported",
    title: "An application must not be registered within an authorization request.",
    said: "The parameter registration isn't supported.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "The parameter registration belongs to self-issued providers (OpenID Connect Core 1.0 \
        §7.2.1). Ignoring it could treat the application otherwise than it expects.",
    fix: "Leave registration out. What it says belongs in the app's registration.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// The server is too busy at the moment; try again shortly.
pub static SERVER_BUSY: Rule = rule! {
    id: "server-busy",
    status: 503,
    error: "temporarily_unavailable",
    title: "The server is too busy at the moment; try again shortly.",
    said: "The server is busy.",
    source: "RFC 9110 §15.6.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4",
    why: "A request turned away early can be repeated. One that waits until it times out helps \
        no one.",
    fix: "Wait as many seconds as Retry-After says, then send the same request. If it keeps \
        happening, tell an administrator.",
    example: "HTTP/1.1 503 Service Unavailable\nRetry-After: 5",
};

/// The server could not finish this request; the error is its own.
pub static SERVER_ERROR: Rule = rule! {
    id: "server-error",
    status: 503,
    error: "temporarily_unavailable",
    title: "The server could not finish this request; the error is its own.",
    said: "Something went wrong on our side.",
    source: "RFC 9110 §15.6.4",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4",
    why: "Something that Claviger needs has failed, such as its database. Your request may be \
        fine.",
    fix: "Try again in a moment. If it keeps happening, give the request ID to an administrator.",
    example: "HTTP/1.1 503 Service Unavailable\nRetry-After: 5",
};
