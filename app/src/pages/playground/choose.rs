//! Step 1: which application is used. One of the developer's own, or one made for this.

use crate::ui::reactive;
use leptos::prelude::*;

use super::secret::secret_field;
use super::walk::Walk;
use crate::ui::{
    ApiResource, Button, ButtonVariant, Card, FormAction, Note, ProblemNote, Select, Tone,
};
use crate::{api, browser};
use contract::routes;
use contract::wire::application::{
    Application, ApplicationPatch, ApplicationSettings, CreatedApplication, NewApplication,
};
use contract::wire::client::{ClientType, GrantType};

const GRANT: &str = GrantType::AuthorizationCode.name();

/// What the demonstration application is: everything that the walk can show.
fn demonstration(redirect_uri: String) -> NewApplication {
    let texts = |list: &[&str]| Some(list.iter().map(|it| (*it).to_owned()).collect());
    NewApplication {
        name: "Playground".to_owned(),
        client_id: None,
        settings: ApplicationSettings {
            client_type: Some(ClientType::Confidential.name().to_owned()),
            grant_types: texts(&[GRANT, GrantType::RefreshToken.name()]),
            redirect_uris: Some(vec![redirect_uri]),
            scopes: texts(&["openid", "profile", "email", "offline_access", "read"]),
            ..ApplicationSettings::default()
        },
    }
}

pub(super) fn choose(walk: Walk) -> AnyView {
    let asked = browser::query("client_id");
    let first = asked.clone().unwrap_or_else(|| {
        walk.client.with_untracked(|it| {
            it.as_ref()
                .map(|it| it.client_id.clone())
                .unwrap_or_default()
        })
    });
    let chosen = RwSignal::new(first);
    let apps = ApiResource::new(|| api::get::<Vec<Application>>(routes::API_APPLICATIONS));
    let create = FormAction::new();

    // The list decides: an application that is gone, or another owner's, is not chosen.
    Effect::new(move || {
        let id = chosen.get();
        if let Some(list) = apps.get() {
            match list.into_iter().find(|app| app.client_id == id) {
                Some(app) => walk.choose(app),
                None => walk.client.set(None),
            }
        }
    });
    let make = move |()| {
        let call = async move {
            api::post(
                routes::API_APPLICATIONS,
                &demonstration(walk.redirect_uri()),
            )
            .await
        };
        create.run(call, move |made: CreatedApplication| {
            let id = made.application.client_id.clone();
            let mut list = untrack(|| apps.get()).unwrap_or_default();
            list.insert(0, made.application.clone());
            walk.choose_demonstration(made.application, made.client_secret.unwrap_or_default());
            walk.said
                .set("The demonstration application is ready and chosen.".to_owned());
            chosen.set(id);
            apps.set(list);
        });
    };

    view! {
        <Card title="1. Choose an application">
            <p class="muted">
                "The playground acts as your app. Pick one, or create a demo."
            </p>
            {apps.view(move |list| picker(&list, chosen, asked.clone()))}
            <div class="stack tight">
                <div>
                    <Button look=ButtonVariant::Primary on_press=make busy=create.busy()>
                        "Create a demonstration application"
                    </Button>
                </div>
                <p class="small faint">
                    "It appears among your applications as Playground. Its secret isn't shown and is kept in this tab only: when you close the tab, it is gone."
                </p>
            </div>
            <ProblemNote problem=create.problem()/>
            {reactive(move || { walk.client.with(Option::is_some).then(|| view! { <Fitness walk chosen apps/> }) }.into_any())}
            {secret_field(walk)}
        </Card>
    }
    .into_any()
}

fn picker(list: &[Application], chosen: RwSignal<String>, asked: Option<String>) -> AnyView {
    if list.is_empty() {
        return view! { <p>"You have no applications yet."</p> }.into_any();
    }
    let known = |id: &str| list.iter().any(|app| app.client_id == id);
    let unknown = asked.filter(|id| !known(id)).map(|id| {
        view! {
            <Note tone=Tone::Warn>
                <p>"None of your applications has the client ID " <code>{id}</code> "."</p>
            </Note>
        }
    });
    let mut options = vec![(String::new(), "Choose one…".to_owned())];
    options.extend(list.iter().map(|app| {
        (
            app.client_id.clone(),
            format!("{} ({})", app.name, app.client_id),
        )
    }));
    view! {
        {unknown}
        <Select label="Application" name="application" bind=chosen options/>
    }
    .into_any()
}

/// What the chosen application lacks for the walk, and the button that fixes it.
#[component]
fn Fitness(
    walk: Walk,
    chosen: RwSignal<String>,
    apps: ApiResource<Vec<Application>>,
) -> impl IntoView {
    let fix = FormAction::new();
    let add = move |()| {
        let Some(app) = walk.client.get_untracked() else {
            return;
        };
        let mut redirect_uris = app.redirect_uris;
        redirect_uris.push(walk.redirect_uri());
        let patch = ApplicationPatch {
            settings: ApplicationSettings {
                redirect_uris: Some(redirect_uris),
                ..ApplicationSettings::default()
            },
            ..ApplicationPatch::default()
        };
        let path = format!("{}/{}", routes::API_APPLICATIONS, app.client_id);
        fix.run(
            async move { api::patch::<Application>(&path, &patch).await },
            move |app| {
                walk.said.set("The redirect URI is registered.".to_owned());
                chosen.set(app.client_id.clone());
                walk.choose(app);
                apps.reload();
            },
        );
    };
    move || {
        let app = walk.client.get()?;
        let grant = (!app.grant_types.iter().any(|it| it == GRANT)).then(|| {
            view! {
                <Note tone=Tone::Warn>
                    <p>
                        "This app can't use the code flow: it lacks the grant "
                        <code>{GRANT}</code> ". "
                        <a href=routes::app(&app.client_id)>"Open its settings"</a>
                    </p>
                </Note>
            }
        });
        let address = (!app.redirect_uris.contains(&walk.redirect_uri())).then(|| {
            view! {
                <Note tone=Tone::Warn>
                    <p>
                        "This app hasn't registered the playground's redirect URI, so no code would be sent here: "
                        <code>{walk.redirect_uri()}</code>
                    </p>
                    <div>
                        <Button on_press=add busy=fix.busy()>"Add this redirect URI"</Button>
                    </div>
                    <ProblemNote problem=fix.problem()/>
                </Note>
            }
        });
        Some(view! { {grant} {address} })
    }
}

/// Why the request can't be sent yet; empty when it can.
pub(super) fn missing(walk: Walk) -> &'static str {
    walk.client.with(|app| match app {
        None => "Choose an application first.",
        Some(app) if !app.grant_types.iter().any(|it| it == GRANT) => {
            "The app lacks the grant for the code flow."
        }
        Some(app) if !app.redirect_uris.contains(&walk.redirect_uri()) => {
            "Register the playground's redirect URI first."
        }
        Some(_) => "",
    })
}
