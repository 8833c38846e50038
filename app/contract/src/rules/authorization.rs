//! Rules on authorization requests, and on the pages where a person answers them.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &RESPONSE_TYPE_MISSING,
    &RESPONSE_TYPE_UNSUPPORTED,
    &RESPONSE_TYPE_NOT_ALLOWED,
    &RESPONSE_MODE_UNSUPPORTED,
    &SCOPE_MALFORMED,
    &SCOPE_UNKNOWN,
    &SCOPE_NOT_ALLOWED,
    &SCOPE_WIDENED,
    &RESOURCE_UNKNOWN,
    &PROMPT_UNKNOWN,
    &PROMPT_NONE_COMBINED,
    &PROMPT_CREATE_UNSUPPORTED,
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
    source: "RFC 6749 §3.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1",
    why: "A token in an address leaks into histories and logs, so the implicit types are left \
        out (RFC 9700 §2.1.2).",
    fix: "Ask for a code and redeem it at /o/token, with PKCE.",
    example: "response_type=code",
};

/// The application must be registered for the response_type that it asks for.
pub static RESPONSE_TYPE_NOT_ALLOWED: Rule = rule! {
    id: "response-type-not-allowed",
    status: 400,
    error: "unauthorized_client",
    title: "The application must be registered for the response_type that it asks for.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "An application that never signs people in has no need of codes.",
    fix: "Whoever owns the application can add the grant authorization_code in the dashboard.",
    example: "grant_types: [authorization_code]",
};

/// The response_mode must be one that this server supports.
pub static RESPONSE_MODE_UNSUPPORTED: Rule = rule! {
    id: "response-mode-unsupported",
    status: 400,
    error: "invalid_request",
    title: "The response_mode must be one that this server supports.",
    source: "OAuth 2.0 Multiple Response Type Encoding Practices §2.1",
    source_url: "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes",
    why: "An answer in a form that was not asked for would be lost at the application.",
    fix: "Leave it out, or take one from response_modes_supported in the server's metadata.",
    example: "response_mode=query",
};

/// A scope must be a list of names in plain ASCII, with single spaces between.
pub static SCOPE_MALFORMED: Rule = rule! {
    id: "scope-malformed",
    status: 400,
    error: "invalid_scope",
    title: "A scope must be a list of names in plain ASCII, with single spaces between.",
    source: "RFC 6749 §3.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.3",
    why: "One way of writing it keeps two programs from reading two different lists.",
    fix: "Separate the names with one space each, encoded as + or %20. Commas and quotes don't \
        belong there.",
    example: "scope=openid+profile+read",
};

/// Every scope must be one that this server knows.
pub static SCOPE_UNKNOWN: Rule = rule! {
    id: "scope-unknown",
    status: 400,
    error: "invalid_scope",
    title: "Every scope must be one that this server knows.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "If it were dropped in silence, the application would miss the right only later, and \
        elsewhere.",
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
    source: "RFC 9700 §2.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-2.3",
    why: "An application that can ask for little can lose little.",
    fix: "Ask for less, or add the scope to the application in the dashboard.",
    example: "scope=openid+read",
};

/// A refresh must not ask for more scope than was granted.
pub static SCOPE_WIDENED: Rule = rule! {
    id: "scope-widened",
    status: 400,
    error: "invalid_scope",
    title: "A refresh must not ask for more scope than was granted.",
    source: "RFC 6749 §6",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-6",
    why: "The person has agreed to certain rights. More of them need a new yes.",
    fix: "Leave scope out to keep what was granted. For more, send the person to /o/authorize \
        again.",
    example: "grant_type=refresh_token&refresh_token=clv_rt_…",
};

/// The resource must be a registered one that the application may use.
pub static RESOURCE_UNKNOWN: Rule = rule! {
    id: "resource-unknown",
    status: 400,
    error: "invalid_target",
    title: "The resource must be a registered one that the application may use.",
    source: "RFC 8707 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8707#section-2",
    why: "A token is made for one API. For an unknown address nobody could say what it opens.",
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
    source: "OpenID Connect Core 1.0 §3.1.2.1",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest",
    why: "The application counts on what it asks for. If it were ignored, it would believe that \
        it happened.",
    fix: "Take login, consent, select_account or none.",
    example: "prompt=login+consent",
};

/// prompt=none must stand alone.
pub static PROMPT_NONE_COMBINED: Rule = rule! {
    id: "prompt-none-combined",
    status: 400,
    error: "invalid_request",
    title: "prompt=none must stand alone.",
    source: "OpenID Connect Core 1.0 §3.1.2.1",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest",
    why: "None forbids every page and each other value demands one. Both at once can't be done.",
    fix: "Send none alone for a silent check, or leave it out.",
    example: "prompt=none",
};

