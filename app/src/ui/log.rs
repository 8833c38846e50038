//! Records with their times.

use leptos::prelude::*;

use super::{ApiResource, Button, Card};
use crate::browser::{date, utc, when};

/// A card of records, newest first, that can be refreshed. `none` stands in for the table
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
                <Button small=true on_press=move |()| records.reload()>"Refresh"</Button>
            }
        >
            {records.view(move |records| if records.is_empty() { none() } else { table(records) })}
        </Card>
    }
    .into_any()
}

/// When something was or will be: near moments as a distance, others by the person's own clock; on
/// pointing at it, in UTC. `at` is a time as in RFC 3339.
#[component]
pub fn When(#[prop(into)] at: String) -> impl IntoView {
    let (words, title) = (when(&at), utc(&at));
    view! { <time datetime=at title=title>{words}</time> }.into_any()
}

/// The day on which something was, by the person's own clock; on pointing at it, in UTC.
#[component]
pub fn Day(#[prop(into)] at: String) -> impl IntoView {
    let (words, title) = (date(&at), utc(&at));
    view! { <time datetime=at title=title>{words}</time> }.into_any()
}
