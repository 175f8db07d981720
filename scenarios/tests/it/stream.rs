//! Hand-built event streams: what a run might have told, written down second by second.

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_scenarios::measure::Sample;
use dupeproof_scenarios::{Coverage, Finding, Invariants, Measures};
use dupeproof_sim::guest::{Acquired, Command, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, SessionNo, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, PlayerPlan, Schedule, ServerPlan, ServiceProfile};
use dupeproof_sim::trace::{Event, Observer};
use dupeproof_sim::{EndReason, FindingKind, Global, GuestEvent, ServiceError, StartFailure, Version};
use serde_json::{Value as Json, json};

/// A run of three servers, told by hand. Player 0's session on server `s` is session 1 there.
pub(crate) struct Stream {
    invariants: Invariants,
    at: Global,
    stored: Vec<Option<Stored>>,
    versions: u64,
}

/// The first life of a slot.
pub(crate) const fn server(slot: u16) -> ServerId {
    ServerId { slot, life: 0 }
}

pub(crate) const PLAYER: PlayerId = PlayerId(0);
pub(crate) const SESSION: SessionNo = SessionNo(1);

/// Data with this stamp, as the naive script stores it.
pub(crate) fn unlocked(stamp: u64) -> Stored {
    Stored::from_json(json!({ "Items": [], "Stamp": stamp }))
}

