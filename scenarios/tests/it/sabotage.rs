//! A check that cannot fail is a defect: the core is broken on purpose, one mistake at a time, and every mistake is
//! found. Two-sided: on the same schedules the unmodified core has no finding.

use dupeproof_core::{Config, Sabotage};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::subjects::embed::EmbedSubject;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::{FindingKind, Subject};
use rayon::prelude::*;

/// The root seed of these searches.
const SEED: u64 = 12;

/// The suites a mistake with single profiles may show itself in, each searched in turn.
const PROFILES: &[&str] = &["swarm", "no_swap"];

/// The suite in which servers vie for a lock.
const RIVALS: &[&str] = &["hand_over"];

/// The suite a mistake between profiles shows itself in.
const MARKET: &[&str] = &["market"];

/// Each mistake with single profiles, and how many schedules are enough to find it (about ten times what was needed
/// when it was written).
const PROFILE_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::NoFence, 2_000),
    (Sabotage::FenceByAnyLock, 20_000),
    (Sabotage::NoLockIsOwnLock, 20_000),
    (Sabotage::LeaseFromReply, 2_000),
    (Sabotage::NoWait, 2_000),
    (Sabotage::WaitWithoutDrift, 50_000),
    (Sabotage::WaitByWallClock, 2_000),
    (Sabotage::WaitFromRequest, 50_000),
    (Sabotage::MarkerNotRechecked, 20_000),
    (Sabotage::NoMarker, 2_000),
    (Sabotage::FinalSaveNotRetried, 2_000),
    (Sabotage::ReleaseDoesNotCompare, 20_000),
    (Sabotage::CheckIgnoresMarker, 2_000),
    (Sabotage::CheckIgnoresLock, 20_000),
    (Sabotage::SaveIgnoresMarker, 20_000),
    (Sabotage::ResumeWithoutConfirming, 2_000),
    (Sabotage::NoLease, 2_000),
    (Sabotage::SameServerIsSameSession, 20_000),
    (Sabotage::LossNotTold, 20_000),
    (Sabotage::CancelLeavesLock, 20_000),
    (Sabotage::WithdrawalLeavesLateWrite, 50_000),
    (Sabotage::ReleaseKeepsLock, 2_000),
    (Sabotage::SuspendedCanBeEdited, 2_000),
    (Sabotage::SubscriptionStays, 100),
    (Sabotage::SaveIsUndated, 500),
    (Sabotage::WaitByOwnLease, 2_000),
    (Sabotage::LeaseChangesAtOnce, 20_000),
    (Sabotage::UnstorableKeepsLock, 500),
    (Sabotage::KeptIsAcknowledged, 500),
    (Sabotage::KeptIgnoresMarker, 50_000),
];

/// The same where servers vie for a lock.
const RIVAL_MISTAKES: &[(Sabotage, u64)] =
    &[(Sabotage::OldWaitForNewMarker, 2_000), (Sabotage::ReleasedNotHeard, 2_000)];

/// The same for starts, messages, trades, gifts, purchases, acknowledgements and shutdowns.
const MARKET_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::CancelIgnored, 100),
    (Sabotage::LoadCountNotRaised, 500),
    (Sabotage::FirstSessionDropsMessages, 2_000),
    (Sabotage::RetryIsNewMessage, 500),
    (Sabotage::UnknownSendIsRefused, 500),
    (Sabotage::SaveForgetsSeenMessages, 1_000),
    (Sabotage::SaveDropsUnseenMessages, 100),
    (Sabotage::FullQueueDropsOldest, 1_000),
    (Sabotage::ProcessedNotRemoved, 100),
    (Sabotage::RemovedBeforeProcessed, 1_000),
    (Sabotage::CreateBeforeEscrowIsStored, 12_000),
    (Sabotage::VoteBeforeBindingIsStored, 80_000),
    (Sabotage::CommitWithOneSide, 100),
    (Sabotage::DecisionChanges, 12_000),
    (Sabotage::UnknownDecisionIsAbort, 5_000),
    (Sabotage::EscrowOutlivesSettling, 100),
    (Sabotage::MarkBeforeApplied, 100_000),
    (Sabotage::AbortWaitsForAll, 100),
    (Sabotage::SettledIsForgotten, 1_000),
    (Sabotage::CoordinatorRemovedByFirst, 100),
    (Sabotage::AbortReturnsNothing, 100),
    (Sabotage::ResumedTradeIsAborted, 200),
    (Sabotage::EscrowNotResumed, 4_000),
    (Sabotage::ReleaseDropsEscrow, 100),
    (Sabotage::EscrowNotStored, 100),
    (Sabotage::ResumedGiftIsNewMessage, 500),
    (Sabotage::UnknownGiftHasArrived, 500),
    (Sabotage::GiftsOvertake, 12_000),
    (Sabotage::PurchaseGrantedBeforeStored, 1_500),
    (Sabotage::ReceiptNotKept, 100),
    (Sabotage::ReceiptUnderWayIsStored, 4_000),
    (Sabotage::AcknowledgedBeforeStored, 100),
    (Sabotage::UnknownIsAcknowledged, 100),
    (Sabotage::RefusedIsAcknowledged, 500),
    (Sabotage::NoBackoff, 3_000),
    (Sabotage::ShutdownDoesNotWait, 100),
    (Sabotage::ShutdownRefusesMessagesUnderWay, 1_000),
    (Sabotage::SettledIsNeverForgotten, 100),
    (Sabotage::AnyMessageEnds, 500),
    (Sabotage::NewestReceiptForgotten, 4_000),
    (Sabotage::NewestSenderForgotten, 1_000),
    (Sabotage::EndedTakesChanges, 1_000),
    (Sabotage::SuspendedBuysBlindly, 500),
    (Sabotage::OldestIsProcessed, 500),
    (Sabotage::ProcessedWaitsForOlder, 1_000),
];

