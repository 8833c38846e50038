//! Rules on clients' keys and assertions.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &JWKS_MALFORMED,
    &JWKS_TWICE,
    &JWKS_REQUIRED,
    &AUTH_METHOD_PUBLIC,
    &AUTH_METHOD_CONFIDENTIAL,
    &HTTPS_URI_REQUIRED,
    &LOGOUT_URI_MALFORMED,
];

/// jwks must be a JWK Set of public keys.
pub static JWKS_MALFORMED: Rule = rule! {
    id: "jwks-malformed",
    status: 422,
    error: "invalid_client_metadata",
    title: "jwks must be a JWK Set of public keys.",
    source: "RFC 7517 §5",
    source_url: "https://www.rfc-editor.org/rfc/rfc7517#section-5",
    why: "With these keys the application proves who it is; a private key in them would be known \
        to more than its owner.",
    mend: "Send an object with the member keys: RSA keys of 2048 bits or more, P-256 or Ed25519, \
        without any private member (d, p, q, k).",
    example: "{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"…\", \"y\": \"…\"}]}",
};

/// jwks and jwks_uri must not be set together.
pub static JWKS_TWICE: Rule = rule! {
    id: "jwks-twice",
    status: 422,
    error: "invalid_client_metadata",
    title: "jwks and jwks_uri must not be set together.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "Two places for the same keys would sooner or later hold different ones.",
    mend: "Keep jwks_uri if the application publishes its keys, else jwks.",
    example: "jwks_uri: https://app.example/jwks.json",
};

/// An application with private_key_jwt needs its public keys.
pub static JWKS_REQUIRED: Rule = rule! {
    id: "jwks-required",
    status: 422,
    error: "invalid_client_metadata",
    title: "An application with private_key_jwt needs its public keys.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "Without a public key nothing that it signs can be verified.",
    mend: "Set jwks, or jwks_uri.",
    example: "jwks_uri: https://app.example/jwks.json",
};

/// A public application has nothing to authenticate with.
pub static AUTH_METHOD_PUBLIC: Rule = rule! {
    id: "auth-method-public",
    status: 422,
    error: "invalid_client_metadata",
    title: "A public application has nothing to authenticate with.",
    source: "RFC 6749 §2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-2.1",
    why: "Everybody who has the program would have its secret or its key.",
    mend: "Leave token_endpoint_auth_method out or set it to none; or register a confidential \
        application.",
    example: "token_endpoint_auth_method: none",
};

/// A confidential application has to authenticate.
pub static AUTH_METHOD_CONFIDENTIAL: Rule = rule! {
    id: "auth-method-confidential",
    status: 422,
    error: "invalid_client_metadata",
    title: "A confidential application has to authenticate.",
    source: "RFC 6749 §3.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1",
    why: "An application that can keep a secret and does not use it is as weak as one that can't.",
    mend: "Choose client_secret_basic, client_secret_post or private_key_jwt; or register a \
        public application.",
    example: "token_endpoint_auth_method: client_secret_basic",
};

/// This address must be an https URL without user, fragment or spaces.
pub static HTTPS_URI_REQUIRED: Rule = rule! {
    id: "https-uri-required",
    status: 422,
    error: "invalid_client_metadata",
    title: "This address must be an https URL without a user or a fragment.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "What is fetched without TLS can be replaced on the way.",
    mend: "Use a full https URL.",
    example: "https://app.example/jwks.json",
};

/// A back-channel logout URI is an absolute http or https URL without a fragment.
pub static LOGOUT_URI_MALFORMED: Rule = rule! {
    id: "logout-uri-malformed",
    status: 422,
    error: "invalid_client_metadata",
    title: "A back-channel logout URI is an https URL without a fragment (http on loopback only).",
    source: "OpenID Connect Back-Channel Logout 1.0 §2.2",
    source_url: "https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRegistration",
    why: "The server sends a logout token there by itself, without a browser.",
    mend: "Use the full https URL of the endpoint that takes the logout token.",
    example: "https://app.example/backchannel-logout",
};
