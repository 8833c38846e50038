//! The file with settings: flat TOML, one line a setting, known keys only.

use std::io::ErrorKind;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::settings::SETTINGS;
use super::{ConfigError, Place};

/// One line of the file.
pub(super) struct Entry {
    pub(super) key: &'static str,
    pub(super) value: String,
    pub(super) line: usize,
}

/// Reads the file. It may be missing unless the administrator named it (`named`).
pub(super) fn read(folder: &Path, path: &Path, named: bool) -> Result<Vec<Entry>, ConfigError> {
    let fail = |line, problem: String| ConfigError::File {
        path: path.to_path_buf(),
        line,
        problem,
    };
    let text = match std::fs::read_to_string(folder.join(path)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !named => return Ok(Vec::new()),
        Err(error) => return Err(fail(None, format!("the settings can't be read: {error}"))),
    };
    let line_of = |at: usize| 1 + text.bytes().take(at).filter(|b| *b == b'\n').count();
    let table = DeTable::parse(&text).map_err(|error| {
        fail(
            error.span().map(|span| line_of(span.start)),
            format!("not TOML: {}", error.message().replace('\n', " ")),
        )
    })?;
    let mut entries = Vec::new();
    for (key, value) in table.get_ref() {
        let line = line_of(key.span().start);
        let shown = text.get(value.span()).unwrap_or_default();
        let fail = |value: &str, problem: String| ConfigError::Value {
            key: key.get_ref().to_string(),
            value: value.to_owned(),
            place: Place::File {
                path: path.to_path_buf(),
                line,
            },
            problem,
        };
        // A text is shown without the quotes that it has in the file.
        let shown = value.get_ref().as_str().unwrap_or(shown);
        let Some(setting) = SETTINGS.iter().find(|s| s.key == key.get_ref().as_ref()) else {
            let known: Vec<&str> = SETTINGS.iter().map(|s| s.key).collect();
            let problem = format!("no such setting; there are {}", known.join(", "));
            return Err(fail(shown, problem));
        };
        let value = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(yes) if setting.is_yes_or_no() => yes.to_string(),
            DeValue::Array(list) if setting.is_list() => {
                let texts = list.iter().map(|item| match item.get_ref() {
                    DeValue::String(text) => Ok(text.as_ref()),
                    other => Err(fail(shown, format!("not a list of texts: {}", kind(other)))),
                });
                texts.collect::<Result<Vec<_>, _>>()?.join(",")
            }
            other => return Err(fail(shown, format!("not a text but {}", kind(other)))),
        };
        entries.push(Entry {
            key: setting.key,
            value,
            line,
        });
    }
    Ok(entries)
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
