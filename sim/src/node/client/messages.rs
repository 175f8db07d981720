//! What a server may ask of MessagingService, and what it listens to.

use dupeproof_core::Span;

use crate::clock::Global;
use crate::id::SubscriptionId;
use crate::messaging::limits::{self, SENT, SUBSCRIBES, SUBSCRIPTIONS};
use crate::request::{Request, ServiceError};
use crate::schedule::Limits;
use crate::token_bucket::TokenBucket;

/// A minute's worth can be saved up.
const MINUTE: Span = Span::secs(60);

/// A server's messages.
pub(super) struct Messages {
    percent: u32,
    players: u32,
    sent: TokenBucket,
    subscribes: TokenBucket,
    /// Asked for and neither failed nor disconnected.
    subscriptions: Vec<SubscriptionId>,
}

impl Messages {
    pub(super) fn new(at: Global, limits: &Limits) -> Messages {
        let percent = limits.messaging_percent;
        let minute = |limit| TokenBucket::a_minute_of(at, limits::hundredths(limit, 0, percent));
        Messages { percent, players: 0, sent: minute(SENT), subscribes: minute(SUBSCRIBES), subscriptions: Vec::new() }
    }

    /// A request is to be sent. Over a limit the call fails at once, and nothing is sent (that it fails is documented,
    /// where is not).
    pub(super) fn admit(&mut self, at: Global, request: &Request) -> Result<(), ServiceError> {
        match request {
            Request::Publish { .. } if !self.sent.pay(at) => Err(ServiceError::PublishLimit),
            Request::Subscribe { .. } if !self.subscribes.pay(at) => Err(ServiceError::SubscribeLimit),
            Request::Subscribe { .. } if self.is_full() => Err(ServiceError::SubscriptionLimit),
            Request::Subscribe { subscription, .. } => {
                self.subscriptions.push(*subscription);
                Ok(())
            }
            Request::Unsubscribe { subscription } => {
                self.forget(*subscription);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A subscription ended, or came to nothing.
    pub(super) fn forget(&mut self, subscription: SubscriptionId) {
        self.subscriptions.retain(|other| *other != subscription);
    }

    /// Whether messages on a subscription are for the guest.
    pub(super) fn are_for(&self, subscription: SubscriptionId) -> bool {
        self.subscriptions.contains(&subscription)
    }

    /// This many players are here now.
    pub(super) fn set_players(&mut self, at: Global, players: u32) {
        self.players = players;
        self.sent.set_rate(at, limits::hundredths(SENT, players, self.percent), MINUTE);
    }

    /// Tighter limits than the documented ones are a fault, and end.
    pub(super) fn heal(&mut self) {
        self.percent = self.percent.max(Limits::default().messaging_percent);
        let sent = limits::hundredths(SENT, self.players, self.percent);
        self.sent = TokenBucket::a_minute_of(self.sent.filled_at(), sent);
        self.subscribes =
            TokenBucket::a_minute_of(self.subscribes.filled_at(), limits::hundredths(SUBSCRIBES, 0, self.percent));
    }

    fn is_full(&self) -> bool {
        self.subscriptions.len() as u64 >= limits::hundredths(SUBSCRIPTIONS, self.players, self.percent) / 100
    }
}
