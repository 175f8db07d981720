//! The HTML report.

use dupeproof::ExitCode;
use dupeproof::comparison::{Compared, Comparison, Rate};
use dupeproof::distribution::{Bin, Distribution, Unit};
use dupeproof::names::Names;
use dupeproof::needed::Needed;
use dupeproof::page::{self, FindingSection, Illustration};
use dupeproof::summary::{AtFault, FORMAT, FoundCause, FoundKind, Promises, Summary};
use dupeproof_scenarios::behaviour::BehaviourSeen;
use dupeproof_scenarios::{Belief, Evidence, Verdict};
use dupeproof_sim::id::ServerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Event, FindingKind};

use crate::stage::{at, frozen_holder, half_decided_trade, half_saved_swap};
use crate::terminal::Terminal;

fn cause(needs: &[&str], count: u64, file: &str) -> FoundCause {
    let condition = |need: &&str| Needed {
        factor: Some((*need).to_owned()),
        name: None,
        value: None,
        unit: None,
        times: None,
        evidence: Evidence::Inferred,
        source: "somewhere".into(),
        words: (*need).to_owned(),
    };
    let conditions: Vec<Needed> = needs.iter().map(condition).collect();
    let evidence = conditions.first().map_or(Evidence::Ordinary, |condition| condition.evidence);
    let needs = needs.iter().map(|need| (*need).to_owned()).collect();
    FoundCause {
        needs,
        conditions,
        evidence,
        count,
        steps: 5,
        at_60hz: None,
        file: file.into(),
        step_at_fault: None,
        calls: Vec::new(),
    }
}

fn found(kind: FindingKind, in_contract: bool) -> FoundKind {
    FoundKind {
        kind,
        count: 3,
        in_contract,
        evidence: Evidence::Inferred,
        first_seed: 1,
        first_case: 4,
        worst_seconds: (kind == FindingKind::DoubleLive).then_some(6.0),
        looked_at: 3,
        causes: vec![
            cause(&["messages_missing", "freeze"], 2, &format!("failures/{}.json", kind.name())),
            cause(&[], 1, &format!("failures/{}-2.json", kind.name())),
        ],
    }
}

fn hand_over() -> Distribution {
    let bin = |from, to, count| Bin { from, to, count };
    Distribution {
        about: "hand-over by the holder".into(),
        unit: Unit::Seconds,
        each: "start".into(),
        count: 101,
        median: Some(1.9),
        p99: Some(3.5),
        max: Some(48.0),
        overall: None,
        bins: vec![bin(1.75, 2.0, 90), bin(3.0, 3.5, 10), bin(40.0, 48.0, 1)],
    }
}

fn summary() -> Summary {
    Summary {
        format: FORMAT,
        version: "0.1.0".into(),
        suite: "swarm".into(),
        scenario: None,
        world: "stormy".into(),
        world_given: true,
        subject: "sub<ject>".into(),
        scripts: None,
        network: Network::Event,
        believe: Belief::All,
        believe_given: false,
        left_out: Vec::new(),
        limited: Vec::new(),
        seed: 1,
        first_case: 0,
        schedules: 12_345,
        simulated_seconds: 1e7,
        wall_seconds: 20.0,
        cpu_seconds: 39.0,
        digest: Digest(0xabc),
        stopped: None,
        missing_shards: Vec::new(),
        verdict: Verdict::Unsafe,
        calm_run: dupeproof::calm_run::CalmRun::default(),
        findings: vec![found(FindingKind::ItemDuplicated, true), found(FindingKind::DoubleLive, false)],
        coverage: [("crashed".to_owned(), 17)].into_iter().collect(),
        behaviour: BehaviourSeen {
            seen: 900,
            alone: 5,
            once: 15,
            twice: 4,
            curve: vec![(1, 100), (2, 300), (12_345, 900)],
        },
        internal_errors: Vec::new(),
        exceeded: vec!["lost_s: 412 & more".into()],
        unseen: vec!["taken_over".into()],
        not_tried: Vec::new(),
        must_see: vec!["crashed".into(), "taken_over".into()],
        must_see_after: 5_000,
        measures: [("hand_over".to_owned(), hand_over())].into_iter().collect(),
        trades: dupeproof_scenarios::measure::Trades::default(),
        refused_starts: dupeproof_scenarios::measure::Share { all: 1_000, some: 3 },
        ended_by_others: dupeproof_scenarios::measure::Share::default(),
        contract: Promises {
            about: "a thing & another".into(),
            never: vec![FindingKind::DoubleLive],
            start_bound_seconds: 90.0,
            drain_bound_seconds: 60.0,
        },
        comparison: Some(Comparison {
            twin: "swarm_in_memory".into(),
            about: "the same & otherwise".into(),
            schedules: 12_345,
            digest: Digest(0xdef),
            kinds: vec![Compared {
                kind: FindingKind::ItemLost,
                here: Rate::default(),
                twin: Rate { count: 247, per_thousand: 20.008 },
                file: Some("out/failures/ItemLost-swarm_in_memory-core-event-1-4.json".into()),
            }],
        }),
    }
}

