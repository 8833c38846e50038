//! Rules on client ids that are addresses of metadata documents.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &CLIENT_DOCUMENT_UNREADABLE,
    &CLIENT_DOCUMENT_INVALID,
    &CLIENT_DOCUMENT_QUOTA,
];

/// The metadata document at the client id must be there to be read.
pub static CLIENT_DOCUMENT_UNREADABLE: Rule = rule! {
    id: "client-document-unreadable",
    status: 401,
    error: "invalid_client",
    title: "The metadata document at the client id must be there to be read.",
    source: "draft-ietf-oauth-client-id-metadata-document §4",
    source_url: "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-4",
    why: "An application whose id is an address is what the document there says, and nothing else \
        is known of it.",
    fix: "Serve the document by https from a public address, with status 200, as \
        application/json, within a few seconds, without a redirect, in at most 16 KiB. After a failure it is tried again in 10 \
        seconds, then less often.",
    example: "client_id=https://app.example/client.json",
};

/// The metadata document must describe the client whose id is its address.
pub static CLIENT_DOCUMENT_INVALID: Rule = rule! {
    id: "client-document-invalid",
    status: 401,
    error: "invalid_client",
    title: "The metadata document must describe the client whose id is its address.",
    source: "draft-ietf-oauth-client-id-metadata-document §4.1",
    source_url: "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-4.1",
    why: "Otherwise whoever can put a file somewhere could speak for another application; and a \
        secret in it would be everybody's.",
    fix: "Write client_id exactly as the address, redirect_uris, and no secret; \
        token_endpoint_auth_method is none or private_key_jwt.",
    example: "{\"client_id\": \"https://app.example/client.json\", \"client_name\": \"Calendar\", \
        \"redirect_uris\": [\"https://app.example/cb\"]}",
};

/// Only so many applications may come by a document in a time.
pub static CLIENT_DOCUMENT_QUOTA: Rule = rule! {
    id: "client-document-quota",
    status: 429,
    error: "temporarily_unavailable",
    title: "Only so many applications may come by a metadata document in a time.",
    source: "draft-ietf-oauth-client-id-metadata-document §6",
    source_url: "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-6",
    why: "Everybody may bring an application, so somebody could bring more than there is room for, \
        or have this server call others without end.",
    fix: "Wait as long as Retry-After says. Those that nobody uses go after 30 days. Ask whoever runs this server to register the \
        application.",
    example: "client_id=https://app.example/client.json",
};
