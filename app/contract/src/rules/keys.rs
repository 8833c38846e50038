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
    &CLIENT_AUTH_METHOD,
    &ASSERTION_TYPE,
    &ASSERTION_MALFORMED,
    &ASSERTION_ALGORITHM,
    &ASSERTION_SIGNATURE,
    &ASSERTION_KEYS,
    &ASSERTION_CLAIMS,
    &ASSERTION_SUBJECT,
    &ASSERTION_AUDIENCE,
    &ASSERTION_EXPIRED,
    &ASSERTION_LIFETIME,
    &ASSERTION_EARLY,
    &ASSERTION_REPLAYED,
];

/// jwks must be a JWK Set of public keys.
pub static JWKS_MALFORMED: Rule = rule! {
    id: "jwks-malformed",
    status: 422,
    error: "invalid_client_metadata",
    title: "jwks must be a JWK Set of public keys.",
    said: "That isn't a JWK Set of public keys.",
    source: "RFC 7517 §5",
    source_url: "https://www.rfc-editor.org/rfc/rfc7517#section-5",
    why: "The app proves its identity with these keys; a private key in them would no longer be \
        private.",
    fix: "Send an object with the member keys: RSA keys of 2048 bits or more, P-256 or Ed25519, \
        without any private member (d, p, q, k).",
    example: "{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"…\", \"y\": \"…\"}]}",
};

/// jwks and jwks_uri must not be set together.
pub static JWKS_TWICE: Rule = rule! {
    id: "jwks-twice",
    status: 422,
    error: "invalid_client_metadata",
    title: "jwks and jwks_uri must not be set together.",
    said: "jwks and jwks_uri are both set.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "Two places for the same keys would sooner or later hold different ones.",
    fix: "Keep jwks_uri if the app publishes its keys, else jwks.",
    example: "jwks_uri: https://app.example/jwks.json",
};

/// An application with private_key_jwt must have public keys.
pub static JWKS_REQUIRED: Rule = rule! {
    id: "jwks-required",
    status: 422,
    error: "invalid_client_metadata",
    title: "An application with private_key_jwt must have public keys.",
    said: "Public keys are missing.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "Without a public key nothing that it signs can be verified.",
    fix: "Set jwks, or jwks_uri.",
    example: "jwks_uri: https://app.example/jwks.json",
};

/// A public application has nothing to authenticate with.
pub static AUTH_METHOD_PUBLIC: Rule = rule! {
    id: "auth-method-public",
    status: 422,
    error: "invalid_client_metadata",
    title: "A public application has nothing to authenticate with.",
    said: "A public app can't authenticate.",
    source: "RFC 6749 §2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-2.1",
    why: "Everyone who has the app would have its secret or its key.",
    fix: "Leave token_endpoint_auth_method out or set it to none; or register a confidential app.",
    example: "token_endpoint_auth_method: none",
};

/// A confidential application has to authenticate.
pub static AUTH_METHOD_CONFIDENTIAL: Rule = rule! {
    id: "auth-method-confidential",
    status: 422,
    error: "invalid_client_metadata",
    title: "A confidential application has to authenticate.",
    said: "A confidential app has to authenticate.",
    source: "RFC 6749 §3.2.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1",
    why: "An app that could keep a secret and doesn't use one is as weak as one that can't.",
    fix: "Choose client_secret_basic, client_secret_post or private_key_jwt; or register a \
        public app.",
    example: "token_endpoint_auth_method: client_secret_basic",
};

/// This address must be an https URL without a user or a fragment.
pub static HTTPS_URI_REQUIRED: Rule = rule! {
    id: "https-uri-required",
    status: 422,
    error: "invalid_client_metadata",
    title: "This address must be an https URL without a user or a fragment.",
    said: "Use an https URL without a user or a fragment.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "What is fetched without TLS can be replaced on the way.",
    fix: "Use a full https URL.",
    example: "https://app.example/jwks.json",
};

/// A back-channel logout URI is an https URL without a fragment (http on loopback only).
pub static LOGOUT_URI_MALFORMED: Rule = rule! {
    id: "logout-uri-malformed",
    status: 422,
    error: "invalid_client_metadata",
    title: "A back-channel logout URI is an https URL without a fragment (http on loopback only).",
    said: "Use an https URL without a fragment (http on localhost only).",
    source: "OpenID Connect Back-Channel Logout 1.0 §2.2",
    source_url: "https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRegistration",
    why: "The server sends the logout token there itself, without a browser.",
    fix: "Use the full https URL of the endpoint that takes the logout token.",
    example: "https://app.example/backchannel-logout",
};

/// The application must authenticate in the way that it is registered for.
pub static CLIENT_AUTH_METHOD: Rule = rule! {
    id: "client-auth-method",
    status: 401,
    error: "invalid_client",
    title: "The application must authenticate in the way that it is registered for.",
    said: "The app authenticated in a way that it isn't registered for.",
    source: "RFC 7591 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-2",
    why: "An app that signs its requests must not be open to a leaked secret.",
    fix: "Send what the app's token_endpoint_auth_method says, or change that setting. An \
        assertion needs jwks or jwks_uri.",
    example: "token_endpoint_auth_method: private_key_jwt",
};

