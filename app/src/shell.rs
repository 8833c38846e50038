//! The HTML document around every page.
//!
//! Must never hold a style attribute, a script without the response's nonce, or an address of
//! another site: the content security policy refuses all three.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos_meta::MetaTags;

use crate::App;

/// What the document needs from the server.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// What stands in the head of Trunk's document, with the nonce filled in: for a page that
    /// stays still, its style sheets and icon only.
    pub head: String,
    /// Set for a page that stays still; the others set theirs with `<Title>`.
    pub title: Option<String>,
}

/// The document of a page that the browser takes over.
pub fn shell(shell: Shell) -> impl IntoView {
    document(shell, || view! { <App/> }.into_any())
}

/// The document with any body.
pub fn document(shell: Shell, body: impl FnOnce() -> AnyView) -> impl IntoView {
    let Shell { head, title } = shell;
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // A page may stand for a person and a moment: neither search engines nor the
                // sites that it links to need its address.
                <meta name="robots" content="noindex"/>
                // Not as a child: beside one that may change stands a marker, which a title shows.
                {title.map(|title| view! { <title inner_html=escaped(&title)></title> })}
                {InertElement::new(head)}
                <MetaTags/>
            </head>
            <body>{body()}</body>
        </html>
    }
}

/// Text as it stands in HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
