//! Plan form post: the modules of plan basic, with `response_mode=form_post`. How a page is read
//! that posts by itself stands in `mod.rs`.

use macro_rules_attribute::apply;
use serde_json::json;

use super::{Mode, Op};
use crate::harness::{TestServer, on_both, param};

/// One test of each module for each database.
macro_rules! again {
    ($($file:ident: $($name:ident)*;)*) => {
        $($(mod $name {
            use crate::conformance::$file::$name::test;

            $crate::conformance::in_mode!(test, FormPost);
        })*)*
    };
}

again! {
    basic:
        oidcc_server
        oidcc_response_type_missing
        oidcc_idtoken_signature
        oidcc_idtoken_unsigned
        oidcc_userinfo_get
        oidcc_userinfo_post_header
        oidcc_userinfo_post_body
        oidcc_ensure_request_without_nonce_succeeds_for_code_flow
        oidcc_scope_profile
        oidcc_scope_email
        oidcc_scope_address
        oidcc_scope_phone
        oidcc_scope_all
        oidcc_alternate_happy_flow
        oidcc_ensure_other_scope_order_succeeds
        oidcc_codereuse
        oidcc_codereuse_30seconds
        oidcc_ensure_registered_redirect_uri
        oidcc_server_client_secret_post
        oidcc_refresh_token
        oidcc_ensure_request_with_valid_pkce_succeeds;
    basic_requests:
        oidcc_display_page
        oidcc_display_popup
        oidcc_prompt_login
        oidcc_prompt_none_not_logged_in
        oidcc_prompt_none_logged_in
        oidcc_max_age_1
        oidcc_max_age_10000
        oidcc_ensure_request_with_unknown_parameter_succeeds
        oidcc_id_token_hint
        oidcc_login_hint
        oidcc_ui_locales
        oidcc_claims_locales
        oidcc_ensure_request_with_acr_values_succeeds
        oidcc_ensure_post_request_succeeds
        oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported
        oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported
        oidcc_claims_essential
        oidcc_ensure_request_object_with_redirect_uri;
}

/// What every module of this plan looks at, once by itself.
///
/// OAuth 2.0 Form Post Response Mode §2: the response is a page with a form that posts code and
/// state to the redirect URI, and nothing of them stands in an address.
#[apply(on_both!)]
async fn the_response_is_a_form_that_is_posted(server: TestServer) {
    let mode = Mode::FormPost;
    let op = Op { server, mode };
    let modes = op.metadata().await["response_modes_supported"].clone();
    assert!(modes.as_array().unwrap().contains(&json!("form_post")));
    let rp = op.rp().await;
    let location = rp.browser.walk(&rp.ask(), &rp.user).await;
    for name in ["code", "state", "iss"] {
        assert_eq!(param(&location, name), None, "{location}");
    }
    rp.completes(rp.arrives(&location).await).await;
}
