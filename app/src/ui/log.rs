use leptos::prelude::*;

use super::{ApiResource, Button, Card};
use crate::browser::ago;

/// A card of records, newest first, that can be looked for again. `none` stands in for the table
/// while there is nothing in it.
#[component]
pub fn Log<T: Clone + Send + Sync + 'static>(
    #[prop(into)] title: String,
    records: ApiResource<Vec<T>>,
    none: fn() -> AnyView,
    table: fn(Vec<T>) -> AnyView,
) -> impl IntoView {
    view! {
        <Card
            title
            flush=true
            actions=move || view! {
                <Button small=true on_press=move |()| records.reload()>"Look again"</Button>
            }
        >
            {records.view(move |records| if records.is_empty() { none() } else { table(records) })}
        </Card>
    }
    .into_any()
}

/// How long ago something was; on pointing at it, when exactly. `at` is a time as in RFC 3339.
#[component]
pub fn When(#[prop(into)] at: String) -> impl IntoView {
    let words = ago(&at);
    view! { <time datetime=at.clone() title=at>{words}</time> }.into_any()
}
