//! Where in the users' scripts requests, and what games say of their sessions, come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_sim::Event;
use dupeproof_sim::id::{RequestId, ServerId};

/// Follows a trace.
#[derive(Default)]
pub struct Calls {
    /// Of what each server asks for or says next.
    next: BTreeMap<ServerId, Arc<str>>,
    asked: BTreeMap<(ServerId, RequestId), Arc<str>>,
}

impl Calls {
    /// The next event. Returns the calls that it comes from, the innermost first; `None` if no script did it.
    pub fn of(&mut self, event: &Event) -> Option<Arc<str>> {
        match event {
            Event::CalledFrom { server, calls } => {
                self.next.insert(*server, calls.clone());
                None
            }
            Event::Requested { server, id, .. } => {
                let calls = self.next.remove(server)?;
                self.asked.insert((*server, *id), calls.clone());
                Some(calls)
            }
            Event::Guest { server, .. } | Event::UpdateCancelled { server, .. } => self.next.remove(server),
            Event::Throttled { server, id }
            | Event::RequestFault { server, id, .. }
            | Event::Committed { server, id, .. }
            | Event::Conflicted { server, id, .. }
            | Event::Answered { server, id, .. }
            | Event::AnsweredTooLate { server, id }
            | Event::MemoryChanged { server, id, .. }
            | Event::MemoryConflicted { server, id, .. } => self.asked.get(&(*server, *id)).cloned(),
            _ => None,
        }
    }
}

/// The calls without what an adapter does for a module that tells it something, so that they begin in the module; as they are
/// if all are the adapter's.
pub fn in_module(calls: Arc<str>) -> Arc<str> {
    let skipped = calls.lines().take_while(|line| line.contains(" (adapter):")).count();
    if skipped == 0 || skipped == calls.lines().count() {
        return calls;
    }
    calls.lines().skip(skipped).collect::<Vec<_>>().join("\n").into()
}

/// Calls as a list.
pub fn listed(calls: Option<&str>) -> Vec<String> {
    calls.iter().flat_map(|calls| calls.lines()).map(str::to_owned).collect()
}

/// Calls in one line: `Data:161, called from Data:189 save`.
pub fn in_words(calls: &str) -> String {
    calls.replace('\n', ", called from ")
}

/// Frames of a chain that are shown beside a line of a story.
const SHORT: usize = 3;

/// The innermost calls, in short: `ReplicatedStorage/Data:36 transform < :33 < :109 save`. A script is named once.
pub fn in_short(calls: &str) -> String {
    let mut last = "";
    let mut shown = Vec::new();
    for line in calls.lines().take(SHORT) {
        let script = line.rsplit_once(':').map_or(line, |(script, _)| script);
        shown.push(if script == last { &line[script.len()..] } else { line });
        last = script;
    }
    shown.join(" < ")
}

#[cfg(test)]
mod tests {
    use super::{in_module, in_short};

    #[test]
    fn a_script_is_named_once_in_a_row() {
        let calls = "Storage/Data:36 transform\nStorage/Data:33\nGame (adapter):5 save\nStorage/Data:1";
        assert_eq!(in_short(calls), "Storage/Data:36 transform < :33 < Game (adapter):5 save");
        assert_eq!(in_short("Data:7"), "Data:7");
    }

    #[test]
    fn what_an_adapter_does_for_a_module_is_left_out_in_front_only() {
        let of = |calls: &str| in_module(calls.into()).to_string();
        assert_eq!(
            of("mine (adapter):28\nStorage/Data:36 lose\nmine (adapter):9 load"),
            "Storage/Data:36 lose\nmine (adapter):9 load"
        );
        assert_eq!(of("mine (adapter):28\nmine (adapter):9 load"), "mine (adapter):28\nmine (adapter):9 load");
    }
}
