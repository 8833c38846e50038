//! The request as it came, parameter by parameter, and again as a command.

use leptos::prelude::*;

use crate::pages::apps::snippets::shell;
use crate::ui::{Card, Chip, Copy, Tone};
use contract::wire::flow::{FlowParameter, FlowStep, ParameterCheck};

/// How the trace writes what must not be kept.
const FINGERPRINT: &str = "fingerprint ";

#[component]
pub fn Request(step: FlowStep, public_url: String) -> impl IntoView {
    let command = curl(&step.request, &step.parameters, &public_url);
    let left_out = step.parameters.iter().any(is_fingerprint);
    let rows = step.parameters.into_iter().map(row).collect_view();
    view! {
        <Card
            title="Request"
            actions=move || {
                (!command.is_empty()).then(|| view! {
                    <Copy value=command.clone() what="" words="Copy as curl"/>
                })
            }
        >
            <dl class="facts">{rows}</dl>
            {left_out.then(|| view! {
                <p class="small faint">
                    "Secrets and codes are kept as fingerprints only. The curl command leaves them out."
                </p>
            })}
        </Card>
    }
    .into_any()
}

fn row(parameter: FlowParameter) -> AnyView {
    let tone = match parameter.check {
        ParameterCheck::Ok => Tone::Good,
        ParameterCheck::Refused | ParameterCheck::Missing => Tone::Bad,
        _ => Tone::Plain,
    };
    let check = parameter.check.words();
    let class = if is_fingerprint(&parameter) {
        "mono faint"
    } else {
        "mono"
    };
    view! {
        <div>
            <dt>{parameter.name}</dt>
            <dd class=class>{parameter.value}</dd>
            <dd>{(!check.is_empty()).then(|| view! { <Chip tone>{check}</Chip> })}</dd>
        </div>
    }
    .into_any()
}

fn is_fingerprint(parameter: &FlowParameter) -> bool {
    parameter.value.contains(FINGERPRINT)
}

/// `GET /o/authorize` and its parameters as a command; empty when the request line is not known.
fn curl(request: &str, parameters: &[FlowParameter], public_url: &str) -> String {
    let Some((method, path)) = request.split_once(' ') else {
        return String::new();
    };
    // A query in the request line would double the parameters.
    let path = path.split('?').next().unwrap_or_default();
    let mut words = vec!["curl -i".to_owned()];
    if method == "GET" {
        words[0].push_str(" --get");
    }
    words[0].push_str(&format!(" {}", shell(&format!("{public_url}{path}"))));
    let sent = |parameter: &&FlowParameter| {
        !is_fingerprint(parameter) && parameter.check != ParameterCheck::Missing
    };
    for parameter in parameters.iter().filter(sent) {
        let pair = format!("{}={}", parameter.name, parameter.value);
        words.push(format!("--data-urlencode {}", shell(&pair)));
    }
    words.join(" \\\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, value: &str) -> FlowParameter {
        FlowParameter {
            name: name.into(),
            value: value.into(),
            check: ParameterCheck::Ok,
        }
    }

    #[test]
    fn the_command_repeats_the_request_without_what_is_secret() {
        let parameters = [
            parameter("client_id", "acme"),
            parameter("scope", "openid it's"),
            parameter("code_challenge", "fingerprint 7c1e…"),
            parameter("login_hint", "https://a.example/?x=fingerprint 7c1e"),
            FlowParameter {
                check: ParameterCheck::Missing,
                ..parameter("redirect_uri", "")
            },
        ];
        assert_eq!(
            curl(
                "GET /o/authorize?client_id=acme",
                &parameters,
                "https://id.example.com"
            ),
            "curl -i --get https://id.example.com/o/authorize \\\n  \
             --data-urlencode client_id=acme \\\n  \
             --data-urlencode 'scope=openid it'\\''s'"
        );
        assert!(!curl("POST /o/token", &[], "https://id.example.com").contains("--get"));
        assert_eq!(curl("", &parameters, ""), "");
    }
}
