//! The catalogue of rules, to read and to search: where every `error_uri` leads.

use leptos::prelude::*;

use crate::ui::{Chip, Empty, Field, Panel, Stage};
use contract::{
    routes,
    rules::{self, Rule},
};

/// Every rule that answers the search; all of them for an empty one.
#[component]
pub fn RulesView(search: String) -> impl IntoView {
    let wanted = search.to_lowercase();
    let items: Vec<_> = rules::all()
        .filter(|rule| matches(rule, &wanted))
        .map(item)
        .collect();
    let found = if items.is_empty() {
        view! {
            <Empty title="No rules match" text="Try the error code, a word of the message, or the number of an RFC."/>
        }
        .into_any()
    } else {
        view! { <ul class="rules">{items}</ul> }.into_any()
    };
    view! {
        <Stage wide=true>
            <div class="stack loose">
                <div class="stack tight">
                    <h1>"Rules"</h1>
                    <p class="muted">
                        "When Claviger refuses a request, it names one of these rules. Each says where it comes from and how to fix the request."
                    </p>
                </div>
                <form role="search" method="get" action=routes::RULES>
                    <Field label="Search" name="q" kind="search" value=search autocomplete="off"
                        placeholder="invalid_grant, redirect, RFC 7636 …"/>
                </form>
                {found}
            </div>
        </Stage>
    }
}

fn matches(rule: &Rule, wanted: &str) -> bool {
    wanted.split_whitespace().all(|word| {
        [rule.id, rule.error, rule.title, rule.said, rule.source]
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
pub fn RuleView(rule: &'static Rule) -> impl IntoView {
    let error = (!rule.error.is_empty())
        .then(|| view! { <dt>"Error"</dt><dd class="mono">{rule.error}</dd> });
    view! {
        <Stage wide=true>
            <article class="stack loose">
                <nav class="crumb" aria-label="Where you are">
                    <ol><li><a href=routes::RULES>"Rules"</a></li></ol>
                </nav>
                <Panel>
                    <div class="stack tight">
                        <p class="mono faint wrap">{rule.id}</p>
                        <h1>{rule.title}</h1>
                        <p class="muted">"Message: "{rule.said}</p>
                    </div>
                    <section class="stack tight">
                        <h2>"How to fix it"</h2>
                        <p>{rule.fix}</p>
                    </section>
                    <section class="stack tight">
                        <h2>"Example"</h2>
                        <pre class="code" tabindex="0">{rule.example}</pre>
                    </section>
                    <section class="stack tight">
                        <h2>"Why"</h2>
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
