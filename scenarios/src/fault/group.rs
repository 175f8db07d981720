//! Faults that make the same thing go wrong.

use crate::catalogue::catalogue;

catalogue! {
    /// Faults that make the same thing go wrong: as a cause of a finding, they are one.
    pub enum Group {
        Close "close" "a server shuts down",
        Move "move" "players are moved to another server",
        Clocks "clocks" "clocks are wrong",
        Unavailable "datastore_unavailable" "the DataStore refuses requests or keeps them waiting",
        Reads "reads_failing" "reads from the DataStore are answered with an error, late, or never",
        RefusedWrites "writes_refused" "the DataStore refuses writes",
        Ambiguous "writes_ambiguous" "the DataStore did what it was asked, and the answer is an error, late, or lost",
        LateWrite "late_write" "the DataStore applies a write after its answer",
        Disconnect "datastore_disconnected" "the connection to the DataStore breaks: what is on its way is lost",
        Silence "messages_missing" "messages do not get through, or late",
        Subscribe "subscribes_failing" "a subscribe is answered with an error, or never",
        MemoryStore "memory_store" "memory stores refuse, fail, are slow, or forget",
    }
}
