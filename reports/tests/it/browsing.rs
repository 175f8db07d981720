//! The report in a browser: its controls are used, and what they show is compared with the JSON.

use std::path::PathBuf;

use dupeproof::by_name;
use dupeproof::failure_files::FailureFiles;
use dupeproof::output_dir::OutputDir;
use dupeproof::page::{self, FindingSection};
use serde_json::Value as Json;

use crate::browser::Browser;
use crate::terminal::Terminal;

/// A report with findings of many kinds and causes.
struct Report {
    terminal: Terminal,
    json: Json,
}

impl Report {
    fn new() -> Report {
        let terminal = Terminal::new();
        let json = terminal.json("run --subject naive --cases 300 --json");
        Report { terminal, json }
    }

    fn page(&self) -> PathBuf {
        self.terminal.path("dupeproof-out/report.html")
    }

    /// Each cause with the kind of its finding.
    fn causes(&self) -> Vec<(&str, &Json)> {
        let findings = self.json["findings"].as_array().expect("a list");
        let causes = findings.iter().flat_map(|found| {
            let kind = found["kind"].as_str().expect("a name");
            found["causes"].as_array().expect("a list").iter().map(move |cause| (kind, cause))
        });
        causes.collect()
    }

    /// The cause that a finding of the page is about, by the command that it shows.
    fn cause_of(&self, browser: &mut Browser, number: usize) -> &Json {
        let command = browser.text(&format!("{}.querySelector('.command code').textContent", finding(number)));
        let causes = self.causes();
        let cause =
            causes.into_iter().find(|(_, cause)| cause["file"].as_str().is_some_and(|file| command.ends_with(file)));
        cause.unwrap_or_else(|| panic!("{command}")).1
    }
}

/// The JavaScript for the finding of this number.
fn finding(number: usize) -> String {
    format!("document.querySelector('details.finding[data-number=\"{number}\"]')")
}

/// The moment that the address names, in microseconds.
fn moment(browser: &mut Browser) -> u64 {
    let at = browser.text("(Number(new URLSearchParams(location.hash.slice(1)).get('t')) * 1e6).toFixed(0)");
    at.parse().unwrap_or_else(|_| panic!("{at}"))
}

/// Sets a control of the filters, as somebody does who uses it.
fn set(browser: &mut Browser, name: &str, value: &str) {
    browser.value(&format!(
        "(() => {{ const control = document.querySelector('.filters [name={name}]'); control.value = '{value}'; \
         control.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ));
}

/// How many findings are seen, after checking that the page says so.
fn seen(browser: &mut Browser) -> usize {
    let lines = "[...document.querySelectorAll('details.finding')].filter((one) => one.checkVisibility()).length";
    let number = browser.value(lines).as_u64().expect("a number");
    let told = browser.text("document.querySelector('.filters output').textContent");
    assert_eq!(told.split(' ').next(), Some(&*number.to_string()), "{told}");
    assert_eq!(browser.value("document.querySelector('.none').checkVisibility()"), number == 0);
    usize::try_from(number).expect("there are not so many")
}

#[test]
fn findings_are_chosen_by_kind_cause_evidence_and_words_and_are_those_of_the_json() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "");
    let count = |is_chosen: &dyn Fn(&str, &Json) -> bool| {
        report.causes().into_iter().filter(|(kind, cause)| is_chosen(kind, cause)).count()
    };
    assert_eq!(seen(&mut browser), count(&|_, _| true));
    let needs = |cause: &Json, name: &str| cause["needs"].as_array().expect("a list").iter().any(|need| need == name);
    set(&mut browser, "kind", "ItemLost");
    assert_eq!(seen(&mut browser), count(&|kind, _| kind == "ItemLost"));
    set(&mut browser, "factor", "crash");
    assert_eq!(seen(&mut browser), count(&|kind, cause| kind == "ItemLost" && needs(cause, "crash")));
    set(&mut browser, "kind", "");
    assert_eq!(seen(&mut browser), count(&|_, cause| needs(cause, "crash")));
    set(&mut browser, "factor", "");
    set(&mut browser, "evidence", "ordinary");
    let ordinary = count(&|_, cause| cause["evidence"] == "ordinary");
    assert_eq!((seen(&mut browser), ordinary > 0), (ordinary, true));
    set(&mut browser, "evidence", "");
    set(&mut browser, "text", "purchaseLOST  granted");
    let purchases = count(&|kind, _| kind == "PurchaseLost");
    assert_eq!((seen(&mut browser), purchases > 0), (purchases, true));
    set(&mut browser, "text", "unheard-of");
    assert_eq!(seen(&mut browser), 0);
    browser.value("location.hash = '#finding=2'");
    browser.settle();
    assert_eq!(seen(&mut browser), count(&|_, _| true), "what the address names is not hidden");
    browser.assert_no_problems();
}

