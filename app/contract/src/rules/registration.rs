//! Rules on the registration and metadata documents.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &REGISTRATION_CLOSED,
    &REGISTRATION_TOKEN_MISSING,
    &REGISTRATION_TOKEN_UNKNOWN,
    &REGISTRATION_ACCESS_MISSING,
    &REGISTRATION_ACCESS_DENIED,
    &REGISTRATION_QUOTA,
    &REGISTRATION_UPDATE_QUOTA,
    &CLIENT_METADATA_MALFORMED,
    &CLIENT_METADATA_INVALID,
    &CLIENT_METADATA_REDIRECT_URI,
    &SOFTWARE_STATEMENT_UNSUPPORTED,
    &REGISTRATION_UPDATE_MISMATCH,
];

/// This server does not let applications register themselves.
pub static REGISTRATION_CLOSED: Rule = rule! {
    id: "registration-closed",
    status: 404,
    error: "not_found",
    title: "This server does not let applications register themselves.",
    said: "Apps can't register themselves here.",
    source: "RFC 7591 §5",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-5",
    why: "A self-registered app can put any name on the consent page, so this is off until an \
        administrator turns it on.",
    fix: "Register the app in the dashboard; or have the server started with --registration \
        token or --registration open.",
    example: "claviger serve --registration token",
};

/// Registration must come with an initial access token.
pub static REGISTRATION_TOKEN_MISSING: Rule = rule! {
    id: "registration-token-missing",
    status: 401,
    error: "access_denied",
    title: "Registration must come with an initial access token.",
    said: "Registration needs an initial access token.",
    source: "RFC 7591 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3",
    why: "This server takes registrations only with a token that it gave out for this.",
    fix: "Ask an administrator for an initial access token, and send it in the header \
        Authorization. Signing in does not replace it.",
    example: "POST /o/register HTTP/1.1\nAuthorization: Bearer clv_ia_…",
};

/// The initial access token must be known, not expired and not used up.
pub static REGISTRATION_TOKEN_UNKNOWN: Rule = rule! {
    id: "registration-token-unknown",
    status: 401,
    error: "invalid_token",
    title: "The initial access token must be known, not expired and not used up.",
    said: "The initial access token isn't valid.",
    source: "RFC 7591 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3",
    why: "A token that works forever and for any number of apps would be worth stealing.",
    fix: "Ask an administrator for a new one. An app's access token doesn't work here.",
    example: "claviger registration-token add --uses 1 --expires 1d",
};

/// To read or change a registration, send its registration access token.
pub static REGISTRATION_ACCESS_MISSING: Rule = rule! {
    id: "registration-access-missing",
    status: 401,
    error: "invalid_token",
    title: "To read or change a registration, send its registration access token.",
    said: "The registration access token is missing.",
    source: "RFC 7592 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7592#section-2",
    why: "The URL of a registration is no secret; only the token shows that it is yours.",
    fix: "Send registration_access_token, as it was issued, in the header Authorization. A \
        client secret or a session does not replace it.",
    example: "GET /o/register/{client_id} HTTP/1.1\nAuthorization: Bearer clv_ra_…",
};

/// A registration is read and changed with its own registration access token.
pub static REGISTRATION_ACCESS_DENIED: Rule = rule! {
    id: "registration-access-denied",
    status: 401,
    error: "invalid_token",
    title: "A registration is read and changed with its own registration access token.",
    said: "The registration access token isn't valid for this app.",
    source: "RFC 7592 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7592#section-2",
    why: "An unknown app, another owner's and a wrong token get the same answer, so that it \
        doesn't give away which apps exist.",
    fix: "Send the registration_access_token of the latest answer: each update replaces it. An \
        app made in the dashboard is changed in the dashboard.",
    example: "GET /o/register/{client_id} HTTP/1.1\nAuthorization: Bearer clv_ra_…",
};

/// Only so many applications may be registered in a time.
pub static REGISTRATION_QUOTA: Rule = rule! {
    id: "registration-quota",
    status: 429,
    error: "temporarily_unavailable",
    title: "Only so many applications may be registered in a time.",
    said: "Too many apps have been registered lately.",
    source: "RFC 6585 §4",
    source_url: "https://www.rfc-editor.org/rfc/rfc6585#section-4",
    why: "With open registration one program could fill the database with apps that are never \
        used.",
    fix: "Wait as long as Retry-After says. Keep the client ID you got instead of registering \
        at every start.",
    example: "HTTP/1.1 429 Too Many Requests\nRetry-After: 3600",
};

