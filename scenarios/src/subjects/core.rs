//! The Rust core with a game on top.

mod commands;
mod guest;
mod signals;
mod words;

use dupeproof_core::{Config, Span, Stored};
use dupeproof_sim::guest::PlayerId;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Guest, Subject};
use serde_json::json;

use super::game;

/// The Rust core.
#[derive(Clone, Debug, Default)]
pub struct CoreSubject {
    config: Config,
}

impl CoreSubject {
    /// The core with other constants.
    pub fn with_config(config: Config) -> CoreSubject {
        CoreSubject { config }
    }
}

/// Everything but that items stay single and stay at all when games swap them in memory, which no lock on single
/// keys can promise.
const CONTRACT: Contract = Contract {
    never: &[
        "DoubleLive",
        "UnfencedWrite",
        "LostUpdate",
        "StaleStart",
        "SilentEnd",
        "FalseAck",
        "MessageLost",
        "MessageDuplicated",
        "PurchaseDuplicated",
        "PurchaseLost",
        "LockStuck",
        "ShutdownOverrun",
        "RequestStorm",
    ],
    // LEASE × (1 + DRIFT) is 47.25 s, by clocks up to 2.4 % slow; the rest is calls at the default latencies.
    start_bound: Span::secs(60),
    drain_bound: Span::secs(60),
};

impl Subject for CoreSubject {
    fn name(&self) -> &str {
        "core"
    }

    fn about(&self) -> &str {
        "dupeproof's own ProfileStore in Rust, policy `lease`"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn check_constant(&self, name: &str, value: u64) -> Result<(), String> {
        self.config.clone().set_constant(name, value).map_err(|error| error.to_string())
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let mut config = self.config.clone();
        for (name, value) in &boot.constants {
            config.set_constant(name, *value).expect("whoever made the schedule has checked its constants");
        }
        Box::new(guest::CoreGuest::new(config, boot))
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        Stored::from_json(json!({
            "Data": game::data(items),
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
}
