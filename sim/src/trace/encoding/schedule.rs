//! What a schedule's timeline is made of.

use super::{Encode, Encoder, variants};
use crate::guest::Command;
use crate::schedule::{Action, Direction, RequestClass, RequestFault};

variants!(Action {
    1 Command { server, command },
    2 Crash { server },
    3 Restart { server },
    4 Close { server },
    5 Freeze { server, span },
    6 Partition { server, service, direction, span },
    7 Disconnect { server, service },
    8 ClockStep { server, by },
    9 Move { from, to },
    10 Purchase { player, receipt },
    11 Outage { service, span },
    12 FailNext { server, service, class, fault },
    13 Lag { server, frame, span },
    14 SetLease { server, lease },
});

variants!(Command {
    1 Join(player),
    2 Leave(player),
    3 Edit(player),
    4 Save(player),
    5 Swap(first, second),
    6 Trade { player, partner, trade },
    7 Gift { from, to, gift },
    8 Receipt { player, receipt },
    9 Send { to, message },
    10 Steal(player),
    11 Remove(player),
    12 Rollback(player),
    13 Overfill(player),
    14 Errands { player, partner, errand },
});

variants!(Direction {
    1 ToService,
    2 FromService,
    3 Both,
});

variants!(RequestClass {
    1 Read,
    2 Write,
    3 Set,
    4 Remove,
    5 List,
});

variants!(RequestFault {
    1 Refused,
    2 AppliedThenError,
    3 LostReply,
    4 LateReply { span },
    5 LateApply { span },
    6 AppliedTwice { span },
    7 NilRead,
});
