//! Promises that nothing in a search could have broken.

use dupeproof_sim::FindingKind;

use crate::coverage::{Coverage, Milestone, Probe};

/// Without any of these, there was nothing to break.
struct Needs {
    kinds: &'static [FindingKind],
    any_of: &'static [Milestone],
    why: &'static str,
}

const NEEDS: [Needs; 5] = [
    Needs {
        kinds: &[FindingKind::MessageLost, FindingKind::MessageDuplicated],
        any_of: &[Milestone::MessageAccepted, Milestone::MessageHandled],
        why: "no message between profiles was accepted",
    },
    Needs {
        kinds: &[FindingKind::PurchaseLost, FindingKind::PurchaseDuplicated],
        any_of: &[Milestone::PurchaseGranted],
        why: "no purchase was granted",
    },
    Needs {
        kinds: &[FindingKind::ItemDuplicated],
        any_of: &[Milestone::ItemsMoved, Milestone::ItemsPutAside],
        why: "no item went from one player to another",
    },
    Needs {
        kinds: &[FindingKind::FalseAck],
        any_of: &[Milestone::SavesAcknowledged, Milestone::PurchaseGranted],
        why: "the game was never told that its data is stored",
    },
    Needs {
        kinds: &[FindingKind::LostUpdate, FindingKind::StaleStart, FindingKind::ItemLost],
        any_of: &[Milestone::ChangesStored],
        why: "no change of data was ever stored",
    },
];

/// The kinds that could not come up in runs in which this was seen, each with the reason.
pub(super) fn idle(coverage: &Coverage) -> impl Iterator<Item = (FindingKind, &'static str)> {
    let seen = |milestone: &Milestone| coverage.of(Probe::from(*milestone)) > 0;
    let idle = NEEDS.iter().filter(move |needs| !needs.any_of.iter().any(seen));
    idle.flat_map(|needs| needs.kinds.iter().map(|kind| (*kind, needs.why)))
}

#[cfg(test)]
mod tests {
    use dupeproof_sim::FindingKind;

    use super::idle;
    use crate::coverage::{Coverage, Milestone};

    #[test]
    fn where_nothing_is_sent_no_message_can_be_lost() {
        let mut coverage = Coverage::default();
        let tells = |coverage: &Coverage, kind| idle(coverage).all(|(idle, _)| idle != kind);
        assert!(!tells(&coverage, FindingKind::MessageLost) && !tells(&coverage, FindingKind::ItemDuplicated));
        assert!(tells(&coverage, FindingKind::DoubleLive), "two sessions are enough");
        coverage.count(Milestone::MessageAccepted);
        assert!(tells(&coverage, FindingKind::MessageLost) && !tells(&coverage, FindingKind::PurchaseLost));
    }
}
