//! Memory lanes: what memory stores kept for a player, and which server had written it.

use std::collections::BTreeMap;

use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::request::{MemoryAddress, Structure};
use dupeproof_sim::{Event, Global, Key};

use super::cast::Cast;
use crate::escape;

/// One entry of a memory store over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryLane {
    /// Where it is: structure, name and key.
    pub address: Key,
    /// Whose.
    pub player: PlayerId,
    /// What was kept; from one server's write to another's, to its removal, or to the end of its time.
    pub spans: Vec<MemorySpan>,
    /// The writes, and whose.
    pub writes: Vec<(Global, ServerId)>,
}

/// As long as what is kept is by one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemorySpan {
    /// The server that wrote it, and wrote it again since.
    pub server: ServerId,
    /// From its first write.
    pub from: Global,
    /// When it is no more there.
    pub until: Global,
    /// Why it ended.
    pub end: SpanEnd,
}

/// Why something is no more kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanEnd {
    /// Another server has written something else.
    Replaced,
    /// Somebody has removed it.
    Removed,
    /// Its time had passed, and nobody had written it again.
    Expired,
    /// The picture ends before it.
    Open,
}

/// Whose an entry is: the player whose UserId is the only number in its key, or else in the name of its map; `None` if none
/// is, or if it is not in a map.
pub fn player_of_entry(address: &str) -> Option<PlayerId> {
    let MemoryAddress { structure, name, key } = MemoryAddress::parse(address)?;
    if structure == Structure::Queue {
        return None;
    }
    only_number(&key).or_else(|| only_number(&name)).map(PlayerId)
}

/// `Locks/Player_1`: the name of the map, and the key in it.
pub fn entry_name(address: &str) -> String {
    let name = MemoryAddress::parse(address).map_or_else(|| address.to_owned(), |at| format!("{}/{}", at.name, at.key));
    escape::name(&name).into_owned()
}

/// Until when what is written lasts: nothing that lasts no time at all, which is how `UpdateAsync` removes an entry.
pub fn lasting(written: Global, until: Option<Global>) -> Option<Global> {
    until.filter(|until| *until > written)
}

/// The only number in a text, if there is just one.
pub fn only_number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
    let number = numbers.next()?.parse().ok()?;
    numbers.next().is_none().then_some(number)
}

/// A lane for each entry of the cast's, in order of player.
pub fn lanes(events: &[(Global, Event)], cast: &Cast, until: Global) -> Vec<MemoryLane> {
    let mut lanes: BTreeMap<(PlayerId, &Key), Builder> = BTreeMap::new();
    for (at, event) in events {
        if let Event::MemoryChanged { server, address, until: lasts, .. } = event
            && let Some(player) = cast.player_of_entry(address)
        {
            lanes.entry((player, address)).or_default().written(*at, *server, lasting(*at, *lasts));
        }
    }
    lanes.into_iter().map(|((player, address), lane)| lane.finish(player, address.clone(), until)).collect()
}

/// A lane as it is made.
#[derive(Default)]
struct Builder {
    /// By which server, since when, and when its time will have passed.
    now: Option<(ServerId, Global, Global)>,
    spans: Vec<MemorySpan>,
    writes: Vec<(Global, ServerId)>,
}

impl Builder {
    /// A write, whose value lasts until then, or a removal.
    fn written(&mut self, at: Global, server: ServerId, lasts: Option<Global>) {
        self.expire(at);
        let since = match (lasts, self.now) {
            (None, _) => {
                self.end(at, SpanEnd::Removed);
                return;
            }
            (Some(_), Some((holder, from, _))) if holder == server => from,
            (Some(_), _) => {
                self.end(at, SpanEnd::Replaced);
                at
            }
        };
        self.writes.push((at, server));
        self.now = lasts.map(|lasts| (server, since, lasts));
    }

    fn expire(&mut self, now: Global) {
        if let Some((_, _, until)) = self.now.filter(|(_, _, until)| *until <= now) {
            self.end(until, SpanEnd::Expired);
        }
    }

    fn end(&mut self, until: Global, end: SpanEnd) {
        if let Some((server, from, _)) = self.now.take() {
            self.spans.push(MemorySpan { server, from, until, end });
        }
    }

    fn finish(mut self, player: PlayerId, address: Key, until: Global) -> MemoryLane {
        self.expire(until);
        self.end(until, SpanEnd::Open);
        MemoryLane { address, player, spans: self.spans, writes: self.writes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_players_whose_number_is_the_only_one_in_its_key() {
        let of = |name: &str, key: &str| {
            player_of_entry(&MemoryAddress::new(Structure::HashMap, name, key).to_key()).map(|player| player.0)
        };
        assert_eq!(of("Locks", "Player_12"), Some(12));
        assert_eq!(of("Locks2", "12"), Some(12), "the key comes first");
        assert_eq!(of("Locks:12", "lock"), Some(12));
        assert_eq!((of("Locks", "Player_12_slot_3"), of("Locks", "all")), (None, None));
        assert_eq!(player_of_entry(&MemoryAddress::new(Structure::Queue, "Queue_12", "").to_key()), None);
        assert_eq!(player_of_entry("Player_12"), None);
    }

    #[test]
    fn what_is_written_again_in_time_lasts_and_else_its_time_passes() {
        let [one, other] = [0, 1].map(|slot| ServerId { slot, life: 0 });
        let mut lane = Builder::default();
        lane.written(Global(0), one, Some(Global(30)));
        lane.written(Global(20), one, Some(Global(50)));
        lane.written(Global(60), other, Some(Global(90)));
        lane.written(Global(70), one, Some(Global(100)));
        lane.written(Global(80), other, None);
        lane.written(Global(85), other, None);
        lane.written(Global(90), other, Some(Global(120)));
        let lane = lane.finish(PlayerId(1), "hash:Locks/1".into(), Global(100));
        let ends: Vec<_> = lane.spans.iter().map(|span| (span.from.0, span.until.0, span.end)).collect();
        let expected = [
            (0, 50, SpanEnd::Expired),
            (60, 70, SpanEnd::Replaced),
            (70, 80, SpanEnd::Removed),
            (90, 100, SpanEnd::Open),
        ];
        assert_eq!(ends, expected);
        assert_eq!(lane.writes.len(), 5);
    }
}
