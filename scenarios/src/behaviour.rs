//! Which behaviour the schedules of a search have shown, how often and since when: what tells how much has not been seen.
//!
//! A behaviour is two probes that are seen in one schedule, such as a takeover and a late reply, or one that is seen by itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::coverage::{Coverage, Probe};

/// How often one behaviour was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    /// In so many schedules.
    schedules: u64,
    /// The number of the first of them.
    first: u64,
}

/// All behaviour of consecutive schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<Row>", try_from = "Vec<Row>")]
pub struct Behaviour {
    /// By the places of both probes, see [`place_of`]; empty before the first schedule.
    shown: Vec<Shown>,
    /// The latest schedule that showed something new.
    newest: Option<u64>,
    /// Behaviour that was shown at all.
    seen: u64,
}

/// How much was seen, and what that says of what was not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BehaviourSeen {
    /// Pairs of probes that were seen in one schedule, and single ones.
    pub seen: u64,
    /// Schedules that showed some that no other schedule did.
    pub alone: u64,
    /// Of what was seen, what one schedule showed.
    pub once: u64,
    /// What two schedules showed.
    pub twice: u64,
    /// How much had been seen after so many schedules: after 1, 2, 4 ... and all.
    pub curve: Vec<(u64, u64)>,
}

/// A behaviour as it is written down: its place, in how many schedules, and the first of them.
type Row = (usize, u64, u64);

impl From<Behaviour> for Vec<Row> {
    fn from(behaviour: Behaviour) -> Vec<Row> {
        let all = behaviour.shown.iter().enumerate().filter(|(_, shown)| shown.schedules > 0);
        all.map(|(place, shown)| (place, shown.schedules, shown.first)).collect()
    }
}

impl TryFrom<Vec<Row>> for Behaviour {
    type Error = String;

    fn try_from(rows: Vec<Row>) -> Result<Behaviour, String> {
        let mut behaviour = Behaviour::default();
        for (place, schedules, first) in rows {
            if place >= PLACES || schedules == 0 {
                return Err(format!("there is no behaviour {place} of {schedules} schedules"));
            }
            behaviour.add(place, Shown { schedules, first });
        }
        Ok(behaviour)
    }
}

impl Behaviour {
    /// The next schedule.
    pub(crate) fn take(&mut self, case: u64, coverage: &Coverage) {
        let seen = Probe::ALL.iter().map(|probe| coverage.of(*probe)).enumerate().filter(|(_, count)| *count > 0);
        let places: Vec<usize> = seen.map(|(place, _)| place).collect();
        let one = Shown { schedules: 1, first: case };
        for (index, larger) in places.iter().enumerate() {
            for smaller in &places[..=index] {
                self.add(place_of(*smaller, *larger), one);
            }
        }
    }

    /// The schedules that follow.
    pub(crate) fn append(&mut self, next: &Behaviour) {
        for (place, shown) in next.shown.iter().enumerate().filter(|(_, shown)| shown.schedules > 0) {
            self.add(place, *shown);
        }
    }

    fn add(&mut self, place: usize, more: Shown) {
        if self.shown.is_empty() {
            self.shown = vec![Shown::default(); PLACES];
        }
        let shown = &mut self.shown[place];
        if shown.schedules == 0 {
            shown.first = more.first;
            self.seen += 1;
            self.newest = self.newest.max(Some(more.first));
        }
        shown.schedules += more.schedules;
    }

