//! Makes the folder that the SPA is embedded from, so that the server compiles before the SPA
//! was ever built, and again when it was.

use std::{env, fs, path::Path};

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let dist = Path::new(&here).join("../frontend/dist");
    if let Err(error) = fs::create_dir_all(&dist) {
        println!("cargo::warning={}: {error}", dist.display());
    }
    // Cargo looks at every file below; the embedding itself would not see a new name.
    println!("cargo::rerun-if-changed=../frontend/dist");
    println!("cargo::rerun-if-changed=build.rs");
}
