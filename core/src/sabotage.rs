//! Ways to break the protocol on purpose, so that tests can show that each break is found.

/// One deliberate mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sabotage {
    /// Saves do not compare the lock at all.
    NoFence,
    /// The fence only asks that somebody holds the lock.
    FenceByAnyLock,
    /// The fence refuses only a foreign lock: no lock is as good as one's own.
    NoLockIsOwnLock,
    /// The lease runs from a call's reply, not from its start.
    LeaseFromReply,
    /// A waiter takes a held lock without waiting for the lease.
    NoWait,
    /// A waiter waits one lease, without the allowance for drift.
    WaitWithoutDrift,
    /// A waiter decides by comparing its wall clock with the holder's last write.
    WaitByWallClock,
    /// A waiter measures its wait from sending the marker, not from the reply that proves it is there.
    WaitFromRequest,
    /// The marker and the lock's identity are not checked again inside the takeover's transform.
    MarkerNotRechecked,
    /// A waiter never writes its marker.
    NoMarker,
    /// A waiter whose marker was replaced, and is written again, counts its wait from the first.
    OldWaitForNewMarker,
    /// A failed final save is not tried again.
    FinalSaveNotRetried,
    /// The release does not compare: it clears whatever lock is there.
    ReleaseDoesNotCompare,
    /// A check that sees a foreign marker confirms all the same.
    CheckIgnoresMarker,
    /// A check confirms whatever lock it sees.
    CheckIgnoresLock,
    /// A save that sees a foreign marker confirms the lease all the same.
    SaveIgnoresMarker,
    /// A suspended session resumes when any call answers, with an error too.
    ResumeWithoutConfirming,
    /// The holder never looks at its lease: once live, live until told.
    NoLease,
    /// The same server is taken for the same session: a start adopts the lock of an earlier session there, whose
    /// final save may still be on its way.
    SameServerIsSameSession,
    /// A session that finds its lock gone says nothing and forgets it.
    LossNotTold,
    /// A cancelled start leaves the lock it may have taken.
    CancelLeavesLock,
    /// A withdrawal that finds nothing leaves a write of unknown outcome free to land later.
    WithdrawalLeavesLateWrite,
    /// The release keeps the lock in the record.
    ReleaseKeepsLock,
}
