//! Faults that make the same thing go wrong.

use crate::catalogue::catalogue;

catalogue! {
    /// Faults that make the same thing go wrong: as a cause of a finding, they are one.
    pub enum Group {
        Close "close" "a server shuts down",
        Move "move" "players are moved to another server",
        Clocks "clocks" "clocks are wrong",
        Unavailable "datastore_unavailable" "the DataStore refuses requests or keeps them waiting",
        Ambiguous "datastore_ambiguous" "the DataStore did what it was asked, and the answer is an error, late, or lost",
        LateWrite "late_write" "the DataStore applies a write after its answer",
        Silence "messages_missing" "messages do not get through, or late",
        MemoryStore "memory_store" "memory stores refuse, fail, are slow, or forget",
    }
}
