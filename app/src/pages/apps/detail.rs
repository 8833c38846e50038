//! `/apps/{client_id}`: one application, in tabs that have addresses.

use crate::ui::reactive;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::credentials::Credentials;
use super::flows::Flows;
use super::logouts::Logouts;
use super::overview::Overview;
use super::quickstart::Quickstart;
use super::settings::Settings;
use crate::api;
use crate::ui::{ApiResource, Chip, LinkButton, PageHead, Tab, Tabs, Tile, Tone};
use contract::routes;
use contract::wire::application::Application;
use contract::wire::flow::{FlowOutcome, FlowSummary};

#[component]
pub fn AppPage() -> impl IntoView {
    let params = use_params_map();
    let client_id = Memo::new(move |_| params.with(|p| p.get("client_id").unwrap_or_default()));
    let tab = Memo::new(move |_| params.with(|p| p.get("tab").unwrap_or_default()));
    let app = ApiResource::new(move || {
        let path = routes::api_application(&client_id.get());
        async move { api::get::<Application>(&path).await }
    });
    let flows = ApiResource::new(move || {
        let path = format!("{}/flows", routes::api_application(&client_id.get()));
        async move { api::get::<Vec<FlowSummary>>(&path).await }
    });
    view! {
        {move || app.problem().map(|problem| view! {
            <PageHead
                title=if problem.status == 404 { "No such application" } else { "Application" }
                crumbs=vec![("Applications".to_owned(), routes::APPS.to_owned())]
                actions=|| view! { <LinkButton href=routes::APPS>"Back to applications"</LinkButton> }
            />
        })}
        {app.view(move |app| page(RwSignal::new(app), tab, flows))}
    }
    .into_any()
}

/// Everything below reads `app`; what changes it puts the answer there, and no form is made anew.
fn page(
    app: RwSignal<Application>,
    tab: Memo<String>,
    flows: ApiResource<Vec<FlowSummary>>,
) -> AnyView {
    let client_id = app.with_untracked(|app| app.client_id.clone());
    let name = Memo::new(move |_| app.with(|app| app.name.clone()));
    let try_it = format!(
        "{}?client_id={}",
        routes::PLAYGROUND,
        routes::encode(&client_id)
    );
    let [credentials, settings, quickstart, recent] =
        ["credentials", "settings", "quickstart", "flows"]
            .map(|tab| format!("{}/{tab}", routes::app(&client_id)));
    // Who is told when a session ends, and so has a log of it.
    let told = app
        .with_untracked(|app| app.backchannel_logout_uri.is_some())
        .then(|| client_id.clone());
    let content = move || match tab.get().as_str() {
        "" => view! { <Overview app/> }.into_any(),
        "credentials" => view! { <Credentials app/> }.into_any(),
        "settings" => view! { <Settings app/> }.into_any(),
        "quickstart" => view! { <Quickstart app/> }.into_any(),
        "flows" => view! {
            <Flows flows/>
            {told.clone().map(|client_id| view! { <Logouts client_id/> })}
        }
        .into_any(),
        _ => nowhere(),
    };
    view! {
        <PageHead
            title=Signal::derive(move || name.get())
            about=client_id.clone()
            crumbs=vec![("Applications".to_owned(), routes::APPS.to_owned())]
            lead=move || view! { {move || view! { <Tile name=name.get()/> }} }
            actions=move || view! { <LinkButton href=try_it.clone()>"Try it"</LinkButton> }
        />
        <Tabs label="Application">
            <Tab href=routes::app(&client_id)>"Overview"</Tab>
            <Tab href=credentials>"Credentials"</Tab>
            <Tab href=settings>"Settings"</Tab>
            <Tab href=quickstart>"Quickstart"</Tab>
            <Tab href=recent>"Flows " {reactive(move || { refused(flows) }.into_any())}</Tab>
        </Tabs>
        <div class="stack loose">{content}</div>
    }
    .into_any()
}

/// How many of the recent flows were refused.
fn refused(flows: ApiResource<Vec<FlowSummary>>) -> Option<AnyView> {
    let count = flows
        .get()?
        .iter()
        .filter(|flow| flow.outcome == FlowOutcome::Refused)
        .count();
    (count > 0).then(|| {
        view! { <Chip tone=Tone::Bad>{count} <span class="visually-hidden">" refused"</span></Chip> }
            .into_any()
    })
}

fn nowhere() -> AnyView {
    view! { <p class="muted">"There's no such tab. Choose one above."</p> }.into_any()
}
