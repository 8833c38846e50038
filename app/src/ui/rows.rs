//! A list of values, one input a row, each checked while it is typed.
//!
//! The check is the very function that the server uses; what it says stands beside the row with
//! the rule's name. Messages of the server come in by `field.index`, counted from 0 over the
//! values that were sent; they stand at the row that holds that value, until it is changed.

use crate::ui::reactive;
use std::collections::BTreeMap;

use leptos::html::{Button, Input};
use leptos::prelude::*;

use super::Errors;
use contract::routes;
use contract::rules::Rule;

/// Messages by field, as [`contract::wire::problem::Problem`] carries them.
pub type Messages = BTreeMap<String, Vec<String>>;

/// Judges one value; the same function on both sides.
pub type Check = fn(&str) -> Result<(), &'static Rule>;

/// What is typed first of an address: too early to speak of a broken rule.
const STARTS: [&str; 5] = [
    "https://",
    "http://localhost",
    "http://127.0.0.1",
    "http://[::1]",
    "com.example.app:/",
];

/// Counted signals: a row lives as long as its list, which outlives the fieldset that it was added in.
#[derive(Clone)]
struct Row {
    id: usize,
    value: ArcRwSignal<String>,
    /// The person has left the input: an unfinished value is now a wrong one.
    left: ArcRwSignal<bool>,
    /// Takes the focus when it appears.
    focus: bool,
}

/// The rows of one list.
#[derive(Clone, Copy)]
pub struct RowList {
    rows: RwSignal<Vec<Row>>,
    next: StoredValue<usize>,
    sent: RwSignal<Vec<String>>,
}

impl RowList {
    /// One row a value; an empty row when there is none.
    pub fn new(values: &[String]) -> Self {
        let list = Self {
            rows: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            sent: RwSignal::new(Vec::new()),
        };
        for value in values {
            list.push(value.clone(), false);
        }
        if values.is_empty() {
            list.push(String::new(), false);
        }
        list
    }

    fn push(self, value: String, focus: bool) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let left = ArcRwSignal::new(!value.is_empty());
        let row = Row {
            id,
            value: ArcRwSignal::new(value),
            left,
            focus,
        };
        self.rows.update(|rows| rows.push(row));
    }

    /// Adds a row with this value and puts the focus into it. A sole empty row makes room.
    pub fn propose(self, value: String) {
        self.rows
            .update(|rows| rows.retain(|row| !row.value.get_untracked().trim().is_empty()));
        self.push(value, true);
    }

    /// The values without the empty rows and without white space around them.
    pub fn values(self) -> Vec<String> {
        self.rows
            .with(|rows| filled(rows.iter().map(|row| row.value.get())))
    }

    /// The values, which the server's messages will count.
    pub fn send(self) -> Vec<String> {
        let values = untrack(|| self.values());
        self.sent.set(values.clone());
        values
    }

    /// What the server said about this value.
    fn said(self, field: &str, value: &str, messages: &Messages) -> Option<String> {
        let index = self
            .sent
            .with(|sent| sent.iter().position(|one| one == value.trim()))?;
        messages
            .get(&format!("{field}.{index}"))
            .map(|all| all.join(" "))
    }

    fn remove(self, id: usize) {
        self.rows.update(|rows| rows.retain(|row| row.id != id));
    }

    fn position(self, id: usize) -> usize {
        self.rows
            .with(|rows| rows.iter().position(|row| row.id == id))
            .unwrap_or_default()
    }
}

fn filled(values: impl Iterator<Item = String>) -> Vec<String> {
    values
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect()
}

/// The rule that a value breaks; an empty value, and one that is still being typed, breaks none.
fn broken(value: &str, left: bool, check: Check) -> Option<&'static Rule> {
    let value = value.trim();
    let unfinished = !left && STARTS.iter().any(|start| start.starts_with(value));
    if value.is_empty() || unfinished {
        return None;
    }
    check(value).err()
}

