//! Each finding in one sentence without a full stop: the only place that words what the invariants saw.

use dupeproof_core::Span;
use dupeproof_scenarios::invariant::request_storm::{MEMORY_PER_MINUTE, PER_MINUTE, Storm, Target};
use dupeproof_scenarios::invariant::{
    admin_undone::AdminWrite, admin_undone::Undone, crashed::Crash, double_live::Overlap, edit_not_live::NotLive,
    false_ack::Unstored, items, lock_stuck::Stuck, lost_update::Overwrite, messages, older_start_won::Won,
    overdue::Overdue, purchases, shutdown_overrun::Overrun, silent_end::Silence, stale_start::Stale,
    start_refused::Refused, unasked_end::Unasked, undated_save::Undated, unfenced_write::Unfenced,
};
use dupeproof_scenarios::{Fact, Finding, game_record};
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::{EndReason, StartFailure};

use crate::picture::States;

/// What happened, with servers by their JobIds and states of data by the names that `states` gives them.
pub fn sentence(finding: &Finding, states: &States) -> String {
    let key = finding.player.map(player).unwrap_or_default();
    match &finding.fact {
        Fact::ItemDuplicated(duplicated) => item_duplicated(duplicated),
        Fact::CoinsDuplicated(sum) => {
            format!("the players began with {}, and {} are stored", coins(sum.began), sum.stored)
        }
        Fact::ItemLost(lost) => item_lost(lost),
        Fact::CoinsLost(sum) => {
            format!("the players began with {}, and only {} are stored", coins(sum.began), sum.stored)
        }
        Fact::PurchaseDuplicated(duplicated) => purchase_duplicated(duplicated),
        Fact::PurchaseLost(lost) => purchase_lost(lost),
        Fact::MessageDuplicated(duplicated) => message_duplicated(duplicated),
        Fact::MessageLost(lost) => message_lost(lost),
        Fact::LostUpdate(overwrite) => lost_update(overwrite, &key, states),
        Fact::AdminUndone(undone) => admin_undone(undone, &key),
        Fact::FalseAck(unstored) => false_ack(unstored, &key, states),
        Fact::DoubleLive(overlap) => double_live(overlap, &key, finding.lasted),
        Fact::UnfencedWrite(unfenced) => unfenced_write(unfenced, &key),
        Fact::StaleStart(stale) => stale_start(stale, &key, states),
        Fact::EditNotLive(edit) => edit_not_live(edit, &key, states),
        Fact::SilentEnd(silence) => silent_end(silence, &key),
        Fact::UnaskedEnd(unasked) => unasked_end(unasked, &key),
        Fact::StartRefused(refused) => start_refused(refused, &key),
        Fact::OlderStartWon(won) => older_start_won(won, &key),
        Fact::LockStuck(stuck) => lock_stuck(stuck, &key),
        Fact::UndatedSave(undated) => undated_save(undated, &key),
        Fact::Crashed(crash) => crashed(crash),
        Fact::Overdue(overdue) => self::overdue(overdue, &key),
        Fact::ShutdownOverrun(overrun) => shutdown_overrun(overrun),
        Fact::RequestStorm(storm) => request_storm(storm),
    }
}

/// What a player is called: as their key.
pub fn player(player: PlayerId) -> String {
    dupeproof_sim::guest::key_of(player).to_string()
}

/// What a life of a server is called: its JobId.
pub fn job(server: ServerId) -> String {
    server.job_id()
}

fn item_duplicated(items::Duplicated { item, first, second }: &items::Duplicated) -> String {
    if first == second {
        return format!("item {} is stored twice in {}", item.0, item_location(*first));
    }
    format!("item {} is stored in {} and in {}", item.0, item_location(*first), item_location(*second))
}

/// Things that a game only counts.
fn coins(number: i64) -> String {
    if number == 1 { "one coin".to_owned() } else { format!("{number} coins") }
}

fn item_location(location: items::Location) -> String {
    let part = match location.part {
        items::Part::Data => "data",
        items::Part::Escrow => "escrow",
        items::Part::Queue => "message queue",
        items::Part::Shared => return "a record that belongs to no player".to_owned(),
    };
    format!("{}'s {part}", player(location.player))
}

fn item_lost(lost: &items::Lost) -> String {
    format!("item {}, which {} began with, is stored nowhere", lost.item.0, player(lost.owner))
}

fn purchase_duplicated(purchases::Duplicated { receipt, first, second }: &purchases::Duplicated) -> String {
    if first == second {
        return format!("purchase {} is twice in {}'s data", receipt.0, player(*first));
    }
    format!("purchase {} is in {}'s data and in {}'s", receipt.0, player(*first), player(*second))
}

