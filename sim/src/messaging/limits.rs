//! MessagingService's limits (class reference, `MessagingService`, since 2024-02-12). A server's own ones are checked
//! by its client, which knows how many players are there; the others by the backend. Where Roblox checks them is not
//! documented. A limit a minute is taken as a token bucket that holds a minute's worth: neither is that.

use std::io::{self, Write};

use crate::request::{Request, ServiceError};
use crate::schedule::Rate;

/// Messages that a server may send, a minute and for each player there.
pub(crate) const SENT: Rate = Rate { base: 600, per_player: 240 };

/// Subscribe requests that a server may make, a minute.
pub(crate) const SUBSCRIBES: Rate = Rate { base: 240, per_player: 0 };

/// Subscriptions that a server may have, at all and for each player there.
pub(crate) const SUBSCRIPTIONS: Rate = Rate { base: 20, per_player: 8 };

/// Messages that may be received on a topic, a minute and for each server of the experience.
pub(crate) const RECEIVED_ON_TOPIC: Rate = Rate { base: 40, per_player: 80 };

/// Messages that may be received in the experience, a minute and for each server of it.
pub(crate) const RECEIVED: Rate = Rate { base: 400, per_player: 200 };

/// Characters of a topic, at most.
const TOPIC_MAX: usize = 80;

/// Characters of a message, at most; counted in its JSON, as it travels (the reference says 1 kB).
const MESSAGE_MAX: usize = 1_024;

/// A limit in hundredths, in a world where it is so many percent of the documented one; not below one.
pub(crate) fn hundredths(limit: Rate, count: u32, percent: u32) -> u64 {
    (limit.per_minute(count) * u64::from(percent)).max(100)
}

/// What is wrong with the arguments of a `PublishAsync` or `SubscribeAsync`: the call fails at once, without cost
/// (inferred from data store calls).
pub(crate) fn validate(request: &Request) -> Result<(), ServiceError> {
    let (Request::Publish { topic, .. } | Request::Subscribe { topic, .. }) = request else { return Ok(()) };
    // Only a topic of more bytes than characters are allowed needs counting.
    if topic.is_empty() || (topic.len() > TOPIC_MAX && topic.chars().count() > TOPIC_MAX) {
        return Err(ServiceError::TopicName);
    }
    match request {
        Request::Publish { data, .. } => {
            let mut length = Characters(0);
            serde_json::to_writer(&mut length, &**data).map_err(|_| ServiceError::MessageTooLarge)
        }
        _ => Ok(()),
    }
}

/// Counts characters as they are written, and stops at too many.
struct Characters(usize);

impl Write for Characters {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count();
        if self.0 > MESSAGE_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn publish(topic: &str, text: &str) -> Result<(), ServiceError> {
        validate(&Request::Publish { topic: topic.into(), data: Arc::new(json!(text)) })
    }

    #[test]
    fn a_topic_has_1_to_80_characters() {
        assert_eq!(publish("", "x"), Err(ServiceError::TopicName));
        assert_eq!(publish(&"é".repeat(80), "x"), Ok(()));
        assert_eq!(publish(&"t".repeat(81), "x"), Err(ServiceError::TopicName));
        let subscribe = Request::Subscribe { topic: "t".repeat(81).into(), subscription: crate::SubscriptionId(0) };
        assert_eq!(validate(&subscribe), Err(ServiceError::TopicName));
    }

    #[test]
    fn a_message_has_at_most_1024_characters_of_json() {
        // Two are the quotes around it.
        assert_eq!(publish("t", &"é".repeat(1_022)), Ok(()));
        assert_eq!(publish("t", &"x".repeat(1_023)), Err(ServiceError::MessageTooLarge));
    }
}
