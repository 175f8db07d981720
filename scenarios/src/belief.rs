//! How real something must be to count.

use dupeproof_sim::schedule::Schedule;

use crate::catalogue::catalogue;
use crate::factor::{Factor, Intervention};
use crate::fault::{Evidence, Fault};
use crate::left_open;

catalogue! {
    /// How real the causes of a finding must be to make a run unsafe; less real faults, and sizes of faults, are left out of
    /// the schedules.
    #[derive(Default, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Belief {
        Documented "documented" "what Roblox documents",
        Reported "reported" "what is documented, or was reported in public",
        Inferred "inferred" "also what is inferred from that",
        #[default] All "all" "also Studio, and what nobody has ever seen",
    }
}

impl Belief {
    /// The least real evidence that counts.
    pub fn least(self) -> Evidence {
        match self {
            Belief::Documented => Evidence::Documented,
            Belief::Reported => Evidence::Reported,
            Belief::Inferred => Evidence::Inferred,
            Belief::All => Evidence::NeverSeen,
        }
    }

    /// Whether something with this evidence counts.
    pub fn counts(self, evidence: Evidence) -> bool {
        evidence <= self.least()
    }

    /// By name.
    pub fn named(name: &str) -> Option<Belief> {
        Belief::ALL.iter().copied().find(|belief| belief.name() == name)
    }

    /// Leaves out of a schedule what does not count.
    pub(crate) fn keep_to(self, schedule: &mut Schedule) {
        if self != Belief::All {
            keep_to(self.least(), schedule);
        }
    }
}

/// Leaves out of a schedule whatever is less real: what is so at any size, altogether; of all else, so much that the rest
/// is as real as this.
pub(crate) fn keep_to(most: Evidence, schedule: &mut Schedule) {
    Fault::ALL.iter().for_each(|fault| fault.keep_to(most, schedule));
    let done = Intervention::ALL.iter().filter(|done| done.evidence() > most);
    done.for_each(|done| Factor::Intervention(*done).take_out(schedule));
    left_open::keep_to(most, schedule);
}
