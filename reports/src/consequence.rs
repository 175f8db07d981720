//! What a finding means for the players of the game, in one sentence without a full stop.

use dupeproof_core::Span;
use dupeproof_scenarios::invariant::{
    admin_undone::AdminWrite, false_ack::Unstored, items, lock_stuck::Stuck, lost_update::Overwrite, messages,
    overdue::Overdue, unasked_end::Unasked, unfenced_write::Unfenced,
};
use dupeproof_scenarios::{Fact, Finding};

use crate::format;
use crate::wording::{job, player as name};

/// Who has what, lacks what, or waits for what.
pub fn sentence(finding: &Finding) -> String {
    let who = finding.player.map_or_else(|| "a player".to_owned(), name);
    match &finding.fact {
        Fact::ItemDuplicated(items) => duplicated(items),
        Fact::CoinsDuplicated(sum) => format!("the players together have {} too many", coins(sum)),
        Fact::ItemLost(lost) => format!("{} has lost item {} for good: nobody has it", name(lost.owner), lost.item.0),
        Fact::CoinsLost(sum) => format!("the players together have lost {} for good", coins(sum)),
        Fact::PurchaseDuplicated(found) => {
            format!("{} paid once for purchase {}, and it was granted twice", name(found.first), found.receipt.0)
        }
        Fact::PurchaseLost(lost) => {
            format!("{} paid for purchase {} and does not have it", name(lost.player), lost.receipt.0)
        }
        Fact::MessageDuplicated(found) => message_duplicated(found),
        Fact::MessageLost(lost) => {
            format!("{} never gets message {}, which its sender takes for delivered", name(lost.to), lost.message.0)
        }
        Fact::LostUpdate(Overwrite::Forgotten { .. }) => {
            format!("{who} has lost progress that was saved: it was overwritten")
        }
        Fact::LostUpdate(Overwrite::NeverStored { .. }) => {
            format!("{who} has lost the last changes: they were never saved")
        }
        Fact::AdminUndone(undone) => match undone.what {
            AdminWrite::Erased => format!("the data of {who}, which was erased, is there again"),
            AdminWrite::Restored => format!("{who} does not have what an administrator had restored"),
        },
        Fact::FalseAck(unstored) => false_ack(unstored, &who),
        Fact::DoubleLive(_) => double_live(finding, &who),
        Fact::UnfencedWrite(Unfenced::Data { .. }) => {
            format!("what {who} does in the later session can be lost: the earlier one still wrote over it")
        }
        Fact::UnfencedWrite(Unfenced::ForeignLock { .. } | Unfenced::OwnLock { .. }) => {
            format!("another server can load the data of {who} while it is in use: what one of them saves is lost")
        }
        Fact::StaleStart(_) => format!("{who} plays on with old data: the latest changes are missing"),
        Fact::EditNotLive(_) => format!("what {who} does now will not be saved"),
        Fact::SilentEnd(found) => {
            format!("{who} plays on, on {}, and nothing of that will be saved", job(found.session.server))
        }
        Fact::UnaskedEnd(Unasked::Suspended { .. }) => {
            format!("{who} cannot change anything for a while, for no reason")
        }
        Fact::UnaskedEnd(Unasked::External { .. } | Unasked::Ended { .. }) => {
            format!("{who} is thrown out of the game for no reason")
        }
        Fact::StartRefused(_) => format!("{who} cannot play, though nothing is in the way"),
        Fact::OlderStartWon(won) => {
            format!("{who} waits on {}, and a server that they have left has their data", job(won.newest))
        }
        Fact::LockStuck(stuck) => lock_stuck(stuck, &who),
        Fact::UndatedSave(_) => format!("another server may take {who} for gone, and take over in the middle of play"),
        Fact::Crashed(crash) => {
            format!("everybody on {} is without the game's scripts, or without a part of them", job(crash.server))
        }
        Fact::Overdue(overdue) => self::overdue(overdue, &who),
        Fact::ShutdownOverrun(found) => {
            format!("whoever was on {} may have lost what was not saved yet", job(found.server))
        }
        Fact::RequestStorm(found) => {
            format!("everybody on {} waits: requests for nothing use up the budget", job(found.server))
        }
    }
}

fn duplicated(items: &items::Duplicated) -> String {
    let item = items.item.0;
    let owner = |place: items::Location| match place.part {
        items::Part::Shared => "a record that belongs to no player".to_owned(),
        _ => name(place.player),
    };
    let (first, second) = (owner(items.first), owner(items.second));
    if first == second {
        return format!("{first} has item {item} twice");
    }
    format!("{first} and {second} both have item {item}, of which there was one")
}

fn message_duplicated(found: &messages::Duplicated) -> String {
    let (to, message) = (name(found.first.player), found.message.0);
    match found.second {
        Some(_) => format!("{to} gets twice what message {message} brings"),
        None => format!(
            "{to} gets message {message}, and its sender, who was told that it did not arrive, may send it again"
        ),
    }
}

fn false_ack(unstored: &Unstored, who: &str) -> String {
    match unstored {
        Unstored::State { .. } => {
            format!("the game takes changes of {who} for saved, and they are not: whatever relies on that is wrong")
        }
        Unstored::Purchase { receipt, .. } => {
            format!("{who} loses purchase {} if the server stops now: Roblox will not deliver it again", receipt.0)
        }
    }
}

/// By how many the sum of all coins is wrong.
fn coins(sum: &items::Sum) -> String {
    format::counted(sum.stored.abs_diff(sum.began), "coin")
}

fn overdue(overdue: &Overdue, who: &str) -> String {
    let told = |span: Span| format::span(span.as_secs_f64());
    match overdue {
        Overdue::Notice { session, .. } => {
            format!(
                "{who} plays on, on {}, after the session is over, and nothing of that is saved",
                job(session.server)
            )
        }
        Overdue::HandOver { waiter, after, .. } => {
            format!("{who} waits {} longer than needed on {}", told(*after), job(*waiter))
        }
        Overdue::Save { after, .. } => format!("a crash would cost {who} the last {} of play", told(*after)),
    }
}

fn double_live(finding: &Finding, who: &str) -> String {
    // Below, it would be told as 0 s.
    const SHORTEST: f64 = 0.05;
    let seconds = finding.lasted.unwrap_or_default().as_secs_f64();
    let span = if seconds < SHORTEST { "a moment".to_owned() } else { format::span(seconds) };
    format!("two servers change the data of {who} at the same time, for {span}: the changes of one of them get lost")
}

fn lock_stuck(stuck: &Stuck, who: &str) -> String {
    match stuck {
        Stuck::NotLoaded { waited, .. } => {
            format!("{who} cannot play: nothing is loaded after {}", format::span(waited.as_secs_f64()))
        }
        Stuck::LeftBehind { .. } => format!("{who} has to wait on the next server for a lock that nobody uses"),
        Stuck::LeftInRecord { what } => format!("the record of {who} keeps {} that nobody will ever use", what.about()),
        Stuck::Subscribed { server, .. } => {
            format!("nobody loses anything yet; {} keeps subscriptions until it has no more to give", job(*server))
        }
        Stuck::Coordinator { .. } => "nobody loses anything; a record of a trade stays for ever".to_owned(),
    }
}
