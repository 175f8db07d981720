//! How long players wait for their sessions, and what sessions and calls cost: distributions over many runs.

mod calls;
mod case_measure;
mod deliveries;
mod histogram;
mod key_minutes;
mod meter;
mod share;
mod trades;

use dupeproof_core::Span;
use dupeproof_sim::guest::Acquired;
use serde::{Deserialize, Serialize};

pub use case_measure::{CASE_MEASURES, CaseMeasure, CaseUnit, Worse};
pub use histogram::Histogram;
pub use meter::{Meter, Sample};
pub use share::Share;
pub use trades::Trades;

/// What was measured in one run, or in many. The same in whatever order runs are put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// By [`index_of`].
    starts: [Histogram; 4],
    hand_overs: Histogram,
    takeovers: Histogram,
    unsaved: Histogram,
    lost: Histogram,
    deliveries: Histogram,
    refused: Share,
    ended_by_others: Share,
    key_writes: Histogram,
    key_bytes: Histogram,
    reads: Histogram,
    writes: Histogram,
    calls: Histogram,
    subscriptions: Histogram,
    cost: Cost,
    trades: Trades,
}

/// DataStore requests of live sessions for their own keys, from a session's start until it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Reads, with the read legs of updates.
    pub reads: u64,
    /// Writes.
    pub writes: u64,
    /// Time that sessions lasted, all together.
    pub live: Span,
}

const HOUR: Span = Span::secs(3_600);

/// A session shorter than this says nothing of requests an hour: one auto-save period.
const SESSION_MIN: Span = Span::secs(300);

impl Measures {
    /// From a player's arrival to the start of the session, in microseconds of global time, by how the lock was come
    /// by.
    pub fn starts(&self, acquired: Acquired) -> &Histogram {
        &self.starts[index_of(acquired)]
    }

    /// From a player's arrival, while another server had the session, to the session: the same of every subject, whatever
    /// it knows of how it acquired the lock.
    pub fn hand_overs(&self) -> &Histogram {
        &self.hand_overs
    }

    /// From a player's arrival, while the lock was that of a server that had crashed or was killed, to the session.
    pub fn takeovers(&self) -> &Histogram {
        &self.takeovers
    }

    /// How old the oldest change was that a session lost when its server crashed or was killed, in microseconds of global
    /// time: the play that it cost.
    pub fn lost(&self) -> &Histogram {
        &self.lost
    }

    /// From the sending of a message until it took effect, in microseconds of global time.
    pub fn deliveries(&self) -> &Histogram {
        &self.deliveries
    }

    /// Of the starts of players who waited for the outcome, those that failed.
    pub fn refused(&self) -> Share {
        self.refused
    }

    /// Of the sessions, those that ended for another server while their players were there.
    pub fn ended_by_others(&self) -> Share {
        self.ended_by_others
    }

    /// Writes to a player's record in a minute, of the minutes in which there were any.
    pub fn writes_per_key_minute(&self) -> &Histogram {
        &self.key_writes
    }

    /// Bytes of JSON written to a player's record in a minute, at most, of the same minutes.
    pub fn bytes_per_key_minute(&self) -> &Histogram {
        &self.key_bytes
    }

    /// From the oldest change that a save stored to that save, in microseconds of global time, where nothing hindered the
    /// server meanwhile.
    pub fn unsaved(&self) -> &Histogram {
        &self.unsaved
    }

    /// Reads an hour, of each session of five minutes or more.
    pub fn reads_per_hour(&self) -> &Histogram {
        &self.reads
    }

    /// Writes an hour, of each session of five minutes or more.
    pub fn writes_per_hour(&self) -> &Histogram {
        &self.writes
    }

    /// DataStore requests for a message to a profile of which the sender's server has no session, from the call until its
    /// answer.
    pub fn requests_per_call(&self) -> &Histogram {
        &self.calls
    }

    /// The most subscriptions that each server had at once, of servers that had any.
    pub fn subscriptions(&self) -> &Histogram {
        &self.subscriptions
    }

    /// Requests of all sessions.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// What became of the trades.
    pub fn trades(&self) -> Trades {
        self.trades
    }

    /// Takes in one run's samples.
    pub fn take(&mut self, samples: &[Sample]) {
        for sample in samples {
            match sample {
                Sample::Start(acquired, waited) => self.starts[index_of(*acquired)].count(waited.0),
                Sample::HandOver(waited) => self.hand_overs.count(waited.0),
                Sample::Takeover(waited) => self.takeovers.count(waited.0),
                Sample::Saved(age) => self.unsaved.count(age.0),
                Sample::Lost(age) => self.lost.count(age.0),
                Sample::Delivered(after) => self.deliveries.count(after.0),
                Sample::Refused(share) => self.refused.add(*share),
                Sample::EndedByOthers(share) => self.ended_by_others.add(*share),
                Sample::KeyMinute { writes, bytes } => {
                    self.key_writes.count(*writes);
                    self.key_bytes.count(*bytes);
                }
                Sample::Call(requests) => self.calls.count(*requests),
                Sample::Subscriptions(most) => self.subscriptions.count(*most),
                // Only compared, case by case.
                Sample::GaveUp(_) | Sample::PlayedOn(_) | Sample::MemoryRequests(_) => {}
                Sample::Trades(trades) => self.trades.add(*trades),
                Sample::Session(cost) => self.take_session(*cost),
            }
        }
    }

    /// Adds other runs' measures.
    pub fn add(&mut self, other: &Measures) {
        for (own, other) in self.starts.iter_mut().zip(&other.starts) {
            own.add(other);
        }
        self.hand_overs.add(&other.hand_overs);
        self.takeovers.add(&other.takeovers);
        self.unsaved.add(&other.unsaved);
        self.lost.add(&other.lost);
        self.deliveries.add(&other.deliveries);
        self.refused.add(other.refused);
        self.ended_by_others.add(other.ended_by_others);
        self.key_writes.add(&other.key_writes);
        self.key_bytes.add(&other.key_bytes);
        self.reads.add(&other.reads);
        self.writes.add(&other.writes);
        self.calls.add(&other.calls);
        self.subscriptions.add(&other.subscriptions);
        self.cost.add(other.cost);
        self.trades.add(other.trades);
    }

    fn take_session(&mut self, cost: Cost) {
        self.cost.add(cost);
        if cost.live >= SESSION_MIN {
            self.reads.count(per_hour(cost.reads, cost.live));
            self.writes.count(per_hour(cost.writes, cost.live));
        }
    }
}

impl Cost {
    /// Reads an hour, rounded up; zero without sessions.
    pub fn reads_per_hour(&self) -> u64 {
        per_hour(self.reads, self.live)
    }

    /// Writes an hour, rounded up; zero without sessions.
    pub fn writes_per_hour(&self) -> u64 {
        per_hour(self.writes, self.live)
    }

    fn add(&mut self, other: Cost) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.live = self.live + other.live;
    }
}

fn per_hour(requests: u64, live: Span) -> u64 {
    if live == Span::ZERO { 0 } else { requests.saturating_mul(HOUR.0).div_ceil(live.0) }
}

fn index_of(acquired: Acquired) -> usize {
    match acquired {
        Acquired::Free => 0,
        Acquired::HandedOver => 1,
        Acquired::TakenOver => 2,
        Acquired::Unprotected => 3,
    }
}
