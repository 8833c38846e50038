//! Rules on what the dashboard's forms and its API take.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &JSON_MALFORMED,
    &QUERY_MALFORMED,
    &NOT_FOUND,
    &FORM_INVALID,
    &FIELD_REQUIRED,
    &FIELD_TOO_LONG,
    &FIELD_MALFORMED,
    &VALUE_TAKEN,
    &VALUE_UNKNOWN,
    &LIFETIME_OUT_OF_RANGE,
    &ORIGIN_MALFORMED,
    &SECRET_LAST,
    &SECRET_LIMIT,
    &APPLICATION_LIMIT,
    &DELETION_WHILE_DISABLED,
    &DELETION_NOT_CONFIRMED,
];

/// The body must be JSON of the expected shape.
pub static JSON_MALFORMED: Rule = rule! {
    id: "json-malformed",
    status: 400,
    error: "",
    title: "The body must be JSON of the expected shape.",
    said: "The body isn't the JSON that was expected.",
    source: "RFC 8259 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8259#section-2",
    why: "A body that can't be read can't be acted on, and acting on half of it would be worse.",
    fix: "Send Content-Type application/json and check the body against /api/openapi.json.",
    example: "{\"name\": \"Acme Photos\"}",
};

/// A query parameter must have one of its values.
pub static QUERY_MALFORMED: Rule = rule! {
    id: "query-malformed",
    status: 400,
    error: "",
    title: "A query parameter must have one of its values.",
    said: "A query parameter can't be read.",
    source: "RFC 9110 §15.5.1",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.1",
    why: "A filter that was ignored would show more than was asked for.",
    fix: "Check the parameter against /api/openapi.json. A cursor comes from next of the page before.",
    example: "GET /api/mail?state=failed&limit=50",
};

/// The address must be one that exists and that you have access to.
pub static NOT_FOUND: Rule = rule! {
    id: "not-found",
    status: 404,
    error: "",
    title: "The address must be one that exists and that you have access to.",
    said: "Nothing here, or nothing you have access to.",
    source: "RFC 9110 §15.5.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5",
    why: "Other people's things get the same answer, so that it doesn't give away what exists.",
    fix: "Check the address, and that you're signed in with the right account.",
    example: "GET /api/applications/{client_id}",
};

/// Every field must be valid before anything is saved.
pub static FORM_INVALID: Rule = rule! {
    id: "form-invalid",
    status: 422,
    error: "",
    title: "Every field must be valid before anything is saved.",
    said: "Nothing was saved. Some fields need a look.",
    source: "RFC 9110 §15.5.21",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21",
    why: "All errors are reported at once, and nothing is saved by halves.",
    fix: "Correct the fields named in errors; each comes with its reason.",
    example: "{\"errors\": {\"name\": [\"…\"]}}",
};

/// This field must be filled in.
pub static FIELD_REQUIRED: Rule = rule! {
    id: "field-required",
    status: 422,
    error: "",
    title: "This field must be filled in.",
    said: "Fill this in.",
    source: "Claviger",
    source_url: "",
    why: "The rest makes no sense without it.",
    fix: "Enter a value. Spaces alone don't count.",
    example: "{\"name\": \"Acme Photos\"}",
};

/// This value must not be longer than the limit.
pub static FIELD_TOO_LONG: Rule = rule! {
    id: "field-too-long",
    status: 422,
    error: "",
    title: "This value must not be longer than the limit.",
    said: "Too long.",
    source: "Claviger",
    source_url: "",
    why: "Names and URLs are shown, stored and compared. A limit keeps that safe.",
    fix: "Shorten it. The message beside the field says how much fits.",
    example: "Acme Photos",
};

/// This value must have the form that the field asks for.
pub static FIELD_MALFORMED: Rule = rule! {
    id: "field-malformed",
    status: 422,
    error: "",
    title: "This value must have the form that the field asks for.",
    said: "That doesn't look right.",
    source: "RFC 7591 §3.2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2",
    why: "A value that is almost right fails later, where the reason is harder to find.",
    fix: "Compare it with the example beside the field.",
    example: "zoe@example.com",
};

/// This value must not be in use already.
pub static VALUE_TAKEN: Rule = rule! {
    id: "value-taken",
    status: 422,
    error: "",
    title: "This value must not be in use already.",
    said: "Already taken.",
    source: "RFC 6749 §2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-2.2",
    why: "Usernames, email addresses and client IDs have to be unique.",
    fix: "Choose another one. If it's yours, sign in with that account instead.",
    example: "acme-photos-2",
};