/// A fieldset with one input a row, `Redirect URI 1` and so on.
#[component]
pub fn Rows(
    legend: &'static str,
    /// What one row holds: `Redirect URI`.
    item: &'static str,
    /// The field's name in the API.
    field: &'static str,
    hint: &'static str,
    placeholder: &'static str,
    list: RowList,
    check: Check,
    messages: Signal<Messages>,
) -> impl IntoView {
    let add = NodeRef::<Button>::new();
    let whole =
        Signal::derive(move || messages.with(|all| all.get(field).cloned().unwrap_or_default()));
    let column = Column {
        list,
        item,
        field,
        placeholder,
        check,
        messages,
        add,
    };
    view! {
        <fieldset class="rows" aria-describedby=format!("{field}-hint {field}-errors")>
            <legend>{legend}</legend>
            <p class="hint" id=format!("{field}-hint")>{hint}</p>
            <For each=move || list.rows.get() key=|row| row.id let:row>
                {column.line(row)}
            </For>
            <Errors id=format!("{field}-errors") errors=whole/>
            <button
                class="btn sm"
                type="button"
                node_ref=add
                on:click=move |_| list.push(String::new(), true)
            >
                {format!("Add another {}", lower(item))}
            </button>
        </fieldset>
    }
    .into_any()
}

/// What all rows share.
#[derive(Clone, Copy)]
struct Column {
    list: RowList,
    item: &'static str,
    field: &'static str,
    placeholder: &'static str,
    check: Check,
    messages: Signal<Messages>,
    add: NodeRef<Button>,
}

impl Column {
    fn line(self, row: Row) -> AnyView {
        let Self {
            list,
            item,
            field,
            placeholder,
            check,
            messages,
            add,
        } = self;
        let Row {
            id: row,
            value,
            left,
            focus,
        } = row;
        let (value, left) = (RwSignal::from(value), RwSignal::from(left));
        let input = NodeRef::<Input>::new();
        let name = move || format!("{item} {}", list.position(row) + 1);
        let id = format!("{field}-{row}");
        let (label_id, error_id) = (format!("{id}-label"), format!("{id}-error"));
        let rule = move || value.with(|value| broken(value, left.get(), check));
        let said = move || value.with(|value| messages.with(|all| list.said(field, value, all)));
        let wrong = move || rule().is_some() || said().is_some();
        if focus {
            Effect::new(move |_| {
                if let Some(input) = input.get() {
                    let _ = input.focus();
                }
            });
        }
        let remove = move |_| {
            list.remove(row);
            // The button that had the focus is gone.
            if let Some(add) = add.get_untracked() {
                let _ = add.focus();
            }
        };
        view! {
            <div class="field">
                <label class="visually-hidden" id=label_id.clone() for=id.clone()>{name}</label>
                <div class="row-input">
                    <input
                        id=id
                        class="mono"
                        type="text"
                        inputmode="url"
                        autocapitalize="none"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder=placeholder
                        node_ref=input
                        aria-invalid=move || wrong().then_some("true")
                        aria-describedby=error_id.clone()
                        prop:value=move || value.get()
                        on:input=move |event| value.set(event_target_value(&event))
                        on:change=move |_| left.set(true)
                    />
                    <button
                        class="btn quiet sm"
                        type="button"
                        aria-describedby=label_id
                        on:click=remove
                    >
                        "Remove"
                    </button>
                </div>
                <div class="errs" id=error_id aria-live="polite">
                    {reactive(move || { match rule() {
                        Some(rule) => broken_rule(rule),
                        None => said().map(|said| view! { <p class="err">{said}</p> }).into_any(),
                    } }.into_any())}
                </div>
            </div>
        }
        .into_any()
    }
}

/// The rule in a sentence, and the way to its page: in a new tab, so that what is typed stays.
fn broken_rule(rule: &'static Rule) -> AnyView {
    view! {
        <p class="err">
            {rule.said} " " <a href=routes::rule(rule.id) rel="external" target="_blank">{rule.id}</a>
        </p>
    }
    .into_any()
}

/// `Redirect URI` inside a sentence: `redirect URI`.
fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::validate::redirect_uri;

    #[test]
    fn a_value_that_is_still_being_typed_breaks_no_rule_yet() {
        for value in ["", " ", "h", "http", "https:/", "https://", "http://loc"] {
            assert!(
                broken(value, false, redirect_uri::check).is_none(),
                "{value}"
            );
        }
        for value in ["http://p", "https://a.example/#", "example.com"] {
            assert!(
                broken(value, false, redirect_uri::check).is_some(),
                "{value}"
            );
        }
        assert!(broken("https://", true, redirect_uri::check).is_some());
        assert!(broken("", true, redirect_uri::check).is_none());
    }

    #[test]
    fn empty_rows_are_not_sent_and_white_space_around_a_value_is_none_of_it() {
        let values = [" https://a.example/cb ", "", "  "].map(str::to_owned);
        assert_eq!(filled(values.into_iter()), ["https://a.example/cb"]);
    }

    #[test]
    fn only_the_first_letter_is_lowered() {
        assert_eq!(lower("Redirect URI"), "redirect URI");
    }
}
