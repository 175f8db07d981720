//! What can happen next in a state.

use super::World;
use super::flight::Cargo;
use super::setting::Setting;
use crate::prove::choice::Choice;

impl World {
    /// All that can happen next without a deviation; and with one, if one is left.
    pub(crate) fn choices(&self, setting: &Setting, deviations: bool, choices: &mut Vec<Choice>) {
        if let Some(next) = self.next_alone(setting) {
            choices.push(next);
            if deviations {
                self.deviations_of(next, choices);
            }
            return;
        }
        let mut healthy = false;
        for (index, flight) in (0u8..).zip(&self.flights) {
            if matches!(flight.cargo, Cargo::LateWrite(_)) {
                choices.push(Choice::ApplyLate(index));
                continue;
            }
            healthy |= !flight.held;
            choices.push(Choice::Arrive(index));
        }
        for (slot, server) in (0u8..).zip(&self.slots) {
            if server.is_due(setting.grid) {
                healthy = true;
                choices.push(Choice::Wake(slot));
            }
            if server.kept.is_some() {
                choices.push(Choice::Thaw(slot));
            }
            // It shows with the next request.
            if server.cut_off > 0 && self.asks(slot) {
                choices.push(Choice::Reconnect(slot));
            }
        }
        for (actor, steps) in (0u8..).zip(&setting.script.actors) {
            if steps.len() > usize::from(self.progress[usize::from(actor)]) && self.may_begin(setting, actor) {
                choices.push(Choice::Step(actor));
            }
        }
        if deviations {
            for index in 0..choices.len() {
                self.deviations_of(choices[index], choices);
            }
        }
        if !healthy && self.next_timer(setting).is_some() {
            choices.push(Choice::Advance);
        }
    }

    /// What can go wrong with what can happen: a freeze shows with the first thing that reaches a server, and a cut with
    /// its first request.
    fn deviations_of(&self, choice: Choice, choices: &mut Vec<Choice>) {
        let slot = match choice {
            Choice::Arrive(index) => {
                let flight = &self.flights[usize::from(index)];
                choices.extend(flight.deviations().iter().map(|how| Choice::Flight(index, *how)));
                flight.server.slot
            }
            Choice::Wake(slot) => u16::from(slot),
            _ => return,
        };
        let server = &self.slots[usize::from(slot)];
        let slot = u8::try_from(slot).expect("there are few servers");
        let mut offer = |choice| {
            if server.server.is_some() && !choices.contains(&choice) {
                choices.push(choice);
            }
        };
        if server.kept.is_none() {
            offer(Choice::Freeze(slot));
        }
        if server.cut_off == 0 && self.asks(slot) {
            offer(Choice::CutOff(slot));
        }
    }

    fn asks(&self, slot: u8) -> bool {
        let asks = |cargo: &Cargo| matches!(cargo, Cargo::Request(..));
        self.flights.iter().any(|flight| flight.server.slot == u16::from(slot) && asks(&flight.cargo))
    }

    /// Of two actors that are the same on servers that are the same, the second does not begin first.
    fn may_begin(&self, setting: &Setting, actor: u8) -> bool {
        let Some((twin, [its, own])) = setting.twin_of(actor) else { return true };
        let same = self.slots[usize::from(its)].rate() == self.slots[usize::from(own)].rate();
        self.progress[usize::from(twin)] > 0 || !same
    }

    /// What happens without regard to anything else.
    ///
    /// A healthy read is answered at once: whatever could come before it can come before it is asked. And if one thing is
    /// pending at a server, no step is to come for that server, and it touches no more than its own state and records
    /// that no other server ever does, then the same states follow in whatever order it and the rest happen: one order is
    /// enough. (But for messages to that server that are not sent yet.)
    fn next_alone(&self, setting: &Setting) -> Option<Choice> {
        if let Some(index) = self.flights.iter().position(|flight| flight.is_healthy_read()) {
            return u8::try_from(index).ok().map(Choice::Arrive);
        }
        (0u8..).zip(&self.slots).find_map(|(slot, server)| {
            if server.server.is_none() || server.kept.is_some() || self.has_steps_to_come(setting, slot) {
                return None;
            }
            let mut flights = (0u8..).zip(&self.flights).filter(|(_, flight)| flight.server.slot == u16::from(slot));
            let choice = match (server.is_due(setting.grid), flights.next(), flights.next()) {
                (true, None, None) => Choice::Wake(slot),
                (false, Some((index, flight)), None) => match &flight.cargo {
                    Cargo::Request(_, asked) if !flight.held => {
                        let key = asked.request.target()?;
                        setting.is_private(key, slot).then_some(Choice::Arrive(index))?
                    }
                    _ => return None,
                },
                _ => return None,
            };
            self.stays_private(setting, slot, choice).then_some(choice)
        })
    }

    fn has_steps_to_come(&self, setting: &Setting, slot: u8) -> bool {
        let actors = setting.script.actors.iter().zip(&self.progress);
        actors.flat_map(|(steps, taken)| &steps[usize::from(*taken)..]).any(|step| step.server == slot)
    }

    /// Whether it leads to no read, which would be answered at once, of a record that others write, and no topic is
    /// begun or left.
    fn stays_private(&self, setting: &Setting, slot: u8, choice: Choice) -> bool {
        let mut after = self.clone();
        after.take(setting, choice);
        let is_shared_read = |flight: &super::Flight| match &flight.cargo {
            Cargo::Request(_, asked) if flight.is_healthy_read() => {
                asked.request.target().is_none_or(|key| !setting.is_private(key, slot))
            }
            _ => false,
        };
        after.topics.print == self.topics.print && !after.flights.iter().any(is_shared_read)
    }
}
