//! What a session's updates do to its record. Pure: a run that is not committed has no effect.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::config::Config;
use crate::fence::Fence;
use crate::ids::{Guid, ServerIdentity};
use crate::outcome::{Acquired, Unstorable};
use crate::plan::{Acquisition, Decision, ForeignLock, Kept, Plan, Transform};
use crate::record::{GlobalUpdates, MetaData, Profile, Record, SessionTag, Stored};
use crate::sabotage::Sabotage;
use crate::session::Phase;
use crate::session::held::Held;
use crate::session::requester::{CallKind, Requester};
use crate::session::starting::{Starting, wait_before_taking};
use crate::session::withdrawing::Withdrawing;
use crate::time::Now;

/// Everything a transform may use beside the record.
pub(crate) struct View<'a> {
    pub now: Now,
    pub config: &'a Config,
    pub server: &'a ServerIdentity,
    pub template: &'a Arc<Json>,
    pub requester: &'a Requester,
}

impl View<'_> {
    /// One run of the transform of the session's current update.
    pub(crate) fn run(&self, kind: CallKind, phase: &Phase, current: Option<&Stored>) -> Transform {
        match (kind, phase) {
            (CallKind::Acquire, Phase::Starting(starting)) => self.acquire(starting, current),
            (CallKind::Save, Phase::Holding(holding)) => self.save(&holding.held, current),
            (CallKind::Release, Phase::Ending(ending)) => self.release(&ending.held, current),
            (CallKind::Withdraw, Phase::Withdrawing(withdrawing)) => self.withdraw(withdrawing, current),
            // The session has gone on to another phase since it asked for this.
            _ => Transform { write: None, plan: Plan(Decision::Nothing) },
        }
    }

    /// Takes the lock if it may be taken; otherwise makes sure that our marker is in the record.
    fn acquire(&self, starting: &Starting, current: Option<&Stored>) -> Transform {
        let (record, overwritten) = match current {
            Some(Stored::Record(record)) => (Record::clone(record), false),
            Some(Stored::Other(_)) => (Record::empty(), true),
            None => (Record::empty(), false),
        };
        // No session has ever had this record. It may hold messages: they stay.
        let Some(profile) = &record.profile else {
            let drops = self.config.breaks(Sabotage::FirstSessionDropsMessages);
            return self.take(if drops { Record::empty() } else { record }, Acquired::Free, overwritten, None);
        };
        let meta = &profile.meta;
        let Some(holder) = &meta.active_session else {
            let acquired = if starting.wait.is_some() { Acquired::HandedOver } else { Acquired::Free };
            return self.take(record, acquired, false, None);
        };
        if self.config.breaks(Sabotage::SameServerIsSameSession) && holder.job_id == self.server.job_id {
            return self.take(record, Acquired::Free, false, None);
        }
        // An earlier try of this start, of unknown outcome, has taken the lock.
        if *holder == self.requester.tag(self.server) && !self.config.breaks(Sabotage::OwnLockIsForeign) {
            let wanted = meta
                .force_load_session
                .as_ref()
                .is_some_and(|marker| marker.guid.as_ref() != Some(&self.requester.guid));
            let acquisition = Acquisition {
                acquired: Acquired::Free,
                overwritten: false,
                profile: profile.clone(),
                updates: record.global_updates.clone(),
                previous_holder: None,
                wanted,
            };
            return Transform { write: None, plan: Plan(Decision::Acquire(Box::new(acquisition))) };
        }
        if let Some(acquired) = self.may_take(starting, meta, holder) {
            return self.take(record, acquired, false, None);
        }
        if self.requester.steal {
            let previous_holder = holder.guid.clone().map(|guid| (guid, meta.session_load_count));
            return self.take(record, Acquired::Unprotected, false, previous_holder);
        }
        self.mark(starting, record)
    }

    /// Whether a held lock may be taken now, and how.
    fn may_take(&self, starting: &Starting, meta: &MetaData, holder: &SessionTag) -> Option<Acquired> {
        if self.config.breaks(Sabotage::WaitByWallClock) {
            let silent = self.now.unix.os_time() - meta.last_update;
            let lease = i64::try_from(self.config.lease.as_secs()).unwrap_or(i64::MAX);
            return (silent > lease).then_some(Acquired::TakenOver);
        }
        // A holder without a lease can only be judged by its last write, as ProfileStore does.
        if meta.lease.is_none() {
            let silent = self.now.unix.os_time() - meta.last_update;
            if silent > i64::try_from(self.config.assume_dead.as_secs()).unwrap_or(i64::MAX) {
                return Some(Acquired::Unprotected);
            }
        }
        // A marker write of unknown outcome does not count as "still there": it may have been written only now.
        let wait = starting
            .wait
            .as_ref()
            .filter(|_| !starting.unknown_marker || self.config.breaks(Sabotage::UnknownMarkerIsThere))?;
        debug_assert!(wait.since <= self.now.mono, "a marker is proven by a reply that has arrived");
        if !self.config.breaks(Sabotage::MarkerNotRechecked) {
            let same_lock = wait.lock == foreign_lock(meta, holder);
            let marked = self.is_own_marker(meta)
                || self.config.breaks(Sabotage::NoMarker)
                || self.config.breaks(Sabotage::MarkerNotComparedWhenTaking);
            if !same_lock || !marked {
                return None;
            }
        }
        let waited = self.now.mono.since(wait.since) >= wait_before_taking(&wait.lock, self.config);
        let acquired = if wait.lock.lease.is_some() { Acquired::TakenOver } else { Acquired::Unprotected };
        waited.then_some(acquired)
    }

    fn is_own_marker(&self, meta: &MetaData) -> bool {
        meta.force_load_session.as_ref().is_some_and(|marker| *marker == self.requester.tag(self.server))
    }

    /// Makes sure that our marker is in the record, unless a newer start elsewhere has replaced it.
    fn mark(&self, starting: &Starting, mut record: Record) -> Transform {
        let Some(profile) = &mut record.profile else {
            return Transform { write: None, plan: Plan(Decision::Nothing) };
        };
        let meta = &mut profile.meta;
        let Some(holder) = &meta.active_session else {
            return Transform { write: None, plan: Plan(Decision::Nothing) };
        };
        let plan = |marked| Plan(Decision::Wait { lock: foreign_lock(meta, holder), marked });
        if self.is_own_marker(meta) || self.config.breaks(Sabotage::NoMarker) {
            return Transform { write: None, plan: plan(false) };
        }
        let plan = plan(true);
        // Our marker was there, and another start has replaced it: the newest start wins.
        let newer = starting.wait.is_some() && meta.force_load_session.is_some();
        if newer && !self.config.breaks(Sabotage::ReplacedMarkerIsWrittenAgain) {
            return Transform { write: None, plan: Plan(Decision::Contested) };
        }
        meta.force_load_session = Some(self.requester.tag(self.server));
        self.if_storable(record, plan)
    }

    /// Writes a record with a new lock or marker in it. Its data may leave no room for them: not all writers reserve it.
    fn if_storable(&self, record: Record, plan: Plan) -> Transform {
        match self.config.limits.admit_lock(&record) {
            Ok(()) => Transform { write: Some(Stored::Record(Arc::new(record))), plan },
            Err(why) => Transform { write: None, plan: Plan(Decision::Refuse(why)) },
        }
    }

    /// Writes our lock, making the profile from the template if there is none.
    fn take(
        &self,
        mut record: Record,
        acquired: Acquired,
        overwritten: bool,
        previous_holder: Option<(Guid, u64)>,
    ) -> Transform {
        let os_time = self.now.unix.os_time();
        let mut profile = record.profile.take().unwrap_or_else(|| Profile::new(Arc::clone(self.template), os_time));
        let load_count_before = profile.meta.session_load_count;
        if !self.config.breaks(Sabotage::LoadCountNotRaised) {
            profile.meta.session_load_count += 1;
        }
        debug_assert!(
            profile.meta.session_load_count > load_count_before || self.config.breaks(Sabotage::LoadCountNotRaised),
            "each taking of the lock has a load count of its own"
        );
        if acquired == Acquired::Unprotected && !self.config.breaks(Sabotage::StolenLeaseNotKept) {
            let stolen = profile.meta.lease.map(|lease| lease.min(Config::LEASE_MAX.as_secs()));
            profile.meta.stolen_lease = profile.meta.stolen_lease.max(stolen);
        }
        profile.meta.active_session = Some(self.requester.tag(self.server));
        if !self.config.breaks(Sabotage::TakeKeepsMarker) {
            profile.meta.force_load_session = None;
        }
        profile.meta.last_update = os_time;
        if !self.config.breaks(Sabotage::LeaseNotWritten) {
            profile.meta.lease = Some(self.config.granted_lease());
        }
        record.was_overwritten = Some(overwritten);
        record.profile = Some(profile.clone());
        let updates = record.global_updates.clone();
        let acquisition = Acquisition { acquired, overwritten, profile, updates, previous_holder, wanted: false };
        self.if_storable(record, Plan(Decision::Acquire(Box::new(acquisition))))
    }

    /// Writes the data, if the lock is ours.
    fn save(&self, held: &Held, current: Option<&Stored>) -> Transform {
        match Fence::check(current, &self.requester.tag(self.server), held.load_count, self.config) {
            Fence::Holds { wanted, last_write, updates: found } => {
                let (record, refused) = self.next_record(held, current);
                let decision = match refused {
                    Some(why) => {
                        let write = held.writes;
                        let kept = Kept { write, why, wanted, waiter: None, last_write, updates: found };
                        Decision::Keep(Box::new(kept))
                    }
                    None => {
                        let data = Arc::clone(&held.profile.data);
                        let updates = record.as_ref().map(|record| record.global_updates.clone()).unwrap_or_default();
                        Decision::Save { write: held.writes, data, wanted, updates }
                    }
                };
                Transform { write: record.map(|record| Stored::Record(Arc::new(record))), plan: Plan(decision) }
            }
            Fence::Broken { reason, last_write } => {
                Transform { write: None, plan: Plan(Decision::Gone { reason, last_write }) }
            }
        }
    }

    /// Writes the data and clears the lock, if it is ours.
    fn release(&self, held: &Held, current: Option<&Stored>) -> Transform {
        let last_write = match Fence::check(current, &self.requester.tag(self.server), held.load_count, self.config) {
            Fence::Holds { last_write, .. } => last_write,
            Fence::Broken { last_write, .. } if self.config.breaks(Sabotage::ReleaseDoesNotCompare) => last_write,
            Fence::Broken { reason, last_write } => {
                return Transform { write: None, plan: Plan(Decision::Gone { reason, last_write }) };
            }
        };
        let (mut record, refused) = self.next_record(held, current);
        let mut waiter = None;
        if let Some(Record { profile: Some(profile), .. }) = &mut record {
            waiter = profile.meta.force_load_session.as_ref().and_then(|marker| marker.guid.clone());
            let keeps = refused.is_some() && self.config.breaks(Sabotage::UnstorableKeepsLock);
            if !keeps && !self.config.breaks(Sabotage::ReleaseKeepsLock) {
                profile.meta.active_session = None;
                profile.meta.lease = None;
            }
            if self.config.breaks(Sabotage::FinalSaveKeepsStoredData) {
                profile.data = Arc::new(current.and_then(Stored::data).cloned().unwrap_or_default());
            }
            if self.config.breaks(Sabotage::ReleaseDropsEscrow) {
                profile.meta.escrow = Arc::default();
            }
        }
        let decision = match refused {
            Some(why) => {
                let (write, updates) = (held.writes, GlobalUpdates::default());
                Decision::Keep(Box::new(Kept { write, why, wanted: false, waiter, last_write, updates }))
            }
            None => Decision::Release { write: held.writes, data: Arc::clone(&held.profile.data), waiter },
        };
        Transform { write: record.map(|record| Stored::Record(Arc::new(record))), plan: Plan(decision) }
    }

    /// The record to store. If this session's data cannot be stored, the stored profile stays, with its escrow, receipts
    /// and messages, which belong to its data. It is written all the same: an earlier write that is still on its way
    /// then fails, because the key has changed.
    fn next_record(&self, held: &Held, current: Option<&Stored>) -> (Option<Record>, Option<Unstorable>) {
        let Some(record) = self.with_data(held, current) else { return (None, None) };
        match (self.config.limits.admit_data(&record), current) {
            (Err(why), Some(Stored::Record(stored))) => {
                let mut kept = Record::clone(stored);
                if let Some(profile) = &mut kept.profile {
                    profile.meta.last_update = self.now.unix.os_time();
                }
                (Some(kept), Some(why))
            }
            _ => (Some(record), None),
        }
    }

    /// The stored record with this session's data in it; everything else stays.
    fn with_data(&self, held: &Held, current: Option<&Stored>) -> Option<Record> {
        let Some(Stored::Record(record)) = current else { return None };
        let mut record = Record::clone(record);
        let profile = record.profile.as_mut()?;
        profile.data = Arc::clone(&held.profile.data);
        profile.roblox_metadata = Arc::clone(&held.profile.roblox_metadata);
        profile.user_ids = Arc::clone(&held.profile.user_ids);
        profile.meta.meta_tags = Arc::clone(&held.profile.meta.meta_tags);
        if !self.config.breaks(Sabotage::EscrowNotStored) {
            profile.meta.escrow = Arc::clone(&held.profile.meta.escrow);
        }
        if !self.config.breaks(Sabotage::ReceiptsNotSaved) {
            profile.meta.receipts = Arc::clone(&held.profile.meta.receipts);
        }
        if self.now.mono >= held.stolen_until.0 {
            profile.meta.stolen_lease = None;
        }
        if !self.config.breaks(Sabotage::SaveIsUndated) {
            profile.meta.last_update = self.now.unix.os_time();
        }
        let ahead = u64::from(self.config.breaks(Sabotage::LastWriteOneAhead));
        profile.meta.last_write = Some((Arc::clone(&self.requester.guid), held.writes + ahead));
        record.global_updates = held.remaining(&record.global_updates, self.config);
        record.was_overwritten = Some(false);
        Some(record)
    }

    /// Removes our marker, and our lock. After a write of unknown outcome, something is written in any case: that write
    /// may still be on its way, and it fails once the key has changed.
    fn withdraw(&self, withdrawing: &Withdrawing, current: Option<&Stored>) -> Transform {
        let touch = withdrawing.unknown && !self.config.breaks(Sabotage::WithdrawalLeavesLateWrite);
        let nothing = Plan(Decision::Withdraw { waiter: None });
        let mut record = match current {
            Some(Stored::Record(record)) => Record::clone(record),
            None => Record::empty(),
            Some(Stored::Other(_)) => return Transform { write: current.filter(|_| touch).cloned(), plan: nothing },
        };
        let mut waiter = None;
        let mut changed = touch;
        if let Some(profile) = &mut record.profile {
            let tag = self.requester.tag(self.server);
            let meta = &mut profile.meta;
            let own = meta.active_session.as_ref() == Some(&tag) && !self.config.breaks(Sabotage::WithdrawalKeepsLock);
            if own || self.config.breaks(Sabotage::WithdrawalClearsAnyLock) {
                waiter = meta.force_load_session.as_ref().and_then(|marker| marker.guid.clone());
                meta.active_session = None;
                meta.lease = None;
                changed = true;
            }
            if meta.force_load_session.as_ref() == Some(&tag) {
                meta.force_load_session = None;
                changed = true;
            }
        }
        Transform {
            write: changed.then(|| Stored::Record(Arc::new(record))),
            plan: Plan(Decision::Withdraw { waiter }),
        }
    }
}

fn foreign_lock(meta: &MetaData, holder: &SessionTag) -> ForeignLock {
    ForeignLock {
        holder: holder.clone(),
        load_count: meta.session_load_count,
        lease: meta.lease.map(Config::stated_lease),
    }
}
