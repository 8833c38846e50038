//! Small marks.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Warn,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Good => " good",
            Tone::Bad => " bad",
            Tone::Warn => " warn",
        }
    }
}

/// One or two words about the state of something.
#[component]
pub fn Chip(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! { <span class=format!("chip{}", tone.class())>{children()}</span> }
}

/// A sentence that must not be missed.
#[component]
pub fn Note(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let sign = match tone {
        Tone::Good => "✓",
        Tone::Plain => "i",
        Tone::Bad | Tone::Warn => "!",
    };
    view! {
        <div class=format!("note{}", tone.class())>
            <span class="sign" aria-hidden="true">{sign}</span>
            <div class="stack tight">{children()}</div>
        </div>
    }
}

/// The first letter of an application's name, as its picture.
#[component]
pub fn Tile(#[prop(into)] name: String, #[prop(optional)] small: bool) -> impl IntoView {
    let letter = first_letter(&name, 1);
    view! {
        <span class=if small { "tile sm" } else { "tile" } aria-hidden="true">{letter}</span>
    }
}

/// The place of a picture, for an application that has none yet.
#[component]
pub fn NoTile() -> impl IntoView {
    view! { <span class="tile none" aria-hidden="true">"?"</span> }
}

/// Two letters of a person's name.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{first_letter(&name, 2)}</span> }
}

fn first_letter(name: &str, count: usize) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .take(count)
        .flat_map(char::to_uppercase)
        .collect()
}
