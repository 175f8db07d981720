//! The archives of a release have the same names wherever they are made, looked for or unpacked.

use crate::documents::document;

#[test]
fn every_archive_is_known_to_all_who_look_for_it() {
    let workflow = document(".github/workflows/release.yml");
    let labels: Vec<&str> = workflow.split("{ label: ").skip(1).filter_map(|rest| rest.split(',').next()).collect();
    assert_eq!(labels.len(), 5, "{labels:?}");
    for file in ["reports/Cargo.toml", ".github/npm/pack.mjs", ".github/actions/dupeproof/setup.sh"] {
        let text = document(file);
        for label in &labels {
            assert!(text.contains(label), "{file} does not know {label}");
        }
    }
}
