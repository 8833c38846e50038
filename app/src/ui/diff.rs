//! What differs between two strings, character by character, and the view that marks it.
//!
//! Strings are compared as they were written: nothing here decodes, normalises or trims, because
//! the rules that refuse an address don't either (RFC 9700 §4.1.3). The marks are `<del>` for what
//! was expected and `<ins>` for what came instead; a word beside each string says which is which,
//! and the differences are said in words below, for people who don't see colours.

use leptos::prelude::*;

/// Past this many cells the middle part counts as replaced as a whole: a page must stay quick
/// whatever a stranger sent.
const CELLS: usize = 1 << 20;

/// How many differences are put into words.
const SAID: usize = 3;

/// A part of the two strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Stands in both.
    Same(String),
    /// Stands in the expected string only.
    Missing(String),
    /// Stands in the received string only.
    Extra(String),
}

/// The pieces of both strings from left to right; a replaced part is `Missing`, then `Extra`.
pub fn pieces(expected: &str, received: &str) -> Vec<Piece> {
    let (a, b): (Vec<char>, Vec<char>) = (expected.chars().collect(), received.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b, head) = (&a[start..], &b[start..], &a[..start]);
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let tail = &a[a.len() - end..];

    let mut runs = vec![Run::same(head)];
    middle(&a[..a.len() - end], &b[..b.len() - end], &mut runs);
    runs.push(Run::same(tail));
    fold(runs).into_iter().flat_map(Run::pieces).collect()
}

/// How many characters differ: the smaller, the closer.
pub fn distance(pieces: &[Piece]) -> usize {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Same(_) => 0,
            Piece::Missing(text) | Piece::Extra(text) => text.chars().count(),
        })
        .sum()
}

/// The expected strings with their pieces, the one that is closest to `received` first.
pub fn closest_first(expected: &[String], received: &str) -> Vec<(String, Vec<Piece>)> {
    let mut all: Vec<_> = expected
        .iter()
        .map(|one| (one.clone(), pieces(one, received)))
        .collect();
    all.sort_by_key(|(_, pieces)| distance(pieces));
    all
}

/// The differences in words, first to last; a long list ends with how many more there are.
pub fn in_words(pieces: &[Piece]) -> Vec<String> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let place = place(pieces, at);
        match (&pieces[at], pieces.get(at + 1)) {
            (Piece::Same(_), _) => {}
            (Piece::Missing(was), Some(Piece::Extra(is))) => {
                at += 1;
                let case = if was.eq_ignore_ascii_case(is) {
                    ": upper and lower case count"
                } else {
                    ""
                };
                words.push(format!("“{is}” instead of “{was}”{case}"));
            }
            (Piece::Missing(was), _) => words.push(format!("Missing {place}: “{was}”")),
            (Piece::Extra(is), _) => words.push(format!("Extra {place}: “{is}”")),
        }
        at += 1;
    }
    if words.len() > SAID {
        let more = words.len() - SAID + 1;
        words.truncate(SAID - 1);
        words.push(format!("{more} more differences"));
    }
    words
}

fn place(pieces: &[Piece], at: usize) -> String {
    if at + 1 == pieces.len() {
        return "at the end".into();
    }
    match at.checked_sub(1).map(|before| &pieces[before]) {
        Some(Piece::Same(text)) => {
            let skip = text.chars().count().saturating_sub(12);
            let near: String = text.chars().skip(skip).collect();
            format!("after “{}{near}”", if skip > 0 { "…" } else { "" })
        }
        _ => "at the start".into(),
    }
}

/// A stretch that both share (`same`), or what each has in its place.
#[derive(Default)]
struct Run {
    same: Vec<char>,
    missing: Vec<char>,
    extra: Vec<char>,
}

impl Run {
    fn same(chars: &[char]) -> Self {
        Self {
            same: chars.to_vec(),
            ..Self::default()
        }
    }

    fn changed(&self) -> usize {
        self.missing.len().max(self.extra.len())
    }

    fn pieces(self) -> Vec<Piece> {
        [
            (self.same, Piece::Same as fn(String) -> Piece),
            (self.missing, Piece::Missing),
            (self.extra, Piece::Extra),
        ]
        .into_iter()
        .filter(|(chars, _)| !chars.is_empty())
        .map(|(chars, piece)| piece(chars.into_iter().collect()))
        .collect()
    }
}

/// Longest common subsequence of what is left between the shared start and the shared end.
fn middle(a: &[char], b: &[char], runs: &mut Vec<Run>) {
    if a.len().saturating_mul(b.len()) > CELLS {
        runs.push(Run {
            same: vec![],
            missing: a.to_vec(),
            extra: b.to_vec(),
        });
        return;
    }
    let width = b.len() + 1;
    let mut longest = vec![0_u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut run = Run::default();
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            if run.changed() > 0 {
                runs.push(std::mem::take(&mut run));
            }
            run.same.push(a[i]);
            (i, j) = (i + 1, j + 1);
            continue;
        }
        if !run.same.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
        if j >= b.len()
            || (i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            run.missing.push(a[i]);
            i += 1;
        } else {
            run.extra.push(b[j]);
            j += 1;
        }
    }
    runs.push(run);
}

