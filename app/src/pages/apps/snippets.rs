//! Code to copy, with this application's values filled in.
//!
//! Programs that run as they stand, but for the secret: that is read from `CLIENT_SECRET` and
//! must never be written into a snippet. To add a language: a variant of [`Language`] and an arm
//! in both functions.

use contract::routes::{self, encode};
use contract::wire::application::Application;
use contract::wire::client::ClientType;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Curl,
    Python,
    Node,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::Curl, Self::Python, Self::Node];

    pub fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "Python, Authlib",
            Self::Node => "Node, openid-client",
        }
    }
}

/// What the snippets are made of.
pub struct Values {
    public_url: String,
    client_id: String,
    confidential: bool,
    redirect_uri: String,
    scope: String,
    openid: bool,
}

impl Values {
    pub fn new(app: &Application, public_url: &str) -> Self {
        Self {
            public_url: public_url.to_owned(),
            client_id: app.client_id.clone(),
            confidential: app.client_type == ClientType::Confidential,
            redirect_uri: app.redirect_uris.first().cloned().unwrap_or_default(),
            scope: app.scopes.join(" "),
            openid: app.scopes.iter().any(|scope| scope == "openid"),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    fn issuer(&self) -> String {
        self.url("/o")
    }

    /// Scopes that mean something without a person.
    fn own_scope(&self) -> String {
        let personal = ["openid", "profile", "email", "offline_access"];
        let own = self
            .scope
            .split(' ')
            .filter(|scope| !personal.contains(scope));
        own.collect::<Vec<_>>().join(" ")
    }
}

/// A person signs in: authorization code with PKCE (RFC 7636).
pub fn sign_in(language: Language, v: &Values) -> String {
    match language {
        Language::Curl => curl_sign_in(v),
        Language::Python => python_sign_in(v),
        Language::Node => node_sign_in(v),
    }
}

/// The application acts as itself: client credentials (RFC 6749 §4.4).
pub fn as_itself(language: Language, v: &Values) -> String {
    let scope = v.own_scope();
    match language {
        Language::Curl => {
            let scope = if scope.is_empty() {
                String::new()
            } else {
                format!(
                    " \\\n  --data-urlencode {}",
                    shell(&format!("scope={scope}"))
                )
            };
            format!(
                "curl -sS {token} \\\n  -u {id}:\"$CLIENT_SECRET\" \\\n  -d grant_type=client_credentials{scope}\n",
                token = shell(&v.url(routes::TOKEN)),
                id = shell(&v.client_id),
            )
        }
        Language::Python => {
            let scope = argument(&scope, |s| format!("    scope={},\n", quoted(s)));
            format!(
                "# pip install authlib requests\nimport os\n\n\
                 from authlib.integrations.requests_client import OAuth2Session\n\n\
                 client = OAuth2Session(\n    client_id={id},\n    client_secret=os.environ[\"CLIENT_SECRET\"],\n{scope})\n\
                 print(client.fetch_token({token}, grant_type=\"client_credentials\"))\n",
                id = quoted(&v.client_id),
                token = quoted(&v.url(routes::TOKEN)),
            )
        }
        Language::Node => {
            let scope = argument(&scope, |s| format!("{{ scope: {} }}", quoted(s)));
            format!(
                "{start}console.log(await client.clientCredentialsGrant(config, {scope}));\n",
                start = node_start(v),
                scope = if scope.is_empty() { "{}".into() } else { scope },
            )
        }
    }
}

fn curl_sign_in(v: &Values) -> String {
    let mut query = vec![
        ("response_type", "code".to_owned()),
        ("client_id", encode(&v.client_id)),
        ("redirect_uri", encode(&v.redirect_uri)),
    ];
    if !v.scope.is_empty() {
        query.push(("scope", encode(&v.scope)));
    }
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let client = if v.confidential {
        format!("-u {}:\"$CLIENT_SECRET\"", shell(&v.client_id))
    } else {
        format!("-d {}", shell(&format!("client_id={}", v.client_id)))
    };
    format!(
        "verifier=$(openssl rand -hex 32)\n\
         challenge=$(printf %s \"$verifier\" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')\n\
         \n\
         # 1. Open this address in a browser and sign in.\n\
         echo {authorize}\"&code_challenge=$challenge&code_challenge_method=S256\"\n\
         \n\
         # 2. You come back to the redirect URI. Copy the value of code from the address. It lives for 60 seconds.\n\
         printf 'code: ' && read -r code\n\
         \n\
         # 3. Redeem it.\n\
         curl -sS {token} \\\n  {client} \\\n  -d grant_type=authorization_code \\\n  -d \"code=$code\" \\\n  \
         --data-urlencode {redirect} \\\n  -d \"code_verifier=$verifier\"\n",
        authorize = shell(&format!("{}?{}", v.url(routes::AUTHORIZE), query.join("&"))),
        token = shell(&v.url(routes::TOKEN)),
        redirect = shell(&format!("redirect_uri={}", v.redirect_uri)),
    )
}

fn python_sign_in(v: &Values) -> String {
    let secret = if v.confidential {
        "    client_secret=os.environ[\"CLIENT_SECRET\"],\n"
    } else {
        ""
    };
    let import = if v.confidential { "import os\n\n" } else { "" };
    let scope = argument(&v.scope, |s| format!("    scope={},\n", quoted(s)));
    let userinfo = if v.openid {
        format!(
            "print(client.get({}).json())\n",
            quoted(&v.url(routes::USERINFO))
        )
    } else {
        String::new()
    };
    format!(
        "# pip install authlib requests\n{import}\
         from authlib.common.security import generate_token\n\
         from authlib.integrations.requests_client import OAuth2Session\n\n\
         client = OAuth2Session(\n    client_id={id},\n{secret}    redirect_uri={redirect},\n{scope}    \
         code_challenge_method=\"S256\",\n)\n\
         verifier = generate_token(48)\n\
         url, state = client.create_authorization_url({authorize}, code_verifier=verifier)\n\
         print(\"Open\", url)\n\
         answer = input(\"Paste the address that you came back to: \")\n\n\
         token = client.fetch_token(\n    {token},\n    authorization_response=answer,\n    state=state,\n    \
         code_verifier=verifier,\n)\nprint(token)\n{userinfo}",
        id = quoted(&v.client_id),
        redirect = quoted(&v.redirect_uri),
        authorize = quoted(&v.url(routes::AUTHORIZE)),
        token = quoted(&v.url(routes::TOKEN)),
    )
}

fn node_start(v: &Values) -> String {
    // openid-client talks to https only, unless it is told otherwise.
    let insecure = v.public_url.starts_with("http:");
    let secret = if v.confidential {
        "process.env.CLIENT_SECRET"
    } else {
        "undefined"
    };
    let rest = match (insecure, v.confidential) {
        (true, true) => format!(
            ",\n  {secret},\n  undefined,\n  {{ execute: [client.allowInsecureRequests] }}, // http://localhost\n"
        ),
        (true, false) => format!(
            ",\n  {secret},\n  client.None(),\n  {{ execute: [client.allowInsecureRequests] }}, // http://localhost\n"
        ),
        (false, true) => format!(",\n  {secret},\n"),
        (false, false) => ",\n  undefined,\n  client.None(),\n".to_owned(),
    };
    format!(
        "// npm install openid-client\nimport * as client from \"openid-client\";\n\n\
         const config = await client.discovery(\n  new URL({issuer}),\n  {id}{rest});\n",
        issuer = quoted(&v.issuer()),
        id = quoted(&v.client_id),
    )
}

fn node_sign_in(v: &Values) -> String {
    let scope = argument(&v.scope, |s| format!("  scope: {},\n", quoted(s)));
    let userinfo = if v.openid {
        "console.log(await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));\n"
    } else {
        ""
    };
    format!(
        "{start}\
         const verifier = client.randomPKCECodeVerifier();\n\
         const state = client.randomState();\n\
         const url = client.buildAuthorizationUrl(config, {{\n  redirect_uri: {redirect},\n{scope}  state,\n  \
         code_challenge: await client.calculatePKCECodeChallenge(verifier),\n  \
         code_challenge_method: \"S256\",\n}});\n\
         console.log(\"Open\", url.href);\n\n\
         const lines = createInterface({{ input: process.stdin, output: process.stdout }});\n\
         const answer = await lines.question(\"Paste the address that you came back to: \");\n\
         lines.close();\n\n\
         const tokens = await client.authorizationCodeGrant(config, new URL(answer), {{\n  \
         pkceCodeVerifier: verifier,\n  expectedState: state,\n}});\n\
         console.log(tokens);\n{userinfo}",
        start = node_start(v).replacen(
            "\n\n",
            "\nimport { createInterface } from \"node:readline/promises\";\n\n",
            1
        ),
        redirect = quoted(&v.redirect_uri),
    )
}

fn argument(value: &str, write: impl Fn(&str) -> String) -> String {
    if value.is_empty() {
        String::new()
    } else {
        write(value)
    }
}

/// A word of a POSIX shell: single quotes, in which nothing is special but the quote.
pub fn shell(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&b);
    if !value.is_empty() && value.bytes().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

/// A string literal that JavaScript and Python read alike.
fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(confidential: bool) -> Values {
        Values {
            public_url: "https://id.example.com".into(),
            client_id: "acme-photos".into(),
            confidential,
            redirect_uri: "https://photos.acme.example/callback?a='b'".into(),
            scope: "openid read".into(),
            openid: true,
        }
    }

    #[test]
    fn no_snippet_holds_a_secret_and_a_public_application_asks_for_none() {
        for language in Language::ALL {
            let confidential = sign_in(language, &values(true));
            assert!(confidential.contains("CLIENT_SECRET"), "{confidential}");
            let public = sign_in(language, &values(false));
            assert!(!public.contains("CLIENT_SECRET"), "{public}");
            assert!(public.contains("acme-photos"), "{public}");
        }
    }

    #[test]
    fn only_scopes_that_need_no_person_are_asked_for_as_itself() {
        for language in Language::ALL {
            let snippet = as_itself(language, &values(true));
            assert!(!snippet.contains("openid read"), "{snippet}");
            assert!(snippet.contains("read"), "{snippet}");
        }
    }

    #[test]
    fn what_goes_to_a_shell_is_quoted() {
        assert_eq!(shell("https://a.example/cb"), "https://a.example/cb");
        assert_eq!(shell("a b"), "'a b'");
        assert_eq!(shell("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(shell(""), "''");
    }

    #[test]
    fn what_goes_into_a_query_is_encoded() {
        assert_eq!(
            encode("https://a.example/cb?x=é&y"),
            "https%3A%2F%2Fa.example%2Fcb%3Fx%3D%C3%A9%26y"
        );
    }
}
