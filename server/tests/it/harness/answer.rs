//! What the server answered.

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::Value;

use super::form;

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// A member of the JSON that is a text.
    #[track_caller]
    pub(crate) fn member(&self, name: &str) -> String {
        let json = self.json();
        let text = json[name].as_str();
        text.unwrap_or_else(|| panic!("no {name} in {} {json}", self.status))
            .to_owned()
    }

    /// Where a 303 leads.
    #[track_caller]
    pub(crate) fn location(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.text());
        self.header("location").to_owned()
    }

    /// The ticket in the path of a page that asks for something.
    #[track_caller]
    pub(crate) fn ticket(&self, page: &str) -> String {
        let location = self.location();
        assert!(location.starts_with(&format!("{page}?flow=")), "{location}");
        form::param(&location, "flow").unwrap()
    }

    /// The same of a page that JSON names in `redirect_to`.
    #[track_caller]
    pub(crate) fn ticket_in_json(&self, page: &str) -> String {
        let location = self.member("redirect_to");
        assert!(location.starts_with(&format!("{page}?flow=")), "{location}");
        form::param(&location, "flow").unwrap()
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}
