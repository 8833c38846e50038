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
    said: "The app's metadata document couldn't be read.",
    source: "draft-ietf-oauth-client-id-metadata-document §4",
    source_url: "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-4",
    why: "An app whose ID is a URL is described by the document there, and by nothing else.",
    fix: "Serve the document over https from a public address, with status 200, as \
        application/json, within a few seconds, without a redirect, in at most 16 KiB. After a \
        failure we try again in 10 seconds, then less often.",
    example: "client_id=https://app.example/client.json",
};

/// The metadata document must describe the client whose id is its address.
pub static CLIENT_DOCUMENT_INVALID: Rule = rule! {
    id: "client-document-invalid",
    status: 401,
    error: "invalid_client",
    title: "The metadata document must describe the client whose id is its address.",
    said: "The app's metadata document isn't valid.",
    source: "draft-ietf-oauth-client-id-metadata-document §4.1",
    source_url: "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-4.1",
    why: "Otherwise a file uploaded anywhere could speak for another app; and a secret in it \
        would be public.",
    fix: "Write client_id exactly as the URL, redirect_uris, and no secret; \
        token_endpoint_auth_method is none or private_key_jwt.",
    example: "{\"client_id\": \"https://app.example/client.json\", \"client_name\": \"Calendar\", \
        \"redirect_uris\": [\"https://app.example/cb\"]}",
};

/// Only so many applications may come by a metadata document in a time.
pub static CLIENT_DOCUMENT_QUOTA: Rule = rule! {
    id: "client-document-quota",
    status: 429,
    error: "temporarily_unavailable",
    title: "Only so many applications may come by a metadata document in a time.",
    said: "Too many new apps right now.",
    source: "draft-ietf-oauth-client-id-metadata-document §6",
    source_url: "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-6",
    why: "Every stranger may bring an app this way, so one of them could bring more than there \
        is room for, or make this server fetch documents without end.",
    fix: "Wait as long as Retry-After says. Apps that are never used are removed after 30 days. \
        An administrator can register the app instead.",
    example: "client_id=https://app.example/client.json",
};