fn purchase_lost(lost: &purchases::Lost) -> String {
    format!("purchase {} was reported as granted and is not in {}'s data", lost.receipt.0, player(lost.player))
}

fn message_duplicated(messages::Duplicated { message, first, second }: &messages::Duplicated) -> String {
    let there = message_location(*first);
    match second {
        Some(second) if second == first => format!("message {} was {there} twice", message.0),
        Some(second) => format!("message {} was {there} and {}", message.0, message_location(*second)),
        None => format!("message {} was {there} although its sender was told that it had not arrived", message.0),
    }
}

fn message_location(location: messages::Location) -> String {
    let how = if location.queued { "queued for" } else { "handled by" };
    format!("{how} {}", player(location.player))
}

fn message_lost(lost: &messages::Lost) -> String {
    let (message, to) = (lost.message.0, player(lost.to));
    format!("message {message} to {to} was accepted and is neither in {to}'s data nor in the message queue")
}

fn lost_update(overwrite: &Overwrite, key: &str, states: &States) -> String {
    match overwrite {
        Overwrite::Forgotten { writer, maker, before, after } => {
            let made = maker.map_or_else(String::new, |maker| format!(", made by {},", job(maker)));
            let (writer, before, after) = (job(*writer), states.name(*before), states.name(*after));
            format!("{writer} overwrote {before} of {key}{made} with {after}, which is not based on it")
        }
        Overwrite::NeverStored { session, state } => {
            let (server, state) = (job(session.server), states.name(*state));
            format!("{server} had not stored {state} of {key} when everything had recovered")
        }
    }
}

fn false_ack(unstored: &Unstored, key: &str, states: &States) -> String {
    match unstored {
        Unstored::State { session, state } => {
            let (server, state) = (job(session.server), states.name(*state));
            format!("{server} was told that {state} of {key} was stored although it was not")
        }
        Unstored::Purchase { server, receipt } => {
            let (server, receipt) = (job(*server), receipt.0);
            format!(
                "{server} answered receipt {receipt} of {key} with PurchaseGranted before it was stored: Roblox delivers it no \
                 more, and a crash would lose it"
            )
        }
    }
}

fn double_live(overlap: &Overlap, key: &str, lasted: Option<Span>) -> String {
    let (first, second) = (job(overlap.first.server), job(overlap.second.server));
    let lasted = lasted.unwrap_or_default();
    let long =
        if lasted < Span::millis(1) { "less than 0.001 s".into() } else { format!("{:.3} s", lasted.as_secs_f64()) };
    format!("{first} and {second} both held a live session of {key} for {long}")
}

fn unfenced_write(unfenced: &Unfenced, key: &str) -> String {
    match unfenced {
        Unfenced::Data { earlier, later } => {
            let (is_same, earlier, later) = (earlier.server == later.server, job(earlier.server), job(later.server));
            if is_same {
                return format!(
                    "data of an earlier session of {key} on {earlier} was stored after a later one there had begun"
                );
            }
            format!("data of {earlier}'s session of {key} was stored after the later session on {later} had begun")
        }
        Unfenced::ForeignLock { writer, holder } => {
            let holder = holder.map_or_else(|| "another server".into(), job);
            format!("{} cleared the lock of {key} although {holder} held it", job(*writer))
        }
        Unfenced::OwnLock { running } => {
            format!("{} cleared the lock of {key} while its own session was running", job(running.server))
        }
    }
}

fn stale_start(stale: &Stale, key: &str, states: &States) -> String {
    let (server, got, stored) = (job(stale.session.server), states.name(stale.got), states.name(stale.stored));
    format!("{server} began a session of {key} with {got} although {stored} was stored")
}

fn edit_not_live(edit: &NotLive, key: &str, states: &States) -> String {
    let (server, state) = (job(edit.session.server), states.name(edit.state));
    format!("{server} made {state} of {key} while its session was not live")
}

fn silent_end(silence: &Silence, key: &str) -> String {
    let (server, later) = (job(silence.session.server), job(silence.later.server));
    format!("{server} was never told that its session of {key} was over although {later} had begun a later one")
}

fn lock_stuck(stuck: &Stuck, key: &str) -> String {
    match stuck {
        Stuck::NotLoaded { waited, .. } => {
            let seconds = waited.as_secs_f64();
            format!("{key} could not be loaded on a fresh server within {seconds:.0} s of arriving there")
        }
        Stuck::LeftBehind { holder } => {
            let server = job(*holder);
            format!(
                "{server} left its lock of {key} behind although all players had left and it could have released the lock"
            )
        }
        Stuck::LeftInRecord { what } => {
            format!("{key} had {} although all its sessions were over", what.about())
        }
        Stuck::Subscribed { server, left } => {
            format!("{} kept {left} subscriptions although all its sessions were over", job(*server))
        }
        Stuck::Coordinator { trade } => {
            let key = game_record::trade_key(*trade);
            format!("{key}, the record that decided a trade, was left behind, and nobody will remove it")
        }
    }
}

