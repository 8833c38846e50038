//! Rules on authorization requests, and on the pages where a person answers them.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &RESPONSE_TYPE_MISSING,
    &RESPONSE_TYPE_UNSUPPORTED,
    &RESPONSE_TYPE_NOT_ALLOWED,
    &RESPONSE_MODE_UNSUPPORTED,
    &SCOPE_MALFORMED,
    &SCOPE_TOO_MANY,
    &SCOPE_UNKNOWN,
    &SCOPE_NOT_ALLOWED,
    &SCOPE_WIDENED,
    &RESOURCE_UNKNOWN,
    &PROMPT_UNKNOWN,
    &PROMPT_NONE_COMBINED,
    &MAX_AGE_MALFORMED,
    &ID_TOKEN_HINT_INVALID,
    &LOGIN_REQUIRED,
    &CONSENT_REQUIRED,
    &ACCESS_DENIED,
    &FLOW_EXPIRED,
    &FLOW_OTHER_BROWSER,
    &FLOW_COMPLETED,
    &ANSWER_EXPIRED,
];

/// An authorization request must carry response_type.
pub static RESPONSE_TYPE_MISSING: Rule = rule! {
    id: "response-type-missing",
    status: 400,
    error: "invalid_request",
    title: "An authorization request must carry response_type.",
    said: "The request has no response_type.",
    source: "RFC 6749 §3.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1",
    why: "It says what the application expects back.",
    fix: "Add response_type=code.",
    example: "response_type=code",
};

/// The response_type must be one that this server knows.
pub static RESPONSE_TYPE_UNSUPPORTED: Rule = rule! {
    id: "response-type-unsupported",
    status: 400,
    error: "unsupported_response_type",
    title: "The response_type must be one that this server knows.",
    said: "The request asks for a response_type that isn't supported.",
    source: "RFC 6749 §3.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1",
    why: "A token in a URL leaks into histories and logs, so the implicit types are left out \
        (RFC 9700 §2.1.2).",
    fix: "Ask for a code and exchange it at /o/token, with PKCE.",
    example: "response_type=code",
};

/// The application must be registered for the response_type that it asks for.
pub static RESPONSE_TYPE_NOT_ALLOWED: Rule = rule! {
    id: "response-type-not-allowed",
    status: 400,
    error: "unauthorized_client",
    title: "The application must be registered for the response_type that it asks for.",
    said: "The app isn't allowed to ask for codes.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "An app that never signs people in doesn't need codes.",
    fix: "The app's owner can add the grant authorization_code in the dashboard.",
    example: "grant_types: [authorization_code]",
};

/// The response_mode must be one that this server supports.
pub static RESPONSE_MODE_UNSUPPORTED: Rule = rule! {
    id: "response-mode-unsupported",
    status: 400,
    error: "invalid_request",
    title: "The response_mode must be one that this server supports.",
    said: "The request asks for a response_mode that isn't supported.",
    source: "OAuth 2.0 Multiple Response Type Encoding Practices §2.1",
    source_url: "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes",
    why: "The app would never see an answer that comes in a form it didn't ask for.",
    fix: "Leave it out, or take one from response_modes_supported in the server's metadata.",
    example: "response_mode=query",
};

/// A scope must be a list of names in plain ASCII, with single spaces between.
pub static SCOPE_MALFORMED: Rule = rule! {
    id: "scope-malformed",
    status: 400,
    error: "invalid_scope",
    title: "A scope must be a list of names in plain ASCII, with single spaces between.",
    said: "The scope isn't a list of names.",
    source: "RFC 6749 §3.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.3",
    why: "One way of writing it keeps two programs from reading two different lists.",
    fix: "Separate the names with one space each, encoded as + or %20. Commas and quotes don't \
        belong there.",
    example: "scope=openid+profile+read",
};

/// A request may name at most 100 scopes.
pub static SCOPE_TOO_MANY: Rule = rule! {
    id: "scope-too-many",
    status: 400,
    error: "invalid_scope",
    title: "A request may name at most 100 scopes.",
    said: "The app asked for too many scopes.",
    source: "RFC 6749 §3.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.3",
    why: "Each is looked up, and a person could not read as many.",
    fix: "Name each scope once, and only those that this request is for.",
    example: "scope=openid+email",
};

