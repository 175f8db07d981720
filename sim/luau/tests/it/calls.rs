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

/// Each request with the calls that it comes from, if they are asked for.
struct Asked {
    reads_calls: bool,
    calls: Option<String>,
    asked: Vec<(RequestKind, Option<String>)>,
}

impl Observer for Asked {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::CalledFrom { calls, .. } => self.calls = Some(calls.to_string()),
            Event::Requested { kind, .. } => self.asked.push((*kind, self.calls.take())),
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
            let mut asked = Asked { reads_calls, calls: None, asked: Vec::new() };
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
        assert_eq!((of(RequestKind::Get), of(RequestKind::CompareAndSet)), (update.into(), update.into()));
        assert_eq!(of(RequestKind::Set), "ServerScriptService/Main:10");
    }
}
