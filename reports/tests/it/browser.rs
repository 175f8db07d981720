//! A headless Chromium, told what to do over its debugging pipe: JSON messages that end with a zero byte.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// What it is called by different packages.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// How long an answer may take: a browser that is stuck must not stop the tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// One browser with one page; it ends when dropped.
pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Json>,
    /// Messages that came while an answer was awaited.
    events: VecDeque<Json>,
    asked: u64,
    session: String,
    /// Errors on the console, and exceptions.
    problems: Vec<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None`, and a line that says so, if there is none. `.ci/run` sees to it that there is one.
    pub(crate) fn start() -> Option<Browser> {
        let known = |name: &&&str| Command::new(name).arg("--version").stderr(Stdio::null()).output().is_ok();
        let Some(name) = NAMES.iter().find(known) else {
            eprintln!("skipped: there is no Chromium here; `apt-get install chromium` brings one");
            return None;
        };
        let profile = tempfile::tempdir().expect("there is room for a directory");
        // The pipe is on descriptors 3 and 4, which only a shell can give without unsafe code.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null", "sh", name])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let input = child.stdin.take().expect("it is piped");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                let json = serde_json::from_slice(&message[..message.len() - 1]).unwrap_or_default();
                if sender.send(json).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let (events, problems) = (VecDeque::new(), Vec::new());
        let mut browser =
            Browser { child, input, messages, events, asked: 0, session: String::new(), problems, _profile: profile };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let target = self.ask("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].take();
        let attached = self.ask("Target.attachToTarget", &json!({ "targetId": target, "flatten": true }));
        attached["sessionId"].as_str().expect("a session").clone_into(&mut self.session);
        for domain in ["Page", "Runtime", "Log", "DOM"] {
            self.ask(&format!("{domain}.enable"), &json!({}));
        }
        self.ask("Performance.enable", &json!({ "timeDomain": "threadTicks" }));
        self.resize(1400, 900);
    }

    /// Gives the page this size, in pixels; a narrow one is a phone's.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.ask("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Opens a file at an anchor, which may be empty, and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path, anchor: &str) {
        // From elsewhere, so that another anchor is no mere jump.
        self.go("about:blank");
        self.go(&format!("file://{}{anchor}", file.display()));
    }

    fn go(&mut self, url: &str) {
        self.events.clear();
        self.ask("Page.navigate", &json!({ "url": url }));
        self.wait_for("Page.loadEventFired");
    }

    /// The value of a JavaScript expression; promises are awaited.
    pub(crate) fn value(&mut self, expression: &str) -> Json {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.ask("Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// The same, of a text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is no text: {value}")).to_owned()
    }

    /// The same, of a number.
    pub(crate) fn number(&mut self, expression: &str) -> f64 {
        let value = self.value(expression);
        value.as_f64().unwrap_or_else(|| panic!("{expression} is no number: {value}"))
    }

    /// Presses a key: a letter, or a name such as `ArrowRight`.
    pub(crate) fn press(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            _ => 0,
        };
        let text = if key == "Enter" { "\r" } else { text };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        let down = json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
        self.ask("Input.dispatchKeyEvent", &down);
        self.ask("Input.dispatchKeyEvent", &json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code }));
        self.settle();
    }

    /// Moves the mouse over the middle of what a JavaScript expression gives.
    pub(crate) fn point(&mut self, element: &str) -> (f64, f64) {
        let middle = self.value(&format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{ block: 'center', inline: 'center' }}); \
             const at = element.getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        ));
        let (x, y) = (middle[0].as_f64().expect("a place"), middle[1].as_f64().expect("a place"));
        self.ask("Input.dispatchMouseEvent", &json!({ "type": "mouseMoved", "x": x, "y": y }));
        self.settle();
        (x, y)
    }

    /// Clicks on the middle of what a JavaScript expression gives.
    pub(crate) fn click(&mut self, element: &str) {
        let (x, y) = self.point(element);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", &event);
        }
        self.settle();
    }

    /// Waits until the page has been drawn: what an event sets off is done by then.
    pub(crate) fn settle(&mut self) {
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
    }

    /// Forbids or allows the scripts of pages that are opened from now on.
    pub(crate) fn forbid_scripts(&mut self, forbidden: bool) {
        self.ask("Emulation.setScriptExecutionDisabled", &json!({ "value": forbidden }));
    }

    /// What assistive technology is told of the page: each name with its role.
    pub(crate) fn spoken(&mut self) -> Vec<(String, String)> {
        self.ask("Accessibility.enable", &json!({}));
        let tree = self.ask("Accessibility.getFullAXTree", &json!({}));
        let text = |node: &Json, field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
        let nodes = tree["nodes"].as_array().expect("a list").iter();
        nodes.filter(|node| node["ignored"] == false).map(|node| (text(node, "role"), text(node, "name"))).collect()
    }

    /// The CPU time of the page's main thread since it was opened, in seconds.
    pub(crate) fn busy_seconds(&mut self) -> f64 {
        let metrics = self.ask("Performance.getMetrics", &json!({}));
        let mut metrics = metrics["metrics"].as_array().expect("a list").iter();
        let busy = metrics.find(|metric| metric["name"] == "TaskDuration").expect("it is measured");
        busy["value"].as_f64().expect("a number")
    }

    /// Shows pages as on this medium, `screen` or `print`, to somebody who prefers `light` or `dark`.
    pub(crate) fn show_as(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    /// How many pages it takes to print.
    pub(crate) fn printed_pages(&mut self) -> usize {
        let data = self.ask("Page.printToPDF", &json!({ "printBackground": false }));
        let pdf = STANDARD.decode(data["data"].as_str().expect("a file")).expect("it is base64");
        let text = String::from_utf8_lossy(&pdf);
        text.matches("/Type /Page").count() - text.matches("/Type /Pages").count()
    }

    /// Fails if the console has shown an error since the last look, or a script has thrown one.
    pub(crate) fn assert_no_problems(&mut self) {
        self.settle();
        let problems = std::mem::take(&mut self.problems);
        assert!(problems.is_empty(), "{problems:#?}");
    }

    fn ask(&mut self, method: &str, parameters: &Json) -> Json {
        self.asked += 1;
        let mut question = json!({ "id": self.asked, "method": method, "params": parameters });
        if !self.session.is_empty() {
            question["sessionId"] = Json::from(&*self.session);
        }
        let bytes = format!("{question}\0").into_bytes();
        self.input.write_all(&bytes).and_then(|()| self.input.flush()).expect("the browser listens");
        loop {
            let mut message = self.next();
            if message["id"] == self.asked {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push_back(message);
        }
    }

    fn wait_for(&mut self, method: &str) {
        while self.events.pop_front().is_none_or(|event| event["method"] != method) {
            if self.events.is_empty() {
                let event = self.next();
                self.events.push_back(event);
            }
        }
    }

    fn next(&mut self) -> Json {
        let message = self.messages.recv_timeout(PATIENCE).expect("the browser answers");
        let of = &message["params"];
        let is_problem = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => of["type"] == "error" || of["type"] == "assert",
            Some("Log.entryAdded") => of["entry"]["level"] == "error",
            _ => false,
        };
        if is_problem {
            self.problems.push(of.to_string());
        }
        message
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It also ends when its pipe does.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