/// prompt=create is not supported: accounts are not created here.
pub static PROMPT_CREATE_UNSUPPORTED: Rule = rule! {
    id: "prompt-create-unsupported",
    status: 400,
    error: "invalid_request",
    title: "prompt=create is not supported: accounts are not created here.",
    source: "Initiating User Registration via OpenID Connect 1.0 §4.1",
    source_url: "https://openid.net/specs/openid-connect-prompt-create-1_0.html#section-4.1",
    why: "People can't open accounts of their own on this server, so there is no page to send \
        them to.",
    fix: "Leave prompt out. New people ask whoever runs this server for an account.",
    example: "prompt=login",
};

/// max_age must be a whole number of seconds, 0 or more.
pub static MAX_AGE_MALFORMED: Rule = rule! {
    id: "max-age-malformed",
    status: 400,
    error: "invalid_request",
    title: "max_age must be a whole number of seconds, 0 or more.",
    source: "OpenID Connect Core 1.0 §3.1.2.1",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest",
    why: "It decides whether the person has to sign in again. A guess could let an old session \
        pass.",
    fix: "Write digits only, without sign, point or unit.",
    example: "max_age=3600",
};

/// The id_token_hint must be an ID token that this server issued.
pub static ID_TOKEN_HINT_INVALID: Rule = rule! {
    id: "id-token-hint-invalid",
    status: 400,
    error: "invalid_request",
    title: "The id_token_hint must be an ID token that this server issued.",
    source: "OpenID Connect Core 1.0 §3.1.2.2",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation",
    why: "It says who is expected to be signed in. A forged one must not decide that.",
    fix: "Send the last ID token of this issuer unchanged, or leave the parameter out.",
    example: "id_token_hint=eyJ…",
};

/// Somebody has to sign in first, and the request forbids asking.
pub static LOGIN_REQUIRED: Rule = rule! {
    id: "login-required",
    status: 400,
    error: "login_required",
    title: "Somebody has to sign in first, and the request forbids asking.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "With prompt=none no page may be shown, and the session is missing, too old, or another \
        person's.",
    fix: "Send the same request without prompt=none, in a full window, so that the person can \
        sign in.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// The person has to agree first, and the request forbids asking.
pub static CONSENT_REQUIRED: Rule = rule! {
    id: "consent-required",
    status: 400,
    error: "consent_required",
    title: "The person has to agree first, and the request forbids asking.",
    source: "OpenID Connect Core 1.0 §3.1.2.6",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#AuthError",
    why: "With prompt=none no page may be shown, and this person has not yet agreed to all these \
        scopes.",
    fix: "Send the same request without prompt=none, so that the person can decide.",
    example: "GET /o/authorize?response_type=code&client_id=…&scope=openid",
};

/// The person has to allow the request, and has refused it.
pub static ACCESS_DENIED: Rule = rule! {
    id: "access-denied",
    status: 400,
    error: "access_denied",
    title: "The person has to allow the request, and has refused it.",
    source: "RFC 6749 §4.1.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1",
    why: "Nobody has to share anything. A no is an answer, not a fault.",
    fix: "Respect it: say what will not work without, and offer to try again. Asking for less \
        helps.",
    example: "scope=openid",
};

/// A sign-in must be finished within ten minutes.
pub static FLOW_EXPIRED: Rule = rule! {
    id: "flow-expired",
    status: 400,
    error: "",
    title: "A sign-in must be finished within ten minutes.",
    source: "Claviger",
    source_url: "",
    why: "A page left open must not give access later, when nobody remembers it. Damaged links \
        count as old.",
    fix: "Go back to the application and start again there. Nothing is lost.",
    example: "/login?flow=…",
};

/// A sign-in must be finished in the browser in which it began.
pub static FLOW_OTHER_BROWSER: Rule = rule! {
    id: "flow-other-browser",
    status: 400,
    error: "",
    title: "A sign-in must be finished in the browser in which it began.",
    source: "RFC 6749 §10.12",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-10.12",
    why: "Otherwise somebody could send you a half-finished sign-in, and you would agree in \
        their place.",
    fix: "Open the application in this browser and start there. Cookies must be allowed.",
    example: "/consent?flow=…",
};

/// A request can be answered only once.
pub static FLOW_COMPLETED: Rule = rule! {
    id: "flow-completed",
    status: 400,
    error: "",
    title: "A request can be answered only once.",
    source: "Claviger",
    source_url: "",
    why: "A second answer could hand out a second code, or turn a no into a yes.",
    fix: "Go back to the application. If it has not let you in, start there once more.",
    example: "/consent?flow=…",
};

/// An answer must be passed on to the application within one minute.
pub static ANSWER_EXPIRED: Rule = rule! {
    id: "answer-expired",
    status: 400,
    error: "",
    title: "An answer must be passed on to the application within one minute.",
    source: "OAuth 2.0 Form Post Response Mode §2",
    source_url: "https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html#FormPostResponseMode",
    why: "The answer holds a code that ends after a minute. A page that is opened later, or \
        from a history, could only lead to an error.",
    fix: "Go back to the application and start again there. Nothing is lost.",
    example: "/o/form_post?answer=…",
};
