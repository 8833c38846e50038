//! The catalogue of rules, to read and to search: where every `error_uri` leads.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::not_found::NotFoundPage;
use crate::{
    routes,
    rules::{self, Rule},
    ui::{Chip, Copy, Empty, Field, Panel, Stage},
};

/// Every rule; the search narrows while typing.
#[component]
pub fn RulesPage() -> impl IntoView {
    let search = RwSignal::new(String::new());
    let found = move || {
        let wanted = search.get().to_lowercase();
        let items: Vec<_> = rules::all()
            .filter(|rule| matches(rule, &wanted))
            .map(item)
            .collect();
        if items.is_empty() {
            view! {
                <Empty title="No rule says that" text="Try the error code, a word of the message, or the number of an RFC."/>
            }
            .into_any()
        } else {
            view! { <ul class="rules">{items}</ul> }.into_any()
        }
    };
    view! {
        <Title text="Rules"/>
        <Stage wide=true>
            <div class="stack loose">
                <div class="stack tight">
                    <h1>"Rules"</h1>
                    <p class="muted">
                        "Everything that Claviger refuses, it refuses by one of these. Each says where it comes from and how to mend what breaks it."
                    </p>
                </div>
                <div role="search">
                    <Field label="Search" name="search" kind="search" bind=search autocomplete="off"
                        placeholder="invalid_grant, redirect, RFC 7636 …"/>
                </div>
                {found}
            </div>
        </Stage>
    }
}

fn matches(rule: &Rule, wanted: &str) -> bool {
    wanted.split_whitespace().all(|word| {
        [rule.id, rule.error, rule.title, rule.source]
            .iter()
            .any(|text| text.to_lowercase().contains(word))
    })
}

fn item(rule: &'static Rule) -> AnyView {
    view! {
        <li>
            <a href=routes::rule(rule.id)>{rule.title}</a>
            <span class="meta">
                <code>{rule.id}</code>
                <span>{rule.source}</span>
                {(!rule.error.is_empty()).then(|| view! { <Chip>{rule.error}</Chip> })}
            </span>
        </li>
    }
    .into_any()
}

/// One rule.
#[component]
pub fn RulePage() -> impl IntoView {
    let params = use_params_map();
    move || {
        let id = params.read().get("id").unwrap_or_default();
        match rules::find(&id) {
            Some(rule) => one(rule),
            None => view! { <NotFoundPage/> }.into_any(),
        }
    }
}

fn one(rule: &'static Rule) -> AnyView {
    let error = (!rule.error.is_empty())
        .then(|| view! { <dt>"Error"</dt><dd class="mono">{rule.error}</dd> });
    view! {
        <Title text=rule.id/>
        <Stage wide=true>
            <article class="stack loose">
                <nav class="crumb" aria-label="Where you are">
                    <ol><li><a href=routes::RULES>"Rules"</a></li></ol>
                </nav>
                <Panel>
                    <div class="stack tight">
                        <p class="mono faint wrap">{rule.id}</p>
                        <h1>{rule.title}</h1>
                    </div>
                    <section class="stack tight">
                        <h2>"How to mend it"</h2>
                        <p>{rule.mend}</p>
                    </section>
                    <section class="stack tight">
                        <div class="between">
                            <h2>"What keeps it"</h2>
                            <Copy value=rule.example.to_owned() what="example"/>
                        </div>
                        <pre class="code" tabindex="0">{rule.example}</pre>
                    </section>
                    <section class="stack tight">
                        <h2>"Why it exists"</h2>
                        <p class="muted">{rule.why}</p>
                    </section>
                    <dl class="rule-facts">
                        <dt>"Source"</dt>
                        <dd><a href=rule.source_url rel="noreferrer">{rule.source}</a></dd>
                        {error}
                        <dt>"Status"</dt>
                        <dd>{rule.status}</dd>
                    </dl>
                </Panel>
            </article>
        </Stage>
    }
    .into_any()
}
