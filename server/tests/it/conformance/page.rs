//! A page that posts an authorization response by itself, read as a browser would.

use super::Response;
use crate::harness::Answer;

/// What this page posts to the redirect URI by itself.
#[track_caller]
pub(super) fn posted(page: &Answer, redirect_uri: &str) -> Response {
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.header("cache-control"), "no-store");
    let page = page.text();
    let tags = page.split('<').filter_map(|tag| tag.split_once('>'));
    let tags: Vec<_> = tags.map(|(tag, _)| tag).collect();
    let form: Vec<_> = tags.iter().filter(|tag| tag.starts_with("form ")).collect();
    assert_eq!(form.len(), 1, "{page}");
    assert_eq!(attribute(form[0], "method").as_deref(), Some("post"));
    assert_eq!(attribute(form[0], "action").as_deref(), Some(redirect_uri));
    let inputs = tags.iter().filter(|tag| tag.starts_with("input "));
    let fields = inputs.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)));
    Response(fields.collect())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let value = value.replace("&lt;", "<").replace("&gt;", ">");
    let value = value
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'");
    Some(value.replace("&#x2F;", "/").replace("&amp;", "&"))
}
