//! What requests, their answers and their errors are made of.

use super::{Encode, Encoder, variants};
use crate::id::ServiceName;
use crate::request::{MemoryError, RequestKind, RequestType, ServiceError, ThrottledCall, ValueType};

variants!(ServiceName {
    1 DataStore,
    2 Messaging,
    3 MemoryStore,
});

variants!(RequestKind {
    1 Get,
    2 CompareAndSet,
    3 Set,
    4 Increment,
    5 Remove,
    6 ListVersions,
    7 GetVersion,
    8 ListKeys,
    9 GetSorted,
    10 Publish,
    11 Subscribe,
    12 Unsubscribe,
    13 MemoryGet,
    14 MemorySet,
    15 MemoryCompareAndSet,
    16 MemoryRemove,
    17 MemoryList,
    18 QueueAdd,
    19 QueueRead,
    20 QueueRemove,
});

variants!(ServiceError {
    1 KeyNameEmpty,
    2 KeyNameLimit,
    3 ValueNotAllowed(kind),
    4 CantStoreValue(kind),
    5 ValueTooLarge,
    6 PageOutOfRange,
    7 MinMaxOrder,
    8 QueueFull(call),
    9 ServerThrottled(kind),
    10 ExperienceThrottled(kind),
    11 KeyThrottled,
    12 ShuttingDown,
    13 StudioAccess,
    14 Rejected,
    15 TimedOut,
    16 ConnectionLost,
    17 AttributeTooLarge,
    18 TooManyUserIds,
    19 AttributeFormat,
    20 OrderedParameter,
    21 InvalidTimestamp,
    22 InvalidVersion,
    23 TopicName,
    24 MessageTooLarge,
    25 PublishLimit,
    26 SubscriptionLimit,
    27 SubscribeLimit,
    28 Memory(error),
});

variants!(MemoryError {
    1 Internal,
    2 Key,
    3 SortKey,
    4 Value,
    5 Count,
    6 Argument,
    7 Expiration,
    8 ValueTooLarge,
    9 Requests,
    10 Memory,
});

variants!(ValueType {
    1 Nil,
    2 Function,
    3 Thread,
    4 Userdata,
    5 Table,
    6 String,
    7 Number,
});

variants!(ThrottledCall {
    1 Get,
    2 Set,
    3 Increment,
    4 Update,
    5 GetSorted,
    6 Remove,
    7 List,
});

variants!(RequestType {
    1 StandardRead,
    2 StandardWrite,
    3 StandardList,
    4 StandardRemove,
    5 OrderedRead,
    6 OrderedWrite,
    7 OrderedList,
    8 OrderedRemove,
});
