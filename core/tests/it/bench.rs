//! A few servers and one key-value store, with time moved by hand: tests read as transcripts.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use dupeproof_core::{
    CallFailed, CallId, CallRequest, Config, Event, Input, Key, Mono, Now, OpId, Output, Owner, ProfileStore,
    ServerIdentity, SessionId, Span, Stored, Unix, UpdateOutcome,
};
use serde_json::{Value as Json, json};

pub(crate) const KEY: &str = "Player_1";

/// What is to happen to the next updates and reads of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error, nothing written.
    Refused,
    /// Written, and an error.
    AppliedThenError,
    /// An error, and written at [`Bench::apply_late`] if the key has not changed until then.
    AppliedLater,
    /// Another writer touches the key between read and write, so the transform runs again.
    Conflict,
    /// No answer until [`Bench::answer_held`], as if the call took that long after it was served.
    Held,
}

pub(crate) struct Server {
    pub(crate) store: ProfileStore,
    pub(crate) events: Vec<Event>,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) frozen: bool,
    pub(crate) reads: u32,
    pub(crate) updates: u32,
    topics: BTreeMap<Arc<str>, SessionId>,
    held: Vec<Input>,
    crashed: bool,
}

pub(crate) struct Bench {
    pub(crate) now: Now,
    pub(crate) servers: Vec<Server>,
    /// Of [`KEY`].
    pub(crate) value: Option<Stored>,
    /// Of all other keys.
    pub(crate) others: BTreeMap<Key, Stored>,
    pub(crate) lose_messages: bool,
    pub(crate) messages: Vec<(Arc<str>, Arc<Json>)>,
    version: u64,
    late: Vec<(u64, Key, Stored)>,
    next_session: u32,
}

impl Bench {
    pub(crate) fn new(servers: usize) -> Bench {
        let now = Now { mono: Mono(1_000_000_000), unix: Unix(1_700_001_000_000_000) };
        let mut bench = Bench {
            now,
            servers: Vec::new(),
            value: None,
            others: BTreeMap::new(),
            lose_messages: false,
            messages: Vec::new(),
            version: 0,
            late: Vec::new(),
            next_session: 0,
        };
        for _ in 0..servers {
            bench.add_server();
        }
        bench
    }

    fn add_server(&mut self) {
        let job_id = format!("job-{}", self.servers.len()).into();
        let identity = ServerIdentity { place_id: 1, job_id };
        let guid = format!("store-{}", self.servers.len()).into();
        self.servers.push(Server {
            store: ProfileStore::new(Config::default(), identity, guid, json!({"Gold": 0})),
            events: Vec::new(),
            faults: VecDeque::new(),
            frozen: false,
            reads: 0,
            updates: 0,
            topics: BTreeMap::new(),
            held: Vec::new(),
            crashed: false,
        });
    }

    pub(crate) fn start(&mut self, server: usize) -> SessionId {
        self.start_as(server, KEY, false)
    }

    pub(crate) fn start_as(&mut self, server: usize, key: &str, steal: bool) -> SessionId {
        let session = SessionId(self.next_session);
        self.next_session += 1;
        let guid = format!("guid-{}", session.0).into();
        self.input(server, Input::StartSession { session, key: key.into(), guid, steal });
        session
    }

    pub(crate) fn call(&mut self, server: usize, request: CallRequest) -> CallId {
        let call = CallId(self.next_session);
        self.next_session += 1;
        self.input(server, Input::Call { call, request });
        call
    }

    /// Runs something on a server's store, and carries out what it asks for.
    pub(crate) fn on<T>(&mut self, server: usize, run: impl FnOnce(&mut ProfileStore, Now) -> T) -> T {
        let result = run(&mut self.servers[server].store, self.now);
        self.carry_out();
        result
    }

    fn get(&self, key: &str) -> Option<Stored> {
        if key == KEY { self.value.clone() } else { self.others.get(key).cloned() }
    }

    fn put(&mut self, key: &Key, value: Option<Stored>) {
        self.version += 1;
        match value {
            value if **key == *KEY => self.value = value,
            Some(value) => drop(self.others.insert(Arc::clone(key), value)),
            None => drop(self.others.remove(key)),
        }
    }

    pub(crate) fn input(&mut self, server: usize, input: Input) {
        self.servers[server].store.handle(self.now, input);
        self.carry_out();
    }

    pub(crate) fn fault(&mut self, server: usize, fault: Fault) {
        self.servers[server].faults.push_back(fault);
    }

    pub(crate) fn crash(&mut self, server: usize) {
        self.servers[server].crashed = true;
    }

    /// The calls that were held are answered now.
    pub(crate) fn answer_held(&mut self, server: usize) {
        for input in std::mem::take(&mut self.servers[server].held) {
            self.servers[server].store.handle(self.now, input);
        }
        self.carry_out();
    }

    /// What was to be applied late is applied now, if its condition still holds.
    pub(crate) fn apply_late(&mut self) {
        for (version, key, value) in std::mem::take(&mut self.late) {
            if version == self.version {
                self.put(&key, Some(value));
            }
        }
    }