    /// How much was seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The number of the latest schedule that showed something new; `None` before the first.
    pub fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// How much was seen in schedules of which this was the first, and so many followed.
    pub fn summed_up(&self, first: u64, cases: u64) -> BehaviourSeen {
        let shown = || self.shown.iter().filter(|shown| shown.schedules > 0);
        let alone: BTreeSet<u64> = shown().filter(|shown| shown.schedules == 1).map(|shown| shown.first).collect();
        let often = |schedules| shown().filter(|shown| shown.schedules == schedules).count() as u64;
        let mut since: Vec<u64> = shown().map(|shown| shown.first - first).collect();
        since.sort_unstable();
        let doublings =
            std::iter::successors(Some(1_u64), |after| after.checked_mul(2)).take_while(|after| *after < cases);
        let by = |after: u64| (after, since.partition_point(|since| *since < after) as u64);
        let curve = doublings.chain((cases > 0).then_some(cases)).map(by).collect();
        BehaviourSeen { seen: self.seen, alone: alone.len() as u64, once: often(1), twice: often(2), curve }
    }
}

impl BehaviourSeen {
    /// How many schedules there are until one shows something new, on average: Good and Turing's estimate, by schedules, since
    /// what is new comes together. At least so many, if none showed anything alone; `None` without schedules.
    pub fn schedules_until_new(&self) -> Option<u64> {
        let (cases, _) = self.curve.last()?;
        Some(cases / self.alone.max(1))
    }

    /// How much there is, at least, that was not seen: Chao's estimate.
    pub fn unseen_at_least(&self) -> u64 {
        let pairs = self.once * self.once.saturating_sub(1) / 2;
        pairs / (self.twice + 1)
    }
}

/// How many pairs of probes there are, and single ones.
const PLACES: usize = place_of(0, Probe::COUNT);

/// The place of a behaviour; `smaller` is at most `larger`.
const fn place_of(smaller: usize, larger: usize) -> usize {
    larger * (larger + 1) / 2 + smaller
}

#[cfg(test)]
mod tests {
    use super::Behaviour;
    use crate::coverage::{Coverage, Milestone};

    fn seen(milestones: &[Milestone]) -> Coverage {
        let mut coverage = Coverage::default();
        milestones.iter().for_each(|milestone| coverage.count(*milestone));
        coverage
    }

    /// Three schedules: a stay, a stay with a hop, a stay with a hop and a steal.
    fn three() -> [Coverage; 3] {
        use Milestone::{Hopped, SessionsStarted, Stolen};
        [seen(&[SessionsStarted]), seen(&[SessionsStarted, Hopped]), seen(&[SessionsStarted, Hopped, Stolen])]
    }

    fn of(first: u64, schedules: &[Coverage]) -> Behaviour {
        let mut behaviour = Behaviour::default();
        (first..).zip(schedules).for_each(|(case, coverage)| behaviour.take(case, coverage));
        behaviour
    }

    #[test]
    fn each_pair_of_probes_is_a_behaviour_and_so_is_each_alone() {
        let behaviour = of(10, &three());
        assert_eq!((behaviour.seen(), behaviour.newest()), (6, Some(12)));
        let summed_up = behaviour.summed_up(10, 3);
        assert_eq!(summed_up.curve, [(1, 1), (2, 3), (3, 6)]);
        assert_eq!((summed_up.once, summed_up.twice), (3, 2), "the steal and its two pairs; the hop and its pair");
        assert_eq!(summed_up.alone, 1, "all three came with one schedule");
        assert_eq!((summed_up.schedules_until_new(), summed_up.unseen_at_least()), (Some(3), 1));
    }

    #[test]
    fn where_schedules_are_cut_does_not_matter_and_nor_does_writing_them_down() {
        let whole = of(0, &three());
        for cut in 0..=3 {
            let mut first = of(0, &three()[..cut]);
            let json = serde_json::to_string(&of(cut as u64, &three()[cut..])).unwrap();
            first.append(&serde_json::from_str(&json).unwrap());
            assert_eq!(first, whole, "{cut}");
        }
        serde_json::from_str::<Behaviour>("[[99999999, 1, 0]]").unwrap_err();
    }

    #[test]
    fn without_schedules_nothing_is_said() {
        let none = Behaviour::default().summed_up(0, 0);
        assert_eq!((none.seen, none.schedules_until_new(), none.unseen_at_least()), (0, None, 0));
    }
}
