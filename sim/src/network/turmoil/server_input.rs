//! What reaches a server's task.

use crate::node::NodeInput;

/// What the driver and the connections have for a server.
pub(super) enum ServerInput {
    /// For the machine.
    Node(NodeInput),
    /// The server's own faults end.
    Heal,
}
