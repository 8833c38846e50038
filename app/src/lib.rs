//! Claviger's pages. What they share with the server is the crate [`contract`].
//!
//! The server renders [`App`] inside [`shell::shell`] with [`PageData`] provided by context; the
//! browser hydrates the same tree and reads the same data. Pages must come out the same on both
//! sides: no clock, no random, nothing of the browser while a view is built.
//!
//! To add a page: a file in `pages/`, its path in `routes.rs`, a line in [`Pages`].

pub mod api;
pub mod browser;
pub mod pages;
pub mod shell;
pub mod ui;

use leptos::prelude::*;
use leptos::server::SharedValue;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use contract::wire::page::{PageContent, PageData};
use pages::{
    account::AccountPage,
    apps::{AppPage, AppsPage, NewAppPage},
    connections::ConnectionsPage,
    consent::ConsentView,
    device::DeviceView,
    flow::FlowPage,
    forgot::ForgotView,
    home::HomePage,
    login::LoginView,
    logout::LogoutPage,
    message::MessageView,
    not_found::NotFoundPage,
    playground::PlaygroundPage,
    refused::RefusedView,
    reset::ResetView,
    setup::SetupView,
};
use ui::dashboard::Dashboard;

/// What the server handed to this page. Only for the first page of a visit does `content` hold
/// anything: links to pages that need it are full loads.
pub fn page_data() -> PageData {
    use_context().unwrap_or_default()
}

/// The root. A refusal and a message are shown whatever the path is: they answer requests to
/// paths that are no pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let data = SharedValue::new(page_data).into_inner();
    provide_context(data.clone());
    match data.content {
        PageContent::Refused(page) => view! { <RefusedView page/> }.into_any(),
        PageContent::Message(page) => view! { <MessageView page/> }.into_any(),
        _ => view! { <Pages/> }.into_any(),
    }
}

/// Every `<Title>` comes through here. leptos_meta writes titles into the document as they are, and
/// some hold an application's name: the server's side must escape them.
fn document_title(title: String) -> String {
    let title = format!("{title} · Claviger");
    if cfg!(feature = "ssr") {
        shell::escaped(&title)
    } else {
        title
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Title formatter=document_title/>
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage/>
                <Route path=path!("/login") view=LoginView/>
                <Route path=path!("/consent") view=ConsentView/>
                <Route path=path!("/device") view=DeviceView/>
                <Route path=path!("/setup") view=SetupView/>
                <Route path=path!("/forgot") view=ForgotView/>
                <Route path=path!("/reset") view=ResetView/>
                <Route path=path!("/logout") view=LogoutPage/>
                <ParentRoute path=path!("") view=Dashboard>
                    <Route path=path!("/apps") view=AppsPage/>
                    <Route path=path!("/apps/new") view=NewAppPage/>
                    <Route path=path!("/apps/:client_id/:tab?") view=AppPage/>
                    <Route path=path!("/flows/:id") view=FlowPage/>
                    <Route path=path!("/playground") view=PlaygroundPage/>
                    <Route path=path!("/playground/callback") view=PlaygroundPage/>
                    <Route path=path!("/connections") view=ConnectionsPage/>
                    <Route path=path!("/account") view=AccountPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