/// The suite in which admins steal, remove and roll back, also in the middle of trades. There two servers may be live at
/// once, within bounds.
const ADMIN: &[&str] = &["admin"];

/// The same where admins take locks away, some from holders that hang in the middle of a trade.
const ADMIN_MISTAKES: &[(Sabotage, u64)] = &[
    (Sabotage::CheckIgnoresLock, 2_000),
    (Sabotage::VoteWithoutBinding, 400),
    (Sabotage::AnyCoordinatorWillDo, 40_000),
    (Sabotage::VoteMakesCoordinator, 10_000),
    (Sabotage::ClosedTooEarly, 20_000),
];

/// The core with a mistake.
fn core_with(sabotage: Sabotage) -> CoreSubject {
    CoreSubject::with_config(Config { sabotage: Some(sabotage), ..Config::default() })
}

/// The first schedule, counted over the suites in turn, on which the subject shows what it may not.
fn schedules_to_find(subject: &dyn Subject, suites: &[&str], limit: u64) -> Option<(u64, FindingKind)> {
    let suites: Vec<&Suite> = suites.iter().map(|name| Suite::named(name).unwrap()).collect();
    schedules_of(&suites, subject, limit)
}

/// The same, of suites that are not built in.
fn schedules_of(suites: &[&Suite], subject: &dyn Subject, limit: u64) -> Option<(u64, FindingKind)> {
    (0..usize::try_from(limit).unwrap()).into_par_iter().by_exponential_blocks().find_map_first(|number| {
        let suite = suites[number % suites.len()];
        let schedule = suite.schedule(SEED, u64::try_from(number / suites.len()).unwrap(), subject.name());
        let result = run_case(&schedule, subject, Network::Event, &mut ());
        let broken = result.findings.iter().map(|finding| finding.kind()).find(|kind| suite.forbids(*kind, subject));
        broken.map(|kind| (u64::try_from(number).unwrap() + 1, kind))
    })
}

fn all_are_found(mistakes: &[(Sabotage, u64)], suites: &[&str]) {
    let mut missed = Vec::new();
    for &(sabotage, limit) in mistakes {
        match schedules_to_find(&core_with(sabotage), suites, limit) {
            Some((schedules, kind)) => println!("{sabotage:?}: {kind:?} after {schedules} schedules"),
            None => missed.push(sabotage),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// Mistakes of the core that reach the game through the façade's saves, checks, ends, promises, handlers and
/// shutdown, with the suite each shows itself in.
const EMBEDDED_MISTAKES: [(Sabotage, &[&str], u64); 8] = [
    (Sabotage::NoFence, PROFILES, 2_000),
    (Sabotage::NoLease, PROFILES, 2_000),
    (Sabotage::FinalSaveNotRetried, PROFILES, 2_000),
    (Sabotage::LossNotTold, PROFILES, 20_000),
    (Sabotage::AcknowledgedBeforeStored, MARKET, 100),
    (Sabotage::PurchaseGrantedBeforeStored, MARKET, 1_000),
    (Sabotage::RetryIsNewMessage, MARKET, 500),
    (Sabotage::ShutdownDoesNotWait, MARKET, 100),
];

#[test]
fn a_deliberate_mistake_is_found_through_the_facade_too() {
    for (sabotage, suites, limit) in EMBEDDED_MISTAKES {
        let subject = EmbedSubject::with_config(Config { sabotage: Some(sabotage), ..Config::default() });
        let found = schedules_to_find(&subject, suites, limit);
        let (schedules, kind) = found.unwrap_or_else(|| panic!("{sabotage:?} was not found"));
        println!("{sabotage:?}: {kind:?} after {schedules} schedules");
    }
}

/// A game whose players stay for several auto-save periods: elsewhere they leave before they are passed over for long.
const LONG_STAYS: &str = r#"
name = "long_stays"
about = "players who stay, on servers that save often"
world = "calm"

[topology]
servers = 2
players = 6
stays = 1
length_s = [500, 600]

[constants]
AUTO_SAVE_PERIOD = 30
"#;

#[test]
fn an_auto_save_that_passes_sessions_over_is_found_where_players_stay() {
    let suite = Suite::parse(LONG_STAYS, &Subjects::default()).unwrap();
    let found = schedules_of(&[&suite], &core_with(Sabotage::AutoSaveTakesNewest), 100);
    println!("{:?}: {found:?}", Sabotage::AutoSaveTakesNewest);
    assert!(matches!(found, Some((_, FindingKind::Overdue))), "{found:?}");
    assert_eq!(schedules_of(&[&suite], &CoreSubject::default(), 2_000), None);
}

#[test]
fn every_deliberate_mistake_with_single_profiles_is_found() {
    all_are_found(PROFILE_MISTAKES, PROFILES);
    all_are_found(RIVAL_MISTAKES, RIVALS);
}

#[test]
fn every_deliberate_mistake_between_profiles_is_found() {
    all_are_found(MARKET_MISTAKES, MARKET);
    all_are_found(ADMIN_MISTAKES, ADMIN);
}

#[test]
fn the_unmodified_core_shows_no_finding_on_the_same_schedules() {
    assert_eq!(schedules_to_find(&CoreSubject::default(), PROFILES, 20_000), None);
    assert_eq!(schedules_to_find(&CoreSubject::default(), RIVALS, 2_000), None);
    assert_eq!(schedules_to_find(&CoreSubject::default(), MARKET, 12_000), None);
    assert_eq!(schedules_to_find(&CoreSubject::default(), ADMIN, 20_000), None);
}
