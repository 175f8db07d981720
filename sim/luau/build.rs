//! Lists the Luau scripts that become part of the binary.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    for folder in ["prelude", "adapter"] {
        list(folder)?;
    }
    Ok(())
}

/// Writes `[(name, source), ...]` for a folder of scripts, in the order of their names.
fn list(folder: &str) -> io::Result<()> {
    let root = env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("run by cargo"))?;
    let path = Path::new(&root).join("src").join(folder);
    println!("cargo::rerun-if-changed={}", path.display());
    let mut scripts = Vec::new();
    for entry in fs::read_dir(&path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "luau") {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            scripts.push((name, file.to_string_lossy().into_owned()));
        }
    }
    scripts.sort();
    let lines: Vec<_> = scripts.iter().map(|(name, file)| format!("({name:?}, include_str!({file:?}))")).collect();
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("run by cargo"))?;
    fs::write(Path::new(&out).join(format!("{folder}.rs")), format!("&[\n{}\n]\n", lines.join(",\n")))
}
