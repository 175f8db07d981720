//! Findings as SARIF 2.1.0, which code scanning shows: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.

use std::path::Path;

use dupeproof_sim::FindingKind;
use serde::Serialize;

use crate::error::CliError;
use crate::escape;
use crate::result_file;
use crate::told::Told;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
struct Run<'a> {
    tool: Tool,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

/// A kind of finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Place; 1],
    partial_fingerprints: Fingerprints<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "cause/v1")]
    cause: &'a str,
}

/// Writes findings to a file, over nothing but an earlier one.
///
/// # Errors
/// When it cannot be written, or another file is there.
pub fn write(path: &Path, told: &[Told]) -> Result<(), CliError> {
    let is_ours = |there: &str| {
        let json: Option<serde_json::Value> = serde_json::from_str(there).ok();
        json.is_some_and(|json| json["runs"][0]["tool"]["driver"]["name"] == NAME)
    };
    result_file::write(path, &json(told), is_ours)
}

const NAME: &str = "dupeproof";

/// Findings as JSON: broken promises as errors, known exposures as notes.
pub fn json(told: &[Told]) -> String {
    let rules = FindingKind::ALL.map(rule).into();
    let driver = Driver { name: NAME, semantic_version: env!("CARGO_PKG_VERSION"), rules };
    let run = Run { tool: Tool { driver }, results: told.iter().map(result).collect() };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    let json = serde_json::to_string_pretty(&log).expect("findings are plain data");
    format!("{json}\n")
}

fn rule(kind: FindingKind) -> Rule {
    let text = |text: &str| Text { text: text.to_owned() };
    let help = "the report of dupeproof shows the picture and the story of each; `dupeproof replay FILE` runs it again";
    Rule {
        id: kind.name(),
        name: kind.name(),
        short_description: text(kind.about()),
        full_description: text(kind.about()),
        help: text(help),
    }
}

fn result(told: &Told) -> SarifResult<'_> {
    let Told { consequence, text, cause, replay, .. } = told;
    let message = format!("{consequence}. {text}. It takes: {cause}. Run it again: {replay}");
    let uri = uri(&told.location.file);
    SarifResult {
        rule_id: told.kind.name(),
        rule_index: FindingKind::ALL.iter().position(|kind| *kind == told.kind).unwrap_or_default(),
        level: if told.is_broken { "error" } else { "note" },
        message: Text { text: escape::text(&message).into_owned() },
        locations: [Place {
            physical_location: PhysicalLocation {
                artifact_location: Artifact { uri },
                region: Region { start_line: told.location.line },
            },
        }],
        partial_fingerprints: Fingerprints { cause: &told.fingerprint },
    }
}

/// A path as a relative URI: whatever is no plain letter of one is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("./src/My Data.luau"), "src/My%20Data.luau");
        assert_eq!(uri("a:b/ü#?.luau"), "a%3Ab/%C3%BC%23%3F.luau");
    }
}
