//! The applications that this person has let in, and the way to take that back.

use leptos::prelude::*;

use crate::{
    api, browser,
    ui::{
        ApiResource, Button, ButtonVariant, Card, Chip, Confirm, Empty, FormAction, LinkButton,
        PageHead, Tile,
    },
};
use contract::{routes, wire::connection::Connection};

#[component]
pub fn ConnectionsPage() -> impl IntoView {
    let connections = ApiResource::new(|| api::get::<Vec<Connection>>(routes::API_CONNECTIONS));
    let chosen = RwSignal::new(None::<Connection>);
    let asking = RwSignal::new(false);
    let submit = FormAction::new();
    let ask = Callback::new(move |connection: Connection| {
        submit.set_problem(None);
        chosen.set(Some(connection));
        asking.set(true);
    });
    let remove = move |()| {
        let Some(connection) = chosen.get_untracked() else {
            return;
        };
        submit.run(
            async move { api::delete(&routes::api_connection(&connection.client_id)).await },
            move |()| {
                asking.set(false);
                connections.reload();
            },
        );
    };
    let what_happens = Signal::derive(move || {
        let name = chosen.get().map(|c| c.name).unwrap_or_default();
        format!(
            "{name} loses its access at once. It has to ask you again before it can act for you."
        )
    });
    view! {
        <PageHead title="Connections" about="Applications that may act for you."
            actions=|| view! {
                <LinkButton href=routes::DEVICE external=true>"Connect a device"</LinkButton>
            }/>
        <Card flush=true>
            {connections.view(move |list| list_of(list, ask))}
        </Card>
        <Confirm open=asking title="Remove access?" text=what_happens action="Remove"
            on_confirm=remove busy=submit.busy() problem=submit.problem()/>
    }
}

fn list_of(list: Vec<Connection>, ask: Callback<Connection>) -> AnyView {
    if list.is_empty() {
        return view! {
            <Empty title="Nobody has access" text="When you let an application in, it stands here, and here you can take that back."/>
        }
        .into_any();
    }
    let rows = list
        .into_iter()
        .map(|connection| row(connection, ask))
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

fn row(connection: Connection, ask: Callback<Connection>) -> AnyView {
    let Connection {
        name,
        scopes,
        created_at,
        ..
    } = connection.clone();
    let label = format!("Remove access of {name}");
    view! {
        <li>
            <Tile name=name.clone() small=true/>
            <div class="grow stack-0">
                <b class="wrap">{name}</b>
                <span class="small muted">"Since "{browser::date(&created_at)}</span>
            </div>
            <span class="chips">
                {scopes.into_iter().map(|scope| view! { <Chip>{scope}</Chip> }).collect_view()}
            </span>
            <Button small=true look=ButtonVariant::Danger label on_press=move |()| ask.run(connection.clone())>
                "Remove access"
            </Button>
        </li>
    }
    .into_any()
}
