//! Deliberate protocol mistakes, so that tests can show that each of them is found.

/// The enum, and the list of all its variants.
macro_rules! mistakes {
    ($($(#[$about:meta])* $name:ident,)+) => {
        /// One deliberate mistake.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Sabotage {
            $($(#[$about])* $name,)+
        }

        impl Sabotage {
            /// All of them.
            #[cfg(feature = "sabotage")]
            pub const ALL: &'static [Sabotage] = &[$(Sabotage::$name),+];
        }
    };
}

mistakes! {
    /// Saves do not compare the lock at all.
    NoFence,
    /// The fence only asks that some session holds the lock.
    FenceByAnyLock,
    /// The fence refuses only a foreign lock: a record without a lock counts as one's own.
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
    /// A waiter whose marker was replaced and is written again counts its wait from the first marker.
    OldWaitForNewMarker,
    /// A failed final save is not retried.
    FinalSaveNotRetried,
    /// The release does not compare: it clears whatever lock is there.
    ReleaseDoesNotCompare,
    /// A check that sees a foreign marker confirms the lease.
    CheckIgnoresMarker,
    /// A check confirms whatever lock it sees.
    CheckIgnoresLock,
    /// A save that sees a foreign marker confirms the lease.
    SaveIgnoresMarker,
    /// A suspended session resumes when any call answers, with an error too.
    ResumeWithoutConfirming,
    /// The holder never looks at its lease: once live, it is live until it is told otherwise.
    NoLease,
    /// The same server is taken for the same session: a start adopts the lock of an earlier session on its server, whose
    /// final save may still be in flight.
    SameServerIsSameSession,
    /// A session that finds its lock gone says nothing and forgets it.
    LossNotTold,
    /// A cancelled start leaves the lock it may have taken.
    CancelLeavesLock,
    /// A withdrawal that finds nothing leaves a write of unknown outcome free to land later.
    WithdrawalLeavesLateWrite,
    /// The release keeps the lock in the record.
    ReleaseKeepsLock,
    /// A start that was cancelled goes on.
    CancelIgnored,
    /// A start does not count itself in the record.
    LoadCountNotRaised,
    /// A first session creates a new record, and drops the messages that came before it.
    FirstSessionDropsMessages,
    /// A message that is sent again after an error is appended again.
    RetryIsNewMessage,
    /// A send of unknown outcome is answered as refused.
    UnknownSendIsRefused,
    /// A save forgets which messages the session has seen.
    SaveForgetsSeenMessages,
    /// A save drops the messages that came since the session last looked.
    SaveDropsUnseenMessages,
    /// A full queue drops its oldest message for the new one.
    FullQueueDropsOldest,
    /// A processed message stays in the record.
    ProcessedNotRemoved,
    /// A message leaves the record before it is processed.
    RemovedBeforeProcessed,
    /// A trade's coordinator is made before the side's escrow is known to be stored.
    CreateBeforeEscrowIsStored,
    /// A trade's side votes without binding its escrow: a session that finds the escrow gives it back.
    VoteWithoutBinding,
    /// A trade's side votes before its bound escrow is known to be stored.
    VoteBeforeBindingIsStored,
    /// A vote makes the coordinator if there is none.
    VoteMakesCoordinator,
    /// A vote, or a decision, of any coordinator of the trade's id counts.
    AnyCoordinatorWillDo,
    /// A side that finds no coordinator takes its own back before it knows that the lock is still its own.
    AbsenceNotConfirmed,
    /// A session closes a trade for good while the session that its lock was stolen from may make a coordinator.
    ClosedTooEarly,
    /// The first side to vote commits the trade.
    CommitWithOneSide,
    /// A side whose time is up aborts a trade that is committed.
    DecisionChanges,
    /// A step in the coordinator of unknown outcome is taken for an abort.
    UnknownDecisionIsAbort,
    /// The escrow stays when the trade is settled.
    EscrowOutlivesSettling,
    /// A side marks the trade applied before that is stored.
    MarkBeforeApplied,
    /// The coordinator of a trade that was aborted waits for a side that never came.
    AbortWaitsForAll,
    /// A trade that was settled is forgotten before the coordinator knows.
    SettledIsForgotten,
    /// The coordinator is removed when one side has applied the decision.
    CoordinatorRemovedByFirst,
    /// An aborted trade gives nothing back.
    AbortReturnsNothing,
    /// A trade that a session finds when it starts is taken for aborted.
    ResumedTradeIsAborted,
    /// A session that finds an escrow when it starts leaves it there.
    EscrowNotResumed,
    /// A session's last save clears its escrow.
    ReleaseDropsEscrow,
    /// The data leaves for the escrow, and the escrow is not written.
    EscrowNotStored,
    /// A gift's message is sent with a new number when it is taken up again.
    ResumedGiftIsNewMessage,
    /// A gift of unknown outcome is taken for delivered.
    UnknownGiftHasArrived,
    /// Gifts to one profile do not wait for each other.
    GiftsOvertake,
    /// A purchase is answered before it is known to be stored.
    PurchaseGrantedBeforeStored,
    /// A purchase's receipt is not kept.
    ReceiptNotKept,
    /// A purchase whose save is in flight is taken for stored when its receipt is delivered again.
    ReceiptUnderWayIsStored,
    /// A save is acknowledged when it is asked for.
    AcknowledgedBeforeStored,
    /// A save of unknown outcome is acknowledged.
    UnknownIsAcknowledged,
    /// A save that was refused by the fence is acknowledged.
    RefusedIsAcknowledged,
    /// A failed save is retried after 100 ms, without end.
    NoBackoff,
    /// The shutdown is declared complete while final saves are in flight.
    ShutdownDoesNotWait,
    /// The shutdown answers messages in flight as refused, and does not wait for them.
    ShutdownRefusesMessagesUnderWay,
    /// The note of a settled trade stays when the coordinator knows.
    SettledIsNeverForgotten,
    /// A game may change the data of a session that is suspended.
    SuspendedCanBeEdited,
    /// A start takes no notice of being told that its lock was released.
    ReleasedNotHeard,
    /// A session that is over stays subscribed to its topic.
    SubscriptionStays,
    /// Auto-save gives the turn to the session that was saved last.
    AutoSaveTakesNewest,
    /// A save leaves `LastUpdate` as it is.
    SaveIsUndated,
    /// Whatever a session hears on its topic ends it.
    AnyMessageEnds,
    /// A waiter waits for its own lease, and not for the lease that the record states.
    WaitByOwnLease,
    /// A start gives up after its timeout, also when the lease that it waits out is longer.
    LeaseOutlastsStart,
    /// A longer lease counts at once for a session that has the lock, and its record states the shorter one.
    LeaseChangesAtOnce,
    /// A session whose data cannot be stored keeps its lock when it ends.
    UnstorableKeepsLock,
    /// A save that left the data out of the record, because it cannot be stored, is acknowledged.
    KeptIsAcknowledged,
    /// A save that left the data out of the record confirms the lease, although it sees a foreign marker.
    KeptIgnoresMarker,
    /// A record that is full of receipts forgets the newest instead of the oldest.
    NewestReceiptForgotten,
    /// A record that is full of senders of messages forgets the newest instead of the one that has been silent longest.
    NewestSenderForgotten,
    /// A session that has ended takes changes of its data until its final save is stored.
    EndedTakesChanges,
    /// A purchase is taken for stored by a session that is suspended, and does not look at it.
    SuspendedBuysBlindly,
    /// Not the message that was handled counts as processed, but the oldest one that waits.
    OldestIsProcessed,
    /// A processed message stays in the record as long as an older one waits.
    ProcessedWaitsForOlder,
    /// A takeover asks for the same lock, and not for its own marker.
    MarkerNotComparedWhenTaking,
    /// A marker whose write was answered with an error counts as still there.
    UnknownMarkerIsThere,
    /// A waiter whose marker was replaced by a newer start writes its own again.
    ReplacedMarkerIsWrittenAgain,
    /// A start whose earlier try has taken the lock waits for itself.
    OwnLockIsForeign,
    /// Whoever takes the lock leaves the marker that it finds.
    TakeKeepsMarker,
    /// Whoever takes the lock states no lease.
    LeaseNotWritten,
    /// A steal keeps no note of the lease of the session that it takes the lock from.
    StolenLeaseNotKept,
    /// A save leaves the receipts as they are.
    ReceiptsNotSaved,
    /// A save writes the number of the next save into the record.
    LastWriteOneAhead,
    /// The final save releases the lock and leaves the data as it is stored.
    FinalSaveKeepsStoredData,
    /// A failed start clears whatever lock it finds.
    WithdrawalClearsAnyLock,
    /// A failed start removes its marker, and leaves the lock that it took unknowingly.
    WithdrawalKeepsLock,
    /// The fence compares the load count, and not who holds the lock.
    FenceByLoadCount,
    /// The fence compares the server that holds the lock, and not the session.
    FenceByServer,
    /// Neither a save nor a check ever takes a marker for that of another session.
    ForeignMarkerIsOwn,
    /// A start that was answered too late is live if its lock is still there, whoever wants it.
    ConfirmationIgnoresMarker,
    /// A start that was answered too late is live, whoever holds the lock by then.
    ConfirmationIgnoresLock,
    /// A start forgets that a try to take the lock was answered with an error.
    FailedTryIsForgotten,
    /// A marker whose write was answered with an error, and that is found later, begins no new wait.
    UnknownMarkerBeginsNoWait,
    /// The allowance for drift makes the wait shorter.
    DriftIsSubtracted,
    /// A start that fails says nothing.
    FailedStartNotTold,
    /// A start that fails while it waits for an earlier session on its server says nothing.
    FailedQueuedStartNotTold,
    /// A withdrawal that is answered with an error is not tried again.
    WithdrawalNotRetried,
    /// A withdrawal does not wait for a try to take the lock that is in flight.
    WithdrawalDoesNotWait,
    /// A withdrawal forgets that the last try to take the lock was answered with an error.
    LastTryIsForgotten,
    /// A session whose lease runs out does not say so.
    SuspensionNotTold,
    /// A suspended session that is live again does not say so.
    ResumptionNotTold,
    /// A save that is asked for while another is in flight is forgotten.
    SaveInFlightWillDo,
    /// Saves do not count themselves.
    SaveNotNumbered,
    /// A save confirms the lease from its answer on, not from its start.
    SaveConfirmsFromReply,
    /// A session that finds its lock gone does not clean up after itself.
    LostSessionStaysSubscribed,
    /// A session that ends says nothing.
    EndNotTold,
    /// An escrow counts as stored with the write before the one that it is in.
    EscrowOneWriteEarly,
    /// A session that sees the queue again takes its newest message for a new one.
    LastMessageReadAgain,
    /// A coordinator whose removal is answered with an error is taken for removed.
    FailedRemovalIsDone,
    /// A final save that finds the lock gone is tried again.
    GoneIsRetried,
    /// A shutdown does not wait for calls in progress.
    ShutdownForgetsMessages,
    /// A session that is over keeps its place before the next start of its key.
    FinishedSessionStays,
    /// No session is ever saved by itself.
    NoAutoSave,
    /// A message joins an earlier one whose write is in flight already.
    MessageJoinsOneInFlight,
    /// Messages that wait are sent together, whatever profile each is for.
    MessagesToAllKeysTogether,
    /// A message does not wait for an earlier one to the same profile.
    MessagesDoNotWait,
    /// A message that a full queue has refused is answered as sent.
    FullQueueIsDone,
    /// A view is written, and the lock stays.
    SetKeepsLock,
    /// A view is written over the messages that wait.
    SetDropsMessages,
    /// A vote is counted as that of the other side.
    VoteForPartner,
    /// A vote counts after the trade was aborted.
    VoteAfterAbortCounts,
    /// The coordinator of a trade that both sides have applied stays.
    CoordinatorNeverRemoved,
    /// A side that waits for the other gives it more time whenever it asks.
    TimeIsNeverUp,
    /// A side whose time is up asks for the decision again.
    TimeUpOnlyAsks,
    /// A session that finds a gift in its escrow leaves it there.
    ResumedGiftForgotten,
    /// A session that finds the note of a settled trade takes it for known to the coordinator.
    SettledNotResumed,
    /// A side that finds no coordinator asks for it for ever.
    AbsenceNeverBelieved,
    /// A side binds its escrow to the coordinator that it would have made, not to the one that it found.
    BindsToOwnTry,
    /// A bound escrow counts as stored with the write before the one that it is in.
    BindingOneWriteEarly,
    /// A settled trade counts as stored with the write before the one that it is in.
    SettlingOneWriteEarly,
    /// A gift that the queue of its profile has refused is taken for delivered.
    RefusedGiftHasArrived,
    /// A gift that was delivered stays in the escrow.
    DeliveredGiftStays,
    /// A side that closes its trade for good does not wait for the session that its lock was stolen from.
    ClosesAtOnce,
    /// Whoever wrote last, a write of unknown outcome is taken for stored if the number fits.
    AnyWriterIsOwn,
    /// A write of unknown outcome is taken for stored when an older write is in the record.
    OlderWriteIsThisOne,
    /// A purchase is told to be stored with the first save that is.
    PurchaseStoredWithAnySave,
    /// A save numbers the next message by the length of the queue.
    QueueCountsItself,
    /// A session forgets that it has processed a message that is younger than the queue that it wrote.
    YoungMessagesForgotten,
    /// A purchase drops the receipts of those before it.
    OnlyNewestReceiptKept,
    /// A purchase whose receipt is delivered again before it is stored is granted again.
    PendingIsGrantedAgain,
    /// All gifts of one session have the same number.
    GiftsShareNumber,
    /// Each session numbers its gifts from one.
    GiftNumbersRestart,
    /// A message is processed, and what its handler has changed is dropped.
    HandledWithoutEffect,
    /// A message that was processed can be processed again until it has left the record.
    HandledAgain,
    /// A message is appended with the index of the message before it.
    IndexNotRaised,
    /// A message makes the record forget all other senders.
    OnlyNewestSenderRemembered,
}
