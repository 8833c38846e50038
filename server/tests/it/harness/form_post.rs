//! The page that takes an answer to the application by a form, read as a browser does.

use super::{Answer, Code};

/// The form of the page.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) action: String,
    /// Names and values, as they stand in the form.
    pub(crate) fields: Vec<(String, String)>,
}

impl Posted {
    /// The test fails when the answer is no such page.
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(!answer.headers.contains_key("location"));
        let (_, form) = text.split_once("<form ").unwrap();
        let (form, after) = form.split_once("</form>").unwrap();
        assert!(!after.contains("<form "), "{text}");
        assert_eq!(attribute(form, "method").as_deref(), Some("post"), "{form}");
        // For a browser without scripts.
        assert!(form.contains(">Continue<"), "{form}");
        let inputs = form.split("<input ").skip(1);
        let field = |input: &str| {
            assert_eq!(attribute(input, "type").as_deref(), Some("hidden"));
            let name = attribute(input, "name").unwrap();
            (name, attribute(input, "value").unwrap())
        };
        Self {
            action: attribute(form, "action").unwrap(),
            fields: inputs.map(field).collect(),
        }
    }

    /// A field; the test fails when it stands there twice.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut found = self.fields.iter().filter(|(n, _)| n == name);
        let value = found.next().map(|(_, value)| value.clone());
        assert!(found.next().is_none(), "{name} is repeated");
        value
    }

    #[track_caller]
    pub(crate) fn code(&self) -> Code {
        let code = self.field("code");
        Code {
            code: code.unwrap_or_else(|| panic!("no code in {:?}", self.fields)),
        }
    }
}

/// The value of an attribute of the tag with which this text begins.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let value = value.replace("&lt;", "<").replace("&gt;", ">");
    Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
}
