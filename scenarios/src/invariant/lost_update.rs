//! A stored state of the data is only ever replaced by one made from it.

use dupeproof_sim::Stamp;
use dupeproof_sim::trace::{Event, ServerId};

use super::{Breach, Commit, Fact};
use crate::ledger::Ledger;

/// A write that forgot what was stored.
#[derive(Clone, Copy, Debug)]
pub struct Overwrite {
    writer: ServerId,
    maker: Option<ServerId>,
    before: Stamp,
    after: Stamp,
}

impl Overwrite {
    pub(super) fn story(&self, key: &str) -> String {
        let Overwrite { writer, maker, before, after } = self;
        let made = maker.map_or(String::new(), |maker| format!(" that {} had made", maker.job_id()));
        let writer = writer.job_id();
        format!("{writer} overwrote state {:#x} of {key}{made} with state {:#x}, not made from it", before.0, after.0)
    }
}

/// A write was applied. A removal is no overwrite: somebody asked for the data to be gone.
pub(super) fn observe(commit: Commit, event: &Event, ledger: &Ledger, breaches: &mut Vec<Breach>) {
    let Event::Committed { server, .. } = event else { return };
    let Commit { at, player, before, after: Some(after) } = commit else { return };
    if after == before || ledger.descends(player, after, before) {
        return;
    }
    let maker = ledger.editor(player, before).map(|place| ledger.sessions()[place].id.server);
    let overwrite = Overwrite { writer: *server, maker, before, after };
    breaches.push(Breach {
        at,
        player,
        lasted: None,
        servers: [maker, Some(*server)],
        fact: Fact::LostUpdate(overwrite),
    });
}