fn section(kind: FindingKind, in_contract: bool, illustration: Illustration) -> FindingSection {
    let name = kind.name();
    let cause = cause(&["messages_missing", "freeze"], 2, &format!("failures/{name}.json"));
    FindingSection {
        kind,
        in_contract,
        cause: FoundCause { at_60hz: Some(false), ..cause },
        looked_at: 3,
        reality: "only in conditions that are inferred".into(),
        anchor: name.into(),
        reproduced: true,
        command: format!("dupeproof replay failures/{name}.json"),
        consequence: "what it means".into(),
        sentence: "what it says".into(),
        at: at(49.2),
        at_fault: None,
        calls: Vec::new(),
        faults: ["crash", "freeze"].into(),
        internal_error: None,
        illustration: Some(illustration),
    }
}

fn html() -> String {
    let (swap, frozen) = (half_saved_swap(), frozen_holder());
    let sections = [
        section(FindingKind::ItemDuplicated, true, Illustration::of(&swap.0, &swap.1)),
        section(FindingKind::DoubleLive, false, Illustration::of(&frozen.0, &frozen.1)),
    ];
    page::page(&summary(), &sections)
}

#[test]
fn a_page_needs_nothing_but_itself() {
    let html = html();
    for outside in ["http:", "https:", "src=", "@import", "<link", "import(", "url(\"", "url('"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(html.matches("<script").count(), 1, "its own");
    assert!(html.contains("<script type=\"module\">") && html.contains("default-src 'none'"));
    for reference in html.split("url(").skip(1) {
        assert!(reference.starts_with('#'), "{}", &reference[..reference.len().min(40)]);
    }
}

#[test]
fn the_verdict_stands_first_and_each_finding_has_picture_story_and_command() {
    let html = html();
    let order = [
        "<h1>Unsafe: in 12,345 schedules",
        "aria-label=\"Contents\"",
        "id=\"findings\"",
        "id=\"tried\"",
        "id=\"promises\"",
        "id=\"side-by-side\"",
        "id=\"measures\"",
        "id=\"unseen\"",
        "id=\"coverage\"",
    ];
    let places: Vec<usize> = order.iter().map(|part| html.find(part).unwrap_or_else(|| panic!("{part}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    for kind in ["ItemDuplicated", "DoubleLive"] {
        let article = html.split("<article").find(|part| part.contains(&format!("id=\"{kind}\""))).expect("an article");
        for part in [
            "What it means.",
            "What to change",
            &*format!("dupeproof replay failures/{kind}.json"),
            "<svg",
            "<title",
            "<desc",
            "The story",
        ] {
            assert!(article.contains(part), "{kind}: {part}");
        }
    }
    assert!(html.contains("with these faults: crash, freeze"));
    assert!(html.contains("does not occur at 60 Hz"));
    assert!(html.contains("Never seen, though it should have been: taken_over."));
    assert!(html.contains("known exposure") && html.contains("✗ broken"));
}

#[test]
fn a_single_probe_that_was_not_seen_is_one() {
    let unknown = Summary { verdict: Verdict::Unknown, schedules: 3, ..summary() };
    assert!(unknown.sentence().ends_with(": 1 of 2 probes was not seen; run at least 5,000"), "{}", unknown.sentence());
}

#[test]
fn a_finding_is_a_line_and_behind_it_who_where_how_real_what_to_change_and_how_to_run_it_again() {
    let (events, finding) = frozen_holder();
    let illustration = Illustration::of(&events, &finding);
    let at_fault = illustration.at_fault.as_ref().map(|step| AtFault::of(step, &Names::default()));
    let with_step = FindingSection { at_fault, ..section(FindingKind::DoubleLive, false, illustration) };
    let html = page::page(&summary(), &[with_step]);
    let finding = html.split("<details class=\"finding\"").nth(1).expect("a finding");
    let (line, rest) = finding.split_once("</summary>").expect("a line");
    for part in ["DoubleLive", "messages_missing + freeze", "inferred", "breaks a promise"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    for part in ["data-kind=\"DoubleLive\"", "data-factors=\"messages_missing freeze\"", "data-evidence=\"inferred\""] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let answers = rest.split("<figure").next().expect("before the picture");
    let parts = [
        "What it means.",
        "<dt>Where</dt>",
        "<strong>job-1-0</strong> at 49.080 s: a write of Player_0 by job-1-0",
        "<dt>How real</dt>",
        "Only in conditions that are inferred",
        "messages do not get through, or late; a server does nothing for a while",
        "<dt>What to change</dt>",
        "ask the clock whether the session can still be live",
        "<dt>Run it again</dt>",
        "dupeproof replay failures/DoubleLive.json",
    ];
    let places: Vec<usize> =
        parts.iter().map(|part| answers.find(part).unwrap_or_else(|| panic!("{part}: {answers}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    for part in ["2 of 3 examined", "inferred: somewhere", "5 steps", "what it says"] {
        assert!(rest.contains(part), "{part}");
    }
}

#[test]
fn what_breaks_a_promise_stands_first_and_of_that_the_most_real_and_then_the_worst() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --subject naive --cases 300");
    let page = terminal.read("dupeproof-out/report.html");
    let known = ["ordinary", "documented", "reported", "inferred", "only in Studio", "never seen"];
    let lines = page.split("<details class=\"finding\"").skip(1).map(|part| {
        let line = part.split("</summary>").next().expect("a line");
        let of = |name: &str| line.split(&format!("data-{name}=\"")).nth(1).and_then(|part| part.split('"').next());
        let (kind, evidence) = (of("kind").expect("a kind"), of("evidence").expect("evidence"));
        let kind = FindingKind::ALL.iter().position(|one| one.name() == kind).expect("it is known");
        let evidence = known.iter().position(|one| *one == evidence).expect("it is known");
        (line.contains("known exposure"), evidence, kind)
    });
    let lines: Vec<_> = lines.collect();
    assert!(lines.len() > 10 && lines.is_sorted(), "{lines:?}");
    assert!(lines[0] < lines[lines.len() - 1]);
    let worst = page.split("The worst: ").nth(1).expect("it is in the verdict");
    assert!(worst.starts_with("<a href=\"#ItemDuplicated\">Player_"), "{}", &worst[..90]);
}

#[test]
fn what_comes_between_the_step_at_fault_and_the_finding_is_folded_away_if_it_is_long() {
    let story = |(events, finding): (Vec<_>, _)| {
        let html =
            page::page(&summary(), &[section(FindingKind::DoubleLive, false, Illustration::of(&events, &finding))]);
        let story =
            html.split("<ol class=\"story\">").nth(1).and_then(|part| part.split("<p class=\"meaning\">").next());
        story.expect("a story").to_owned()
    };
    assert!(!story(frozen_holder()).contains("folded"), "one line is between");
    let (mut events, finding) = frozen_holder();
    let taken = events.partition_point(|(when, _)| *when <= at(49.08));
    let starts = (1..5).map(|life| (at(49.1), Event::ServerStarted { server: ServerId { slot: 0, life } }));
    events.splice(taken..taken, starts.collect::<Vec<_>>());
    let told = story((events, finding));
    let (before, rest) = told.split_once("<li class=\"folded\">").expect("a fold");
    let (folded, after) = rest.split_once("</ol>").expect("its end");
    assert!(before.contains("class=\"at-fault\"") && after.contains("class=\"found\""), "{told}");
    assert!(folded.contains("more lines until the finding is found") && folded.contains("job-0-3 starts"), "{folded}");
}

#[test]
fn counters_at_zero_are_folded_away() {
    let coverage = [("crashed".to_owned(), 17), ("taken_over".to_owned(), 0)].into_iter().collect();
    let html = page::page(&Summary { coverage, ..summary() }, &[]);
    let section = html.split("id=\"coverage\"").nth(1).expect("a section");
    let (seen, unseen) = section.split_once("<details>").expect("a fold");
    assert_eq!((seen.matches("<li>").count(), unseen.matches("<li>").count()), (1, 1), "{section}");
    assert!(unseen.starts_with("<summary>1 counter at zero"), "{unseen}");
}

#[test]
fn a_twin_stands_beside_its_suite_with_rates_and_a_command() {
    let html = html();
    let section = html.split("<section").find(|part| part.contains("id=\"side-by-side\"")).expect("a section");
    for part in [
        "<code>swarm</code>",
        "<code>swarm_in_memory</code>",
        "the same &amp; otherwise",
        "none",
        "247 schedules, 20 per 1,000",
        "dupeproof replay out/failures/ItemLost-swarm_in_memory-core-event-1-4.json",
        "does not affect the verdict",
    ] {
        assert!(section.contains(part), "{part}");
    }
    let alone = Summary { comparison: None, ..summary() };
    assert!(!page::page(&alone, &[]).contains("Side by side"));
}

#[test]
fn a_measure_is_shown_with_its_median_and_99th_percentile_in_words() {
    let html = html();
    let figure = html.split("<figure").find(|part| part.contains("measure-hand_over-title")).expect("a figure");
    for part in [
        ">median 1.9 s<",
        ">99th percentile 3.5 s<",
        "hand-over by the holder: median 1.9 s, 99th percentile 3.5 s, at most 48 s, over 101 starts",
        "90 from 1.8 s to 2 s",
        ">20</text>",
        ">seconds<",
    ] {
        assert!(figure.contains(part), "{part}");
    }
    assert_eq!(figure.matches("class=\"bar\"").count(), 3);
    let nothing = Distribution { count: 0, median: None, p99: None, max: None, bins: vec![], ..hand_over() };
    let empty = Summary { measures: [("hand_over".to_owned(), nothing)].into_iter().collect(), ..summary() };
    assert!(!page::page(&empty, &[]).contains("Waiting times and costs"));
}

#[test]
fn names_from_outside_are_escaped() {
    let html = html();
    assert!(html.contains("sub&lt;ject&gt;") && !html.contains("sub<ject>"));
    assert!(html.contains("a thing &amp; another"));
}

#[test]
fn ids_are_unique_and_every_reference_finds_its_own() {
    let html = html();
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for reference in html.split("url(#").skip(1).filter_map(|part| part.split(')').next()) {
        assert!(ids.contains(&reference), "{reference}");
    }
}

#[test]
fn the_picture_labels_what_colour_alone_would_say() {
    let html = html();
    for label in
        ["both live, 6 s", "frozen", "hears nothing from MessagingService", "✗ crash", "▼ DoubleLive at 49.200 s"]
    {
        assert!(html.contains(label), "{label}");
    }
}

#[test]
fn the_step_at_fault_is_marked_at_its_time_on_the_lane_of_the_key_that_it_wrote() {
    let (events, finding) = frozen_holder();
    let drawn = |events: &[_]| {
        page::page(&summary(), &[section(FindingKind::DoubleLive, false, Illustration::of(events, &finding))])
    };
    let html = drawn(&events);
    let mark =
        html.split("<g class=\"at-fault\" data-t").nth(1).and_then(|part| part.split("</g>").next()).expect("a mark");
    assert!(
        mark.contains("<title>step at fault, 49.080 s: a write of Player_0 by job-1-0, asked for at 49.000 s"),
        "{mark}"
    );
    let text =
        |attribute: &str, of: &str| of.split(&format!("{attribute}=\"")).nth(1)?.split('"').next()?.parse::<f64>().ok();
    let commit = html.split("job-1-0 stores state 0 at 49.080 s").next().and_then(|part| part.rsplit("<line").next());
    assert_eq!(text(" x1", mark), text(" x1", commit.expect("the write is drawn")), "where its write is");
    let store = html.split("<rect class=\"store\"").nth(1).expect("the key's lane");
    let (top, y) = (text(" y", store).expect("a number"), text(" cy", mark).expect("a number"));
    assert!((top..top + 70.0).contains(&y), "{top} {y}");
    let without: Vec<_> = events.iter().filter(|(at, _)| *at < finding.at).cloned().collect();
    assert!(!drawn(&without).contains("<g class=\"at-fault\" data-t"), "nobody has begun a second session");
}

#[test]
fn items_put_aside_and_taken_and_messages_handled_have_marks_of_their_own() {
    let (events, finding) = half_decided_trade();
    let html =
        page::page(&summary(), &[section(FindingKind::ItemDuplicated, true, Illustration::of(&events, &finding))]);
    assert_eq!(html.matches("class=\"item aside\"").count(), 2, "one for the trade, one for the gift");
    assert_eq!(html.matches("class=\"item\"").count(), 2, "one for each side");
    assert_eq!(html.matches("class=\"handled\"").count(), 1);
    for title in ["puts item 7 aside, number 4", "takes item 7 out of number 4", "handles message 1"] {
        assert!(html.contains(title), "{title}");
    }
}

#[test]
fn a_run_that_did_not_come_out_as_recorded_says_so() {
    let stray = FindingSection {
        reproduced: false,
        illustration: None,
        ..section(FindingKind::DoubleLive, false, {
            let (events, finding) = frozen_holder();
            Illustration::of(&events, &finding)
        })
    };
    assert!(page::page(&summary(), &[stray]).contains("differs from the recording"));
    assert!(!html().contains("differs from the recording"));
}

#[test]
fn report_writes_the_same_page_again() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --subject naive --cases 300");
    let first = terminal.read("dupeproof-out/report.html");
    std::fs::remove_file(terminal.path("dupeproof-out/report.html")).expect("it was there");
    let answer = terminal.dupeproof("report dupeproof-out");
    assert_eq!((answer.code, &*answer.stdout), (0, "dupeproof-out/report.html\n"), "{}", answer.stderr);
    assert_eq!(terminal.read("dupeproof-out/report.html"), first);
}

#[test]
fn an_internal_error_is_told_and_is_the_exit_code_whatever_else_was_found() {
    let whole = summary();
    assert_eq!(whole.exit_code(), ExitCode::from(whole.verdict));
    for verdict in [Verdict::Safe, Verdict::Unknown, Verdict::Unsafe] {
        let error = "internal error in case 3 of seed 1, please report: <planted>".to_owned();
        let failed = Summary { verdict, internal_errors: vec![error], ..summary() };
        assert_eq!(failed.exit_code(), ExitCode::Unknown);
        assert!(
            page::page(&failed, &[]).contains("internal error in case 3 of seed 1, please report: &lt;planted&gt;")
        );
    }
}
