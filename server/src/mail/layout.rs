//! The frame around the words: tables and inline styles, which is what mail programs understand.
//! Dark mode is a media query; no image, nothing is loaded.

use super::Sender;
use super::words::Words;

const FONT: &str = "system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif";

const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
@media (prefers-color-scheme:dark){\
.m-bg{background-color:#131412!important}\
.m-card{background-color:#1b1d1a!important;border-color:#2f322d!important}\
.m-ink{color:#eceae2!important}.m-soft{color:#b6b3a8!important}.m-link{color:#4fc3b2!important}\
.m-btn{background-color:#4fc3b2!important}.m-btn a{color:#08211e!important}\
.m-rule{border-color:#2f322d!important}}\
@media (max-width:480px){.m-pad{padding:24px 20px!important}}";

/// The form without markup.
pub(super) fn text(words: &Words, sender: &Sender) -> String {
    let mut parts = vec![words.heading.clone()];
    parts.extend(words.paragraphs.iter().cloned());
    if let Some((label, link)) = &words.button {
        parts.push(format!("{label}:\n{link}"));
    }
    parts.push(words.note.clone());
    parts.push(format!("-- \nSent by {}, {}", sender.name, sender.host));
    parts.join("\n\n") + "\n"
}

pub(super) fn html(words: &Words, sender: &Sender) -> String {
    let heading = escape(&words.heading);
    let preview = escape(&words.preview);
    let name = escape(&sender.name);
    let host = escape(&sender.host);
    let paragraphs: String = words
        .paragraphs
        .iter()
        .map(|paragraph| {
            format!(
                "<tr><td class=\"m-ink\" style=\"padding:12px 0 0;font:16px/24px {FONT};\
                 color:#1d1c19;\">{}</td></tr>\n",
                escape(paragraph)
            )
        })
        .collect();
    let button = words
        .button
        .as_ref()
        .map_or_else(String::new, |(label, link)| {
            button(&escape(label), &escape(link))
        });
    let note = escape(&words.note);
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{heading}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body class=\"m-bg\" style=\"margin:0;padding:0;background-color:#f6f6f3;\">\n\
         <div role=\"main\" aria-label=\"{heading}\">\n\
         <div style=\"display:none;max-height:0;overflow:hidden;\">{preview}</div>\n\
         {table} class=\"m-bg\" width=\"100%\" style=\"background-color:#f6f6f3;\">\n\
         <tr><td align=\"center\" style=\"padding:24px 12px;\">\n\
         {table} width=\"100%\" style=\"max-width:520px;\">\n\
         <tr><td class=\"m-ink\" style=\"padding:0 4px 16px;font:600 16px/24px {FONT};\
         color:#1d1c19;\">{name}</td></tr>\n\
         <tr><td class=\"m-card m-pad\" style=\"background-color:#ffffff;border:1px solid #e2e1da;\
         border-radius:14px;padding:32px;\">\n\
         {table} width=\"100%\">\n\
         <tr><td><h1 class=\"m-ink\" style=\"margin:0;font:600 22px/28px {FONT};color:#1d1c19;\">\
         {heading}</h1></td></tr>\n\
         {paragraphs}{button}\
         <tr><td style=\"padding:24px 0 0;\">{table} width=\"100%\"><tr><td class=\"m-rule\" \
         style=\"border-top:1px solid #e2e1da;font-size:0;line-height:0;\">&nbsp;</td></tr></table>\
         </td></tr>\n\
         <tr><td class=\"m-soft\" style=\"padding:16px 0 0;font:14px/21px {FONT};color:#55534b;\">\
         {note}</td></tr>\n\
         </table></td></tr>\n\
         <tr><td class=\"m-soft\" style=\"padding:16px 4px 0;font:13px/20px {FONT};color:#55534b;\">\
         Sent by {name}, {host}</td></tr>\n\
         </table>\n</td></tr></table>\n</div>\n</body>\n</html>\n",
        table = TABLE
    )
}

/// Up to the attributes that differ.
const TABLE: &str = "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"";

/// What is to be done, and the same as a link to be copied. Both are escaped.
fn button(label: &str, link: &str) -> String {
    format!(
        "<tr><td style=\"padding:24px 0 0;\">{TABLE}><tr><td class=\"m-btn\" bgcolor=\"#0b6b61\" \
         style=\"background-color:#0b6b61;border-radius:10px;\">\
         <a href=\"{link}\" style=\"display:inline-block;padding:13px 24px;\
         font:600 16px/20px {FONT};color:#ffffff;text-decoration:none;\">{label}</a>\
         </td></tr></table></td></tr>\n\
         <tr><td class=\"m-soft\" style=\"padding:16px 0 0;font:14px/21px {FONT};color:#55534b;\">\
         Or copy this into your browser:<br><a class=\"m-link\" href=\"{link}\" \
         style=\"color:#0b6b61;word-break:break-all;\">{link}</a></td></tr>\n"
    )
}

/// For text and for attributes in double quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
