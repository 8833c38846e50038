//! What a command prints on standard output: text for people, or one line of JSON.

use std::io::Write;

use serde_json::Value;

#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints the one that was asked for. The reader may be gone: that is no failure.
    pub(super) fn print(self, text: &str, json: &Value) {
        let mut out = std::io::stdout().lock();
        let _ = if self.json {
            writeln!(out, "{json}")
        } else {
            writeln!(out, "{text}")
        };
        let _ = out.flush();
    }
}

/// Lines with their columns one below the other.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(head.get(column).map_or(0, |cell| cell.chars().count()))
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    for row in rows {
        // A name comes from outside: nothing in it may steer the terminal.
        let cells: Vec<String> = row.iter().map(|cell| printable(cell)).collect();
        lines.push(line(&mut cells.iter().map(String::as_str)));
    }
    lines.join("\n")
}

/// Without control characters.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_one_below_the_other() {
        let rows = [
            vec!["a".to_owned(), "b\u{1b}".to_owned()],
            vec!["long".to_owned(), "c".to_owned()],
        ];
        assert_eq!(
            table(&["ID", "NAME"], &rows),
            "ID    NAME\na     b\u{fffd}\nlong  c"
        );
    }
}
