//! Arrows between the modules go down only. Reads the paths that the source names, in `use`
//! lines and elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from the top to the bottom; those on one line do not know each other.
const LAYERS: [&[&str]; 9] = [
    &["oauth", "api", "web"],
    &["services"],
    &["http"],
    &["state"],
    &["error", "limits"],
    &["store"],
    &["crypto", "outbound"],
    &["mail", "urls"],
    &["domain"],
];
/// The roots put everything together and may use every module.
const ROOTS: [&str; 6] = ["main.rs", "lib.rs", "router.rs", "cli", "jobs", "config"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of every file by its path below `src`, without comments.
fn source() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let code = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        (name, lines.join("\n"))
    };
    found.into_iter().map(code).collect()
}

/// The first part of each path that begins at the crate: `store` of `crate::store::Store`.
fn named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            // `use crate::{a::B, c}`: the names before a colon, comma or brace at depth one.
            let (mut depth, mut word) = (1, String::new());
            let mut fresh = true;
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => {
                        names.push(std::mem::take(&mut word));
                        fresh = true;
                    }
                    c if depth == 1 && fresh && (c.is_alphanumeric() || c == '_') => word.push(c),
                    c if c.is_whitespace() => {}
                    _ => fresh = false,
                }
                if depth == 0 {
                    names.push(word);
                    break;
                }
            }
        } else {
            names.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    names
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// `oauth` of `oauth/token/mod.rs`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn no_arrow_points_up() {
    let mut wrong = Vec::new();
    for (file, code) in source() {
        let from = module(&file);
        let Some(here) = layer(from) else { continue };
        for to in named(&code) {
            let Some(there) = layer(&to) else { continue };
            let aside = there == here && to != from;
            if there < here || aside {
                wrong.push(format!("{file} → {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_its_layer() {
    const BELOW_ALL: [&str; 4] = ["clock", "notify", "private_file", "telemetry"];
    for file in source().keys() {
        let module = module(file);
        let known = layer(module).is_some()
            || BELOW_ALL.contains(&module)
            || ROOTS
                .iter()
                .any(|root| root.trim_end_matches(".rs") == module);
        assert!(known, "{file}: name the layer of {module} here");
    }
}

/// Which folders may name a crate.
#[test]
fn each_library_stays_where_it_belongs() {
    let table: [(&str, &[&str]); 5] = [
        ("reqwest", &["outbound"]),
        ("sea_orm", &["store"]),
        ("leptos", &["web"]),
        ("leptos_axum", &["web"]),
        ("utoipa", &["api"]),
    ];
    for (file, code) in source() {
        for (library, folders) in table {
            let names =
                code.contains(&format!("{library}::")) || code.contains(&format!("use {library}"));
            assert!(
                !names || folders.contains(&module(&file)),
                "{file} names {library}"
            );
        }
    }
}

/// `now` and randomness come in as arguments, and the domain knows nothing of HTTP.
#[test]
fn the_domain_is_pure() {
    for (file, code) in source() {
        if module(&file) != "domain" {
            continue;
        }
        for word in [
            "axum::",
            "tokio::",
            "SystemTime",
            "Instant::",
            "Clock",
            "Random",
            "async fn",
        ] {
            assert!(!code.contains(word), "{file} names {word}");
        }
    }
}

#[test]
fn a_list_of_paths_is_read_like_single_ones() {
    let code = "use crate::{a::B, c, d::{e, f}};\nlet x = crate::g::h();";
    assert_eq!(named(code), ["a", "c", "d", "g"]);
}
