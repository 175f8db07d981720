//! A game's own server script beside an adapter.

use dupeproof_core::Span;
use dupeproof_luau::{Files, LuauSubject, Options};
use dupeproof_sim::id::{PlayerId, ReceiptId};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Action, Command, Event, Global, GuestEvent, Observer, Schedule, Step};

use crate::common::{contract, schedule, script};

/// Loads and saves by itself, and takes receipts.
const GAME: &str = r#"
local store = game:GetService("DataStoreService"):GetDataStore("PlayerData")
local data = {}
shared.data = data
game:GetService("MarketplaceService").ProcessReceipt = function(receipt)
    local mine = data[receipt.PlayerId]
    if not mine then
        return Enum.ProductPurchaseDecision.NotProcessedYet
    end
    mine.Bought = { tonumber(receipt.PurchaseId) }
    return Enum.ProductPurchaseDecision.PurchaseGranted
end
game.Players.PlayerAdded:Connect(function(player)
    data[player.UserId] = store:GetAsync(`Player_{player.UserId}`) or { Stamp = 0 }
end)
"#;

const ADAPTER: &str = r#"
local store = game:GetService("DataStoreService"):GetDataStore("PlayerData")
return {
    name = "finds",
    where = { store = "PlayerData", key = "Player_%d", data = {} },
    load = function(visit)
        if LOADS then
            return { data = store:GetAsync(visit.key) or { Stamp = 0 } }
        end
        while not shared.data[visit.user_id] do
            task.wait()
        end
        return { data = shared.data[visit.user_id] }
    end,
    leave = function() end,
    read = function(session) return session.data end,
    is_live = function() return true end,
}
"#;

#[derive(Default)]
struct Seen(Vec<String>);

impl Observer for Seen {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::Guest { event: GuestEvent::PurchaseGranted { receipt, .. }, .. } => {
                self.0.push(format!("granted {}", receipt.0));
            }
            Event::Guest { event: GuestEvent::SessionStarted { .. }, .. } => self.0.push("started".into()),
            Event::Guest { event: GuestEvent::StartFailed { .. }, .. } => self.0.push("failed".into()),
            Event::Logged { line, .. } => self.0.push(line.to_string()),
            _ => {}
        }
    }
}

fn seen(game: &str, loads: bool) -> Vec<String> {
    seen_with(script(game), loads)
}

/// The same script in a folder that is mounted whole, so that all server scripts of it run.
fn seen_as_a_whole_game(game: &str, loads: bool) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Main.server.luau"), game).expect("it is written");
    let mut files = Files::new();
    files.mount(&["ServerScriptService", "Game"], folder.path()).unwrap_or_else(|problem| panic!("{problem}"));
    files.run_scripts();
    seen_with(Options::new(files), loads)
}

fn seen_with(options: Options, loads: bool) -> Vec<String> {
    let adapter = ("finds".to_owned(), ADAPTER.replace("LOADS", &loads.to_string()));
    let options = Options { adapter: Some(adapter), ..options };
    let subject = LuauSubject::new(&options, contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    let receipt = Command::Receipt { player: PlayerId(0), receipt: ReceiptId(5) };
    let step = Step { at: Span::secs(9), action: Action::Command { server: 0, command: receipt } };
    let mut schedule: Schedule = schedule(20);
    schedule.timeline.push(step);
    let mut seen = Seen::default();
    Network::Event.run(&schedule, &subject, &mut seen);
    seen.0
}

#[test]
fn the_games_own_receipt_handler_is_called() {
    assert_eq!(seen(GAME, false)[..2], ["started", "granted 5"]);
}

#[test]
fn the_receipt_handler_of_a_whole_game_is_called_too_and_its_purchases_are_judged() {
    assert_eq!(seen_as_a_whole_game(GAME, false)[..2], ["started", "granted 5"]);
    let loaded_twice = seen_as_a_whole_game(GAME, true);
    assert!(loaded_twice[0].contains("Player_0 is loaded twice"), "{loaded_twice:?}");
}

#[test]
fn a_purchase_that_the_data_never_shows_is_not_judged() {
    let seen = seen(&GAME.replace("mine.Bought = ", "mine.Coins = "), false);
    assert!(seen[1].contains("the data does not show it"), "{seen:?}");
    assert!(!seen.iter().any(|line| line.starts_with("granted")), "{seen:?}");
}

#[test]
fn a_player_whom_the_script_has_loaded_is_not_loaded_again() {
    let seen = seen(GAME, true);
    assert!(seen[0].contains("Player_0 is loaded twice"), "{seen:?}");
    assert_eq!(seen[1], "failed");
}
