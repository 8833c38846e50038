//! Rules on what the dashboard's forms and its API take.

use super::{Rule, rule};

/// Every rule of this file, in the order of the page.
pub(super) static ALL: &[&Rule] = &[
    &JSON_MALFORMED,
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
    source: "RFC 8259 §2",
    source_url: "https://www.rfc-editor.org/rfc/rfc8259#section-2",
    why: "What can't be read can't be carried out, and half of it must not be.",
    fix: "Send Content-Type application/json and check the body against /api/openapi.json.",
    example: "{\"name\": \"Acme Photos\"}",
};

/// There has to be something at this address that you may see.
pub static NOT_FOUND: Rule = rule! {
    id: "not-found",
    status: 404,
    error: "",
    title: "There has to be something at this address that you may see.",
    source: "RFC 9110 §15.5.5",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5",
    why: "What belongs to somebody else gets the same answer, so that nobody learns what exists.",
    fix: "Check the address, and whether you are signed in with the right account.",
    example: "GET /api/applications/{client_id}",
};

/// Every field must be valid before anything is saved.
pub static FORM_INVALID: Rule = rule! {
    id: "form-invalid",
    status: 422,
    error: "",
    title: "Every field must be valid before anything is saved.",
    source: "RFC 9110 §15.5.21",
    source_url: "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21",
    why: "All faults are named at once, and nothing is saved by halves.",
    fix: "Mend the fields that are marked. In the API they stand in errors, with the reason for each.",
    example: "{\"errors\": {\"name\": [\"…\"]}}",
};

/// This field must be filled in.
pub static FIELD_REQUIRED: Rule = rule! {
    id: "field-required",
    status: 422,
    error: "",
    title: "This field must be filled in.",
    source: "Claviger",
    source_url: "",
    why: "Without it the rest makes no sense.",
    fix: "Enter a value. Spaces alone don't count.",
    example: "{\"name\": \"Acme Photos\"}",
};

/// This value must not be longer than the limit.
pub static FIELD_TOO_LONG: Rule = rule! {
    id: "field-too-long",
    status: 422,
    error: "",
    title: "This value must not be longer than the limit.",
    source: "Claviger",
    source_url: "",
    why: "Names and addresses are shown, stored and compared. A limit keeps that safe.",
    fix: "Shorten it. The message beside the field says how much fits.",
    example: "Acme Photos",
};

/// This value must have the form that the field asks for.
pub static FIELD_MALFORMED: Rule = rule! {
    id: "field-malformed",
    status: 422,
    error: "",
    title: "This value must have the form that the field asks for.",
    source: "RFC 7591 §3.2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2",
    why: "A value that is nearly right fails later, where the reason is harder to find.",
    fix: "Compare it with the example beside the field.",
    example: "zoe@example.com",
};

/// This value must not be in use already.
pub static VALUE_TAKEN: Rule = rule! {
    id: "value-taken",
    status: 422,
    error: "",
    title: "This value must not be in use already.",
    source: "RFC 6749 §2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6749#section-2.2",
    why: "User names, e-mail addresses and client ids have to be unambiguous.",
    fix: "Choose another one. If it is yours, sign in with that account instead.",
    example: "acme-photos-2",
};

/// This value must be one of those that Claviger knows.
pub static VALUE_UNKNOWN: Rule = rule! {
    id: "value-unknown",
    status: 422,
    error: "",
    title: "This value must be one of those that Claviger knows.",
    source: "RFC 7591 §3.2.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2",
    why: "If it were dropped in silence, you would count on something that is not there.",
    fix: "Take one of the values that the field offers; /api/openapi.json lists them.",
    example: "grant_types: [authorization_code, refresh_token]",
};

/// A lifetime must lie within the bounds of its field.
pub static LIFETIME_OUT_OF_RANGE: Rule = rule! {
    id: "lifetime-out-of-range",
    status: 422,
    error: "",
    title: "A lifetime must lie within the bounds of its field.",
    source: "RFC 6819 §5.1.5.3",
    source_url: "https://www.rfc-editor.org/rfc/rfc6819#section-5.1.5.3",
    why: "Too long a life helps thieves, and too short a one logs people out in the middle of \
        their work.",
    fix: "Enter seconds within the bounds that stand beside the field.",
    example: "access_token_lifetime: 3600",
};

/// An origin is scheme, host and port, as browsers send it.
pub static ORIGIN_MALFORMED: Rule = rule! {
    id: "origin-malformed",
    status: 422,
    error: "",
    title: "An origin is scheme, host and port, as browsers send it.",
    source: "RFC 6454 §6.2",
    source_url: "https://www.rfc-editor.org/rfc/rfc6454#section-6.2",
    why: "Browsers send nothing more, so anything else would never match. Plain http is for \
        loopback hosts only.",
    fix: "Leave out path, trailing slash and default port, and write it in lower case.",
    example: "https://app.example.com\nhttp://localhost:3000",
};

/// The only live secret of an application must not be retired.
pub static SECRET_LAST: Rule = rule! {
    id: "secret-last",
    status: 409,
    error: "",
    title: "The only live secret of an application must not be retired.",
    source: "Claviger",
    source_url: "",
    why: "Without one the application could no longer authenticate itself.",
    fix: "Make a new secret, put it into use, then retire the old one.",
    example: "POST /api/applications/{client_id}/secrets",
};

/// An application has at most 10 live secrets.
pub static SECRET_LIMIT: Rule = rule! {
    id: "secret-limit",
    status: 409,
    error: "",
    title: "An application has at most 10 live secrets.",
    source: "Claviger",
    source_url: "",
    why: "Two are enough to replace one without a gap. Every secret more is one that can leak.",
    fix: "Retire the secrets that are no longer used; the page shows when each was used last.",
    example: "DELETE /api/applications/{client_id}/secrets/{id}",
};

/// A developer owns at most 1000 applications.
pub static APPLICATION_LIMIT: Rule = rule! {
    id: "application-limit",
    status: 409,
    error: "",
    title: "A developer owns at most 1000 applications.",
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
    source: "Claviger",
    source_url: "",
    why: "An administrator stopped it for a reason. What was found out about it must not vanish \
        before it was looked at.",
    fix: "Ask an administrator to enable it again, or to delete it.",
    example: "DELETE /api/applications/{client_id}",
};

/// To delete something, its name must be typed exactly.
pub static DELETION_NOT_CONFIRMED: Rule = rule! {
    id: "deletion-not-confirmed",
    status: 422,
    error: "",
    title: "To delete something, its name must be typed exactly.",
    source: "Claviger",
    source_url: "",
    why: "Deleting ends all of its tokens and can't be undone. Typing the name guards against a \
        slip.",
    fix: "Type the name as it stands above the field, capitals and spaces included.",
    example: "Acme Photos",
};
