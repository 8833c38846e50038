//! The form in which a step of a trace is kept: a line of JSON in ASCII, of a bounded length.
//!
//! In ASCII a character is a byte, so both databases measure a trace alike (`LENGTH`). What a
//! stranger sends is cut by the bytes that it takes as JSON: a control character takes six.

use contract::wire::flow::{FlowFact, FlowParameter, FlowStep, ParameterCheck};
use serde::Serialize;

/// A step at most, in bytes.
pub const STEP_BYTES: usize = 3 * 1024;
/// A trace at most, in bytes: the request, who decided, the code, the tokens, and a few more.
pub const TRACE_BYTES: usize = 8 * 1024;

/// From mild to harsh: bytes of a text, entries of a list. The last one always fits.
const CUTS: [(usize, usize); 5] = [(500, 40), (300, 40), (120, 30), (50, 20), (20, 10)];

/// A step as a line. JSON writes line ends inside of texts as `\n`, so a line is a step.
pub fn line(step: &FlowStep) -> String {
    let mut line = String::new();
    for (text, entries) in CUTS {
        line = json(&cut_step(step, text, entries));
        line.push('\n');
        if line.len() <= STEP_BYTES {
            break;
        }
    }
    line
}

/// The steps with which a trace begins: as many as fit into it.
pub fn lines(steps: &[FlowStep]) -> String {
    let mut lines = String::new();
    for line in steps.iter().map(line) {
        if lines.len() + line.len() <= TRACE_BYTES {
            lines.push_str(&line);
        }
    }
    lines
}

fn cut_step(step: &FlowStep, text: usize, entries: usize) -> FlowStep {
    let mut parameters: Vec<_> = step
        .parameters
        .iter()
        .take(entries)
        .map(|parameter| FlowParameter {
            name: cut(&parameter.name, text),
            value: cut(&parameter.value, text),
            check: parameter.check,
        })
        .collect();
    let left = step.parameters.len() - parameters.len();
    if left > 0 {
        parameters.push(FlowParameter {
            name: "…".to_owned(),
            value: format!("{left} more"),
            check: ParameterCheck::Unknown,
        });
    }
    let facts = step.facts.iter().take(entries).map(|fact| FlowFact {
        name: fact.name,
        value: cut(&fact.value, text),
    });
    let expected = step.expected.iter().take(entries);
    FlowStep {
        name: step.name,
        request: cut(&step.request, text),
        outcome: step.outcome,
        at: step.at,
        rule: step.rule.as_deref().map(|rule| cut(rule, 100)),
        detail: step.detail.as_deref().map(|detail| cut(detail, text)),
        expected: expected.map(|one| cut(one, text)).collect(),
        received: step.received.as_deref().map(|one| cut(one, text)),
        parameters,
        facts: facts.collect(),
    }
}

/// The text, or what of it fits into so many bytes of JSON and an ellipsis.
fn cut(text: &str, bytes: usize) -> String {
    let mut taken = 0;
    let too_long = text.char_indices().find(|(_, c)| {
        taken += written(*c);
        taken > bytes
    });
    match too_long {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Bytes of a character in JSON of ASCII.
const fn written(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        ' '..='\u{7f}' => 1,
        _ => 6 * c.len_utf16(),
    }
}

fn json(step: &FlowStep) -> String {
    let mut out = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut out, Ascii);
    // Nothing in a step refuses to be written, and memory takes it.
    let _ = step.serialize(&mut writer);
    String::from_utf8(out).unwrap_or_default()
}

/// Every character past ASCII as `\u` and its code.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> std::io::Result<()>
    where
        W: ?Sized + std::io::Write,
    {
        for c in fragment.chars() {
            if c.is_ascii() {
                writer.write_all(&[u8::try_from(c).unwrap_or(b'?')])?;
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use contract::wire::flow::{FactName, StepName};
    use proptest::prelude::*;

    use super::*;

    fn parameter(name: &str, value: &str) -> FlowParameter {
        FlowParameter {
            name: name.to_owned(),
            value: value.to_owned(),
            check: ParameterCheck::NotReached,
        }
    }

    fn read(line: &str) -> FlowStep {
        serde_json::from_str(line).unwrap()
    }

    /// `%01` is three bytes of a request and six of its trace.
    #[test]
    fn sixteen_kilobytes_of_a_request_are_three_of_its_trace() {
        for value in ["\u{1}", "\"", "é", "😀", "a", "\u{7f}"] {
            let long = value.repeat(5000);
            let many = vec![parameter(&value.repeat(20), &value.repeat(400)); 40];
            for parameters in [vec![parameter("state", &long)], many] {
                let step = FlowStep {
                    request: long.clone(),
                    detail: Some(long.clone()),
                    received: Some(long.clone()),
                    expected: vec![long.clone(); 50],
                    parameters,
                    ..FlowStep::default()
                };
                let line = line(&step);
                assert!(line.len() <= STEP_BYTES && line.is_ascii(), "{value:?}");
                assert!(read(&line).received.unwrap().ends_with('…'));
            }
        }
    }

    #[test]
    fn what_fits_is_kept_as_it_is() {
        let step = FlowStep {
            name: StepName::Token,
            received: Some("é😀\n\"x\"".to_owned()),
            parameters: vec![parameter("scope", "openid")],
            facts: vec![FlowFact {
                name: FactName::Scope,
                value: "openid".to_owned(),
            }],
            ..FlowStep::default()
        };
        let line = line(&step);
        assert_eq!(read(&line), step);
        assert_eq!(line.lines().count(), 1);
        let all = lines(&vec![step; 200]);
        assert!(all.len() <= TRACE_BYTES && all.len() > TRACE_BYTES - line.len());
    }

    #[test]
    fn how_many_are_left_out_is_said() {
        let step = FlowStep {
            parameters: vec![parameter("a", "b"); 60],
            ..FlowStep::default()
        };
        let kept = read(&line(&step)).parameters;
        assert_eq!(kept.len(), 41);
        assert_eq!(kept[40].value, "20 more");
    }

    proptest! {
        #[test]
        fn every_step_fits(
            texts in proptest::collection::vec(any::<String>(), 4),
            pairs in proptest::collection::vec((any::<String>(), any::<String>()), 0..60),
            expected in proptest::collection::vec(any::<String>(), 0..60),
        ) {
            let step = FlowStep {
                request: texts[0].clone(),
                rule: Some(texts[1].clone()),
                detail: Some(texts[2].clone()),
                received: Some(texts[3].clone()),
                parameters: pairs.iter().map(|(name, value)| parameter(name, value)).collect(),
                expected,
                ..FlowStep::default()
            };
            let line = line(&step);
            prop_assert!(line.len() <= STEP_BYTES && line.is_ascii());
            prop_assert_eq!(read(&line).at, 0);
        }
    }
}
