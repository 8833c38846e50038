//! The applications that have access to this person's account, and the way to end that.

use leptos::prelude::*;

use crate::{
    api, browser,
    ui::{
        ApiResource, Button, ButtonVariant, Card, Confirm, Day, Empty, FormAction, LinkButton,
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
                // The button that asked goes with its line.
                browser::focus_soon("h1");
            },
        );
    };
    let what_happens = Signal::derive(move || {
        let name = chosen.get().map(|c| c.name).unwrap_or_default();
        format!("{name} loses its access at once. It has to ask you again to get it back.")
    });
    view! {
        <PageHead title="Connections" about="Apps that have access to your account."
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
            <Empty title="No apps have access" text="Apps you allow appear here, and you can remove them."/>
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
        permissions,
        resources,
        created_at,
        last_used_at,
        ..
    } = connection.clone();
    let label = format!("Remove access of {name}");
    let may: Vec<String> = permissions.into_iter().map(|s| s.description).collect();
    let at: Vec<String> = resources.into_iter().map(|r| r.name).collect();
    let at = (!at.is_empty()).then(|| {
        view! { <span class="small wrap">{format!("At {}", at.join(", "))}</span> }
    });
    let last = last_used_at.map(|at| format!(" · Last sign-in {}", browser::ago(&at)));
    view! {
        <li>
            <Tile name=name.clone() small=true/>
            <div class="grow stack-0">
                <b class="wrap">{name}</b>
                <span class="small wrap">{may.join(" · ")}</span>
                {at}
                <span class="small muted">"Since "<Day at=created_at/>{last}</span>
            </div>
            <Button small=true look=ButtonVariant::Danger label on_press=move |()| ask.run(connection.clone())>
                "Remove access"
            </Button>
        </li>
    }
    .into_any()
}
