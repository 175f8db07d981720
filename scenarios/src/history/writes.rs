//! Who wrote a record that has no lock, in order: a session takes such a record by a write, if at all, and not when its
//! game hears of it.

use dupeproof_sim::id::ServerId;

/// All writes of one record.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    writers: Vec<ServerId>,
    /// How many writes there were when a server was last asked for a session.
    asked: Vec<(ServerId, usize)>,
}

impl Writes {
    /// A server is asked for a session.
    pub fn ask(&mut self, server: ServerId) {
        self.asked.retain(|(asked, _)| *asked != server);
        self.asked.push((server, self.writers.len()));
    }

    /// A server has written the record.
    pub fn push(&mut self, server: ServerId) {
        self.writers.push(server);
    }

    /// The place of a session that starts on this server now: of the newest write of its server since that was asked for
    /// it, or after all writes if there is none.
    pub fn place_of_start(&self, server: ServerId) -> usize {
        let asked = self.asked.iter().find(|(asked, _)| *asked == server).map_or(0, |(_, writes)| *writes);
        let newest = self.writers[asked..].iter().rposition(|writer| *writer == server);
        newest.map_or(self.writers.len(), |newest| asked + newest)
    }
}