#[test]
fn a_finding_is_opened_by_hand_and_closes_the_one_before_and_shows_the_step_at_fault_of_the_json() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "");
    let open = "[...document.querySelectorAll('details.finding[open]')].map((one) => one.dataset.number).join(' ')";
    assert_eq!(browser.text(open), "");
    for number in [1, 4, 9, report.causes().len()] {
        browser.click(&format!("{}.querySelector('summary')", finding(number)));
        assert_eq!(browser.text(open), number.to_string());
        let step = &report.cause_of(&mut browser, number)["step_at_fault"];
        let article = finding(number);
        let now = browser.text(&format!("{article}.querySelector('.now').textContent"));
        if step.is_null() {
            assert_eq!(browser.value(&format!("{article}.querySelector('g.at-fault')")), Json::Null);
            continue;
        }
        let at = (step["at_seconds"].as_f64().expect("a number") * 1e3).floor() / 1e3;
        assert!(now.starts_with(&format!("{at:.3} s: ")), "{now}");
        assert!(now.contains(step["what"].as_str().expect("a sentence")), "{now}");
        let answers = browser.text(&format!("{article}.querySelector('.answers').textContent"));
        for part in ["what", "server"] {
            assert!(answers.contains(step[part].as_str().expect("a text")), "{answers}");
        }
        let x = |of: &str| format!("{article}.querySelector('{of}').getAttribute('x1')");
        assert_eq!(browser.text(&x("g.at-fault line")), browser.text(&x(".cursor")));
    }
    browser.assert_no_problems();
}

#[test]
fn the_keys_step_through_the_picture_and_the_address_names_the_moment() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "#finding=1&t=0");
    let article = finding(1);
    browser.value(&format!("{article}.querySelector('.scroll').focus()"));
    browser.press("Home");
    assert_eq!(moment(&mut browser), 0);
    let mut moments = vec![0];
    for _ in 0..5 {
        browser.press("ArrowRight");
        moments.push(moment(&mut browser));
    }
    assert!(moments.windows(2).all(|pair| pair[0] < pair[1]), "{moments:?}");
    for expected in moments.iter().rev().skip(1) {
        browser.press("ArrowLeft");
        assert_eq!(moment(&mut browser), *expected);
    }
    browser.press("ArrowLeft");
    assert_eq!(moment(&mut browser), 0, "there is nothing before the first");
    browser.press("g");
    let found = browser.text(&format!("{article}.querySelector('svg g.finding').dataset.t"));
    assert_eq!(found, moment(&mut browser).to_string());
    browser.press("f");
    let step = report.cause_of(&mut browser, 1)["step_at_fault"]["at_seconds"].as_f64();
    assert_eq!(step.map(|at| format!("{:.0}", at * 1e6)), Some(moment(&mut browser).to_string()));
    browser.press("End");
    browser.press("ArrowRight");
    let scale = browser.text(&format!("{article}.querySelector('svg').dataset.scale"));
    let last = scale.rsplit(' ').next().and_then(|point| point.split(':').next());
    assert_eq!(last, Some(&*moment(&mut browser).to_string()));
    browser.assert_no_problems();
}

