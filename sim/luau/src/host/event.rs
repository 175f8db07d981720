//! `host.emit(name, ...)`: the game on a server reports on its sessions.

use dupeproof_sim::GuestEvent;

use super::arguments::Arguments;

/// The event with this name. Sessions of scripts have no lease: they are live until the module says they are not.
pub(super) fn parse(arguments: Arguments<'_>) -> Result<GuestEvent, String> {
    let name = arguments.text(0)?;
    let from = arguments.rest();
    Ok(match name {
        "session_started" => GuestEvent::SessionStarted {
            session: from.session(0)?,
            player: from.player(1)?,
            stamp: from.stamp(2)?,
            live_until: None,
            acquired: from.name(3)?,
        },
        "suspended" => GuestEvent::Suspended { session: from.session(0)? },
        // No lease: half of all time, so that no sum of spans overflows.
        "resumed" => GuestEvent::Resumed { session: from.session(0)?, live_until: dupeproof_core::Mono(u64::MAX / 2) },
        "session_ended" => GuestEvent::SessionEnded { session: from.session(0)?, reason: from.name(1)? },
        "start_failed" => GuestEvent::StartFailed { player: from.player(0)?, failure: from.name(1)? },
        "saved" => GuestEvent::Saved { session: from.session(0)?, stamp: from.stamp(1)? },
        "edited" => GuestEvent::Edited { session: from.session(0)?, stamp: from.stamp(1)?, parent: from.stamp(2)? },
        "item_put_aside" => {
            GuestEvent::ItemPutAside { item: from.item(0)?, session: from.session(1)?, trade: from.trade(2)? }
        }
        "item_taken" => GuestEvent::ItemTaken { item: from.item(0)?, session: from.session(1)?, trade: from.trade(2)? },
        "trade_decided" => {
            GuestEvent::TradeDecided { session: from.session(0)?, trade: from.trade(1)?, committed: from.flag(2) }
        }
        "message_accepted" => GuestEvent::MessageAccepted { message: from.message(0)? },
        "message_refused" => GuestEvent::MessageRefused { message: from.message(0)? },
        "message_handled" => GuestEvent::MessageHandled { session: from.session(0)?, message: from.message(1)? },
        "purchase_granted" => GuestEvent::PurchaseGranted { player: from.player(0)?, receipt: from.receipt(1)? },
        "item_moved" => GuestEvent::ItemMoved { item: from.item(0)?, from: from.session(1)?, to: from.session(2)? },
        _ => return Err(format!("host.emit: there is no event `{name}`")),
    })
}
