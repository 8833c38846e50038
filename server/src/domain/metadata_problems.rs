//! What is wrong with client metadata: all of it, in one answer (RFC 7591 §3.2.2), so the client
//! need not send the same document once for each fault.

use contract::rules::Rule;

use super::refusal::Refusal;

/// Problems that one answer names.
const SHOWN: usize = 20;

/// One member that breaks a rule.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Decides the `error` when it is the first one.
    pub rule: &'static Rule,
    /// By its name in the standard.
    pub member: &'static str,
    /// The row of a list.
    pub row: Option<usize>,
    pub text: String,
    /// For the owner of the application.
    pub received: Option<String>,
}

impl Problem {
    pub fn new(rule: &'static Rule, member: &'static str, text: impl Into<String>) -> Self {
        Self {
            rule,
            member,
            row: None,
            text: text.into(),
            received: None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Whether this member is among them.
    pub fn is_about(&self, member: &str) -> bool {
        self.0.iter().any(|problem| problem.member == member)
    }

    /// # Errors
    /// The rule of the first, with all of them in its description.
    pub fn or<T>(self, value: T) -> Result<T, Refusal> {
        let Some(first) = self.0.first() else {
            return Ok(value);
        };
        let mut texts: Vec<_> = self.0.iter().take(SHOWN).map(describe).collect();
        if let Some(more) = self.0.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            texts.push(format!("And {more} more."));
        }
        let mut refusal = Refusal::new(first.rule).detail(texts.join(" "));
        refusal.received.clone_from(&first.received);
        Err(refusal)
    }
}

fn describe(problem: &Problem) -> String {
    let Problem { member, text, .. } = problem;
    match problem.row {
        Some(row) => format!("{member}, number {}: {text}", row + 1),
        None => format!("{member}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::rules;

    #[test]
    fn all_problems_stand_in_one_answer_and_a_flood_of_them_is_counted() {
        assert!(Problems::default().or(()).is_ok());
        let mut problems = Problems::default();
        let invalid = &rules::CLIENT_METADATA_INVALID;
        problems.add(Problem::new(invalid, "logo_uri", "Not this."));
        for row in 0..5000 {
            problems.add(Problem {
                row: Some(row),
                ..Problem::new(
                    &rules::CLIENT_METADATA_REDIRECT_URI,
                    "redirect_uris",
                    "Nor this.",
                )
            });
        }
        let refusal = problems.or(()).unwrap_err();
        assert_eq!(refusal.rule.id, "client-metadata-invalid");
        let text = refusal.description();
        assert!(text.starts_with("logo_uri: Not this. redirect_uris, number 1: Nor this."));
        assert!(
            text.ends_with("And 4981 more.") && text.len() < 1500,
            "{text}"
        );
    }
}
