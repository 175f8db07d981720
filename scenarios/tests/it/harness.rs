//! Scenario files and kept failures as tests.

use dupeproof_scenarios::harness::Harness;
use dupeproof_scenarios::subjects::Subjects;
use libtest_mimic::{Arguments, Conclusion};

const CALM: &str = "name = \"calm_day\"\nabout = \"\"\nworld = \"calm\"\n";
const WORST: &str = "name = \"worst_day\"\nabout = \"\"\nsubject = \"naive\"\nworld = \"swarm\"\n";

fn run(harness: &Harness, words: &[&str]) -> Conclusion {
    let arguments = Arguments::from_iter(["test", "--quiet"].iter().chain(words));
    libtest_mimic::run(&arguments, harness.trials().expect("there are files"))
}

#[test]
fn each_scenario_is_a_test_and_what_it_finds_is_one_from_then_on() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("scenarios")).expect("it can be made");
    std::fs::write(path("scenarios/calm_day.toml"), CALM).expect("it can be written");
    std::fs::write(path("scenarios/worst_day.toml"), WORST).expect("it can be written");
    let harness = || Harness::new(Subjects::default(), "core").scenarios(path("scenarios")).corpus(path("dupes"));
    let keeping = harness().cases(300).keep_failing(path("dupes"));
    let names = |harness: &Harness| -> Vec<String> {
        harness.trials().expect("there are files").iter().map(|trial| trial.name().to_owned()).collect()
    };
    assert_eq!(names(&keeping), ["scenario::calm_day", "scenario::worst_day"]);
    let first = run(&keeping, &[]);
    assert_eq!((first.num_passed, first.num_failed), (1, 1), "naive breaks promises, core does not");
    let kept: Vec<String> = names(&keeping).into_iter().filter(|name| name.starts_with("corpus::")).collect();
    assert!(kept.iter().any(|name| name.starts_with("corpus::LostUpdate-")), "{kept:?}");
    let again = run(&harness(), &["corpus::"]);
    assert_eq!((again.num_failed, again.num_passed), (kept.len() as u64, 0), "they are still there");
    // A file of another run than the one that this version makes proves nothing.
    let first =
        std::fs::read_dir(path("dupes")).expect("it is there").next().expect("there is one").expect("it can be read");
    let text = std::fs::read_to_string(first.path()).expect("it is text");
    let digest = text.split("\"digest\": \"").nth(1).and_then(|rest| rest.get(..16)).expect("it has one");
    std::fs::write(first.path(), text.replace(digest, "0123456789abcdef")).expect("it can be written");
    let changed = run(&harness(), &["corpus::"]);
    assert_eq!((changed.num_failed, changed.num_passed), (kept.len() as u64, 0), "it is not fixed");
    let one = run(&harness(), &["--exact", &kept[0]]);
    assert_eq!((one.num_failed, one.num_filtered_out), (1, kept.len() as u64 + 1), "as nextest runs them");
}

#[test]
fn a_folder_without_scenarios_is_an_error_and_no_success() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let harness = Harness::new(Subjects::default(), "core").scenarios(folder.path());
    assert!(harness.trials().is_err_and(|error| error.contains("has no scenario file")));
}