/// Every scope must be one that this server knows.
pub static SCOPE_UNKNOWN: Rule = rule! {
    id: "scope-unknown",
    status: 400,
    error: "invalid_scope",
    title: "Every scope must be one that this server knows.",
    said: "The request asks for a scope that doesn't exist.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "Silently dropping it would surface later as a confusing error. Beside openid it is \
        ignored, as OpenID Connect says, and the scope of the response tells what was granted.",
    fix: "Compare the spelling with scopes_supported in the server's metadata. An administrator \
        can add scopes.",
    example: "scope=openid+email",
};

/// The application must be registered for every scope that it asks for.
pub static SCOPE_NOT_ALLOWED: Rule = rule! {
    id: "scope-not-allowed",
    status: 400,
    error: "invalid_scope",
    title: "The application must be registered for every scope that it asks for.",
    said: "The app asks for a scope that it isn't allowed to have.",
    source: "RFC 9700 §2.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-2.3",
    why: "An app that can ask for little can lose little.",
    fix: "Ask for less, or add the scope to the application in the dashboard.",
    example: "scope=openid+read",
};

/// A refresh must not ask for more scope than was granted.
pub static SCOPE_WIDENED: Rule = rule! {
    id: "scope-widened",
    status: 400,
    error: "invalid_scope",
    title: "A refresh must not ask for more scope than was granted.",
    said: "The refresh asks for more scope than was granted.",
    source: "RFC 6749 §6",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-6",
    why: "The user agreed to certain permissions. More of them need a new consent.",
    fix: "Leave scope out to keep what was granted. For more, send the user to /o/authorize again.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…",
};

/// The resource must be a registered one that the application may use.
pub static RESOURCE_UNKNOWN: Rule = rule! {
    id: "resource-unknown",
    status: 400,
    error: "invalid_target",
    title: "The resource must be a registered one that the application may use.",
    said: "The request names a resource that isn't registered.",
    source: "RFC 8707 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8707#section-2",
    why: "A token is made for one API. It can't be limited to an API that isn't registered.",
    fix: "Write the URI as it is registered, absolute and without a fragment. An administrator \
        can register it.",
    example: "resource=https%3A%2F%2Fapi.example.com",
};

/// Every value of prompt must be one that this server knows.
pub static PROMPT_UNKNOWN: Rule = rule! {
    id: "prompt-unknown",
    status: 400,
    error: "invalid_request",
    title: "Every value of prompt must be one that this server knows.",
    said: "The request has a prompt value that isn't supported.",
    source: "OpenID Connect Core 1.0 §3.1.2.1",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest",
    why: "The app relies on what it asks for. Ignoring it would make the app believe that it \
        happened.",
    fix: "Use login, consent, select_account or none.",
    example: "prompt=login+consent",
};

/// prompt=none must stand alone.
pub static PROMPT_NONE_COMBINED: Rule = rule! {
    id: "prompt-none-combined",
    status: 400,
    error: "invalid_request",
    title: "prompt=none must stand alone.",
    said: "The request combines prompt=none with another value.",
    source: "OpenID Connect Core 1.0 §3.1.2.1",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest",
    why: "none forbids every page, and each other value demands one.",
    fix: "Send none alone for a silent check, or leave it out.",
    example: "prompt=none",
};

/// max_age must be a whole number of seconds, 0 or more.
pub static MAX_AGE_MALFORMED: Rule = rule! {
    id: "max-age-malformed",
    status: 400,
    error: "invalid_request",
    title: "max_age must be a whole number of seconds, 0 or more.",
    said: "max_age isn't a whole number of seconds.",
    source: "OpenID Connect Core 1.0 §3.1.2.1",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest",
    why: "It decides whether the user has to sign in again. A guess could let an old session pass.",
    fix: "Write digits only, without sign, point or unit.",
    example: "max_age=3600",
};

