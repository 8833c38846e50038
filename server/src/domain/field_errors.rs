//! The fields of a form that break rules: all of them at once.

use std::collections::BTreeMap;
use std::fmt;

use contract::rules::Rule;

/// Messages by the field's name in the API; the row of a list as `redirect_uris.0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(pub BTreeMap<String, Vec<String>>);

impl FieldErrors {
    /// The field breaks this rule.
    pub fn add(&mut self, field: impl Into<String>, rule: &Rule) {
        self.say(field, rule.said);
    }

    /// The field breaks this rule, and a sentence more can be said about it.
    pub fn add_detail(&mut self, field: impl Into<String>, rule: &Rule, detail: &str) {
        self.say(field, format!("{} {detail}", rule.said));
    }

    /// The field is wrong for a reason of its own.
    pub fn say(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let message = message.into();
        let messages = self.0.entry(field.into()).or_default();
        if !messages.contains(&message) {
            messages.push(message);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0
            .iter()
            .map(|(field, messages)| (field.as_str(), messages.as_slice()))
    }

    pub fn into_map(self) -> BTreeMap<String, Vec<String>> {
        self.0
    }

    /// `value` when nothing is wrong.
    ///
    /// # Errors
    /// The messages, when there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

/// For the command line: one message a line, its field before it.
impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (field, messages) in &self.0 {
            for message in messages {
                write!(f, "{separator}{field}: {message}")?;
                separator = "\n";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use contract::rules;

    use super::*;

    #[test]
    fn the_same_message_stands_once_at_a_field() {
        let mut errors = FieldErrors::default();
        errors.add("name", &rules::FIELD_REQUIRED);
        errors.add("name", &rules::FIELD_REQUIRED);
        errors.add_detail("name", &rules::FIELD_TOO_LONG, "At most 3 characters.");
        assert_eq!(errors.0["name"].len(), 2);
        assert_eq!(errors.clone().or(()), Err(errors));
    }
}
