//! Ids and times: numbers.

use dupeproof_core::{Mono, Span};

use super::{Encode, Encoder};
use crate::clock::Global;
use crate::id::{
    ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServerId, SessionNo, Stamp, SubscriptionId, TradeId,
};
use crate::request::Version;

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
