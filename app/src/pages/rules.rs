//! The catalogue of rules, to read and to search: where every `error_uri` leads.

use std::sync::LazyLock;

use leptos::prelude::*;

use crate::ui::{Chip, Empty, Field, Panel, Stage};
use contract::{
    routes,
    rules::{self, Rule},
};

/// Every rule that answers the search; all of them for an empty one.
#[component]
pub fn RulesView(search: String) -> impl IntoView {
    let search = shortened(&search).to_owned();
    let items: Vec<_> = found(&search).map(item).collect();
    let list = if items.is_empty() {
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
                {list}
            </div>
        </Stage>
    }
}

/// Bytes of a search that are looked at, and words.
const MAX_BYTES: usize = 100;
const MAX_WORDS: usize = 8;

/// What a rule is found by, in lower case: made once, not for each search.
static TEXTS: LazyLock<Vec<(&Rule, String)>> = LazyLock::new(|| {
    let text = |rule: &'static Rule| {
        let parts = [rule.id, rule.error, rule.title, rule.said, rule.source];
        (rule, parts.join("\n").to_lowercase())
    };
    rules::all().map(text).collect()
});

/// The beginning of a search, as much as is looked at.
fn shortened(search: &str) -> &str {
    let mut end = search.len().min(MAX_BYTES);
    while !search.is_char_boundary(end) {
        end -= 1;
    }
    &search[..end]
}

/// At most so many words of the search, in lower case.
fn words(search: &str) -> Vec<String> {
    let words = shortened(search).split_whitespace().take(MAX_WORDS);
    words.map(str::to_lowercase).collect()
}

/// The rules that hold every word of the search.
fn found(search: &str) -> impl Iterator<Item = &'static Rule> {
    let words = words(search);
    let holds = move |text: &str| words.iter().all(|word| text.contains(word));
    TEXTS
        .iter()
        .filter(move |(_, text)| holds(text))
        .map(|(rule, _)| *rule)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_found_by_each_of_its_texts() {
        let ids = |search: &str| found(search).map(|rule| rule.id).collect::<Vec<_>>();
        assert_eq!(ids("").len(), rules::all().count());
        assert!(ids("Redirect-URI-Mismatch").contains(&"redirect-uri-mismatch"));
        assert!(ids("invalid_grant rfc 7636").contains(&"pkce-verifier-mismatch"));
        assert!(ids("no rule says that").is_empty());
    }

    /// 16 KB of the shortest words there are cost no more than eight words do.
    #[test]
    fn a_long_search_is_cut_before_it_is_looked_at() {
        for search in ["6 ".repeat(8000), "ab ".repeat(5000), "é".repeat(8000)] {
            assert!(words(&search).len() <= MAX_WORDS);
            assert!(shortened(&search).len() <= MAX_BYTES);
        }
        assert_eq!(words("A b"), ["a", "b"]);
    }
}
