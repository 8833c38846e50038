//! The logout tokens that the application was sent, newest first.

use leptos::prelude::*;

use crate::api;
use crate::ui::{ApiResource, Chip, Empty, Log, Tone, When};
use contract::routes;
use contract::wire::logout::LogoutDelivery;

#[component]
pub fn Logouts(client_id: String) -> impl IntoView {
    let logouts = ApiResource::new(move || {
        let path = format!("{}/logouts", routes::api_application(&client_id));
        async move { api::get::<Vec<LogoutDelivery>>(&path).await }
    });
    view! { <Log title="Logout tokens" records=logouts none=none_yet table/> }.into_any()
}

fn none_yet() -> AnyView {
    view! {
        <Empty
            title="None sent yet"
            text="When a user's session ends, the app is told at its back-channel logout URI. Each call appears here for 14 days."
        />
    }
    .into_any()
}

fn table(logouts: Vec<LogoutDelivery>) -> AnyView {
    let rows = logouts
        .into_iter()
        .map(|logout| {
            let what = match logout.sid {
                Some(sid) => format!("session {sid}"),
                None => "every session".to_owned(),
            };
            let next = logout
                .next_attempt_at
                .filter(|_| logout.attempts > 0)
                .map(|at| view! { <div class="faint">"next attempt "<When at/></div> });
            view! {
                <tr>
                    <td class="full"><When at=logout.created_at/></td>
                    <td data-l="Who">
                        <div class="clip" title=logout.sub.clone()>
                            {if logout.user.is_empty() { logout.sub.clone() } else { logout.user }}
                        </div>
                        <div class="mono faint clip hide-sm">{what}</div>
                    </td>
                    <td data-l="Attempts">{logout.attempts}</td>
                    <td data-l="State">{state_chip(&logout.state)}</td>
                    <td class="small wrap" data-l="Last error">
                        {logout.error}
                        {next}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="cards">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"Attempts"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Last error"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn state_chip(state: &str) -> AnyView {
    let (tone, words) = match state {
        "delivered" => (Tone::Good, "Delivered"),
        "waiting" => (Tone::Warn, "Waiting"),
        _ => (Tone::Bad, "Given up"),
    };
    view! { <Chip tone>{words}</Chip> }.into_any()
}
