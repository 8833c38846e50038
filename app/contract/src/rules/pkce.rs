//! Rules on PKCE, the proof that a code is exchanged by the one who asked for it (RFC 7636).

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &PKCE_REQUIRED,
    &PKCE_METHOD_UNSUPPORTED,
    &PKCE_CHALLENGE_MALFORMED,
    &PKCE_CHALLENGE_MISSING,
    &PKCE_VERIFIER_MISSING,
    &PKCE_VERIFIER_MALFORMED,
    &PKCE_VERIFIER_MISMATCH,
    &PKCE_VERIFIER_UNEXPECTED,
];

/// An authorization request must carry a code_challenge.
pub static PKCE_REQUIRED: Rule = rule! {
    id: "pkce-required",
    status: 400,
    error: "invalid_request",
    title: "An authorization request must carry a code_challenge.",
    said: "The request has no code_challenge (PKCE).",
    source: "RFC 7636 §4.4.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc7636#section-4.4.1",
    why: "A code can be intercepted. With PKCE it is useless to everyone but the app that asked.",
    fix: "Turn PKCE on in your OAuth library, or send the SHA-256 of a fresh random code_verifier.",
    example: "code_challenge=E9Melhoa2Owv…&code_challenge_method=S256",
};

/// The code_challenge_method must be S256.
pub static PKCE_METHOD_UNSUPPORTED: Rule = rule! {
    id: "pkce-method-unsupported",
    status: 400,
    error: "invalid_request",
    title: "The code_challenge_method must be S256.",
    said: "The code_challenge_method isn't S256.",
    source: "RFC 9700 §2.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1",
    why: "With plain the challenge is the verifier itself, readable by everyone who sees the \
        request. No method means plain.",
    fix: "Send code_challenge_method=S256, and hash the verifier with SHA-256.",
    example: "code_challenge_method=S256",
};

/// A code_challenge must be 43 characters of Base64url without padding.
pub static PKCE_CHALLENGE_MALFORMED: Rule = rule! {
    id: "pkce-challenge-malformed",
    status: 400,
    error: "invalid_request",
    title: "A code_challenge must be 43 characters of Base64url without padding.",
    said: "The code_challenge isn't a SHA-256 in Base64url.",
    source: "RFC 7636 §4.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7636#section-4.2",
    why: "A SHA-256 always has that form. Anything else could never match a verifier.",
    fix: "Encode the 32 bytes of the hash, not their hexadecimal digits, and cut off the = at \
        the end.",
    example: "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
};

/// A code_challenge_method must come with a code_challenge.
pub static PKCE_CHALLENGE_MISSING: Rule = rule! {
    id: "pkce-challenge-missing",
    status: 400,
    error: "invalid_request",
    title: "A code_challenge_method must come with a code_challenge.",
    said: "The request has a code_challenge_method but no code_challenge.",
    source: "RFC 7636 §4.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc7636#section-4.3",
    why: "A method alone protects nothing, though the app believes that it does.",
    fix: "Send code_challenge too. Check whether a proxy or a template drops it.",
    example: "code_challenge=E9Melhoa2Owv…&code_challenge_method=S256",
};

/// A code requested with PKCE must be exchanged with its code_verifier.
pub static PKCE_VERIFIER_MISSING: Rule = rule! {
    id: "pkce-verifier-missing",
    status: 400,
    error: "invalid_grant",
    title: "A code requested with PKCE must be exchanged with its code_verifier.",
    said: "The token request has no code_verifier.",
    source: "RFC 7636 §4.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc7636#section-4.5",
    why: "The verifier proves that the code is exchanged by the one who requested it.",
    fix: "Keep the verifier in the session when the sign-in starts, and send it with the code.",
    example: "grant_type=authorization_code&code=clv_ac_…&code_verifier=…",
};

/// A code_verifier must be 43 to 128 letters, digits, or any of -._~.
pub static PKCE_VERIFIER_MALFORMED: Rule = rule! {
    id: "pkce-verifier-malformed",
    status: 400,
    error: "invalid_grant",
    title: "A code_verifier must be 43 to 128 letters, digits, or any of -._~.",
    said: "The code_verifier has the wrong length or characters.",
    source: "RFC 7636 §4.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc7636#section-4.1",
    why: "A shorter one could be guessed, and other characters change on the way.",
    fix: "Encode 32 random bytes as Base64url without padding: that makes 43 characters.",
    example: "code_verifier=…",
};

/// The code_verifier must be the one that the code_challenge was made from.
pub static PKCE_VERIFIER_MISMATCH: Rule = rule! {
    id: "pkce-verifier-mismatch",
    status: 400,
    error: "invalid_grant",
    title: "The code_verifier must be the one that the code_challenge was made from.",
    said: "Wrong code_verifier.",
    source: "RFC 7636 §4.6",
    source_url: "https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
    why: "The code may have been stolen, so it no longer works.",
    fix: "Start again, and keep one verifier per sign-in: two tabs must not overwrite each \
        other's.",
    example: "code_challenge = BASE64URL(SHA256(code_verifier))",
};

/// A code_verifier must not come with a code that was requested without PKCE.
pub static PKCE_VERIFIER_UNEXPECTED: Rule = rule! {
    id: "pkce-verifier-unexpected",
    status: 400,
    error: "invalid_grant",
    title: "A code_verifier must not come with a code that was requested without PKCE.",
    said: "The token request has a code_verifier, but the code was requested without PKCE.",
    source: "RFC 9700 §2.1.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1",
    why: "An attacker may have removed the challenge from the request to slip in a stolen code.",
    fix: "Send the code_challenge at /o/authorize, and check that it arrives there.",
    example: "code_challenge=E9Melhoa2Owv…&code_challenge_method=S256",
};
