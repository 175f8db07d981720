//! A game server that does the same thing again and again, whatever happens: on it, the effect of a fault can be measured.
//! What a save module does about a fault hides the effect, and changes with the module.

use std::sync::Arc;

use dupeproof_core::{Mono, Now, Span, Stored};
use dupeproof_sim::guest::{Command, LogLevel, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, SubscriptionId};
use dupeproof_sim::request::{Key, MemoryAddress, MemoryAnswer, MemoryCall, MemoryValue, Structure};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Guest, GuestEvent, Input, Output, Request, Response, Subject, Turn, Version};
use serde_json::json;

/// What runs on the servers whose faults are measured: every second one request, of each kind in turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Metronome;

/// From one request to the next, by the server's own clock.
const BEAT: Span = Span::secs(1);
/// Each server stores something under such a key while it closes.
pub(super) const LAST_WORDS: &str = "LastWords_";
const CONTRACT: Contract = Contract::none(Span::secs(10), Span::secs(10));

impl Subject for Metronome {
    fn name(&self) -> &str {
        "metronome"
    }

    fn about(&self) -> &str {
        "makes one request of each kind in turn, whatever happens"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let profile = key_of(PlayerId(boot.server.slot));
        Box::new(Beating {
            server: boot.server,
            job_id: boot.job_id.clone(),
            profile,
            known: None,
            due: None,
            beats: 0,
            requests: 0,
            last_words: None,
        })
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        Stored::Other(Arc::new(json!(items)))
    }
}

struct Beating {
    server: ServerId,
    job_id: String,
    /// Each server has a profile of its own.
    profile: Key,
    /// The newest version of it that this server knows.
    known: Option<Version>,
    /// When the next request is due.
    due: Option<Mono>,
    beats: u32,
    requests: u32,
    /// What is stored while closing.
    last_words: Option<RequestId>,
}

impl Guest for Beating {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        match input {
            Input::Wake => self.wake(turn.now, out),
            Input::Response(id, answer) => {
                if let Ok(response) = answer {
                    self.answered(response, out);
                }
                if self.last_words == Some(id) {
                    out.push(Output::Closed);
                }
            }
            Input::Command(Command::Receipt { player, receipt }) => {
                out.push(Output::Event(GuestEvent::PurchaseGranted { player, receipt }));
            }
            Input::Command(Command::Leave(_)) => say(out, "leaving".into()),
            Input::Close => {
                say(out, "closing".into());
                let key = format!("{LAST_WORDS}{}", self.server.slot).into();
                self.last_words = Some(self.ask(Request::set(key, stored(u64::from(self.beats))), out));
            }
            Input::Message(..) | Input::Command(_) | Input::SetLease(_) => {}
        }
        self.due
    }
}

impl Beating {
    fn wake(&mut self, now: Now, out: &mut Vec<Output>) {
        match self.due {
            None => {
                say(out, format!("job {:?}", self.job_id));
                self.ask(subscribe("beats", 0), out);
            }
            Some(due) if due > now.mono => return,
            Some(due) => say(out, format!("late {}", now.mono.0 - due.0)),
        }
        say(out, format!("clock {} {}", now.mono.0, now.unix.0));
        self.due = Some(now.mono + BEAT);
        self.beat(out);
        self.beats += 1;
    }

    fn beat(&mut self, out: &mut Vec<Output>) {
        let other: Key = format!("Other_{}", self.server.slot).into();
        let value = stored(u64::from(self.beats));
        let attempt = self.beats / 9;
        let request = match self.beats % 9 {
            0 => Request::get(self.profile.clone()),
            1 => Request::compare_and_set(self.profile.clone(), self.known, value),
            2 => Request::Publish { topic: "beats".into(), data: Arc::new(json!(self.beats)) },
            3 => Request::set(other, value),
            4 => self.memory(MemoryCall::Set(remembered(self.beats))),
            5 => self.memory(MemoryCall::Get),
            6 => subscribe("silence", 1 + attempt),
            7 => Request::ListVersions { key: self.profile.clone(), query: Default::default(), page_size: 1 },
            _ => Request::Remove { key: other },
        };
        self.ask(request, out);
        if self.beats % 9 == 7 {
            self.ask(Request::Unsubscribe { subscription: SubscriptionId(1 + attempt) }, out);
        }
    }

    fn memory(&self, call: MemoryCall) -> Request {
        let address = MemoryAddress::new(Structure::HashMap, "beats", &self.server.slot.to_string());
        Request::Memory { address: address.to_key(), call: Box::new(call) }
    }

    fn ask(&mut self, request: Request, out: &mut Vec<Output>) -> RequestId {
        self.requests += 1;
        out.push(Output::Request(RequestId(self.requests), request));
        RequestId(self.requests)
    }

    fn answered(&mut self, response: Response, out: &mut Vec<Output>) {
        match response {
            Response::Value(reading) => {
                if reading.entry.is_none() {
                    say(out, "nothing".into());
                }
                self.known = reading.version;
            }
            Response::Committed(info) => {
                say(out, format!("written {}", info.updated_time));
                self.known = Some(info.version).max(self.known);
            }
            Response::Memory(MemoryAnswer::Item(None)) => say(out, "nothing".into()),
            _ => {}
        }
    }
}

fn say(out: &mut Vec<Output>, line: String) {
    out.push(Output::Log(LogLevel::Info, line.into()));
}

fn stored(value: u64) -> Stored {
    Stored::Other(Arc::new(json!(value)))
}

fn remembered(value: u32) -> MemoryValue {
    MemoryValue { value: Arc::new(json!(value)), expiration: 60, sort_key: None }
}

fn subscribe(topic: &str, subscription: u32) -> Request {
    Request::Subscribe { topic: topic.into(), subscription: SubscriptionId(subscription) }
}
