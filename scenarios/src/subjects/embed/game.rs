//! The game: who is here, and what players and admins do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use dupeproof_core::{Config, Mono, Span};
use dupeproof_embed::ProfileStore;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, SessionNo, TradeId};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Command, GuestEvent, Output};
use futures::executor::LocalSpawner;
use futures::task::LocalSpawnExt;
use serde_json::Value as Json;
use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

use super::services::Services;
use super::session;
use crate::game_record::{self, QueuedMessage};
use crate::subjects::change::Change;
use crate::subjects::game;
use crate::subjects::leased;

/// The façade's store and profiles on a simulated server.
pub(super) type Store = ProfileStore<Services, Services, Services>;
pub(super) type Profile = dupeproof_embed::Profile<Services, Services, Services>;

/// One server's game.
pub(super) struct Game {
    pub(super) services: Services,
    pub(super) store: Store,
    players: RefCell<BTreeMap<PlayerId, Place>>,
    /// The last session of each player that has begun here.
    last: RefCell<BTreeMap<PlayerId, (SessionNo, Profile)>>,
    sessions: Cell<u32>,
    tasks: LocalSpawner,
}

/// Of a player who is here: the session that was started for them last.
struct Place {
    session: SessionNo,
    stage: Stage,
}

enum Stage {
    /// Until the session starts. Dropped when the player leaves.
    Waiting { _stay: oneshot::Sender<()> },
    /// Until the session ends, with the end of its liveness as it was told last.
    Playing { profile: Profile, live_until: Option<Mono> },
}

impl Game {
    /// The server starts.
    pub(super) fn new(config: Config, boot: &Boot, services: Services, tasks: LocalSpawner) -> Rc<Game> {
        let server = leased::server(boot);
        let (data_store, messaging, environment) = (services.clone(), services.clone(), services.clone());
        let made =
            Store::with_driver("Players", game_record::data(&[]), config, server, data_store, messaging, environment);
        let (store, driver) = made.expect("the store's name is a good one");
        let (players, last, sessions) = (RefCell::default(), RefCell::default(), Cell::new(0));
        let game = Game { services, store, players, last, sessions, tasks };
        game.spawn(driver);
        Rc::new(game)
    }

    pub(super) fn command(self: &Rc<Game>, command: Command) {
        match command {
            Command::Join(player) => self.join(player, false),
            Command::Steal(player) => self.join(player, true),
            Command::Leave(player) => self.leave(player),
            Command::Edit(player) => self.with(player, |session, profile| self.edit(session, profile)),
            Command::Errands { player, partner, errand } => self.errands(player, partner, errand),
            Command::Overfill(player) => self.with(player, |session, profile| self.overfill(session, profile)),
            Command::Save(player) => self.with(player, |session, profile| self.save(session, profile)),
            Command::Swap(first, second) => self.swap(first, second),
            Command::Trade { player, partner, trade } => {
                self.with(player, |session, profile| self.trade(session, profile, partner, trade));
            }
            Command::Gift { from, to, gift } => {
                self.with(from, |session, profile| self.gift(session, profile, to, gift));
            }
            Command::Receipt { player, receipt } => {
                self.with(player, |session, profile| self.receipt(player, session, profile, receipt));
            }
            Command::Send { to, message } => self.send(to, message),
            Command::Remove(player) => {
                let store = self.store.clone();
                self.spawn(async move { drop(store.remove(&key_of(player)).await) });
            }
            Command::Rollback(player) => self.roll_back(player),
        }
    }

    /// Sessions that acquire their locks from now on get this lease.
    pub(super) fn set_lease(&self, lease: Span) {
        let mut config = self.store.config();
        config.lease = lease;
        self.store.set_config(&config);
    }

    /// `BindToClose`.
    pub(super) fn close(&self) {
        let (store, services) = (self.store.clone(), self.services.clone());
        self.spawn(async move {
            store.shutdown().await;
            services.put(Output::Closed);
        });
    }

