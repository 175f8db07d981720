//! How late requests may be while a schedule is made simpler: as the scenario or its world says.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, Schedule};

use super::setting::Setting;

/// Whether a knob says how late requests are.
pub(super) fn is_of(setting: &Setting) -> bool {
    setting.knob.name.starts_with("lateness_")
}

/// Whether any request may be late by chance.
pub(super) fn occurs(schedule: &Schedule) -> bool {
    let services = &schedule.services;
    let meets = |class: RequestClass, fault: RequestFault| {
        services.faults.of(class).of(fault) > 0 || services.memory_store.faults.of(class).of(fault) > 0
    };
    let mut late = RequestFault::all(Span::ZERO).into_iter().filter(|fault| fault.late_by().is_some());
    late.any(|fault| RequestClass::ALL.into_iter().any(|class| meets(class, fault)))
}

/// The least and the most that the scenario or its world says, in microseconds.
fn range(settings: &[Setting]) -> (u64, u64) {
    let bound = |name: &str| settings.iter().find(|setting| setting.knob.name == name);
    let micros = |millis: i64| millis.unsigned_abs().saturating_mul(1_000);
    let least = bound("lateness_min_ms").map_or(0, |setting| micros(setting.values.least()));
    let most = bound("lateness_max_ms").map_or(u64::MAX, |setting| micros(setting.values.most()));
    (least, most)
}

/// Whether a request is only as late as it is because it may not be less late: nobody knows what less would do.
pub(super) fn is_held(settings: &[Setting], schedule: &Schedule) -> bool {
    let (least, _) = range(settings);
    let is_least = |action: &Action| match action {
        Action::FailNext { fault, .. } => fault.late_by() == Some(Span(least)),
        _ => false,
    };
    least > 0 && schedule.timeline.iter().any(|step| is_least(&step.action))
}

/// Puts back the lateness of single requests that left the range. One that was out of it before stays, because a pattern made it.
pub(super) fn hold(settings: &[Setting], simpler: &mut Schedule, from: &Schedule) {
    let (least, most) = range(settings);
    for step in &mut simpler.timeline {
        let Action::FailNext { fault, .. } = &mut step.action else { continue };
        let was = *fault;
        let Some(Span(late)) = fault.span_mut() else { continue };
        let held = (*late).max(least).min(most);
        let is_known = |other: &Action| matches!(other, Action::FailNext { fault, .. } if *fault == was);
        if held != *late && !from.timeline.iter().any(|step| is_known(&step.action)) {
            *late = held;
        }
    }
}

#[cfg(test)]
mod tests {
    use dupeproof_sim::id::ServiceName;
    use dupeproof_sim::schedule::Step;

    use super::*;
    use crate::knob::Knob;
    use crate::strategy::Values;

    fn late(seconds: &[u64]) -> Schedule {
        let step = |seconds: &u64| {
            let fault = RequestFault::LateApply { span: Span::secs(*seconds) };
            let (service, class) = (ServiceName::DataStore, RequestClass::Write);
            Step { at: Span::ZERO, action: Action::FailNext { server: 0, service, class, fault } }
        };
        Schedule { timeline: seconds.iter().map(step).collect(), ..Schedule::default() }
    }

    #[test]
    fn a_request_stays_as_late_as_its_scenario_says_and_one_that_a_pattern_made_as_it_is() {
        let setting = |name, values| Setting { knob: Knob::named(name).expect("there is one"), values };
        let settings = [
            setting("lateness_min_ms", Values::OneOf(vec![9_000, 8_000])),
            setting("lateness_max_ms", Values::Between(20_000, 30_000)),
        ];
        let held = |simpler: &[u64], settings: &[Setting]| {
            let mut simpler = late(simpler);
            hold(settings, &mut simpler, &late(&[3, 12]));
            simpler
        };
        assert_eq!(held(&[3, 8], &settings), late(&[3, 8]), "in its range, beside one that never was");
        assert_eq!(held(&[3, 0], &settings), late(&[3, 8]), "less than the least");
        assert_eq!(held(&[2, 40], &settings), late(&[8, 30]), "what is changed comes into the range");
        assert_eq!(held(&[0], &[]), late(&[0]), "where nothing is said, nothing is held");
        assert!(is_held(&settings, &late(&[12, 8])) && !is_held(&settings, &late(&[12])) && !is_held(&[], &late(&[0])));
    }

    #[test]
    fn late_requests_occur_as_long_as_one_kind_of_them_has_a_chance() {
        let mut schedule = Schedule::default();
        schedule.services.faults.of_mut(RequestClass::Write).refused_ppm = 5;
        assert!(!occurs(&schedule), "a refusal is not late");
        schedule.services.memory_store.faults.of_mut(RequestClass::Set).late_reply_ppm = 5;
        assert!(occurs(&schedule));
    }
}