/// The id_token_hint must be an ID token that this server issued.
pub static ID_TOKEN_HINT_INVALID: Rule = rule! {
    id: "id-token-hint-invalid",
    status: 400,
    error: "invalid_request",
    title: "The id_token_hint must be an ID token that this server issued.",
    said: "The id_token_hint wasn't issued by this server.",
    source: "OpenID Connect Core 1.0 §3.1.2.2",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation",
    why: "It says which user is expected to be signed in. A forged one must not decide that.",
    fix: "Send the last ID token of this issuer unchanged, or leave the parameter out.",
    example: "id_token_hint=eyJ…",
};

/// The user must sign in first, and the request forbids asking.
pub static LOGIN_REQUIRED: Rule = rule! {
    id: "login-required",
    status: 400,
    error: "login_required",
    title: "The user must sign in first, and the request forbids asking.",
    said: "Sign-in is needed, and the request doesn't allow asking.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "With prompt=none no page may be shown, and there is no session, or it is too old, or \
        it is another user's.",
    fix: "Send the same request without prompt=none, in a full window, so that the user can \
        sign in.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// The user must agree first, and the request forbids asking.
pub static CONSENT_REQUIRED: Rule = rule! {
    id: "consent-required",
    status: 400,
    error: "consent_required",
    title: "The user must agree first, and the request forbids asking.",
    said: "Consent is needed, and the request doesn't allow asking.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "With prompt=none no page may be shown, and this user hasn't agreed to all these \
        scopes yet.",
    fix: "Send the same request without prompt=none, so that the user can decide.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// The user must allow the request, and has declined it.
pub static ACCESS_DENIED: Rule = rule! {
    id: "access-denied",
    status: 400,
    error: "access_denied",
    title: "The user must allow the request, and has declined it.",
    said: "The user declined.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "Sharing is voluntary. A no is a valid answer, not an error.",
    fix: "Your app should carry on without access: say what won't work, and offer to try again. \
        Asking for less helps.",
    example: "scope=openid",
};

/// A sign-in must be finished within ten minutes.
pub static FLOW_EXPIRED: Rule = rule! {
    id: "flow-expired",
    status: 400,
    error: "",
    title: "A sign-in must be finished within ten minutes.",
    said: "This sign-in took too long, so it has expired.",
    source: "Claviger",
    source_url: "",
    why: "A page left open must not give access later, when it has been forgotten. Damaged \
        links count as expired.",
    fix: "Go back to the app and start again there. Nothing is lost.",
    example: "/login?flow=…",
};

/// A sign-in must be finished in the browser in which it began.
pub static FLOW_OTHER_BROWSER: Rule = rule! {
    id: "flow-other-browser",
    status: 400,
    error: "",
    title: "A sign-in must be finished in the browser in which it began.",
    said: "This sign-in was started in another browser.",
    source: "RFC 6749 §10.12",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-10.12",
    why: "Otherwise an attacker could send you a half-finished sign-in, and you would approve \
        it in their place.",
    fix: "Open the app in this browser and start there. Cookies must be allowed.",
    example: "/consent?flow=…",
};

/// A request can be answered only once.
pub static FLOW_COMPLETED: Rule = rule! {
    id: "flow-completed",
    status: 400,
    error: "",
    title: "A request can be answered only once.",
    said: "This request has already been answered.",
    source: "Claviger",
    source_url: "",
    why: "A second answer could hand out a second code, or turn a no into a yes.",
    fix: "Go back to the app. If you aren't signed in there, start once more.",
    example: "/consent?flow=…",
};

/// An answer must be passed on to the application within one minute.
pub static ANSWER_EXPIRED: Rule = rule! {
    id: "answer-expired",
    status: 400,
    error: "",
    title: "An answer must be passed on to the application within one minute.",
    said: "This page was opened too late.",
    source: "OAuth 2.0 Form Post Response Mode §2",
    source_url: "https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html#FormPostResponseMode",
    why: "The answer holds a code that expires after a minute. Opened later, or from the \
        history, the page could only lead to an error.",
    fix: "Go back to the app and start again there. Nothing is lost.",
    example: "/o/form_post?answer=…",
};