    /// A session has begun. False if its player has left meanwhile.
    pub(super) fn begin(&self, player: PlayerId, session: SessionNo, profile: &Profile) -> bool {
        let live_until = profile.live_until();
        self.last.borrow_mut().insert(player, (session, profile.clone()));
        let mut players = self.players.borrow_mut();
        let place = players.get_mut(&player).filter(|place| place.session == session);
        let Some(place) = place else { return false };
        place.stage = Stage::Playing { profile: profile.clone(), live_until };
        true
    }

    /// The player of a session that is over is here no more, unless a newer session was started for them.
    pub(super) fn send_home(&self, player: PlayerId, session: SessionNo) {
        let mut players = self.players.borrow_mut();
        if players.get(&player).is_some_and(|place| place.session == session) {
            players.remove(&player);
        }
    }

    /// Says whose lease was confirmed. The façade has no signal for it: it asks the clock.
    pub(super) fn look_at_leases(&self) {
        for place in self.players.borrow_mut().values_mut() {
            let Stage::Playing { profile, live_until: told } = &mut place.stage else { continue };
            let live_until = profile.live_until();
            if live_until > *told
                && let Some(live_until) = live_until
            {
                *told = Some(live_until);
                self.services.tell(GuestEvent::Renewed { session: place.session, live_until });
            }
        }
    }

    /// A session is live again until then, as was told.
    pub(super) fn resumed(&self, player: PlayerId, session: SessionNo, until: Mono) {
        if let Some(place) = self.players.borrow_mut().get_mut(&player)
            && place.session == session
            && let Stage::Playing { live_until, .. } = &mut place.stage
        {
            *live_until = Some(until);
        }
    }

    fn join(self: &Rc<Game>, player: PlayerId, steal: bool) {
        let mut players = self.players.borrow_mut();
        if players.contains_key(&player) {
            return;
        }
        let session = SessionNo(self.sessions.replace(self.sessions.get() + 1));
        let (stay, left) = oneshot::channel();
        players.insert(player, Place { session, stage: Stage::Waiting { _stay: stay } });
        self.spawn(session::run(Rc::clone(self), player, session, steal, left));
    }

    fn leave(&self, player: PlayerId) {
        let place = self.players.borrow_mut().remove(&player);
        if let Some(Place { stage: Stage::Playing { profile, .. }, .. }) = place {
            profile.end_session();
        }
    }

    /// Something that a player does whose session has begun.
    fn with(&self, player: PlayerId, act: impl FnOnce(SessionNo, &Profile)) {
        if let Some(Place { session, stage: Stage::Playing { profile, .. } }) = self.players.borrow().get(&player) {
            act(*session, profile);
        }
    }

    fn edit(&self, session: SessionNo, profile: &Profile) {
        let stamp = self.services.stamp();
        if let Ok(change) = profile.edit(|data| Change::edit(data, stamp)) {
            self.services.report_change(session, change);
        }
    }

    /// All of it must be refused.
    fn errands(&self, player: PlayerId, partner: PlayerId, errand: TradeId) {
        let last = self.last.borrow();
        let Some((session, profile)) = last.get(&player).filter(|(_, profile)| !profile.is_active()) else { return };
        self.edit(*session, profile);
        self.trade(*session, profile, partner, errand);
        self.gift(*session, profile, partner, errand);
        self.receipt(player, *session, profile, ReceiptId(errand.0));
        self.save(*session, profile);
    }

    fn overfill(&self, session: SessionNo, profile: &Profile) {
        let stamp = self.services.stamp();
        if let Ok(change) = profile.edit(|data| Change::overfill(data, stamp)) {
            self.services.report_change(session, change);
        }
    }

    /// The promise is about the data as it is now. A suspended session saves, too, but does not say what it has.
    fn save(&self, session: SessionNo, profile: &Profile) {
        let (now, saved) = (profile.data(game_record::stamp), profile.save());
        if let (Ok(stamp), Ok(saved)) = (now, saved) {
            let services = self.services.clone();
            self.spawn(async move {
                if saved.await.is_ok() {
                    services.tell(GuestEvent::Saved { session, stamp });
                }
            });
        }
    }