fn crashed(crash: &Crash) -> String {
    format!("on {}: {}", job(crash.server), crash.text.trim_end())
}

fn shutdown_overrun(overrun: &Overrun) -> String {
    format!("{} was killed 30 s after BindToClose although nothing had delayed it", job(overrun.server))
}

fn request_storm(storm: &Storm) -> String {
    let (key, per_minute) = match &storm.target {
        Target::Player(target) => (player(*target), PER_MINUTE),
        Target::Trade(trade) => (game_record::trade_key(*trade).to_string(), PER_MINUTE),
        Target::MemoryItem(item) => (format!("the item {item} of a memory store"), MEMORY_PER_MINUTE),
    };
    let server = job(storm.server);
    format!("{server} kept requesting {key} more than {per_minute} times a minute without having anything to do there")
}

fn overdue(overdue: &Overdue, key: &str) -> String {
    match overdue {
        Overdue::Notice { session, taker } => {
            let (server, taker) = (job(session.server), job(*taker));
            format!(
                "{server} took its session of {key} for live more than a lease after {taker} had taken the lock away"
            )
        }
        Overdue::HandOver { holder, waiter, after } => {
            let (holder, waiter, seconds) = (job(*holder), job(*waiter), after.as_secs_f64());
            format!("{waiter} took the lock of {key} only {seconds:.1} s after {holder} had told it that it was free")
        }
        Overdue::Save { session, after } => {
            let (server, seconds) = (job(session.server), after.as_secs_f64());
            format!("{server} left a change of {key} unsaved for {seconds:.0} s although nothing had delayed it")
        }
    }
}

fn undated_save(undated: &Undated, key: &str) -> String {
    format!("{} saved {key} and left its LastUpdate at {}", job(undated.server), undated.last_update)
}

fn unasked_end(unasked: &Unasked, key: &str) -> String {
    let server = job(unasked.session().server);
    match unasked {
        Unasked::External { .. } => {
            format!("{server} ended its session of {key} for another server although none had asked for it")
        }
        Unasked::Ended { reason, .. } => {
            let why = match reason {
                EndReason::Lost => "as lost",
                EndReason::Removed => "as removed",
                EndReason::Overwritten => "as overwritten",
                EndReason::Shutdown => "for a shutdown",
                EndReason::External | EndReason::Manual => "for another server",
            };
            format!("{server} ended its session of {key} {why} although all was well and the player was there")
        }
        Unasked::Suspended { .. } => {
            format!("{server} suspended its session of {key} although all was well and the player was there")
        }
    }
}

fn start_refused(refused: &Refused, key: &str) -> String {
    let (server, waited) = (job(refused.server), refused.waited.as_secs_f64());
    let begin = format!("{server} gave up a start of {key} after {waited:.1} s ({})", failure_words(refused.failure));
    match refused.gone {
        Some(holder) => format!("{begin} although {}, which held the lock, was long gone", job(holder)),
        None => format!("{begin} although nobody had the profile"),
    }
}

fn older_start_won(won: &Won, key: &str) -> String {
    let (session, newest, later) = (job(won.session.server), job(won.newest), won.later.as_secs_f64());
    format!(
        "{session} got the session of {key}, although its player came to {newest} {later:.1} s later and waited there"
    )
}

fn admin_undone(undone: &Undone, key: &str) -> String {
    let (session, admin) = (job(undone.session.server), job(undone.admin));
    match undone.what {
        AdminWrite::Erased => {
            format!("{session} stored {key} again after an administrator on {admin} had erased it")
        }
        AdminWrite::Restored => {
            format!("{session} overwrote {key} after an administrator on {admin} had restored it")
        }
    }
}

/// Why a start failed.
pub fn failure_words(failure: StartFailure) -> &'static str {
    match failure {
        StartFailure::AlreadyActive => "it already has one",
        StartFailure::Superseded => "a newer start replaced it",
        StartFailure::Cancelled => "the game cancelled the start",
        StartFailure::TimedOut => "it took too long",
        StartFailure::Closing => "the server is shutting down",
        StartFailure::Failed => "what is stored could not be used, or the module failed",
        StartFailure::ReservedKey => "its key is reserved for trades",
    }
}
