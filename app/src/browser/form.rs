//! What stands in a form when it is sent. Read from the form and not from signals: a password
//! manager may have filled it in before this page was taken over.

use leptos::ev::SubmitEvent;

/// Names and values, in the form's order.
#[derive(Clone, Debug, Default)]
pub struct FormValues(Vec<(String, String)>);

impl FormValues {
    /// The first value of that name; empty when there is none.
    pub fn get(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_default()
    }

    /// The first value of that name, unless it is empty.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Every value of that name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
            .collect()
    }
}

/// Reads the form that is being sent.
#[cfg(feature = "hydrate")]
pub fn form_values(event: &SubmitEvent) -> FormValues {
    use wasm_bindgen::JsCast;

    let form = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
    let Some(data) = form.and_then(|form| web_sys::FormData::new_with_form(&form).ok()) else {
        return FormValues::default();
    };
    let mut values = Vec::new();
    for entry in js_sys::try_iter(&data)
        .ok()
        .flatten()
        .into_iter()
        .flatten()
        .flatten()
    {
        let pair = js_sys::Array::from(&entry);
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
            values.push((name, value));
        }
    }
    FormValues(values)
}

/// The value of the button that was pressed.
#[cfg(feature = "hydrate")]
pub fn submitter_value(event: &SubmitEvent) -> Option<String> {
    event.submitter()?.get_attribute("value")
}

#[cfg(not(feature = "hydrate"))]
pub fn form_values(_event: &SubmitEvent) -> FormValues {
    FormValues::default()
}

#[cfg(not(feature = "hydrate"))]
pub fn submitter_value(_event: &SubmitEvent) -> Option<String> {
    None
}