    /// Both profiles change in memory, after checking that both are active; they are saved whenever they are saved.
    fn swap(&self, first: PlayerId, second: PlayerId) {
        if first == second {
            return;
        }
        self.with(first, |first, firsts| {
            self.with(second, |second, seconds| {
                let (Ok(mut one), Ok(mut other)) = (firsts.data(Json::clone), seconds.data(Json::clone)) else {
                    return;
                };
                let swapped = game::swap(&mut one, &mut other);
                if swapped.is_empty() {
                    return;
                }
                for (session, profile, data) in [(first, firsts, one), (second, seconds, other)] {
                    profile.edit(|old| *old = data).expect("it is live at this moment: it has just been read");
                    self.edit(session, profile);
                }
                self.services.tell_swapped(first, second, swapped);
            });
        });
    }

    fn trade(&self, session: SessionNo, profile: &Profile, partner: PlayerId, trade: TradeId) {
        let stamp = self.services.stamp();
        let mut change = None;
        let give = |data: &mut Json| {
            let (done, item) = Change::put_aside(data, stamp, trade)?;
            change = Some(done);
            Some(game_record::offer(item))
        };
        // How it ends is told by the trade handler.
        if profile.trade(&trade.0.to_string(), &key_of(partner), give).is_ok()
            && let Some(change) = change
        {
            self.services.report_change(session, change);
        }
    }

    fn gift(&self, session: SessionNo, profile: &Profile, to: PlayerId, gift: TradeId) {
        let stamp = self.services.stamp();
        let mut change = None;
        let give = |data: &mut Json| {
            let (done, item) = Change::put_aside(data, stamp, gift)?;
            change = Some(done);
            Some(QueuedMessage::Gift { gift, item }.to_json())
        };
        // That it arrives need not be waited for.
        if profile.gift(&format!("g{}", gift.0), &key_of(to), give).is_ok()
            && let Some(change) = change
        {
            self.services.report_change(session, change);
        }
    }

    /// `ProcessReceipt`. What is not granted now is granted when it is known to be stored, or at a later delivery.
    fn receipt(&self, player: PlayerId, session: SessionNo, profile: &Profile, receipt: ReceiptId) {
        let stamp = self.services.stamp();
        let mut change = None;
        let grant = |data: &mut Json| change = Some(Change::grant(data, stamp, receipt));
        let granted = profile.purchase(&receipt.0.to_string(), grant);
        if let Some(change) = change {
            self.services.report_change(session, change);
        }
        if let Ok(granted) = granted {
            let services = self.services.clone();
            self.spawn(async move {
                if granted.await.is_ok() {
                    services.tell(GuestEvent::PurchaseGranted { player, receipt });
                }
            });
        }
    }

    fn send(&self, to: PlayerId, message: MessageId) {
        let (store, services) = (self.store.clone(), self.services.clone());
        self.spawn(async move {
            let sent = store.message(&key_of(to), QueuedMessage::Message(message).to_json()).await;
            services.tell(match sent {
                Ok(()) => GuestEvent::MessageAccepted { message },
                Err(_) => GuestEvent::MessageRefused { message },
            });
        });
    }

    /// An admin reads the record and writes it back.
    fn roll_back(&self, player: PlayerId) {
        let store = self.store.clone();
        self.spawn(async move {
            if let Ok(Some(view)) = store.get(&key_of(player), None).await {
                drop(view.set().await);
            }
        });
    }

    /// Under turmoil the server runs inside a task of tokio's, whose budget would make tokio's channels wait for a
    /// next turn that a server which runs to a standstill does not have.
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.tasks.spawn_local(unconstrained(task)).expect("the server runs its tasks as long as it has a game");
    }
}
