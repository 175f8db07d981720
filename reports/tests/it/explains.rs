//! `dupeproof explain`, from outside.

use crate::terminal::Terminal;

#[test]
fn a_failure_file_is_told_with_its_meaning_its_line_how_real_it_is_what_to_change_and_its_story() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --adapter naive --suite swarm --cases 40 --seed 3 --causes 1");
    let file = terminal.failure("dupeproof-out", "ItemDuplicated");
    let answer = terminal.dupeproof(&format!("explain {file}"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert!(
        lines[0].starts_with("ItemDuplicated (breaks a promise): ") && lines[0].contains(" both have item "),
        "{}",
        lines[0]
    );
    for name in ["where ", "how real ", "what to change ", "run it again   dupeproof replay "] {
        assert!(lines.iter().any(|line| line.starts_with(name)), "{name}: {}", answer.stdout);
    }
    assert!(
        lines.iter().any(|line| line.trim_start().starts_with("in naive")),
        "the line of the script: {}",
        answer.stdout
    );
    assert!(lines.iter().any(|line| line.trim_start().starts_with("changed Items from ")), "{}", answer.stdout);
    assert!(lines.iter().any(|line| line.starts_with("> ")), "the finding is marked: {}", answer.stdout);
}

#[test]
fn what_is_mended_and_what_is_no_failure_file_cannot_be_explained() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --subject naive --suite swarm --cases 40 --seed 3 --causes 1");
    let file = terminal.failure("dupeproof-out", "ItemDuplicated");
    let mended = terminal.read(&file).replace("\"subject\": \"naive\"", "\"subject\": \"core\"");
    terminal.write("mended.json", &mended);
    terminal.dupeproof("explain mended.json").refuses(&["does not show ItemDuplicated any more", "hint: "]);
    terminal.write("mine.luau", include_str!("../../../sim/luau/src/adapter/naive.luau"));
    terminal
        .dupeproof(&format!("explain {file} --adapter mine.luau"))
        .refuses(&["is of the built-in subject `naive`", "hint: "]);
    terminal.write("other.json", "{}");
    terminal.dupeproof("explain other.json").refuses(&["`other.json`", "hint: "]);
    terminal.dupeproof("explain gone.json").refuses(&["`gone.json`", "hint: "]);
}

/// A lease in a memory store, which a load that is given up lets go whoever has it.
#[test]
fn a_lock_in_a_memory_store_that_another_server_removes_is_told_with_that_line_and_what_prevents_just_that() {
    let terminal = Terminal::new();
    let module = include_str!("../../../sim/luau/tests/mistakes/memory_lease.luau");
    let sound = "return if current == id then false else nil";
    assert_eq!(module.matches(sound).count(), 1);
    let line = 1 + module[..module.find(sound).expect("it is there")].matches('\n').count();
    terminal.write("lease.luau", &module.replace(sound, "return false"));
    terminal.write("adapter.luau", include_str!("../../../sim/luau/tests/mistakes/memory_lease_adapter.luau"));
    terminal.dupeproof("run --adapter adapter.luau --module lease.luau --cases 30 --causes 1");
    let file = terminal.failure("dupeproof-out", "DoubleLive");
    let told = terminal.dupeproof(&format!("explain {file}")).stdout;
    assert!(told.contains("a removal of Leases/Player_"), "{told}");
    assert!(told.contains(&format!("in ReplicatedStorage/lease:{line} transform")), "{told}");
    assert!(told.contains("what to change Free a lock only if it is this session's"), "{told}");
    assert!(told.contains("the memory store removes Leases/Player_"), "{told}");
    assert!(told.contains(", over what job-"), "{told}");
    let page = terminal.read("dupeproof-out/report.html");
    assert!(page.contains("Leases/Player_") && page.contains("in memory"), "it has a lane in the picture");
}

#[test]
fn other_scripts_than_those_of_the_file_are_explained_and_watched_as_they_are_replayed() {
    let terminal = Terminal::new();
    let naive = include_str!("../../../sim/luau/src/adapter/naive.luau");
    terminal.write("own.luau", naive);
    terminal.dupeproof("run --adapter own.luau --suite swarm --cases 40 --seed 3 --causes 1");
    let file = terminal.failure("dupeproof-out", "ItemDuplicated");
    terminal.write("moved.luau", naive);
    std::fs::remove_file(terminal.path("own.luau")).expect("it is there");
    terminal.dupeproof(&format!("explain {file}")).refuses(&["own.luau"]);
    let answer = terminal.dupeproof(&format!("explain {file} --adapter moved.luau"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains(&format!("dupeproof replay {file} --adapter moved.luau")), "{}", answer.stdout);
    terminal.write("mended.luau", &naive.replace("store:SetAsync(session.key, session.data)", "error('never')"));
    let mended = terminal.dupeproof(&format!("explain {file} --adapter mended.luau"));
    mended.refuses(&["does not show ItemDuplicated any more"]);
    let watched = terminal.dupeproof(&format!("watch {file} --adapter moved.luau"));
    watched.refuses(&["needs a terminal"]);
}