    /// Moves the time, waking servers exactly when they want to be.
    pub(crate) fn advance(&mut self, span: Span) {
        let end = self.now.mono + span;
        loop {
            let running = self.servers.iter().filter(|server| !server.frozen && !server.crashed);
            let due = running.filter_map(|server| server.store.poll_timeout()).min().filter(|due| *due <= end);
            let at = due.unwrap_or(end).max(self.now.mono);
            self.now.unix.0 += i64::try_from(at.since(self.now.mono).0).unwrap();
            self.now.mono = at;
            if due.is_none() {
                return;
            }
            for server in &mut self.servers {
                if !server.frozen && !server.crashed && server.store.poll_timeout().is_some_and(|due| due <= at) {
                    server.store.handle(self.now, Input::Wake);
                }
            }
            self.carry_out();
        }
    }

    pub(crate) fn is_active(&self, server: usize, session: SessionId) -> bool {
        self.servers[server].store.is_active(session, self.now)
    }

    pub(crate) fn set_gold(&mut self, server: usize, session: SessionId, gold: u32) {
        self.servers[server].store.data_mut(session, self.now).expect("the session is live")["Gold"] = gold.into();
    }

    pub(crate) fn stored(&self) -> Json {
        self.value.as_ref().expect("there is a record").to_json()
    }

    /// The events of a server since the last time.
    pub(crate) fn events(&mut self, server: usize) -> Vec<Event> {
        std::mem::take(&mut self.servers[server].events)
    }

    fn carry_out(&mut self) {
        loop {
            let mut idle = true;
            for server in 0..self.servers.len() {
                while let Some(output) = self.servers[server].store.poll_output() {
                    idle = false;
                    self.output(server, output);
                }
            }
            if idle {
                return;
            }
        }
    }

    fn output(&mut self, server: usize, output: Output) {
        match output {
            Output::Update { op, key } => self.update(server, op, &key),
            Output::Read { op, key } => self.read(server, op, &key),
            Output::ReadVersion { op, .. } => self.answer(server, Input::ReadDone { op, result: Ok(None) }),
            Output::ListVersions { op, .. } => self.answer(server, Input::Listed { op, result: Ok(Vec::new()) }),
            Output::Remove { op, key } => {
                let before = self.get(&key);
                self.put(&key, None);
                self.answer(server, Input::Removed { op, result: Ok(before) });
            }
            Output::Publish { op, topic, message } => {
                self.messages.push((Arc::clone(&topic), Arc::clone(&message)));
                self.answer(server, Input::Published { op, result: Ok(()) });
                if !self.lose_messages {
                    self.deliver(&topic, &message);
                }
            }
            Output::Subscribe { op, topic } => {
                if let Owner::Session(session) = op.owner {
                    self.servers[server].topics.insert(topic, session);
                }
                self.answer(server, Input::Subscribed { op, result: Ok(()) });
            }
            Output::Unsubscribe { session } => {
                self.servers[server].topics.retain(|_, subscriber| *subscriber != session);
            }
            Output::Event(event) => self.servers[server].events.push(event),
        }
    }

    fn deliver(&mut self, topic: &Arc<str>, message: &Arc<Json>) {
        for server in &mut self.servers {
            if let Some(&session) = server.topics.get(topic)
                && !server.frozen
                && !server.crashed
            {
                server.store.handle(self.now, Input::Message { session, message: Arc::clone(message) });
            }
        }
    }

    fn update(&mut self, server: usize, op: OpId, key: &Key) {
        let current = self.get(key);
        self.servers[server].updates += 1;
        let fault = self.servers[server].faults.pop_front();
        if fault == Some(Fault::Refused) {
            self.answer(server, Input::Updated { op, outcome: UpdateOutcome::Failed(None) });
            return;
        }
        if fault == Some(Fault::Conflict) {
            // The first run's result is thrown away.
            drop(self.servers[server].store.transform(op, self.now, current.as_ref()));
        }
        let transform = self.servers[server].store.transform(op, self.now, current.as_ref());
        let written = transform.write.is_some();
        if fault == Some(Fault::AppliedLater) {
            self.late.extend(transform.write.map(|value| (self.version, Arc::clone(key), value)));
            self.answer(server, Input::Updated { op, outcome: UpdateOutcome::Failed(Some(transform.plan)) });
            return;
        }
        if let Some(value) = transform.write {
            self.put(key, Some(value));
        }
        let outcome = match fault {
            Some(Fault::AppliedThenError) => UpdateOutcome::Failed(Some(transform.plan)),
            _ if written => UpdateOutcome::Committed(transform.plan),
            _ => UpdateOutcome::Cancelled(transform.plan),
        };
        self.hold_or_answer(server, fault, Input::Updated { op, outcome });
    }

    fn read(&mut self, server: usize, op: OpId, key: &Key) {
        self.servers[server].reads += 1;
        let fault = self.servers[server].faults.pop_front();
        let result = match fault {
            Some(Fault::Refused | Fault::AppliedThenError) => Err(CallFailed),
            _ => Ok(self.get(key)),
        };
        self.hold_or_answer(server, fault, Input::ReadDone { op, result });
    }

    fn hold_or_answer(&mut self, server: usize, fault: Option<Fault>, input: Input) {
        if fault == Some(Fault::Held) {
            self.servers[server].held.push(input);
        } else {
            self.answer(server, input);
        }
    }

    fn answer(&mut self, server: usize, input: Input) {
        self.servers[server].store.handle(self.now, input);
    }
}
