//! One run as a trace that Perfetto (<https://ui.perfetto.dev>) and Chrome's `chrome://tracing` open.
//!
//! The form is Chrome's JSON of trace events: each life of a server is a process with its conditions as slices and what happens
//! to it as instants; sessions, requests and faults of links and services overlap, and are asynchronous slices. Times are
//! microseconds of simulated time.

use std::collections::BTreeMap;

use dupeproof_scenarios::Finding;
use dupeproof_sim::id::{RequestId, ServerId, SessionNo};
use dupeproof_sim::{Event, Global, GuestEvent};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::escape;
use crate::picture::bands::{BandKind, Change};
use crate::wording;

/// The process of what belongs to no server.
const WORLD: u32 = 1;

/// What a trace file of ours begins with.
const HEAD: &str = "{\"otherData\":{\"dupeproof\":";

/// Whether a text is such a file.
pub fn is_ours(text: &str) -> bool {
    text.starts_with(HEAD)
}

/// One event of the format.
#[derive(Serialize)]
struct TraceEvent {
    name: String,
    /// The kind of event: `b` and `e` begin and end an asynchronous slice, `B` and `E` another, `i` is an instant, `M` a name.
    ph: &'static str,
    ts: u64,
    pid: u32,
    tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// How far an instant reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Json::is_null")]
    args: Json,
}

/// The trace of a run.
pub fn json(events: &[(Global, Event)], findings: &[Finding]) -> String {
    let mut writer = Writer::default();
    writer.name(WORLD, "world");
    for (at, event) in events {
        writer.event(*at, event);
    }
    let end = events.last().map_or(Global(0), |(at, _)| *at);
    writer.close(end);
    for finding in findings {
        let args = json!({ "kind": finding.kind().name(), "about": finding.kind().about() });
        writer.instant(finding.at, WORLD, "finding", &format!("finding: {}", finding.kind().name()), args, "g");
    }
    let events = serde_json::to_string(&writer.out).expect("a trace is plain data");
    format!("{HEAD}\"{}\"}},\"displayTimeUnit\":\"ms\",\"traceEvents\":{events}}}\n", env!("CARGO_PKG_VERSION"))
}

#[derive(Default)]
struct Writer {
    out: Vec<TraceEvent>,
    /// The process of each life of a server.
    processes: BTreeMap<ServerId, u32>,
    /// Asynchronous slices that have not ended: by id, with what ends them.
    open: BTreeMap<String, (u32, &'static str, String)>,
    /// Slices of a server that have not ended, innermost last.
    conditions: BTreeMap<u32, Vec<BandKind>>,
}

impl Writer {
    fn event(&mut self, at: Global, event: &Event) {
        if let Some(change) = Change::of(event) {
            return self.condition(at, change);
        }
        match event {
            Event::ServerCrashed { server } => self.ends(at, *server, "crashed"),
            Event::ServerClosed { server } => self.ends(at, *server, "closed"),
            Event::ServerKilled { server } => self.ends(at, *server, "killed while closing"),
            Event::ServerStarted { server } => self.server(at, *server, "started"),
            Event::ServerClosing { server } => self.server(at, *server, "closing"),
            Event::PartitionBegan { slot, service, direction } => {
                let label = BandKind::Partition(*service, *direction).label();
                self.begin(
                    at,
                    WORLD,
                    "fault",
                    format!("cut {slot} {service:?} {direction:?}"),
                    &format!("server {slot} {label}"),
                );
            }
            Event::PartitionHealed { slot, service, direction } => {
                self.end(at, &format!("cut {slot} {service:?} {direction:?}"), Json::Null);
            }
            Event::OutageBegan { service } => {
                let label = BandKind::Outage(*service).label();
                self.begin(at, WORLD, "fault", format!("outage {service:?}"), &label);
            }
            Event::OutageEnded { service } => self.end(at, &format!("outage {service:?}"), Json::Null),
            Event::Healed => self.instant(at, WORLD, "phase", "everything healed", Json::Null, "g"),
            Event::Acted { action, .. } => {
                self.instant(at, WORLD, "step", &format!("{action:?}"), Json::Null, "p");
            }
            _ => self.of_server(at, event),
        }
    }

    /// What a server does, and what happens to it.
    fn of_server(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { server, id, kind, target } => {
                let process = self.process(*server);
                let target = target.as_deref().unwrap_or_default();
                self.begin(at, process, "request", request(*server, *id), &format!("{kind:?} {target}"));
            }
            Event::Answered { server, id, error, .. } => {
                let args = error.as_ref().map_or(Json::Null, |error| json!({ "error": error.to_string() }));
                self.end(at, &request(*server, *id), args);
            }
            Event::RequestFault { server, fault, .. } => {
                let process = self.process(*server);
                self.instant(at, process, "fault", &format!("request fault: {fault:?}"), Json::Null, "p");
            }
            Event::Committed { server, key, version, .. } => {
                let process = self.process(*server);
                self.instant(at, process, "commit", &format!("committed {key}"), json!({ "version": version.0 }), "t");
            }
            Event::Conflicted { server, key, .. } => {
                let process = self.process(*server);
                self.instant(at, process, "commit", &format!("conflict at {key}"), Json::Null, "t");
            }
            Event::MessageReceived { server, .. } => {
                let process = self.process(*server);
                self.instant(at, process, "message", "message received", Json::Null, "t");
            }
            Event::MessageLost { to, topic } => {
                let process = self.process(*to);
                self.instant(at, process, "fault", &format!("message lost: {topic}"), Json::Null, "p");
            }
            Event::ScriptCrashed { server, text } => {
                let process = self.process(*server);
                self.instant(at, process, "script", &format!("script crashed: {text}"), Json::Null, "p");
            }
            Event::Logged { server, level, line } => {
                let process = self.process(*server);
                self.instant(at, process, "log", line, json!({ "level": format!("{level:?}") }), "t");
            }
            Event::Guest { server, event, .. } => self.guest(at, *server, event),
            _ => {}
        }
    }