/// A record with this stamp, locked by a job.
pub(crate) fn record(stamp: u64, holder: Option<ServerId>) -> Stored {
    let mut meta = json!({ "ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1 });
    if let Some(holder) = holder {
        meta["ActiveSession"] = json!([1, holder.job_id(), "guid"]);
    }
    Stored::from_json(json!({ "Data": { "Items": [], "Stamp": stamp }, "MetaData": meta, "GlobalUpdates": [0, []] }))
}

/// The same, locked by a server in Studio, where every JobId is empty.
pub(crate) fn studio_record(stamp: u64, guid: &str) -> Stored {
    let mut json = record(stamp, None).to_json();
    json["MetaData"]["ActiveSession"] = json!([1, "", guid]);
    Stored::from_json(json)
}

/// The same, locked by the start that was the so-manieth of this profile.
pub(crate) fn studio_start(stamp: u64, load_count: u64) -> Stored {
    let mut json = studio_record(stamp, "a").to_json();
    json["MetaData"]["SessionLoadCount"] = json!(load_count);
    Stored::from_json(json)
}

impl Stream {
    /// Players with so many items; servers 0 to 2 are up.
    pub(crate) fn of_players(items: &[Option<u8>]) -> Stream {
        Stream::laid_out(items, RecordLayout::Record)
    }

    /// The same, of a subject that keeps things elsewhere.
    pub(crate) fn laid_out(items: &[Option<u8>], layout: RecordLayout) -> Stream {
        Stream::scheduled(items, layout, |_| {})
    }

    /// The same, in a world of its own.
    pub(crate) fn scheduled(items: &[Option<u8>], layout: RecordLayout, change: impl FnOnce(&mut Schedule)) -> Stream {
        let mut schedule = Schedule {
            seed: 0,
            subject: "told by hand".to_owned(),
            servers: vec![ServerPlan::default(); 3],
            players: items.iter().map(|&items| PlayerPlan { items }).collect(),
            services: ServiceProfile::default(),
            timeline: Vec::new(),
            length: Span::secs(1_000),
            ..Schedule::default()
        };
        change(&mut schedule);
        let mut stream = Stream {
            invariants: Invariants::new(&schedule, layout),
            at: Global(0),
            stored: vec![None; items.len()],
            versions: 0,
        };
        for slot in 0..3 {
            stream.tell(0.0, Event::ServerStarted { server: server(slot) });
        }
        stream
    }

    /// One player without items.
    pub(crate) fn new() -> Stream {
        Stream::of_players(&[Some(0)])
    }

    /// What the subject promises beside its kinds of findings.
    pub(crate) fn promises(&mut self, start_bound: Span, auto_save: Option<Span>) -> &mut Stream {
        self.invariants.promise(start_bound, auto_save);
        self
    }

    /// The player's start on a server fails.
    pub(crate) fn fails(&mut self, second: f64, slot: u16, failure: StartFailure) -> &mut Stream {
        self.says(second, slot, GuestEvent::StartFailed { player: PLAYER, failure })
    }

    /// Any event, at a second not before the last.
    #[expect(clippy::needless_pass_by_value, reason = "events are made where they are told")]
    pub(crate) fn tell(&mut self, second: f64, event: Event) -> &mut Stream {
        let at = global(second);
        assert!(at >= self.at, "a stream is told in order of time");
        self.at = at;
        self.invariants.observe(at, &event);
        self
    }

    fn guest(&mut self, second: f64, slot: u16, live_until: Option<f64>, event: GuestEvent) -> &mut Stream {
        self.tell(second, Event::Guest { server: server(slot), live_until: live_until.map(global), event })
    }

    /// The player's session on a server goes live, until a second or until it ends.
    pub(crate) fn starts(&mut self, second: f64, slot: u16, stamp: u64, until: Option<f64>) -> &mut Stream {
        self.starts_as(second, slot, stamp, until, Acquired::Free)
    }

    /// The same, saying how the lock was acquired.
    pub(crate) fn starts_as(
        &mut self,
        second: f64,
        slot: u16,
        stamp: u64,
        until: Option<f64>,
        acquired: Acquired,
    ) -> &mut Stream {
        let live_until = until.map(|_| Mono(0));
        let (session, stamp) = (SESSION, Stamp(stamp));
        let event = GuestEvent::SessionStarted { session, player: PLAYER, stamp, live_until, acquired };
        self.guest(second, slot, until, event)
    }

    pub(crate) fn renewed(&mut self, second: f64, slot: u16, until: f64) -> &mut Stream {
        self.guest(second, slot, Some(until), GuestEvent::Renewed { session: SESSION, live_until: Mono(0) })
    }

    pub(crate) fn suspended(&mut self, second: f64, slot: u16) -> &mut Stream {
        self.guest(second, slot, None, GuestEvent::Suspended { session: SESSION })
    }

    pub(crate) fn resumed(&mut self, second: f64, slot: u16, until: f64) -> &mut Stream {
        self.guest(second, slot, Some(until), GuestEvent::Resumed { session: SESSION, live_until: Mono(0) })
    }

    pub(crate) fn ends(&mut self, second: f64, slot: u16) -> &mut Stream {
        self.ends_as(second, slot, EndReason::Manual)
    }

    pub(crate) fn ends_as(&mut self, second: f64, slot: u16, reason: EndReason) -> &mut Stream {
        self.guest(second, slot, None, GuestEvent::SessionEnded { session: SESSION, reason })
    }

    pub(crate) fn edits(&mut self, second: f64, slot: u16, parent: u64, stamp: u64) -> &mut Stream {
        let (stamp, parent) = (Stamp(stamp), Stamp(parent));
        self.guest(second, slot, None, GuestEvent::Edited { session: SESSION, stamp, parent })
    }

    /// A server's write is applied.
    pub(crate) fn commits(&mut self, second: f64, slot: u16, after: Option<Stored>) -> &mut Stream {
        self.commits_for(second, server(slot), PLAYER, after)
    }

    /// A write to any player's record, by a server in any life.
    pub(crate) fn commits_for(
        &mut self,
        second: f64,
        server: ServerId,
        player: PlayerId,
        after: Option<Stored>,
    ) -> &mut Stream {
        let before = std::mem::replace(&mut self.stored[usize::from(player.0)], after.clone());
        self.versions += 1;
        let (id, key, version) = (RequestId(1), key_of(player), Version(self.versions));
        self.tell(second, Event::Committed { server, id, key, version, before, after })
    }

    /// The last commit's request is answered.
    pub(crate) fn answered(&mut self, second: f64, slot: u16, error: Option<ServiceError>) -> &mut Stream {
        let (server, id, kind) = (server(slot), RequestId(1), RequestKind::CompareAndSet);
        self.tell(second, Event::Answered { server, id, kind, error, after: Span::ZERO })
    }

    pub(crate) fn crashes(&mut self, second: f64, slot: u16) -> &mut Stream {
        self.tell(second, Event::ServerCrashed { server: server(slot) })
    }

    /// The fresh server (slot 3) starts and the player arrives there.
    pub(crate) fn probes(&mut self, second: f64) -> &mut Stream {
        self.tell(second, Event::ServerStarted { server: server(3) });
        self.tell(second, Event::FinalCheckBegan { server: server(3) });
        self.settling(second, Command::Join(PLAYER))
    }

    /// The settling has somebody on the fresh server do something.
    pub(crate) fn settling(&mut self, second: f64, command: Command) -> &mut Stream {
        self.tell(second, Event::Acted { step: None, action: Action::Command { server: 3, command } })
    }

    /// The run is over; each player's items as they are stored.
    pub(crate) fn over(&mut self, second: f64, stored: &[&[u32]]) -> &mut Stream {
        let value = |items: &&[u32]| Stored::from_json(json!({ "Items": items, "Stamp": 0 }));
        let keys = (0..).map(|player| key_of(PlayerId(player)));
        let store = keys.zip(stored.iter().map(value)).collect();
        self.tell(second, Event::Ended { store })
    }

    /// The run is over; the whole store, by key.
    pub(crate) fn over_with(&mut self, second: f64, stored: &[(&str, Json)]) -> &mut Stream {
        let store = stored.iter().map(|(key, json)| ((*key).into(), Stored::from_json(json.clone()))).collect();
        self.tell(second, Event::Ended { store })
    }

    /// Somebody does something on a server.
    pub(crate) fn acts(&mut self, second: f64, slot: u16, command: Command) -> &mut Stream {
        self.tell(second, Event::Acted { step: Some(0), action: Action::Command { server: slot, command } })
    }

    /// A guest says something.
    pub(crate) fn says(&mut self, second: f64, slot: u16, event: GuestEvent) -> &mut Stream {
        self.guest(second, slot, None, event)
    }

    /// Another player's session on a server begins, with the untouched state.
    pub(crate) fn starts_for(&mut self, second: f64, slot: u16, player: PlayerId) -> &mut Stream {
        let acquired = Acquired::Free;
        let event =
            GuestEvent::SessionStarted { session: SESSION, player, stamp: Stamp(0), live_until: None, acquired };
        self.guest(second, slot, None, event)
    }

    /// The player's game is told that this state is stored.
    pub(crate) fn saved(&mut self, second: f64, slot: u16, stamp: u64) -> &mut Stream {
        self.guest(second, slot, None, GuestEvent::Saved { session: SESSION, stamp: Stamp(stamp) })
    }

    /// So many requests of a server for a key, at one moment.
    pub(crate) fn asks(&mut self, second: f64, slot: u16, key: &str, times: u32) -> &mut Stream {
        for _ in 0..times {
            let (server, kind, target) = (server(slot), RequestKind::Get, Some(key.into()));
            self.tell(second, Event::Requested { server, id: RequestId(1), kind, target });
        }
        self
    }

    /// What was measured.
    pub(crate) fn measures(&mut self) -> Measures {
        let mut measures = Measures::default();
        measures.take(&self.samples());
        measures
    }

    /// The same one by one.
    pub(crate) fn samples(&mut self) -> Vec<Sample> {
        let empty = Stream::new_invariants();
        let (_, _, samples) = std::mem::replace(&mut self.invariants, empty).into_verdict();
        samples
    }

    /// What was found and seen.
    pub(crate) fn verdict(&mut self) -> (Vec<Finding>, Coverage) {
        let empty = Stream::new_invariants();
        let (findings, coverage, _) = std::mem::replace(&mut self.invariants, empty).into_verdict();
        (findings, coverage)
    }

    /// What was found.
    pub(crate) fn kinds(&mut self) -> Vec<FindingKind> {
        self.verdict().0.into_iter().map(|finding| finding.kind()).collect()
    }

    fn new_invariants() -> Invariants {
        Invariants::new(
            &Schedule {
                seed: 0,
                subject: String::new(),
                servers: Vec::new(),
                players: Vec::new(),
                services: ServiceProfile::default(),
                timeline: Vec::new(),
                length: Span::ZERO,
                ..Schedule::default()
            },
            RecordLayout::Record,
        )
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a test")]
fn global(second: f64) -> Global {
    Global((second * 1e6) as u64)
}
