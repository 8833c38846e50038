//! `/apps/new`: what an application needs to begin; everything else has a default.

use crate::ui::reactive;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::fields::{AllowedOrigins, Grants, NameField, RedirectUris, Scopes, messages};
use super::form::{ApplicationForm, Kind};
use super::list::{may_register, only_developers};
use super::secret::SecretOnce;
use crate::api;
use crate::browser::focus_soon;
use crate::ui::{
    ApiResource, Button, ButtonVariant, Card, CopyValue, FormAction, LinkButton, PageHead,
    ProblemNote,
};
use contract::routes;
use contract::wire::application::{ApplicationSettings, CreatedApplication, NewApplication, Scope};

#[component]
pub fn NewAppPage() -> impl IntoView {
    if !may_register() {
        return only_developers().into_any();
    }
    let created = RwSignal::new(None::<CreatedApplication>);
    let title = move || match created.get() {
        None => "New application".to_owned(),
        Some(created) => format!("{} is registered", created.application.name),
    };
    view! {
        <PageHead
            title=Signal::derive(title)
            crumbs=vec![("Applications".to_owned(), routes::APPS.to_owned())]
        />
        {reactive(move || { match created.get() {
            None => view! { <Form created/> }.into_any(),
            Some(created) => registered(created),
        } }.into_any())}
    }
    .into_any()
}

#[component]
fn Form(created: RwSignal<Option<CreatedApplication>>) -> impl IntoView {
    let kind = RwSignal::new(Kind::Web);
    let draft = ApplicationForm::new(Kind::Web);
    let submit = FormAction::new();
    let messages = messages(submit);
    let scopes = ApiResource::new(|| api::get::<Vec<Scope>>(routes::API_SCOPES));
    let signs_in = Memo::new(move |_| draft.signs_in());
    let navigate = use_navigate();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let body = asked_for(kind.get_untracked(), draft);
        let navigate = navigate.clone();
        submit.run(
            async move { api::post(routes::API_APPLICATIONS, &body).await },
            move |answer: CreatedApplication| {
                if answer.client_secret.is_some() {
                    created.set(Some(answer));
                    focus_soon("h1");
                } else {
                    let page = routes::app(&answer.application.client_id);
                    navigate(&page, NavigateOptions::default());
                }
            },
        );
    };
    view! {
        <form class="stack loose form" novalidate on:submit=send>
            <Card>
                <NameField bind=draft.name submit/>
                <KindChoice kind draft/>
            </Card>
            {reactive(move || { signs_in.get().then(|| view! {
                <Card><RedirectUris draft messages/></Card>
            }) }.into_any())}
            {reactive(move || { (kind.get() == Kind::App).then(|| view! {
                <Card><AllowedOrigins draft messages/></Card>
            }) }.into_any())}
            <Card>
                {reactive(move || { view! {
                    <Grants client_type=kind.get().client_type() draft submit/>
                } }.into_any())}
                {scopes.view(move |known| view! { <Scopes known draft submit/> }.into_any())}
            </Card>
            <ProblemNote problem=submit.problem()/>
            <div class="row">
                <Button look=ButtonVariant::Primary busy=submit.busy()>"Create application"</Button>
                <LinkButton href=routes::APPS look=ButtonVariant::Quiet>"Cancel"</LinkButton>
            </div>
        </form>
    }
    .into_any()
}

/// The three kinds, in words that say where the code runs; grants and scopes follow.
#[component]
fn KindChoice(kind: RwSignal<Kind>, draft: ApplicationForm) -> impl IntoView {
    let options = Kind::ALL
        .into_iter()
        .map(|one| {
            let id = format!("kind-{one:?}");
            let text_id = format!("{id}-text");
            view! {
                <div class="check">
                    <input
                        id=id.clone()
                        type="radio"
                        name="kind"
                        aria-describedby=text_id.clone()
                        checked=one == Kind::Web
                        prop:checked=move || kind.get() == one
                        on:change=move |_| {
                            kind.set(one);
                            draft.preset(one);
                        }
                    />
                    <div>
                        <label for=id>
                            {one.title()} " "
                            <span class="chip">{one.client_type().name()}</span>
                        </label>
                        <p class="hint" id=text_id>{one.text()}</p>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="choices">
            <legend>"Kind"</legend>
            {options}
        </fieldset>
    }
    .into_any()
}

/// Addresses of a kind that has none are not sent, even if they were typed before.
fn asked_for(kind: Kind, draft: ApplicationForm) -> NewApplication {
    let signs_in = untrack(|| draft.signs_in());
    let redirect_uris = if signs_in {
        draft.redirect_uris.send()
    } else {
        Vec::new()
    };
    let allowed_origins = if kind == Kind::App {
        draft.allowed_origins.send()
    } else {
        Vec::new()
    };
    NewApplication {
        name: draft.name.with_untracked(|name| name.trim().to_owned()),
        client_id: None,
        settings: ApplicationSettings {
            client_type: Some(kind.client_type().name().to_owned()),
            grant_types: Some(draft.grant_types.get_untracked()),
            redirect_uris: Some(redirect_uris),
            allowed_origins: Some(allowed_origins),
            scopes: Some(draft.scopes.get_untracked()),
            ..ApplicationSettings::default()
        },
    }
}

/// The only page that ever shows this secret.
fn registered(created: CreatedApplication) -> AnyView {
    let CreatedApplication {
        application,
        client_secret,
    } = created;
    view! {
        <Card>
            <div class="stack tight">
                <p class="label">"Client ID"</p>
                <CopyValue value=application.client_id.clone() what="client ID"/>
            </div>
            {client_secret.map(|secret| view! { <SecretOnce secret/> })}
            <div class="row">
                <LinkButton href=routes::app(&application.client_id) look=ButtonVariant::Primary>
                    "I have copied it: go to the application"
                </LinkButton>
            </div>
        </Card>
    }
    .into_any()
}