/// An application may change its registration only so often.
pub static REGISTRATION_UPDATE_QUOTA: Rule = rule! {
    id: "registration-update-quota",
    status: 429,
    error: "temporarily_unavailable",
    title: "An application may change its registration only so often.",
    said: "The app has changed its registration too often lately.",
    source: "RFC 6585 §4",
    source_url: "https://www.rfc-editor.org/rfc/rfc6585#section-4",
    why: "Every change is written down for a year, and every server of this installation reads \
        its applications anew.",
    fix: "Wait as long as Retry-After says. Send an update only when something has changed; a GET \
        shows what is registered.",
    example: "HTTP/1.1 429 Too Many Requests\nRetry-After: 3600",
};

/// Client metadata must be one JSON object whose members have the types of the standard.
pub static CLIENT_METADATA_MALFORMED: Rule = rule! {
    id: "client-metadata-malformed",
    status: 400,
    error: "invalid_client_metadata",
    title: "Client metadata must be one JSON object whose members have the types of the standard.",
    said: "The client metadata can't be read.",
    source: "RFC 7591 §3.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.1",
    why: "Guessing at it could register something other than what was meant.",
    fix: "Send Content-Type application/json and an object of at most 16 KiB: lists as lists of \
        texts, scope as one text with spaces, each member once.",
    example: "{\"redirect_uris\": [\"https://app.example/cb\"], \"scope\": \"openid profile\"}",
};

/// Each member of the client metadata must be one that this server supports.
pub static CLIENT_METADATA_INVALID: Rule = rule! {
    id: "client-metadata-invalid",
    status: 400,
    error: "invalid_client_metadata",
    title: "Each member of the client metadata must be one that this server supports.",
    said: "A member of the client metadata isn't supported.",
    source: "RFC 7591 §3.2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2",
    why: "Silently dropping a value would leave the app relying on something that isn't there.",
    fix: "Compare the member named in error_description with the server's metadata. Members \
        that no standard defines are ignored and need not be left out.",
    example: "{\"grant_types\": [\"authorization_code\", \"refresh_token\"], \
        \"response_types\": [\"code\"]}",
};

/// Each redirect URI of the client metadata must be one that may be registered.
pub static CLIENT_METADATA_REDIRECT_URI: Rule = rule! {
    id: "client-metadata-redirect-uri",
    status: 400,
    error: "invalid_redirect_uri",
    title: "Each redirect URI of the client metadata must be one that may be registered.",
    said: "One of the redirect URIs can't be registered.",
    source: "RFC 7591 §3.2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2",
    why: "Codes are sent there. An address that others can read or change gives them away.",
    fix: "Use https, http on localhost, or an app scheme of your own that contains a dot; no \
        fragment, no wildcard, no username.",
    example: "{\"redirect_uris\": [\"https://app.example/cb\", \"http://127.0.0.1/cb\"]}",
};

/// Software statements are not supported; send the metadata themselves.
pub static SOFTWARE_STATEMENT_UNSUPPORTED: Rule = rule! {
    id: "software-statement-unsupported",
    status: 400,
    error: "invalid_software_statement",
    title: "Software statements are not supported; send the metadata themselves.",
    said: "Software statements aren't supported.",
    source: "RFC 7591 §3.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.1.1",
    why: "What a statement says would take precedence over the rest. Ignoring it could register \
        something other than its publisher signed.",
    fix: "Leave software_statement out, and send what it holds as members of their own.",
    example: "{\"software_id\": \"…\", \"software_version\": \"2.1\"}",
};

/// An update of a registration must name its own client id and nothing that the server issues.
pub static REGISTRATION_UPDATE_MISMATCH: Rule = rule! {
    id: "registration-update-mismatch",
    status: 400,
    error: "invalid_client_metadata",
    title: "An update of a registration must name its own client id and nothing that the server \
        issues.",
    said: "The update doesn't match the registration.",
    source: "RFC 7592 §2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7592#section-2.2",
    why: "An update replaces everything. Without the ID it could be meant for another app, and \
        secrets are never chosen by the client.",
    fix: "Send client_id as it was issued, client_secret only if it is the current one, and leave \
        out registration_access_token, registration_client_uri, client_secret_expires_at and \
        client_id_issued_at.",
    example: "{\"client_id\": \"…\", \"redirect_uris\": [\"https://app.example/cb\"]}",
};