#[test]
fn an_address_opens_its_finding_at_its_moment() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "#finding=3&t=33.0");
    browser.settle();
    let open = "document.querySelector('details.finding[open]').dataset.number";
    assert_eq!(browser.text(open), "3");
    let told = browser.text(&format!("{}.querySelector('.now').textContent", finding(3)));
    let at: f64 = told.split(" s: ").next().expect("a moment").parse().unwrap_or_else(|_| panic!("{told}"));
    let times = format!(
        "[...{}.querySelectorAll('svg [data-t], .story li[data-t]')].flatMap((one) => [one.dataset.t, one.dataset.u ?? one.dataset.t].map(Number))",
        finding(3)
    );
    let nearest = browser
        .number(&format!("{times}.reduce((best, at) => Math.abs(at - 33e6) < Math.abs(best - 33e6) ? at : best)"));
    assert!((nearest / 1e6 - at).abs() < 0.001, "{nearest}: {told}");
    browser.open(&report.page(), "#LostUpdate");
    browser.settle();
    assert_eq!(browser.text("document.querySelector('details.finding[open]').dataset.kind"), "LostUpdate");
    browser.open(&report.page(), "#promises");
    browser.settle();
    assert_eq!(browser.value("document.querySelector('#promises table').checkVisibility()"), true);
    for nonsense in ["#finding=0", "#finding=999&t=1", "#finding=1&t=x", "#%zz", "#finding=1&t=1e99"] {
        browser.open(&report.page(), nonsense);
    }
    browser.assert_no_problems();
}

#[test]
fn what_is_pointed_at_in_the_story_is_marked_in_the_picture_and_the_other_way_round() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "#finding=1");
    browser.settle();
    let article = finding(1);
    let line = format!(
        "[...{article}.querySelectorAll('.story li[data-t]')].find((one) => one.textContent.includes('the DataStore stores'))"
    );
    let time = browser.text(&format!("{line}.dataset.t"));
    browser.point(&format!("{line}.querySelector('span')"));
    let hot = browser
        .value(&format!("[...{article}.querySelectorAll('svg .hot')].map((one) => [one.dataset.t, one.dataset.u])"));
    let hot = hot.as_array().expect("a list");
    assert!(
        !hot.is_empty() && hot.iter().all(|times| times.as_array().expect("two").iter().any(|one| *one == *time)),
        "{hot:?}"
    );
    let mark = format!("{article}.querySelector('svg .commit[data-t=\"{time}\"]')");
    browser.point(&mark);
    let lines = browser.value(&format!("[...{article}.querySelectorAll('.story li.hot')].map((one) => one.dataset.t)"));
    let lines = lines.as_array().expect("a list");
    assert!(!lines.is_empty() && lines.iter().all(|one| *one == *time), "{lines:?}");
    let told = browser.text(&format!("{article}.querySelector('.now').textContent"));
    assert_eq!(told, browser.text(&format!("{mark}.querySelector('title').textContent")));
    browser.click(&format!("{line}.querySelector('button')"));
    assert_eq!(moment(&mut browser).to_string(), time);
    browser.assert_no_problems();
}

#[test]
fn a_picture_is_zoomed_and_moved_and_the_names_of_its_lanes_stay() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "#finding=1");
    browser.settle();
    let article = finding(1);
    let width = format!("{article}.querySelector('svg').getBoundingClientRect().width");
    let room = format!("{article}.querySelector('.scroll').clientWidth");
    let before = browser.number(&width);
    browser.value(&format!("{article}.querySelector('.scroll').focus()"));
    (0..4).for_each(|_| browser.press("+"));
    let zoomed = browser.number(&width);
    assert!(zoomed > before * 4.0 && zoomed > browser.number(&room), "{before} {zoomed}");
    let names = format!(
        "{article}.querySelector('.gutter .name').getBoundingClientRect().x - {article}.querySelector('.scroll').getBoundingClientRect().x"
    );
    let at_left = browser.number(&names);
    browser.value(&format!("{article}.querySelector('.scroll').scrollLeft += 400"));
    browser.settle();
    assert!((browser.number(&names) - at_left).abs() < 1.0);
    // So that it began left of what is seen: how far its bar and its name are from the names of the lanes.
    browser.value(&format!(
        "{article}.querySelector('.scroll').scrollLeft += {article}.querySelector('.session rect').getBoundingClientRect().left \
         - {article}.querySelector('.gutter rect').getBoundingClientRect().right + 200"
    ));
    browser.settle();
    let [bar, label] = ["rect", ".player"].map(|what| {
        browser.number(&format!(
            "{article}.querySelector('.session {what}').getBoundingClientRect().left \
             - {article}.querySelector('.gutter rect').getBoundingClientRect().right"
        ))
    });
    assert!(bar < -100.0 && (0.0..100.0).contains(&label), "{bar} {label}");
    let cursor = format!(
        "{article}.querySelector('.cursor').getBoundingClientRect().x - {article}.querySelector('.scroll').getBoundingClientRect().x"
    );
    for key in ["Home", "End", "f"] {
        browser.press(key);
        let (x, room) = (browser.number(&cursor), browser.number(&room));
        assert!((0.0..=room).contains(&x), "{key}: {x} of {room}");
    }
    browser.press("0");
    assert!(browser.number(&width) <= browser.number(&room) + 1.0);
    browser.assert_no_problems();
}

