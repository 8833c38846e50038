//! Turns [`PageData`] into a whole HTML document.
//!
//! Never streams: without JavaScript a page must be complete as it arrives. Never caches: a page
//! stands for a person and a moment. Refusals and messages leave without any script.

use std::sync::{Arc, LazyLock};

use app::{
    pages::{
        form_post::FormPostView,
        leave::LeaveView,
        message::MessageView,
        refused::RefusedView,
        rules::{RuleView, RulesView},
    },
    shell::{Shell, document, shell},
};
use axum::body::Body;
use contract::{
    rules::Rule,
    wire::page::{FormPostPage, PageContent, PageData},
};
use http::{HeaderValue, Request, StatusCode, header, request::Parts};
use leptos::{nonce::Nonce, prelude::*, reactive::owner::Owner};

use super::assets;
use crate::domain::authorization::AuthorizationResponse;
use crate::domain::redirect_uri::host_for_people;
use crate::http::CspNonce;
use crate::http::security::FormLeadsAway;

/// The response of a page.
pub type Response = http::Response<Body>;

/// Leptos spawns by an executor that is chosen once for the process; leptos_axum chooses tokio's
/// when it lists the routes, and offers no other way.
static EXECUTOR: LazyLock<()> = LazyLock::new(|| drop(leptos_axum::generate_route_list(app::App)));

/// Renders the page at the request's path. The path picks the page, but for a refusal or a
/// message, which are shown wherever they are met. `status` is the response's.
pub async fn render(parts: &Parts, data: PageData, status: StatusCode) -> Response {
    let nonce = nonce(parts);
    let response = match data.content {
        PageContent::Refused(page) => still(&nonce, page.title.clone(), move || {
            view! { <RefusedView page/> }.into_any()
        }),
        PageContent::Message(page) => still(&nonce, page.title.clone(), move || {
            view! { <MessageView page/> }.into_any()
        }),
        _ => alive(parts, nonce, data).await,
    };
    finish(response, status)
}

fn nonce(parts: &Parts) -> Arc<str> {
    let nonce = parts.extensions.get::<CspNonce>();
    nonce.map(CspNonce::get).unwrap_or_default()
}

/// The form that takes an answer to the application (OAuth 2.0 Form Post Response Mode §2). The
/// application learns nothing from where it came.
pub fn form_post(parts: &Parts, answer: &AuthorizationResponse) -> Response {
    let nonce = nonce(parts);
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let page = FormPostPage {
        action: answer.redirect_uri.clone(),
        host: host_for_people(&answer.redirect_uri),
        parameters: answer.parameters().map(owned).collect(),
    };
    let mut response = still(&nonce, "Back to the app".to_owned(), || {
        view! { <FormPostView page nonce=nonce.to_string()/> }.into_any()
    });
    response.extensions_mut().insert(FormLeadsAway);
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    finish(response, StatusCode::OK)
}

/// The page from which a browser opens an app by a scheme of its own, at once and by a link.
pub fn leave(location: &str) -> Response {
    let to = location.to_owned();
    let mut response = still("", "Back to the app".to_owned(), move || {
        view! { <LeaveView to/> }.into_any()
    });
    // No redirect: a browser stays on the page from which an app was opened, and that would be
    // the form that has just been answered.
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={location}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    finish(response, StatusCode::OK)
}

/// The catalogue of rules, as far as it answers a search.
pub fn rules(search: String) -> Response {
    let page = still("", "Rules".to_owned(), move || {
        view! { <RulesView search/> }.into_any()
    });
    finish(page, StatusCode::OK)
}

/// The page of one rule.
pub fn rule(rule: &'static Rule) -> Response {
    let page = still("", rule.id.to_owned(), move || {
        view! { <RuleView rule/> }.into_any()
    });
    finish(page, StatusCode::OK)
}