/// A few letters that two different words happen to share are no common ground: a shared stretch
/// that is shorter than the changes on both sides of it joins them.
fn fold(runs: Vec<Run>) -> Vec<Run> {
    let mut kept: Vec<Run> = Vec::new();
    for run in runs
        .into_iter()
        .filter(|run| !run.same.is_empty() || run.changed() > 0)
    {
        kept.push(run);
        while let [.., before, shared, after] = kept.as_mut_slice() {
            let short = shared.same.len();
            let between = short > 0 && before.same.is_empty() && after.same.is_empty();
            if !between || short >= before.changed() || short >= after.changed() {
                break;
            }
            before.missing.extend_from_slice(&shared.same);
            before.extra.extend_from_slice(&shared.same);
            before.missing.append(&mut after.missing);
            before.extra.append(&mut after.extra);
            kept.truncate(kept.len() - 2);
        }
    }
    kept
}

/// Two strings one above the other, what differs marked and said.
#[component]
pub fn Diff(
    /// What the upper string is: `Registered`.
    label: &'static str,
    pieces: Vec<Piece>,
) -> impl IntoView {
    let words = in_words(&pieces);
    let upper = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Same(text) => Some(text.clone().into_any()),
            Piece::Missing(text) => Some(view! { <del>{text.clone()}</del> }.into_any()),
            Piece::Extra(_) => None,
        })
        .collect_view();
    let lower = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Same(text) => Some(text.clone().into_any()),
            Piece::Extra(text) => Some(view! { <ins>{text.clone()}</ins> }.into_any()),
            Piece::Missing(_) => None,
        })
        .collect_view();
    view! {
        <div class="differs">
            <dl class="diff">
                <dt>{label} <small class="expected">"expected"</small></dt>
                <dd>{upper}</dd>
                <dt>"Received" <small class="wrong">"wrong"</small></dt>
                <dd>{lower}</dd>
            </dl>
            <ul class="in-words">
                {words.into_iter().map(|word| view! { <li>{word}</li> }).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(expected: &str, received: &str) -> String {
        pieces(expected, received)
            .iter()
            .map(|piece| match piece {
                Piece::Same(text) => text.clone(),
                Piece::Missing(text) => format!("[-{text}]"),
                Piece::Extra(text) => format!("[+{text}]"),
            })
            .collect()
    }

    #[test]
    fn exactly_the_characters_that_differ_are_marked() {
        for (expected, received, marks) in [
            (
                "https://a.example/cb",
                "https://a.example/cb",
                "https://a.example/cb",
            ),
            (
                "https://a.example/cb",
                "https://a.example/cb/",
                "https://a.example/cb[+/]",
            ),
            (
                "https://a.example/cb",
                "http://a.example/cb",
                "http[-s]://a.example/cb",
            ),
            (
                "https://a.example/CallBack",
                "https://a.example/callback",
                "https://a.example/[-C][+c]all[-B][+b]ack",
            ),
            (
                "https://a.example/cb",
                "https://a.example:8443/cb",
                "https://a.example[+:8443]/cb",
            ),
            ("a-b-c", "a_b_c", "a[--][+_]b[--][+_]c"),
            ("", "x", "[+x]"),
            ("x", "", "[-x]"),
            ("", "", ""),
            ("é", "e", "[-é][+e]"),
        ] {
            assert_eq!(
                marked(expected, received),
                marks,
                "{expected} and {received}"
            );
        }
    }

    #[test]
    fn letters_that_two_words_share_by_chance_are_no_common_ground() {
        let marks = marked("https://photos.acme.example/cb", "https://evil.test/cb");
        assert_eq!(marks, "https://[-photos.acme.example][+evil.test]/cb");
    }

    #[test]
    fn both_strings_can_be_read_back_from_the_pieces() {
        let long = "ab".repeat(3000);
        for (a, b) in [
            ("https://one.example/a?b=c", "com.example.app:/oauth"),
            ("kitten", "sitting"),
            (long.as_str(), "ba"),
            ("x", long.as_str()),
            (long.as_str(), &"ba".repeat(3000)),
        ] {
            let (mut left, mut right) = (String::new(), String::new());
            for piece in pieces(a, b) {
                match piece {
                    Piece::Same(text) => {
                        left.push_str(&text);
                        right.push_str(&text);
                    }
                    Piece::Missing(text) => left.push_str(&text),
                    Piece::Extra(text) => right.push_str(&text),
                }
            }
            assert_eq!((left.as_str(), right.as_str()), (a, b));
        }
    }

    #[test]
    fn differences_are_said_in_words() {
        for (a, b, words) in [
            ("https://a/cb", "https://a/cb/", "Extra at the end: “/”"),
            ("https://a/cb", "http://a/cb", "Missing after “http”: “s”"),
            (
                "https://a/cb",
                "https://a/Cb",
                "“C” instead of “c”: upper and lower case count",
            ),
            ("https://a/cb", "xhttps://a/cb", "Extra at the start: “x”"),
            ("same", "same", ""),
        ] {
            assert_eq!(in_words(&pieces(a, b)).join("; "), words);
        }
        let many = in_words(&pieces("a1bbb2ccc3ddd4eee", "a9bbb8ccc7ddd6eee"));
        assert_eq!(many.len(), 3);
        assert_eq!(many[2], "2 more differences");
    }

    #[test]
    fn the_closest_comes_first() {
        let registered = [
            "https://b.example/".to_owned(),
            "https://a.example/cb".to_owned(),
        ];
        let order = closest_first(&registered, "https://a.example/cb/");
        assert_eq!(order[0].0, "https://a.example/cb");
    }
}