#[test]
fn a_phone_shows_the_answers_on_its_first_screen_and_the_moment_of_failure_without_scrolling_sideways() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.resize(390, 844);
    browser.open(&report.page(), "");
    for number in 1..=report.causes().len() {
        browser.value(&format!("location.hash = '#finding={number}'"));
        browser.settle();
        let article = finding(number);
        assert!(browser.number("document.documentElement.scrollWidth") <= 390.0, "{number}");
        let change = browser.number(&format!(
            "[...{article}.querySelectorAll('.answers dt')].find((one) => one.textContent === 'What to change').nextElementSibling\
             .querySelector('li strong').getBoundingClientRect().bottom"
        ));
        assert!(change <= 844.0, "{number}: the first remedy ends at {change}");
        let step = format!(
            "({article}.querySelector('g.at-fault line') ?? {article}.querySelector('g.finding line')).getBoundingClientRect()"
        );
        let x = browser.number(&format!("{step}.x"));
        assert!((0.0..390.0).contains(&x), "{number}: {x}");
    }
    browser.assert_no_problems();
}

#[test]
fn without_scripts_everything_is_there_and_links_open_what_they_lead_to() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.forbid_scripts(true);
    browser.open(&report.page(), "#ItemDuplicated");
    let spoken = browser.spoken();
    let is_there = |role: &str, part: &str| spoken.iter().any(|(one, name)| one == role && name.contains(part));
    assert!(is_there("heading", "Unsafe: in 300 schedules") && is_there("link", "Findings ("));
    assert!(
        is_there("StaticText", "Run it again") && is_there("StaticText", "the DataStore stores state"),
        "the story is open"
    );
    assert!(
        spoken.iter().any(|(role, name)| ["image", "img"].contains(&&**role) && name.contains("ItemDuplicated at ")),
        "the picture is named"
    );
    assert!(!is_there("search", "") && !is_there("button", "fit"), "what needs a script is not shown");
}

#[test]
fn on_paper_each_finding_begins_a_page_and_those_that_are_not_chosen_are_left_out() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "");
    let findings = report.causes().len();
    let pages = browser.printed_pages();
    assert!(pages > findings, "{pages} pages for {findings} findings");
    browser.show_as("print", "light");
    let height = format!("{}.querySelector('.story').getBoundingClientRect().height", finding(2));
    assert!(browser.number(&height) > 100.0, "its story is there, though it is closed on the screen");
    set(&mut browser, "kind", "ItemLost");
    assert!(browser.printed_pages() < pages);
    browser.assert_no_problems();
}

#[test]
fn every_text_stands_out_from_its_ground_in_light_and_in_dark() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    for scheme in ["light", "dark"] {
        browser.show_as("screen", scheme);
        browser.open(&report.page(), "#finding=4");
        browser.settle();
        let faint = browser.value(CONTRASTS);
        assert!(faint.as_array().is_some_and(Vec::is_empty), "{scheme}: {faint}");
    }
    browser.assert_no_problems();
}

#[test]
fn the_keyboard_alone_opens_a_finding_and_steps_through_its_picture() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    browser.open(&report.page(), "");
    let focused = "document.activeElement";
    let reach = |browser: &mut Browser, what: &str| {
        let is_there = format!("{focused}.matches('{what}')");
        (0..60).find(|_| {
            browser.press("Tab");
            browser.value(&is_there) == true
        })
    };
    assert!(reach(&mut browser, "details.finding > summary").is_some());
    browser.press("Enter");
    assert_eq!(browser.value(&format!("{}.open", finding(1))), true);
    assert!(reach(&mut browser, ".controls button").is_some(), "the controls are made by then");
    let step = moment(&mut browser);
    assert!(reach(&mut browser, ".controls button[title^=next]").is_some());
    browser.press("Enter");
    let next = moment(&mut browser);
    assert!(next > step, "{next} {step}");
    assert!(reach(&mut browser, "figure .scroll").is_some());
    browser.press("ArrowLeft");
    assert_eq!(moment(&mut browser), step);
    let nameless = "[...document.querySelectorAll('button, input, select, summary, a')].filter((one) => one.checkVisibility() && \
                    !(one.ariaLabel ?? one.textContent).trim() && one.labels?.length !== 1).map((one) => one.outerHTML)";
    assert_eq!(browser.value(nameless), Json::Array(Vec::new()));
    browser.assert_no_problems();
}

