//! One named value with a sentence on it: the playground is made of these.

use leptos::prelude::*;

use crate::ui::{Chip, Tone};

/// A value as text.
pub(super) fn value(text: String) -> AnyView {
    view! { <code class="value">{text}</code> }.into_any()
}

/// Goes into `<dl class="parameters">`. An empty mark is none.
pub(super) fn line(
    name: String,
    (tone, mark): (Tone, &'static str),
    value: AnyView,
    why: String,
) -> AnyView {
    let mark = (!mark.is_empty()).then(|| view! { " " <Chip tone>{mark}</Chip> });
    view! {
        <div class="parameter">
            <dt><code>{name}</code>{mark}</dt>
            <dd>{value}<p class="hint">{why}</p></dd>
        </div>
    }
    .into_any()
}

/// Without a mark.
pub(super) fn plain(name: &str, value: AnyView, why: &str) -> AnyView {
    line(name.to_owned(), (Tone::Plain, ""), value, why.to_owned())
}
