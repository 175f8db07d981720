//! A number that somebody wants to choose well: a constant of the subject, or a knob of the world.

use std::sync::Arc;

use dupeproof_sim::Subject;

use crate::knob::Knob;
use crate::strategy::{Setting, Values};
use crate::suggest;
use crate::suite::Suite;

/// What can be turned.
#[derive(Clone, Debug)]
pub enum Parameter {
    /// A constant of the subject, by name.
    Constant(String),
    /// A knob.
    Knob(&'static Knob),
}

impl Parameter {
    /// By name: a knob of that name, or a constant that the subject has.
    ///
    /// # Errors
    /// When there is neither, or the number is out of range; with what is allowed.
    pub fn find(name: &str, value: i64, subject: &dyn Subject) -> Result<Parameter, String> {
        if let Some(knob) = Knob::named(name) {
            return Ok(Parameter::Knob(knob));
        }
        let constant = u64::try_from(value).map_err(|_| format!("{name}: {value} is below 0"))?;
        subject.check_constant(name, constant).map(|()| Parameter::Constant(name.to_owned())).map_err(|why| {
            let knobs = Knob::all().iter().map(|knob| knob.name);
            format!("{why}; and it is no knob: {}", suggest::allowed(name, knobs))
        })
    }

    /// Whether it may be this.
    ///
    /// # Errors
    /// What it may be.
    pub fn check(&self, value: i64, subject: &dyn Subject) -> Result<(), String> {
        match self {
            Parameter::Knob(knob) => knob.check(value),
            Parameter::Constant(name) => {
                let value = u64::try_from(value).map_err(|_| format!("{name}: {value} is below 0"))?;
                subject.check_constant(name, value)
            }
        }
    }

    /// Turns it, in every schedule of a suite. Nothing else in the schedules changes.
    pub fn turn(&self, suite: &mut Suite, value: i64) {
        let shape = Arc::make_mut(&mut suite.shape);
        match self {
            Parameter::Knob(knob) => {
                shape.settings.retain(|setting| setting.knob.name != knob.name);
                shape.settings.push(Setting { knob, values: Values::OneOf(vec![value]) });
            }
            Parameter::Constant(name) => {
                shape.constants.insert(name.clone(), value.unsigned_abs());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Parameter;
    use crate::Suite;
    use crate::knob::Knob;
    use crate::subjects::Subjects;

    #[test]
    fn a_parameter_is_turned_in_every_schedule_and_moves_nothing_else() {
        let subjects = Subjects::default();
        let core = subjects.named("core").expect("it is built in");
        let suite = &Suite::all()[0];
        let knob = Knob::named("datastore_latency_max_ms").expect("it is a knob");
        for (name, value) in [("AUTO_SAVE_PERIOD", 77), (knob.name, 1_234)] {
            let parameter = Parameter::find(name, value, core).expect("it can be turned");
            let mut turned = suite.clone();
            parameter.turn(&mut turned, value);
            for case in 0..5 {
                let (before, after) = (suite.schedule(1, case, "core"), turned.schedule(1, case, "core"));
                assert_eq!(before.timeline, after.timeline);
                let found = after.constants.get(name).map_or_else(|| knob.get(&after, 0), |found| found.cast_signed());
                assert_eq!(found, value, "{name}");
            }
        }
        assert!(Parameter::find("PRAYER", 3, core).expect_err("there is none").contains("no knob"));
        assert!(Parameter::find("AUTO_SAVE_PERIOD", -3, core).is_err());
    }
}