/// A client assertion comes with its type, and only JWTs are taken.
pub static ASSERTION_TYPE: Rule = rule! {
    id: "assertion-type",
    status: 401,
    error: "invalid_client",
    title: "A client assertion comes with its type, and only JWTs are taken.",
    said: "The client assertion has no type, or one that isn't supported.",
    source: "RFC 7521 §4.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7521#section-4.2",
    why: "The type says how to read it.",
    fix: "Send client_assertion together with the client_assertion_type below.",
    example: "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=…",
};

/// A client assertion must be a signed JWT in its compact form.
pub static ASSERTION_MALFORMED: Rule = rule! {
    id: "assertion-malformed",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must be a signed JWT in its compact form.",
    said: "The client assertion can't be read.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "What can't be read can't be checked.",
    fix: "Send header, claims and signature in Base64url with dots between, without crit in the \
        header, and with typ JWT or none.",
    example: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOi…",
};

/// A client assertion must be signed with RS256, PS256, ES256 or EdDSA.
pub static ASSERTION_ALGORITHM: Rule = rule! {
    id: "assertion-algorithm",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must be signed with RS256, PS256, ES256 or EdDSA.",
    said: "The client assertion is signed with an algorithm that isn't supported.",
    source: "RFC 8725 §3.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8725#section-3.2",
    why: "With none nothing is signed, and with HS256 a public key would be the secret.",
    fix: "Sign with the private key that belongs to one of the app's public keys.",
    example: "{\"alg\": \"ES256\", \"kid\": \"2026-01\"}",
};

/// A client assertion must be signed with a key of the application.
pub static ASSERTION_SIGNATURE: Rule = rule! {
    id: "assertion-signature",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must be signed with a key of the application.",
    said: "The client assertion's signature doesn't match any key of the app.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "The signature is the only proof.",
    fix: "Compare kid, key type and algorithm with the app's jwks. When you change keys, \
        publish the new one before signing with it.",
    example: "{\"alg\": \"ES256\", \"kid\": \"2026-01\"}",
};

/// The keys of the application must be where its jwks_uri says.
pub static ASSERTION_KEYS: Rule = rule! {
    id: "assertion-keys",
    status: 401,
    error: "invalid_client",
    title: "The keys of the application must be where its jwks_uri says.",
    said: "The app's public keys couldn't be fetched.",
    source: "RFC 7517 §5",
    source_url: "https://www.rfc-editor.org/rfc/rfc7517#section-5",
    why: "Without a public key nothing that it signs can be verified.",
    fix: "Serve the JWK Set there over https from a public address, at once, without a \
        redirect, in at most 64 KiB.",
    example: "jwks_uri: https://app.example/jwks.json",
};

/// A client assertion must say iss, sub, aud, exp and jti.
pub static ASSERTION_CLAIMS: Rule = rule! {
    id: "assertion-claims",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must say iss, sub, aud, exp and jti.",
    said: "The client assertion lacks a claim.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "Each of them limits what a stolen assertion is good for.",
    fix: "Add the missing claim, in the form below.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};

/// In a client assertion iss and sub must be the client id.
pub static ASSERTION_SUBJECT: Rule = rule! {
    id: "assertion-subject",
    status: 401,
    error: "invalid_client",
    title: "In a client assertion iss and sub must be the client id.",
    said: "The client assertion is about another client.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "A client can only speak for itself here.",
    fix: "Set both claims to the client id; a client_id beside the assertion must be the same one.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};

/// A client assertion must name this server as its audience.
pub static ASSERTION_AUDIENCE: Rule = rule! {
    id: "assertion-audience",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must name this server as its audience.",
    said: "The client assertion is meant for another server.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "An assertion for another server, forwarded by that one, must not work here.",
    fix: "Set aud to the issuer, or to the URL of the token endpoint, exactly as the metadata says it.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};

/// A client assertion must not have expired.
pub static ASSERTION_EXPIRED: Rule = rule! {
    id: "assertion-expired",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must not have expired.",
    said: "The client assertion has expired.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "An old assertion may have been stolen.",
    fix: "Make a new one for each request, and compare the clocks of the two machines.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};

/// A client assertion must expire an hour after it was made at the latest.
pub static ASSERTION_LIFETIME: Rule = rule! {
    id: "assertion-lifetime",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must expire an hour after it was made at the latest.",
    said: "The client assertion lives too long.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "The longer it lives, the more a thief can do with it. It is used once anyway.",
    fix: "Set exp to a few minutes after iat, to an hour after it at most.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};

/// A client assertion must not be from the future.
pub static ASSERTION_EARLY: Rule = rule! {
    id: "assertion-early",
    status: 401,
    error: "invalid_client",
    title: "A client assertion must not be from the future.",
    said: "The client assertion is from the future.",
    source: "RFC 7523 §3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7523#section-3",
    why: "What was signed for later is not meant to work now.",
    fix: "Set the clock: iat and nbf may be 30 seconds ahead of this server at most.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};

/// A client assertion can be used only once.
pub static ASSERTION_REPLAYED: Rule = rule! {
    id: "assertion-replayed",
    status: 401,
    error: "invalid_client",
    title: "A client assertion can be used only once.",
    said: "The client assertion has already been used.",
    source: "OpenID Connect Core 1.0 §9",
    source_url: "https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication",
    why: "A stolen one must not work again.",
    fix: "Make a new one with a new jti for each request, even when you repeat a request.",
    example: "{\"iss\": \"CLIENT_ID\", \"sub\": \"CLIENT_ID\", \"aud\": \"https://id.example/o\", \"iat\": 1800000000, \
        \"exp\": 1800000060, \"jti\": \"…\"}",
};