#[test]
fn a_hostile_name_stays_text_in_the_page_and_in_what_its_scripts_show() {
    let Some(mut browser) = Browser::start() else { return };
    let terminal = Terminal::new();
    let hostile = "<img src=x onerror=alert(1)>";
    let adapter = include_str!("../../../sim/luau/src/adapter/naive.luau");
    assert!(adapter.contains("key = \"Player_%d\""));
    let key = format!("key = \"{hostile}%d\"");
    terminal.write("adapter.luau", &adapter.replace("key = \"Player_%d\"", &key));
    terminal.dupeproof("run --adapter adapter.luau --suite calm --cases 4 --causes 1");
    browser.open(&terminal.path("dupeproof-out/report.html"), "#finding=1");
    browser.settle();
    let told = browser.text(&format!("{}.querySelector('.now').textContent", finding(1)));
    let article = browser.text(&format!("{}.querySelector('article').textContent", finding(1)));
    assert!(told.contains(hostile) || article.contains(hostile), "{told} {article}");
    browser.press("ArrowRight");
    assert_eq!(browser.value("[document.images.length, document.scripts.length]"), serde_json::json!([0, 1]));
    browser.assert_no_problems();
}

/// The findings of a report 25 times over: no two that are packed together are the same.
fn thousand(report: &Report) -> String {
    let (output_dir, summary) = OutputDir::open(&report.terminal.path("dupeproof-out")).expect("it is a report");
    let failures = FailureFiles::read(&output_dir, &summary).expect("they are there");
    let available = by_name::available_again(None).expect("what is built in");
    let sections = page::sections(&summary, &failures, &available.subjects, output_dir.path());
    let copies = (0..1_000).map(|copy| {
        let section = sections[copy % sections.len()].clone();
        FindingSection { anchor: format!("{}-of-{copy}", section.anchor), ..section }
    });
    page::page(&summary, &copies.collect::<Vec<_>>())
}

#[test]
fn a_report_of_a_thousand_findings_is_small_and_opens_at_once_and_each_has_its_picture() {
    let Some(mut browser) = Browser::start() else { return };
    let report = Report::new();
    let html = thousand(&report);
    assert!(html.len() < 5_000_000, "{} bytes", html.len());
    report.terminal.write("thousand.html", &html);
    let page = report.terminal.path("thousand.html");
    browser.open(&page, "");
    browser.settle();
    // Its CPU time: the wall time of a machine that does other things as well says little.
    let seconds = browser.busy_seconds();
    assert!((0.01..2.0).contains(&seconds), "it took {seconds} s");
    assert_eq!(seen(&mut browser), 1_000);
    for number in [1, 500, 1_000] {
        browser.value(&format!("location.hash = '#finding={number}&t=0'"));
        let article = finding(number);
        browser.value(&format!("new Promise((done) => {{ const look = () => {article}.querySelector('.now') ? done(0) : setTimeout(look, 20); look(); }})"));
        let title = browser.text(&format!("{article}.querySelector('svg title').textContent"));
        let kind = browser.text(&format!("{article}.dataset.kind"));
        assert!(title.starts_with(&kind) && title.contains(" at "), "{title}");
        assert!(browser.number(&format!("{article}.querySelectorAll('.story li').length")) > 3.0);
    }
    browser.assert_no_problems();
}

/// Texts whose contrast to what is behind them is below 4.5, the least of WCAG 2 AA, outside of the picture; and in it, fills of
/// texts against the page.
const CONTRASTS: &str = r#"(() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (one) => {
    for (let at = one; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = [];
  for (const one of document.querySelectorAll("main *")) {
    const text = [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent).join("").trim();
    if (text === "" || !one.checkVisibility() || ["option", "title", "desc"].includes(one.localName)) continue;
    if (one.classList.contains("overlap-label")) continue;
    const style = getComputedStyle(one);
    const [ink, paper] = [one.localName === "text" ? style.fill : style.color, ground(one)].map(light);
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) faint.push([one.className, text.slice(0, 40), contrast]);
  }
  return faint;
})()"#;
