//! Where in the scripts requests come from.

use dupeproof_luau::LuauSubject;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::{Event, Global, Observer};

use crate::common::{contract, schedule, script};

const SOURCE: &str = "
local store = game:GetService('DataStoreService'):GetDataStore('PlayerData')
local function save(player, value)
	pcall(function()
		store:UpdateAsync('Player_' .. player.UserId, function() return value end)
	end)
end
game:GetService('Players').PlayerAdded:Connect(function(player)
	save(player, 1)
	task.spawn(function() store:SetAsync('other', 2) end)
end)
";

const CANCELS: &str = "
local store = game:GetService('DataStoreService'):GetDataStore('PlayerData')
local locks = game:GetService('MemoryStoreService'):GetHashMap('Locks')
game:GetService('Players').PlayerAdded:Connect(function(player)
	store:UpdateAsync('Player_1', function(old)
		for _, word in string.split('a b', ' ') do
			old = word
		end
		return nil
	end)
	locks:UpdateAsync('Player_1', function(holder)
		if holder then
			return nil
		end
		return 'mine'
	end, 30)
	locks:UpdateAsync('Player_1', function(holder)
		if holder then
			return
		end
		return 'mine'
	end, 30)
	store:UpdateAsync('Player_1', tostring)
end)
";

/// Each request with the calls that it comes from, if they are asked for.
struct Asked {
    reads_calls: bool,
    calls: Option<String>,
    asked: Vec<(RequestKind, Option<String>)>,
    cancelled: Vec<String>,
}

impl Observer for Asked {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::CalledFrom { calls, .. } => self.calls = Some(calls.to_string()),
            Event::Requested { kind, .. } => self.asked.push((*kind, self.calls.take())),
            Event::UpdateCancelled { .. } => self.cancelled.extend(self.calls.take()),
            _ => {}
        }
    }

    fn reads_calls(&self) -> bool {
        self.reads_calls
    }
}

#[test]
fn a_request_comes_from_a_line_of_the_users_script_whichever_leg_it_is() {
    let subject = LuauSubject::new(&script(SOURCE), contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    for network in [Network::Event, Network::Turmoil] {
        let run = |reads_calls| {
            let mut asked = Asked { reads_calls, calls: None, asked: Vec::new(), cancelled: Vec::new() };
            let end = network.run(&schedule(10), &subject, &mut asked);
            (asked.asked, end)
        };
        let ((silent, end), (told, end_told)) = (run(false), run(true));
        assert_eq!((end.digest, end.events), (end_told.digest, end_told.events), "it is the same run");
        assert!(silent.iter().all(|(_, calls)| calls.is_none()) && silent.len() == told.len());
        let of = |wanted| {
            let found = told.iter().find(|(kind, _)| *kind == wanted);
            found.and_then(|(_, calls)| calls.clone()).unwrap_or_else(|| panic!("{wanted:?} of {told:?}"))
        };
        let update = "ServerScriptService/Main:5\nServerScriptService/Main:4 save\nServerScriptService/Main:9";
        assert_eq!(of(RequestKind::Get), update);
        assert_eq!(of(RequestKind::CompareAndSet), format!("ServerScriptService/Main:5 transform\n{update}"));
        let spawned = "ServerScriptService/Main:10\nServerScriptService/Main:10 (thread)";
        assert_eq!(of(RequestKind::Set), spawned, "by a thread that the script has started");
    }
}

#[test]
fn what_a_transform_decides_comes_from_the_line_where_it_returned() {
    let subject = LuauSubject::new(&script(CANCELS), contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    for network in [Network::Event, Network::Turmoil] {
        let mut asked = Asked { reads_calls: true, calls: None, asked: Vec::new(), cancelled: Vec::new() };
        network.run(&schedule(20), &subject, &mut asked);
        let from = |returned: u32, called: u32| {
            format!("ServerScriptService/Main:{returned} transform\nServerScriptService/Main:{called}")
        };
        // The player joins once more in the end.
        assert_eq!(asked.cancelled[..2], [from(9, 5), from(19, 17)]);
        let first = |wanted| asked.asked.iter().find(|(kind, _)| *kind == wanted).and_then(|(_, calls)| calls.clone());
        assert_eq!(first(RequestKind::MemoryCompareAndSet), Some(from(15, 11)));
        // A function of Luau's own has no line.
        assert_eq!(first(RequestKind::CompareAndSet), Some("ServerScriptService/Main:23".into()));
    }
}
