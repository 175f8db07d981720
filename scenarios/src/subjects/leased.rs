//! What the subjects whose sessions are leases have in common: what they promise, and what they store.

use std::collections::BTreeMap;

use dupeproof_core::{Config, Constant, ConstantError, ServerIdentity, Span, Stored};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, FindingKind, Schedule};
use serde_json::json;

use crate::{game_record, suggest};

/// `game.PlaceId` of every simulated server.
const PLACE_ID: i64 = 1;

/// Everything but that items stay single and stay at all when games swap them in memory, which no lock on single
/// keys can promise.
pub(super) const CONTRACT: Contract = Contract {
    never: &[
        FindingKind::DoubleLive,
        FindingKind::UnfencedWrite,
        FindingKind::LostUpdate,
        FindingKind::StaleStart,
        FindingKind::EditNotLive,
        FindingKind::SilentEnd,
        FindingKind::FalseAck,
        FindingKind::MessageLost,
        FindingKind::MessageDuplicated,
        FindingKind::PurchaseDuplicated,
        FindingKind::PurchaseLost,
        FindingKind::AdminUndone,
        FindingKind::UnaskedEnd,
        FindingKind::StartRefused,
        FindingKind::OlderStartWon,
        FindingKind::LockStuck,
        FindingKind::Overdue,
        FindingKind::UndatedSave,
        FindingKind::ShutdownOverrun,
        FindingKind::RequestStorm,
        FindingKind::Crashed,
    ],
    // LEASE × (1 + DRIFT) is 47.25 s, by clocks up to 2.4 % slow; the rest is calls at the default latencies.
    start_bound: Span::secs(60),
    drain_bound: Span::secs(60),
    auto_save: None,
};

/// The record of a player who has played before and owns these items.
pub(crate) fn record(items: &[u32]) -> Stored {
    Stored::from_json(json!({
        "Data": game_record::data(items),
        "GlobalUpdates": [0, []],
        "MetaData": {
            "LastUpdate": 1_700_001_020,
            "MetaTags": [],
            "ProfileCreateTime": 1_700_001_000,
            "SessionLoadCount": 1,
        },
        "RobloxMetaData": [],
        "UserIds": [],
        "WasOverwritten": false,
    }))
}

/// The same, full of receipts, and of senders of messages, that nothing will be heard of any more.
pub(super) fn full_record(items: &[u32], remembered: u32) -> Stored {
    let mut json = record(items).to_json();
    let old = |number: u32| format!("old-{number}");
    json["MetaData"]["Receipts"] = (0..remembered).map(old).collect();
    json["MessageSenders"] = (0..remembered).map(|number| json!([old(number), 1])).collect();
    Stored::from_json(json)
}

/// The constants of a server that starts: those that a scenario sets count for more than those that were drawn.
pub(super) fn config_of(own: &Config, boot: &Boot) -> Config {
    let mut config = own.clone();
    if boot.game.auto_save_period > Span::ZERO {
        config.auto_save_period = boot.game.auto_save_period;
    }
    if boot.game.load_repeat_period > Span::ZERO {
        config.load_repeat_period = boot.game.load_repeat_period;
    }
    if boot.game.message_queue > 0 {
        config.max_message_queue = usize::try_from(boot.game.message_queue).unwrap_or(usize::MAX);
    }
    let mut config = with_constants(config, &boot.constants);
    if boot.lease > Span::ZERO {
        config.lease = boot.lease;
    }
    if let remembered @ 1.. = boot.game.remembered {
        let remembered = usize::try_from(remembered).unwrap_or(usize::MAX);
        (config.max_receipts, config.max_message_senders) = (remembered, remembered);
    }
    config
}

/// Sets the constants of a schedule, which whoever made it has checked.
fn with_constants(mut config: Config, constants: &BTreeMap<String, u64>) -> Config {
    for (name, value) in constants {
        config.set_constant(name, *value).expect("whoever made the schedule has checked its constants");
    }
    config
}

/// How long a start may take when all is healed: what the contract says, and longer where a lease may have to be waited
/// for that is longer than the default. The slowest clock is 2.4 % slow.
pub(super) fn start_bound(own: &Config, schedule: &Schedule) -> Span {
    let config = with_constants(own.clone(), &schedule.constants);
    let longest = schedule.leases().fold(config.lease, Span::max);
    let usual = config.takeover_wait(Config::default().lease);
    let longer = Span(config.takeover_wait(longest).0.saturating_sub(usual.0));
    CONTRACT.start_bound + longer.scaled(1_000, 976)
}

/// Whether there is such a constant.
pub(super) fn check_constant(name: &str, value: u64) -> Result<(), String> {
    Config::default().set_constant(name, value).map_err(|error| match error {
        ConstantError::Unknown { name } => {
            suggest::unknown("constant", &name, Constant::ALL.iter().map(|constant| constant.name))
        }
        error => error.to_string(),
    })
}

/// Who a server is.
pub(super) fn server(boot: &Boot) -> ServerIdentity {
    ServerIdentity { place_id: PLACE_ID, job_id: boot.job_id.as_str().into() }
}
