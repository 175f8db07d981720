//! How large the effect of each kind of fault is, beside the recorded one.

use dupeproof_scenarios::Audit;
use dupeproof_scenarios::audit::{Audited, Compared, Gauge, Record, Stray, Trial};
use dupeproof_sim::network::Network;

use crate::format;
use crate::text_table::TextTable;

/// The effects of some kinds of fault.
pub(super) struct Effects {
    /// Empty: they were not measured.
    compared: Vec<Compared>,
    /// In how many schedules each was measured.
    schedules: u64,
}

impl Effects {
    /// Measures those of these kinds: in as many schedules as were asked for, and at most in as many as were recorded. Only
    /// on the network on which they were recorded: over sockets what a cut holds back keeps its order, for example.
    pub(super) fn measure(kinds: &[Audited], audit: &Audit<'_>) -> Effects {
        let record = Record::built_in();
        let schedules = audit.cases.min(record.schedules);
        let comparable = schedules >= Record::ENOUGH && audit.network == Network::Event;
        let measured = kinds.iter().filter(|_| comparable);
        let trial = |kind: &Audited| Trial { fault: kind.fault, seed: audit.seed, schedules };
        Effects { compared: measured.map(|kind| record.compare(&trial(kind), audit.network)).collect(), schedules }
    }

    /// Whether one is not as large as recorded.
    pub(super) fn stray(&self) -> bool {
        self.compared.iter().any(|compared| !compared.strays.is_empty())
    }

    /// What is to be said of all.
    pub(super) fn sentence(&self) -> String {
        if self.compared.is_empty() {
            let needs = format!("that takes {} schedules, on the network `event`", Record::ENOUGH);
            return format!("how large the effects are was not measured: {needs}");
        }
        let strays = self.compared.iter().filter(|compared| !compared.strays.is_empty());
        let names: Vec<&str> = strays.map(|compared| compared.effect.fault.name()).collect();
        let how = format!("each fault alone, in {}, per schedule", format::counted(self.schedules, "schedule"));
        match names.as_slice() {
            [] => format!("every effect is as large as recorded ({how}):"),
            _ => format!("not as large as recorded: {} ({how}):", names.join(", ")),
        }
    }

    /// The clearest of each fault's effects, and all that are not as recorded.
    pub(super) fn text(&self) -> String {
        if self.compared.is_empty() {
            return String::new();
        }
        let mut table = TextTable::new(["fault", "what it changes", "recorded", "now", "verdict"]).right([2, 3]);
        for compared in &self.compared {
            let fault = compared.effect.fault;
            for stray in &compared.strays {
                let Stray { gauge, recorded, now } = *stray;
                table.row(row(fault.name(), gauge, (recorded, now), verdict(stray)));
            }
            let main = Record::built_in().main(fault).filter(|_| compared.strays.is_empty());
            if let Some(gauge) = main {
                let recorded = Record::built_in().size(fault, gauge).unwrap_or_default().mean;
                let sizes = (recorded, compared.effect.on(gauge).mean);
                table.row(row(fault.name(), gauge, sizes, "as recorded".into()));
            }
        }
        table.to_string()
    }
}

fn row(fault: &str, gauge: Gauge, (recorded, now): (f64, f64), verdict: String) -> [String; 5] {
    [fault.to_owned(), gauge.about().to_owned(), signed(recorded), signed(now), verdict]
}

fn verdict(stray: &Stray) -> String {
    let times = stray.now / stray.recorded;
    match stray.recorded {
        // Exactly zero is how "not recorded" is told.
        recorded if recorded.abs() <= 0.0 => "NOT RECORDED".into(),
        _ if times < 0.0 => "THE OTHER WAY".into(),
        _ => format!("{times:.2} TIMES AS MUCH"),
    }
}

/// More or less than without the fault.
fn signed(size: f64) -> String {
    match size.abs() {
        100.0.. => format!("{size:+.0}"),
        1.0.. => format!("{size:+.1}"),
        _ => format!("{size:+.2}"),
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_scenarios::Fault;
    use dupeproof_scenarios::audit::{Effect, Metronome};
    use dupeproof_sim::Action;

    use super::*;

    /// The effect of clock steps of which so much is carried out, in percent.
    fn clock_steps(percent: i64) -> Effects {
        let record = Record::built_in();
        let mut pairs = record.trial(Fault::named("clock_step")).pairs();
        for step in pairs.iter_mut().flat_map(|pair| &mut pair.with.timeline) {
            if let Action::ClockStep { by, .. } = &mut step.action {
                *by = *by * percent / 100;
            }
        }
        let effect = Effect::of(Fault::named("clock_step"), &pairs, &|schedule, observer| {
            Network::Event.run(schedule, &Metronome, observer);
        });
        Effects { compared: vec![Compared { strays: record.strays(&effect, true), effect }], schedules: 100 }
    }

    #[test]
    fn half_a_fault_is_named_with_how_much_it_does() {
        let half = clock_steps(50);
        assert!(half.stray());
        assert!(
            half.sentence().starts_with("not as large as recorded: clock_step (each fault alone, in 100 schedules")
        );
        let text = half.text();
        assert!(text.contains("seconds that os.time is wrong") && text.contains("0.50 TIMES AS MUCH"), "{text}");
    }

    #[test]
    fn a_whole_fault_is_as_recorded() {
        let whole = clock_steps(100);
        assert!(!whole.stray());
        assert!(whole.sentence().starts_with("every effect is as large as recorded (each fault alone"));
        assert!(whole.text().contains("as recorded") && !whole.text().contains("TIMES"), "{}", whole.text());
    }
}
