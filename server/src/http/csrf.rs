//! Requests that change something must not come from another site.
//!
//! Decided by Fetch metadata (`Sec-Fetch-Site`), else by `Origin`; a request with neither comes
//! from no browser and passes, since no cookie of a person rides on it unasked. Covers
//! everything that a cookie authorizes; the protocol's own endpoints take no cookie, except
//! `/o/authorize`, where a POST only starts a flow.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use contract::wire::page::{PageLink, RefusedPage};
use contract::{routes, rules};

use super::response::{page, problem};
use crate::domain::refusal::Refusal;
use crate::state::AppState;
use crate::urls::PublicUrl;

pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !safe && !same_origin(request.headers(), &state.url) {
        let refusal = Refusal::new(&rules::CROSS_SITE_REQUEST);
        let path = request.uri().path();
        if path == "/api" || path.starts_with("/api/") {
            return problem(&refusal, &state.url);
        }
        return page(&refusal, explained(path));
    }
    next.run(request).await
}

/// For the person whose form it was: some browsers and extensions hide where a form comes from.
fn explained(path: &str) -> RefusedPage {
    let page = match path {
        routes::LOGIN | routes::LOGOUT | routes::DEVICE => path,
        _ => routes::HOME,
    };
    RefusedPage {
        explanation:
            "Your browser did not say that this form came from here, so nothing was done. \
                      Go back, load that page again, and send the form once more."
                .to_owned(),
        links: vec![PageLink::new(page, "Open the page again")],
        ..RefusedPage::default()
    }
}

/// `same-origin`, or `none`: the person's own doing. `same-site` is another origin too.
fn same_origin(headers: &HeaderMap, url: &PublicUrl) -> bool {
    let text = |name| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    text("origin").is_none_or(|origin| origin == url.base())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urls::InsecureHttp;

    #[test]
    fn who_may_change_something() {
        let url = PublicUrl::parse("https://id.example.com", InsecureHttp::Refused).unwrap();
        for (site, origin, passes) in [
            (None, None, true),
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("same-site"), None, false),
            (Some("cross-site"), None, false),
            (Some("cross-site"), Some("https://id.example.com"), false),
            (None, Some("https://id.example.com"), true),
            (None, Some("https://evil.example"), false),
            (None, Some("null"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            assert_eq!(same_origin(&headers, &url), passes, "{site:?} {origin:?}");
        }
    }
}
