//! Lists the Luau scripts that become part of the binary.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    for folder in ["prelude", "adapter"] {
        list(folder)?;
    }
    definitions()
}

/// Writes `[(class, script), ...]`: which script of the prelude has the line `Instance.define("Class", ...`.
fn definitions() -> io::Result<()> {
    let mut definitions = Vec::new();
    for (name, path) in scripts("prelude")? {
        for line in fs::read_to_string(path)?.lines() {
            if let Some((class, _)) = line.strip_prefix("Instance.define(\"").and_then(|rest| rest.split_once('"')) {
                definitions.push((class.to_owned(), name.clone()));
            }
        }
    }
    definitions.sort();
    write("definitions", &definitions.iter().map(|pair| format!("{pair:?}")).collect::<Vec<_>>())
}

/// Writes `[(name, source), ...]` for a folder of scripts, in the order of their names.
fn list(folder: &str) -> io::Result<()> {
    let scripts = scripts(folder)?;
    let lines: Vec<_> = scripts.iter().map(|(name, file)| format!("({name:?}, include_str!({file:?}))")).collect();
    write(folder, &lines)
}

/// The names and paths of the scripts in a folder, in the order of their names.
fn scripts(folder: &str) -> io::Result<Vec<(String, String)>> {
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
    Ok(scripts)
}

/// Writes a list that the crate includes.
fn write(name: &str, lines: &[String]) -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("run by cargo"))?;
    fs::write(Path::new(&out).join(format!("{name}.rs")), format!("&[\n{}\n]\n", lines.join(",\n")))
}