    fn guest(&mut self, at: Global, server: ServerId, event: &GuestEvent) {
        let process = self.process(server);
        match event {
            GuestEvent::SessionStarted { session, player, .. } => {
                let name = format!("session of {}", wording::player(*player));
                self.begin(at, process, "session", session_id(server, *session), &name);
            }
            GuestEvent::SessionEnded { session, reason } => {
                self.end(at, &session_id(server, *session), json!({ "reason": format!("{reason:?}") }));
            }
            GuestEvent::StartFailed { player, failure } => {
                let words = wording::failure_words(*failure);
                let name = format!("no session for {}: {words}", wording::player(*player));
                self.instant(at, process, "session", &name, Json::Null, "t");
            }
            _ => {}
        }
    }

    fn process(&mut self, server: ServerId) -> u32 {
        let next = WORLD + 1 + u32::try_from(self.processes.len()).unwrap_or(u32::MAX - 2);
        if let Some(process) = self.processes.get(&server) {
            return *process;
        }
        self.processes.insert(server, next);
        self.name(next, &server.job_id());
        next
    }

    fn name(&mut self, process: u32, name: &str) {
        let args = json!({ "name": escape::name(name) });
        self.push("M", Global(0), process, None, "process_name".into(), args);
    }

    fn server(&mut self, at: Global, server: ServerId, what: &str) {
        let process = self.process(server);
        self.instant(at, process, "server", what, Json::Null, "p");
    }

    /// A life of a server ends, and with it all that it did.
    fn ends(&mut self, at: Global, server: ServerId, what: &str) {
        self.server(at, server, what);
        let process = self.process(server);
        self.close_process(at, process);
    }

    fn condition(&mut self, at: Global, change: Change) {
        let process = self.process(change.server);
        let open = self.conditions.entry(process).or_default();
        if change.begins {
            open.push(change.kind);
            self.push("B", at, process, Some("fault"), change.kind.label(), Json::Null);
        } else if let Some(place) = open.iter().rposition(|kind| *kind == change.kind) {
            // Slices end innermost first: those inside go on as new ones.
            let inside = open.split_off(place + 1);
            open.pop();
            open.extend(&inside);
            (0..=inside.len()).for_each(|_| self.push("E", at, process, Some("fault"), String::new(), Json::Null));
            inside.iter().for_each(|kind| self.push("B", at, process, Some("fault"), kind.label(), Json::Null));
        }
    }

    fn begin(&mut self, at: Global, process: u32, cat: &'static str, id: String, name: &str) {
        let name = escape::name(name).into_owned();
        self.open.insert(id.clone(), (process, cat, name.clone()));
        self.push("b", at, process, Some(cat), name, Json::Null);
        self.out.last_mut().expect("it was just pushed").id = Some(id);
    }

    fn end(&mut self, at: Global, id: &str, args: Json) {
        let Some((process, cat, name)) = self.open.remove(id) else { return };
        self.push("e", at, process, Some(cat), name, args);
        self.out.last_mut().expect("it was just pushed").id = Some(id.to_owned());
    }

    fn instant(&mut self, at: Global, process: u32, cat: &'static str, name: &str, args: Json, reach: &'static str) {
        self.push("i", at, process, Some(cat), escape::name(name).into_owned(), args);
        self.out.last_mut().expect("it was just pushed").s = Some(reach);
    }

    fn push(&mut self, ph: &'static str, at: Global, pid: u32, cat: Option<&'static str>, name: String, args: Json) {
        self.out.push(TraceEvent { name, ph, ts: at.0, pid, tid: 1, cat, id: None, s: None, args });
    }

    /// Ends what has not ended on a server.
    fn close_process(&mut self, at: Global, process: u32) {
        let ids: Vec<String> =
            self.open.iter().filter(|(_, (own, ..))| *own == process).map(|(id, _)| id.clone()).collect();
        ids.iter().for_each(|id| self.end(at, id, json!({ "cut_off": true })));
        for _ in self.conditions.remove(&process).unwrap_or_default() {
            self.push("E", at, process, Some("fault"), String::new(), Json::Null);
        }
    }

    /// Ends all that has not ended.
    fn close(&mut self, at: Global) {
        let processes: Vec<u32> = [WORLD].into_iter().chain(self.processes.values().copied()).collect();
        processes.into_iter().for_each(|process| self.close_process(at, process));
    }
}

fn request(server: ServerId, id: RequestId) -> String {
    format!("request {}.{}.{}", server.slot, server.life, id.0)
}

fn session_id(server: ServerId, session: SessionNo) -> String {
    format!("session {}.{}.{}", server.slot, server.life, session.0)
}