/// This value must be one of those that Claviger knows.
pub static VALUE_UNKNOWN: Rule = rule! {
    id: "value-unknown",
    status: 422,
    error: "",
    title: "This value must be one of those that Claviger knows.",
    said: "There's no such value.",
    source: "RFC 7591 §3.2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2",
    why: "Silently dropping it would leave you relying on something that isn't there.",
    fix: "Use one of the values that the field offers; /api/openapi.json lists them.",
    example: "grant_types: [authorization_code, refresh_token]",
};

/// A lifetime must lie within the bounds of its field.
pub static LIFETIME_OUT_OF_RANGE: Rule = rule! {
    id: "lifetime-out-of-range",
    status: 422,
    error: "",
    title: "A lifetime must lie within the bounds of its field.",
    said: "Too short or too long.",
    source: "RFC 6819 §5.1.5.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6819#section-5.1.5.3",
    why: "A long lifetime helps thieves, and a short one signs people out in the middle of \
        their work.",
    fix: "Choose a lifetime within the bounds beside the field.",
    example: "access_token_lifetime: 3600",
};

/// An origin is scheme, host and port, as browsers send it.
pub static ORIGIN_MALFORMED: Rule = rule! {
    id: "origin-malformed",
    status: 422,
    error: "",
    title: "An origin is scheme, host and port, as browsers send it.",
    said: "Enter scheme, host and port only, as browsers send them.",
    source: "RFC 6454 §6.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6454#section-6.2",
    why: "Browsers send nothing more, so anything else would never match. Plain http is for \
        loopback hosts only.",
    fix: "Leave out path, trailing slash and default port, and write it in lower case.",
    example: "https://app.example.com\nhttp://localhost:3000",
};

/// The only live secret of an application must not be revoked.
pub static SECRET_LAST: Rule = rule! {
    id: "secret-last",
    status: 409,
    error: "",
    title: "The only live secret of an application must not be revoked.",
    said: "The only secret can't be revoked.",
    source: "Claviger",
    source_url: "",
    why: "Without a secret the app could no longer authenticate.",
    fix: "Add a new secret, deploy it, then revoke the old one.",
    example: "POST /api/applications/{client_id}/secrets",
};

/// An application has at most 10 live secrets.
pub static SECRET_LIMIT: Rule = rule! {
    id: "secret-limit",
    status: 409,
    error: "",
    title: "An application has at most 10 live secrets.",
    said: "This app already has 10 secrets.",
    source: "Claviger",
    source_url: "",
    why: "Two are enough to replace one without downtime. Every further secret is one more that can leak.",
    fix: "Revoke the secrets that are no longer used; the page shows when each was last used.",
    example: "DELETE /api/applications/{client_id}/secrets/{id}",
};

/// A developer owns at most 1000 applications.
pub static APPLICATION_LIMIT: Rule = rule! {
    id: "application-limit",
    status: 409,
    error: "",
    title: "A developer owns at most 1000 applications.",
    said: "You already own 1000 applications.",
    source: "Claviger",
    source_url: "",
    why: "More are not looked after by hand, and a program gone wrong would fill the database.",
    fix: "Delete the applications that are no longer used, or ask an administrator to register \
        this one.",
    example: "DELETE /api/applications/{client_id}",
};

/// A disabled application must not be deleted by its owner.
pub static DELETION_WHILE_DISABLED: Rule = rule! {
    id: "deletion-while-disabled",
    status: 403,
    error: "",
    title: "A disabled application must not be deleted by its owner.",
    said: "A disabled app can't be deleted by its owner.",
    source: "Claviger",
    source_url: "",
    why: "An administrator stopped it for a reason. What was found out about it must not vanish \
        before it was looked at.",
    fix: "Ask an administrator to enable it again, or to delete it.",
    example: "DELETE /api/applications/{client_id}",
};

/// To delete something, type its name exactly.
pub static DELETION_NOT_CONFIRMED: Rule = rule! {
    id: "deletion-not-confirmed",
    status: 422,
    error: "",
    title: "To delete something, type its name exactly.",
    said: "The name doesn't match.",
    source: "Claviger",
    source_url: "",
    why: "Deleting ends all of its tokens and can't be undone. Typing the name prevents accidents.",
    fix: "Type the name as shown above the field, capitals and spaces included.",
    example: "Acme Photos",
};
