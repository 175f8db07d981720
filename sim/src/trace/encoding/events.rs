//! The events.

use dupeproof_core::{Acquired, EndReason, StartFailure, Stored};

use super::{Encode, Encoder, variants};
use crate::guest::{GuestEvent, LogLevel};
use crate::trace::Event;

variants!(Event {
    1 Acted { step, action },
    2 ServerStarted { server },
    3 ServerCrashed { server },
    4 ServerFroze { server },
    5 ServerWoke { server },
    6 ServerClosing { server },
    7 ServerClosed { server },
    8 ServerKilled { server },
    9 PartitionBegan { slot, service, direction },
    10 PartitionHealed { slot, service, direction },
    11 OutageBegan { service },
    12 OutageEnded { service },
    13 Healed,
    14 FinalCheckBegan { server },
    15 Requested { server, id, kind, target },
    16 Throttled { server, id },
    17 RequestFault { server, id, kind, fault },
    18 Committed { server, id, key, version, before by presence, after },
    19 Conflicted { server, id, key },
    20 Answered { server, id, kind, error, after },
    21 AnsweredTooLate { server, id },
    22 Published { server, id, topic },
    23 MessageLost { to, topic },
    24 MessageDoubled { to, topic },
    25 MessageReceived { server, subscription, publisher },
    26 Guest { server, live_until, event },
    27 ServedFromCache { server, id },
    28 Disconnected { server, service },
    29 MessageDropped { to, topic },
    30 SubscribeHung { server, id },
    31 ReceiptNotRecorded { receipt },
    32 Logged { server, level, line },
    33 Ended { store },
    34 MemoryChanged { server, id, address, value, until },
    35 MemoryConflicted { server, id, address },
    36 MemoryExpired { address, items },
    37 ScriptCrashed { server, text },
    38 ServerLagged { server, frame },
    39 ServerRecovered { server },
    40 CalledFrom { server, calls },
    41 UpdateCancelled { server, id },
    42 MessageSays { server, data },
});

/// The value before a write is in the trace already, as the value after an earlier one or as what the schedule began with:
/// whether there was one is enough.
fn presence(value: &Option<Stored>, to: &mut Encoder) {
    value.is_some().encode(to);
}

variants!(GuestEvent {
    1 SessionStarted { session, player, stamp, live_until, acquired },
    2 Renewed { session, live_until },
    3 Suspended { session },
    4 Resumed { session, live_until },
    5 SessionEnded { session, reason },
    6 StartFailed { player, failure },
    7 Saved { session, stamp },
    8 Edited { session, stamp, parent },
    9 ItemPutAside { item, session, trade },
    10 ItemTaken { item, session, trade },
    11 TradeDecided { session, trade, committed },
    12 MessageAccepted { message },
    13 MessageRefused { message },
    14 MessageHandled { session, message },
    15 PurchaseGranted { player, receipt },
    16 ItemMoved { item, from, to },
    17 Overfilled { session, stamp },
});

variants!(Acquired {
    1 Free,
    2 HandedOver,
    3 TakenOver,
    4 Unprotected,
});

variants!(EndReason {
    1 Manual,
    2 External,
    3 Shutdown,
    4 Lost,
    5 Removed,
    6 Overwritten,
});

variants!(StartFailure {
    1 AlreadyActive,
    2 Superseded,
    3 Cancelled,
    4 TimedOut,
    5 Closing,
    6 Failed,
    7 ReservedKey,
});

variants!(LogLevel {
    1 Info,
    2 Warning,
    3 Error,
});