fn finish(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A page that the browser takes over.
async fn alive(parts: &Parts, nonce: Arc<str>, data: PageData) -> Response {
    LazyLock::force(&EXECUTOR);
    let head = assets::head(&nonce);
    let context = move || {
        // Over the one that leptos_axum made: it must be the one in the policy's header.
        provide_context(Nonce::from_value(nonce.clone()));
        provide_context(data.clone());
    };
    let app = move || {
        shell(Shell {
            head: head.clone(),
            title: None,
        })
    };
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = parts.uri.clone();
    leptos_axum::render_app_async_with_context(context, app)(request).await
}

/// A page that stays as it is: no script, no data of the page in the page.
fn still(nonce: &str, title: String, body: impl FnOnce() -> AnyView) -> Response {
    let shell = Shell {
        head: assets::still_head(nonce),
        title: Some(format!("{title} · Claviger")),
    };
    let owner = Owner::new_root(None);
    let html = owner.with(|| document(shell, body).to_html());
    owner.unset_with_forced_cleanup();
    Response::new(Body::from(html))
}

#[cfg(test)]
mod tests {
    use contract::wire::consent::{ConsentApplication, ConsentRequest, ConsentResource};
    use contract::wire::device::{DeviceApplication, DeviceRequest};
    use contract::wire::page::{ConsentPage, DevicePage, LoginPage, MessagePage};
    use contract::wire::session::{Role, User};
    use http_body_util::BodyExt;

    use super::*;
    use crate::crypto::random::Random;
    use crate::domain::authorization::{ResponseMode, ResponseTarget};

    const HOSTILE: &str = "</title><meta http-equiv=refresh content=0><script>alert(1)</script>";

    /// The same each time.
    fn drawn() -> CspNonce {
        CspNonce::new(Random::counter())
    }

    async fn page(path: &'static str, content: PageContent) -> (StatusCode, String) {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.uri = http::Uri::from_static(path);
        parts.extensions.insert(drawn());
        let data = PageData {
            content,
            ..PageData::default()
        };
        let response = render(&parts, data, StatusCode::OK).await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn login() -> PageContent {
        PageContent::Login(LoginPage {
            application: Some(HOSTILE.to_owned()),
            username: HOSTILE.to_owned(),
            ..LoginPage::default()
        })
    }

    fn device() -> PageContent {
        let user = User {
            id: "id".to_owned(),
            username: HOSTILE.to_owned(),
            email: HOSTILE.to_owned(),
            role: Role::User,
        };
        let request = DeviceRequest {
            application: DeviceApplication {
                name: HOSTILE.to_owned(),
                client_id: "app".to_owned(),
                host: Some(HOSTILE.to_owned()),
                checked: false,
                registered_at: None,
            },
            user,
            scopes: Vec::new(),
            resources: vec![ConsentResource {
                uri: "https://api.example".to_owned(),
                name: HOSTILE.to_owned(),
            }],
            user_code: "BCDF-GHJK".to_owned(),
        };
        PageContent::Device(Box::new(DevicePage {
            request: Some(request),
            ..DevicePage::default()
        }))
    }

    #[tokio::test]
    async fn the_sign_in_page_is_whole_without_scripts() {
        let (status, html) = page("/login", login()).await;
        assert_eq!(status, StatusCode::OK);
        for needed in [
            "<title>Sign in",
            r#"action="/login""#,
            r#"name="username""#,
            r#"autocomplete="current-password""#,
            r#"class="btn primary wide">Sign in<"#,
        ] {
            assert!(html.contains(needed), "{needed} in {html}");
        }
    }

    #[tokio::test]
    async fn a_hostile_name_stays_text() {
        let message = PageContent::Message(MessagePage {
            title: HOSTILE.to_owned(),
            text: HOSTILE.to_owned(),
            ..MessagePage::default()
        });
        let consent = PageContent::Consent(ConsentPage {
            flow: "flow".to_owned(),
            request: ConsentRequest {
                application: ConsentApplication {
                    name: HOSTILE.to_owned(),
                    client_id: "app".to_owned(),
                    redirect_host: HOSTILE.to_owned(),
                    client_id_host: Some(HOSTILE.to_owned()),
                    checked: false,
                    registered_at: Some("2027-01-15T08:00:00Z".to_owned()),
                },
                user: User {
                    id: "id".to_owned(),
                    username: HOSTILE.to_owned(),
                    email: HOSTILE.to_owned(),
                    role: Role::User,
                },
                scopes: Vec::new(),
                resources: Vec::new(),
            },
        });
        for (path, content) in [
            ("/login", login()),
            ("/consent", consent),
            ("/device", device()),
            ("/any", message),
        ] {
            let (_, html) = page(path, content).await;
            assert!(
                html.contains("&lt;/title&gt;&lt;meta") || html.contains("&lt;/title>&lt;meta")
            );
            for bad in ["<meta http-equiv", "<script>alert"] {
                assert!(!html.contains(bad), "{html}");
            }
        }
    }

    #[tokio::test]
    async fn every_inline_script_has_the_nonce() {
        let (_, html) = page("/login", login()).await;
        let scripts = html.matches("<script").count();
        assert!(scripts > 0);
        assert_eq!(
            html.matches(&format!(r#"nonce="{}">"#, drawn().get()))
                .count(),
            scripts,
            "{html}"
        );
    }

    #[tokio::test]
    async fn a_message_has_no_script_and_no_data() {
        let (_, html) = page("/any", PageContent::Message(MessagePage::default())).await;
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("__RESOLVED"), "{html}");
    }

    #[tokio::test]
    async fn what_a_form_posts_stays_in_its_attributes() {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.extensions.insert(drawn());
        let to = ResponseTarget {
            redirect_uri: "https://c.example/cb?a=1&b=\"><script>".to_owned(),
            mode: ResponseMode::FormPost,
            state: Some(format!("\"'>{HOSTILE}")),
        };
        let answer = AuthorizationResponse::new(to, &[("code", "c")], "https://id.example/o");
        let response = form_post(&parts, &answer);
        assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8(body.to_vec()).unwrap();
        let nonce = drawn().get();
        for needed in [
            r#"action="https://c.example/cb?a=1&amp;b=&quot;&gt;&lt;script&gt;""#,
            r#"name="code" value="c""#,
            r#"name="state" value="&quot;'&gt;&lt;/title&gt;&lt;meta "#,
            &format!(r#"<script nonce="{nonce}">document.forms[0].submit()</script>"#),
            ">Continue<",
        ] {
            assert!(html.contains(needed), "{needed} in {html}");
        }
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert_eq!(html.matches("<meta http-equiv").count(), 0, "{html}");
    }

    #[tokio::test]
    async fn a_rule_says_how_to_fix_it_and_a_search_narrows_the_list() {
        let text = async |response: Response| {
            let body = response.into_body().collect().await.unwrap().to_bytes();
            String::from_utf8(body.to_vec()).unwrap()
        };
        let html = text(rule(&contract::rules::REDIRECT_URI_MISMATCH)).await;
        assert!(html.contains("How to fix it"), "{html}");
        let html = text(rules("redirect-uri".to_owned())).await;
        assert!(html.contains("redirect-uri-mismatch") && !html.contains("code-replayed"));
    }
}
