//! Ids and times: numbers.

use dupeproof_core::{Mono, Span};

use super::{Encode, Encoder};
use crate::clock::Global;
use crate::guest::{ItemId, MessageId, PlayerId, ReceiptId, SessionNo, Stamp, TradeId};
use crate::request::{RequestId, SubscriptionId, Version};
use crate::trace::ServerId;

macro_rules! newtypes {
    ($($type:ident)+) => {
        $(impl Encode for $type {
            fn encode(&self, to: &mut Encoder) {
                self.0.encode(to);
            }
        })+
    };
}

newtypes!(Global Span Mono);
newtypes!(PlayerId RequestId SubscriptionId SessionNo TradeId ReceiptId MessageId ItemId Stamp Version);

impl Encode for ServerId {
    fn encode(&self, to: &mut Encoder) {
        let ServerId { slot, life } = self;
        slot.encode(to);
        life.encode(to);
    }
}
