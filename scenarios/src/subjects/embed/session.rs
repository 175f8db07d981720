//! The life of one session, as its game goes through it.

use std::rc::Rc;

use dupeproof_embed::{StartError, StartParams};
use dupeproof_sim::GuestEvent;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, SessionNo, TradeId};
use tokio::sync::oneshot;

use super::game::{Game, Profile};
use crate::game_record;
use crate::subjects::change::Change;

/// From the request to start it until nothing is left to be told of it.
pub(super) async fn run(
    game: Rc<Game>,
    player: PlayerId,
    session: SessionNo,
    steal: bool,
    left: oneshot::Receiver<()>,
) {
    let cancel = Box::pin(async move { drop(left.await) });
    let params = StartParams { steal, cancel: Some(cancel) };
    match game.store.start_session(&key_of(player), params).await {
        Ok(profile) => play(&game, player, session, &profile).await,
        Err(StartError::Failed(failure)) => {
            game.send_home(player, session);
            game.services.tell(GuestEvent::StartFailed { player, failure });
        }
        Err(StartError::Name(error)) => unreachable!("players have good keys: {error}"),
    }
}

async fn play(game: &Game, player: PlayerId, session: SessionNo, profile: &Profile) {
    let services = &game.services;
    let mut saved = profile.on_after_save();
    let mut suspended = profile.on_suspend();
    let mut resumed = profile.on_resume();
    let mut ended = profile.on_session_end();
    services.tell(GuestEvent::SessionStarted {
        session,
        player,
        // Nobody has edited it yet.
        stamp: game_record::stamp(&profile.last_saved_data()),
        live_until: profile.live_until(),
        acquired: profile.acquired(),
    });
    set_handlers(game, session, profile);
    if !game.begin(player, session, profile) {
        profile.end_session();
    }
    loop {
        // Of what has happened at one moment, the end comes last.
        tokio::select! {
            biased;
            Some(data) = saved.next() => services.tell(GuestEvent::Saved { session, stamp: game_record::stamp(&data) }),
            Some(()) = suspended.next() => services.tell(GuestEvent::Suspended { session }),
            Some(()) = resumed.next() => {
                if let Some(live_until) = profile.live_until() {
                    game.resumed(player, session, live_until);
                    services.tell(GuestEvent::Resumed { session, live_until });
                }
            }
            Some(reason) = ended.next() => {
                game.send_home(player, session);
                services.tell(GuestEvent::SessionEnded { session, reason });
            }
            else => break,
        }
    }
}

/// What they do is told at once, before anything of it can be stored.
fn set_handlers(game: &Game, session: SessionNo, profile: &Profile) {
    let services = game.services.clone();
    profile.trade_handler(move |data, decided| {
        // Of another game's trades this one knows nothing.
        let Ok(trade) = decided.trade.parse().map(TradeId) else { return };
        let change = Change::settle(data, services.stamp(), trade, decided.committed, &decided.items);
        services.report_change(session, change);
    });
    let services = game.services.clone();
    profile.message_handler(move |data, message| {
        let change = Change::read(data, services.stamp(), message);
        change.map(|change| services.report_change(session, change)).is_some()
    });
}
